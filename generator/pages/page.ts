import type { Span } from '../diagnostics/index.js';
import type { CommandConditions, Member, Struct } from '../model/index.js';

/**
 * What there is to say about an item, as data: the same page becomes text on a terminal (terminal.ts) and
 * Markdown (emit/docs). No layout, no escaping and no colour in here.
 */

/** An item of the specification, or a part of one: a member, field, label, failure ... */
export interface Reference {
  readonly item: string;
  readonly part?: string;
}

/** `code` is text of the specification's languages, `faint` accompanies, `mark` warns. */
export type Style = 'plain' | 'code' | 'faint' | 'mark';

export interface Piece {
  readonly text: string;
  readonly style: Style;
  readonly to?: Reference;
}

export type Line = readonly Piece[];

export interface Row {
  /** The part of the page's item that the row is about. */
  readonly part: string | undefined;
  readonly cells: readonly Line[];
}

export type Block =
  | { readonly kind: 'text'; readonly line: Line }
  | { readonly kind: 'list'; readonly items: readonly Line[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly Row[] }
  /** A picture in text; every line stands as it is. */
  | { readonly kind: 'drawing'; readonly text: string }
  /** The bytes of a struct; the table says the same and more, member by member. */
  | {
      readonly kind: 'layout';
      readonly struct: Struct;
      readonly beside: (member: Member) => readonly Line[];
      readonly table: Extract<Block, { kind: 'table' }>;
    }
  /** Which failures precede which. */
  | { readonly kind: 'order'; readonly conditions: CommandConditions };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Page {
  readonly name: string;
  /** What sort of thing it is: `RMI command`. */
  readonly what: string;
  /** Where it stands in the document. */
  readonly citation: string;
  readonly summary: Line;
  /** What a line says it all of. */
  readonly facts: readonly { readonly label: string; readonly line: Line }[];
  readonly sections: readonly Section[];
  readonly span: Span;
}

/** Running text. */
export function plain(text: string): Piece {
  return { text, style: 'plain' };
}

/** Text that accompanies. */
export function faint(text: string): Piece {
  return { text, style: 'faint' };
}

/** A word that warns. */
export function mark(text: string): Piece {
  return { text, style: 'mark' };
}

/** Text of a condition, a number, or a name without a page of its own. */
export function code(text: string): Piece {
  return { text, style: 'code' };
}

/** A name that leads to the page of an item, or to a place on it. */
export function link(item: string, part?: string, text = part ?? item): Piece {
  return { text, style: 'code', to: part === undefined ? { item } : { item, part } };
}

/** Lines one after the other, with `separator` between them. */
export function joined(lines: readonly Line[], separator = ', '): Line {
  return lines.flatMap((line, index) => (index === 0 ? line : [plain(separator), ...line]));
}

/** A row of a table; `part` is the part of the page's item that it is about. */
export function row(cells: readonly (Line | Piece | string)[], part?: string): Row {
  return { part, cells: cells.map((cell) => lineOf(cell)) };
}

function lineOf(cell: Line | Piece | string): Line {
  if (typeof cell === 'string') return cell === '' ? [] : [plain(cell)];
  return 'style' in cell ? [cell] : cell;
}

/** A section, or nothing when it would have no content. */
export function section(title: string, ...blocks: readonly Block[]): readonly Section[] {
  const filled = blocks.filter((block) =>
    block.kind === 'table'
      ? block.rows.length > 0
      : block.kind === 'list'
        ? block.items.length > 0
        : block.kind === 'text'
          ? block.line.length > 0
          : block.kind !== 'drawing' || block.text !== '',
  );
  return filled.length === 0 ? [] : [{ title, blocks: filled }];
}
