import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLUMNS, definitions, encode, type Operation, operationsInclude } from './operations.js';

/** QEMU's model of a PE with GICv3, running a program of this project at EL2 and EL1. */

export const QEMU = 'qemu-system-aarch64';
export const COMPILER = 'aarch64-linux-gnu-gcc';
/** A PE of QEMU with GICv3: four List Registers, five bits of priority and preemption, INTIDs of 24 bits. */
const CPU = 'cortex-a57';

/** Where main.c looks for operations. */
const INPUT = 0x48000000;

function version(program: string): string | undefined {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  } catch {
    return undefined;
  }
}

/** Why the witness cannot be heard here, or undefined. */
export function missing(): string | undefined {
  const absent = [QEMU, COMPILER].filter((program) => version(program) === undefined);
  return absent.length === 0 ? undefined : `${absent.join(' and ')} cannot be run`;
}

/** The release whose departures from the architecture are known. */
const KNOWN = 'version 7.2.';

/** Why what the witness says is not to be held against the model without a look, or undefined. */
export function unknown(): string | undefined {
  return missing() ?? (qemuVersion().includes(KNOWN) ? undefined : `${qemuVersion()} is not ${KNOWN}x`);
}

export function qemuVersion(): string {
  return version(QEMU) ?? 'none';
}

/** The program, built in a folder of its own. */
export class Witness {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rmigen-gic-'));
  readonly #program = join(this.#folder, 'guest.elf');

  constructor() {
    const sources = join(import.meta.dirname, 'guest');
    writeFileSync(join(this.#folder, 'operations.inc'), operationsInclude());
    const files = readdirSync(sources).filter((name) => /\.[cS]$/.test(name));
    execFileSync(
      COMPILER,
      [
        ...[
          '-O2',
          '-Wall',
          '-Wextra',
          '-Werror',
          '-ffreestanding',
          '-nostdlib',
          '-static',
          '-fno-pic',
          '-no-pie',
        ],
        ...['-march=armv8-a', '-mgeneral-regs-only', '-fno-stack-protector', '-mstrict-align'],
        ...['-Wl,--build-id=none', `-Wl,-T,${join(sources, 'guest.ld')}`],
        ...definitions,
        ...['-I', this.#folder, '-o', this.#program],
        ...files.map((name) => join(sources, name)),
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }

  /**
   * What all registers hold after each operation of each sequence, COLUMNS a row.
   *
   * @param timeout milliseconds, after which QEMU is stopped and the promise rejected
   */
  async play(sequences: readonly (readonly Operation[])[], timeout: number): Promise<BigUint64Array[]> {
    const input = join(this.#folder, 'operations.bin');
    writeFileSync(input, encode(sequences));
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      execFile(
        QEMU,
        [
          ...['-machine', 'virt,gic-version=3,virtualization=on', '-cpu', CPU, '-smp', '1', '-m', '256M'],
          ...['-accel', 'tcg', '-nodefaults', '-display', 'none', '-no-reboot'],
          ...['-semihosting-config', 'enable=on,target=native', '-kernel', this.#program],
          ...['-device', `loader,file=${input},addr=0x${INPUT.toString(16)},force-raw=on`],
        ],
        { encoding: 'buffer', timeout, killSignal: 'SIGKILL', maxBuffer: 1 << 29 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`${QEMU}: ${error.killed ? 'took too long' : `${error.code}`} ${stderr}`));
        },
      );
    });
    const steps = sequences.reduce((sum, { length }) => sum + length, 0);
    const size = steps * COLUMNS.length * 8;
    if (bytes.length !== size) throw new Error(`the program gave ${bytes.length} bytes instead of ${size}`);
    const words = new BigUint64Array(new Uint8Array(bytes).buffer);
    let end = 0;
    return sequences.map(({ length }) => {
      const start = end;
      end += length * COLUMNS.length;
      return words.slice(start, end);
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
