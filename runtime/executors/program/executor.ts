import { Registers } from '../../bits/index.js';
import type { Clock } from '../../machine/clock.js';
import type {
  RealmEvent,
  RealmException,
  RealmExecutor,
  RealmPe,
  RunOrder,
  Stage2Mapping,
} from '../../machine/executor.js';
import { GRANULE, type PhysicalMemory } from '../../machine/memory.js';
import {
  type Access,
  Cpu,
  extended,
  type Instruction,
  type ProgramFailure,
  type ProgramLoader,
  type RealmProgram,
  type Run,
  TakenException,
} from '../../machine/program/index.js';
import type { RealmWatcher } from '../../machine/realm.js';
import { type Outcome, readSystemRegister, writeSystemRegister } from './registers.js';
import {
  addressSizeFault,
  alignmentFault,
  dataAbort,
  hypervisorCall,
  instructionAbort,
  trappedWait,
  undefinedInstruction,
} from './syndrome.js';

/** Bytes of an A64 instruction. */
const INSTRUCTION = 4n;
const ZERO_REGISTER = 31;
/** Addresses have 52 bits at most. */
const ADDRESS_BITS = 52n;
/** Every register: a program does not tell which it has set. */
const ALL = 2 ** 31 - 1;

/** A program, or a handler that has interrupted one. */
interface Frame {
  readonly generator: Run<unknown>;
  /** The instruction that it waits for, and where it is; it is executed, again if need be, until it is done. */
  instruction: Instruction | undefined;
  pc: bigint;
  /** An exception that the instruction came to. */
  exception: RealmException | undefined;
  /** What a handler puts back when it is done. */
  readonly interrupted: Interrupted | undefined;
}

/** What a handler interrupts: registers, and what was masked. */
interface Interrupted {
  readonly pc: bigint;
  readonly gprs: readonly bigint[];
  readonly irq: boolean;
  readonly fiq: boolean;
}

/** A REC whose program has begun. */
interface Running {
  readonly cpu: Cpu;
  readonly frames: Frame[];
  /** Pages that stage 2 maps, by their IPA. They are forgotten when the REC exits. */
  readonly mappings: Map<number, Stage2Mapping>;
}

/** What executing an instruction comes to. */
type Result =
  | 'done'
  /** It is done, and has set the PC. */
  | 'gone'
  | { readonly kind: 'exception'; readonly exception: RealmException }
  | { readonly kind: 'event'; readonly event: RealmEvent };

/**
 * Executes Realm programs: generators of instructions, one for each REC. An instruction takes a tick of the counter. A
 * REC without a program, and one whose program has ended, executes WFI for ever with interrupts masked.
 *
 * A program that yields nothing but instructions cannot stop the machine: the Host's interrupt comes. One that loops
 * without a yield can, as any JavaScript can.
 */
export class ProgramExecutor implements RealmExecutor, ProgramLoader {
  readonly hasDevices = true;
  readonly #clock: Clock;
  readonly #memory: PhysicalMemory;
  readonly #programs = new WeakMap<object, RealmProgram>();
  readonly #running = new WeakMap<object, Running>();
  readonly #errors = new WeakMap<object, ProgramFailure>();
  readonly #watchers: RealmWatcher[] = [];

  constructor(clock: Clock, memory: PhysicalMemory) {
    this.#clock = clock;
    this.#memory = memory;
  }

  load(rec: object, program: RealmProgram): void {
    if (typeof program !== 'function')
      throw new TypeError(`program: expected a generator function, got ${typeof program}`);
    this.#programs.set(rec, program);
    this.#running.delete(rec);
  }

  takeError(rec: object): ProgramFailure | undefined {
    const found = this.#errors.get(rec);
    this.#errors.delete(rec);
    return found;
  }

  /** The calls of programs are told of, when they are made. */
  watch(watcher: RealmWatcher): void {
    this.#watchers.push(watcher);
  }

  left(pe: RealmPe, how: 'exit' | 'off'): void {
    if (how === 'off') this.#running.delete(pe.rec);
    else this.#running.get(pe.rec)?.mappings.clear();
  }

  run(pe: RealmPe, order: RunOrder): RealmEvent {
    const running = this.#runningOf(pe);
    this.#accept(running, pe, order);
    for (;;) {
      const interrupt = this.#physicalInterrupt(pe, order);
      if (interrupt !== undefined) return interrupt;
      takeVirtualInterrupt(running, pe);
      const event = this.#step(running, pe, order);
      if (event === undefined) continue;
      if (event.kind === 'smc')
        for (const watcher of this.#watchers)
          watcher.queued?.({ kind: 'rsi', registers: pe.gprs.slice(0, Registers.count) });
      return event;
    }
  }

  #runningOf(pe: RealmPe): Running {
    let running = this.#running.get(pe.rec);
    if (running === undefined) {
      const { gic } = pe;
      const cpu = new Cpu(pe.mpidr, pe.gprs, () => ({ irq: gic.virq, fiq: gic.vfiq }));
      running = { cpu, frames: [], mappings: new Map() };
      const program = this.#programs.get(pe.rec);
      if (program !== undefined) running.frames.push(frameOf(program, cpu));
      this.#running.set(pe.rec, running);
    }
    return running;
  }

  /** What the RMM has made of the event before. */
  #accept({ frames, mappings }: Running, pe: RealmPe, { exception, mapping }: RunOrder): void {
    const frame = frames.at(-1);
    if (mapping !== undefined) mappings.set(mapping.ipa, mapping);
    if (frame?.instruction === undefined) return;
    if (exception !== undefined) except(frame, pe, exception);
    else if (pe.pc !== frame.pc) frame.instruction = undefined;
  }

  /** An interrupt for the Host: its own, or one that the Realm's devices assert. */
  #physicalInterrupt({ timers, pmu, gic }: RealmPe, { interrupt }: RunOrder): RealmEvent | undefined {
    if (this.#clock.now >= interrupt.at) {
      const { kind, esr } = interrupt;
      return kind === 'serror' ? { kind, esr } : { kind };
    }
    return timers.haveChanged || pmu.hasChanged || gic.maintenance ? { kind: 'irq' } : undefined;
  }

  /** Executes one instruction. @returns what the RMM has to see of it */
  #step(running: Running, pe: RealmPe, order: RunOrder): RealmEvent | undefined {
    const frame = running.frames.at(-1);
    if (frame === undefined) return this.#idle(pe, order);
    if (frame.instruction === undefined && !this.#fetch(running, frame, pe)) return undefined;
    const instruction = frame.instruction!;
    frame.pc = pe.pc;
    this.#clock.advance(1);
    const result = this.#execute(running, pe, order, instruction);
    switch (result) {
      case 'done':
        pe.pc += INSTRUCTION;
        frame.instruction = undefined;
        return undefined;
      case 'gone':
        frame.instruction = undefined;
        return undefined;
    }
    if (result.kind === 'event') return result.event;
    except(frame, pe, result.exception);
    return undefined;
  }

  /** Has the program come to its next instruction. @returns whether there is one */
  #fetch(running: Running, frame: Frame, pe: RealmPe): boolean {
    const { frames, cpu } = running;
    const { exception } = frame;
    frame.exception = undefined;
    try {
      const next =
        exception === undefined
          ? frame.generator.next()
          : frame.generator.throw(new TakenException(exception));
      if (next.done !== true) {
        frame.instruction = checked(next.value);
        return true;
      }
    } catch (error) {
      this.#errors.set(pe.rec, { error });
      frames.length = 0;
      return false;
    }
    frames.pop();
    const { interrupted } = frame;
    if (interrupted !== undefined) {
      for (const [i, value] of interrupted.gprs.entries()) pe.gprs[i] = value;
      if (!interrupted.irq) cpu.unmask('irq');
      if (!interrupted.fiq) cpu.unmask('fiq');
      pe.pc = interrupted.pc;
    }
    return false;
  }

  #execute(running: Running, pe: RealmPe, order: RunOrder, instruction: Instruction): Result {
    switch (instruction.op) {
      case 'smc':
        return { kind: 'event', event: { kind: 'smc', set: ALL } };
      case 'hvc':
        return { kind: 'event', event: hypervisorCall(instruction.imm) };
      case 'load':
      case 'store':
        return this.#access(running, pe, instruction);
      case 'branch':
        return this.#branch(running, pe, instruction.ipa);
      case 'wfi':
      case 'wfe':
        return this.#wait(pe, order, instruction);
      case 'mrs': {
        const { name, register } = instruction;
        const outcome = readSystemRegister(pe, this.#clock, name, register);
        if (outcome.kind === 'done' && register < ZERO_REGISTER) pe.gprs[register] = outcome.value;
        return resultOf(outcome);
      }
      case 'msr': {
        const { name, register } = instruction;
        const value = register < ZERO_REGISTER ? pe.gprs[register]! : 0n;
        return resultOf(writeSystemRegister(pe, this.#clock, name, value, register));
      }
      case 'nop':
        return 'done';
    }
  }

  #access({ mappings }: Running, pe: RealmPe, access: Access): Result {
    const { op, ipa, size, register, signed, wide } = access;
    const isStore = op === 'store';
    if (ipa % BigInt(size) !== 0n) return { kind: 'exception', exception: alignmentFault(access) };
    if (ipa >> ADDRESS_BITS !== 0n)
      return { kind: 'exception', exception: addressSizeFault(false, isStore, ipa) };
    const address = Number(ipa);
    const offset = address % GRANULE;
    const mapping = mappings.get(address - offset);
    if (mapping === undefined || !(isStore ? mapping.writable : mapping.readable))
      return { kind: 'event', event: dataAbort(access) };
    const memory = this.#memory.memoryAt(mapping.pa);
    const at = this.#memory.offsetAt(mapping.pa) + offset;
    if (isStore) {
      const value = register < ZERO_REGISTER ? pe.gprs[register]! : 0n;
      if (size === 8) memory.writeU64(at, value);
      else for (let i = 0; i < size; i++) memory.writeU8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
    } else if (register < ZERO_REGISTER) {
      const value =
        size === 8
          ? memory.readU64(at)
          : BigInt(size === 4 ? memory.readU32(at) : size === 2 ? memory.readU16(at) : memory.readU8(at));
      pe.gprs[register] = extended(value, size, signed, wide);
    }
    return 'done';
  }

  #branch({ mappings }: Running, pe: RealmPe, ipa: bigint): Result {
    if (ipa >> ADDRESS_BITS !== 0n)
      return { kind: 'exception', exception: addressSizeFault(true, false, ipa) };
    const address = Number(ipa);
    if (!mappings.has(address - (address % GRANULE))) return { kind: 'event', event: instructionAbort(ipa) };
    pe.pc = ipa;
    return 'gone';
  }

  /** There is nothing to execute, and nobody to take a virtual interrupt. */
  #idle({ gic, timers }: RealmPe, { traps, interrupt }: RunOrder): RealmEvent | undefined {
    if (traps.wfi && !gic.virq && !gic.vfiq) return trappedWait('wfi', undefined);
    this.#passUntil(Math.min(interrupt.at, timers.next));
    return undefined;
  }

  #passUntil(tick: number): void {
    const clock = this.#clock;
    if (tick > clock.now) clock.advance(tick - clock.now);
  }

  /** WFI waits for whatever comes first; it is trapped only where it would wait. No event ever ends a WFE. */
  #wait(
    pe: RealmPe,
    { traps, interrupt }: RunOrder,
    { op, register }: Instruction & { op: 'wfi' | 'wfe' },
  ): Result {
    const { gic, timers } = pe;
    const clock = this.#clock;
    const until =
      register === undefined ? undefined : Number(register < ZERO_REGISTER ? pe.gprs[register]! : 0n);
    if (gic.virq || gic.vfiq || (until !== undefined && clock.now >= until)) return 'done';
    if (traps[op]) return { kind: 'event', event: trappedWait(op, register) };
    if (op === 'wfe') return 'done';
    this.#passUntil(Math.min(interrupt.at, timers.next, until ?? Number.POSITIVE_INFINITY));
    return 'done';
  }
}

function frameOf(program: RealmProgram, cpu: Cpu, interrupted?: Interrupted): Frame {
  return {
    generator: begin(program, cpu),
    instruction: undefined,
    pc: 0n,
    exception: undefined,
    interrupted,
  };
}

/** Runs a program from inside a generator, so that one which throws at once, or is none, does it where others do. */
function* begin(program: RealmProgram, cpu: Cpu): Run<unknown> {
  const run = program(cpu);
  if (typeof run?.[Symbol.iterator] !== 'function')
    throw new TypeError('a Realm program has to be a generator function');
  return yield* run;
}

/** The Realm takes an exception at the instruction; who catches it goes on behind it. */
function except(frame: Frame, pe: RealmPe, exception: RealmException): void {
  frame.exception = exception;
  frame.instruction = undefined;
  pe.pc += INSTRUCTION;
}

/** A handler of a virtual interrupt interrupts the program, if there is one and it is not masked. */
function takeVirtualInterrupt({ cpu, frames }: Running, pe: RealmPe): void {
  if (frames.length === 0) return;
  const { gic } = pe;
  for (const kind of ['fiq', 'irq'] as const) {
    const handler = cpu.vectors[kind];
    if (handler === undefined || cpu.isMasked(kind) || !(kind === 'irq' ? gic.virq : gic.vfiq)) continue;
    const interrupted = { pc: pe.pc, gprs: [...pe.gprs], irq: cpu.isMasked('irq'), fiq: cpu.isMasked('fiq') };
    cpu.mask('irq');
    cpu.mask('fiq');
    frames.push(frameOf(handler, cpu, interrupted));
    return;
  }
}

const operations = new Set(['smc', 'hvc', 'load', 'store', 'branch', 'wfi', 'wfe', 'mrs', 'msr', 'nop']);

function checked(value: Instruction): Instruction {
  if (typeof value !== 'object' || value === null || !operations.has(value.op))
    throw new TypeError('a Realm program has yielded something else than an instruction of its cpu');
  return value;
}

function resultOf(outcome: Outcome): Result {
  switch (outcome.kind) {
    case 'done':
      return 'done';
    case 'trapped':
      return { kind: 'event', event: { kind: 'sync', esr: outcome.esr, far: 0n, hpfar: 0n } };
    case 'undefined':
      return { kind: 'exception', exception: undefinedInstruction };
  }
}
