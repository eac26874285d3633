import { replayTrace } from '../../cli/replay.js';
import { renderDiagnostics } from '../../generator/diagnostics/index.js';
import {
  LineParser,
  parseHeader,
  Replay,
  type ReplaySettings,
  type Tally,
} from '../../tools/replay/index.js';

/** Replays a text. @throws what is wrong with it, if it is no trace */
export function judge(text: string, settings: ReplaySettings = {}): Tally {
  const outcome = replayTrace({ path: 'trace.txt', text }, settings);
  if ('tally' in outcome) return outcome.tally;
  throw new Error(renderDiagnostics(outcome.diagnostics));
}

/** The differences of a replay, as `line: about: condition (section)`. */
export function differences(tally: Tally): readonly string[] {
  return tally.differences.flatMap(({ line, verdict }) =>
    verdict.breaches.map(({ id, section }) => `${line}: ${verdict.about}: ${id} (${section})`),
  );
}

/** A trace of a machine with 1 MB at 0x80000000 and the features of the reference implementation. */
export function traceOf(...lines: readonly string[]): string {
  return ['# an RMM dram_base 80000000 granules 100 pa_width 48 featreg0 283fc104130', ...lines, ''].join(
    '\n',
  );
}

/** A line of a trace with another value in place of one that was observed. */
export interface Mutation {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Replays a trace once for each mutation, up to the line that it changes.
 *
 * @returns the mutations that are not told as a difference at that line
 */
export function missed(text: string, mutations: readonly Mutation[]): readonly string[] {
  const [first, ...lines] = text.split('\n');
  const header = parseHeader(first!).value!;
  const parser = new LineParser(header);
  const parsed = lines.map((line) => parser.parse(line).value);
  return mutations
    .filter((mutation) => {
      const run = new Replay(header);
      for (const line of parsed.slice(0, mutation.line - 2)) if (line !== undefined) run.step(line);
      return run.step(parser.parse(mutation.text).value!).every(({ outcome }) => outcome !== 'differs');
    })
    .map((mutation) => `${mutation.line}: ${mutation.text}`);
}
