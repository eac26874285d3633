import { CNTV_CTL_EL0 } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Clock } from './clock.js';

// Both timers have the same control register (Arm ARM DDI 0487).
const ENABLE = Number(CNTV_CTL_EL0.of({ ENABLE: 1 }).$value);
const IMASK = Number(CNTV_CTL_EL0.of({ IMASK: 1 }).$value);
const ISTATUS = Number(CNTV_CTL_EL0.of({ ISTATUS: 1 }).$value);

/** An EL1 timer, against a counter with offset zero (A6.2). */
export class Timer {
  readonly #clock: Clock;
  #control = 0;
  #compare = 0n;
  /** The compare value as a number; beyond 2^53 the counter never comes there. */
  #due = 0;
  /** Whether its output was asserted when the REC exited last: then its interrupt is masked (A6.2). */
  #reported = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** CNTx_CTL_EL0. ISTATUS is read-only. */
  get control(): number {
    const met = (this.#control & ENABLE) !== 0 && this.#clock.now >= this.#due;
    return this.#control | (met ? ISTATUS : 0);
  }

  set control(value: number) {
    this.#control = value & (ENABLE | IMASK);
  }

  /** CNTx_CVAL_EL0, in ticks. */
  get compare(): bigint {
    return this.#compare;
  }

  set compare(value: bigint) {
    this.#compare = BigInt.asUintN(64, value);
    this.#due = Number(this.#compare);
  }

  /** Whether the timer asserts its output. */
  get output(): boolean {
    return isAsserted(this.control);
  }

  /** Whether the output is another one than the Host has been told. */
  get hasChanged(): boolean {
    return this.output !== this.#reported;
  }

  /** The tick at which the output becomes asserted without anybody's doing; infinity if it does not. */
  get next(): number {
    const waits = (this.#control & (ENABLE | IMASK)) === ENABLE && this.#clock.now < this.#due;
    return waits ? this.#due : Number.POSITIVE_INFINITY;
  }

  /** Takes over what was saved when the REC exited last. */
  restore(control: bigint, compare: bigint): void {
    this.control = Number(control);
    this.compare = compare;
    this.#reported = isAsserted(Number(control));
  }
}

/** Whether a control register is that of a timer that asserts its output. */
function isAsserted(control: number): boolean {
  return (control & (ENABLE | IMASK | ISTATUS)) === (ENABLE | ISTATUS);
}

/** The timers of EL1: those that a Realm has. */
export class RealmTimers {
  /** EL1 virtual timer. */
  readonly virtual: Timer;
  /** EL1 physical timer. */
  readonly physical: Timer;

  constructor(clock: Clock) {
    this.virtual = new Timer(clock);
    this.physical = new Timer(clock);
  }

  get haveChanged(): boolean {
    return this.virtual.hasChanged || this.physical.hasChanged;
  }

  /** The tick at which an output becomes asserted next. */
  get next(): number {
    return Math.min(this.virtual.next, this.physical.next);
  }
}
