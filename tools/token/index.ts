import { CcaAttester, type PublicKey } from '../../runtime/attestation/index.js';

export { CoseEllipticCurve } from '../../generated/rmm-1.0-rel0/typescript/index.js';
export { isPoint, type PublicKey, publicKeyFrom } from '../../runtime/attestation/index.js';
export { bytesIn } from './bytes.js';
export { limits } from './limits.js';
export { openToken } from './open.js';
export { type Paint, renderToken, tokenToJson } from './report.js';

/** The key of the platform that the simulator makes from a seed of 64 bits. */
export function testKey(seed: bigint): PublicKey {
  return new CcaAttester({ seed }).platformKey;
}
