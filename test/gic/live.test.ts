import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gicv3 } from '../../runtime/gic/index.js';
import { disagreement, expectationOf } from './witness/compare.js';
import { NOT_PLAYED } from './witness/departures.js';
import { unknown, Witness } from './witness/machine.js';
import { configuration, Played } from './witness/model.js';
import { COLUMNS, EL2_WRITES, Source, sequenceOf } from './witness/operations.js';

const reason = unknown();
if (reason !== undefined) console.log(`test/gic: the witness is not heard, ${reason}`);

/** Milliseconds; it takes a second or two. */
const TIMEOUT = 45_000;
/** Beyond the seeds that are recorded. */
const FIRST = 1_000_000;

describe.skipIf(reason !== undefined)('QEMU, here and now', () => {
  let witness: Witness;
  beforeAll(() => {
    witness = new Witness();
  });
  afterAll(() => witness.remove());

  it('agrees with the model on sequences that were not recorded', async () => {
    const seeds = Array.from({ length: 96 }, (_, i) => FIRST + i);
    const heard = await witness.play(seeds.map(sequenceOf), TIMEOUT);
    const problems = seeds.flatMap(
      (seed, i) => disagreement(seed, expectationOf(sequenceOf(seed)), heard[i]!) ?? [],
    );
    expect(problems.slice(0, 3).join('\n')).toBe('');
  });

  it('tells a difference', async () => {
    const [heard] = await witness.play([sequenceOf(FIRST)], TIMEOUT);
    heard![COLUMNS.length * 2 + COLUMNS.indexOf('ich_lr0_el2')]! ^= 1n;
    expect(disagreement(FIRST, expectationOf(sequenceOf(FIRST)), heard!)).toMatch(
      /^seed 1000000, step 2: write ich_lr0_el2 .*\n {2}ich_lr0_el2: QEMU 0x/,
    );
  });

  it('departs from the architecture where the sequences do not go', async () => {
    const sequences = NOT_PLAYED.map(({ register, value }) => [
      { number: EL2_WRITES.indexOf(register), source: Source.Literal, value },
    ]);
    const heard = await witness.play(sequences, TIMEOUT);
    for (const [i, { register, value, model, what }] of NOT_PLAYED.entries()) {
      expect([what, heard[i]![COLUMNS.indexOf(register)]]).toEqual([what, value]);
      const played = new Played(new Gicv3(configuration));
      played.play(sequences[i]![0]!);
      const row = new BigUint64Array(COLUMNS.length);
      played.note(row);
      expect([what, row[COLUMNS.indexOf(register)]]).toEqual([what, model]);
    }
  });
});
