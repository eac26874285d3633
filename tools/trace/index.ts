import { convert, type TraceSettings } from './convert.js';
import { limits } from './limits.js';
import { type LogCall, type LogProblem, readLine } from './log.js';
import type { Converted } from './report.js';

export type { TraceSettings } from './convert.js';
export { limits } from './limits.js';
export { type Converted, type Paint, renderTrace, traceText, traceToJson } from './report.js';

/**
 * Turns the text of a console into a trace.
 *
 * @returns undefined when there is no call in it
 * @throws RangeError when it asks for more than a trace can hold
 */
export function traceOf(text: string, settings: TraceSettings = {}): Converted | undefined {
  const calls: LogCall[] = [];
  const problems: LogProblem[] = [];
  let lines = 0;
  for (let start = 0; start < text.length; lines++) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    const read = readLine(text.slice(start, Math.min(stop, start + limits.line)), lines + 1);
    if (read?.call !== undefined) calls.push(read.call);
    else if (read !== undefined && problems.length < limits.problems) problems.push(read.problem);
    if (calls.length > limits.calls) throw new RangeError(`the log has more than ${limits.calls} calls`);
    start = stop + 1;
  }
  return calls.length === 0 ? undefined : { lines, trace: convert(calls, settings), problems };
}
