import { Gicv3 } from '../../../runtime/gic/index.js';
import { Departed, type Departure } from './departures.js';
import { configuration, Played } from './model.js';
import { COLUMNS, type Operation, sequenceOf, textOf } from './operations.js';

/** Sequences that were recorded, and what the model makes of them. */

const WIDTH = COLUMNS.length;

/** What QEMU is expected to say of a sequence, row after row; operations with their values settled. */
export interface Expectation {
  readonly operations: readonly Operation[];
  readonly rows: BigUint64Array;
  readonly departures: ReadonlyMap<Departure, number>;
}

export function expectationOf(sequence: readonly Operation[]): Expectation {
  const played = new Played(new Gicv3(configuration));
  const departed = new Departed();
  const rows = new BigUint64Array(sequence.length * WIDTH);
  const operations = sequence.map((operation, step) => {
    const settled = played.settle(operation);
    const row = rows.subarray(step * WIDTH, (step + 1) * WIDTH);
    departed.before(settled, played.gic);
    row[0] = played.play(settled);
    played.note(row);
    departed.amend(row);
    return settled;
  });
  return { operations, rows, departures: departed.seen };
}

/** Where two recordings of a sequence first differ, for people; undefined if they do not. */
export function disagreement(
  seed: number,
  { operations, rows }: Expectation,
  heard: BigUint64Array,
): string | undefined {
  for (const [step, operation] of operations.entries()) {
    const differing = COLUMNS.flatMap((name, i) => {
      const [expected, found] = [rows[step * WIDTH + i]!, heard[step * WIDTH + i]!];
      return expected === found
        ? []
        : [`  ${name}: QEMU 0x${found.toString(16)}, model 0x${expected.toString(16)}`];
    });
    if (differing.length > 0)
      return [`seed ${seed}, step ${step}: ${textOf(operation)}`, ...differing].join('\n');
  }
  return undefined;
}

// Recorded sequences, a line each: seed, a digest of each row, the last row.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 24 bits of each row, four characters a row. */
export function digests(rows: BigUint64Array): string {
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length * 2);
  let text = '';
  for (let at = 0; at < words.length; ) {
    let hash = 0x811c9dc5;
    for (const end = at + WIDTH * 2; at < end; at++) {
      hash = Math.imul(hash ^ words[at]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 12;
    for (let shift = 18; shift >= 0; shift -= 6) text += ALPHABET[(hash >>> shift) & 63];
  }
  return text;
}

export function lineOf(seed: number, rows: BigUint64Array): string {
  const last = Array.from(rows.subarray(-WIDTH), (value) => value.toString(16)).join(' ');
  return `${seed} ${digests(rows)} ${last}`;
}

export function seedOf(line: string): number {
  return Number(line.slice(0, line.indexOf(' ')));
}

/** Why a line is not what the model expects, for people; undefined if it is. */
export function lineDisagreement(
  line: string,
  { operations, rows } = expectationOf(sequenceOf(seedOf(line))),
): string | undefined {
  const [, digestText, ...last] = line.split(' ');
  const seed = seedOf(line);
  const own = digests(rows);
  if (own === digestText && lineOf(seed, rows) === line) return undefined;
  const step = operations.findIndex(
    (_, i) => own.slice(i * 4, i * 4 + 4) !== digestText!.slice(i * 4, i * 4 + 4),
  );
  const where = step < 0 ? 'after the last step' : `step ${step}: ${textOf(operations[step]!)}`;
  const final = COLUMNS.flatMap((name, i) => {
    const value = rows.at(-WIDTH + i)!.toString(16);
    return value === last[i] ? [] : [`  in the end ${name}: QEMU 0x${last[i]}, model 0x${value}`];
  });
  return [`seed ${seed}, ${where}`, ...final, `  npm run witness:gic -- --seed ${seed} --sequences 1`].join(
    '\n',
  );
}

/** A sequence for people: what was done, and which registers had another value after it. */
export function storyOf(seed: number, operations: readonly Operation[], rows: BigUint64Array): string {
  const lines = [`seed ${seed}`];
  for (const [step, operation] of operations.entries()) {
    const changed = COLUMNS.flatMap((name, i) => {
      const value = rows[step * WIDTH + i]!;
      const before = step === 0 ? undefined : rows[(step - 1) * WIDTH + i]!;
      return value === before || (name === 'result' && value === 0n) ? [] : [`${name}=${value.toString(16)}`];
    });
    lines.push(`  ${textOf(operation)}${changed.length === 0 ? '' : ` | ${changed.join(' ')}`}`);
  }
  return `${lines.join('\n')}\n`;
}
