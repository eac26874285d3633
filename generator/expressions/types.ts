import type { Type, TypeUse, ValueType } from '../model/index.js';
import { resolved, UNRESOLVED } from '../model/index.js';

export const BOOLEAN: ValueType = Object.freeze({ kind: 'boolean' });
export const INTEGER: ValueType = Object.freeze({ kind: 'integer' });
export const ADDRESS: ValueType = Object.freeze({ kind: 'address' });
export const ZEROS: ValueType = Object.freeze({ kind: 'zeros' });

export function bits(width: number | undefined): ValueType {
  return { kind: 'bits', width };
}

/** How conditions see a value of a type; undefined when the type could not be resolved. */
export function valueTypeOf(type: Type): ValueType | undefined {
  const target = resolved(type);
  if (target === UNRESOLVED) return undefined;
  switch (target.kind) {
    case 'enumeration':
      return { kind: 'enumeration', of: target };
    case 'fieldset':
      return { kind: 'fieldset', of: target };
    case 'struct':
      return { kind: 'struct', of: target };
    default:
      if (target.name === 'Address') return ADDRESS;
      return target.name.startsWith('Bits')
        ? bits(target.width)
        : { kind: 'number', width: target.width, signed: target.signed };
  }
}

export function useTypeOf(use: TypeUse): ValueType | undefined {
  const element =
    use.type === 'integer'
      ? INTEGER
      : use.type === 'boolean'
        ? BOOLEAN
        : use.type === 'bits'
          ? bits(undefined)
          : valueTypeOf(use.type);
  if (element === undefined || use.count === undefined) return element;
  return { kind: 'array', element, count: use.count };
}

/** As people read it in a message. */
export function typeText(type: ValueType): string {
  switch (type.kind) {
    case 'number':
      return `${type.signed ? 'Int' : 'UInt'}${type.width}`;
    case 'bits':
      return type.width === undefined ? 'bits' : `Bits${type.width}`;
    case 'address':
      return 'Address';
    case 'zeros':
      return 'Zeros()';
    case 'enumeration':
    case 'fieldset':
    case 'struct':
      return type.of.name;
    case 'array':
      return `${typeText(type.element)}[${type.count}]`;
    default:
      return type.kind;
  }
}

export function isNumeric(type: ValueType): boolean {
  return type.kind === 'integer' || type.kind === 'number';
}

function bitWidth(type: ValueType): number | undefined {
  return type.kind === 'address' ? 64 : type.kind === 'bits' ? type.width : undefined;
}

export function isBits(type: ValueType): boolean {
  return type.kind === 'address' || type.kind === 'bits' || type.kind === 'zeros';
}

function sameBits(a: ValueType, b: ValueType): boolean {
  const left = bitWidth(a);
  const right = bitWidth(b);
  return (
    a.kind === 'zeros' || b.kind === 'zeros' || left === undefined || right === undefined || left === right
  );
}

/** Whether `==` makes sense. `fixed` says that a side is a constant, which the document also compares with bits. */
export function comparable(
  a: ValueType,
  b: ValueType,
  fixed: { readonly left: boolean; readonly right: boolean },
): boolean {
  if (isNumeric(a) && isNumeric(b)) return true;
  if (isBits(a) && isBits(b)) return sameBits(a, b);
  if (isBits(a) && isNumeric(b)) return a.kind === 'zeros' || fixed.right;
  if (isNumeric(a) && isBits(b)) return b.kind === 'zeros' || fixed.left;
  if (a.kind === 'boolean') return b.kind === 'boolean';
  if (a.kind === 'enumeration') return b.kind === 'enumeration' && a.of === b.of;
  // The document compares structs and arrays member by member.
  return a.kind === 'fieldset' && b.kind === 'fieldset' && a.of === b.of;
}

/** Whether an argument can be passed for a parameter. Numbers of any width pass for an integer. */
export function accepts(parameter: ValueType, argument: ValueType): boolean {
  if (parameter.kind === 'integer') return isNumeric(argument);
  if (parameter.kind === 'number')
    return argument.kind === 'integer' || (argument.kind === 'number' && argument.width <= parameter.width);
  if (isBits(parameter)) return isBits(argument) && sameBits(parameter, argument);
  if (parameter.kind === 'array')
    return (
      argument.kind === 'array' &&
      argument.count === parameter.count &&
      accepts(parameter.element, argument.element)
    );
  if (parameter.kind === 'boolean') return argument.kind === 'boolean';
  if (parameter.kind === 'struct') return argument.kind === 'struct' && argument.of === parameter.of;
  return comparable(parameter, argument, { left: false, right: false });
}
