import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  RMI_RTT_READ_ENTRY,
  RmiRealmParams,
  RmiRecEnter,
  RmiRecEnterFlags,
  RmiRecExit,
  RmiRecRun,
  RmiStatusCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import {
  allocate,
  type FieldsetMetadata,
  Memory,
  type MemoryOptions,
  Registers,
  readMember,
  reservedRegisterUses,
  reservedUses,
  type StructMetadata,
  toJson,
  writeField,
  writeMember,
} from '../../runtime/bits/index.js';

const kinds: readonly { readonly title: string; readonly options: MemoryOptions; readonly shift: number }[] =
  [
    { title: 'words', options: {}, shift: 0 },
    { title: 'a buffer that does not start at a word', options: {}, shift: 3 },
    { title: 'bytes only', options: { forceView: true }, shift: 0 },
  ];

describe.each(kinds)('memory of $title', ({ options, shift }) => {
  const make = (): Memory => Memory.of(new Uint8Array(new ArrayBuffer(67), shift, 64), options);

  test('has words only where they can be read as such', () => {
    expect(make().u64 === undefined).toBe(shift !== 0 || options.forceView === true);
    expect(make().size).toBe(64);
  });

  test('is little-endian at every offset', () => {
    const offsets = fc.nat(64 - 8);
    fc.assert(
      fc.property(offsets, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (offset, value) => {
        const memory = make();
        memory.writeU64(offset, value);
        expect(memory.readU64(offset)).toBe(value);
        for (let byte = 0; byte < 8; byte++)
          expect(memory.readU8(offset + byte)).toBe(Number((value >> BigInt(byte * 8)) & 0xffn));
        expect(memory.readU32(offset)).toBe(Number(value & 0xffff_ffffn));
        expect(memory.readU32(offset + 4)).toBe(Number(value >> 32n));
        expect(memory.readU16(offset + 6)).toBe(Number(value >> 48n));
        memory.writeU32(offset, 0xdead_beef);
        memory.writeU16(offset + 4, 0xcafe);
        memory.writeU8(offset + 6, 0x42);
        const rest = (value >> 56n) << 56n;
        expect(memory.readU64(offset)).toBe(rest | 0x0042_cafe_dead_beefn);
      }),
    );
  });

  test('ends where it ends', () => {
    const memory = make();
    for (const [bytes, read, write] of [
      [1, () => memory.readU8(64), () => memory.writeU8(64, 0)],
      [2, () => memory.readU16(64), () => memory.writeU16(64, 0)],
      [4, () => memory.readU32(64), () => memory.writeU32(64, 0)],
      [8, () => memory.readU64(64), () => memory.writeU64(64, 0n)],
      [8, () => memory.readU64(60), () => memory.writeU64(60, 0n)],
      [1, () => memory.readU8(-1), () => memory.writeU8(-1, 0)],
      [8, () => memory.readU64(-8), () => memory.writeU64(-8, 0n)],
    ] as const) {
      expect(read, String(bytes)).toThrow(RangeError);
      expect(write, String(bytes)).toThrow(RangeError);
    }
    expect(() => memory.bytes(60, 8)).toThrow(RangeError);
    expect(memory.bytes(60, 4)).toHaveLength(4);
  });
});

test('memory shares the bytes of what it was made of', () => {
  const bytes = new Uint8Array(16);
  const memory = Memory.of(bytes.subarray(8));
  memory.writeU32(0, 0x01020304);
  expect([...bytes.subarray(8, 12)]).toStrictEqual([4, 3, 2, 1]);
  memory.bytes(0, 1)[0] = 9;
  expect(bytes[8]).toBe(9);
  expect(Memory.of(new SharedArrayBuffer(8)).readU64(0)).toBe(0n);
});

test('small accessors share a page and not their bytes', () => {
  const made = Array.from({ length: 1100 }, (_, i) => RmiRecEnterFlags.of(BigInt(i)));
  expect(made.every((flags, i) => flags.$value === BigInt(i))).toBe(true);
  expect(made[0]!.$memory).toBe(made[1]!.$memory);
  expect(allocate(RmiRecRun).$memory.size).toBe(RmiRecRun.size);
});

describe('arrays', () => {
  const enter = allocate(RmiRecEnter);
  const values = Array.from({ length: 31 }, (_, i) => BigInt(i) << 40n);

  test('take arrays and typed arrays', () => {
    enter.gprs.assign(values);
    expect(enter.gprs.toArray()).toStrictEqual(values);
    enter.gprs.assign(BigUint64Array.from(values, (value) => value + 1n));
    expect([...enter.gprs]).toStrictEqual(values.map((value) => value + 1n));
    enter.gprs.assign(BigInt64Array.from(values));
    expect(enter.gprs.toArray()).toStrictEqual(values);
    expect(() => enter.gprs.assign(BigInt64Array.from(values, (value) => -value))).toThrow(RangeError);
  });

  test('of register values are seen as fields, in place', () => {
    enter.gicv3_lrs$.assign(Array.from({ length: 16 }, (_, i) => ({ vINTID: i, HW: 0 })));
    expect(enter.gicv3_lrs.toArray()).toStrictEqual(Array.from({ length: 16 }, (_, i) => BigInt(i)));
    expect([...enter.gicv3_lrs$].map((lr) => lr.vINTID)).toStrictEqual([...Array(16).keys()]);
    expect(() => enter.gicv3_lrs$.get(16)).toThrow('there is no element 16; the last one is 15');
    expect(enter.gicv3_lrs$.get(2)).toBe(enter.gicv3_lrs$.get(2));
  });
});

test('wide members are copied, or seen in place', () => {
  const params = allocate(RmiRealmParams);
  const rpv = Uint8Array.from({ length: 64 }, (_, i) => i);
  params.rpv = rpv;
  const copy = params.rpv;
  copy[0] = 99;
  expect(params.rpv).toStrictEqual(rpv);
  params.rpv$[0] = 99;
  expect(params.rpv[0]).toBe(99);
});

describe('registers', () => {
  test('hold X0 to X16', () => {
    const registers = Registers.of([1n, 2n ** 64n - 1n]);
    expect(registers.get(0)).toBe(1n);
    expect(registers.get(1)).toBe(2n ** 64n - 1n);
    expect(registers.toArray()).toStrictEqual(
      BigUint64Array.from([1n, 2n ** 64n - 1n, ...Array(15).fill(0n)]),
    );
    registers.clear();
    expect(registers.toArray()).toStrictEqual(new BigUint64Array(17));
    expect(() => Registers.of(Array(18).fill(0n))).toThrow(RangeError);
  });

  test('can lie in other memory, such as the GPRs of a REC exit', () => {
    const exit = allocate(RmiRecExit);
    const registers = new Registers(exit.$memory, 0x200);
    registers.set(3, 7n);
    expect(exit.gprs.get(3)).toBe(7n);
    expect(() => new Registers(Memory.alloc(100))).toThrow(RangeError);
  });

  test('show bits that no value of a command has', () => {
    const { outputs } = metadata.commands.RMI_RTT_READ_ENTRY!;
    const registers = new Registers();
    RMI_RTT_READ_ENTRY.encodeOutputs(registers, {
      result: { status: RmiStatusCode.RMI_SUCCESS, index: 0 },
      walk_level: 3n,
      state: 1,
      desc: 2n ** 64n - 1n,
      ripas: 0,
    });
    const uses = () => reservedRegisterUses(registers, outputs, 'MBZ', metadata);
    expect(uses()).toStrictEqual([]);
    registers.set(2, registers.get(2) | (5n << 8n));
    registers.set(0, 1n << 16n);
    expect(uses()).toMatchObject([
      { name: 'result', section: 'B4.4.1', as: 'MBZ', bits: { msb: 63, lsb: 16 }, found: 1n },
      { name: 'X2', as: 'MBZ', bits: { msb: 63, lsb: 8 }, found: 5n },
    ]);
  });
});

describe('by metadata', () => {
  const struct = (name: string) => metadata.types[name] as StructMetadata;
  const member = (of: string, name: string) => struct(of).members.find((one) => one.name === name)!;

  test('what an accessor refuses can be written', () => {
    const exit = allocate(RmiRecExit);
    const ripas = member('RmiRecExit', 'ripas_value');
    writeMember(exit.$memory, 0, ripas, 3n);
    expect(exit.ripas_value).toBe(3);
    expect(readMember(exit.$memory, 0, ripas)).toBe(3n);
    expect(() => writeMember(exit.$memory, 0, ripas, 256n)).toThrow('256 does not fit in 8 bits');
    expect(() => readMember(exit.$memory, 0, member('RmiRecExit', 'gprs'), 31)).toThrow(RangeError);
  });

  test('reserved bits and unused bytes that are not zero are found, and only those', () => {
    const run = allocate(RmiRecRun);
    const uses = () => reservedUses(run.$memory, 0, struct('RmiRecRun'), metadata);
    run.assign({ enter: { flags: { trap_wfi: 1 }, gicv3_hcr: 0x4002n }, exit: { imm: 5 } });
    expect(uses()).toStrictEqual([]);

    run.enter.flags.$value |= 1n << 5n;
    run.enter.gicv3_lrs.set(2, 1n << 45n);
    run.$bytes[0x900 - 1] = 0x80;
    expect(uses()).toMatchObject([
      {
        name: 'RmiRecRun.enter.flags',
        section: 'B4.4.15',
        as: 'SBZ',
        offset: 0,
        bits: { msb: 63, lsb: 5 },
        found: 1n,
      },
      {
        name: 'RmiRecRun.enter.gicv3_lrs[2]',
        as: 'RES0',
        offset: 0x318,
        bits: { msb: 47, lsb: 45 },
        found: 1n,
      },
      {
        name: 'RmiRecRun.exit',
        section: 'B4.4.16',
        as: 'MBZ',
        offset: 0x801,
        size: 0xff,
        bits: undefined,
        found: 0x80n << 2032n,
      },
    ]);
  });

  test('ones that must be ones are found when they are not', () => {
    const mpidr = metadata.types.MPIDR_EL1 as FieldsetMetadata;
    const memory = Memory.alloc(8);
    expect(reservedUses(memory, 0, mpidr, metadata)).toMatchObject([
      { as: 'RES1', bits: { msb: 31, lsb: 31 }, found: 0n },
    ]);
    writeField(memory, 0, { msb: 31, lsb: 31 }, 1n);
    expect(reservedUses(memory, 0, mpidr, metadata)).toStrictEqual([]);
    expect(() => writeField(memory, 0, { msb: 3, lsb: 0 }, 16n)).toThrow(
      'bits 3:0: 16 does not fit in 4 bits',
    );
  });

  test('fields leave their neighbours', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(63), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (a, b, value) => {
        const field = { msb: Math.max(a, b), lsb: Math.min(a, b) };
        const memory = Memory.alloc(8);
        memory.writeU64(0, value);
        const ones = ((1n << BigInt(field.msb - field.lsb + 1)) - 1n) << BigInt(field.lsb);
        writeField(memory, 0, field, ones >> BigInt(field.lsb));
        expect(memory.readU64(0)).toBe(value | ones);
        writeField(memory, 0, field, 0n);
        expect(memory.readU64(0)).toBe(value & ~ones);
      }),
    );
  });
});

test('JSON has 64-bit integers and bytes as hexadecimal text', () => {
  expect(
    toJson({ a: 255n, b: -16n, c: new Uint8Array([1, 254]), d: [0n, 7, null], e: { f: 'x' } }),
  ).toStrictEqual({
    a: '0xff',
    b: '-0x10',
    c: '01fe',
    d: ['0x0', 7, null],
    e: { f: 'x' },
  });
  const params = allocate(RmiRealmParams).assign({ s2sz: 48, rtt_level_start: -1n, flags: { sve: 1 } });
  const json = JSON.parse(JSON.stringify(params)) as Record<string, unknown>;
  expect(json).toMatchObject({
    s2sz: 48,
    rtt_level_start: '-0x1',
    rtt_base: '0x0',
    flags: { lpa2: 0, sve: 1, pmu: 0 },
  });
  expect(json.rpv).toBe('00'.repeat(64));
});
