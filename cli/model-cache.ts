import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Model, SourceFile, TargetName } from '../generator/index.js';
import type { Files } from '../generator/load/files.js';
import type { Io } from './io.js';
import type { SpecFolder } from './spec-folder.js';

/**
 * Models that were made before. Reading YAML with a place behind every value takes most of the time of a question,
 * and the folder is the same as a minute ago. A model is taken from here only if every question that was asked of
 * the folder when it was made has the same answer now: nothing is assumed from dates.
 */

/** What is known of one version once it is read. */
export interface Known {
  readonly model: Model;
  readonly names: readonly TargetName[];
}

type Question = readonly ['read' | 'list', string];

/** A specification folder that keeps what it was asked. */
export class Recorder implements Files {
  readonly questions: Question[] = [];
  readonly files: SourceFile[] = [];
  readonly #folder: SpecFolder;
  readonly #asked = new Set<string>();

  constructor(folder: SpecFolder) {
    this.#folder = folder;
  }

  get root(): string {
    return this.#folder.root;
  }

  read(path: string): SourceFile | undefined {
    const file = this.#folder.read(path);
    if (this.#isNew('read', path) && file !== undefined) this.files.push(file);
    return file;
  }

  refusal(path: string): string | undefined {
    this.#isNew('read', path);
    return this.#folder.refusal(path);
  }

  list(folder: string): readonly string[] | undefined {
    this.#isNew('list', folder);
    return this.#folder.list(folder);
  }

  #isNew(kind: Question[0], path: string): boolean {
    const key = `${kind} ${path}`;
    if (this.#asked.has(key)) return false;
    this.#asked.add(key);
    this.questions.push([kind, path]);
    return true;
  }
}

/** What the folder answers now. */
function digestOf(questions: readonly Question[], folder: SpecFolder): string {
  const hash = createHash('sha256');
  const add = (text: string | undefined) => part(hash, text);
  for (const [kind, path] of questions) {
    add(`${kind} ${path}`);
    if (kind === 'read') {
      add(folder.read(path)?.text);
      add(folder.refusal(path));
    } else for (const name of [...(folder.list(path) ?? []), undefined]) add(name);
  }
  return hash.digest('hex');
}

/** Each part with its length, so that two lists of parts cannot look the same. */
function part(hash: Hash, text: string | undefined): void {
  hash.update(text === undefined ? '-;' : `${text.length};`);
  if (text !== undefined) hash.update(text);
}

/** Changes with the code that makes models: what older code made may have another shape. */
function codeOf(): string {
  const generator = join(dirname(fileURLToPath(import.meta.url)), '../generator');
  const hash = createHash('sha256');
  part(hash, process.version);
  for (const folder of ['diagnostics', 'model', 'expressions', 'load', 'check', 'emit/targets']) {
    for (const name of readdirSync(join(generator, folder)).sort()) {
      const { mtimeMs, size } = statSync(join(generator, folder, name));
      part(hash, `${folder}/${name} ${mtimeMs} ${size}`);
    }
  }
  return hash.digest('hex');
}

interface Header {
  readonly questions: readonly Question[];
  readonly digest: string;
}

interface Body extends Known {
  readonly files: readonly { shown?: string; readonly path: string }[];
}

/** More than anybody asks of; the oldest go. */
const KEPT = 16;
const LENGTH = 4;

export class ModelCache {
  readonly #folder: SpecFolder;
  readonly #file: string;

  /** Undefined when nothing is to be kept: RMIGEN_CACHE is `off`, or there is no place for it. */
  static of(folder: SpecFolder, version: string, io: Io): ModelCache | undefined {
    const { RMIGEN_CACHE: own, XDG_CACHE_HOME: caches, HOME: home } = io.env;
    if (own === 'off') return undefined;
    const place = own || (caches ? join(caches, 'rmigen') : home ? join(home, '.cache/rmigen') : undefined);
    if (place === undefined) return undefined;
    try {
      return new ModelCache(folder, version, place);
    } catch {
      return undefined;
    }
  }

  private constructor(folder: SpecFolder, version: string, place: string) {
    const hash = createHash('sha256');
    for (const text of [folder.real, version, codeOf()]) part(hash, text);
    this.#folder = folder;
    this.#file = join(place, `${hash.digest('hex')}.model`);
  }

  /** What is known, if the folder still is what it was made of. */
  load(): Known | undefined {
    try {
      const bytes = readOwn(this.#file);
      if (bytes === undefined) return undefined;
      const end = LENGTH + bytes.readUInt32LE(0);
      const header = JSON.parse(bytes.toString('utf8', LENGTH, end)) as Header;
      if (digestOf(header.questions, this.#folder) !== header.digest) return undefined;
      const { model, names, files } = deserialize(bytes.subarray(end)) as Body;
      // Where people stand may be another place than then.
      for (const file of files) file.shown = this.#folder.shown(file.path);
      return { model, names };
    } catch {
      // Nobody needs it to be there, or whole.
      return undefined;
    }
  }

  store({ model, names }: Known, { questions, files }: Recorder): void {
    try {
      const header = Buffer.from(JSON.stringify({ questions, digest: digestOf(questions, this.#folder) }));
      const length = Buffer.alloc(LENGTH);
      length.writeUInt32LE(header.length);
      const place = dirname(this.#file);
      mkdirSync(place, { recursive: true, mode: 0o700 });
      const draft = `${this.#file}.${process.pid}`;
      writeFileSync(draft, Buffer.concat([length, header, serialize({ model, names, files })]), {
        mode: 0o600,
      });
      renameSync(draft, this.#file);
      forget(place);
    } catch {
      // A question is answered without it as well.
    }
  }
}

/** A file of the user's own; what others could have written is not read. */
function readOwn(path: string): Buffer | undefined {
  const handle = openSync(path, 'r');
  try {
    const { uid, mode } = fstatSync(handle);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined;
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

function forget(place: string): void {
  const all = readdirSync(place).map((name) => join(place, name));
  const aged = all.map((path) => ({ path, time: statSync(path).mtimeMs })).sort((a, b) => b.time - a.time);
  for (const { path } of aged.slice(KEPT)) rmSync(path, { force: true });
}
