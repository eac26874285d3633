import type { Expression, Label, ResolvedFailure } from '../model/index.js';
import { withoutBrackets } from './words.js';

/** What a failure answers, taken apart. */
export interface Outcome {
  /** What X0 says; undefined when the post-condition puts it in a way of its own. */
  readonly status: Label | undefined;
  /** What goes with the status, such as the index that tells which attribute or level it is about. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
  /** What else holds then, of other outputs. */
  readonly also: readonly string[];
}

/** The text of a part of a condition, on one line and without brackets around it. */
function textOf({ span }: Expression): string {
  const text = span.file.text.slice(span.start, span.end).replace(/\s+/g, ' ');
  return withoutBrackets(text);
}

function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'binary' && expression.operator === '&&'
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression];
}

function isResult(expression: Expression): boolean {
  return expression.kind === 'output' && expression.value.register === 0;
}

/** What a failure answers, from its post-condition. */
export function outcomeOf(failure: ResolvedFailure): Outcome {
  let status: Label | undefined;
  let details: Outcome['details'] = [];
  const also: string[] = [];
  for (const part of conjuncts(failure.post)) {
    const sides =
      part.kind === 'call'
        ? part.arguments
        : part.kind === 'binary' && part.operator === '=='
          ? [part.left, part.right]
          : [];
    const label = sides.find((side) => side.kind === 'label');
    if (status === undefined && label !== undefined && sides.some(isResult)) {
      status = label.label;
      const names = part.kind === 'call' ? part.signature.parameters.map((one) => one.name) : [];
      details = sides.flatMap((side, index) =>
        side === label || isResult(side) ? [] : [{ name: names[index] ?? '', value: textOf(side) }],
      );
    } else also.push(textOf(part));
  }
  return { status, details, also };
}
