import type { SourceFile, Span } from '../diagnostics/index.js';
import { limits } from './limits.js';
import { type Entry, entryOf, type MapNode, type Node, plainInteger, type ScalarNode } from './node.js';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const DASH = 0x2d;
const COLON = 0x3a;
const GREATER = 0x3e;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** What does not occur in a plainly written file: tabs, carriage returns, and all that is not ASCII. */
const unusual = /[^\x20-\x7e\n]/;
/** Names, and in a target the paths of files. */
const keyPattern = /[A-Za-z][A-Za-z0-9_./-]*/y;
/** Other numbers (with a fraction, a leading zero, in octal ...): what only the library reads. */
const oddNumber = /^[-+]?(?:\.?[0-9][0-9.]*(?:[eE][-+]?[0-9]*)?|0o[0-7]+|\.(?:inf|nan))$/i;
/** What a plain scalar may start with here; YAML allows a little more. */
const plainStart = /[A-Za-z0-9_(/<^+.-]/;

/**
 * Reads a file in the style in which specifications are written: block maps and lists, flow collections,
 * plain, double-quoted and folded text. Undefined when anything else occurs, an error included: the YAML
 * library then reads the file and has the last word. What both read they read alike (a property test compares
 * them over damaged specifications); this one takes a tenth of the time.
 */
export function readPlain(file: SourceFile): Node | undefined {
  if (unusual.test(file.text) || /^(?:---|\.\.\.|%)/m.test(file.text)) return undefined;
  const reader = new PlainReader(file);
  return reader.document();
}

class PlainReader {
  readonly #file: SourceFile;
  readonly #text: string;
  #at = 0;
  /** Where the line of `#at` starts. */
  #line = 0;
  #depth = 0;

  constructor(file: SourceFile) {
    this.#file = file;
    this.#text = file.text;
  }

  document(): Node | undefined {
    if (this.#content() !== 0) return undefined;
    const root = this.#blockMap(0);
    return root !== undefined && this.#at === this.#text.length ? root : undefined;
  }

  #span(start: number, end: number): Span {
    return { file: this.#file, start, end };
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #spaces(): void {
    while (this.#code() === SPACE) this.#at++;
  }

  /** From the end of a value to the next content, over comments and empty lines: its column; -1 at the end of the file. */
  #content(): number {
    for (;;) {
      this.#spaces();
      const code = this.#code();
      if (code === HASH) {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else if (code === NEWLINE) this.#line = ++this.#at;
      else return Number.isNaN(code) ? -1 : this.#at - this.#line;
    }
  }

  /** Whether nothing but a comment follows on the line. */
  #lineDone(): boolean {
    const from = this.#at;
    this.#spaces();
    const code = this.#code();
    return Number.isNaN(code) || code === NEWLINE || (code === HASH && this.#at > from);
  }

  #key(): string | undefined {
    keyPattern.lastIndex = this.#at;
    const key = keyPattern.exec(this.#text)?.[0];
    if (key === undefined || key.length > limits.nameLength || key.toLowerCase() === 'null') return undefined;
    this.#at += key.length;
    if (this.#code() !== COLON) return undefined;
    this.#at++;
    const code = this.#code();
    return code === SPACE || code === NEWLINE ? key : undefined;
  }

  #keyStands(): boolean {
    const from = this.#at;
    const key = this.#key();
    this.#at = from;
    return key !== undefined;
  }

  /** The map whose first key stands at the place, in that column. */
  #blockMap(column: number): Node | undefined {
    const start = this.#at;
    const entries = new Map<string, Entry>();
    if (++this.#depth > limits.depth) return undefined;
    let end = start;
    for (;;) {
      const from = this.#at;
      const name = this.#key();
      if (name === undefined || entries.has(name)) return undefined;
      const value = this.#blockValue(column);
      if (value === undefined) return undefined;
      entries.set(name, entryOf(this.#span(from, from + name.length), value));
      end = value.span.end;
      const next = this.#content();
      if (next > column) return undefined;
      if (next < column) break;
    }
    this.#depth--;
    return { kind: 'map', span: this.#span(start, end), entries };
  }

  #blockList(column: number): Node | undefined {
    const start = this.#at;
    const items: Node[] = [];
    if (++this.#depth > limits.depth) return undefined;
    let end = start;
    for (;;) {
      if (this.#code() !== DASH || this.#text.charCodeAt(this.#at + 1) !== SPACE) return undefined;
      this.#at++;
      this.#spaces();
      const item = this.#keyStands() ? this.#blockMap(this.#at - this.#line) : this.#leaf(column);
      if (item === undefined) return undefined;
      items.push(item);
      end = item.span.end;
      const next = this.#content();
      if (next > column) return undefined;
      if (next < column) break;
    }
    this.#depth--;
    return { kind: 'list', span: this.#span(start, end), items };
  }

  /** The value of a key in that column: on its line, or on the lines below and further in. */
  #blockValue(column: number): Node | undefined {
    this.#spaces();
    const code = this.#code();
    if (code !== NEWLINE && code !== HASH) return this.#leaf(column);
    const inner = this.#content();
    if (inner <= column) return undefined;
    const first = this.#code();
    if (first === DASH) return this.#blockList(inner);
    if (first === OPEN_MAP || first === OPEN_LIST || first === QUOTE) return this.#leaf(column);
    return this.#blockMap(inner);
  }

  /** A value that a line of its own ends. */
  #leaf(column: number): Node | undefined {
    const code = this.#code();
    if (code === GREATER) return this.#folded(column);
    const node =
      code === QUOTE
        ? this.#quoted(column)
        : code === OPEN_MAP || code === OPEN_LIST
          ? this.#flow(column)
          : this.#plain(false);
    return node !== undefined && this.#lineDone() ? node : undefined;
  }

  /** A map or list in brackets; its further lines stand further in than `column`. */
  #flow(column: number): Node | undefined {
    const start = this.#at;
    const isMap = this.#code() === OPEN_MAP;
    const close = isMap ? CLOSE_MAP : CLOSE_LIST;
    const entries = new Map<string, Entry>();
    const items: Node[] = [];
    if (++this.#depth > limits.depth) return undefined;
    this.#at++;
    if (!this.#flowSpace(column)) return undefined;
    while (this.#code() !== close) {
      let name: string | undefined;
      const from = this.#at;
      if (isMap) {
        name = this.#key();
        if (name === undefined || entries.has(name) || !this.#flowSpace(column)) return undefined;
      }
      const code = this.#code();
      const value =
        code === QUOTE
          ? this.#quoted(column)
          : code === OPEN_MAP || code === OPEN_LIST
            ? this.#flow(column)
            : this.#plain(true);
      if (value === undefined || !this.#flowSpace(column)) return undefined;
      if (name === undefined) items.push(value);
      else entries.set(name, entryOf(this.#span(from, from + name.length), value));
      if (this.#code() === COMMA) {
        this.#at++;
        if (!this.#flowSpace(column)) return undefined;
      } else if (this.#code() !== close) return undefined;
    }
    this.#at++;
    this.#depth--;
    const span = this.#span(start, this.#at);
    return isMap ? ({ kind: 'map', span, entries } satisfies MapNode) : { kind: 'list', span, items };
  }

  /** Over white space inside brackets; whether each further line stands further in than `column`. */
  #flowSpace(column: number): boolean {
    const line = this.#line;
    if (this.#code() === HASH) return false;
    const inner = this.#content();
    return inner !== -1 && (this.#line === line || inner > column);
  }

  #quoted(column: number): ScalarNode | undefined {
    const start = this.#at;
    const close = this.#text.indexOf('"', start + 1);
    if (close === -1 || close - start >= limits.scalarLength) return undefined;
    let value = this.#text.slice(start + 1, close);
    if (value.includes('\\')) return undefined;
    if (value.includes('\n')) {
      const lines = value.split('\n');
      for (let i = 1; i < lines.length; i++) {
        const inner = lines[i]!.search(/[^ ]/);
        // An empty line would stand for a line break.
        if (inner === -1 ? i < lines.length - 1 || lines[i]!.length <= column : inner <= column)
          return undefined;
      }
      value = value.replace(/ *\n */g, ' ');
      this.#line = this.#text.lastIndexOf('\n', close) + 1;
    }
    this.#at = close + 1;
    return { kind: 'scalar', span: this.#span(start, this.#at), value, plain: false };
  }

  #plain(flow: boolean): ScalarNode | undefined {
    const text = this.#text;
    const start = this.#at;
    const first = text[start] ?? '';
    if (!plainStart.test(first)) return undefined;
    if (first === '-' && !plainStart.test(text[start + 1] ?? '')) return undefined;
    let end = start;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) break;
      if (code === SPACE) continue;
      if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
      if (code === COLON) {
        const next = text.charCodeAt(at + 1);
        if (Number.isNaN(next) || next === SPACE || next === NEWLINE) return undefined;
        if (flow && (next === COMMA || next === CLOSE_MAP || next === CLOSE_LIST)) return undefined;
      }
      if (flow) {
        if (code === COMMA || code === CLOSE_MAP || code === CLOSE_LIST) break;
        if (code === OPEN_MAP || code === OPEN_LIST) return undefined;
      }
      end = at + 1;
    }
    if (end - start > limits.scalarLength) return undefined;
    this.#at = end;
    const value = meaning(text.slice(start, end));
    return value === undefined
      ? undefined
      : { kind: 'scalar', span: this.#span(start, end), value, plain: true };
  }

  /** Text after `>-`, its lines equally far in. */
  #folded(column: number): ScalarNode | undefined {
    const text = this.#text;
    const start = this.#at;
    if (!text.startsWith('>-\n', start)) return undefined;
    const lines: string[] = [];
    let indent = -1;
    let line = start + 3;
    let end = start + 2;
    while (line < text.length) {
      let from = line;
      while (text.charCodeAt(from) === SPACE) from++;
      const inner = from - line;
      if (Number.isNaN(text.charCodeAt(from))) break;
      if (text.charCodeAt(from) === NEWLINE) {
        // Empty lines belong to the text unless it ends with them.
        if (inner > 0) return undefined;
        let after = from;
        while (text.charCodeAt(after) === NEWLINE) after++;
        const first = after;
        while (text.charCodeAt(after) === SPACE) after++;
        if (indent === -1 || after - first >= indent) return undefined;
        break;
      }
      if (indent === -1) {
        if (inner <= column) return undefined;
        indent = inner;
      } else if (inner < indent) break;
      else if (inner > indent) return undefined;
      const found = text.indexOf('\n', from);
      end = found === -1 ? text.length : found;
      if (text.charCodeAt(end - 1) === SPACE) return undefined;
      lines.push(text.slice(from, end));
      line = end + 1;
    }
    if (end - start > limits.scalarLength || lines.length === 0) return undefined;
    this.#at = end;
    return { kind: 'scalar', span: this.#span(start, end), value: lines.join(' '), plain: false };
  }
}

/** A plain scalar in YAML's core schema; undefined when it is a number of a sort that is not read here. */
function meaning(text: string): string | bigint | boolean | null | undefined {
  const first = text.charCodeAt(0);
  if (first <= 0x39) {
    if (plainInteger.test(text)) return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
    return oddNumber.test(text) ? undefined : text;
  }
  switch (text) {
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    default:
      return text;
  }
}
