import { resolved, type Type, type TypeUse, widthOf } from '../../../model/index.js';

/**
 * How generated conditions hold a value. Addresses and integers are numbers, since comparing bigints costs ten times
 * as much; a 64-bit unsigned value that a caller chose stays a bigint, so that sums wrap as they must.
 */
export type Representation =
  | { readonly kind: 'number' | 'bigint' | 'bytes' | 'boolean' }
  /** A concrete fieldset or struct: an accessor class of that name. */
  | { readonly kind: 'accessor'; readonly name: string }
  /** An abstract struct: an interface of that name. */
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'array'; readonly element: Representation };

export const NUMBER: Representation = { kind: 'number' };
export const BIGINT: Representation = { kind: 'bigint' };
export const BYTES: Representation = { kind: 'bytes' };
export const TRUTH: Representation = { kind: 'boolean' };

/**
 * Where a value comes from. A caller's registers and memory hold 64 bits of anything; the RMM's own state holds
 * counts and sizes, which stay far below 2^53.
 */
export type Origin = 'caller' | 'state';

export function representationOf(type: Type, origin: Origin): Representation {
  const target = resolved(type);
  switch (target.kind) {
    case 'enumeration':
      return target.abstract || target.width <= 32 ? NUMBER : BIGINT;
    case 'fieldset':
      return { kind: 'accessor', name: target.name };
    case 'struct':
      return target.abstract
        ? { kind: 'object', name: target.name }
        : { kind: 'accessor', name: target.name };
    default: {
      if (target.name === 'Address' || target.signed) return NUMBER;
      const width = widthOf(target);
      if (width <= 32) return NUMBER;
      if (width > 64) return BYTES;
      return target.name.startsWith('UInt') && origin === 'state' ? NUMBER : BIGINT;
    }
  }
}

export function representationOfUse(use: TypeUse): Representation {
  const element =
    use.type === 'integer'
      ? NUMBER
      : use.type === 'boolean'
        ? TRUTH
        : use.type === 'bits'
          ? BYTES
          : representationOf(use.type, 'state');
  return use.count === undefined ? element : { kind: 'array', element };
}

/** The TypeScript type of a representation. Labels of enumerations keep their names through `label`. */
export function typescriptType(representation: Representation, label?: string): string {
  switch (representation.kind) {
    case 'number':
      return label ?? 'number';
    case 'bigint':
      return label ?? 'bigint';
    case 'bytes':
      return 'Uint8Array';
    case 'boolean':
      return 'boolean';
    case 'array':
      return `readonly ${typescriptType(representation.element, label)}[]`;
    default:
      return representation.name;
  }
}
