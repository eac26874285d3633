/**
 * Audits mutants of the generated headers: `npm run campaign:audit -- [seed [count [compiler]]]`. docs/campaigns.md
 * tells what came of it.
 */
import { performance } from 'node:perf_hooks';
import { mutants, reproaches } from './mutations.js';
import { Auditor, compilers, editions, generated } from './support.js';

const [seed, count] = [process.argv[2] ?? '1', process.argv[3] ?? '1000'].map(Number) as [number, number];
const cc = process.argv[4] ?? compilers[0];
if (cc === undefined) throw new Error('there is no C compiler');

/** Each header with its share of the mutants. */
const headers = [
  ['rmm-1.0-rel0/c/linux/rmi_smc.h', 0.6],
  ['rmm-1.0-rel0/c/linux/rsi_smc.h', 0.2],
  ['rmm-1.0-eac5/c/linux/rmi_smc.h', 0.2],
] as const;
const auditor = new Auditor(await editions(), cc);
const started = performance.now();
const kinds = new Map<string, number>();
let failed = 0;
for (const [index, [path, share]] of headers.entries()) {
  const text = generated(path);
  const { findings: before } = await auditor.audit(text);
  for (const mutant of mutants(text, seed + index, Math.round(count * share))) {
    kinds.set(mutant.kind, (kinds.get(mutant.kind) ?? 0) + 1);
    const { findings } = await auditor.audit(mutant.text);
    const reproached = reproaches(mutant, findings, before);
    if (reproached.length === 0) continue;
    failed++;
    console.log(`${path}: ${mutant.kind}: ${mutant.what}\n  ${reproached.join('\n  ')}`);
  }
}
for (const [kind, times] of [...kinds].sort()) console.log(`${kind.padEnd(22)} ${times}`);
const seconds = (performance.now() - started) / 1000;
console.log(`seed ${seed}, ${cc}: ${count} mutants, ${failed} misjudged, ${seconds.toFixed(0)} s`);
process.exitCode = failed === 0 ? 0 : 1;
