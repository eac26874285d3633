import { drawFieldset, drawMask } from '../../generator/draw/index.js';
import {
  bytesOf,
  type CborMap,
  type Command,
  type CommandConditions,
  type Expression,
  type Field,
  type Fieldset,
  hex,
  isAbstract,
  type Label,
  type MapEntry,
  type Member,
  type Prose,
  rangeText,
  resolved,
  type Struct,
  type Text,
  type Type,
} from '../../generator/model/index.js';
import {
  type Block,
  code,
  conditionLine,
  conditionsIn,
  conditionText,
  departuresOf,
  entryLine,
  faint,
  fieldMask,
  isProse,
  joined,
  type Line,
  labelsOf,
  link,
  mentionTable,
  namesIn,
  numberText,
  otherNames,
  outcomeLine,
  type Page,
  type PageItem,
  type Piece,
  partsOf,
  plain,
  prose,
  registerText,
  row,
  type Section,
  type Source,
  section,
  split,
  typePiece,
  typeUseLine,
  users,
} from '../../generator/pages/index.js';

/** One thing that the name of a part stands for: a command can have a failure and a success condition of one name. */
interface Facet {
  readonly what: string;
  readonly doc: Line;
  readonly facts: Page['facts'];
  readonly sections: readonly Section[];
  /** Conditions whose values the page explains. */
  readonly texts?: readonly string[];
}

/** The page of a part of an item: a label, field, member, or value or condition of a command. */
export function partPage(item: PageItem, part: string, source: Source): Page {
  const facets = facetsOf(item, part, source);
  const several = facets.length > 1;
  const departures = departuresOf(item, source).filter(({ at }) => at.part === part);
  return {
    name: item.kind === 'enumeration' ? part : `${item.name}.${part}`,
    what: `${listed(facets.map((one) => one.what))} of ${item.name}`,
    citation: item.section,
    summary: joined(facets.map((one) => one.doc).filter((doc) => doc.length > 0)),
    facts: [
      ...facets.flatMap(({ facts }) => (several ? [] : facts)),
      ...otherNames(`${item.name}.${part}`, source),
    ],
    sections: [
      ...facets.flatMap(({ what, facts, sections }) => [
        ...(several ? section(`As ${what}`, factTable(facts)) : []),
        ...sections,
      ]),
      ...(item.kind === 'command'
        ? valuesIn(
            item,
            part,
            facets.flatMap((one) => one.texts ?? []),
            source,
          )
        : []),
      ...section('Departures and disagreements', {
        kind: 'table',
        head: ['', ''],
        rows: departures.map(({ sort, line }) => row([sort === 'note' ? '' : sort, line])),
      }),
    ],
    span: partsOf(item).find((one) => one.name === part)?.span ?? item.span,
  };
}

/** `a, b and c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function factTable(facts: Page['facts']): Block {
  return { kind: 'table', head: [], rows: facts.map(({ label, line }) => row([label, line])) };
}

/** What a part is and what is said of it, for a list of candidates; no conditions are bound for that. */
export function partLine(
  item: PageItem,
  part: string,
  source: Source,
): { readonly what: string; readonly doc: Line } {
  if (item.kind !== 'command') {
    const [facet] = facetsOf(item, part, source);
    return { what: facet?.what ?? '', doc: facet?.doc ?? [] };
  }
  const found: { readonly what: string; readonly doc: Line }[] = [];
  const add = <T extends { readonly name: string }>(
    parts: readonly T[],
    what: string,
    line: (one: T) => Line,
  ) => {
    for (const one of parts) if (one.name === part) found.push({ what, doc: line(one) });
  };
  add(item.inputs, 'input', (one) => prose(one.doc, source));
  add(item.outputs, 'output', (one) => prose(one.doc, source));
  add(item.context, 'context value', (one) => [code(one.value.text)]);
  add(item.failures, 'failure', (one) => conditionLine(one.pre, source));
  add(item.success, 'success condition', (one) => conditionLine(one.post, source));
  add(item.footprint, 'footprint item', (one) => [code(one.value.text)]);
  return { what: found.map((one) => one.what).join(', '), doc: found[0]?.doc ?? [] };
}

function facetsOf(item: PageItem, part: string, source: Source): readonly Facet[] {
  const named = <T extends { readonly name: string }>(parts: readonly T[]) =>
    parts.filter((one) => one.name === part);
  switch (item.kind) {
    case 'enumeration':
      return named(item.labels).map((label) => labelFacet(label, source));
    case 'fieldset':
      return named(item.fields).map((field) => fieldFacet(item, field, source));
    case 'struct':
      return named(item.members).map((member) => memberFacet(item, member, source));
    case 'map':
      return named(item.entries).map((entry) => entryFacet(item, entry, source));
    case 'command':
      return commandFacets(item, part, source);
    default:
      return [];
  }
}

function fact(label: string, line: Line | Piece | undefined): Page['facts'] {
  if (line === undefined) return [];
  const pieces = 'style' in line ? [line] : line;
  return pieces.length === 0 ? [] : [{ label, line: pieces }];
}

function labelFacet(label: Label, source: Source): Facet {
  const { outcomes, others } = split(source.uses.values(label.name));
  const { of } = label;
  return {
    what: 'label',
    doc: prose(label.doc, source),
    facts: [
      ...fact('Value', label.value === undefined ? undefined : code(numberText(label.value, of.width))),
      ...fact('Enumeration', link(of.name)),
    ],
    sections: [
      ...section('Returned by', mentionTable(outcomes, ['Command', 'Failures'])),
      ...section('In conditions', mentionTable(others, ['Command', 'Conditions'])),
      ...section(`Labels of ${of.name}`, { kind: 'text', line: labelsOf(of) }),
      ...users(of, source),
    ],
  };
}

function entryFacet(item: CborMap, entry: MapEntry, source: Source): Facet {
  return {
    what: 'entry',
    doc: prose(entry.doc, source),
    facts: [
      ...fact('Key', code(String(entry.key))),
      ...fact('Section', plain(entry.section)),
      ...fact('Type', entryLine(entry, source)),
      ...fact('Value', entry.value === undefined ? undefined : code(entry.value)),
      ...fact('Map', link(item.name)),
    ],
    sections: [],
  };
}

function fieldFacet(item: Fieldset, field: Field, source: Source): Facet {
  return {
    what: 'field',
    doc: prose(field.doc, source),
    facts: [
      ...fact('Bits', code(rangeText(field))),
      ...fact('Mask', code(fieldMask(item, field))),
      ...fact('Type', typePiece(field.type)),
    ],
    sections: [
      ...section(`Bits of ${item.name}`, { kind: 'drawing', text: drawFieldset(item) }),
      ...typeSections(field.type, source),
      ...memberUses(field, source),
    ],
  };
}

function memberFacet(item: Struct, member: Member, source: Source): Facet {
  const { register, permitted, value, count } = member;
  const size = isAbstract(member.type) || item.abstract ? undefined : bytesOf(member.type);
  const elements = count === undefined ? '' : ` (${count} of ${hex(size ?? 0)})`;
  return {
    what: 'member',
    doc: prose(member.doc, source),
    facts: [
      ...fact(
        'Offset',
        item.abstract ? undefined : code(hex(member.offset, (item.size - 1).toString(16).length)),
      ),
      ...fact(
        'Size',
        size === undefined ? undefined : [code(hex(size * (count ?? 1))), plain(` bytes${elements}`)],
      ),
      ...fact('Type', [typePiece(member.type), ...(count === undefined ? [] : [code(`[${count}]`)])]),
      ...fact('Laid out as', register === undefined ? undefined : link(register.name)),
      ...fact('Only bits of', permitted === undefined ? undefined : link(permitted.name)),
      ...fact('Always', value === undefined ? undefined : code(hex(value))),
    ],
    sections: [
      ...(register === undefined
        ? []
        : permitted === undefined
          ? section(`Bits of ${register.name}`, { kind: 'drawing', text: drawFieldset(register) })
          : section(`Bits of ${register.name}, with 1 in those of ${permitted.name}`, {
              kind: 'drawing',
              text: drawMask(permitted),
            })),
      ...typeSections(member.type, source),
      ...memberUses(member, source),
    ],
  };
}

/** The bits or labels of a value's type. */
function typeSections(type: Type, source: Source): readonly Section[] {
  const target = resolved(type);
  if (target.kind === 'fieldset')
    return section(`Bits of ${target.name}`, { kind: 'drawing', text: drawFieldset(target) });
  if (target.kind !== 'enumeration') return [];
  return section(`Labels of ${target.name}`, {
    kind: 'table',
    head: [],
    rows: target.labels.map((label) =>
      row([
        label.value === undefined ? '' : code(numberText(label.value, target.width)),
        link(target.name, label.name),
        prose(label.doc, source),
      ]),
    ),
  });
}

/** Conditions that read a member or field. Only a command that mentions its name is bound, to see whose it is. */
function memberUses(part: Member | Field, source: Source): readonly Section[] {
  const commands = new Set(source.uses.members(part.name).map((one) => one.command));
  const rows = [...commands].flatMap((command) => {
    const reading = boundConditions(source.conditionsOf(command)).filter(
      ({ value }) => value !== undefined && !isProse(value) && reads(value, part),
    );
    return reading.map(({ name, text }) => row([link(command.name), link(command.name, name), code(text)]));
  });
  return section('In conditions', { kind: 'table', head: [], rows });
}

interface Bound {
  readonly name: string;
  readonly value: Expression | Prose | undefined;
  readonly text: string;
}

/** Every condition of a command with its text. */
function boundConditions(conditions: CommandConditions | undefined): readonly Bound[] {
  if (conditions === undefined) return [];
  const of = (name: string, value: Bound['value'], text: Text | Prose | undefined): Bound => ({
    name,
    value,
    text: text?.text ?? '',
  });
  return [
    ...conditions.context.map(({ context, value }) => of(context.name, value, context.value)),
    ...conditions.failures.flatMap(({ failure, pre, post }) => [
      of(failure.name, pre, failure.pre),
      of(failure.name, post, failure.post),
    ]),
    ...conditions.success.flatMap(({ success, pre, post }) => [
      of(success.name, pre, success.pre),
      of(success.name, post, success.post),
    ]),
    ...conditions.footprint.map(({ item, value }) => of(item.name, value, item.value)),
  ];
}

function reads(expression: Expression, part: Member | Field): boolean {
  switch (expression.kind) {
    case 'field':
      return expression.member === part || reads(expression.of, part);
    case 'index':
      return reads(expression.of, part) || reads(expression.index, part);
    case 'slice':
      return reads(expression.of, part);
    case 'join':
      return expression.items.some((one) => reads(one, part));
    case 'call':
    case 'builtin':
      return expression.arguments.some((one) => reads(one, part));
    case 'unary':
      return reads(expression.operand, part);
    case 'binary':
      return reads(expression.left, part) || reads(expression.right, part);
    default:
      return false;
  }
}

function commandFacets(command: Command, part: string, source: Source): readonly Facet[] {
  const named = <T extends { readonly name: string }>(parts: readonly T[]) =>
    parts.filter((one) => one.name === part);
  const conditions = source.conditionsOf(command);
  const value = (what: string, one: Command['inputs'][number]): Facet => ({
    what,
    doc: prose(one.doc, source),
    facts: [...fact('Register', code(registerText(one))), ...fact('Type', typePiece(one.type))],
    sections: [...typeSections(one.type, source), ...valueUses(command, part)],
  });
  return [
    ...named(command.inputs).map((one) => value('input', one)),
    ...named(command.outputs).map((one) => value('output', one)),
    ...named(command.context).map((one) => ({
      what: 'context value',
      doc: prose(one.doc, source),
      facts: [
        ...fact('Type', typeUseLine(one.type)),
        ...fact('Value', code(one.value.text)),
        ...fact('Evaluated', one.before ? plain('before the command') : undefined),
      ],
      sections: valueUses(command, part),
    })),
    ...(conditions === undefined
      ? []
      : conditions.failures.flatMap(({ failure, predecessors }, index) => {
          if (failure.name !== part) return [];
          const after = conditions.failures.filter((one) => one.predecessors.includes(index));
          const names = (failures: typeof after) =>
            joined(failures.map((one) => [link(command.name, one.failure.name)]));
          return [
            {
              what: 'failure',
              doc: prose(failure.doc, source),
              facts: [
                ...fact('If', conditionLine(failure.pre, source)),
                ...fact('Returns', outcomeLine(conditions.failures[index]!)),
                ...fact('After', names(predecessors.map((before) => conditions.failures[before]!))),
                ...fact('Before', names(after)),
              ],
              sections: [],
              texts: [conditionText(failure.pre), failure.post.text],
            },
          ];
        })),
    ...named(command.success).map((one) => ({
      what: 'success condition',
      doc: prose(one.doc, source),
      facts: [
        ...fact('If', one.pre === undefined ? undefined : conditionLine(one.pre, source)),
        ...fact(one.pre === undefined ? 'Holds' : 'Then', conditionLine(one.post, source)),
      ],
      sections: [],
      texts: [conditionText(one.pre), conditionText(one.post)],
    })),
    ...named(command.footprint).map((one) => ({
      what: 'footprint item',
      doc: prose(one.doc, source),
      facts: fact('May change', code(one.value.text)),
      sections: [],
      texts: [one.value.text],
    })),
  ];
}

/** What the values of a command are that conditions of a part mention. */
function valuesIn(
  command: Command,
  part: string,
  texts: readonly string[],
  source: Source,
): readonly Section[] {
  const names = new Set<string>();
  for (const text of texts) for (const { name, kind } of namesIn(text)) if (kind === 'value') names.add(name);
  names.delete(part);
  // The outcome in X0 is what the page tells.
  const registers = [...command.inputs, ...command.outputs.filter((one) => one.register !== 0)];
  return section('With', {
    kind: 'table',
    head: [],
    rows: [
      ...registers
        .filter((one) => names.has(one.name))
        .map((one) => row([link(command.name, one.name), code(registerText(one)), prose(one.doc, source)])),
      ...command.context
        .filter((one) => names.has(one.name))
        .map((one) =>
          row([
            link(command.name, one.name),
            '',
            [code(one.value.text), ...(one.before ? [faint(' before the command')] : [])],
          ]),
        ),
    ],
  });
}

/** The conditions of a command that mention one of its values. */
function valueUses(command: Command, name: string): readonly Section[] {
  const mentioning = [...conditionsIn(command)].filter(({ text }) =>
    namesIn(text).some((one) => one.kind === 'value' && one.name === name),
  );
  return section('In conditions', {
    kind: 'table',
    head: [],
    rows: mentioning.map(({ part, text }) => row([link(command.name, part), code(text)])),
  });
}
