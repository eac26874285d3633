import type { Diagnostics, SourceFile, Span } from '../diagnostics/index.js';
import { limits } from './limits.js';
import type { FileSort, RawSpec } from './schema.js';
import { type Node, nodeAt } from './yaml.js';

/**
 * The files of a specification folder, by their path below it with forward slashes. Reading the disk is the
 * caller's business; the loader only asks for what the folder holds.
 */
export interface Files {
  /** Undefined when there is no such file. */
  read(path: string): SourceFile | undefined;
  /** Names of what lies directly in a folder, sorted; undefined when there is no such folder. The root is ''. */
  list(folder: string): readonly string[] | undefined;
}

/** A path relative to a folder, resolved without touching the disk; undefined when it leads out of the root. */
export function resolvePath(folder: string, path: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (path.startsWith('/') || /[\u0000-\u001f\\:]/.test(path)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..') {
      if (parts.pop() === undefined) return undefined;
    } else parts.push(step);
  }
  return parts.join('/');
}

export interface Included {
  readonly sort: Exclude<FileSort, 'spec'>;
  readonly file: SourceFile;
}

/** The files that a spec.yaml includes, in its order; a folder stands for every .yaml file directly in it. */
export function includedFiles(
  spec: RawSpec,
  root: Node,
  folder: string,
  files: Files,
  diagnostics: Diagnostics,
): readonly Included[] {
  const found: Included[] = [];
  const seen = new Map<string, Span>();
  for (const sort of ['types', 'commands', 'functions'] as const) {
    for (const [index, path] of (spec.include[sort] ?? []).entries()) {
      const span = nodeAt(root, ['include', sort, index]).span;
      const target = resolvePath(folder, path);
      if (target === undefined || target === '') {
        diagnostics.report('include-outside', span, { path });
        continue;
      }
      const names = target.endsWith('.yaml') ? undefined : files.list(target);
      const paths =
        names === undefined
          ? [target]
          : names.filter((name) => name.endsWith('.yaml')).map((name) => `${target}/${name}`);
      if (names !== undefined && paths.length === 0) diagnostics.report('include-empty', span, { path });
      for (const one of paths) {
        const earlier = seen.get(one);
        if (earlier !== undefined) {
          // A folder may be listed after single files of it, so that the order of those is as wanted.
          if (names === undefined)
            diagnostics.report(
              'include-duplicate',
              span,
              { path },
              { related: [{ span: earlier, message: 'first included here' }] },
            );
          continue;
        }
        seen.set(one, span);
        if (seen.size > limits.files) {
          diagnostics.report('too-many-files', span, { limit: limits.files });
          return found;
        }
        const file = files.read(one);
        if (file === undefined) diagnostics.report('file-missing', span, { path: one });
        else found.push({ sort, file });
      }
    }
  }
  return found;
}

/** The versions of a specification: the folders that have a spec.yaml. */
export function versionFolders(files: Files): readonly string[] {
  return (files.list('') ?? []).filter((name) => files.read(`${name}/spec.yaml`) !== undefined);
}
