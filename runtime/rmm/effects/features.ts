import type {
  RmiFeaturesInputs,
  RmiFeaturesOutputs,
  RmiVersionInputs,
  RmiVersionOutputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RmiStatusCode } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Revision, Rmm } from '../rmm.js';

export function features(rmm: Rmm, { index }: RmiFeaturesInputs, output: RmiFeaturesOutputs): void {
  output.value = index < BigInt(rmm.featureRegisters.length) ? rmm.featureRegisters[Number(index)]! : 0n;
}

const order = (a: Revision, b: Revision): number => a.major - b.major || a.minor - b.minor;

/** Which revision serves a request, by the three cases of B2. */
export function negotiate(
  supported: readonly Revision[],
  requested: Revision,
): { readonly compatible: boolean; readonly lower: Revision; readonly higher: Revision } {
  const higher = supported.at(-1)!;
  if (supported.some((one) => order(one, requested) === 0))
    return { compatible: true, lower: requested, higher };
  const below = supported.filter((one) => order(one, requested) < 0);
  return { compatible: false, lower: below.at(-1) ?? higher, higher };
}

export function version(rmm: Rmm, { req }: RmiVersionInputs, output: RmiVersionOutputs): void {
  const { compatible, lower, higher } = negotiate(rmm.revisions, { major: req.major, minor: req.minor });
  output.result.status = compatible ? RmiStatusCode.RMI_SUCCESS : RmiStatusCode.RMI_ERROR_INPUT;
  output.lower.assign(lower);
  output.higher.assign(higher);
}
