import {
  RmmFeature,
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmRealmState,
  RmmRipas,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type {
  RmiRealmActivateInputs,
  RmiRealmCreateInputs,
  RmiRealmDestroyInputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RmiFeature, RmiHashAlgorithm } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { addressOf, integerOf } from '../../conditions/index.js';
import { GRANULE } from '../../machine/memory.js';
import { Realm } from '../realm.js';
import type { Rmm } from '../rmm.js';
import { ENTRIES, levelSize, Rtt } from '../rtt.js';

export function create(rmm: Rmm, { rd, params_ptr }: RmiRealmCreateInputs): void {
  const { store, state } = rmm;
  const params = state.RealmParams(params_ptr)!;
  const realm = new Realm(rd);
  realm.feat_lpa2 =
    params.flags.lpa2 === RmiFeature.RMI_FEATURE_TRUE ? RmmFeature.FEATURE_TRUE : RmmFeature.FEATURE_FALSE;
  realm.ipa_width = params.s2sz;
  realm.hash_algo =
    params.hash_algo === RmiHashAlgorithm.RMI_HASH_SHA_256
      ? RmmHashAlgorithm.HASH_SHA_256
      : RmmHashAlgorithm.HASH_SHA_512;
  realm.rtt_base = addressOf(params.rtt_base);
  realm.rtt_level_start = integerOf(params.rtt_level_start);
  realm.rtt_num_start = params.rtt_num_start;
  realm.vmid = params.vmid;
  realm.rpv = params.rpv.slice();
  realm.measurements[0] = state.RimInit(realm.hash_algo, params);

  const size = levelSize(realm.rtt_level_start)!;
  const span = size * ENTRIES;
  for (let i = 0; i < realm.rtt_num_start; i++) {
    const address = realm.rtt_base + i * GRANULE;
    const rtt = store.addTable(address, realm.rtt_level_start, i * span, rd);
    const protectedEntries = Math.max(0, Math.min(ENTRIES, (realm.firstUnprotected - rtt.ipa) / size));
    rtt.fill(Rtt.unassigned(false, RmmRipas.EMPTY));
    rtt.fill(Rtt.unassigned(true, RmmRipas.EMPTY), 0, protectedEntries);
    store.granules.setState(address, RmmGranuleState.RTT);
    realm.roots.push(rtt);
  }
  store.realms.set(rd, realm);
  store.vmids.set(realm.vmid, rd);
  store.granules.setState(rd, RmmGranuleState.RD);
}

export function activate(rmm: Rmm, { rd }: RmiRealmActivateInputs): void {
  rmm.store.realms.get(rd)!.state = RmmRealmState.REALM_ACTIVE;
}

export function destroy(rmm: Rmm, { rd }: RmiRealmDestroyInputs): void {
  const { store } = rmm;
  const realm = store.realms.get(rd)!;
  for (const rtt of realm.roots) {
    store.removeTable(rtt);
    store.granules.setState(rtt.address, RmmGranuleState.DELEGATED);
  }
  store.vmids.delete(realm.vmid);
  store.realms.delete(rd);
  store.granules.setState(rd, RmmGranuleState.DELEGATED);
}
