import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type * as Bits from '../../runtime/bits/index.js';
import * as bits from '../../runtime/bits/index.js';
import {
  type DynamicArray,
  type DynamicClass,
  type DynamicCommand,
  held,
  limits,
  type Place,
  plain,
  Types,
  unsigned,
} from './dynamic.js';
import { emitted, type Running, running, shapes } from './support.js';

/**
 * What holds of every accessor, tried with random values over random memory: through the words of the memory and
 * without them, at aligned and at odd bases.
 */

const RUNS = 40;

const specifications: readonly (Running & { readonly title: string })[] = [
  {
    title: 'the document',
    module: await import('../../generated/rmm-1.0-rel0/typescript/index.js'),
    metadata,
    bits,
  },
  { title: 'every shape', ...(await running(emitted(shapes()), 'demo')) },
];

/** How memory is reached: its words, bytes because the base is odd, bytes because the host is said to have no words. */
const paths = [
  { path: 'words', base: 8, forceView: false },
  { path: 'odd base', base: 5, forceView: false },
  { path: 'view', base: 8, forceView: true },
] as const;

/** Bytes around an accessor's and under it, so that stray writes show. */
function background(size: number): fc.Arbitrary<Uint8Array> {
  return bytesOf(size + 24);
}

/** Bytes from a seed: drawing each of thousands would take most of the time of a run. */
function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.integer().map((seed) => {
    const bytes = new Uint8Array(length);
    let state = seed | 1;
    for (let at = 0; at < length; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[at] = state;
    }
    return bytes;
  });
}

/** Bytes in which a run of bits is cleared. */
function without(bytes: Uint8Array, first: number, bits: number): Buffer {
  const made: Buffer = Buffer.from(bytes);
  for (let bit = first; bit < first + bits; bit++) made[bit >>> 3]! &= ~(1 << (bit & 7));
  return made;
}

function same(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  return Buffer.compare(a.subarray(from, to), b.subarray(from, to)) === 0;
}

function ones(count: number): bigint {
  return (1n << BigInt(count)) - 1n;
}

describe.each(specifications)('$title', ({ module, metadata: data, bits: runtime }) => {
  const types = new Types(data);
  const classOf = (name: string): DynamicClass => module[name] as DynamicClass;

  describe.each(paths)('through $path', ({ base, forceView }) => {
    const over = (bytes: Uint8Array): Bits.Memory => runtime.Memory.of(bytes.slice().buffer, { forceView });

    /** Writes one value and says whether it reads back and nothing but its bits changed. */
    const touchesOnly = (
      type: Bits.StructMetadata | Bits.FieldsetMetadata,
      place: { readonly first: number; readonly bits: number },
      value: unknown,
      bytes: Uint8Array,
      write: (accessor: Bits.Accessor & Record<string, unknown>) => void,
      read: (accessor: Bits.Accessor & Record<string, unknown>) => unknown,
    ): void => {
      const memory = over(bytes);
      const accessor = new (classOf(type.name))(memory, base) as unknown as Bits.Accessor &
        Record<string, unknown>;
      write(accessor);
      expect(read(accessor)).toStrictEqual(value);
      const first = base * 8 + place.first;
      expect(without(memory.u8, first, place.bits).equals(without(bytes, first, place.bits))).toBe(true);
    };

    test.each(types.fieldsets.map((type) => [type.name, type] as const))(
      'fields of %s round-trip and touch only their bits',
      (_, type) => {
        const { size } = classOf(type.name);
        for (const field of type.fields) {
          const width = field.msb - field.lsb + 1;
          const values = types.values(field, width, false);
          fc.assert(
            fc.property(values, background(size), (value, bytes) => {
              const place = { first: field.lsb, bits: width };
              touchesOnly(
                type,
                place,
                value,
                bytes,
                (accessor) => {
                  accessor[field.name] = value;
                  expect(runtime.readField(accessor.$memory, base, field)).toBe(
                    unsigned(value as number | bigint, width),
                  );
                },
                (accessor) => accessor[field.name],
              );
            }),
            { numRuns: RUNS },
          );
        }
      },
    );

    test.each(types.fieldsets.map((type) => [type.name, type] as const))(
      '%s: $value is all bits, toObject and assign are inverse',
      (_, type) => {
        const Class = classOf(type.name);
        fc.assert(
          fc.property(types.fieldsetValues(type), background(Class.size), (values, bytes) => {
            const memory = over(bytes);
            const accessor = new Class(memory, base);
            expect(accessor.assign(values)).toBe(accessor);
            expect(accessor.toObject()).toStrictEqual(values);
            for (const field of type.fields) expect(accessor[field.name]).toStrictEqual(values[field.name]);
            const kept = (all: Uint8Array): Buffer =>
              type.fields.reduce<Buffer>(
                (rest, { msb, lsb }) => without(rest, base * 8 + lsb, msb - lsb + 1),
                Buffer.from(all),
              );
            expect(kept(memory.u8).equals(kept(bytes))).toBe(true);

            const whole = accessor.$value as number | bigint;
            expect(unsigned(whole, type.bits)).toBe(
              runtime.readField(memory, base, { msb: type.bits - 1, lsb: 0 }),
            );
            const copy = Class.of(whole);
            expect(copy.toObject()).toStrictEqual(values);
            expect(copy.$value).toBe(whole);
            expect(Class.of(values).toObject()).toStrictEqual(values);
          }),
          { numRuns: RUNS },
        );
      },
    );

    test.each(types.structs.map((type) => [type.name, type] as const))(
      'members of %s round-trip and touch only their bytes',
      (_, type) => {
        for (const member of type.members) {
          const view = types.resolve(member.type);
          if (view?.kind === 'struct' || view?.kind === 'fieldset') continue;
          const single = { ...member, count: undefined } as unknown as Bits.MemberMetadata;
          const values = types.values(single, member.bits);
          const indices = fc.nat((member.count ?? 1) - 1);
          fc.assert(
            fc.property(values, indices, background(type.size), (value, index, bytes) => {
              const place = { first: member.offset * 8 + index * member.bits, bits: member.bits };
              touchesOnly(
                type,
                place,
                value,
                bytes,
                (accessor) => {
                  if (member.count === undefined) accessor[member.name] = value;
                  else (accessor[member.name] as DynamicArray).set(index, value);
                  const raw = runtime.readMember(accessor.$memory, base, member, index);
                  if (value instanceof Uint8Array) {
                    const text = raw.toString(16).padStart(member.bits / 4, '0');
                    expect(text).toBe(Buffer.from(value).reverse().toString('hex'));
                  } else expect(raw).toBe(unsigned(value as number | bigint, member.bits));
                },
                (accessor) =>
                  member.count === undefined
                    ? accessor[member.name]
                    : (accessor[member.name] as DynamicArray).get(index),
              );
            }),
            { numRuns: RUNS },
          );
        }
      },
    );

    test.each(types.structs.map((type) => [type.name, type] as const))(
      '%s: toObject and assign are inverse, unused bytes stay',
      (_, type) => {
        const Class = classOf(type.name);
        fc.assert(
          fc.property(types.structValues(type), background(type.size), (values, bytes) => {
            const memory = over(bytes);
            const accessor = new Class(memory, base);
            expect(accessor.assign(values)).toBe(accessor);
            expect(accessor.toObject()).toStrictEqual(values);
            for (const { offset, size } of type.reserved) {
              const at = base + offset;
              expect(same(memory.u8, bytes, at, at + size)).toBe(true);
            }
            expect(same(memory.u8, bytes, 0, base)).toBe(true);
            expect(same(memory.u8, bytes, base + type.size, bytes.length)).toBe(true);
            // What is plain text of it survives, and holds no bigint.
            expect(() => JSON.stringify(accessor)).not.toThrow();
          }),
          { numRuns: RUNS / 2 },
        );
      },
    );

    test.each(types.structs.map((type) => [type.name, type] as const))(
      '%s: what memory happens to hold reads the same on every path',
      (_, type) => {
        const Class = classOf(type.name);
        fc.assert(
          fc.property(bytesOf(type.size), (bytes) => {
            const expected = new Class(runtime.Memory.of(bytes.slice().buffer)).toObject();
            const around = new Uint8Array(type.size + 24);
            around.set(bytes, base);
            expect(new Class(over(around), base).toObject()).toStrictEqual(expected);
          }),
          { numRuns: RUNS / 2 },
        );
      },
    );

    test.each(types.structs.map((type) => [type.name, type] as const))(
      '%s: $clear leaves zeroes and what the document fixes, $bytes is all of it',
      (_, type) => {
        const filled = fc.sample(background(type.size), { numRuns: 1, seed: 5 })[0]!;
        const accessor = new (classOf(type.name))(over(filled), base);
        expect((accessor.$clear as () => unknown)()).toBe(accessor);
        const expected = filled.slice();
        expected.fill(0, base, base + type.size);
        const wanted = runtime.Memory.of(expected);
        for (const member of type.members)
          if (member.value !== undefined)
            runtime.writeMember(wanted, base, member, unsigned(member.value, member.bits));
        expect(Buffer.compare(accessor.$memory.u8, expected)).toBe(0);
        expect(accessor.$bytes).toStrictEqual(expected.slice(base, base + type.size));
      },
    );

    test.each(types.structs.map((type) => [type.name, type] as const))(
      '%s: what it gave out follows its base',
      (_, type) => {
        const Class = classOf(type.name);
        const bytes = new Uint8Array(type.size * 2 + 32);
        const filled = fc.sample(types.structValues(type), { numRuns: 1, seed: 7 })[0]!;
        const memory = over(bytes);
        new Class(memory, base + type.size).assign(filled);
        const accessor = new Class(memory, base);
        const given = type.members.map((member) => [member, accessor[member.name]] as const);
        accessor.$base = base + type.size;
        expect(accessor.$base).toBe(base + type.size);
        expect(accessor.toObject()).toStrictEqual(filled);
        for (const [member, one] of given) {
          const list = one as DynamicArray & { toObject?(): unknown };
          if (member.count !== undefined) expect(list.toArray()).toStrictEqual(filled[member.name]);
          else if (typeof list.toObject === 'function') {
            expect(list.toObject()).toStrictEqual(filled[member.name]);
            expect(() => {
              (list as unknown as Bits.Accessor).$base = 0;
            }).toThrow(/lies in another accessor/);
          }
        }
      },
    );
  });

  describe('refusals', () => {
    /** Values that do not belong in a place, with the error that they get. */
    const misfits = (
      place: Place,
    ): readonly { readonly value: unknown; readonly error: 'TypeError' | 'RangeError' }[] => {
      const wide = place.bits > 32;
      const { min, max } = limits(place);
      const wrong = [undefined, null, true, '1', {}, [1], wide ? 1 : 1n].map((value) => ({
        value,
        error: 'TypeError' as const,
      }));
      const outside = [min - 1n, max + 1n, min - (1n << 70n), max + (1n << 70n)].map((value) =>
        held(value, place.bits),
      );
      const fractions = wide ? [] : [0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
      const labels = place.enumeration?.labels.map(({ value }) => value) ?? [];
      const reserved =
        place.enumeration?.reserved === true
          ? [min, max, 0n, 3n, ...labels.map((value) => value + 1n)]
              .filter((value) => value >= min && value <= max && !labels.includes(value))
              .map((value) => held(value, place.bits))
          : [];
      const other = place.constant === undefined ? [] : [held(place.constant ^ 1n, place.bits)];
      return [
        ...wrong,
        ...[...outside, ...fractions, ...reserved, ...other].map((value) => ({
          value,
          error: 'RangeError' as const,
        })),
      ];
    };

    const refused = (
      memory: Bits.Memory,
      write: (value: unknown) => void,
      place: Place,
      where: string,
    ): void => {
      const before = memory.u8.slice();
      for (const { value, error } of misfits(place)) {
        let found: unknown;
        try {
          write(value);
        } catch (thrown) {
          found = thrown;
        }
        expect(found, `${where} takes ${String(value)}`).toBeInstanceOf(Error);
        expect((found as Error).name).toBe(error);
        expect((found as Error).message.startsWith(`${where} (`), (found as Error).message).toBe(true);
        expect(Buffer.compare(memory.u8, before)).toBe(0);
      }
    };

    test.each(types.structs.map((type) => [type.name, type] as const))('%s', (_, type) => {
      const accessor = new (classOf(type.name))(runtime.Memory.alloc(type.size));
      for (const member of type.members) {
        const view = types.resolve(member.type);
        if (view?.kind === 'struct' || view?.kind === 'fieldset') continue;
        const where = `${type.name}.${member.name}`;
        const list = accessor[member.name] as DynamicArray;
        const write = (value: unknown): void => {
          if (member.count === undefined) accessor[member.name] = value;
          else list.set(member.count - 1, value);
        };
        const at = member.count === undefined ? where : `${where}[${member.count - 1}]`;
        if (member.bits > 64) {
          for (const value of [undefined, 'x', [1, 2, 3], new Uint16Array(member.bits / 16)])
            expect(() => write(value)).toThrow(TypeError);
          for (const length of [0, member.bits / 8 - 1, member.bits / 8 + 1])
            expect(() => write(new Uint8Array(length))).toThrow(`${at} (`);
        } else refused(accessor.$memory, write, types.place(member, member.bits), at);
        if (member.count !== undefined) {
          for (const index of [-1, member.count, 0.5, Number.NaN])
            expect(() => list.get(index)).toThrow(RangeError);
          expect(() => list.set(member.count!, list.get(0))).toThrow(`${where} (`);
          expect(() => list.get(undefined as unknown as number)).toThrow(Error);
          expect(() => list.assign(list.toArray().slice(1))).toThrow(RangeError);
          expect(() => list.assign(undefined as unknown as [])).toThrow(TypeError);
        }
      }
    });

    test.each(types.fieldsets.map((type) => [type.name, type] as const))('%s', (_, type) => {
      const accessor = classOf(type.name).of(type.bits > 32 ? 0n : 0);
      for (const field of type.fields) {
        const bitCount = field.msb - field.lsb + 1;
        const place = types.place(field, bitCount);
        const where = `${type.name}.${field.name}`;
        refused(
          accessor.$memory,
          (value) => {
            accessor[field.name] = value;
          },
          place,
          where,
        );
        // An absent field is left alone, so undefined is no misfit of a patch.
        const assign = (value: unknown): void => {
          if (value === undefined) throw new TypeError(`${where} (`);
          accessor.assign({ [field.name]: value });
        };
        refused(accessor.$memory, assign, place, where);
      }
      const whole: Place = { bits: type.bits, signed: false, enumeration: undefined, constant: undefined };
      refused(
        accessor.$memory,
        (value) => {
          accessor.$value = value;
        },
        whole,
        type.name,
      );
      for (const value of [undefined, null, 'x', true])
        expect(() => accessor.assign(value)).toThrow(TypeError);
    });

    test('of a base outside the memory', () => {
      for (const type of types.structs) {
        const Class = classOf(type.name);
        const memory = runtime.Memory.alloc(type.size + 8);
        for (const base of [-1, 9, 0.5, Number.NaN, 2 ** 32])
          expect(() => new Class(memory, base)).toThrow(`${type.name}: `);
        const accessor = new Class(memory, 8);
        expect(() => {
          accessor.$base = 9;
        }).toThrow(RangeError);
        expect(accessor.$base).toBe(8);
      }
    });
  });

  describe('commands', () => {
    const registersOf = fc
      .array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 17, maxLength: 17 })
      .map((values) => runtime.Registers.of(values));

    test.each(Object.values(data.commands).map((command) => [command.name, command] as const))(
      '%s',
      (name, command) => {
        const codec = module[name] as DynamicCommand;
        expect(codec.fid).toBe(command.fid);
        for (const [title, values] of [
          ['Inputs', command.inputs],
          ['Outputs', command.outputs],
        ] as const) {
          const widthOf = (value: Bits.CommandValueMetadata): number => {
            const type = types.resolve(value.type);
            const width =
              type?.kind === 'struct' || type === undefined
                ? Number(/\d+$/.exec(value.type)?.[0] ?? 64)
                : type.bits;
            return Math.min(width, value.msb - value.lsb + 1);
          };
          const all = plain(
            Object.fromEntries(
              values.map((value) => [value.name, types.values(value, widthOf(value), value.lsb === 0)]),
            ),
          );
          fc.assert(
            fc.property(all, registersOf, (given, registers) => {
              const before = registers.toArray();
              codec[`encode${title}`](registers, given);
              expect(codec[`decode${title}`](registers)).toStrictEqual(given);
              const used = new Set(values.map((value) => value.register));
              if (title === 'Inputs') used.add(0);
              for (let register = 0; register < 17; register++)
                if (!used.has(register)) expect(registers.get(register)).toBe(before[register]);
              if (title === 'Inputs') expect(registers.get(0)).toBe(BigInt(command.fid));
              // Each value stands at its bits, and what belongs to none is zero.
              for (const register of used) {
                let rest = title === 'Inputs' && register === 0 ? 0n : registers.get(register);
                for (const value of values.filter((one) => one.register === register)) {
                  const bitCount = widthOf(value);
                  const found = (rest >> BigInt(value.lsb)) & ones(bitCount);
                  const wanted = given[value.name];
                  if (typeof wanted !== 'object')
                    expect(found).toBe(unsigned(wanted as number | bigint, bitCount));
                  rest &= ~(ones(bitCount) << BigInt(value.lsb));
                }
                expect(rest).toBe(0n);
              }
              expect(
                runtime
                  .reservedRegisterUses(registers, values, 'SBZ', data)
                  .filter(({ as }) => as !== 'RES1'),
              ).toStrictEqual([]);
            }),
            { numRuns: RUNS },
          );
          for (const value of values) {
            const type = types.resolve(value.type);
            if (type?.kind === 'fieldset' && value.lsb === 0) continue;
            const given = fc.sample(all, { numRuns: 1, seed: 3 })[0]!;
            for (const wrong of [undefined, 'x', -0.5, 2 ** 70, -(2n ** 70n), 2n ** 64n])
              expect(() =>
                codec[`encode${title}`](new runtime.Registers(), { ...given, [value.name]: wrong }),
              ).toThrow(`${name}.${value.name} (X${value.register}`);
          }
        }
      },
    );
  });

  test('enumerations know their labels', () => {
    for (const type of types.enumerations) {
      const labels = module[type.name] as Bits.Enumeration<Record<string, number>>;
      expect(Object.keys(labels)).toStrictEqual(type.labels.map(({ name }) => name));
      expect(Object.isFrozen(labels)).toBe(true);
      for (const { name, value } of type.labels) {
        const one = held(value, type.bits) as number;
        expect(labels[name]).toBe(one);
        expect(labels.is(one)).toBe(true);
        expect(labels.nameOf(one)).toBe(name);
      }
      const free = held(1000n, type.bits) as number;
      expect(labels.is(free)).toBe(false);
      expect(labels.is(String(type.labels[0]!.value))).toBe(false);
      expect(labels.nameOf(free)).toBeUndefined();
    }
  });

  test('masks and constants have the values of the specification', () => {
    for (const mask of Object.values(data.masks)) expect(module[mask.name]).toBe(mask.value);
    for (const constant of Object.values(data.constants))
      expect(BigInt(module[constant.name] as number | bigint)).toBe(constant.value);
  });
});
