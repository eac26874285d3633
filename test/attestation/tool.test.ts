import { createPublicKey } from 'node:crypto';
import { encode, Tag } from 'cbor2';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  RmmHashAlgorithm,
  type RmmRealm,
  type RmmRec,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { CcaAttester } from '../../runtime/index.js';
import { bytesIn, openToken, renderToken, testKey, tokenToJson } from '../../tools/token/index.js';
import { mapOf, open } from './verify.js';

const plain = (text: string): string => text;
const paint = { title: plain, name: plain, faint: plain, good: plain, bad: plain, mark: plain };
const attester = new CcaAttester({ seed: 7n });
let token: Uint8Array;

beforeAll(() => {
  const rec = { attest_challenge: new Uint8Array(64).fill(0x5a) } as RmmRec;
  const measurements = Array.from({ length: 5 }, (_, i) => new Uint8Array(64).fill(i));
  const hash_algo = RmmHashAlgorithm.HASH_SHA_256;
  const realm = { rpv: new Uint8Array(64), measurements, hash_algo } as unknown as RmmRealm;
  attester.begin(rec, realm);
  token = attester.next(rec, realm, attester.bound).bytes;
});

/** Checks by name. */
function checks(bytes: Uint8Array, key = testKey(7n)): Record<string, string> {
  return Object.fromEntries(openToken(bytes, key).checks.map((one) => [one.what, one.result]));
}

/** The errors of a token: place and text. */
function errors(bytes: Uint8Array): readonly string[] {
  return openToken(bytes)
    .problems.filter((one) => one.severity === 'error')
    .map(({ offset, message }) => `${offset}: ${message}`);
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The token with other claims in one of its parts; signatures stay what they were. */
function altered(part: 'realm' | 'platform', change: (claims: Map<number, unknown>) => void): Uint8Array {
  const { realmToken, platformToken } = open(token);
  const build = (name: 'realm' | 'platform') => {
    const one = name === 'realm' ? realmToken : platformToken;
    const claims = new Map(mapOf(one.payload));
    if (name === part) change(claims);
    return encode(new Tag(18, [one.header, new Map(), encode(claims), one.signature]));
  };
  return encode(
    new Tag(
      399,
      new Map([
        [44234, build('platform')],
        [44241, build('realm')],
      ]),
    ),
  );
}

describe('a good token', () => {
  test('passes every check', () => {
    expect(checks(token)).toEqual({
      Form: 'passed',
      'Realm token signature': 'passed',
      'CCA platform token signature': 'passed',
      Binding: 'passed',
    });
    expect(openToken(token).problems).toEqual([]);
  });

  test('is not said to be checked where it was not', () => {
    const opened = openToken(token);
    expect(opened.ok).toBe(true);
    expect(opened.checks.find((one) => one.what === 'CCA platform token signature')?.result).toBe(
      'not checked',
    );
  });

  test('is printed readably', async () => {
    await expect(renderToken(openToken(token, testKey(7n)), paint)).toMatchFileSnapshot('expected/token.txt');
  });

  test('is there for machines', () => {
    const json = JSON.parse(JSON.stringify(tokenToJson(openToken(token))));
    expect(json).toMatchObject({ ok: true, size: token.length, realm: { algorithm: 'ES384' }, problems: [] });
    const claims = new Map(
      json.platform.claims.map((one: { name: string; value: unknown }) => [one.name, one.value]),
    );
    expect(claims.get('cca-platform-lifecycle')).toEqual({
      number: '12288',
      meaning: 'CCA_PLATFORM_LIFECYCLE_SECURED, implementation_defined 0x0',
    });
    expect(
      json.realm.claims.map((one: { key: string }) => Number(one.key)).sort((a: number, b: number) => a - b),
    ).toEqual([10, 265, 44235, 44236, 44237, 44238, 44239, 44240]);
  });

  test('may come in parts', () => {
    const { realmToken, platformToken } = open(token);
    const again = ({ header, payload, signature }: typeof realmToken) =>
      encode(new Tag(18, [header, new Map(), payload, signature]));
    expect(checks(again(realmToken))).toEqual({
      Form: 'passed',
      'Realm token signature': 'passed',
      Binding: 'not checked',
    });
    expect(checks(again(platformToken))).toEqual({
      Form: 'passed',
      'CCA platform token signature': 'passed',
      Binding: 'not checked',
    });
  });
});

describe('a bad token', () => {
  test('has a signature of somebody else', () => {
    expect(checks(token, testKey(8n))).toMatchObject({
      'CCA platform token signature': 'failed',
      'Realm token signature': 'passed',
      Binding: 'passed',
    });
  });

  test('says something that was not signed', () => {
    const changed = altered('realm', (claims) => claims.set(10, new Uint8Array(64).fill(1)));
    expect(checks(changed)).toMatchObject({
      Form: 'passed',
      'Realm token signature': 'failed',
      Binding: 'passed',
    });
  });

  test('vouches for another key', () => {
    const changed = altered('platform', (claims) => claims.set(10, new Uint8Array(32)));
    expect(checks(changed)).toMatchObject({ 'CCA platform token signature': 'failed', Binding: 'failed' });
  });

  test.each<[string, 'realm' | 'platform', (claims: Map<number, unknown>) => void, RegExp]>([
    ['misses a claim', 'realm', (c) => c.delete(44235), /personalization-value \(key 44235\) is missing/],
    ['has a short challenge', 'realm', (c) => c.set(10, new Uint8Array(63)), /has 63 bytes; it must have 64/],
    [
      'has another profile',
      'platform',
      (c) => c.set(265, 'PSA'),
      /is "PSA"; it must be "tag:arm.com,2023:cca/,
    ],
    [
      'has three REMs',
      'realm',
      (c) => c.set(44239, Array(3).fill(new Uint8Array(32))),
      /has 3 elements; it must have 4/,
    ],
    [
      'has a REM of another hash',
      'realm',
      (c) => c.set(44238, new Uint8Array(48)),
      /has 48 bytes; sha-256 gives 32/,
    ],
    [
      'has an unknown lifecycle',
      'platform',
      (c) => c.set(2395, 0x3100),
      /its state is 0x31, no value of CcaPlatformLifecycleState/,
    ],
    ['has a lifecycle of 17 bits', 'platform', (c) => c.set(2395, 0x13000), /does not fit 16 bits/],
    ['has text for a number', 'platform', (c) => c.set(2395, 'secured'), /must be an integer, not a text/],
    [
      'has an instance of another sort',
      'platform',
      (c) => c.set(256, new Uint8Array(33)),
      /begins with 0; it must begin with 1/,
    ],
    ['lists no software', 'platform', (c) => c.set(2399, []), /has 0 elements; it must have at least 1/],
    [
      'has software without a signer',
      'platform',
      (c) => c.set(2399, [new Map([[2, new Uint8Array(32)]])]),
      /signer-id \(key 5\) is missing/,
    ],
    ['has no key', 'realm', (c) => c.set(44237, encode(new Map([[1, 2]]))), /crv \(key -1\) is missing/],
  ])('%s', (_, part, change, expected) => {
    const found = errors(altered(part, change));
    expect(found.some((one) => expected.test(one))).toBe(true);
    expect(openToken(altered(part, change)).ok).toBe(false);
  });

  test('has a key that is no point', () => {
    const key = new Map<number, unknown>([
      [1, 2],
      [-1, 2],
      [-2, new Uint8Array(48).fill(1)],
      [-3, new Uint8Array(48).fill(1)],
    ]);
    const changed = altered('realm', (claims) => claims.set(44237, encode(key)));
    expect(errors(changed)).toEqual([expect.stringMatching(/the key is no point of its curve/)]);
    expect(checks(changed)['Realm token signature']).toBe('failed');
  });

  test('may have a key more, which is told', () => {
    const { problems } = openToken(altered('realm', (claims) => claims.set(99, 1)));
    expect(problems).toMatchObject([{ severity: 'note', message: 'CcaRealmClaims has no key 99' }]);
  });
});

describe('what is no token', () => {
  test.each([
    ['nothing', '', '0: there is nothing'],
    ['another tag', 'd8 20 a0', '0: expected tag 399, with which a CCA attestation token begins, or tag 18'],
    ['no tag', '01', '0: expected a map of CcaTokenCollection, found an integer'],
    ['a truncated map', 'd9 018f a2 19', '3: the map says that it has 2 entries; 1 byte is left'],
    ['a truncated number', 'd9 018f a1 19 ac', '4: the value ends too early'],
    ['a huge byte string', 'd9 018f a1 19acca 5b 0000000100000000', '7: the value ends too early'],
    [
      'a huge array',
      'd9 018f 9b 0000ffffffffffff',
      '3: the array says that it has 281474976710655 items; 0 bytes are left',
    ],
    ['an indefinite length', 'd9 018f bf ff', '3: the length is indefinite'],
    ['a long number', 'd9 018f a1 18 01 00', '4: a number takes up more bytes than it needs'],
    ['a key twice', 'd9 018f a2 19acca 40 19acca 40', '8: the map has the key 44234 already, at byte 0x4'],
    ['something after the end', 'd9 018f a0 00', '4: 1 byte follows the end of the value'],
    ['text that is not UTF-8', 'd9 018f a1 61 ff 00', '4: the text is not UTF-8'],
    ['a break', 'd9 018f ff', '3: '],
  ])('%s', (_, bytes, expected) => {
    const found = errors(hex(bytes));
    expect(found.some((one) => one.startsWith(expected))).toBe(true);
    expect(openToken(hex(bytes)).ok).toBe(false);
  });

  test('deep nesting, of arrays and of tags', () => {
    for (const byte of [0x81, 0xc1]) {
      const deep = new Uint8Array(100_000).fill(byte);
      expect(errors(deep)).toEqual(['17: maps, arrays and tags are nested deeper than 16 levels']);
    }
  });

  test('more values than there can be', () => {
    const many = hex(`99 8000 ${'00'.repeat(0x8000)}`);
    expect(errors(many)).toEqual(['10002: the encoding has more than 10000 values']);
  });

  test('more bytes than there can be', () => {
    expect(errors(new Uint8Array(2 ** 20 + 1))).toEqual([
      '0: 1048577 bytes are more than a token may have: 1048576',
    ]);
  });

  test('whatever it is, it gets an answer, without a control character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        fc.nat(),
        fc.uint8Array({ maxLength: 40 }),
        (changes, cut, tail) => {
          const bytes = Uint8Array.from([
            ...token.subarray(0, token.length - (cut % 3) * (cut % 500)),
            ...tail,
          ]);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const opened = openToken(bytes, testKey(7n));
          const text = renderToken(opened, paint);
          expect(/[\p{C}]/u.test(text.replaceAll('\n', ''))).toBe(false);
          const same = Buffer.from(bytes).equals(token);
          expect(opened.ok).toBe(same);
        },
      ),
      { numRuns: 300, seed: 73 },
    );
  });
});

test('bytes are read as they are, or as hexadecimal text', () => {
  expect(bytesIn(token)).toBe(token);
  const text = Buffer.from(token).toString('hex');
  const forms = [
    text,
    text.toUpperCase().replace(/(.{64})/g, '$1\r\n'),
    Array.from(token, (byte) => `0x${byte.toString(16).padStart(2, '0')},`).join(' '),
    text.replace(/(..)(?!$)/g, '$1:'),
  ];
  for (const form of forms) expect(bytesIn(Buffer.from(form))).toEqual(token);
  expect(bytesIn(Buffer.from('d9018fa20'))).toBeUndefined();
});

test('the key of a platform is one that Node can import', () => {
  const { x, y } = attester.platformKey;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-384', x: text(x), y: text(y) } });
  expect(key.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
});
