import { RmmGptEntry, RmmGranuleState } from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type {
  RmiGranuleDelegateInputs,
  RmiGranuleUndelegateInputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import type { Rmm } from '../rmm.js';

export function delegate(rmm: Rmm, { addr }: RmiGranuleDelegateInputs): void {
  rmm.store.granules.set(addr, RmmGranuleState.DELEGATED, RmmGptEntry.GPT_REALM);
}

/** What the Granule held is gone before the Host can look (A2.2.4). */
export function undelegate(rmm: Rmm, { addr }: RmiGranuleUndelegateInputs): void {
  rmm.memory.wipe(addr);
  rmm.store.granules.set(addr, RmmGranuleState.UNDELEGATED, RmmGptEntry.GPT_NS);
}
