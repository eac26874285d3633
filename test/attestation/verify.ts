import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { decode, encode, Tag } from 'cbor2';

/*
 * A verifier of its own: another CBOR library than the one that makes tokens, and the cryptography of Node. Numbers
 * are those of A7.2.3 and of COSE, written out once more.
 */

export type Claims = ReadonlyMap<number, unknown>;

export interface Sign1 {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Untags what has a tag. */
function untag(bytes: Uint8Array, tag: number): unknown {
  const value = decode(bytes, { preferMap: true, rejectDuplicateKeys: true, tags: new Map() });
  if (!(value instanceof Tag) || Number(value.tag) !== tag) throw new Error(`expected tag ${tag}`);
  return value.contents;
}

export function mapOf(bytes: Uint8Array): Claims {
  const map = decode(bytes, { preferMap: true, rejectDuplicateKeys: true });
  if (!(map instanceof Map)) throw new Error('expected a map');
  return map;
}

export function sign1Of(bytes: Uint8Array): Sign1 {
  const [header, unprotected, payload, signature, ...rest] = untag(bytes, 18) as Uint8Array[];
  if (!((unprotected as unknown) instanceof Map) || rest.length > 0) throw new Error('expected a COSE_Sign1');
  return { header: header!, payload: payload!, signature: signature! };
}

export function isSigned({ header, payload, signature }: Sign1, key: KeyObject): boolean {
  if (mapOf(header).get(1) !== -35) throw new Error('expected ES384');
  const signed = encode(['Signature1', header, new Uint8Array(), payload]);
  return verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

export function keyOf(x: Uint8Array, y: Uint8Array): KeyObject {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-384', x: text(x), y: text(y) } });
}

export interface Opened {
  readonly platformToken: Sign1;
  readonly realmToken: Sign1;
  readonly platform: Claims;
  readonly realm: Claims;
  /** From the Realm token itself. */
  readonly realmKey: KeyObject;
  /** Whether the platform token vouches for that key. */
  readonly bound: boolean;
}

export function open(token: Uint8Array): Opened {
  const collection = untag(token, 399) as ReadonlyMap<number, Uint8Array>;
  if ([...collection.keys()].sort().join() !== '44234,44241') throw new Error('expected two tokens');
  const platformToken = sign1Of(collection.get(44234)!);
  const realmToken = sign1Of(collection.get(44241)!);
  const platform = mapOf(platformToken.payload);
  const realm = mapOf(realmToken.payload);
  const coseKey = realm.get(44237) as Uint8Array;
  const key = mapOf(coseKey);
  if (key.get(1) !== 2 || key.get(-1) !== 2) throw new Error('expected a key on P-384');
  const name = String(realm.get(44240)).replace('-', '');
  const hash = createHash(name).update(coseKey).digest();
  return {
    platformToken,
    realmToken,
    platform,
    realm,
    realmKey: keyOf(key.get(-2) as Uint8Array, key.get(-3) as Uint8Array),
    bound: hash.equals(platform.get(10) as Uint8Array),
  };
}
