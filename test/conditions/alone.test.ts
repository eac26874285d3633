import { describe, expect, test } from 'vitest';
import { compiled, rmiCommands, specification } from './model.js';
import { failureTruths, permitted, precedes } from './naive.js';
import { neverAlone, neverTogether } from './not-alone.js';
import { represent } from './scenario.js';
import { type Case, NO_PROSE, search } from './search.js';
import { misfits } from './world.js';

interface Failure {
  readonly command: string;
  readonly id: string;
  readonly index: number;
}

interface Pair {
  readonly command: string;
  readonly name: string;
  readonly before: Failure;
  readonly after: Failure;
}

function failuresOf(command: string): readonly Failure[] {
  return compiled(command).failures.map(({ id }, index) => ({ command, id, index }));
}

const failures = rmiCommands.flatMap(failuresOf);
const pairs: readonly Pair[] = rmiCommands.flatMap((command) => {
  const own = failuresOf(command);
  return specification.conditions.get(command)!.order.map((pair) => {
    const before = own[pair.before]!;
    const after = own[pair.after]!;
    return { command, name: `${before.id} < ${after.id}`, before, after };
  });
});

const whyNotAlone = (one: Failure) =>
  neverAlone.find(({ commands, failures }) => commands.includes(one.command) && failures.includes(one.id));
const whyNotTogether = (one: Pair) =>
  neverTogether.find(
    ({ commands, before, after }) =>
      commands.includes(one.command) && before.includes(one.before.id) && after.includes(one.after.id),
  );

/** The naive reading of a case that was found: which failures hold, and which of them may be reported. */
function naively(command: string, { state, input }: Case) {
  const conditions = specification.conditions.get(command)!;
  const scene = { before: state, after: state, input, output: {}, saturate: true };
  const truths = failureTruths(conditions, scene, () => false);
  const held = truths.flatMap((truth, i) => (truth === true ? [i] : []));
  const first = compiled(command).firstFailure(state, represent(conditions.command.inputs, input), NO_PROSE);
  return { held, permitted: permitted(truths, precedes(conditions)), first, misfits: misfits(state) };
}

describe('each failure can be the only one', () => {
  const can = failures.filter((one) => whyNotAlone(one) === undefined);
  test.each(can.map((one) => [one.command, one.id, one.index] as const))('%s: %s', (command, _id, index) => {
    const found = search(command).alone.get(index);
    expect(found).toBeDefined();
    expect(naively(command, found!)).toEqual({
      held: [index],
      permitted: [index],
      first: index,
      misfits: [],
    });
  });
});

describe('or cannot, for a reason', () => {
  const cannot = failures.filter((one) => whyNotAlone(one) !== undefined);
  test.each(cannot.map((one) => [one.command, one.id, one] as const))('%s: %s', (command, _id, one) => {
    const { others } = whyNotAlone(one)!;
    const { alone, company } = search(command);
    expect(alone.has(one.index)).toBe(false);
    const set = failuresOf(command).reduce(
      (bits, { id, index }) => (others.includes(id) ? bits | (1 << index) : bits),
      0,
    );
    const seen = [...(company.get(one.index) ?? [])];
    // It does hold, in more than one company, and always with one of those that the reason names.
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((held) => (held & set) === 0)).toEqual([]);
  });

  test('every reason is about failures that there are', () => {
    const named = neverAlone.flatMap(({ commands, failures }) =>
      commands.flatMap((command) => failures.map((id) => `${command} ${id}`)),
    );
    expect(cannot.map((one) => `${one.command} ${one.id}`).sort()).toEqual([...named].sort());
  });
});

describe('where two ordered failures hold, the second is not reported', () => {
  const can = pairs.filter((one) => whyNotTogether(one) === undefined);
  test.each(can.map((one) => [one.command, one.name, one] as const))('%s: %s', (command, _name, one) => {
    const found = search(command).together.get(one.before.index * 32 + one.after.index);
    expect(found).toBeDefined();
    const naive = naively(command, found!);
    expect(naive.held).toContain(one.before.index);
    expect(naive.held).toContain(one.after.index);
    expect(naive.permitted).not.toContain(one.after.index);
    expect(naive.permitted).toContain(naive.first);
    expect(naive.misfits).toEqual([]);
  });
});

describe('or they cannot both hold, for a reason', () => {
  const cannot = pairs.filter((one) => whyNotTogether(one) !== undefined);
  test.each(cannot.map((one) => [one.command, one.name, one] as const))('%s: %s', (command, _name, one) => {
    const { leaves } = whyNotTogether(one)!;
    const { together, excluded, company } = search(command);
    const key = one.before.index * 32 + one.after.index;
    expect(together.has(key)).toBe(false);
    // Each of them does hold elsewhere, and the first makes the second what the reason says.
    expect(company.has(one.before.index)).toBe(true);
    expect(company.has(one.after.index)).toBe(true);
    const seen = excluded.get(key)!;
    expect({ open: seen.open, false: seen.false }).toEqual({
      open: leaves.includes('open'),
      false: leaves.includes('false'),
    });
  });
});

describe('in a state that an RMM can be in, a command has an answer', () => {
  test.each(rmiCommands)('%s', (command) => {
    const { unanswered, successes } = search(command);
    expect(unanswered?.input).toBeUndefined();
    expect(successes).toBeGreaterThan(0);
  });
});
