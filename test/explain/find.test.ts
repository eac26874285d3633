import { describe, expect, test } from 'vitest';
import { explain } from '../../tools/explain/index.js';
import { rmm, sourceOfTexts } from './support.js';

/** What a query leads to: the name of the one thing, or those of the candidates. */
function found(query: string): string | readonly string[] {
  const answer = explain(query, rmm);
  const name = ({ item, part }: { item: string; part?: string }) =>
    part === undefined ? item : `${item}.${part}`;
  if (answer.kind === 'page') return name(answer.at);
  return answer.kind === 'candidates' ? answer.candidates.map((one) => name(one.at)) : [];
}

describe('a name of the specification', () => {
  test.each([
    ['RMI_DATA_CREATE', 'RMI_DATA_CREATE'],
    ['RmiRecExit', 'RmiRecExit'],
    ['RmiFeatureRegister0', 'RmiFeatureRegister0'],
    ['ICH_HCR_EL2', 'ICH_HCR_EL2'],
    ['RMI_ERROR_RTT', 'RmiStatusCode.RMI_ERROR_RTT'],
    ['RMI_PERMITTED_GICV3_HCR_BITS', 'RMI_PERMITTED_GICV3_HCR_BITS'],
    ['RmmRealm', 'RmmRealm'],
    ['RttWalk', 'RttWalk'],
    ['RMM_GRANULE_SIZE', 'RMM_GRANULE_SIZE'],
    ['RSI', 'RSI'],
    ['RmiRecEnter.gicv3_hcr', 'RmiRecEnter.gicv3_hcr'],
    ['RMI_REC_ENTER.rec_gicv3', 'RMI_REC_ENTER.rec_gicv3'],
    ['RmiStatusCode.RMI_ERROR_RTT', 'RmiStatusCode.RMI_ERROR_RTT'],
    ['gicv3_hcr', ['RmiRecEnter.gicv3_hcr', 'RmiRecExit.gicv3_hcr']],
    ['gicv3_misr', 'RmiRecExit.gicv3_misr'],
  ])('%s', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  test.each([
    ['rmi_data_create', 'RMI_DATA_CREATE'],
    ['RMIRECEXIT', 'RmiRecExit'],
    ['rttwalk', 'RttWalk'],
    ['rmirecenter.GICV3_HCR', 'RmiRecEnter.gicv3_hcr'],
    ['rmi_error_rtt', 'RmiStatusCode.RMI_ERROR_RTT'],
  ])('%s, in another case', (query, expected) => {
    expect(found(query)).toBe(expected);
  });

  test('in its own case comes before one in another', () => {
    expect(found('Rec')).toBe('Rec');
    expect(found('REC')).toBe('RmmGranuleState.REC');
    expect(found('rec')).toContain('RMI_REC_ENTER.rec');
  });

  test('a name without its prefix', () => {
    expect(found('data_create')).toBe('RMI_DATA_CREATE');
    expect(found('HOST_CALL')).toBe('RSI_HOST_CALL');
    expect(found('hcr_el2')).toBe('ICH_HCR_EL2');
    expect(found('version')).toEqual(['RMI_VERSION', 'RSI_VERSION', 'PSCI_VERSION']);
  });
});

describe('a name in an output', () => {
  test.each([
    ['rec_exit', 'RmiRecExit'],
    ['struct rec_enter', 'RmiRecEnter'],
    ['struct  rec_enter;', 'RmiRecEnter'],
    ['enum rmi_ripas', 'RmiRipas'],
    ['SMC_RMI_DATA_CREATE', 'RMI_DATA_CREATE'],
    ['smc_rmi_data_create', 'RMI_DATA_CREATE'],
    ['RMI_FEATURE_REGISTER_0_LPA2', 'RmiFeatureRegister0.LPA2'],
    ['REC_ENTER_FLAG_TRAP_WFI', 'RmiRecEnterFlags.trap_wfi'],
    ['rec_exit.esr', 'RmiRecExit.esr'],
    ['rec_exit->gprs[3]', 'RmiRecExit.gprs'],
    ['rec_params.num_rec_aux', 'RmiRecParams.num_aux'],
    ['RMI_RETURN_STATUS', 'RmiCommandReturnCode.status'],
  ])('%s', (query, expected) => {
    expect(found(query)).toBe(expected);
  });

  test('is meant before a part of that name, which is told as well', () => {
    const answer = explain('rec_exit', rmm);
    expect(answer).toMatchObject({
      kind: 'page',
      at: { item: 'RmiRecExit' },
      also: [{ at: { item: 'RMI_REC_ENTER', part: 'rec_exit' }, what: 'success condition' }],
    });
  });
});

describe('a section', () => {
  test.each([
    ['B4.3.1', 'RMI_DATA_CREATE'],
    ['b4.4.16', 'RmiRecExit'],
    ['B3.18', 'Gicv3ConfigIsValid'],
    ['C1.16', 'RmmRealm'],
    ['A6.1', 'RMI_PERMITTED_GICV3_HCR_BITS'],
  ])('%s', (query, expected) => {
    expect(found(query)).toBe(expected);
  });

  test('with sections below it', () => {
    // The commands, and the index of a register.
    expect(found('B4.3')).toHaveLength(24);
    expect(found('C1')).toHaveLength(33);
  });

  test('without anything', () => {
    expect(explain('B4.2', rmm)).toEqual({
      kind: 'nothing',
      message: 'rmm-1.0-rel0 has nothing from section B4.2',
      suggestions: [],
    });
  });
});

describe('a number', () => {
  test.each([
    ['0xC4000153', 'RMI_DATA_CREATE', 'the FID of RMI_DATA_CREATE'],
    ['0xc4000153', 'RMI_DATA_CREATE', 'the FID of RMI_DATA_CREATE'],
    ['3288334675', 'RMI_DATA_CREATE', 'the FID of RMI_DATA_CREATE'],
    ['0x153', 'RMI_DATA_CREATE', 'the end of the FID of RMI_DATA_CREATE'],
    ['0x0153', 'RMI_DATA_CREATE', 'the end of the FID of RMI_DATA_CREATE'],
    ['0x304', 'RmiCommandReturnCode', 'status RMI_ERROR_RTT, index 3 in RmiCommandReturnCode'],
    ['772', 'RmiCommandReturnCode', 'status RMI_ERROR_RTT, index 3 in RmiCommandReturnCode'],
    ['0x40fe', 'RMI_PERMITTED_GICV3_HCR_BITS', 'the value of RMI_PERMITTED_GICV3_HCR_BITS'],
    ['0x40FEULL', 'RMI_PERMITTED_GICV3_HCR_BITS', 'the value of RMI_PERMITTED_GICV3_HCR_BITS'],
    ['0x10001', 'PsciInterfaceVersion', 'minor 1, major 1 in PsciInterfaceVersion'],
    ['4096', 'RMM_GRANULE_SIZE', 'the value of RMM_GRANULE_SIZE'],
    ['-9', 'PsciReturnCode.PSCI_INVALID_ADDRESS', 'a value of PsciReturnCode'],
    ['0xffff_ffff_ffff_fff7', 'PsciReturnCode.PSCI_INVALID_ADDRESS', 'a value of PsciReturnCode'],
  ])('%s is one thing', (query, expected, meaning) => {
    const answer = explain(query, rmm);
    expect(found(query)).toBe(expected);
    expect(answer.kind === 'page' && answer.meaning.map((piece) => piece.text).join('')).toBe(meaning);
  });

  test('can be several things', () => {
    expect(found('0x388')).toBe('RmiRecExit.gicv3_misr');
    expect(found('0x300')).toEqual(['RmiRecEnter.gicv3_hcr', 'RmiRecExit.gicv3_hcr', 'RmiRecParams.gprs']);
    expect(found('3')).toEqual(expect.arrayContaining(['RmiStatusCode.RMI_ERROR_REC', 'RMM_RTT_PAGE_LEVEL']));
  });

  test('that is a FID of no command', () => {
    expect(explain('0xC4000160', rmm)).toEqual({
      kind: 'nothing',
      message: '0xC4000160 is in the FIDs of RMI, but no command of rmm-1.0-rel0 has it',
      suggestions: ['RMI'],
    });
  });

  test('that is nothing', () => {
    expect(explain('0x123456789abcdef0', rmm)).toMatchObject({
      kind: 'nothing',
      message: 'the number 0x123456789abcdef0 stands for nothing in rmm-1.0-rel0',
    });
  });
});

describe('a slip of the pen', () => {
  test.each([
    ['RMI_DATA_CREAT', ['RMI_DATA_CREATE']],
    ['RmiRecExitt', ['RmiRecExit']],
    ['SMC_RMI_REC_ENTRE', ['SMC_RMI_REC_ENTER']],
    ['RmiRecEnter.gicv3_hrc', ['RmiRecEnter.gicv3_hcr']],
    ['hcr', ['ICH_HCR_EL2', 'RMI_PERMITTED_GICV3_HCR_BITS', 'gicv3_hcr']],
  ])('%s', (query, expected) => {
    const answer = explain(query, rmm);
    expect(answer.kind).toBe('nothing');
    expect(answer.kind === 'nothing' && answer.suggestions).toEqual(expect.arrayContaining(expected));
  });

  test('brings at most six suggestions, the nearest first', () => {
    const answer = explain('RMI_RTT_CREATEE', rmm);
    expect(answer.kind === 'nothing' && answer.suggestions[0]).toBe('RMI_RTT_CREATE');
    expect(answer.kind === 'nothing' && answer.suggestions.length).toBeLessThanOrEqual(6);
  });

  test.each(['', ' ', 'zzzzzzzzzz', '()', '0x', '-', '__proto__', 'constructor', 'a'.repeat(10_000)])(
    'of no name brings none: %j',
    (query) => {
      expect(explain(query, rmm)).toMatchObject({ kind: 'nothing', suggestions: [] });
    },
  );
});

test('a name that objects have of themselves is a name like others', async () => {
  const source = await sourceOfTexts({
    'spec.yaml':
      'document: DEN0001\nversion: "1"\ntitle: T\ninterfaces: {}\ninclude: { types: [types.yaml] }\n',
    'types.yaml': 'propertyIsEnumerable:\n  kind: constant\n  section: A1\n  summary: One.\n  value: 1\n',
  });
  expect(explain('propertyIsEnumerable', source)).toMatchObject({ kind: 'page' });
  expect(explain('hasOwnProperty', source)).toMatchObject({ kind: 'nothing' });
});
