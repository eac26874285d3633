import {
  RmmFeature,
  RmmHashAlgorithm,
  type RmmRealm,
  RmmRealmState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { powerOfTwo } from '../conditions/index.js';
import type { Rtt } from './rtt.js';

/** Bytes of a Realm measurement (C1.17). */
export const MEASUREMENT = 64;

/** A Realm: the attributes of A2.1.3, and its starting level RTTs. */
export class Realm implements RmmRealm {
  feat_lpa2: RmmFeature = RmmFeature.FEATURE_FALSE;
  ipa_width = 0;
  measurements: Uint8Array[] = Array.from({ length: 5 }, () => new Uint8Array(MEASUREMENT));
  hash_algo: RmmHashAlgorithm = RmmHashAlgorithm.HASH_SHA_256;
  rec_index = 0;
  rtt_base = 0;
  rtt_level_start = 0;
  rtt_num_start = 0;
  state: RmmRealmState = RmmRealmState.REALM_NEW;
  vmid = 0;
  rpv: Uint8Array = new Uint8Array(MEASUREMENT);
  num_recs = 0;

  /** Physical address of its RD. */
  readonly rd: number;
  /** Starting level RTTs, in order of IPA. */
  roots: Rtt[] = [];

  constructor(rd: number) {
    this.rd = rd;
  }

  /** Where the upper half of the IPA space begins (A5.2.1). */
  get firstUnprotected(): number {
    return powerOfTwo(this.ipa_width - 1);
  }

  isProtected(ipa: number): boolean {
    return ipa < this.firstUnprotected;
  }

  copyFrom(other: Realm): void {
    this.feat_lpa2 = other.feat_lpa2;
    this.ipa_width = other.ipa_width;
    this.measurements = other.measurements.map((measurement) => measurement.slice());
    this.hash_algo = other.hash_algo;
    this.rec_index = other.rec_index;
    this.rtt_base = other.rtt_base;
    this.rtt_level_start = other.rtt_level_start;
    this.rtt_num_start = other.rtt_num_start;
    this.state = other.state;
    this.vmid = other.vmid;
    this.rpv = other.rpv.slice();
    this.num_recs = other.num_recs;
  }
}
