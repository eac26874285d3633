export { type AttesterOptions, CcaAttester } from './attester.js';
export {
  coordinateBytes,
  hashByName,
  isPoint,
  type PublicKey,
  publicKeyFrom,
  verifySign1,
} from './cose.js';
export type { Platform, SoftwareComponent } from './platform.js';
