import { type Accessor, type AccessorClass, wordsFor } from './accessor.js';
import type { Memory } from './memory.js';
import {
  isBytes,
  refuseBigint,
  refuseBytes,
  refuseIndex,
  refuseLabel,
  refuseLength,
  refuseNumber,
  refuseType,
} from './refuse.js';

/** An array member of a struct, for its accessor and for what is said when it is misused. */
export interface ArrayLayout {
  /** `RmiRecEnter.gprs`. */
  readonly name: string;
  readonly section: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  readonly length: number;
  /** Of one element. */
  readonly bits: number;
  readonly signed?: true;
  /** Of elements that have reserved encodings. */
  readonly labels?: { readonly is: (value: unknown) => boolean; readonly text: string };
}

function whole(layout: ArrayLayout): string {
  return `${layout.name} (byte 0x${layout.offset.toString(16)}, ${layout.length} x ${layout.bits} bits, ${layout.section})`;
}

function element(layout: ArrayLayout, index: number): string {
  const at = layout.offset + (index * layout.bits) / 8;
  return `${layout.name}[${index}] (byte 0x${at.toString(16)}, ${layout.bits} bits, ${layout.section})`;
}

function checkSource(source: unknown, layout: ArrayLayout): void {
  const length = typeof source === 'object' ? (source as { length?: unknown } | null)?.length : undefined;
  if (typeof length !== 'number') refuseType(source, whole(layout), 'an array');
  else if (length !== layout.length) refuseLength(length, whole(layout), layout.length);
}

/** An array of 64-bit integers, one after the other. */
export class BigintArray<T extends bigint = bigint> implements Iterable<T> {
  declare readonly length: number;
  declare private readonly memory: Memory;
  declare private readonly layout: ArrayLayout;
  declare private base: number;
  /** The words of the memory when the elements are words of it, unsigned and aligned. */
  declare private words: BigUint64Array | undefined;
  /** The first of the elements among them. */
  declare private first: number;

  constructor(memory: Memory, base: number, layout: ArrayLayout) {
    this.length = layout.length;
    this.memory = memory;
    this.layout = layout;
    this.base = base;
    this.words = layout.signed === true ? undefined : wordsFor(memory, base);
    this.first = base >>> 3;
  }

  /** @internal */
  $follow(base: number): void {
    this.base = base;
    this.words = this.layout.signed === true ? undefined : wordsFor(this.memory, base);
    this.first = base >>> 3;
  }

  /** @throws RangeError if there is no such element. */
  get(index: number): T {
    // Written as the condition of a loop over the array is, so that the two become one.
    if (index < this.length && index >>> 0 === index)
      return (this.words?.[this.first + index] ?? this.read(index)) as T;
    return refuseIndex(index, whole(this.layout), this.length);
  }

  private read(index: number): bigint {
    const value = this.memory.readU64(this.base + index * 8);
    return this.layout.signed === true ? BigInt.asIntN(64, value) : value;
  }

  /** @throws TypeError, RangeError if there is no such element or the value does not fit it. */
  set(index: number, value: T): void {
    if (index >>> 0 !== index || index >= this.length) refuseIndex(index, whole(this.layout), this.length);
    this.check(value, index);
    this.memory.writeU64(this.base + index * 8, value);
  }

  private check(value: T, index: number): void {
    const { labels, signed } = this.layout;
    const fits =
      typeof value === 'bigint' &&
      (labels !== undefined
        ? labels.is(value)
        : (signed === true ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value);
    if (fits) return;
    const where = element(this.layout, index);
    if (labels === undefined) refuseBigint(value, where, 64, signed);
    else refuseLabel(value, where, labels.text, 64, signed);
  }

  toArray(): T[] {
    const made: T[] = [];
    for (let index = 0; index < this.length; index++) made.push(this.get(index));
    return made;
  }

  /**
   * Writes every element. A `BigUint64Array` costs a fraction of what an array of bigints does, since each of its
   * elements is known to fit.
   *
   * @throws TypeError, RangeError if the length differs or a value does not fit; elements before it are written.
   */
  assign(source: ArrayLike<T>): void {
    const { words, first, length } = this;
    const direct = words !== undefined && words.length > 0 && this.layout.labels === undefined;
    if (direct && source instanceof BigUint64Array) {
      if (source.length !== length) refuseLength(source.length, whole(this.layout), length);
      words.set(source, first);
      return;
    }
    checkSource(source, this.layout);
    if (!direct) {
      for (let index = 0; index < length; index++) this.set(index, source[index]!);
      return;
    }
    for (let index = 0; index < length; index++) {
      const value = source[index]!;
      if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) this.check(value, index);
      words[first + index] = value;
    }
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }
}

/** An array of integers of 8, 16 or 32 bits, one after the other. */
export class NumberArray<T extends number = number> implements Iterable<T> {
  declare readonly length: number;
  declare private readonly memory: Memory;
  declare private readonly layout: ArrayLayout;
  declare private base: number;

  constructor(memory: Memory, base: number, layout: ArrayLayout) {
    this.length = layout.length;
    this.memory = memory;
    this.layout = layout;
    this.base = base;
  }

  /** @internal */
  $follow(base: number): void {
    this.base = base;
  }

  /** @throws RangeError if there is no such element. */
  get(index: number): T {
    if (index >>> 0 !== index || index >= this.length) refuseIndex(index, whole(this.layout), this.length);
    const { bits, signed } = this.layout;
    const at = this.base + (index * bits) / 8;
    const value =
      bits === 8 ? this.memory.readU8(at) : bits === 16 ? this.memory.readU16(at) : this.memory.readU32(at);
    return (signed === true ? (value << (32 - bits)) >> (32 - bits) : value) as T;
  }

  /** @throws TypeError, RangeError if there is no such element or the value does not fit it. */
  set(index: number, value: T): void {
    if (index >>> 0 !== index || index >= this.length) refuseIndex(index, whole(this.layout), this.length);
    const { bits, signed, labels } = this.layout;
    const fits =
      typeof value === 'number' &&
      (labels !== undefined
        ? labels.is(value)
        : (signed === true
            ? (value << (32 - bits)) >> (32 - bits)
            : bits === 32
              ? value >>> 0
              : value & (2 ** bits - 1)) === value);
    if (!fits) {
      const where = element(this.layout, index);
      if (labels === undefined) refuseNumber(value, where, bits, signed);
      else refuseLabel(value, where, labels.text, bits, signed);
    }
    const at = this.base + (index * bits) / 8;
    if (bits === 8) this.memory.writeU8(at, value);
    else if (bits === 16) this.memory.writeU16(at, value);
    else this.memory.writeU32(at, value);
  }

  toArray(): T[] {
    const made: T[] = [];
    for (let index = 0; index < this.length; index++) made.push(this.get(index));
    return made;
  }

  /**
   * Writes every element.
   *
   * @throws TypeError, RangeError if the length differs or a value does not fit; elements before it are written.
   */
  assign(source: ArrayLike<T>): void {
    checkSource(source, this.layout);
    for (let index = 0; index < this.length; index++) this.set(index, source[index]!);
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }
}

/** An array of values that are wider than 64 bits, such as measurements, as bytes. */
export class BytesArray implements Iterable<Uint8Array> {
  declare readonly length: number;
  declare private readonly memory: Memory;
  declare private readonly layout: ArrayLayout;
  declare private readonly bytes: number;
  declare private base: number;

  constructor(memory: Memory, base: number, layout: ArrayLayout) {
    this.length = layout.length;
    this.memory = memory;
    this.layout = layout;
    this.bytes = layout.bits / 8;
    this.base = base;
  }

  /** @internal */
  $follow(base: number): void {
    this.base = base;
  }

  /**
   * The bytes of an element themselves, not a copy; they stay where they are when the accessor moves.
   *
   * @throws RangeError if there is no such element.
   */
  view(index: number): Uint8Array {
    if (index >>> 0 !== index || index >= this.length) refuseIndex(index, whole(this.layout), this.length);
    return this.memory.bytes(this.base + index * this.bytes, this.bytes);
  }

  /**
   * A copy of an element.
   *
   * @throws RangeError if there is no such element.
   */
  get(index: number): Uint8Array {
    return this.view(index).slice();
  }

  /** @throws TypeError, RangeError if there is no such element or the length is not that of an element. */
  set(index: number, value: Uint8Array): void {
    const target = this.view(index);
    if (!isBytes(value) || value.length !== this.bytes)
      refuseBytes(value, element(this.layout, index), this.bytes);
    target.set(value);
  }

  toArray(): Uint8Array[] {
    return [...this];
  }

  /**
   * Writes every element.
   *
   * @throws TypeError, RangeError if the length of the array or of an element differs; elements before it are written.
   */
  assign(source: ArrayLike<Uint8Array>): void {
    checkSource(source, this.layout);
    for (let index = 0; index < this.length; index++) this.set(index, source[index]!);
  }

  *[Symbol.iterator](): IterableIterator<Uint8Array> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }
}

interface Aggregate extends Accessor {
  toObject(): unknown;
  assign(patch: never): unknown;
}

/** An array of structs or fieldsets, one after the other; each element is an accessor, made once. */
export class ViewArray<T extends Aggregate> implements Iterable<T> {
  declare readonly length: number;
  declare private readonly memory: Memory;
  declare private readonly layout: ArrayLayout;
  declare private readonly type: AccessorClass<T>;
  private readonly made: (T | undefined)[] = [];
  declare private base: number;

  constructor(memory: Memory, base: number, layout: ArrayLayout, type: AccessorClass<T>) {
    this.length = layout.length;
    this.memory = memory;
    this.layout = layout;
    this.type = type;
    this.base = base;
  }

  /** @internal */
  $follow(base: number): void {
    this.base = base;
    const { size } = this.type;
    for (const [index, made] of this.made.entries()) made?.$follow(base + index * size);
  }

  /** @throws RangeError if there is no such element. */
  get(index: number): T {
    const known = this.made[index];
    if (known !== undefined) return known;
    if (index >>> 0 !== index || index >= this.length) refuseIndex(index, whole(this.layout), this.length);
    const type = this.type;
    while (this.made.length < index) this.made.push(undefined);
    const made = new type(this.memory, this.base + index * type.size, true);
    this.made[index] = made;
    return made;
  }

  toArray(): ReturnType<T['toObject']>[] {
    const made: ReturnType<T['toObject']>[] = [];
    for (const one of this) made.push(one.toObject() as ReturnType<T['toObject']>);
    return made;
  }

  /**
   * Writes every element.
   *
   * @throws TypeError, RangeError if the length differs or a value does not fit; what comes before it is written.
   */
  assign(source: ArrayLike<Parameters<T['assign']>[0]>): void {
    checkSource(source, this.layout);
    for (let index = 0; index < this.length; index++) this.get(index).assign(source[index] as never);
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }
}
