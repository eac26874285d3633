import {
  PsciReturnCode,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_PSCI_COMPLETE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_DESTROY,
  RMI_REC_AUX_COUNT,
  RMI_REC_CREATE,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_SET_RIPAS,
  RMI_RTT_UNMAP_UNPROTECTED,
  RMM_RTT_PAGE_LEVEL,
  RmiDataMeasureContent,
  RmiFeature,
  RmiHashAlgorithm,
  RmiRealmParams,
  type RmiRecEnter,
  type RmiRecExit,
  RmiRecMpidr,
  RmiRecParams,
  RmiRecRun,
  RmiRecRunnable,
  RmiRttEntryState,
  RmiStatusCode,
  STAGE2_CONCATENATED_TABLES_MAX,
  Stage2AccessPermission,
  Stage2MemAttr,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate, type Command, type Registers } from '../bits/index.js';
import type { HostBus } from '../machine/bus.js';
import { descriptorOf } from '../machine/descriptor.js';
import { GRANULE } from '../machine/memory.js';
import type { ProgramFailure, RealmProgram } from '../machine/program/index.js';
import { EXIT, HostExit, ProgramError } from './exit.js';

export { HostExit, ProgramError } from './exit.js';

/** What a Host needs of a machine: its registers, SMC, and physical memory. */
export interface HostMachine {
  readonly registers: Registers;
  readonly bus: HostBus;
  /** Executes SMC with what is in `registers`. */
  call(): void;
  /** Gives the REC at a physical address a program. */
  loadProgram(rec: number, program: RealmProgram): void;
  /** What the program of a REC has thrown and not caught, if it has since this was asked. */
  takeProgramError(rec: number): ProgramFailure | undefined;
}

type ResultOf = { readonly status: number; readonly index: number };

/** A command that the Host did not expect to fail has failed. */
export class RmiError extends Error {
  override readonly name = 'RmiError';
  readonly command: string;
  /** The label of the status, such as `RMI_ERROR_RTT`. */
  readonly status: string;
  readonly index: number;

  constructor(command: string, result: ResultOf) {
    const status = RmiStatusCode.nameOf(result.status) ?? String(result.status);
    super(`${command} returned ${status}${result.index === 0 ? '' : `, index ${result.index}`}`);
    this.command = command;
    this.status = status;
    this.index = result.index;
  }
}

/** Hands out Granules of ordinary memory, and takes them back. */
class Allocator {
  /** From here on nothing was ever handed out. */
  #next: number;
  readonly #end: number;
  readonly #free = new Set<number>();

  constructor(base: number, size: number) {
    this.#next = base;
    this.#end = base + size;
  }

  /** Granules in a row, aligned to their size. @throws RangeError when there are none */
  take(count = 1): number {
    const bytes = count * GRANULE;
    const first = this.#freeRun(count) ?? Math.ceil(this.#next / bytes) * bytes;
    if (first + bytes > this.#end) throw new RangeError(`the Host has no ${count} Granules left`);
    for (; this.#next < first; this.#next += GRANULE) this.#free.add(this.#next);
    for (let at = first; at < first + bytes; at += GRANULE) this.#free.delete(at);
    this.#next = Math.max(this.#next, first + bytes);
    return first;
  }

  #freeRun(count: number): number | undefined {
    for (const first of this.#free) {
      let length = 0;
      while (length < count && this.#free.has(first + length * GRANULE)) length++;
      if (length === count && first % (count * GRANULE) === 0) return first;
    }
    return undefined;
  }

  give(granule: number): void {
    this.#free.add(granule);
  }
}

/** Bytes of IPA space that an entry at a level covers. */
const span = (level: number): number => 2 ** (12 + 9 * (RMM_RTT_PAGE_LEVEL - level));

/** A hypervisor: it owns ordinary memory and builds Realms out of it, by the commands of the RMI alone. */
export class Host {
  readonly machine: HostMachine;
  readonly #memory: Allocator;
  readonly #vmids = new Set<number>();

  /** @param memory ordinary memory that is the Host's to use, in bytes */
  constructor(machine: HostMachine, memory: { readonly base: number; readonly size: number }) {
    this.machine = machine;
    this.#memory = new Allocator(memory.base, memory.size);
  }

  /** Calls a command; the result is for the caller to look at. */
  try<Inputs, Outputs>(command: Command<Inputs, Outputs>, inputs: Inputs): Outputs {
    const { registers } = this.machine;
    registers.clear();
    command.encodeInputs(registers, inputs);
    this.machine.call();
    return command.decodeOutputs(registers);
  }

  /** Calls a command that is expected to succeed. @throws RmiError if it does not */
  call<Inputs, Outputs extends { readonly result: ResultOf }>(
    command: Command<Inputs, Outputs>,
    inputs: Inputs,
  ): Outputs {
    const outputs = this.try(command, inputs);
    if (outputs.result.status !== RmiStatusCode.RMI_SUCCESS) throw new RmiError(command.name, outputs.result);
    return outputs;
  }

  /** A Granule of the Host's own, zeroed. Physical address, in bytes. */
  allocatePage(): number {
    const page = this.#memory.take();
    this.machine.bus.fill(page, GRANULE, 0);
    return page;
  }

  freePage(page: number): void {
    this.#memory.give(page);
  }

  /** Granules in a row that the RMM now holds. @throws RangeError when memory is used up */
  delegate(count = 1): number {
    const first = this.#memory.take(count);
    for (let i = 0; i < count; i++) this.call(RMI_GRANULE_DELEGATE, { addr: BigInt(first + i * GRANULE) });
    return first;
  }

  undelegate(granule: number): void {
    this.call(RMI_GRANULE_UNDELEGATE, { addr: BigInt(granule) });
    this.#memory.give(granule);
  }

  /**
   * Delegates Granules for as long as an attempt to use them takes, and for good if it succeeds.
   *
   * @throws what the attempt throws; the Granules are then the Host's again
   */
  lend<T>(count: number, attempt: (granules: readonly number[]) => T): T {
    const granules: number[] = [];
    try {
      for (let i = 0; i < count; i++) granules.push(this.delegate());
      return attempt(granules);
    } catch (error) {
      for (const granule of granules) this.undelegate(granule);
      throw error;
    }
  }

  /** Calls a command on a structure, which lies in a page of the Host's for the time. @throws RmiError */
  pass<T>(structure: Uint8Array, call: (page: bigint) => T): T {
    const page = this.allocatePage();
    try {
      this.machine.bus.write(page, structure);
      return call(BigInt(page));
    } finally {
      this.freePage(page);
    }
  }

  takeVmid(): number {
    let vmid = 1;
    while (this.#vmids.has(vmid)) vmid++;
    this.#vmids.add(vmid);
    return vmid;
  }

  giveVmid(vmid: number): void {
    this.#vmids.delete(vmid);
  }

  /**
   * Creates a Realm that is still under construction.
   *
   * @throws RmiError if the RMM refuses the parameters
   */
  createRealm(options: RealmOptions = {}): HostRealm {
    return new HostRealm(this, options);
  }
}

export interface RealmOptions {
  /** Bits; 40 unless given. */
  readonly ipaWidth?: number;
  readonly lpa2?: boolean;
  readonly hash?: 'SHA-256' | 'SHA-512';
  /** Realm Personalization Value, 64 bytes at most. */
  readonly rpv?: Uint8Array;
  readonly breakpoints?: number;
  readonly watchpoints?: number;
}

export interface RecOptions {
  readonly pc?: bigint;
  /** X0 to X7 at first. */
  readonly gprs?: readonly bigint[];
  /** Whether it can run at once; a secondary REC waits for PSCI_CPU_ON. */
  readonly runnable?: boolean;
  /** Affinity fields; unless given those that its place in the Realm asks for (A2.3.3). */
  readonly mpidr?: bigint;
  /** What it runs. */
  readonly program?: RealmProgram;
}

/** A Realm as its Host sees it. */
export class HostRealm {
  readonly host: Host;
  /** Physical address of the RD. */
  readonly rd: number;
  readonly ipaWidth: number;
  readonly #startLevel: number;
  readonly #roots: number;
  readonly #rootCount: number;
  readonly #vmid: number;
  readonly #recs: HostRec[] = [];
  /** RECs that were created; those that were destroyed count (A2.3.3). */
  #recCount = 0;

  constructor(host: Host, options: RealmOptions) {
    this.host = host;
    const {
      ipaWidth = 40,
      lpa2 = false,
      hash = 'SHA-256',
      rpv = new Uint8Array(0),
      breakpoints = 1,
      watchpoints = 1,
    } = options;
    const params = allocate(RmiRealmParams);
    params.s2sz = ipaWidth;
    this.ipaWidth = ipaWidth;
    // The deepest level that needs no more than 16 tables in a row: fewer tables on the way to a page.
    let level = 2;
    while (level > -1 && 2 ** ipaWidth / span(level) > STAGE2_CONCATENATED_TABLES_MAX * 512) level--;
    this.#startLevel = level;
    this.#rootCount = Math.min(
      STAGE2_CONCATENATED_TABLES_MAX,
      Math.max(1, 2 ** ipaWidth / span(level) / 512),
    );
    const personal = new Uint8Array(params.rpv.length);
    personal.set(rpv);
    params.assign({
      flags: { lpa2: lpa2 ? RmiFeature.RMI_FEATURE_TRUE : RmiFeature.RMI_FEATURE_FALSE },
      num_bps: breakpoints,
      num_wps: watchpoints,
      hash_algo: hash === 'SHA-256' ? RmiHashAlgorithm.RMI_HASH_SHA_256 : RmiHashAlgorithm.RMI_HASH_SHA_512,
      rpv: personal,
      rtt_level_start: BigInt(level),
      rtt_num_start: this.#rootCount,
    });
    this.#roots = host.delegate(this.#rootCount);
    this.#vmid = host.takeVmid();
    params.assign({ vmid: this.#vmid, rtt_base: BigInt(this.#roots) });
    try {
      this.rd = host.lend(1, ([rd]) => {
        host.pass(params.$bytes, (params_ptr) =>
          host.call(RMI_REALM_CREATE, { rd: BigInt(rd!), params_ptr }),
        );
        return rd!;
      });
    } catch (error) {
      this.#giveBack();
      throw error;
    }
  }

  /** The starting level RTTs and the VMID, which a Realm has for as long as it exists. */
  #giveBack(): void {
    for (let i = 0; i < this.#rootCount; i++) this.host.undelegate(this.#roots + i * GRANULE);
    this.host.giveVmid(this.#vmid);
  }

  get #rd(): bigint {
    return BigInt(this.rd);
  }

  /** Repeats an attempt, creating the RTT that it lacks each time, as a hypervisor does on RMI_ERROR_RTT. */
  #withTables<Outputs extends { readonly result: ResultOf }>(
    command: { readonly name: string },
    ipa: number,
    level: number,
    attempt: () => Outputs,
  ): Outputs {
    for (;;) {
      const outputs = attempt();
      const { status, index } = outputs.result;
      if (status === RmiStatusCode.RMI_SUCCESS) return outputs;
      const reached = index === 255 ? -1 : index;
      if (status !== RmiStatusCode.RMI_ERROR_RTT || reached >= level)
        throw new RmiError(command.name, outputs.result);
      this.createTable(ipa, reached + 1);
    }
  }

  /** Creates the RTT at a level that covers an IPA. @throws RmiError */
  createTable(ipa: number, level: number): void {
    const base = Math.floor(ipa / span(level - 1)) * span(level - 1);
    this.host.lend(1, ([rtt]) => {
      const inputs = { rd: this.#rd, rtt: BigInt(rtt!), ipa: BigInt(base), level: BigInt(level) };
      this.host.call(RMI_RTT_CREATE, inputs);
    });
  }

  /**
   * Copies bytes into a new Realm, page by page, from an IPA that is a multiple of a page on.
   *
   * @throws RmiError
   */
  populate(ipa: bigint | number, image: Uint8Array, options: { readonly measure?: boolean } = {}): void {
    const { host } = this;
    const flags = {
      measure:
        options.measure === false
          ? RmiDataMeasureContent.RMI_NO_MEASURE_CONTENT
          : RmiDataMeasureContent.RMI_MEASURE_CONTENT,
    };
    const source = host.allocatePage();
    try {
      for (let done = 0; done < image.length; done += GRANULE) {
        host.machine.bus.fill(source, GRANULE, 0);
        host.machine.bus.write(source, image.subarray(done, done + GRANULE));
        const at = Number(ipa) + done;
        host.lend(1, ([data]) => {
          const inputs = { rd: this.#rd, data: BigInt(data!), ipa: BigInt(at), src: BigInt(source), flags };
          this.#withTables(RMI_DATA_CREATE, at, RMM_RTT_PAGE_LEVEL, () => host.try(RMI_DATA_CREATE, inputs));
        });
      }
    } finally {
      host.freePage(source);
    }
  }

  /** Gives the Realm a page whose contents it cannot rely on. @throws RmiError */
  addPage(ipa: bigint | number): void {
    this.host.lend(1, ([data]) => {
      const inputs = { rd: this.#rd, data: BigInt(data!), ipa: BigInt(ipa) };
      this.#withTables(RMI_DATA_CREATE_UNKNOWN, Number(ipa), RMM_RTT_PAGE_LEVEL, () =>
        this.host.try(RMI_DATA_CREATE_UNKNOWN, inputs),
      );
    });
  }

  /** Declares an IPA range of a new Realm as RAM. Bounds are multiples of a page. @throws RmiError */
  initRipas(base: bigint | number, top: bigint | number): void {
    for (let at = Number(base); at < Number(top); ) {
      const inputs = { rd: this.#rd, base: BigInt(at), top: BigInt(top) };
      const from = at;
      const { out_top } = this.#withTables(RMI_RTT_INIT_RIPAS, from, RMM_RTT_PAGE_LEVEL, () =>
        this.host.try(RMI_RTT_INIT_RIPAS, inputs),
      );
      at = Number(out_top);
    }
  }

  /** Maps a page of the Host's at an Unprotected IPA, cacheable, readable and writable. @throws RmiError */
  share(ipa: bigint | number, page: number): void {
    const { S2_MEMATTR_NORMAL_WB } = Stage2MemAttr;
    const { S2AP_READ_WRITE } = Stage2AccessPermission;
    // Below 2^48 the two kinds of descriptors are the same; above, an RMM without LPA2 refuses this one.
    const desc = descriptorOf(page, S2_MEMATTR_NORMAL_WB, S2AP_READ_WRITE, true);
    const inputs = { rd: this.#rd, ipa: BigInt(ipa), level: BigInt(RMM_RTT_PAGE_LEVEL), desc };
    this.#withTables(RMI_RTT_MAP_UNPROTECTED, Number(ipa), RMM_RTT_PAGE_LEVEL, () =>
      this.host.try(RMI_RTT_MAP_UNPROTECTED, inputs),
    );
  }

  /** @throws RmiError */
  createRec(options: RecOptions = {}): HostRec {
    const rec = new HostRec(this, this.#recCount, options);
    this.#recCount++;
    this.#recs.push(rec);
    if (options.program !== undefined) this.host.machine.loadProgram(rec.address, options.program);
    return rec;
  }

  /** Has the Realm do without a REC that was destroyed. */
  forget(rec: HostRec): void {
    const at = this.#recs.indexOf(rec);
    if (at >= 0) this.#recs.splice(at, 1);
  }

  /** The REC with affinity fields that a PSCI call has named; undefined if there is none. */
  recOf(mpidr: bigint): HostRec | undefined {
    return this.#recs.find((rec) => rec.mpidr === mpidr);
  }

  /** Carries out a RIPAS change that a REC has asked for. @returns the IPA that it has come to @throws RmiError */
  setRipas(rec: HostRec, base: bigint, top: bigint): bigint {
    for (let at = base; at < top; ) {
      const inputs = { rd: this.#rd, rec_ptr: BigInt(rec.address), base: at, top };
      const { result, out_top } = this.host.try(RMI_RTT_SET_RIPAS, inputs);
      if (result.status === RmiStatusCode.RMI_SUCCESS) at = out_top;
      // At level 3 it is no table that lacks: the page is DESTROYED, and the Realm has not permitted to change that.
      else if (result.status === RmiStatusCode.RMI_ERROR_RTT && result.index === RMM_RTT_PAGE_LEVEL)
        return at;
      else if (result.status === RmiStatusCode.RMI_ERROR_RTT) this.createTable(Number(at), result.index + 1);
      else throw new RmiError(RMI_RTT_SET_RIPAS.name, result);
    }
    return top;
  }

  /** @throws RmiError */
  activate(): void {
    this.host.call(RMI_REALM_ACTIVATE, { rd: this.#rd });
  }

  /** Destroys the Realm with all that it holds; every Granule is the Host's again. @throws RmiError */
  destroy(): void {
    for (const rec of [...this.#recs]) rec.destroy();
    for (let i = 0; i < this.#rootCount; i++) this.#clear(this.#startLevel, i * span(this.#startLevel) * 512);
    this.host.call(RMI_REALM_DESTROY, { rd: this.#rd });
    this.host.undelegate(this.rd);
    this.#giveBack();
  }

  /** Empties the RTT at a level that begins at an IPA: live entries one after the other, tables from the inside. */
  #clear(level: number, ipa: number): void {
    const end = Math.min(ipa + span(level) * 512, 2 ** this.ipaWidth);
    for (let at = ipa; at < end; ) {
      const entry = this.host.call(RMI_RTT_READ_ENTRY, {
        rd: this.#rd,
        ipa: BigInt(at),
        level: BigInt(level),
      });
      if (entry.state === RmiRttEntryState.RMI_TABLE) {
        this.#clear(level + 1, at);
        const { rtt, top } = this.host.call(RMI_RTT_DESTROY, {
          rd: this.#rd,
          ipa: BigInt(at),
          level: BigInt(level + 1),
        });
        this.host.undelegate(Number(rtt));
        at = Number(top);
      } else if (entry.state === RmiRttEntryState.RMI_ASSIGNED && at >= 2 ** (this.ipaWidth - 1)) {
        at = Number(
          this.host.call(RMI_RTT_UNMAP_UNPROTECTED, { rd: this.#rd, ipa: BigInt(at), level: BigInt(level) })
            .top,
        );
      } else if (entry.state === RmiRttEntryState.RMI_ASSIGNED) {
        // A block is taken apart first: pages are what can be destroyed.
        if (level < RMM_RTT_PAGE_LEVEL) {
          this.createTable(at, level + 1);
          continue;
        }
        const { data, top } = this.host.call(RMI_DATA_DESTROY, { rd: this.#rd, ipa: BigInt(at) });
        this.host.undelegate(Number(data));
        at = Number(top);
      } else at += span(level);
    }
  }
}

/** The REC index in the affinity fields (A2.3.3). */
function mpidrOf(index: number): bigint {
  return RmiRecMpidr.of({
    aff0: index & 15,
    aff1: (index >> 4) & 255,
    aff2: (index >> 12) & 255,
    aff3: (index >> 20) & 255,
  }).$value;
}

/** A REC as its Host sees it. */
export class HostRec {
  readonly realm: HostRealm;
  /** Physical address of the REC. */
  readonly address: number;
  readonly index: number;
  /** Affinity fields. */
  readonly mpidr: bigint;
  /** The REC and its auxiliary Granules. */
  readonly #granules: readonly number[];
  /** The Host's page with the RmiRecRun structure. */
  readonly #run: number;

  constructor(realm: HostRealm, index: number, options: RecOptions) {
    const { host } = realm;
    this.realm = realm;
    this.index = index;
    const { aux_count } = host.call(RMI_REC_AUX_COUNT, { rd: BigInt(realm.rd) });
    this.mpidr = options.mpidr ?? mpidrOf(index);
    const params = allocate(RmiRecParams);
    params.assign({
      flags: {
        runnable: options.runnable === false ? RmiRecRunnable.RMI_NOT_RUNNABLE : RmiRecRunnable.RMI_RUNNABLE,
      },
      mpidr: RmiRecMpidr.of(this.mpidr).toObject(),
      pc: options.pc ?? 0n,
      num_aux: aux_count,
    });
    for (const [i, value] of (options.gprs ?? []).entries()) params.gprs.set(i, value);
    const { granules, run } = host.lend(1 + Number(aux_count), (granules) => {
      const [rec, ...aux] = granules;
      for (const [i, address] of aux.entries()) params.aux.set(i, BigInt(address));
      const run = host.allocatePage();
      try {
        host.pass(params.$bytes, (params_ptr) =>
          host.call(RMI_REC_CREATE, { rd: BigInt(realm.rd), rec: BigInt(rec!), params_ptr }),
        );
      } catch (error) {
        host.freePage(run);
        throw error;
      }
      return { granules, run };
    });
    this.#granules = granules;
    this.#run = run;
    this.address = granules[0]!;
  }

  /**
   * Enters the REC and comes back with what made it exit.
   *
   * @param prepare fills in what the Host passes on entry
   * @throws RmiError; ProgramError if the REC's program has thrown, in which case the REC has exited all the same
   */
  enter(prepare?: (enter: RmiRecEnter) => void): HostExit {
    const { host } = this.realm;
    const run = allocate(RmiRecRun);
    prepare?.(run.enter);
    host.machine.bus.write(this.#run, run.$bytes);
    host.call(RMI_REC_ENTER, { rec: BigInt(this.address), run_ptr: BigInt(this.#run) });
    const failure = host.machine.takeProgramError(this.address);
    if (failure !== undefined) throw new ProgramError(this.mpidr, failure.error);
    run.$bytes.set(host.machine.bus.read(this.#run, RmiRecRun.size));
    return new HostExit(run.$bytes.subarray(EXIT));
  }

  /**
   * Carries out the RIPAS change that an exit of this REC asks for, by one RMI_RTT_SET_RIPAS after the other, until it
   * is done or stops at a page that is DESTROYED.
   *
   * @returns the IPA that it has come to
   * @throws RmiError
   */
  changeRipas(exit: Pick<RmiRecExit, 'ripas_base' | 'ripas_top'>): bigint {
    return this.realm.setRipas(this, exit.ripas_base, exit.ripas_top);
  }

  /** Answers a PSCI call of this REC that named another one. @throws RmiError */
  completePsci(target: HostRec, status: PsciReturnCode = PsciReturnCode.PSCI_SUCCESS): void {
    this.realm.host.call(RMI_PSCI_COMPLETE, {
      calling_rec: BigInt(this.address),
      target_rec: BigInt(target.address),
      status,
    });
  }

  /** @throws RmiError */
  destroy(): void {
    const { host } = this.realm;
    host.call(RMI_REC_DESTROY, { rec_ptr: BigInt(this.address) });
    this.realm.forget(this);
    for (const granule of this.#granules) host.undelegate(granule);
    host.freePage(this.#run);
  }
}
