import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, Parser } from 'yaml';
import { type Diagnostics, fileSpan, type SourceFile, type Span } from '../diagnostics/index.js';
import { limits } from './limits.js';

/** A YAML value with its place. Plain maps, lists and scalars are all that the language has. */
export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, { readonly key: Span; readonly value: Node }>;
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | bigint | number | boolean | null;
  /** Whether the text stands without quotes. */
  readonly plain: boolean;
}

/** The node at a path of keys and indices, or the nearest one above it. */
export function nodeAt(root: Node, path: readonly PropertyKey[]): Node {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === 'map'
        ? node.entries.get(String(step))?.value
        : node.kind === 'list'
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** Where the key of the last step of a path stands; the value's place if it is no map entry. */
export function keyAt(root: Node, path: readonly PropertyKey[]): Span {
  const last = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  if (last !== undefined && parent.kind === 'map') {
    const found = parent.entries.get(String(last));
    if (found !== undefined) return found.key;
  }
  return nodeAt(root, path).span;
}

/** The node as plain data for the schema. Integers are bigint. */
export function plainData(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainData);
  const data: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) data[key] = plainData(entry.value);
  return data;
}

interface Token {
  readonly type: string;
  readonly offset?: number;
  readonly items?: readonly { readonly key?: Token | null; readonly value?: Token; readonly sep?: unknown }[];
  readonly value?: Token;
  readonly source?: string;
}

/**
 * Depth and length are measured on the token tree, without recursion, before anything sees it that recurses
 * or turns digits into numbers.
 */
function overLimit(document: Token): { token: Token; what: 'depth' | 'length' } | undefined {
  const pending: { token: Token; depth: number }[] = [{ token: document, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > limits.depth) return { token, what: 'depth' };
    if ((token.source?.length ?? 0) > limits.scalarLength && token.type !== 'comment')
      return { token, what: 'length' };
    if (token.type === 'document' && token.value) pending.push({ token: token.value, depth });
    for (const item of token.items ?? []) {
      if (item.key) pending.push({ token: item.key, depth: depth + 1 });
      if (item.value) pending.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Reads one file. Undefined when it is no readable YAML; what is wrong has then been reported. */
export function readYaml(file: SourceFile, diagnostics: Diagnostics): Node | undefined {
  const text = file.text;
  if (text.length > limits.fileSize) {
    diagnostics.report('file-too-large', fileSpan(file), { size: text.length, limit: limits.fileSize });
    return undefined;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffd]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0);
    const detail =
      code === 0xfffd ? 'invalid bytes' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    diagnostics.report('file-encoding', { file, start: control.index, end: control.index + 1 }, { detail });
    return undefined;
  }

  const at = (start: number, end = start + 1): Span => ({
    file,
    start: Math.min(start, text.length),
    end: Math.min(end, text.length),
  });
  const counter = new LineCounter();
  const tokens = [...new Parser(counter.addNewLine).parse(text)];
  for (const token of tokens) {
    if (token.type === 'directive') {
      diagnostics.report('yaml-directive', at(token.offset, token.offset + token.source.length), {});
      return undefined;
    }
    const over = overLimit(token as Token);
    if (over !== undefined) {
      const place = at(over.token.offset ?? 0);
      if (over.what === 'depth') diagnostics.report('yaml-depth', place, { limit: limits.depth });
      else
        diagnostics.report('text-too-long', place, {
          length: over.token.source!.length,
          limit: limits.scalarLength,
        });
      return undefined;
    }
  }

  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    intAsBigInt: true,
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, false, text.length)];
  const [document, second] = documents;
  if (document === undefined || document.contents === null) {
    // An empty scalar composes to a null node; nothing at all to a null document.
    if (document !== undefined && document.errors.length > 0) {
      const error = document.errors[0]!;
      diagnostics.report('yaml-syntax', at(error.pos[0], error.pos[1]), { detail: firstLine(error.message) });
    } else diagnostics.report('yaml-empty', fileSpan(file), {});
    return undefined;
  }
  let sound = true;
  for (const error of [...document.errors, ...document.warnings]) {
    diagnostics.report('yaml-syntax', at(error.pos[0], error.pos[1]), { detail: firstLine(error.message) });
    sound = false;
  }
  if (second !== undefined) {
    diagnostics.report('yaml-documents', at(second.range[0]), {});
    sound = false;
  }
  if (!sound) return undefined;

  const convert = (node: ParsedNode | null, fallback: Span): Node => {
    if (node === null) return { kind: 'scalar', span: fallback, value: null, plain: true };
    const span = at(node.range[0], Math.max(node.range[1], node.range[0] + 1));
    if (isAlias(node)) {
      diagnostics.report('yaml-alias', span, { what: 'aliases' });
      return { kind: 'scalar', span, value: null, plain: true };
    }
    if (node.anchor !== undefined) {
      diagnostics.report('yaml-alias', span, { what: 'anchors' });
    }
    if (node.tag !== undefined) diagnostics.report('yaml-tag', span, { tag: node.tag });
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const entries = new Map<string, { key: Span; value: Node }>();
      for (const pair of node.items) {
        const keyNode = pair.key;
        const keySpan = at(keyNode.range[0], keyNode.range[1]);
        if (
          !isScalar(keyNode) ||
          keyNode.value === null ||
          (typeof keyNode.value === 'string' && keyNode.value === '__proto__')
        ) {
          diagnostics.report('yaml-key', keySpan, {});
          continue;
        }
        if (keyNode.anchor !== undefined) diagnostics.report('yaml-alias', keySpan, { what: 'anchors' });
        const key = String(keyNode.source ?? keyNode.value);
        const earlier = entries.get(key);
        if (earlier !== undefined) {
          diagnostics.report(
            'yaml-duplicate-key',
            keySpan,
            { key },
            { related: [{ span: earlier.key, message: 'first given here' }] },
          );
          continue;
        }
        entries.set(key, { key: keySpan, value: convert(pair.value as ParsedNode | null, keySpan) });
      }
      return { kind: 'map', span, entries };
    }
    if (isSeq<ParsedNode>(node))
      return { kind: 'list', span, items: node.items.map((item) => convert(item, span)) };
    const scalar = node as Extract<ParsedNode, { value: unknown }>;
    const value = scalar.value as string | bigint | number | boolean | null;
    return { kind: 'scalar', span, value, plain: scalar.type === 'PLAIN' };
  };
  return convert(document.contents as ParsedNode, fileSpan(file));
}

function firstLine(message: string): string {
  const line = message
    .split('\n', 1)[0]!
    .replace(/:?\s*$/, '')
    .replace(/ at line \d+, column \d+$/, '');
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}
