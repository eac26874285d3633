import { Stage2MemAttr } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';

/*
 * The bits of a stage 2 descriptor that are the Host's to choose (A5.5.11), which Host and RMM hand to each other. A
 * descriptor is taken apart into words of 32 bits: arithmetic on bigints costs ten times as much.
 */

function rangeOf(name: string): { readonly msb: number; readonly lsb: number } {
  const layout = metadata.types.Stage2Descriptor;
  const field = layout?.kind === 'fieldset' ? layout.fields.find((one) => one.name === name) : undefined;
  if (field === undefined) throw new TypeError(`Stage2Descriptor has no field ${name}`);
  return field;
}

/** The part of a field that lies in one word, its mask being of its bits once they are shifted down. */
function bitsOf(name: string, word: 'low' | 'high'): { readonly lsb: number; readonly mask: number } {
  const range = rangeOf(name);
  const first = word === 'low' ? 0 : 32;
  const lsb = Math.max(range.lsb - first, 0);
  const msb = Math.min(range.msb - first, 31);
  return { lsb, mask: 2 ** (msb - lsb + 1) - 1 };
}

/** Bits of an output address without LPA2. */
export const ADDRESS_BITS = rangeOf('ADDR').msb + 1;

const { lsb: MEM_ATTR_LSB, mask: MEM_ATTR_MASK } = bitsOf('MemAttr', 'low');
const { lsb: S2AP_LSB, mask: S2AP_MASK } = bitsOf('S2AP', 'low');
const lowAddress = bitsOf('ADDR', 'low');
const ADDRESS_LOW = (lowAddress.mask << lowAddress.lsb) >>> 0;
const ADDRESS_HIGH = bitsOf('ADDR', 'high').mask;
const more = bitsOf('ADDR_49_48', 'high');
const ADDRESS_HIGH_LPA2 = ADDRESS_HIGH | (more.mask << more.lsb);
const WORD = 2 ** 32;
/** With LPA2 the bits of the address above those of ADDR_49_48 are where SH is without. */
const { lsb: TOP_LSB, mask: TOP_MASK } = bitsOf('SH', 'low');
const TOP = 2 ** (rangeOf('ADDR_49_48').msb + 1);

/** Whether a value of MemAttr means anything; one is reserved. */
const isMemoryType: readonly boolean[] = Array.from({ length: MEM_ATTR_MASK + 1 }, (_, value) =>
  Stage2MemAttr.is(value),
);

/** What a descriptor says; the address in bytes. */
export interface Descriptor {
  readonly addr: number;
  readonly MemAttr: number;
  readonly S2AP: number;
}

const scratch = new DataView(new ArrayBuffer(8));

export function readDescriptor(descriptor: bigint, lpa2: boolean): Descriptor {
  scratch.setBigUint64(0, descriptor);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  const top = lpa2 ? ((low >>> TOP_LSB) & TOP_MASK) * TOP : 0;
  return {
    addr: top + (high & (lpa2 ? ADDRESS_HIGH_LPA2 : ADDRESS_HIGH)) * WORD + ((low & ADDRESS_LOW) >>> 0),
    MemAttr: (low >>> MEM_ATTR_LSB) & MEM_ATTR_MASK,
    S2AP: (low >>> S2AP_LSB) & S2AP_MASK,
  };
}

export function descriptorOf(address: number, memAttr: number, s2ap: number, lpa2: boolean): bigint {
  const top = lpa2 ? (Math.floor(address / TOP) & TOP_MASK) << TOP_LSB : 0;
  const low = (address & ADDRESS_LOW) | (memAttr << MEM_ATTR_LSB) | (s2ap << S2AP_LSB) | top;
  scratch.setUint32(0, Math.floor(address / WORD) & (lpa2 ? ADDRESS_HIGH_LPA2 : ADDRESS_HIGH));
  scratch.setUint32(4, low);
  return scratch.getBigUint64(0);
}

/** Whether all of it is the Host's to choose, and of architecturally valid values. */
export function isDescriptorForUnprotected(descriptor: bigint, lpa2: boolean): boolean {
  scratch.setBigUint64(0, descriptor);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  const attributes = (MEM_ATTR_MASK << MEM_ATTR_LSB) | (S2AP_MASK << S2AP_LSB);
  return (
    (low & ~(ADDRESS_LOW | attributes | (lpa2 ? TOP_MASK << TOP_LSB : 0))) === 0 &&
    (high & ~(lpa2 ? ADDRESS_HIGH_LPA2 : ADDRESS_HIGH)) === 0 &&
    isMemoryType[(low >>> MEM_ATTR_LSB) & MEM_ATTR_MASK]!
  );
}
