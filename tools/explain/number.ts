import { type Fieldset, maskOf, resolved } from '../../generator/model/index.js';
import {
  code,
  type Line,
  link,
  type Piece,
  plain,
  type Reference,
  type Source,
} from '../../generator/pages/index.js';

/** Something that a number can stand for. */
export interface Meaning {
  readonly at: Reference;
  /** What the number is there, to be read after "is". */
  readonly line: Line;
}

export interface Numeral {
  readonly value: bigint;
  /** Hexadecimal digits as they were given, without leading zeros; empty for a decimal number. */
  readonly digits: string;
}

const pattern = /^(-?)(0x)?([0-9a-f][0-9a-f_]*)(?:ull|ul|u|ll|l)?$/i;

/** A number as people paste it: decimal or hexadecimal, signed, with a suffix of C. Undefined for a name. */
export function numberIn(query: string): Numeral | undefined {
  const match = pattern.exec(query);
  if (match === null) return undefined;
  const [, sign, prefix, text = ''] = match;
  const digits = text.replaceAll('_', '').toLowerCase();
  if (digits.length > 40 || (prefix === undefined && /[a-f]/.test(digits))) return undefined;
  const value = BigInt((prefix === undefined ? '' : '0x') + digits);
  return {
    value: sign === '-' ? -value : value,
    digits: prefix === undefined ? '' : digits.replace(/^0+/, ''),
  };
}

/** Everything that a number can stand for: FIDs first, then values in X0, masks, constants, labels and offsets. */
export function meaningsOf(number: Numeral, source: Source): readonly Meaning[] {
  const { value } = number;
  const exact = [...source.model.commands.values()].find((one) => one.fid === value);
  // A FID is long enough to mean nothing else.
  if (exact !== undefined) return [named('the FID of ', exact.name)];
  return [
    ...asFid(number, source),
    ...asResult(value, source),
    ...asValue(value, source),
    ...asOffset(number, source),
  ];
}

function named(what: string, item: string): Meaning {
  return { at: { item }, line: [plain(what), link(item)] };
}

/** Kernel headers write only the low digits of a FID. */
function* asFid({ digits }: Numeral, { model }: Source): Iterable<Meaning> {
  if (digits.length < 2) return;
  for (const { name, fid } of model.commands.values())
    if (fid.toString(16).endsWith(digits)) yield named('the end of the FID of ', name);
}

/** What a number says in X0 when several fields of it say something. */
function* asResult(value: bigint, { model }: Source): Iterable<Meaning> {
  const types = new Set<Fieldset>();
  for (const { outputs } of model.commands.values()) {
    for (const output of outputs) {
      const type = resolved(output.type);
      if (output.register === 0 && type.kind === 'fieldset') types.add(type);
    }
  }
  for (const type of types) {
    const line = fieldsOf(type, value);
    if (line !== undefined) yield { at: { item: type.name }, line };
  }
}

/** The fields of a value by name; undefined when it is no value of the fieldset, or at most one field is set. */
function fieldsOf(fieldset: Fieldset, value: bigint): Line | undefined {
  const line: Piece[] = [];
  let left = value;
  let filled = 0;
  for (const field of fieldset.fields) {
    const bits = (value & maskOf(field)) >> BigInt(field.lsb);
    left &= ~maskOf(field);
    if (bits > 0n) filled++;
    const type = resolved(field.type);
    const label = type.kind === 'enumeration' ? type.labels.find((one) => one.value === bits) : undefined;
    if (type.kind === 'enumeration' && label === undefined) return undefined;
    line.push(
      plain(`${line.length === 0 ? '' : ', '}${field.name} `),
      label === undefined ? code(String(bits)) : link(label.of.name, label.name),
    );
  }
  return left === 0n && filled > 1 ? [...line, plain(' in '), link(fieldset.name)] : undefined;
}

function* asValue(value: bigint, { model }: Source): Iterable<Meaning> {
  for (const mask of model.masks.values()) if (mask.value === value) yield named('the value of ', mask.name);
  for (const map of model.maps.values())
    for (const { name, key } of map.entries)
      if (BigInt(key) === value && key > 9)
        yield { at: { item: map.name, part: name }, line: [plain('a key of '), link(map.name)] };
  for (const constant of model.constants.values())
    if (constant.value === value) yield named('the value of ', constant.name);
  for (const type of model.types.values()) {
    if (type.kind !== 'enumeration') continue;
    for (const label of type.labels) {
      if (label.value === undefined) continue;
      if (label.value === value || (type.signed && BigInt.asUintN(type.width, label.value) === value))
        yield { at: { item: type.name, part: label.name }, line: [plain('a value of '), link(type.name)] };
    }
  }
}

/** Offsets are written in hexadecimal; a decimal number, or zero, rarely is one. */
function* asOffset({ value, digits }: Numeral, { model }: Source): Iterable<Meaning> {
  if (digits === '' || value === 0n) return;
  for (const type of model.types.values()) {
    if (type.kind !== 'struct' || type.abstract) continue;
    for (const { name, offset } of type.members)
      if (BigInt(offset) === value)
        yield { at: { item: type.name, part: name }, line: [plain('the offset of '), link(type.name, name)] };
  }
}
