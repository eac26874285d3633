import {
  RmmRipas,
  type RmmRtt,
  type RmmRttEntry,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';

/** Entries of an RTT: a Granule of 8-byte descriptors. */
export const ENTRIES = 512;
export const PAGE_LEVEL = 3;
const FIRST_LEVEL = -1;

/** Bytes that one entry covers, by level + 1 (A5.5). */
const levelSizes: readonly number[] = [-1, 0, 1, 2, 3].map((level) => 2 ** (12 + 9 * (PAGE_LEVEL - level)));

/** Bytes of IPA space that an entry of an RTT at a level covers; undefined when there is no such level. */
export function levelSize(level: number): number | undefined {
  return levelSizes[level - FIRST_LEVEL];
}

/** The entry of an RTT at a level that covers an IPA. */
export function entryIndex(ipa: number, level: number): number {
  return Math.floor(ipa / levelSizes[level - FIRST_LEVEL]!) % ENTRIES;
}

/** Whether the address is a multiple of what an entry at the level covers. */
export function isLevelAligned(address: number, level: number): boolean {
  const size = levelSize(level);
  return size !== undefined && address % size === 0;
}

/**
 * A Realm Translation Table (A5.5): for each entry its state, RIPAS, output address and the attributes that the Host
 * controls. The entries themselves are made when somebody looks at them.
 */
export class Rtt implements RmmRtt {
  /** Physical address of its Granule. */
  readonly address: number;
  readonly level: number;
  /** The lowest IPA that it covers. */
  readonly ipa: number;
  /** The RD of the Realm that owns it. */
  readonly rd: number;
  readonly states = new Uint8Array(ENTRIES);
  readonly ripas = new Uint8Array(ENTRIES);
  /** MemAttr in bits 2:0, S2AP in bits 4:3. */
  readonly attributes = new Uint8Array(ENTRIES);
  readonly addresses = new Float64Array(ENTRIES);
  /** The tables that TABLE entries lead to. */
  readonly children: (Rtt | undefined)[] = new Array<Rtt | undefined>(ENTRIES).fill(undefined);

  constructor(address: number, level: number, ipa: number, rd: number) {
    this.address = address;
    this.level = level;
    this.ipa = ipa;
    this.rd = rd;
  }

  get entries(): readonly RmmRttEntry[] {
    return Array.from(this.states, (_, i) => this.entry(i));
  }

  entry(index: number): RmmRttEntry {
    const attributes = this.attributes[index]!;
    return {
      addr: this.addresses[index]!,
      ripas: this.ripas[index]! as RmmRipas,
      state: this.states[index]! as RmmRttEntryState,
      MemAttr: attributes & 7,
      S2AP: attributes >> 3,
    };
  }

  set(index: number, entry: RmmRttEntry, child?: Rtt): void {
    this.states[index] = entry.state;
    this.ripas[index] = entry.ripas;
    this.attributes[index] = entry.MemAttr | (entry.S2AP << 3);
    this.addresses[index] = entry.addr;
    this.children[index] = child;
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

  /** Another table with the same contents; `children` still has to be bound. */
  clone(): Rtt {
    const copy = new Rtt(this.address, this.level, this.ipa, this.rd);
    copy.copyFrom(this);
    return copy;
  }

  copyFrom(other: Rtt): void {
    this.states.set(other.states);
    this.ripas.set(other.ripas);
    this.attributes.set(other.attributes);
    this.addresses.set(other.addresses);
  }
}

/** The descriptor bits that the Host controls (A5.5.11), as a stage 2 Block or Page descriptor of the VMSA has them. */
const MEM_ATTR_LSB = 2n;
const S2AP_LSB = 6n;
const ADDRESS_BITS = 0x0000_ffff_ffff_f000n;
/** With LPA2 bits 49:48 of the descriptor belong to the address, and bits 9:8 are its bits 51:50. */
const ADDRESS_BITS_LPA2 = 0x0003_ffff_ffff_f000n;
const HIGH_ADDRESS_LSB = 8n;
const HIGH_ADDRESS_MASK = 3n << HIGH_ADDRESS_LSB;
/** Reserved with FEAT_S2FWB. */
const RESERVED_MEM_ATTR = 4;

export function entryFromDescriptor(descriptor: bigint, lpa2: boolean): RmmRttEntry {
  const high = lpa2 ? ((descriptor & HIGH_ADDRESS_MASK) >> HIGH_ADDRESS_LSB) << 50n : 0n;
  return {
    addr: Number((descriptor & (lpa2 ? ADDRESS_BITS_LPA2 : ADDRESS_BITS)) | high),
    ripas: RmmRipas.EMPTY,
    state: RmmRttEntryState.UNASSIGNED_NS,
    MemAttr: Number((descriptor >> MEM_ATTR_LSB) & 7n),
    S2AP: Number((descriptor >> S2AP_LSB) & 3n),
  };
}

export function descriptorOf(entry: RmmRttEntry, lpa2: boolean): bigint {
  const address = BigInt(entry.addr);
  const high = lpa2 ? ((address >> 50n) & 3n) << HIGH_ADDRESS_LSB : 0n;
  return (
    (address & (lpa2 ? ADDRESS_BITS_LPA2 : ADDRESS_BITS)) |
    high |
    (BigInt(entry.MemAttr) << MEM_ATTR_LSB) |
    (BigInt(entry.S2AP) << S2AP_LSB)
  );
}

export function isDescriptorForUnprotected(descriptor: bigint, lpa2: boolean): boolean {
  const entry = entryFromDescriptor(descriptor, lpa2);
  return descriptorOf(entry, lpa2) === descriptor && entry.MemAttr !== RESERVED_MEM_ATTR;
}
