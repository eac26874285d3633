import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Compiled, compile, renderDiagnostics } from '../../generator/index.js';
import { memory } from '../memory.js';

const specFolder = join(import.meta.dirname, '../../spec');

/** The files of the project's specification: text by path. */
export function specification(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const entry of readdirSync(specFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    texts[path.slice(specFolder.length + 1)] = readFileSync(path, 'utf8');
  }
  return texts;
}

/** Compiles only the given targets; throws what is reported, as people would read it. */
export async function emit(
  texts: Readonly<Record<string, string>>,
  ...targets: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const compiled = await compile(memory(texts), { targets });
  if (compiled.diagnostics.length > 0) throw new Error(renderDiagnostics(compiled.diagnostics));
  return byPath(compiled);
}

export function byPath(compiled: Compiled): ReadonlyMap<string, string> {
  return new Map(compiled.outputs.map((one) => [one.path, one.text]));
}

/** A folder that goes away with `remove`. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'rmigen-c-'));

  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Whether a program can be started. */
export function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

export function run(program: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    );
  });
}

export const warnings = ['-Wall', '-Wextra', '-Werror'];
export const TARGETS = [
  'linux/rmi_smc.h',
  'linux/rsi_smc.h',
  'linux/arm-smccc-rmi.h',
  'linux/kernel_shim.h',
] as const;

/** Writes the generated Linux headers of a version into a scratch folder, as they lie in `c/linux`. */
export async function linuxHeaders(scratch: Scratch, version = 'rmm-1.0-rel0'): Promise<void> {
  const output = `${version}/c/linux/`;
  for (const [path, text] of await emit(specification(), ...TARGETS))
    if (path.startsWith(output)) scratch.write(path.slice(output.length), text);
}

/** A script of the kernel tree: named by the environment, on the path, or in an unpacked linux-source package. */
export function kernelScript(name: string, variable: string): string | undefined {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const sources = existsSync('/usr/src')
    ? readdirSync('/usr/src').filter((one) => one.startsWith('linux'))
    : [];
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...sources.map((one) => join('/usr/src', one, 'scripts')),
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The same of another flavour. */
export async function flavour(
  scratch: Scratch,
  folder: string,
  ...headers: readonly string[]
): Promise<void> {
  const targets = headers.map((header) => `${folder}/${header}`);
  for (const [path, text] of await emit(specification(), ...targets))
    scratch.write(path.slice(`rmm-1.0-rel0/c/${folder}/`.length), text);
}
