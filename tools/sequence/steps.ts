import {
  ESR_EL2,
  EsrExceptionClass,
  EsrIssDataAbort,
  HPFAR_EL2,
  IchLrHw0,
  IchLrState,
  PSCI_CPU_ON,
  PsciReturnCode,
  RMI_REALM_CREATE,
  RMI_REC_CREATE,
  RMI_REC_ENTER,
  RMI_RTT_SET_RIPAS,
  RmiCommandReturnCode,
  type RmiRecEnter,
  type RmiRecExit,
  RmiRecExitReason,
  RmiRecRun,
  RmiRipas,
  RmiStatusCode,
  RsiCommandReturnCode,
  SmcccReturnCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { allocate } from '../../runtime/bits/index.js';
import { GRANULE } from '../../runtime/machine/memory.js';
import { rmiCall, type TraceLine } from '../../runtime/machine/trace.js';

/** What a diagram may ask for: more than anybody can read, little enough for those who draw it. */
export const limits = {
  /** Bytes of a trace. */
  fileSize: 8 * 1024 * 1024,
  steps: 4096,
  recs: 64,
  /** RmiRecRun structures. */
  runs: 256,
} as const;

/** A REC that was created, or is entered in a trace that begins later than that. */
export interface Lane {
  readonly address: bigint;
  /** Counted from 0, in the order in which they were created. */
  readonly realm: number | undefined;
  readonly index: number | undefined;
}

/** A call of the Host and its outcome. */
export interface HostCall {
  readonly name: string;
  /** A status, with its index; undefined when it succeeded. */
  readonly failure: string | undefined;
}

/** One thing that happens between two of those who take part. */
export type Step =
  | { readonly kind: 'calls'; readonly calls: readonly HostCall[] }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'enter'; readonly rec: Lane; readonly details: readonly string[] }
  /** The REC goes on: as it was, or with the answer to what it called before the exit. */
  | { readonly kind: 'resume'; readonly rec: Lane }
  | {
      readonly kind: 'answer';
      readonly rec: Lane;
      readonly command: string | undefined;
      readonly result: string;
    }
  | {
      readonly kind: 'call';
      readonly rec: Lane;
      readonly command: string | undefined;
      /** Undefined when it makes the REC exit. */
      readonly result: string | undefined;
    }
  | { readonly kind: 'exit'; readonly rec: Lane; readonly details: readonly string[] };

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

const realmCommands = new Map(
  Object.entries(metadata.commands)
    .filter(([, command]) => command.interface !== 'RMI')
    .map(([name, command]) => [BigInt(command.fid), name]),
);

function nameOfRealmCall(x0: bigint): string {
  return realmCommands.get(x0) ?? `SMC ${hex(x0)}`;
}

/** X0 that a call of a Realm has returned. */
function resultOf(command: string | undefined, x0: bigint): string {
  const layout = command === undefined ? undefined : metadata.commands[command];
  // PSCI_VERSION and the like return something else than a status.
  return labelsOf(layout?.interface).nameOf(BigInt.asIntN(64, x0)) ?? `X0 = ${hex(x0)}`;
}

function labelsOf(interfaceName: string | undefined): { nameOf(value: bigint): string | undefined } {
  if (interfaceName === 'RSI') return RsiCommandReturnCode;
  return interfaceName === 'PSCI' ? PsciReturnCode : SmcccReturnCode;
}

function hostCall(given: readonly bigint[], returned: readonly bigint[]): HostCall {
  const [x0 = 0n] = returned;
  const command = rmiCall(given[0]!);
  if (command === undefined)
    return {
      name: `SMC ${hex(given[0]!)}`,
      failure: SmcccReturnCode.nameOf(BigInt.asIntN(64, x0)) ?? hex(x0),
    };
  const { status, index } = RmiCommandReturnCode.of(x0);
  const label = RmiStatusCode.nameOf(status) ?? hex(x0);
  const failure =
    status === RmiStatusCode.RMI_SUCCESS ? undefined : index === 0 ? label : `${label}, ${index}`;
  return { name: command.conditions.name, failure };
}

// What the two halves of RmiRecRun say

function listRegisters(lrs: RmiRecEnter['gicv3_lrs'] | RmiRecExit['gicv3_lrs']): string[] {
  const found: string[] = [];
  for (const [i, value] of [...lrs].entries()) {
    if (value === 0n) continue;
    const { State, vINTID } = IchLrHw0.of(value);
    const state = IchLrState.nameOf(State)?.replace('ICH_LR_STATE_', '').toLowerCase();
    found.push(`gicv3_lrs[${i}]: interrupt ${vINTID} ${state}`);
  }
  return found;
}

function entryDetails(enter: RmiRecEnter): string[] {
  const flags = Object.entries(enter.flags.toObject()).filter(([, value]) => value !== 0);
  return [...flags.map(([name]) => name), ...listRegisters(enter.gicv3_lrs)];
}

function abortDetails(exit: RmiRecExit): string {
  const { EC, ISS } = ESR_EL2.of(exit.esr);
  const label = EsrExceptionClass.nameOf(EC) ?? `class ${hex(EC)}`;
  const isData = EC === EsrExceptionClass.ESR_EC_DABT_LOWER;
  if (!isData && EC !== EsrExceptionClass.ESR_EC_IABT_LOWER) return label;
  const ipa = HPFAR_EL2.of(exit.hpfar).FIPA * BigInt(GRANULE) + (exit.far % BigInt(GRANULE));
  const { ISV, WnR } = EsrIssDataAbort.of(ISS);
  // Only where the access can be emulated the Host is told in which direction it goes (A4.3.4.3).
  const access = isData && ISV === 1 ? (WnR === 1 ? ', write' : ', read') : '';
  return `${label} at ${hex(ipa)}${access}`;
}

function reasonDetails(exit: RmiRecExit): string[] {
  switch (exit.exit_reason) {
    case RmiRecExitReason.RMI_EXIT_SYNC:
      return [abortDetails(exit)];
    case RmiRecExitReason.RMI_EXIT_PSCI: {
      const name = nameOfRealmCall(exit.gprs.get(0));
      return [name === PSCI_CPU_ON.name ? `${name} of MPIDR ${hex(exit.gprs.get(1))}` : name];
    }
    case RmiRecExitReason.RMI_EXIT_RIPAS_CHANGE: {
      const ripas = RmiRipas.nameOf(exit.ripas_value) ?? hex(exit.ripas_value);
      return [`${hex(exit.ripas_base)} to ${hex(exit.ripas_top)}: ${ripas}`];
    }
    case RmiRecExitReason.RMI_EXIT_HOST_CALL:
      return [`imm ${hex(exit.imm)}`];
    default:
      return [];
  }
}

function exitDetails(exit: RmiRecExit): string[] {
  const reason = RmiRecExitReason.nameOf(exit.exit_reason) ?? `reason ${hex(exit.exit_reason)}`;
  return [reason, ...reasonDetails(exit), ...listRegisters(exit.gicv3_lrs)];
}

// Memory

/** The pages that the Host passes to RMI_REC_ENTER, as it has written them. */
class RunPages {
  readonly #pages = new Map<number, Uint8Array>();

  constructor(lines: readonly TraceLine[]) {
    for (const line of lines) {
      if (line.kind !== 'smc' || rmiCall(line.given[0]!)?.conditions.name !== RMI_REC_ENTER.name) continue;
      const page = Number(line.given[2] ?? 0n);
      if (!this.#pages.has(page)) this.#pages.set(page, new Uint8Array(GRANULE));
      if (this.#pages.size > limits.runs) throw new RangeError(`more than ${limits.runs} run structures`);
    }
  }

  write(address: number, value: bigint, size: number): void {
    const page = this.#pages.get(address - (address % GRANULE));
    if (page !== undefined) put(page, address % GRANULE, value, size);
  }

  fill(address: number, length: number, byte: number): void {
    for (const [page, bytes] of this.#pages)
      bytes.fill(byte, Math.max(0, address - page), Math.max(0, Math.min(GRANULE, address + length - page)));
  }

  enterHalf(address: bigint): RmiRecEnter {
    const run = allocate(RmiRecRun);
    run.$bytes.set(this.#pages.get(Number(address)) ?? []);
    return run.enter;
  }
}

function put(bytes: Uint8Array, offset: number, value: bigint, size: number): void {
  for (let i = 0; i < size; i++) bytes[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
}

// The trace

/** Puts lines of a trace together to what happened. */
class Reader {
  readonly steps: Step[] = [];
  readonly #pages: RunPages;
  readonly #lanes = new Map<bigint, Lane>();
  #count = 0;
  /** Realms by the address of their RD, and how many RECs each has had. */
  readonly #realms = new Map<bigint, { readonly number: number; recs: number }>();
  /** What a Realm does next. */
  #actions: (TraceLine & { readonly kind: 'realm' })['action'][] = [];
  /** A call that made a REC exit, and is answered when it is entered again. */
  readonly #called = new Map<Lane, string>();
  /** A REC exit, of which the Host may yet read what it says. */
  #exit:
    | {
        readonly rec: Lane;
        /** Where it is among the steps. */
        readonly step: number;
        readonly base: number;
        readonly run: RmiRecRun;
        isRead: boolean;
      }
    | undefined;

  constructor(lines: readonly TraceLine[]) {
    this.#pages = new RunPages(lines);
    for (const line of lines) this.#take(line);
    this.#leave();
  }

  #add(step: Step): void {
    if (this.steps.length >= limits.steps) throw new RangeError(`more than ${limits.steps} steps`);
    this.steps.push(step);
  }

  #take(line: TraceLine): void {
    switch (line.kind) {
      case 'smc':
        this.#leave();
        if (rmiCall(line.given[0]!)?.conditions.name === RMI_REC_ENTER.name) this.#enter(line);
        else this.#call(line);
        break;
      case 'w64':
      case 'w8':
        this.#pages.write(line.address, line.value, line.kind === 'w64' ? 8 : 1);
        break;
      case 'fill':
        this.#pages.fill(line.address, line.length, line.byte);
        break;
      case 'r64':
      case 'r8':
        this.#read(line.address, line.value, line.kind === 'r64' ? 8 : 1);
        break;
      case 'realm':
        if (line.action.kind === 'clear') this.#actions = [];
        else this.#actions.push(line.action);
        break;
      case 'comment':
        if (line.text.trim() === '') break;
        this.#add({ kind: 'comment', text: line.text.trim() });
        break;
    }
  }

  #call({ given, returned }: TraceLine & { readonly kind: 'smc' }): void {
    const call = hostCall(given, returned);
    if (call.failure === undefined) {
      const [, first = 0n, second = 0n] = given;
      if (call.name === RMI_REALM_CREATE.name)
        this.#realms.set(first, { number: this.#realms.size, recs: 0 });
      if (call.name === RMI_REC_CREATE.name) {
        const realm = this.#realms.get(first);
        this.#lane(second, realm?.number, realm?.recs);
        if (realm !== undefined) realm.recs++;
      }
    }
    const last = this.steps.at(-1);
    if (
      isHousekeeping(call.name) &&
      last?.kind === 'calls' &&
      last.calls.every((one) => isHousekeeping(one.name))
    )
      this.steps[this.steps.length - 1] = { kind: 'calls', calls: [...last.calls, call] };
    else this.#add({ kind: 'calls', calls: [call] });
  }

  #lane(address: bigint, realm?: number, index?: number): Lane {
    if (++this.#count > limits.recs) throw new RangeError(`more than ${limits.recs} RECs`);
    const lane = { address, realm, index };
    this.#lanes.set(address, lane);
    return lane;
  }

  #enter({ given, returned, entries }: TraceLine & { readonly kind: 'smc' }): void {
    const call = hostCall(given, returned);
    const [, address = 0n, run = 0n] = given;
    if (call.failure !== undefined) {
      this.#add({ kind: 'calls', calls: [call] });
      return;
    }
    const rec = this.#lanes.get(address) ?? this.#lane(address);
    this.#add({ kind: 'enter', rec, details: entryDetails(this.#pages.enterHalf(run)) });
    let command: string | undefined;
    for (const [i, { kind, gprs }] of entries.entries()) {
      const x0 = gprs[0]!;
      if (kind === 'run') this.#add({ kind: 'resume', rec });
      else if (i === 0) {
        const answered = this.#called.get(rec);
        this.#add({ kind: 'answer', rec, command: answered, result: resultOf(answered, x0) });
      } else this.#add({ kind: 'call', rec, command, result: resultOf(command, x0) });
      command = undefined;
      // A call is answered, or it makes the REC exit. What else a program does is in no trace.
      const [action] = this.#actions;
      const next = entries[i + 1];
      if (action === undefined || (action.kind === 'rsi' && next?.kind === 'run')) continue;
      this.#actions.shift();
      if (action.kind === 'rsi') command = nameOfRealmCall(action.registers[0]!);
    }
    this.#called.delete(rec);
    if (command !== undefined) {
      this.#called.set(rec, command);
      this.#add({ kind: 'call', rec, command, result: undefined });
    }
    const step = this.steps.length;
    this.#add({ kind: 'exit', rec, details: ['REC exit'] });
    this.#exit = { rec, step, base: Number(run), run: allocate(RmiRecRun).$clear(), isRead: false };
  }

  #read(address: number, value: bigint, size: number): void {
    const exit = this.#exit;
    if (exit === undefined || address < exit.base || address >= exit.base + GRANULE) return;
    exit.isRead = true;
    put(exit.run.$bytes, address - exit.base, value, size);
  }

  /** What the Host reads from now on is not about the last exit any more. */
  #leave(): void {
    if (this.#exit?.isRead === true) {
      const { rec, step, run } = this.#exit;
      this.steps[step] = { kind: 'exit', rec, details: exitDetails(run.exit) };
    }
    this.#exit = undefined;
  }
}

/** Whether a command does no more than move Granules: there are many of these, and their order says little. */
function isHousekeeping(name: string): boolean {
  return /^RMI_(GRANULE|RTT|DATA)_/.test(name) && name !== RMI_RTT_SET_RIPAS.name;
}

/** What happened in a trace, in its order. @throws RangeError if it is more than a diagram can show */
export function stepsOf(lines: readonly TraceLine[]): readonly Step[] {
  return new Reader(lines).steps;
}
