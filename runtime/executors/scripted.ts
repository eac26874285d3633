import type { RealmEvent, RealmExecutor, RealmPe } from '../machine/executor.js';
import type { RealmAction, RealmWatcher } from '../machine/realm.js';

/**
 * A Realm that does what it was told beforehand, an action an event; when nothing is left to do, an FIQ stops it. It has
 * no timers, touches no interrupt, and its EL1 runs no code: an exception that is taken to it just lets it go on.
 */
export class ScriptedRealm implements RealmExecutor {
  readonly hasDevices = false;
  readonly #actions: RealmAction[] = [];
  #next = 0;
  readonly #watchers: RealmWatcher[] = [];

  watch(watcher: RealmWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Actions that are left to do. */
  get pending(): number {
    return this.#actions.length - this.#next;
  }

  /** Adds actions to what the Realm is going to do. */
  queue(...actions: readonly RealmAction[]): void {
    for (const action of actions) {
      this.#actions.push(action);
      for (const watcher of this.#watchers) watcher.queued?.(action);
    }
  }

  /** Makes a call, with values for X0 and registers after it. */
  call(...registers: readonly (bigint | number)[]): void {
    this.queue({ kind: 'rsi', registers: registers.map((value) => BigInt.asUintN(64, BigInt(value))) });
  }

  /** Drops what the Realm was going to do. */
  clear(): void {
    this.#actions.length = 0;
    this.#next = 0;
    for (const watcher of this.#watchers) watcher.cleared?.();
  }

  #take(): RealmAction {
    const action = this.#actions[this.#next];
    if (action === undefined) return { kind: 'fiq' };
    this.#next++;
    if (this.#next === this.#actions.length) {
      this.#actions.length = 0;
      this.#next = 0;
    }
    return action;
  }

  run(pe: RealmPe): RealmEvent {
    const action = this.#take();
    if (action.kind !== 'rsi') return action;
    for (const [i, value] of action.registers.entries()) pe.gprs[i] = value;
    return { kind: 'smc', set: 2 ** action.registers.length - 1 };
  }
}
