import * as accessors from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { bytesOf, type Fieldset, type Member, resolved, type Struct } from '../../generator/index.js';
import { Memory } from '../../runtime/bits/index.js';
import { specification } from './model.js';

/** Test data is written down as the bits of each value, by the model's layout, valid or not. */
export type Plain = number | bigint | Uint8Array | readonly (number | bigint)[] | Fields;
export interface Fields {
  readonly [name: string]: Plain;
}

function structOf(name: string): Struct {
  const type = specification.types.get(name);
  if (type?.kind !== 'struct') throw new Error(`${name} is no struct`);
  return type;
}

function memberOf(struct: Struct, name: string): Member {
  const member = struct.members.find((one) => one.name === name);
  if (member === undefined) throw new Error(`${struct.name} has no ${name}`);
  return member;
}

/** The value of a label, which the tests use by name. */
export function label(name: string): bigint {
  for (const type of specification.types.values()) {
    const found = type.kind === 'enumeration' ? type.labels.find((one) => one.name === name) : undefined;
    if (found?.value !== undefined) return found.value;
  }
  throw new Error(`there is no label ${name}`);
}

function write(bytes: Uint8Array, member: Member, value: Plain, at: number): void {
  const type = resolved(member.type);
  const size = bytesOf(type);
  if (value instanceof Uint8Array) bytes.set(value, at);
  else if (Array.isArray(value))
    for (const [i, item] of value.entries()) write(bytes, member, item, at + i * size);
  else if (typeof value === 'object') bytes.set(encode(type.name, value as Fields), at);
  else for (let i = 0; i < size; i++) bytes[at + i] = Number((BigInt(value) >> BigInt(8 * i)) & 0xffn);
}

/** The bytes of a concrete struct in which some members have a value and all else is zero. */
export function encode(name: string, values: Fields): Uint8Array {
  const struct = structOf(name);
  const bytes = new Uint8Array(struct.size);
  for (const member of struct.members)
    if (member.value !== undefined) write(bytes, member, member.value, member.offset);
  for (const [own, value] of Object.entries(values)) {
    const member = memberOf(struct, own);
    write(bytes, member, value, member.offset);
  }
  return bytes;
}

/** A struct of which some members are as in other bytes, and all else is zero. */
export function copied(name: string, from: Uint8Array, members: readonly string[]): Uint8Array {
  const struct = structOf(name);
  const bytes = new Uint8Array(struct.size);
  for (const one of members) {
    const { offset, type, count = 1 } = memberOf(struct, one);
    const end = offset + count * bytesOf(type);
    bytes.set(from.subarray(offset, end), offset);
  }
  return bytes;
}

/** The bits of a fieldset given by its fields. */
export function flags(name: string, values: Readonly<Record<string, number | bigint>>): bigint {
  const type = specification.types.get(name);
  if (type?.kind !== 'fieldset') throw new Error(`${name} is no fieldset`);
  return Object.entries(values).reduce((bits, [field, value]) => {
    const found = type.fields.find((one) => one.name === field)!;
    return bits | (BigInt(value) << BigInt(found.lsb));
  }, 0n);
}

type Classes = Readonly<Record<string, new (memory: Memory, base: number) => { $value: bigint }>>;

const registers = Memory.alloc(32 * 8);
let next = 0;

/** A register's bits behind the accessor of a fieldset. The thirty-second after it takes its place. */
export function accessor(type: Fieldset, bits: bigint): { readonly $value: bigint } {
  next = (next + 8) % registers.size;
  const made = new (accessors as unknown as Classes)[type.name]!(registers, next);
  made.$value = bits;
  return made;
}
