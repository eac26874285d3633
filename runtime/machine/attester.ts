import type { RmmRealm, RmmRec } from '../../generated/rmm-1.0-rel0/conditions/types.js';

/** What one call of RSI_ATTESTATION_TOKEN_CONTINUE gets of a token. */
export interface TokenPart {
  readonly bytes: Uint8Array;
  /** Whether these are the last ones. */
  readonly complete: boolean;
}

/** Makes the attestation tokens of a machine (A7.2). One at a time is under way on a REC. */
export interface Attester {
  /** The most bytes that a token takes up (B5.3.2). */
  readonly bound: number;
  /** Begins a token for the challenge of a REC; one that is under way on it is abandoned (A7.2.2). */
  begin(rec: RmmRec, realm: RmmRealm): void;
  /**
   * The next part of the token that is under way on a REC: at most `most` bytes, and perhaps none.
   *
   * @returns undefined when the token cannot be made (B5.3.1.2)
   */
  next(rec: RmmRec, realm: RmmRealm, most: number): TokenPart | undefined;
}
