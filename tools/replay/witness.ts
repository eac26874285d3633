import type {
  Expected,
  RealmArrival,
  RealmWatcher,
  RealmWrite,
  SeenRegisters,
} from '../../runtime/machine/realm.js';
import { formatEntry, type TraceEntry } from '../../runtime/machine/trace.js';
import { type Breach, hex, judged, notJudged, type Subject, type Verdict } from './verdict.js';

function breachOf({ rule, value }: Expected, observed: bigint): Breach {
  return { ...rule, expected: hex(value), observed: hex(observed) };
}

const subjectOf = (kind: TraceEntry['kind']): Subject => (kind === 'run' ? 'entry' : 'call');
const aboutOf = ({ kind, command }: Pick<RealmArrival, 'kind' | 'command'>): string =>
  kind === 'run' ? 'Realm entry' : (command ?? 'SMC of the Realm');

/** Holds what a Realm was seen to find against what it should, and lets the simulated one go on with the former. */
export class Witness implements RealmWatcher {
  #entries: readonly TraceEntry[] = [];
  #next = 0;
  #verdicts: Verdict[] = [];
  #writes: RealmWrite[] = [];

  /** What was observed of the entry that follows. */
  expect(entries: readonly TraceEntry[]): void {
    this.#entries = entries;
    this.#next = 0;
    this.#verdicts = [];
    this.#writes = [];
  }

  /** What came of it: the verdicts, and what the RMM has written to memory. */
  conclude(): { readonly verdicts: readonly Verdict[]; readonly writes: readonly RealmWrite[] } {
    for (const seen of this.#entries.slice(this.#next)) {
      const breach = {
        id: 'REC exit',
        text: 'the REC has exited, or was never entered',
        section: 'A4.3',
        expected: 'REC exit',
        observed: seen.kind,
      };
      this.#add({ kind: seen.kind, command: undefined }, seen, [breach]);
    }
    return { verdicts: this.#verdicts, writes: this.#writes };
  }

  #add(
    arrival: Pick<RealmArrival, 'kind' | 'command'>,
    seen: TraceEntry | undefined,
    breaches: readonly Breach[],
  ): void {
    const verdict = judged(subjectOf(arrival.kind), aboutOf(arrival), breaches);
    this.#verdicts.push(seen === undefined ? verdict : { ...verdict, part: formatEntry(seen) });
  }

  foresees(): 'run' | 'rsi' | 'exit' {
    return this.#entries[this.#next]?.kind ?? 'exit';
  }

  arrived(arrival: RealmArrival): SeenRegisters | undefined {
    const { kind, gprs, pc, section } = arrival;
    const seen = this.#entries[this.#next];
    if (seen === undefined) {
      const text = 'the Realm goes on in the same entry';
      this.#add(arrival, seen, [{ id: kind, text, section, expected: kind, observed: 'REC exit' }]);
      return undefined;
    }
    this.#next++;
    const expected = seen.pc === undefined ? gprs : [...gprs, pc];
    const observed = seen.pc === undefined ? seen.gprs : [...seen.gprs, seen.pc];
    if (seen.kind !== kind) {
      const text = kind === 'run' ? 'no call waits for its answer' : 'a call waits for its answer';
      this.#add(arrival, seen, [{ id: kind, text, section, expected: kind, observed: seen.kind }]);
    } else if (expected.every(({ permits }) => permits === undefined)) {
      const reason = 'what the Realm goes on with is left open';
      this.#verdicts.push(notJudged(subjectOf(kind), aboutOf(arrival), reason));
    } else {
      const broken = expected.flatMap((one, i) =>
        one.permits === undefined || one.permits(observed[i]!) ? [] : [breachOf(one, observed[i]!)],
      );
      this.#add(arrival, seen, broken);
    }
    return { gprs: seen.gprs, pc: seen.pc };
  }

  stored(write: RealmWrite): void {
    this.#writes.push(write);
  }
}
