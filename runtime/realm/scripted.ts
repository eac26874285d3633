import {
  RmmHostCallPending,
  RmmRecEmulatableAbort,
  RmmRecResponse,
  RmmRecState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RmiEmulatedMmio,
  RmiInjectSea,
  type RmiRecEnter,
  RmiRecExitReason,
  RmiRecRun,
  RmiResponse,
  SmcccFunctionId,
  SmcccOwner,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Registers } from '../bits/index.js';
import {
  type Expected,
  type RealmAction,
  type RealmArrival,
  type RealmPort,
  type RealmWatcher,
  type RealmWrite,
  type RecRunner,
  type Rule,
  type RunningRealm,
  type RunningRec,
  WATCHED,
} from '../machine/realm.js';
import { notSupported, type RealmCommand, type Reply } from './call.js';
import { ALL_GPRS, type Continuation, freshContinuation, GPRS, type RunContext, resolve } from './context.js';
import { isLoad, loaded, loadedRegister, takeSError, takeSynchronous, unmapped } from './exceptions.js';
import { leave, type RecExit, show } from './exit.js';
import { among, exactly, open } from './expected.js';
import { psciCommands } from './psci.js';
import { completeHostCall, completeRipasChange, rsiCommands } from './rsi.js';

const commands = new Map<number, RealmCommand>(
  [...rsiCommands, ...psciCommands].map((command) => [command.fid, command]),
);

/** Bytes of an A64 instruction. */
const INSTRUCTION = 4n;

/** What happens after the Realm was entered, or a call of its own has returned. */
type Step =
  | {
      readonly kind: 'arrival';
      readonly arrival: Arrival;
      readonly settle: ((result: bigint) => void) | undefined;
    }
  | { readonly kind: 'exit'; readonly exit: RecExit };
type Arrival = Omit<RealmArrival, 'pc'>;

const restored = (register: number): Rule => ({
  id: `X${register}`,
  text: 'restored from the REC',
  section: 'A4.2.2',
});

const resumed: Record<Continuation['resumesAt'], Rule> = {
  pc: { id: 'PC', text: 'restored from the REC', section: 'A2.3.2' },
  'pc or next': { id: 'PC', text: 'the instruction, or the one after it', section: 'A4.3.4.1' },
  open: { id: 'PC', text: 'an exception vector of the Realm', section: 'A4.3.4' },
};

const notModelled: RecExit = {
  what: 'a REC exit that is not modelled',
  section: 'A4.3',
  reason: RmiRecExitReason.RMI_EXIT_SYNC,
  open: { members: 'all', reason: 'what made the REC exit is not modelled' },
};
const withoutEntry: RecExit = {
  what: 'return without REC entry',
  section: 'A4.1',
  reason: RmiRecExitReason.RMI_EXIT_IRQ,
  open: { members: 'all', reason: 'the RMM has returned without entering the REC' },
};

/**
 * A Realm that does what it was told beforehand, an action an entry. A call that the RMM completes by itself is
 * followed by the next action in the same entry; when nothing is left to do, an FIQ stops the Realm. It has no timers,
 * touches no interrupt, and its EL1 runs no code: an exception that is taken to it just lets it go on.
 */
export class ScriptedRealm implements RecRunner {
  readonly #port: RealmPort;
  readonly #actions: RealmAction[] = [];
  #next = 0;
  readonly #watchers: RealmWatcher[] = [];
  readonly #continuations = new WeakMap<RunningRec, Continuation>();
  readonly #unknownMeasurements = new WeakMap<RunningRealm, Set<number>>();

  constructor(port: RealmPort) {
    this.#port = port;
  }

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

  #foresees(): 'run' | 'rsi' | 'exit' | undefined {
    for (const watcher of this.#watchers) if (watcher.foresees !== undefined) return watcher.foresees();
    return undefined;
  }

  #contextOf(rec: RunningRec): RunContext {
    const port = this.#port;
    const realm = port.store.realms.get(rec.owner)!;
    let continuation = this.#continuations.get(rec);
    if (continuation === undefined) {
      continuation = freshContinuation();
      this.#continuations.set(rec, continuation);
    }
    let unknownMeasurements = this.#unknownMeasurements.get(realm);
    if (unknownMeasurements === undefined) {
      unknownMeasurements = new Set();
      this.#unknownMeasurements.set(realm, unknownMeasurements);
    }
    return {
      port,
      rec,
      realm,
      continuation,
      unknownMeasurements,
      foresees: () => this.#foresees(),
      stored: (write: RealmWrite) => {
        for (const watcher of this.#watchers) watcher.stored?.(write);
      },
    };
  }

  enter(rec: RunningRec, run: number): void {
    const context = this.#contextOf(rec);
    if (this.#foresees() === 'exit') {
      // The RMM may return without entering the REC, to which nothing has happened then (A4.1).
      show(context, run, withoutEntry);
      return;
    }
    const { state, memory } = this.#port;
    rec.state = RmmRecState.REC_RUNNING;
    state.running = { rec, resolve: (ipa) => resolve(this.#port, rec.owner, ipa) };
    try {
      const { enter } = new RmiRecRun(memory.memoryAt(run), memory.offsetAt(run));
      leave(context, run, this.#run(context, enter));
    } finally {
      state.running = undefined;
      rec.state = RmmRecState.REC_READY;
    }
  }

  /** Runs the REC until it exits. */
  #run(context: RunContext, enter: RmiRecEnter): RecExit {
    let step = this.#restore(context, enter);
    for (;;) {
      if (step.kind === 'exit') return step.exit;
      this.#arrive(context, step.arrival, step.settle);
      step = this.#perform(context, this.#take());
    }
  }

  /** REC entry: what the Realm finds when it goes on (A4.2). */
  #restore(context: RunContext, enter: RmiRecEnter): Step {
    const { rec, continuation } = context;
    const { last } = continuation;
    switch (last.due) {
      case 'host call': {
        if (rec.host_call_pending !== RmmHostCallPending.HOST_CALL_PENDING) break;
        const gprs = Array.from({ length: enter.gprs.length }, (_, i) => enter.gprs.get(i));
        const reply = completeHostCall(context, last.ipa, gprs);
        // It stays pending, and the next entry tries again (A4.2.2).
        if (reply === undefined) return { kind: 'exit', exit: unmapped(last.ipa) };
        continuation.last = { due: 'nothing' };
        return this.#answered(context, reply, 'RSI_HOST_CALL', 'A4.2.2');
      }
      case 'RIPAS change':
        rec.ripas_response =
          enter.flags.ripas_response === RmiResponse.RMI_REJECT
            ? RmmRecResponse.REJECT
            : RmmRecResponse.ACCEPT;
        continuation.last = { due: 'nothing' };
        return this.#answered(context, completeRipasChange(context), 'RSI_IPA_STATE_SET', 'A5.4');
      case 'PSCI':
        continuation.last = { due: 'nothing' };
        return this.#answered(context, completedPsci(context, last.completed), last.command, last.section);
      case 'Data Abort':
        continuation.last = { due: 'nothing' };
        this.#afterDataAbort(context, enter, last.iss);
        break;
    }
    return this.#resume(context);
  }

  /** A4.2.3. */
  #afterDataAbort(context: RunContext, enter: RmiRecEnter, iss: number): void {
    const { rec, continuation } = context;
    if (enter.flags.inject_sea === RmiInjectSea.RMI_INJECT_SEA) {
      continuation.resumesAt = 'open';
      return;
    }
    if (
      rec.emulatable_abort !== RmmRecEmulatableAbort.EMULATABLE_ABORT ||
      enter.flags.emul_mmio !== RmiEmulatedMmio.RMI_EMULATED_MMIO
    )
      return;
    rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
    const register = loadedRegister(iss);
    if (!isLoad(iss) || register >= GPRS) return;
    rec.gprs[register] = loaded(iss, enter.gprs.get(0));
    continuation.unknown &= ~(1 << register);
  }

  /** The Realm goes on with the registers that it had. */
  #resume({ rec, continuation }: RunContext): Step {
    const gprs = Array.from({ length: WATCHED }, (_, i) =>
      (continuation.unknown & (1 << i)) === 0
        ? exactly(rec.gprs[i]!, restored(i))
        : open(rec.gprs[i]!, restored(i)),
    );
    return {
      kind: 'arrival',
      arrival: { kind: 'run', command: undefined, section: 'A4.2.2', gprs },
      settle: undefined,
    };
  }

  /** The Realm goes on with the answer to a call; registers that the answer does not speak of keep what they held. */
  #answered(context: RunContext, reply: Reply, command: string | undefined, section: string): Step {
    const { rec, continuation } = context;
    const registers = reply.kind === 'return' ? reply.registers : [];
    for (const [i, expected] of registers.entries()) {
      rec.gprs[i] = expected.value;
      if (expected.permits === undefined) continuation.unknown |= 1 << i;
      else continuation.unknown &= ~(1 << i);
    }
    const gprs = Array.from({ length: WATCHED }, (_, i) => {
      return registers[i] ?? open(rec.gprs[i]!, restored(i));
    });
    return {
      kind: 'arrival',
      arrival: { kind: 'rsi', command, section, gprs },
      settle: reply.kind === 'return' ? reply.settle : undefined,
    };
  }

  /** Tells those who look on, and takes over what they saw. */
  #arrive(context: RunContext, arrival: Arrival, settle: ((result: bigint) => void) | undefined): void {
    const { rec, continuation } = context;
    const rule = resumed[continuation.resumesAt];
    const next = BigInt.asUintN(64, rec.pc + INSTRUCTION);
    const pc: Expected =
      continuation.resumesAt === 'open'
        ? open(rec.pc, rule)
        : continuation.resumesAt === 'pc'
          ? exactly(rec.pc, rule)
          : among(rec.pc, (observed) => observed === rec.pc || observed === next, rule);
    for (const watcher of this.#watchers) {
      const seen = watcher.arrived?.({ ...arrival, pc });
      if (seen === undefined) continue;
      for (const [i, value] of seen.gprs.entries()) rec.gprs[i] = value;
      continuation.unknown &= ~(2 ** seen.gprs.length - 1);
      if (seen.pc !== undefined) {
        rec.pc = seen.pc;
        continuation.resumesAt = 'pc';
      }
    }
    settle?.(rec.gprs[0]!);
  }

  #perform(context: RunContext, action: RealmAction): Step {
    switch (action.kind) {
      case 'rsi':
        for (const [i, value] of action.registers.entries()) {
          context.rec.gprs[i] = value;
          context.continuation.unknown &= ~(1 << i);
        }
        return this.#call(context);
      case 'irq':
        return {
          kind: 'exit',
          exit: { what: 'REC exit due to IRQ', section: 'A4.3.5', reason: RmiRecExitReason.RMI_EXIT_IRQ },
        };
      case 'fiq':
        return {
          kind: 'exit',
          exit: { what: 'REC exit due to FIQ', section: 'A4.3.6', reason: RmiRecExitReason.RMI_EXIT_FIQ },
        };
      case 'serror':
        return { kind: 'exit', exit: takeSError(action.esr) };
      case 'sync': {
        const taken = takeSynchronous(context, action);
        switch (taken.kind) {
          case 'exit':
            return taken;
          case 'smc':
            return this.#call(context);
          case 'to the Realm':
            context.continuation.resumesAt = 'open';
            return this.#resume(context);
          case 'emulated':
            context.rec.pc = BigInt.asUintN(64, context.rec.pc + INSTRUCTION);
            return this.#resume(context);
          case 'beyond':
            context.continuation.unknown = ALL_GPRS;
            context.continuation.resumesAt = 'open';
            return this.#foresees() === 'exit' ? { kind: 'exit', exit: notModelled } : this.#resume(context);
        }
      }
    }
  }

  /** SMC of the Realm (A4.3.4). It goes on behind the instruction, whatever becomes of the call. */
  #call(context: RunContext): Step {
    const { rec, continuation } = context;
    rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
    const registers = Registers.of(rec.gprs.slice(0, Registers.count));
    const command = commandOf(rec.gprs[0]!);
    let reply: Reply;
    if ((continuation.unknown & 1) !== 0) reply = { kind: 'beyond' };
    else if (command === undefined) {
      // B1.1 asks of a Realm that it look for SMCCC_VERSION, and denies it the call in the same breath.
      reply = isArchitectural(rec.gprs[0]!) ? { kind: 'beyond' } : notSupported(context);
    } else {
      const unknown = continuation.unknown & command.inputs;
      reply =
        unknown === 0
          ? command.call(context, registers)
          : (command.callBlindly?.(context, registers, unknown) ?? { kind: 'beyond' });
    }
    if (reply.kind === 'exit') return reply;
    if (reply.kind === 'beyond') {
      if (this.#foresees() === 'exit') return { kind: 'exit', exit: notModelled };
      continuation.unknown = ALL_GPRS;
    }
    return this.#answered(context, reply, command?.name, reply.kind === 'beyond' ? 'A4.3.4' : 'B1.2');
  }
}

/** X0 to X6 after a PSCI call (A4.2.2): RMI_PSCI_COMPLETE has set the first four, where the Host took part. */
function completedPsci({ rec }: RunContext, completed: boolean): Reply {
  const registers = Array.from({ length: 7 }, (_, i) => {
    const rule = { id: `X${i}`, text: 'the PSCI return code and output values', section: 'A4.2.2' };
    return completed && i < 4 ? exactly(rec.gprs[i]!, rule) : open(i === 0 ? 0n : rec.gprs[i]!, rule);
  });
  return { kind: 'return', registers };
}

function commandOf(x0: bigint): RealmCommand | undefined {
  if (x0 >= 2n ** 32n) return undefined;
  const fid = SmcccFunctionId.of(Number(x0));
  // Whether SVE state matters to the caller does not make it another call (B1.1).
  fid.sve_hint = 0;
  return commands.get(fid.$value);
}

function isArchitectural(x0: bigint): boolean {
  return x0 < 2n ** 32n && SmcccFunctionId.of(Number(x0)).owner === SmcccOwner.SMCCC_OWNER_ARCH;
}
