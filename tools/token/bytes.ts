/** Bytes that separate hexadecimal digits where people write them: white space, `:`, `,` and `0x` or `\\x` before. */
const separators = /[\s:,]+|0x|\\x/gi;

/** Half of the digits at least: a binary file does not look like that by accident. */
const LEAST = 8;

/**
 * The bytes of a file, which holds them as they are or as hexadecimal text.
 *
 * @returns undefined for hexadecimal text with half a byte at its end
 */
export function bytesIn(file: Uint8Array): Uint8Array | undefined {
  for (const byte of file.subarray(0, 4096)) if (byte >= 0x80 || (byte < 0x20 && !isSpace(byte))) return file;
  const digits = new TextDecoder('latin1').decode(file).replace(separators, '');
  if (digits.length < LEAST || !/^[0-9a-f]*$/i.test(digits)) return file;
  if (digits.length % 2 === 1) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
