import { IccRegister } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { type Command, Registers } from '../../bits/index.js';
import {
  type Access,
  type AccessSize,
  type Instruction,
  otherRegisters,
  type SystemRegister,
} from './instruction.js';
import { type Psci, psciOf } from './psci.js';
import { type Rsi, rsiOf } from './rsi.js';
import type { Caller, Run, Word } from './run.js';

/** What a REC runs at R-EL1. */
export type RealmProgram = (cpu: Cpu) => Run<unknown>;

export interface AccessOptions {
  /** X0 to X30 or 31 for XZR: what is loaded or stored; X0 unless given. */
  readonly register?: number;
  /** Extend a loaded value with its sign. */
  readonly signed?: boolean;
  /** A 64-bit register; it is unless given. */
  readonly wide?: boolean;
  /** Whether an abort has a valid instruction syndrome, so that the Host can emulate the access; it has unless given. */
  readonly syndrome?: boolean;
}

/** General-purpose registers that an instruction can name; the one after them is the zero register. */
const GPRS = 31;
const ADDRESS_BITS = 64;

function wordOf(what: string, value: Word): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new TypeError(`${what}: expected a bigint or a safe integer, got ${String(value)}`);
  return BigInt.asUintN(ADDRESS_BITS, BigInt(value));
}

function registerOf(register: number): number {
  if (!Number.isInteger(register) || register < 0 || register > GPRS)
    throw new RangeError(`expected a register from 0 to ${GPRS}, got ${String(register)}`);
  return register;
}

/**
 * The PE as a program sees it, at R-EL1 with stage 1 translation off: addresses are IPAs, accesses have to be aligned.
 * What executes an instruction is a generator, for `yield*`. A synchronous exception is thrown at the instruction, as a
 * `TakenException`; a program that catches it goes on behind the instruction, as an exception handler would have it.
 *
 * Methods throw a TypeError or RangeError for what is no address, value, register or size.
 */
export class Cpu implements Caller {
  /** Affinity fields of the REC, as MPIDR_EL1 has them. */
  readonly mpidr: bigint;
  /** Calls of the RSI, which throw a `RealmCallError` if they fail. */
  readonly rsi: Rsi = rsiOf(this);
  /** Calls of PSCI. */
  readonly psci: Psci = psciOf(this);
  /** What runs when a virtual interrupt is taken. Registers are as they were when it is done. */
  readonly vectors: { irq: RealmProgram | undefined; fiq: RealmProgram | undefined } = {
    irq: undefined,
    fiq: undefined,
  };
  readonly #gprs: bigint[];
  readonly #masked = { irq: true, fiq: true };
  readonly #pending: () => { readonly irq: boolean; readonly fiq: boolean };

  /** @param gprs X0 to X30, which the program shares with the RMM */
  constructor(
    mpidr: bigint,
    gprs: bigint[],
    pending: () => { readonly irq: boolean; readonly fiq: boolean },
  ) {
    this.mpidr = mpidr;
    this.#gprs = gprs;
    this.#pending = pending;
  }

  // Registers

  /** The value of X0 to X30; 31 is XZR. */
  x(register: number): bigint {
    return registerOf(register) === GPRS ? 0n : this.#gprs[register]!;
  }

  setX(register: number, value: Word): void {
    const word = wordOf(`X${register}`, value);
    if (registerOf(register) < GPRS) this.#gprs[register] = word;
  }

  /** Executes MRS. */
  *mrs(name: SystemRegister, register = 0): Run<bigint> {
    checkSystemRegister(name);
    yield { op: 'mrs', name, register: registerOf(register) };
    return this.x(register);
  }

  /** Executes MSR, with the value in a register. */
  *msr(name: SystemRegister, value: Word, register = 0): Run {
    checkSystemRegister(name);
    this.setX(register, value);
    yield { op: 'msr', name, register };
  }

  // Interrupts

  /** Lets a virtual interrupt be taken, from the next instruction on. Both are masked at first. */
  unmask(kind: 'irq' | 'fiq'): void {
    this.#masked[kind] = false;
  }

  mask(kind: 'irq' | 'fiq'): void {
    this.#masked[kind] = true;
  }

  isMasked(kind: 'irq' | 'fiq'): boolean {
    return this.#masked[kind];
  }

  /** Whether a virtual interrupt is pending, masked or not: ISR_EL1. */
  get pending(): { readonly irq: boolean; readonly fiq: boolean } {
    return this.#pending();
  }

  // Memory

  #access(op: Access['op'], ipa: Word, size: AccessSize, options: AccessOptions): Access {
    const { register = 0, signed = false, wide = true, syndrome = true } = options;
    return { op, ipa: wordOf('IPA', ipa), size, register: registerOf(register), signed, wide, syndrome };
  }

  *load(ipa: Word, size: AccessSize, options: AccessOptions = {}): Run<bigint> {
    const access = this.#access('load', ipa, size, options);
    yield access;
    return this.x(access.register);
  }

  *store(ipa: Word, size: AccessSize, value: Word, options: AccessOptions = {}): Run {
    const access = this.#access('store', ipa, size, options);
    this.setX(access.register, value);
    yield access;
  }

  load8(ipa: Word, options?: AccessOptions): Run<bigint> {
    return this.load(ipa, 1, options);
  }

  load16(ipa: Word, options?: AccessOptions): Run<bigint> {
    return this.load(ipa, 2, options);
  }

  load32(ipa: Word, options?: AccessOptions): Run<bigint> {
    return this.load(ipa, 4, options);
  }

  load64(ipa: Word, options?: AccessOptions): Run<bigint> {
    return this.load(ipa, 8, options);
  }

  store8(ipa: Word, value: Word, options?: AccessOptions): Run {
    return this.store(ipa, 1, value, options);
  }

  store16(ipa: Word, value: Word, options?: AccessOptions): Run {
    return this.store(ipa, 2, value, options);
  }

  store32(ipa: Word, value: Word, options?: AccessOptions): Run {
    return this.store(ipa, 4, value, options);
  }

  store64(ipa: Word, value: Word, options?: AccessOptions): Run {
    return this.store(ipa, 8, value, options);
  }

  /** Loads bytes one doubleword after the other; both bounds are multiples of 8. */
  *read(ipa: Word, size: number): Run<Uint8Array> {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    const base = wordOf('IPA', ipa);
    for (let at = 0; at < size; at += 8) view.setBigUint64(at, yield* this.load64(base + BigInt(at)), true);
    return bytes;
  }

  /** Stores bytes one doubleword after the other; both bounds are multiples of 8. */
  *write(ipa: Word, bytes: Uint8Array): Run {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const base = wordOf('IPA', ipa);
    for (let at = 0; at < bytes.length; at += 8)
      yield* this.store64(base + BigInt(at), view.getBigUint64(at, true));
  }

  /** Goes on at an IPA. The program stays where it is: what is at the IPA is fetched, not executed. */
  *branch(ipa: Word): Run {
    yield { op: 'branch', ipa: wordOf('IPA', ipa) };
  }

  // Calls

  /** Executes SMC with values in X0 and registers after it. @returns X0 to X16 */
  *smc(...values: readonly Word[]): Run<readonly bigint[]> {
    for (const [i, value] of values.entries()) this.setX(i, value);
    yield { op: 'smc' };
    return this.#gprs.slice(0, Registers.count);
  }

  /** Executes HVC, which the RMM answers with an exception (A4.5). */
  *hvc(imm = 0): Run {
    yield { op: 'hvc', imm };
  }

  /** Makes a call of the RSI or PSCI; what it answers is for the program to look at. */
  *call<Inputs, Outputs>(command: Command<Inputs, Outputs>, inputs: Inputs): Run<Outputs> {
    const registers = new Registers();
    command.encodeInputs(registers, inputs);
    for (let i = 0; i < Registers.count; i++) this.#gprs[i] = registers.get(i);
    yield { op: 'smc' };
    for (let i = 0; i < Registers.count; i++) registers.set(i, this.#gprs[i]!);
    return command.decodeOutputs(registers);
  }

  // Time

  /** Waits for an interrupt; with a tick of the counter until then at most: WFI, WFIT. */
  *wfi(until?: Word, register = 0): Run {
    yield this.#wait('wfi', until, register);
  }

  /** WFE, WFET. No event ever comes; unless it is trapped it passes. */
  *wfe(until?: Word, register = 0): Run {
    yield this.#wait('wfe', until, register);
  }

  #wait(op: 'wfi' | 'wfe', until: Word | undefined, register: number): Instruction {
    if (until === undefined) return { op, register: undefined };
    this.setX(register, until);
    return { op, register };
  }

  /** Lets an instruction pass. */
  *nop(): Run {
    yield { op: 'nop' };
  }
}

function checkSystemRegister(name: string): void {
  if (!(name in IccRegister) && !(otherRegisters as readonly string[]).includes(name))
    throw new TypeError(`there is no System register ${name} here`);
}
