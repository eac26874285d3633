import type { BitRange, Fieldset, Mask } from '../model/index.js';
import { maskOf } from '../model/index.js';

interface Cell {
  /** What stands in the box, line by line. */
  readonly lines: readonly string[];
  readonly high: string;
  readonly low: string;
  readonly width: number;
}

/** Columns of a drawing; a wider fieldset goes on in a second row. */
const WIDTH = 96;

function cellsOf(fieldset: Fieldset, below?: (range: BitRange) => string): readonly Cell[] {
  const parts = [
    ...fieldset.fields.map((field) => ({ text: field.name, msb: field.msb, lsb: field.lsb })),
    ...fieldset.reserved.map((range) => ({ text: range.as, msb: range.msb, lsb: range.lsb })),
  ].sort((a, b) => b.lsb - a.lsb);
  return parts.map((part) => {
    const { text, msb, lsb } = part;
    const high = String(msb);
    const low = msb === lsb ? '' : String(lsb);
    const numbers = high.length + low.length + (low === '' ? 0 : 1);
    const lines = below === undefined ? [text] : [text, below(part)];
    return { lines, high, low, width: Math.max(...lines.map((line) => line.length + 2), numbers) };
  });
}

/** Rows of cells that fit the width, as even as they come: the high bits stand first, as in the document. */
function rowsOf(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const total = cells.reduce((sum, cell) => sum + cell.width + 1, 1);
  const target = total / Math.ceil(total / WIDTH);
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let used = 1;
  for (const cell of cells) {
    if (row.length > 0 && (used + cell.width + 1 > WIDTH || used >= target)) {
      rows.push(row);
      row = [];
      used = 1;
    }
    row.push(cell);
    used += cell.width + 1;
  }
  rows.push(row);
  return rows;
}

function centred(text: string, width: number): string {
  const left = (width - text.length) >> 1;
  return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
}

function draw(cells: readonly Cell[]): string {
  const lines: string[] = [];
  for (const row of rowsOf(cells)) {
    const numbers = row.map(({ high, low, width }) =>
      low === '' ? centred(high, width) : high + ' '.repeat(width - high.length - low.length) + low,
    );
    lines.push(` ${numbers.join(' ')}`.trimEnd());
    lines.push(`┌${row.map((cell) => '─'.repeat(cell.width)).join('┬')}┐`);
    for (let line = 0; line < row[0]!.lines.length; line++)
      lines.push(`│${row.map((cell) => centred(cell.lines[line]!, cell.width)).join('│')}│`);
    lines.push(`└${row.map((cell) => '─'.repeat(cell.width)).join('┴')}┘`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The bits of a fieldset as boxes, most significant first, with bit numbers above. Not to scale: every name is legible.
 * @param below What stands in a second line of each box.
 */
export function drawFieldset(fieldset: Fieldset, below?: (range: BitRange) => string): string {
  return draw(cellsOf(fieldset, below));
}

/** The register of a mask, with 1 below each field that is in it and a hatch below the others. */
export function drawMask(mask: Mask): string {
  const below = (range: BitRange): string =>
    (mask.value & maskOf(range)) === 0n ? '░░' : '1'.repeat(Math.min(4, range.msb - range.lsb + 1));
  return draw(cellsOf(mask.register, below));
}
