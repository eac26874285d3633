import { PMCR_EL0 } from '../../generated/rmm-1.0-rel0/typescript/index.js';

const ENABLE = PMCR_EL0.of({ E: 1 }).$value;

/** As much of a Realm's PMU as the Host gets to see: whether it signals an overflow (A8.1). Nothing counts. */
export class RealmPmu {
  /** PMCR_EL0. */
  control = 0n;
  /** PMINTENSET_EL1 as it reads: counters whose overflow is signalled, a bit each. */
  interrupts = 0n;
  /** PMOVSSET_EL0 as it reads: counters that have overflowed, a bit each. */
  overflows = 0n;
  /** What the output was when the REC exited last. */
  #reported = false;

  /** Whether the PMU signals an overflow. */
  get output(): boolean {
    return (this.control & ENABLE) !== 0n && (this.interrupts & this.overflows) !== 0n;
  }

  /** Whether the output is another one than the Host has been told. */
  get hasChanged(): boolean {
    return this.output !== this.#reported;
  }

  restore(control: bigint, interrupts: bigint, overflows: bigint): void {
    this.control = control;
    this.interrupts = interrupts;
    this.overflows = overflows;
    this.#reported = this.output;
  }
}
