import { bitsOf, bytesOf, type Fieldset, type Member, resolved, type Struct } from '../../generator/index.js';
import { specification } from './model.js';

/** A value of a concrete type, as test data is written down. */
export type Plain =
  | number
  | bigint
  | Uint8Array
  | readonly Plain[]
  | { readonly [name: string]: Plain }
  | PlainArray;

/** An array member of a struct, as the accessors present one. */
export interface PlainArray {
  readonly length: number;
  get(index: number): bigint;
}

export function structOf(name: string): Struct {
  const type = specification.types.get(name);
  if (type?.kind !== 'struct') throw new Error(`${name} is no struct`);
  return type;
}

/** The value of a label, which the tests use by name. */
export function label(name: string): bigint {
  for (const type of specification.types.values()) {
    const found = type.kind === 'enumeration' ? type.labels.find((one) => one.name === name) : undefined;
    if (found?.value !== undefined) return found.value;
  }
  throw new Error(`there is no label ${name}`);
}

function isArray(value: Plain): value is PlainArray {
  return typeof value === 'object' && 'get' in value;
}

function write(bytes: Uint8Array, member: Member, value: Plain, at: number): void {
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) write(bytes, member, value.get(i), at + i * bytesOf(member.type));
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) write(bytes, member, item, at + i * bytesOf(member.type));
  } else if (value instanceof Uint8Array) {
    bytes.set(value, at);
  } else {
    // A fieldset is an object that carries its bits as `value`.
    const bits = typeof value === 'object' ? (value as { value: bigint }).value : BigInt(value);
    const size = bytesOf(resolved(member.type));
    for (let i = 0; i < size; i++) bytes[at + i] = Number((bits >> BigInt(8 * i)) & 0xffn);
  }
}

/** The bytes of a concrete struct in which some members have a value and all else is zero. */
export function encode(name: string, values: Readonly<Record<string, Plain>>): Uint8Array {
  const struct = structOf(name);
  const bytes = new Uint8Array(struct.size);
  for (const member of struct.members) {
    const value = values[member.name] ?? member.value;
    if (value !== undefined) write(bytes, member, value, member.offset);
  }
  return bytes;
}

export function fieldsetOf(name: string): Fieldset {
  const type = specification.types.get(name);
  if (type?.kind !== 'fieldset') throw new Error(`${name} is no fieldset`);
  return type;
}

/** A fieldset as its accessor presents it: the bits as `value`, and each field by its name. */
export function fieldset(type: Fieldset, bits: bigint): { readonly value: bigint } {
  const fields: Record<string, number | bigint> = {};
  for (const field of type.fields) {
    const value = BigInt.asUintN(bitsOf(field), bits >> BigInt(field.lsb));
    fields[field.name] = bitsOf(field) <= 32 ? Number(value) : value;
  }
  return { value: bits, ...fields };
}

/** A fieldset given by its fields. */
export function flags(name: string, values: Readonly<Record<string, number | bigint>>): { value: bigint } {
  const type = fieldsetOf(name);
  let bits = 0n;
  for (const [field, value] of Object.entries(values))
    bits |= BigInt(value) << BigInt(type.fields.find((one) => one.name === field)!.lsb);
  return fieldset(type, bits);
}

/** An array member; what is not given is zero. */
export function list(length: number, values: readonly (number | bigint)[] = []): PlainArray {
  return { length, get: (index) => BigInt(values[index] ?? 0) };
}
