import {
  bitsOf,
  type ConditionFunction,
  constantOf,
  type Expression,
  type Label,
  type Prose,
  type ResolvedContext,
  type ValueType,
} from '../../../model/index.js';
import {
  BIGINT,
  BYTES,
  NUMBER,
  type Representation,
  representationOf,
  representationOfUse,
  TRUTH,
} from './representation.js';

/** A part of a condition in TypeScript: it can be evaluated where every guard is defined. */
interface Code {
  readonly text: string;
  readonly representation: Representation;
  /** Locals that may be undefined and on which the text stands. */
  readonly guards: readonly string[];
}

/** What is imported by the file that the code goes into. */
export interface Uses {
  readonly support: Set<string>;
  readonly functions: Set<string>;
}

/**
 * The state that a condition is evaluated in, or a context value of it. `within` is the state of the context value
 * that mentions it, if one does: what was sampled before the command was sampled from other values of that time.
 */
export type StateOf = (context?: ResolvedContext, within?: string) => string;

/** A label's value as generated code writes it: the number, with the name beside it. */
export function labelCode(label: Label): Code {
  const representation = representationOf(label.of, 'state');
  const value = label.value ?? BigInt(label.of.labels.indexOf(label));
  const text = representation.kind === 'bigint' ? `${value}n` : `${value}`;
  return { text: `${text} /* ${label.name} */`, representation, guards: [] };
}

const comparisons = new Set(['<', '<=', '>', '>=']);

function merged(...codes: readonly Code[]): readonly string[] {
  return [...new Set(codes.flatMap((code) => code.guards))];
}

/**
 * Turns conditions into straight-line TypeScript. Calls that may have no value are taken out into locals, which are
 * undefined then, and everything that stands on them is guarded: that is the three-valued reading of B1.6.
 */
export class Coder {
  readonly lines: string[] = [];
  readonly #uses: Uses;
  readonly #context: ReadonlyMap<string, ResolvedContext>;
  readonly #stateOf: StateOf;
  readonly #memo = new Map<string, Code>();
  readonly #names = new Set<string>();
  readonly #sameLabel: (called: ConditionFunction, overload: number) => string;
  readonly #input: string;
  readonly #output: string;

  constructor(options: {
    readonly uses: Uses;
    readonly context: readonly ResolvedContext[];
    readonly stateOf: StateOf;
    readonly sameLabel: (called: ConditionFunction, overload: number) => string;
    readonly input?: string;
    readonly output?: string;
    readonly taken?: readonly string[];
  }) {
    this.#uses = options.uses;
    this.#context = new Map(options.context.map((one) => [one.context.name, one]));
    this.#stateOf = options.stateOf;
    this.#sameLabel = options.sameLabel;
    this.#input = options.input ?? 'input';
    this.#output = options.output ?? 'output';
    for (const name of options.taken ?? []) this.#names.add(name);
  }

  /** Code that is true exactly when the condition is true. */
  holds(expression: Expression): string {
    return this.#truth(expression, true);
  }

  /** Code that is true exactly when the condition is false. */
  fails(expression: Expression): string {
    return this.#truth(expression, false);
  }

  /** The value of an expression, `undefined` where it has none. */
  valueOrUndefined(expression: Expression): Code {
    return this.#orUndefined(this.value(expression));
  }

  #orUndefined(code: Code): Code {
    if (code.guards.length === 0) return code;
    return { ...code, text: `${this.#guardText(code.guards)} ? ${code.text} : undefined`, guards: [] };
  }

  #guardText(guards: readonly string[]): string {
    return guards.map((guard) => `${guard} !== undefined`).join(' && ');
  }

  #truth(expression: Expression, positive: boolean): string {
    if (expression.kind === 'unary' && expression.operator === '!')
      return this.#truth(expression.operand, !positive);
    if (expression.kind === 'binary' && (expression.operator === '&&' || expression.operator === '||')) {
      const left = this.#truth(expression.left, positive);
      const right = this.#truth(expression.right, positive);
      const and = (expression.operator === '&&') === positive;
      if (and)
        return [left, right]
          .map((side) => (/ \|\| /.test(side) && !isWrapped(side) ? `(${side})` : side))
          .join(' && ');
      return [left, right]
        .map((side) => (/ && /.test(side) && !isWrapped(side) ? `(${side})` : side))
        .join(' || ');
    }
    const code = this.value(expression);
    const own = code.guards.filter((guard) => guard !== code.text);
    const partial = own.length < code.guards.length;
    const text = partial
      ? `${code.text} === ${positive}`
      : positive
        ? code.text
        : negated(code.text, expression);
    return own.length === 0 ? text : `${this.#guardText(own)} && ${text}`;
  }

  #local(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#names.has(name); i++) name = `${wanted}${i}`;
    this.#names.add(name);
    return name;
  }

  /** Puts a value that may be missing into a local, once. */
  #hoist(
    wanted: string,
    text: string,
    representation: Representation,
    guards: readonly string[],
    mayBeMissing: boolean,
  ): Code {
    const key = `${guards.join()} ${text}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const name = this.#local(wanted);
    const guarded = guards.length === 0 ? text : `${this.#guardText(guards)} ? ${text} : undefined`;
    this.lines.push(`const ${name} = ${guarded};`);
    const code: Code = {
      text: name,
      representation,
      guards: mayBeMissing || guards.length > 0 ? [name] : [],
    };
    this.#memo.set(key, code);
    return code;
  }

  /** Locals that may be undefined, when the condition is a single test that stands on them; else undefined. */
  missing(expression: Expression): string | undefined {
    if (expression.kind === 'unary' && expression.operator === '!') return this.missing(expression.operand);
    if (expression.kind === 'binary' && (expression.operator === '&&' || expression.operator === '||'))
      return undefined;
    return this.value(expression)
      .guards.map((guard) => `${guard} === undefined`)
      .join(' || ');
  }

  /** The value of an expression in a state; a value that may be missing is named `wanted` where it needs a local. */
  value(expression: Expression, state = this.#stateOf(), wanted?: string): Code {
    const constant = expression.kind === 'binary' ? constantOf(expression) : undefined;
    if (constant !== undefined) return { text: numberText(constant), representation: NUMBER, guards: [] };
    switch (expression.kind) {
      case 'integer':
        return { text: numberText(expression.value), representation: NUMBER, guards: [] };
      case 'boolean':
        return { text: String(expression.value), representation: TRUTH, guards: [] };
      case 'constant':
        return {
          text: `${numberText(expression.constant.value)} /* ${expression.constant.name} */`,
          representation: NUMBER,
          guards: [],
        };
      case 'label':
        return labelCode(expression.label);
      case 'input':
        return {
          text: `${this.#input}.${expression.value.name}`,
          representation: representationOf(expression.value.type, 'caller'),
          guards: [],
        };
      case 'output':
        return {
          text: `${this.#output}.${expression.value.name}`,
          representation: representationOf(expression.value.type, 'caller'),
          guards: [],
        };
      case 'parameter':
        return {
          text: expression.name,
          representation: parameterRepresentation(expression.type),
          guards: [],
        };
      case 'context':
        return this.#contextValue(expression.name, state);
      case 'field':
        return this.#member(expression, state);
      case 'index':
        return this.#element(expression, state);
      case 'slice':
        return this.#slice(expression, state);
      case 'join': {
        const items = expression.items.map((item) => this.value(item, state));
        this.#uses.support.add('joinDoublewords');
        return {
          text: `joinDoublewords([${items.map((item) => this.#as(item, BIGINT).text).join(', ')}])`,
          representation: BYTES,
          guards: merged(...items),
        };
      }
      case 'call':
        return this.#call(expression, state, wanted);
      case 'builtin':
        return this.#builtin(expression, state);
      case 'unary': {
        const operand = this.value(expression.operand, state);
        return { ...operand, text: `${expression.operator}${wrap(operand.text)}` };
      }
      case 'binary':
        return this.#binary(expression, state);
    }
  }

  #contextValue(name: string, within: string): Code {
    const context = this.#context.get(name)!;
    const state = this.#stateOf(context, within);
    const key = `context ${name} ${state}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const value = this.value(context.value, state, name);
    const wanted = representationOfUse(context.context.type);
    const converted = wanted.kind === value.representation.kind ? value : this.#as(value, wanted);
    let code = converted;
    // A value that is a local already needs no second name.
    if (!/^[a-z][A-Za-z0-9_]*$/.test(converted.text))
      code = this.#hoist(name, converted.text, converted.representation, converted.guards, false);
    this.#memo.set(key, code);
    return code;
  }

  #member(expression: Expression & { kind: 'field' }, state: string): Code {
    const of = this.value(expression.of, state);
    const { member } = expression;
    const text = `${of.text}.${member.name}`;
    if (of.representation.kind === 'object') {
      const element = representationOf(member.type, 'state');
      const count = 'count' in member ? member.count : undefined;
      return {
        text,
        representation: count === undefined ? element : { kind: 'array', element },
        guards: of.guards,
      };
    }
    const target = representationOf(member.type, 'caller');
    const type = expression.type;
    if (type.kind === 'array') {
      const addresses = type.element.kind === 'address';
      const support = addresses ? 'addressesOf' : 'elementsOf';
      this.#uses.support.add(support);
      return {
        text: `${support}(${text})`,
        representation: { kind: 'array', element: target },
        guards: of.guards,
      };
    }
    if (type.kind === 'address' || (type.kind === 'number' && type.signed && type.width > 32)) {
      const support = type.kind === 'address' ? 'addressOf' : 'integerOf';
      this.#uses.support.add(support);
      return { text: `${support}(${text})`, representation: NUMBER, guards: of.guards };
    }
    return { text, representation: target, guards: of.guards };
  }

  #element(expression: Expression & { kind: 'index' }, state: string): Code {
    const index = this.value(expression.index, state);
    const at = this.#as(index, NUMBER).text;
    // An element of a concrete struct's array is read alone, not the whole array first.
    if (expression.of.kind === 'field') {
      const owner = this.value(expression.of.of, state);
      if (owner.representation.kind === 'accessor') {
        const element = representationOf(expression.of.member.type, 'caller');
        const text = `${owner.text}.${expression.of.member.name}.get(${at})`;
        const guards = merged(owner, index);
        if (expression.type.kind !== 'address') return { text, representation: element, guards };
        this.#uses.support.add('addressOf');
        return { text: `addressOf(${text})`, representation: NUMBER, guards };
      }
    }
    const of = this.value(expression.of, state);
    const element = of.representation.kind === 'array' ? of.representation.element : NUMBER;
    return { text: `${of.text}[${at}]!`, representation: element, guards: merged(of, index) };
  }

  #slice(expression: Expression & { kind: 'slice' }, state: string): Code {
    const of = this.value(expression.of, state);
    const { msb, lsb } = expression;
    const width = msb - lsb + 1;
    const target: Representation = width > 64 ? BYTES : width > 32 ? BIGINT : NUMBER;
    const made = (text: string): Code => ({ text, representation: target, guards: of.guards });
    if (of.representation.kind === 'bytes')
      return made(lsb === 0 && width === 512 ? of.text : `${of.text}.subarray(${lsb / 8}, ${(msb + 1) / 8})`);
    const mask = width === 32 ? '' : ` & ${numberText((1n << BigInt(width)) - 1n)}`;
    if (of.representation.kind === 'number' && msb < 31)
      return made(`(${lsb === 0 ? of.text : `(${of.text} >>> ${lsb})`}${mask})`);
    const big = this.#as(of, BIGINT).text;
    const shifted = lsb === 0 ? big : `${big} >> ${lsb}n`;
    const cut = `BigInt.asUintN(${width}, ${shifted})`;
    return made(target.kind === 'number' ? `Number(${cut})` : cut);
  }

  #call(expression: Expression & { kind: 'call' }, state: string, wanted: string | undefined): Code {
    const called = expression.function;
    const items = expression.arguments.map((item, i) =>
      this.#as(this.value(item, state), representationOfUse(expression.signature.parameters[i]!.type)),
    );
    const guards = merged(...items);
    const list = items.map((item) => item.text).join(', ');
    const representation =
      expression.signature.returns === undefined ? BYTES : representationOfUse(expression.signature.returns);
    if (called.sameLabel) {
      const name = this.#sameLabel(called, expression.overload);
      this.#uses.functions.add(name);
      return { text: `${name}(${list})`, representation, guards };
    }
    if (called.name === 'ResultEqual') return this.#result(expression, items, guards);
    if (called.body !== undefined) {
      this.#uses.functions.add(called.name);
      return { text: `${called.name}(${list})`, representation, guards };
    }
    const text = `${state}.${called.name}(${list})`;
    if (called.partial === undefined) return { text, representation, guards };
    return this.#hoist(
      wanted ?? `${called.name[0]!.toLowerCase()}${called.name.slice(1)}`,
      text,
      representation,
      guards,
      true,
    );
  }

  /** ResultEqual: the status, and the index where the document gives one (B3.43). */
  #result(
    expression: Expression & { kind: 'call' },
    items: readonly Code[],
    guards: readonly string[],
  ): Code {
    const [result, status] = items;
    const same = `${result!.text}.status === ${status!.text}`;
    const index = this.#index(expression);
    if (index === undefined) return { text: same, representation: TRUTH, guards };
    return { text: `(${same} && ${result!.text}.index === ${index.text})`, representation: TRUTH, guards };
  }

  /** The index of a ResultEqual as its field can show it, so that level -1 is 255; undefined without one. */
  #index(expression: Expression & { kind: 'call' }): Code | undefined {
    const [result, , index] = expression.arguments;
    if (index === undefined || result!.type.kind !== 'fieldset') return undefined;
    const field = result!.type.of.fields.find((one) => one.name === 'index')!;
    const mask = (1n << BigInt(bitsOf(field))) - 1n;
    const fixed = constantOf(index);
    if (fixed !== undefined) return { text: numberText(fixed & mask), representation: NUMBER, guards: [] };
    const code = this.#as(this.value(index), NUMBER);
    return { ...code, text: `(${wrap(code.text)} & ${mask})` };
  }

  /** The index that goes with the status that a post-condition promises, `undefined` where it has none. */
  indexOrUndefined(result: Expression & { kind: 'call' }): Code | undefined {
    const code = this.#index(result);
    return code === undefined ? undefined : this.#orUndefined(code);
  }

  #builtin(expression: Expression & { kind: 'builtin' }, state: string): Code {
    const items = expression.arguments.map((item) => this.value(item, state));
    if (expression.name === 'Zeros') return { text: '0', representation: NUMBER, guards: [] };
    if (expression.name === 'UInt') return items[0]!;
    const numbers = items.map((item) => this.#as(item, NUMBER));
    return {
      text: `Math.min(${numbers.map((item) => item.text).join(', ')})`,
      representation: NUMBER,
      guards: merged(...numbers),
    };
  }

  #binary(expression: Expression & { kind: 'binary' }, state: string): Code {
    const { operator } = expression;
    let left = this.value(expression.left, state);
    let right = this.value(expression.right, state);
    const guards = merged(left, right);
    const made = (text: string, representation: Representation): Code => ({ text, representation, guards });
    if (operator === '&&' || operator === '||')
      return made(`(${left.text} ${operator} ${right.text})`, TRUTH);

    if (operator === '==' || operator === '!=') {
      const same = operator === '==' ? '' : '!';
      for (const [zeros, other] of [
        [expression.right, left],
        [expression.left, right],
      ] as const) {
        if (zeros.kind !== 'builtin' || zeros.name !== 'Zeros') continue;
        if (other.representation.kind === 'bytes') {
          this.#uses.support.add('allZero');
          return made(`${same}allZero(${other.text})`, TRUTH);
        }
        return made(
          `${other.text} ${operator}= ${other.representation.kind === 'bigint' ? '0n' : '0'}`,
          TRUTH,
        );
      }
      if (left.representation.kind === 'bytes' && right.representation.kind === 'bytes') {
        this.#uses.support.add('sameBytes');
        return made(`${same}sameBytes(${left.text}, ${right.text})`, TRUTH);
      }
      if (left.representation.kind === 'accessor')
        return made(`${left.text}.$value ${operator}= ${right.text}.$value`, TRUTH);
      [left, right] = this.#alike(left, right, expression);
      return made(`${wrap(left.text)} ${operator}= ${wrap(right.text)}`, TRUTH);
    }
    [left, right] = this.#alike(left, right, expression);
    if (comparisons.has(operator)) return made(`${wrap(left.text)} ${operator} ${wrap(right.text)}`, TRUTH);
    if (operator === '^' && constantOf(expression.left) === 2n && right.representation.kind === 'number') {
      this.#uses.support.add('powerOfTwo');
      return made(`powerOfTwo(${unwrap(right.text)})`, NUMBER);
    }
    const javascript = operator === '^' ? '**' : operator;
    const text = `${wrap(left.text)} ${javascript} ${wrap(right.text)}`;
    // Two UInt64 stay in 64 bits: their sum wraps.
    if (expression.type.kind === 'number' && left.representation.kind === 'bigint')
      return made(`BigInt.asUintN(${expression.type.width}, ${text})`, BIGINT);
    return made(`(${text})`, left.representation);
  }

  /** Two numbers in the same representation: a literal follows the other side, a bigint otherwise becomes a number. */
  #alike(left: Code, right: Code, expression: Expression & { kind: 'binary' }): [Code, Code] {
    if (left.representation.kind === right.representation.kind) return [left, right];
    const literal = (side: Expression): boolean => side.kind === 'integer' || side.kind === 'constant';
    if (literal(expression.left)) return [this.#as(left, right.representation), right];
    if (literal(expression.right)) return [left, this.#as(right, left.representation)];
    return [this.#as(left, NUMBER), this.#as(right, NUMBER)];
  }

  #as(code: Code, wanted: Representation): Code {
    if (code.representation.kind === wanted.kind) return code;
    if (wanted.kind === 'number' && code.representation.kind === 'bigint')
      return { ...code, text: `Number(${code.text})`, representation: NUMBER };
    if (wanted.kind === 'bigint' && code.representation.kind === 'number') {
      const literal = /^(\d+)( \/\*.*\*\/)?$/.exec(code.text);
      const text = literal === null ? `BigInt(${code.text})` : `${literal[1]}n${literal[2] ?? ''}`;
      return { ...code, text, representation: BIGINT };
    }
    return code;
  }
}

export function isProse(value: Expression | Prose | undefined): value is Prose {
  return value !== undefined && 'by' in value;
}

/** Parameters of functions with a body are held as their callers pass them. */
function parameterRepresentation(type: ValueType): Representation {
  switch (type.kind) {
    case 'boolean':
      return TRUTH;
    case 'bits':
      return type.width === undefined || type.width > 64 ? BYTES : type.width > 32 ? BIGINT : NUMBER;
    case 'struct':
      return type.of.abstract
        ? { kind: 'object', name: type.of.name }
        : { kind: 'accessor', name: type.of.name };
    case 'fieldset':
      return { kind: 'accessor', name: type.of.name };
    case 'enumeration':
      return representationOf(type.of, 'state');
    case 'array':
      return { kind: 'array', element: parameterRepresentation(type.element) };
    default:
      return NUMBER;
  }
}

export function numberText(value: bigint): string {
  return value >= 4096n && (value & 0xfffn) === 0n ? `0x${value.toString(16)}` : value.toString();
}

function isWrapped(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0 && i < text.length - 1) return false;
  }
  return true;
}

/** Brackets where JavaScript would read the text in another order. */
function wrap(text: string): string {
  return / (?!\/\*|\*\/)/.test(text.replace(/ \/\*[^*]*\*\//g, '')) &&
    !isWrapped(text) &&
    !/^[\w.]+\(.*\)$/.test(text)
    ? `(${text})`
    : text;
}

/** A text without brackets around all of it. */
function unwrap(text: string): string {
  return isWrapped(text) ? text.slice(1, -1) : text;
}

function negated(text: string, expression: Expression): string {
  if (expression.kind === 'binary') {
    const flipped: Record<string, string> = {
      '==': '!==',
      '!=': '===',
      '<': '>=',
      '<=': '>',
      '>': '<=',
      '>=': '<',
    };
    const operator = flipped[expression.operator];
    const written =
      expression.operator === '==' || expression.operator === '!='
        ? `${expression.operator}=`
        : expression.operator;
    const at = text.indexOf(` ${written} `);
    if (operator !== undefined && at !== -1 && text.indexOf(` ${written} `, at + 1) === -1)
      return `${text.slice(0, at)} ${operator} ${text.slice(at + written.length + 2)}`;
  }
  return text.startsWith('!') ? text.slice(1) : `!${wrap(text)}`;
}
