import {
  bitsOf,
  bytesOf,
  type Field,
  type Fieldset,
  type ReservedBits,
  rangeText,
} from '../../model/index.js';
import { AccessorClassBuilder, BODY } from './accessor.js';
import { extract, placeOf, readBits, writeBits } from './bits.js';
import { type Scalar, scalarOf } from './forms.js';
import type { Module } from './module.js';
import { sentence, term } from './text.js';

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

  const assignments = fields.map(({ field, types }) => {
    const cast = types.read === types.write ? '' : ` as ${types.write}`;
    return callIfAssign(field.name, cast);
  });
  builder.method(
    { name: 'assign', parameters: [{ name: 'patch', type: patch }], returnType: 'this' },
    [
      `if (typeof patch !== 'object' || patch === null) {\n  this.$value = patch;\n  return this;\n}`,
      ...assignments,
      'return this;',
    ],
    'Writes the given fields, or all bits at once.',
  );
  builder.finish();
}

/** Writes a member of a patch through its setter. */
export function callIfAssign(name: string, cast: string): string {
  const line = `if (patch.${name} !== undefined) this.${name} = patch.${name}${cast};`;
  if (BODY + line.length <= 110) return line;
  return `if (patch.${name} !== undefined)\n  this.${name} = patch.${name}${cast};`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
