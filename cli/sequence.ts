import { resolve } from 'node:path';
import {
  type Diagnostic,
  Diagnostics,
  renderDiagnostics,
  type SourceFile,
} from '../generator/diagnostics/index.js';
import type { TraceLine } from '../runtime/machine/trace.js';
import { LineParser, parseHeader } from '../tools/replay/index.js';
import { limits, mermaid, stepsOf } from '../tools/sequence/index.js';
import { readInput, readStandardInput } from './input.js';
import { exit, Failure, type Io, paint, visible } from './io.js';
import { display } from './paths.js';
import { diagnose, linesOf } from './replay.js';

/** `rmigen sequence`: draws a trace as a sequence diagram. */
export async function sequence(name: string, io: Io): Promise<number> {
  const file = await readTrace(name, io);
  const { lines, problems } = parse(file);
  if (problems.length > 0) {
    io.stderr.write(renderDiagnostics(problems, paint(io, io.stderr)));
    return exit.problems;
  }
  io.stdout.write(draw(name, lines));
  return exit.ok;
}

function draw(name: string, lines: readonly TraceLine[]): string {
  try {
    return mermaid(stepsOf(lines));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure(
      `${visible(name)} cannot be drawn: ${error.message}`,
      'A part of a trace, with its first line, can be drawn as well.',
    );
  }
}

async function readTrace(name: string, io: Io): Promise<SourceFile> {
  if (name === '-') {
    const bytes = await readStandardInput(io, limits.fileSize);
    return { path: '-', text: Buffer.from(bytes).toString('utf8'), shown: 'standard input' };
  }
  const path = resolve(io.cwd, name);
  return { path, text: readInput(path, name, limits.fileSize).toString('utf8'), shown: display(path, io) };
}

function parse(file: SourceFile): {
  readonly lines: readonly TraceLine[];
  readonly problems: readonly Diagnostic[];
} {
  const lines: TraceLine[] = [];
  const found = new Diagnostics();
  let parser: LineParser | undefined;
  for (const line of linesOf(file)) {
    if (parser === undefined) {
      const header = parseHeader(line.text);
      if (header.problem !== undefined) return { lines, problems: [diagnose(header.problem, file, line)] };
      parser = new LineParser(header.value);
      continue;
    }
    const { problem, value } = parser.parse(line.text);
    if (problem !== undefined) found.add([diagnose(problem, file, line)]);
    else if (value !== undefined) lines.push(value);
    if (found.full) break;
  }
  return { lines, problems: found.failed ? found.sorted() : [] };
}
