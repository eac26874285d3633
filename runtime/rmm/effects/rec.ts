import { RmmGranuleState, RmmRecRunnable } from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type {
  RmiRecAuxCountInputs,
  RmiRecAuxCountOutputs,
  RmiRecCreateInputs,
  RmiRecDestroyInputs,
  RmiRecEnterInputs,
} from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import { RmiRecRunnable } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { addressOf } from '../../conditions/index.js';
import { Rec } from '../rec.js';
import type { Rmm } from '../rmm.js';

export function auxCount(rmm: Rmm, { rd }: RmiRecAuxCountInputs, output: RmiRecAuxCountOutputs): void {
  output.aux_count = BigInt(rmm.state.RecAuxCount(rd)!);
}

export function create(rmm: Rmm, { rd, rec: address, params_ptr }: RmiRecCreateInputs): void {
  const { store, state } = rmm;
  const params = state.RecParams(params_ptr)!;
  const realm = store.realms.get(rd)!;
  const rec = new Rec(address);
  const runnable = params.flags.runnable === RmiRecRunnable.RMI_RUNNABLE;
  rec.owner = rd;
  rec.mpidr = params.mpidr.$value;
  rec.pc = params.pc;
  rec.flags.runnable = runnable ? RmmRecRunnable.RUNNABLE : RmmRecRunnable.NOT_RUNNABLE;
  for (let i = 0; i < params.gprs.length; i++) rec.gprs[i] = params.gprs.get(i);
  if (runnable) realm.measurements[0] = state.RimExtendRec(realm, params);
  for (let i = 0; i < Number(params.num_aux); i++) {
    rec.aux[i] = addressOf(params.aux.get(i));
    store.granules.setState(rec.aux[i]!, RmmGranuleState.REC_AUX);
  }
  realm.rec_index++;
  realm.num_recs++;
  store.recs.set(address, rec);
  store.granules.setState(address, RmmGranuleState.REC);
}

export function destroy(rmm: Rmm, { rec_ptr }: RmiRecDestroyInputs): void {
  const { store } = rmm;
  const rec = store.recs.get(rec_ptr)!;
  for (const aux of rec.aux.slice(0, rmm.features.auxCount))
    store.granules.setState(aux, RmmGranuleState.DELEGATED);
  store.realms.get(rec.owner)!.num_recs--;
  store.recs.delete(rec_ptr);
  store.granules.setState(rec_ptr, RmmGranuleState.DELEGATED);
}

export function enter(rmm: Rmm, { rec, run_ptr }: RmiRecEnterInputs): void {
  rmm.runner.enter(rmm.store.recs.get(rec)!, run_ptr);
}
