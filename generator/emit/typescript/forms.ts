import {
  type Enumeration,
  type Fieldset,
  resolved,
  type Struct,
  type Type,
  widthOf,
} from '../../model/index.js';
import { integer, literalOf } from './text.js';

/** An integer as generated code holds it: a number up to 32 bits, a bigint beyond. */
export interface Scalar {
  readonly form: 'scalar';
  readonly kind: 'number' | 'bigint';
  readonly width: number;
  readonly signed: boolean;
  readonly enumeration: Enumeration | undefined;
}

/** What generated code makes of a type. */
export type Form =
  | Scalar
  | { readonly form: 'bytes'; readonly size: number }
  | { readonly form: 'view'; readonly of: Fieldset | Struct };

/** A value seen as an integer of so many bits, whatever its fields are. */
export function scalarOf(type: Type, width = widthOf(type)): Scalar {
  const target = resolved(type);
  return {
    form: 'scalar',
    kind: width > 32 ? 'bigint' : 'number',
    width,
    signed: target.kind !== 'fieldset' && target.kind !== 'struct' && target.signed,
    enumeration: target.kind === 'enumeration' ? target : undefined,
  };
}

export function formOf(type: Type): Form {
  const target = resolved(type);
  if (target.kind === 'fieldset' || target.kind === 'struct') return { form: 'view', of: target };
  const width = widthOf(target);
  return width > 64 ? { form: 'bytes', size: Math.ceil(width / 8) } : scalarOf(target);
}

export function reservedName(scalar: Scalar): 'ReservedEncoding' | 'ReservedEncoding64' | undefined {
  if (scalar.enumeration?.reserved !== true) return undefined;
  return scalar.kind === 'bigint' ? 'ReservedEncoding64' : 'ReservedEncoding';
}

/** The test that a value does not belong into a scalar, as cheap as it can be made; `value` is an expression. */
export function misfit(scalar: Scalar, value: string): string {
  const { kind, width, signed, enumeration } = scalar;
  if (enumeration?.reserved === true) {
    const range = rangeOf(enumeration);
    if (range === undefined) return `!${enumeration.name}.is(${value})`;
    const [min, max] = [literalOf(range.min, kind), literalOf(range.max, kind)];
    if (kind === 'bigint') return `typeof ${value} !== 'bigint' || ${value} < ${min} || ${value} > ${max}`;
    if (range.min === 0n)
      return `typeof ${value} !== 'number' || ${value} >>> 0 !== ${value} || ${value} > ${max}`;
    return `!Number.isInteger(${value}) || ${value} < ${min} || ${value} > ${max}`;
  }
  if (kind === 'bigint') {
    const cut = signed ? 'asIntN' : 'asUintN';
    return `typeof ${value} !== 'bigint' || BigInt.${cut}(${width}, ${value}) !== ${value}`;
  }
  return `typeof ${value} !== 'number' || ${cutNumber(value, width, signed)} !== ${value}`;
}

/** The least and the greatest value of an enumeration, if all between them have a label. */
function rangeOf(enumeration: Enumeration): { readonly min: bigint; readonly max: bigint } | undefined {
  const values = enumeration.labels.map((label) => label.value!);
  values.sort((a, b) => (a < b ? -1 : 1));
  const [min, max] = [values[0]!, values.at(-1)!];
  return max - min + 1n === BigInt(values.length) ? { min, max } : undefined;
}

/** Whether generated code asks the enumeration itself, since its labels have gaps. */
export function asksEnumeration({ enumeration }: Scalar): boolean {
  return enumeration?.reserved === true && rangeOf(enumeration) === undefined;
}

/** The low bits of a number, as an integer. */
function cutNumber(text: string, width: number, signed: boolean): string {
  if (signed) return width === 32 ? `(${text} | 0)` : `(${text} << ${32 - width}) >> ${32 - width}`;
  return width === 32 ? `${text} >>> 0` : `(${text} & ${mask(width)})`;
}

export function mask(width: number): string {
  return integer((1n << BigInt(width)) - 1n);
}
