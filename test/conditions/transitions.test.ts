import { describe, expect, test } from 'vitest';
import { firstBreach } from '../../runtime/conditions/index.js';
import type { AbstractState } from './abstract-state.js';
import { compiled, type Prose, specification } from './model.js';
import { firstBroken, isProse, type Scene } from './naive.js';
import { represent } from './scenario.js';
import { exactly, type Transition, transitions, trespasses } from './transitions.js';
import { misfits, World } from './world.js';

/** Whoever answers for prose says that all is well: no failure holds, every promise is kept. */
const PROSE = new Proxy({}, { get: (_, by) => () => by !== 'hostDeniesCpuOn' }) as Prose;

function given(one: Transition, lie: Transition['output'] = {}) {
  const { command } = specification.conditions.get(one.command)!;
  return {
    input: represent(command.inputs, exactly(one.input)),
    output: represent(command.outputs, exactly({ ...one.output, ...lie })),
  };
}

function broken(one: Transition, after: AbstractState, lie: Transition['output'] = {}): string | undefined {
  const { input, output } = given(one, lie);
  const found = compiled(one.command).brokenSuccess(one.before, after, input, output, PROSE);
  // The naive reading says the same.
  const scene: Scene = {
    before: one.before,
    after,
    input: exactly(one.input),
    output: exactly({ ...one.output, ...lie }),
    saturate: true,
  };
  expect(firstBroken(specification.conditions.get(one.command)!, scene, () => true)).toBe(found);
  return found;
}

function breach(one: Transition, after: AbstractState) {
  const { input } = given(one);
  const footprint = compiled(one.command).footprint(one.before, after, input);
  return firstBreach(one.before, after, footprint);
}

describe('each success condition', () => {
  const commands = [...new Set(Object.values(transitions).map((one) => one.command))];

  test.each(commands)('of %s is broken by something', (command) => {
    const own = Object.values(transitions).filter((one) => one.command === command);
    const names = own.flatMap((one) => [...Object.keys(one.wrong), ...Object.keys(one.lies ?? {})]);
    const wanted = specification.conditions
      .get(command)!
      .success.filter(({ post }) => !isProse(post))
      .map(({ success }) => success.name);
    expect(new Set(names.map((name) => name.split(' ')[0]))).toEqual(new Set(wanted));
  });

  test('in prose is broken when whoever answers for it says so', () => {
    const prose = new Proxy({}, { get: (_, by) => () => by !== 'granuleContentWiped' }) as Prose;
    const one = transitions.RMI_GRANULE_UNDELEGATE!;
    const { input, output } = given(one);
    const code = compiled(one.command);
    expect(code.brokenSuccess(one.before, one.after, input, output, prose)).toBe('gran_content');
  });
});

describe.each(Object.entries(transitions))('%s', (_name, one) => {
  const { input } = given(one);

  test('is permitted to succeed', () => {
    expect(misfits(one.before)).toEqual([]);
    expect(compiled(one.command).evaluate(one.before, input, PROSE)).toEqual({ held: 0, open: 0 });
  });

  test('leaves what it promises, and nothing else', () => {
    expect(misfits(one.after)).toEqual([]);
    expect(broken(one, one.after)).toBeUndefined();
    expect(breach(one, one.after)).toBeUndefined();
  });

  const wrong = Object.entries(one.wrong);
  test.runIf(wrong.length > 0).each(wrong)('left wrongly: %s', (what, change) => {
    expect(broken(one, World.after(one.after, change))).toBe(what.split(' ')[0]);
  });

  const lies = Object.entries(one.lies ?? {});
  test.runIf(lies.length > 0).each(lies)('answered wrongly: %s', (what, output) => {
    expect(broken(one, one.after, output)).toBe(what);
  });

  const oversteps = Object.entries(one.oversteps ?? {});
  test.runIf(oversteps.length > 0).each(oversteps)(
    'leaves alone of its own: %s',
    (_what, [change, of, address, ...path]) => {
      expect(breach(one, World.after(one.after, change))).toEqual({ function: of, address, path });
    },
  );

  test.each(trespasses)('leaves alone: %s', (_what, change, at) => {
    expect(breach(one, World.after(one.after, change))).toEqual(at(one.before));
  });
});
