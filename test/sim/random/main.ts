import { parseArgs } from 'node:util';
import { run } from './campaign.js';

/** `npm run campaign:machine -- --seed 1 --count 1000000`: prints a report in Markdown. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000' },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || count < 1)
  throw new Error('--seed and --count are whole numbers, --count at least 1');

const start = performance.now();
let shown = 0;
const { tally, ends } = run({
  seed,
  count,
  progress: (done) => {
    if (done - shown < count / 50 && done < count) return;
    shown = done;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(`${done} of ${count} commands, ${seconds} s\n`);
  },
});
const share = ((100 * tally.successes) / tally.commands).toFixed(0);
const never = tally.missing.length === 0 ? 'none' : tally.missing.join(', ');
process.stdout.write(
  `Seed ${seed}: ${tally.commands} commands on ${ends.length} machines, of which ${share} % succeeded. ` +
    `Of ${tally.conditions} failure conditions never reported: ${never}.\n\n${tally.table()}`,
);
