import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SpecFolder } from '../cli/spec-folder.js';
import { compile, type Files, type SourceFile } from '../generator/index.js';
import { writeSynthetic } from './synthetic.js';

const VERSION = 'rmm-1.0-rel0';
const RUNS = 5;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}

/** Wall seconds and peak memory (MB) of the built command line as a process of its own. */
function cold(
  args: readonly string[],
  runs = RUNS,
): { readonly seconds: number; readonly megabytes: number } {
  const times: number[] = [];
  const peaks: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    const script = `process.argv.splice(1, 1, ...${JSON.stringify(['dist/cli/main.js', ...args])});process.on('exit', () => process.stderr.write('\\npeak ' + process.resourceUsage().maxRSS));await import(${JSON.stringify(`file://${process.cwd()}/dist/cli/main.js`)});`;
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script, 'x'], {
      encoding: 'utf8',
    });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(stderr);
    // The first run fills the disk's cache.
    if (run === 0) continue;
    times.push(seconds);
    peaks.push(Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024);
  }
  return { seconds: median(times), megabytes: median(peaks) };
}

/** What this machine takes for what the command line cannot do without: the yardstick of the rows below it. */
function importing(library: string): number {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    spawnSync(process.execPath, [
      '--input-type=module',
      '-e',
      library === '' ? '0' : `await import('${library}')`,
    ]);
    if (run > 0) times.push((performance.now() - start) / 1000);
  }
  return median(times);
}

/** A folder of which one file changes from one reading to the next, as when somebody saves it. */
class Edited implements Files {
  readonly #files: Files;
  readonly #path: string;
  #edited: SourceFile | undefined;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  edit(round: number): void {
    const { path, text } = this.#files.read(this.#path)!;
    this.#edited = { path, text: `${text}# ${round}\n` };
  }

  read(path: string): SourceFile | undefined {
    return path === this.#path && this.#edited !== undefined ? this.#edited : this.#files.read(path);
  }

  list(folder: string): readonly string[] | undefined {
    return this.#files.list(folder);
  }
}

/** Milliseconds from a saved file to all outputs, in a process that stays. */
async function afterEdit(spec: string): Promise<number> {
  const files = new Edited(new SpecFolder(spec, spec), `${VERSION}/rmi/types.yaml`);
  await compile(files);
  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    files.edit(round);
    const start = performance.now();
    await compile(files);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** The generator's table, as Markdown. Needs what `npm run build` makes. */
export async function generatorTable(wanted: string): Promise<string> {
  if (!'generator'.includes(wanted)) return '';
  const folder = mkdtempSync(join(tmpdir(), 'rmigen-bench-'));
  try {
    const lines = ['| generator | time | | peak memory | |', '|---|---:|---:|---:|---:|'];
    const one = join(folder, 'one');
    writeSynthetic('spec', VERSION, 1, one);
    const base = cold(['generate', '--spec', one, '--out', join(folder, 'out')]);
    const all = cold(['generate', '--out', join(folder, 'out-all')]);
    lines.push(
      `| an empty process | ${importing('').toFixed(2)} s | | | |`,
      `| a process that imports ts-morph | ${importing('ts-morph').toFixed(2)} s | | | |`,
      `| all versions, all outputs, cold | ${all.seconds.toFixed(2)} s | | ${all.megabytes.toFixed(0)} MB | |`,
      `| one version, all outputs, cold | ${base.seconds.toFixed(2)} s | | ${base.megabytes.toFixed(0)} MB | |`,
    );
    lines.push(
      `| one edit of one version, in a process that stays | ${(await afterEdit(one)).toFixed(0)} ms | | | |`,
      `| one edit that two of three versions share | ${(await afterEdit('spec')).toFixed(0)} ms | | | |`,
    );
    let first: ReturnType<typeof cold> | undefined;
    for (const times of [1, 10, 100]) {
      const spec = join(folder, `spec-${times}`);
      writeSynthetic('spec', VERSION, times, spec);
      const arguments_ = [
        'generate',
        '--spec',
        spec,
        '--out',
        join(folder, `out-${times}`),
        '--target',
        'typescript',
        '--target',
        'conditions',
      ];
      // The largest takes a while, so that what else the machine does comes out even.
      const got = cold(arguments_, times > 10 ? 1 : 3);
      first ??= got;
      const ratio = (value: number, of: number): string => `${(value / of).toFixed(1)}x`;
      lines.push(
        `| accessors and conditions, ${times} times the RMI | ${got.seconds.toFixed(2)} s | ${ratio(got.seconds, first.seconds)} | ${got.megabytes.toFixed(0)} MB | ${ratio(got.megabytes, first.megabytes)} |`,
      );
    }
    return `${lines.join('\n')}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
