import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from './faults.js';
import { noticed, root } from './harness.js';
import { intro, rowOf } from './page.js';

/** `npm run campaign:faults`: tries every fault and writes docs/faults.md, unless one of them goes unnoticed. */
const rows: string[] = [];
const missed: string[] = [];
for (const fault of faults) {
  const by = await noticed(fault);
  if (by === undefined) missed.push(`${fault.file}: ${fault.what}`);
  rows.push(`${rowOf(fault)}${by} |\n`);
}
if (missed.length > 0) throw new Error(`nobody notices:\n${missed.join('\n')}`);
writeFileSync(join(root, 'docs/faults.md'), intro + rows.join(''));
