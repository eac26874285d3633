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

/** Physical memory that costs what is used of it. What was never written reads zero. */
export class SparseMemory implements PhysicalMemory {
  readonly #slabs = new Map<number, Memory>();
  #last = -1;
  #lastMemory: Memory | undefined;

  memoryAt(granule: number): Memory {
    const slab = Math.floor(granule / SLAB);
    if (slab === this.#last) return this.#lastMemory!;
    let memory = this.#slabs.get(slab);
    if (memory === undefined) {
      memory = Memory.alloc(SLAB);
      this.#slabs.set(slab, memory);
    }
    this.#last = slab;
    this.#lastMemory = memory;
    return memory;
  }

  offsetAt(granule: number): number {
    return granule & (SLAB - 1);
  }

  wipe(granule: number): void {
    const memory = this.#slabs.get(Math.floor(granule / SLAB));
    if (memory !== undefined) memory.u8.fill(0, this.offsetAt(granule), this.offsetAt(granule) + GRANULE);
  }

  *touched(): Iterable<number> {
    for (const slab of [...this.#slabs.keys()].sort((a, b) => a - b)) {
      const { u8 } = this.#slabs.get(slab)!;
      for (let offset = 0; offset < SLAB; offset += GRANULE) {
        if (u8.subarray(offset, offset + GRANULE).some((byte) => byte !== 0)) yield slab * SLAB + offset;
      }
    }
  }
}
