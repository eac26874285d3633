import {
  lineText,
  type Position,
  positionOf,
  type SourceFile,
  type Span,
} from '../../generator/diagnostics/index.js';
import type { Finding } from './finding.js';

/** Lines below the place that the compiler names in which the name may stand, where a macro spans several. */
const REACH = 64;

/** Where the header has the name of a finding; its first line for what it lacks. */
export function spanOf(
  file: SourceFile,
  { name, line, rank }: Pick<Finding, 'name' | 'line' | 'rank'>,
): Span {
  if (line === undefined || line < 1) return { file, start: 0, end: 0 };
  const word = rank === 'missing' ? '' : /\w+$/.exec(name)![0];
  const start = startOf(file, line);
  const within = file.text.slice(start).split('\n', REACH).join('\n');
  const match = word === '' ? null : new RegExp(`(?<![\\w$])${word}(?![\\w$])`).exec(within);
  if (match !== null) return { file, start: start + match.index, end: start + match.index + word.length };
  const first = lineText(file, line);
  return { file, start: start + (first.length - first.trimStart().length), end: start + first.length };
}

export function positionOfFinding(file: SourceFile, finding: Finding): Position | undefined {
  return finding.line === undefined ? undefined : positionOf(file, spanOf(file, finding).start);
}

/** The offset at which a line begins, from 1. */
function startOf(file: SourceFile, line: number): number {
  let at = 0;
  for (let count = 1; count < line; count++) {
    const next = file.text.indexOf('\n', at);
    if (next === -1) return file.text.length;
    at = next + 1;
  }
  return at;
}
