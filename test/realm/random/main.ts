import { parseArgs } from 'node:util';
import { impossible, run } from './campaign.js';

/** `npm run campaign:realm -- --seed 1 --entries 200000`: prints a report in Markdown. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    entries: { type: 'string', default: '200000' },
  },
});
const seed = Number(values.seed);
const entries = Number(values.entries);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(entries) || entries < 1)
  throw new Error('--seed and --entries are whole numbers, --entries at least 1');

const start = performance.now();
let shown = 0;
const { tally, digests } = run({
  seed,
  entries,
  progress: (done) => {
    if (done - shown < entries / 50 && done < entries) return;
    shown = done;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(`${done} of ${entries} entries, ${seconds} s\n`);
  },
});
const never = tally.missing.length === 0 ? 'nothing' : tally.missing.join(', ');
const left = [...impossible].map(([what, why]) => `${what}, since ${why}`).join('; ');
process.stdout.write(
  `Seed ${seed}: ${entries} entries on ${digests.length} machines, ${tally.of('exit')} exits. ` +
    `Never came: ${never}. Cannot come: ${left}.\n\n${tally.table()}`,
);
