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

/** The Realm Hash Algorithm applied to some bytes, with zeroes above it where it is shorter than a measurement (A7.1). */
function measure(hashes: Hashes, algorithm: RmmHashAlgorithm, bytes: Uint8Array): Uint8Array {
  const hash = algorithm === RmmHashAlgorithm.HASH_SHA_256 ? hashes.sha256(bytes) : hashes.sha512(bytes);
  const measurement = new Uint8Array(MEASUREMENT);
  measurement.set(hash);
  return measurement;
}

/** The first RIM of a Realm: the hash of those of its parameters that are measured (B4.3.9.4). */
export function initialRim(hashes: Hashes, algorithm: RmmHashAlgorithm, params: RmiRealmParams): Uint8Array {
  const measured = allocate(RmiRealmParams);
  measured.flags.$value = params.flags.$value;
  measured.s2sz = params.s2sz;
  measured.sve_vl = params.sve_vl;
  measured.num_bps = params.num_bps;
  measured.num_wps = params.num_wps;
  measured.pmu_num_ctrs = params.pmu_num_ctrs;
  measured.hash_algo = params.hash_algo as RmiHashAlgorithm;
  return measure(hashes, algorithm, measured.$bytes);
}

/** The RIM after a Data Granule was created (B4.3.1.4). `content` is the Granule's bytes. */
export function rimWithData(
  hashes: Hashes,
  algorithm: RmmHashAlgorithm,
  rim: Uint8Array,
  ipa: number,
  flags: RmiDataFlags,
  content: Uint8Array,
): Uint8Array {
  const descriptor = allocate(RmmMeasurementDescriptorData).$clear();
  descriptor.rim = rim;
  descriptor.ipa = BigInt(ipa);
  descriptor.flags.$value = flags.$value;
  if (flags.measure === RmiDataMeasureContent.RMI_MEASURE_CONTENT)
    descriptor.content = measure(hashes, algorithm, content);
  return measure(hashes, algorithm, descriptor.$bytes);
}

/** The RIM after a runnable REC was created (B4.3.12.4). */
export function rimWithRec(
  hashes: Hashes,
  algorithm: RmmHashAlgorithm,
  rim: Uint8Array,
  params: RmiRecParams,
): Uint8Array {
  const measured = allocate(RmiRecParams);
  measured.flags.$value = params.flags.$value;
  measured.pc = params.pc;
  for (let i = 0; i < params.gprs.length; i++) measured.gprs.set(i, params.gprs.get(i));
  const descriptor = allocate(RmmMeasurementDescriptorRec).$clear();
  descriptor.rim = rim;
  descriptor.content = measure(hashes, algorithm, measured.$bytes);
  return measure(hashes, algorithm, descriptor.$bytes);
}

/** The RIM after one RTT entry became RAM (B4.3.18.4). Bounds are in bytes of IPA. */
export function rimWithRipas(
  hashes: Hashes,
  algorithm: RmmHashAlgorithm,
  rim: Uint8Array,
  base: number,
  top: number,
): Uint8Array {
  const descriptor = allocate(RmmMeasurementDescriptorRipas).$clear();
  descriptor.rim = rim;
  descriptor.base = BigInt(base);
  descriptor.top = BigInt(top);
  return measure(hashes, algorithm, descriptor.$bytes);
}

/**
 * A REM extended by the first `size` bytes of a value (A7.1.2, B3.42): the hash of the old value and of the new one, which
 * is 512 bits wide with zeroes above those bytes.
 */
export function extendedRem(
  hashes: Hashes,
  algorithm: RmmHashAlgorithm,
  old: Uint8Array,
  value: Uint8Array,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(MEASUREMENT * 2);
  bytes.set(old);
  bytes.set(value.subarray(0, size), MEASUREMENT);
  return measure(hashes, algorithm, bytes);
}
