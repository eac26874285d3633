import { AddrIsProtected } from '../../generated/rmm-1.0-rel0/conditions/functions.js';
import { RmmGptEntry, RmmRipas, RmmRttEntryState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  ESR_EL2,
  EsrExceptionClass,
  EsrFaultStatus,
  EsrIssDataAbort,
  HPFAR_EL2,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { addressOf } from '../conditions/index.js';
import type { RealmException, Stage2Mapping } from '../machine/executor.js';
import { GRANULE } from '../machine/memory.js';
import type { RunContext } from './context.js';
import { abortToRealm, permissionFault, type Syndrome, translationFault } from './exceptions.js';

/** What stage 2 says to an access. */
export type Translation =
  | { readonly kind: 'mapped'; readonly mapping: Stage2Mapping }
  /** An abort that is taken to R-EL2. */
  | { readonly kind: 'fault'; readonly syndrome: Syndrome }
  /** An abort that the Realm takes. */
  | { readonly kind: 'to the Realm'; readonly exception: RealmException };

/** S2AP of a stage 2 descriptor (Arm ARM DDI 0487, VMSAv8-64): its bits permit reads and writes. */
const READABLE = 1;
const WRITABLE = 2;

/** An abort with the fault status that the walk gives it: IFSC and DFSC are the same bits. */
function withStatus({ esr, far, hpfar }: Syndrome, status: EsrFaultStatus): Syndrome {
  const { EC, IL, ISS } = ESR_EL2.of(esr);
  const iss = EsrIssDataAbort.of(ISS);
  iss.DFSC = status;
  return { esr: ESR_EL2.of({ EC, IL, ISS: iss.$value }).$value, far, hpfar };
}

/** The walk of the RTTs that the PE makes for an access (A5.2, A5.3.1). */
export function translate({ port, rec, realm }: RunContext, abort: Syndrome): Translation {
  const { state } = port;
  const page = addressOf(HPFAR_EL2.of(abort.hpfar).FIPA * BigInt(GRANULE));
  const walk = state.RttWalk(rec.owner, page);
  if (walk === undefined) return { kind: 'fault', syndrome: abort };
  const { level, rtte } = walk;
  const fault = (status: EsrFaultStatus): Translation => ({
    kind: 'fault',
    syndrome: withStatus(abort, status),
  });
  const pa = rtte.addr + (page % state.RttLevelSize(level)!);
  const { EC, ISS } = ESR_EL2.of(abort.esr);
  if (AddrIsProtected(page, realm)) {
    if (rtte.state !== RmmRttEntryState.ASSIGNED || rtte.ripas !== RmmRipas.RAM)
      return fault(translationFault(level));
    return { kind: 'mapped', mapping: { ipa: page, pa, readable: true, writable: true } };
  }
  if (rtte.state !== RmmRttEntryState.ASSIGNED_NS) return fault(translationFault(level));
  // Memory outside the Realm is never executed (A5.2.6).
  const isFetch = EC === EsrExceptionClass.ESR_EC_IABT_LOWER;
  const wanted = EsrIssDataAbort.of(ISS).WnR === 1 ? WRITABLE : READABLE;
  if (isFetch || (rtte.S2AP & wanted) === 0) return fault(permissionFault(level));
  const gpt = state.Granule(pa)?.gpt;
  if (gpt !== RmmGptEntry.GPT_NS && gpt !== RmmGptEntry.GPT_AAP) {
    const status = gpt === undefined ? EsrFaultStatus.ESR_FSC_EXTERNAL : EsrFaultStatus.ESR_FSC_GPF;
    return { kind: 'to the Realm', exception: abortToRealm(abort, status) };
  }
  return {
    kind: 'mapped',
    mapping: {
      ipa: page,
      pa,
      readable: (rtte.S2AP & READABLE) !== 0,
      writable: (rtte.S2AP & WRITABLE) !== 0,
    },
  };
}
