import {
  RmmGranuleState,
  RmmRipas,
  RmmRttEntryState,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type {
  RmiDataCreateInputs,
  RmiDataCreateUnknownInputs,
  RmiDataDestroyInputs,
  RmiDataDestroyOutputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RMM_RTT_PAGE_LEVEL } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { copyGranule } from '../../machine/memory.js';
import type { Rmm } from '../rmm.js';

export function create(rmm: Rmm, { rd, data, ipa, src, flags }: RmiDataCreateInputs): void {
  const { store, state } = rmm;
  const realm = store.realms.get(rd)!;
  copyGranule(rmm.memory, src, data);
  realm.measurements[0] = state.RimExtendData(realm, ipa, data, flags);
  assign(rmm, rd, ipa, data, RmmRipas.RAM);
}

export function createUnknown(rmm: Rmm, { rd, data, ipa }: RmiDataCreateUnknownInputs): void {
  rmm.memory.wipe(data);
  assign(rmm, rd, ipa, data, undefined);
}

/** Maps a Granule at a Protected IPA. Without a RIPAS the entry keeps the one that it has. */
function assign(rmm: Rmm, rd: number, ipa: number, data: number, ripas: RmmRipas | undefined): void {
  const { store } = rmm;
  const { rtt, index } = store.walk(store.realms.get(rd)!, ipa, RMM_RTT_PAGE_LEVEL);
  store.granules.setState(data, RmmGranuleState.DATA);
  rtt.assign(index, RmmRttEntryState.ASSIGNED, data);
  if (ripas !== undefined) rtt.setRipas(index, ripas);
}

export function destroy(rmm: Rmm, { rd, ipa }: RmiDataDestroyInputs, output: RmiDataDestroyOutputs): void {
  const { store, state } = rmm;
  const { rtt, index } = store.walk(store.realms.get(rd)!, ipa, RMM_RTT_PAGE_LEVEL);
  const data = rtt.addressAt(index);
  rmm.memory.wipe(data);
  store.granules.setState(data, RmmGranuleState.DELEGATED);
  rtt.assign(index, RmmRttEntryState.UNASSIGNED, 0);
  // Memory that held something of the Realm's is not to come back empty unnoticed (A5.2.4, A5.2.5).
  if (rtt.ripasAt(index) === RmmRipas.RAM) rtt.setRipas(index, RmmRipas.DESTROYED);
  output.data = data;
  output.top = state.RttSkipNonLiveEntries(rtt, rtt.level, ipa);
}
