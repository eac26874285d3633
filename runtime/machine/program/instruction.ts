import {
  ESR_EL2,
  EsrExceptionClass,
  EsrFaultStatus,
  EsrIssDataAbort,
  type IccRegister,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { RealmException } from '../executor.js';

/*
 * The instructions of Realm programs. A program makes them with the methods of its Cpu and yields them; whoever executes
 * it answers when they are done.
 */

/** Bytes of a load or store. */
export type AccessSize = 1 | 2 | 4 | 8;

/** A load or store as the syndrome of a Data Abort tells of it. */
export interface Access {
  readonly op: 'load' | 'store';
  /** IPA, in bytes. Stage 1 translation is off, so it is the virtual address as well. */
  readonly ipa: bigint;
  readonly size: AccessSize;
  /** X0 to X30, or 31 for XZR. */
  readonly register: number;
  /** Whether a load extends its value with the sign. */
  readonly signed: boolean;
  /** Whether the register is 64 bits wide, not 32. */
  readonly wide: boolean;
  /** Whether an abort has a valid instruction syndrome; loads and stores of pairs, for instance, have none. */
  readonly syndrome: boolean;
}

export type Instruction =
  | { readonly op: 'smc' }
  | { readonly op: 'hvc'; readonly imm: number }
  | Access
  /** Goes on at an IPA, from which an instruction is fetched. */
  | { readonly op: 'branch'; readonly ipa: bigint }
  /** `register` holds the tick to wait for at most: WFIT and WFET. */
  | { readonly op: 'wfi' | 'wfe'; readonly register: number | undefined }
  | { readonly op: 'mrs' | 'msr'; readonly name: SystemRegister; readonly register: number }
  | { readonly op: 'nop' };

/** Registers of the virtual CPU interface, as the Realm names them. */
type IccName = keyof typeof IccRegister & `ICC_${string}`;

/** System registers that a program can read or write. */
export type SystemRegister = IccName | (typeof otherRegisters)[number];

/** Those that do not belong to the GIC. */
export const otherRegisters = [
  'CNTPCT_EL0',
  'CNTVCT_EL0',
  'CNTP_CTL_EL0',
  'CNTP_CVAL_EL0',
  'CNTP_TVAL_EL0',
  'CNTV_CTL_EL0',
  'CNTV_CVAL_EL0',
  'CNTV_TVAL_EL0',
  'MPIDR_EL1',
  'PMCR_EL0',
  'PMINTENCLR_EL1',
  'PMINTENSET_EL1',
  'PMOVSCLR_EL0',
  'PMOVSSET_EL0',
] as const;

/** An exception that the program takes at the instruction which it waits for. */
export class TakenException extends Error implements RealmException {
  override readonly name = 'TakenException';
  /** ESR_EL1. */
  readonly esr: bigint;
  /** FAR_EL1. */
  readonly far: bigint;

  constructor({ esr, far }: RealmException) {
    const { EC, ISS } = ESR_EL2.of(esr);
    const { DFSC } = EsrIssDataAbort.of(ISS);
    const label = EsrExceptionClass.nameOf(EC) ?? `class 0x${EC.toString(16)}`;
    const isAbort =
      EC === EsrExceptionClass.ESR_EC_DABT_CURRENT || EC === EsrExceptionClass.ESR_EC_IABT_CURRENT;
    super(isAbort ? `${label}, ${EsrFaultStatus.nameOf(DFSC) ?? DFSC}, at 0x${far.toString(16)}` : label);
    this.esr = esr;
    this.far = far;
  }

  /** The label of ESR_EL1.EC, such as `ESR_EC_DABT_CURRENT`. */
  get exceptionClass(): string | undefined {
    return EsrExceptionClass.nameOf(ESR_EL2.of(this.esr).EC);
  }

  /** The label of the fault status of an abort, such as `ESR_FSC_EXTERNAL`. */
  get faultStatus(): string | undefined {
    return EsrFaultStatus.nameOf(EsrIssDataAbort.of(ESR_EL2.of(this.esr).ISS).DFSC);
  }
}

/** What a load leaves in a register of 64 or 32 bits: the bytes that were loaded, extended as the instruction says. */
export function extended(value: bigint, size: number, signed: boolean, wide: boolean): bigint {
  const bits = size * 8;
  return BigInt.asUintN(wide ? 64 : 32, signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}
