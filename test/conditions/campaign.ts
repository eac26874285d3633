import { parseArgs } from 'node:util';
import { commandNames } from './model.js';
import { tryCases } from './property.js';

/** `npm run campaign:conditions -- --seed 1 --cases 100000 [COMMAND...]` */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '100000' },
  },
});
const seed = Number(values.seed);
const cases = Number(values.cases);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(cases) || cases < 1)
  throw new Error('--seed and --cases are whole numbers');

let failed = 0;
for (const command of positionals.length > 0 ? positionals : commandNames) {
  const problem = tryCases(command, cases, seed);
  if (problem !== undefined) failed++;
  console.log(`${command.padEnd(32)} ${problem === undefined ? 'agrees' : `DISAGREES\n${problem}`}`);
}
console.log(`${cases} cases of each command, seed ${seed}: ${failed} commands disagree`);
process.exitCode = failed === 0 ? 0 : 1;
