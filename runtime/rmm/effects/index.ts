import type { Effects } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import type { Rmm } from '../rmm.js';
import * as data from './data.js';
import { features, version } from './features.js';
import * as granule from './granule.js';
import * as psci from './psci.js';
import * as realm from './realm.js';
import * as rec from './rec.js';
import * as rtt from './rtt.js';

/** What each command does once its conditions let it: the hand-written part of the RMM. */
export function effectsOf(rmm: Rmm): Effects {
  return {
    RMI_DATA_CREATE: (input) => data.create(rmm, input),
    RMI_DATA_CREATE_UNKNOWN: (input) => data.createUnknown(rmm, input),
    RMI_DATA_DESTROY: (input, output) => data.destroy(rmm, input, output),
    RMI_FEATURES: (input, output) => features(rmm, input, output),
    RMI_GRANULE_DELEGATE: (input) => granule.delegate(rmm, input),
    RMI_GRANULE_UNDELEGATE: (input) => granule.undelegate(rmm, input),
    RMI_PSCI_COMPLETE: (input) => psci.complete(rmm, input),
    RMI_REALM_ACTIVATE: (input) => realm.activate(rmm, input),
    RMI_REALM_CREATE: (input) => realm.create(rmm, input),
    RMI_REALM_DESTROY: (input) => realm.destroy(rmm, input),
    RMI_REC_AUX_COUNT: (input, output) => rec.auxCount(rmm, input, output),
    RMI_REC_CREATE: (input) => rec.create(rmm, input),
    RMI_REC_DESTROY: (input) => rec.destroy(rmm, input),
    RMI_REC_ENTER: (input) => rec.enter(rmm, input),
    RMI_RTT_CREATE: (input) => rtt.create(rmm, input),
    RMI_RTT_DESTROY: (input, output) => rtt.destroy(rmm, input, output),
    RMI_RTT_FOLD: (input, output) => rtt.fold(rmm, input, output),
    RMI_RTT_INIT_RIPAS: (input, output) => rtt.initRipas(rmm, input, output),
    RMI_RTT_MAP_UNPROTECTED: (input) => rtt.mapUnprotected(rmm, input),
    RMI_RTT_READ_ENTRY: (input, output) => rtt.readEntry(rmm, input, output),
    RMI_RTT_SET_RIPAS: (input, output) => rtt.applyRipas(rmm, input, output),
    RMI_RTT_UNMAP_UNPROTECTED: (input, output) => rtt.unmapUnprotected(rmm, input, output),
    RMI_VERSION: (input, output) => version(rmm, input, output),
  };
}
