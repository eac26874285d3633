/** Prints what must be the same wherever it runs: traces and digests of the guided example and of random commands. */
import { guide } from '../../examples/guide/scenario.js';
import { run } from '../sim/random/campaign.js';

const { trace } = guide((who, what, machine) => console.log(who, what, machine.digest()));
console.log(trace.text());
console.log(trace.transcript());
console.log(JSON.stringify(run({ seed: 7, count: 400 }).ends));
