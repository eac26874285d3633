import type { Command, CommandConditions, ResolvedFailure } from '../model/index.js';
import { type Outcome, outcomeOf } from './outcome.js';
import {
  type Block,
  code,
  faint,
  joined,
  type Line,
  link,
  mark,
  type Page,
  type Piece,
  plain,
  type Row,
  row,
  section,
} from './page.js';
import { departureSection, otherNames } from './sections.js';
import type { Source } from './source.js';
import { conditionsIn, namesIn } from './uses.js';
import { conditionLine, fidText, prose, registerText, typePiece, typeUseLine, whatIs } from './words.js';

/** Registers, conditions and their order, and what they lean on. */
export function commandPage(command: Command, source: Source): Page {
  const conditions = source.conditionsOf(command);
  const { success, footprint, context, notes } = command;
  return {
    name: command.name,
    what: whatIs(command),
    citation: command.section,
    summary: prose(command.summary, source),
    facts: [
      { label: 'FID', line: [code(fidText(command.fid))] },
      { label: 'Interface', line: [interfacePiece(command), faint(` (${command.interface.section})`)] },
      ...(source.model.scope === 'complete'
        ? []
        : [{ label: 'Conditions', line: [plain('not stated for this version')] }]),
      ...otherNames(command.name, source),
    ],
    sections: [
      ...section('Registers', registers(command, source)),
      ...section('Context', {
        kind: 'table',
        head: ['Name', 'Type', 'Value', '', 'Meaning'],
        rows: context.map((one) =>
          row(
            [
              code(one.name),
              typeUseLine(one.type),
              [code(one.value.text), ...origin(one)],
              one.before ? 'before' : '',
              prose(one.doc, source),
            ],
            one.name,
          ),
        ),
      }),
      ...(conditions === undefined ? [] : failureSections(conditions, source)),
      ...section(title('Success', success.length), {
        kind: 'table',
        head: ['Name', 'Condition'],
        rows: success.map((one) => {
          const post = conditionLine(one.post, source);
          const line =
            one.pre === undefined
              ? post
              : [plain('if '), ...conditionLine(one.pre, source), plain(' then '), ...post];
          return row([code(one.name), [...line, ...origin(one)]], one.name);
        }),
      }),
      ...section(title('Footprint', footprint.length), {
        kind: 'table',
        head: ['Name', 'State'],
        rows: footprint.map((one) => row([code(one.name), [code(one.value.text), ...origin(one)]], one.name)),
      }),
      ...section('Notes', { kind: 'list', items: notes.map((note) => prose(note, source)) }),
      ...departureSection(command, source),
      ...section('Uses', { kind: 'list', items: used(command, source) }),
    ],
    span: command.span,
  };
}

function title(name: string, number: number): string {
  return number === 0 ? name : `${name} (${number})`;
}

function interfacePiece({ interface: { name, major, minor } }: Command): Piece {
  return link(name, undefined, `${name} ${major}.${minor}`);
}

/** Says that an item is not as the document has it. */
function origin(one: { readonly document: string | undefined; readonly added: boolean }): Line {
  return one.added
    ? [plain(' '), mark('added')]
    : one.document === undefined
      ? []
      : [plain(' '), mark('changed')];
}

function registers(command: Command, source: Source): Block {
  const values = (side: 'in' | 'out') =>
    (side === 'in' ? command.inputs : command.outputs).map((one) =>
      row(
        [side, code(registerText(one)), code(one.name), typePiece(one.type), prose(one.doc, source)],
        one.name,
      ),
    );
  const fid = row(['in', code('X0'), code('fid'), '', code(fidText(command.fid))]);
  return {
    kind: 'table',
    head: ['', 'Register', 'Name', 'Type', 'Meaning'],
    rows: [fid, ...values('in'), ...values('out')],
  };
}

/** The answer of a failure: status, what goes with it, and what else holds. */
export function outcomeLine(failure: ResolvedFailure): Line {
  const { status, details, also }: Outcome = outcomeOf(failure);
  const line: Piece[] = [];
  if (status !== undefined) line.push(link(status.of.name, status.name));
  for (const { name, value } of details) line.push(plain(name === '' ? ', ' : `, ${name} `), code(value));
  for (const one of also) {
    if (line.length > 0) line.push(plain('; '));
    line.push(code(one));
  }
  return line;
}

function failureSections(conditions: CommandConditions, source: Source) {
  const { failures, evaluation } = conditions;
  const rows: Row[] = failures.map(({ failure }, index) =>
    row(
      [
        String(index + 1),
        code(failure.name),
        [...conditionLine(failure.pre, source), ...origin(failure)],
        outcomeLine(failures[index]!),
      ],
      failure.name,
    ),
  );
  const listed = evaluation.every((position, index) => position === index);
  const ordered = new Set(conditions.order.flatMap(({ before, after }) => [before, after]));
  const free = failures.filter((_, index) => !ordered.has(index)).map(({ failure }) => [code(failure.name)]);
  const order: readonly Block[] =
    ordered.size === 0
      ? failures.length < 2
        ? []
        : [{ kind: 'text', line: [plain('None precedes another: of those that hold, any may be reported.')] }]
      : [
          {
            kind: 'text',
            line: [plain('Left precedes right: the right is looked at only where the left does not hold.')],
          },
          { kind: 'order', conditions },
          {
            kind: 'text',
            line:
              free.length === 0 ? [] : [plain('In no order with any other: '), ...joined(free), plain('.')],
          },
        ];
  const evaluated: Line =
    failures.length < 2
      ? []
      : listed
        ? [plain('Evaluated in the order of the table.')]
        : [
            plain('Evaluated in this order: '),
            ...joined(evaluation.map((at) => [code(failures[at]!.failure.name)])),
            plain('.'),
          ];
  return [
    ...section(title('Failures', failures.length), {
      kind: 'table',
      head: ['', 'Name', 'If', 'Returns'],
      rows,
    }),
    ...section('Order of failures', ...order, { kind: 'text', line: evaluated }),
  ];
}

/** What the conditions of a command lean on, sort by sort. */
function used(command: Command, source: Source): readonly Line[] {
  const functions = new Set<string>();
  const types = new Set<string>();
  const constants = new Set<string>();
  const labels = new Map<string, Set<string>>();
  for (const { type } of [...command.inputs, ...command.outputs])
    if (type.kind !== 'primitive') types.add(type.name);
  for (const { type } of command.context)
    if (typeof type.type !== 'string' && type.type.kind !== 'primitive') types.add(type.type.name);
  const own = new Set([...command.inputs, ...command.outputs, ...command.context].map((one) => one.name));
  for (const { text } of conditionsIn(command)) {
    for (const { name, kind } of namesIn(text)) {
      if (kind === 'call' && source.item(name)?.kind === 'function') functions.add(name);
      if (kind !== 'value' || own.has(name)) continue;
      const label = source.label(name);
      if (label !== undefined) labels.set(label.of.name, (labels.get(label.of.name) ?? new Set()).add(name));
      else if (source.item(name)?.kind === 'constant') constants.add(name);
    }
  }
  const list = (what: string, names: Iterable<string>): readonly Line[] => {
    const links = [...names].sort().map((name) => [link(name)]);
    return links.length === 0 ? [] : [[plain(`${what}: `), ...joined(links)]];
  };
  const ofLabels = [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, names]) => [
      link(type),
      plain(' ('),
      ...joined([...names].sort().map((name) => [link(type, name)])),
      plain(')'),
    ]);
  return [
    ...list('Types', types),
    ...list('Functions', functions),
    ...list('Constants', constants),
    ...(ofLabels.length === 0 ? [] : [[plain('Labels: '), ...joined(ofLabels)]]),
  ];
}

/** Commands by FID. */
export function commandTable(commands: Iterable<Command>): Block {
  return {
    kind: 'table',
    head: ['FID', 'Command', 'Section', 'Summary'],
    rows: [...commands]
      .sort((a, b) => (a.fid < b.fid ? -1 : 1))
      .map((one) => row([code(fidText(one.fid)), link(one.name), one.section, one.summary])),
  };
}
