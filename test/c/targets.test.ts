import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { comment } from '../../generator/emit/targets/text.js';
import { compile, renderDiagnostics } from '../../generator/index.js';
import { memory } from '../memory.js';
import { byPath, emit, specification, TARGETS } from './support.js';

/** A specification with one item of each sort that a target can name. */
const version: Readonly<Record<string, string>> = {
  'one/spec.yaml': `document: DOC1
version: "1"
title: A test
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include: { types: [types.yaml], commands: [commands.yaml] }
`,
  'one/types.yaml': `Colour:
  kind: enumeration
  section: B1.1
  summary: A colour.
  width: 8
  unused: reserved
  values:
    RED: { value: 1, doc: red }
    BLUE: { value: 2, doc: blue }

Flags:
  kind: fieldset
  section: B1.2
  summary: Some flags.
  width: 64
  fields:
    low: { bits: "3:0", type: Bits4, doc: low ones }
    top: { bits: "8", type: Bits1, doc: top one }
  reserved:
    - { bits: "7:4", as: SBZ }
    - { bits: "63:9", as: MBZ }

Thing:
  kind: struct
  section: B1.3
  summary: A thing.
  size: 0x40
  unused: SBZ
  members:
    colour: { offset: 0x00, type: Colour, doc: its colour }
    small: { offset: 0x08, type: UInt16, doc: a small number }
    near: { offset: 0x0c, type: Int16, doc: a number beside it }
    list: { offset: 0x10, type: Bits64, count: 2, doc: some numbers }
    pair: { offset: 0x20, type: Bits64, count: 3, doc: more numbers }

LEVEL:
  kind: constant
  section: B1.4
  summary: A level.
  value: 3
`,
  'one/commands.yaml': `RMI_ASK:
  section: B2.1
  summary: Ask.
  fid: 0xC4000150
  outputs:
    result: { register: X0, type: Flags, doc: outcome }
`,
};

const head = `name: t.h
version: one
summary: A test.
license: MIT
outputs: { t.h: t.hbs }
types: { u8: u8, u16: u16, u32: u32, u64: u64, s16: s16 }
padding: pad
`;
const plainTemplate = '{{#each macros}}{{#each defines}}{{name}} {{value}}\n{{/each}}{{/each}}';

async function diagnose(target: string, template = plainTemplate, more: Record<string, string> = {}) {
  const files = memory({ ...version, 'targets/t.yaml': target, 'targets/t.hbs': template, ...more });
  const compiled = await compile(files, { targets: ['t.h'] });
  return { text: renderDiagnostics(compiled.diagnostics), outputs: byPath(compiled) };
}

/** The first line of what is reported for these sections. */
async function firstLine(sections: string): Promise<string> {
  const { text, outputs } = await diagnose(`${head}sections:\n${sections}`);
  if (text !== '') expect(outputs.size).toBe(0);
  return text.split('\n', 1)[0]!;
}

describe('what is wrong with a target', () => {
  test.each([
    // Names that the specification lacks
    [
      '  - { kind: labels, of: Color }',
      '9:25 - error target-item: `Color` is not an enumeration of this version',
    ],
    [
      '  - { kind: labels, of: Flags }',
      '9:25 - error target-item: `Flags` is not an enumeration of this version',
    ],
    [
      '  - { kind: calls, interface: RSI }',
      '9:31 - error target-item: `RSI` is not an interface of this version',
    ],
    ['  - { kind: mask, of: LEVEL }', '9:23 - error target-item: `LEVEL` is not a mask of this version'],
    [
      '  - { kind: constants, names: { DEPTH: X } }',
      '9:33 - error target-item: `DEPTH` is not a constant of this version',
    ],
    [
      '  - { kind: labels, of: Colour, rename: { GREEN: G } }',
      '9:43 - error target-member: `GREEN` is not a member of Colour',
    ],
    [
      '  - { kind: accessors, of: Flags, get: { mid: GET_MID } }',
      '9:42 - error target-member: `mid` is not a member of Flags',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, widen: { big: 64 } }',
      '9:54 - error target-member: `big` is not a member of Thing',
    ],
    [
      '  - { kind: counts, names: { Thing.lists: N } }',
      '9:30 - error target-member: `lists` is not a member of Thing',
    ],

    // Names that the output cannot have
    [
      '  - { kind: labels, of: Colour, rename: { RED: int } }',
      '9:48 - error name-reserved: `int` cannot be a name: C reserves it',
    ],
    [
      '  - { kind: labels, of: Colour, rename: { RED: BLUE } }',
      '9:25 - error target-name: the output would define `BLUE` twice (Colour.RED)',
    ],
    [
      '  - { kind: labels, of: Colour }\n  - { kind: enum, of: Colour, name: colour }',
      '10:23 - error target-name: the output would define `RED` twice (Colour.RED)',
    ],
    [
      '  - { kind: constants, names: { LEVEL: list } }\n  - { kind: struct, of: Thing, name: thing }',
      '10:25 - error target-name: the output would define `list` twice (LEVEL)',
    ],
    ['  - { kind: struct, of: Thing, name: t-h }', '9:38 - error name-syntax: `t-h` is not a name'],

    // Which depends on the language
    [
      '  - { kind: enum, of: Colour, name: Colour, rename: { RED: Match } }\nlanguage: rust',
      '9:60 - error name-reserved: `Match` cannot be a name: Rust reserves it',
    ],
    [
      '  - { kind: enum, of: Colour, name: Colour, rename: { RED: BLUE } }\nlanguage: rust',
      '9:23 - error target-name: the output would define `BLUE` twice (Colour.RED)',
    ],
    [
      '  - { kind: enum, of: Colour, name: Same }\n  - { kind: struct, of: Thing, name: Same }\nlanguage: rust',
      '10:38 - error target-name: the output would define `Same` twice (Colour)',
    ],

    // What the document's values cannot be
    [
      '  - { kind: struct, of: Thing, name: thing, widen: { small: 64 } }',
      '9:61 - error target-type: `small` cannot be 64 bits wide: `near` begins at 0xc',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, widen: { small: 8 } }',
      '9:61 - error target-type: `small` cannot be 8 bits wide: a value of 16 bits widens to a larger one of 16, 32 or 64',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, widen: { near: 32 } }',
      '9:60 - error target-type: `near` cannot be 32 bits wide: the zeros after it would not extend the sign of a negative value',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, widen: { list: 64 } }',
      '9:60 - error target-type: `list` cannot be 64 bits wide: only a single value can take in the bytes after it',
    ],
    [
      '  - { kind: counts, names: { Thing.list: N, Thing.pair: N } }',
      '9:45 - error target-type: N cannot be 2: Thing.pair has 3 elements',
    ],
    [
      '  - { kind: counts, names: { Thing.small: N } }',
      '9:30 - error target-type: `Thing.small` cannot be counted: it is a single value',
    ],
    [
      '  - { kind: accessors, of: Flags, get: { low: GET_LOW }, unmasked: [low] }',
      '9:69 - error target-type: `low` cannot be extracted by a shift alone: `top` lies above it',
    ],
    [
      '  - { kind: fields, of: Flags, reserved: REST }',
      '9:42 - error target-type: REST cannot be a mask: Flags has 2 reserved ranges',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, align: LEVEL }',
      '9:52 - error target-type: Thing cannot be aligned to LEVEL: 3 is not a power of two from 8 up that divides its 64 bytes',
    ],

    // Groups
    [
      '  - { kind: struct, of: Thing, name: thing, groups: [[colour], [near], [small]] }',
      '9:65 - error target-group: the groups do not fit the struct: `near` is out of order; it is the turn of `small`',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, groups: [[colour, small]] }',
      '9:45 - error target-group: the groups do not fit the struct: `near` is in no group',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, groups: [[colour, shade]] }',
      '9:63 - error target-group: the groups do not fit the struct: `shade` is not a member of Thing; it is the turn of `small`',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, groups: [{ members: [colour, small, near, list], size: 0x30 }, [pair]] }',
      '9:100 - error target-group: the groups do not fit the struct: the group at 0x0 takes 0x20 to 0x20 bytes, not 0x30',
    ],
    [
      '  - { kind: struct, of: Thing, name: thing, padding: [one] }',
      '9:45 - error target-group: the groups do not fit the struct: 1 paddings have names, but there are 4',
    ],
  ])('%s', async (sections, expected) => {
    expect(await firstLine(`${sections}\n`)).toBe(`targets/t.yaml:${expected}`);
  });

  test('a version, a path, a template that are not there; a name and a path that are taken', async () => {
    const { text } = await diagnose(
      'name: t.h\nversion: two\nsummary: A test.\nlicense: MIT\noutputs: { ../t.h: t.hbs, u.h: u.hbs }\nsections: []\n',
      plainTemplate,
      { 'targets/deeper/t.yaml': `${head.replace('t.hbs', '../t.hbs')}sections: []\n` },
    );
    expect(text.split('\n').filter((line) => line.includes(' - error '))).toEqual([
      'targets/deeper/t.yaml:5:17 - error template-missing: there is no template ../t.hbs; there is none',
      'targets/t.yaml:1:7 - error target-duplicate: two targets give t.h',
      'targets/t.yaml:2:10 - error target-version: there is no version two here; known is one',
      'targets/t.yaml:5:12 - error target-path: ../t.h is not a path inside the output folder',
      'targets/t.yaml:5:32 - error template-missing: there is no template u.hbs; known is t.hbs',
    ]);
  });

  test('a struct that holds another needs it to be declared before', async () => {
    const texts = specification();
    texts['targets/t.yaml'] =
      `${head.replace('version: one', 'version: rmm-1.0-rel0')}sections:\n  - { kind: struct, of: RmiRecRun, name: run }\n`;
    texts['targets/t.hbs'] = plainTemplate;
    await expect(emit(texts, 't.h')).rejects.toThrow(
      '9:25 - error target-type: `enter` cannot be declared: no earlier section of the target declares RmiRecEnter',
    );
  });
});

test('what the types of Rust have may have the same name', async () => {
  const { text, outputs } = await diagnose(
    `${head}language: rust\nsections:\n  - { kind: enum, of: Colour, name: Colour, rename: { RED: LOW } }\n` +
      '  - { kind: fields, of: Flags, name: Flags, upper: true }\n' +
      '  - { kind: constants, names: { LEVEL: colour } }\n  - { kind: struct, of: Thing, name: Thing }\n',
    '{{#each sections}}{{kind}} {{#each defines}}{{name}} {{value}}\n{{/each}}{{/each}}',
  );
  expect(text).toBe('');
  expect(outputs.get('one/t.h')).toBe(
    'enum LOW 1\nBLUE 2\nfields LOW 15\nTOP 256\nconstants colour 3\nstruct ',
  );
});

describe('what is wrong with a template', () => {
  const target = `${head}sections:\n  - { kind: labels, of: Colour, style: wide }\n`;

  test.each([
    [
      'a name that is not there',
      'x\n{{#each macros}}{{nmae}}{{/each}}',
      '2:19',
      '`nmae` is not defined here',
    ],
    [
      'a helper that is not there',
      '{{shout name}}',
      '1:1',
      'You specified knownHelpersOnly, but used the unknown helper shout',
    ],
    ['the console', '{{log "x"}}', '1:1', 'You specified knownHelpersOnly, but used the unknown helper log'],
    ['a partial that is not there', 'x\n{{> footer}}', '2:5', 'there is no partial `footer`'],
    ['a block that is not closed', '{{#each macros}}\n{{name}}\n', '3:1', 'EOF makes no sense here'],
    [
      'a partial that calls itself',
      '{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}',
      '1:1',
      'it calls itself without end',
    ],
    ['what it refuses itself', '{{#each macros}}{{fail "no style" style}}{{/each}}', '1:17', 'no style wide'],
    [
      'the end of a comment',
      '{{#comment}}\n*/ int x;\n{{/comment}}',
      '1:1',
      'the text of a comment contains the end of a comment, */',
    ],
    ['a number that is none', '{{#each macros}}{{hex kind}}{{/each}}', '1:17', '`hex` takes a number'],
    ['what objects inherit', '{{#each macros}}{{constructor.name}}{{/each}}', '1:1', undefined],
  ])('%s', async (_, template, place, detail) => {
    const { text, outputs } = await diagnose(target, template);
    if (detail === undefined) expect(text).toMatch(/^targets\/t\.hbs:\d+:\d+ - error template-error: /);
    else
      expect(text.split('\n', 1)[0]).toBe(
        `targets/t.hbs:${place} - error template-error: the template fails: ${detail}`,
      );
    expect(outputs.size).toBe(0);
  });

  test('properties that values inherit have no value', async () => {
    const { text, outputs } = await diagnose(
      target,
      '[{{lookup summary "constructor"}}{{lookup macros "map"}}]',
    );
    expect(text).toBe('');
    expect(outputs.get('one/t.h')).toBe('[]');
  });
});

describe('hostile text', () => {
  const hostile = ['*/ int evil; /*', '/* open', 'ends \\\\', '??/', 'caf\u00e9', 'bell \\u0007'];

  test.each(hostile)('%j is refused in a specification', async (text) => {
    const types = version['one/types.yaml']!.replace('doc: red ', `doc: "${text}" `);
    const { outputs, text: said } = await diagnose(
      `${head}sections:\n  - { kind: labels, of: Colour }\n`,
      plainTemplate,
      {
        'one/types.yaml': types,
      },
    );
    expect(said).toContain('one/types.yaml:8:');
    expect(said).toContain('error unsafe-text');
    expect(outputs.size).toBe(0);
  });

  test.each(hostile)('%j is refused in a target', async (text) => {
    const { outputs, text: said } = await diagnose(
      `${head}sections:\n  - { kind: labels, of: Colour, comment: "${text}" }\n`,
    );
    expect(said).toMatch(/^targets\/t\.yaml:9:42 - error unsafe-text/);
    expect(outputs.size).toBe(0);
  });

  test.each([
    ['license', 'MIT */'],
    ['guard', 'A B'],
    ['summary', 'A */ summary.'],
    ['includes', "['x.h> int y; <']"],
    ['types', '{ u8: "u8; int" }'],
  ])('%s is checked', async (key, value) => {
    const rest = head.replace(new RegExp(`^${key}: .*\n`, 'm'), '');
    const { text, outputs } = await diagnose(`${rest}${key}: ${value}\nsections: []\n`);
    expect(text).toMatch(/^targets\/t\.yaml:\d+:\d+ - error /);
    expect(outputs.size).toBe(0);
  });

  test('a comment wraps, and has no line that could end it', () => {
    const long = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
    const made = comment(`${long}\n\n\n@item: ${long}`, '/**', '\t');
    const lines = made.trimEnd().split('\n');
    expect(lines[0]).toBe('\t/**');
    expect(lines.at(-1)).toBe('\t */');
    for (const line of lines.slice(1, -1)) {
      expect(line).toMatch(/^\t \*( \S| {3}word|$)/);
      expect(line.length + 7).toBeLessThanOrEqual(80);
    }
    expect(lines.filter((line) => line === '\t *')).toHaveLength(1);
    for (const bad of ['*/', '/*', 'a\\', '??=', 'a\u0007', 'a\u2028b'])
      expect(() => comment(bad, '/*', '')).toThrow('the text of a comment contains');
  });
});

describe('output', () => {
  test('targets are selected by name, and all are made of what is generated without a choice', async () => {
    const one = await emit(specification(), 'linux/rsi_smc.h');
    expect([...one.keys()]).toEqual([
      'rmm-1.0-rel0/c/linux/rsi_smc.h',
      'rmm-1.0-rel0/c/linux/rsi_smc.test.c',
    ]);
    const some = await emit(specification(), ...TARGETS);
    for (const [path, text] of one) expect(some.get(path)).toBe(text);
  });

  test('an unknown target is an error that says which there are', async () => {
    const compiled = await compile(memory(specification()), { targets: ['linux/rmi_smc'] });
    const [only] = compiled.diagnostics;
    expect(only?.code).toBe('target-missing');
    expect(only?.message).toContain('linux/rmi_smc.h');
    expect(only?.hint).toBe('Did you mean `linux/rmi_smc.h`?');
  });

  test('a member that is wider than the document has it says so', async () => {
    const text = (await emit(specification(), 'linux/rmi_smc.h')).get('rmm-1.0-rel0/c/linux/rmi_smc.h')!;
    const members = [
      ...text.replace(/\n \* +/g, ' ').matchAll(/@(\w+): [^@]*? in the document, the rest of/g),
    ];
    expect(members.map((match) => match[1])).toEqual([
      's2sz',
      'sve_vl',
      'num_bps',
      'num_wps',
      'pmu_num_ctrs',
      'hash_algo',
      'vmid',
      'rtt_num_start',
    ]);
  });
});

describe('spec/targets/README.md', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../spec/targets/README.md'), 'utf8');
  const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme)![1]!;

  test('its example gives what it says', async () => {
    const texts = specification();
    texts['targets/boot/rmi.yaml'] = block('yaml');
    texts['targets/boot/boot.hbs'] = block('handlebars');
    const outputs = await emit(texts, 'boot/rmi.h');
    expect(outputs.get('rmm-1.0-rel0/c/boot/rmi.h')).toBe(block('c'));
  });
});
