import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { StructMetadata } from '../bits/index.js';
import type { RunContext } from './context.js';

export function structureOf(name: string): StructMetadata {
  const type = metadata.types[name];
  if (type?.kind !== 'struct') throw new TypeError(`${name} is no struct`);
  return type;
}

/** What is known of a member, or of the bytes that belong to none: where it is specified, and why it is open. */
interface Known {
  readonly section?: string;
  readonly open?: string | undefined;
}

/**
 * Tells those who look on that the RMM has written a structure, member by member.
 *
 * @param address physical address of the structure, in bytes
 * @param called what the structure is called
 */
export function storeStructure(
  context: RunContext,
  type: string,
  address: number,
  called: string,
  occasion: string,
  known: (member: string | undefined) => Known = () => ({}),
): void {
  if (!context.isWatched) return;
  const { members, reserved, section } = structureOf(type);
  for (const { name, offset, bits, count } of members) {
    const { section: where = section, open } = known(name);
    const size = bits / 8;
    for (let i = 0; i < (count ?? 1); i++) {
      const what = `${called}.${name}${count === undefined ? '' : `[${i}]`}`;
      context.stored({ address: address + offset + i * size, size, what, occasion, section: where, open });
    }
  }
  const { section: where = section, open } = known(undefined);
  for (const { offset, size } of reserved)
    context.stored({
      address: address + offset,
      size,
      what: `unused bits of ${called}`,
      occasion,
      section: where,
      open,
    });
}
