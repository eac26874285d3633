import { type BitRange, bitsText, hex, maskOf } from '../../generator/model/index.js';
import type { CConstant } from './candidates.js';
import type { Facts, FieldFact, Form, Reading, ValueFact } from './facts.js';
import { expectedOf } from './facts.js';
import { type Finding, finding, type Match } from './finding.js';

/** A constant of the header with what it is taken for. */
export interface Judged {
  readonly constant: CConstant;
  readonly reading: Reading;
  readonly finding: Finding | undefined;
}

export function matchOf(profile: string | undefined): Match {
  if (profile === undefined) return { by: 'words' };
  return profile === 'document' ? { by: 'document' } : { by: 'profile', target: profile };
}

/** Judges every constant whose name says something; the others stay over. */
export function judgeConstants(
  constants: readonly CConstant[],
  facts: Facts,
): { readonly judged: readonly Judged[]; readonly rest: readonly CConstant[] } {
  const shifts = new Set(
    constants
      .filter(({ name }) => /_(SHIFT|SHF|LSB|POS)$/i.test(name))
      .map(({ name }) => name.replace(/_[^_]*$/, '')),
  );
  const open = constants.map((constant) => ({ constant, readings: readingsOf(constant, facts, shifts) }));
  const numbered = bitNumbers(open);
  // Where a header has masks under the bare names of fields, a label of such a name is one of them.
  const bare = new Set<string>();
  const all = open.map(({ constant, readings }) => {
    const possible = readings.map((reading) =>
      reading.fact.kind === 'field' && reading.form === 'mask' && numbered.has(reading.fact.group)
        ? { ...reading, form: 'shift' as const }
        : reading,
    );
    const fitting = possible.find((one) => fits(constant, one));
    const called = facts.fieldsCalled(constant.name).find((one) => fits(constant, one));
    if (fitting === undefined && called !== undefined) bare.add(called.fact.group);
    return { constant, possible, fitting, called };
  });
  const judged: Judged[] = [];
  const rest: CConstant[] = [];
  for (const { constant, possible, fitting, called } of all) {
    const reading =
      (called !== undefined && bare.has(called.fact.group) ? called : fitting) ??
      (sure(possible) ? possible[0] : undefined);
    if (reading === undefined) rest.push(constant);
    else judged.push({ constant, reading, finding: judge(constant, reading) });
  }
  return { judged, rest };
}

function readingsOf(constant: CConstant, facts: Facts, shifts: ReadonlySet<string>): readonly Reading[] {
  const readings = facts.readingsOf(constant.name);
  const isFid = constant.value > 0x8000_0000n && constant.value <= 0xffff_ffffn;
  return readings.flatMap((reading) => {
    const { fact, form } = reading;
    // The name of a command alone can be that of its version or of something else; a FID shows that it is one.
    if (fact.kind === 'command' && reading.profile !== undefined && reading.profile !== 'document')
      return [reading];
    if (fact.kind === 'command') return isFid || constant.negative ? [reading] : [];
    // A mask beside a shift may be one of the value after it.
    if (fact.kind === 'field' && form === 'mask' && /_MASK$/i.test(constant.name)) {
      const stem = constant.name.replace(/_MASK$/i, '');
      return shifts.has(stem) ? [reading, { ...reading, form: 'max' as const }] : [reading];
    }
    return [reading];
  });
}

/** Whether readings leave no doubt what a name stands for, even if the number is another. */
function sure(readings: readonly Reading[]): boolean {
  const [first] = readings;
  if (first === undefined) return false;
  if (first.profile !== undefined) return true;
  return readings.every(({ fact }) => fact === first.fact);
}

/** The fieldsets whose macros are numbers of bits rather than masks: all of them, and more than one. */
function bitNumbers(
  open: readonly { readonly constant: CConstant; readonly readings: readonly Reading[] }[],
): ReadonlySet<string> {
  const tally = new Map<string, { numbers: number; others: number }>();
  for (const { constant, readings } of open)
    for (const { fact, form } of readings) {
      if (fact.kind !== 'field' || form !== 'mask') continue;
      const counts = tally.get(fact.group) ?? { numbers: 0, others: 0 };
      tally.set(fact.group, counts);
      if (constant.value === BigInt(fact.range.lsb)) counts.numbers++;
      else counts.others++;
    }
  return new Set(
    [...tally].filter(([, { numbers, others }]) => numbers > 1 && others === 0).map(([group]) => group),
  );
}

function expected(reading: Reading): bigint {
  return reading.fact.kind === 'field' ? expectedOf(reading.fact.range, reading.form) : reading.fact.value;
}

function fits(constant: CConstant, reading: Reading): boolean {
  return judge(constant, reading) === undefined;
}

function judge(constant: CConstant, reading: Reading): Finding | undefined {
  return reading.fact.kind === 'field'
    ? judgeField(constant, reading, reading.fact)
    : judgeValue(constant, reading, reading.fact);
}

function judgeValue(constant: CConstant, reading: Reading, fact: ValueFact): Finding | undefined {
  const { name, line, value, negative } = constant;
  const right = BigInt.asUintN(64, fact.value);
  if (value === right && negative === fact.value < 0n) return undefined;
  const base = { name, line, path: fact.path, section: fact.section, match: matchOf(reading.profile) };
  // As 32 bits the number is right, and its sign fills the upper half of a register.
  if (negative && fact.value >= 0n && BigInt.asUintN(32, value) === right)
    return finding('wrong', 'sign', {
      ...base,
      expected: numberOf(fact, right),
      found: `${hex(value)}: a negative int, which sign extension widens`,
      note: 'A suffix, such as U or UL, makes it unsigned.',
    });
  const shown = { expected: numberOf(fact, right), found: numberOf(fact, value) };
  // Fewer reserved bits than the document has leave room for what a later version defines.
  if (fact.kind === 'reserved' && value !== 0n && (value & ~right) === 0n)
    return finding('other-version', 'other-version', {
      ...base,
      ...shown,
      found: `${maskText(value)}, of ${maskText(right)} that are reserved`,
    });
  if (fact.kind === 'mask' || fact.kind === 'reserved')
    return finding('wrong', 'bits', { ...base, ...shown, bits: { expected: right, found: value } });
  return finding('wrong', 'value', { ...base, ...shown });
}

function numberOf(fact: ValueFact, value: bigint): string {
  if (fact.kind === 'command') return hex(value, 8).toUpperCase().replace('X', 'x');
  return fact.kind === 'mask' || fact.kind === 'reserved' || value > 0xffffn ? hex(value) : String(value);
}

function judgeField(constant: CConstant, reading: Reading, fact: FieldFact): Finding | undefined {
  const { name, line, value } = constant;
  const right = expected(reading);
  if (value === right) return undefined;
  const { range, fieldset } = fact;
  const base = { name, line, path: fact.path, section: fact.section, match: matchOf(reading.profile) };
  if (reading.form !== 'mask') {
    const what = formNames[reading.form];
    return finding('wrong', reading.form === 'width' && value < right ? 'too-narrow' : 'bits', {
      ...base,
      expected: `${what} ${right} (${bitsText(range)})`,
      found: `${what} ${value}`,
    });
  }
  const bits = { expected: right, found: value };
  const shown = { expected: bitsText(range), found: maskText(value), bits };
  const extra = value & ~right;
  const lost = right & ~value;
  const other = fieldset.fields.filter(
    (field) => field.name !== fact.path.split('.')[1] && (maskOf(field) & value) !== 0n,
  );
  if (lost === 0n && other.length === 0 && extra < 1n << BigInt(fieldset.width))
    return finding('wider', 'wider', { ...base, ...shown, note: 'The bits more are reserved.' });
  if (extra === 0n && value !== 0n) return finding('wrong', 'too-narrow', { ...base, ...shown });
  return finding('wrong', lost === 0n ? 'overlap' : 'bits', {
    ...base,
    ...shown,
    note:
      other.length === 0
        ? undefined
        : `That overlaps ${other.map((field) => `${field.name} (${bitsText(field)})`).join(', ')}.`,
  });
}

const formNames: Readonly<Record<Form, string>> = {
  value: 'value',
  mask: 'mask',
  shift: 'shift',
  width: 'width',
  max: 'mask after the shift',
  last: 'highest bit',
};

/** `bits 13:10`, or the number where the bits do not hang together. */
export function maskText(value: bigint): string {
  const range = rangeOf(value);
  return range === undefined ? hex(value) : bitsText(range);
}

function rangeOf(value: bigint): BitRange | undefined {
  if (value === 0n) return undefined;
  let lsb = 0;
  while (((value >> BigInt(lsb)) & 1n) === 0n) lsb++;
  const msb = value.toString(2).length - 1;
  return maskOf({ msb, lsb }) === value ? { msb, lsb } : undefined;
}
