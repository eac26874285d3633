import { drawFieldset } from '../../generator/draw/index.js';
import {
  type BitRange,
  type Fieldset,
  hex,
  maskOf,
  rangeText,
  resolved,
} from '../../generator/model/index.js';
import {
  type Block,
  code,
  conditionLine,
  count,
  faint,
  fidText,
  type Line,
  link,
  mark,
  type Page,
  plain,
  prose,
  type Row,
  registerText,
  row,
  type Section,
  type Source,
  section,
} from '../../generator/pages/index.js';
import type { Call, ValueReading } from './call.js';
import type { Entry, FieldReading, Finding, Reading } from './read.js';
import type { ValueSubject } from './subject.js';

export interface PageOptions {
  /** Shows what is zero as well. */
  readonly all: boolean;
  /** Where the values come from, to be read after the summary. */
  readonly from: Line;
}

/** A value as its type shows it: bits and addresses in hexadecimal, counts in decimal. */
export function valueText({ value, width, type }: Reading): string {
  const target = resolved(type);
  if (value < 0n) return String(value);
  if (target.kind === 'enumeration' || (target.kind === 'primitive' && width < 4)) return String(value);
  if (target.kind === 'primitive' && /^U?Int/.test(target.name))
    return value < 10n ? String(value) : `${value} (${hex(value)})`;
  return hex(value, Math.ceil(width / 4));
}

/** What a value says: its label, or else what the member or field is. */
function meaning(reading: Reading | undefined, doc: string, source: Source): Line {
  if (reading?.label === undefined) return prose(doc, source);
  const { of, name, doc: said } = reading.label;
  return [link(of, name), plain(', '), ...prose(said, source)];
}

/** Rows of a value's fields, those that say something; a field that has fields itself is followed by them. */
function fieldRows(
  fields: readonly FieldReading[],
  lead: number,
  all: boolean,
  source: Source,
  outer?: FieldReading['field'],
): readonly Row[] {
  const blank = Array.from({ length: lead }, () => '');
  const base = outer?.lsb ?? 0;
  return fields
    .filter(({ reading }) => all || reading.value !== 0n)
    .flatMap(({ field, reading }) => {
      const range = rangeText({ msb: field.msb + base, lsb: field.lsb + base });
      const name = outer === undefined ? field.name : `${outer.name}.${field.name}`;
      const said: Line = [...meaning(reading, field.doc, source), ...asWhat(field, reading)];
      return [
        row([...blank, [faint(`[${range}] `), code(name)], code(valueText(reading)), said]),
        ...fieldRows(reading.fields, lead, all, source, { ...field, name, lsb: field.lsb + base }),
      ];
    });
}

/** As what a field is laid out that has no fields of its own, or by what, where the value alone does not tell. */
function asWhat({ cases }: FieldReading['field'], { layout, type }: Reading): Line {
  if (layout !== undefined && layout !== resolved(type)) return [faint(', as '), link(layout.name)];
  if (cases === undefined || cases.by?.of === '') return [];
  const { of, part } = cases.by ?? { of: cases.selector.name, part: undefined };
  return [faint(', laid out by '), part === undefined ? link(of) : link(of, part, `${of}.${part}`)];
}

/** Bytes in the order of memory, eight to a word. */
function bytesText(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 8)
    words.push([...bytes.subarray(at, at + 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  return words.join(' ');
}

/** Rows of a run of bytes that a page shows at most, of sixteen bytes each. */
const RUN_ROWS = 8;
const RUN_BYTES = 16;

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The rows of bytes that belong to no member: those that hold something, as a hex dump has them. */
function gapRows({ offset, bytes, unused }: Entry, digits: number): readonly Row[] {
  const said = unused === undefined ? [] : [code(unused)];
  if (isZero(bytes)) return [row([code(hex(offset, digits)), faint('unused'), faint('zero'), said])];
  const rows: Row[] = [];
  let left = 0;
  for (let at = 0; at < bytes.length; ) {
    // Aligned, so that a row is one of the dump.
    const end = Math.min(bytes.length, at + RUN_BYTES - ((offset + at) % RUN_BYTES));
    const some = bytes.subarray(at, end);
    if (!isZero(some)) {
      if (rows.length < RUN_ROWS)
        rows.push(row([code(hex(offset + at, digits)), faint('unused'), code(bytesText(some)), said]));
      else left++;
    }
    at = end;
  }
  if (left > 0) rows.push(row(['', faint('unused'), faint(`and ${count(left, 'row')} more`), '']));
  return rows;
}

function entryRows(
  entry: Entry,
  named: boolean,
  digits: number,
  all: boolean,
  source: Source,
): readonly Row[] {
  const { member, offset, reading, bytes, complete } = entry;
  if (entry.gap) return gapRows(entry, digits);
  const place = [code(hex(offset, digits)), code(entry.path)];
  const doc = named ? '' : (member?.doc ?? '');
  if (!complete) return [row([...place, faint('not all there'), prose(doc, source)])];
  if (reading === undefined) return [row([...place, code(bytesText(bytes)), prose(doc, source)])];
  const layout = reading.layout;
  const other = !named && layout !== undefined && layout !== resolved(reading.type);
  const said: Line = [
    ...meaning(reading, doc, source),
    ...(other ? [faint(', as '), link(layout.name)] : []),
  ];
  return [row([...place, code(valueText(reading)), said]), ...fieldRows(reading.fields, 1, all, source)];
}

/** Whether an entry says something: one that is zero does when zero has a label. */
function speaks({ complete, reading, bytes, gap, there }: Entry): boolean {
  if (!complete) return there && !gap;
  return !isZero(bytes) || reading?.label !== undefined;
}

/** A struct, member by member. */
export function structPage(
  subject: ValueSubject,
  entries: readonly Entry[],
  findings: readonly Finding[],
  options: PageOptions,
  source: Source,
): Page {
  const size = entries.reduce((end, one) => Math.max(end, one.offset + one.size), 0);
  const digits = Math.max(0, size - 1).toString(16).length;
  // What is missing altogether is one of the findings.
  const shown = entries.filter((one) => (options.all ? one.there : speaks(one)));
  const hidden = entries.filter((one) => !one.gap && one.complete && !shown.includes(one)).length;
  const head = ['Offset', 'Member', 'Value', 'Meaning'];
  // The elements of an array have one meaning.
  const rows = shown.flatMap((entry, index) => {
    const named = entry.member?.count !== undefined && shown[index - 1]?.member === entry.member;
    return entryRows(entry, named, digits, options.all, source);
  });
  const rest: readonly Block[] =
    hidden === 0
      ? []
      : [
          {
            kind: 'text',
            line: [faint(`${count(hidden, 'value is', 'values are')} zero and not shown; --all shows them.`)],
          },
        ];
  return {
    ...headOf(subject, options),
    sections: [...section('Values', { kind: 'table', head, rows }, ...rest), ...findingSection(findings)],
  };
}

function headOf(subject: ValueSubject, options: PageOptions): Omit<Page, 'sections'> {
  return {
    name: subject.name,
    what: subject.what,
    citation: subject.section,
    summary: [plain(sentence(subject.doc))],
    facts: [{ label: 'From', line: options.from }],
    span: subject.span,
  };
}

function sentence(doc: string): string {
  return `${doc.charAt(0).toUpperCase()}${doc.slice(1)}`.replace(/[^.]$/, '$&.');
}

/** One value: what it is, and its bits drawn. */
export function valuePage(
  subject: ValueSubject,
  entry: Entry,
  findings: readonly Finding[],
  options: PageOptions,
  source: Source,
): Page {
  const head = headOf(subject, options);
  const { reading } = entry;
  if (reading === undefined)
    return {
      ...head,
      facts: [
        ...head.facts,
        { label: 'Bytes', line: entry.complete ? [code(bytesText(entry.bytes))] : [faint('not there')] },
      ],
      sections: findingSection(findings),
    };
  const { layout } = reading;
  const facts = [
    ...head.facts,
    {
      label: 'Value',
      line: [
        code(valueText(reading)),
        ...(reading.label === undefined ? [] : [plain(', '), ...meaning(reading, '', source)]),
      ],
    },
    ...(layout === undefined || layout === subject.type
      ? []
      : [{ label: 'Laid out as', line: [link(layout.name)] }]),
  ];
  return {
    ...head,
    facts,
    sections: [
      ...(layout === undefined ? [] : bitsSection(layout, reading, options.all, source)),
      ...findingSection(findings),
    ],
  };
}

function bitsSection(layout: Fieldset, reading: Reading, all: boolean, source: Source): readonly Section[] {
  const own = BigInt.asUintN(reading.width, reading.value);
  const below = (range: BitRange) => {
    const bits = (own & maskOf(range)) >> BigInt(range.lsb);
    return bits < 10n ? String(bits) : hex(bits);
  };
  const rows = fieldRows(reading.fields, 0, all, source);
  return section(
    'Bits',
    { kind: 'drawing', text: drawFieldset(layout, below) },
    { kind: 'table', head: ['Field', 'Value', 'Meaning'], rows },
  );
}

function findingSection(findings: readonly Finding[]): readonly Section[] {
  return section('Not as the document says', {
    kind: 'table',
    head: ['Where', '', 'What', 'Section'],
    rows: findings.map((one) => row([code(one.path), mark(one.sort), one.message, one.section])),
  });
}

/** The registers of a call. */
export function callPage(call: Call, options: PageOptions, source: Source): Page {
  const { command } = call;
  const table = (values: readonly ValueReading[]): Block => ({
    kind: 'table',
    head: ['Register', 'Name', 'Value', 'Meaning'],
    rows: values
      .filter(({ reading }) => reading !== undefined)
      .flatMap(({ value, reading }) => [
        row([
          code(registerText(value)),
          code(value.name),
          code(valueText(reading!)),
          meaning(reading, value.doc, source),
        ]),
        ...fieldRows(reading!.fields, 1, options.all, source),
      ]),
  });
  const lacking = call.inputs.filter(({ reading }) => reading === undefined).map(({ value }) => value);
  const notGiven: readonly Block[] =
    lacking.length === 0 || lacking.length === call.inputs.length
      ? []
      : [
          {
            kind: 'text',
            line: [
              faint(`Not given: ${lacking.map((one) => `${registerText(one)} (${one.name})`).join(', ')}.`),
            ],
          },
        ];
  const strangers = call.strangers.map(
    ({ register, value, result }): Line => [
      code(`X${register}`),
      plain(` is ${hex(value)}, but no ${result ? 'result' : 'argument'} of the command.`),
    ],
  );
  const failures = call.failures.map(
    ({ name, pre }): Line => [link(command.name, name), plain(': '), ...conditionLine(pre, source)],
  );
  return {
    name: command.name,
    what: `${command.interface.name} command`,
    citation: command.section,
    summary: prose(command.summary, source),
    facts: [{ label: 'FID', line: [code(fidText(command.fid))] }],
    sections: [
      ...section('Arguments', table(call.inputs), ...notGiven),
      ...section('Results', table(call.outputs)),
      ...section('Failures with that status', { kind: 'list', items: failures }),
      ...section('Other registers', { kind: 'list', items: strangers }),
      ...findingSection(call.findings),
    ],
    span: command.span,
  };
}
