import type { SourceFile, Span } from '../diagnostics/index.js';

/** A YAML value with its place. Plain maps, lists and scalars are all that the language has. */
export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly key: KeySpan;
  readonly value: Node;
}

/** The place of a key. Whoever has it can find the places inside its value. */
class KeySpan implements Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  /** No property: a model that is kept in a file is three times the size with all that was read for it. */
  readonly #names: Node;

  constructor({ file, start, end }: Span, names: Node) {
    this.file = file;
    this.start = start;
    this.end = end;
    this.#names = names;
  }

  get names(): Node {
    return this.#names;
  }
}

export function entryOf(key: Span, value: Node): Entry {
  return { key: new KeySpan(key, value), value };
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  /** Undefined when it is nothing that the language has; that has been reported. */
  readonly value: string | bigint | number | boolean | null | undefined;
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

/** A scalar as it stands in the file, quotes and all. */
export function sourceOf(node: ScalarNode): string {
  return node.span.file.text.slice(node.span.start, node.span.end);
}

/** The node as plain data for the schema. Integers are bigint. */
export function plainData(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainData);
  const data: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) data[key] = plainData(entry.value);
  return data;
}

/** Integers as the language writes them. */
export const plainInteger = /^(?:-?(?:0|[1-9][0-9]*)|0x[0-9A-Fa-f]+)$/;
