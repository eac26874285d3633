import { GRANULE } from '../../runtime/machine/memory.js';
import { partsOf } from './memory.js';

/** Where the contents of some memory come from, if not from whoever wrote to it last. */
export interface Source {
  /** What was put there: a member of a structure, the contents of a Granule. */
  readonly what: string;
  readonly occasion: string;
  readonly section: string;
  /** Why the document does not say what it is, or why that is not known here. */
  readonly open: string | undefined;
}

/** For every byte whose contents the RMM has determined: by which rule. Addresses and sizes are in bytes. */
export class Contents {
  readonly #sources: Source[] = [];
  readonly #numbers = new Map<string, number>();
  /** Numbers of sources, from 1 on: one for the whole Granule, or one a byte; 0 where somebody else has written. */
  readonly #pages = new Map<number, Uint16Array | number>();

  #number(source: Source): number {
    const key = [source.what, source.occasion, source.section, source.open].join('|');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      this.#sources.push(source);
      number = this.#sources.length;
      this.#numbers.set(key, number);
    }
    return number;
  }

  #bytes(granule: number): Uint16Array {
    const page = this.#pages.get(granule) ?? 0;
    if (typeof page !== 'number') return page;
    const bytes = new Uint16Array(GRANULE).fill(page);
    this.#pages.set(granule, bytes);
    return bytes;
  }

  /** The RMM has determined the contents. */
  set(address: number, size: number, source: Source): void {
    const number = this.#number(source);
    for (const { granule, from, to } of partsOf(address, size))
      if (to - from === GRANULE) this.#pages.set(granule, number);
      else this.#bytes(granule).fill(number, from, to);
  }

  /** Somebody else has written. */
  clear(address: number, size: number): void {
    for (const { granule, from, to } of partsOf(address, size, this.#pages))
      if (to - from === GRANULE) this.#pages.delete(granule);
      else this.#bytes(granule).fill(0, from, to);
  }

  /** A Granule was copied; what was open stays so. */
  copy(from: number, to: number, source: Source): void {
    this.set(to, GRANULE, source);
    const original = this.#pages.get(from);
    if (original === undefined) return;
    const isOpen = (number: number): boolean => this.#sources[number - 1]?.open !== undefined;
    if (typeof original === 'number') {
      if (isOpen(original)) this.#pages.set(to, original);
      return;
    }
    if (!original.some(isOpen)) return;
    const copy = this.#bytes(to);
    for (const [i, number] of original.entries()) if (isOpen(number)) copy[i] = number;
  }

  /** Where a byte comes from; undefined when somebody else has written it, or nobody has. */
  at(address: number): Source | undefined {
    const granule = address - (address % GRANULE);
    const page = this.#pages.get(granule) ?? 0;
    return this.#sources[(typeof page === 'number' ? page : page[address - granule]!) - 1];
  }
}
