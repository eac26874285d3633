import {
  IccRegister,
  IchLrHw0,
  IchLrState,
  RmiRecEnter,
  RmiRecExit,
} from '../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../runtime/bits/index.js';
import { Gicv3 } from '../runtime/gic/index.js';
import type { Measured, Row } from './measure.js';

/** Columns of the table, the floor first. */
export const gicColumns: readonly string[] = ['by hand', 'rmigen'];

const INTID = 40;
const PRIORITY = 0x80;

/**
 * As little as acknowledging and ending an interrupt can be: the List Registers are scanned for the pending interrupt
 * of highest priority, which becomes active and inactive again. No groups, binary points or counting of EOIs.
 */
class HandGic {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  #active = 0;

  constructor(listRegisters: number) {
    this.#low = new Uint32Array(listRegisters);
    this.#high = new Uint32Array(listRegisters);
  }

  inject(index: number): void {
    this.#low[index] = INTID;
    this.#high[index] = (0x5000_0000 | (PRIORITY << 16)) >>> 0;
  }

  acknowledge(): number {
    const high = this.#high;
    let best = 0xff;
    let found = -1;
    for (let n = 0; n < high.length; n++) {
      const value = high[n]!;
      if (value >>> 30 !== 1) continue;
      const priority = (value >>> 16) & 0xff;
      if (priority < best) {
        best = priority;
        found = n;
      }
    }
    if (found < 0) return 1023;
    high[found] = (high[found]! ^ 0xc000_0000) >>> 0;
    this.#active |= 1 << (best >>> 3);
    return this.#low[found]!;
  }

  end(intid: number): void {
    this.#active &= this.#active - 1;
    for (let n = 0; n < this.#high.length; n++) {
      if (this.#low[n] === intid && this.#high[n]! >>> 30 === 2) {
        this.#high[n]! &= 0x3fff_ffff;
        return;
      }
    }
  }
}

function ready(listRegisters: number): Gicv3 {
  const gic = new Gicv3({ listRegisters, priorityBits: 5, preemptionBits: 5, idBits: 16 });
  gic.hcr = 1;
  gic.write(IccRegister.ICC_PMR_EL1, 0xff);
  gic.write(IccRegister.ICC_IGRPEN1_EL1, 1);
  return gic;
}

const pending = IchLrHw0.of({
  vINTID: INTID,
  Priority: PRIORITY,
  Group: 1,
  State: IchLrState.ICH_LR_STATE_PENDING,
}).$value;

/** An interrupt is put into the last List Register, acknowledged and ended. */
function pairs(listRegisters: number): Row {
  const hand = new HandGic(listRegisters);
  const gic = ready(listRegisters);
  const last = listRegisters - 1;
  return {
    name: `acknowledge and end an interrupt, ${listRegisters} List Registers`,
    cases: [
      {
        column: 'by hand',
        run: (count) => {
          let sum = 0;
          for (let i = 0; i < count; i++) {
            hand.inject(last);
            const intid = hand.acknowledge();
            hand.end(intid);
            sum += intid;
          }
          return sum;
        },
      },
      {
        column: 'rmigen',
        run: (count) => {
          let sum = 0;
          for (let i = 0; i < count; i++) {
            gic.setListRegister(last, pending);
            const intid = gic.read(IccRegister.ICC_IAR1_EL1);
            gic.write(IccRegister.ICC_EOIR1_EL1, intid);
            sum += intid;
          }
          return sum;
        },
      },
    ],
  };
}

/** What REC entry and exit do to the interface: everything is loaded and handed back. */
function entries(): Row {
  const gic = ready(16);
  const enter = allocate(RmiRecEnter);
  const exit = allocate(RmiRecExit);
  enter.gicv3_lrs.set(0, pending);
  return {
    name: 'GIC state of a REC entry and exit, 16 List Registers',
    cases: [
      {
        column: 'rmigen',
        run: (count) => {
          for (let i = 0; i < count; i++) {
            gic.load(enter);
            gic.save(exit);
          }
          return exit.gicv3_vmcr;
        },
      },
    ],
  };
}

export function gicRows(): readonly Row[] {
  return [pairs(4), pairs(16), entries()];
}

/** The same as rates: acknowledge/EOI pairs, or entries, a second. */
export function gicRates(measured: readonly Measured[]): string {
  const rates = measured.map(({ row, results }) => {
    const { median } = results.find(({ column }) => column === 'rmigen')!;
    return `- ${row.name}: ${(1e3 / median).toFixed(2)} M a second`;
  });
  return `${rates.join('\n')}\n`;
}
