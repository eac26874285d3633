import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../generator/diagnostics/index.js';
import { type Node, plainData } from '../../generator/load/node.js';
import { readPlain } from '../../generator/load/plain.js';
import { readAny } from '../../generator/load/yaml.js';

const spec = join(import.meta.dirname, '../../spec');
const paths = readdirSync(spec, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.yaml'),
);

function both(text: string): { readonly quick: Node | undefined; readonly library: Node | undefined } {
  const file = { path: 'x.yaml', text };
  return { quick: readPlain(file), library: readAny(file, new Diagnostics()) };
}

/** Everything in a node but its file. */
function shape(node: Node | undefined): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      key === 'file' || key === 'names'
        ? undefined
        : value instanceof Map
          ? [...value]
          : typeof value === 'bigint'
            ? `${value}n`
            : value,
    ) ?? 'null',
  );
}

test('the specification is plainly written, and read alike', () => {
  expect(paths.length).toBeGreaterThan(50);
  for (const path of paths) {
    const { quick, library } = both(readFileSync(join(spec, path), 'utf8'));
    expect(quick, `${path} is read by the quick reader`).toBeDefined();
    expect(shape(quick), path).toEqual(shape(library));
  }
});

describe('read alike:', () => {
  const cases: Readonly<Record<string, unknown>> = {
    'a: b': { a: 'b' },
    'a: b # c': { a: 'b' },
    'a: b#c': { a: 'b#c' },
    'a: b:c': { a: 'b:c' },
    'a:   b   ': { a: 'b' },
    'a: "b: c # d"': { a: 'b: c # d' },
    'a: ""': { a: '' },
    'a: "b\n  c"': { a: 'b c' },
    'a: "b  \n    c\n  d"': { a: 'b c d' },
    'a: { b: 1, c: [2, "3", d e] }': { a: { b: 1n, c: [2n, '3', 'd e'] } },
    'a: { b: 1, }': { a: { b: 1n } },
    'a: []': { a: [] },
    'a: {}': { a: {} },
    'a:\n  {\n    b: 1,\n    c: 2,\n  }': { a: { b: 1n, c: 2n } },
    'a:\n  b: 1\n  c:\n    d: 2\ne: 3': { a: { b: 1n, c: { d: 2n } }, e: 3n },
    'a:\n  - b\n  - { c: d }': { a: ['b', { c: 'd' }] },
    'a:\n  - b: c\n    d:\n      e: f\n\n  - b: g\n': { a: [{ b: 'c', d: { e: 'f' } }, { b: 'g' }] },
    'a:\n  - b: [c,\n      d]\n  - e: f # g': { a: [{ b: ['c', 'd'] }, { e: 'f' }] },
    'c/linux/a-b.h: d.hbs': { 'c/linux/a-b.h': 'd.hbs' },
    'a: >-\n  b\n  c\n\nd: e': { a: 'b c', d: 'e' },
    'a:\n  - >-\n    b\n    c\n  - d': { a: ['b c', 'd'] },
    'a: 0x1F': { a: 31n },
    'a: -1': { a: -1n },
    'a: 0': { a: 0n },
    'a: true': { a: true },
    'a: False': { a: false },
    'a: null': { a: null },
    'a: B4.3.1': { a: 'B4.3.1' },
    'a: 1.0-rel0': { a: '1.0-rel0' },
    'a: 0x1G': { a: '0x1G' },
    'a: yes': { a: 'yes' },
    '# b\n\na: b\n# c': { a: 'b' },
    'a: b\n   # c\nd: e': { a: 'b', d: 'e' },
  };
  test.each(Object.entries(cases))('%j', (text, data) => {
    const { quick, library } = both(`${text}\n`);
    expect(quick === undefined ? undefined : plainData(quick)).toEqual(data);
    expect(shape(quick)).toEqual(shape(library));
    expect(shape(both(text).quick)).toEqual(shape(both(text).library));
  });
});

describe('left to the library:', () => {
  const texts = [
    // Right, but not the style of a specification.
    ...[
      "a: 'b'",
      'a: |\n  b\n',
      'a: >\n  b\n',
      'a: >-\n  b\n\n  c\n',
      'a: b\n  c\n',
      'a: "\\x41"\n',
      '"a": b\n',
    ],
    ...['a: 1.5\n', 'a: .inf\n', 'a: 1e3\n', '- a\n', 'a\n', '---\na: b\n', 'a: b\n...\n', '? a\n: b\n'],
    ...[
      'a:\r\n  b\r\n',
      'a: \u00e9\n',
      '\ufeffa: b\n',
      'a:\n',
      'a: { b }\n',
      'a: [b: c]\n',
      'a: "b\n\n  c"\n',
    ],
    ...[
      'a:\n- b\n',
      'a:\n  -   b: c\n     d: e\n',
      'a:\n  - b: c\n   d: e\n',
      'a:\n  - b: c\n      d: e\n',
      'a/: b\n',
      ' a: b\n',
      'a:\tb\n',
      'a: {b: c}\n',
      'a: "b" # c\n',
      'a b: c\n',
    ],
    // Wrong.
    ...['a: b\na: c\n', 'a: { b: 1, b: 2 }\n', 'a: 010\n', 'a: +1\n', 'a: &b c\n', 'a: *b\n', 'a: !c d\n'],
    ...[
      'a: {\nb: c }\n',
      'a: [b\n',
      'a: "b\n',
      'a: b: c\n',
      'a: { b: c: d }\n',
      'a: @b\n',
      '%YAML 1.1\n---\na: b\n',
    ],
    ...[
      'a: b\n c: d\n',
      'a:\n  b: c\n d: e\n',
      'a: [b] c\n',
      'a: "b" c\n',
      'a: b\n  - c\n',
      '__proto__: a\n',
    ],
    ...['null: a\n', 'a: `b`\n', '', '# a\n', '\n', 'a: {b: "c\n  d: e"}\n', 'a: >-\n', 'a: >-\nb: c\n'],
  ];
  test.each(texts)('%j', (text) => {
    const { quick, library } = both(text);
    // It may read a text all the same, but then it must read it as the library does.
    if (quick !== undefined) expect(shape(quick)).toEqual(shape(library));
  });

  test('and most of them it does leave', () => {
    expect(texts.filter((text) => both(text).quick !== undefined).length).toBeLessThan(5);
  });
});
