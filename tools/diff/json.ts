import { breaksOf, type Comparison } from './difference.js';

/** A comparison for machines: `differences` with every change, and `breaks`, what breaks a program and why. */
export function comparisonToJson(comparison: Comparison): object {
  const { from, to, leftOut, differences } = comparison;
  return {
    from: from.id,
    to: to.id,
    leftOut,
    differences: differences.map(({ kind, name, renamed, match, section, changes }) => ({
      kind,
      name,
      ...(renamed === undefined ? {} : { renamed }),
      ...(match === undefined ? {} : { match }),
      section,
      changes: changes.map(({ part, aspect, before, after, breaks }) => ({
        ...(part === '' ? {} : { part }),
        aspect,
        ...(before === '' ? {} : { before }),
        ...(after === '' ? {} : { after }),
        ...(breaks === undefined ? {} : { breaks }),
      })),
    })),
    breaks: breaksOf(comparison).map(({ of, change: { part, aspect }, why }) => ({
      at: part === '' ? of.name : `${of.name}.${part}`,
      aspect,
      why,
    })),
  };
}
