import {
  type BitRange,
  bitsOf,
  bitsText,
  bytesOf,
  type Enumeration,
  type Field,
  type Fieldset,
  hex,
  isAbstract,
  type Mask,
  type Member,
  maskOf,
  type Reserved,
  rangeText,
  resolved,
  type Struct,
  type Type,
  widthOf,
} from '../../generator/model/index.js';
import type { Window } from './dump.js';

/** Something that the document does not allow, or that it gives no meaning. */
export interface Finding {
  readonly path: string;
  readonly sort: /** A reserved bit or byte is set. */
    | 'reserved'
    /** A bit is set that the mask of the member leaves out. */
    | 'permitted'
    /** No label of the enumeration has the value. */
    | 'label'
    /** The member always holds another value. */
    | 'value'
    /** Bits above those of the value are set. */
    | 'width'
    /** The dump lacks bytes. */
    | 'missing';
  readonly message: string;
  /** Where the document says so. */
  readonly section: string;
}

/** A value that has been read. */
export interface Reading {
  readonly value: bigint;
  readonly type: Type;
  /** Bits. */
  readonly width: number;
  /** The label that has the value. */
  readonly label: { readonly name: string; readonly doc: string; readonly of: string } | undefined;
  /** How its bits are laid out. */
  readonly layout: Fieldset | undefined;
  readonly fields: readonly FieldReading[];
}

export interface FieldReading {
  readonly field: Field;
  readonly reading: Reading;
}

/** A member of a struct, an element of one that is an array, or a run of bytes that belongs to none. */
export interface Entry {
  readonly path: string;
  /** Bytes from the start of what is decoded. */
  readonly offset: number;
  readonly size: number;
  readonly bytes: Uint8Array;
  /** Undefined where they belong to none, and for a value that stands alone. */
  readonly member: Member | undefined;
  /** Whether they are bytes of a struct that belong to no member. */
  readonly gap: boolean;
  /** What such bytes are. */
  readonly unused: Reserved | undefined;
  /** Undefined when bytes are missing, when there are more than a register holds, or when they belong to no member. */
  readonly reading: Reading | undefined;
  readonly complete: boolean;
  /** Whether the dump has any byte of it. */
  readonly there: boolean;
}

export interface Decoded {
  readonly entries: readonly Entry[];
  readonly findings: readonly Finding[];
}

/** Reads a value of at most 64 bits. */
export function readValue(
  type: Type,
  value: bigint,
  path: string,
  section: string,
  findings: Finding[],
  layout?: Fieldset,
): Reading {
  const target = resolved(type);
  const width = widthOf(target);
  const excess = value >> BigInt(width);
  if (excess !== 0n)
    findings.push({
      path,
      sort: 'width',
      message: `bits above the ${width} of ${type.name} are set`,
      section,
    });
  const own = BigInt.asUintN(width, value);
  const fieldset = layout ?? (target.kind === 'fieldset' ? target : undefined);
  const label = target.kind === 'enumeration' ? labelOf(target, own, path, findings) : undefined;
  return {
    value: isSigned(target) ? BigInt.asIntN(width, own) : own,
    type,
    width,
    label,
    layout: fieldset,
    fields: fieldset === undefined ? [] : fieldsOf(fieldset, own, path, findings),
  };
}

function isSigned(type: ReturnType<typeof resolved>): boolean {
  return (type.kind === 'primitive' || type.kind === 'enumeration') && type.signed;
}

function labelOf(of: Enumeration, value: bigint, path: string, findings: Finding[]): Reading['label'] {
  const signed = of.signed ? BigInt.asIntN(of.width, value) : value;
  const label = of.labels.find((one) => one.value === signed);
  if (label !== undefined) return { name: label.name, doc: label.doc, of: of.name };
  findings.push({
    path,
    sort: 'label',
    message: `${of.name} has no label for ${signed}${of.reserved ? ', a reserved encoding' : ''}`,
    section: of.section,
  });
  return undefined;
}

function fieldsOf(of: Fieldset, value: bigint, path: string, findings: Finding[]): readonly FieldReading[] {
  for (const range of of.reserved) {
    const bits = (value & maskOf(range)) >> BigInt(range.lsb);
    const whole = (1n << BigInt(bitsOf(range))) - 1n;
    if (range.as === 'RES1' ? bits === whole : bits === 0n) continue;
    const set =
      range.as === 'RES1'
        ? `${bitsText(range)} ${whole === 1n ? 'is' : 'are'} not all ones`
        : setBits(bits, range);
    findings.push({ path, sort: 'reserved', message: `${set}: ${range.as}`, section: of.section });
  }
  return of.fields.map((field) => {
    const bits = (value & maskOf(field)) >> BigInt(field.lsb);
    const layout = caseOf(of, field, value);
    return {
      field,
      reading: readValue(field.type, bits, `${path}.${field.name}`, of.section, findings, layout),
    };
  });
}

/** The layout of a field that another field of the same value decides. */
function caseOf(of: Fieldset, { cases }: Field, value: bigint): Fieldset | undefined {
  // A field beside it has no type before its name.
  const by = cases?.by?.of === '' ? of.fields.find((one) => one.name === cases.by?.part) : undefined;
  if (cases === undefined || by === undefined) return undefined;
  const selected = (value & maskOf(by)) >> BigInt(by.lsb);
  const label = cases.selector.labels.find((one) => one.value === selected);
  const chosen =
    cases.cases.find(({ when }) => label !== undefined && when?.includes(label)) ??
    cases.cases.find(({ when }) => when === undefined);
  return chosen?.type;
}

/** `bit 9 is set`, `bits 43 and 45 of 63:42 are set`, or their number when there are many. */
function setBits(bits: bigint, range: BitRange): string {
  const set: number[] = [];
  for (let at = 0; bits >> BigInt(at) !== 0n; at++) if ((bits >> BigInt(at)) & 1n) set.push(at + range.lsb);
  const where = range.msb === range.lsb ? '' : ` of ${rangeText(range)}`;
  if (set.length === 1) return `bit ${set[0]}${where} is set`;
  if (set.length > 6) return `${set.length} bits${where} are set`;
  return `bits ${set.slice(0, -1).join(', ')} and ${set.at(-1)}${where} are set`;
}

/** Reads bytes as a value of a concrete type. */
export function readBytes(
  type: Type,
  window: Window,
  path: string,
  section: string,
  register?: Fieldset,
): Decoded {
  const findings: Finding[] = [];
  const target = resolved(type);
  const entries =
    target.kind === 'struct'
      ? structEntries(target, window, 0, path, findings)
      : [entryOf(undefined, type, window, 0, path, section, findings, register)];
  return { entries, findings };
}

/** Bytes that a concrete type takes. */
export function sizeOf(type: Type): number {
  const target = resolved(type);
  return target.kind === 'struct' ? target.size : bytesOf(target);
}

function structEntries(
  struct: Struct,
  window: Window,
  base: number,
  path: string,
  findings: Finding[],
): readonly Entry[] {
  const entries: Entry[] = [];
  const prefix = path === '' ? '' : `${path}.`;
  let next = 0;
  const unused = (to: number) => {
    for (const [from, end, as] of unusedRanges(struct, next, to))
      entries.push(unusedEntry(struct, window, base + from, end - from, as, findings));
    next = Math.max(next, to);
  };
  for (const member of struct.members) {
    unused(member.offset);
    const size = sizeOf(member.type);
    const target = resolved(member.type);
    for (let index = 0; index < (member.count ?? 1); index++) {
      const name = prefix + (member.count === undefined ? member.name : `${member.name}[${index}]`);
      const offset = base + member.offset + index * size;
      if (target.kind === 'struct') entries.push(...structEntries(target, window, offset, name, findings));
      else entries.push(entryOf(member, member.type, window, offset, name, struct.section, findings));
    }
    next = member.offset + size * (member.count ?? 1);
  }
  unused(struct.size);
  return entries;
}

/** The bytes between two offsets that no member has, cut where what they are changes. */
function* unusedRanges(
  struct: Struct,
  from: number,
  to: number,
): Iterable<readonly [number, number, Reserved | undefined]> {
  let at = from;
  while (at < to) {
    const range = struct.reserved.find((one) => at >= one.offset && at < one.offset + one.size);
    const following = struct.reserved.filter((one) => one.offset > at).map((one) => one.offset);
    const end = Math.min(to, range === undefined ? Math.min(to, ...following) : range.offset + range.size);
    yield [at, end, range?.as ?? struct.unused];
    at = end;
  }
}

function unusedEntry(
  struct: Struct,
  window: Window,
  offset: number,
  size: number,
  as: Reserved | undefined,
  findings: Finding[],
): Entry {
  const { bytes, complete, there } = cut(window, offset, size);
  const end = hex(offset + size - 1, 3);
  const path = size === 1 ? hex(offset, 3) : `${hex(offset, 3)}-${end}`;
  const set = bytes.filter((byte) => byte !== 0).length;
  if (set > 0 && as !== undefined) {
    const first = bytes.findIndex((byte) => byte !== 0);
    const place = hex(offset + first, 3);
    const what =
      set === 1 ? `the byte at ${place} is not zero` : `${set} bytes are not zero, the first at ${place}`;
    findings.push({
      path,
      sort: 'reserved',
      message: `${what}: ${as}`,
      section: struct.section,
    });
  }
  return {
    path,
    offset,
    size,
    bytes,
    member: undefined,
    gap: true,
    unused: as,
    reading: undefined,
    complete,
    there,
  };
}

function cut({ bytes, there }: Window, offset: number, size: number) {
  const known = there.subarray(offset, offset + size);
  return {
    bytes: bytes.subarray(offset, offset + size),
    complete: known.every((one) => one === 1),
    there: known.some((one) => one === 1),
  };
}

function entryOf(
  member: Member | undefined,
  type: Type,
  window: Window,
  offset: number,
  path: string,
  section: string,
  findings: Finding[],
  register = member?.register,
): Entry {
  const size = sizeOf(type);
  const { bytes, complete, there } = cut(window, offset, size);
  const common = { path, offset, size, bytes, member, gap: false, unused: undefined, complete, there };
  if (!complete || size > 8) return { ...common, reading: undefined };
  let value = 0n;
  for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  const reading = readValue(type, value, path, section, findings, register);
  if (member?.permitted !== undefined) checkPermitted(member.permitted, value, path, findings);
  if (member?.value !== undefined && value !== member.value)
    findings.push({
      path,
      sort: 'value',
      message: `it is ${hex(value)}, but always ${hex(member.value)}`,
      section,
    });
  return { ...common, reading };
}

/** Flags the fields of a register that a mask leaves out. */
export function checkPermitted(mask: Mask, value: bigint, path: string, findings: Finding[]): void {
  const excess = value & ~mask.value;
  for (const field of mask.register.fields)
    if ((excess & maskOf(field)) !== 0n)
      findings.push({
        path: `${path}.${field.name}`,
        sort: 'permitted',
        message: `it is set, but is not in ${mask.name}`,
        section: mask.section,
      });
}

/** Whether values of a type can be in memory or in a register. */
export function isConcrete(type: Type): boolean {
  return !isAbstract(type) && !Number.isNaN(widthOf(type));
}
