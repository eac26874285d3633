import { expect, test } from 'vitest';
import { examine, Folder, mutant } from './spec-mutation.js';

// `npm run campaign:mutation` tries many more; a mutant that failed there is named by seed and number.
const SEED = 1;
const COUNT = 1000;

test(`${COUNT} damaged specifications are built or refused`, { timeout: 300_000 }, async () => {
  const folder = new Folder();
  let valid = 0;
  for (let number = 0; number < COUNT; number++) {
    try {
      const how = number === 0 ? 'thorough' : number % 50 === 0 ? 'whole' : 'narrow';
      const { codes } = await examine(folder, mutant(folder, SEED, number), how);
      if (codes.length === 0) valid++;
    } catch (error) {
      throw new Error(`mutant ${number} of seed ${SEED}`, { cause: error });
    }
  }
  // Both happen, and often: otherwise the mutants would try nothing.
  expect(valid).toBeGreaterThan(COUNT / 20);
  expect(COUNT - valid).toBeGreaterThan(COUNT / 2);
});

test('the mutants of a seed are always the same', () => {
  const folder = new Folder();
  for (const number of [0, 1, 99]) expect(mutant(folder, 7, number)).toEqual(mutant(folder, 7, number));
});
