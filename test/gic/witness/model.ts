import { GIC_INTID_SPURIOUS, IccRegister } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Gicv3 } from '../../../runtime/gic/index.js';
import type { GicConfiguration } from '../../../runtime/machine/gic.js';
import {
  accessOf,
  EL2_VIEWS,
  ICC_VIEWS,
  LIST_REGISTERS,
  type Operation,
  Source,
  writeOf,
} from './operations.js';

/** What the PE that is the witness offers. */
export const configuration: GicConfiguration = {
  listRegisters: LIST_REGISTERS,
  priorityBits: 5,
  preemptionBits: 5,
  idBits: 24,
};

interface Register {
  get(gic: Gicv3): bigint;
  set(gic: Gicv3, value: bigint): void;
}

const low = (value: bigint) => Number(BigInt.asUintN(32, value));
const readOnly = (): never => {
  throw new Error('the register is read-only');
};

/** The EL2 registers by their names in assembly. */
const registers: Readonly<Record<string, Register>> = {
  ich_vtr_el2: { get: (gic) => BigInt(gic.vtr), set: readOnly },
  ich_misr_el2: { get: (gic) => BigInt(gic.misr), set: readOnly },
  ich_eisr_el2: { get: (gic) => BigInt(gic.eisr), set: readOnly },
  ich_elrsr_el2: { get: (gic) => BigInt(gic.elrsr), set: readOnly },
  ich_hcr_el2: {
    get: (gic) => BigInt(gic.hcr),
    set: (gic, value) => {
      gic.hcr = low(value);
    },
  },
  ich_vmcr_el2: {
    get: (gic) => BigInt(gic.vmcr),
    set: (gic, value) => {
      gic.vmcr = low(value);
    },
  },
  ...Object.fromEntries(
    ([0, 1] as const).map((group) => [
      `ich_ap${group}r0_el2`,
      {
        get: (gic: Gicv3) => BigInt(gic.activePriorities(group, 0)),
        set: (gic: Gicv3, value: bigint) => gic.setActivePriorities(group, 0, low(value)),
      },
    ]),
  ),
  ...Object.fromEntries(
    Array.from({ length: LIST_REGISTERS }, (_, n) => [
      `ich_lr${n}_el2`,
      {
        get: (gic: Gicv3) => gic.listRegister(n),
        set: (gic: Gicv3, value: bigint) => gic.setListRegister(n, value),
      },
    ]),
  ),
};

const el2Views = EL2_VIEWS.map((name) => registers[name]!);
const iccViews = ICC_VIEWS.map((name) => IccRegister[name]);
/** ISR_EL1.I and F. */
const ISR_IRQ = 1 << 7;
const ISR_FIQ = 1 << 6;

/** A value of an access as the witness notes it: doublewords, so that -1 and -2 are no register's value. */
const noted = (value: number) => BigInt.asUintN(64, BigInt(value));

/** The guest's memory of what it acknowledged and ended; the program of the witness has the same. */
const REMEMBERED = 64;

/** A virtual CPU interface of the model and the guest that uses it. */
export class Played {
  readonly gic: Gicv3;
  readonly #acknowledged: { readonly intid: bigint; readonly group: number }[] = [];
  readonly #ended: bigint[] = [];

  /** @param gic fresh */
  constructor(gic: Gicv3) {
    this.gic = gic;
  }

  /** The operation with its value settled. */
  settle({ number, source, value }: Operation): Operation {
    const literal = Source.Literal;
    if (source === Source.LastAcknowledged) {
      const last = this.#acknowledged.pop() ?? { intid: value, group: 0 };
      if (this.#ended.length < REMEMBERED) this.#ended.push(last.intid);
      const other = number === writeOf('ICC_EOIR0_EL1') ? 'ICC_EOIR1_EL1' : 'ICC_EOIR0_EL1';
      return { number: last.group === 1 ? writeOf(other) : number, source: literal, value: last.intid };
    }
    if (source === Source.LastEnded) return { number, source: literal, value: this.#ended.pop() ?? value };
    return { number, source, value };
  }

  /** Plays a settled operation and returns what came of it. */
  play({ number, value }: Operation): bigint {
    const access = accessOf(number);
    if (access.kind === 'el2') {
      registers[access.register]!.set(this.gic, value);
      return 0n;
    }
    const { register } = access;
    if (access.kind === 'write') return noted(this.gic.write(register, low(value)));
    const result = this.gic.read(register);
    const group = register === IccRegister.ICC_IAR0_EL1 ? 0 : register === IccRegister.ICC_IAR1_EL1 ? 1 : -1;
    if (group >= 0 && result >= 0 && result !== GIC_INTID_SPURIOUS && this.#acknowledged.length < REMEMBERED)
      this.#acknowledged.push({ intid: BigInt(result), group });
    return noted(result);
  }

  /** Notes all registers: a row, but for its first column. */
  note(row: BigUint64Array): void {
    const { gic } = this;
    let at = 1;
    for (const { get } of el2Views) row[at++] = get(gic);
    row[at++] = gic.maintenance ? 1n : 0n;
    row[at++] = BigInt((gic.virq ? ISR_IRQ : 0) | (gic.vfiq ? ISR_FIQ : 0));
    for (const register of iccViews) row[at++] = noted(gic.read(register));
    if (at !== row.length) throw new Error(`${at} of ${row.length} columns`);
  }
}
