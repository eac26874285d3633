import { Tokenizer, Type } from 'cborg';
import { limits } from './limits.js';

/** A value, and where it stands: bytes from the start of the token, half open. */
export type Node = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: Node; readonly value: Node }[] }
  | { readonly kind: 'tag'; readonly tag: bigint; readonly item: Node }
  | { readonly kind: 'other'; readonly what: string }
);

/** What is wrong with an encoding, and at which byte. */
export class CborProblem extends Error {
  override readonly name = 'CborProblem';
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads one value that takes up all of some bytes. Lengths have to be definite and as short as they can be, keys of a
 * map have to differ. Where each value stands is kept, which is why the library's tokens are put together here.
 *
 * @param base where the bytes stand in the token
 * @throws CborProblem
 */
export function readCbor(bytes: Uint8Array, base = 0): Node {
  const reader = new Reader(bytes, base);
  const node = reader.value(0);
  reader.finish();
  return node;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #tokens: Tokenizer;
  #values = 0;

  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#base = base;
    this.#tokens = new Tokenizer(bytes, { strict: true, allowIndefinite: false, retainStringBytes: true });
  }

  get #at(): number {
    return this.#base + this.#tokens.pos();
  }

  finish(): void {
    const left = this.#bytes.length - this.#tokens.pos();
    if (left > 0)
      throw new CborProblem(
        this.#at,
        `${bytesText(left)} ${left === 1 ? 'follows' : 'follow'} the end of the value`,
      );
  }

  value(depth: number): Node {
    const start = this.#at;
    if (depth > limits.depth)
      throw new CborProblem(start, `maps, arrays and tags are nested deeper than ${limits.depth} levels`);
    if (++this.#values > limits.values)
      throw new CborProblem(start, `the encoding has more than ${limits.values} values`);
    const { type, value, byteValue } = this.#token(start);
    const end = this.#at;
    switch (type) {
      case Type.uint:
      case Type.negint:
        return { kind: 'int', start, end, value: BigInt(value) };
      case Type.bytes:
        return { kind: 'bytes', start, end, bytes: value, at: end - value.length };
      case Type.string:
        return { kind: 'text', start, end, text: this.#text(byteValue ?? new Uint8Array(), start) };
      case Type.tag:
        return { kind: 'tag', start, tag: BigInt(value), item: this.value(depth + 1), end: this.#at };
      case Type.array: {
        const items: Node[] = [];
        this.#expect(value, 1, start, 'array');
        for (let i = 0; i < value; i++) items.push(this.value(depth + 1));
        return { kind: 'array', start, end: this.#at, items };
      }
      case Type.map: {
        this.#expect(value, 2, start, 'map');
        return { kind: 'map', start, entries: this.#entries(value, depth), end: this.#at };
      }
      default:
        return { kind: 'other', start, end, what: type.name };
    }
  }

  #entries(count: number, depth: number): readonly { readonly key: Node; readonly value: Node }[] {
    const entries: { readonly key: Node; readonly value: Node }[] = [];
    const seen = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      // The encoding of a key is the shortest one, so that equal keys have equal bytes.
      const text = this.#bytes.subarray(key.start - this.#base, key.end - this.#base).join();
      const earlier = seen.get(text);
      if (earlier !== undefined)
        throw new CborProblem(
          key.start,
          `the map has the key ${keyText(key)} already, at byte ${place(earlier)}`,
        );
      seen.set(text, key.start);
      entries.push({ key, value: this.value(depth + 1) });
    }
    return entries;
  }

  /** Each item takes a byte at least. */
  #expect(count: number, each: number, start: number, what: string): void {
    const left = this.#bytes.length - this.#tokens.pos();
    if (count * each > left)
      throw new CborProblem(
        start,
        `the ${what} says that it has ${count} ${each === 2 ? 'entries' : 'items'}; ${bytesText(left)} ${left === 1 ? 'is' : 'are'} left`,
      );
  }

  #token(start: number): ReturnType<Tokenizer['next']> {
    if (this.#tokens.done())
      throw new CborProblem(start, start === this.#base ? 'there is nothing' : 'the value ends too early');
    try {
      return this.#tokens.next();
    } catch (error) {
      throw new CborProblem(start, reasonOf(error));
    }
  }

  #text(bytes: Uint8Array, start: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new CborProblem(start, 'the text is not UTF-8');
    }
  }
}

/** What the library says, in the words of this tool where it has any. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message.replace(/^CBOR decode error: /, '') : String(error);
  if (/indefinite/.test(text)) return 'the length is indefinite';
  if (/more bytes than necessary/.test(text)) return 'a number takes up more bytes than it needs';
  if (/not enough data/.test(text)) return 'the value ends too early';
  return text;
}

export function bytesText(count: number): string {
  return `${count} byte${count === 1 ? '' : 's'}`;
}

/** An offset, as people look it up in a dump. */
export function place(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** A key of a map, short and without anything that a terminal could take for a command. */
export function keyText(key: Node): string {
  if (key.kind === 'int') return String(key.value);
  return key.kind === 'text' ? quoted(key.text.slice(0, 40)) : `of kind ${key.kind}`;
}

/** Text in quotes, with everything escaped that does not show. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
