import {
  RmmHostCallPending,
  RmmRecEmulatableAbort,
  RmmRecResponse,
  RmmRecState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  ESR_EL2,
  EsrFaultStatus,
  RmiEmulatedMmio,
  RmiInjectSea,
  type RmiRecEnter,
  RmiRecExitReason,
  RmiRecRun,
  RmiResponse,
  RmiTrap,
  SmcccFunctionId,
  SmcccOwner,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Registers } from '../bits/index.js';
import type { Clock, PhysicalInterrupt } from '../machine/clock.js';
import type { RealmEvent, RealmException, RealmExecutor, Stage2Mapping } from '../machine/executor.js';
import type { VirtualCpuInterface } from '../machine/gic.js';
import type {
  LastExit,
  RealmPort,
  RealmWatcher,
  RecRunner,
  RunningRealm,
  RunningRec,
} from '../machine/realm.js';
import { announce, answer, resumption } from './arrival.js';
import { beyond, layoutOf, notSupported, type RealmCommand, type Reply } from './call.js';
import {
  ALL_GPRS,
  type Continuation,
  freshContinuation,
  GPRS,
  INSTRUCTION,
  passInstruction,
  type RunContext,
  resolve,
} from './context.js';
import {
  abortToRealm,
  isLoad,
  loaded,
  loadedRegister,
  type Syndrome,
  takeSError,
  takeSynchronous,
  unmapped,
} from './exceptions.js';
import { leave, type RecExit, show } from './exit.js';
import { Pe } from './pe.js';
import { completedPsci, psciCommands } from './psci.js';
import { completeHostCall, completeRipasChange, rsiCommands } from './rsi.js';
import { translate } from './stage2.js';

const commands = new Map<number, RealmCommand>(
  [...rsiCommands, ...psciCommands].map((command) => [command.fid, command]),
);

const WORD = 2n ** 32n;
const SVE_HINT = SmcccFunctionId.of({ sve_hint: 1 }).$value;

/** What happens after the Realm was entered, or something has stopped it. */
type Step =
  | {
      readonly kind: 'go';
      readonly exception?: RealmException;
      readonly mapping?: Stage2Mapping;
    }
  | { readonly kind: 'exit'; readonly exit: RecExit };
const go: Step = { kind: 'go' };

const irq: RecExit = {
  what: 'REC exit due to IRQ',
  section: 'A4.3.5',
  reason: RmiRecExitReason.RMI_EXIT_IRQ,
};
const fiq: RecExit = {
  what: 'REC exit due to FIQ',
  section: 'A4.3.6',
  reason: RmiRecExitReason.RMI_EXIT_FIQ,
};

function takeInterrupt({ kind, esr }: PhysicalInterrupt): RecExit {
  if (kind === 'serror') return takeSError(esr);
  return kind === 'fiq' ? fiq : irq;
}

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

/** What REC entry and exit need besides the RMM's state. */
export interface RunnerParts {
  readonly executor: RealmExecutor;
  readonly gic: VirtualCpuInterface;
  readonly clock: Clock;
  /** Ticks after which the Host's own timer stops a Realm that goes on for ever. */
  readonly slice: number;
}

/**
 * Runs RECs: what the RMM does between RMI_REC_ENTER and the return from it (A4), whoever executes the Realm. Conditions
 * of RMI_REC_ENTER have been checked by then.
 */
export class RealmRunner implements RecRunner {
  readonly #port: RealmPort;
  readonly #executor: RealmExecutor;
  readonly #clock: Clock;
  readonly #slice: number;
  readonly #pe: Pe;
  readonly #watchers: RealmWatcher[] = [];
  /** X0 to X16 of a call. */
  readonly #registers = new Registers();
  readonly #continuations = new WeakMap<RunningRec, Continuation>();
  readonly #unknownMeasurements = new WeakMap<RunningRealm, Set<number>>();

  constructor(port: RealmPort, { executor, gic, clock, slice }: RunnerParts) {
    this.#port = port;
    this.#executor = executor;
    this.#clock = clock;
    this.#slice = slice;
    this.#pe = new Pe(gic, clock);
  }

  watch(watcher: RealmWatcher): void {
    this.#watchers.push(watcher);
    this.#executor.watch?.(watcher);
  }

  get #leader(): RealmWatcher | undefined {
    return this.#watchers.find((watcher) => watcher.foresees !== undefined);
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
    const leader = this.#leader;
    const watchers = this.#watchers;
    return {
      port,
      rec,
      realm,
      pe: this.#pe,
      hasDevices: this.#executor.hasDevices,
      continuation,
      unknownMeasurements,
      follows: leader !== undefined,
      foresees: () => leader?.foresees?.(),
      stored: (write) => {
        for (const watcher of watchers) watcher.stored?.(write);
      },
      isWatched: watchers.length > 0,
    };
  }

  enter(rec: RunningRec, run: number): void {
    const context = this.#contextOf(rec);
    const { state, memory } = this.#port;
    const { enter } = new RmiRecRun(memory.memoryAt(run), memory.offsetAt(run));
    this.#pe.load(rec);
    this.#pe.gic.load(enter);
    if (context.foresees() === 'exit') {
      // The RMM may return without entering the REC, to which nothing has happened then (A4.1).
      show(context, run, withoutEntry);
      return;
    }
    rec.state = RmmRecState.REC_RUNNING;
    state.running = { rec, resolve: (ipa) => resolve(this.#port, rec.owner, ipa) };
    try {
      leave(context, run, this.#run(context, enter));
      this.#executor.left?.(this.#pe, context.continuation.starts ? 'off' : 'exit');
      context.continuation.starts = false;
    } finally {
      state.running = undefined;
      rec.state = RmmRecState.REC_READY;
    }
  }

  /** The interrupt that stops the Realm at the latest. */
  #nextInterrupt(): PhysicalInterrupt {
    const { interrupt, now } = this.#clock;
    const end = now + this.#slice;
    return interrupt !== undefined && interrupt.at < end ? interrupt : { kind: 'irq', at: end, esr: 0n };
  }

  /** Runs the REC until it exits. */
  #run(context: RunContext, enter: RmiRecEnter): RecExit {
    const clock = this.#clock;
    const traps = {
      wfi: enter.flags.trap_wfi === RmiTrap.RMI_TRAP,
      wfe: enter.flags.trap_wfe === RmiTrap.RMI_TRAP,
    };
    const interrupt = this.#nextInterrupt();
    const { continuation } = context;
    let step = this.#restore(context, enter);
    while (step.kind === 'go') {
      const { exception = continuation.exception, mapping } = step;
      continuation.exception = undefined;
      const { now } = clock;
      step = this.#take(context, this.#executor.run(this.#pe, { exception, mapping, traps, interrupt }));
      if (step.kind === 'exit') break;
      // Events take time, also those of an executor in whose Realm none passes: the Host's interrupt comes, and ends
      // the run of one that does not report it.
      if (now >= interrupt.at) {
        continuation.exception = step.exception;
        step = { kind: 'exit', exit: takeInterrupt(interrupt) };
      } else if (clock.now === now) clock.advance(1);
    }
    // By now the Host has taken it, whatever made the REC exit.
    if (clock.interrupt !== undefined && clock.interrupt.at <= clock.now) clock.clearInterrupt();
    return step.exit;
  }

  /** REC entry: what the Realm finds when it goes on (A4.2). */
  #restore(context: RunContext, enter: RmiRecEnter): Step {
    const { rec } = context;
    const { last } = rec;
    switch (last.due) {
      case 'host call': {
        if (rec.host_call_pending !== RmmHostCallPending.HOST_CALL_PENDING) break;
        const reply = completeHostCall(context, last.ipa, enter.gprs);
        // It stays pending, and the next entry tries again (A4.2.2).
        if (reply === undefined) return { kind: 'exit', exit: unmapped(context, last.ipa) };
        rec.last = { due: 'nothing' };
        return this.#answered(context, reply, 'RSI_HOST_CALL', 'A4.2.2');
      }
      case 'RIPAS change':
        rec.ripas_response =
          enter.flags.ripas_response === RmiResponse.RMI_REJECT
            ? RmmRecResponse.REJECT
            : RmmRecResponse.ACCEPT;
        rec.last = { due: 'nothing' };
        return this.#answered(context, completeRipasChange(context, last), 'RSI_IPA_STATE_SET', 'A5.4');
      case 'PSCI':
        rec.last = { due: 'nothing' };
        return this.#answered(
          context,
          completedPsci(context, last.completed),
          last.command,
          layoutOf(last.command).section,
        );
      case 'Data Abort':
        rec.last = { due: 'nothing' };
        return this.#afterDataAbort(context, enter, last);
    }
    return this.#resume(context);
  }

  /** A4.2.3. */
  #afterDataAbort(
    context: RunContext,
    enter: RmiRecEnter,
    abort: LastExit & { readonly due: 'Data Abort' },
  ): Step {
    const { rec, continuation } = context;
    if (enter.flags.inject_sea === RmiInjectSea.RMI_INJECT_SEA)
      return this.#toRealm(context, abortToRealm(abort, EsrFaultStatus.ESR_FSC_EXTERNAL));
    const isEmulated =
      rec.emulatable_abort === RmmRecEmulatableAbort.EMULATABLE_ABORT &&
      enter.flags.emul_mmio === RmiEmulatedMmio.RMI_EMULATED_MMIO;
    if (isEmulated) {
      rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
      const iss = ESR_EL2.of(abort.esr).ISS;
      const register = loadedRegister(iss);
      if (isLoad(iss) && register < GPRS) {
        rec.gprs[register] = loaded(iss, enter.gprs.get(0));
        continuation.unknown &= ~(1 << register);
      }
    }
    return this.#resume(context);
  }

  // The Realm goes on

  /** With the registers that it had. */
  #resume(context: RunContext): Step {
    if (context.isWatched) announce(context, this.#watchers, resumption(context));
    return go;
  }

  /** At an exception vector. */
  #toRealm(context: RunContext, exception: RealmException): Step {
    context.continuation.resumesAt = 'open';
    this.#resume(context);
    if (!context.follows) context.continuation.resumesAt = 'pc';
    return { kind: 'go', exception };
  }

  /** With the answer to a call; registers that the answer does not speak of keep what they held. */
  #answered(context: RunContext, reply: Reply, command: string | undefined, section: string): Step {
    const { rec, continuation, follows } = context;
    if (reply.kind === 'return') {
      for (const [i, expected] of reply.registers.entries()) {
        rec.gprs[i] = expected.value;
        if (follows && expected.permits === undefined) continuation.unknown |= 1 << i;
        else continuation.unknown &= ~(1 << i);
      }
    }
    if (context.isWatched) announce(context, this.#watchers, answer(context, reply, command, section));
    if (reply.kind === 'return') reply.settle?.(rec.gprs[0]!);
    return go;
  }

  // The Realm has stopped

  #take(context: RunContext, event: RealmEvent): Step {
    switch (event.kind) {
      case 'smc':
        context.continuation.unknown &= ~event.set;
        return this.#call(context);
      case 'irq':
        return { kind: 'exit', exit: irq };
      case 'fiq':
        return { kind: 'exit', exit: fiq };
      case 'serror':
        return { kind: 'exit', exit: takeSError(event.esr) };
      case 'abort': {
        const answer = translate(context, event);
        if (answer.kind === 'mapped') return { kind: 'go', mapping: answer.mapping };
        if (answer.kind === 'to the Realm') return this.#toRealm(context, answer.exception);
        return this.#takeSynchronous(context, answer.syndrome);
      }
      case 'sync':
        return this.#takeSynchronous(context, event);
    }
  }

  #takeSynchronous(context: RunContext, syndrome: Syndrome): Step {
    const { rec, continuation, follows } = context;
    const taken = takeSynchronous(context, syndrome);
    switch (taken.kind) {
      case 'exit':
        return taken;
      case 'smc':
        return this.#call(context);
      case 'to the Realm':
        return this.#toRealm(context, taken.exception);
      case 'emulated':
        rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
        if (follows) continuation.unknown = ALL_GPRS;
        return this.#resume(context);
      case 'beyond':
        if (context.foresees() === 'exit') return { kind: 'exit', exit: notModelled };
        if (!follows) return this.#toRealm(context, taken.exception);
        continuation.unknown = ALL_GPRS;
        continuation.resumesAt = 'open';
        return this.#resume(context);
    }
  }

  /** SMC of the Realm (A4.3.4). It goes on behind the instruction, whatever becomes of the call. */
  #call(context: RunContext): Step {
    const { rec, continuation } = context;
    const registers = this.#registers;
    for (let i = 0; i < Registers.count; i++) registers.set(i, rec.gprs[i]!);
    const command = commandOf(rec.gprs[0]!);
    const reply = this.#replyTo(context, command, registers);
    if (reply.kind === 'exit' && reply.outcome === 'again') return reply;
    if (reply.kind === 'beyond' && context.foresees() === 'exit') {
      passInstruction(context);
      return { kind: 'exit', exit: notModelled };
    }
    rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
    if (reply.kind === 'exit') return reply;
    if (reply.kind === 'beyond') continuation.unknown = ALL_GPRS;
    return this.#answered(context, reply, command?.name, reply.kind === 'beyond' ? 'A4.3.4' : 'B1.2');
  }

  #replyTo(context: RunContext, command: RealmCommand | undefined, registers: Registers): Reply {
    const { unknown } = context.continuation;
    if ((unknown & 1) !== 0) return beyond;
    // B1.1 asks of a Realm that it look for SMCCC_VERSION, and denies it the call in the same breath.
    if (command === undefined)
      return context.follows && isArchitectural(registers.get(0)) ? beyond : notSupported(context);
    const inputs = unknown & command.inputs;
    if (inputs === 0) return command.call(context, registers);
    return command.callBlindly?.(context, registers, inputs) ?? beyond;
  }
}

function commandOf(x0: bigint): RealmCommand | undefined {
  if (x0 >= WORD) return undefined;
  // Whether SVE state matters to the caller does not make it another call (B1.1).
  return commands.get((Number(x0) & ~SVE_HINT) >>> 0);
}

function isArchitectural(x0: bigint): boolean {
  return x0 < WORD && SmcccFunctionId.of(Number(x0)).owner === SmcccOwner.SMCCC_OWNER_ARCH;
}
