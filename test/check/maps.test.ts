import { describe, expect, test } from 'vitest';
import { loadModel } from '../../generator/index.js';
import { memory } from '../memory.js';

/** What loading a map with some entries gives. */
function load(entries: string, more = '') {
  const head = `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include: { types: [types.yaml] }
`;
  const map = `M:
  kind: map
  section: A1
  summary: A map.
  tag: 399
  entries:
${entries}
${more}`;
  return loadModel('', memory({ 'spec.yaml': head, 'types.yaml': map }));
}

describe('a CBOR map', () => {
  test('keeps what is said of its entries', () => {
    const { model, diagnostics } = load(
      `
    a: { key: 10, type: bytes, size: [32, 64], first: 1, optional: true, section: A1.2, doc: bytes }
    b: { key: -1, type: text, value: "x:y", doc: text }
    c: { key: 3, type: N, least: 1, doc: many }`,
      `
N: { kind: map, section: A1, summary: Another., entries: { d: { key: 1, type: int, doc: number } } }
`,
    );
    expect(diagnostics).toEqual([]);
    const map = model!.maps.get('M')!;
    expect(map.tag).toBe(399);
    expect(map.entries).toMatchObject([
      { name: 'a', key: 10, sizes: [32, 64], first: 1, optional: true, section: 'A1.2' },
      { name: 'b', key: -1, value: 'x:y', sizes: [], optional: false, section: 'A1' },
      { name: 'c', key: 3, type: 'N', least: 1, count: undefined },
    ]);
  });

  test.each([
    [
      'a key twice',
      '    a: { key: 1, type: int, doc: one }\n    b: { key: 1, type: int, doc: two }',
      'duplicate-name',
    ],
    ['an unknown type', '    a: { key: 1, type: bites, doc: one }', 'unknown-type'],
    ['a type that is none for a map', '    a: { key: 1, type: UInt8, doc: one }', 'unknown-type'],
    ['a size of a text', '    a: { key: 1, type: text, size: 3, doc: one }', 'unexpected-key'],
    ['a value of a number', '    a: { key: 1, type: int, value: x, doc: one }', 'unexpected-key'],
    ['a first byte of 9 bits', '    a: { key: 1, type: bytes, first: 256, doc: one }', 'number-range'],
    ['a key without a number', '    a: { type: int, doc: one }', 'missing-key'],
    [
      'a section that is none',
      '    a: { key: 1, type: int, section: chapter 1, doc: one }',
      'section-syntax',
    ],
  ])('is refused with %s', (_, entries, code) => {
    expect(load(entries).diagnostics.map((one) => one.code)).toEqual([code]);
  });
});
