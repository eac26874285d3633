import type { Fault } from './faults.js';

const code = (text: string): string =>
  text === '' ? '_nothing_' : `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}\``;

export const intro = `# Faults that are noticed

Checked mode, the invariants and the conditions are only worth what they notice. \`test/sim/mutation\` puts each of these
faults into the simulator, one at a time, and lets random commands run against it until somebody complains: a condition
of the command, the footprint, an invariant, or what the random world knows of the Realms' pages and of RIPAS. The tests
try a share of them; \`npm run campaign:faults\` tries all and writes this page.

| file of \`runtime/rmm\` | fault | instead of | stands | noticed by |
| --- | --- | --- | --- | --- |
`;

/** A row of the page, up to who has noticed the fault. */
export const rowOf = ({ file, what, find, put }: Fault): string =>
  `| ${file} | ${what} | ${code(find)} | ${code(put)} | `;
