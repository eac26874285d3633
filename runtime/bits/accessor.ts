import { Memory } from './memory.js';

/** What every generated accessor has; names of the document have no `$`, so these cannot meet them. */
export interface Accessor {
  readonly $memory: Memory;
  $base: number;
  /** Sets the base without the checks of `$base`. An accessor calls it on those that it gave out; nobody else does. */
  $follow(base: number): void;
}

export interface AccessorClass<T extends Accessor> {
  new (memory: Memory, base?: number, nested?: boolean): T;
  /** Bytes. */
  readonly size: number;
}

/** Refuses a base from which `size` bytes would not lie within the memory. */
export function checkBase(memory: Memory, base: number, size: number, name: string): number {
  if (Number.isInteger(base) && base >= 0 && base + size <= memory.size) return base;
  const at = Number.isInteger(base) && base >= 0 ? `0x${base.toString(16)}` : String(base);
  throw new RangeError(
    `${name}: 0x${size.toString(16)} bytes at ${at} are not within 0x${memory.size.toString(16)} bytes of memory`,
  );
}

/** The words of a memory if 64-bit members of what lies at `base` can be read from them; undefined if they cannot. */
export function wordsFor(memory: Memory, base: number): BigUint64Array | undefined {
  return (base & 7) === 0 ? memory.u64 : undefined;
}

const PAGE = 4096;
let page: Memory | undefined;
let used = 0;

/**
 * An accessor over zeroed bytes of its own.
 *
 * Small ones are carved out of a shared page, since a memory for 8 bytes alone would cost some fifty times as much;
 * reach their bytes through the accessor, not through `$memory`.
 */
export function allocate<T extends Accessor>(type: AccessorClass<T>): T {
  const { size } = type;
  if (size > PAGE / 64) return new type(Memory.alloc(size));
  if (page === undefined || used + size > PAGE) {
    page = Memory.alloc(PAGE);
    used = 0;
  }
  const base = used;
  used += Math.ceil(size / 8) * 8;
  return new type(page, base);
}
