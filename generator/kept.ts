import type { SourceFile } from './diagnostics/index.js';
import type { Files } from './load/index.js';

interface Noted {
  /** The same files. */
  readonly files: Files;
  /** Whether reading all that was read would give the same objects again. */
  readonly isCurrent: () => boolean;
}

/** Notes what is read. */
function note(files: Files): Noted {
  const reads = new Map<string, SourceFile | undefined>();
  const lists = new Map<string, string | undefined>();
  const listOf = (folder: string) => files.list(folder)?.join('\n');
  return {
    files: {
      ...(files.root === undefined ? {} : { root: files.root }),
      refusal: (path) => files.refusal?.(path),
      read(path) {
        const file = files.read(path);
        reads.set(path, file);
        return file;
      },
      list(folder) {
        lists.set(folder, listOf(folder));
        return files.list(folder);
      },
    },
    isCurrent: () =>
      [...reads].every(([path, file]) => files.read(path) === file) &&
      [...lists].every(([folder, names]) => listOf(folder) === names),
  };
}

const steps = new WeakMap<Files, Map<string, { readonly noted: Noted; readonly value: unknown }>>();

/**
 * Takes a step over files, unless it was taken before and went well, and all that it read is the same still: with
 * `--watch` an edit of one version leaves the others as they are.
 */
export function step<T>(
  files: Files,
  name: string,
  take: (files: Files) => { readonly value: T; readonly well: boolean },
): T {
  const kept = steps.get(files) ?? new Map<string, { readonly noted: Noted; readonly value: unknown }>();
  steps.set(files, kept);
  const last = kept.get(name);
  if (last?.noted.isCurrent()) return last.value as T;
  const noted = note(files);
  const { value, well } = take(noted.files);
  if (well) kept.set(name, { noted, value });
  return value;
}

interface Result {
  readonly given: readonly unknown[];
  readonly value: unknown;
}

const results = new WeakMap<object, Map<string, Result>>();

/** Makes something of an object and what else is given, unless it was made of the same last time. */
export function keep<T>(of: object, name: string, given: readonly unknown[], make: () => T): T {
  const kept = results.get(of) ?? new Map<string, Result>();
  results.set(of, kept);
  const last = kept.get(name);
  if (last?.given.every((one, index) => one === given[index])) return last.value as T;
  const value = make();
  kept.set(name, { given, value });
  return value;
}
