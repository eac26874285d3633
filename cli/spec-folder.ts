import { closeSync, constants, fstatSync, opendirSync, openSync, readSync, realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { SourceFile } from '../generator/diagnostics/index.js';
import { type Files, resolvePath } from '../generator/load/files.js';
import { limits } from '../generator/load/limits.js';
import { exit, Failure, type Io, reason, visible } from './io.js';
import { display } from './paths.js';

const SPEC = 'spec';

interface Seen {
  readonly file: SourceFile | undefined;
  /** Why a file that is there is not read. */
  readonly refusal: string | undefined;
}

const absent: Seen = { file: undefined, refusal: undefined };

/**
 * A specification folder on disk. It is untrusted: nothing outside it is read, whatever its links say; only
 * regular files are opened, and none beyond the limits.
 */
export class SpecFolder implements Files {
  readonly root: string;
  readonly real: string;
  #seen = new Map<string, Seen>();
  #kept = new Map<string, SourceFile>();
  #opened = 0;

  /**
   * @param path The folder.
   * @param shown What diagnostics call it.
   * @throws When the folder cannot be opened.
   */
  constructor(path: string, shown: string) {
    this.real = realpathSync.native(path);
    opendirSync(this.real).closeSync();
    this.root = shown;
  }

  /** Forgets what was read. A file whose text turns out to be the same is still the same object afterwards. */
  refresh(): void {
    for (const [path, { file }] of this.#seen) if (file !== undefined) this.#kept.set(path, file);
    this.#seen = new Map();
    this.#opened = 0;
  }

  /** A path of the folder as diagnostics print it. */
  shown(path: string): string {
    return this.root === '.' ? path : `${this.root}/${path}`;
  }

  read(path: string): SourceFile | undefined {
    return this.#look(path).file;
  }

  refusal(path: string): string | undefined {
    return this.#look(path).refusal;
  }

  list(folder: string): readonly string[] | undefined {
    const target = this.#inside(folder);
    if (target === undefined || 'refusal' in target) return undefined;
    const names: string[] = [];
    try {
      const open = opendirSync(target.real);
      try {
        for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
          // Editors keep their locks and backups in files that start with a dot.
          if (!entry.name.startsWith('.')) names.push(entry.name);
          if (names.length > limits.files) break;
        }
      } finally {
        open.closeSync();
      }
    } catch {
      return undefined;
    }
    return names.sort();
  }

  /** Where a path of the folder really lies; undefined when there is nothing. */
  #inside(path: string): { readonly real: string } | { readonly refusal: string } | undefined {
    const clean = resolvePath('', path);
    if (clean === undefined) return undefined;
    try {
      const real = realpathSync.native(join(this.real, clean));
      return real === this.real || real.startsWith(this.real + (this.real.endsWith(sep) ? '' : sep))
        ? { real }
        : { refusal: 'it is a link that leads out of the specification folder' };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { refusal: reason(error) };
    }
  }

  #look(path: string): Seen {
    let seen = this.#seen.get(path);
    if (seen === undefined) {
      seen = this.#open(path);
      this.#seen.set(path, seen);
    }
    return seen;
  }

  #open(path: string): Seen {
    const target = this.#inside(path);
    if (target === undefined) return absent;
    const refuse = (refusal: string): Seen => ({ file: undefined, refusal });
    if ('refusal' in target) return refuse(target.refusal);
    if (++this.#opened > limits.files) return refuse(`more than ${limits.files} files would be read`);
    let handle: number | undefined;
    try {
      // Without blocking, or a named pipe would be waited for. Without following: the path is resolved already.
      handle = openSync(target.real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const stat = fstatSync(handle);
      if (!stat.isFile())
        return refuse(stat.isDirectory() ? 'it is a folder' : 'it is a device or pipe, not a file');
      if (stat.size > limits.fileSize)
        return refuse(`it has ${stat.size} bytes; the limit is ${limits.fileSize}`);
      const text = readText(handle, stat.size);
      const kept = this.#kept.get(path);
      const file = kept?.text === text ? kept : { path, text, shown: this.shown(path) };
      return { file, refusal: undefined };
    } catch (error) {
      return refuse(reason(error));
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }
}

/** At most `size` bytes of a file as UTF-8: one that grows meanwhile is cut off. Invalid bytes become U+FFFD. */
function readText(handle: number, size: number): string {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const read = readSync(handle, bytes, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.toString('utf8', 0, length);
}

/** Opens the folder that `--spec` names, or `spec` in the current folder. */
export function openSpec(named: string | undefined, io: Io): SpecFolder {
  const path = resolve(io.cwd, named ?? SPEC);
  try {
    return new SpecFolder(path, display(path, io));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (named === undefined && missing)
      throw new Failure(
        `there is no folder \`${SPEC}\` here`,
        'Name the specification with --spec DIR, or start one with `rmigen new DIR`.',
        exit.usage,
      );
    throw new Failure(
      `the specification folder ${visible(named ?? SPEC)} cannot be opened: ${reason(error)}`,
      missing ? '`rmigen new DIR` starts one.' : undefined,
      exit.usage,
    );
  }
}
