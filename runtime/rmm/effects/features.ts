import type {
  RmiFeaturesInputs,
  RmiFeaturesOutputs,
  RmiVersionInputs,
  RmiVersionOutputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RmiStatusCode } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { negotiate } from '../../machine/revision.js';
import type { Rmm } from '../rmm.js';

export function features(rmm: Rmm, { index }: RmiFeaturesInputs, output: RmiFeaturesOutputs): void {
  output.value = index < BigInt(rmm.featureRegisters.length) ? rmm.featureRegisters[Number(index)]! : 0n;
}

export function version(rmm: Rmm, { req }: RmiVersionInputs, output: RmiVersionOutputs): void {
  const { compatible, lower, higher } = negotiate(rmm.revisions, { major: req.major, minor: req.minor });
  output.result.status = compatible ? RmiStatusCode.RMI_SUCCESS : RmiStatusCode.RMI_ERROR_INPUT;
  output.lower.assign(lower);
  output.higher.assign(higher);
}
