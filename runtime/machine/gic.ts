import {
  GIC_INTID_LPI,
  GIC_INTID_SPECIAL,
  type IccRegister,
  IchLrHw0,
  IchLrState,
  RMI_PERMITTED_GICV3_HCR_BITS,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';

/*
 * Where the RMM, a Realm and the virtual CPU interface of a REC meet (A6.1). The interface itself is in runtime/gic.
 */

/** What an implementation of the virtual CPU interface offers, as ICH_VTR_EL2 tells it. */
export interface GicConfiguration {
  /** 1 to 16. */
  readonly listRegisters: number;
  /** Bits of a virtual priority: 5 to 8. */
  readonly priorityBits: number;
  /** Bits of a virtual priority that take part in preemption: 5 to 7, and no more than `priorityBits`. */
  readonly preemptionBits: number;
  /** Bits of a virtual INTID. */
  readonly idBits: 16 | 24;
}

/** Five bits of priority and 16 of INTID, as most PEs have. */
export const defaultGicConfiguration: GicConfiguration = {
  listRegisters: 16,
  priorityBits: 5,
  preemptionBits: 5,
  idBits: 16,
};

/** @throws RangeError if the architecture permits no such configuration. */
export function checkGicConfiguration(configuration: GicConfiguration): void {
  const within = (name: 'listRegisters' | 'priorityBits' | 'preemptionBits', least: number, most: number) => {
    const value = configuration[name];
    if (!Number.isInteger(value) || value < least || value > most)
      throw new RangeError(`gic.${name}: expected ${least} to ${most}, got ${value}`);
  };
  within('listRegisters', 1, 16);
  within('priorityBits', 5, 8);
  within('preemptionBits', 5, Math.min(7, configuration.priorityBits));
  if (configuration.idBits !== 16 && configuration.idBits !== 24)
    throw new RangeError(`gic.idBits: expected 16 or 24, got ${configuration.idBits}`);
}

/** Result of an access to an ICC register that EL2 has to see to instead (ICH_HCR_EL2, A6.1): it is no register value. */
export const TRAPPED = -1;
/** Result of an access to an ICC register that does not exist, or not in that direction: EL1 takes an exception. */
export const UNDEFINED = -2;

/** The members of RmiRecEnter that a REC entry takes. */
export interface GicEntry {
  readonly gicv3_hcr: bigint;
  readonly gicv3_lrs: { get(index: number): bigint };
}

/** The members of RmiRecExit that a REC exit fills in. */
export interface GicExit {
  gicv3_hcr: bigint;
  gicv3_misr: bigint;
  gicv3_vmcr: bigint;
  readonly gicv3_lrs: { set(index: number, value: bigint): void };
}

/** All that a virtual CPU interface holds: its registers by name, as 64-bit values. */
export interface GicSnapshot {
  readonly ICH_HCR_EL2: bigint;
  readonly ICH_VMCR_EL2: bigint;
  readonly ICH_AP0R_EL2: readonly bigint[];
  readonly ICH_AP1R_EL2: readonly bigint[];
  readonly ICH_LR_EL2: readonly bigint[];
}

/** The virtual CPU interface of a REC, as EL2 and EL1 see it. Register values of 32 bits and less are numbers. */
export interface VirtualCpuInterface {
  readonly configuration: GicConfiguration;

  // EL2: what the RMM and whoever runs the Realm for it access.

  hcr: number;
  vmcr: number;
  readonly vtr: number;
  readonly misr: number;
  readonly eisr: number;
  readonly elrsr: number;
  /** @throws RangeError if there is no such List Register. */
  listRegister(index: number): bigint;
  setListRegister(index: number, value: bigint): void;
  /** ICH_AP0R<n>_EL2 or ICH_AP1R<n>_EL2. @throws RangeError if there is none. */
  activePriorities(group: 0 | 1, index: number): number;
  setActivePriorities(group: 0 | 1, index: number, value: number): void;

  /** REC entry: takes List Registers and controls that the Host gave, which were found valid, and enables it (A6.1). */
  load(entry: GicEntry): void;
  /** REC exit: hands back what A6.1 names, and disables it. The rest stays for the next entry. */
  save(exit: GicExit): void;

  // EL1: what the Realm accesses.

  /** MRS of an ICC register, with its effects: the value, or TRAPPED, or UNDEFINED. */
  read(register: IccRegister): number;
  /** MSR of an ICC register: 0, or TRAPPED, or UNDEFINED. Bits of the value above 31 are ignored. */
  write(register: IccRegister, value: number): number;

  // Signals.

  /** A virtual IRQ is pending. */
  readonly virq: boolean;
  /** A virtual FIQ is pending. */
  readonly vfiq: boolean;
  /** The maintenance interrupt is asserted. */
  readonly maintenance: boolean;

  snapshot(): GicSnapshot;
  restore(snapshot: GicSnapshot): void;
}

/**
 * Whether a REC entry may take the GICv3 values that the Host gives (Gicv3ConfigIsValid, A6.1 and B3.18): controls
 * among the permitted bits, List Registers that are architecturally valid and have HW == 0, and nothing that the
 * architecture calls UNPREDICTABLE. Values for List Registers that do not exist are not looked at.
 */
export type GicEntryCheck = (hcr: bigint, lrs: readonly bigint[]) => boolean;

/** The check for an implementation. */
export function gicEntryCheck(configuration: GicConfiguration): GicEntryCheck {
  const { listRegisters, priorityBits, idBits } = configuration;
  // HW is 0, there is no FEAT_GICv3_NMI, and bits that a priority or an INTID does not have are RES0.
  const reserved = ~IchLrHw0.of({
    State: IchLrState.ICH_LR_STATE_PENDING_ACTIVE,
    vINTID: 2 ** idBits - 1,
    Priority: 0xff & (0xff << (8 - priorityBits)),
    Group: 1,
    EOI: 1,
  }).$value;
  const lr = IchLrHw0.of(0n);
  /** INTIDs of List Registers that hold an interrupt. */
  const held: number[] = [];
  return (hcr, lrs) => {
    if ((hcr & ~RMI_PERMITTED_GICV3_HCR_BITS) !== 0n) return false;
    held.length = 0;
    for (let n = 0; n < listRegisters; n++) {
      const value = lrs[n]!;
      if (value === 0n) continue;
      if ((value & reserved) !== 0n) return false;
      lr.$value = value;
      const { State, vINTID } = lr;
      if (State === IchLrState.ICH_LR_STATE_INVALID) continue;
      if (isUnused(vINTID) || held.includes(vINTID)) return false;
      held.push(vINTID);
    }
    return true;
  };
}

/** Whether no interrupt has an INTID: the special ones and, without the extended ranges, those up to the LPIs. */
function isUnused(intid: number): boolean {
  return intid >= GIC_INTID_SPECIAL && intid < GIC_INTID_LPI;
}
