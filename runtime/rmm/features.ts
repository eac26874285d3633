import { RmmFeature, type RmmFeatures } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { RmiFeature, RmiFeatureRegister0 } from '../../generated/rmm-1.0-rel0/typescript/index.js';

/** What an RMM and its platform offer. All that the document leaves to the implementation and the Host can see. */
export interface Features {
  /** Widest IPA, in bits. */
  readonly s2sz: number;
  readonly lpa2: boolean;
  /** Longest SVE vector in 128-bit units, less one; undefined without SVE. */
  readonly sveVl: number | undefined;
  /** Breakpoints, as the register has them: their number less one. */
  readonly numBps: number;
  /** Watchpoints, as the register has them: their number less one. */
  readonly numWps: number;
  /** PMU counters; undefined without PMU. */
  readonly pmuNumCtrs: number | undefined;
  readonly sha256: boolean;
  readonly sha512: boolean;
  /** List registers that the Host can fill: 1 to 16. */
  readonly listRegisters: number;
  /** 2^n - 1 RECs at most a Realm. */
  readonly maxRecsOrder: number;
  /** 8 or 16. */
  readonly vmidBits: number;
  /** Auxiliary Granules that a REC needs: 0 to 16. */
  readonly auxCount: number;
}

/** Like the reference implementation on an emulated platform. */
export const defaultFeatures: Features = {
  s2sz: 48,
  lpa2: true,
  sveVl: undefined,
  numBps: 1,
  numWps: 1,
  pmuNumCtrs: 31,
  sha256: true,
  sha512: true,
  listRegisters: 16,
  maxRecsOrder: 10,
  vmidBits: 16,
  auxCount: 16,
};

/** What numbers may be: their field in the register, and what the architecture or the document leaves of it. */
const ranges: Readonly<Partial<Record<keyof Features, readonly [least: number, most: number]>>> = {
  s2sz: [32, 52],
  sveVl: [0, 15],
  // 0 is reserved (B4.4.6).
  numBps: [1, 63],
  numWps: [1, 63],
  pmuNumCtrs: [0, 31],
  listRegisters: [1, 16],
  maxRecsOrder: [0, 15],
  vmidBits: [8, 16],
  auxCount: [0, 16],
};
const optional: readonly string[] = ['sveVl', 'pmuNumCtrs'] satisfies (keyof Features)[];

/**
 * Fills in what was left out.
 *
 * @throws TypeError, RangeError that say what was expected
 */
export function featuresOf(given: Partial<Features> = {}): Features {
  const features: Features = { ...defaultFeatures, ...given };
  for (const [name, value] of Object.entries(features)) {
    if (!Object.hasOwn(defaultFeatures, name)) throw new TypeError(`features: there is no ${name}`);
    const range = ranges[name as keyof Features];
    if (range === undefined) {
      if (typeof value !== 'boolean')
        throw new TypeError(`features.${name}: expected true or false, got ${String(value)}`);
    } else if (value !== undefined || !optional.includes(name)) {
      const [least, most] = range;
      if (typeof value !== 'number' || !Number.isInteger(value))
        throw new TypeError(`features.${name}: expected a whole number, got ${String(value)}`);
      if (value < least || value > most)
        throw new RangeError(`features.${name}: expected ${least} to ${most}, got ${value}`);
    }
  }
  const { s2sz, lpa2, vmidBits } = features;
  if (vmidBits !== 8 && vmidBits !== 16)
    throw new RangeError(`features.vmidBits: expected 8 or 16, got ${vmidBits}`);
  if (s2sz > 48 && !lpa2)
    throw new RangeError(`features.s2sz: expected 48 at most without lpa2, got ${s2sz}`);
  return features;
}

const flag = (value: boolean) => (value ? RmiFeature.RMI_FEATURE_TRUE : RmiFeature.RMI_FEATURE_FALSE);

/** Feature register 0 (B4.4.6). */
export function featureRegister0(features: Features): bigint {
  return RmiFeatureRegister0.of({
    S2SZ: features.s2sz,
    LPA2: flag(features.lpa2),
    SVE_EN: flag(features.sveVl !== undefined),
    SVE_VL: features.sveVl ?? 0,
    NUM_BPS: features.numBps,
    NUM_WPS: features.numWps,
    PMU_EN: flag(features.pmuNumCtrs !== undefined),
    PMU_NUM_CTRS: features.pmuNumCtrs ?? 0,
    HASH_SHA_256: flag(features.sha256),
    HASH_SHA_512: flag(features.sha512),
    GICV3_NUM_LRS: features.listRegisters - 1,
    MAX_RECS_ORDER: features.maxRecsOrder,
  }).$value;
}

/** What a feature register says, for a machine that is to be like the one that it was read from. */
export function featuresFrom(
  register: bigint,
  others: Pick<Features, 'vmidBits' | 'auxCount'> = defaultFeatures,
): Features {
  const value = RmiFeatureRegister0.of(register);
  return {
    s2sz: value.S2SZ,
    lpa2: value.LPA2 === RmiFeature.RMI_FEATURE_TRUE,
    sveVl: value.SVE_EN === RmiFeature.RMI_FEATURE_TRUE ? value.SVE_VL : undefined,
    numBps: value.NUM_BPS,
    numWps: value.NUM_WPS,
    pmuNumCtrs: value.PMU_EN === RmiFeature.RMI_FEATURE_TRUE ? value.PMU_NUM_CTRS : undefined,
    sha256: value.HASH_SHA_256 === RmiFeature.RMI_FEATURE_TRUE,
    sha512: value.HASH_SHA_512 === RmiFeature.RMI_FEATURE_TRUE,
    listRegisters: value.GICV3_NUM_LRS + 1,
    maxRecsOrder: value.MAX_RECS_ORDER,
    vmidBits: others.vmidBits,
    auxCount: others.auxCount,
  };
}

const abstractFlag = (value: boolean): RmmFeature =>
  value ? RmmFeature.FEATURE_TRUE : RmmFeature.FEATURE_FALSE;

/** The same as conditions see it (C1.4). */
export function abstractFeatures(features: Features): RmmFeatures {
  return Object.freeze({
    max_ipa_width: features.s2sz,
    feat_lpa2: abstractFlag(features.lpa2),
    feat_sve: abstractFlag(features.sveVl !== undefined),
    max_sve_vl: features.sveVl ?? 0,
    num_bps: features.numBps,
    num_wps: features.numWps,
    feat_pmu: abstractFlag(features.pmuNumCtrs !== undefined),
    pmu_num_ctrs: features.pmuNumCtrs ?? 0,
    feat_sha_256: abstractFlag(features.sha256),
    feat_sha_512: abstractFlag(features.sha512),
    max_recs_order: features.maxRecsOrder,
  });
}
