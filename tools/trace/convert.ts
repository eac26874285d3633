import {
  RmmGranuleState,
  RmmRealmState,
  RmmRecRunnable,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  PSCI_CPU_ON,
  PSCI_FEATURES,
  PSCI_VERSION,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_FEATURES,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_CREATE,
  RMI_REALM_DESTROY,
  RMI_REC_AUX_COUNT,
  RMI_REC_CREATE,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_SET_RIPAS,
  RmiCommandReturnCode,
  RmiHashAlgorithm,
  RmiRealmParams,
  RmiRecMpidr,
  RmiRecParams,
  RmiRecRunnable,
  RmiStatusCode,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_FEATURES,
  RSI_MEASUREMENT_EXTEND,
  RSI_MEASUREMENT_READ,
  RSI_VERSION,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { allocate, Registers } from '../../runtime/bits/index.js';
import { permitsSuccess, permittedFailures } from '../../runtime/conditions/index.js';
import { createMachine, featuresFrom, GRANULE, type Machine, ScriptedRealm } from '../../runtime/index.js';
import type { RealmArrival, SeenRegisters } from '../../runtime/machine/realm.js';
import { WATCHED } from '../../runtime/machine/realm.js';
import { rmiCall, type TraceEntry, type TraceHeader, type TraceLine } from '../../runtime/machine/trace.js';
import { defaultFeatures, featureRegister0 } from '../../runtime/rmm/features.js';
import { proseOf } from '../../runtime/rmm/prose.js';
import { limits } from './limits.js';
import type { LogCall } from './log.js';

/** What is known of the machine otherwise. Addresses and sizes are in bytes. */
export interface TraceSettings {
  readonly memory?: { readonly base: number; readonly size: number };
  /** Feature register 0, where the log does not tell it. */
  readonly featureRegister0?: bigint;
}

/** A line of the trace, and where it comes from. */
export interface Step {
  /** The line of the log; undefined for what it does not say. */
  readonly line: number | undefined;
  /** Left-out calls have no line in the trace. */
  readonly kind: 'log' | 'assumed' | 'left out';
  readonly action: TraceLine | undefined;
  readonly call: LogCall | undefined;
  /** Why it is assumed, or why it is left out. */
  readonly reason: string | undefined;
  /** Registers of the line that the log does not tell. */
  readonly filled: number;
}

/** A log in the format that can be replayed. */
export interface Trace {
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
  /** What holds for all of it. */
  readonly assumptions: readonly string[];
}

/** Granules above those of the log, for what it does not tell. */
const SPARE = 4096;
const PA_WIDTHS = [32, 36, 40, 42, 44, 48, 52];
const DRAM = 0x8000_0000;
const IPA_NAMES: ReadonlySet<string> = new Set(['ipa', 'base', 'top']);

/** Calls of a Realm whose outcome does not depend on memory, tables or other RECs. */
const alone: ReadonlySet<number> = new Set(
  [
    RSI_VERSION,
    RSI_FEATURES,
    RSI_MEASUREMENT_READ,
    RSI_MEASUREMENT_EXTEND,
    RSI_ATTESTATION_TOKEN_INIT,
    PSCI_VERSION,
    PSCI_FEATURES,
  ].map((command) => command.fid),
);

/** Commands that take Protected IPAs alone. */
const isProtected: ReadonlySet<number> = new Set(
  [RMI_DATA_CREATE, RMI_DATA_CREATE_UNKNOWN, RMI_DATA_DESTROY, RMI_RTT_INIT_RIPAS, RMI_RTT_SET_RIPAS].map(
    (command) => command.fid,
  ),
);

const reasons = {
  partial: 'its outcome depends on calls that the log leaves out',
  contents: 'the RIM depends on contents of memory that the log does not tell',
  nobody: 'the log does not tell which REC made the call',
} as const;

/** Turns the calls of a log into a trace. */
export function convert(calls: readonly LogCall[], settings: TraceSettings = {}): Trace {
  return new Converter(calls, settings).convert();
}

function isSuccess(call: LogCall): boolean {
  return RmiCommandReturnCode.of(call.x0).status === RmiStatusCode.RMI_SUCCESS;
}

/** Whether a Realm's call has made the REC exit: X0 still holds the FID then. */
function hasExited({ x0, fid }: LogCall): boolean {
  return x0 === BigInt(fid);
}

/** Physical addresses that a call names. */
function physicalOf({ command, given, by }: LogCall): readonly number[] {
  if (command === undefined || by !== 'host') return [];
  return command.inputs.flatMap(({ name, type, register }) => {
    const value = given[register - 1]!;
    return type === 'Address' && !IPA_NAMES.has(name) && value < 2n ** 52n ? [Number(value)] : [];
  });
}

const granuleOf = (address: number): number => address - (address % GRANULE);
/** Bytes of IPA space below an entry at a level. */
const span = (level: number): number => 2 ** (12 + 9 * (3 - level));

class Converter {
  readonly #calls: readonly LogCall[];
  readonly #steps: Step[] = [];
  readonly #assumptions: string[] = [];
  readonly #header: TraceHeader;
  readonly #machine: Machine;
  readonly #realm = new ScriptedRealm();
  readonly #prose: ReturnType<typeof proseOf>;
  readonly #auxCount: number;
  /** Whether the log tells of calls that succeed as well: without them there would be no Realm. */
  readonly #complete: boolean;
  /** For each Granule the places in the log that name it, in order. */
  readonly #mentions = new Map<number, number[]>();
  /** Granules that are delegated, the last one at the end. */
  readonly #delegated = new Set<number>();
  #nextSpare: number;
  #end: number;
  /** Calls of Realms that wait for the entry that they were made in; with a reason where they are left out. */
  #waiting: { readonly call: LogCall; readonly reason: string | undefined }[] = [];
  /** Calls that were made, and whose answer is due. */
  #due: (LogCall | undefined)[] = [];
  #entries: TraceEntry[] = [];
  #filled = 0;

  constructor(calls: readonly LogCall[], settings: TraceSettings) {
    this.#calls = calls;
    this.#complete = calls.some((one) => one.fid === RMI_GRANULE_DELEGATE.fid && isSuccess(one));
    for (const [index, call] of calls.entries())
      for (const address of physicalOf(call)) {
        const known = this.#mentions.get(granuleOf(address));
        if (known === undefined) this.#mentions.set(granuleOf(address), [index]);
        else known.push(index);
      }
    const register0 = this.#featureRegister(settings);
    const { base, size, spare } = this.#memoryOf(settings);
    this.#nextSpare = spare;
    this.#end = base + size;
    this.#header = {
      implementation: 'console log',
      dramBase: base,
      granules: size / GRANULE,
      paWidth: PA_WIDTHS.find((width) => base + size <= 2 ** width)!,
      featureRegister0: register0,
    };
    const count = calls.find((one) => one.fid === RMI_REC_AUX_COUNT.fid && isSuccess(one))?.returned[0];
    this.#auxCount = count !== undefined && count <= 16n ? Number(count) : 0;
    if (count === undefined)
      this.#assumptions.push('a REC needs no auxiliary Granules: RMI_REC_AUX_COUNT is not in the log');
    this.#machine = this.#machineOf(base, size, register0);
    this.#prose = proseOf(this.#machine.rmm.state);
    if (!this.#complete)
      this.#assumptions.push(
        'the log leaves out calls that succeed, such as RMI_GRANULE_DELEGATE: those that others need are assumed',
      );
    this.#assumptions.push(
      "memory that nothing has written is zero, and every Granule was the Host's at first",
    );
  }

  #machineOf(base: number, size: number, register0: bigint): Machine {
    try {
      return createMachine({
        memory: [{ base, size }],
        features: { ...featuresFrom(register0), auxCount: this.#auxCount },
        executor: this.#realm,
        watcher: { foresees: () => this.#foresees(), arrived: (arrival) => this.#arrived(arrival) },
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`feature register 0 is ${hex(register0)}: ${error.message}`);
    }
  }

  #featureRegister(settings: TraceSettings): bigint {
    const call = this.#calls.find(
      (one) => one.fid === RMI_FEATURES.fid && one.given[0] === 0n && isSuccess(one),
    );
    if (call?.returned[0] !== undefined) return call.returned[0];
    if (settings.featureRegister0 !== undefined) return settings.featureRegister0;
    const register = featureRegister0(defaultFeatures);
    this.#assumptions.push(`feature register 0 is ${hex(register)}: RMI_FEATURES is not in the log`);
    return register;
  }

  /** The memory that holds every Granule that a successful call names, and some above for what is assumed. */
  #memoryOf({ memory }: TraceSettings): {
    readonly base: number;
    readonly size: number;
    readonly spare: number;
  } {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const call of this.#calls)
      if (call.by === 'host' && isSuccess(call))
        for (const address of physicalOf(call)) {
          least = Math.min(least, granuleOf(address));
          most = Math.max(most, granuleOf(address) + GRANULE);
        }
    if (memory !== undefined) return { ...memory, spare: Math.max(most, memory.base) };
    if (most === 0) least = most = DRAM;
    const block = span(2);
    const base = Math.floor(least / block) * block;
    const spare = Math.ceil(most / block) * block;
    const granules = (spare - base) / GRANULE + SPARE;
    if (granules > limits.granules)
      throw new RangeError('the log names addresses that are more than 1 TiB apart');
    this.#assumptions.push(
      `memory is ${hex(base)} to ${hex(base + granules * GRANULE - 1)}: what the log names, and some above for the rest`,
    );
    return { base, size: granules * GRANULE, spare };
  }

  convert(): Trace {
    for (const [index, call] of this.#calls.entries()) {
      if (call.by === 'realm') this.#wait(call);
      else {
        if (call.fid !== RMI_REC_ENTER.fid && !this.#complete) this.#enterForWaiting();
        this.#host(call, index);
      }
    }
    this.#enterForWaiting();
    return { header: this.#header, steps: this.#steps, assumptions: this.#assumptions };
  }

  // What goes into the trace

  #add(
    kind: Step['kind'],
    call: LogCall | undefined,
    action: TraceLine | undefined,
    reason?: string,
    filled = 0,
  ): void {
    this.#steps.push({ line: call?.line, kind, call, action, reason, filled });
  }

  #assume(action: TraceLine, reason: string): void {
    this.#add('assumed', undefined, action, reason);
  }

  /** A call that the log does not tell of, in the way the model answers it. @returns whether it succeeded */
  #assumeCall(
    { fid }: { readonly fid: number },
    inputs: readonly (number | bigint)[],
    reason: string,
  ): boolean {
    const given = [BigInt(fid), ...inputs.map(BigInt)];
    const returned = this.#call(given);
    const action: TraceLine = {
      kind: 'smc',
      given,
      returned: returned.slice(0, WATCHED),
      entries: this.#entries,
    };
    this.#assume(action, reason);
    this.#track(fid, given);
    return RmiCommandReturnCode.of(returned[0]!).status === RmiStatusCode.RMI_SUCCESS;
  }

  #call(given: readonly bigint[]): readonly bigint[] {
    this.#entries = [];
    this.#filled = 0;
    return Array.from(this.#machine.smc(given[0]!, ...given.slice(1)));
  }

  /** Writes a structure into the Host's memory. */
  #assumeStructure(page: number, bytes: Uint8Array, reason: string): void {
    const { probe } = this.#machine;
    probe.write(page, bytes);
    this.#assume({ kind: 'fill', address: page, length: GRANULE, byte: 0 }, reason);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 8) {
      const value = view.getBigUint64(at, true);
      if (value !== 0n) this.#assume({ kind: 'w64', address: page + at, value }, reason);
    }
  }

  #track(fid: number, given: readonly bigint[]): void {
    const granule = Number(given[1]);
    if (fid === RMI_GRANULE_DELEGATE.fid) this.#delegated.add(granule);
    if (fid === RMI_GRANULE_UNDELEGATE.fid) this.#delegated.delete(granule);
  }

  // The Host

  #host(call: LogCall, index: number): void {
    const given = [BigInt(call.fid), ...call.given];
    const known = rmiCall(given[0]!);
    if (known === undefined) {
      const returned = fill(call, this.#call(given), 0n);
      this.#add('log', call, { kind: 'smc', given, returned: returned.values, entries: [] });
      return;
    }
    const success = isSuccess(call);
    if (success) this.#prepare(call, index);
    const registers = Registers.of(given);
    const input = known.input(registers.memory);
    const { state } = this.#machine.rmm;
    const evaluation = known.conditions.evaluate(state, input, this.#prose);
    const free = known.conditions.failures.length === 0;
    const permitted = success
      ? permitsSuccess(evaluation)
      : free || this.#permitsFailure(known.conditions, evaluation, input, call);
    if (!permitted && !this.#complete) {
      this.#add('left out', call, undefined, reasons.partial);
      return;
    }
    const carriedOut = permitted && (success || free);
    const enters = carriedOut && call.fid === RMI_REC_ENTER.fid;
    if (enters) this.#queue();
    const model = carriedOut ? this.#call(given) : [];
    const { values, filled } = fill(call, model, 0n);
    this.#add(
      'log',
      call,
      { kind: 'smc', given, returned: values, entries: enters ? this.#entries : [] },
      undefined,
      filled + (enters ? this.#filled : 0),
    );
    if (carriedOut) this.#track(call.fid, given);
  }

  #permitsFailure(
    conditions: NonNullable<ReturnType<typeof rmiCall>>['conditions'],
    evaluation: Parameters<typeof permittedFailures>[0],
    input: unknown,
    call: LogCall,
  ): boolean {
    const { status, index } = RmiCommandReturnCode.of(call.x0);
    const predecessors = conditions.failures.map((failure) => failure.predecessors);
    const { state } = this.#machine.rmm;
    return permittedFailures(evaluation, predecessors).some((failure) => {
      const outcome = conditions.outcome(failure, state, input as never);
      return Number(outcome.status) === status && (outcome.index === undefined || outcome.index === index);
    });
  }

  // What a call needs that has succeeded

  #prepare(call: LogCall, index: number): void {
    const { command, given } = call;
    const { granules } = this.#machine.rmm.store;
    for (const { name, register, type } of command!.inputs) {
      const address = Number(given[register - 1]!);
      if (type !== 'Address' || IPA_NAMES.has(name) || address % GRANULE !== 0) continue;
      const state = granules.at(address)?.state;
      const wanted = wantedState(command!.name, name);
      if (wanted === RmmGranuleState.DELEGATED && state === RmmGranuleState.UNDELEGATED)
        this.#assumeCall(RMI_GRANULE_DELEGATE, [address], `${command!.name} needs it delegated`);
      if (wanted === RmmGranuleState.UNDELEGATED && state === RmmGranuleState.DELEGATED)
        this.#assumeCall(RMI_GRANULE_UNDELEGATE, [address], `${command!.name} needs it to be the Host's`);
    }
    if (call.fid === RMI_REALM_CREATE.fid) this.#prepareRealm(call, index);
    if (call.fid === RMI_REC_CREATE.fid) this.#prepareRec(call, index);
  }

  /** The part of the log in which a Realm or REC lives: up to the call that destroys it. */
  #lifetime(
    index: number,
    destroy: number,
    address: bigint,
  ): { readonly end: number; readonly calls: readonly LogCall[] } {
    let end = this.#calls.length;
    for (const at of this.#mentions.get(Number(address)) ?? []) {
      const call = this.#calls[at]!;
      if (at > index && call.fid === destroy && call.given[0] === address && isSuccess(call)) {
        end = at;
        break;
      }
    }
    return { end, calls: this.#calls.slice(index + 1, end) };
  }

  /** Delegated Granules in a row that nothing in the log uses until some place in it; spare ones where there are none. */
  #unused(count: number, index: number, end: number, reason: string): number {
    const size = count * GRANULE;
    const { granules } = this.#machine.rmm.store;
    const isFree = (granule: number): boolean =>
      granules.at(granule)?.state === RmmGranuleState.DELEGATED &&
      !(this.#mentions.get(granule) ?? []).some((at) => at > index && at < end) &&
      !(this.#mentions.get(granule) ?? []).includes(index);
    for (const granule of [...this.#delegated].reverse()) {
      if (granule % size !== 0) continue;
      if (Array.from({ length: count }, (_, i) => granule + i * GRANULE).every(isFree)) return granule;
    }
    const first = Math.ceil(this.#nextSpare / size) * size;
    if (first + size > this.#end)
      throw new RangeError('there is no memory left for what the log does not tell');
    this.#nextSpare = first + size;
    for (let i = 0; i < count; i++) this.#assumeCall(RMI_GRANULE_DELEGATE, [first + i * GRANULE], reason);
    return first;
  }

  #prepareRealm(call: LogCall, index: number): void {
    const [rd, page] = call.given as [bigint, bigint];
    const { end, calls } = this.#lifetime(index, RMI_REALM_DESTROY.fid, rd);
    const { features, store } = this.#machine.rmm;
    const own = calls.filter((one) => one.by === 'host' && one.given[0] === rd && isSuccess(one));
    const widths = own.flatMap(({ command, given, fid }) =>
      command!.inputs
        .filter(({ name }) => IPA_NAMES.has(name))
        .map(({ name, register }) => {
          // The end of a range lies behind it; the upper half of the IPA space is not protected.
          const ipa = given[register - 1]! - (name === 'top' ? 1n : 0n);
          return ipa.toString(2).length + (isProtected.has(fid) ? 1 : 0);
        }),
    );
    const s2sz = Math.min(widths.length === 0 ? 40 : Math.max(32, ...widths), features.s2sz);
    const levels = own
      .filter((one) => one.fid === RMI_RTT_CREATE.fid)
      .map((one) => Number(BigInt.asIntN(64, one.given[3]!)));
    let level = levels.length > 0 ? Math.min(...levels) - 1 : 3;
    // Up to 16 tables stand side by side at the level at which walks start.
    while (level > 0 && 2 ** s2sz / span(level) > 16 * 512) level--;
    const count = Math.min(16, Math.max(1, 2 ** s2sz / span(level) / 512));
    const vmids = new Set([...store.realms.values()].map((realm) => realm.vmid));
    let vmid = 1;
    while (vmids.has(vmid)) vmid++;
    const long = this.#calls.some(
      (one) => one.fid === RSI_MEASUREMENT_READ.fid && one.returned.slice(4, 8).some((word) => word !== 0n),
    );
    const params = allocate(RmiRealmParams).$clear();
    const why = 'the log does not tell RmiRealmParams';
    params.s2sz = s2sz;
    params.num_bps = Math.max(1, Math.min(1, features.numBps));
    params.num_wps = Math.max(1, Math.min(1, features.numWps));
    params.hash_algo =
      long || !features.sha256 ? RmiHashAlgorithm.RMI_HASH_SHA_512 : RmiHashAlgorithm.RMI_HASH_SHA_256;
    params.vmid = vmid;
    params.rtt_level_start = BigInt(level);
    params.rtt_num_start = count;
    params.rtt_base = BigInt(this.#unused(count, index, end, 'a Realm needs starting level RTTs'));
    this.#assumeStructure(Number(page), params.$bytes, why);
  }

  #prepareRec(call: LogCall, index: number): void {
    const [rd, rec, page] = call.given as [bigint, bigint, bigint];
    const { end } = this.#lifetime(index, RMI_REC_DESTROY.fid, rec);
    const realm = this.#machine.rmm.store.realms.get(Number(rd));
    const number = realm?.rec_index ?? 0;
    const params = allocate(RmiRecParams).$clear();
    // A REC that another one starts with PSCI_CPU_ON is created not runnable.
    const starts = this.#calls.some((one) => one.by === 'realm' && one.fid === PSCI_CPU_ON.fid);
    params.flags.runnable =
      number === 0 || !starts ? RmiRecRunnable.RMI_RUNNABLE : RmiRecRunnable.RMI_NOT_RUNNABLE;
    params.mpidr.$value = RmiRecMpidr.of({
      aff0: number & 0xf,
      aff1: (number >> 4) & 0xff,
      aff2: (number >> 12) & 0xff,
      aff3: (number >> 20) & 0xff,
    }).$value;
    params.num_aux = BigInt(this.#auxCount);
    const taken: number[] = [];
    for (let i = 0; i < this.#auxCount; i++) {
      const granule = this.#unused(1, index, end, 'a REC needs auxiliary Granules');
      // What one REC takes the next one cannot have; the model learns of it only afterwards.
      this.#delegated.delete(granule);
      taken.push(granule);
      params.aux.set(i, BigInt(granule));
    }
    this.#assumeStructure(Number(page), params.$bytes, 'the log does not tell RmiRecParams');
  }

  // Realms

  #wait(call: LogCall): void {
    const ofRim = call.fid === RSI_MEASUREMENT_READ.fid && call.given[0] === 0n;
    const depends = !this.#complete && call.command !== undefined && !alone.has(call.fid);
    const reason = ofRim ? reasons.contents : depends ? reasons.partial : undefined;
    this.#waiting.push({ call, reason });
  }

  /** Has the Realm make the calls that wait, at its next entry. */
  #queue(without?: string): void {
    for (const { call, reason = without } of this.#waiting.splice(0)) {
      if (reason !== undefined) {
        this.#add('left out', call, undefined, reason);
        continue;
      }
      const registers = [BigInt(call.fid), ...call.given];
      this.#realm.queue({ kind: 'rsi', registers });
      this.#due.push(call);
      this.#add('log', call, { kind: 'realm', action: { kind: 'rsi', registers } });
    }
  }

  /** Where entries are not in the log, calls of a Realm are those of the one REC that can have made them. */
  #enterForWaiting(): void {
    if (this.#waiting.length === 0) return;
    const { recs, realms } = this.#machine.rmm.store;
    const able = [...recs].filter(
      ([, rec]) =>
        rec.flags.runnable === RmmRecRunnable.RUNNABLE &&
        realms.get(rec.owner)?.state === RmmRealmState.REALM_ACTIVE,
    );
    const [rec] = able;
    const enters = this.#waiting.some((one) => one.reason === undefined);
    this.#queue(able.length === 1 ? undefined : reasons.nobody);
    if (enters && able.length === 1)
      this.#assumeCall(
        RMI_REC_ENTER,
        [rec![0], this.#end - GRANULE],
        'a Realm has made calls; its entry is not in the log',
      );
  }

  #foresees(): 'run' | 'rsi' | 'exit' {
    if (this.#entries.length === 0) return 'run';
    const [next] = this.#due;
    return next === undefined || hasExited(next) ? 'exit' : 'rsi';
  }

  /** The Realm goes on: with what the log says, and where it does not, with what the model expects. */
  #arrived({ kind, gprs, pc }: RealmArrival): SeenRegisters {
    const call = kind === 'rsi' ? this.#due.shift() : undefined;
    // What the registers held when the REC exited is not what the Realm finds at the next entry.
    const told = call === undefined || this.#entries.length === 0 ? [] : [call.x0, ...call.returned];
    const values = gprs.map(({ value }, i) => told[i] ?? value);
    this.#filled += Math.max(0, gprs.length - told.length) + (kind === 'run' ? 1 : 0);
    this.#entries.push({ kind, gprs: values, pc: kind === 'run' ? pc.value : undefined });
    return { gprs: values, pc: kind === 'run' ? pc.value : undefined };
  }
}

/** X0 to X4 of a call: as printed, and for the rest what the model returned. */
function fill(
  call: LogCall,
  model: readonly bigint[],
  otherwise: bigint,
): { readonly values: readonly bigint[]; readonly filled: number } {
  const told = [call.x0, ...call.returned];
  const outputs = call.command?.outputs.filter(({ register }) => register >= told.length).length ?? 0;
  const values = Array.from({ length: WATCHED }, (_, i) => told[i] ?? model[i] ?? otherwise);
  return { values, filled: outputs };
}

/** The state in which a command wants a Granule, by its conditions. */
function wantedState(command: string, input: string): RmmGranuleState | undefined {
  const call = rmiCall(BigInt(metadata.commands[command]!.fid));
  for (const { pre } of call?.conditions.failures ?? []) {
    const found = /^Granule\((\w+)\)\.state != (\w+)$/.exec(pre);
    if (found?.[1] === input)
      return (RmmGranuleState as Readonly<Record<string, RmmGranuleState>>)[found[2]!];
    if (pre === `!GranuleAccessPermitted(${input}, PAS_NS)`) return RmmGranuleState.UNDELEGATED;
  }
  return undefined;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
