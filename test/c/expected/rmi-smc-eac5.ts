import type { Facts } from './facts.js';
import { rmiSmc } from './rmi-smc.js';

const ulong = (value: bigint) => [value, 'unsigned long'] as const;
const bit = (n: number) => ulong(1n << BigInt(n));
const bits = (high: number, low: number) => ulong((1n << BigInt(high + 1)) - (1n << BigInt(low)));

const {
  RMI_FEATURE_REGISTER_0_GICV3_NUM_LRS: _lrs,
  RMI_FEATURE_REGISTER_0_MAX_RECS_ORDER: _recs,
  ...shared
} = rmiSmc.constants;

/**
 * The values that the header has in series of arm64 CCA host patches that name 1.0-eac5 (their commit message or their
 * opening comment), under the names of version 10.
 */
export const rmiSmcEac5: Facts = {
  ...rmiSmc,
  constants: {
    ...shared,
    RMI_FEATURE_REGISTER_0_S2SZ: bits(7, 0),
    RMI_FEATURE_REGISTER_0_LPA2: bit(8),
    RMI_FEATURE_REGISTER_0_SVE_EN: bit(9),
    RMI_FEATURE_REGISTER_0_SVE_VL: bits(13, 10),
    RMI_FEATURE_REGISTER_0_NUM_BPS: bits(17, 14),
    RMI_FEATURE_REGISTER_0_NUM_WPS: bits(21, 18),
    RMI_FEATURE_REGISTER_0_PMU_EN: bit(22),
    RMI_FEATURE_REGISTER_0_PMU_NUM_CTRS: bits(27, 23),
    RMI_FEATURE_REGISTER_0_HASH_SHA_256: bit(28),
    RMI_FEATURE_REGISTER_0_HASH_SHA_512: bit(29),
    RMI_FEATURE_REGISTER_0_Reserved: bits(63, 30),
  },
};
