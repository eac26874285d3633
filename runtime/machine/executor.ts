import type { PhysicalInterrupt } from './clock.js';
import type { VirtualCpuInterface } from './gic.js';
import type { RealmPmu } from './pmu.js';
import type { RealmWatcher } from './realm.js';
import type { RealmTimers } from './timers.js';

/*
 * Who executes a Realm, apart from what the RMM decides about it. The RMM tells an executor to run the REC that is on
 * the PE; the executor runs it until something happens that the RMM has to see, and reports that. What becomes of it
 * (the RTT walk, RIPAS, an SEA, the completion of emulated MMIO, RSI, PSCI, the record of the exit) is the RMM's
 * business, which answers by telling the executor to go on, or that the REC has exited.
 */

/** The PE while a REC is on it: what the RMM loads from the REC on entry and saves to it on exit. */
export interface RealmPe {
  /** Stands for the REC: the same object for as long as the REC exists, and only for that REC. */
  readonly rec: object;
  readonly mpidr: bigint;
  /** X0 to X30; those that follow are not the executor's. */
  readonly gprs: bigint[];
  /** The instruction that is executed next, or that an event is about. */
  pc: bigint;
  /** ICH_HCR_EL2 and the List Registers are as the Host gave them, the rest as the Realm left it (A6.1). */
  readonly gic: VirtualCpuInterface;
  readonly timers: RealmTimers;
  readonly pmu: RealmPmu;
}

/** An exception that the Realm takes to EL1 before it goes on. */
export interface RealmException {
  /** ESR_EL1. */
  readonly esr: bigint;
  /** FAR_EL1. */
  readonly far: bigint;
}

/** A page of the Realm's IPA space that stage 2 maps. It stays mapped until the REC exits. */
export interface Stage2Mapping {
  /** IPA and physical address, in bytes and multiples of a Granule. */
  readonly ipa: number;
  readonly pa: number;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** What the executor is told with every run. The object is only good until the run ends. */
export interface RunOrder {
  /** An exception for the Realm. If the event before was an abort, the Realm takes it for that instruction. */
  readonly exception: RealmException | undefined;
  /** If the event before was an abort, the mapping that it lacked. The instruction is executed again. */
  readonly mapping: Stage2Mapping | undefined;
  /** Whether WFI and WFE are events (A4.3.4.1). WFI that is not waits until an interrupt comes; WFE passes. */
  readonly traps: { readonly wfi: boolean; readonly wfe: boolean };
  /** The interrupt that stops the Realm at the latest: an event of its kind, once the clock has come there. */
  readonly interrupt: PhysicalInterrupt;
}

/** What makes a Realm stop. Registers and PC of the PE are as the exception found them. */
export type RealmEvent =
  /** SMC. `set` has a bit for each register that was set since the Realm went on; all others kept what they held. */
  | { readonly kind: 'smc'; readonly set: number }
  /**
   * An access of the Realm for which no mapping is at hand, or one that does not permit it. ESR_EL2 as the PE makes
   * it of the instruction: everything but the fault status, which the RTT walk gives. Addresses as in FAR_EL2 and
   * HPFAR_EL2.
   */
  | { readonly kind: 'abort'; readonly esr: bigint; readonly far: bigint; readonly hpfar: bigint }
  /** Another synchronous exception that was taken to R-EL2: HVC, a trapped WFI, WFE or register access, and so on. */
  | { readonly kind: 'sync'; readonly esr: bigint; readonly far: bigint; readonly hpfar: bigint }
  /** An interrupt for the Host, of a device or one that the Realm's timers, PMU or virtual CPU interface assert. */
  | { readonly kind: 'irq' }
  | { readonly kind: 'fiq' }
  | { readonly kind: 'serror'; readonly esr: bigint };

/** Executes Realms. A call or a trapped instruction was carried out if the PC has moved on by the next run. */
export interface RealmExecutor {
  /**
   * Whether the Realm has a virtual CPU interface, timers and a PMU that it uses. If not, what a REC exit tells of
   * them is left open to those who look on.
   */
  readonly hasDevices: boolean;
  /**
   * Runs the REC on the PE until it reports an event. It has to end. An event takes a tick if no other time has passed;
   * once it was told to run when the interrupt was due and has reported something else, the REC exits all the same.
   */
  run(pe: RealmPe, order: RunOrder): RealmEvent;
  /** Has somebody told of what the Realm is going to do, where that is known beforehand. */
  watch?(watcher: RealmWatcher): void;
  /** The REC has exited; mappings are void. If it is off, it starts anew when it is entered again (B6.3.2). */
  left?(pe: RealmPe, how: 'exit' | 'off'): void;
}
