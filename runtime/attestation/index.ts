export { type AttesterOptions, CcaAttester } from './attester.js';
export {
  coordinateBytes,
  type HashName,
  hashByName,
  hashNames,
  isPoint,
  type PublicKey,
  publicKeyFrom,
  verifySign1,
} from './cose.js';
export { type Platform, type SoftwareComponent, testPlatform } from './platform.js';
