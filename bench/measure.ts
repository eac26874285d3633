import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';

/** One way to do what a row measures. `run` does it `count` times and gives something of the result back. */
export interface Case {
  readonly column: string;
  readonly run: (count: number) => unknown;
}

export interface Row {
  readonly name: string;
  /** The first case is the floor that the others are compared with. */
  readonly cases: readonly Case[];
  /** How many times another column this project's own may take. */
  readonly goal?: readonly { readonly of: string; readonly most: number }[];
}

export interface Result {
  readonly column: string;
  /** Nanoseconds for one operation. */
  readonly median: number;
  /** Median of the ratios to the floor, window by window. */
  readonly ratio: number;
  readonly ratios: readonly number[];
}

export interface Measured {
  readonly row: Row;
  readonly results: readonly Result[];
}

/** The column that goals are about. */
const OWN = 'rmigen';
const ROUNDS = 301;
/** Milliseconds. */
const WINDOW = 0.1;
const WARM_UP = 60;

/** Keeps results alive, so that nothing is optimized away. */
export const sink: { value: unknown } = { value: undefined };

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}

function time(run: Case['run'], count: number): number {
  const start = performance.now();
  sink.value = run(count);
  return performance.now() - start;
}

/**
 * Measures the cases of a row in turns, a short window each. What else the machine does then hits neighbours alike, and
 * the ratio between two columns stays steady where their times do not.
 */
export function measure(row: Row): Measured {
  const counts = row.cases.map(({ run }) => {
    let count = 64;
    const until = performance.now() + WARM_UP;
    while (performance.now() < until) if (time(run, count) < WINDOW && count < 1 << 20) count *= 2;
    while (count > 64 && time(run, count) > WINDOW * 2) count /= 2;
    return count;
  });
  const times = row.cases.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, { run }] of row.cases.entries())
      times[index]!.push((time(run, counts[index]!) * 1e6) / counts[index]!);
  const results = row.cases.map(({ column }, index) => {
    const ratios = times[index]!.map((value, round) => value / times[0]![round]!);
    return { column, median: median(times[index]!), ratio: median(ratios), ratios };
  });
  return { row, results };
}

/** The median ratio between two columns of a row, from windows next to each other. */
export function ratioOf({ results }: Measured, column: string, of: string): number {
  const above = results.find((result) => result.column === column)!;
  const below = results.find((result) => result.column === of)!;
  return median(above.ratios.map((value, index) => value / below.ratios[index]!));
}

function cell(result: Result | undefined, isFloor: boolean): string {
  if (result === undefined) return '-';
  const time = result.median < 100 ? result.median.toFixed(1) : result.median.toFixed(0);
  return isFloor ? `${time}` : `${time} (${result.ratio.toFixed(result.ratio < 10 ? 2 : 0)}x)`;
}

/** A Markdown table: times in nanoseconds, and in brackets how many times the floor they are. */
export function table(measured: readonly Measured[], columns: readonly string[]): string {
  const lines = [`| ns | ${columns.join(' | ')} |`, `|---|${columns.map(() => '---:|').join('')}`];
  for (const { row, results } of measured) {
    const cells = columns.map((column) => {
      const result = results.find((one) => one.column === column);
      return cell(result, result === results[0]);
    });
    lines.push(`| ${row.name} | ${cells.join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** The goals of the rows and whether they are met, as a Markdown table. */
export function goals(measured: readonly Measured[]): string {
  const lines = ['| goal | at most | measured | |', '|---|---:|---:|---|'];
  for (const one of measured) {
    const { goal = [], name } = one.row;
    for (const { of, most } of goal) {
      const ratio = ratioOf(one, OWN, of);
      const met = ratio <= most ? 'met' : 'missed';
      lines.push(`| ${name}, against ${of} | ${most}x | ${ratio.toFixed(2)}x | ${met} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function machine(): string {
  const [cpu] = cpus();
  return `Node ${process.versions.node}, V8 ${process.versions.v8}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${process.platform} ${process.arch}.`;
}
