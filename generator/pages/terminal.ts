import { harmless } from '../diagnostics/index.js';
import { drawOrder, drawStruct, structWidth } from '../draw/index.js';
import type { Block, Line, Page, Piece, Style } from './page.js';

/** How a terminal paints; without it text stays as it is. */
export interface Paint {
  title(text: string): string;
  heading(text: string): string;
  code(text: string): string;
  /** A name that `explain` can be asked for next. */
  name(text: string): string;
  faint(text: string): string;
  mark(text: string): string;
}

const plainPaint: Paint = {
  title: (text) => text,
  heading: (text) => text,
  code: (text) => text,
  name: (text) => text,
  faint: (text) => text,
  mark: (text) => text,
};

/** Columns of a page. */
export const WIDTH = 110;
const INDENT = '  ';
const GAP = '  ';
/** Columns that text beside a drawing needs at least. */
const BESIDE = 30;
/** Columns that a cell is not narrowed below, if its words are longer. */
const NARROW = 12;

type PaintName = keyof Paint | undefined;

/** Text without a space in it, in one paint or several. */
interface Word {
  readonly parts: readonly { readonly text: string; readonly paint: PaintName }[];
  readonly length: number;
}

/** The text of a piece on one line. A mark stands in brackets, so that it is one without colours too. */
function shown({ text, style }: Piece): string {
  const line = harmless(text.replaceAll(/\s/g, ' '));
  return style === 'mark' ? `[${line}]` : line;
}

const paints: Readonly<Record<Style, PaintName>> = {
  plain: undefined,
  code: 'code',
  faint: 'faint',
  mark: 'mark',
};

/** A comparison stays together where it can: a condition breaks before it, or after `&&` and `||`. */
const holding = /^(==|!=|<=|>=|<|>|\+|-)$/;

function wordsOf(line: Line): readonly Word[] {
  const words: Word[] = [];
  let open: { text: string; paint: PaintName }[] = [];
  const close = (): void => {
    if (open.length > 0) words.push({ parts: open, length: lengthOf(open) });
    open = [];
  };
  for (const piece of line) {
    const paint = piece.to === undefined ? paints[piece.style] : 'name';
    const texts = shown(piece).split(' ');
    for (const [index, text] of texts.entries()) {
      const held =
        index > 0 && piece.style === 'code' && (holding.test(text) || holding.test(texts[index - 1]!));
      if (held && open.length > 0) open.push({ text: ' ', paint });
      else if (index > 0) close();
      if (text !== '') open.push({ text, paint });
    }
  }
  close();
  return words;
}

function lengthOf(parts: readonly { readonly text: string }[]): number {
  return parts.reduce((sum, part) => sum + part.text.length, 0);
}

/** The words that a held comparison is made of. */
function loose(word: Word): readonly Word[] {
  const words: Word[] = [];
  let open: Word['parts'][number][] = [];
  for (const part of [...word.parts, { text: ' ', paint: undefined }]) {
    if (part.text !== ' ') open.push(part);
    else if (open.length > 0) {
      words.push({ parts: open, length: lengthOf(open) });
      open = [];
    }
  }
  return words;
}

/** Breaks a word that is wider than a line. */
function broken(word: Word, width: number): readonly Word[] {
  if (word.length <= width) return [word];
  const words = loose(word);
  if (words.length > 1) return words.flatMap((one) => broken(one, width));
  const pieces: Word[] = [];
  let parts: Word['parts'][number][] = [];
  let room = width;
  for (const { text, paint } of word.parts) {
    for (let from = 0; from < text.length; ) {
      const part = text.slice(from, from + room);
      parts.push({ text: part, paint });
      from += part.length;
      room -= part.length;
      if (room === 0) {
        pieces.push({ parts, length: width });
        parts = [];
        room = width;
      }
    }
  }
  if (parts.length > 0) pieces.push({ parts, length: width - room });
  return pieces;
}

/** A painted line with the columns that it takes. */
interface Painted {
  readonly text: string;
  readonly length: number;
}

const empty: Painted = { text: '', length: 0 };

/** Lays pages out as text for a terminal. */
class Layout {
  readonly #paint: Paint;
  readonly #lines: string[] = [];

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  page(page: Page): void {
    const { title, faint } = this.#paint;
    const name = harmless(page.name);
    const right = harmless(`${page.what}, ${page.citation}`);
    const gap = WIDTH - name.length - right.length;
    if (gap >= 2) this.#lines.push(title(name) + ' '.repeat(gap) + faint(right));
    else this.#lines.push(title(name), faint(right));
    this.#paragraph(page.summary, '');
    if (page.facts.length > 0) {
      this.#lines.push('');
      this.#columns(page.facts.map(({ label, line }) => [[{ text: label, style: 'faint' }], line]));
    }
    for (const section of page.sections) {
      this.#lines.push('', this.#paint.heading(harmless(section.title)));
      for (const [index, block] of section.blocks.entries()) {
        if (index > 0) this.#lines.push('');
        this.block(block);
      }
    }
  }

  heading(line: Line): void {
    this.#paragraph(line, '');
    this.#lines.push('');
  }

  footer(line: Line): void {
    this.#lines.push('');
    this.#paragraph(line, '');
  }

  block(block: Block): void {
    switch (block.kind) {
      case 'text':
        this.#paragraph(block.line, INDENT);
        break;
      case 'list':
        for (const item of block.items) this.#hanging(item);
        break;
      case 'table':
        this.#table(block);
        break;
      case 'drawing':
        this.#drawing(block.text);
        break;
      case 'order':
        this.#drawing(drawOrder(block.conditions));
        break;
      case 'layout': {
        const room = WIDTH - INDENT.length - structWidth(block.struct) - 2;
        if (room < BESIDE) {
          this.#drawing(drawStruct(block.struct));
          this.#lines.push('');
          this.#table(block.table);
        } else
          this.#drawing(
            drawStruct(block.struct, (member) =>
              block.beside(member).flatMap((line) => this.#wrap(line, room).map((one) => one.text)),
            ),
          );
      }
    }
  }

  #drawing(text: string): void {
    // Box characters and hatches step back behind what they hold.
    for (const line of text.trimEnd().split('\n'))
      this.#lines.push(
        (line === '' ? '' : INDENT) +
          line.replace(/[\u2500-\u257f\u2591\u25b6]+(?: +[\u2500-\u257f\u2591\u25b6]+)*/g, (box) =>
            this.#paint.faint(box),
          ),
      );
  }

  #paragraph(line: Line, indent: string): void {
    for (const one of this.#wrap(line, WIDTH - indent.length)) this.#lines.push(indent + one.text);
  }

  #hanging(line: Line): void {
    for (const [index, one] of this.#wrap(line, WIDTH - INDENT.length - 2).entries())
      this.#lines.push(`${INDENT}${index === 0 ? '- ' : '  '}${one.text}`);
  }

  #table({ head, rows }: Extract<Block, { kind: 'table' }>): void {
    const heads = head.map((text): Line => (text === '' ? [] : [{ text, style: 'faint' }]));
    this.#columns([...(head.some((text) => text !== '') ? [heads] : []), ...rows.map((row) => row.cells)]);
  }

  /** Cells in columns that are as wide as they need, and narrower where the page is not wide enough. */
  #columns(rows: readonly (readonly Line[])[]): void {
    const words = rows.map((cells) => cells.map(wordsOf));
    const most = (measure: (cell: readonly Word[]) => number): readonly number[] =>
      (words[0] ?? []).map((_, column) => Math.max(...words.map((cells) => measure(cells[column] ?? []))));
    const longest = (of: (word: Word) => readonly Word[]) =>
      most((cell) => Math.max(0, ...cell.flatMap(of).map((word) => word.length)));
    const natural = most((cell) => widthOf(cell));
    const columns = natural.flatMap((width, column) => (width > 0 ? [column] : []));
    const used = (all: readonly number[]) => columns.map((column) => all[column]!);
    const widths = used(natural);
    const room = WIDTH - INDENT.length - GAP.length * (columns.length - 1);
    // First as far as comparisons stay together, then words, then as far as can be.
    narrow(widths, used(longest((word) => [word])), room);
    narrow(widths, used(longest(loose)), room);
    narrow(
      widths,
      used(longest(loose)).map((width) => Math.min(width, NARROW)),
      room,
    );
    const wrapped = words.map((cells) =>
      columns.map((column, index) => this.#fill(cells[column] ?? [], widths[index]!)),
    );
    // What breaks may leave room on its right.
    const final = columns.map((_, index) =>
      Math.max(...wrapped.flatMap((cells) => cells[index]!.map((line) => line.length)), 0),
    );
    for (const cells of wrapped) {
      const height = Math.max(1, ...cells.map((cell) => cell.length));
      for (let line = 0; line < height; line++) {
        const texts = cells.map((cell, index) => {
          const { text, length } = cell[line] ?? empty;
          return text + ' '.repeat(final[index]! - length);
        });
        this.#lines.push((INDENT + texts.join(GAP)).trimEnd());
      }
    }
  }

  #wrap(line: Line, width: number): readonly Painted[] {
    return this.#fill(wordsOf(line), width);
  }

  #fill(words: readonly Word[], width: number): readonly Painted[] {
    const lines: Painted[] = [];
    let current: Word[] = [];
    let used = 0;
    const close = (): void => {
      if (current.length > 0) lines.push(this.#painted(current));
      current = [];
      used = 0;
    };
    for (const word of words.flatMap((one) => broken(one, width))) {
      if (current.length > 0 && used + 1 + word.length > width) close();
      used += word.length + (current.length > 0 ? 1 : 0);
      current.push(word);
    }
    close();
    return lines;
  }

  /** Words with spaces between; neighbours in one paint are painted together. */
  #painted(words: readonly Word[]): Painted {
    const runs: { text: string; paint: PaintName }[] = [];
    let length = 0;
    for (const [index, word] of words.entries()) {
      const space = index === 0 ? '' : ' ';
      length += space.length + word.length;
      for (const [position, { text, paint }] of word.parts.entries()) {
        const last = runs.at(-1);
        const lead = position === 0 ? space : '';
        if (last !== undefined && last.paint === paint) last.text += lead + text;
        else {
          if (last !== undefined) last.text += lead;
          runs.push({ text, paint });
        }
      }
    }
    const text = runs
      .map((run) => (run.paint === undefined ? run.text : this.#paint[run.paint](run.text)))
      .join('');
    return { text, length };
  }
}

/** Columns that words take with spaces between them. */
function widthOf(words: readonly Word[]): number {
  return words.reduce((sum, word, index) => sum + word.length + (index === 0 ? 0 : 1), 0);
}

/** Takes columns away from the widest, none below its least, until all fit the room. */
function narrow(widths: number[], least: readonly number[], room: number): void {
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    let widest = -1;
    for (let index = 0; index < widths.length; index++)
      if (widths[index]! > least[index]! && (widest === -1 || widths[index]! > widths[widest]!))
        widest = index;
    if (widest === -1) return;
    widths[widest]!--;
    over--;
  }
}

/** A page as text for a terminal, with lines above and below it. */
export function renderPage(
  page: Page,
  header: Line,
  footer: readonly Line[],
  paint: Paint = plainPaint,
): string {
  const layout = new Layout(paint);
  if (header.length > 0) layout.heading(header);
  layout.page(page);
  for (const line of footer) layout.footer(line);
  return layout.text;
}

/** A table under a line of text. */
export function renderList(heading: Line, table: Block, paint: Paint = plainPaint): string {
  const layout = new Layout(paint);
  layout.heading(heading);
  layout.block(table);
  return layout.text;
}
