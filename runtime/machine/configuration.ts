import { RmmGptEntry } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { Region } from './granules.js';
import { GRANULE } from './memory.js';

/** A range of physical memory as a caller describes it. */
export interface RegionConfiguration {
  /** Physical address, in bytes; a multiple of 4 KB. */
  readonly base: bigint | number;
  /** Bytes; a multiple of 4 KB. */
  readonly size: bigint | number;
  /** Memory can be delegated; devices and what belongs to Secure or Root cannot. `memory` unless given. */
  readonly kind?: 'memory' | 'device' | 'secure' | 'root';
}

/** Physical addresses have 52 bits at most. */
const PA_SPACE = 2 ** 52;
/** What a region may span, so that Granules in it can be counted in 32 bits. */
const MAX_REGION = 2 ** 44;

const gpts = {
  memory: RmmGptEntry.GPT_NS,
  device: RmmGptEntry.GPT_NS,
  secure: RmmGptEntry.GPT_SECURE,
  root: RmmGptEntry.GPT_ROOT,
} as const;

function granuleMultiple(what: string, value: bigint | number): number {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 0 || number % GRANULE !== 0 || number > PA_SPACE) {
    throw new TypeError(`${what}: expected bytes in multiples of 0x1000 within a 52-bit space, got ${value}`);
  }
  return number;
}

/**
 * Checks regions and fills in what was left out.
 *
 * @throws TypeError, RangeError that say what was expected
 */
export function regionsOf(configuration: readonly RegionConfiguration[]): readonly Region[] {
  if (!Array.isArray(configuration as unknown) || configuration.length === 0)
    throw new TypeError('memory: expected at least one region');
  const regions = configuration.map(({ base, size, kind = 'memory' }, index) => {
    const region = {
      base: granuleMultiple(`memory[${index}].base`, base),
      size: granuleMultiple(`memory[${index}].size`, size),
      delegable: kind === 'memory',
      gpt: gpts[kind],
    };
    if (region.gpt === undefined)
      throw new TypeError(`memory[${index}].kind: expected memory, device, secure or root, got ${kind}`);
    if (region.size === 0 || region.size > MAX_REGION)
      throw new RangeError(`memory[${index}].size: expected 0x1000 to 2^44 bytes, got ${size}`);
    if (region.base + region.size > PA_SPACE)
      throw new RangeError(`memory[${index}]: ends beyond the 52-bit space`);
    return region;
  });
  const sorted = [...regions].sort((a, b) => a.base - b.base);
  for (const [i, region] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && region.base + region.size > next.base)
      throw new RangeError(
        `memory: the regions at 0x${region.base.toString(16)} and 0x${next.base.toString(16)} overlap`,
      );
  }
  return regions;
}
