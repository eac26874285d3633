import { type Compiler, files, type Run } from './compiler.js';
import { limits } from './limits.js';
import type { Unit } from './source/items.js';

/** A question to the compiler: integer constant expressions of C, which are evaluated together or not at all. */
export interface Probe {
  readonly key: string;
  readonly expressions: readonly string[];
}

/** Each expression's value as the assembler would read it, from -2^63 to 2^64 - 1. */
export type Answers = ReadonlyMap<string, readonly bigint[]>;

export interface Measured {
  readonly answers: Answers;
  /** Declarations and macros of the header that the compiler refuses, by line of the header. */
  readonly refused: readonly { readonly line: number; readonly text: string; readonly message: string }[];
  readonly runs: number;
}

/** How the questions are put. */
export interface Asking {
  /** Stands in the assembly where an answer is, so that nothing in the header can pass for one. */
  readonly nonce: string;
  /** Whether constant variables are asked about. */
  readonly folds: boolean;
}

/** The compiler gives no answer: it is stopped by a limit, or fails in a way that no line is to blame for. */
export class NoAnswer extends Error {}

interface Line {
  readonly text: string;
  readonly probe: Probe | undefined;
  /** The line of the header that it comes from; undefined for what others define. */
  readonly origin: number | undefined;
}

const complaint = new RegExp(
  `^${files.probe.replace('.', '\\.')}:([0-9]+):(?:[0-9]+:)? (?:fatal )?error: (.*)$`,
  'gm',
);

/**
 * Asks the compiler for the values of expressions, as the kernel's asm-offsets does: each becomes the operand of
 * an `asm` whose text is found again in the assembly. One line that fails spoils the whole translation unit, so
 * lines that are complained about are left out and the rest is tried again.
 *
 * @throws NoAnswer
 */
export async function measure(
  unit: Unit,
  probes: readonly Probe[],
  { nonce, folds }: Asking,
  compiler: Compiler,
): Promise<Measured> {
  const base: Line[] = [];
  for (const item of unit.items) {
    const origin = item.file === files.header ? item.line : undefined;
    if (item.tokens.length === 0 || declaresType(item.tokens[0]!.text, item.text))
      base.push({ text: item.text, probe: undefined, origin });
  }
  const refused: { line: number; text: string; message: string }[] = [];
  let runs = 0;
  const answers = new Map<string, readonly bigint[]>();

  const attempt = async (lines: readonly Line[]): Promise<Run> => {
    if (++runs > limits.runs) throw new NoAnswer(`it takes more than ${limits.runs} runs of the compiler`);
    const run = await compiler.compile(`${lines.map(({ text }) => text).join('\n')}\n`, folds);
    if (run.stopped !== undefined) throw new NoAnswer(run.stopped);
    return run;
  };

  let lines: readonly Line[] = [
    ...base,
    ...probes.slice(0, limits.probes).map((probe, index) => lineOf(probe, index, nonce)),
  ];
  for (;;) {
    const run = await attempt(lines);
    if (run.ok) {
      read(run.stdout, lines, nonce, answers);
      return { answers, refused, runs };
    }
    const wrong = new Map<number, string>();
    for (const [, line, message] of run.stderr.matchAll(complaint))
      if (!wrong.has(Number(line) - 1)) wrong.set(Number(line) - 1, message!);
    const kept = lines.filter((_, index) => !wrong.has(index));
    if (kept.length === lines.length) {
      // No line is named. What is to blame is found by halves.
      const half = await worse(lines, attempt);
      if (half === undefined) throw new NoAnswer(firstLine(run.stderr));
      lines = half;
      continue;
    }
    for (const [index, message] of wrong) {
      const line = lines[index];
      if (line?.origin !== undefined) refused.push({ line: line.origin, text: line.text, message });
    }
    lines = kept;
  }
}

/** Leaves the half of the probes out without which the rest compiles; undefined when neither half is to blame. */
async function worse(
  lines: readonly Line[],
  attempt: (lines: readonly Line[]) => Promise<Run>,
): Promise<readonly Line[] | undefined> {
  const base = lines.filter(({ probe }) => probe === undefined);
  const probes = lines.filter(({ probe }) => probe !== undefined);
  if (probes.length < 2) return undefined;
  const middle = probes.length >> 1;
  for (const half of [probes.slice(0, middle), probes.slice(middle)]) {
    const tried = [...base, ...half];
    if ((await attempt(tried)).ok) return tried;
  }
  return undefined;
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.slice(0, 200) ?? 'the compiler fails without a word'
  );
}

/** Whether a declaration is one that sizes and constants can depend on: functions and variables are left out. */
function declaresType(first: string, text: string): boolean {
  if (/^(typedef|struct|union|enum)$/.test(first)) return true;
  return / (const|enum|struct|union) /.test(` ${text} `) && !/\) \{/.test(text);
}

function lineOf(probe: Probe, index: number, nonce: string): Line {
  const operands = probe.expressions.map((one) => `"i"(${one})`).join(',');
  const slots = probe.expressions.map((_, slot) => ` %${slot}`).join('');
  // A comment in the assembly would do for GCC; Clang's own assembler wants something that it can read.
  const text = `\\n.ascii \\"->${nonce} ${index}${slots}\\"`;
  return {
    text: `void rmigen_probe_${index}(void){__asm__ volatile("${text}"::${operands});}`,
    probe,
    origin: undefined,
  };
}

function read(
  assembly: string,
  lines: readonly Line[],
  nonce: string,
  answers: Map<string, readonly bigint[]>,
): void {
  const byIndex = new Map<string, Probe>();
  for (const { text, probe } of lines)
    if (probe !== undefined) byIndex.set(/rmigen_probe_([0-9]+)/.exec(text)![1]!, probe);
  // Some assemblers write a number with a mark of its own.
  const answer = new RegExp(`->${nonce} ([0-9]+)((?: [$#]?-?(?:0x[0-9a-f]+|[0-9]+))+)"`, 'gi');
  for (const match of assembly.matchAll(answer)) {
    const probe = byIndex.get(match[1]!);
    const values = match[2]!.trim().split(' ').map(numberOf);
    if (probe !== undefined && values.length === probe.expressions.length) answers.set(probe.key, values);
  }
}

function numberOf(text: string): bigint {
  const plain = text.replace(/^[$#]/, '');
  return plain.startsWith('-') ? -BigInt(plain.slice(1)) : BigInt(plain);
}
