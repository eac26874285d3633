import { parseArgs } from 'node:util';
import { run } from './campaign.js';

/** `npm run campaign:commands -- --seed 1 --count 1000000` */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000' },
    fast: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || count < 1)
  throw new Error('--seed and --count are whole numbers');

const start = performance.now();
const seconds = (): string => ((performance.now() - start) / 1000).toFixed(0);
let shown = 0;
const { tally } = run({
  seed,
  count,
  checked: !values.fast,
  progress: (done) => {
    if (done - shown < count / 50 && done < count) return;
    shown = done;
    process.stderr.write(`${done} of ${count} commands, ${seconds()} s\n`);
  },
});
process.stdout.write(tally.table());
const share = ((100 * tally.successes) / tally.commands).toFixed(0);
process.stdout.write(`\nSeed ${seed}: ${tally.commands} commands, ${share} % succeeded, ${seconds()} s.\n`);
if (tally.missing.length > 0) process.stdout.write(`Never: ${tally.missing.join(', ')}.\n`);
