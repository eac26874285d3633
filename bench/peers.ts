import { Parser } from 'binary-parser';
import kaitai from 'kaitai-struct';
import * as r from 'restructure';
import { View } from 'structurae';
import { Struct } from 'typed-struct';
import type { EnterFlags } from './by-hand.js';

/**
 * RmiRecEnter and RmiRecExit in the libraries that one would otherwise take, each in the way that it does best: padding
 * is skipped rather than read wherever the library can skip.
 */
/** Members of 64 bits that stand alone, with their offsets. */
const exitWords = {
  esr: 0x100,
  far: 0x108,
  hpfar: 0x110,
  gicv3_hcr: 0x300,
  gicv3_misr: 0x388,
  gicv3_vmcr: 0x390,
  cntp_ctl: 0x400,
  cntp_cval: 0x408,
  cntv_ctl: 0x410,
  cntv_cval: 0x418,
  ripas_base: 0x500,
  ripas_top: 0x508,
} as const;

type Entry = {
  readonly name: string;
  readonly offset: number;
  readonly bytes: 1 | 2 | 8;
  readonly count?: number;
};

const exitEntries: readonly Entry[] = [
  { name: 'exit_reason', offset: 0x000, bytes: 1 } as const,
  ...Object.entries(exitWords).map(([name, offset]) => ({ name, offset, bytes: 8 }) as const),
  { name: 'gprs', offset: 0x200, bytes: 8, count: 31 } as const,
  { name: 'gicv3_lrs', offset: 0x308, bytes: 8, count: 16 } as const,
  { name: 'ripas_value', offset: 0x510, bytes: 1 } as const,
  { name: 'imm', offset: 0x600, bytes: 2 } as const,
  { name: 'pmu_ovf_status', offset: 0x700, bytes: 1 } as const,
].sort((a, b) => a.offset - b.offset);

const enterEntries: readonly Entry[] = [
  { name: 'flags', offset: 0x000, bytes: 8 },
  { name: 'gprs', offset: 0x200, bytes: 8, count: 31 },
  { name: 'gicv3_hcr', offset: 0x300, bytes: 8 },
  { name: 'gicv3_lrs', offset: 0x308, bytes: 8, count: 16 },
];

const SIZE = 0x800;

const flagNames: readonly (keyof EnterFlags)[] = [
  'emul_mmio',
  'inject_sea',
  'trap_wfi',
  'trap_wfe',
  'ripas_response',
];

/** Calls back for the entries in order and for the gaps between them. */
function layOut(
  entries: readonly Entry[],
  entry: (entry: Entry) => void,
  gap: (bytes: number, name: string) => void,
): void {
  let next = 0;
  for (const one of entries) {
    if (one.offset > next) gap(one.offset - next, `gap_${next}`);
    entry(one);
    next = one.offset + one.bytes * (one.count ?? 1);
  }
  if (next < SIZE) gap(SIZE - next, `gap_${next}`);
}

// kaitai-struct: what its compiler makes of a description, with a seek to each member. Reading only, and 64-bit values
// become doubles, which lose their low bits.

export interface KaitaiStream {
  readonly pos: number;
  seek(offset: number): void;
  readU1(): number;
  readU2le(): number;
  readU8le(): number;
  readBitsIntLe(bits: number): number;
}

export class KaitaiExit {
  exit_reason = 0;
  esr = 0;
  far = 0;
  hpfar = 0;
  gprs: number[] = [];
  gicv3_hcr = 0;
  gicv3_lrs: number[] = [];
  gicv3_misr = 0;
  gicv3_vmcr = 0;
  cntp_ctl = 0;
  cntp_cval = 0;
  cntv_ctl = 0;
  cntv_cval = 0;
  ripas_base = 0;
  ripas_top = 0;
  ripas_value = 0;
  imm = 0;
  pmu_ovf_status = 0;

  constructor(io: KaitaiStream) {
    io.seek(0x000);
    this.exit_reason = io.readU1();
    io.seek(0x100);
    this.esr = io.readU8le();
    this.far = io.readU8le();
    this.hpfar = io.readU8le();
    io.seek(0x200);
    for (let i = 0; i < 31; i++) this.gprs.push(io.readU8le());
    io.seek(0x300);
    this.gicv3_hcr = io.readU8le();
    for (let i = 0; i < 16; i++) this.gicv3_lrs.push(io.readU8le());
    this.gicv3_misr = io.readU8le();
    this.gicv3_vmcr = io.readU8le();
    io.seek(0x400);
    this.cntp_ctl = io.readU8le();
    this.cntp_cval = io.readU8le();
    this.cntv_ctl = io.readU8le();
    this.cntv_cval = io.readU8le();
    io.seek(0x500);
    this.ripas_base = io.readU8le();
    this.ripas_top = io.readU8le();
    this.ripas_value = io.readU1();
    io.seek(0x600);
    this.imm = io.readU2le();
    io.seek(0x700);
    this.pmu_ovf_status = io.readU1();
  }
}

export function kaitaiStream(buffer: ArrayBuffer, offset: number): KaitaiStream {
  // Its types describe a module rather than the class.
  const Stream = kaitai.KaitaiStream as unknown as new (buffer: ArrayBuffer, offset: number) => KaitaiStream;
  return new Stream(buffer, offset);
}

/** One whose members are parsed when they are first asked for, which its compiler makes of `instances`. */
export class KaitaiLazyExit {
  readonly io: KaitaiStream;
  word: number | undefined;
  list: number[] | undefined;

  constructor(io: KaitaiStream) {
    this.io = io;
  }

  get esr(): number {
    if (this.word !== undefined) return this.word;
    const { pos } = this.io;
    this.io.seek(0x100);
    this.word = this.io.readU8le();
    this.io.seek(pos);
    return this.word;
  }

  get gprs(): number[] {
    if (this.list !== undefined) return this.list;
    const { pos } = this.io;
    this.io.seek(0x200);
    this.list = [];
    for (let i = 0; i < 31; i++) this.list.push(this.io.readU8le());
    this.io.seek(pos);
    return this.list;
  }
}

export class KaitaiFlags {
  emul_mmio: boolean;
  inject_sea: boolean;
  trap_wfi: boolean;
  trap_wfe: boolean;
  ripas_response: boolean;

  constructor(io: KaitaiStream) {
    io.seek(0x000);
    this.emul_mmio = io.readBitsIntLe(1) !== 0;
    this.inject_sea = io.readBitsIntLe(1) !== 0;
    this.trap_wfi = io.readBitsIntLe(1) !== 0;
    this.trap_wfe = io.readBitsIntLe(1) !== 0;
    this.ripas_response = io.readBitsIntLe(1) !== 0;
  }
}

// structurae: objects laid out by a JSON schema. It has no gaps, so they are fields, which are then taken from the list
// of what is encoded and decoded.

type Schema = Parameters<View['create']>[0];

function structurae(id: string, entries: readonly Entry[]) {
  const properties: Record<string, object> = {};
  const kinds = { 1: 'uint8', 2: 'uint16', 8: 'biguint64' };
  layOut(
    entries,
    ({ name, bytes, count }) => {
      const item = { type: 'number', btype: kinds[bytes] };
      properties[name] =
        count === undefined ? item : { type: 'array', btype: 'typedarray', maxItems: count, items: item };
    },
    (bytes, name) => {
      properties[name] = { type: 'array', maxItems: bytes, items: { type: 'number', btype: 'uint8' } };
    },
  );
  const made = new View().create({ $id: id, type: 'object', properties } as Schema);
  const fields = (made as unknown as { fields: string[] }).fields;
  for (let i = fields.length - 1; i >= 0; i--) if (fields[i]!.startsWith('gap_')) fields.splice(i, 1);
  return made as unknown as StructuraeClass;
}

export interface StructuraeView {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  getView(name: string): { get(index: number): bigint };
  toJSON(): Record<string, unknown>;
}

export interface StructuraeClass {
  new (buffer: ArrayBuffer, offset: number, length: number): StructuraeView;
  encode(value: object, view: DataView | StructuraeView, start: number, length: number, amend: boolean): void;
}

export const StructuraeExit: StructuraeClass = structurae('RecExit', exitEntries);
export const StructuraeEnter: StructuraeClass = structurae('RecEnter', enterEntries);

// binary-parser: compiles a parser to code. Reading only.

function parserOf(entries: readonly Entry[]): Parser {
  const kinds = { 1: 'uint8', 2: 'uint16le', 8: 'uint64le' } as const;
  let parser = new Parser().endianness('little');
  let next = 0;
  for (const { name, offset, bytes, count } of entries) {
    if (offset > next) parser = parser.seek(offset - next);
    parser =
      count !== undefined
        ? parser.array(name, { type: kinds[bytes], length: count })
        : bytes === 1
          ? parser.uint8(name)
          : bytes === 2
            ? parser.uint16le(name)
            : parser.uint64le(name);
    next = offset + bytes * (count ?? 1);
  }
  return parser;
}

export const parserExit: Parser = parserOf(exitEntries);
export const parserWord: Parser = parserOf(exitEntries.filter(({ name }) => name === 'esr'));
export const parserGprs: Parser = parserOf(exitEntries.filter(({ name }) => name === 'gprs'));
export const parserFlags: Parser = new Parser()
  .endianness('little')
  .bit1('emul_mmio')
  .bit1('inject_sea')
  .bit1('trap_wfi')
  .bit1('trap_wfe')
  .bit1('ripas_response')
  .bit3('rest');

// restructure: has no 64-bit integers, so each is two of 32 bits.

function restructureOf(entries: readonly Entry[]): r.Struct {
  const fields: Record<string, object> = {};
  layOut(
    entries,
    ({ name, bytes, count }) => {
      if (name === 'flags') {
        fields[name] = new r.Bitfield(r.uint8, flagNames);
        fields.rest = new r.Reserved(r.uint8, 7);
      } else if (bytes === 8) fields[name] = new r.Array(r.uint32le, 2 * (count ?? 1));
      else fields[name] = bytes === 1 ? r.uint8 : r.uint16le;
    },
    (bytes, name) => {
      fields[name] = new r.Reserved(r.uint8, bytes);
    },
  );
  return new r.Struct(fields);
}

export const restructureExit: r.Struct = restructureOf(exitEntries);
export const restructureEnter: r.Struct = restructureOf(enterEntries);
export const restructureWord: InstanceType<typeof r.Array> = new r.Array(r.uint32le, 2);
export const restructureFlags: r.Bitfield = new r.Bitfield(r.uint8, flagNames);
export { DecodeStream, EncodeStream } from 'restructure';

// typed-struct: classes whose properties are getters on a Buffer.

interface Chain {
  UInt8(name: string): Chain;
  UInt16LE(name: string): Chain;
  BigUInt64LE(name: string): Chain;
  BigUInt64Array(name: string, length: number): Chain;
  Bits8(fields: Record<string, readonly [number, number]>): Chain;
  seek(bytes: number): Chain;
  compile(): new (bytes: Buffer) => object;
}

function typedStruct<T>(name: string, entries: readonly Entry[]): new (bytes: Buffer) => T {
  let chain = new Struct(name) as unknown as Chain;
  layOut(
    entries,
    (one) => {
      if (one.name === 'flags')
        chain = chain.Bits8(Object.fromEntries(flagNames.map((flag, bit) => [flag, [7 - bit, 1]]))).seek(7);
      else if (one.count !== undefined) chain = chain.BigUInt64Array(one.name, one.count);
      else if (one.bytes === 8) chain = chain.BigUInt64LE(one.name);
      else chain = one.bytes === 2 ? chain.UInt16LE(one.name) : chain.UInt8(one.name);
    },
    (bytes) => {
      chain = chain.seek(bytes);
    },
  );
  return chain.compile() as new (
    bytes: Buffer,
  ) => T;
}

export type TypedExit = Record<keyof typeof exitWords, bigint> & {
  exit_reason: number;
  ripas_value: number;
  imm: number;
  pmu_ovf_status: number;
  gprs: BigUint64Array;
  gicv3_lrs: BigUint64Array;
  toJSON(): object;
};

export type TypedEnter = { -readonly [K in keyof EnterFlags]: number } & {
  gprs: BigUint64Array;
  gicv3_hcr: bigint;
  gicv3_lrs: BigUint64Array;
};

export const TypedStructExit: new (bytes: Buffer) => TypedExit = typedStruct('RecExit', exitEntries);
export const TypedStructEnter: new (bytes: Buffer) => TypedEnter = typedStruct('RecEnter', enterEntries);
