import { join } from 'node:path';
import { SpecFolder } from '../../cli/spec-folder.js';
import { Diagnostics } from '../../generator/diagnostics/index.js';
import { emitTarget } from '../../generator/emit/targets/index.js';
import {
  type Code,
  compile,
  type Diagnostic,
  type Files,
  loadModel,
  renderDiagnostics,
  type SourceFile,
  type Specification,
} from '../../generator/index.js';
import { loadTargets } from '../../generator/load/index.js';
import { type Node, sourceOf } from '../../generator/load/node.js';
import { readPlain } from '../../generator/load/plain.js';
import { readAny, readYaml } from '../../generator/load/yaml.js';

/**
 * Copies of the real specification with one file damaged. Whatever the damage, the generator must say what is
 * wrong or build what is left: it must not throw, hang, or lose count of its places. Each mutant follows from
 * the seed and its number alone.
 */

/** What stands beside the versions is read with this one. */
const common = 'rmm-1.0-rel0';

/** The version that shows what becomes of a file. */
function versionOf(path: string): string {
  return /^(rmm-[^/]+)\//.exec(path)?.[1] ?? common;
}

/** Numbers that look random and follow from two others (mulberry32). */
class Draw {
  #state: number;

  constructor(seed: number, number: number) {
    this.#state = (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(number + 1, 0x85eb_ca6b)) >>> 0;
    for (let i = 0; i < 4; i++) this.below(2);
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A key and its value, by their places in the text. */
interface Entry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: Node;
  readonly inBraces: boolean;
}

interface Damage {
  readonly text: string;
  readonly draw: Draw;
  readonly folder: Folder;
}

/** The specification as it stands, and what mutants take from it. */
export class Folder {
  readonly files: Files;
  readonly paths: readonly string[];
  readonly #narrow = new Map<string, SourceFile>();
  readonly #models = new Map<string, Specification>();
  /** What is said anywhere under a key. */
  readonly #said = new Map<string, string[]>();

  constructor() {
    const folder = new SpecFolder(join(import.meta.dirname, '../../spec'), 'spec');
    this.files = { list: once((path) => folder.list(path)), read: once((path) => folder.read(path)) };
    const paths: string[] = [];
    const visit = (path: string): void => {
      for (const name of folder.list(path) ?? []) {
        const inner = path === '' ? name : `${path}/${name}`;
        if (name.endsWith('.yaml')) paths.push(inner);
        else visit(inner);
      }
    };
    visit('');
    this.paths = paths;
    for (const path of paths) {
      for (const { key, value } of entriesOf(this.text(path))) {
        if (value.kind !== 'scalar') continue;
        const said = this.#said.get(key) ?? [];
        said.push(sourceOf(value));
        this.#said.set(key, said);
      }
    }
  }

  /** What becomes of the targets beside a damaged one. They have no say in the model, which is read once. */
  emitted({ path }: SourceFile, files: Files): Read {
    const diagnostics = new Diagnostics();
    const [targets, own] = path.split('/');
    const beside: Files = { ...files, list: (folder) => (folder === targets ? [own!] : files.list(folder)) };
    for (const target of loadTargets(beside, diagnostics)) {
      const { version } = target.data;
      // That there is no such version is found when all is read.
      if (this.files.list(version) === undefined) continue;
      const model = this.#models.get(version) ?? loadModel(version, this.files).model;
      if (model === undefined) throw new Error(`${version} has errors`);
      this.#models.set(version, model);
      if (!diagnostics.failed) emitTarget(model, target, diagnostics);
    }
    return { diagnostics: diagnostics.sorted(), valid: !diagnostics.failed };
  }

  text(path: string): string {
    return this.files.read(path)!.text;
  }

  /** Something that the specification says under a key. */
  saidOf(key: string, draw: Draw): string {
    return draw.pick(this.#said.get(key) ?? odd);
  }

  /** A spec.yaml without the commands of the RMI and the RSI but for those of one file. */
  #narrowed(path: string, own: string | undefined): SourceFile {
    const text = this.text(path);
    // What a version replaces in another's commands has to be there, and so has some command.
    if (/^replaces:/m.test(text)) return this.files.read(path)!;
    const left = own ?? (text.includes('- psci/commands') ? undefined : 'rmi/commands/rmi_version.yaml');
    const key = `${path} ${left}`;
    const known = this.#narrow.get(key);
    if (known !== undefined) return known;
    const commands = left === undefined ? '' : `    - ${left}\n`;
    const spec = { path, text: text.replace(/(?: {4}- r[ms]i\/commands\n)+/, commands) };
    this.#narrow.set(key, spec);
    return spec;
  }

  /** The folder with another text in one place; when `narrow`, without the commands of other files. */
  with(file: SourceFile, narrow: boolean): Files {
    const replaced = new Map([[file.path, file]]);
    const path = `${versionOf(file.path)}/spec.yaml`;
    if (narrow && file.path !== path) {
      const own = /^[^/]+\/(r[ms]i\/commands\/.*)/.exec(file.path)?.[1];
      replaced.set(path, this.#narrowed(path, own));
    }
    return { ...this.files, read: (one) => replaced.get(one) ?? this.files.read(one) };
  }
}

/** A function of a path that is asked once for each: the disk is slower than what is tried here. */
function once<T>(ask: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    if (!known.has(path)) known.set(path, ask(path));
    return known.get(path) as T;
  };
}

function entriesOf(text: string): readonly Entry[] {
  const root = readYaml({ path: 'x.yaml', text }, new Diagnostics());
  const found: Entry[] = [];
  const visit = (node: Node): void => {
    if (node.kind === 'list') for (const item of node.items) visit(item);
    if (node.kind !== 'map') return;
    const inBraces = text[node.span.start] === '{';
    for (const [key, { key: at, value }] of node.entries) {
      found.push({ key, keyStart: at.start, keyEnd: at.end, value, inBraces });
      visit(value);
    }
  };
  if (root !== undefined) visit(root);
  return found;
}

/** Values that a careless or a hostile hand may write. */
const odd: readonly string[] = [
  ...['null', '~', '', 'yes', 'no', 'true', '.inf', '-.inf', '.nan', '1.5', '1e9', '0o17', '010', '-0', '0x'],
  ...['0', '1', '-1', '63', '64', '65', '255', '256', '4096', '0xffffffff', '0xffffffffffffffff', '1e400'],
  ...['18446744073709551616', '-9223372036854775809', '99999999999999999999999999999999', '7:0', '"7:0"'],
  ...['"0:7"', '"64:0"', '"9999:0"', '"-1"', '63:0', '2001-12-14', '[]', '{}', '[1, 2]', '{ a: b }', '- a'],
  ...[
    '*a',
    '&a b',
    '!!js/function x',
    '!!binary AA==',
    '<<',
    '? a',
    '| a',
    '> a',
    '@a',
    '`a`',
    '%a',
    '"\\u0000"',
  ],
  ...[
    '"*/"',
    '"/*"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for one
    '"${a}"',
    '"??/"',
    '"\\\\"',
    "'it''s'",
    '"\\x1b[2J"',
    '\u202e',
    '\ud83d\ude00',
    'caf\u00e9',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'class', 'int', 'self', '../../etc/passwd'],
  ...['Bits64', 'UInt8', 'UInt512', 'Bits513', 'Int0', 'Address', 'Address[16]', 'integer', 'RmiRecRun'],
  ...['X0', 'X17', 'SBZ', 'RES1', 'reserved', 'struct', 'alias', 'abstract', '"[a, b] < [a]"', '"a && (b"'],
];

const marks =
  '{}[],:#&*!|>\'"%@`-?<>~\\ \t\n\r=().+/$;^_0aZ\0\u001b\u007f\u0085\u00a0\u2028\ufeff\ufffd\ud800';

/** Swaps, drops, repeats or replaces lines, characters and words, whatever they mean. */
const inText: readonly (({ text, draw, folder }: Damage) => string)[] = [
  ({ text, draw }) => onLines(text, (lines) => lines.toSpliced(draw.below(lines.length), 1)),
  ({ text, draw }) => onLines(text, (lines) => lines.toSpliced(draw.below(lines.length), 1 + draw.below(8))),
  ({ text, draw }) =>
    onLines(text, (lines) => lines.toSpliced(draw.below(lines.length + 1), 0, draw.pick(lines))),
  ({ text, draw }) =>
    onLines(text, (lines) => {
      const from = draw.below(lines.length);
      const to = draw.below(lines.length);
      return lines.with(from, lines[to]!).with(to, lines[from]!);
    }),
  ({ text, draw }) =>
    onLines(text, (lines) => {
      const at = draw.below(lines.length);
      const line = lines[at]!;
      const spaces = ' '.repeat(1 + draw.below(4));
      return lines.with(at, draw.below(2) === 0 ? spaces + line : line.replace(/^ {1,4}/, ''));
    }),
  ({ text, draw }) =>
    onLines(text, (lines) => {
      const at = draw.below(lines.length);
      return lines.toSpliced(at, 2, `${lines[at]} ${(lines[at + 1] ?? '').trimStart()}`);
    }),
  ({ text, draw }) => splice(text, draw.below(text.length), 1 + draw.below(3), ''),
  ({ text, draw }) => splice(text, draw.below(text.length + 1), 0, draw.pick([...marks])),
  ({ text, draw }) => splice(text, draw.below(text.length), 1, draw.pick([...marks])),
  ({ text, draw }) => splice(text, draw.below(text.length), 0, String.fromCharCode(draw.below(0x1_0000))),
  ({ text, draw }) => splice(text, draw.below(text.length), 0, draw.pick(odd)),
  ({ text, draw, folder }) => {
    const other = folder.text(draw.pick(folder.paths));
    return splice(text, draw.below(text.length), draw.below(40), other.substr(draw.below(other.length), 40));
  },
  ({ text, draw }) => text.slice(0, draw.below(text.length)),
  ({ text, draw }) => onWords(text, draw, /\b(?:0x[0-9A-Fa-f]+|[0-9]+)\b/g, (word) => nearNumber(word, draw)),
  ({ text, draw }) => onWords(text, draw, /\b[A-Za-z]\w*\b/g, (_, words) => draw.pick(words)),
  ({ text, draw }) => onWords(text, draw, /\b[A-Za-z]\w*\b/g, (word) => misspelt(word, draw)),
  ({ text, draw }) => onWords(text, draw, /["']/g, () => draw.pick(['', '"', "'", '""', '\\"'])),
  ({ text, draw }) =>
    onWords(text, draw, /[{}[\]:,]/g, () => draw.pick(['', '{', '}', '[', ']', ':', ',', ': '])),
  ({ text, draw }) => {
    const head = draw.pick([
      '---\n',
      '%YAML 1.1\n---\n',
      '\ufeff',
      '...\n',
      '- ',
      '? ',
      '&a\n',
      '!!map\n',
      '\t',
    ]);
    return draw.below(2) === 0 ? head + text : text + head;
  },
  ({ text }) => text.replaceAll('\n', '\r\n'),
];

/** Drops, renames, moves and replaces what the file says, so that it stays YAML and becomes another statement. */
const inTree: readonly ((entries: readonly Entry[], damage: Damage) => string)[] = [
  (entries, { text, draw }) => without(text, draw.pick(entries)),
  (entries, { text, draw }) => {
    const { keyStart, keyEnd } = draw.pick(entries);
    return splice(text, keyStart, keyEnd - keyStart, draw.pick(entries).key);
  },
  (entries, { text, draw }) => {
    const { key, keyStart, keyEnd } = draw.pick(entries);
    return splice(text, keyStart, keyEnd - keyStart, misspelt(key, draw));
  },
  (entries, { text, draw }) => replaced(text, scalar(entries, draw), draw.pick(odd)),
  (entries, { text, draw, folder }) => {
    const entry = scalar(entries, draw);
    return replaced(text, entry, folder.saidOf(entry.key, draw));
  },
  (entries, { text, draw }) => {
    const { value } = scalar(entries, draw);
    return replaced(text, scalar(entries, draw), text.slice(value.span.start, value.span.end));
  },
  (entries, { text, draw }) => {
    const one = scalar(entries, draw);
    const alike = entries.filter((entry) => entry.key === one.key && entry.value.kind === 'scalar');
    return swapped(text, one, draw.pick(alike));
  },
  (entries, { text, draw }) => swapped(text, draw.pick(entries), draw.pick(entries)),
  (entries, { text, draw }) => {
    const numbers = entries.filter(({ value }) => value.kind === 'scalar' && typeof value.value === 'bigint');
    if (numbers.length === 0) return text;
    const entry = draw.pick(numbers);
    return replaced(text, entry, nearNumber(text.slice(entry.value.span.start, entry.value.span.end), draw));
  },
  (entries, { text, draw }) => {
    const bits = entries.filter(({ key }) => key === 'bits');
    if (bits.length === 0) return text;
    const [msb, lsb] = [draw.below(70), draw.below(66)];
    return replaced(text, draw.pick(bits), draw.pick([`"${msb}:${lsb}"`, `"${msb}"`, `"${lsb}:${lsb}"`]));
  },
  (entries, { text, draw }) => {
    const { keyStart, value } = draw.pick(entries);
    const line = text.lastIndexOf('\n', keyStart) + 1;
    const end = text.indexOf('\n', value.span.end);
    return splice(text, line, 0, text.slice(line, end === -1 ? text.length : end + 1));
  },
  (entries, { text, draw }) => {
    const conditions = entries.filter(
      ({ value }) => value.kind === 'scalar' && /\w\(|==|<|&&/.test(sourceOf(value)),
    );
    if (conditions.length === 0) return text;
    const entry = draw.pick(conditions);
    const source = text.slice(entry.value.span.start, entry.value.span.end);
    const tokens = source.split(/(\w+|[=!<>]=|&&|\|\||[^\w\s])/).filter((token) => token !== '');
    const at = draw.below(tokens.length);
    const other = draw.pick([
      ...tokens,
      '==',
      '!=',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '[0]',
      '[1:0]',
      '.',
      '^',
      '-',
    ]);
    return replaced(text, entry, tokens.with(at, draw.pick([other, '', tokens[at]! + tokens[at]])).join(''));
  },
];

function onLines(text: string, change: (lines: string[]) => string[]): string {
  return change(text.split('\n')).join('\n');
}

function splice(text: string, at: number, length: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + length);
}

function onWords(
  text: string,
  draw: Draw,
  pattern: RegExp,
  change: (word: string, words: readonly string[]) => string,
): string {
  const words = [...text.matchAll(pattern)];
  if (words.length === 0) return text;
  const { 0: word, index } = draw.pick(words);
  return splice(
    text,
    index,
    word.length,
    change(
      word,
      words.map(([one]) => one),
    ),
  );
}

function nearNumber(word: string, draw: Draw): string {
  if (!/^-?(?:0x[0-9A-Fa-f]+|[0-9]+)$/.test(word)) return word;
  const value = word.startsWith('-') ? -BigInt(word.slice(1)) : BigInt(word);
  const near = draw.pick([
    value + 1n,
    value - 1n,
    value * 2n,
    value / 2n,
    -value,
    value + 8n,
    value << 40n,
    0n,
  ]);
  return draw.below(3) === 0 && near >= 0n ? `0x${near.toString(16)}` : String(near);
}

function misspelt(word: string, draw: Draw): string {
  const at = draw.below(word.length);
  return draw.pick([
    splice(word, at, 1, ''),
    splice(word, at, 0, word[at] ?? ''),
    word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2),
    word.toLowerCase(),
    word.toUpperCase(),
    `${word}_`,
  ]);
}

function scalar(entries: readonly Entry[], draw: Draw): Entry {
  return draw.pick(entries.filter(({ value }) => value.kind === 'scalar'));
}

function replaced(text: string, { value }: Entry, put: string): string {
  return splice(text, value.span.start, value.span.end - value.span.start, put);
}

function swapped(text: string, one: Entry, other: Entry): string {
  const [a, b] =
    one.value.span.start < other.value.span.start
      ? [one.value.span, other.value.span]
      : [other.value.span, one.value.span];
  if (a.end > b.start) return text;
  const between = text.slice(a.end, b.start);
  return (
    text.slice(0, a.start) +
    text.slice(b.start, b.end) +
    between +
    text.slice(a.start, a.end) +
    text.slice(b.end)
  );
}

function without(text: string, { keyStart, value, inBraces }: Entry): string {
  if (inBraces)
    return splice(text, keyStart, value.span.end - keyStart, '').replace(/, *,|\{ *,/, (comma) =>
      comma.at(0) === '{' ? '{' : ',',
    );
  const start = text.lastIndexOf('\n', keyStart) + 1;
  const end = text.indexOf('\n', value.span.end);
  return text.slice(0, start) + (end === -1 ? '' : text.slice(end + 1));
}

/** The mutant of a number: a file of the folder, damaged in one to three ways. */
export function mutant(folder: Folder, seed: number, number: number): SourceFile {
  const draw = new Draw(seed, number);
  const path = draw.pick(folder.paths);
  let text = folder.text(path);
  for (let step = 1 + draw.below(3); step > 0; step--) {
    const entries = draw.below(2) === 0 ? entriesOf(text) : [];
    const damage = { text, draw, folder };
    text = entries.some(({ value }) => value.kind === 'scalar')
      ? draw.pick(inTree)(entries, damage)
      : draw.pick(inText)(damage);
    if (text === '') text = '\n';
  }
  return { path, text };
}

export interface Outcome {
  readonly file: SourceFile;
  /** Of what is wrong; empty when the specification is still valid. */
  readonly codes: readonly Code[];
}

/**
 * `narrow` leaves out what the damage cannot reach, for speed; `thorough` reads twice, the second time as if
 * nothing had been read before, and makes every output of a specification that is still valid.
 */
export type How = 'narrow' | 'whole' | 'thorough';

/**
 * Reads the specification with the damaged file.
 *
 * @throws When it is neither built nor refused with diagnostics that are in order.
 */
export async function examine(folder: Folder, file: SourceFile, how: How): Promise<Outcome> {
  const files = folder.with(file, how === 'narrow');
  const isTarget = file.path.startsWith('targets/');
  const { diagnostics, valid } = isTarget ? folder.emitted(file, files) : loaded(file, files);
  inOrder(diagnostics, valid);
  readAlike(file);
  if (how === 'thorough') {
    // What is remembered of files that have not changed must not show.
    const fresh: Files = { ...files, read: (path) => copy(files.read(path)) };
    const again = isTarget ? diagnostics : loaded(file, fresh).diagnostics;
    if (renderDiagnostics(again) !== renderDiagnostics(diagnostics))
      throw new Error('another text the second time');
    if (valid) inOrder((await compile(files)).diagnostics, undefined);
  }
  return { file, codes: diagnostics.map((one) => one.code) };
}

interface Read {
  readonly diagnostics: readonly Diagnostic[];
  readonly valid: boolean;
}

function loaded({ path }: SourceFile, files: Files): Read {
  const { model, diagnostics } = loadModel(versionOf(path), files);
  return { diagnostics, valid: model !== undefined };
}

function copy(file: SourceFile | undefined): SourceFile | undefined {
  return file === undefined ? undefined : { ...file };
}

function inOrder(diagnostics: readonly Diagnostic[], valid: boolean | undefined): void {
  if (valid !== undefined && valid === diagnostics.some((one) => one.severity === 'error'))
    throw new Error(valid ? 'built, and an error' : 'not built, and no error');
  for (const one of diagnostics) {
    for (const { span } of [one, ...one.related])
      if (!(span.start >= 0 && span.start <= span.end && span.end <= span.file.text.length + 1))
        throw new Error(`${one.code} is at ${span.start} to ${span.end} of ${span.file.text.length}`);
    if (/undefined|NaN|\[object/.test(one.message)) throw new Error(`${one.code} says: ${one.message}`);
  }
  const text = renderDiagnostics(diagnostics);
  if (/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) throw new Error('a control character is shown');
}

/** The quick reader and the YAML library must find the same in a file that both accept. */
function readAlike(file: SourceFile): void {
  const quick = readPlain(file);
  if (quick === undefined) return;
  const diagnostics = new Diagnostics();
  const other = readAny(file, diagnostics);
  if (other === undefined || JSON.stringify(plain(quick)) !== JSON.stringify(plain(other)))
    throw new Error(`read differently: ${renderDiagnostics(diagnostics.sorted())}`);
}

/** A node without its file, numbers marked. */
function plain(node: Node): unknown {
  const place = [node.span.start, node.span.end];
  if (node.kind === 'list') return { place, items: node.items.map(plain) };
  if (node.kind === 'map')
    return {
      place,
      entries: [...node.entries].map(([key, { key: at, value }]) => [key, at.start, at.end, plain(value)]),
    };
  return { place, plain: node.plain, type: typeof node.value, value: String(node.value) };
}
