import {
  type RmmRipas,
  type RmmRtt,
  type RmmRttEntry,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { RMM_RTT_PAGE_LEVEL } from '../../generated/rmm-1.0-rel0/typescript/index.js';

/** Entries of an RTT: a Granule of 8-byte descriptors. */
export const ENTRIES = 512;
const FIRST_LEVEL = -1;

/** Bytes that one entry covers, by level + 1 (A5.5). */
const levelSizes: readonly number[] = [-1, 0, 1, 2, 3].map(
  (level) => 2 ** (12 + 9 * (RMM_RTT_PAGE_LEVEL - level)),
);

/** Bytes of IPA space that an entry of an RTT at a level covers; undefined when there is no such level. */
export function levelSize(level: number): number | undefined {
  return levelSizes[level - FIRST_LEVEL];
}

/** The entry of an RTT at a level that covers an IPA. */
export function entryIndex(ipa: number, level: number): number {
  return Math.floor(ipa / levelSizes[level - FIRST_LEVEL]!) & (ENTRIES - 1);
}

/** The multiple of a power of two at or below an address. `%` on numbers as large as addresses costs ten times as much. */
export function alignDown(address: number, size: number): number {
  return Math.floor(address / size) * size;
}

/** Whether the address is a multiple of what an entry at the level covers. */
export function isLevelAligned(address: number, level: number): boolean {
  const size = levelSize(level);
  return size !== undefined && alignDown(address, size) === address;
}

/** Whether an entry in a state maps memory. */
export function isMapping(state: number): boolean {
  return state === RmmRttEntryState.ASSIGNED || state === RmmRttEntryState.ASSIGNED_NS;
}

/** A RIPAS in a byte that has the state of the entry in bits 2:0. */
const RIPAS_LSB = 3;
const STATE_MASK = 7;
/** S2AP in a byte that has MemAttr in bits 2:0. */
const ACCESS_LSB = 3;

/**
 * A Realm Translation Table (A5.5): for each entry its state, RIPAS, output address and the attributes that the Host
 * controls. The entries themselves are made when somebody looks at them.
 */
export class Rtt implements RmmRtt {
  /** Physical address of its Granule. */
  address = 0;
  level = 0;
  /** The lowest IPA that it covers. */
  ipa = 0;
  /** The RD of the Realm that owns it. */
  rd = 0;
  /** The tables that TABLE entries lead to; empty where there can be none. */
  children: (Rtt | undefined)[] = [];
  /** State and RIPAS, a byte an entry: what filling a table touches when nothing is mapped. */
  readonly #kinds: Uint8Array;
  readonly #attributes: Uint8Array;
  readonly #addresses: Float64Array;
  /** All of the above, to be compared and copied at once. */
  readonly #words: Int32Array;
  /** Whether addresses and attributes may be other than zero. */
  #maps = false;

  constructor(address: number, level: number, ipa: number, rd: number) {
    const bytes = new ArrayBuffer(ENTRIES * (8 + 1 + 1));
    this.#addresses = new Float64Array(bytes, 0, ENTRIES);
    this.#attributes = new Uint8Array(bytes, ENTRIES * 8, ENTRIES);
    this.#kinds = new Uint8Array(bytes, ENTRIES * 9, ENTRIES);
    this.#words = new Int32Array(bytes);
    this.place(address, level, ipa, rd);
  }

  /** Makes it the table of another place; its entries are to be filled. */
  place(address: number, level: number, ipa: number, rd: number): void {
    this.address = address;
    this.level = level;
    this.ipa = ipa;
    this.rd = rd;
    if (level < RMM_RTT_PAGE_LEVEL && this.children.length === 0)
      this.children = new Array<Rtt | undefined>(ENTRIES).fill(undefined);
  }

  get entries(): readonly RmmRttEntry[] {
    return Array.from(this.#kinds, (_, i) => this.entry(i));
  }

  entry(index: number): RmmRttEntry {
    const attributes = this.#attributes[index]!;
    return {
      addr: this.#addresses[index]!,
      ripas: this.ripasAt(index),
      state: this.stateAt(index),
      MemAttr: attributes & ((1 << ACCESS_LSB) - 1),
      S2AP: attributes >> ACCESS_LSB,
    };
  }

  stateAt(index: number): RmmRttEntryState {
    return (this.#kinds[index]! & STATE_MASK) as RmmRttEntryState;
  }

  ripasAt(index: number): RmmRipas {
    return (this.#kinds[index]! >> RIPAS_LSB) as RmmRipas;
  }

  addressAt(index: number): number {
    return this.#addresses[index]!;
  }

  setRipas(index: number, ripas: RmmRipas): void {
    this.#kinds[index] = (this.#kinds[index]! & STATE_MASK) | (ripas << RIPAS_LSB);
  }

  set(index: number, entry: RmmRttEntry, child?: Rtt): void {
    this.#kinds[index] = entry.state | (entry.ripas << RIPAS_LSB);
    this.#attributes[index] = entry.MemAttr | (entry.S2AP << ACCESS_LSB);
    this.#addresses[index] = entry.addr;
    this.#maps = true;
    if (this.level < RMM_RTT_PAGE_LEVEL) this.children[index] = child;
  }

  /** Sets the state and the output address of an entry that is no TABLE; all else of it stays. */
  assign(index: number, state: RmmRttEntryState, address: number): void {
    this.#kinds[index] = state | (this.#kinds[index]! & ~STATE_MASK);
    this.#addresses[index] = address;
    this.#maps = true;
  }

  /** Makes entries say the same, from one up to another. Where it maps memory each maps what follows the one before. */
  fill({ addr, ripas, state, MemAttr, S2AP }: RmmRttEntry, from = 0, to = ENTRIES): void {
    this.#kinds.fill(state | (ripas << RIPAS_LSB), from, to);
    if (isMapping(state)) {
      const size = levelSizes[this.level - FIRST_LEVEL]!;
      this.#attributes.fill(MemAttr | (S2AP << ACCESS_LSB), from, to);
      for (let index = from; index < to; index++) this.#addresses[index] = addr + (index - from) * size;
      this.#maps = true;
    } else if (this.#maps) {
      this.#attributes.fill(0, from, to);
      this.#addresses.fill(0, from, to);
      this.#maps = to - from < ENTRIES;
    }
  }

  /** An entry that holds no address, at a Protected or Unprotected IPA. */
  static unassigned(isProtected: boolean, ripas: RmmRipas): RmmRttEntry {
    return {
      addr: 0,
      ripas,
      state: isProtected ? RmmRttEntryState.UNASSIGNED : RmmRttEntryState.UNASSIGNED_NS,
      MemAttr: 0,
      S2AP: 0,
    };
  }

  /** The IPA that an entry begins to cover. */
  ipaOf(index: number): number {
    return this.ipa + index * levelSizes[this.level - FIRST_LEVEL]!;
  }

  /** Whether another table is at the same place and says the same. */
  equals(other: Rtt): boolean {
    if (
      this.address !== other.address ||
      this.level !== other.level ||
      this.ipa !== other.ipa ||
      this.rd !== other.rd
    )
      return false;
    const these = this.#words;
    const those = other.#words;
    // Addresses and attributes come first; where neither maps anything the rest is all that can differ.
    const start = this.#maps || other.#maps ? 0 : (ENTRIES * 9) / 4;
    for (let i = start; i < these.length; i++) if (these[i] !== those[i]) return false;
    return true;
  }

  sameEntry(other: Rtt, index: number): boolean {
    return (
      this.#kinds[index] === other.#kinds[index] &&
      this.#attributes[index] === other.#attributes[index] &&
      this.#addresses[index] === other.#addresses[index]
    );
  }

  /** Whether an entry goes on where the one before it ends: all else is the same. */
  continues(index: number): boolean {
    const size = isMapping(this.stateAt(index)) ? levelSizes[this.level - FIRST_LEVEL]! : 0;
    return (
      this.#kinds[index] === this.#kinds[index - 1] &&
      this.#attributes[index] === this.#attributes[index - 1] &&
      this.#addresses[index] === this.#addresses[index - 1]! + size
    );
  }

  /** Takes place and contents from another table; `children` still has to be bound. */
  copyFrom(other: Rtt): void {
    this.place(other.address, other.level, other.ipa, other.rd);
    this.#words.set(other.#words);
    this.#maps = other.#maps;
  }
}
