import { describe, expect, test } from 'vitest';
import { partsOf } from '../../generator/pages/index.js';
import { WIDTH } from '../../generator/pages/terminal.js';
import { printed, rmm } from './support.js';

/** One of each kind of page, as a terminal shows it; read against the document. */
const pages: readonly (readonly [query: string, file: string])[] = [
  ['RMI_DATA_CREATE', 'command'],
  ['RMI_RTT_DESTROY', 'command-changed'],
  ['RMI_REC_ENTER', 'command-prose'],
  ['PSCI_VERSION', 'command-empty'],
  ['RmiRecEnter', 'struct'],
  ['RmmRecFlags', 'struct-abstract'],
  ['RmiFeatureRegister0', 'fieldset'],
  ['ICH_LR_EL2', 'register'],
  ['RmiRipas', 'enumeration'],
  ['RmmGranuleState', 'enumeration-abstract'],
  ['PsciReturnCode', 'enumeration-signed'],
  ['RMI_PERMITTED_GICV3_HCR_BITS', 'mask'],
  ['RMM_GRANULE_SIZE', 'constant'],
  ['RmmRealmMeasurement', 'alias'],
  ['RttWalk', 'function'],
  ['MinAddress', 'function-body'],
  ['RttsGranuleState', 'function-inductive'],
  ['RSI', 'interface'],
  ['RMI_ERROR_REALM', 'label'],
  ['RmiRecEnter.gicv3_hcr', 'member'],
  ['RmmRec.ripas_value', 'member-abstract'],
  ['RMI_FEATURE_REGISTER_0_LPA2', 'field'],
  ['RMI_DATA_CREATE.flags', 'input'],
  ['RMI_DATA_CREATE.realm', 'context'],
  ['RMI_DATA_CREATE.rtt_walk', 'failure'],
  ['RMI_DATA_CREATE.data_state', 'failure-and-success'],
  ['RMI_DATA_DESTROY.data', 'output-and-success'],
  ['gicv3_hcr', 'candidates'],
  ['0x304', 'number'],
];

describe('a page', () => {
  test.each(pages)('%s is as in pages/%s.txt', async (query, file) => {
    // The line moves with every edit above it.
    const page = printed(query).replace(/(\.yaml):\d+$/m, '$1:<line>');
    await expect(page).toMatchFileSnapshot(`pages/${file}.txt`);
  });

  const everything = [
    ...rmm.model.interfaces.map((one) => one.name),
    ...[...rmm.items].flatMap((item) => [
      item.name,
      ...partsOf(item).map((part) => `${item.name}.${part.name}`),
    ]),
  ];

  test('exists for every item and part, is at most 110 columns wide, and has no white space at the end of a line', () => {
    expect(everything.length).toBeGreaterThan(1000);
    for (const name of everything) {
      const lines = printed(name).split('\n');
      expect(lines[0], name).toContain(name.slice(name.lastIndexOf('.') + 1));
      expect(
        lines.filter((line) => [...line].length > WIDTH),
        name,
      ).toEqual([]);
      expect(
        lines.filter((line) => /\s$/.test(line)),
        name,
      ).toEqual([]);
      expect(lines.join('\n'), name).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});
