import type { Diagnostics } from '../diagnostics/index.js';
import type {
  Command,
  CommandConditions,
  Expression,
  Prose,
  ResolvedContext,
  ResolvedFailure,
  ResolvedFootprint,
  ResolvedSuccess,
  Text,
  ValueType,
} from '../model/index.js';
import { resolveOrder } from './order.js';
import { type ContextBinding, type Globals, resolveCondition, type Scope } from './resolve.js';
import { accepts, typeText, useTypeOf } from './types.js';

/** A set of failures is a number with a bit for each, and a number has 31 bits that are not its sign. */
const MAX_FAILURES = 31;

function isProse(value: Text | Prose): value is Prose {
  return 'by' in value;
}

/** The first part of an expression that only exists once the command has run. */
function outputIn(
  expression: Expression,
  context: ReadonlyMap<string, ContextBinding>,
): Expression | undefined {
  switch (expression.kind) {
    case 'output':
      return expression;
    case 'context':
      return context.get(expression.name)?.usesOutput ? expression : undefined;
    case 'field':
    case 'slice':
      return outputIn(expression.of, context);
    case 'index':
      return outputIn(expression.of, context) ?? outputIn(expression.index, context);
    case 'unary':
      return outputIn(expression.operand, context);
    case 'binary':
      return outputIn(expression.left, context) ?? outputIn(expression.right, context);
    case 'join':
      return first(expression.items, (item) => outputIn(item, context));
    case 'call':
    case 'builtin':
      return first(expression.arguments, (item) => outputIn(item, context));
    default:
      return undefined;
  }
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(expression: Expression): string {
  return expression.kind === 'output'
    ? expression.value.name
    : expression.kind === 'context'
      ? expression.name
      : '';
}

/** Whether a post-condition of a failure determines the outcome: it speaks of the output in X0. */
function saysResult(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return expression.arguments.some((item) => item.kind === 'output' && item.value.register === 0);
    case 'binary':
      if (expression.operator === '&&') return saysResult(expression.left) || saysResult(expression.right);
      return (
        expression.operator === '==' &&
        expression.left.kind === 'output' &&
        expression.left.value.register === 0
      );
    default:
      return false;
  }
}

function isPlace(expression: Expression): boolean {
  if (expression.kind === 'call') return true;
  if (expression.kind === 'context') return expression.type.kind === 'struct';
  return (expression.kind === 'field' || expression.kind === 'index') && isPlace(expression.of);
}

/** Binds and types all conditions of a command. Undefined when one is wrong; all that is wrong has been reported. */
export function resolveCommand(
  command: Command,
  globals: Globals,
  diagnostics: Diagnostics,
): CommandConditions | undefined {
  let sound = true;
  const wrong = (): undefined => {
    sound = false;
    return undefined;
  };
  const inputs = new Map(command.inputs.map((value) => [value.name, value]));
  const outputs = new Map(command.outputs.map((value) => [value.name, value]));
  const bindings = new Map<string, ContextBinding>();
  const scope: Scope = { inputs, outputs, context: bindings, parameters: new Map() };

  const resolve = (text: Text, where: string | undefined): Expression | undefined => {
    const value = resolveCondition(text, scope, globals, diagnostics);
    if (value === undefined) return wrong();
    const early = where === undefined ? undefined : outputIn(value, bindings);
    if (early !== undefined && where !== undefined) {
      diagnostics.report('output-early', early.span, { name: nameOf(early), where });
      return wrong();
    }
    return value;
  };
  const condition = (text: Text, where: string | undefined): Expression | undefined => {
    const value = resolve(text, where);
    if (value !== undefined && value.type.kind !== 'boolean') {
      diagnostics.report('not-a-condition', value.span, { found: typeText(value.type) });
      return wrong();
    }
    return value;
  };

  const context: ResolvedContext[] = [];
  for (const one of command.context) {
    const taken = inputs.has(one.name) ? 'an input' : outputs.has(one.name) ? 'an output' : undefined;
    if (taken !== undefined) {
      diagnostics.report('context-name', one.span, { name: one.name, what: taken });
      wrong();
    }
    const declared = useTypeOf(one.type);
    const value = resolve(one.value, undefined);
    if (declared === undefined || value === undefined) {
      wrong();
      // The declared type still serves the conditions, so that one mistake is reported once.
      if (declared !== undefined && taken === undefined)
        bindings.set(one.name, { type: declared, usesOutput: false });
      continue;
    }
    const fitting = fits(declared, value.type);
    if (!fitting) {
      diagnostics.report('context-type', value.span, {
        name: one.name,
        declared: typeText(declared),
        found: typeText(value.type),
      });
      wrong();
    }
    const early = outputIn(value, bindings);
    if (early !== undefined && one.before) {
      diagnostics.report('output-early', early.span, {
        name: nameOf(early),
        where: 'a value from before the command',
      });
      wrong();
    }
    if (taken === undefined)
      bindings.set(one.name, { type: fitting ? declared : undefined, usesOutput: early !== undefined });
    context.push(Object.freeze({ context: one, value, usesOutput: early !== undefined }));
  }

  const extra = command.failures[MAX_FAILURES];
  if (extra !== undefined) {
    const count = command.failures.length;
    diagnostics.report('failure-count', extra.span, { command: command.name, count, limit: MAX_FAILURES });
    wrong();
  }
  const order = resolveOrder(command, diagnostics);
  const failures: ResolvedFailure[] = [];
  for (const [index, failure] of command.failures.entries()) {
    const pre = isProse(failure.pre) ? failure.pre : condition(failure.pre, 'a failure');
    const post = condition(failure.post, undefined);
    if (post !== undefined && !saysResult(post)) {
      diagnostics.report('not-an-outcome', post.span, {});
      wrong();
    }
    if (pre !== undefined && post !== undefined)
      failures.push(Object.freeze({ failure, pre, post, predecessors: order.predecessors[index]! }));
  }
  const success: ResolvedSuccess[] = [];
  for (const one of command.success) {
    const pre = one.pre === undefined || isProse(one.pre) ? one.pre : condition(one.pre, undefined);
    const post = isProse(one.post) ? one.post : condition(one.post, undefined);
    if (post !== undefined && (pre !== undefined || one.pre === undefined))
      success.push(Object.freeze({ success: one, pre, post }));
  }
  const footprint: ResolvedFootprint[] = [];
  for (const item of command.footprint) {
    const value = resolve(item.value, undefined);
    if (value === undefined) continue;
    if (!isPlace(value)) {
      diagnostics.report('not-a-place', value.span, {});
      wrong();
    }
    footprint.push(Object.freeze({ item, value }));
  }
  if (!sound) return undefined;
  return Object.freeze({
    command,
    context,
    failures,
    order: order.pairs,
    evaluation: order.evaluation,
    success,
    footprint,
  });
}

function fits(declared: ValueType, found: ValueType): boolean {
  return (
    accepts(declared, found) ||
    (declared.kind === 'number' && (found.kind === 'number' || found.kind === 'integer'))
  );
}
