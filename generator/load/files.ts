import { type Diagnostics, fileSpan, nearest, type SourceFile, type Span } from '../diagnostics/index.js';
import { limits } from './limits.js';
import { type Node, nodeAt } from './node.js';
import type { FileSort, RawSpec } from './schema.js';

/**
 * The files of a specification folder, by their path below it with forward slashes. Reading the disk is the
 * caller's business; the loader only asks for what the folder holds.
 */
export interface Files {
  /** What diagnostics call the folder; `the folder` when absent. */
  readonly root?: string;
  /** Undefined when there is no such file. */
  read(path: string): SourceFile | undefined;
  /** Why a file that is there is not read (a device, a link that leads out), or undefined. */
  refusal?(path: string): string | undefined;
  /** Names of what lies directly in a folder, sorted; undefined when there is no such folder. The root is ''. */
  list(folder: string): readonly string[] | undefined;
}

/** Control characters, backslashes and drive letters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const notInPaths = /[\u0000-\u001f\\:]/;

/** A path relative to a folder, resolved without touching the disk; undefined when it leads out of the root. */
export function resolvePath(folder: string, path: string): string | undefined {
  if (path.startsWith('/') || notInPaths.test(path)) return undefined;
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
  readonly sort: Exclude<FileSort, 'spec' | 'target'>;
  readonly file: SourceFile;
}

/**
 * The files that a spec.yaml includes, in its order; a folder stands for every .yaml file directly in it.
 * `complete` when each of them is there.
 */
export function includedFiles(
  spec: RawSpec,
  root: Node,
  folder: string,
  files: Files,
  diagnostics: Diagnostics,
): { readonly included: readonly Included[]; readonly complete: boolean } {
  const included: Included[] = [];
  let complete = true;
  let size = 0;
  const seen = new Map<string, Span>();
  for (const sort of ['types', 'commands', 'functions'] as const) {
    for (const [index, path] of (spec.include[sort] ?? []).entries()) {
      const span = nodeAt(root, ['include', sort, index]).span;
      const target = resolvePath(folder, path);
      if (target === undefined || target === '') {
        const code = notInPaths.test(path) ? 'include-syntax' : 'include-outside';
        diagnostics.report(code, span, { path });
        complete = false;
        continue;
      }
      const names = target.endsWith('.yaml') ? undefined : files.list(target);
      const paths =
        names === undefined
          ? [target]
          : names.filter((name) => name.endsWith('.yaml')).map((name) => `${target}/${name}`);
      if (paths.length === 0) {
        diagnostics.report('include-empty', span, { path });
        complete = false;
      }
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
          return { included, complete: false };
        }
        const file = files.read(one);
        if (file === undefined) {
          reportUnread(one, span, files, diagnostics);
          complete = false;
          continue;
        }
        size += file.text.length;
        if (size > limits.totalSize) {
          diagnostics.report('too-much-text', span, { limit: limits.totalSize });
          return { included, complete: false };
        }
        included.push({ sort, file });
      }
    }
  }
  return { included, complete };
}

/** The place of a file of the folder that has no text, for what is to be said of it. */
export function unreadSpan(path: string, files: Files): Span {
  return fileSpan({
    path,
    text: '',
    ...(files.root === undefined ? {} : { shown: `${files.root}/${path}` }),
  });
}

/** Reports a file that `read` did not give. */
export function reportUnread(path: string, span: Span, files: Files, diagnostics: Diagnostics): void {
  const refusal = files.refusal?.(path);
  if (refusal === undefined) {
    const cut = path.lastIndexOf('/');
    const beside = files.list(path.slice(0, Math.max(0, cut))) ?? [];
    const name = nearest(path.slice(cut + 1), beside);
    diagnostics.report('file-missing', span, { path }, { meant: name && path.slice(0, cut + 1) + name });
  } else diagnostics.report('file-refused', span, { path, reason: refusal });
}

/** The versions of a specification: the folders that have a spec.yaml. */
export function versionFolders(files: Files): readonly string[] {
  return (files.list('') ?? []).filter((name) => {
    const path = `${name}/spec.yaml`;
    return files.read(path) !== undefined || files.refusal?.(path) !== undefined;
  });
}
