import { type Outcome, type Subject, subjects, type Verdict } from './verdict.js';

/** A verdict with the line of the trace that it is about, from 1. */
export interface Finding {
  readonly line: number;
  readonly verdict: Verdict;
}

/** Something that is not judged: how often, and where first. */
export interface Unjudged {
  readonly reason: string;
  readonly count: number;
  readonly line: number;
}

export type Counts = Readonly<Record<Outcome, number>>;

/** Differences that are kept; the others are counted. More than that nobody reads. */
const KEPT = 1000;

const none = (): Record<Outcome, number> => ({ conforming: 0, differs: 0, 'not judged': 0 });

/** Adds verdicts up, in the memory of a few. */
export class Tally {
  readonly #counts = new Map<Subject, Record<Outcome, number>>(subjects.map((subject) => [subject, none()]));
  readonly #differences: Finding[] = [];
  readonly #unjudged = new Map<string, { count: number; readonly line: number }>();
  /** The line from which on the state need not be the implementation's: a command succeeded that must not. */
  parted: number | undefined;

  add(line: number, verdict: Verdict): void {
    this.#counts.get(verdict.subject)![verdict.outcome]++;
    if (verdict.outcome === 'differs' && this.#differences.length < KEPT)
      this.#differences.push({ line, verdict });
    if (verdict.reason === undefined) return;
    const known = this.#unjudged.get(verdict.reason);
    if (known === undefined) this.#unjudged.set(verdict.reason, { count: 1, line });
    else known.count++;
  }

  counts(subject: Subject): Counts {
    return this.#counts.get(subject)!;
  }

  get total(): Counts {
    const sum = none();
    for (const counts of this.#counts.values())
      for (const outcome of Object.keys(sum) as Outcome[]) sum[outcome] += counts[outcome];
    return sum;
  }

  /** The first differences, in order. */
  get differences(): readonly Finding[] {
    return this.#differences;
  }

  /** Why something was not judged, in the order of the trace. */
  get unjudged(): readonly Unjudged[] {
    return [...this.#unjudged].map(([reason, { count, line }]) => ({ reason, count, line }));
  }
}

/** How a terminal paints; the default paints nothing. */
export interface Paint {
  path(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
}

/** Things that one observation goes against, of which a dump of many Granules can have many. */
const BREACHES = 8;
const WIDTH = 110;

/** A difference as people read it: where, the line of the trace, what the document says, and both outcomes. */
export function renderFinding({ line, verdict }: Finding, path: string, text: string, paint: Paint): string {
  const sections = [...new Set(verdict.breaches.map((breach) => breach.section))].join(', ');
  const lines = [
    `${paint.path(`${path}:${line}`)} - ${verdict.about} ${paint.bad(`differs from ${sections}`)}`,
  ];
  const shown = verdict.part ?? text;
  lines.push(`  ${paint.faint(shown.length > WIDTH ? `${shown.slice(0, WIDTH - 3)}...` : shown)}`);
  for (const { id, text: rule, expected, observed } of verdict.breaches.slice(0, BREACHES)) {
    lines.push(`  ${id}: ${rule}`, `    expected ${expected}`, `    observed ${observed}`);
  }
  const rest = verdict.breaches.length - BREACHES;
  if (rest > 0) lines.push(`  ... and ${rest} more`);
  return `${lines.join('\n')}\n`;
}

const titles: Readonly<Record<Subject, string>> = {
  command: 'RMI commands',
  entry: 'entries of a Realm',
  call: 'RSI and PSCI calls',
  memory: 'reads of memory',
  granules: 'Granule states',
};

/** The counts as the rows of a table, with a head. */
export function countRows(tally: Tally): readonly (readonly (string | number)[])[] {
  return [
    ['', 'conforming', 'differs', 'not judged'],
    ...subjects.map((subject) => {
      const counts = tally.counts(subject);
      return [titles[subject], counts.conforming, counts.differs, counts['not judged']];
    }),
  ];
}

/** All of it for machines. */
export function tallyToJson(tally: Tally): object {
  return {
    counts: Object.fromEntries(subjects.map((subject) => [subject, tally.counts(subject)])),
    total: tally.total,
    differences: tally.differences.map(({ line, verdict: { subject, about, part, breaches } }) => ({
      line,
      subject,
      about,
      ...(part === undefined ? {} : { part }),
      breaches,
    })),
    unjudged: tally.unjudged,
    ...(tally.parted === undefined ? {} : { parted: tally.parted }),
  };
}
