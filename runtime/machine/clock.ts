/** A physical interrupt that the Host takes when it comes: it stops a Realm that runs. */
export interface PhysicalInterrupt {
  readonly kind: 'irq' | 'fiq' | 'serror';
  /** When it comes, in ticks of the system counter. */
  readonly at: number;
  /** ESR_EL2 that it leaves; of an SError only. */
  readonly esr: bigint;
}

/**
 * The system counter and what the Host has it wait for. Time passes when a Realm executes or waits, and when somebody
 * says so; nothing else moves it.
 */
export class Clock {
  #now = 0;
  #interrupt: PhysicalInterrupt | undefined;

  /** Ticks since the machine was made. */
  get now(): number {
    return this.#now;
  }

  /** @throws RangeError for what is no number of ticks */
  advance(ticks: number): void {
    const now = this.#now + ticks;
    if (!(ticks >= 0) || !Number.isSafeInteger(now))
      throw new RangeError(`expected a number of ticks, got ${ticks}`);
    this.#now = now;
  }

  /** The interrupt that was asked for and has not been taken. */
  get interrupt(): PhysicalInterrupt | undefined {
    return this.#interrupt;
  }

  /** Has an interrupt come after some ticks, in place of one that was asked for before. */
  interruptAfter(ticks: number, kind: PhysicalInterrupt['kind'] = 'irq', esr = 0n): void {
    if (!(ticks >= 0) || !Number.isSafeInteger(this.#now + ticks))
      throw new RangeError(`expected a number of ticks, got ${ticks}`);
    this.#interrupt = { kind, at: this.#now + ticks, esr };
  }

  /** The Host has taken the interrupt, or does not want it any more. */
  clearInterrupt(): void {
    this.#interrupt = undefined;
  }
}
