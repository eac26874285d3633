import { type Diagnostics, nearest, type Span } from '../diagnostics/index.js';
import type {
  Builtin,
  CommandValue,
  ConditionFunction,
  Expression,
  Label,
  Model,
  Parameter,
  Text,
  ValueType,
} from '../model/index.js';
import { constantOf } from '../model/index.js';
import { parseCondition, placeIn } from './parse.js';
import type { Syntax } from './syntax.js';
import {
  accepts,
  BOOLEAN,
  bits,
  comparable,
  INTEGER,
  isBits,
  isNumeric,
  typeText,
  useTypeOf,
  valueTypeOf,
  ZEROS,
} from './types.js';

export interface ContextBinding {
  /** Undefined when it was declared as one and has the value of another, which is reported where that stands. */
  readonly type: ValueType | undefined;
  readonly usesOutput: boolean;
}

/** The names that a condition of one command, or the body of one function, can use besides labels and constants. */
export interface Scope {
  readonly inputs: ReadonlyMap<string, CommandValue>;
  readonly outputs: ReadonlyMap<string, CommandValue>;
  readonly context: ReadonlyMap<string, ContextBinding>;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** What the whole specification defines; made once. */
export interface Globals {
  readonly model: Model;
  readonly labels: ReadonlyMap<string, Label>;
}

export function globalsOf(model: Model): Globals {
  const labels = new Map<string, Label>();
  for (const type of model.types.values()) {
    if (type.kind === 'enumeration') for (const label of type.labels) labels.set(label.name, label);
  }
  return { model, labels };
}

const builtins: ReadonlySet<string> = new Set(['UInt', 'Zeros', 'Min']);

/** Binds and types one condition. Undefined when something in it is wrong; it has then been reported. */
export function resolveCondition(
  text: Text,
  scope: Scope,
  globals: Globals,
  diagnostics: Diagnostics,
): Expression | undefined {
  const syntax = parseCondition(text, diagnostics);
  return syntax === undefined
    ? undefined
    : new Resolver(text, scope, globals, diagnostics).expression(syntax);
}

class Resolver {
  readonly #text: Text;
  readonly #scope: Scope;
  readonly #globals: Globals;
  readonly #diagnostics: Diagnostics;

  constructor(text: Text, scope: Scope, globals: Globals, diagnostics: Diagnostics) {
    this.#text = text;
    this.#scope = scope;
    this.#globals = globals;
    this.#diagnostics = diagnostics;
  }

  #span(syntax: { readonly start: number; readonly end: number }): Span {
    return placeIn(this.#text, syntax.start, syntax.end);
  }

  expression(syntax: Syntax): Expression | undefined {
    switch (syntax.kind) {
      case 'integer':
        return { kind: 'integer', value: syntax.value, type: INTEGER, span: this.#span(syntax) };
      case 'name':
        return this.#name(syntax);
      case 'call':
        return this.#call(syntax);
      case 'list':
        return this.#list(syntax);
      case 'field':
        return this.#field(syntax);
      case 'index':
        return this.#index(syntax);
      case 'slice':
        return this.#slice(syntax);
      case 'unary':
        return this.#unary(syntax);
      case 'binary':
        return this.#binary(syntax);
    }
  }

  #name(syntax: Extract<Syntax, { kind: 'name' }>): Expression | undefined {
    const { name } = syntax;
    const span = this.#span(syntax);
    if (name === 'TRUE' || name === 'FALSE')
      return { kind: 'boolean', value: name === 'TRUE', type: BOOLEAN, span };
    const parameter = this.#scope.parameters.get(name);
    if (parameter !== undefined) {
      const type = useTypeOf(parameter.type);
      return type === undefined ? undefined : { kind: 'parameter', name, type, span };
    }
    const context = this.#scope.context.get(name);
    if (context !== undefined)
      return context.type === undefined ? undefined : { kind: 'context', name, type: context.type, span };
    for (const kind of ['input', 'output'] as const) {
      const value = (kind === 'input' ? this.#scope.inputs : this.#scope.outputs).get(name);
      if (value === undefined) continue;
      const type = valueTypeOf(value.type);
      return type === undefined ? undefined : { kind, value, type, span };
    }
    const label = this.#globals.labels.get(name);
    if (label !== undefined)
      return { kind: 'label', label, type: { kind: 'enumeration', of: label.of }, span };
    const constant = this.#globals.model.constants.get(name);
    if (constant !== undefined) return { kind: 'constant', constant, type: INTEGER, span };
    const { inputs, outputs, context: contexts, parameters } = this.#scope;
    const known = [
      ...parameters.keys(),
      ...contexts.keys(),
      ...inputs.keys(),
      ...outputs.keys(),
      ...this.#globals.labels.keys(),
      ...this.#globals.model.constants.keys(),
    ];
    this.#diagnostics.report('unknown-value', span, { name }, { meant: nearest(name, known) });
    return undefined;
  }

  #arguments(items: readonly Syntax[]): readonly Expression[] | undefined {
    const resolved = items.map((item) => this.expression(item));
    return resolved.every((item) => item !== undefined) ? resolved : undefined;
  }

  #call(syntax: Extract<Syntax, { kind: 'call' }>): Expression | undefined {
    const span = this.#span(syntax);
    const nameSpan = this.#span({ start: syntax.start, end: syntax.start + syntax.name.length });
    const called = this.#globals.model.functions.get(syntax.name);
    if (called === undefined && !builtins.has(syntax.name)) {
      const known = [...this.#globals.model.functions.keys(), ...builtins];
      this.#diagnostics.report(
        'unknown-function',
        nameSpan,
        { name: syntax.name },
        { meant: nearest(syntax.name, known) },
      );
      this.#arguments(syntax.arguments);
      return undefined;
    }
    const items = this.#arguments(syntax.arguments);
    if (items === undefined) return undefined;
    if (called === undefined) return this.#builtin(syntax.name as Builtin, items, span, nameSpan);

    for (const [overload, signature] of called.signatures.entries()) {
      const wanted = signature.parameters.map((parameter) => useTypeOf(parameter.type));
      if (wanted.length !== items.length || wanted.includes(undefined)) continue;
      if (!wanted.every((type, i) => accepts(type!, items[i]!.type))) continue;
      const type = signature.returns === undefined ? bits(undefined) : useTypeOf(signature.returns);
      return type === undefined
        ? undefined
        : { kind: 'call', function: called, signature, overload, arguments: items, type, span };
    }
    this.#wrongArguments(called, items, nameSpan);
    return undefined;
  }

  #wrongArguments(called: ConditionFunction, items: readonly Expression[], span: Span): void {
    const signatures = called.signatures.map((signature) => {
      const parameters = signature.parameters.map((parameter) => {
        const type = useTypeOf(parameter.type);
        return type === undefined ? '?' : typeText(type);
      });
      return `${called.name}(${parameters.join(', ')})`;
    });
    const found = items.map((item) => typeText(item.type)).join(', ');
    this.#diagnostics.report(
      'wrong-arguments',
      span,
      { name: called.name, found, signatures },
      { related: [{ span: called.span, message: `${called.name} is defined here` }] },
    );
  }

  #builtin(name: Builtin, items: readonly Expression[], span: Span, nameSpan: Span): Expression | undefined {
    const made = (type: ValueType): Expression => ({ kind: 'builtin', name, arguments: items, type, span });
    const value = (type: ValueType | undefined): boolean =>
      type !== undefined && (isBits(type) || isNumeric(type));
    if (name === 'Zeros' && items.length === 0) return made(ZEROS);
    if (name === 'UInt' && items.length === 1 && value(items[0]!.type)) return made(INTEGER);
    if (name === 'Min' && items.length === 2 && items.every((item) => isNumeric(item.type)))
      return made(INTEGER);
    const signatures = { UInt: 'UInt(bits)', Zeros: 'Zeros()', Min: 'Min(integer, integer)' };
    const found = items.map((item) => typeText(item.type)).join(', ');
    this.#diagnostics.report('wrong-arguments', nameSpan, { name, found, signatures: [signatures[name]] });
    return undefined;
  }

  #list(syntax: Extract<Syntax, { kind: 'list' }>): Expression | undefined {
    const items = this.#arguments(syntax.items);
    if (items === undefined) return undefined;
    let width = 0;
    for (const item of items) {
      const own = item.type.kind === 'address' ? 64 : item.type.kind === 'bits' ? item.type.width : undefined;
      if (own === undefined) {
        this.#diagnostics.report('wrong-operand', item.span, {
          operator: '[ ]',
          expected: 'bits of a known width',
          found: typeText(item.type),
        });
        return undefined;
      }
      width += own;
    }
    return { kind: 'join', items, type: bits(width), span: this.#span(syntax) };
  }

  #field(syntax: Extract<Syntax, { kind: 'field' }>): Expression | undefined {
    const of = this.expression(syntax.of);
    if (of === undefined) return undefined;
    const span = this.#span(syntax);
    const nameSpan = this.#span({ start: syntax.nameStart, end: syntax.end });
    if (of.type.kind === 'struct' || of.type.kind === 'fieldset') {
      const members = of.type.kind === 'struct' ? of.type.of.members : of.type.of.fields;
      const member = members.find((one) => one.name === syntax.name);
      if (member === undefined) {
        const owner = of.type.of;
        this.#diagnostics.report(
          'unknown-member',
          nameSpan,
          { name: syntax.name, of: owner.name },
          {
            meant: nearest(
              syntax.name,
              members.map((one) => one.name),
            ),
            related: [{ span: owner.span, message: `${owner.name} is defined here` }],
          },
        );
        return undefined;
      }
      const element = valueTypeOf(member.type);
      if (element === undefined) return undefined;
      const count = 'count' in member ? member.count : undefined;
      return {
        kind: 'field',
        of,
        member,
        type: count === undefined ? element : { kind: 'array', element, count },
        span,
      };
    }
    this.#diagnostics.report('unknown-member', nameSpan, { name: syntax.name, of: typeText(of.type) });
    return undefined;
  }

  #index(syntax: Extract<Syntax, { kind: 'index' }>): Expression | undefined {
    const of = this.expression(syntax.of);
    const index = this.expression(syntax.index);
    if (of === undefined || index === undefined) return undefined;
    if (of.type.kind !== 'array') {
      this.#diagnostics.report('wrong-operand', of.span, {
        operator: '[ ]',
        expected: 'an array',
        found: typeText(of.type),
      });
      return undefined;
    }
    if (!isNumeric(index.type)) {
      this.#diagnostics.report('wrong-operand', index.span, {
        operator: '[ ]',
        expected: 'an integer',
        found: typeText(index.type),
      });
      return undefined;
    }
    const fixed = constantOf(index);
    if (fixed !== undefined && (fixed < 0n || fixed >= BigInt(of.type.count))) {
      this.#diagnostics.report('index-range', index.span, { index: String(fixed), count: of.type.count });
      return undefined;
    }
    return { kind: 'index', of, index, type: of.type.element, span: this.#span(syntax) };
  }

  #slice(syntax: Extract<Syntax, { kind: 'slice' }>): Expression | undefined {
    const of = this.expression(syntax.of);
    const high = this.expression(syntax.high);
    const low = this.expression(syntax.low);
    if (of === undefined || high === undefined || low === undefined) return undefined;
    if (!isBits(of.type) && !isNumeric(of.type)) {
      this.#diagnostics.report('wrong-operand', of.span, {
        operator: '[ : ]',
        expected: 'bits',
        found: typeText(of.type),
      });
      return undefined;
    }
    const msb = constantOf(high);
    const lsb = constantOf(low);
    if (msb === undefined || lsb === undefined) {
      this.#diagnostics.report('not-constant', (msb === undefined ? high : low).span, {});
      return undefined;
    }
    const width =
      of.type.kind === 'address'
        ? 64
        : of.type.kind === 'bits'
          ? (of.type.width ?? 512)
          : of.type.kind === 'number'
            ? of.type.width
            : 512;
    if (lsb < 0n || msb < lsb || msb >= BigInt(width)) {
      this.#diagnostics.report('slice-range', this.#span(syntax), { bits: `${msb}:${lsb}`, width });
      return undefined;
    }
    return {
      kind: 'slice',
      of,
      msb: Number(msb),
      lsb: Number(lsb),
      type: bits(Number(msb - lsb) + 1),
      span: this.#span(syntax),
    };
  }

  #unary(syntax: Extract<Syntax, { kind: 'unary' }>): Expression | undefined {
    const operand = this.expression(syntax.operand);
    if (operand === undefined) return undefined;
    const { operator } = syntax;
    if (operator === '!' ? operand.type.kind !== 'boolean' : !isNumeric(operand.type)) {
      const expected = operator === '!' ? 'a condition' : 'an integer';
      this.#diagnostics.report('wrong-operand', operand.span, {
        operator,
        expected,
        found: typeText(operand.type),
      });
      return undefined;
    }
    return {
      kind: 'unary',
      operator,
      operand,
      type: operator === '!' ? BOOLEAN : INTEGER,
      span: this.#span(syntax),
    };
  }

  #binary(syntax: Extract<Syntax, { kind: 'binary' }>): Expression | undefined {
    const left = this.expression(syntax.left);
    const right = this.expression(syntax.right);
    if (left === undefined || right === undefined) return undefined;
    const { operator } = syntax;
    const span = this.#span(syntax);
    const made = (type: ValueType): Expression => ({ kind: 'binary', operator, left, right, type, span });
    switch (operator) {
      case '&&':
      case '||':
        for (const side of [left, right]) {
          if (side.type.kind !== 'boolean') {
            this.#diagnostics.report('wrong-operand', side.span, {
              operator,
              expected: 'conditions',
              found: typeText(side.type),
            });
            return undefined;
          }
        }
        return made(BOOLEAN);
      case '==':
      case '!=': {
        const fixed = { left: constantOf(left) !== undefined, right: constantOf(right) !== undefined };
        if (comparable(left.type, right.type, fixed)) return made(BOOLEAN);
        for (const [side, other] of [
          [right, left],
          [left, right],
        ] as const) {
          if (side.kind === 'label') {
            const owner = side.label.of;
            const meant =
              other.type.kind === 'enumeration'
                ? nearest(
                    side.label.name,
                    other.type.of.labels.map((label) => label.name),
                  )
                : undefined;
            this.#diagnostics.report(
              'foreign-label',
              side.span,
              { label: side.label.name, of: owner.name, expected: typeText(other.type) },
              { meant },
            );
            return undefined;
          }
        }
        break;
      }
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (isNumeric(left.type) && isNumeric(right.type)) return made(BOOLEAN);
        break;
      default:
        if (isNumeric(left.type) && isNumeric(right.type)) {
          // Two values of one fixed width stay in it, so that a sum can wrap; with anything else it is an integer.
          const same =
            left.type.kind === 'number' &&
            right.type.kind === 'number' &&
            left.type.width === right.type.width &&
            left.type.signed === right.type.signed;
          return made(same && operator !== '^' ? left.type : INTEGER);
        }
    }
    const hint =
      [left, right].some((side) => side.type.kind === 'address' || side.type.kind === 'bits') &&
      !['==', '!='].includes(operator)
        ? 'UInt() makes an integer of an Address or of bits.'
        : undefined;
    this.#diagnostics.report(
      'wrong-operands',
      span,
      { operator, left: typeText(left.type), right: typeText(right.type) },
      { hint },
    );
    return undefined;
  }
}
