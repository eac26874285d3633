/*
 * What a Realm keeps to itself is marked, in both halves of a doubleword, so that each 32 bits of it are known again
 * wherever they turn up. What it tells the Host on purpose is marked otherwise.
 */
const SECRET = 0x5ec4_e700;
const TOLD = 0x701d_e700;

/** Bytes of the upper 24 bits of either half of a secret, little-endian. */
const needle = Uint8Array.of(0xe7, 0xc4, 0x5e);
const written = /5ec4e7[0-9a-f]{2}/;

let count = 0;

/** Starts over, so that runs are alike that begin alike. */
export function startOver(): void {
  count = 0;
}

/** The next mark of a kind; 65536 of them differ. */
function next(kind: number): bigint {
  count = (count + 1) & 0xffff;
  return (BigInt(kind + (count >> 8)) << 32n) | BigInt(kind + (count & 0xff));
}

/** A doubleword that is never to be seen outside of the Realm. */
export const secret = (): bigint => next(SECRET);

/** A doubleword that the Realm tells the Host. */
export const told = (): bigint => next(TOLD);

/** Where the word is that is half of a secret; -1 if there is none. */
export function secretIn(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(needle);
  return at < 0 ? at : at - 1;
}

/** A secret, or half of one, that is written out in hexadecimal. */
export function secretWritten(text: string): string | undefined {
  return written.exec(text)?.[0];
}
