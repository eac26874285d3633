import { describe, expect, test } from 'vitest';
import {
  compile,
  type Diagnostic,
  type Files,
  loadModel,
  positionOf,
  type SourceFile,
} from '../../generator/index.js';
import { memory } from '../memory.js';

const head = `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
`;
const alias = (name: string, type: string) =>
  `${name}: { kind: alias, section: A1, summary: An alias., type: ${type} }\n`;

/** `path:line:column code`, one a diagnostic. */
function places(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, span }) => {
    const { line, column } = positionOf(span.file, span.start);
    return `${span.file.path}:${line}:${column} ${code}`;
  });
}

function diagnose(texts: Readonly<Record<string, string>>): readonly string[] {
  return places(loadModel('', memory(texts)).diagnostics);
}

describe('one run finds all there is', () => {
  test('in every file, sorted by file and place', () => {
    const found = diagnose({
      'spec.yaml': `${head}include: { types: [z.yaml, a.yaml, m.yaml], commands: [c.yaml] }\n`,
      // Wrong in its shape, in its text, in a name, in a layout, and no YAML at all.
      'z.yaml': `${alias('RmiB', 'Adress')}${alias('RmiA', 'Bits64').replace('An alias', 'A `text`')}`,
      'a.yaml': `RmiC: { kind: alias, section: A1, type: Bits64 }
RmiD:
  kind: fieldset
  section: A1
  summary: A fieldset.
  width: 8
  fields: { a: { bits: "6:0", type: UInt7, doc: a } }
`,
      'm.yaml': `${alias('RmiE', 'Bits64')}${alias('class', 'Bits64')}`,
      'c.yaml': `RMI_A:
  section: A1
  summary: A command.
  fid: 0xC4000150
  inputs: { a: { register: X0, type: Bits64, doc: a } }
  success: { s: "a ==" }
`,
    });
    expect(found).toEqual([
      'a.yaml:1:1 missing-key',
      'a.yaml:2:1 bits-gap',
      'c.yaml:5:28 register-syntax',
      'c.yaml:6:22 condition-syntax',
      'm.yaml:2:1 name-reserved',
      'z.yaml:1:61 unknown-type',
      'z.yaml:2:46 unsafe-text',
    ]);
  });

  test('and a mistake of an item is not echoed where the item is used', () => {
    const found = diagnose({
      'spec.yaml': `${head}include: { types: [t.yaml], commands: [c.yaml], functions: [f.yaml] }\n`,
      't.yaml': `RmiA: { kind: enumeration, section: A1, width: 8, values: { RMI_ONE: { value: 1, doc: one } } }
ICH_X_EL2: { kind: register, source: Arm ARM, width: 64, fields: {} }
RMI_M: { kind: mask, section: A1, summary: A mask., register: ICH_X_EL2, fields: [UIE] }
${alias('RmiB', 'RmiA')}RmiS:
  kind: struct
  section: A1
  summary: A struct.
  size: 8
  members: { a: { offset: 0, type: RmiA, register: ICH_X_EL2, permitted: RMI_M, doc: a } }
`,
      'f.yaml': 'F: { section: A1, summary: A function., parameters: { a: RmiA } }\n',
      'c.yaml': `RMI_A:
  section: A1
  summary: A command.
  fid: 0xC4000150
  inputs: { a: { register: X1, type: RmiA, doc: a } }
  success: { s: "F(a) && a == RMI_ONE" }
`,
    });
    expect(found).toEqual(['f.yaml:1:1 missing-key', 't.yaml:1:1 missing-key', 't.yaml:2:1 missing-key']);
  });

  test('and names of a file that is missing are not missed one by one', () => {
    const found = diagnose({
      'spec.yaml': `${head}include: { types: [t.yaml, u.yaml], commands: [c.yaml] }\n`,
      't.yaml': `${alias('RmiA', 'RmiInU')}${alias('RmiB', 'Bits<3>')}`,
      'c.yaml': `RMI_A:
  section: A1
  summary: A command.
  fid: 0xC4000190
  inputs: { a: { register: X1, type: RmiInU, doc: a } }
  success: { s: "RMI_IN_U == a" }
`,
    });
    expect(found).toEqual(['c.yaml:4:8 fid-range', 'spec.yaml:6:28 file-missing', 't.yaml:2:61 type-syntax']);
  });

  test('nor those of a file that is no YAML', () => {
    const found = diagnose({
      'spec.yaml': `${head}include: { types: [t.yaml, u.yaml] }\n`,
      't.yaml': alias('RmiA', 'RmiInU'),
      'u.yaml': 'RmiInU: { kind: alias\n',
    });
    expect(found).toEqual(['u.yaml:1:9 yaml-syntax']);
  });
});

describe('places are those of an editor', () => {
  const text = `${alias('RmiA', 'Bits64')}${alias('RmiB', 'Bit64')}`;
  const place = 't.yaml:2:61 unknown-type';
  const at = (types: string) =>
    diagnose({ 'spec.yaml': `${head}include: { types: [t.yaml] }\n`, 't.yaml': types });

  test('with line ends of Unix', () => expect(at(text)).toEqual([place]));
  test('with line ends of Windows', () => expect(at(text.replaceAll('\n', '\r\n'))).toEqual([place]));
  test('without a line end at the end', () => expect(at(text.trimEnd())).toEqual([place]));
  test('after a byte order mark', () => {
    expect(at(`\ufeff${text}`)).toEqual([place]);
    expect(at(`\ufeff${alias('RmiB', 'Bit64')}`)).toEqual(['t.yaml:1:61 unknown-type']);
  });
  test('after comments and empty lines', () => {
    expect(at(`# one\n\n${text}# two`)).toEqual(['t.yaml:4:61 unknown-type']);
  });
  test('in a text that is folded over lines', () => {
    const folded = alias('RmiA', 'Bits64').replace('An alias.', '>-\n  An alias\n  and a `word`.\n ');
    const block =
      'RmiA:\n  kind: alias\n  section: A1\n  summary: >-\n    An alias\n    and a `word`.\n  type: Bits64\n';
    expect(folded).toContain('>-');
    expect(at(block)).toEqual(['t.yaml:6:11 unsafe-text']);
    expect(at(block.replaceAll('\n', '\r\n'))).toEqual(['t.yaml:6:11 unsafe-text']);
  });
});

describe('includes', () => {
  const types = 'kind: alias, section: A1, summary: An alias., type: Bits64';

  test('a folder stands for its files, in their order, after those named before it', () => {
    const { model } = loadModel(
      'v',
      memory({
        'v/spec.yaml': `${head}include: { types: [t/c.yaml, t, ../arm] }\n`,
        'v/t/a.yaml': `A: { ${types} }\n`,
        'v/t/b.yaml': `B: { ${types} }\n`,
        'v/t/c.yaml': `C: { ${types} }\n`,
        'v/t/notes.txt': 'no YAML',
        'arm/x.yaml': `X: { ${types} }\n`,
      }),
    );
    expect([...(model?.types.keys() ?? [])]).toEqual(['C', 'A', 'B', 'X']);
  });

  test('a file that is there and is not read says why', () => {
    const files: Files = {
      ...memory({ 'spec.yaml': `${head}include: { types: [t.yaml] }\n` }),
      refusal: () => 'it is a pipe',
    };
    const { diagnostics } = loadModel('', files);
    expect(diagnostics.map((one) => one.message)).toEqual(['t.yaml is not read: it is a pipe']);
  });

  test('without a spec.yaml there is no version', () => {
    expect(diagnose({})).toEqual(['spec.yaml:1:1 file-missing']);
  });
});

describe('a file that is given again', () => {
  const spec: SourceFile = { path: 'v/spec.yaml', text: `${head}include: { types: [t.yaml, u.yaml] }\n` };
  const good: SourceFile = { path: 'v/t.yaml', text: alias('RmiA', 'Bits64') };
  const files = (...all: readonly SourceFile[]): Files => ({
    read: (path) => all.find((one) => one.path === path),
    list: (folder) => (folder === '' ? ['v'] : undefined),
  });
  const wrong: SourceFile = { path: 'v/u.yaml', text: 'RmiB: { kind: alias }\n' };
  const right: SourceFile = { path: 'v/u.yaml', text: alias('RmiB', 'RmiA') };

  test('has the same problems as before', () => {
    const first = loadModel('v', files(spec, good, wrong));
    expect(places(first.diagnostics)).toEqual(['v/u.yaml:1:1 missing-key']);
    expect(loadModel('v', files(spec, good, wrong))).toEqual(first);
  });

  test('goes with what another file has become', () => {
    expect(loadModel('v', files(spec, good, right)).diagnostics).toEqual([]);
    expect(places(loadModel('v', files(spec, good, wrong)).diagnostics)).toEqual([
      'v/u.yaml:1:1 missing-key',
    ]);
    expect(loadModel('v', files(spec, good, right)).model?.types.get('RmiB')).toMatchObject({
      type: { name: 'RmiA' },
    });
  });

  test('is read anew as a file of another sort', () => {
    const functions: SourceFile = { path: 'v/spec.yaml', text: spec.text.replace('types:', 'functions:') };
    expect(loadModel('v', files(spec, good, right)).diagnostics).toEqual([]);
    expect(loadModel('v', files(functions, good, right)).diagnostics.map((one) => one.code)).toContain(
      'unknown-key',
    );
    expect(loadModel('v', files(spec, good, right)).diagnostics).toEqual([]);
  });

  test('belongs to each version that includes it', async () => {
    const both = memory({
      'v1/spec.yaml': `${head}include: { types: [../t.yaml] }\n`,
      'v2/spec.yaml': `${head}include: { types: [../t.yaml] }\n`,
      't.yaml': alias('RmiA', 'Nothing'),
    });
    expect(places((await compile(both)).diagnostics)).toEqual(['t.yaml:1:61 unknown-type']);
  });
});
