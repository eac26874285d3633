import type { Memory } from './memory.js';
import type {
  BitsMetadata,
  CommandValueMetadata,
  FieldsetMetadata,
  MemberMetadata,
  ReservedAs,
  SpecificationMetadata,
  StructMetadata,
} from './metadata.js';
import { refuseBigint, refuseIndex } from './refuse.js';
import type { Registers } from './registers.js';

/**
 * Reading and writing by metadata: bits as they stand, for tools that show what memory holds and for tests that write
 * what an accessor refuses. Accessors are some hundred times faster.
 */

function readBytes(memory: Memory, offset: number, size: number): bigint {
  let value = 0n;
  for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(memory.readU8(offset + at));
  return value;
}

function maskOf({ msb, lsb }: BitsMetadata): bigint {
  return (1n << BigInt(msb - lsb + 1)) - 1n;
}

function place(base: number, member: MemberMetadata, index: number): number {
  if (index >>> 0 !== index || index >= (member.count ?? 1))
    refuseIndex(index, member.name, member.count ?? 1);
  return base + member.offset + (index * member.bits) / 8;
}

/** The bits of a member of the struct at `base`, as an unsigned integer; `index` picks an element of an array. */
export function readMember(memory: Memory, base: number, member: MemberMetadata, index = 0): bigint {
  return readBytes(memory, place(base, member, index), member.bits / 8);
}

/**
 * Writes the bits of a member, reserved encodings and all.
 *
 * @throws RangeError if the value is negative or does not fit in the bits of the member.
 */
export function writeMember(
  memory: Memory,
  base: number,
  member: MemberMetadata,
  value: bigint,
  index = 0,
): void {
  if (typeof value !== 'bigint' || BigInt.asUintN(member.bits, value) !== value)
    refuseBigint(value, member.name, member.bits);
  const at = place(base, member, index);
  for (let byte = 0; byte < member.bits / 8; byte++)
    memory.writeU8(at + byte, Number((value >> BigInt(byte * 8)) & 0xffn));
}

/** Bits `msb` to `lsb` of the value at `base`, as an unsigned integer. */
export function readField(memory: Memory, base: number, field: BitsMetadata): bigint {
  const first = field.lsb >>> 3;
  const bytes = readBytes(memory, base + first, (field.msb >>> 3) - first + 1);
  return (bytes >> BigInt(field.lsb - first * 8)) & maskOf(field);
}

/**
 * Writes bits `msb` to `lsb` of the value at `base` and no others.
 *
 * @throws RangeError if the value is negative or does not fit.
 */
export function writeField(memory: Memory, base: number, field: BitsMetadata, value: bigint): void {
  const bits = field.msb - field.lsb + 1;
  if (typeof value !== 'bigint' || BigInt.asUintN(bits, value) !== value)
    refuseBigint(value, `bits ${field.msb}:${field.lsb}`, bits);
  for (let bit = field.lsb; bit <= field.msb; bit++) {
    const at = base + (bit >>> 3);
    const set = Number((value >> BigInt(bit - field.lsb)) & 1n) << (bit & 7);
    memory.writeU8(at, (memory.readU8(at) & ~(1 << (bit & 7))) | set);
  }
}

/** A reserved range that does not hold what it must: zero, or ones for RES1. */
export interface ReservedUse {
  /** The value that the range is part of, from the outermost: `RmiRecRun.enter.flags`. */
  readonly name: string;
  readonly section: string;
  readonly as: ReservedAs;
  /** Bytes from the start of the outermost value, of the range or of the value that it is part of. */
  readonly offset: number;
  /** Bits of the value; undefined when the range is `size` whole bytes. */
  readonly bits: BitsMetadata | undefined;
  /** Bytes. */
  readonly size: number;
  /** What the range holds. */
  readonly found: bigint;
}

function* usesInFieldset(
  memory: Memory,
  base: number,
  offset: number,
  type: FieldsetMetadata,
  name: string,
): Iterable<ReservedUse> {
  for (const { msb, lsb, as } of type.reserved) {
    const found = readField(memory, base + offset, { msb, lsb });
    if (found === (as === 'RES1' ? maskOf({ msb, lsb }) : 0n)) continue;
    const size = Math.ceil(type.bits / 8);
    yield { name, section: type.section, as, offset, bits: { msb, lsb }, size, found };
  }
}

function* usesInStruct(
  memory: Memory,
  base: number,
  offset: number,
  type: StructMetadata,
  name: string,
  types: SpecificationMetadata['types'],
): Iterable<ReservedUse> {
  for (const { offset: at, size, as } of type.reserved) {
    const found = readBytes(memory, base + offset + at, size);
    const expected = as === 'RES1' ? (1n << BigInt(size * 8)) - 1n : 0n;
    if (found !== expected)
      yield { name, section: type.section, as, offset: offset + at, bits: undefined, size, found };
  }
  for (const member of type.members) {
    const layout = resolve(member.register ?? member.type, types);
    if (layout?.kind !== 'struct' && layout?.kind !== 'fieldset') continue;
    for (let index = 0; index < (member.count ?? 1); index++) {
      const at = place(offset, member, index);
      const path = `${name}.${member.name}${member.count === undefined ? '' : `[${index}]`}`;
      if (layout.kind === 'struct') yield* usesInStruct(memory, base, at, layout, path, types);
      else yield* usesInFieldset(memory, base, at, layout, path);
    }
  }
}

function resolve(name: string, types: SpecificationMetadata['types']) {
  let type = types[name];
  while (type?.kind === 'alias') type = types[type.type];
  return type;
}

/** The reserved bits and unused bytes of the struct or fieldset at `base` that do not hold what they must. */
export function reservedUses(
  memory: Memory,
  base: number,
  type: StructMetadata | FieldsetMetadata,
  specification: SpecificationMetadata,
): readonly ReservedUse[] {
  return type.kind === 'struct'
    ? [...usesInStruct(memory, base, 0, type, type.name, specification.types)]
    : [...usesInFieldset(memory, base, 0, type, type.name)];
}

/**
 * The same of the registers of a call: bits that belong to no value, in registers that carry one, and the reserved
 * bits of values that are fieldsets. `as` is what the document says of the former: SBZ of inputs, MBZ of outputs.
 */
export function reservedRegisterUses(
  registers: Registers,
  values: readonly CommandValueMetadata[],
  as: ReservedAs,
  specification: SpecificationMetadata,
): readonly ReservedUse[] {
  const uses: ReservedUse[] = [];
  for (const register of new Set(values.map((value) => value.register))) {
    const offset = register * 8;
    const at = registers.base + offset;
    const here = values.filter((value) => value.register === register);
    let next = 0;
    for (const { lsb, msb } of [...here, { lsb: 64, msb: 64 }]) {
      const range = { msb: lsb - 1, lsb: next };
      next = msb + 1;
      if (range.msb < range.lsb) continue;
      const found = readField(registers.memory, at, range);
      if (found !== 0n)
        uses.push({ name: `X${register}`, section: '', as, offset, bits: range, size: 8, found });
    }
    for (const value of here) {
      const type = resolve(value.type, specification.types);
      if (type?.kind === 'fieldset' && value.lsb === 0)
        uses.push(...usesInFieldset(registers.memory, registers.base, offset, type, value.name));
    }
  }
  return uses;
}
