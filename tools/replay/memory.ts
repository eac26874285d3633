import { Memory } from '../../runtime/bits/index.js';
import { GRANULE, type PhysicalMemory } from '../../runtime/machine/memory.js';
import { LimitExceeded, limits } from './limits.js';

/** The part of a range that lies in a Granule, in bytes from where the Granule begins. */
export interface Part {
  readonly granule: number;
  readonly from: number;
  readonly to: number;
}

/** The parts of a range of bytes, Granule by Granule; where `known` is given, only those of its Granules. */
export function* partsOf(
  address: number,
  size: number,
  known?: { readonly size: number; has(granule: number): boolean; keys(): Iterable<number> },
): Iterable<Part> {
  const end = address + size;
  const first = address - (address % GRANULE);
  const part = (granule: number): Part => ({
    granule,
    from: Math.max(address - granule, 0),
    to: Math.min(end - granule, GRANULE),
  });
  if (known !== undefined && known.size < size / GRANULE) {
    for (const granule of [...known.keys()]) if (granule >= first && granule < end) yield part(granule);
    return;
  }
  for (let granule = first; granule < end; granule += GRANULE)
    if (known === undefined || known.has(granule)) yield part(granule);
}

/** Physical memory by single Granules, and not more of them than a trace may ask for. */
export class BoundedMemory implements PhysicalMemory {
  readonly #pages = new Map<number, Memory>();

  /** @throws LimitExceeded */
  memoryAt(granule: number): Memory {
    let memory = this.#pages.get(granule);
    if (memory === undefined) {
      if (this.#pages.size >= limits.pages) throw new LimitExceeded('Granules with contents', limits.pages);
      memory = Memory.alloc(GRANULE);
      this.#pages.set(granule, memory);
    }
    return memory;
  }

  offsetAt(): number {
    return 0;
  }

  wipe(granule: number): void {
    this.#pages.delete(granule);
  }

  /** Fills a range of bytes. @throws LimitExceeded */
  fill(address: number, size: number, byte: number): void {
    for (const { granule, from, to } of partsOf(address, size, byte === 0 ? this.#pages : undefined))
      this.memoryAt(granule)
        .bytes(from, to - from)
        .fill(byte);
  }

  *touched(): Iterable<number> {
    for (const granule of [...this.#pages.keys()].sort((a, b) => a - b))
      if (this.#pages.get(granule)!.u8.some((byte) => byte !== 0)) yield granule;
  }
}
