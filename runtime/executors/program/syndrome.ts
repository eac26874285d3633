import {
  ESR_EL2,
  EsrAccessSize,
  EsrExceptionClass,
  EsrFaultStatus,
  EsrIssDataAbort,
  EsrIssInstructionAbort,
  EsrIssWfx,
  EsrTrappedWfx,
  HPFAR_EL2,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { RealmEvent, RealmException } from '../../machine/executor.js';
import type { Access } from '../../machine/program/index.js';

/*
 * What the PE leaves in the syndrome registers of EL2 and EL1.
 */

const sizes = {
  1: EsrAccessSize.ESR_SAS_BYTE,
  2: EsrAccessSize.ESR_SAS_HALFWORD,
  4: EsrAccessSize.ESR_SAS_WORD,
  8: EsrAccessSize.ESR_SAS_DOUBLEWORD,
} as const;
const IPA_PAGE = 12n;

function event(kind: 'abort' | 'sync', EC: number, ISS: number, ipa = 0n): RealmEvent {
  const esr = ESR_EL2.of({ EC: EC as EsrExceptionClass, IL: 1, ISS }).$value;
  const hpfar = kind === 'abort' ? HPFAR_EL2.of({ FIPA: ipa >> IPA_PAGE }).$value : 0n;
  return { kind, esr, far: ipa, hpfar };
}

/** An access that stage 2 has no mapping for. */
export function dataAbort({ op, ipa, size, register, signed, wide, syndrome }: Access): RealmEvent {
  const WnR = op === 'store' ? 1 : 0;
  const valid = { ISV: 1, SAS: sizes[size], SSE: signed ? 1 : 0, SRT: register, SF: wide ? 1 : 0, WnR };
  const iss = EsrIssDataAbort.of(syndrome ? valid : { WnR }).$value;
  return event('abort', EsrExceptionClass.ESR_EC_DABT_LOWER, iss, ipa);
}

export function instructionAbort(ipa: bigint): RealmEvent {
  return event('abort', EsrExceptionClass.ESR_EC_IABT_LOWER, 0, ipa);
}

export function hypervisorCall(imm: number): RealmEvent {
  return event('sync', EsrExceptionClass.ESR_EC_HVC64, imm & 0xffff);
}

/** A trapped WFI or WFE; `register` holds the time limit of WFIT and WFET. */
export function trappedWait(op: 'wfi' | 'wfe', register: number | undefined): RealmEvent {
  const limited = register !== undefined;
  const TI =
    op === 'wfi'
      ? limited
        ? EsrTrappedWfx.ESR_TI_WFIT
        : EsrTrappedWfx.ESR_TI_WFI
      : limited
        ? EsrTrappedWfx.ESR_TI_WFET
        : EsrTrappedWfx.ESR_TI_WFE;
  const iss = EsrIssWfx.of({ TI, RV: limited ? 1 : 0, RN: register ?? 0 }).$value;
  return event('sync', EsrExceptionClass.ESR_EC_WFX, iss);
}

// Exceptions that EL1 takes without R-EL2

function el1Abort(isFetch: boolean, isWrite: boolean, status: EsrFaultStatus, far: bigint): RealmException {
  const EC = isFetch ? EsrExceptionClass.ESR_EC_IABT_CURRENT : EsrExceptionClass.ESR_EC_DABT_CURRENT;
  const ISS = isFetch
    ? EsrIssInstructionAbort.of({ IFSC: status }).$value
    : EsrIssDataAbort.of({ DFSC: status, WnR: isWrite ? 1 : 0 }).$value;
  return { esr: ESR_EL2.of({ EC, IL: 1, ISS }).$value, far };
}

/** With stage 1 translation off all data is Device memory, where accesses have to be aligned. */
export function alignmentFault({ op, ipa }: Access): RealmException {
  return el1Abort(false, op === 'store', EsrFaultStatus.ESR_FSC_ALIGNMENT, ipa);
}

/** An address that is wider than any physical one. */
export function addressSizeFault(isFetch: boolean, isWrite: boolean, ipa: bigint): RealmException {
  return el1Abort(isFetch, isWrite, EsrFaultStatus.ESR_FSC_ADDRESS_SIZE_L0, ipa);
}

export const undefinedInstruction: RealmException = {
  esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_UNKNOWN, IL: 1 }).$value,
  far: 0n,
};
