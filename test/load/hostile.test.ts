import { describe, expect, test } from 'vitest';
import { limits, loadModel, renderDiagnostics } from '../../generator/index.js';
import { memory } from '../memory.js';

/**
 * A specification is untrusted input. Whatever stands in a file, reading it ends soon, with a diagnostic that no
 * terminal obeys, and never with an exception.
 */
const spec = (types: readonly string[]) => `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types: [${types.join(', ')}]
`;

const alias = (name: string, type: string) =>
  `${name}: { kind: alias, section: A1, summary: An alias., type: ${type} }\n`;
const good = alias('RmiRecMpidr', 'Bits64');
const item = (...lines: readonly string[]) =>
  `RmiRecMpidr:\n  kind: alias\n  section: A1\n  summary: An alias.\n  type: Bits64\n${lines.map((line) => `  ${line}\n`).join('')}`;

const repeat = (text: string, size = limits.fileSize) => text.repeat(Math.floor(size / text.length));
const nested = (depth: number, line: (depth: number) => string) =>
  Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}${line(at)}\n`).join('');

/** What must be refused, by what it is. */
const refused: Readonly<Record<string, string>> = {
  // Anchors, aliases, tags
  'an alias bomb': Array.from({ length: 26 }, (_, at) => {
    const name = String.fromCharCode(97 + at);
    const before = at === 0 ? '[x, x]' : `[${`*${String.fromCharCode(96 + at)}, `.repeat(9)}]`;
    return `${name}: &${name} ${before}\n`;
  }).join(''),
  'anchors without end': repeat('&a '),
  'an anchor on each level': nested(30, (at) => `&a${at} x:`),
  'an alias of itself': 'a: &a [*a]\n',
  'a function tag': item('note: !!js/function "function () { process.exit(1) }"'),
  'a binary tag': item('note: !!binary Qml0czY0'),
  'a tag of nothing': item('note: !'),
  'tags without end': repeat('!a '),
  'a merge key': item('<<: { kind: alias }'),
  'merge keys of aliases': 'a: &a { kind: alias }\nb: { <<: [*a, *a] }\n',
  // Structure
  'duplicate keys': item('kind: alias'),
  'as many duplicate keys as fit': repeat('a: 1\n'),
  '100 000 open brackets': '['.repeat(100_000),
  '100 000 open braces': 'a: {'.repeat(100_000),
  'as many open maps as fit': repeat('{a: '),
  'closing brackets': repeat(']'),
  'closed brackets, very deep': `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`,
  'blocks, very deep': nested(1400, () => 'a:'),
  'lists, very deep': repeat('- '),
  'lists, deep on further lines': nested(1400, () => '-'),
  'explicit keys, very deep': repeat('? '),
  'keys without names': repeat(': '),
  'keys that are lists': `${repeat('[', 28)}a${repeat(']: b', 28 * 4)}\n`,
  'pairs in lists': `a: [${repeat('a: b, ', 200_000)}]\n`,
  'a key that is a map': item('? { a: b }', ': c'),
  'a key that is a list': item('? [a]', ': c'),
  'a key on two lines': item('"a', '  b": c'),
  'a null key': item('~: c'),
  '__proto__ as a key': item('__proto__: { kind: struct }'),
  '__proto__ as an item': alias('__proto__', 'Bits64'),
  '__proto__ in quotes': item('"__proto__": 1'),
  'constructor as a key': item('constructor: { prototype: 1 }'),
  'constructor as an item': alias('constructor', 'Bits64'),
  'hasOwnProperty as a key': item('hasOwnProperty: 1'),
  'hasOwnProperty as a kind': 'A: { kind: hasOwnProperty }\n',
  'toString as a type': alias('A', 'toString'),
  '__proto__ as a type': alias('A', '__proto__'),
  'an object name as a label':
    'A: { kind: enumeration, section: A1, summary: A., width: 1, values: { valueOf: { value: 0, doc: a }, toJSON: { value: 1, doc: a } } }\n',
  // Documents
  nothing: '',
  'white space': ' \n\n  \n',
  'a comment': '# nothing\n',
  'comments as many as fit': repeat('#\n'),
  'a list': '- a\n',
  'a text': 'hello\n',
  'a number': '42\n',
  null: 'null\n',
  'an empty map': '{ a }\n',
  'two documents': `${good}---\n${good}`,
  'documents without end': repeat('---\n'),
  'ends without end': repeat('a\n...\n'),
  'the YAML 1.1 directive': `%YAML 1.1\n---\n${good}`,
  'an unknown directive': `%FOO\n---\n${good}`,
  'a tag directive': `%TAG ! tag:example.com,2000:\n---\n${good}`,
  'directives without end': repeat('%TAG ! a\n'),
  // Scalars
  'a text of 400 000 characters': item(`note: ${'x'.repeat(400_000)}`),
  'a folded text of 400 000 characters': item(`note: >\n${repeat('    b\n\n', 400_000)}`),
  'a quoted text of line ends': item(`note: "${'\n'.repeat(400_000)}"`),
  'a number of 400 000 characters': item(`count: ${'9'.repeat(400_000)}`),
  'a hexadecimal number of ten thousand digits': item(`count: 0x${'f'.repeat(9_000)}`),
  'a number like any other, too large': `A: { kind: constant, section: A1, summary: A., value: ${'9'.repeat(9_000)} }\n`,
  'more than the file may have': `#${'x'.repeat(limits.fileSize)}\n${good}`,
  'quotes without end': repeat('"'),
  'single quotes without end': repeat("'"),
  'quotes, pairs of them': repeat('""'),
  'commas without end': `a: [${repeat(',', 400_000)}]\n`,
  'brackets and commas': repeat('[,'),
  'an open quote': item('note: "open'),
  'infinity as a width': item('width: .inf'),
  'no number as a value': 'A: { kind: constant, section: A1, summary: A., value: .nan }\n',
  'a fraction as a value': 'A: { kind: constant, section: A1, summary: A., value: 1.5 }\n',
  'an octal number': 'A: { kind: constant, section: A1, summary: A., value: 0777 }\n',
  'a date as a value': 'A: { kind: constant, section: A1, summary: A., value: 2001-12-14 }\n',
  'a time of base 60': 'A: { kind: constant, section: A1, summary: A., value: 1:30 }\n',
  'yes as a truth value': 'A: { kind: struct, section: A1, summary: A., abstract: yes, members: {} }\n',
  // Characters
  'a NUL': item('note: a\0b'),
  'an escape sequence of a terminal': item('note: "\u001b[2J\u001b]0;owned\u0007"'),
  'an escaped escape sequence': item('note: "\\e[2J"'),
  'a C1 control': item('note: \u009b31m'),
  'right to left': item('note: a \u202e b'),
  'a zero-width joiner as a key': item('no\u200dte: a'),
  'a line separator': item('note: a\u2028b'),
  'a second byte order mark': `\ufeff\ufeff${good}`,
  'invalid UTF-8': item('note: caf\ufffd'),
  'half of a character': item('note: \ud83d'),
  'the end of a comment': item('note: "*/ #include <stdio.h>"'),
  'a backslash at the end': item('note: ends in \\'),
  'a trigraph': item('note: "what??/"'),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for one
  'a template': item('note: "`${process.exit(1)}`"'),
  'a tab that indents': 'Rmi:\n\tkind: alias\n',
  'tabs without end': repeat('\t'),
  'carriage returns alone': repeat('\r'),
  'colons without spaces': repeat('a:'),
  'keys without end': repeat('a: '),
  'words without end': repeat('a '),
  'hashes without end': repeat('a #'),
  // Types
  'a type that is itself': alias('A', 'A'),
  'a circle of three types': alias('A', 'B') + alias('B', 'C') + alias('C', 'A'),
  'seven thousand aliases in a chain': Array.from({ length: 7000 }, (_, at) =>
    alias(`A${at}`, at === 0 ? 'Bits64' : `A${at - 1}`),
  ).join(''),
  'seven thousand aliases in a chain, backwards': Array.from({ length: 7000 }, (_, at) =>
    alias(`A${at}`, `A${at + 1}`),
  ).join(''),
  'structs in structs': Array.from(
    { length: 3000 },
    (_, at) =>
      `S${at}: { kind: struct, section: A1, summary: A., size: 8, members: { m: { offset: 0, type: ${at === 0 ? 'UInt64' : `S${at - 1}`}, doc: m } } }\n`,
  ).join(''),
  'seven thousand unknown types': Array.from({ length: 7000 }, (_, at) => alias(`A${at}`, `B${at}`)).join(''),
  'ten thousand unknown keys': item(...Array.from({ length: 10_000 }, (_, at) => `k${at}: 1`)),
  'a very large count':
    'S: { kind: struct, section: A1, summary: A., size: 8, members: { m: { offset: 0, type: UInt64, count: 65536, doc: m } } }\n',
  'a count beyond all':
    'S: { kind: struct, section: A1, summary: A., size: 8, members: { m: { offset: 0, type: UInt64, count: 0xffffffffffffffffffff, doc: m } } }\n',
  'a size beyond all': 'S: { kind: struct, section: A1, summary: A., size: 0xffffffffffff, members: {} }\n',
  'an offset beyond all':
    'S: { kind: struct, section: A1, summary: A., size: 8, members: { m: { offset: 0x7fffffffffffffff, type: UInt64, doc: m } } }\n',
  'a width beyond all':
    'E: { kind: enumeration, section: A1, summary: A., width: 0xffffffff, values: { A: { value: 1, doc: a } } }\n',
  'bits beyond all':
    'F: { kind: fieldset, section: A1, summary: A., width: 64, fields: { a: { bits: "9999:0", type: Bits64, doc: a } } }\n',
  'ten thousand fields on one bit': `Flags:\n  kind: fieldset\n  section: A1\n  summary: A.\n  width: 64\n  fields:\n${Array.from(
    { length: 10_000 },
    (_, at) => `    f${at}: { bits: "0", type: Bits1, doc: a }\n`,
  ).join('')}`,
};

/** What is read without a complaint, however odd it looks. */
const accepted: Readonly<Record<string, string>> = {
  'a byte order mark': `\ufeff${good}`,
  'line ends of Windows': item('note: a note').replaceAll('\n', '\r\n'),
  'no line end at the end': good.trimEnd(),
  'comments everywhere': `# a\n${item('# b', 'note: c # d')}# e`,
  'a text that other versions of YAML take for something else': item('note: no'),
  'quoted keys': '"RmiRecMpidr": { "kind": alias, \'section\': A1, summary: An alias., type: Bits64 }\n',
  'a map of explicit keys': item('? note', ': a note'),
  'a literal text': item('note: |', '  two', '  lines'),
  'a document that says where it starts and ends': `---\n${good}...\n`,
  'a flow map on many lines':
    'A: {\n  kind: alias,\n  section: A1,\n\n  summary: An alias., type: Bits64,\n  }\n',
  'the longest chain of types': Array.from({ length: limits.depth }, (_, at) =>
    alias(`A${at}`, at === 0 ? 'Bits64' : `A${at - 1}`),
  ).join(''),
  'seven thousand types': Array.from({ length: 7000 }, (_, at) => alias(`A${at}`, 'Bits64')).join(''),
};

function load(texts: Readonly<Record<string, string>>) {
  const before = process.cpuUsage();
  const { diagnostics } = loadModel('', memory(texts));
  const text = renderDiagnostics(diagnostics);
  // Time on a processor: other tests may have it meanwhile.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000, 'milliseconds').toBeLessThan(1000);
  expect(text, 'reaches the terminal').not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  return diagnostics;
}

describe('refused in a second, and with a word about it:', () => {
  test.each(Object.entries(refused))('%s', (_, text) => {
    const diagnostics = load({ 'spec.yaml': spec(['types.yaml']), 'types.yaml': text });
    expect(diagnostics).not.toEqual([]);
    for (const one of diagnostics) {
      expect(one.span.start).toBeGreaterThanOrEqual(0);
      expect(one.span.end).toBeGreaterThanOrEqual(one.span.start);
      expect(one.message.length).toBeLessThan(1000);
    }
  });

  // YAML is read alike in each sort of file: the large texts need no second look.
  const small = Object.entries(refused).filter(([, text]) => text.length < 50_000);
  test.each(small)('as spec.yaml: %s', (_, text) => {
    expect(load({ 'spec.yaml': text })).not.toEqual([]);
  });

  test.each(small)('as a command: %s', (_, text) => {
    const head = spec(['a.yaml']).replace('types:', 'commands:');
    expect(load({ 'spec.yaml': head, 'a.yaml': text })).not.toEqual([]);
  });

  test.each(small)('as a function: %s', (_, text) => {
    const head = spec(['a.yaml']).replace('types:', 'functions:');
    expect(load({ 'spec.yaml': head, 'a.yaml': text })).not.toEqual([]);
  });
});

describe('read:', () => {
  test.each(Object.entries(accepted))('%s', (_, text) => {
    expect(load({ 'spec.yaml': spec(['types.yaml']), 'types.yaml': text })).toEqual([]);
  });
});

describe('includes stay inside:', () => {
  const outside = [
    '../x.yaml',
    '../../etc/passwd',
    '/etc/passwd',
    'a/../../x.yaml',
    '..',
    '.',
    './..',
    '//x',
  ];
  const noPaths = [
    'a\\..\\..\\x.yaml',
    'C:/x.yaml',
    'C:x.yaml',
    '"a\\0.yaml"',
    '"a\\n.yaml"',
    'file:///x.yaml',
  ];
  test.each([...outside.filter((path) => path !== '.'), ...noPaths])('%s is reported once', (path) => {
    const read: string[] = [];
    const files = memory({ 'v/spec.yaml': spec([path]) });
    const { diagnostics } = loadModel('v', {
      ...files,
      read: (one) => {
        read.push(one);
        return files.read(one);
      },
    });
    expect(read.every((one) => !one.startsWith('/') && !one.split('/').includes('..'))).toBe(true);
    expect(diagnostics.map((one) => one.code)).toHaveLength(1);
  });

  test.each([...outside.slice(1), ...noPaths])('%s is not asked for', (path) => {
    const read: string[] = [];
    const files = memory({ 'spec.yaml': spec([path]) });
    const { diagnostics } = loadModel('', {
      ...files,
      read: (one) => {
        read.push(one);
        return files.read(one);
      },
    });
    expect(diagnostics.map((one) => one.code)).toEqual([
      noPaths.includes(path) ? 'include-syntax' : 'include-outside',
    ]);
    expect(read).toEqual(['spec.yaml']);
  });
});
