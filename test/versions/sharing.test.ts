import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SpecFolder } from '../../cli/spec-folder.js';
import * as eac5 from '../../generated/rmm-1.0-eac5/typescript/index.js';
import * as rel0 from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { compile, type Diagnostic, loadModel, type Specification } from '../../generator/index.js';
import { memory } from '../memory.js';

const root = join(import.meta.dirname, '../..');

const head = (version: string) => `document: DEN0137
version: "${version}"
title: A specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
`;
const enumeration = (name: string, label: string, width: number) => `${name}:
  kind: enumeration
  section: B4.4.1
  summary: An enumeration.
  width: ${width}
  unused: reserved
  values: { ${label}: { value: 0, doc: zero } }
`;
const fieldset = (name: string, type: string, width: number) => `${name}:
  kind: fieldset
  section: B4.4.2
  summary: A fieldset.
  width: ${width}
  fields: { f: { bits: "${width - 1}:0", type: ${type}, doc: a field } }
`;
const command = (extra = '') => `RMI_ONE:
  section: B4.3.1
  summary: A command.
  fid: 0xC4000150
  inputs: { a: { register: X1, type: RmiUser, doc: a value } }
  outputs: { result: { register: X0, type: RmiOther, bits: "7:0", doc: outcome } }
${extra}`;

/** Two versions, the second of which is made of the first's files but for what `more` says. */
const two = (more: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  'rmm-1.0/spec.yaml': `${head('1.0')}include: { types: [types.yaml], commands: [commands] }\n`,
  'rmm-1.0/types.yaml': [
    enumeration('RmiState', 'RMI_ZERO', 8),
    fieldset('RmiUser', 'RmiState', 8),
    enumeration('RmiOther', 'RMI_OTHER', 8),
  ].join(''),
  'rmm-1.0/commands/one.yaml': command(
    '  failures: { f: { pre: "a.f == RMI_ZERO", post: "result == RMI_OTHER" } }\n',
  ),
  'rmm-1.1/spec.yaml':
    `${head('1.1')}include: { types: [types.yaml, ../rmm-1.0/types.yaml], commands: [../rmm-1.0/commands] }\n` +
    'replaces: [RmiState]\n',
  'rmm-1.1/types.yaml': enumeration('RmiState', 'RMI_ZERO', 8).replace('zero', 'nought'),
  ...more,
});

function load(texts: Readonly<Record<string, string>>): {
  readonly model: Specification | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  return loadModel('rmm-1.1', memory(texts));
}

describe('a version that is made of the files of another', () => {
  test('has its own items in place of those that it replaces', () => {
    const { model, diagnostics } = load(two({}));
    expect(diagnostics).toEqual([]);
    const state = model!.types.get('RmiState')!;
    expect(state.span.file.path).toBe('rmm-1.1/types.yaml');
    const user = model!.types.get('RmiUser')!;
    expect(user.span.file.path).toBe('rmm-1.0/types.yaml');
    expect(user.kind === 'fieldset' && user.fields[0]!.type).toBe(state);
    expect(model!.commands.get('RMI_ONE')!.failures).toHaveLength(1);
  });

  test('says what it replaces, or the item is there twice', () => {
    const texts = two({});
    const spec = texts['rmm-1.1/spec.yaml']!.replace('replaces: [RmiState]\n', '');
    const { diagnostics } = load({ ...texts, 'rmm-1.1/spec.yaml': spec });
    // A label is a name as well; it is the enumeration that matters.
    const [first] = diagnostics;
    expect(first!.code).toBe('duplicate-name');
    expect(first!.span.file.path).toBe('rmm-1.0/types.yaml');
    expect(first!.hint).toBe('If this version defines it anew, list it in `replaces` of spec.yaml.');
  });

  test('that states the interface alone has no conditions, though the shared files have', () => {
    const texts = two({});
    const spec = `${texts['rmm-1.1/spec.yaml']!}scope: interface\n`;
    const { model, diagnostics } = load({ ...texts, 'rmm-1.1/spec.yaml': spec });
    expect(diagnostics).toEqual([]);
    expect(model!.commands.get('RMI_ONE')!.failures).toEqual([]);
    expect(model!.commands.get('RMI_ONE')!.inputs.map((one) => one.name)).toEqual(['a']);
  });

  test('and does not write any of its own', () => {
    const texts = two({
      'rmm-1.1/commands/two.yaml': command('  order: ["[f] < [g]"]\n')
        .replaceAll('ONE', 'TWO')
        .replace('0150', '0151'),
    });
    const spec = `${texts['rmm-1.1/spec.yaml']!}scope: interface\n`.replace(
      'commands: [',
      'commands: [commands, ',
    );
    const { diagnostics } = load({ ...texts, 'rmm-1.1/spec.yaml': spec });
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ['unexpected-key', '`order` has no place here: the scope of this version is its interface'],
    ]);
  });

  test('passes on what it shares, and emits what stands on a replaced item', async () => {
    const { outputs, diagnostics } = await compile(memory(two({})), { targets: ['typescript'] });
    expect(diagnostics).toEqual([]);
    const types = outputs.find((one) => one.path === 'rmm-1.1/typescript/types.ts')!.text;
    expect(types).toContain("export { RmiOther } from '../../rmm-1.0/typescript/types.js';");
    expect(types).toContain('export const RmiState:');
    // It is the same text in the same file, but its field is of a replaced type.
    expect(types).toContain('export class RmiUser');
    const commands = outputs.find((one) => one.path === 'rmm-1.1/typescript/commands.ts')!.text;
    expect(commands).toContain('export const RMI_ONE');
    expect(commands).toContain("import type { RmiOther } from '../../rmm-1.0/typescript/types.js';");
  });
});

describe('1.0-eac5', () => {
  const files = new SpecFolder(join(root, 'spec'), 'spec');
  const { model } = loadModel('rmm-1.0-eac5', files);

  test('shares classes with 1.0-rel0 where the two agree', () => {
    expect(eac5.RmiRecRun).toBe(rel0.RmiRecRun);
    expect(eac5.RMI_REC_ENTER).toBe(rel0.RMI_REC_ENTER);
    expect(eac5.RmiFeatureRegister0).not.toBe(rel0.RmiFeatureRegister0);
    expect(eac5.RsiRealmConfig).not.toBe(rel0.RsiRealmConfig);
    // It answers with a code of which 1.0-rel0 has one value more.
    expect(eac5.RSI_VERSION).not.toBe(rel0.RSI_VERSION);
  });

  test('reads RmiFeatureRegister0 as TF-RMM of its tag for 1.0-eac5 packs it', () => {
    // Shifts of smc-rmi.h: S2SZ 0, LPA2 8, SVE_EN 9, SVE_VL 10, NUM_BPS 14, NUM_WPS 18, PMU_EN 22, PMU_NUM_CTRS 23,
    // HASH_SHA_256 28, HASH_SHA_512 29.
    const packed =
      48n |
      (1n << 9n) |
      (3n << 10n) |
      (6n << 14n) |
      (4n << 18n) |
      (1n << 22n) |
      (31n << 23n) |
      (1n << 28n) |
      (1n << 29n);
    expect(eac5.RmiFeatureRegister0.of(packed).toObject()).toEqual({
      S2SZ: 48,
      LPA2: 0,
      SVE_EN: 1,
      SVE_VL: 3,
      NUM_BPS: 6,
      NUM_WPS: 4,
      PMU_EN: 1,
      PMU_NUM_CTRS: 31,
      HASH_SHA_256: 1,
      HASH_SHA_512: 1,
    });
  });

  test('has no label, member or field that came with 1.0-rel0', () => {
    expect(Object.keys(eac5.RsiCommandReturnCode)).not.toContain('RSI_ERROR_UNKNOWN');
    const config = model!.types.get('RsiRealmConfig')!;
    expect(config.kind === 'struct' && config.members.map((one) => one.name)).toEqual([
      'ipa_width',
      'hash_algo',
    ]);
    const get = model!.commands.get('RSI_IPA_STATE_GET')!;
    expect(get.inputs.map((one) => [one.name, one.register])).toEqual([['addr', 1]]);
    expect(get.outputs.map((one) => [one.name, one.register])).toEqual([
      ['result', 0],
      ['ripas', 1],
    ]);
  });

  test('has a file in its folder for nothing but what it replaces', () => {
    const items = [...model!.types.values(), ...model!.commands.values(), ...model!.constants.values()];
    const own = items.filter((one) => one.span.file.path.startsWith('rmm-1.0-eac5/')).map((one) => one.name);
    expect(own.sort()).toEqual([
      'RSI_IPA_STATE_GET',
      'RmiFeatureRegister0',
      'RsiCommandReturnCode',
      'RsiRealmConfig',
      'RsiRipas',
    ]);
  });
});

test('what is wrong in a file that versions share is said once', async () => {
  const texts = two({});
  const types = texts['rmm-1.0/types.yaml']!.replace('bits: "7:0"', 'bits: "6:0"');
  const { diagnostics } = await compile(memory({ ...texts, 'rmm-1.0/types.yaml': types }));
  expect(diagnostics.map((one) => one.code)).toEqual(['bits-gap', 'field-width']);
});
