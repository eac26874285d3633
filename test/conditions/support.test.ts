import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Memory } from '../../runtime/bits/index.js';
import {
  addressIn,
  addressOf,
  allZero,
  integerIn,
  integerOf,
  joinDoublewords,
  powerOfTwo,
  sameBytes,
  writeInteger,
} from '../../runtime/conditions/index.js';

/** Addresses and integers in the ways that it matters: small, large, and about the limit of what is exact. */
const limit = 2n ** 53n;
const near = fc.bigInt({ min: limit - 8192n, max: limit + 8192n });
const unsigned = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  near,
  fc.bigInt({ min: 0n, max: 8192n }),
);
const signed = unsigned.map((value) => BigInt.asIntN(64, value));

function memoryOf(value: bigint): Memory {
  const memory = Memory.alloc(8);
  memory.writeU64(0, BigInt.asUintN(64, value));
  return memory;
}

describe('an address as a number', () => {
  test('is exact below the limit and where a Granule begins, and else keeps its offset in a Granule', () => {
    fc.assert(
      fc.property(unsigned, (value) => {
        const number = addressOf(value);
        if (value < limit - 4096n || value % 4096n === 0n) expect(BigInt(number)).toBe(value);
        else expect([number >= 2 ** 53 - 4096, number % 4096]).toEqual([true, Number(value & 0xfffn)]);
      }),
      { examples: [[2n ** 57n], [2n ** 64n - 4096n]] },
    );
  });

  test('is the same from memory', () => {
    fc.assert(
      fc.property(unsigned, signed, (address, integer) => {
        expect(addressIn(memoryOf(address), 0)).toBe(addressOf(address));
        expect(integerIn(memoryOf(integer), 0)).toBe(integerOf(integer));
      }),
    );
  });

  test('and back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const memory = Memory.alloc(8);
        writeInteger(memory, 0, value);
        expect(integerIn(memory, 0)).toBe(value);
        expect(BigInt.asIntN(64, memory.readU64(0))).toBe(BigInt(value));
      }),
    );
  });
});

describe('bits wider than a register', () => {
  test('are the doublewords, low ones first', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 8 }), (values) => {
        const expected = values.reduce((sum, value, i) => sum | (value << BigInt(64 * i)), 0n);
        const actual = [...joinDoublewords(values)].reduce(
          (sum, byte, i) => sum | (BigInt(byte) << BigInt(8 * i)),
          0n,
        );
        expect(actual).toBe(expected);
      }),
    );
  });

  test('are equal byte by byte', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(sameBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(sameBytes(bytes, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(sameBytes(bytes, Uint8Array.of(1, 2))).toBe(false);
    expect([allZero(new Uint8Array(3)), allZero(Uint8Array.of(0, 0, 1)), allZero(new Uint8Array())]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

test('a power of two', () => {
  for (const n of [0, 1, 12, 48, 63, 127, 128, 200, -1]) expect(powerOfTwo(n)).toBe(2 ** n);
});
