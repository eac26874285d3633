/** What a line, or a part of one, was judged to be. */
export type Outcome = 'conforming' | 'differs' | 'not judged';

/** What is judged: RMI commands, entries of a Realm, answers to its calls, memory, and states of Granules. */
export const subjects = ['command', 'entry', 'call', 'memory', 'granules'] as const;
export type Subject = (typeof subjects)[number];

/** A statement of the document that what was observed goes against. */
export interface Breach {
  /** A condition, an output or a register. */
  readonly id: string;
  readonly text: string;
  readonly section: string;
  readonly expected: string;
  readonly observed: string;
}

export interface Verdict {
  readonly subject: Subject;
  /** What it is about: a command, a place in memory. */
  readonly about: string;
  readonly outcome: Outcome;
  readonly breaches: readonly Breach[];
  /** Why it is not judged. */
  readonly reason: string | undefined;
  /** The part of the line that it is about, where that is not all of it. */
  readonly part?: string;
}

export function notJudged(subject: Subject, about: string, reason: string): Verdict {
  return { subject, about, outcome: 'not judged', breaches: [], reason };
}

/** A verdict by what was found; nothing found is conforming. */
export function judged(subject: Subject, about: string, breaches: readonly Breach[]): Verdict {
  return {
    subject,
    about,
    outcome: breaches.length === 0 ? 'conforming' : 'differs',
    breaches,
    reason: undefined,
  };
}

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
