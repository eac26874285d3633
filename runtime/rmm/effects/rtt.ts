import {
  RmmFeature,
  RmmGranuleState,
  RmmRipas,
  RmmRttEntryState,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type {
  RmiRttCreateInputs,
  RmiRttDestroyInputs,
  RmiRttDestroyOutputs,
  RmiRttFoldInputs,
  RmiRttFoldOutputs,
  RmiRttInitRipasInputs,
  RmiRttInitRipasOutputs,
  RmiRttMapUnprotectedInputs,
  RmiRttReadEntryInputs,
  RmiRttReadEntryOutputs,
  RmiRttSetRipasInputs,
  RmiRttSetRipasOutputs,
  RmiRttUnmapUnprotectedInputs,
  RmiRttUnmapUnprotectedOutputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RMM_RTT_PAGE_LEVEL, RmiRipas } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { descriptorOf } from '../../machine/descriptor.js';
import type { Rmm } from '../rmm.js';
import { entryIndex, levelSize, Rtt } from '../rtt.js';

/** Unfolds the parent entry into a table of its own (A5.5.7). */
export function create(rmm: Rmm, { rd, rtt: address, ipa, level }: RmiRttCreateInputs): void {
  const { store } = rmm;
  const parent = store.walk(store.realms.get(rd)!, ipa, level - 1);
  const table = store.addTable(address, level, ipa, rd);
  table.fill(parent.rtt.entry(parent.index));
  parent.rtt.set(
    parent.index,
    { addr: address, state: RmmRttEntryState.TABLE, ripas: RmmRipas.EMPTY, MemAttr: 0, S2AP: 0 },
    table,
  );
  store.granules.setState(address, RmmGranuleState.RTT);
}

function release(rmm: Rmm, table: Rtt): void {
  rmm.store.removeTable(table);
  rmm.store.granules.setState(table.address, RmmGranuleState.DELEGATED);
}

export function destroy(
  rmm: Rmm,
  { rd, ipa, level }: RmiRttDestroyInputs,
  output: RmiRttDestroyOutputs,
): void {
  const { store, state } = rmm;
  const realm = store.realms.get(rd)!;
  const { rtt, index } = store.walk(realm, ipa, level - 1);
  const table = rtt.children[index]!;
  release(rmm, table);
  const isProtected = realm.isProtected(ipa);
  rtt.set(index, Rtt.unassigned(isProtected, isProtected ? RmmRipas.DESTROYED : RmmRipas.EMPTY));
  output.rtt = table.address;
  output.top = state.RttSkipNonLiveEntries(rtt, rtt.level, ipa);
}

export function fold(rmm: Rmm, { rd, ipa, level }: RmiRttFoldInputs, output: RmiRttFoldOutputs): void {
  const { store, state } = rmm;
  const { rtt, index } = store.walk(store.realms.get(rd)!, ipa, level - 1);
  const table = rtt.children[index]!;
  const folded = state.RttFold(table)!;
  release(rmm, table);
  rtt.set(index, folded);
  output.rtt = table.address;
}

/** Sets the RIPAS of the entries from one IPA up to another, all in the table that a walk to the first one ends in. */
function setRipas(rtt: Rtt, base: number, top: number, ripas: RmmRipas): void {
  const size = levelSize(rtt.level)!;
  for (let ipa = base; ipa < top; ipa += size) rtt.setRipas(entryIndex(ipa, rtt.level), ripas);
}

export function initRipas(
  rmm: Rmm,
  { rd, base, top }: RmiRttInitRipasInputs,
  output: RmiRttInitRipasOutputs,
): void {
  const { store, state } = rmm;
  const realm = store.realms.get(rd)!;
  const { rtt } = store.walk(realm, base, RMM_RTT_PAGE_LEVEL);
  const end = state.RttSkipEntriesWithRipas(rtt, rtt.level, base, top, false);
  setRipas(rtt, base, end, RmmRipas.RAM);
  realm.measurements[0] = state.RimExtendRipas(realm, base, end, rtt.level);
  output.out_top = end;
}

export function applyRipas(
  rmm: Rmm,
  { rd, rec_ptr, base, top }: RmiRttSetRipasInputs,
  output: RmiRttSetRipasOutputs,
): void {
  const { store, state } = rmm;
  const rec = store.recs.get(rec_ptr)!;
  const { rtt } = store.walk(store.realms.get(rd)!, base, RMM_RTT_PAGE_LEVEL);
  const stopAtDestroyed = !state.mayChangeDestroyed(rec);
  const end = state.RttSkipEntriesWithRipas(rtt, rtt.level, base, top, stopAtDestroyed);
  setRipas(rtt, base, end, rec.ripas_value);
  rec.ripas_addr = Math.min(top, end);
  output.out_top = rec.ripas_addr;
}

export function mapUnprotected(rmm: Rmm, { rd, ipa, level, desc }: RmiRttMapUnprotectedInputs): void {
  const { store, state } = rmm;
  const { rtt, index } = store.walk(store.realms.get(rd)!, ipa, level);
  const { addr, ripas, MemAttr, S2AP } = state.RttEntryFromDescriptor(desc);
  rtt.set(index, { addr, ripas, state: RmmRttEntryState.ASSIGNED_NS, MemAttr, S2AP });
}

export function unmapUnprotected(
  rmm: Rmm,
  { rd, ipa, level }: RmiRttUnmapUnprotectedInputs,
  output: RmiRttUnmapUnprotectedOutputs,
): void {
  const { store, state } = rmm;
  const { rtt, index } = store.walk(store.realms.get(rd)!, ipa, level);
  rtt.set(index, Rtt.unassigned(false, RmmRipas.EMPTY));
  output.top = state.RttSkipNonLiveEntries(rtt, rtt.level, ipa);
}

/** RTT levels from -1 on as the register has them: making a bigint takes a third of the command's time. */
const levels: readonly bigint[] = [-1, 0, 1, 2, 3].map((level) => BigInt.asUintN(64, BigInt(level)));

/** What is reported depends on the state of the entry (B4.3.20.3); everything else is zero. */
export function readEntry(
  rmm: Rmm,
  { rd, ipa, level }: RmiRttReadEntryInputs,
  output: RmiRttReadEntryOutputs,
): void {
  const { store, state } = rmm;
  const realm = store.realms.get(rd)!;
  const { rtt, index } = store.walk(realm, ipa, level);
  const { addr, ripas, state: found, MemAttr, S2AP } = rtt.entry(index);
  const lpa2 = realm.feat_lpa2 === RmmFeature.FEATURE_TRUE;
  output.walk_level = levels[rtt.level + 1]!;
  output.state = state.RttEntryState(found);
  output.ripas = RmiRipas.RMI_EMPTY;
  switch (found) {
    case RmmRttEntryState.UNASSIGNED:
      output.ripas = state.RipasToRmi(ripas)!;
      break;
    case RmmRttEntryState.ASSIGNED:
      output.desc = descriptorOf(addr, 0, 0, lpa2);
      output.ripas = state.RipasToRmi(ripas)!;
      break;
    case RmmRttEntryState.TABLE:
      output.desc = descriptorOf(addr, 0, 0, lpa2);
      break;
    case RmmRttEntryState.ASSIGNED_NS:
      output.desc = descriptorOf(addr, MemAttr, S2AP, lpa2);
      break;
  }
}
