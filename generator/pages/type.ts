import { drawFieldset, drawMask, extentsOf, memberTitle } from '../draw/index.js';
import {
  type Alias,
  bytesOf,
  type CborMap,
  type Constant,
  type Enumeration,
  type Field,
  type Fieldset,
  hex,
  isAbstract,
  type MapEntry,
  type Mask,
  type Member,
  maskOf,
  rangeText,
  resolved,
  type Struct,
  type Type,
} from '../model/index.js';
import {
  type Block,
  code,
  faint,
  joined,
  type Line,
  link,
  type Page,
  plain,
  type Row,
  row,
  type Section,
  section,
} from './page.js';
import {
  departureSection,
  mentionGroups,
  mentionTable,
  otherNames,
  partsLine,
  split,
  users,
} from './sections.js';
import type { PageItem, Source } from './source.js';
import type { Mention } from './uses.js';
import { count, numberText, prose, typePiece, upperHex, whatIs } from './words.js';

/** Labels of a field that a table names in place; a longer enumeration is only linked. */
const FEW_LABELS = 8;

/** Labels and values, and where conditions and declarations use them. */
export function enumerationPage(item: Enumeration, source: Source): Page {
  const { labels, abstract, width } = item;
  const names = labels.map((label) => source.wordsFor(`${item.name}.${label.name}`));
  const named = names.some((one, index) => one.some((name) => name !== labels[index]!.name));
  const rest =
    width > 16
      ? 'All other encodings are reserved.'
      : `${2 ** width - labels.length} of ${2 ** width} encodings are reserved.`;
  return {
    ...common(item, source),
    facts: [
      ...(abstract ? [] : [{ label: 'Width', line: [plain(count(width, 'bit'))] }]),
      ...(item.signed ? [{ label: 'Values', line: [plain("signed, two's complement")] }] : []),
      ...otherNames(item.name, source),
    ],
    sections: [
      ...section(
        'Labels',
        {
          kind: 'table',
          head: [...(abstract ? [] : ['Value']), 'Label', ...(named ? ['C name'] : []), 'Meaning'],
          rows: labels.map((label, index) =>
            row(
              [
                ...(abstract ? [] : [code(numberText(label.value!, width))]),
                code(label.name),
                ...(named ? [joined(names[index]!.map((name) => [code(name)]))] : []),
                prose(label.doc, source),
              ],
              label.name,
            ),
          ),
        },
        { kind: 'text', line: item.reserved ? [plain(rest)] : [] },
      ),
      ...labelUses(item, source),
      ...users(item, source),
      ...departureSection(item, source),
    ],
  };
}

/** For each label, where conditions mention it. */
function labelUses(item: Enumeration, source: Source): readonly Section[] {
  const returned: Row[] = [];
  const mentioned: Row[] = [];
  for (const { name } of item.labels) {
    const { outcomes, others } = split(source.uses.values(name));
    returned.push(...mentionRows(name, outcomes));
    mentioned.push(...mentionRows(name, others));
  }
  return [
    ...section('Returned by', { kind: 'table', head: ['Label', 'Command', 'Failures'], rows: returned }),
    ...section('In conditions', { kind: 'table', head: ['Label', 'Command', 'Conditions'], rows: mentioned }),
  ];
}

function mentionRows(label: string, mentions: readonly Mention[]): readonly Row[] {
  return [...mentionGroups(mentions)].map(([command, parts], index) =>
    row([index === 0 ? code(label) : '', link(command), partsLine(command, parts)]),
  );
}

function common(item: PageItem, source: Source) {
  return {
    name: item.name,
    what: whatIs(item),
    citation: item.section,
    summary: prose(item.summary, source),
    span: item.span,
  };
}

/** The bits of a fieldset or register, drawn and listed. */
export function fieldsetPage(item: Fieldset, source: Source): Page {
  const { register } = item;
  return {
    ...common(item, source),
    facts: [
      { label: 'Width', line: [plain(count(item.width, 'bit'))] },
      ...(register === undefined || register.title === item.name
        ? []
        : [
            {
              label: 'Register',
              line: [
                code(register.title),
                ...(register.count > 1 ? [plain(`, ${register.count} of them`)] : []),
              ],
            },
          ]),
      ...(register === undefined || register.access === 'RW'
        ? []
        : [{ label: 'Access', line: [plain(register.access)] }]),
      ...otherNames(item.name, source),
    ],
    sections: [
      ...section(
        'Bits',
        { kind: 'drawing', text: drawFieldset(item) },
        fieldTable(item, source),
        fieldLabels(item),
      ),
      ...item.fields.flatMap((field) => caseSection(field, source)),
      ...users(item, source),
      ...departureSection(item, source),
    ],
  };
}

/** The layouts of a field whose meaning another value decides. */
function caseSection({ name, cases }: Field, source: Source): readonly Section[] {
  if (cases === undefined) return [];
  const { by, selector } = cases;
  const decides: Line =
    by === undefined
      ? [plain('By a value of '), link(selector.name), plain(' that stands elsewhere.')]
      : [
          plain('By '),
          by.of === '' ? code(by.part) : link(by.of, by.part, `${by.of}.${by.part}`),
          plain('.'),
        ];
  return section(
    `Layouts of ${name}`,
    { kind: 'text', line: decides },
    {
      kind: 'table',
      head: ['Case', 'When', 'Layout', 'Meaning'],
      rows: cases.cases.map((one) =>
        row([
          code(one.name),
          one.when === undefined
            ? 'otherwise'
            : joined(one.when.map((label) => [link(selector.name, label.name)])),
          one.type === undefined ? faint('none') : link(one.type.name),
          one.doc === undefined ? '' : prose(one.doc, source),
        ]),
      ),
    },
  );
}

/** The bits of a field within its fieldset. */
export function fieldMask(fieldset: Fieldset, field: Field): string {
  return upperHex(maskOf(field), Math.ceil(fieldset.width / 4));
}

function isEnumeration(type: Type): type is Enumeration {
  return type.kind === 'enumeration';
}

/** The labels of the enumerations that fields have as types, each enumeration once. */
function fieldLabels(fieldset: Fieldset): Block {
  const types = new Set(fieldset.fields.map((field) => resolved(field.type)).filter(isEnumeration));
  return {
    kind: 'table',
    head: ['Type', 'Labels'],
    rows: [...types].map((type) => {
      const labels = labelsOf(type);
      return row([link(type.name), labels.length > 0 ? labels : `${type.labels.length} of them`]);
    }),
  };
}

/** `0=RMI_NO_TRAP, 1=RMI_TRAP`; nothing when they are too many to say in passing. */
export function labelsOf(type: Enumeration): Line {
  if (type.labels.length > FEW_LABELS) return [];
  return joined(
    type.labels.map(({ name, value }) => [
      ...(value === undefined ? [] : [code(String(value)), plain('=')]),
      link(type.name, name),
    ]),
  );
}

function fieldTable(item: Fieldset, source: Source): Block {
  const names = new Map(item.fields.map((field) => [field, source.wordsFor(`${item.name}.${field.name}`)]));
  const named = [...names.values()].some((one) => one.length > 0);
  const rows = [
    ...item.fields.map((field) => ({
      lsb: field.lsb,
      row: row(
        [
          code(rangeText(field)),
          code(field.name),
          typePiece(field.type),
          code(fieldMask(item, field)),
          ...(named ? [joined(names.get(field)!.map((one) => [code(one)]))] : []),
          prose(field.doc, source),
        ],
        field.name,
      ),
    })),
    ...item.reserved.map((range) => ({
      lsb: range.lsb,
      row: row([code(rangeText(range)), '', code(range.as), '', ...(named ? [''] : []), faint('reserved')]),
    })),
  ].sort((a, b) => a.lsb - b.lsb);
  return {
    kind: 'table',
    head: ['Bits', 'Field', 'Type', 'Mask', ...(named ? ['C name'] : []), 'Meaning'],
    rows: rows.map((one) => one.row),
  };
}

/** The bytes of a struct, drawn and listed; only the members of an abstract one. */
export function structPage(item: Struct, source: Source): Page {
  if (item.abstract) {
    return {
      ...common(item, source),
      facts: otherNames(item.name, source),
      sections: [
        ...section('Members', {
          kind: 'table',
          head: ['Member', 'Type', 'Meaning'],
          rows: item.members.map((member) =>
            row([code(memberTitle(member)), typePiece(member.type), prose(member.doc, source)], member.name),
          ),
        }),
        ...users(item, source),
        ...departureSection(item, source),
      ],
    };
  }
  return {
    ...common(item, source),
    facts: [
      { label: 'Size', line: [code(hex(item.size)), plain(' bytes')] },
      ...(item.unused === undefined ? [] : [{ label: 'Unused bytes', line: [code(item.unused)] }]),
      ...otherNames(item.name, source),
    ],
    sections: [
      {
        title: 'Layout',
        blocks: [
          {
            kind: 'layout',
            struct: item,
            beside: (member) => beside(item, member, source),
            table: memberTable(item, source),
          },
        ],
      },
      ...users(item, source),
      ...departureSection(item, source),
    ],
  };
}

/** What a member's value is bound to: `→ ICH_HCR_EL2 & RMI_PERMITTED_GICV3_HCR_BITS`, or `= 0x100`. */
export function constraints(member: Member): Line {
  const { register, permitted, value } = member;
  return [
    ...(register === undefined ? [] : [plain(' \u2192 '), link(register.name)]),
    ...(permitted === undefined ? [] : [plain(' & '), link(permitted.name)]),
    ...(value === undefined ? [] : [plain(' = '), code(hex(value))]),
  ];
}

/** What stands on the right of a member's box. */
function beside(item: Struct, member: Member, source: Source): readonly Line[] {
  const others = memberNames(item, member, source).filter((name) => !name.endsWith(`.${member.name}`));
  const names: Line = joined(others.map((name) => [code(name)]));
  return [[...prose(member.doc, source), ...constraints(member)], ...(names.length === 0 ? [] : [names])];
}

/** What outputs call a member; the name of an array's length is not one. */
function memberNames(item: Struct, member: Member, source: Source): readonly string[] {
  return source.wordsFor(`${item.name}.${member.name}`).filter((name) => name.includes('.'));
}

function memberTable(item: Struct, source: Source): Extract<Block, { kind: 'table' }> {
  const digits = (item.size - 1).toString(16).length;
  const named = item.members.some((member) => memberNames(item, member, source).length > 0);
  return {
    kind: 'table',
    head: ['Offset', 'Size', 'Member', 'Type', ...(named ? ['C name'] : []), 'Meaning'],
    rows: extentsOf(item).flatMap(({ member, offset, size }) => {
      if (member === undefined) return [];
      const names = memberNames(item, member, source);
      return [
        row(
          [
            code(hex(offset, digits)),
            code(hex(size)),
            code(memberTitle(member)),
            typePiece(member.type),
            ...(named ? [joined(names.map((name) => [code(name)]))] : []),
            [...prose(member.doc, source), ...constraints(member)],
          ],
          member.name,
        ),
      ];
    }),
  };
}

/** A type under another name. */
export function aliasPage(item: Alias, source: Source): Page {
  return {
    ...common(item, source),
    facts: [
      { label: 'Type', line: [typePiece(item.type)] },
      ...(isAbstract(item.type) ? [] : [{ label: 'Size', line: [plain(count(bytesOf(item.type), 'byte'))] }]),
      ...otherNames(item.name, source),
    ],
    sections: [...users(item, source), ...departureSection(item, source)],
  };
}

/** The register of a mask with the bits that are in it, and why others are not. */
export function maskPage(item: Mask, source: Source): Page {
  const { register, excluded, fields } = item;
  const reasons = new Map(excluded.map((one) => [one.field, one.reason]));
  return {
    ...common(item, source),
    facts: [
      { label: 'Value', line: [code(upperHex(item.value, Math.ceil(register.width / 4)))] },
      { label: 'Register', line: [link(register.name)] },
      ...otherNames(item.name, source),
    ],
    sections: [
      {
        title: `Bits of ${register.name}, with 1 in those of the mask`,
        blocks: [
          { kind: 'drawing', text: drawMask(item) },
          {
            kind: 'table',
            head: ['Bits', 'Field', 'In the mask', 'Meaning, or why it is left out'],
            rows: register.fields.map((field) =>
              row([
                code(rangeText(field)),
                link(register.name, field.name),
                fields.includes(field) ? 'yes' : faint('no'),
                prose(fields.includes(field) ? field.doc : (reasons.get(field) ?? ''), source),
              ]),
            ),
          },
        ],
      },
      ...users(item, source),
      ...departureSection(item, source),
    ],
  };
}

/** What an entry of a map holds, in a few words: `bytes of 32, 48 or 64`, `4 x bytes`, `text, optional`. */
export function entryLine(entry: MapEntry, source: Source): Line {
  const { type, sizes, count: elements, least, first, optional } = entry;
  const named = source.item(type) !== undefined;
  const times = elements !== undefined ? `${elements} x ` : least !== undefined ? `${least} or more x ` : '';
  const last = sizes.at(-1);
  const rest = sizes.slice(0, -1).join(', ');
  const size = last === undefined ? '' : ` of ${rest === '' ? '' : `${rest} or `}${last}`;
  const start = first === undefined ? '' : `, first ${hex(first, 2)}`;
  const after = `${size}${start}${optional ? ', optional' : ''}`;
  return [
    ...(times === '' ? [] : [plain(times)]),
    named ? link(type) : code(type),
    ...(after === '' ? [] : [plain(after)]),
  ];
}

/** The text that an entry always holds. */
function always({ value }: MapEntry): Line {
  return value === undefined ? [] : [plain(': '), code(value)];
}

/** The keys of a map and what stands there. Sizes are in bytes. */
export function mapPage(item: CborMap, source: Source): Page {
  return {
    ...common(item, source),
    facts: [
      ...(item.tag === undefined ? [] : [{ label: 'CBOR tag', line: [code(String(item.tag))] }]),
      ...otherNames(item.name, source),
    ],
    sections: [
      {
        title: 'Entries',
        blocks: [
          {
            kind: 'table',
            head: ['Key', 'Entry', 'Section', 'Type', 'Meaning'],
            rows: item.entries.map((entry) =>
              row(
                [
                  code(String(entry.key)),
                  code(entry.name),
                  entry.section,
                  entryLine(entry, source),
                  [...prose(entry.doc, source), ...always(entry)],
                ],
                entry.name,
              ),
            ),
          },
        ],
      },
      ...users(item, source),
      ...departureSection(item, source),
    ],
  };
}

/** A number with a name, and what uses it. */
export function constantPage(item: Constant, source: Source): Page {
  const { others, outcomes } = split(source.uses.values(item.name));
  const bodies = source.uses.bodies(item.name);
  return {
    ...common(item, source),
    facts: [
      {
        label: 'Value',
        line: [code(numberText(item.value)), ...(item.unit === undefined ? [] : [plain(` ${item.unit}`)])],
      },
      ...otherNames(item.name, source),
    ],
    sections: [
      ...section('In conditions', mentionTable([...others, ...outcomes], ['Command', 'Conditions'])),
      ...section('In functions', { kind: 'text', line: joined(bodies.map((name) => [link(name)])) }),
      ...departureSection(item, source),
    ],
  };
}
