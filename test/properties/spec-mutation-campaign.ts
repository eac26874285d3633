import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { examine, Folder, type How, mutant } from './spec-mutation.js';

/**
 * `npm run campaign:mutation -- --seed 1 --count 100000 --jobs 2`, or `--only N` for one mutant of the seed.
 *
 * The mutants are tried in processes of their own, so that one which hangs can be told from outside and named.
 */
interface Task {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Every how many mutants one is read twice and made into all outputs. */
  readonly thorough: number;
}

interface Report {
  readonly number: number;
  readonly milliseconds: number;
  readonly codes: readonly string[];
  readonly problem: string | undefined;
}

/** Milliseconds after which a mutant hangs; making every output takes a few seconds of them, more on a busy machine. */
const LIMIT = 120_000;

function howOf(number: number, thorough: number): How {
  if (number % thorough === 0) return 'thorough';
  // Most damage reaches no command of another file.
  return number % 10 === 1 ? 'whole' : 'narrow';
}

async function work({ seed, from, to, thorough }: Task): Promise<void> {
  const folder = new Folder();
  for (let number = from; number < to; number++) {
    const start = performance.now();
    let codes: readonly string[] = [];
    let problem: string | undefined;
    try {
      const file = mutant(folder, seed, number);
      ({ codes } = await examine(folder, file, howOf(number, thorough)));
    } catch (error) {
      problem = error instanceof Error ? error.stack : String(error);
    }
    const report: Report = { number, milliseconds: performance.now() - start, codes, problem };
    // Not faster than they are read: reports that wait are memory.
    await new Promise((resolve) => process.send!(report, resolve));
  }
  process.disconnect();
}

/** Tries a range of mutants in a process. The number of the one that hung or ended it, or undefined. */
function attempt(task: Task, onReport: (report: Report) => void): Promise<number | undefined> {
  return new Promise((resolve) => {
    // Each mutant leaves a model behind: with room for it the collector has half the work.
    const execArgv = [...process.execArgv, '--max-semi-space-size=32'];
    const child = fork(fileURLToPath(import.meta.url), ['--task', JSON.stringify(task)], { execArgv });
    let next = task.from;
    const hang = (): void => void child.kill('SIGKILL');
    let timer = setTimeout(hang, LIMIT);
    child.on('message', (message) => {
      const report = message as Report;
      next = report.number + 1;
      clearTimeout(timer);
      timer = setTimeout(hang, LIMIT);
      onReport(report);
    });
    child.on('exit', () => {
      clearTimeout(timer);
      resolve(next < task.to ? next : undefined);
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '100000' },
      only: { type: 'string' },
      thorough: { type: 'string', default: '200' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      task: { type: 'string' },
    },
  });
  if (values.task !== undefined) return await work(JSON.parse(values.task) as Task);
  const numbers = [values.seed, values.count, values.thorough, values.jobs].map(Number);
  const [seed, count, thorough, jobs] = numbers as [number, number, number, number];
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0) || thorough < 1 || jobs < 1)
    throw new Error('--seed, --count, --thorough and --jobs are whole numbers');
  if (values.only !== undefined) {
    const folder = new Folder();
    const file = mutant(folder, seed, Number(values.only));
    process.stdout.write(`${file.path}\n${file.text}`);
    const { codes } = await examine(folder, file, howOf(Number(values.only), thorough));
    process.stderr.write(codes.length === 0 ? 'valid\n' : `${codes.join('\n')}\n`);
    return;
  }

  let valid = 0;
  let tried = 0;
  const byCode = new Map<string, number>();
  const problems: string[] = [];
  let slowest: Report | undefined;
  const onReport = (report: Report): void => {
    tried++;
    if (report.problem !== undefined) problems.push(`mutant ${report.number}: ${report.problem}`);
    else if (report.codes.length === 0) valid++;
    for (const code of new Set(report.codes)) byCode.set(code, (byCode.get(code) ?? 0) + 1);
    if (report.number % thorough !== 0 && report.milliseconds > (slowest?.milliseconds ?? 0))
      slowest = report;
    if (report.problem !== undefined) process.stderr.write(`${problems.at(-1)}\n`);
    if (tried % 1000 === 0) process.stderr.write(`${tried} of ${count}\n`);
  };
  const range = async (first: number, to: number): Promise<void> => {
    for (let from = first; from < to; ) {
      const hung = await attempt({ seed, from, to, thorough }, onReport);
      if (hung === undefined) break;
      problems.push(`mutant ${hung}: no answer in ${LIMIT / 1000} seconds`);
      process.stderr.write(`${problems.at(-1)}\n`);
      tried++;
      from = hung + 1;
    }
  };
  const bound = (job: number): number => Math.floor((count * job) / jobs);
  await Promise.all(Array.from({ length: jobs }, (_, job) => range(bound(job), bound(job + 1))));

  const codes = [...byCode].sort((a, b) => b[1] - a[1]);
  console.log(`seed ${seed}: ${tried} mutants, ${valid} valid, ${tried - valid - problems.length} diagnosed`);
  console.log(`${codes.length} codes: ${codes.map(([code, times]) => `${code} ${times}`).join(', ')}`);
  if (slowest !== undefined)
    console.log(`slowest: mutant ${slowest.number}, ${slowest.milliseconds.toFixed(0)} ms`);
  console.log(`${problems.length} problems${problems.map((problem) => `\n${problem}`).join('')}`);
  process.exitCode = problems.length === 0 && tried === count ? 0 : 1;
}

await main();
