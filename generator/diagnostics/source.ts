/** A text the generator was given. */
export interface SourceFile {
  /** Below the specification folder, with forward slashes. Never opened here. */
  readonly path: string;
  readonly text: string;
  /** What diagnostics print, where that is not the path: as the reader would reach the file from where they are. */
  readonly shown?: string;
}

/** A half-open range of UTF-16 offsets in one file. It travels with every value that came from it. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** One-based line and column, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<SourceFile, readonly number[]>();

function startsOf(file: SourceFile): readonly number[] {
  let starts = lineStarts.get(file);
  if (starts === undefined) {
    // A byte order mark takes no column: editors do not show it.
    const found = [file.text.startsWith('\ufeff') ? 1 : 0];
    for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1))
      found.push(at + 1);
    starts = found;
    lineStarts.set(file, starts);
  }
  return starts;
}

export function positionOf(file: SourceFile, offset: number): Position {
  const starts = startsOf(file);
  const clamped = Math.max(starts[0]!, Math.min(offset, file.text.length));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: clamped - starts[low]! + 1 };
}

/** The text of a one-based line without its line break; empty past the end. */
export function lineText(file: SourceFile, line: number): string {
  const starts = startsOf(file);
  const start = starts[line - 1];
  if (start === undefined) return '';
  const next = starts[line];
  const end = next === undefined ? file.text.length : next - 1;
  return file.text.slice(start, end).replace(/\r$/, '');
}

/** The start of a file: where a problem of the file as a whole is shown. */
export function fileSpan(file: SourceFile): Span {
  return { file, start: 0, end: 0 };
}

/** The part of a single-line scalar's text between two offsets of its value, clamped to the scalar. */
export function within(span: Span, from: number, to: number): Span {
  const start = Math.min(span.start + from, span.end);
  return { file: span.file, start, end: Math.max(start, Math.min(span.start + to, span.end)) };
}
