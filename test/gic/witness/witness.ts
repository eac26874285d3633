import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { disagreement, expectationOf, lineOf, storyOf } from './compare.js';
import { DEPARTURES, type Departure } from './departures.js';
import { missing, qemuVersion, Witness } from './machine.js';
import { sequenceOf } from './operations.js';

/** `npm run witness:gic -- [--seed 0] [--sequences 5120] [--show] [--record]` */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '0' },
    sequences: { type: 'string', default: '5120' },
    show: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.sequences);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || first < 0 || count < 1)
  throw new Error('--seed and --sequences are whole numbers');
const reason = missing();
if (reason !== undefined) throw new Error(`the witness cannot be heard: ${reason}`);

const CHUNK = 128;
/** Milliseconds for a chunk, some twenty times what one takes. */
const TIMEOUT = 60_000;
/** Sequences that are recorded in full as well. */
const STORIES = 48;
const vectors = join(import.meta.dirname, '../vectors');

const witness = new Witness();
const lines: string[] = [];
const stories: string[] = [];
const seen = new Map<Departure, number>();
let steps = 0;
let disagreeing = 0;
try {
  for (let seed = first; seed < first + count; seed += CHUNK) {
    const seeds = Array.from({ length: Math.min(CHUNK, first + count - seed) }, (_, i) => seed + i);
    const heard = await witness.play(seeds.map(sequenceOf), TIMEOUT);
    for (const [i, one] of seeds.entries()) {
      const rows = heard[i]!;
      const expected = expectationOf(sequenceOf(one));
      const problem = disagreement(one, expected, rows);
      if (problem !== undefined && ++disagreeing <= 10) console.log(problem);
      if (values.show) process.stdout.write(storyOf(one, expected.operations, rows));
      for (const [name, times] of expected.departures) seen.set(name, (seen.get(name) ?? 0) + times);
      steps += expected.operations.length;
      lines.push(lineOf(one, rows));
      if (stories.length < STORIES) stories.push(storyOf(one, expected.operations, rows));
    }
  }
} finally {
  witness.remove();
}

if (values.record) {
  const source = `# ${qemuVersion()}, seeds ${first} to ${first + count - 1}: npm run witness:gic -- --record\n`;
  writeFileSync(join(vectors, 'sequences.txt'), `${source}${lines.join('\n')}\n`);
  writeFileSync(join(vectors, 'stories.txt'), `${source}${stories.join('')}`);
}
for (const [name, text] of Object.entries(DEPARTURES))
  console.log(`${String(seen.get(name as Departure) ?? 0).padStart(7)} rows: ${text}`);
console.log(`${qemuVersion()}: ${count} sequences, ${steps} operations, ${disagreeing} sequences disagree`);
process.exitCode = disagreeing === 0 ? 0 : 1;
