import type { Diagnostic } from './diagnostic.js';
import { lineText, positionOf, type Span } from './source.js';

/** How a terminal paints; the default paints nothing, so that text compares exactly. */
export interface Paint {
  path(text: string): string;
  error(text: string): string;
  faint(text: string): string;
  mark(text: string): string;
}

const plain: Paint = { path: (t) => t, error: (t) => t, faint: (t) => t, mark: (t) => t };

const WIDTH = 160;

/** What a hostile file holds must not reach the terminal as control sequences: each of their characters is a dot. */
export function harmless(text: string): string {
  // Nearly every text. Making Unicode's sets takes longer than all that is shown then.
  return /^[ -~]*$/.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u00b7');
}

export function visible(text: string): string {
  return harmless(text.replaceAll('\t', ' '));
}

function characters(text: string): number {
  return [...visible(text)].length;
}

function frame(span: Span, paint: Paint, indent: string): string[] {
  if (span.file.text === '') return [];
  const { line, column } = positionOf(span.file, span.start);
  const end = positionOf(span.file, span.end);
  const whole = lineText(span.file, line);
  // A window of the line around the place: some files have lines of megabytes.
  const from = column > WIDTH - 40 ? column - 60 : 0;
  const shown = visible(whole.slice(from, from + WIDTH));
  // Columns count UTF-16 units, the frame counts characters.
  const start = characters(whole.slice(from, column - 1));
  const last = end.line === line ? end.column - 1 : whole.length;
  const room = Math.max(1, characters(whole.slice(column - 1, Math.min(last, from + WIDTH))));
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  return [
    `${indent}${paint.faint(`${number} |`)} ${shown}`.trimEnd(),
    `${indent}${paint.faint(`${gutter} |`)} ${' '.repeat(start)}${paint.mark('^'.repeat(room))}`,
  ];
}

function where(span: Span, paint: Paint): string {
  const { line, column } = positionOf(span.file, span.start);
  return paint.path(`${visible(span.file.shown ?? span.file.path)}:${line}:${column}`);
}

/** A diagnostic, of the catalogue or of a tool that has codes of its own. */
export type Rendered = Omit<Diagnostic, 'code'> & { readonly code: string };

/** One diagnostic as people read it: place, code, message, code frame, related places, hint. */
export function renderDiagnostic(one: Rendered, paint: Paint = plain): string {
  const lines = [
    `${where(one.span, paint)} - ${paint.error(`${one.severity} ${one.code}`)}: ${visible(one.message)}`,
  ];
  const framed = frame(one.span, paint, '  ');
  if (framed.length > 0) lines.push('', ...framed);
  for (const related of one.related) {
    lines.push(
      '',
      `  ${where(related.span, paint)}: ${visible(related.message)}`,
      ...frame(related.span, paint, '    '),
    );
  }
  if (one.hint !== undefined) lines.push('', `  ${paint.faint('hint:')} ${visible(one.hint)}`);
  return `${lines.join('\n')}\n`;
}

export function renderDiagnostics(all: readonly Diagnostic[], paint: Paint = plain): string {
  return all.map((one) => renderDiagnostic(one, paint)).join('\n');
}

/** The same for machines. Offsets are one-based lines and columns; `end` is exclusive. */
export function diagnosticToJson(one: Diagnostic): object {
  const place = (span: Span) => ({
    path: span.file.shown ?? span.file.path,
    start: positionOf(span.file, span.start),
    end: positionOf(span.file, span.end),
  });
  return {
    code: one.code,
    severity: one.severity,
    message: one.message,
    ...place(one.span),
    related: one.related.map((related) => ({ message: related.message, ...place(related.span) })),
    ...(one.hint === undefined ? {} : { hint: one.hint }),
  };
}
