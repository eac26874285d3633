import type { Alias, BitRange, FieldCases, Primitive, Type } from './model.js';

/** The widest primitive, in bits: a measurement is Bits512. */
export const MAX_WIDTH = 512;

const primitives = new Map<string, Primitive>();

/** `UInt8`, `Bits64`, `Int64`, `Address` ... (C2), or undefined. */
export function primitiveOf(name: string): Primitive | undefined {
  const known = primitives.get(name);
  if (known !== undefined) return known;
  if (name === 'Address') return remember({ kind: 'primitive', name, width: 64, signed: false });
  const match = /^(UInt|Bits|Int)([1-9][0-9]{0,2})$/.exec(name);
  if (match === null) return undefined;
  const width = Number(match[2]);
  if (width > MAX_WIDTH) return undefined;
  return remember({ kind: 'primitive', name, width, signed: match[1] === 'Int' });
}

function remember(primitive: Primitive): Primitive {
  primitives.set(primitive.name, Object.freeze(primitive));
  return primitive;
}

/** Stands where a type could not be resolved, so that one mistake is reported once. */
export const UNRESOLVED: Primitive = Object.freeze({
  kind: 'primitive',
  name: '?',
  width: Number.NaN,
  signed: false,
});

/** The type behind aliases. */
export function resolved(type: Type): Exclude<Type, Alias> {
  let at = type;
  for (let hops = 0; at.kind === 'alias' && hops < 64; hops++) at = at.type;
  return at.kind === 'alias' ? UNRESOLVED : at;
}

export function isAbstract(type: Type): boolean {
  const target = resolved(type);
  return (target.kind === 'enumeration' || target.kind === 'struct') && target.abstract;
}

/** Width in bits of a concrete type; NaN if it could not be resolved. */
export function widthOf(type: Type): number {
  const target = resolved(type);
  return target.kind === 'struct' ? target.size * 8 : target.width;
}

/** Bytes that a value of a concrete type takes in a struct: its width rounded up to a power of two of bytes, up to 8. */
export function bytesOf(type: Type): number {
  const width = widthOf(type);
  if (width > 64) return Math.ceil(width / 8);
  let bytes = 1;
  while (bytes * 8 < width) bytes *= 2;
  return bytes;
}

/** Alignment in bytes of a member of that type. */
export function alignmentOf(type: Type): number {
  const target = resolved(type);
  if (target.kind !== 'struct') return Math.min(8, bytesOf(target));
  let align = 1;
  for (const member of target.members) align = Math.max(align, alignmentOf(member.type));
  return align;
}

export function bitsOf(range: BitRange): number {
  return range.msb - range.lsb + 1;
}

export function maskOf(range: BitRange): bigint {
  return ((1n << BigInt(bitsOf(range))) - 1n) << BigInt(range.lsb);
}

/** `7:0`, or `8` for one bit. */
export function rangeText(range: BitRange): string {
  return range.msb === range.lsb ? String(range.msb) : `${range.msb}:${range.lsb}`;
}

/** `bits 7:0`, or `bit 8`. */
export function bitsText(range: BitRange): string {
  return `${range.msb === range.lsb ? 'bit' : 'bits'} ${rangeText(range)}`;
}

/** The least and greatest value of `width` bits. */
export function limitsOf(width: number, signed: boolean): { readonly min: bigint; readonly max: bigint } {
  const all = 1n << BigInt(width);
  return signed ? { min: -(all >> 1n), max: (all >> 1n) - 1n } : { min: 0n, max: all - 1n };
}

/** A number in a message: hexadecimal from 2^16 on, and never longer than a line. */
export function numberText(value: bigint): string {
  const text = value < 0x1_0000n ? String(value) : hex(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** A number as the document writes offsets and FIDs. */
export function hex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** What decides the layout of a field, as `by` in a specification has it. */
export function deciderOf({ by, selector }: FieldCases): string {
  return by === undefined ? selector.name : by.of === '' ? by.part : `${by.of}.${by.part}`;
}
