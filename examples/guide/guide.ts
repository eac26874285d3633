/** The life of a Realm with two RECs, told by those who are in it: `npx tsx examples/guide/guide.ts`. */
import { guide } from './scenario.js';

const machine = guide((who, what) => console.log(`${who.padEnd(5)}  ${what}`));
console.log(`\nThe calls of the Host:\n\n${machine.trace.text().trimEnd()}`);
