/** A number as people paste it, at most 64 bits: decimal or hexadecimal, with a suffix of C. Undefined for anything else. */
export function numberIn(text: string): bigint | undefined {
  const match = /^(-?)((?:0x[0-9a-f_]{1,40})|(?:[0-9_]{1,40}))(?:ull|ul|u|ll|l)?$/i.exec(text.trim());
  const digits = match?.[2]?.replaceAll('_', '');
  if (match === null || digits === undefined || digits === '' || /^0x$/i.test(digits)) return undefined;
  const value = BigInt(digits);
  if (match[1] === '-') return value <= 1n << 63n ? BigInt.asUintN(64, -value) : undefined;
  return value < 1n << 64n ? value : undefined;
}
