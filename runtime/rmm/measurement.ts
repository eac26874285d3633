import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { RmmHashAlgorithm } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  type RmiDataFlags,
  RmiDataMeasureContent,
  type RmiHashAlgorithm,
  RmiRealmParams,
  RmiRecParams,
  RmmMeasurementDescriptorData,
  RmmMeasurementDescriptorRec,
  RmmMeasurementDescriptorRipas,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../bits/index.js';
import { MEASUREMENT } from './realm.js';

/** Hash functions, so that a host with a faster implementation can supply it. */
export interface Hashes {
  sha256(bytes: Uint8Array): Uint8Array;
  sha512(bytes: Uint8Array): Uint8Array;
}

export const portableHashes: Hashes = { sha256, sha512 };

/**
 * Measurements of Realms (A7.1). The structures that are hashed are made once and filled in again each time: a memory of
 * its own would cost as much as a hash.
 */
export class Measurer {
  readonly #hashes: Hashes;
  readonly #data = allocate(RmmMeasurementDescriptorData).$clear();
  readonly #dataBytes = this.#data.$bytes;
  readonly #dataRim = this.#data.rim$;
  readonly #dataContent = this.#data.content$;
  readonly #rec = allocate(RmmMeasurementDescriptorRec).$clear();
  readonly #ripas = allocate(RmmMeasurementDescriptorRipas).$clear();
  readonly #ripasBytes = this.#ripas.$bytes;
  readonly #ripasRim = this.#ripas.rim$;

  constructor(hashes: Hashes) {
    this.#hashes = hashes;
  }

  /** The Realm Hash Algorithm applied to some bytes, with zeroes above it where it is shorter than a measurement. */
  #measure(algorithm: RmmHashAlgorithm, bytes: Uint8Array): Uint8Array {
    const hash =
      algorithm === RmmHashAlgorithm.HASH_SHA_256 ? this.#hashes.sha256(bytes) : this.#hashes.sha512(bytes);
    const measurement = new Uint8Array(MEASUREMENT);
    measurement.set(hash);
    return measurement;
  }

  /** The first RIM of a Realm: the hash of those of its parameters that are measured (B4.3.9.4). */
  initialRim(algorithm: RmmHashAlgorithm, params: RmiRealmParams): Uint8Array {
    const measured = allocate(RmiRealmParams);
    measured.flags.$value = params.flags.$value;
    measured.s2sz = params.s2sz;
    measured.sve_vl = params.sve_vl;
    measured.num_bps = params.num_bps;
    measured.num_wps = params.num_wps;
    measured.pmu_num_ctrs = params.pmu_num_ctrs;
    measured.hash_algo = params.hash_algo as RmiHashAlgorithm;
    return this.#measure(algorithm, measured.$bytes);
  }

  /** The RIM after a Data Granule was created (B4.3.1.4). `content` gives the Granule's bytes. */
  rimWithData(
    algorithm: RmmHashAlgorithm,
    rim: Uint8Array,
    ipa: number,
    flags: RmiDataFlags,
    content: () => Uint8Array,
  ): Uint8Array {
    const descriptor = this.#data;
    this.#dataRim.set(rim);
    descriptor.ipa = BigInt(ipa);
    descriptor.flags.$value = flags.$value;
    if (flags.measure === RmiDataMeasureContent.RMI_MEASURE_CONTENT)
      this.#dataContent.set(this.#measure(algorithm, content()));
    else this.#dataContent.fill(0);
    return this.#measure(algorithm, this.#dataBytes);
  }

  /** The RIM after a runnable REC was created (B4.3.12.4). */
  rimWithRec(algorithm: RmmHashAlgorithm, rim: Uint8Array, params: RmiRecParams): Uint8Array {
    const measured = allocate(RmiRecParams);
    measured.flags.$value = params.flags.$value;
    measured.pc = params.pc;
    for (let i = 0; i < params.gprs.length; i++) measured.gprs.set(i, params.gprs.get(i));
    const descriptor = this.#rec;
    descriptor.rim = rim;
    descriptor.content = this.#measure(algorithm, measured.$bytes);
    return this.#measure(algorithm, descriptor.$bytes);
  }

  /** The RIM after one RTT entry became RAM (B4.3.18.4). Bounds are in bytes of IPA. */
  rimWithRipas(algorithm: RmmHashAlgorithm, rim: Uint8Array, base: number, top: number): Uint8Array {
    const descriptor = this.#ripas;
    this.#ripasRim.set(rim);
    descriptor.base = BigInt(base);
    descriptor.top = BigInt(top);
    return this.#measure(algorithm, this.#ripasBytes);
  }

  /**
   * A REM extended by the first `size` bytes of a value (A7.1.2, B3.42): the hash of the old value and of the new one,
   * which is 512 bits wide with zeroes above those bytes.
   */
  extendedRem(algorithm: RmmHashAlgorithm, old: Uint8Array, value: Uint8Array, size: number): Uint8Array {
    const bytes = new Uint8Array(MEASUREMENT * 2);
    bytes.set(old);
    bytes.set(value.subarray(0, size), MEASUREMENT);
    return this.#measure(algorithm, bytes);
  }
}
