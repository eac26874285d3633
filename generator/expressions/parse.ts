import type { Diagnostics, SourceFile, Span } from '../diagnostics/index.js';
import type { Text } from '../model/index.js';
import { parse } from './parser.js';
import type { OrderSyntax, Syntax } from './syntax.js';

/** Operators, brackets and calls of one condition. The longest of the document has about 260. */
const MAX_OPERATORS = 512;
const MAX_DEPTH = 32;

/**
 * For each character of a condition's text, where it stands in the file. YAML folds white space and adds quotes,
 * but changes nothing else that the language allows, so the nth visible character of the text is the nth visible
 * character of the scalar.
 */
const offsets = new WeakMap<Text, Int32Array>();

function offsetsOf(text: Text): Int32Array {
  let map = offsets.get(text);
  if (map === undefined) {
    const { file, start, end } = text.span;
    const source = file.text;
    let at = start;
    const first = source[at];
    if (first === '"' || first === "'") at++;
    else if (first === '>' || first === '|') at = Math.max(at, source.indexOf('\n', at));
    map = new Int32Array(text.text.length);
    for (let i = 0; i < map.length; i++) {
      if (text.text.charCodeAt(i) > 0x20) {
        while (at < end - 1 && source.charCodeAt(at) <= 0x20) at++;
        map[i] = Math.min(at++, end - 1);
      } else map[i] = Math.min(at, end - 1);
    }
    offsets.set(text, map);
  }
  return map;
}

/** The place of the part of a condition between two offsets of its text. */
export function placeIn(text: Text, start: number, end: number): Span {
  const map = offsetsOf(text);
  const { file, end: last } = text.span;
  const from = start < map.length ? map[start]! : Math.max(text.span.start, last - 1);
  const to = end > 0 && end <= map.length ? map[end - 1]! + 1 : from + 1;
  return { file, start: from, end: Math.max(from + 1, to) };
}

function tooLarge(text: string): boolean {
  let depth = 0;
  let operators = 0;
  let prefix = 0;
  for (const character of text) {
    if (character === '(' || character === '[') depth++;
    else if (character === ')' || character === ']') depth--;
    prefix =
      character === '!' || character === '-' || character === '^'
        ? prefix + 1
        : /\s/.test(character)
          ? prefix
          : 0;
    if ('([.!-^+*<>=&|'.includes(character)) operators++;
    if (depth > MAX_DEPTH || prefix > MAX_DEPTH || operators > MAX_OPERATORS) return true;
  }
  return false;
}

interface SyntaxProblem {
  readonly location: { readonly start: { readonly offset: number } };
  readonly found: string | null;
}

function isSyntaxProblem(error: unknown): error is SyntaxProblem {
  return error instanceof Error && error.name === 'SyntaxError' && 'location' in error;
}

/** What has been parsed, by its text: a file that is given again, because another was edited, is not parsed again. */
const parsed = new WeakMap<SourceFile, Map<string, unknown>>();

function run(text: Text, startRule: 'Start' | 'Order', diagnostics: Diagnostics): unknown {
  const { file } = text.span;
  const known = parsed.get(file) ?? new Map<string, unknown>();
  parsed.set(file, known);
  const key = `${startRule} ${text.text}`;
  const syntax = known.get(key) ?? parseText(text, startRule, diagnostics);
  if (syntax !== undefined) known.set(key, syntax);
  return syntax;
}

function parseText(text: Text, startRule: 'Start' | 'Order', diagnostics: Diagnostics): unknown {
  if (tooLarge(text.text)) {
    diagnostics.report('condition-size', text.span, { operators: MAX_OPERATORS, depth: MAX_DEPTH });
    return undefined;
  }
  try {
    return parse(text.text, { startRule });
  } catch (error) {
    if (!isSyntaxProblem(error)) throw error;
    const offset = error.location.start.offset;
    const found = error.found === null ? 'the end' : `\`${error.found}\``;
    const code = startRule === 'Order' ? 'order-syntax' : 'condition-syntax';
    const hint =
      error.found === '=' && !text.text.startsWith('==', offset)
        ? 'Equality is written ==.'
        : error.found === null && /[([]/.test(text.text)
          ? 'Is a bracket not closed?'
          : undefined;
    diagnostics.report(code, placeIn(text, offset, offset + 1), { found }, { hint });
    return undefined;
  }
}

/** Undefined when the text is no condition; the problem has then been reported. */
export function parseCondition(text: Text, diagnostics: Diagnostics): Syntax | undefined {
  return run(text, 'Start', diagnostics) as Syntax | undefined;
}

/** `[a, b] < [c]`: each failure on the left precedes each on the right (B1.6). */
export function parseOrder(text: Text, diagnostics: Diagnostics): OrderSyntax | undefined {
  return run(text, 'Order', diagnostics) as OrderSyntax | undefined;
}
