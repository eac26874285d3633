import {
  CcaPlatformClaims,
  CcaPlatformLifecycle,
  CcaPlatformLifecycleState,
  CcaPlatformSwComponent,
  NamedHash,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { type HashName, hashByName } from './cose.js';

/** Software that runs on a platform, as its token tells of it. */
export interface SoftwareComponent {
  readonly type?: string;
  /** A hash: 32, 48 or 64 bytes. */
  readonly measurement: Uint8Array;
  readonly version?: string;
  /** The hash of the public key of its signer: 32, 48 or 64 bytes. */
  readonly signer: Uint8Array;
  readonly hash?: HashName;
}

/** What a platform says of itself. The challenge and the instance ID follow from the keys. */
export interface Platform {
  /** 32 bytes. */
  readonly implementation: Uint8Array;
  readonly config: Uint8Array;
  readonly state: CcaPlatformLifecycleState;
  /** At least one. */
  readonly software: readonly SoftwareComponent[];
  readonly verificationService: string | undefined;
  readonly hash: HashName;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const { value: SHA_256 } = NamedHash.entries.sha_256;
const SIGNER = hashByName(SHA_256, ascii('rmigen test signer'));
const IMPLEMENTATION = new Uint8Array(CcaPlatformClaims.entries.cca_platform_implementation_id.sizes[0]);
IMPLEMENTATION.set(ascii('rmigen test platform'));

/** A component whose measurement is the hash of its own name: there is no image that could be measured. */
function component(type: string): SoftwareComponent {
  return {
    type,
    measurement: hashByName(SHA_256, ascii(type)),
    version: '1.0',
    signer: SIGNER,
    hash: SHA_256,
  };
}

/** A platform that nobody can take for a real one (docs/attestation.md). */
export const testPlatform: Platform = {
  implementation: IMPLEMENTATION,
  config: new Uint8Array(4),
  state: CcaPlatformLifecycleState.CCA_PLATFORM_LIFECYCLE_SECURED,
  software: [component('Monitor'), component('RMM')],
  verificationService: 'https://verifier.example/rmigen',
  hash: SHA_256,
};

/**
 * The claims of a platform token (A7.2.3.2).
 *
 * @param challenge the hash of the Realm's public key
 * @param instance the unique identifier of the platform's key, without its first byte
 */
export function platformClaims(
  platform: Platform,
  challenge: Uint8Array,
  instance: Uint8Array,
): ReadonlyMap<number, unknown> {
  const { entries } = CcaPlatformClaims;
  const claims = new Map<number, unknown>([
    [entries.cca_platform_profile.key, entries.cca_platform_profile.value],
    [entries.cca_platform_challenge.key, challenge],
    [entries.cca_platform_implementation_id.key, platform.implementation],
    [
      entries.cca_platform_instance_id.key,
      Uint8Array.of(entries.cca_platform_instance_id.first, ...instance),
    ],
    [entries.cca_platform_config.key, platform.config],
    [entries.cca_platform_lifecycle.key, CcaPlatformLifecycle.of({ state: platform.state }).$value],
    [entries.cca_platform_sw_components.key, platform.software.map(componentClaims)],
    [entries.cca_platform_hash_algo_id.key, platform.hash],
  ]);
  if (platform.verificationService !== undefined)
    claims.set(entries.cca_platform_verification_service.key, platform.verificationService);
  return claims;
}

function componentClaims(one: SoftwareComponent): ReadonlyMap<number, unknown> {
  const { entries } = CcaPlatformSwComponent;
  const claims = new Map<number, unknown>([
    [entries.cca_platform_sw_component_measurement_value.key, one.measurement],
    [entries.cca_platform_sw_component_signer_id.key, one.signer],
  ]);
  const optional = [
    [entries.cca_platform_sw_component_type.key, one.type],
    [entries.cca_platform_sw_component_version.key, one.version],
    [entries.cca_platform_sw_component_hash_algo_id.key, one.hash],
  ] as const;
  for (const [key, value] of optional) if (value !== undefined) claims.set(key, value);
  return claims;
}
