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

/** Granules of a chunk. */
const CHUNK = 4096;

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

/** A region with its chunks, which exist once one of their Granules was touched. */
class PlacedRegion implements Region {
  readonly base: number;
  readonly size: number;
  readonly delegable: boolean;
  readonly gpt: RmmGptEntry;
  /** Physical address where it ends, in bytes. */
  readonly end: number;
  /** The byte of a Granule that was never touched. */
  readonly untouched: number;
  readonly chunks: (Uint8Array | undefined)[];

  constructor({ base, size, delegable, gpt }: Region) {
    this.base = base;
    this.size = size;
    this.delegable = delegable;
    this.gpt = gpt;
    this.end = base + size;
    this.untouched = value(RmmGranuleState.UNDELEGATED, gpt);
    this.chunks = new Array<Uint8Array | undefined>(Math.ceil(size / GRANULE / CHUNK)).fill(undefined);
  }

  /** Physical address of a Granule, by its place. */
  addressOf(chunk: number, offset: number): number {
    return this.base + (chunk * CHUNK + offset) * GRANULE;
  }
}

function sameWords(a: Uint8Array, b: Uint8Array): boolean {
  const these = new Int32Array(a.buffer, a.byteOffset, CHUNK / 4);
  const those = new Int32Array(b.buffer, b.byteOffset, CHUNK / 4);
  for (let i = 0; i < these.length; i++) if (these[i] !== those[i]) return false;
  return true;
}

/** State and GPT entry of every Granule: one byte each, in chunks that exist once one of their Granules was touched. */
export class GranuleTable {
  readonly #regions: readonly PlacedRegion[];
  /** Where the last Granule was found: the next one is likely to be there as well. */
  #region: PlacedRegion;

  constructor(regions: readonly Region[]) {
    this.#regions = [...regions].sort((a, b) => a.base - b.base).map((region) => new PlacedRegion(region));
    this.#region = this.#regions[0]!;
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  #find(address: number): PlacedRegion | undefined {
    const last = this.#region;
    return address >= last.base && address < last.end ? last : this.#search(address);
  }

  #search(address: number): PlacedRegion | undefined {
    for (const region of this.#regions) {
      if (address >= region.base && address < region.end) {
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

  /** The attributes of the Granule at an address; undefined when there is no Granule. */
  at(address: number): RmmGranule | undefined {
    const region = this.#find(address);
    if (region === undefined || (address & (GRANULE - 1)) !== 0) return undefined;
    const number = (address - region.base) / GRANULE;
    const chunk = region.chunks[(number / CHUNK) | 0];
    return granules[chunk === undefined ? region.untouched : chunk[number & (CHUNK - 1)]!];
  }

  /** Sets both attributes of a Granule that exists. */
  set(address: number, state: RmmGranuleState, gpt: RmmGptEntry): void {
    const region = this.#find(address)!;
    const number = (address - region.base) / GRANULE;
    const index = (number / CHUNK) | 0;
    let chunk = region.chunks[index];
    if (chunk === undefined) {
      chunk = new Uint8Array(CHUNK).fill(region.untouched);
      region.chunks[index] = chunk;
    }
    chunk[number & (CHUNK - 1)] = value(state, gpt);
  }

  /** Sets the state of a Granule that belongs to the RMM: its GPT entry is GPT_REALM (A2.2.3.1). */
  setState(address: number, state: RmmGranuleState): void {
    this.set(address, state, RmmGptEntry.GPT_REALM);
  }

  /** Granules whose attributes may differ from those of untouched ones, in ascending order of address. */
  *touched(): Iterable<{ readonly address: number; readonly granule: RmmGranule }> {
    for (const region of this.#regions) {
      for (const [index, chunk] of region.chunks.entries()) {
        if (chunk === undefined) continue;
        for (let i = 0; i < CHUNK; i++) {
          if (chunk[i] !== region.untouched)
            yield { address: region.addressOf(index, i), granule: granules[chunk[i]!]! };
        }
      }
    }
  }

  /** Bytes that the table itself takes. */
  get footprint(): number {
    let bytes = 0;
    for (const { chunks } of this.#regions) {
      bytes += chunks.length * 8;
      for (const chunk of chunks) if (chunk !== undefined) bytes += CHUNK;
    }
    return bytes;
  }

  /** Addresses of the Granules that differ from those of another table over the same regions. */
  differences(other: GranuleTable): number[] {
    const found: number[] = [];
    for (const [number, region] of this.#regions.entries()) {
      const { chunks, untouched } = region;
      const others = other.#regions[number]!.chunks;
      for (let index = 0; index < chunks.length; index++) {
        const mine = chunks[index];
        const theirs = others[index];
        if (mine === theirs || (mine !== undefined && theirs !== undefined && sameWords(mine, theirs)))
          continue;
        for (let i = 0; i < CHUNK; i++)
          if ((mine?.[i] ?? untouched) !== (theirs?.[i] ?? untouched)) found.push(region.addressOf(index, i));
      }
    }
    return found;
  }

  /** Gives a Granule the attributes that it has in another table over the same regions. */
  copyGranule(address: number, other: GranuleTable): void {
    const { state, gpt } = other.at(address)!;
    this.set(address, state, gpt);
  }
}
