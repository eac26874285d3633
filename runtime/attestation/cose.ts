import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { encode, rfc8949EncodeOptions, Tagged } from 'cborg';
import {
  COSE_SIGN1_TAG,
  CoseAlgorithm,
  CoseEllipticCurve,
  CoseHeader,
  CoseKey,
  CoseKeyType,
  NamedHash,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';

/** CBOR in its deterministic form (RFC 8949, 4.2.1). A Map keeps integers as keys. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** A key pair on P-384, for test tokens alone. */
export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: PublicKey;
}

/** A point of a curve, as a COSE_Key holds it. */
export interface PublicKey {
  readonly curve: CoseEllipticCurve;
  /** Coordinates with their leading zeroes, in bytes. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** Bytes from which a key pair on P-384 can be made: enough that the key is as good as uniform (FIPS 186-5, A.2.1). */
export const KEY_SEED = p384.lengths.seed!;

/** Says that a point is written with both coordinates (SEC 1, 2.3.3). */
const UNCOMPRESSED = 4;

/** A key pair from KEY_SEED bytes, the same one each time. */
export function keyPairFrom(seed: Uint8Array): KeyPair {
  const { secretKey } = p384.keygen(seed);
  const point = p384.getPublicKey(secretKey, false);
  const half = (point.length - 1) / 2;
  const publicKey = {
    curve: CoseEllipticCurve.COSE_P384,
    x: point.slice(1, 1 + half),
    y: point.slice(1 + half),
  };
  return { secretKey, publicKey };
}

/** A public key as an encoded COSE_Key. */
export function encodeKey({ curve, x, y }: PublicKey): Uint8Array {
  const { kty, crv, x_coordinate, y_coordinate } = CoseKey.entries;
  return encodeCbor(
    new Map<number, unknown>([
      [kty.key, CoseKeyType.COSE_EC2],
      [crv.key, curve],
      [x_coordinate.key, x],
      [y_coordinate.key, y],
    ]),
  );
}

/** What is signed in a COSE_Sign1 without external data (RFC 9052, 4.4). */
function sigStructure(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedHeader, new Uint8Array(), payload]);
}

const ES384_HEADER = encodeCbor(new Map([[CoseHeader.entries.alg.key, CoseAlgorithm.ES384]]));

/** A tagged COSE_Sign1 around a signature that is there already. */
export function wrapSign1(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor(new Tagged(COSE_SIGN1_TAG, [ES384_HEADER, new Map(), payload, signature]));
}

/** Bytes of a signature with ES384. */
export const ES384_SIGNATURE = p384.lengths.signature!;

/** Signs a payload with ES384: the same signature each time (RFC 6979). */
export function sign1(payload: Uint8Array, { secretKey }: KeyPair): Uint8Array {
  const signature = p384.sign(sha384(sigStructure(ES384_HEADER, payload)), secretKey, {
    prehash: false,
    lowS: false,
  });
  return wrapSign1(payload, signature);
}

// What others signed

const curves = {
  [CoseEllipticCurve.COSE_P256]: p256,
  [CoseEllipticCurve.COSE_P384]: p384,
  [CoseEllipticCurve.COSE_P521]: p521,
};

const digests = {
  [CoseAlgorithm.ES256]: sha256,
  [CoseAlgorithm.ES384]: sha384,
  [CoseAlgorithm.ES512]: sha512,
};

/** Bytes of a coordinate on a curve. */
export function coordinateBytes(curve: CoseEllipticCurve): number {
  return (curves[curve].lengths.publicKeyUncompressed! - 1) / 2;
}

/** A point as SEC 1 writes it, with both coordinates; undefined for bytes that are no point of a curve that is known. */
export function publicKeyFrom(point: Uint8Array): PublicKey | undefined {
  const half = (point.length - 1) / 2;
  if (point[0] !== UNCOMPRESSED) return undefined;
  for (const curve of [
    CoseEllipticCurve.COSE_P256,
    CoseEllipticCurve.COSE_P384,
    CoseEllipticCurve.COSE_P521,
  ] as const)
    if (coordinateBytes(curve) === half && curves[curve].utils.isValidPublicKey(point, false))
      return { curve, x: point.slice(1, 1 + half), y: point.slice(1 + half) };
  return undefined;
}

function pointOf({ x, y }: PublicKey): Uint8Array {
  return Uint8Array.of(UNCOMPRESSED, ...x, ...y);
}

/** Whether a key is a point of its curve. */
export function isPoint(key: PublicKey): boolean {
  const point = pointOf(key);
  const { lengths, utils } = curves[key.curve];
  return point.length === lengths.publicKeyUncompressed && utils.isValidPublicKey(point, false);
}

/** Whether the signature of a COSE_Sign1 is that of a key, which is a point of its curve. */
export function verifySign1(
  algorithm: CoseAlgorithm,
  protectedHeader: Uint8Array,
  payload: Uint8Array,
  signature: Uint8Array,
  key: PublicKey,
): boolean {
  const curve = curves[key.curve];
  if (signature.length !== curve.lengths.signature) return false;
  const digest = digests[algorithm](sigStructure(protectedHeader, payload));
  return curve.verify(signature, digest, pointOf(key), { prehash: false, lowS: false });
}

// Hash functions by name

const hashes = new Map<string, (bytes: Uint8Array) => Uint8Array>([
  [NamedHash.entries.sha_256.value, sha256],
  [NamedHash.entries.sha_384.value, sha384],
  [NamedHash.entries.sha_512.value, sha512],
]);

export type HashName = (typeof NamedHash.entries)[keyof typeof NamedHash.entries]['value'];

/** The hash of some bytes; undefined when nobody has a function of that name. */
export function hashByName(name: HashName, bytes: Uint8Array): Uint8Array;
export function hashByName(name: string, bytes: Uint8Array): Uint8Array | undefined;
export function hashByName(name: string, bytes: Uint8Array): Uint8Array | undefined {
  return hashes.get(name)?.(bytes);
}
