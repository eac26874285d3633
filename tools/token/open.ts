import {
  CcaPlatformClaims,
  CcaRealmClaims,
  CcaTokenCollection,
  COSE_SIGN1_TAG,
  CoseAlgorithm,
  CoseEllipticCurve,
  CoseHeader,
  CoseKey,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  coordinateBytes,
  hashByName,
  isPoint,
  type PublicKey,
  verifySign1,
} from '../../runtime/attestation/index.js';
import type { MapMetadata } from '../../runtime/bits/index.js';
import { bytesText, CborProblem, type Node, quoted, readCbor } from './cbor.js';
import { type Claim, type Problem, type Report, readClaims, type Value } from './claims.js';
import { limits } from './limits.js';

/** What became of one thing that can be checked. */
export interface Check {
  readonly what: string;
  readonly result: 'passed' | 'failed' | 'not checked';
  readonly detail: string;
  readonly section: string;
}

/** A COSE_Sign1 with claims in it. */
export interface SignedToken {
  /** Where it stands in the file, and how long it is, in bytes. */
  readonly offset: number;
  readonly size: number;
  readonly algorithm: CoseAlgorithm | undefined;
  readonly header: readonly Claim[];
  readonly claims: readonly Claim[];
  /** What the COSE_Key in a Realm token holds. */
  readonly key: readonly Claim[];
}

export interface OpenedToken {
  readonly size: number;
  readonly realm: SignedToken | undefined;
  readonly platform: SignedToken | undefined;
  readonly checks: readonly Check[];
  readonly problems: readonly Problem[];
  /** Nothing that was checked has failed. */
  readonly ok: boolean;
}

interface Sign1 extends SignedToken {
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Opens a CCA attestation token (A7.2.3), or the Realm token or platform token of one, and checks all that can be
 * checked: its form, its signatures, and that the platform token vouches for the key of the Realm token.
 *
 * @param platformKey the public key that platform tokens are signed with; its signature is not checked without
 */
export function openToken(bytes: Uint8Array, platformKey?: PublicKey): OpenedToken {
  return new Opening(platformKey).open(bytes);
}

type Part = 'realm' | 'platform';

const mapOf: Readonly<Record<Part, MapMetadata>> = { realm: CcaRealmClaims, platform: CcaPlatformClaims };
const nameOf: Readonly<Record<Part, string>> = { realm: 'Realm token', platform: 'CCA platform token' };
const SECTION = CcaTokenCollection.section;
const realmClaims = CcaRealmClaims.entries;
const platformClaims = CcaPlatformClaims.entries;

class Opening {
  readonly #platformKey: PublicKey | undefined;
  readonly #problems: Problem[] = [];
  readonly #checks: Check[] = [];
  readonly #parts: Partial<Record<Part, Sign1>> = {};

  constructor(platformKey: PublicKey | undefined) {
    this.#platformKey = platformKey;
  }

  readonly #report: Report = (problem) => {
    if (this.#problems.length < limits.problems) this.#problems.push(problem);
  };

  open(bytes: Uint8Array): OpenedToken {
    const root = this.#read(bytes, 0);
    if (root !== undefined) this.#openRoot(root);
    const { realm, platform } = this.#parts;
    if (realm !== undefined) this.#checkHashSizes(realm.claims, realmClaims.cca_realm_hash_algo_id.key);
    if (platform !== undefined)
      this.#checkHashSizes(platform.claims, platformClaims.cca_platform_hash_algo_id.key);
    const key = realm === undefined ? undefined : this.#realmKey(realm.key);
    this.#checkForm();
    if (realm !== undefined) this.#checkRealmSignature(realm, key);
    if (platform !== undefined) this.#checkPlatformSignature(platform);
    if (realm !== undefined || platform !== undefined) this.#checkBinding(realm, platform);
    return {
      size: bytes.length,
      realm,
      platform,
      checks: this.#checks,
      problems: this.#problems,
      ok: this.#checks.every((one) => one.result !== 'failed'),
    };
  }

  #error(offset: number, message: string, section: string = SECTION): void {
    this.#report({ severity: 'error', offset, message, section });
  }

  #read(bytes: Uint8Array, base: number): Node | undefined {
    if (bytes.length > limits.size) {
      this.#error(base, `${bytesText(bytes.length)} are more than a token may have: ${limits.size}`);
      return undefined;
    }
    try {
      return readCbor(bytes, base);
    } catch (error) {
      if (!(error instanceof CborProblem)) throw error;
      this.#error(error.offset, error.message, 'RFC 8949');
      return undefined;
    }
  }

  // The layers

  #openRoot(root: Node): void {
    if (root.kind === 'tag' && root.tag === BigInt(COSE_SIGN1_TAG)) {
      const sign1 = this.#openSign1(root, root.end - root.start);
      if (sign1 !== undefined) this.#openClaims(this.#sortOf(sign1.payloadNode), sign1);
      return;
    }
    if (root.kind !== 'tag' || root.tag !== BigInt(CcaTokenCollection.tag))
      this.#error(
        root.start,
        `expected tag ${CcaTokenCollection.tag}, with which a CCA attestation token begins, ` +
          `or tag ${COSE_SIGN1_TAG}, with which a part of one begins`,
      );
    const collection = root.kind === 'tag' ? root.item : root;
    const { cca_platform_token, cca_realm_delegated_token } = CcaTokenCollection.entries;
    const claims = readClaims(collection, CcaTokenCollection, this.#report);
    this.#openPart('platform', claims, cca_platform_token.key);
    this.#openPart('realm', claims, cca_realm_delegated_token.key);
  }

  #openPart(part: Part, claims: readonly Claim[], key: number): void {
    const value = valueAt(claims, key);
    if (value?.kind !== 'bytes') return;
    const node = this.#read(value.bytes, value.at);
    if (node === undefined) return;
    const sign1 = this.#openSign1(node, value.bytes.length);
    if (sign1 !== undefined) this.#openClaims(part, sign1);
  }

  /** A tagged COSE_Sign1: protected header, other header, payload, signature (RFC 9052, 4.2). */
  #openSign1(node: Node, size: number) {
    const section = 'RFC 9052 4.2';
    if (node.kind !== 'tag' || node.tag !== BigInt(COSE_SIGN1_TAG))
      this.#error(node.start, `expected tag ${COSE_SIGN1_TAG} of a COSE_Sign1`);
    const array = node.kind === 'tag' ? node.item : node;
    const parts = array.kind === 'array' ? array.items : [];
    const [head, other, body, signature] = parts;
    if (
      parts.length !== 4 ||
      head?.kind !== 'bytes' ||
      other?.kind !== 'map' ||
      body?.kind !== 'bytes' ||
      signature?.kind !== 'bytes'
    ) {
      this.#error(
        array.start,
        'a COSE_Sign1 is an array of a byte string, a map and two more byte strings',
        section,
      );
      return undefined;
    }
    const headNode = this.#read(head.bytes, head.at);
    const header = headNode === undefined ? [] : readClaims(headNode, CoseHeader, this.#report);
    const algorithm = valueAt(header, CoseHeader.entries.alg.key);
    const number = algorithm?.kind === 'int' ? Number(algorithm.value) : undefined;
    return {
      offset: node.start,
      size,
      header,
      algorithm: number !== undefined && CoseAlgorithm.is(number) ? number : undefined,
      protectedHeader: head.bytes,
      payload: body.bytes,
      signature: signature.bytes,
      payloadNode: this.#read(body.bytes, body.at),
    };
  }

  /** Which of the two a token is that stands alone: Realm tokens alone have the key of the RPV. */
  #sortOf(payload: Node | undefined): Part {
    const key = BigInt(realmClaims.cca_realm_personalization_value.key);
    const entries = payload?.kind === 'map' ? payload.entries : [];
    return entries.some((one) => one.key.kind === 'int' && one.key.value === key) ? 'realm' : 'platform';
  }

  #openClaims(
    part: Part,
    sign1: Omit<Sign1, 'claims' | 'key'> & { readonly payloadNode: Node | undefined },
  ): void {
    const { payloadNode, ...rest } = sign1;
    const claims = payloadNode === undefined ? [] : readClaims(payloadNode, mapOf[part], this.#report);
    this.#parts[part] = { ...rest, claims, key: part === 'realm' ? this.#openKey(claims) : [] };
  }

  // What the document says of several claims together

  /** A measurement is as long as its hash function makes it. */
  #checkHashSizes(claims: readonly Claim[], key: number): void {
    const name = textAt(claims, key);
    const size = name === undefined ? undefined : hashByName(name, new Uint8Array())?.length;
    if (name === undefined) return;
    const { offset, section } = claims.find((one) => one.key === String(key))!;
    if (size === undefined) {
      const message = `no hash function is known here by the name of ${quoted(name)}`;
      this.#report({ severity: 'note', offset, message, section: section! });
      return;
    }
    const measurements = [
      realmClaims.cca_realm_initial_measurement.key,
      realmClaims.cca_realm_extensible_measurements.key,
    ].map(String);
    for (const claim of claims) {
      if (!measurements.includes(claim.key)) continue;
      const values = claim.value.kind === 'list' ? claim.value.items : [claim.value];
      for (const value of values)
        if (value.kind === 'bytes' && value.bytes.length !== size)
          this.#error(
            claim.offset,
            `${claim.name} has ${bytesText(value.bytes.length)}; ${name} gives ${size}`,
            section,
          );
    }
  }

  #openKey(claims: readonly Claim[]): readonly Claim[] {
    const value = valueAt(claims, realmClaims.cca_realm_public_key.key);
    const node = value?.kind === 'bytes' ? this.#read(value.bytes, value.at) : undefined;
    return node === undefined ? [] : readClaims(node, CoseKey, this.#report);
  }

  /** The key that is in a Realm token; undefined, and reported, when it is none. */
  #realmKey(inside: readonly Claim[]): PublicKey | undefined {
    const { crv, x_coordinate, y_coordinate } = CoseKey.entries;
    const curve = valueAt(inside, crv.key);
    const x = valueAt(inside, x_coordinate.key);
    const y = valueAt(inside, y_coordinate.key);
    if (curve?.kind !== 'int' || x?.kind !== 'bytes' || y?.kind !== 'bytes') return undefined;
    const number = Number(curve.value);
    const { offset } = inside.find((one) => one.key === String(x_coordinate.key))!;
    if (!CoseEllipticCurve.is(number)) return undefined;
    const key = { curve: number, x: x.bytes, y: y.bytes };
    const size = coordinateBytes(number);
    if (x.bytes.length !== size || y.bytes.length !== size)
      this.#error(offset, `the coordinates must have ${bytesText(size)} each`, CoseKey.section);
    else if (isPoint(key)) return key;
    else this.#error(offset, 'the key is no point of its curve', CoseKey.section);
    return undefined;
  }

  // The checks

  #check(what: string, result: Check['result'], detail: string, section: string): void {
    this.#checks.push({ what, result, detail, section });
  }

  #checkForm(): void {
    const errors = this.#problems.filter((one) => one.severity === 'error').length;
    const text = `${errors} problem${errors === 1 ? '' : 's'}`;
    const detail = errors === 0 ? 'every claim is there and has the form that the document gives it' : text;
    this.#check('Form', errors === 0 ? 'passed' : 'failed', detail, SECTION);
  }

  #checkSignature(part: Part, token: Sign1, key: PublicKey, whose: string): void {
    const what = `${nameOf[part]} signature`;
    const { section } = mapOf[part];
    const { algorithm, protectedHeader, payload, signature } = token;
    if (algorithm === undefined) {
      this.#check(what, 'failed', 'the header names no algorithm that is known', section);
      return;
    }
    const name = CoseAlgorithm.nameOf(algorithm);
    const valid = verifySign1(algorithm, protectedHeader, payload, signature, key);
    const detail = valid ? `${name}, made with ${whose}` : `it is no ${name} signature made with ${whose}`;
    this.#check(what, valid ? 'passed' : 'failed', detail, section);
  }

  #checkRealmSignature(realm: Sign1, key: PublicKey | undefined): void {
    const { section } = realmClaims.cca_realm_public_key;
    if (key === undefined)
      this.#check('Realm token signature', 'failed', 'the token holds no key that is one', section);
    else this.#checkSignature('realm', realm, key, 'the key in the token');
  }

  #checkPlatformSignature(platform: Sign1): void {
    if (this.#platformKey === undefined)
      this.#check(
        'CCA platform token signature',
        'not checked',
        'the key of the platform is not in the token: give it with --key',
        CcaPlatformClaims.section,
      );
    else this.#checkSignature('platform', platform, this.#platformKey, 'the key given');
  }

  /** The platform token holds the hash of the key that the Realm token is signed with. */
  #checkBinding(realm: Sign1 | undefined, platform: Sign1 | undefined): void {
    const { section } = platformClaims.cca_platform_challenge;
    const check = (result: Check['result'], detail: string) =>
      this.#check('Binding', result, detail, section);
    if (realm === undefined || platform === undefined) {
      check('not checked', `there is no ${realm === undefined ? nameOf.realm : nameOf.platform} to bind`);
      return;
    }
    const challenge = valueAt(platform.claims, platformClaims.cca_platform_challenge.key);
    const key = valueAt(realm.claims, realmClaims.cca_realm_public_key.key);
    const name = textAt(realm.claims, realmClaims.cca_realm_public_key_hash_algo_id.key);
    if (challenge?.kind !== 'bytes' || key?.kind !== 'bytes' || name === undefined) {
      check('failed', 'a claim is missing that it stands on');
      return;
    }
    const hash = hashByName(name, key.bytes);
    if (hash === undefined) check('failed', `no hash function is known here by the name of ${quoted(name)}`);
    else if (equal(hash, challenge.bytes))
      check('passed', `the challenge is the ${name} hash of the Realm's key`);
    else check('failed', `the challenge is not the ${name} hash of the Realm's key`);
  }
}

function valueAt(claims: readonly Claim[], key: number): Value | undefined {
  return claims.find((one) => one.key === String(key))?.value;
}

function textAt(claims: readonly Claim[], key: number): string | undefined {
  const value = valueAt(claims, key);
  return value?.kind === 'text' ? value.text : undefined;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
