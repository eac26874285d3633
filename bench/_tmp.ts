import { rowsForProfiling } from './simulator.js';
const wanted = process.argv[2]!;
for (const row of rowsForProfiling()) {
  if (!row.name.includes(wanted)) continue;
  const round = row.prepare();
  const until = performance.now() + 700;
  while (performance.now() < until) round();
  let best = Infinity; let calls = 0; let all = 0;
  for (let k = 0; k < 40; k++) {
    let c = 0; const u = process.cpuUsage(); const t0 = performance.now(); let timed = 0;
    let n = 0; do { const r = round(); c += r.calls; timed += r.milliseconds; n++; } while (performance.now() - t0 < 20);
    const cpu = process.cpuUsage(u); const wall = performance.now() - t0;
    const ns = (timed / wall) * (cpu.user + cpu.system) * 1e3 / c; // share of timed part
    best = Math.min(best, ns); all += ns; calls += c;
  }
  console.log(row.name.padEnd(50), 'best', best.toFixed(0), 'mean', (all / 40).toFixed(0), 'ns cpu/call', (1e3/best).toFixed(2)+' M/s');
}
