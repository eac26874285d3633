import type { AbstractState } from './abstract-state.js';
import { type Compiled, compiled, type Prose, specification } from './model.js';
import type { Exact } from './naive.js';
import { Choices, drawn, inputs, LEVELS, represent, type Scenario, scenario } from './scenario.js';

/** A state that an RMM can be in, an input, and which failures hold and which are open. */
export interface Case {
  readonly state: AbstractState;
  readonly input: Exact;
  readonly held: number;
  readonly open: number;
}

/** No command of the RMI has a failure in prose. */
export const NO_PROSE = {} as Prose;

const STATES = 200;
const INPUTS = 24;

const states: Scenario[] = [];

function stateOf(seed: number): Scenario {
  let found = states[seed];
  if (found === undefined) {
    found = scenario(new Choices(drawn(seed, 128)));
    states[seed] = found;
  }
  return found;
}

function judged(command: string, code: Compiled, where: Scenario, input: Exact): Case {
  const given = represent(specification.conditions.get(command)!.command.inputs, input);
  const { held, open } = code.evaluate(where.state, given, NO_PROSE);
  return { state: where.state, input, held, open };
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * Cases of a command, the same ones each time: random states and inputs, and from cases with few failures a step in
 * every direction, in which one input becomes any of the addresses, or any level, that there are.
 */
export function* cases(command: string): Generator<Case> {
  const code = compiled(command);
  const { inputs: values } = specification.conditions.get(command)!.command;
  // How often a set of failures was stepped from: often enough once others come out of it no more.
  const stepped = new Map<number, number>();
  for (let seed = 0; seed < STATES; seed++) {
    const where = stateOf(seed);
    const choices = new Choices(drawn(seed + 2 ** 20));
    for (let i = 0; i < INPUTS; i++) {
      const from = judged(command, code, where, inputs(choices, where, command));
      yield from;
      const times = stepped.get(from.held) ?? 0;
      if (bits(from.held) > 2 || times >= 8) continue;
      stepped.set(from.held, times + 1);
      for (const { name, type } of values) {
        const others = type.name === 'Address' ? where.addresses : type.name === 'Int64' ? LEVELS : [];
        for (const other of others) yield judged(command, code, where, { ...from.input, [name]: other });
      }
    }
  }
}

export interface Found {
  readonly cases: number;
  /** Cases in which a command would succeed. */
  readonly successes: number;
  /** A case in which a command has no answer: no failure holds, and one is open. */
  readonly unanswered: Case | undefined;
  /** For each failure, a case in which no other holds. */
  readonly alone: ReadonlyMap<number, Case>;
  /** For each pair of failures `a * 32 + b`, a case in which both hold. */
  readonly together: ReadonlyMap<number, Case>;
  /** For each failure, which sets of others hold where it does. */
  readonly company: ReadonlyMap<number, ReadonlySet<number>>;
  /** For each pair of failures `a * 32 + b`, whether b was ever open, and ever false, where a holds. */
  readonly excluded: ReadonlyMap<number, { open: boolean; false: boolean }>;
}

const known = new Map<string, Found>();

/** What the cases of a command show. */
export function search(command: string): Found {
  const before = known.get(command);
  if (before !== undefined) return before;
  const count = compiled(command).failures.length;
  const alone = new Map<number, Case>();
  const together = new Map<number, Case>();
  const company = new Map<number, Set<number>>();
  const excluded = new Map<number, { open: boolean; false: boolean }>();
  let tried = 0;
  let successes = 0;
  let unanswered: Case | undefined;
  for (const one of cases(command)) {
    tried++;
    const { held, open } = one;
    if (held === 0 && open === 0) successes++;
    else if (held === 0) unanswered ??= one;
    for (let a = 0; a < count; a++) {
      if (((held >> a) & 1) === 0) continue;
      const others = held & ~(1 << a);
      if (others === 0 && !alone.has(a)) alone.set(a, one);
      const sets = company.get(a) ?? new Set();
      sets.add(others);
      company.set(a, sets);
      for (let b = 0; b < count; b++) {
        const key = a * 32 + b;
        if (((others >> b) & 1) !== 0) {
          if (!together.has(key)) together.set(key, one);
        } else if (b !== a) {
          const was = excluded.get(key) ?? { open: false, false: false };
          was[((open >> b) & 1) !== 0 ? 'open' : 'false'] = true;
          excluded.set(key, was);
        }
      }
    }
  }
  const found = { cases: tried, successes, unanswered, alone, together, company, excluded };
  known.set(command, found);
  return found;
}
