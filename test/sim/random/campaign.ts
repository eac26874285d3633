import { calls } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { Numbers } from './numbers.js';
import { World } from './world.js';

/*
 * Random commands are drawn by a generator of our own, not by fast-check's model-based commands. What makes a call
 * likely to succeed is the state that the calls before it have led to, so that it can only be drawn when they were made;
 * fast-check draws a whole run before the first of it is made. It would shrink a failing run, at the price of keeping
 * every call of a million; here a seed, the number of a machine and that of a command find it again in a second.
 */

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
    return this.#sum(() => true);
  }

  get successes(): number {
    return this.#sum((key) => key === 'success');
  }

  /** Failure conditions that there are. */
  get conditions(): number {
    let sum = 0;
    for (const counts of this.#counts.values()) sum += counts.size - 1;
    return sum;
  }

  #sum(counted: (key: string) => boolean): number {
    let sum = 0;
    for (const counts of this.#counts.values())
      for (const [key, count] of counts) if (counted(key)) sum += count;
    return sum;
  }

  /** What never happened: a command without a success, a failure that was never reported. */
  get missing(): readonly string[] {
    const found: string[] = [];
    for (const [command, counts] of this.#counts)
      for (const [key, count] of counts) if (count === 0) found.push(`${command} ${key}`);
    return found.sort();
  }

  /** A Markdown table, a command a row. */
  table(): string {
    const lines = [
      '| command | succeeded | failed, by the condition that was reported |',
      '| --- | ---: | --- |',
    ];
    for (const [command, counts] of [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const failures = [...counts]
        .filter(([key]) => key !== 'success')
        .map(([key, count]) => `${key} ${count}`);
      lines.push(`| ${command} | ${counts.get('success')} | ${failures.join(', ') || '-'} |`);
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
export const PER_MACHINE = 2000;

export interface Report {
  readonly tally: Tally;
  /** For each machine the digest of its state at the end, and a sum over X0 to X16 after every call. */
  readonly ends: readonly { readonly digest: string; readonly answers: number }[];
}

/** A run broke a promise; says where to find it again, and has what was broken as its cause. */
export class CampaignFailure extends Error {
  override readonly name = 'CampaignFailure';
}

/**
 * Random commands on one machine after the other, all drawn from the seed.
 *
 * @throws CampaignFailure
 */
export function run({ seed, count, checked = true, inspectEvery = 100, progress }: Campaign): Report {
  const tally = new Tally();
  const ends: Report['ends'][number][] = [];
  for (let done = 0, number = 0; done < count; number++) {
    const world = World.random(new Numbers(seed, number), checked);
    const until = Math.min(PER_MACHINE, count - done);
    for (let i = 0; i < until; i++) {
      try {
        const { command, failure } = world.step();
        tally.add(command, failure);
        if ((i + 1) % inspectEvery === 0 || i + 1 === until) world.inspect();
      } catch (cause) {
        throw new CampaignFailure(`seed ${seed}, machine ${number}, command ${i}: ${cause}`, { cause });
      }
    }
    done += until;
    ends.push({ digest: world.machine.digest(), answers: world.answers });
    progress?.(done);
  }
  return { tally, ends };
}
