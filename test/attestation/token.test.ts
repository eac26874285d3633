import { createHash } from 'node:crypto';
import { decode, encode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  RmmHashAlgorithm,
  type RmmRealm,
  type RmmRec,
  RmmRecAttestState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RSI_MEASUREMENT_EXTEND,
  RsiCommandReturnCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { CcaAttester } from '../../runtime/index.js';
import { BUFFER, Speaker } from './realm.js';
import { isSigned, keyOf, open } from './verify.js';

const { RSI_SUCCESS, RSI_INCOMPLETE, RSI_ERROR_STATE, RSI_ERROR_INPUT, RSI_ERROR_UNKNOWN } =
  RsiCommandReturnCode;
const { ATTEST_IN_PROGRESS, NO_ATTEST_IN_PROGRESS } = RmmRecAttestState;

const bytes = (text: string): Buffer => Buffer.from(text, 'hex');
const challenge = Uint8Array.from({ length: 64 }, (_, i) => i);

/** The token of a Realm, by calls of its own that take `size` bytes each. */
function fetch(speaker: Speaker, about: Uint8Array, size = 0x1000): Uint8Array {
  const [result] = speaker.init(about);
  expect(result).toBe(RSI_SUCCESS);
  const parts: Uint8Array[] = [];
  for (;;) {
    const [status, length] = speaker.next(0, size);
    parts.push(speaker.buffer(0, Number(length)));
    if (status === RSI_SUCCESS) return new Uint8Array(Buffer.concat(parts));
    expect(status).toBe(RSI_INCOMPLETE);
    expect(length).toBe(BigInt(size));
  }
}

/** What an attester needs of a REC and its Realm. */
function world(
  measurements: readonly Uint8Array[],
  rpv: Uint8Array,
  about: Uint8Array,
  hash_algo: RmmHashAlgorithm,
): [RmmRec, RmmRealm] {
  return [{ attest_challenge: about } as RmmRec, { measurements, rpv, hash_algo } as unknown as RmmRealm];
}

function whole(attester: CcaAttester, [rec, realm]: [RmmRec, RmmRealm]): Uint8Array {
  attester.begin(rec, realm);
  const { bytes: token, complete } = attester.next(rec, realm, attester.bound);
  expect(complete).toBe(true);
  return token;
}

describe('a CCA attestation token (A7.2.3)', () => {
  test('says what the Realm is, signed with a key that the platform vouches for', () => {
    const rpv = Uint8Array.from({ length: 64 }, (_, i) => 0xff - i);
    const speaker = new Speaker({ rpv }, { seed: 7n });
    const value = [1n, 2n, 3n, 4n, 0n, 0n, 0n, 0n];
    expect(speaker.call(RSI_MEASUREMENT_EXTEND, 3, 32, ...value)[0]).toBe(RSI_SUCCESS);
    const token = open(fetch(speaker, challenge));

    // RSI_MEASUREMENT_EXTEND with SHA-256, by hand (B3.42).
    const rem = createHash('sha256')
      .update(Buffer.concat([Buffer.alloc(64), Buffer.from(BigUint64Array.from(value).buffer)]))
      .digest();
    const rim = Buffer.from(speaker.realm.measurements[0]!.subarray(0, 32));
    expect(rim.equals(Buffer.alloc(32))).toBe(false);
    expect(Object.fromEntries(token.realm)).toEqual({
      10: challenge,
      265: 'tag:arm.com,2023:realm#1.0.0',
      44235: rpv,
      44236: 'sha-256',
      44237: expect.any(Uint8Array),
      44238: new Uint8Array(rim),
      44239: [new Uint8Array(32), new Uint8Array(32), new Uint8Array(rem), new Uint8Array(32)],
      44240: 'sha-256',
    });
    expect(isSigned(token.realmToken, token.realmKey)).toBe(true);
    expect(token.bound).toBe(true);
  });

  test('says what the platform is', () => {
    const attester = new CcaAttester({ seed: 7n });
    const speaker = new Speaker({}, { attester });
    const token = open(fetch(speaker, challenge));
    const { x, y } = attester.platformKey;
    const iak = keyOf(x, y);
    expect(isSigned(token.platformToken, iak)).toBe(true);
    expect(isSigned(token.realmToken, iak)).toBe(false);
    const instance = token.platform.get(256) as Uint8Array;
    expect(instance[0]).toBe(1);
    expect(instance).toHaveLength(33);
    expect(token.platform.get(2396)).toHaveLength(32);
    expect([...token.platform.keys()].sort((a, b) => a - b)).toEqual([
      10, 256, 265, 2395, 2396, 2399, 2400, 2401, 2402,
    ]);
    expect(token.platform.get(265)).toBe('tag:arm.com,2023:cca_platform#1.0.0');
    expect(token.platform.get(2395)).toBe(0x3000);
    for (const component of token.platform.get(2399) as ReadonlyMap<number, unknown>[]) {
      expect([...component.keys()].sort()).toEqual([1, 2, 4, 5, 6]);
      expect(component.get(2)).toHaveLength(32);
      expect(component.get(5)).toHaveLength(32);
    }
  });

  test('has measurements of 64 bytes for a Realm with SHA-512', () => {
    const speaker = new Speaker({ hash: 'SHA-512' });
    const { realm } = open(fetch(speaker, challenge));
    expect(realm.get(44236)).toBe('sha-512');
    expect(realm.get(44238)).toEqual(speaker.realm.measurements[0]);
    expect((realm.get(44239) as Uint8Array[]).map((one) => one.length)).toEqual([64, 64, 64, 64]);
  });

  test('is deterministic CBOR, in each of its layers', () => {
    const token = whole(
      new CcaAttester(),
      world(Array(5).fill(new Uint8Array(64)), new Uint8Array(64), challenge, RmmHashAlgorithm.HASH_SHA_256),
    );
    const { platformToken, realmToken, realm } = open(token);
    const layers = [
      token,
      platformToken.header,
      platformToken.payload,
      realmToken.header,
      realmToken.payload,
      realm.get(44237) as Uint8Array,
    ];
    for (const layer of layers) {
      const value = decode(layer, { preferMap: true, tags: new Map() });
      const again = encode(value, { cde: true });
      expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(layer).toString('hex'));
    }
  });

  test('is the same for a seed each time, and another for another seed', () => {
    const token = (seed: bigint) => fetch(new Speaker({}, { seed }), challenge);
    const digest = (of: Uint8Array) => createHash('sha256').update(of).digest('hex');
    expect(digest(token(1n))).toBe(digest(token(1n)));
    expect(digest(token(1n))).not.toBe(digest(token(2n)));
    // In this and every later release, in Node and in a browser.
    expect(digest(token(0n))).toMatchInlineSnapshot(
      `"b83c3d9502091e6b0883a6c8d47b2da263a0f917e984a83f16e0cebfc39ccd92"`,
    );
  });

  test('carries any measurements and any challenge, and breaks when a byte of it does', () => {
    const attester = new CcaAttester({ seed: 3n, keyHash: 'sha-512' });
    const { x, y } = attester.platformKey;
    const iak = keyOf(x, y);
    const sixtyFour = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(
        fc.array(sixtyFour, { minLength: 5, maxLength: 5 }),
        sixtyFour,
        sixtyFour,
        fc.boolean(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (measurements, rpv, about, short, at, flip) => {
          const algorithm = short ? RmmHashAlgorithm.HASH_SHA_256 : RmmHashAlgorithm.HASH_SHA_512;
          const token = whole(attester, world(measurements, rpv, about, algorithm));
          expect(token.length <= attester.bound).toBe(true);
          const { realm, realmToken, platformToken, realmKey, bound } = open(token);
          expect(realm.get(10)).toEqual(about);
          expect(realm.get(44235)).toEqual(rpv);
          const cut = measurements.map((one) => one.slice(0, short ? 32 : 64));
          expect([realm.get(44238), ...(realm.get(44239) as Uint8Array[])]).toEqual(cut);
          expect([isSigned(realmToken, realmKey), isSigned(platformToken, iak), bound]).toEqual([
            true,
            true,
            true,
          ]);
          const corrupt = token.slice();
          corrupt[at % corrupt.length]! ^= flip;
          expect(isGenuine(corrupt, iak)).toBe(false);
        },
      ),
      { numRuns: 25, seed: 72 },
    );
  });
});

/** Whether everything about a token is as it should be. */
function isGenuine(token: Uint8Array, iak: ReturnType<typeof keyOf>): boolean {
  try {
    const { realmToken, platformToken, realmKey, bound } = open(token);
    return isSigned(realmToken, realmKey) && isSigned(platformToken, iak) && bound;
  } catch {
    return false;
  }
}

describe('RSI_ATTESTATION_TOKEN_INIT and CONTINUE (B5.3.1, B5.3.2)', () => {
  test('hand a token out in pieces of any size', () => {
    const speaker = new Speaker();
    const token = fetch(speaker, challenge);
    for (const size of [1000, 257, 4096])
      expect(Buffer.from(fetch(speaker, challenge, size)).equals(token)).toBe(true);
    expect(token.length).toBeLessThanOrEqual(Number(speaker.init(challenge)[1]));
  });

  test('give a bound that the longest token reaches', () => {
    const speaker = new Speaker({ hash: 'SHA-512' });
    const [, bound] = speaker.init(challenge);
    expect(fetch(speaker, challenge)).toHaveLength(Number(bound));
  });

  test('write where they are told to, and nowhere else', () => {
    const speaker = new Speaker();
    speaker.init(challenge);
    const before = speaker.buffer(0, 0x1000);
    expect(speaker.next(0x123, 0x45)).toEqual([RSI_INCOMPLETE, 0x45n, 0n, 0n, 0n]);
    const after = speaker.buffer(0, 0x1000);
    expect(after.subarray(0, 0x123)).toEqual(before.subarray(0, 0x123));
    expect(after.subarray(0x168)).toEqual(before.subarray(0x168));
    expect(after.subarray(0x123, 0x126)).toEqual(new Uint8Array(bytes('d9018f')));
    expect(speaker.next(0, 0)).toEqual([RSI_INCOMPLETE, 0n, 0n, 0n, 0n]);
  });

  test('go through the states of a REC', () => {
    const speaker = new Speaker();
    expect(speaker.next(0, 0x1000)[0]).toBe(RSI_ERROR_STATE);
    expect(speaker.state.attest_state).toBe(NO_ATTEST_IN_PROGRESS);
    expect(speaker.init(challenge)[0]).toBe(RSI_SUCCESS);
    expect(speaker.state.attest_state).toBe(ATTEST_IN_PROGRESS);
    expect(speaker.state.attest_challenge).toEqual(challenge);
    expect(speaker.next(0, 0x10)[0]).toBe(RSI_INCOMPLETE);
    expect(speaker.state.attest_state).toBe(ATTEST_IN_PROGRESS);
    // A second INIT abandons the token that was under way (A7.2.2).
    const other = challenge.slice().reverse();
    speaker.init(other);
    const [status, length] = speaker.next(0, 0x1000);
    expect(status).toBe(RSI_SUCCESS);
    expect(open(speaker.buffer(0, Number(length))).realm.get(10)).toEqual(other);
    expect(speaker.state.attest_state).toBe(NO_ATTEST_IN_PROGRESS);
    expect(speaker.next(0, 0x1000)[0]).toBe(RSI_ERROR_STATE);
  });

  test.each([
    ['addr_align', BUFFER + 8, 0, 16],
    ['addr_bound', 2 ** 39, 0, 16],
    ['offset_bound', BUFFER, 0x1000, 0],
    ['size_overflow', BUFFER, 1, 2n ** 64n - 1n],
    ['size_bound', BUFFER, 0x800, 0x801],
  ] as const)('refuse what %s says, and lose nothing of the token', (_, address, offset, size) => {
    const speaker = new Speaker();
    const token = fetch(speaker, challenge);
    speaker.init(challenge);
    expect(speaker.next(offset, size as number, address)[0]).toBe(RSI_ERROR_INPUT);
    const [status, length] = speaker.next(0, 0x1000);
    expect(status).toBe(RSI_SUCCESS);
    expect(Buffer.from(speaker.buffer(0, Number(length))).equals(token)).toBe(true);
  });

  test('report an attester that fails, which can go on later', () => {
    const attester = new CcaAttester();
    let fails = true;
    const speaker = new Speaker(
      {},
      {
        attester: {
          bound: attester.bound,
          begin: (rec, realm) => attester.begin(rec, realm),
          next: (rec, realm, most) => (fails ? undefined : attester.next(rec, realm, most)),
        },
      },
    );
    speaker.init(challenge);
    expect(speaker.next(0, 0x1000)).toEqual([RSI_ERROR_UNKNOWN, 0n, 0n, 0n, 0n]);
    expect(speaker.state.attest_state).toBe(ATTEST_IN_PROGRESS);
    fails = false;
    expect(speaker.next(0, 0x1000)[0]).toBe(RSI_SUCCESS);
  });

  test('tell of the measurements that the Realm had when it asked', () => {
    const speaker = new Speaker();
    speaker.init(challenge);
    speaker.call(RSI_MEASUREMENT_EXTEND, 1, 8, 1, 0, 0, 0, 0, 0, 0, 0);
    const [, length] = speaker.next(0, 0x1000);
    const [first] = open(speaker.buffer(0, Number(length))).realm.get(44239) as Uint8Array[];
    expect(first).toEqual(new Uint8Array(32));
  });
});
