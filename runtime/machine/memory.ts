import { Memory } from '../bits/index.js';

/** Bytes of a Granule (A2.2). */
export const GRANULE = 4096;

/**
 * The bytes behind physical addresses. The machine asks for the memory that holds a Granule and where in it the Granule
 * begins; a caller may supply its own, over a shared file for instance, so that a program outside reads and writes the
 * same bytes. A Granule lies within one memory, at a multiple of 8 bytes.
 */
export interface PhysicalMemory {
  /** The memory that holds the Granule at a physical address, in bytes and aligned to a Granule. */
  memoryAt(granule: number): Memory;
  /** Where the Granule begins in it, in bytes. */
  offsetAt(granule: number): number;
  /** Makes a Granule's contents indistinguishable from what they were: zero. */
  wipe(granule: number): void;
  /** Granules that may hold anything but zero, in ascending order. */
  touched(): Iterable<number>;
}

/** Bytes of a slab: few enough that a lone page is cheap, many enough that a Realm's pages share one. */
const SLAB = 64 * 1024;

/** Slabs of a directory: 256 MB of addresses. */
const DIRECTORY = 4096;

type Directory = (Memory | undefined)[];

/** Physical memory that costs what is used of it. What was never written reads zero. */
export class SparseMemory implements PhysicalMemory {
  readonly #directories = new Map<number, Directory>();
  /** Where the last Granule was found: the next one is likely to be there as well. */
  #number = -1;
  #directory: Directory = [];

  #slab(granule: number): Memory | undefined {
    const slab = granule / SLAB;
    const number = Math.floor(slab / DIRECTORY);
    if (number !== this.#number) {
      let directory = this.#directories.get(number);
      if (directory === undefined) {
        directory = new Array<Memory | undefined>(DIRECTORY).fill(undefined);
        this.#directories.set(number, directory);
      }
      this.#number = number;
      this.#directory = directory;
    }
    return this.#directory[slab & (DIRECTORY - 1)];
  }

  memoryAt(granule: number): Memory {
    return this.#slab(granule) ?? this.#allocate(granule);
  }

  #allocate(granule: number): Memory {
    const memory = Memory.alloc(SLAB);
    this.#directory[(granule / SLAB) & (DIRECTORY - 1)] = memory;
    return memory;
  }

  offsetAt(granule: number): number {
    return granule & (SLAB - 1);
  }

  wipe(granule: number): void {
    const offset = granule & (SLAB - 1);
    this.#slab(granule)?.u8.fill(0, offset, offset + GRANULE);
  }

  *touched(): Iterable<number> {
    for (const number of [...this.#directories.keys()].sort((a, b) => a - b)) {
      for (const [slab, memory] of this.#directories.get(number)!.entries()) {
        if (memory === undefined) continue;
        for (let offset = 0; offset < SLAB; offset += GRANULE) {
          if (!isZero(memory, offset)) yield (number * DIRECTORY + slab) * SLAB + offset;
        }
      }
    }
  }
}

/** Whether the Granule at an offset holds nothing but zero. */
export function isZero(memory: Memory, offset: number): boolean {
  const { u8, u32 } = memory;
  if (u32 === undefined) return u8.subarray(offset, offset + GRANULE).every((byte) => byte === 0);
  const end = (offset + GRANULE) >>> 2;
  for (let i = offset >>> 2; i < end; i++) if (u32[i] !== 0) return false;
  return true;
}

/** Copies the contents of a Granule to another. */
export function copyGranule(memory: PhysicalMemory, from: number, to: number): void {
  const source = memory.memoryAt(from);
  const start = memory.offsetAt(from);
  const target = memory.memoryAt(to);
  if (source === target) target.u8.copyWithin(memory.offsetAt(to), start, start + GRANULE);
  else target.u8.set(source.u8.subarray(start, start + GRANULE), memory.offsetAt(to));
}
