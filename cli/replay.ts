import { resolve } from 'node:path';
import {
  type Diagnostic,
  Diagnostics,
  diagnostic,
  diagnosticToJson,
  renderDiagnostics,
  type SourceFile,
} from '../generator/diagnostics/index.js';
import { createMachine, type Features, featuresFrom, GRANULE } from '../runtime/index.js';
import type { TraceHeader, TraceLine } from '../runtime/machine/trace.js';
import {
  auxCountOf,
  countRows,
  LimitExceeded,
  LineParser,
  limits,
  type Paint,
  parseHeader,
  Replay,
  type ReplaySettings,
  renderFinding,
  Tally,
  type TraceProblem,
  tallyToJson,
} from '../tools/replay/index.js';
import { readInput } from './input.js';
import { colours, exit, Failure, type Io, paint, visible } from './io.js';
import { display } from './paths.js';
import { table } from './table.js';

export interface ReplayOptions {
  readonly features?: readonly string[];
  readonly json?: boolean;
}

/** `rmigen replay`: holds a trace of an RMM against the specification. */
export function replay(name: string, options: ReplayOptions, io: Io): number {
  const settings = settingsOf(options.features ?? []);
  const file = readTrace(name, io);
  const json = options.json === true;
  const outcome = replayTrace(file, settings, progressOf(file, json, io));
  if (outcome.diagnostics.length > 0) {
    if (json) printJson(io, { ok: false, diagnostics: outcome.diagnostics.map(diagnosticToJson) });
    else io.stderr.write(renderDiagnostics(outcome.diagnostics, paint(io, io.stderr)));
    return exit.problems;
  }
  const { header, tally } = outcome as Replayed;
  const ok = tally.total.differs === 0;
  if (json) printJson(io, { ok, implementation: header.implementation, ...tallyToJson(tally) });
  else print(file, header, tally, io);
  return ok ? exit.ok : exit.problems;
}

function printJson(io: Io, value: object): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

// The trace

interface Replayed {
  readonly header: TraceHeader;
  readonly tally: Tally;
  readonly diagnostics: readonly [];
}

type Outcome = Replayed | { readonly diagnostics: readonly Diagnostic[] };

/** Told from time to time how many characters of the trace are done; of undefined, when it is over. */
type Progress = (done: number | undefined) => void;

/** A line of a file: its number, from 1, and where it starts. */
interface Line {
  readonly number: number;
  readonly start: number;
  readonly text: string;
}

export function* linesOf({ text }: SourceFile): Iterable<Line> {
  for (let number = 1, start = 0; start <= text.length; number++) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    yield { number, start, text: text.slice(start, text[stop - 1] === '\r' ? stop - 1 : stop) };
    start = stop + 1;
  }
}

export function diagnose(problem: TraceProblem, file: SourceFile, line: Line): Diagnostic {
  const span = { file, start: line.start + problem.start, end: line.start + problem.end };
  // A problem has the parameters of its code; which code it is only its own type says.
  return diagnostic(problem.code, span, problem.parameters as never);
}

/** Reads a trace twice: once to see that all of it is one, and once to replay it. */
export function replayTrace(
  file: SourceFile,
  settings: ReplaySettings = {},
  progress: Progress = () => {},
): Outcome {
  const [first] = linesOf(file);
  const header = parseHeader(first!.text);
  if (header.problem !== undefined) return { diagnostics: [diagnose(header.problem, file, first!)] };

  const parser = new LineParser(header.value);
  const found = new Diagnostics();
  let auxCount: number | undefined;
  for (const line of linesOf(file)) {
    if (line.number === 1) continue;
    const { problem, value } = parser.parse(line.text);
    if (problem !== undefined) found.add([diagnose(problem, file, line)]);
    else if (value !== undefined) auxCount ??= auxCountOf(value);
    if (found.full) break;
  }
  if (found.failed) return { diagnostics: found.sorted() };

  const features = { ...(auxCount === undefined ? {} : { auxCount }), ...settings.features };
  const run = new Replay(header.value, { ...settings, features });
  const tally = new Tally();
  for (const line of linesOf(file)) {
    if (line.number === 1) continue;
    progress(line.start);
    const action = parser.parse(line.text).value;
    if (action === undefined) continue;
    const problem = step(run, action, tally, line);
    if (problem !== undefined) {
      progress(undefined);
      return { diagnostics: [diagnose(problem, file, line)] };
    }
  }
  progress(undefined);
  return { header: header.value, tally, diagnostics: [] };
}

/** Replays a line; gives what is wrong with it when it asks for more than a trace may. */
function step(run: Replay, action: TraceLine, tally: Tally, line: Line): TraceProblem | undefined {
  try {
    for (const verdict of run.step(action)) tally.add(line.number, verdict);
    tally.parted ??= run.parted ? line.number : undefined;
    return undefined;
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    const { what, limit } = error;
    return { code: 'trace-limit', parameters: { what, limit }, start: 0, end: line.text.length };
  }
}

/** Reads a file, if it is one that can be a trace. */
function readTrace(name: string, io: Io): SourceFile {
  const path = resolve(io.cwd, name);
  return { path, text: readInput(path, name, limits.fileSize).toString('utf8'), shown: display(path, io) };
}

// The command line

/** The features that can be named, each with a value that shows its type. */
const known: Readonly<Record<keyof Features, unknown>> = featuresFrom(0n);
/** What those may be that have no field in feature register 0. */
const ranges: Partial<Record<keyof Features, readonly [least: number, most: number]>> = {
  listRegisters: [1, 16],
  vmidBits: [8, 16],
  auxCount: [0, 16],
};

/** What `--features` says: `auxCount=4 lpa2=false revisions=1.0,1.1`. */
function settingsOf(words: readonly string[]): ReplaySettings {
  const features: Record<string, boolean | number | undefined> = {};
  let revisions: ReplaySettings['revisions'];
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at === -1 ? word : word.slice(0, at);
    const value = at === -1 ? '' : word.slice(at + 1);
    if (name === 'revisions') {
      revisions = value.split(',').map((revision) => revisionOf(revision, word));
      continue;
    }
    if (!Object.hasOwn(known, name))
      throw new Failure(
        `there is no feature ${visible(name)}`,
        `There is ${Object.keys(known).join(', ')}, revisions.`,
        exit.usage,
      );
    features[name] = featureOf(name as keyof Features, value, word);
  }
  try {
    // Whether the others fit is known when there is a register that shows them.
    createMachine({ memory: [{ base: 0, size: GRANULE }], features: features as Partial<Features> });
  } catch (error) {
    throw new Failure(`the features cannot be: ${(error as Error).message}`, undefined, exit.usage);
  }
  return { features: features as Partial<Features>, ...(revisions === undefined ? {} : { revisions }) };
}

function refuseFeature(word: string, expected: string): never {
  throw new Failure(`${visible(word)} is no setting of a feature`, `Write ${expected}.`, exit.usage);
}

function featureOf(name: keyof Features, value: string, word: string): boolean | number | undefined {
  const example = known[name];
  if (typeof example === 'boolean')
    return value === 'true' || (value !== 'false' && refuseFeature(word, 'NAME=true or NAME=false'));
  if (example === undefined && value === 'none') return undefined;
  const [least, most] = ranges[name] ?? [0, 9999];
  const number = /^[0-9]{1,4}$/.test(value) ? Number(value) : -1;
  if (number < least || number > most)
    refuseFeature(word, `${name}=N with a decimal number from ${least} to ${most}`);
  return number;
}

function revisionOf(text: string, word: string): { major: number; minor: number } {
  const [, major, minor] =
    /^([0-9]{1,4})\.([0-9]{1,4})$/.exec(text) ?? refuseFeature(word, 'revisions=1.0,1.1');
  return { major: Number(major), minor: Number(minor) };
}

// What people see

/** Characters between two reports. */
const STRIDE = 64 * 1024;

/** Says how far it has come, where somebody watches. */
function progressOf(file: SourceFile, json: boolean, io: Io): Progress {
  if (json || io.stderr.isTTY !== true) return () => {};
  let next = STRIDE;
  return (done) => {
    if (done === undefined) {
      if (next > STRIDE) io.stderr.write('\r\u001b[K');
    } else if (done >= next) {
      next = done + STRIDE;
      io.stderr.write(`\rReplaying: ${Math.floor((100 * done) / file.text.length)} %`);
    }
  };
}

function print(file: SourceFile, header: TraceHeader, tally: Tally, io: Io): void {
  const c = colours(io, io.stdout);
  const painted: Paint = { path: c.cyan, bad: c.red, faint: c.dim };
  const path = visible(file.shown ?? file.path);
  const wanted = new Map(tally.differences.map((finding) => [finding.line, '']));
  for (const { number, text } of linesOf(file)) if (wanted.has(number)) wanted.set(number, visible(text));
  for (const finding of tally.differences)
    io.stdout.write(`${renderFinding(finding, path, wanted.get(finding.line)!, painted)}\n`);

  const { total, unjudged, parted } = tally;
  const hidden = total.differs - tally.differences.length;
  if (hidden > 0) io.stdout.write(`${hidden} more differences are not shown\n\n`);
  if (parted !== undefined)
    io.stdout.write(
      `From line ${parted} on the state is what the document makes of it, not the implementation: ` +
        'a difference there may be an echo.\n\n',
    );
  const [head, ...rows] = table(countRows(tally));
  io.stdout.write(`${c.dim(head!)}\n${rows.join('\n')}\n\n`);
  if (unjudged.length > 0) {
    io.stdout.write('Not judged:\n');
    for (const { reason, count, line } of unjudged)
      io.stdout.write(`  ${count} x ${reason}, first in line ${line}\n`);
    io.stdout.write('\n');
  }
  const verdict = `${total.differs === 0 ? 'no' : total.differs} difference${total.differs === 1 ? '' : 's'}`;
  io.stdout.write(
    `${path} (${visible(header.implementation)}): ${total.differs === 0 ? c.green(verdict) : c.red(verdict)}\n`,
  );
}
