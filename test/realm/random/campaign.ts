import { RMI_REC_ENTER } from '../../../generated/rmm-1.0-rel0/conditions/index.js';
import { CampaignFailure } from '../../sim/random/campaign.js';
import { Numbers } from '../../sim/random/numbers.js';
import { kinds } from './exits.js';
import { calls } from './judge.js';
import { startOver } from './marks.js';
import { EVENTS } from './mind.js';
import { RealmWorld, type RealmWorldOptions } from './world.js';

/** What cannot happen here, and why. */
export const impossible: ReadonlyMap<string, string> = new Map([
  ['RMI_REC_ENTER rec_state', 'there is one PE, so that no REC runs while the Host calls'],
]);

/** What Realms take: exceptions, by what is known of them, virtual interrupts, and what the Host reads for them. */
const events = [
  'ESR_FSC_ADDRESS_SIZE_L0',
  'ESR_FSC_ALIGNMENT',
  'ESR_FSC_EXTERNAL',
  'ESR_FSC_GPF',
  'undefined instruction',
  'virtual IRQ',
  'virtual FIQ',
  'emulated read',
];

/** How often everything happened, by what it belongs to: exits, failures of RMI_REC_ENTER, calls. */
export class RealmTally {
  readonly #rows = new Map<string, Map<string, number>>();

  constructor() {
    for (const kind of kinds) this.#row('exit').set(kind, 0);
    for (const { id } of RMI_REC_ENTER.failures) this.#row('RMI_REC_ENTER').set(id, 0);
    for (const event of events) this.#row(EVENTS).set(event, 0);
    for (const { name, conditions } of calls.values()) {
      this.#row(name).set('success', 0);
      for (const { id } of conditions.failures) this.#row(name).set(id, 0);
    }
  }

  #row(name: string): Map<string, number> {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = new Map();
      this.#rows.set(name, row);
    }
    return row;
  }

  add(name: string, what: string): void {
    const row = this.#row(name);
    row.set(what, (row.get(what) ?? 0) + 1);
  }

  of(name: string): number {
    return [...this.#row(name).values()].reduce((sum, count) => sum + count, 0);
  }

  /** What never happened and could have. */
  get missing(): readonly string[] {
    const found: string[] = [];
    for (const [name, row] of this.#rows)
      for (const [what, count] of row)
        if (count === 0 && !impossible.has(`${name} ${what}`)) found.push(`${name} ${what}`);
    return found.sort();
  }

  /** Markdown tables: exits, entries that failed, calls. */
  table(): string {
    const rows = (name: string) => [...this.#row(name)].map(([what, count]) => `| ${what} | ${count} |`);
    const commands = [...this.#rows.keys()].filter(
      (name) => ![EVENTS, 'exit', 'RMI_REC_ENTER'].includes(name),
    );
    const lines = [
      '| exit due to | |',
      '| --- | ---: |',
      ...rows('exit'),
      '',
      '| RMI_REC_ENTER failed by | |',
      '| --- | ---: |',
      ...rows('RMI_REC_ENTER'),
      '',
      '| a Realm has taken | |',
      '| --- | ---: |',
      ...rows(EVENTS),
      '',
      '| call of a Realm | succeeded | came to something else |',
      '| --- | ---: | --- |',
      ...commands.sort().map((name) => {
        const row = [...this.#row(name)].filter(([what]) => what !== 'success');
        const rest = row.map(([what, count]) => `${what} ${count}`).join(', ');
        return `| ${name} | ${this.#row(name).get('success') ?? 0} | ${rest || '-'} |`;
      }),
    ];
    return `${lines.join('\n')}\n`;
  }
}

export interface RealmCampaign extends Omit<RealmWorldOptions, 'note'> {
  readonly seed: number;
  readonly entries: number;
  /** Entries between two looks at all that must hold. */
  readonly inspectEvery?: number;
  /** Called after every machine with the number of entries so far. */
  readonly progress?: (done: number) => void;
}

/** Entries that one machine gets; the next one has other features. */
export const PER_MACHINE = 1000;

export interface RealmReport {
  readonly tally: RealmTally;
  readonly digests: readonly string[];
}

/**
 * Random Hosts and Realms on one machine after the other, all drawn from the seed.
 *
 * @throws CampaignFailure
 */
export function run({ seed, entries, inspectEvery = 25, progress, ...options }: RealmCampaign): RealmReport {
  startOver();
  const tally = new RealmTally();
  const digests: string[] = [];
  for (let done = 0, number = 0; done < entries; number++) {
    const note = (command: string, meaning: string) => tally.add(command, meaning);
    const world = new RealmWorld(new Numbers(seed, number), { ...options, note });
    const until = Math.min(done + PER_MACHINE, entries);
    for (let inspected = done; done < until; ) {
      try {
        for (const { failure, kind } of world.step()) {
          if (kind !== undefined) tally.add('exit', kind);
          else tally.add('RMI_REC_ENTER', failure!);
          done++;
        }
        if (done - inspected < inspectEvery && done < until) continue;
        world.inspect();
        inspected = done;
      } catch (cause) {
        throw new CampaignFailure(`seed ${seed}, machine ${number}, entry ${done}: ${cause}`, { cause });
      }
    }
    digests.push(world.machine.digest());
    progress?.(done);
  }
  return { tally, digests };
}
