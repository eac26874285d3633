import {
  RmmGptEntry,
  type RmmGranule,
  RmmGranuleState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { GRANULE } from './memory.js';

/** A range of physical memory. `base` and `size` are in bytes and multiples of a Granule. */
export interface Region {
  readonly base: number;
  readonly size: number;
  /** Whether its Granules can be delegated to the RMM (A2.2). Devices and carve-outs cannot. */
  readonly delegable: boolean;
  /** Who may access its Granules at first. */
  readonly gpt: RmmGptEntry;
}

const CHUNK = 4096;
const BLOCK = 1024;

/**
 * A byte a Granule: its state in bits 2:0, its GPT entry in bits 5:3, each such that an untouched Granule of ordinary
 * memory is zero.
 */
const STATE = 7;
const value = (state: RmmGranuleState, gpt: RmmGptEntry): number =>
  (state ^ RmmGranuleState.UNDELEGATED) | ((gpt ^ RmmGptEntry.GPT_NS) << 3);

/** What each byte means, made once: a Granule's attributes are a value, not an object with an identity. */
const granules: readonly RmmGranule[] = Array.from({ length: 64 }, (_, byte) =>
  Object.freeze({
    state: ((byte & STATE) ^ RmmGranuleState.UNDELEGATED) as RmmGranuleState,
    gpt: ((byte >> 3) ^ RmmGptEntry.GPT_NS) as RmmGptEntry,
  }),
);

interface PlacedRegion extends Region {
  /** Number of its first Granule. */
  readonly first: number;
}

/** State and GPT entry of every Granule: one byte each, in chunks that exist once one of their Granules was touched. */
export class GranuleTable {
  readonly #regions: readonly PlacedRegion[];
  readonly #blocks: ((Uint8Array | undefined)[] | undefined)[] = [];
  #region: PlacedRegion;

  constructor(regions: readonly Region[]) {
    let first = 0;
    this.#regions = [...regions]
      .sort((a, b) => a.base - b.base)
      .map((region) => {
        const placed = { ...region, first };
        // A chunk belongs to one region, so that its untouched Granules share their GPT entry.
        first += Math.ceil(region.size / GRANULE / CHUNK) * CHUNK;
        return placed;
      });
    this.#region = this.#regions[0]!;
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  #find(address: number): PlacedRegion | undefined {
    const last = this.#region;
    if (address >= last.base && address < last.base + last.size) return last;
    for (const region of this.#regions) {
      if (address >= region.base && address < region.base + region.size) {
        this.#region = region;
        return region;
      }
    }
    return undefined;
  }

  /** Whether a physical address lies in memory that can be delegated. */
  isDelegable(address: number): boolean {
    return this.#find(address)?.delegable ?? false;
  }

  /** Whether a physical address lies in any region. */
  exists(address: number): boolean {
    return this.#find(address) !== undefined;
  }

  #chunk(region: PlacedRegion, address: number, make: boolean): Uint8Array | undefined {
    const granule = region.first + (address - region.base) / GRANULE;
    const block = (granule / (CHUNK * BLOCK)) | 0;
    let chunks = this.#blocks[block];
    if (chunks === undefined) {
      if (!make) return undefined;
      chunks = this.#blocks[block] = new Array<Uint8Array | undefined>(BLOCK).fill(undefined);
    }
    const index = (granule / CHUNK) & (BLOCK - 1);
    let chunk = chunks[index];
    if (chunk === undefined && make) {
      chunk = new Uint8Array(CHUNK).fill(value(RmmGranuleState.UNDELEGATED, region.gpt));
      chunks[index] = chunk;
    }
    return chunk;
  }

  #offset(region: PlacedRegion, address: number): number {
    return ((address - region.base) / GRANULE) & (CHUNK - 1);
  }

  /** The attributes of the Granule at an address; undefined when there is no Granule. */
  at(address: number): RmmGranule | undefined {
    const region = this.#find(address);
    if (region === undefined || (address & (GRANULE - 1)) !== 0) return undefined;
    const chunk = this.#chunk(region, address, false);
    return granules[
      chunk === undefined
        ? value(RmmGranuleState.UNDELEGATED, region.gpt)
        : chunk[this.#offset(region, address)]!
    ];
  }

  /** Sets both attributes of a Granule that exists. */
  set(address: number, state: RmmGranuleState, gpt: RmmGptEntry): void {
    const region = this.#find(address)!;
    this.#chunk(region, address, true)![this.#offset(region, address)] = value(state, gpt);
  }

  /** Sets the state of a Granule that belongs to the RMM: its GPT entry is GPT_REALM (A2.2.3.1). */
  setState(address: number, state: RmmGranuleState): void {
    this.set(address, state, RmmGptEntry.GPT_REALM);
  }

  /** Granules whose attributes may differ from those of untouched ones, in ascending order of address. */
  *touched(): Iterable<{ readonly address: number; readonly granule: RmmGranule }> {
    for (const region of this.#regions) {
      const untouched = value(RmmGranuleState.UNDELEGATED, region.gpt);
      for (let start = 0; start < region.size; start += CHUNK * GRANULE) {
        const chunk = this.#chunk(region, region.base + start, false);
        if (chunk === undefined) continue;
        for (let i = 0; i < CHUNK; i++) {
          if (chunk[i] !== untouched)
            yield { address: region.base + start + i * GRANULE, granule: granules[chunk[i]!]! };
        }
      }
    }
  }

  /** Bytes that the table itself takes. */
  get footprint(): number {
    let bytes = 0;
    for (const chunks of this.#blocks) {
      if (chunks === undefined) continue;
      bytes += BLOCK * 8;
      for (const chunk of chunks) if (chunk !== undefined) bytes += CHUNK;
    }
    return bytes;
  }

  /** Addresses of the Granules that differ from those of another table over the same regions. */
  differences(other: GranuleTable): number[] {
    const found: number[] = [];
    for (const region of this.#regions) {
      const untouched = value(RmmGranuleState.UNDELEGATED, region.gpt);
      for (let start = 0; start < region.size; start += CHUNK * GRANULE) {
        const mine = this.#chunk(region, region.base + start, false);
        const theirs = other.#chunk(region, region.base + start, false);
        if (mine === undefined && theirs === undefined) continue;
        for (let i = 0; i < CHUNK; i++) {
          if ((mine?.[i] ?? untouched) !== (theirs?.[i] ?? untouched))
            found.push(region.base + start + i * GRANULE);
        }
      }
    }
    return found;
  }

  /** Makes this table equal to another over the same regions. */
  copyFrom(other: GranuleTable): void {
    for (const [block, chunks] of other.#blocks.entries()) {
      if (chunks === undefined) {
        this.#blocks[block] = undefined;
        continue;
      }
      let own = this.#blocks[block];
      if (own === undefined)
        own = this.#blocks[block] = new Array<Uint8Array | undefined>(BLOCK).fill(undefined);
      for (const [index, chunk] of chunks.entries()) {
        const mine = own[index];
        if (chunk === undefined) own[index] = undefined;
        else if (mine === undefined) own[index] = chunk.slice();
        else mine.set(chunk);
      }
    }
  }
}
