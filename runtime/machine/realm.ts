import type { CommandConditions, Prose, State } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import type { RmmRealm, RmmRec } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { Attester } from './attester.js';
import type { PhysicalMemory } from './memory.js';

/*
 * Where the RMM and the Realm that runs under it meet: what running a REC may change, and how somebody who looks on is
 * told of what the Realm did and found.
 */

type Changing<T, K extends keyof T> = Omit<T, K> & { -readonly [P in K]: T[P] };

/**
 * What made a REC exit last, as far as the next entry depends on it (A4.2.2, A4.2.3, A5.4): what an RMM keeps in the REC
 * beside the attributes that the document gives it.
 */
export type LastExit =
  | { readonly due: 'nothing' }
  /** IPA of the RsiHostCall structure. */
  | { readonly due: 'host call'; readonly ipa: number }
  /** The input values of RSI_IPA_STATE_SET. */
  | {
      readonly due: 'RIPAS change';
      readonly base: number;
      readonly top: number;
      readonly ripas: number;
      readonly flags: bigint;
    }
  /** A PSCI call that returns to the Realm; whether the Host completes it with RMI_PSCI_COMPLETE. */
  | { readonly due: 'PSCI'; readonly command: string; readonly completed: boolean }
  /**
   * A Data Abort at an Unprotected IPA: ESR_EL2 and FAR_EL2. Whether it can be emulated is an attribute of the REC.
   */
  | { readonly due: 'Data Abort'; readonly esr: bigint; readonly far: bigint };

/** A REC that runs: the attributes in the footprint of RMI_REC_ENTER can be changed (B4.3.14.4). */
export type RunningRec = Changing<
  RmmRec,
  | 'attest_state'
  | 'attest_challenge'
  | 'emulatable_abort'
  | 'flags'
  | 'pc'
  | 'psci_pending'
  | 'host_call_pending'
  | 'state'
  | 'sysregs'
  | 'ripas_addr'
  | 'ripas_top'
  | 'ripas_value'
  | 'ripas_destroyed'
  | 'ripas_response'
> & { readonly gprs: bigint[]; last: LastExit };

/** Its Realm, likewise. */
export type RunningRealm = Changing<RmmRealm, 'state'> & { readonly measurements: Uint8Array[] };

/** Who makes an RSI or PSCI call, for the functions of chapter B3 that ask for the current REC. */
export interface RunningContext {
  readonly rec: RunningRec;
  /** The physical address behind a Protected IPA that the Realm can read; undefined when it cannot. */
  resolve(ipa: number): number | undefined;
}

/** What a call of a Realm has come to, for checked mode. */
export interface CallCheck<Output> {
  /** It was refused: nothing has changed (B1.6). */
  refused(): void;
  /** It has succeeded: its success conditions hold, and nothing else has changed (B1.7, B1.9). */
  succeeded(output: Output): void;
  /** It goes on at the next entry: nothing has changed but what it may change. */
  suspended(): void;
}

/** Checks RSI and PSCI calls against their conditions, as RMI commands are. */
export interface CallChecker {
  /** Before the call is carried out. */
  begin<Input, Output>(
    command: CommandConditions<Input, Output>,
    input: Input,
    prose: Prose,
  ): CallCheck<Output>;
}

/** What the RMM offers to those who run a REC for it. */
export interface RealmPort {
  readonly state: State & { running: RunningContext | undefined };
  readonly memory: PhysicalMemory;
  readonly attester: Attester;
  /** Undefined unless calls are checked. */
  readonly checker: CallChecker | undefined;
  readonly store: { readonly realms: { get(rd: number): RunningRealm | undefined } };
  readonly features: {
    /** List registers that the Host can fill. */
    readonly listRegisters: number;
  };
}

/** Runs a REC until it has to exit: the Realm's side of RMI_REC_ENTER. */
export interface RecRunner {
  /** @param run physical address of the RmiRecRun structure, which the Host may access. */
  enter(rec: RunningRec, run: number): void;
  /** Has somebody told of what the Realm does and finds. */
  watch?(watcher: RealmWatcher): void;
}

/** What a scripted Realm does next: it makes a call, or an exception stops it. */
export type RealmAction =
  /** SMC, after X0 and some registers that follow it are set; the others keep what they hold. */
  | { readonly kind: 'rsi'; readonly registers: readonly bigint[] }
  | { readonly kind: 'irq' }
  | { readonly kind: 'fiq' }
  /** ESR_EL2 as the exception leaves it. */
  | { readonly kind: 'serror'; readonly esr: bigint }
  /** ESR_EL2, FAR_EL2 and HPFAR_EL2 as the exception leaves them. */
  | { readonly kind: 'sync'; readonly esr: bigint; readonly far: bigint; readonly hpfar: bigint };

/** A statement of the document about a value. */
export interface Rule {
  /** What the value is called: a register, an output, a member. */
  readonly id: string;
  readonly text: string;
  readonly section: string;
}

/** A value, and what else it could be by the document. */
export interface Expected {
  readonly value: bigint;
  /** Whether the document permits a value; undefined where it leaves the value open. */
  readonly permits: ((observed: bigint) => boolean) | undefined;
  readonly rule: Rule;
}

/** How many registers, from X0 on, are told of. */
export const WATCHED = 5;

/** The Realm goes on: it was entered, or a call of its own has returned. */
export interface RealmArrival {
  readonly kind: 'run' | 'rsi';
  /** The command whose answer this is. */
  readonly command: string | undefined;
  readonly section: string;
  /** X0 to X4. */
  readonly gprs: readonly Expected[];
  readonly pc: Expected;
}

/** X0 to X4, and the PC where it was looked at, as another implementation left them. */
export interface SeenRegisters {
  readonly gprs: readonly bigint[];
  readonly pc: bigint | undefined;
}

/** A range of memory that the RMM has written while a REC ran. */
export interface RealmWrite {
  /** Physical address and size, in bytes. */
  readonly address: number;
  readonly size: number;
  /** What it is by the document: a structure or a member of one. */
  readonly what: string;
  /** On which occasion it was written. */
  readonly occasion: string;
  readonly section: string;
  /** Why the contents are open, if they are. */
  readonly open: string | undefined;
}

export interface RealmWatcher {
  /** An action was added to what the scripted Realm is going to do. */
  queued?(action: RealmAction): void;
  /** What it was going to do was dropped. */
  cleared?(): void;
  /**
   * How the Realm goes on next, where the watcher knows: a replay follows an implementation that did one of several
   * things that the document permits. `exit` when it does not.
   */
  foresees?(): 'run' | 'rsi' | 'exit';
  /** The Realm goes on. Registers that are returned take the place of those that were expected. */
  arrived?(arrival: RealmArrival): SeenRegisters | undefined;
  /** The RMM has written to memory that the Host or the Realm can read. */
  stored?(write: RealmWrite): void;
}
