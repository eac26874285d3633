import { createPublicKey, type JsonWebKey } from 'node:crypto';
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
import { readFileOrInput, readInput } from './input.js';
import { colours, exit, Failure, type Io, visible } from './io.js';

export interface TokenOptions {
  readonly key?: string;
  readonly seed?: string;
  readonly json?: boolean;
}

/** `rmigen token`: what an attestation token says, and whether it can be believed. */
export async function token(name: string, options: TokenOptions, io: Io): Promise<number> {
  const key =
    options.key !== undefined
      ? readKey(options.key, io)
      : options.seed === undefined
        ? undefined
        : testKey(seedOf(options.seed));
  const opened = openToken(await readBytes(name, io), key);
  io.stdout.write(
    options.json === true ? `${JSON.stringify(tokenToJson(opened))}\n` : renderToken(opened, painter(io)),
  );
  return opened.ok ? exit.ok : exit.problems;
}

function painter(io: Io): Paint {
  const c = colours(io, io.stdout);
  return { title: c.bold, name: c.cyan, faint: c.dim, good: c.green, bad: c.red, mark: c.yellow };
}

/** The bytes that a file or, for `-`, standard input holds. */
async function readBytes(name: string, io: Io): Promise<Uint8Array> {
  const bytes = bytesIn(await readFileOrInput(name, io, limits.fileSize));
  if (bytes !== undefined) return bytes;
  throw new Failure(
    `${visible(name)} cannot be read: it is hexadecimal text with half a byte at its end`,
    undefined,
    exit.usage,
  );
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
  const file = readInput(resolve(io.cwd, name), name, limits.fileSize);
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
