import { expect, test } from 'vitest';
import { run } from './random/campaign.js';

/** A share of what `npm run campaign:machine` does; docs/campaigns.md has the report of a whole one. */
const SEED = 1;

test('random commands break no promise, and come to every success and failure', () => {
  const { tally, ends } = run({ seed: SEED, count: 40_000 });
  expect(tally.missing).toEqual([]);
  expect(tally.successes / tally.commands).toBeGreaterThan(0.4);
  expect(tally.successes / tally.commands).toBeLessThan(0.6);
  expect(ends.length).toBe(20);
});

test('the same commands have the same results without checks', () => {
  const campaign = { seed: SEED + 1, count: 15_000, inspectEvery: 5000 };
  const checked = run({ ...campaign, checked: true });
  const fast = run({ ...campaign, checked: false });
  expect(fast.ends).toEqual(checked.ends);
  expect(fast.tally.table()).toBe(checked.tally.table());
  expect(new Set(fast.ends.map(({ digest }) => digest)).size).toBe(8);
});
