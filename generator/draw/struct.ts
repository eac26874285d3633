import { bytesOf, hex, type Member, type Reserved, type Struct } from '../model/index.js';

/** A run of bytes of a struct: a member, or what lies between members. Offset and size in bytes. */
export interface Extent {
  readonly offset: number;
  readonly size: number;
  /** Undefined for bytes that belong to no member. */
  readonly member: Member | undefined;
  /** What bytes are that belong to no member. */
  readonly unused: Reserved | undefined;
}

/** All bytes of a concrete struct in order, without gaps. */
export function extentsOf(struct: Struct): readonly Extent[] {
  const found: Extent[] = [
    ...struct.members.map((member) => ({
      offset: member.offset,
      size: bytesOf(member.type) * (member.count ?? 1),
      member,
      unused: undefined,
    })),
    ...struct.reserved.map((range) => ({
      offset: range.offset,
      size: range.size,
      member: undefined,
      unused: range.as,
    })),
  ];
  found.sort((a, b) => a.offset - b.offset);
  const all: Extent[] = [];
  let next = 0;
  const gap = (to: number): void => {
    if (to > next) all.push({ offset: next, size: to - next, member: undefined, unused: struct.unused });
  };
  for (const extent of found) {
    gap(extent.offset);
    all.push(extent);
    next = extent.offset + extent.size;
  }
  gap(struct.size);
  return all;
}

/** A member as it is declared: `gprs[31]`. */
export function memberTitle(member: Member): string {
  return member.count === undefined ? member.name : `${member.name}[${member.count}]`;
}

interface Boxes {
  readonly extents: readonly Extent[];
  /** Hexadecimal digits of an offset. */
  readonly digits: number;
  readonly name: number;
  readonly type: number;
  readonly size: number;
  /** Columns between the walls. */
  readonly inner: number;
}

function boxesOf(struct: Struct): Boxes {
  const extents = extentsOf(struct);
  const widest = (text: (extent: Extent) => string) =>
    Math.max(3, ...extents.map((extent) => text(extent).length));
  const name = widest(({ member }) => (member === undefined ? '' : memberTitle(member)));
  const type = widest(({ member }) => member?.type.name ?? '');
  const size = widest((extent) => hex(extent.size));
  const digits = Math.max(0, struct.size - 1).toString(16).length;
  return { extents, digits, name, type, size, inner: name + type + size + 6 };
}

/** Columns that the drawing of a struct takes. */
export function structWidth(struct: Struct): number {
  const { digits, inner } = boxesOf(struct);
  return digits + inner + 5;
}

/**
 * A struct as a column of boxes from offset 0 down; hatched boxes hold no member. Offsets and sizes in bytes.
 *
 * @param beside Lines that stand on the right of a member. With it the boxes have no lines between them.
 */
export function drawStruct(struct: Struct, beside?: (member: Member) => readonly string[]): string {
  const { extents, digits, name, type, size, inner } = boxesOf(struct);
  const margin = ' '.repeat(digits + 3);
  const lines = [`${margin}┌${'─'.repeat(inner)}┐`];
  for (const [index, extent] of extents.entries()) {
    if (index > 0 && beside === undefined) lines.push(`${margin}├${'─'.repeat(inner)}┤`);
    const { member } = extent;
    const bytes = hex(extent.size).padStart(size);
    const row =
      member === undefined
        ? `░${` ${extent.unused ?? 'unused'} `.padEnd(name + type + 3, '░')}░ ${bytes} `
        : ` ${memberTitle(member).padEnd(name)}  ${member.type.name.padEnd(type)}  ${bytes} `;
    const notes = member === undefined ? [] : (beside?.(member) ?? []);
    lines.push(`${hex(extent.offset, digits)} │${row}│  ${notes[0] ?? ''}`.trimEnd());
    for (const note of notes.slice(1)) lines.push(`${margin}│${' '.repeat(inner)}│  ${note}`);
  }
  lines.push(`${margin}└${'─'.repeat(inner)}┘`);
  return `${lines.join('\n')}\n`;
}
