import { hex, maskOf, rangeText } from '../../generator/index.js';
import { type Candidates, type Sample, sampleKey } from './candidates.js';
import { type Accessor, expectedOf, type Facts } from './facts.js';
import { type Finding, finding } from './finding.js';
import type { Macro } from './source/items.js';
import { matchOf } from './values.js';

/** Values to try an accessor on: the field alone, bit by bit, and every other field. */
function trials({ fact }: Accessor): readonly { readonly value: bigint; readonly result: bigint }[] {
  const { fieldset, range } = fact;
  const found: { value: bigint; result: bigint }[] = [];
  for (let bit = range.lsb; bit <= range.msb; bit++)
    found.push({ value: 1n << BigInt(bit), result: 1n << BigInt(bit - range.lsb) });
  found.push({ value: maskOf(range), result: expectedOf(range, 'max') });
  for (const other of fieldset.fields)
    if (other.lsb !== range.lsb) found.push({ value: maskOf(other), result: 0n });
  return found;
}

/** What the compiler is to be asked about a macro with an argument. */
export function samplesOf(macro: Macro, versions: readonly Facts[]): readonly Sample[] {
  if (macro.parameters?.length !== 1) return [];
  const values = new Set<bigint>();
  for (const facts of versions) {
    const accessor = facts.accessorOf(macro.name);
    if (accessor !== undefined) for (const { value } of trials(accessor)) values.add(value);
  }
  return [...values].map((value) => ({ macro: macro.name, arguments: [value] }));
}

/** A macro that takes a field out of a value, with what it is taken for. */
export interface JudgedAccessor {
  readonly accessor: Accessor;
  readonly macro: Macro;
  readonly finding: Finding | undefined;
}

/** Judges the macros that take a field out of a value; one that gives no constant is left out. */
export function judgeAccessors({ functions, samples }: Candidates, facts: Facts): readonly JudgedAccessor[] {
  return functions.flatMap((macro): readonly JudgedAccessor[] => {
    const accessor = macro.parameters?.length === 1 ? facts.accessorOf(macro.name) : undefined;
    if (accessor === undefined) return [];
    const results = trials(accessor).map((trial) => ({
      ...trial,
      found: samples.get(sampleKey({ macro: macro.name, arguments: [trial.value] })),
    }));
    if (results.some(({ found }) => found === undefined)) return [];
    const wrong = results.filter(({ found, result }) => found !== result);
    // The whole field says most; a single bit is shown when the whole comes out right.
    const shown = wrong.find(({ value }) => value === maskOf(accessor.fact.range)) ?? wrong[0];
    if (shown === undefined) return [{ accessor, macro, finding: undefined }];
    const { fact, profile } = accessor;
    return [
      {
        accessor,
        macro,
        finding: finding('wrong', 'bits', {
          name: macro.name,
          line: macro.line,
          path: fact.path,
          section: fact.section,
          match: matchOf(profile),
          expected: `${hex(shown.result)} of ${hex(shown.value)} (bits ${rangeText(fact.range)})`,
          found: hex(shown.found!),
        }),
      },
    ];
  });
}
