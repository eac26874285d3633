/**
 * What generated conditions lean on, by hand: small numbers, bit strings, and the reading of an evaluation. No
 * state lives here, and nothing of a particular version of the document.
 *
 * Numbers: an Address and an integer are JavaScript numbers; a UInt64 or Bits64 that a caller or memory holds is a
 * bigint, exact; bit strings longer than 64 bits are little-endian bytes.
 */

export { type Breach, firstBreach, type Inventory, type StateObject } from './frame.js';
export type { Place } from './place.js';

/** Addresses from here on are outside every address space that the architecture has (52 bits). */
const NOWHERE = 2 ** 53 - 4096;

/**
 * A 64-bit address as a number. It is exact below 2^53 - 4096, and where a Granule begins: such an address has 52
 * significant bits. Any other one keeps only its offset in a Granule. It is in no address space: comparing two of them
 * may come out otherwise, but what a command answers stays the same.
 */
export function addressOf(value: bigint): number {
  const exact = Number(value);
  return exact < NOWHERE ? exact : outside(exact, Number(BigInt.asUintN(32, value)));
}

function outside(value: number, low: number): number {
  const offset = low & 0xfff;
  return offset === 0 ? value : NOWHERE + offset;
}

/** Bytes that an address can be read from; `Memory` of the bits is one. */
export interface Words {
  readU32(offset: number): number;
}

/** The same, from where it lies in memory; no bigint is made. */
export function addressIn(words: Words, offset: number): number {
  const low = words.readU32(offset);
  const value = words.readU32(offset + 4) * 4294967296 + low;
  return value < NOWHERE ? value : outside(value, low);
}

/** What a number is written to, 32 bits at a time. */
export interface WritableWords {
  writeU32(offset: number, value: number): void;
}

/** Writes 64 bits with the value of a number, which may be negative, without making a bigint of it. */
export function writeInteger(words: WritableWords, offset: number, value: number): void {
  words.writeU32(offset, value >>> 0);
  words.writeU32(offset + 4, Math.floor(value / 4294967296) >>> 0);
}

/** A signed 64-bit value from where it lies in memory, as `integerOf` has it. */
export function integerIn(words: Words, offset: number): number {
  return (words.readU32(offset + 4) | 0) * 4294967296 + words.readU32(offset);
}

/** A signed 64-bit value as a number; outside the safe integers the nearest one that is outside as well. */
export function integerOf(value: bigint): number {
  return Number(value);
}

const POWERS = Float64Array.from({ length: 128 }, (_, n) => 2 ** n);

/** 2^n, which V8 takes a hundred nanoseconds for when n is not a constant. */
export function powerOfTwo(n: number): number {
  return POWERS[n] ?? 2 ** n;
}

/** An array member of a concrete struct. */
export interface Elements<T> {
  readonly length: number;
  get(index: number): T;
}

export function addressesOf(elements: Elements<bigint>): number[] {
  const found: number[] = [];
  for (let i = 0; i < elements.length; i++) found.push(addressOf(elements.get(i)));
  return found;
}

export function elementsOf<T>(elements: Elements<T>): T[] {
  const found: T[] = [];
  for (let i = 0; i < elements.length; i++) found.push(elements.get(i));
  return found;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function allZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Doublewords put together, the first in the low-order bytes. */
export function joinDoublewords(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setBigUint64(i * 8, values[i]!, true);
  return bytes;
}

/** Which of a command's failures hold in a state, as sets of bits by the failure's position in the document. */
export interface Evaluation {
  /** The pre-condition is true. */
  readonly held: number;
  /** The pre-condition is neither true nor false: it speaks of something that does not exist in this state. */
  readonly open: number;
}

/** What a command answers, as far as the document says. */
export interface Outcome {
  /** Position of the failure in the document; -1 for success. */
  readonly failure: number;
  readonly status: number | bigint;
  /** The index that goes with the status (B4.2); undefined where the document leaves it open. */
  readonly index: number | undefined;
}

/**
 * The failures that a conforming RMM may report (B1.6): those that hold and that no other holding failure precedes.
 * `predecessors` are sets of bits, closed over any number of steps.
 */
export function permittedFailures(
  evaluation: Evaluation,
  predecessors: readonly number[],
): readonly number[] {
  const permitted: number[] = [];
  for (let i = 0; i < predecessors.length; i++) {
    if ((evaluation.held & (1 << i)) !== 0 && (evaluation.held & predecessors[i]!) === 0) permitted.push(i);
  }
  return permitted;
}

/** Whether a conforming RMM may report success: no failure holds, and none turns on what does not exist. */
export function permitsSuccess(evaluation: Evaluation): boolean {
  return evaluation.held === 0 && evaluation.open === 0;
}
