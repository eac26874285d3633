import { createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  RmmHashAlgorithm,
  type RmmRealm,
  type RmmRec,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { CcaAttester } from '../../runtime/index.js';
import { folder, rmigen } from '../cli/harness.js';

const attester = new CcaAttester({ seed: 7n });
let token: Uint8Array;

beforeAll(() => {
  const rec = { attest_challenge: new Uint8Array(64) } as RmmRec;
  const measurements = Array.from({ length: 5 }, () => new Uint8Array(64));
  const hash_algo = RmmHashAlgorithm.HASH_SHA_512;
  const realm = { rpv: new Uint8Array(64), measurements, hash_algo } as unknown as RmmRealm;
  attester.begin(rec, realm);
  token = attester.next(rec, realm, attester.bound).bytes;
});

/** A folder with files of bytes or text. */
function files(contents: Readonly<Record<string, Uint8Array | string>>): string {
  const path = folder();
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(path, name), content);
  return path;
}

const passed = /passed +CCA platform token signature/;

/** 32 bytes a line. */
function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/.{1,64}/g, '$&\n');
}

test('the example is a token of the simulator with seed 7', async () => {
  await expect(hexText(token)).toMatchFileSnapshot('../../examples/attestation/token.hex');
});

describe('rmigen token', () => {
  test('takes the key of the platform in every form', async () => {
    const { x, y } = attester.platformKey;
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-384', x: text(x), y: text(y) };
    const key = createPublicKey({ format: 'jwk', key: jwk });
    const point = Buffer.from([4, ...x, ...y]);
    const forms = {
      pem: key.export({ type: 'spki', format: 'pem' }),
      der: key.export({ type: 'spki', format: 'der' }),
      jwk: JSON.stringify(jwk),
      point,
      hex: point.toString('hex'),
    };
    const path = files({ token, ...forms });
    for (const form of Object.keys(forms)) {
      const { code, stdout } = await rmigen(path, ['token', 'token', '--key', form]);
      expect([form, code, passed.test(stdout)]).toEqual([form, 0, true]);
    }
    expect((await rmigen(path, ['token', 'token', '--seed', '0x7'])).stdout).toMatch(passed);
  });

  test('exits with 1 when a check fails', async () => {
    const corrupt = token.slice();
    corrupt[200]! ^= 1;
    const path = files({ token, corrupt, text: 'no token' });
    expect((await rmigen(path, ['token', 'token', '--seed', '8'])).code).toBe(1);
    expect((await rmigen(path, ['token', 'corrupt', '--seed', '7'])).code).toBe(1);
    const { code, stdout } = await rmigen(path, ['token', 'text', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [{ severity: 'error', offset: 0 }] });
  });

  test.each([
    [['token', 'absent'], /absent cannot be read: it does not exist/],
    [['token', 'sub'], /sub cannot be read: it is a folder/],
    [['token', 'odd'], /half a byte at its end/],
    [['token', 'big'], /it has 4194305 bytes; the limit is 4194304/],
    [['token', 'token', '--key', 'odd'], /odd holds no public key on P-256, P-384 or P-521/],
    [['token', 'token', '--key', 'zero'], /zero holds no public key/],
    [['token', 'token', '--key', 'pem'], /pem holds no public key/],
    [['token', 'token', '--seed', '-1'], /no seed/],
    [['token', 'token', '--seed', '0x10000000000000000'], /no seed/],
    [['token', 'token', '--seed', '1', '--key', 'odd'], /cannot be used with option/],
    [['token', '/dev/zero'], /it is a device or pipe/],
    [['token'], /missing required argument/],
  ])('refuses %j, with 2', async (args, expected) => {
    const path = files({
      token,
      odd: 'd9018fa20',
      big: new Uint8Array(2 ** 22 + 1),
      zero: Uint8Array.from({ length: 97 }, (_, i) => (i === 0 ? 4 : 0)),
      pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
    });
    mkdirSync(join(path, 'sub'));
    const { code, stdout, stderr } = await rmigen(path, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
