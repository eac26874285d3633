import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { Tagged } from 'cborg';
import {
  RmmHashAlgorithm,
  type RmmRealm,
  type RmmRec,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  CcaRealmClaims,
  CcaTokenCollection,
  NamedHash,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { joinDoublewords } from '../conditions/index.js';
import type { Attester, TokenPart } from '../machine/attester.js';
import {
  ES384_SIGNATURE,
  encodeCbor,
  encodeKey,
  type HashName,
  hashByName,
  KEY_SEED,
  type KeyPair,
  keyPairFrom,
  type PublicKey,
  sign1,
  wrapSign1,
} from './cose.js';
import { type Platform, platformClaims, testPlatform } from './platform.js';

export interface AttesterOptions {
  /** 64 bits from which the keys are made. */
  readonly seed?: bigint;
  /** What the platform token says; the rest is as in `testPlatform`. */
  readonly platform?: Partial<Platform>;
  /** The hash function that binds the platform token to the Realm's key; sha-256 unless given. */
  readonly keyHash?: HashName;
}

/** A token that is being handed out. It is signed when the first part of it is wanted. */
interface Progress {
  readonly payload: Uint8Array;
  token: Uint8Array | undefined;
  /** Bytes that are handed out. */
  done: number;
}

/**
 * Makes CCA attestation tokens (A7.2.3) with test keys: whoever knows the seed can make the same tokens, so they attest
 * to nothing. Equal seeds, Realms and challenges give equal tokens, to the byte.
 *
 * The measurements are those of the moment when the token was begun; the document leaves that open.
 */
export class CcaAttester implements Attester {
  readonly #seed: bigint;
  readonly #platform: Platform;
  readonly #keyHash: HashName;
  readonly #progress = new WeakMap<RmmRec, Progress>();
  #keys: { readonly realm: KeyPair; readonly platform: KeyPair } | undefined;
  #platformToken: Uint8Array | undefined;
  #bound: number | undefined;

  constructor({ seed = 0n, platform = {}, keyHash = NamedHash.entries.sha_256.value }: AttesterOptions = {}) {
    this.#seed = seed;
    this.#platform = { ...testPlatform, ...platform };
    this.#keyHash = keyHash;
  }

  /** The key pairs take a while to make, and most machines never need them. */
  get #pairs(): { readonly realm: KeyPair; readonly platform: KeyPair } {
    this.#keys ??= { realm: this.#keyPair('RAK'), platform: this.#keyPair('IAK') };
    return this.#keys;
  }

  #keyPair(name: string): KeyPair {
    const seed = joinDoublewords([BigInt.asUintN(64, this.#seed)]);
    const info = Uint8Array.from(`rmigen test key ${name}`, (character) => character.charCodeAt(0));
    return keyPairFrom(hkdf(sha512, seed, undefined, info, KEY_SEED));
  }

  /** The key that signs platform tokens, which a verifier has to know; that of the Realm token is in the token. */
  get platformKey(): PublicKey {
    return this.#pairs.platform.publicKey;
  }

  get #platformTokenBytes(): Uint8Array {
    if (this.#platformToken === undefined) {
      const { realm, platform } = this.#pairs;
      const challenge = hashByName(this.#keyHash, encodeKey(realm.publicKey));
      const instance = hashByName(NamedHash.entries.sha_256.value, encodeKey(platform.publicKey));
      const claims = platformClaims(this.#platform, challenge, instance);
      this.#platformToken = sign1(encodeCbor(claims), platform);
    }
    return this.#platformToken;
  }

  #realmClaims(
    algorithm: RmmHashAlgorithm,
    challenge: Uint8Array,
    rpv: Uint8Array,
    measurements: readonly Uint8Array[],
  ): ReadonlyMap<number, unknown> {
    const { entries } = CcaRealmClaims;
    const { sha_256, sha_512 } = NamedHash.entries;
    const short = algorithm === RmmHashAlgorithm.HASH_SHA_256;
    // A measurement that is shorter than the attribute is followed by zeroes there (B5.3.8).
    const [rim, ...rems] = measurements.map((one) => one.slice(0, short ? 32 : 64));
    return new Map<number, unknown>([
      [entries.cca_realm_challenge.key, challenge],
      [entries.cca_realm_profile.key, entries.cca_realm_profile.value],
      [entries.cca_realm_personalization_value.key, rpv],
      [entries.cca_realm_initial_measurement.key, rim],
      [entries.cca_realm_extensible_measurements.key, rems],
      [entries.cca_realm_hash_algo_id.key, (short ? sha_256 : sha_512).value],
      [entries.cca_realm_public_key.key, encodeKey(this.#pairs.realm.publicKey)],
      [entries.cca_realm_public_key_hash_algo_id.key, this.#keyHash],
    ]);
  }

  #collection(realmToken: Uint8Array): Uint8Array {
    const { cca_platform_token, cca_realm_delegated_token } = CcaTokenCollection.entries;
    return encodeCbor(
      new Tagged(
        CcaTokenCollection.tag,
        new Map([
          [cca_platform_token.key, this.#platformTokenBytes],
          [cca_realm_delegated_token.key, realmToken],
        ]),
      ),
    );
  }

  /** Bytes of a token with the longest measurements; nothing else of it varies in length. */
  get bound(): number {
    if (this.#bound === undefined) {
      const longest = new Uint8Array(64);
      const measurements = Array.from({ length: 5 }, () => longest);
      const claims = this.#realmClaims(RmmHashAlgorithm.HASH_SHA_512, longest, longest, measurements);
      this.#bound = this.#collection(wrapSign1(encodeCbor(claims), new Uint8Array(ES384_SIGNATURE))).length;
    }
    return this.#bound;
  }

  begin(rec: RmmRec, realm: RmmRealm): void {
    const claims = this.#realmClaims(realm.hash_algo, rec.attest_challenge, realm.rpv, realm.measurements);
    this.#progress.set(rec, { payload: encodeCbor(claims), token: undefined, done: 0 });
  }

  next(rec: RmmRec, realm: RmmRealm, most: number): TokenPart {
    // A REC that was restored from a snapshot begins again, with the challenge that it has kept.
    if (!this.#progress.has(rec)) this.begin(rec, realm);
    const progress = this.#progress.get(rec)!;
    progress.token ??= this.#collection(sign1(progress.payload, this.#pairs.realm));
    const bytes = progress.token.subarray(progress.done, progress.done + most);
    progress.done += bytes.length;
    const complete = progress.done === progress.token.length;
    if (complete) this.#progress.delete(rec);
    return { bytes, complete };
  }
}
