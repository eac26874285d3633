import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  bytesIn,
  CoseEllipticCurve,
  isPoint,
  limits,
  openToken,
  type Paint,
  type PublicKey,
  publicKeyFrom,
  renderToken,
  testKey,
  tokenToJson,
} from '../tools/token/index.js';
import { colours, exit, Failure, type Io, reason, visible } from './io.js';

export interface TokenOptions {
  readonly key?: string;
  readonly seed?: string;
  readonly json?: boolean;
}

/** `rmigen token`: what an attestation token says, and whether it can be believed. */
export function token(name: string, options: TokenOptions, io: Io): number {
  const key =
    options.key !== undefined
      ? readKey(options.key, io)
      : options.seed === undefined
        ? undefined
        : testKey(seedOf(options.seed));
  const opened = openToken(readBytes(name, io), key);
  io.stdout.write(
    options.json === true ? `${JSON.stringify(tokenToJson(opened))}\n` : renderToken(opened, painter(io)),
  );
  return opened.ok ? exit.ok : exit.problems;
}

function painter(io: Io): Paint {
  const c = colours(io, io.stdout);
  return { title: c.bold, name: c.cyan, faint: c.dim, good: c.green, bad: c.red, mark: c.yellow };
}

function refuse(name: string, why: string, hint?: string): never {
  throw new Failure(`${visible(name)} cannot be read: ${why}`, hint, exit.usage);
}

/** The bytes that a file or, for `-`, standard input holds. */
function readBytes(name: string, io: Io): Uint8Array {
  const bytes = bytesIn(name === '-' ? readAll(0, name) : readFile(name, io));
  return bytes ?? refuse(name, 'it is hexadecimal text with half a byte at its end');
}

/** Reads a file of a reasonable size. */
function readFile(name: string, io: Io): Uint8Array {
  let handle: number | undefined;
  try {
    // Without blocking, or a named pipe would be waited for.
    handle = openSync(resolve(io.cwd, name), constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (!stat.isFile()) return refuse(name, stat.isDirectory() ? 'it is a folder' : 'it is a device or pipe');
    return readAll(handle, name);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return refuse(name, reason(error));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function readAll(handle: number, name: string): Uint8Array {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.alloc(64 * 1024);
    const read = readSync(handle, part, 0, part.length, null);
    if (read === 0) return new Uint8Array(Buffer.concat(parts));
    length += read;
    if (length > limits.fileSize) refuse(name, `it has more than ${limits.fileSize} bytes`);
    parts.push(part.subarray(0, read));
  }
}

function seedOf(text: string): bigint {
  if (/^(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
  throw new Failure(`${visible(text)} is no seed`, 'Give a number of 64 bits at most.', exit.usage);
}

const curves: Readonly<Record<string, CoseEllipticCurve>> = {
  'P-256': CoseEllipticCurve.COSE_P256,
  'P-384': CoseEllipticCurve.COSE_P384,
  'P-521': CoseEllipticCurve.COSE_P521,
};

/** A public key: PEM, DER, JWK, or a point with both coordinates, as bytes or hexadecimal text. */
function readKey(name: string, io: Io): PublicKey {
  const file = readFile(name, io);
  const key = publicKeyFrom(bytesIn(file) ?? file) ?? importKey(file);
  if (key !== undefined && isPoint(key)) return key;
  throw new Failure(
    `${visible(name)} holds no public key on P-256, P-384 or P-521`,
    'Give PEM, DER, JWK, or the 04... of an uncompressed point, in binary or hexadecimal.',
    exit.usage,
  );
}

function importKey(file: Uint8Array): PublicKey | undefined {
  const text = Buffer.from(file).toString('latin1');
  const bytes = Buffer.from(bytesIn(file) ?? file);
  try {
    const imported = text.trimStart().startsWith('{')
      ? createPublicKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : text.includes('-----BEGIN')
        ? createPublicKey(text)
        : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    const { crv, x, y } = imported.export({ format: 'jwk' });
    const curve = curves[crv ?? ''];
    if (curve === undefined || x === undefined || y === undefined) return undefined;
    const bytesOf = (value: string) => new Uint8Array(Buffer.from(value, 'base64url'));
    return { curve, x: bytesOf(x), y: bytesOf(y) };
  } catch {
    // Node says what it expected in the terms of its library; ours are in the message.
    return undefined;
  }
}
