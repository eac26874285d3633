import { calls } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { Numbers } from './numbers.js';
import { World } from './world.js';

/** How often each command succeeded, and how often each of its failures was reported. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  constructor() {
    for (const { conditions } of calls.values()) {
      const counts = new Map([['success', 0]]);
      for (const { id } of conditions.failures) counts.set(id, 0);
      this.#counts.set(conditions.name, counts);
    }
  }

  add(command: string, failure: string | undefined): void {
    const counts = this.#counts.get(command)!;
    const key = failure ?? 'success';
    counts.set(key, counts.get(key)! + 1);
  }

  get commands(): number {
    let sum = 0;
    for (const counts of this.#counts.values()) for (const count of counts.values()) sum += count;
    return sum;
  }

  get successes(): number {
    let sum = 0;
    for (const counts of this.#counts.values()) sum += counts.get('success')!;
    return sum;
  }

  /** What never happened: a command without a success, a failure that was never reported. */
  get missing(): readonly string[] {
    const found: string[] = [];
    for (const [command, counts] of this.#counts)
      for (const [key, count] of counts) if (count === 0) found.push(`${command} ${key}`);
    return found;
  }

  /** A Markdown table, a command a row. */
  table(): string {
    const lines = ['| command | success | failures |', '|---|---:|---|'];
    for (const [command, counts] of [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const failures = [...counts]
        .filter(([key]) => key !== 'success')
        .map(([key, count]) => `${key} ${count}`);
      lines.push(`| ${command} | ${counts.get('success')} | ${failures.join(', ')} |`);
    }
    return `${lines.join('\n')}\n`;
  }
}

export interface Campaign {
  readonly seed: number;
  readonly count: number;
  readonly checked?: boolean;
  /** Commands between two looks at the invariants. */
  readonly inspectEvery?: number;
  /** Called after every machine with the number of commands so far. */
  readonly progress?: (done: number) => void;
}

/** Commands that one machine gets; the next one has other features. */
export const PER_MACHINE = 5000;

export interface Report {
  readonly tally: Tally;
  /** Digests of the machines at the end. */
  readonly digests: readonly string[];
}

/**
 * Random commands on one machine after the other, all drawn from the seed.
 *
 * @throws Error that says after how many commands of which machine a promise was broken, with the promise as its cause
 */
export function run({ seed, count, checked = true, inspectEvery = 500, progress }: Campaign): Report {
  const tally = new Tally();
  const digests: string[] = [];
  for (let done = 0, number = 0; done < count; number++) {
    const world = World.random(new Numbers(seed, number), checked);
    const until = Math.min(PER_MACHINE, count - done);
    for (let i = 0; i < until; i++) {
      try {
        const { command, failure } = world.step();
        tally.add(command, failure);
        if ((i + 1) % inspectEvery === 0 || i + 1 === until) world.inspect();
      } catch (cause) {
        throw new Error(`seed ${seed}, machine ${number}, command ${i}: ${cause}`, { cause });
      }
    }
    done += until;
    digests.push(world.machine.digest());
    progress?.(done);
  }
  return { tally, digests };
}
