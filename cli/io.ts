import pc from 'picocolors';
import { harmless, type Paint } from '../generator/diagnostics/index.js';

/** A stream that the command line prints to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Standard input. */
export interface Stream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}

/** All that a command knows of the world around it, so that a test can be that world. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Stream;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** What ends a command that would run for ever. */
  interruption(): AbortSignal;
}

/** The exit codes, as `--help` and the README list them. */
export const exit = { ok: 0, problems: 1, usage: 2 } as const;

/** Something that stops a command and that the user can mend: printed without a stack. */
export class Failure extends Error {
  readonly code: number;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, code: number = exit.problems) {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}

/** Whether a stream is painted: never with NO_COLOR, always with FORCE_COLOR, otherwise on a terminal. */
export function colours(io: Io, sink: Sink): ReturnType<typeof pc.createColors> {
  const forced = io.env.FORCE_COLOR !== undefined && io.env.FORCE_COLOR !== '0';
  const enabled = io.env.NO_COLOR ? false : forced || (sink.isTTY === true && io.env.TERM !== 'dumb');
  return pc.createColors(enabled);
}

/** How diagnostics are painted on a stream. */
export function paint(io: Io, sink: Sink): Paint {
  const c = colours(io, sink);
  return { path: c.cyan, error: c.red, faint: c.dim, mark: c.red };
}

/** Text from a file or a name, made harmless for a terminal: a control sequence becomes dots. */
export function visible(text: string): string {
  return harmless(text.replaceAll('\t', '    '));
}

/** What the operating system said, without its call names and error numbers. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    ENOENT: 'it does not exist',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
    ELOOP: 'symbolic links lead in a circle',
    ENAMETOOLONG: 'the name is too long',
    EMFILE: 'too many files are open',
    ENXIO: 'it is a device or pipe',
    EEXIST: 'it exists already',
  };
  return code === undefined ? String((error as Error).message) : (words[code] ?? code);
}

/** Prints what stopped a command. */
export function printFailure(failure: Failure, json: boolean, io: Io): void {
  if (json) {
    const { message, hint } = failure;
    io.stdout.write(
      `${JSON.stringify({ ok: false, error: hint === undefined ? { message } : { message, hint } })}\n`,
    );
    return;
  }
  const c = colours(io, io.stderr);
  io.stderr.write(`${c.red('error:')} ${failure.message}\n`);
  if (failure.hint !== undefined) io.stderr.write(`${c.dim('hint:')} ${failure.hint}\n`);
}
