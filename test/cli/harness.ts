import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { run } from '../../cli/program.js';

/** The checkout. */
export const root = join(import.meta.dirname, '../..');

/** A folder that lives as long as the test; filled with the given files. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'rmigen-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) write(join(path, name), text);
  return path;
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A folder with the example of `rmigen new` as its specification. */
export function project(): string {
  const path = folder();
  cpSync(join(root, 'examples/new'), join(path, 'spec'), { recursive: true });
  return path;
}

/** Every file below a folder with its text, sorted by path. */
export function contents(path: string): Record<string, string> {
  const names = (readdirSync(path, { recursive: true }) as string[]).sort();
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(path, name)).isFile())
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );
}

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the output is a terminal. */
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
  /** What standard input holds; a terminal when absent. */
  readonly stdin?: Uint8Array;
  /** Told of everything that is printed. */
  readonly heard?: (text: string) => void;
}

/** Runs a command line in a folder, in this process. */
export async function rmigen(cwd: string, args: readonly string[], setting: Setting = {}): Promise<Result> {
  const printed = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: setting.tty ?? false,
    write(text: string) {
      printed[name] += text;
      setting.heard?.(text);
    },
  });
  const code = await run(args, {
    cwd,
    env: setting.env ?? {},
    stdin: Object.assign(Readable.from(setting.stdin === undefined ? [] : [setting.stdin]), {
      isTTY: setting.stdin === undefined,
    }),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    interruption: () => setting.signal ?? new AbortController().signal,
  });
  return { code, ...printed };
}

/** Printed text without what differs from run to run: how long something took. */
export function timeless(text: string): string {
  return text.replace(/\b[0-9]+(\.[0-9]+)? (s|ms)\b/g, '<time>');
}
