/** The same as a trace, for `npx rmigen sequence` and others: `npx tsx examples/guide/transcript.ts`. */
import { guide } from './scenario.js';

console.log(
  guide(() => {})
    .trace.transcript()
    .trimEnd(),
);
