/**
 * The forms in which people have dumps. Each reads one line; what the lines make together is the business of
 * dump.ts. `docs/decode.md` shows an example of each.
 */

export const formats = ['binary', 'hex', 'xxd', 'xxd-e', 'hexdump', 'gdb', 'crash', 'devmem'] as const;
export type DumpFormat = (typeof formats)[number];
export type TextFormat = Exclude<DumpFormat, 'binary'>;

/** A part of a line that cannot be, and why. Columns from 0. */
export interface LineProblem {
  readonly start: number;
  readonly end: number;
  /** What the word breaks; undefined when the line as a whole is strange to the form. */
  readonly rule: string | undefined;
}

/** What a line says. */
export type Row =
  | { readonly kind: 'bytes'; readonly address: bigint | undefined; readonly bytes: readonly number[] }
  /** An address alone: where the dump ends. */
  | { readonly kind: 'end'; readonly address: bigint }
  /** `*`: the line before repeats up to the next address. */
  | { readonly kind: 'repeat' }
  /** `devmem 0x80001000 64` as it was typed: where the next value is from, and its width in bytes. */
  | { readonly kind: 'command'; readonly address: bigint; readonly width: number | undefined }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'problem'; readonly problem: LineProblem };

const nothing: Row = { kind: 'nothing' };
const strange = (line: string): Row => ({
  kind: 'problem',
  problem: { start: line.length - line.trimStart().length, end: line.trimEnd().length, rule: undefined },
});

/** Prompts with what was typed, comments, what the tools say besides, and the frame of an array in C. */
const chatter =
  /^\s*(?:$|#|\$ |\(gdb\)|crash(?:64)?>|\/\/|\/dev\/mem opened|Memory (?:un)?mapped at address|(?:sudo )?(?:busybox )?devmem2?\b|(?:static |const )*unsigned (?:char|int) |\}?;?\s*$)/;
const typed = /\bdevmem2?\s+(0x[0-9a-f]{1,16})(?:\s+(8|16|32|64|b|h|w|l|d)\b)?/i;
const typedWidths: Readonly<Record<string, number>> = {
  8: 1,
  16: 2,
  32: 4,
  64: 8,
  b: 1,
  h: 2,
  w: 4,
  l: 8,
  d: 8,
};

const xxdLine = /^\s*([0-9a-f]{4,16}): ([0-9a-f].*)$/i;
const crashLine = /^\s*([0-9a-f]{8,16}): {2}([0-9a-f].*)$/i;
const gdbLine = /^\s*0x([0-9a-f]{1,16})(?:\s*<[^>]*>)?:\s*(0x.*)$/i;
const hexdumpLine = /^([0-9a-f]{6,16})\s+([0-9a-f].*)$/i;
const hexdumpEnd = /^([0-9a-f]{6,16})\s*$/i;
const devmemLine =
  /^\s*(?:Value at address 0x([0-9a-f]{1,16})(?: \(0x[0-9a-f]+\))?: )?0x([0-9a-f]{1,16})\s*$/i;
const devmem2 = /^\s*Value at address/;

interface Word {
  readonly text: string;
  /** Column from 0. */
  readonly start: number;
}

function wordsOf(line: string, start: number, end: number): readonly Word[] {
  return [...line.slice(start, end).matchAll(/[^\s,]+/g)].map((match) => ({
    text: match[0],
    start: start + match.index,
  }));
}

/** The bytes of a number that a little-endian machine shows as a value. */
function littleEndian(digits: string): readonly number[] {
  const bytes: number[] = [];
  for (let end = digits.length; end > 0; end -= 2)
    bytes.push(Number.parseInt(digits.slice(Math.max(0, end - 2), end), 16));
  return bytes;
}

function inOrder(digits: string): readonly number[] {
  const bytes: number[] = [];
  for (let at = 0; at < digits.length; at += 2) bytes.push(Number.parseInt(digits.slice(at, at + 2), 16));
  return bytes;
}

/** Words that must be hexadecimal, each of `widths` digits, as bytes. */
function bytesOf(
  words: readonly Word[],
  read: (digits: string) => readonly number[],
  widths: readonly number[] | undefined,
  prefix: '0x' | '',
): readonly number[] | LineProblem {
  const bytes: number[] = [];
  for (const { text, start } of words) {
    const digits = prefix === '' ? text : text.slice(2);
    const problem = (rule: string): LineProblem => ({ start, end: start + text.length, rule });
    if (prefix !== '' && !/^0x/i.test(text)) return problem('it does not start with 0x');
    if (!/^[0-9a-f]+$/i.test(digits)) return problem('it is not hexadecimal');
    if (widths !== undefined && !widths.includes(digits.length))
      return problem(
        `it has ${digits.length} digits, not ${widths.slice(0, -1).join(', ')} or ${widths.at(-1)}`,
      );
    if (digits.length % 2 === 1) return problem('it has an odd number of digits');
    for (const byte of read(digits)) bytes.push(byte);
  }
  return bytes;
}

const WORDS = [2, 4, 8, 16];

function rowOf(address: bigint | undefined, read: readonly number[] | LineProblem): Row {
  return 'rule' in read ? { kind: 'problem', problem: read } : { kind: 'bytes', address, bytes: read };
}

/** Where the hexadecimal part of a line ends that has its text after two spaces. */
function gutterAt(line: string, start: number): number {
  const gap = line.slice(start).search(/\s{2,}/);
  return gap === -1 ? line.length : start + gap;
}

function chat(line: string): Row | undefined {
  const command = typed.exec(line);
  if (command !== null && !devmem2.test(line))
    return {
      kind: 'command',
      address: BigInt(command[1]!),
      width: typedWidths[command[2]?.toLowerCase() ?? ''],
    };
  return chatter.test(line) ? nothing : undefined;
}

function addressed(
  pattern: RegExp,
  line: string,
  end: (line: string, start: number) => number,
  read: (digits: string) => readonly number[],
  widths: readonly number[] | undefined,
  prefix: '0x' | '' = '',
): Row {
  const match = pattern.exec(line);
  if (match === null) return strange(line);
  const start = line.length - match[2]!.length;
  return rowOf(
    BigInt(`0x${match[1]}`),
    bytesOf(wordsOf(line, start, end(line, start)), read, widths, prefix),
  );
}

/** How each form reads a line. `width` is that of the last command that was typed, in bytes. */
const readers: Readonly<Record<TextFormat, (line: string, width: number | undefined) => Row>> = {
  xxd: (line) => addressed(xxdLine, line, gutterAt, inOrder, undefined),
  'xxd-e': (line) => addressed(xxdLine, line, gutterAt, littleEndian, WORDS),
  crash: (line) => addressed(crashLine, line, gutterAt, littleEndian, WORDS),
  gdb: (line) => addressed(gdbLine, line, (all) => all.length, littleEndian, WORDS, '0x'),
  hexdump(line) {
    const end = hexdumpEnd.exec(line);
    if (end !== null) return { kind: 'end', address: BigInt(`0x${end[1]}`) };
    const text = (all: string, start: number) => {
      const at = all.slice(start).search(/\s[|>]/);
      return at === -1 ? all.length : start + at;
    };
    return addressed(hexdumpLine, line, text, littleEndian, WORDS);
  },
  devmem(line, width) {
    const match = devmemLine.exec(line);
    if (match === null) return strange(line);
    const [, address, digits = ''] = match;
    // devmem fills a value up with zeros, devmem2 does not, and reads words of four bytes if not told otherwise.
    const padded = address === undefined && WORDS.includes(digits.length) ? digits.length : 8;
    const wide = Math.max(width === undefined ? padded : 2 * width, digits.length);
    const bytes = littleEndian(digits.padStart(wide, '0'));
    return { kind: 'bytes', address: address === undefined ? undefined : BigInt(`0x${address}`), bytes };
  },
  hex(line) {
    const words = wordsOf(line, 0, line.length).filter(({ text }) => !/^[{}\];[]+$/.test(text));
    const values = words.length > 0 && words.every(({ text }) => /^0x/i.test(text));
    return rowOf(
      undefined,
      values ? bytesOf(words, littleEndian, WORDS, '0x') : bytesOf(words, inOrder, undefined, ''),
    );
  },
};

/** Reads a line of a form; `width` is that of the last command that was typed, in bytes. */
export function readLine(format: TextFormat, line: string, width: number | undefined): Row {
  if (/^\s*\*\s*$/.test(line)) return { kind: 'repeat' };
  return chat(line) ?? readers[format](line, width);
}

/** Whether a line says something in a form: what is detected is the form of the first line that has one. */
export function formatOf(line: string): TextFormat | undefined {
  if (chat(line) !== undefined) return undefined;
  if (gdbLine.test(line)) return 'gdb';
  if (crashLine.test(line)) return 'crash';
  if (xxdLine.test(line)) return littleEndianText(line) ? 'xxd-e' : 'xxd';
  if (devmemLine.test(line)) return 'devmem';
  const words = wordsOf(line, 0, line.length);
  const [first, second] = words;
  if (
    second !== undefined &&
    hexdumpLine.test(line) &&
    WORDS.includes(second.text.length) &&
    second.text.length !== first!.text.length
  )
    return 'hexdump';
  return words.length > 0 && words.every(({ text }) => /^(?:0x)?[0-9a-f]+$|^[{}\];[]+$/i.test(text))
    ? 'hex'
    : undefined;
}

/** Whether the text beside the words fits only if each is a value: that is what `xxd -e` prints. */
function littleEndianText(line: string): boolean {
  const match = xxdLine.exec(line)!;
  const start = line.length - match[2]!.length;
  const end = gutterAt(line, start);
  const text = line.slice(end).trimStart();
  const digits = wordsOf(line, start, end).map((word) => word.text);
  if (digits.some((word) => !/^[0-9a-f]+$/i.test(word) || word.length % 2 === 1)) return false;
  const shows = (bytes: readonly number[]) =>
    bytes.length === text.length &&
    bytes.every(
      (byte, index) => text[index] === (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'),
    );
  return !shows(digits.flatMap(inOrder)) && shows(digits.flatMap(littleEndian));
}
