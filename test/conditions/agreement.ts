import type { CommandConditions, CommandValue, Expression } from '../../generator/index.js';
import { type Place, permittedFailures } from '../../runtime/conditions/index.js';
import { compiled, type Prose, specification } from './model.js';
import {
  type Exact,
  failureTruths,
  firstBroken,
  isProse,
  Naive,
  type NaivePlace,
  permitted,
  places,
  precedes,
  promise,
  type Scene,
} from './naive.js';
import { Choices, inputs, outputs, poke, represent, type Scenario, scenario } from './scenario.js';

const orders = new Map<string, (a: number, b: number) => boolean>();

function orderOf(conditions: CommandConditions): (a: number, b: number) => boolean {
  const { name } = conditions.command;
  let order = orders.get(name);
  if (order === undefined) {
    order = precedes(conditions);
    orders.set(name, order);
  }
  return order;
}

/** Output values with which a condition comes true, as far as it says `output == value`. */
function hints(naive: Naive, condition: Expression, into: Record<string, bigint>): void {
  if (condition.kind === 'call' && condition.function.name === 'ResultEqual') {
    const [result, status, index] = condition.arguments;
    if (result?.kind !== 'output' || status?.kind !== 'label') return;
    const shown = index === undefined ? 0n : naive.value(index, 'after');
    if (shown !== undefined)
      into[result.value.name] = status.label.value! | (((shown as bigint) & 0xffn) << 8n);
  }
  if (condition.kind !== 'binary') return;
  const { left, right, operator } = condition;
  if (operator === '&&') {
    hints(naive, left, into);
    hints(naive, right, into);
  } else if (operator === '==' && left.kind === 'output') {
    const value = naive.value(right, 'after');
    if (typeof value === 'bigint') into[left.value.name] = value;
  }
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function isLevel({ type }: CommandValue): boolean {
  return type.kind === 'primitive' && type.signed;
}

function setOf(truths: readonly (boolean | undefined)[], wanted: boolean | undefined): number {
  return truths.reduce((set, truth, i) => (truth === wanted ? set | (1 << i) : set), 0);
}

function outcomeText(status: number | bigint, index: number | undefined): string {
  return index === undefined ? `${status}` : `${status},${index}`;
}

function plainPlace(place: NaivePlace | Place): string {
  const path = place.path.map((step) => (typeof step === 'string' ? step : Number(step)));
  // All digits of a number, of which String shows no more than tell it from others.
  const digits = (value: unknown): string => String(typeof value === 'number' ? BigInt(value) : value);
  return `${place.function}(${place.arguments.map(digits).join()}).${path.join()}`;
}

/** Cases that one state is used for: building it takes longer than what is asked of it. */
export const CASES = 5;

/**
 * Cases of a command: a state, and for it some inputs, outputs and second states, all drawn from random numbers. What
 * the compiled conditions say of them is compared with the naive reading.
 *
 * @returns What they disagree about; undefined when they agree.
 */
export function disagreement(command: string, numbers: readonly number[]): string | undefined {
  const choices = new Choices(numbers);
  const where = scenario(choices);
  const poked = choices.chance(35);
  if (poked) for (let i = choices.below(3); i >= 0; i--) poke(where.state, choices);
  // A Realm calls RSI and PSCI commands from a REC.
  const possible = !poked && (command.startsWith('RMI_') || where.state.current !== undefined);
  const problems: string[] = [];
  for (let i = 0; i < CASES; i++) problems.push(...disagreements(command, where, possible, choices));
  return problems.length === 0 ? undefined : problems.join('\n');
}

function disagreements(
  command: string,
  where: Scenario,
  possible: boolean,
  choices: Choices,
): readonly string[] {
  const conditions = specification.conditions.get(command)!;
  const code = compiled(command);
  const { state } = where;
  const input = inputs(choices, where, command);
  const given = represent(conditions.command.inputs, input);
  const levels = conditions.command.inputs.filter(isLevel).map((value) => input[value.name]!);
  const asked = choices.bits64();
  const said = new Map<string, boolean>();
  const answers = (by: string): boolean => {
    if (!said.has(by)) said.set(by, ((asked >> BigInt(said.size)) & 1n) === 1n);
    return said.get(by)!;
  };
  const prose = new Proxy({}, { get: (_, by) => () => answers(String(by)) }) as Prose;
  const problems: string[] = [];
  const compare = (what: string, actual: unknown, expected: unknown): void => {
    if (actual !== expected) problems.push(`${what}: compiled ${actual}, naive ${expected}`);
  };

  // Which failures hold
  const scene: Scene = { before: state, after: state, input, output: {}, saturate: true };
  const truths = failureTruths(conditions, scene, answers);
  const evaluation = code.evaluate(state, given, prose);
  compare('held', evaluation.held, setOf(truths, true));
  compare('open', evaluation.open, setOf(truths, undefined));

  // Which may be reported
  const allowed = permitted(truths, orderOf(conditions));
  const predecessors = code.failures.map((failure) => failure.predecessors);
  compare('permitted', permittedFailures(evaluation, predecessors).join(), allowed.join());
  const first = code.firstFailure(state, given, prose);
  compare('first failure', first, code.order.find((i) => truths[i] === true) ?? -1);
  if (first !== -1 && !allowed.includes(first)) problems.push(`first failure ${first} is not permitted`);

  // What it answers
  const naive = new Naive(conditions, scene);
  const outcomes = new Map<number, string>();
  for (const [i, { post }] of conditions.failures.entries()) {
    const { status, index } = promise(post)!;
    const value = index === undefined ? undefined : naive.value(index, 'before');
    const expected = outcomeText(status, value === undefined ? undefined : Number((value as bigint) & 0xffn));
    outcomes.set(i, expected);
    if (!comparable(i)) continue;
    const outcome = code.outcome(i, state, given);
    compare(`outcome ${i}`, outcomeText(outcome.status, outcome.index), expected);
  }
  /** A level beyond the safe integers is rounded; it is no level, so that no failure that reports it can hold. */
  function comparable(failure: number): boolean {
    return levels.every((level) => level >= -SAFE && level <= SAFE) || truths[failure] === true;
  }

  // An address that is too large for a number may change which failures hold, but not what the command answers in a
  // state that there can be.
  if (possible) {
    const truly = failureTruths(conditions, { ...scene, saturate: false }, answers);
    const answersOf = (failures: readonly number[]): string =>
      [...new Set(failures.map((i) => outcomes.get(i)))].sort().join(' ');
    compare(
      'answers to exact addresses',
      answersOf(allowed),
      answersOf(permitted(truly, orderOf(conditions))),
    );
    const succeeds = (all: readonly (boolean | undefined)[]): boolean =>
      all.every((truth) => truth === false);
    compare('success for exact addresses', succeeds(truths), succeeds(truly));
  }

  // What must hold afterwards
  const after = choices.chance(70) ? state.clone() : state;
  if (after !== state) for (let i = choices.below(3); i >= 0; i--) poke(after, choices);
  const expected: Record<string, bigint> = {};
  const later = new Naive(conditions, { ...scene, after });
  const { failures, success } = conditions;
  if (failures.length > 0 && choices.chance(50)) hints(naive, choices.pick(failures).post, expected);
  else for (const { post } of success) if (!isProse(post)) hints(later, post, expected);
  const output: Exact = outputs(choices, where, command, expected);
  const gotten = represent(conditions.command.outputs, output);
  const judged = new Naive(conditions, { ...scene, output });
  for (const [i, { post }] of failures.entries()) {
    if (!comparable(i)) continue;
    compare(`post ${i}`, code.postHolds(i, state, given, gotten), judged.truth(post, 'before') === true);
  }
  const end: Scene = { ...scene, after, output };
  const broken = code.brokenSuccess(state, after, given, gotten, prose);
  compare('broken success', broken, firstBroken(conditions, end, answers));
  const footprint = code.footprint(state, after, given);
  compare(
    'footprint',
    footprint.map(plainPlace).join(' '),
    places(conditions, end).map(plainPlace).join(' '),
  );
  return problems;
}
