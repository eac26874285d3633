import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Code, loadModel } from '../../generator/index.js';
import { memory } from '../memory.js';

/** The codes that a file of types gives, in order of place. */
function codes(types: string): readonly Code[] {
  const head = `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include: { types: [types.yaml] }
`;
  return loadModel('', memory({ 'spec.yaml': head, 'types.yaml': types })).diagnostics.map((one) => one.code);
}

const distinct = (found: readonly Code[]) => [...new Set(found)].sort();

describe('every bit of a fieldset is a field or reserved', () => {
  const fieldset = (width: number, ranges: readonly (readonly [number, number])[], reserved: number) => {
    const text = (range: readonly [number, number]) => `"${range[0]}:${range[1]}"`;
    const fields = ranges
      .slice(reserved)
      .map(
        (range, index) =>
          `    f${index}: { bits: ${text(range)}, type: Bits${range[0] - range[1] + 1}, doc: a }`,
      );
    const rest = ranges.slice(0, reserved).map((range) => `    - { bits: ${text(range)}, as: SBZ }`);
    return [
      'F:',
      '  kind: fieldset',
      '  section: A1',
      '  summary: A fieldset.',
      `  width: ${width}`,
      fields.length === 0 ? '  fields: {}' : '  fields:',
      ...fields,
      ...(rest.length === 0 ? [] : ['  reserved:', ...rest]),
      '',
    ].join('\n');
  };

  test('as counting bit by bit says', () => {
    const range = fc
      .tuple(fc.nat({ max: 40 }), fc.nat({ max: 12 }))
      .map(([lsb, more]) => [lsb + more, lsb] as const);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(range, { maxLength: 8 }),
        fc.nat({ max: 8 }),
        (width, ranges, reserved) => {
          const claims = new Array<number>(64).fill(0);
          for (const [msb, lsb] of ranges) for (let bit = lsb; bit <= msb; bit++) claims[bit]!++;
          const expected: Code[] = [];
          if (claims.some((count, bit) => count === 0 && bit < width)) expected.push('bits-gap');
          if (ranges.some(([msb]) => msb >= width)) expected.push('bits-outside');
          if (claims.some((count) => count > 1)) expected.push('bits-overlap');
          expect(distinct(codes(fieldset(width, ranges, Math.min(reserved, ranges.length))))).toEqual(
            expected,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('in whatever order they are given', () => {
    const exact = [
      [63, 32],
      [31, 31],
      [30, 1],
      [0, 0],
    ] as const;
    for (const reserved of [0, 1, 4]) {
      expect(codes(fieldset(64, exact, reserved))).toEqual([]);
      expect(codes(fieldset(64, exact.toReversed(), reserved))).toEqual([]);
    }
  });
});

describe('every byte of a struct is a member or unused', () => {
  const struct = (size: number, unused: boolean, members: readonly (readonly [number, number, number])[]) =>
    [
      'S:',
      '  kind: struct',
      '  section: A1',
      '  summary: A struct.',
      `  size: ${size}`,
      ...(unused ? ['  unused: SBZ'] : []),
      members.length === 0 ? '  members: {}' : '  members:',
      ...members.map(
        ([offset, width, count], index) =>
          `    m${index}: { offset: ${offset}, type: UInt${width * 8}, count: ${count}, doc: a }`,
      ),
      '',
    ].join('\n');

  test('as counting byte by byte says', () => {
    const member = fc.tuple(fc.nat({ max: 24 }), fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 3 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.boolean(),
        fc.array(member, { maxLength: 6 }),
        (size, unused, members) => {
          const claims = new Array<number>(64).fill(0);
          for (const [offset, width, count] of members)
            for (let byte = offset; byte < offset + width * count; byte++) claims[byte]!++;
          const gap = claims.some((count, byte) => count === 0 && byte < size);
          const expected: Code[] = [];
          if (gap && !unused) expected.push('bytes-gap');
          if (members.some(([offset, width, count]) => offset + width * count > size))
            expected.push('bytes-outside');
          if (claims.some((count) => count > 1)) expected.push('bytes-overlap');
          if (!gap && unused) expected.push('bytes-unused-needless');
          if (members.some(([offset, width]) => offset % width !== 0)) expected.push('member-alignment');
          expect(distinct(codes(struct(size, unused, members)))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a struct is aligned to the widest of its members, however deep', () => {
    const inner = struct(8, false, [[0, 2, 4]]);
    const middle = (offset: number) =>
      `M: { kind: struct, section: A1, summary: A., size: 16, unused: SBZ, members: { s: { offset: ${offset}, type: S, doc: a } } }\n`;
    expect(codes(inner + middle(2))).toEqual([]);
    expect(codes(inner + middle(1))).toEqual(['member-alignment']);
    const outer =
      'O: { kind: struct, section: A1, summary: A., size: 32, unused: SBZ, members: { m: { offset: 3, type: M, doc: a } } }\n';
    expect(codes(inner + middle(2) + outer)).toEqual(['member-alignment']);
  });

  test('what is wrong with a member says nothing of the bytes', () => {
    expect(codes(struct(8, false, [[0, 4, 1]]).replace('UInt32', 'UInt31'))).toEqual(['member-width']);
    expect(codes(struct(8, false, [[0, 4, 1]]).replace('UInt32', 'Nothing'))).toEqual(['unknown-type']);
    expect(codes(struct(8, false, [[0, 4, 1]]).replace('count: 1', 'count: 0'))).toEqual(['member-count']);
  });
});

describe('values of an enumeration', () => {
  const enumeration = (lines: string, values: readonly string[]) =>
    `Enum:\n  kind: enumeration\n  section: A1\n  summary: An enumeration.\n${lines}  values:\n${values
      .map((value, index) => `    V${index}: { value: ${value}, doc: a }\n`)
      .join('')}`;
  const width = (bits: number, more = '') => `  width: ${bits}\n${more}`;
  const reserved = '  unused: reserved\n';
  const signed = '  signed: true\n';

  test.each<readonly [string, string, readonly string[], readonly Code[]]>([
    ['the least and the greatest of 8 bits', width(8, reserved), ['0', '255'], []],
    ['one more', width(8, reserved), ['0', '256'], ['value-range']],
    ['the least and the greatest of 64 bits', width(64, reserved), ['0', '0xffffffffffffffff'], []],
    ['one more than 64 bits', width(64, reserved), ['0x10000000000000000'], ['value-range']],
    ['the least and the greatest of 8 signed bits', width(8, signed + reserved), ['-128', '127'], []],
    ['one less', width(8, signed + reserved), ['-129'], ['value-range']],
    ['one more than signed', width(8, signed + reserved), ['128'], ['value-range']],
    ['the least of 64 signed bits', width(64, signed + reserved), ['-0x8000000000000000'], ['bad-number']],
    ['the least of 64 signed bits in decimal', width(64, signed + reserved), ['-9223372036854775808'], []],
    ['minus zero', width(8, signed + reserved), ['-0'], []],
    ['every encoding of 2 bits', width(2), ['0', '1', '2', '3'], []],
    ['every encoding of 1 signed bit', width(1, signed), ['0', '-1'], []],
    ['all but one', width(2), ['0', '1', '2'], ['unused-missing']],
    ['all, and the rest reserved', width(1, reserved), ['0', '1'], ['unused-needless']],
    ['a value that does not fit says nothing of the rest', width(1), ['0', '2'], ['value-range']],
    ['nor does one that is there twice', width(1), ['1', '1'], ['value-duplicate']],
    ['in decimal and in hexadecimal it is the same', width(8, reserved), ['16', '0x10'], ['value-duplicate']],
  ])('%s', (_, lines, values, expected) => {
    expect(codes(enumeration(lines, values))).toEqual(expected);
  });
});
