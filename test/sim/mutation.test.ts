import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../cli/harness.js';
import { type Fault, faults } from './mutation/faults.js';
import { faulty, noticed } from './mutation/harness.js';

const code = (text: string): string =>
  text === '' ? '_nothing_' : `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}\``;

const intro = `# Faults that are noticed

Checked mode, the invariants and the conditions are only worth what they notice. \`test/sim/mutation\` puts each of these
faults into the simulator, one at a time, and lets random commands run against it until somebody complains. This page is
what came of it; the tests fail when it is not.

| file of \`runtime/rmm\` | fault | instead of | stands | noticed by |
| --- | --- | --- | --- | --- |
`;

test('every fault is noticed, and docs/faults.md says by whom', { timeout: 240_000 }, async () => {
  const rows: string[] = [];
  const missed: string[] = [];
  for (const fault of faults) {
    const by = await noticed(fault).catch((error: unknown) => `!${error}`);
    if (by === undefined || by.startsWith('!')) missed.push(`${fault.file}: ${fault.what}${by ?? ''}`);
    rows.push(`| ${fault.file} | ${fault.what} | ${code(fault.find)} | ${code(fault.put)} | ${by} |`);
  }
  expect(missed).toEqual([]);
  expect(faults.length).toBeGreaterThanOrEqual(30);
  await expect(`${intro}${rows.join('\n')}\n`).toMatchFileSnapshot(join(root, 'docs/faults.md'));
});

test('a fault whose text is not there, or there twice, is refused', () => {
  const fault: Fault = { file: 'store.ts', find: 'x', put: 'y', what: 'a fault' };
  expect(() => faulty(fault, 'none')).toThrow('occurs 0 times');
  expect(() => faulty(fault, 'x x')).toThrow('occurs 2 times');
  expect(faulty({ ...fault, put: '$&' }, 'a x b')).toBe('a $& b');
});
