import type { Attester } from '../machine/attester.js';
import type { PhysicalMemory } from '../machine/memory.js';
import type { CallChecker } from '../machine/realm.js';
import type { Revision } from '../machine/revision.js';
import type { Features } from './features.js';
import type { Rec } from './rec.js';
import type { RmmState } from './state.js';
import type { Store } from './store.js';

export type { RecRunner } from '../machine/realm.js';
export type { Revision } from '../machine/revision.js';

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
  readonly runner: { enter(rec: Rec, run: number): void };
  /** Checks the calls of Realms, in checked mode. */
  readonly checker: CallChecker | undefined;
  readonly attester: Attester;
}
