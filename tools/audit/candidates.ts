import type { Compiler } from './compiler.js';
import { files } from './compiler.js';
import { limits } from './limits.js';
import { type Answers, type Measured, measure, type Probe } from './probe.js';
import type { Macro, Unit } from './source/items.js';
import { type CMember, type CRecord, declaredBy } from './source/types.js';

/** An integer constant of the header, as the compiler has it. */
export interface CConstant {
  readonly name: string;
  readonly line: number;
  /** As 64 bits. */
  readonly value: bigint;
  readonly negative: boolean;
  /** Bytes of its type. */
  readonly size: number;
}

export interface CLayout {
  readonly record: CRecord;
  /** Bytes. */
  readonly size: number;
  /** In the order of the header. */
  readonly members: readonly CPlaced[];
}

/** A member with its place in bytes. */
export interface CPlaced {
  readonly member: CMember;
  readonly offset: number;
  readonly size: number;
  /** Bytes of an element; `size` for a single value. */
  readonly element: number;
  /** Whether it is signed; undefined when it is no integer. */
  readonly signed: boolean | undefined;
}

/** Macros that take one argument or two: what they make of samples is asked for by whoever knows what to expect. */
export interface Sample {
  readonly macro: string;
  readonly arguments: readonly bigint[];
}

/** Everything in a header that can be compared with the specification. */
export interface Candidates {
  readonly constants: readonly CConstant[];
  readonly layouts: readonly CLayout[];
  /** Function-like macros. */
  readonly functions: readonly Macro[];
  /** What macros make of samples, by `sampleKey`; a macro that gives no constant is left out. */
  readonly samples: ReadonlyMap<string, bigint>;
  /** What is there and cannot be compared, with the reason. */
  readonly unmeasured: readonly Unmeasured[];
  readonly runs: number;
}

/** What the header has and the compiler gives no number for. */
export interface Unmeasured {
  readonly name: string;
  readonly line: number;
  readonly why: string;
}

export function sampleKey({ macro, arguments: values }: Sample): string {
  return `sample ${macro}(${values.join(',')})`;
}

/** Finds the candidates of a header and has the compiler measure them. */
export async function candidatesOf(
  unit: Unit,
  samplesFor: (macro: Macro) => readonly Sample[],
  nonce: string,
  compiler: Compiler,
): Promise<Candidates> {
  const probes: Probe[] = [];
  const named: { readonly name: string; readonly line: number }[] = [];
  const records: CRecord[] = [];
  const functions: Macro[] = [];
  const samples: Sample[] = [];
  const strange: Macro[] = [];
  let folds = false;
  for (const macro of unit.macros.values()) {
    if (macro.file !== files.header) continue;
    if (macro.parameters !== undefined) {
      functions.push(macro);
      samples.push(...samplesFor(macro));
    } else if (canBeExpression(macro.body) && unit.macros.get(macro.body)?.parameters === undefined)
      named.push({ name: macro.name, line: macro.line });
    else if (macro.body !== '') strange.push(macro);
  }
  for (const item of unit.items) {
    if (item.file !== files.header || item.tokens.length === 0) continue;
    const declared = declaredBy(item);
    records.push(...declared.records);
    named.push(...declared.enumerators, ...declared.constants);
    folds ||= declared.constants.length > 0;
  }
  for (const { name } of named) probes.push(constantProbe(`constant ${name}`, name));
  for (const [index, record] of records.entries()) {
    probes.push({ key: `record ${index}`, expressions: [`sizeof(${record.spelling})`] });
    for (const [at, member] of record.members.entries()) {
      if (member.bitField) continue;
      const value = `((${record.spelling}*)0)->${member.path}`;
      const element = value + '[0]'.repeat(member.dimensions);
      probes.push({
        key: `place ${index}.${at}`,
        expressions: [
          `__builtin_offsetof(${record.spelling},${member.path})`,
          `sizeof(${value})`,
          `sizeof(${element})`,
        ],
      });
      if (!/^(struct|union)\b/.test(member.type))
        probes.push({ key: `sign ${index}.${at}`, expressions: [`((__typeof__(${element}))-1)<0`] });
    }
  }
  for (const sample of samples)
    probes.push(
      constantProbe(
        sampleKey(sample),
        `${sample.macro}(${sample.arguments.map((value) => `0x${value.toString(16)}ULL`).join(',')})`,
      ),
    );
  const measured = await measure(unit, probes, { nonce, folds }, compiler);
  const found = read(named, records, samples, measured);
  const unmeasured = [
    ...found.unmeasured,
    ...strange.map(({ name, line }) => ({ name, line, why: 'it is no integer constant' })),
  ].sort((a, b) => a.line - b.line);
  return { ...found, unmeasured, functions, runs: measured.runs };
}

function constantProbe(key: string, expression: string): Probe {
  return {
    key,
    expressions: [`(unsigned long long)(${expression})`, `(${expression})<0`, `sizeof(${expression})`],
  };
}

/** Whether the body of a macro can be an expression: it has something, and its brackets match. */
function canBeExpression(body: string): boolean {
  if (body === '' || body.length > limits.itemSize || /[;{}"\\#]/.test(body)) return false;
  let depth = 0;
  for (const character of body) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
}

function read(
  named: readonly { readonly name: string; readonly line: number }[],
  records: readonly CRecord[],
  samples: readonly Sample[],
  { answers, refused }: Measured,
): Pick<Candidates, 'constants' | 'layouts' | 'samples' | 'unmeasured'> {
  const constants: CConstant[] = [];
  const unmeasured: Unmeasured[] = [];
  for (const { name, line } of named) {
    const [value, negative, size] = answers.get(`constant ${name}`) ?? [];
    if (value === undefined) {
      unmeasured.push({ name, line, why: 'it is no integer constant' });
      continue;
    }
    constants.push({
      name,
      line,
      value: BigInt.asUintN(64, value),
      negative: negative !== 0n,
      size: Number(size),
    });
  }
  for (const { line, text, message } of refused)
    if (!text.startsWith('#')) unmeasured.push({ name: shortened(text), line, why: message });
  const layouts: CLayout[] = [];
  for (const [index, record] of records.entries()) {
    const layout = layoutOf(index, record, answers);
    if (layout !== undefined) layouts.push(layout);
    const fields = record.members.filter(({ bitField }) => bitField);
    if (fields[0] !== undefined)
      unmeasured.push({
        name: record.spelling,
        line: fields[0].line,
        why: `where its ${fields.length} bit-fields lie is up to the compiler`,
      });
  }
  const found = new Map<string, bigint>();
  for (const sample of samples) {
    const key = sampleKey(sample);
    const value = answers.get(key)?.[0];
    if (value !== undefined) found.set(key, BigInt.asUintN(64, value));
  }
  return { constants, layouts, samples: found, unmeasured };
}

function layoutOf(index: number, record: CRecord, answers: Answers): CLayout | undefined {
  const size = answers.get(`record ${index}`)?.[0];
  if (size === undefined) return undefined;
  const members: CPlaced[] = [];
  for (const [at, member] of record.members.entries()) {
    const place = answers.get(`place ${index}.${at}`);
    if (place === undefined) continue;
    const [offset, bytes, element] = place.map(Number) as [number, number, number];
    const sign = answers.get(`sign ${index}.${at}`)?.[0];
    members.push({
      member,
      offset,
      size: bytes,
      element,
      signed: sign === undefined ? undefined : sign !== 0n,
    });
  }
  return { record, size: Number(size), members };
}

function shortened(text: string): string {
  const words = text.split(' ').slice(0, 3).join(' ');
  return words.length > 60 ? `${words.slice(0, 57)}...` : words;
}
