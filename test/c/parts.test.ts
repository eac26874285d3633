import { expect, test } from 'vitest';
import { compile } from '../../generator/index.js';
import { memory } from '../memory.js';
import { specification } from './support.js';

/** What is wrong with the parts that a target names, where a field has several layouts. */
const path = 'targets/linux/arm-smccc-rmi.yaml';
const texts = specification();

test.each([
  [
    'only: [status, data.level.level,',
    'only: [status, data.level.levle,',
    'target-member: `data.level.levle` is not a member of RmiResult',
  ],
  [
    'data.level.level: RMI_RESULT_DATA_LEVEL_MASK',
    'data.levels.level: RMI_RESULT_DATA_LEVEL_MASK',
    'target-member: `data.levels.level` is not a member of RmiResult',
  ],
  [
    'granule_16kb: 14',
    'granule_16kb: 15',
    'target-type: `data.addr` cannot be computed: its bits do not move along',
  ],
  [
    'granule_16kb: 14, ',
    '',
    'target-type: PAGE_SHIFT cannot be computed: the layout `granule_16kb` has no value',
  ],
  [
    'granule_16kb: 14',
    'granule_16kb: 14, granule_1mb: 20',
    'target-member: `granule_1mb` is not a member of',
  ],
  ['unshifted: [data.addr]', 'unshifted: [data.adr]', 'target-member: `data.adr` is not a member of `get`'],
  [
    'offset: 0x800',
    'offset: 0x810',
    'target-group: the groups do not fit the struct: the group begins between',
  ],
])('%s, %s', async (old, now, expected) => {
  expect(texts[path]!.split(old)).toHaveLength(2);
  const changed = { ...texts, [path]: texts[path]!.replace(old, now) };
  const { diagnostics } = await compile(memory(changed), { targets: ['linux/arm-smccc-rmi.h'] });
  expect(diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n')).toContain(expected);
  expect(diagnostics.every((one) => one.span.file.path === path)).toBe(true);
});
