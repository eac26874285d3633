import type { Facts } from './facts.js';

const ulong = (value: bigint) => [value, 'unsigned long'] as const;

/** arch/arm64/include/asm/rsi_smc.h of Linux 6.14. */
export const rsiSmc: Facts = {
  header: 'rsi_smc.h',
  constants: {
    RSI_ABI_VERSION_MAJOR: ulong(1n),
    RSI_ABI_VERSION_MINOR: ulong(0n),
    RSI_ABI_VERSION: ulong(0x10000n),
    RSI_SUCCESS: ulong(0n),
    RSI_ERROR_INPUT: ulong(1n),
    RSI_ERROR_STATE: ulong(2n),
    RSI_INCOMPLETE: ulong(3n),
    RSI_ERROR_UNKNOWN: ulong(4n),
    SMC_RSI_ABI_VERSION: ulong(0xc4000190n),
    SMC_RSI_FEATURES: ulong(0xc4000191n),
    SMC_RSI_MEASUREMENT_READ: ulong(0xc4000192n),
    SMC_RSI_MEASUREMENT_EXTEND: ulong(0xc4000193n),
    SMC_RSI_ATTESTATION_TOKEN_INIT: ulong(0xc4000194n),
    SMC_RSI_ATTESTATION_TOKEN_CONTINUE: ulong(0xc4000195n),
    SMC_RSI_REALM_CONFIG: ulong(0xc4000196n),
    SMC_RSI_IPA_STATE_SET: ulong(0xc4000197n),
    SMC_RSI_IPA_STATE_GET: ulong(0xc4000198n),
    SMC_RSI_HOST_CALL: ulong(0xc4000199n),
    RSI_NO_CHANGE_DESTROYED: ulong(0n),
    RSI_CHANGE_DESTROYED: ulong(1n),
    RSI_ACCEPT: ulong(0n),
    RSI_REJECT: ulong(1n),
  },
  expressions: {
    'SMC_RSI_FID(0x190)': 0xc4000190n,
    'RSI_ABI_VERSION_GET_MAJOR(0x10002)': 1n,
    'RSI_ABI_VERSION_GET_MINOR(0x10002)': 2n,
    'RSI_ABI_VERSION_GET_MINOR(0x10000 | 3)': 3n,
  },
  structs: { realm_config: [0x1000, 0x1000] },
  members: [
    ['realm_config.ipa_bits', 0x0, 'unsigned long'],
    ['realm_config.hash_algo', 0x8, 'unsigned long'],
    ['realm_config.pad', 0x0, 'u8[0x200]'],
    ['realm_config.rpv', 0x200, 'u8[64]'],
    ['realm_config.pad2', 0x200, 'u8[0xe00]'],
  ],
  enums: [],
};
