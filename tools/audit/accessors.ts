import { bitsText, hex, maskOf, rangeText } from '../../generator/model/index.js';
import { type Candidates, type Sample, sampleKey } from './candidates.js';
import { type Accessor, expectedOf, type Facts } from './facts.js';
import { type Finding, finding } from './finding.js';
import type { Macro } from './source/items.js';
import { maskText, matchOf } from './values.js';

/** Arguments to try a macro with, and what must come of them. */
interface Trial {
  readonly arguments: readonly bigint[];
  readonly result: bigint;
  /** Whether it is the trial that says most: it is shown when it fails. */
  readonly whole: boolean;
}

interface Trials {
  readonly path: string;
  readonly section: string;
  readonly profile: string | undefined;
  readonly what: string;
  readonly trials: readonly Trial[];
}

/** How a macro with arguments is tried; undefined for one that is nothing of the document's. */
function trialsOf(macro: Macro, facts: Facts): Trials | undefined {
  const { name, parameters = [] } = macro;
  if (parameters.length === 1) return accessorTrials(facts.accessorOf(name));
  const type = facts.makerOf(name, parameters);
  if (type === undefined) return undefined;
  const fields = parameters.map((one) => type.fields.find((field) => field.name === one)!);
  const trials = fields.map((field) => ({
    arguments: fields.map((other) => (other === field ? expectedOf(field, 'max') : 0n)),
    result: maskOf(field),
    whole: false,
  }));
  const what = fields.map((field) => `${field.name} in ${rangeText(field)}`).join(', ');
  return {
    path: type.name,
    section: type.section,
    profile: facts.targetNames.get(name)?.target,
    what,
    trials,
  };
}

/** An accessor is tried on each bit of its field, the whole field, and every other field. */
function accessorTrials(accessor: Accessor | undefined): Trials | undefined {
  if (accessor === undefined) return undefined;
  const { path, section, profile, fact, getter } = accessor;
  if (getter !== undefined) {
    const { inside, result, outside } = getter;
    const trials = [{ arguments: [inside], result, whole: true }];
    if (outside !== 0n) trials.push({ arguments: [outside], result: 0n, whole: false });
    return { path, section, profile, what: maskText(inside), trials };
  }
  if (fact === undefined) return undefined;
  const { fieldset, range } = fact;
  const trials: Trial[] = [];
  for (let bit = range.lsb; bit <= range.msb; bit++)
    trials.push({ arguments: [1n << BigInt(bit)], result: 1n << BigInt(bit - range.lsb), whole: false });
  trials.push({ arguments: [maskOf(range)], result: expectedOf(range, 'max'), whole: true });
  for (const other of fieldset.fields)
    if (other.lsb !== range.lsb) trials.push({ arguments: [maskOf(other)], result: 0n, whole: false });
  return { path, section, profile, what: bitsText(range), trials };
}

/** What the compiler is to be asked about a macro with an argument. */
export function samplesOf(macro: Macro, versions: readonly Facts[]): readonly Sample[] {
  const samples = new Map<string, Sample>();
  for (const facts of versions)
    for (const { arguments: values } of trialsOf(macro, facts)?.trials ?? []) {
      const sample = { macro: macro.name, arguments: values };
      samples.set(sampleKey(sample), sample);
    }
  return [...samples.values()];
}

/** A macro with arguments, with what it is taken for. */
export interface JudgedAccessor {
  readonly macro: Macro;
  readonly path: string;
  readonly finding: Finding | undefined;
}

/** Judges the macros that take a field out of a value or put one together; what gives no constant is left out. */
export function judgeAccessors({ functions, samples }: Candidates, facts: Facts): readonly JudgedAccessor[] {
  return functions.flatMap((macro): readonly JudgedAccessor[] => {
    const tried = trialsOf(macro, facts);
    if (tried === undefined) return [];
    const results = tried.trials.map((trial) => ({
      ...trial,
      found: samples.get(sampleKey({ macro: macro.name, arguments: trial.arguments })),
    }));
    if (results.some(({ found }) => found === undefined)) return [];
    const { path, section, profile, what } = tried;
    const wrong = results.filter(({ found, result }) => found !== result);
    const shown = wrong.find(({ whole }) => whole) ?? wrong[0];
    if (shown === undefined) return [{ macro, path, finding: undefined }];
    return [
      {
        macro,
        path,
        finding: finding('wrong', 'bits', {
          name: macro.name,
          line: macro.line,
          path,
          section,
          match: matchOf(profile),
          expected: `${hex(shown.result)} (${what})`,
          found: `${hex(shown.found!)} for ${shown.arguments.map((value) => hex(value)).join(', ')}`,
        }),
      },
    ];
  });
}
