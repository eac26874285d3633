import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';

/** The bits of some fields of a fieldset, as a mask: for syndromes, which are handed on bit by bit. */
export function bitsOf(type: string, ...fields: readonly string[]): bigint {
  const layout = metadata.types[type];
  if (layout?.kind !== 'fieldset') throw new TypeError(`${type} is no fieldset`);
  return layout.fields
    .filter((field) => fields.includes(field.name))
    .reduce((mask, { msb, lsb }) => mask | (((1n << BigInt(msb - lsb + 1)) - 1n) << BigInt(lsb)), 0n);
}
