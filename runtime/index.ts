import { calls, Dispatcher } from '../generated/rmm-1.0-rel0/simulator/index.js';
import { SmcccFunctionId, SmcccReturnCode } from '../generated/rmm-1.0-rel0/typescript/index.js';
import { CcaAttester } from './attestation/index.js';
import { Registers } from './bits/index.js';
import { ProgramExecutor } from './executors/program/index.js';
import { Gicv3 } from './gic/index.js';
import { Host } from './host/index.js';
import type { Attester } from './machine/attester.js';
import { HostBus, PhysicalBus } from './machine/bus.js';
import { Clock } from './machine/clock.js';
import { type RegionConfiguration, regionsOf } from './machine/configuration.js';
import type { RealmExecutor } from './machine/executor.js';
import { defaultGicConfiguration, type GicConfiguration } from './machine/gic.js';
import { GranuleTable, type Region } from './machine/granules.js';
import { GRANULE, type PhysicalMemory, SparseMemory } from './machine/memory.js';
import type { ProgramFailure, ProgramLoader, RealmProgram } from './machine/program/index.js';
import type { RealmWatcher } from './machine/realm.js';
import { checkRevisions } from './machine/revision.js';
import { Recorder } from './machine/trace.js';
import { RealmRunner } from './realm/runner.js';
import { CallStateChecker, SpecificationViolation, StateChecker } from './rmm/checked.js';
import { effectsOf } from './rmm/effects/index.js';
import { type Features, featureRegister0, featuresFrom, featuresOf } from './rmm/features.js';
import { type Hashes, portableHashes } from './rmm/measurement.js';
import { proseOf } from './rmm/prose.js';
import type { Rec } from './rmm/rec.js';
import type { RecRunner, Revision, Rmm } from './rmm/rmm.js';
import {
  digestOf,
  restoreSnapshot,
  type Snapshot,
  type SnapshotOptions,
  takeSnapshot,
} from './rmm/snapshot.js';
import { RmmState } from './rmm/state.js';
import { Store } from './rmm/store.js';

export {
  type AttesterOptions,
  CcaAttester,
  type Platform,
  type SoftwareComponent,
} from './attestation/index.js';
export { ScriptedRealm } from './executors/scripted.js';
export {
  Host,
  HostExit,
  HostRealm,
  HostRec,
  ProgramError,
  type RealmOptions,
  type RecOptions,
  RmiError,
} from './host/index.js';
export type { Attester, TokenPart } from './machine/attester.js';
export { type Address, GranuleProtectionFault, PhysicalBus } from './machine/bus.js';
export type { RegionConfiguration } from './machine/configuration.js';
export type {
  RealmEvent,
  RealmException,
  RealmExecutor,
  RealmPe,
  RunOrder,
  Stage2Mapping,
} from './machine/executor.js';
export { GRANULE, type PhysicalMemory, SparseMemory } from './machine/memory.js';
export {
  type AccessOptions,
  type Cpu,
  RealmCallError,
  type RealmProgram,
  type Run,
  type SystemRegister,
  TakenException,
} from './machine/program/index.js';
export type { RealmAction, RealmWatcher } from './machine/realm.js';
export { Recorder } from './machine/trace.js';
export { checkInvariants, type InvariantBreach } from './rmm/invariants.js';
export type { Snapshot, SnapshotOptions } from './rmm/snapshot.js';
export { type Features, featuresFrom, featuresOf, type Hashes, type RecRunner, SpecificationViolation };

export interface MachineConfiguration {
  readonly memory: readonly RegionConfiguration[];
  /** What the RMM offers; the rest is as in `defaultFeatures`. */
  readonly features?: Partial<Features>;
  /** RMI revisions that the RMM supports; 1.0 unless given. */
  readonly revisions?: readonly Revision[];
  /** Check every command against the specification; slower. */
  readonly checked?: boolean;
  /** The bytes behind physical addresses, where they are not the machine's own. */
  readonly physicalMemory?: PhysicalMemory;
  readonly hashes?: Hashes;
  /** Who executes Realms; the programs that the Host gives RECs, unless given. */
  readonly executor?: RealmExecutor;
  /** Told of what Realms find. */
  readonly watcher?: RealmWatcher;
  /** The virtual CPU interface; the number of its List Registers is among the features. */
  readonly gic?: Partial<Omit<GicConfiguration, 'listRegisters'>>;
  /** Ticks after which the Host's timer stops a Realm that nothing else stops; 100,000 unless given. */
  readonly slice?: number;
  /** In place of all that REC entry and exit do: for tests of the rest. */
  readonly runner?: (rmm: Rmm) => RecRunner;
  /** 64 bits from which everything is made that is random on hardware, such as keys; 0 unless given. */
  readonly seed?: bigint;
  /** Who makes attestation tokens; one with test keys, made from the seed, unless given. */
  readonly attester?: Attester;
  /** Record what happens; the machine then has exactly one region, of ordinary memory. */
  readonly trace?: boolean;
}

/** Why a command failed, in the document's words. */
export interface Refusal {
  readonly command: string;
  /** Of the command, in the document. */
  readonly section: string;
  /** The identifier of the failure condition, such as `gran_state`. */
  readonly id: string;
  /** What held before, and what the document promises for that case. */
  readonly pre: string;
  readonly post: string;
}

const conditionsOf = new Map([...calls.values()].map(({ conditions }) => [conditions.name, conditions]));

/** One argument or result of a call. */
export type Word = bigint | number;

/** X0 of a call that nobody answers: SMCCC_NOT_SUPPORTED (DEN 0028). */
const NOT_SUPPORTED = BigInt.asUintN(64, SmcccReturnCode.SMCCC_NOT_SUPPORTED);
/** The bit of a FID with which a caller says that SVE state need not be kept. */
const SVE_HINT = SmcccFunctionId.of({ sve_hint: 1 }).$value;

/** A value as a register holds it; a negative one in two's complement. */
function wordOf(what: string, value: Word): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new TypeError(`${what}: expected a bigint or a whole number, got ${String(value)}`);
  const word = BigInt.asUintN(64, BigInt(value));
  if (word !== BigInt(value) && BigInt.asIntN(64, word) !== BigInt(value))
    throw new RangeError(`${what}: ${value} does not fit in 64 bits`);
  return word;
}

/** Ticks: enough for what a test does in one entry, and no time at all to wait for. */
const SLICE = 100_000;

/** Widths of the physical address that the architecture has, in bits. */
const paWidths = [32, 36, 40, 42, 44, 48, 52];

/** A recorder for a machine that the first line of a trace can describe. */
function recorderOf(regions: readonly Region[], features: Features): Recorder {
  const [region] = regions;
  if (region === undefined || regions.length > 1 || !region.delegable)
    throw new TypeError('trace: expected one region of ordinary memory');
  const end = region.base + region.size;
  return new Recorder({
    implementation: 'rmigen simulator',
    dramBase: region.base,
    granules: region.size / GRANULE,
    paWidth: paWidths.find((width) => end <= 2 ** width)!,
    featureRegister0: featureRegister0(features),
  });
}

/** A machine with an RMM: physical memory, and the SMC of its Host. */
export class Machine {
  /** X0 to X16 of the Host. */
  readonly registers = new Registers();
  /** Physical memory as the Host may access it. */
  readonly bus: HostBus;
  /** Physical memory with no GPT in the way: for tools and tests, never for a Host. */
  readonly probe: PhysicalBus;
  /** The system counter, and the Host's timer. */
  readonly clock = new Clock();
  readonly rmm: Rmm;
  readonly #dispatcher: Dispatcher;
  readonly #checker: StateChecker | undefined;
  readonly #ordinary: { readonly base: number; readonly size: number } | undefined;
  readonly #programs: ProgramLoader | undefined;
  readonly #kept = new Uint8Array(Registers.size);
  #host: Host | undefined;
  readonly #recorder: Recorder | undefined;
  #command: string | undefined;

  constructor(configuration: MachineConfiguration) {
    const regions = regionsOf(configuration.memory);
    const features = featuresOf(configuration.features);
    const revisions = configuration.revisions ?? [{ major: 1, minor: 0 }];
    checkRevisions(revisions);
    const memory = configuration.physicalMemory ?? new SparseMemory();
    const hashes = configuration.hashes ?? portableHashes;
    const gic: GicConfiguration = {
      ...defaultGicConfiguration,
      ...configuration.gic,
      listRegisters: features.listRegisters,
    };
    const makeState = (): RmmState =>
      new RmmState(new Store(new GranuleTable(regions)), memory, features, hashes, gic);
    const state = makeState();
    const { store } = state;
    this.#recorder = configuration.trace === true ? recorderOf(regions, features) : undefined;
    this.bus = new HostBus(memory, store.granules, this.#recorder);
    this.probe = new PhysicalBus(memory, store.granules, this.#recorder);
    const rmm: Rmm = {
      store,
      state,
      memory,
      features,
      featureRegisters: [featureRegister0(features)],
      revisions,
      attester: configuration.attester ?? new CcaAttester({ seed: configuration.seed ?? 0n }),
      runner: { enter: (rec, run) => this.#run(runner, rec, run) },
      checker: configuration.checked === true ? new CallStateChecker(makeState(), state) : undefined,
    };
    const executor = configuration.executor ?? new ProgramExecutor(this.clock, memory);
    if (executor instanceof ProgramExecutor) this.#programs = executor;
    const runner =
      configuration.runner?.(rmm) ??
      new RealmRunner(rmm, {
        executor,
        gic: new Gicv3(gic),
        clock: this.clock,
        slice: configuration.slice ?? SLICE,
      });
    for (const watcher of [configuration.watcher, this.#recorder])
      if (watcher !== undefined) runner.watch?.(watcher);
    this.rmm = rmm;
    const prose = proseOf(state);
    this.#ordinary = regions.find((region) => region.delegable);
    this.#checker = configuration.checked === true ? new StateChecker(makeState(), state, prose) : undefined;
    this.#dispatcher = new Dispatcher(this.registers, {
      state,
      prose,
      effects: effectsOf(rmm),
      checker: this.#checker,
    });
  }

  /**
   * A hypervisor that owns the first region of ordinary memory and calls this machine.
   *
   * @throws RangeError if there is no such region
   */
  get host(): Host {
    if (this.#host === undefined) {
      if (this.#ordinary === undefined)
        throw new RangeError('memory: a Host needs a region of ordinary memory');
      this.#host = new Host(this, this.#ordinary);
    }
    return this.#host;
  }

  /**
   * What has happened since the machine was made.
   *
   * @throws TypeError if it was not made with `trace`
   */
  get trace(): Recorder {
    if (this.#recorder === undefined) throw new TypeError('trace: expected a machine that was made with it');
    return this.#recorder;
  }

  /** The command that the last SMC named; undefined when there is none with that FID. */
  get command(): string | undefined {
    return this.#command;
  }

  /** The failure that the last command reported, by its position in the document; -1 if it succeeded. */
  get failure(): number {
    return this.#dispatcher.failure;
  }

  /** The failure condition that the last command reported; undefined if it succeeded, or if there was no command. */
  get refusal(): Refusal | undefined {
    if (this.#command === undefined || this.failure === -1) return undefined;
    const { section, failures } = conditionsOf.get(this.#command)!;
    const { id, pre, post } = failures[this.failure]!;
    return { command: this.#command, section, id, pre, post };
  }

  /**
   * Executes SMC with what is in `registers`; the results are there afterwards.
   *
   * @throws TypeError if it is called while a Realm runs: there is one PE, and the Realm is on it
   */
  call(): void {
    if (this.rmm.state.running !== undefined) throw new TypeError('the Host cannot call while a Realm runs');
    const { memory } = this.registers;
    const given = this.#recorder === undefined ? undefined : this.registers.toArray();
    const fid = memory.readU32(0);
    const high = memory.readU32(4);
    this.#command =
      high === 0
        ? (this.#dispatcher.dispatch(fid) ?? this.#dispatcher.dispatch((fid & ~SVE_HINT) >>> 0))
        : undefined;
    if (this.#command === undefined) {
      this.registers.clear();
      memory.writeU64(0, NOT_SUPPORTED);
    }
    if (given !== undefined) this.#recorder!.called(given, this.registers.toArray());
  }

  /**
   * Executes SMC with a FID and arguments in X1 onward; registers that are not given are zero.
   *
   * @returns X0 to X16
   * @throws TypeError, RangeError for what fits in no register, or for more than there are
   */
  smc(fid: Word, ...inputs: Word[]): BigUint64Array {
    this.registers.clear();
    this.registers.set(0, wordOf('fid', fid));
    for (const [i, input] of inputs.entries()) this.registers.set(i + 1, wordOf(`X${i + 1}`, input));
    this.call();
    return this.registers.toArray();
  }

  /** Runs a REC. What it runs may be code that reaches for the Host's registers, in vain. */
  #run(runner: RecRunner, rec: Rec, run: number): void {
    const { memory } = this.registers;
    this.#kept.set(memory.u8);
    try {
      runner.enter(rec, run);
    } finally {
      memory.u8.set(this.#kept);
    }
  }

  #loader(): ProgramLoader {
    if (this.#programs === undefined) throw new TypeError('executor: expected the one that runs programs');
    return this.#programs;
  }

  /**
   * Gives the REC at a physical address a program, which starts when it is entered for the first time and when it is
   * turned on after it was off.
   *
   * @throws TypeError if there is no such REC, or if this machine's executor runs no programs
   */
  loadProgram(rec: Word, program: RealmProgram): void {
    const found = this.rmm.store.recs.get(Number(rec));
    if (found === undefined)
      throw new TypeError(`rec: expected the address of a REC, got 0x${rec.toString(16)}`);
    this.#loader().load(found, program);
  }

  /** What the program of a REC has thrown and not caught, if it has since this was asked. */
  takeProgramError(rec: Word): ProgramFailure | undefined {
    const found = this.rmm.store.recs.get(Number(rec));
    return found === undefined ? undefined : this.#programs?.takeError(found);
  }

  /** The state of the machine as plain data. It holds what a Host may not see. */
  snapshot(options: SnapshotOptions = {}): Snapshot {
    return takeSnapshot(this.rmm.store, this.rmm.memory, options);
  }

  /** A SHA-256 over the snapshot, in hexadecimal: equal states have equal digests. */
  digest(): string {
    return digestOf(this.snapshot());
  }

  /**
   * Puts a machine that was just made, from the same configuration, into the state of a snapshot.
   *
   * @throws TypeError if the snapshot was taken without contents, or the machine is not new
   */
  restore(snapshot: Snapshot): void {
    const [granule] = this.rmm.store.granules.touched();
    if (granule !== undefined) throw new TypeError('restore: expected a machine that was just made');
    restoreSnapshot(snapshot, this.rmm.store, this.rmm.memory);
    this.accept();
  }

  /** Tells checked mode that something other than a command has changed the state: a test, or another world. */
  accept(): void {
    this.#checker?.accept();
  }
}

export function createMachine(configuration: MachineConfiguration): Machine {
  return new Machine(configuration);
}
