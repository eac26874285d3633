import {
  bitsOf,
  bytesOf,
  type Field,
  type FieldCases,
  type Fieldset,
  type ReservedBits,
  rangeText,
} from '../../model/index.js';
import { AccessorClassBuilder, BODY, type Types } from './accessor.js';
import { extract, placeOf, readBits, writeBits } from './bits.js';
import { mask, misfit, type Scalar, scalarOf } from './forms.js';
import type { Module } from './module.js';
import { integer, sentence, term, WIDTH } from './text.js';

function rangeName(range: { readonly msb: number; readonly lsb: number }): string {
  return `${range.msb === range.lsb ? 'bit' : 'bits'} ${rangeText(range)}`;
}

function reservedDoc(reserved: readonly ReservedBits[]): string {
  if (reserved.length === 0) return '';
  const kinds = [...new Set(reserved.map((range) => range.as))];
  const texts = kinds.map((kind) => {
    const ranges = reserved.filter((range) => range.as === kind).map((range) => rangeText(range));
    return `${ranges.join(', ')} ${kind}`;
  });
  return `; bits ${texts.join(', ')}`;
}

function registerDoc(fieldset: Fieldset): string {
  const { register } = fieldset;
  if (register === undefined) return '';
  const access = { RW: '', RO: '; read-only to software', WO: '; write-only to software' }[register.access];
  return `${register.count > 1 ? `; ${register.count} registers` : ''}${access}`;
}

/** `low & 0x1`: a field out of words that have been read, or undefined when it takes both. */
function fromWords(field: Field, storage: number, scalar: Scalar): string | undefined {
  const place = placeOf(field, storage);
  if (place.kind !== 'word') return undefined;
  const wordBits = Math.min(storage, 4) * 8;
  const word = field.lsb < 32 ? 'low' : 'high';
  return extract(word, wordBits, field.lsb % 32, bitsOf(field), scalar.signed);
}

/** An accessor class over the bytes of a fieldset. */
export function emitFieldset(module: Module, fieldset: Fieldset): void {
  const { name, summary, section, width } = fieldset;
  const storage = bytesOf(fieldset);
  const value = scalarOf(fieldset);
  const place = `${section}; ${width} bits${reservedDoc(fieldset.reserved)}${registerDoc(fieldset)}.`;
  const builder = new AccessorClassBuilder(module, fieldset, storage, [
    summary,
    place,
    'A setter writes the bits of its field and no others; it throws a TypeError for a value of the wrong type and a RangeError for one that does not fit.',
  ]);

  const all = { msb: width - 1, lsb: 0 };
  builder.getter(
    '$value',
    value.kind,
    [`return ${readBits('this.$memory', 'this.$at', all, storage, false)};`],
    'All bits, reserved ones too.',
  );
  builder.setter('$value', value.kind, [
    builder.refusal(value, `${name} (${width} bits, ${section})`),
    width > 32
      ? `this.$memory.writeU64(this.$at, value);`
      : `this.$memory.writeU${storage * 8}(this.$at, value);`,
  ]);

  const fields = fieldset.fields.map((field) => {
    const scalar = scalarOf(field.type, bitsOf(field));
    return { field, scalar, types: builder.types(scalar) };
  });
  for (const { field, scalar, types } of fields) {
    const read = readBits('this.$memory', 'this.$at', field, storage, scalar.signed);
    builder.getter(
      field.name,
      types.read,
      [`return ${scalar.enumeration === undefined ? read : `${term(read)} as ${types.read}`};`],
      `${capital(rangeName(field))}, ${field.type.name}: ${field.doc}.`,
    );
    builder.setter(field.name, types.write, [
      builder.refusal(scalar, `${name}.${field.name} (${rangeName(field)}, ${section})`),
      ...writeBits('this.$memory', 'this.$at', field, storage, 'value', scalar.signed),
    ]);
    builder.value(field.name, types.read, types.read, sentence(field.doc));
  }

  for (const { field } of fields) if (field.cases !== undefined) layoutOf(builder, field, field.cases);

  const patch = `${name}.Patch | ${value.kind}`;
  builder.method(
    { name: 'of', isStatic: true, parameters: [{ name: 'value', type: patch }], returnType: name },
    [`return ${module.runtime('allocate')}(${name}).assign(value);`],
    'One over bytes of its own, which holds the given value or fields, the other bits zero.',
  );

  const low = fields.some(({ field }) => field.lsb < 32 && placeOf(field, storage).kind === 'word');
  const high = fields.some(({ field }) => field.lsb >= 32 && placeOf(field, storage).kind === 'word');
  const object = fields.map(({ field, scalar, types }) => {
    const text = fromWords(field, storage, scalar);
    if (text === undefined) return `  ${field.name}: this.${field.name},\n`;
    return `  ${field.name}: ${scalar.enumeration === undefined ? text : `${term(text)} as ${types.read}`},\n`;
  });
  builder.method(
    { name: 'toObject', returnType: `${name}.Values` },
    [
      ...(low ? [`const low = this.$memory.readU${Math.min(storage, 4) * 8}(this.$at);`] : []),
      ...(high ? ['const high = this.$memory.readU32(this.$at + 4);'] : []),
      object.length === 0 ? 'return {};' : `return {\n${object.join('')}};`,
    ],
    'The fields, without the reserved bits.',
  );

  const inWords = fields.every(({ field }) => placeOf(field, storage).kind === 'word');
  builder.method(
    { name: 'assign', parameters: [{ name: 'patch', type: patch }], returnType: 'this' },
    [
      `if (typeof patch !== 'object' || patch === null) {\n  this.$value = patch;\n  return this;\n}`,
      ...(inWords
        ? assignWords(fields, storage)
        : fields.map(({ field, types }) => assignMember(field.name, types))),
      'return this;',
    ],
    inWords
      ? 'Writes the given fields, or all bits at once; nothing if one of them is refused.'
      : 'Writes the given fields, or all bits at once. What is given before a value that is refused has been written.',
  );
  builder.finish();
}

/** A method that gives the bits of a field in the layout that another value gives them. */
function layoutOf(builder: AccessorClassBuilder, field: Field, { by, selector, cases }: FieldCases): void {
  const { module } = builder;
  const { kind, enumeration, ...rest } = scalarOf(selector);
  const read = builder.types({ kind, enumeration, ...rest }).read;
  const sibling = by?.of === '' ? by.part : undefined;
  module.item(selector.name);
  const results = new Set(
    cases.map(({ type }) => (type === undefined ? 'undefined' : module.item(type.name))),
  );
  const others = cases.find(({ when }) => when === undefined);
  if (others === undefined) results.add('undefined');
  const made = (one: (typeof cases)[number] | undefined) =>
    one?.type === undefined ? 'return undefined;' : `return ${one.type.name}.of(this.${field.name});`;
  const branches = cases.flatMap((one) =>
    one.when === undefined
      ? []
      : [...one.when.map((label) => `  case ${selector.name}.${label.name}:\n`), `    ${made(one)}\n`],
  );
  const decided =
    by === undefined ? `a ${selector.name}` : by.of === '' ? `\`${by.part}\`` : `${by.of}.${by.part}`;
  builder.method(
    {
      name: `${field.name}$layout`,
      parameters: [
        {
          name: 'selector',
          type: read,
          ...(sibling === undefined ? {} : { initializer: `this.${sibling}` }),
        },
      ],
      returnType: [...results]
        .sort((a, b) => Number(a === 'undefined') - Number(b === 'undefined'))
        .join(' | '),
    },
    [`switch (selector) {\n${branches.join('')}  default:\n    ${made(others)}\n}`],
    `A copy of ${rangeName(field)} in the layout that ${decided} gives them; undefined where they have none. ` +
      `To write them, assign its $value to ${field.name}.`,
  );
}

interface Assigned {
  readonly field: Field;
  readonly scalar: Scalar;
  readonly types: Types;
}

/** Puts fields together in one or two words before any of it is written; a setter words the refusal. */
function assignWords(fields: readonly Assigned[], storage: number): readonly string[] {
  const bits = Math.min(storage, 4) * 8;
  const used = (['low', 'high'] as const).filter((word) =>
    fields.some(({ field }) => (field.lsb < 32 ? 'low' : 'high') === word),
  );
  if (used.length === 0) return [];
  const at = { low: 'this.$at', high: 'this.$at + 4' };
  const lines = used.map((word) => `let ${word} = this.$memory.readU${bits}(${at[word]});`);
  for (const { field, scalar, types } of fields) {
    const word = field.lsb < 32 ? 'low' : 'high';
    const shift = field.lsb % 32;
    const cast = types.read === types.write ? '' : ` as ${types.write}`;
    const ones = integer(((1n << BigInt(scalar.width)) - 1n) << BigInt(shift));
    const cut = scalar.signed && scalar.width < bits ? `(value & ${mask(scalar.width)})` : 'value';
    const moved = shift === 0 ? cut : `(${cut} << ${shift})`;
    const put = scalar.width === bits ? moved : `(${word} & ~${ones}) | ${moved}`;
    lines.push(
      `if (patch.${field.name} !== undefined) {`,
      `  const value = patch.${field.name}${cast};`,
      `  if (${misfit(scalar, 'value')}) this.${field.name} = value;`,
      `  ${word} = ${put};`,
      '}',
    );
  }
  return [...lines, ...used.map((word) => `this.$memory.writeU${bits}(${at[word]}, ${word});`)];
}

/** Writes a member of a patch through its setter. */
export function assignMember(name: string, types: Types): string {
  const cast = types.read === types.write ? '' : ` as ${types.write}`;
  const line = `if (patch.${name} !== undefined) this.${name} = patch.${name}${cast};`;
  if (BODY + line.length <= WIDTH) return line;
  return `if (patch.${name} !== undefined)\n  this.${name} = patch.${name}${cast};`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
