import { type BitRange, bitsOf } from '../../model/index.js';
import { mask } from './forms.js';
import { bigintLiteral, integer } from './text.js';

/**
 * Where the bits of a field lie, chosen here so that generated code need not: in one byte if they can, then in one
 * aligned halfword or word, as plain numbers. Only what straddles bit 32 takes two words, and only what is wider than
 * 32 bits a bigint.
 */
export type Place =
  | { readonly kind: 'word'; readonly bytes: 1 | 2 | 4; readonly offset: number; readonly shift: number }
  | { readonly kind: 'straddle' }
  | { readonly kind: 'wide' };

export function placeOf(range: BitRange, storage: number): Place {
  for (const bytes of [1, 2, 4] as const) {
    const bits = bytes * 8;
    if (bytes > storage || Math.floor(range.lsb / bits) !== Math.floor(range.msb / bits)) continue;
    const word = Math.floor(range.lsb / bits);
    return { kind: 'word', bytes, offset: word * bytes, shift: range.lsb % bits };
  }
  return bitsOf(range) > 32 ? { kind: 'wide' } : { kind: 'straddle' };
}

/** `base + 8`, or `base`. */
export function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${integer(offset)}`;
}

/** Bits of a word that is already a number; brackets when it is not a single term. */
export function extract(
  word: string,
  wordBits: number,
  shift: number,
  width: number,
  signed: boolean,
): string {
  if (signed) {
    const left = 32 - shift - width;
    const moved = left === 0 ? word : `(${word} << ${left})`;
    return width === 32 ? `${word} | 0` : `${moved} >> ${32 - width}`;
  }
  const shifted = shift === 0 ? word : `${word} >>> ${shift}`;
  if (shift + width === wordBits) return shifted;
  return `${shift === 0 ? shifted : `(${shifted})`} & ${mask(width)}`;
}

/** The expression that reads bits; `memory` and `base` are expressions for the value that they are part of. */
export function readBits(
  memory: string,
  base: string,
  range: BitRange,
  storage: number,
  signed: boolean,
): string {
  const place = placeOf(range, storage);
  const width = bitsOf(range);
  switch (place.kind) {
    case 'word': {
      const word = `${memory}.readU${place.bytes * 8}(${plus(base, place.offset)})`;
      return extract(word, place.bytes * 8, place.shift, width, signed);
    }
    case 'straddle': {
      const low = `(${memory}.readU32(${base}) >>> ${range.lsb})`;
      const high = `(${memory}.readU32(${base} + 4) << ${32 - range.lsb})`;
      if (signed) return `((${low} | ${high}) << ${32 - width}) >> ${32 - width}`;
      return width === 32 ? `(${low} | ${high}) >>> 0` : `(${low} | ${high}) & ${mask(width)}`;
    }
    case 'wide': {
      const all = `${memory}.readU64(${base})`;
      if (width === 64) return signed ? `BigInt.asIntN(64, ${all})` : all;
      const shifted = range.lsb === 0 ? all : `${all} >> ${bigintLiteral(BigInt(range.lsb))}`;
      return `BigInt.${signed ? 'asIntN' : 'asUintN'}(${width}, ${shifted})`;
    }
  }
}

/**
 * Statements that write bits and leave the others; `value` is an expression that fits. `memory` is an expression, and
 * the locals `at` and `memory` are free to be used.
 */
export function writeBits(
  memory: string,
  base: string,
  range: BitRange,
  storage: number,
  value: string,
  signed: boolean,
): readonly string[] {
  const place = placeOf(range, storage);
  const width = bitsOf(range);
  const ones = (1n << BigInt(width)) - 1n;
  const local = memory === 'memory' ? [] : [`const memory = ${memory};`];
  switch (place.kind) {
    case 'word': {
      const bits = place.bytes * 8;
      const from = plus(base, place.offset);
      if (width === bits) return [`${memory}.writeU${bits}(${from}, ${value});`];
      const field = integer(ones << BigInt(place.shift));
      const moved = place.shift === 0 ? value : `(${value} << ${place.shift})`;
      // A negative value has ones above its bits.
      const put = signed ? `(${moved} & ${field})` : moved;
      return [
        ...local,
        `const at = ${from};`,
        `memory.writeU${bits}(at, (memory.readU${bits}(at) & ~${field}) | ${put});`,
      ];
    }
    case 'straddle': {
      const field = ones << BigInt(range.lsb);
      const low = integer(field & 0xffff_ffffn);
      const high = integer(field >> 32n);
      return [
        ...local,
        `const at = ${base};`,
        `memory.writeU32(at, (memory.readU32(at) & ~${low}) | (${value} << ${range.lsb}));`,
        `const above = (${value} >>> ${32 - range.lsb}) & ${high};`,
        `memory.writeU32(at + 4, (memory.readU32(at + 4) & ~${high}) | above);`,
      ];
    }
    case 'wide': {
      if (width === 64) return [`${memory}.writeU64(${base}, ${value});`];
      const cut = signed ? `BigInt.asUintN(${width}, ${value})` : value;
      const put = range.lsb === 0 ? cut : `(${cut} << ${bigintLiteral(BigInt(range.lsb))})`;
      return [
        ...local,
        `const at = ${base};`,
        `const others = memory.readU64(at) & ~${bigintLiteral(ones << BigInt(range.lsb))};`,
        `memory.writeU64(at, others | ${put});`,
      ];
    }
  }
}
