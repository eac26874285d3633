import { AddrIsProtected } from '../../generated/rmm-1.0-rel0/conditions/functions.js';
import { RmmRipas, RmmRttEntryState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  ESR_EL2,
  EsrExceptionClass,
  EsrFaultStatus,
  EsrIssDataAbort,
  EsrIssInstructionAbort,
  EsrIssSysreg,
  EsrIssWfx,
  EsrTrappedWfx,
  HPFAR_EL2,
  IccRegister,
  RmiRecExitReason,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { addressOf } from '../conditions/index.js';
import type { RealmEvent, RealmException } from '../machine/executor.js';
import { GRANULE } from '../machine/memory.js';
import { GPRS, passInstruction, type RunContext, UNKNOWN_REGISTER } from './context.js';
import type { RecExit } from './exit.js';
import { bitsOf } from './syndrome.js';

/** What an exception that was taken to R-EL2 leaves in ESR_EL2, FAR_EL2 and HPFAR_EL2. */
export type Syndrome = Omit<Extract<RealmEvent, { readonly kind: 'sync' }>, 'kind'>;

/** What becomes of an exception that is taken to R-EL2 (A4.3.4). */
export type Taken =
  | { readonly kind: 'exit'; readonly exit: RecExit }
  /** The Realm takes an exception. */
  | { readonly kind: 'to the Realm'; readonly exception: RealmException }
  /** The instruction was an SMC. */
  | { readonly kind: 'smc' }
  /** The RMM has carried the instruction out. */
  | { readonly kind: 'emulated' }
  /** The document has no such case; an exception that fits is taken to the Realm. */
  | { readonly kind: 'beyond'; readonly exception: RealmException };

const EC = bitsOf('ESR_EL2', 'EC');
const IL = bitsOf('ESR_EL2', 'IL');
const shown = {
  wfx: EC | bitsOf('EsrIssWfx', 'TI'),
  sysreg: EC | IL | bitsOf('ESR_EL2', 'ISS'),
  instructionAbort: EC | bitsOf('EsrIssInstructionAbort', 'SET', 'EA', 'IFSC'),
  dataAbort: EC | bitsOf('EsrIssDataAbort', 'SET', 'FnV', 'EA', 'DFSC'),
  emulatable: bitsOf('EsrIssDataAbort', 'ISV', 'SAS', 'SF', 'WnR'),
  serror: EC | bitsOf('EsrIssSError', 'IDS', 'AET', 'EA', 'DFSC'),
} as const;

/** Fault status codes by the level at which a walk of stage 2 ended, from level 0 on. */
const translationFaults = [
  EsrFaultStatus.ESR_FSC_TRANSLATION_L0,
  EsrFaultStatus.ESR_FSC_TRANSLATION_L1,
  EsrFaultStatus.ESR_FSC_TRANSLATION_L2,
  EsrFaultStatus.ESR_FSC_TRANSLATION_L3,
] as const;
const permissionFaults = [
  EsrFaultStatus.ESR_FSC_PERMISSION_L0,
  EsrFaultStatus.ESR_FSC_PERMISSION_L1,
  EsrFaultStatus.ESR_FSC_PERMISSION_L2,
  EsrFaultStatus.ESR_FSC_PERMISSION_L3,
] as const;

/** The status of a walk that ended at an RTT level without a mapping. */
export function translationFault(level: number): EsrFaultStatus {
  return translationFaults[level] ?? EsrFaultStatus.ESR_FSC_TRANSLATION_LM1;
}

/** The status of a walk that ended at an RTT level with a mapping that does not permit the access. */
export function permissionFault(level: number): EsrFaultStatus {
  return permissionFaults[level]!;
}

/** The value of a register that an instruction names; 31 is the zero register. */
function register(context: RunContext, index: number): { readonly value: bigint; readonly known: boolean } {
  if (index >= GPRS) return { value: 0n, known: true };
  return {
    value: context.rec.gprs[index]!,
    known: (context.continuation.unknown & (1 << index)) === 0,
  };
}

/** An exception that was taken to R-EL2 while the Realm ran. */
export function takeSynchronous(context: RunContext, syndrome: Syndrome): Taken {
  switch (ESR_EL2.of(syndrome.esr).EC) {
    case EsrExceptionClass.ESR_EC_WFX:
      return { kind: 'exit', exit: waiting(context, syndrome) };
    case EsrExceptionClass.ESR_EC_HVC64:
      return { kind: 'to the Realm', exception: unknownException };
    case EsrExceptionClass.ESR_EC_SMC64:
      return { kind: 'smc' };
    case EsrExceptionClass.ESR_EC_SYSREG:
      return trappedAccess(context, syndrome);
    case EsrExceptionClass.ESR_EC_IABT_LOWER:
      return instructionAbort(context, syndrome);
    case EsrExceptionClass.ESR_EC_DABT_LOWER:
      return dataAbort(context, syndrome);
    default:
      return { kind: 'beyond', exception: unknownException };
  }
}

// Exceptions that the Realm takes. It runs at EL1; an executor whose Realm was at EL0 makes the class that of EL0.

/** What HVC comes to (A4.5). */
const unknownException: RealmException = {
  esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_UNKNOWN, IL: 1 }).$value,
  far: 0n,
};

/** An abort that the Realm takes, for an access that made one taken to R-EL2. */
export function abortToRealm(
  { esr, far }: Pick<Syndrome, 'esr' | 'far'>,
  status: EsrFaultStatus,
): RealmException {
  const { EC, IL, ISS } = ESR_EL2.of(esr);
  // An SEA has EA == 1 (A5.2.7).
  const EA = status === EsrFaultStatus.ESR_FSC_EXTERNAL ? 1 : 0;
  if (EC === EsrExceptionClass.ESR_EC_IABT_LOWER)
    return {
      esr: ESR_EL2.of({
        EC: EsrExceptionClass.ESR_EC_IABT_CURRENT,
        IL,
        ISS: EsrIssInstructionAbort.of({ IFSC: status, EA }).$value,
      }).$value,
      far,
    };
  const { WnR } = EsrIssDataAbort.of(ISS);
  return {
    esr: ESR_EL2.of({
      EC: EsrExceptionClass.ESR_EC_DABT_CURRENT,
      IL,
      ISS: EsrIssDataAbort.of({ DFSC: status, EA, WnR }).$value,
    }).$value,
    far,
  };
}

function externalAbort(syndrome: Syndrome): Taken {
  return { kind: 'to the Realm', exception: abortToRealm(syndrome, EsrFaultStatus.ESR_FSC_EXTERNAL) };
}

/** A5.2.8: stage 1 translation is disabled. */
function addressSizeFault(syndrome: Syndrome): Taken {
  return { kind: 'to the Realm', exception: abortToRealm(syndrome, EsrFaultStatus.ESR_FSC_ADDRESS_SIZE_L0) };
}

/** Registers of the CPU interface that only the Host can see to: they concern other RECs (A6.1). */
const forTheHost: readonly number[] = [
  IccRegister.ICC_DIR_EL1,
  IccRegister.ICC_SGI0R_EL1,
  IccRegister.ICC_SGI1R_EL1,
  IccRegister.ICC_ASGI1R_EL1,
];

/**
 * A trapped MSR or MRS. A4.3.4 has the RMM emulate all of them, A6.1 has the Host deactivate interrupts that belong to
 * other RECs, for which it has to learn of them: those go to the Host as with TF-RMM and Linux, the others read as zero
 * and ignore writes.
 */
function trappedAccess(context: RunContext, { esr }: Syndrome): Taken {
  const { Op0, Op1, CRn, CRm, Op2, Rt, Direction } = EsrIssSysreg.of(ESR_EL2.of(esr).ISS);
  const encoding = (Op0 << 14) | (Op1 << 11) | (CRn << 7) | (CRm << 3) | Op2;
  if (Direction === 0 && forTheHost.includes(encoding)) {
    const written = register(context, Rt);
    passInstruction(context);
    return {
      kind: 'exit',
      exit: {
        what: 'REC exit due to a trapped access to the CPU interface',
        section: 'A6.1',
        reason: RmiRecExitReason.RMI_EXIT_SYNC,
        carries: ['esr', 'gprs'],
        ...(written.known ? {} : { open: { members: ['gprs'], reason: UNKNOWN_REGISTER } }),
        fill(exit) {
          exit.esr = esr & shown.sysreg;
          exit.gprs.set(0, written.value);
        },
      },
    };
  }
  if (Direction === 1 && Rt < GPRS) context.rec.gprs[Rt] = 0n;
  return { kind: 'emulated' };
}

/** A4.3.4.1. Whether the Realm goes on at the instruction or after it the document does not say. */
function waiting(context: RunContext, { esr }: Syndrome): RecExit {
  const { TI, RN } = EsrIssWfx.of(ESR_EL2.of(esr).ISS);
  const timed = TI === EsrTrappedWfx.ESR_TI_WFIT || TI === EsrTrappedWfx.ESR_TI_WFET;
  const timeout = register(context, RN);
  passInstruction(context);
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
function protectedAccess(
  place: Place & { kind: 'protected' | 'unprotected' },
  syndrome: Syndrome,
  exit: RecExit,
): Taken {
  if (place.ripas === RmmRipas.EMPTY) return externalAbort(syndrome);
  if (place.ripas === RmmRipas.DESTROYED || place.state === RmmRttEntryState.UNASSIGNED)
    return { kind: 'exit', exit };
  return { kind: 'beyond', exception: abortToRealm(syndrome, EsrFaultStatus.ESR_FSC_EXTERNAL) };
}

/** A4.3.4.2, A5.2.6, A5.2.8. */
function instructionAbort(context: RunContext, syndrome: Syndrome): Taken {
  const { esr, hpfar } = syndrome;
  const place = placeOf(context, hpfar);
  if (place.kind === 'outside') return addressSizeFault(syndrome);
  if (place.kind === 'unprotected') return externalAbort(syndrome);
  return protectedAccess(place, syndrome, {
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
function dataAbort(context: RunContext, abort: Syndrome): Taken {
  const { esr, far, hpfar } = abort;
  const place = placeOf(context, hpfar);
  if (place.kind === 'outside') return addressSizeFault(abort);
  const section = 'A4.3.4.3';
  const reason = RmiRecExitReason.RMI_EXIT_SYNC;
  if (place.kind === 'protected')
    return protectedAccess(place, abort, {
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
  if (
    place.state === RmmRttEntryState.ASSIGNED_NS &&
    !(permissionFaults as readonly number[]).includes(syndrome.DFSC)
  )
    return { kind: 'beyond', exception: abortToRealm(abort, syndrome.DFSC as EsrFaultStatus) };
  context.rec.last = { due: 'Data Abort', esr, far };
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

/**
 * A4.3.4.3, where the RMM and not the Realm failed to reach Realm memory. The document gives this abort no syndrome; it
 * is that of a Realm which had read there.
 */
export function unmapped({ port, rec }: RunContext, ipa: number): RecExit {
  const DFSC = translationFault(port.state.RttWalk(rec.owner, ipa)!.level);
  return {
    what: 'REC exit due to Data Abort',
    section: 'A4.3.4.3',
    reason: RmiRecExitReason.RMI_EXIT_SYNC,
    carries: ['esr', 'hpfar'],
    open: { members: ['esr', 'far'], reason: 'the document gives this abort no syndrome' },
    fill(exit) {
      exit.esr = ESR_EL2.of({
        EC: EsrExceptionClass.ESR_EC_DABT_LOWER,
        ISS: EsrIssDataAbort.of({ DFSC }).$value,
      }).$value;
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
