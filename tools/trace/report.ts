import { RsiCommandReturnCode } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { formatHeader, formatLine, formatLog } from '../../runtime/machine/trace.js';
import type { Step, Trace } from './convert.js';
import type { LogCall, LogProblem } from './log.js';

/** How parts of a report are made to stand out. */
export interface Paint {
  title(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  mark(text: string): string;
}

/** A log, and what came of it. */
export interface Converted {
  readonly lines: number;
  readonly trace: Trace;
  readonly problems: readonly LogProblem[];
}

/** The trace in the format that `rmigen replay` reads; comments tell what the log did not. */
export function traceText({ trace, problems }: Converted): string {
  const { header, steps, assumptions } = trace;
  const out = [formatHeader(header), '# From a console log. What it does not tell is assumed:'];
  for (const assumption of assumptions) out.push(`# - ${assumption}`);
  for (const { line, message } of problems) out.push(`# - line ${line} of the log is left out: ${message}`);
  let before: string | undefined;
  for (const step of steps) {
    const { kind, action, reason, line, filled } = step;
    if (kind === 'left out') out.push(`# left out: line ${line}, ${logText(step)}: ${reason}`);
    if (kind === 'assumed' && reason !== before) out.push(`# assumed: ${reason}`);
    before = kind === 'assumed' ? reason : undefined;
    if (action === undefined) continue;
    if (kind === 'log')
      out.push(`# line ${line}${filled > 0 ? `; ${plural(filled, 'value')} of it assumed` : ''}`);
    out.push(formatLine(action));
  }
  return `${out.join('\n')}\n`;
}

/** A call as the firmware prints it, with all that it leaves to the reader: names of PSCI calls, and 0x. */
function callText(call: LogCall): string {
  const { fid, given, x0, returned, command, by } = call;
  if (by === 'host') return formatLog([BigInt(fid), ...given], [x0, ...returned]);
  const text = (values: readonly bigint[]): string =>
    values.map((value) => ` 0x${value.toString(16)}`).join('');
  const isRsi = command?.interface === 'RSI';
  const name = command === undefined ? `SMC_0x${fid.toString(16)}` : `${isRsi ? 'SMC_' : ''}${command.name}`;
  const label = isRsi ? RsiCommandReturnCode.nameOf(x0) : undefined;
  const values = command === undefined || isRsi ? returned : [];
  return (
    `${name.padEnd(NAME)}${text(given.slice(0, command?.inputs.length))} >` +
    `${label === undefined ? text([x0]) : ` ${label}`}${text(values)}`
  );
}

/** The columns that the firmware leaves for a name. */
const NAME = 29;

function logText({ call, action }: Step): string {
  if (call !== undefined) return callText(call);
  if (action?.kind === 'smc') return formatLog(action.given, action.returned);
  return action === undefined ? '' : formatLine(action);
}

/** A row for each call; what is written for one reason is one row. */
export function renderTrace(converted: Converted, paint: Paint): string {
  const { lines, trace, problems } = converted;
  const count = (kind: Step['kind']) => trace.steps.filter((one) => one.kind === kind).length;
  const out = [
    paint.title(
      `${plural(lines, 'line')} of a console log: ${plural(count('log'), 'call')}, ${count('left out')} left out, ` +
        `${plural(problems.length, 'line')} that cannot be read`,
    ),
    '',
  ];
  const width = Math.max(4, String(lines).length);
  for (let i = 0; i < trace.steps.length; i++) {
    const step = trace.steps[i]!;
    const number = String(step.line ?? '').padStart(width);
    switch (step.kind) {
      case 'log':
        out.push(
          `${number}  ${paint.good((step.call!.by === 'host' ? 'Host' : 'Realm').padEnd(8))}  ${logText(step)}`,
        );
        break;
      case 'left out':
        out.push(`${number}  ${paint.mark('left out')}  ${logText(step)}`);
        out.push(`${' '.repeat(width + 12)}${paint.faint(step.reason!)}`);
        break;
      case 'assumed': {
        const first = i;
        while (isMore(trace.steps[i + 1], step)) i++;
        const last = trace.steps[i]!;
        const text =
          step.action?.kind === 'fill' ? memoryText(step, i - first) : callsText(step, last, i - first + 1);
        out.push(`${number}  ${paint.mark('assumed ')}  ${text}`);
        out.push(`${' '.repeat(width + 12)}${paint.faint(step.reason!)}`);
      }
    }
  }
  out.push('', paint.title('Assumed throughout'), ...trace.assumptions.map((one) => `  ${one}`));
  const assumed = trace.steps.filter((one) => one.kind === 'assumed' && one.action?.kind === 'smc').length;
  if (assumed > 0)
    out.push(
      `  ${plural(assumed, 'call')} that the log does not have: a replay counts them among the commands`,
    );
  const filled = trace.steps.reduce((sum, one) => sum + one.filled, 0);
  if (filled > 0) out.push(`  ${plural(filled, 'value')} that the log leaves open: as the document has them`);
  if (problems.length > 0) {
    out.push('', paint.title('Lines that cannot be read'));
    for (const { line, message } of problems) out.push(`${String(line).padStart(width)}  ${message}`);
  }
  return `${out.join('\n')}\n`;
}

/** Whether a step belongs to the row of another one: it is assumed for the same reason and of the same kind. */
function isMore(step: Step | undefined, first: Step): boolean {
  if (step?.kind !== 'assumed' || step.reason !== first.reason) return false;
  const { action } = step;
  if (first.action?.kind !== 'smc') return action?.kind === 'w64';
  return action?.kind === 'smc' && action.given[0] === first.action.given[0];
}

function memoryText({ action }: Step, words: number): string {
  return action?.kind === 'fill' ? `${plural(words, 'doubleword')} at 0x${action.address.toString(16)}` : '';
}

function callsText(first: Step, last: Step, count: number): string {
  if (count === 1 || last.action?.kind !== 'smc') return logText(first);
  return `${logText(first)}, and so on to 0x${last.action.given[1]!.toString(16)}: ${count} calls`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The same for machines: values are hexadecimal text, lines numbers. */
export function traceToJson({ lines, trace, problems }: Converted): object {
  return {
    ok: true,
    lines,
    header: formatHeader(trace.header),
    steps: trace.steps.map((step) => ({
      kind: step.kind,
      ...(step.line === undefined ? {} : { line: step.line }),
      text: logText(step),
      ...(step.action === undefined ? {} : { trace: formatLine(step.action) }),
      ...(step.reason === undefined ? {} : { reason: step.reason }),
      ...(step.filled === 0 ? {} : { filled: step.filled }),
    })),
    assumptions: trace.assumptions,
    problems,
  };
}
