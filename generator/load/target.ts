import { type Diagnostics, nearest, type SourceFile, type Span } from '../diagnostics/index.js';
import { type Files, reportUnread, resolvePath, unreadSpan } from './files.js';
import { limits } from './limits.js';
import { unsafeIn } from './names.js';
import { keyAt, type Node, nodeAt } from './node.js';
import { type RawTarget, targetFile } from './target-schema.js';
import { validate } from './validate.js';
import { readYaml } from './yaml.js';

/** A target file for one of its versions, shape checked, with its templates. Names in it are not yet resolved. */
export interface LoadedTarget {
  readonly data: RawTarget & { readonly version: string };
  /** Where the value at a path of keys and indices stands. */
  readonly at: (...path: readonly PropertyKey[]) => Span;
  /** Where the key at the end of a path stands. */
  readonly key: (...path: readonly PropertyKey[]) => Span;
  /** By the output that each makes. */
  readonly templates: ReadonlyMap<string, SourceFile>;
}

const FOLDER = 'targets';
/** Plain steps: nothing that leads up, nothing hidden. */
const outputPath = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;

/** The target files of a specification folder: every .yaml below `targets`, by path. */
function targetPaths(files: Files): readonly string[] {
  const found: string[] = [];
  const folders = [FOLDER];
  // The limit also ends a folder that links lead back into.
  for (const folder of folders) {
    for (const name of files.list(folder) ?? []) {
      const path = `${folder}/${name}`;
      if (name.endsWith('.yaml')) found.push(path);
      else if (folders.length < limits.files && files.list(path) !== undefined) folders.push(path);
    }
  }
  return found.sort();
}

/** Reads every target of a specification folder. What is wrong is reported at its place and left out. */
export function loadTargets(files: Files, diagnostics: Diagnostics): readonly LoadedTarget[] {
  const reader = new TargetReader(files, diagnostics);
  return targetPaths(files).flatMap((path) => reader.read(path));
}

class TargetReader {
  readonly #files: Files;
  readonly #diagnostics: Diagnostics;
  readonly #names = new Map<string, Span>();
  readonly #outputs = new Map<string, Span>();
  /** Targets share templates, and a template is compiled once for each text that is read. */
  readonly #templates = new Map<string, SourceFile | undefined>();

  constructor(files: Files, diagnostics: Diagnostics) {
    this.#files = files;
    this.#diagnostics = diagnostics;
  }

  /** One target for each version that the file names. */
  read(path: string): readonly LoadedTarget[] {
    const file = this.#files.read(path);
    if (file === undefined) {
      reportUnread(path, unreadSpan(path, this.#files), this.#files, this.#diagnostics);
      return [];
    }
    const root = readYaml(file, this.#diagnostics);
    const data = root === undefined ? undefined : validate(targetFile, root, 'the file', this.#diagnostics);
    if (root === undefined || data === undefined) return [];
    safeText(root, this.#diagnostics);
    const versions = typeof data.version === 'string' ? [data.version] : data.version;
    this.#once(this.#names, data.name, data.name, nodeAt(root, ['name']).span);
    const templates = new Map<string, SourceFile>();
    for (const [output, name] of Object.entries(data.outputs)) {
      const key = keyAt(root, ['outputs', output]);
      if (!outputPath.test(output)) this.#diagnostics.report('target-path', key, { path: output });
      else for (const version of versions) this.#once(this.#outputs, `${version}/${output}`, output, key);
      const template = this.#template(path, name, nodeAt(root, ['outputs', output]).span);
      if (template !== undefined) templates.set(output, template);
    }
    return versions.map((version, index) => ({
      data: { ...data, version },
      at: (...steps) => {
        const listed = steps.length === 1 && steps[0] === 'version' && typeof data.version !== 'string';
        return nodeAt(root, listed ? ['version', index] : steps).span;
      },
      key: (...steps) => keyAt(root, steps),
      templates,
    }));
  }

  #once(seen: Map<string, Span>, id: string, what: string, span: Span): void {
    const earlier = seen.get(id);
    if (earlier === undefined) seen.set(id, span);
    else
      this.#diagnostics.report(
        'target-duplicate',
        span,
        { what },
        { related: [{ span: earlier, message: 'first given here' }] },
      );
  }

  /** A template lies in the folder of its target file, or below. */
  #template(target: string, name: string, span: Span): SourceFile | undefined {
    const folder = target.slice(0, target.lastIndexOf('/'));
    const path = resolvePath(folder, name);
    if (path === undefined || !path.startsWith(`${folder}/`) || !path.endsWith('.hbs'))
      return this.#noTemplate(folder, name, span);
    if (!this.#templates.has(path)) this.#templates.set(path, this.#files.read(path));
    const file = this.#templates.get(path);
    if (file === undefined) return this.#noTemplate(folder, name, span);
    if (file.text.length <= limits.fileSize) return file;
    this.#diagnostics.report('file-too-large', span, { size: file.text.length, limit: limits.fileSize });
    return undefined;
  }

  #noTemplate(folder: string, name: string, span: Span): undefined {
    const known = (this.#files.list(folder) ?? []).filter((one) => one.endsWith('.hbs'));
    this.#diagnostics.report('template-missing', span, { name, known }, { meant: nearest(name, known) });
  }
}

/** Everything that a target says can reach a comment or a string of the output. */
function safeText(root: Node, diagnostics: Diagnostics): void {
  const pending: Node[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === 'map') for (const entry of node.entries.values()) pending.push(entry.value);
    else if (node.kind === 'list') pending.push(...node.items);
    else if (typeof node.value === 'string') {
      const danger = unsafeIn(node.value);
      if (danger !== undefined) diagnostics.report('unsafe-text', node.span, { what: danger.what });
    }
  }
}
