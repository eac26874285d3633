/** Laying text out as the repository's formatter would, so that generated files need no second pass. */

export const WIDTH = 110;

/** A string literal, in the quotes that need fewer escapes. */
export function quote(text: string): string {
  const single = text.split("'").length - 1;
  const double = text.split('"').length - 1;
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return single > double ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** An integer literal, in hexadecimal where it takes more than one digit, as the document has offsets and masks. */
export function integer(value: number | bigint): string {
  const big = BigInt(value);
  if (big < 0n) return `-${integer(-big)}`;
  return big > 9n ? `0x${big.toString(16)}` : big.toString();
}

export function bigintLiteral(value: bigint): string {
  return `${integer(value)}n`;
}

/** The literal of a value in its representation. */
export function literalOf(value: bigint, kind: 'number' | 'bigint'): string {
  return kind === 'bigint' ? bigintLiteral(value) : integer(value);
}

export function indent(text: string, by = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}

/** `head(a, b)tail`, on one line if it fits behind `column` columns. */
export function call(column: number, head: string, args: readonly string[], tail = ';'): string {
  const line = `${head}(${args.join(', ')})${tail}`;
  if (column + line.length <= WIDTH && !line.includes('\n')) return line;
  return `${head}(\n${args.map((arg) => `${indent(arg)},\n`).join('')})${tail}`;
}

/** `if (condition) head(args);`, broken into lines where it must be. */
export function callIf(column: number, condition: string, head: string, args: readonly string[]): string {
  const line = `if (${condition}) ${head}(${args.join(', ')});`;
  if (column + line.length <= WIDTH) return line;
  const test = `if (${condition})`;
  const tests = condition.split(' || ');
  const broken = `if (\n${indent(tests.join(' ||\n'))}\n)`;
  return `${column + test.length <= WIDTH ? test : broken}\n${indent(call(column + 2, head, args))}`;
}

/** An expression that can stand in front of `as`, or behind an operator. */
export function term(text: string): string {
  let depth = 0;
  for (const character of text) {
    if (character === '(' || character === '[') depth++;
    else if (character === ')' || character === ']') depth--;
    else if (character === ' ' && depth === 0) return `(${text})`;
  }
  return text;
}

/** Breaks prose into lines. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** The description of a doc comment that starts at a column: on one line if it fits, else with lines of its own. */
export function docText(column: number, ...paragraphs: readonly string[]): string {
  if (paragraphs.length === 1 && column + paragraphs[0]!.length + 7 <= WIDTH) return paragraphs[0]!;
  return `\n${paragraphs.map((text) => wrap(text, WIDTH - column - 3).join('\n')).join('\n\n')}`;
}

/** The same as a comment, for text that is not laid out by the library. */
export function docComment(column: number, ...paragraphs: readonly string[]): string {
  const text = docText(column, ...paragraphs);
  if (!text.startsWith('\n')) return `/** ${text} */`;
  const lines = text.slice(1).split('\n');
  return `/**\n${lines.map((line) => ` *${line === '' ? '' : ` ${line}`}\n`).join('')} */`;
}

/** The `doc` of a leaf as a sentence. */
export function sentence(doc: string): string {
  const first = doc.charAt(0).toUpperCase() + doc.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** A number of plain data that is written in hexadecimal. */
export class Hex {
  readonly text: string;

  constructor(value: number | bigint) {
    this.text = `${integer(value)}${typeof value === 'bigint' ? 'n' : ''}`;
  }
}

export type Data =
  | string
  | number
  | bigint
  | boolean
  | Hex
  | readonly Data[]
  | { readonly [key: string]: Data | undefined };

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data);
}

function keysOf(data: Data): readonly string[] {
  return typeof data !== 'object' || isList(data) || data instanceof Hex
    ? []
    : Object.keys(data).filter((key) => data[key] !== undefined);
}

function flat(data: Data): string {
  if (typeof data === 'string') return quote(data);
  if (typeof data === 'bigint') return `${data}n`;
  if (typeof data !== 'object') return String(data);
  if (data instanceof Hex) return data.text;
  if (isList(data)) return `[${data.map(flat).join(', ')}]`;
  const keys = keysOf(data);
  const record = data as { readonly [key: string]: Data };
  return keys.length === 0 ? '{}' : `{ ${keys.map((key) => `${key}: ${flat(record[key]!)}`).join(', ')} }`;
}

/** Whether the formatter puts each element on a line of its own, however short: several objects with several keys. */
function broken(data: Data): boolean {
  if (typeof data !== 'object' || data instanceof Hex) return false;
  if (isList(data))
    return (data.length > 1 && data.every((one) => keysOf(one).length > 1)) || data.some(broken);
  return keysOf(data).some((key) => broken((data as { readonly [key: string]: Data })[key]!));
}

/** A literal of plain data that starts at `column`, before `tail` more characters on its last line. */
export function dataText(data: Data, column: number, tail = 1, level = 0): string {
  const line = flat(data);
  if (
    typeof data !== 'object' ||
    data instanceof Hex ||
    (column + line.length + tail <= WIDTH && !broken(data))
  )
    return line;
  const pad = '  '.repeat(level + 1);
  const end = '  '.repeat(level);
  if (isList(data)) {
    const items = data.map((one) => `${pad}${dataText(one, pad.length, 1, level + 1)},\n`);
    return `[\n${items.join('')}${end}]`;
  }
  const record = data as { readonly [key: string]: Data };
  const items = keysOf(data).map((key) => {
    const value = dataText(record[key]!, pad.length + key.length + 2, 1, level + 1);
    // A string that is too long goes to the next line.
    const long = typeof record[key] === 'string' && pad.length + key.length + 3 + value.length > WIDTH;
    return long ? `${pad}${key}:\n${pad}  ${value},\n` : `${pad}${key}: ${value},\n`;
  });
  return `{\n${items.join('')}${end}}`;
}
