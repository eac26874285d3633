import type { State } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import {
  bitsOf,
  type CommandConditions,
  type ConditionFunction,
  type Expression,
  type Field,
  type Prose as ProseText,
  resolved,
  type Signature,
  type Type,
  type TypeUse,
  type ValueType,
} from '../../generator/index.js';
import { accessor } from './layout.js';
import { specification } from './model.js';

/**
 * The conditions read off their syntax trees, as B1 says: an independent judge of the compiled ones. Numbers, addresses
 * and bits of any width are bigints. A part that has no value is undefined, and so is what stands on it, except that
 * `&&` and `||` are decided when one side is enough.
 */

export type Value = bigint | boolean | object;
export type Exact = Readonly<Record<string, bigint>>;

/** What a condition is read in. */
export interface Scene {
  readonly before: State;
  readonly after: State;
  /** Inputs and outputs: the bits of the register, or the signed number of a signed type. */
  readonly input: Exact;
  readonly output: Exact;
  /** Addresses as compiled conditions have them: what does not fit in a number keeps its offset in a Granule only. */
  readonly saturate: boolean;
}

const LIMIT = 2n ** 53n - 4096n;

export function saturated(address: bigint): bigint {
  const offset = address & 0xfffn;
  return address < LIMIT || offset === 0n ? address : LIMIT + offset;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

function bytesOf(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

interface Elements {
  readonly length: number;
  get?(index: number): unknown;
  readonly [index: number]: unknown;
}

function element(array: Elements, index: number): unknown {
  return typeof array.get === 'function' ? array.get(index) : array[index];
}

/** A value as the state gives it, in the naive form. */
function lift(type: ValueType, value: unknown): Value | undefined {
  if (value === undefined) return undefined;
  switch (type.kind) {
    case 'boolean':
      return value as boolean;
    case 'struct':
    case 'array':
      return value as object;
    case 'fieldset':
      return (value as { $value: bigint }).$value;
    default:
      return value instanceof Uint8Array ? littleEndian(value) : BigInt(value as number | bigint);
  }
}

/** A value of one field of a fieldset's bits. */
function field(of: bigint, one: Field): bigint {
  const bits = BigInt.asUintN(bitsOf(one), of >> BigInt(one.lsb));
  const type = resolved(one.type);
  const signed = (type.kind === 'primitive' || type.kind === 'enumeration') && type.signed;
  return signed ? BigInt.asIntN(bitsOf(one), bits) : bits;
}

/** An argument as the state takes it. */
function lower(use: TypeUse, value: Value): unknown {
  if (use.count !== undefined) {
    const array = value as Elements;
    return Array.from({ length: use.count }, (_, i) =>
      lower({ ...use, count: undefined }, BigInt(element(array, i) as number | bigint)),
    );
  }
  if (use.type === 'boolean') return value;
  if (use.type === 'integer') return Number(value);
  if (use.type === 'bits') return value;
  const type = resolved(use.type);
  switch (type.kind) {
    case 'struct':
      return value;
    case 'fieldset':
      return accessor(type, value as bigint);
    case 'enumeration':
      return type.width > 32 ? value : Number(value);
    default: {
      const number = value as bigint;
      if (type.name === 'Address') return Number(saturated(number));
      if (type.width > 64) return bytesOf(number, type.width / 8);
      return type.width > 32 && type.name.startsWith('Bits') ? number : Number(number);
    }
  }
}

const bare = (name: string): string => name.replace(/^R[MS]I_/, '');

/** The label of an encoding, without the prefix of its interface. */
function labelOf(type: Type, value: bigint): string | undefined {
  const target = resolved(type);
  if (target.kind !== 'enumeration') return undefined;
  const found = target.labels.find((one, ordinal) => (one.value ?? BigInt(ordinal)) === value);
  return found === undefined ? undefined : bare(found.name);
}

function levelSize(level: bigint): bigint | undefined {
  return level >= -1n && level <= 3n ? 2n ** (12n + 9n * (3n - level)) : undefined;
}

/** Functions that look at nothing but their arguments, on exact addresses. */
const pure: Readonly<Record<string, (...items: Value[]) => Value | undefined>> = {
  AddrIsAligned: (addr, n) => ((n as bigint) > 0n ? (addr as bigint) % (n as bigint) === 0n : undefined),
  AddrIsGranuleAligned: (addr) => (addr as bigint) % 4096n === 0n,
  AddrIsRttLevelAligned: (addr, level) => {
    const size = levelSize(level as bigint);
    return size !== undefined && (addr as bigint) % size === 0n;
  },
  RttLevelSize: (level) => levelSize(level as bigint),
  RttEntryIndex: (addr, level) => {
    const size = levelSize(level as bigint);
    return size === undefined ? undefined : ((addr as bigint) / size) % 512n;
  },
  PsciReturnCodeEncode: (value) => BigInt.asUintN(64, value as bigint),
};

type StateName = 'before' | 'after';

export class Naive {
  readonly #conditions: CommandConditions;
  readonly #scene: Scene;

  constructor(conditions: CommandConditions, scene: Scene) {
    this.#conditions = conditions;
    this.#scene = scene;
  }

  /** @param at The state that the condition speaks of, but for context values that were sampled before. */
  value(expression: Expression, at: StateName, parameters?: ReadonlyMap<string, Value>): Value | undefined {
    switch (expression.kind) {
      case 'integer':
      case 'boolean':
        return expression.value;
      case 'constant':
        return expression.constant.value;
      case 'label':
        return expression.label.value ?? BigInt(expression.label.of.labels.indexOf(expression.label));
      case 'input':
        return this.#address(expression.type, this.#scene.input[expression.value.name]);
      case 'output':
        return this.#address(expression.type, this.#scene.output[expression.value.name]);
      case 'parameter':
        return parameters!.get(expression.name);
      case 'context': {
        const found = this.#conditions.context.find((one) => one.context.name === expression.name)!;
        return this.value(found.value, found.context.before ? 'before' : at);
      }
      case 'field': {
        const of = this.value(expression.of, at, parameters);
        if (of === undefined) return undefined;
        if (typeof of === 'bigint') return field(of, expression.member as Field);
        const member = (of as Record<string, unknown>)[expression.member.name];
        return this.#address(expression.type, lift(expression.type, member));
      }
      case 'index': {
        const of = this.value(expression.of, at, parameters);
        const index = this.value(expression.index, at, parameters);
        if (of === undefined || index === undefined || (index as bigint) < 0n) return undefined;
        const array = of as Elements;
        if ((index as bigint) >= BigInt(array.length)) return undefined;
        return this.#address(expression.type, lift(expression.type, element(array, Number(index))));
      }
      case 'slice': {
        const of = this.value(expression.of, at, parameters);
        const width = expression.msb - expression.lsb + 1;
        return of === undefined ? undefined : BigInt.asUintN(width, (of as bigint) >> BigInt(expression.lsb));
      }
      case 'join': {
        let value = 0n;
        let lsb = 0n;
        for (const item of expression.items) {
          const part = this.value(item, at, parameters);
          if (part === undefined) return undefined;
          value |= (part as bigint) << lsb;
          lsb += item.type.kind === 'bits' ? BigInt(item.type.width!) : 64n;
        }
        return value;
      }
      case 'unary': {
        const operand = this.value(expression.operand, at, parameters);
        if (operand === undefined) return undefined;
        return expression.operator === '!' ? !operand : -(operand as bigint);
      }
      case 'binary':
        return this.#binary(expression, at, parameters);
      case 'builtin': {
        if (expression.name === 'Zeros') return 0n;
        const items = this.#values(expression.arguments, at, parameters);
        if (items.includes(undefined)) return undefined;
        const [a, b] = items as bigint[];
        return expression.name === 'UInt' || a! < b! ? a : b;
      }
      case 'call': {
        const items = this.#values(expression.arguments, at, parameters);
        if (items.includes(undefined)) return undefined;
        const { function: called, signature } = expression;
        return this.#address(expression.type, this.#call(called, signature, items as Value[], at));
      }
    }
  }

  #values(
    expressions: readonly Expression[],
    at: StateName,
    parameters: ReadonlyMap<string, Value> | undefined,
  ): readonly (Value | undefined)[] {
    const values: (Value | undefined)[] = [];
    for (const one of expressions) values.push(this.value(one, at, parameters));
    return values;
  }

  #address(type: ValueType, value: Value | undefined): Value | undefined {
    return type.kind === 'address' && this.#scene.saturate && value !== undefined
      ? saturated(value as bigint)
      : value;
  }

  #binary(
    expression: Expression & { kind: 'binary' },
    at: StateName,
    parameters: ReadonlyMap<string, Value> | undefined,
  ): Value | undefined {
    const left = this.value(expression.left, at, parameters);
    const right = this.value(expression.right, at, parameters);
    const { operator } = expression;
    if (operator === '&&') {
      if (left === false || right === false) return false;
      return left === undefined || right === undefined ? undefined : true;
    }
    if (operator === '||') {
      if (left === true || right === true) return true;
      return left === undefined || right === undefined ? undefined : false;
    }
    if (left === undefined || right === undefined) return undefined;
    if (operator === '==') return left === right;
    if (operator === '!=') return left !== right;
    const a = left as bigint;
    const b = right as bigint;
    switch (operator) {
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>':
        return a > b;
      case '>=':
        return a >= b;
    }
    const sum = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a ** b;
    const { type } = expression;
    if (type.kind !== 'number') return sum;
    return type.signed ? BigInt.asIntN(type.width, sum) : BigInt.asUintN(type.width, sum);
  }

  #call(called: ConditionFunction, signature: Signature, items: Value[], at: StateName): Value | undefined {
    const { parameters } = signature;
    if (called.sameLabel) {
      const [a, b] = parameters.map((one, i) => labelOf(one.type.type as Type, items[i] as bigint));
      return a !== undefined && a === b;
    }
    if (called.name === 'ResultEqual') {
      const [result, status, index] = items as bigint[];
      return (
        (result! & 0xffn) === status && (index === undefined || ((result! >> 8n) & 0xffn) === (index & 0xffn))
      );
    }
    const body = specification.bodies.get(called.name);
    if (body !== undefined)
      return this.value(body, at, new Map(parameters.map((one, i) => [one.name, items[i]!])));
    const own = pure[called.name];
    if (own !== undefined) return own(...items);
    const state = this.#scene[at] as unknown as Record<string, (...items: unknown[]) => unknown>;
    const answer = state[called.name]!(...parameters.map((one, i) => lower(one.type, items[i]!)));
    return lift(returnType(signature), answer);
  }

  /** Whether the condition is true, false, or neither. */
  truth(expression: Expression, at: StateName): boolean | undefined {
    return this.value(expression, at) as boolean | undefined;
  }
}

/** As the value of a call is lifted: only its shape matters. */
function returnType(signature: Signature): ValueType {
  const { type, count } = signature.returns!;
  if (count !== undefined) return { kind: 'array', element: { kind: 'integer' }, count };
  if (type === 'boolean') return { kind: 'boolean' };
  if (typeof type === 'string') return { kind: 'integer' };
  const target = resolved(type);
  return target.kind === 'struct' || target.kind === 'fieldset'
    ? ({ kind: target.kind, of: target } as ValueType)
    : { kind: 'integer' };
}

export type Answers = (by: string) => boolean;

export function isProse(value: Expression | ProseText | undefined): value is ProseText {
  return value !== undefined && 'by' in value;
}

/** For each failure, whether its pre-condition is true, false, or neither. */
export function failureTruths(
  conditions: CommandConditions,
  scene: Scene,
  answers: Answers,
): readonly (boolean | undefined)[] {
  const naive = new Naive(conditions, scene);
  return conditions.failures.map(({ pre }) => (isProse(pre) ? answers(pre.by) : naive.truth(pre, 'before')));
}

/** Every pair of the order over any number of steps, from the relations as the document writes them. */
export function precedes(conditions: CommandConditions): (a: number, b: number) => boolean {
  const names = conditions.command.failures.map((failure) => failure.name);
  const pairs = new Set<string>();
  for (const { text } of conditions.command.order) {
    const [before, after] = text.split('<').map((group) => group.match(/\w+/g)!);
    for (const a of before!) for (const b of after!) pairs.add(`${a} ${b}`);
  }
  for (const k of names)
    for (const a of names)
      for (const b of names) if (pairs.has(`${a} ${k}`) && pairs.has(`${k} ${b}`)) pairs.add(`${a} ${b}`);
  return (a, b) => pairs.has(`${names[a]} ${names[b]}`);
}

/** The failures that may be reported: no other that holds precedes them (B1.6). */
export function permitted(
  truths: readonly (boolean | undefined)[],
  before: (a: number, b: number) => boolean,
): readonly number[] {
  const held = truths.flatMap((truth, i) => (truth === true ? [i] : []));
  return held.filter((one) => !held.some((other) => before(other, one)));
}

/** The ResultEqual or the comparison with a label in a post-condition, which says the status. */
export function promise(post: Expression): { status: bigint; index: Expression | undefined } | undefined {
  if (post.kind === 'call' && post.function.name === 'ResultEqual') {
    const [, status, index] = post.arguments;
    return status?.kind === 'label' ? { status: status.label.value!, index } : undefined;
  }
  if (post.kind !== 'binary') return undefined;
  if (post.operator === '==' && post.left.kind === 'output' && post.right.kind === 'label')
    return { status: post.right.label.value!, index: undefined };
  return post.operator === '&&' ? (promise(post.left) ?? promise(post.right)) : undefined;
}

/** The first success condition that is not true, where its pre-condition was true before the command. */
export function firstBroken(
  conditions: CommandConditions,
  scene: Scene,
  answers: Answers,
): string | undefined {
  const naive = new Naive(conditions, scene);
  for (const { success, pre, post } of conditions.success) {
    const asked = pre === undefined ? true : isProse(pre) ? answers(pre.by) : naive.truth(pre, 'before');
    if (asked !== true) continue;
    if ((isProse(post) ? answers(post.by) : naive.truth(post, 'after')) !== true) return success.name;
  }
  return undefined;
}

export interface NaivePlace {
  readonly function: string;
  readonly arguments: readonly (bigint | readonly bigint[])[];
  readonly path: readonly (string | bigint)[];
}

/** The footprint, item by item, in both states. */
export function places(conditions: CommandConditions, scene: Scene): readonly NaivePlace[] {
  const naive = new Naive(conditions, scene);
  const found: NaivePlace[] = [];
  const locate = (expression: Expression, at: StateName): NaivePlace | undefined => {
    if (expression.kind === 'call') {
      const items = expression.arguments.map((item) => naive.value(item, at));
      if (items.includes(undefined)) return undefined;
      const lifted = items.map((item) =>
        typeof item === 'bigint'
          ? item
          : Array.from({ length: (item as Elements).length }, (_, i) =>
              BigInt(element(item as Elements, i) as number | bigint),
            ),
      );
      return { function: expression.function.name, arguments: lifted, path: [] };
    }
    if (expression.kind === 'context') {
      const { context, value } = conditions.context.find((one) => one.context.name === expression.name)!;
      return locate(value, context.before ? 'before' : at);
    }
    if (expression.kind !== 'field' && expression.kind !== 'index') return undefined;
    const of = locate(expression.of, at);
    const step = expression.kind === 'field' ? expression.member.name : naive.value(expression.index, at);
    if (of === undefined || step === undefined) return undefined;
    return { ...of, path: [...of.path, step as string | bigint] };
  };
  for (const at of ['before', 'after'] as const) {
    for (const { value } of conditions.footprint) {
      const place = locate(value, at);
      if (place !== undefined) found.push(place);
    }
  }
  return found;
}
