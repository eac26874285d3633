import type {
  Expected,
  RealmArrival,
  RealmWatcher,
  RealmWrite,
  SeenRegisters,
} from '../../runtime/machine/realm.js';
import type { TraceEntry } from '../../runtime/machine/trace.js';
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
    for (const { kind, gprs } of this.#entries.slice(this.#next))
      this.#verdicts.push(
        judged(subjectOf(kind), aboutOf({ kind, command: undefined }), [
          {
            id: 'REC exit',
            text: 'the REC has exited, or was never entered',
            section: 'A4.3',
            expected: 'no further entry',
            observed: `X0 ${hex(gprs[0]!)}`,
          },
        ]),
      );
    return { verdicts: this.#verdicts, writes: this.#writes };
  }

  foresees(): 'run' | 'rsi' | 'exit' {
    return this.#entries[this.#next]?.kind ?? 'exit';
  }

  arrived(arrival: RealmArrival): SeenRegisters | undefined {
    const { kind, gprs, pc } = arrival;
    const subject = subjectOf(kind);
    const about = aboutOf(arrival);
    const seen = this.#entries[this.#next];
    if (seen === undefined) {
      const breach = {
        id: kind,
        text: 'the Realm goes on in the same entry',
        section: arrival.section,
        expected: `X0 ${hex(gprs[0]!.value)}`,
        observed: 'REC exit',
      };
      this.#verdicts.push(judged(subject, about, [breach]));
      return undefined;
    }
    this.#next++;
    const values = [...gprs, ...(seen.pc === undefined ? [] : [pc])];
    const observed = [...seen.gprs, ...(seen.pc === undefined ? [] : [seen.pc])];
    if (seen.kind !== kind) {
      const breach = {
        id: kind,
        text:
          kind === 'run'
            ? 'no call of the Realm waits for its answer'
            : 'a call of the Realm waits for its answer',
        section: arrival.section,
        expected: kind,
        observed: seen.kind,
      };
      this.#verdicts.push(judged(subject, about, [breach]));
    } else if (values.every(({ permits }) => permits === undefined)) {
      this.#verdicts.push(notJudged(subject, about, 'what the Realm goes on with is not modelled'));
    } else {
      const breaches = values.flatMap((expected, i) =>
        expected.permits === undefined || expected.permits(observed[i]!)
          ? []
          : [breachOf(expected, observed[i]!)],
      );
      this.#verdicts.push(judged(subject, about, breaches));
    }
    return { gprs: seen.gprs, pc: seen.pc };
  }

  stored(write: RealmWrite): void {
    this.#writes.push(write);
  }
}
