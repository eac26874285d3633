import type { PhysicalMemory } from '../machine/memory.js';
import type { Features } from './features.js';
import type { Rec } from './rec.js';
import type { RmmState } from './state.js';
import type { Store } from './store.js';

/** Runs a REC until it has to exit: the Realm's side of RMI_REC_ENTER. */
export interface RecRunner {
  /** @param run physical address of the RmiRecRun structure, which the Host may access. */
  enter(rec: Rec, run: number): void;
}

/** An interface revision (B2). */
export interface Revision {
  readonly major: number;
  readonly minor: number;
}

/** What the effects of commands work on. */
export interface Rmm {
  readonly store: Store;
  readonly state: RmmState;
  readonly memory: PhysicalMemory;
  readonly features: Features;
  /** Feature registers by index; others read zero. */
  readonly featureRegisters: readonly bigint[];
  /** Supported RMI revisions, lowest first. */
  readonly revisions: readonly Revision[];
  readonly runner: RecRunner;
}
