import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const RUNS = 11;
const main = 'dist/cli/main.js';

/** The median of wall milliseconds that a process takes, once everything that it reads is in memory. */
function milliseconds(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [...args], { env: { ...process.env, ...env } });
    if (status === null || status > 1) throw new Error(String(stderr));
    if (run > 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[RUNS >>> 1]!;
}

/** What a person waits for an answer, beside a process that does nothing. Run `npm run build` first. */
export function questionsTable(wanted: string): string {
  const place = mkdtempSync(join(tmpdir(), 'rmigen-bench-'));
  const kept = { RMIGEN_CACHE: place };
  const rows: readonly (readonly [name: string, args: readonly string[], env: NodeJS.ProcessEnv])[] = [
    ['explain rec_exit', [main, 'explain', 'rec_exit'], kept],
    ['explain rec_exit, nothing kept', [main, 'explain', 'rec_exit'], { RMIGEN_CACHE: 'off' }],
    ['decode rec_run, a page in hex', [main, 'decode', 'rec_run', 'examples/decode/rec_run.xxd'], kept],
    ['decode smc', [main, 'decode', 'smc', 'RMI_DATA_CREATE', 'x0=0x304'], kept],
    ['diff 1.0-eac5 1.0-rel0', [main, 'diff', '1.0-eac5', '1.0-rel0'], kept],
    ['diff 1.0-rel0 2.0-bet3', [main, 'diff', '1.0-rel0', '2.0-bet3'], kept],
  ];
  try {
    const some = rows.filter(([name]) => name.includes(wanted));
    if (some.length === 0) return '';
    const floor = milliseconds(['-e', '0'], {});
    const lines = some.map(([name, args, env]) => {
      const time = milliseconds(args, env);
      return `| ${name} | ${time.toFixed(0)} | ${(time / floor).toFixed(1)} |\n`;
    });
    const head = `| a question, in a process of its own | ms | times node -e 0 (${floor.toFixed(0)} ms) |\n|---|---|---|\n`;
    return `${head}${lines.join('')}\n`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
