import {
  GIC_INTID_LPI,
  GIC_INTID_SPECIAL,
  GIC_INTID_SPURIOUS,
  ICH_HCR_EL2,
  ICH_MISR_EL2,
  ICH_VMCR_EL2,
  IccRegister,
  IchLrHw0,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Gicv3 } from '../../../runtime/gic/index.js';
import { accessOf, COLUMNS, EL2_WRITES, LIST_REGISTERS, type Operation, writeOf } from './operations.js';

/**
 * Where QEMU 7.2 and the architecture part ways, as changes to what the model says. docs/gic.md has the reasons; a
 * departure that is not among these is a disagreement.
 */
export const DEPARTURES = {
  VGrp0D: 'ICH_MISR_EL2.VGrp0D follows VENG1 instead of VENG0',
  TSEI: 'ICH_HCR_EL2.TSEI can be set though ICH_VTR_EL2.SEIS is 0',
  EOIcount: 'a write to an EOIR counts in EOIcount though EOImode is 1',
  DIR: 'a write to DIR of an INTID from 1024 to 8191 does not count in EOIcount',
} as const;

export type Departure = keyof typeof DEPARTURES;

/** Departures that the sequences keep clear of, since they would change all that follows: one write shows each. */
export const NOT_PLAYED = [
  {
    what: 'ICH_VMCR_EL2.VPMR keeps bits that no priority has',
    register: 'ich_vmcr_el2',
    value: ICH_VMCR_EL2.of({ VPMR: 0xff, VFIQEn: 1, VBPR0: 2, VBPR1: 3 }).$value,
    model: ICH_VMCR_EL2.of({ VPMR: 0xf8, VFIQEn: 1, VBPR0: 2, VBPR1: 3 }).$value,
  },
  {
    what: 'ICH_LR<n>_EL2 keeps reserved bits, NMI and bits of vINTID beyond IDbits',
    register: 'ich_lr0_el2',
    value: 0x4f80_e000_ff00_0028n,
    model: 0x4080_0000_0000_0028n,
  },
] as const;

const column = (name: string) => COLUMNS.indexOf(name);
const HCR = column('ich_hcr_el2');
const VMCR = column('ich_vmcr_el2');
const MISR = column('ich_misr_el2');
const MAINTENANCE = column('maintenance');

const hcr = ICH_HCR_EL2.of(0n);
const vmcr = ICH_VMCR_EL2.of(0n);
const misr = ICH_MISR_EL2.of(0n);

/** What QEMU says, made from what the model says. */
export class Departed {
  /** Rows in which a departure was seen. */
  readonly seen = new Map<Departure, number>();
  /** By how much its EOIcount is ahead. */
  #ahead = 0;
  #tsei = 0;

  /** To be told of each operation, its value settled, before the model plays it. */
  before({ number, value }: Operation, gic: Gicv3): void {
    const access = accessOf(number);
    if (access.kind === 'el2') {
      if (EL2_WRITES[number] !== 'ich_hcr_el2') return;
      hcr.$value = BigInt.asUintN(32, value);
      this.#ahead = 0;
      this.#tsei = hcr.TSEI;
      return;
    }
    if (access.kind !== 'write') return;
    hcr.$value = BigInt(gic.hcr);
    vmcr.$value = BigInt(gic.vmcr);
    // Both departures are about interrupts that are in no List Register, in EOImode 1.
    const intid = Number(value & 0xffffffn);
    if (vmcr.VEOIM === 0 || intid >= GIC_INTID_LPI || isActive(gic, intid)) return;
    if (number === writeOf('ICC_DIR_EL1')) {
      if ((hcr.TDIR | hcr.TC) === 0 && intid > GIC_INTID_SPURIOUS) this.#ahead--;
      return;
    }
    const trapped =
      access.register === IccRegister.ICC_EOIR0_EL1
        ? hcr.TALL0
        : access.register === IccRegister.ICC_EOIR1_EL1
          ? hcr.TALL1
          : 1;
    const special = intid >= GIC_INTID_SPECIAL && intid <= GIC_INTID_SPURIOUS;
    const idle = (gic.activePriorities(0, 0) | gic.activePriorities(1, 0)) === 0;
    if (trapped === 0 && !special && !idle) this.#ahead++;
  }

  /** Turns a row of the model into one of QEMU. What is not departed from stays as the model has it, right or wrong. */
  amend(row: BigUint64Array): void {
    hcr.$value = row[HCR]!;
    vmcr.$value = row[VMCR]!;
    misr.$value = row[MISR]!;
    if (this.#tsei === 1) {
      hcr.TSEI = 1;
      this.#see('TSEI');
    }
    const { EOIcount } = hcr;
    if ((this.#ahead & 31) !== 0) {
      hcr.EOIcount = (EOIcount + this.#ahead) & 31;
      if (hcr.LRENPIE === 1 && (EOIcount === 0) !== (hcr.EOIcount === 0)) misr.LRENP ^= 1;
      this.#see(this.#ahead > 0 ? 'EOIcount' : 'DIR');
    }
    if (hcr.VGrp0DIE === 1 && vmcr.VENG0 !== vmcr.VENG1) {
      misr.VGrp0D ^= 1;
      this.#see('VGrp0D');
    }
    if (hcr.En === 1 && (row[MISR] === 0n) !== (misr.$value === 0n)) row[MAINTENANCE]! ^= 1n;
    row[HCR] = hcr.$value;
    row[MISR] = misr.$value;
  }

  #see(departure: Departure): void {
    this.seen.set(departure, (this.seen.get(departure) ?? 0) + 1);
  }
}

function isActive(gic: Gicv3, intid: number): boolean {
  for (let n = 0; n < LIST_REGISTERS; n++) {
    const { vINTID, State } = IchLrHw0.of(gic.listRegister(n));
    if (vINTID === intid && (State & 2) !== 0) return true;
  }
  return false;
}
