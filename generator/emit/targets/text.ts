/** The width of a tab, and the column that comments stay within. */
const TAB = 8;
const COLUMNS = 80;

/**
 * Lines the cells of a block up: cells are what tabs separate, and each column is as wide as its widest cell
 * needs, filled with tabs of eight columns.
 */
export function align(block: string): string {
  const rows = block.split('\n').map((line) => line.split('\t'));
  const stops = [0];
  for (let column = 0; ; column++) {
    // The last cell of a row may be as long as it likes.
    const widths = rows.filter((cells) => cells.length > column + 1).map((cells) => cells[column]!.length);
    if (widths.length === 0) break;
    stops.push(nextStop(stops[column]! + Math.max(...widths)));
  }
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => {
          if (column === cells.length - 1) return cell;
          const end = stops[column]! + cell.length;
          return cell + '\t'.repeat(stops[column + 1]! / TAB - Math.floor(end / TAB));
        })
        .join(''),
    )
    .join('\n');
}

function nextStop(column: number): number {
  return (Math.floor(column / TAB) + 1) * TAB;
}

const dangers: readonly [RegExp, string][] = [
  [/\*\//, 'the end of a comment, */'],
  [/\/\*/, 'the start of a comment, /*'],
  [/\\/, 'a backslash'],
  [/\?\?[=/'()!<>-]/, 'a trigraph'],
  [/[^\t\x20-\x7e]/, 'a character outside printable ASCII'],
];

/**
 * A comment in the kernel's form: on one line if it fits, unless it opens with a second star. Each line of the
 * text is a paragraph that is wrapped by itself; one that starts with white space, `@` or `-` is an item, and
 * what wraps of it is indented by two.
 *
 * @throws {Error} When the text could end the comment or hide what follows it.
 */
export function comment(text: string, open: '/*' | '/**', indent: string): string {
  const lines = safeLines(text);
  const room = COLUMNS - widthOf(indent);
  const [only] = lines;
  if (open === '/*' && lines.length === 1 && only!.length + 6 <= room)
    return `${indent}/* ${only!.trim()} */\n`;
  const body = wrapAll(lines, room - 3).map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`);
  return `${indent}${open}\n${body.join('')}${indent} */\n`;
}

/** The same as a comment of which each line begins with a mark. */
export function lineComment(text: string, mark: '//' | '///' | '//!', indent: string): string {
  return wrapAll(safeLines(text), COLUMNS - widthOf(indent) - mark.length - 1)
    .map((line) => `${indent}${mark}${line === '' ? '' : ` ${line}`}\n`)
    .join('');
}

function widthOf(indent: string): number {
  return indent.replaceAll('\t', ' '.repeat(TAB)).length;
}

function safeLines(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  for (const line of lines)
    for (const [pattern, what] of dangers)
      if (pattern.test(line)) throw new Error(`the text of a comment contains ${what}`);
  return lines;
}

function wrapAll(lines: readonly string[], width: number): readonly string[] {
  return (
    lines
      // One empty line separates; more come from parts of a template that had nothing to say.
      .filter((line, index) => line !== '' || lines[index - 1] !== '')
      .flatMap((line) => (line === '' ? [''] : wrap(line, width)))
  );
}

function wrap(line: string, width: number): readonly string[] {
  const lead = /^\s*/.exec(line)![0].replaceAll('\t', ' ');
  const hang = /^(\s|@|- )/.test(line) ? `${lead}  ` : '';
  const wrapped: string[] = [];
  let current = lead;
  let empty = true;
  for (const word of line.trim().split(/\s+/)) {
    if (!empty && current.length + 1 + word.length > width) {
      wrapped.push(current);
      current = hang;
      empty = true;
    }
    current += empty ? word : ` ${word}`;
    empty = false;
  }
  wrapped.push(current);
  return wrapped;
}
