import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SpecFolder } from '../../cli/spec-folder.js';
import { loadModel, type Model, openModel } from '../../generator/index.js';
import { breaksOf, type Comparison, compare, only } from '../../tools/diff/index.js';
import { armSmcccRmi } from '../c/expected/arm-smccc-rmi.js';
import { rmiSmc } from '../c/expected/rmi-smc.js';
import { memory } from '../memory.js';

const files = new SpecFolder(join(import.meta.dirname, '../../spec'), 'spec');
const model = (id: string): Model => openModel(id, files).model!;
const eac5 = model('rmm-1.0-eac5');
const rel0 = model('rmm-1.0-rel0');
const bet3 = model('rmm-2.0-bet3');

/** `Item.part aspect before -> after`, with `!` in front where it breaks. */
function lines(comparison: Comparison): readonly string[] {
  return comparison.differences.flatMap(({ name, changes }) =>
    changes.map(({ part, aspect, before, after, breaks }) => {
      const at = part === '' ? name : `${name}.${part}`;
      return `${breaks === undefined ? ' ' : '!'} ${at} ${aspect} ${before} -> ${after}`;
    }),
  );
}

describe('1.0-eac5 to 1.0-rel0', () => {
  test('is what TF-RMM changed between its tags for the two, and nothing else', () => {
    expect(lines(compare(eac5, rel0))).toEqual([
      '  RSI_IPA_STATE_GET.addr renamed addr -> base',
      '! RSI_IPA_STATE_GET.top added  -> input X2 Address',
      '! RSI_IPA_STATE_GET.ripas moved output X1[7:0] -> output X2[7:0]',
      '  RSI_IPA_STATE_GET.out_top added  -> output X1 Address',
      '! RmiFeatureRegister0.NUM_BPS resized bits 17:14 -> bits 19:14',
      '! RmiFeatureRegister0.NUM_WPS resized bits 21:18 -> bits 25:20',
      '! RmiFeatureRegister0.PMU_EN moved bit 22 -> bit 26',
      '! RmiFeatureRegister0.PMU_NUM_CTRS moved bits 27:23 -> bits 31:27',
      '! RmiFeatureRegister0.HASH_SHA_256 moved bit 28 -> bit 32',
      '! RmiFeatureRegister0.HASH_SHA_512 moved bit 29 -> bit 33',
      '  RmiFeatureRegister0.GICV3_NUM_LRS added  -> bits 37:34',
      '  RmiFeatureRegister0.MAX_RECS_ORDER added  -> bits 41:38',
      '  RsiCommandReturnCode.RSI_ERROR_UNKNOWN added  -> 4',
      '  RsiRealmConfig.rpv added  -> 0x200 Bits512',
      '  RsiRipas.RSI_DEV added  -> 3',
    ]);
  });

  test('says that conditions were not compared', () => {
    expect(compare(eac5, rel0).leftOut).toEqual(['1.0-eac5 states no conditions, so none are compared.']);
  });
});

describe('1.0-rel0 to 2.0-bet3', () => {
  const comparison = compare(rel0, bet3);
  const named = (name: string) => lines(only(comparison, name, [rel0, bet3])!);

  test('has the calls that the headers of Linux for the two have', () => {
    const calls = (constants: typeof rmiSmc.constants) =>
      new Map(
        Object.entries(constants)
          .filter(([name]) => name.startsWith('SMC_RMI_'))
          .map(([name, [value]]) => [name.slice(4), value]),
      );
    const [old, now] = [calls(rmiSmc.constants), calls(armSmcccRmi.constants)];
    const commands = comparison.differences.filter((one) => one.kind === 'command');
    const whole = (aspect: string) =>
      commands.filter((one) => one.changes[0]!.aspect === aspect).map((one) => one.name);
    // One call has a new name and the number and arguments that it had.
    const renamed = commands.filter((one) => one.renamed !== undefined);
    expect(renamed.map((one) => [one.name, one.renamed])).toEqual([
      ['RMI_DATA_CREATE', 'RMI_RTT_DATA_MAP_INIT'],
    ]);
    expect(old.get('RMI_DATA_CREATE')).toBe(now.get('RMI_RTT_DATA_MAP_INIT'));
    expect(whole('removed').sort()).toEqual(
      [...old.keys()].filter((name) => !now.has(name) && name !== 'RMI_DATA_CREATE').sort(),
    );
    expect(whole('added').sort()).toEqual(
      [...now.keys()].filter((name) => !old.has(name) && name !== 'RMI_RTT_DATA_MAP_INIT').sort(),
    );
    expect(commands.flatMap((one) => one.changes).filter((one) => one.aspect === 'renumbered')).toEqual([]);
    for (const [name, fid] of old) if (now.has(name)) expect([name, now.get(name)]).toEqual([name, fid]);
  });

  test('moves no member that both headers have, and misses those that the second lacks', () => {
    const members = (facts: typeof rmiSmc) =>
      new Map(facts.members.filter(([path]) => !/padding|sizer/.test(path)).map(([path, at]) => [path, at]));
    const [old, now] = [members(rmiSmc), members(armSmcccRmi)];
    for (const [path, at] of old) if (now.has(path)) expect([path, now.get(path)]).toEqual([path, at]);
    const structs = comparison.differences.filter((one) => one.kind === 'struct' && one.match !== undefined);
    expect(structs.flatMap((one) => one.changes).filter((one) => one.aspect === 'moved')).toEqual([]);
    const gone = structs.flatMap((one) =>
      one.changes.filter(({ aspect }) => aspect === 'removed').map(({ part }) => part),
    );
    const missing = [...old.keys()].filter((path) => !now.has(path)).map((path) => path.split('.')[1]!);
    // `flags` of the Realm parameters is `flags0` now, and Linux calls num_aux of the REC parameters num_rec_aux.
    expect(gone.sort()).toEqual(
      missing
        .filter((name) => name !== 'flags')
        .map((name) => (name === 'num_rec_aux' ? 'num_aux' : name))
        .sort(),
    );
  });

  test('does not take a feature for another that has its bit', () => {
    expect(named('RmiFeatureRegister0')).toEqual([
      '  RmiFeatureRegister0.SVE_EN renamed SVE_EN -> SVE',
      '  RmiFeatureRegister0.PMU_EN renamed PMU_EN -> PMU',
      '! RmiFeatureRegister0.HASH_SHA_256 removed bit 32 -> ',
      '! RmiFeatureRegister0.HASH_SHA_512 removed bit 33 -> ',
      '! RmiFeatureRegister0.GICV3_NUM_LRS removed bits 37:34 -> ',
      '! RmiFeatureRegister0.MAX_RECS_ORDER removed bits 41:38 -> ',
      '  RmiFeatureRegister0.L0GPT_BLOCK_DELEGATE added  -> bit 32',
      '  RmiFeatureRegister0.S2OASZ added  -> bits 40:33',
    ]);
  });

  test('finds a type under its new name by its use and by its likeness', () => {
    const match = (name: string) => {
      const found = comparison.differences.find((one) => one.name === name);
      return [found?.renamed, found?.match];
    };
    expect(match('RmiCommandReturnCode')).toEqual(['RmiResult', 'use']);
    expect(match('RmiRealmFlags')).toEqual(['RmiRealmFlags0', 'likeness']);
    expect(only(comparison, 'RmiResult', [rel0, bet3])!.differences).toHaveLength(1);
  });

  test('leaves out what the second does not state', () => {
    expect(comparison.leftOut).toEqual([
      '2.0-bet3 does not state RSI and PSCI, so neither is compared.',
      '2.0-bet3 states no conditions, so none are compared.',
    ]);
    expect(comparison.differences.filter((one) => /^(RSI|PSCI|Rsi|Psci)/.test(one.name))).toEqual([]);
  });
});

test('a version does not differ from itself', () => {
  for (const one of [eac5, rel0, bet3]) expect(compare(one, one).differences).toEqual([]);
});

test('what one way adds the other way removes', () => {
  const whole = (comparison: Comparison, aspect: string) =>
    comparison.differences
      .filter((one) => one.match === undefined && one.changes[0]!.aspect === aspect)
      .map((one) => one.name)
      .sort();
  const [there, back] = [compare(rel0, bet3), compare(bet3, rel0)];
  expect(whole(there, 'added').length).toBeGreaterThan(100);
  expect(whole(back, 'removed')).toEqual(whole(there, 'added'));
  expect(whole(back, 'added')).toEqual(whole(there, 'removed'));
});

describe('one change of a small specification', () => {
  const spec = `document: DEN0137
version: 1.0-rel0
title: A specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include: { types: [types.yaml], commands: [commands.yaml] }
`;
  const types = `RmiState:
  kind: enumeration
  section: B4.4.1
  summary: A state.
  width: 8
  unused: reserved
  values:
    RMI_STATE_NEW:  { value: 0, doc: new }
    RMI_STATE_OLD:  { value: 1, doc: old }
RmiFlags:
  kind: fieldset
  section: B4.4.2
  summary: Flags.
  width: 8
  fields:
    first:  { bits: "0",   type: UInt1, doc: first }
    second: { bits: "3:1", type: UInt3, doc: second }
  reserved:
    - { bits: "7:4", as: SBZ }
RmiParams:
  kind: struct
  section: B4.4.3
  summary: Parameters.
  size: 0x20
  unused: SBZ
  members:
    flags: { offset: 0x0, type: RmiFlags, doc: flags }
    place: { offset: 0x8, type: Address, doc: place }
RmiStatus:
  kind: enumeration
  section: B4.4.4
  summary: A status.
  width: 64
  unused: reserved
  values: { RMI_SUCCESS: { value: 0, doc: success }, RMI_ERROR: { value: 1, doc: failure } }
RmiKind:
  kind: enumeration
  section: B4.4.5
  summary: A kind.
  width: 8
  unused: reserved
  values: { RMI_KIND_SHORT: { value: 0, doc: short }, RMI_KIND_LONG: { value: 1, doc: long } }
RmiShort:
  kind: fieldset
  section: B4.4.6
  summary: A short one.
  width: 8
  fields: { little: { bits: "7:0", type: UInt8, doc: short } }
RmiLong:
  kind: fieldset
  section: B4.4.7
  summary: A long one.
  width: 8
  fields: { much: { bits: "7:0", type: UInt8, doc: long } }
RmiReply:
  kind: fieldset
  section: B4.4.8
  summary: A reply.
  width: 16
  fields:
    kind: { bits: "7:0", type: RmiKind, doc: kind }
    data:
      bits: "15:8"
      by: kind
      cases: { little: { when: [RMI_KIND_SHORT], type: RmiShort }, much: { type: RmiLong } }
      doc: data
`;
  const commands = `RMI_ONE:
  section: B4.3.1
  summary: A command.
  fid: 0xC4000150
  inputs: { addr: { register: X1, type: Address, doc: place }, count: { register: X2, type: UInt64, doc: number } }
  outputs: { result: { register: X0, type: RmiStatus, doc: outcome }, top: { register: X1, type: Address, doc: end } }
  failures: { bad: { pre: "count == 0", post: "result == RMI_ERROR" } }
`;
  const load = (texts: Readonly<Record<string, string>>) => {
    const { model: loaded, diagnostics } = loadModel('', memory(texts));
    expect(diagnostics.map((one) => one.message)).toEqual([]);
    return loaded!;
  };
  const base = { 'spec.yaml': spec, 'types.yaml': types, 'commands.yaml': commands };
  const before = load(base);

  test.each([
    [
      'a label added',
      'types',
      'value: 1, doc: old }',
      'value: 1, doc: old }\n    RMI_STATE_GONE: { value: 2, doc: gone }',
      ['  RmiState.RMI_STATE_GONE added  -> 2'],
    ],
    [
      'a label renumbered',
      'types',
      'value: 1, doc: old',
      'value: 2, doc: old',
      ['! RmiState.RMI_STATE_OLD renumbered 1 -> 2'],
    ],
    [
      'a label renamed',
      'types',
      'RMI_STATE_OLD:  {',
      'RMI_OLD: {',
      ['  RmiState.RMI_STATE_OLD renamed RMI_STATE_OLD -> RMI_OLD'],
    ],
    [
      'a label whose value means something else',
      'types',
      'RMI_STATE_OLD:  {',
      'RMI_STATE_LOST: {',
      ['! RmiState.RMI_STATE_OLD removed 1 -> ', '  RmiState.RMI_STATE_LOST added  -> 1'],
    ],
    [
      'a field moved',
      'types',
      '"3:1", type: UInt3, doc: second }\n  reserved:\n    - { bits: "7:4"',
      '"4:2", type: UInt3, doc: second }\n  reserved:\n    - { bits: "1", as: SBZ }\n    - { bits: "7:5"',
      ['! RmiFlags.second moved bits 3:1 -> bits 4:2'],
    ],
    [
      'a field resized',
      'types',
      '"3:1", type: UInt3, doc: second }\n  reserved:\n    - { bits: "7:4"',
      '"4:1", type: UInt4, doc: second }\n  reserved:\n    - { bits: "7:5"',
      ['! RmiFlags.second resized bits 3:1 -> bits 4:1'],
    ],
    [
      'a field added in reserved bits',
      'types',
      '  reserved:\n    - { bits: "7:4", as: SBZ }',
      '    third:  { bits: "7:4", type: UInt4, doc: third }',
      ['  RmiFlags.third added  -> bits 7:4'],
    ],
    [
      'reserved bits of another sort',
      'types',
      'as: SBZ',
      'as: MBZ',
      ['  RmiFlags.bits 7:4 reserved SBZ -> MBZ'],
    ],
    ['a member moved', 'types', 'offset: 0x8', 'offset: 0x10', ['! RmiParams.place moved 0x8 -> 0x10']],
    [
      'a member removed',
      'types',
      '    place: { offset: 0x8, type: Address, doc: place }\n',
      '',
      ['! RmiParams.place removed 0x8 Address -> '],
    ],
    [
      'a member added',
      'types',
      '    place:',
      '    extra: { offset: 0x10, type: UInt64, doc: extra }\n    place:',
      ['  RmiParams.extra added  -> 0x10 UInt64'],
    ],
    [
      'a member of another type as wide',
      'types',
      'place: { offset: 0x8, type: Address',
      'place: { offset: 0x8, type: Bits64',
      ['  RmiParams.place retyped Address -> Bits64'],
    ],
    [
      'a member of another sign',
      'types',
      'place: { offset: 0x8, type: Address',
      'place: { offset: 0x8, type: Int64',
      ['! RmiParams.place retyped Address -> Int64'],
    ],
    [
      'a member of another width',
      'types',
      'place: { offset: 0x8, type: Address',
      'place: { offset: 0x8, type: UInt32',
      ['! RmiParams.place retyped Address -> UInt32'],
    ],
    ['a struct resized', 'types', 'size: 0x20', 'size: 0x40', ['! RmiParams resized 0x20 -> 0x40']],
    [
      'a command renumbered',
      'commands',
      '0xC4000150',
      '0xC4000151',
      ['! RMI_ONE renumbered 0xc4000150 -> 0xc4000151'],
    ],
    [
      'an input in another register',
      'commands',
      'register: X2',
      'register: X3',
      ['! RMI_ONE.count moved input X2 -> input X3'],
    ],
    [
      'an input added',
      'commands',
      'doc: number } }',
      'doc: number }, more: { register: X3, type: UInt64, doc: more } }',
      ['! RMI_ONE.more added  -> input X3 UInt64'],
    ],
    [
      'an output added',
      'commands',
      'doc: end } }',
      'doc: end }, more: { register: X2, type: UInt64, doc: more } }',
      ['  RMI_ONE.more added  -> output X2 UInt64'],
    ],
    [
      'an output removed',
      'commands',
      ', top: { register: X1, type: Address, doc: end }',
      '',
      ['! RMI_ONE.top removed output X1 Address -> '],
    ],
    [
      'a condition changed',
      'commands',
      'count == 0',
      'count == 1',
      [
        '  RMI_ONE.failure bad condition count == 0 => result == RMI_ERROR -> count == 1 => result == RMI_ERROR',
      ],
    ],
    [
      'a command of another name',
      'commands',
      'RMI_ONE:',
      'RMI_TWO:',
      ['  RMI_ONE renamed RMI_ONE -> RMI_TWO'],
    ],
    [
      'another layout for a value of what decides',
      'types',
      'much: { type: RmiLong } }',
      'much: { type: RmiShort } }',
      ['! RmiReply.data of RMI_KIND_LONG retyped RmiLong -> RmiShort'],
    ],
    [
      'no layout for a value of what decides',
      'types',
      'much: { type: RmiLong } }',
      'much: {} }',
      ['! RmiReply.data of RMI_KIND_LONG retyped RmiLong -> no layout'],
    ],
    [
      'something else that decides',
      'types',
      'by: kind\n',
      'by: RmiKind\n',
      ['! RmiReply.data retyped by kind -> by RmiKind'],
    ],
    [
      'a layout that depends on nothing',
      'types',
      `      by: kind
      cases: { little: { when: [RMI_KIND_SHORT], type: RmiShort }, much: { type: RmiLong } }
`,
      '      type: RmiShort\n',
      ['! RmiReply.data retyped by kind -> RmiShort'],
    ],
    [
      'the other name of a layout',
      'types',
      'RmiReply:',
      'RmiReplies:',
      ['  RmiReply renamed RmiReply -> RmiReplies'],
    ],
    ['a minor version', 'spec', 'version: "1.0"', 'version: "1.1"', ['  RMI.version renumbered 1.0 -> 1.1']],
    ['a major version', 'spec', 'version: "1.0"', 'version: "2.0"', ['! RMI.version renumbered 1.0 -> 2.0']],
    ['a summary', 'types', 'summary: Flags.', 'summary: Some flags.', []],
  ] as const)('%s', (_, file, old, now, expected) => {
    const path = `${file}.yaml` as const;
    expect(base[path].split(old)).toHaveLength(2);
    const after = load({ ...base, [path]: base[path].replace(old, now) });
    const comparison = compare(before, after);
    expect(lines(comparison)).toEqual(expected);
    expect(breaksOf(comparison).length > 0).toBe(expected.some((line) => line.startsWith('!')));
  });
});
