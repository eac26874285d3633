import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Compiler, files, type Run, type Surroundings } from '../tools/audit/index.js';
import { exit, Failure, type Io, visible } from './io.js';

/** What a run of the compiler may cost. */
const bounds = {
  /** Milliseconds. */
  time: 20_000,
  /** Milliseconds of all runs together. */
  total: 60_000,
  /** Bytes of what it prints. */
  output: 64 * 1024 * 1024,
  /** Bytes of its memory, where the system has `prlimit`. */
  memory: 2 * 1024 ** 3,
} as const;

export interface CompilerOptions {
  /** `gcc`, or a path. */
  readonly cc: string;
  /** Folders of headers. */
  readonly include: readonly string[];
  /** `X` or `X=V`. */
  readonly define: readonly string[];
}

/** Warnings are of no interest; diagnostics are to be read by a program; nothing of the host's libraries is seen. */
const always = ['-std=gnu11', '-w', '-nostdinc', '-ffreestanding', '-fdiagnostics-color=never'];
const gcc = ['-fmax-errors=0', '-ftrack-macro-expansion=0', '-fno-diagnostics-show-caret'];
const clang = ['-ferror-limit=0', '-fmacro-backtrace-limit=1', '-fno-caret-diagnostics'];

/** A C compiler of this machine, in a folder of its own that goes away with `close`. No shell is involved. */
export class InstalledCompiler implements Compiler {
  readonly #program: string;
  readonly #options: CompilerOptions;
  readonly #folders: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'rmigen-audit-'));
  readonly #path: string;
  readonly #started = performance.now();
  #flags: readonly string[] | undefined;

  constructor(options: CompilerOptions, io: Pick<Io, 'cwd' | 'env'>) {
    this.#path = io.env.PATH ?? '/usr/bin:/bin';
    this.#program = programOf(options.cc, this.#path, io);
    this.#options = options;
    this.#folders = options.include.map((folder) => {
      const path = resolve(io.cwd, folder);
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
        throw new Failure(`there is no folder ${visible(folder)}`, 'It is given with -I.', exit.usage);
      return realpathSync(path);
    });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  owns(path: string): boolean {
    return this.#folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep));
  }

  has(include: string): boolean {
    return this.#folders.some((folder) => existsSync(join(folder, include)));
  }

  async preprocess(header: string, { shim, absent }: Surroundings): Promise<Run> {
    this.#write(files.header, header);
    this.#write(files.shim, shim);
    mkdirSync(join(this.#folder, files.absent), { recursive: true });
    for (const name of absent) this.#write(`${files.absent}/${name}`, '');
    const { include, define } = { include: this.#folders, define: this.#options.define };
    return this.#run([
      '-E',
      '-dD',
      ...(await this.#dialect()),
      ...include.map((folder) => `-I${folder}`),
      `-I${files.absent}`,
      ...define.map((one) => `-D${one}`),
      '-include',
      files.shim,
      '-x',
      'c',
      files.header,
    ]);
  }

  async compile(source: string, folds: boolean): Promise<Run> {
    this.#write(files.probe, source);
    return this.#run([
      '-S',
      folds ? '-O1' : '-O0',
      ...(await this.#dialect()),
      '-fno-asynchronous-unwind-tables',
      '-x',
      'c',
      files.probe,
      '-o',
      '-',
    ]);
  }

  #write(name: string, text: string): void {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What the compilers do not have in common. */
  async #dialect(): Promise<readonly string[]> {
    if (this.#flags === undefined) {
      const { ok, stdout } = await this.#run(['--version']);
      if (!ok)
        throw new Failure(
          `${visible(this.#options.cc)} does not answer like a C compiler`,
          undefined,
          exit.usage,
        );
      this.#flags = [...always, ...(/clang/i.test(stdout) ? clang : gcc)];
    }
    return this.#flags;
  }

  #run(args: readonly string[]): Promise<Run> {
    const limiter = limiterOf(this.#path);
    const [program, ...all] = [...limiter, this.#program, ...args] as [string, ...string[]];
    return new Promise((done) => {
      const child = spawn(program, all, {
        cwd: this.#folder,
        // Nothing but this: variables such as CPATH or DEPENDENCIES_OUTPUT make a compiler read and write elsewhere.
        env: { PATH: this.#path, LC_ALL: 'C', TMPDIR: this.#folder },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own, so that what the compiler starts ends with it.
        detached: true,
      });
      const text = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      let size = 0;
      let stopped: string | undefined;
      const stop = (reason: string): void => {
        stopped ??= reason;
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended.
        }
      };
      const left = bounds.total - (performance.now() - this.#started);
      const timer = setTimeout(
        () => stop(`the compiler takes more than ${bounds.time / 1000} seconds`),
        Math.max(0, Math.min(bounds.time, left)),
      );
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > bounds.output) stop(`the compiler prints more than ${bounds.output / 1024 ** 2} MiB`);
          else text[name].push(chunk);
        });
      child.on('error', () => {
        clearTimeout(timer);
        done({ ok: false, stdout: '', stderr: '', stopped: 'the compiler cannot be started' });
      });
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const stderr = Buffer.concat(text.stderr).toString('utf8');
        if (
          signal !== null ||
          /\b(out of memory|memory exhausted|virtual memory|Killed signal|std::bad_alloc)\b/i.test(stderr)
        )
          stopped ??= 'the compiler runs out of memory or time';
        const run = { ok: code === 0, stdout: Buffer.concat(text.stdout).toString('utf8'), stderr };
        done(stopped === undefined ? run : { ...run, ok: false, stopped });
      });
    });
  }
}

/** The path of a program, as a shell would find it. */
function programOf(cc: string, path: string, io: Pick<Io, 'cwd'>): string {
  const found = cc.includes('/')
    ? [resolve(io.cwd, cc)].find(executable)
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, cc))
        .find(executable);
  if (found === undefined || cc === '')
    throw new Failure(
      `there is no compiler ${visible(cc)}`,
      'Name one with --cc, such as gcc or clang.',
      exit.usage,
    );
  return found;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What bounds the memory and time of a program and all that it starts, where the system has it. */
function limiterOf(path: string): readonly string[] {
  const found = path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, 'prlimit'))
    .find(executable);
  if (found === undefined) return [];
  return [
    found,
    `--as=${bounds.memory}`,
    `--cpu=${bounds.time / 1000}`,
    `--fsize=${bounds.output}`,
    '--core=0',
    '--',
  ];
}
