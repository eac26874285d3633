import type { Diagnostics, Span } from '../diagnostics/index.js';
import { nearest } from '../diagnostics/index.js';
import type { Command, OrderPair } from '../model/index.js';
import { parseOrder, placeIn } from './parse.js';

export interface ResolvedOrder {
  readonly pairs: readonly OrderPair[];
  /** For each failure, those that precede it over any number of steps. */
  readonly predecessors: readonly (readonly number[])[];
  /** A linear extension: the order of evaluation. */
  readonly evaluation: readonly number[];
}

/** Reads a command's relations. Pairs that are wrong are reported and left out. */
export function resolveOrder(command: Command, diagnostics: Diagnostics): ResolvedOrder {
  const indexOf = new Map(command.failures.map((failure, index) => [failure.name, index]));
  const find = (name: string, span: Span): number | undefined => {
    const index = indexOf.get(name);
    if (index === undefined) {
      diagnostics.report(
        'unknown-failure',
        span,
        { name, command: command.name },
        { meant: nearest(name, indexOf.keys()) },
      );
    }
    return index;
  };
  const count = command.failures.length;
  const pairs: OrderPair[] = [];
  const said = new Map<number, Span>();
  const direct: number[][] = command.failures.map(() => []);
  for (const text of command.order) {
    const order = parseOrder(text, diagnostics);
    if (order === undefined) continue;
    const placed = (labels: typeof order.before) =>
      labels.flatMap((label) => {
        const span = placeIn(text, label.start, label.end);
        const index = find(label.name, span);
        return index === undefined ? [] : [{ index, name: label.name, span }];
      });
    const after = placed(order.after);
    for (const before of placed(order.before)) {
      for (const later of after) {
        const key = before.index * count + later.index;
        const earlier = said.get(key);
        if (earlier !== undefined) {
          diagnostics.report(
            'order-duplicate',
            later.span,
            { before: before.name, after: later.name },
            { related: [{ span: earlier, message: 'first said here' }] },
          );
          continue;
        }
        said.set(key, later.span);
        pairs.push({ before: before.index, after: later.index });
        direct[later.index]!.push(before.index);
      }
    }
  }

  const preference: number[] = [];
  for (const preferred of command.prefer) {
    const index = find(preferred.text, preferred.span);
    if (index === undefined) continue;
    if (preference.includes(index))
      diagnostics.report('order-preference', preferred.span, { name: preferred.text });
    else preference.push(index);
  }
  for (let index = 0; index < count; index++) if (!preference.includes(index)) preference.push(index);

  // Take, again and again, the most preferred failure whose predecessors are all taken.
  const evaluation: number[] = [];
  const taken = new Set<number>();
  while (evaluation.length < count) {
    const next = preference.find(
      (index) => !taken.has(index) && direct[index]!.every((before) => taken.has(before)),
    );
    if (next === undefined) {
      reportCycle(command, direct, taken, said, diagnostics);
      for (const index of preference) if (!taken.has(index)) evaluation.push(index);
      return { pairs, predecessors: direct.map(() => []), evaluation };
    }
    taken.add(next);
    evaluation.push(next);
  }

  const predecessors: (readonly number[])[] = direct.map(() => []);
  for (const index of evaluation) {
    const all = new Set<number>();
    for (const before of direct[index]!) {
      all.add(before);
      for (const earlier of predecessors[before]!) all.add(earlier);
    }
    predecessors[index] = [...all].sort((a, b) => a - b);
  }
  return { pairs, predecessors, evaluation };
}

/** Every failure that is left has a predecessor that is left: walking back must meet itself. */
function reportCycle(
  command: Command,
  direct: readonly (readonly number[])[],
  taken: ReadonlySet<number>,
  said: ReadonlyMap<number, Span>,
  diagnostics: Diagnostics,
): void {
  const count = command.failures.length;
  const path: number[] = [];
  let at = direct.findIndex((_, index) => !taken.has(index));
  while (!path.includes(at)) {
    path.push(at);
    at = direct[at]!.find((before) => !taken.has(before))!;
  }
  const cycle = [...path.slice(path.indexOf(at)), at].reverse();
  const names = cycle.map((index) => command.failures[index]!.name);
  const span = said.get(cycle[0]! * count + cycle[1]!) ?? command.span;
  diagnostics.report('order-cycle', span, { path: names.join(' < ') });
}
