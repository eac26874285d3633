import { limits } from '../limits.js';
import { filesOf, isDirective, type Token, tokensOf } from './tokens.js';

/** A macro as it is defined last. */
export interface Macro {
  readonly name: string;
  /** Undefined when it takes no arguments. */
  readonly parameters: readonly string[] | undefined;
  /** `#` for one that is too long to be looked at. */
  readonly body: string;
  readonly file: string;
  readonly line: number;
}

/** One external declaration, or one line for the preprocessor: what goes to the compiler as one line. */
export interface Item {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Empty for a line for the preprocessor. */
  readonly tokens: readonly Token[];
}

/** A header as the preprocessor leaves it. */
export interface Unit {
  readonly items: readonly Item[];
  /** By name; those that are undefined again are left out. */
  readonly macros: ReadonlyMap<string, Macro>;
  /** Files that the line markers name. */
  readonly files: ReadonlySet<string>;
}

const define = /^#\s*define\s+([A-Za-z_$][\w$]*)(\(([^)]*)\))?[ \t]?(.*)$/s;
const undef = /^#\s*undef\s+([A-Za-z_$][\w$]*)/;
const pack = /^#\s*pragma\s+pack\s*\([\w\s,]*\)$/;
/** Macros of the compiler itself, which it would only complain about if they were defined again. */
const builtIn = /^<built-?in>$/;

const open: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Splits the preprocessor's output into external declarations and lines for the preprocessor. */
export function unitOf(text: string): Unit {
  const items: Item[] = [];
  const macros = new Map<string, Macro>();
  let tokens: Token[] = [];
  let closing: string[] = [];
  let broken = false;

  const flush = (): void => {
    const [first] = tokens;
    if (first !== undefined && !broken && tokens.some(({ text }) => text !== ';')) {
      const joined = tokens.map((token) => token.text).join(' ');
      if (joined.length <= limits.itemSize)
        items.push({ text: joined, file: first.file, line: first.line, tokens });
    }
    tokens = [];
    closing = [];
    broken = false;
  };

  for (const token of tokensOf(text)) {
    if (isDirective(token)) {
      const { text: line, file } = token;
      if (builtIn.test(file)) continue;
      const defined = define.exec(line);
      const gone = undef.exec(line);
      if (defined !== null) {
        const [, name, takes, parameters, body] = defined;
        macros.set(name!, {
          name: name!,
          parameters:
            takes === undefined ? undefined : (parameters?.split(',').map((one) => one.trim()) ?? []),
          body: line.length > limits.itemSize ? '#' : body!.trim(),
          file,
          line: token.line,
        });
      } else if (gone !== null) macros.delete(gone[1]!);
      else if (!pack.test(line)) continue;
      if (line.length <= limits.itemSize) items.push({ text: line, file, line: token.line, tokens: [] });
      continue;
    }
    tokens.push(token);
    const { text: word } = token;
    const closes = open[word];
    if (closes !== undefined) closing.push(closes);
    else if (word === ')' || word === ']' || word === '}') {
      if (closing.pop() !== word) broken = true;
      if (closing.length === 0 && word === '}' && endsFunction(tokens)) flush();
    } else if (word === ';' && closing.length === 0) flush();
    if (closing.length > limits.depth) broken = true;
  }
  return { items, macros, files: filesOf(text) };
}

/** Whether the brace that has just closed was a function's: the one that opened it follows its parameters. */
function endsFunction(tokens: readonly Token[]): boolean {
  const opening = openingOf(tokens, tokens.length - 1);
  const before = opening - 1;
  if (tokens[before]?.text !== ')') return false;
  // `struct __attribute__((packed)) {` is none.
  const attribute = openingOf(tokens, before) - 1;
  return !/^(struct|union|enum)$/.test(tokens[attribute - 1]?.text ?? '');
}

/** Where the bracket was opened that closes at an index; -1 when it was not. */
function openingOf(tokens: readonly Token[], closing: number): number {
  let depth = 0;
  for (let index = closing; index >= 0; index--) {
    const { text } = tokens[index]!;
    if (text === ')' || text === ']' || text === '}') depth++;
    else if (open[text] !== undefined && --depth === 0) return index;
  }
  return -1;
}
