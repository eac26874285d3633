import { AddrIsProtected } from '../../generated/rmm-1.0-rel0/conditions/functions.js';
import { RmmRipas, RmmRttEntryState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  ESR_EL2,
  EsrExceptionClass,
  EsrFaultStatus,
  EsrIssDataAbort,
  EsrIssWfx,
  EsrTrappedWfx,
  HPFAR_EL2,
  RmiRecExitReason,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { addressOf } from '../conditions/index.js';
import { GRANULE } from '../machine/memory.js';
import type { RealmAction } from '../machine/realm.js';
import { ALL_GPRS, GPRS, type RunContext, UNKNOWN_REGISTER } from './context.js';
import type { RecExit } from './exit.js';
import { bitsOf } from './syndrome.js';

/** What becomes of an exception that is taken to R-EL2 (A4.3.4). */
export type Taken =
  | { readonly kind: 'exit'; readonly exit: RecExit }
  /** The Realm goes on at one of its exception vectors. */
  | { readonly kind: 'to the Realm' }
  /** The instruction was an SMC. */
  | { readonly kind: 'smc' }
  /** The RMM carries the instruction out: what it leaves in the registers is not modelled. */
  | { readonly kind: 'emulated' }
  /** The document has no such case. */
  | { readonly kind: 'beyond' };

const toRealm: Taken = { kind: 'to the Realm' };
const beyond: Taken = { kind: 'beyond' };

const EC = bitsOf('ESR_EL2', 'EC');
const IL = bitsOf('ESR_EL2', 'IL');
const shown = {
  wfx: EC | bitsOf('EsrIssWfx', 'TI'),
  instructionAbort: EC | bitsOf('EsrIssInstructionAbort', 'SET', 'EA', 'IFSC'),
  dataAbort: EC | bitsOf('EsrIssDataAbort', 'SET', 'FnV', 'EA', 'DFSC'),
  emulatable: bitsOf('EsrIssDataAbort', 'ISV', 'SAS', 'SF', 'WnR'),
  serror: EC | bitsOf('EsrIssSError', 'IDS', 'AET', 'EA', 'DFSC'),
} as const;

const permissionFaults: readonly number[] = [
  EsrFaultStatus.ESR_FSC_PERMISSION_L0,
  EsrFaultStatus.ESR_FSC_PERMISSION_L1,
  EsrFaultStatus.ESR_FSC_PERMISSION_L2,
  EsrFaultStatus.ESR_FSC_PERMISSION_L3,
];

/** The value of a register that an instruction names; 31 is the zero register. */
function register(context: RunContext, index: number): { readonly value: bigint; readonly known: boolean } {
  if (index >= GPRS) return { value: 0n, known: true };
  return {
    value: context.rec.gprs[index]!,
    known: (context.continuation.unknown & (1 << index)) === 0,
  };
}

/** An exception that was taken to R-EL2 while the Realm ran. */
export function takeSynchronous(context: RunContext, action: RealmAction & { kind: 'sync' }): Taken {
  switch (ESR_EL2.of(action.esr).EC) {
    case EsrExceptionClass.ESR_EC_WFX:
      return { kind: 'exit', exit: waiting(context, action) };
    case EsrExceptionClass.ESR_EC_HVC64:
      return toRealm;
    case EsrExceptionClass.ESR_EC_SMC64:
      return { kind: 'smc' };
    case EsrExceptionClass.ESR_EC_SYSREG:
      context.continuation.unknown = ALL_GPRS;
      return { kind: 'emulated' };
    case EsrExceptionClass.ESR_EC_IABT_LOWER:
      return instructionAbort(context, action);
    case EsrExceptionClass.ESR_EC_DABT_LOWER:
      return dataAbort(context, action);
    default:
      return beyond;
  }
}

/** A4.3.4.1. Whether the Realm goes on at the instruction or after it the document does not say. */
function waiting(context: RunContext, { esr }: RealmAction & { kind: 'sync' }): RecExit {
  const { TI, RN } = EsrIssWfx.of(ESR_EL2.of(esr).ISS);
  const timed = TI === EsrTrappedWfx.ESR_TI_WFIT || TI === EsrTrappedWfx.ESR_TI_WFET;
  const timeout = register(context, RN);
  context.continuation.resumesAt = 'pc or next';
  return {
    what: 'REC exit due to WFI or WFE',
    section: 'A4.3.4.1',
    reason: RmiRecExitReason.RMI_EXIT_SYNC,
    carries: timed ? ['esr', 'gprs'] : ['esr'],
    ...(timed && !timeout.known ? { open: { members: ['gprs'], reason: UNKNOWN_REGISTER } } : {}),
    fill(exit) {
      exit.esr = esr & shown.wfx;
      if (timed) exit.gprs.set(0, timeout.value);
    },
  };
}

/** Where a stage 2 abort happened. */
type Place =
  | { readonly kind: 'outside' }
  | {
      readonly kind: 'protected' | 'unprotected';
      readonly state: RmmRttEntryState;
      readonly ripas: RmmRipas;
    };

function placeOf({ port, rec, realm }: RunContext, hpfar: bigint): Place {
  const ipa = addressOf(HPFAR_EL2.of(hpfar).FIPA * BigInt(GRANULE));
  const walk = port.state.RttWalk(rec.owner, ipa);
  if (walk === undefined) return { kind: 'outside' };
  const { state, ripas } = walk.rtte;
  return { kind: AddrIsProtected(ipa, realm) ? 'protected' : 'unprotected', state, ripas };
}

/** What an access to a Protected IPA comes to: A5.2.3, the same for data and instructions. */
function protectedAccess(place: Place & { kind: 'protected' | 'unprotected' }, exit: RecExit): Taken {
  if (place.ripas === RmmRipas.EMPTY) return toRealm;
  if (place.ripas === RmmRipas.DESTROYED || place.state === RmmRttEntryState.UNASSIGNED)
    return { kind: 'exit', exit };
  return beyond;
}

/** A4.3.4.2, A5.2.6, A5.2.8. */
function instructionAbort(context: RunContext, { esr, hpfar }: RealmAction & { kind: 'sync' }): Taken {
  const place = placeOf(context, hpfar);
  if (place.kind !== 'protected') return toRealm;
  return protectedAccess(place, {
    what: 'REC exit due to Instruction Abort',
    section: 'A4.3.4.2',
    reason: RmiRecExitReason.RMI_EXIT_SYNC,
    carries: ['esr', 'hpfar'],
    fill(exit) {
      exit.esr = esr & shown.instructionAbort;
      exit.hpfar = hpfar;
    },
  });
}

/** A4.3.4.3, A5.2.8. */
function dataAbort(context: RunContext, { esr, far, hpfar }: RealmAction & { kind: 'sync' }): Taken {
  const place = placeOf(context, hpfar);
  if (place.kind === 'outside') return toRealm;
  const section = 'A4.3.4.3';
  const reason = RmiRecExitReason.RMI_EXIT_SYNC;
  if (place.kind === 'protected')
    return protectedAccess(place, {
      what: 'REC exit due to Non-emulatable Data Abort',
      section,
      reason,
      carries: ['esr', 'hpfar'],
      fill(exit) {
        exit.esr = esr & shown.dataAbort;
        exit.hpfar = hpfar;
      },
    });

  const { ISS: iss } = ESR_EL2.of(esr);
  const syndrome = EsrIssDataAbort.of(iss);
  // Another fault on a mapped address, such as a GPF, is the platform's (A5.2.6).
  if (place.state === RmmRttEntryState.ASSIGNED_NS && !permissionFaults.includes(syndrome.DFSC))
    return beyond;
  context.continuation.last = { due: 'Data Abort', iss };
  if (syndrome.ISV === 0)
    return {
      kind: 'exit',
      exit: {
        what: 'REC exit due to Non-emulatable Data Abort',
        section,
        reason,
        carries: ['esr', 'hpfar'],
        fill(exit) {
          exit.esr = esr & (shown.dataAbort | IL);
          exit.hpfar = hpfar;
        },
      },
    };

  const written = syndrome.WnR === 1 ? register(context, syndrome.SRT) : undefined;
  return {
    kind: 'exit',
    exit: {
      what: 'REC exit due to Emulatable Data Abort',
      section,
      reason,
      emulatable: true,
      carries: written === undefined ? ['esr', 'far', 'hpfar'] : ['esr', 'far', 'hpfar', 'gprs'],
      ...(written?.known === false ? { open: { members: ['gprs'], reason: UNKNOWN_REGISTER } } : {}),
      fill(exit) {
        exit.esr = esr & (shown.dataAbort | shown.emulatable);
        exit.far = far & BigInt(GRANULE - 1);
        exit.hpfar = hpfar;
        if (written !== undefined) exit.gprs.set(0, written.value);
      },
    },
  };
}

/** A4.3.10. */
export function takeSError(esr: bigint): RecExit {
  return {
    what: 'REC exit due to SError',
    section: 'A4.3.10',
    reason: RmiRecExitReason.RMI_EXIT_SERROR,
    carries: ['esr'],
    fill(exit) {
      exit.esr = esr & shown.serror;
    },
  };
}

/** A4.3.4.3, where the RMM and not the Realm failed to reach Realm memory: there is no syndrome to hand on. */
export function unmapped(ipa: number): RecExit {
  return {
    what: 'REC exit due to Data Abort',
    section: 'A4.3.4.3',
    reason: RmiRecExitReason.RMI_EXIT_SYNC,
    carries: ['esr', 'hpfar'],
    open: { members: ['esr', 'far'], reason: 'the document gives this abort no syndrome' },
    fill(exit) {
      exit.esr = ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_DABT_LOWER }).$value;
      exit.hpfar = HPFAR_EL2.of({ FIPA: BigInt(Math.floor(ipa / GRANULE)) }).$value;
    },
  };
}

/** What an emulated load leaves in a register: the bytes that were loaded, extended as the instruction says. */
export function loaded(iss: number, value: bigint): bigint {
  const { SAS, SSE, SF } = EsrIssDataAbort.of(iss);
  const bits = 8 << SAS;
  const extended = SSE === 1 ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return BigInt.asUintN(SF === 1 ? 64 : 32, extended);
}

/** The register that an emulated load fills. */
export function loadedRegister(iss: number): number {
  return EsrIssDataAbort.of(iss).SRT;
}

export function isLoad(iss: number): boolean {
  return EsrIssDataAbort.of(iss).WnR === 0;
}
