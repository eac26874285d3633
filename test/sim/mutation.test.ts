import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fault, faults } from './mutation/faults.js';
import { faulty, noticed, root } from './mutation/harness.js';
import { intro, rowOf } from './mutation/page.js';

const page = readFileSync(join(root, 'docs/faults.md'), 'utf8');
/** One fault in so many is tried every day. */
const SHARE = 5;

test('docs/faults.md has every fault, once, and nothing else', () => {
  expect(faults.length).toBeGreaterThanOrEqual(30);
  expect(page.startsWith(intro)).toBe(true);
  const rows = page.slice(intro.length).trimEnd().split('\n');
  expect(rows.length).toBe(faults.length);
  for (const [i, fault] of faults.entries()) {
    expect(rows[i]!.startsWith(rowOf(fault)), rows[i]).toBe(true);
    faulty(fault, readFileSync(join(root, 'runtime/rmm', fault.file), 'utf8'));
  }
});

test.each(faults.filter((_, i) => i % SHARE === 0))('$what: somebody notices', async (fault) => {
  const by = await noticed(fault);
  expect(by).toBeDefined();
  expect(page).toContain(`${rowOf(fault)}${by} |\n`);
});

test('a fault whose text is not there, or there twice, is refused', () => {
  const fault: Fault = { file: 'store.ts', find: 'x', put: 'y', what: 'a fault' };
  expect(() => faulty(fault, 'none')).toThrow('occurs 0 times');
  expect(() => faulty(fault, 'x x')).toThrow('occurs 2 times');
  expect(faulty({ ...fault, put: '$&' }, 'a x b')).toBe('a $& b');
});
