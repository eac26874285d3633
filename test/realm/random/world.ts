import {
  RmmPsciPending,
  RmmRealmState,
  RmmRecRunnable,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import { calls as rmiCalls } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  PSCI_CPU_ON,
  PsciReturnCode,
  RMI_DATA_DESTROY,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_PERMITTED_GICV3_HCR_BITS,
  RMI_PSCI_COMPLETE,
  RMI_REC_ENTER,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_UNMAP_UNPROTECTED,
  type RmiRecExit,
  RmiRecRun,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate, Memory, Registers } from '../../../runtime/bits/index.js';
import { permitsSuccess, permittedFailures } from '../../../runtime/conditions/index.js';
import {
  type Attester,
  checkInvariants,
  createMachine,
  type HostRealm,
  type HostRec,
  type Machine,
  ProgramError,
  RmiError,
  type TokenPart,
} from '../../../runtime/index.js';
import { HostBus } from '../../../runtime/machine/bus.js';
import { proseOf } from '../../../runtime/rmm/prose.js';
import type { Rec } from '../../../runtime/rmm/rec.js';
import { Numbers } from '../../sim/random/numbers.js';
import { Broken } from '../../sim/random/world.js';
import { type ExitKind, kindOf, surplus, viewOf } from './exits.js';
import { secretIn, secretWritten } from './marks.js';
import { layout, Mind, type Noted, PAGE, SHARED_PAGES } from './mind.js';

const GRANULE = 4096;
const DRAM = { base: 0x8000_0000, size: 400 * GRANULE };
const EXIT = RmiRecRun.size / 2;
/** Entries after which a Realm has lived long enough. */
const AGE = 250;
const STATE = 3n << 62n;
const EOI_COUNT = 0xf800_0000n;

/** What an entry came to. */
export interface Entry {
  /** By the condition that was reported. */
  readonly failure: string | undefined;
  readonly kind: ExitKind | undefined;
}

interface Vcpu {
  readonly rec: HostRec;
  readonly mind: Mind;
  /** Host page with the RmiRecRun. */
  readonly run: number;
  exit: RmiRecExit | undefined;
  isGone: boolean;
}

interface Tenant {
  readonly realm: HostRealm;
  readonly ipaWidth: number;
  readonly vcpus: readonly Vcpu[];
  /** Pages of the Host by their index in the Unprotected half. */
  readonly shared: Map<number, number>;
  /** Entries that it still gets. */
  rest: number;
}

/** Tokens of random bytes, in pieces of whatever size; what is in them is somebody else's to test. */
class RandomAttester implements Attester {
  readonly bound = 2 * GRANULE;
  readonly #numbers: Numbers;
  readonly #left = new WeakMap<object, number>();

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  begin(rec: object): void {
    this.#left.set(rec, 1 + this.#numbers.below(this.#numbers.chance(0.5) ? 500 : this.bound));
  }

  next(rec: object, _realm: object, most: number): TokenPart | undefined {
    if (this.#numbers.chance(0.05)) return undefined;
    const left = this.#left.get(rec) ?? 0;
    const length = Math.min(left, most, this.#numbers.chance(0.1) ? 0 : GRANULE);
    this.#left.set(rec, left - length);
    return { bytes: new Uint8Array(length).fill(0x77), complete: length === left };
  }
}

export interface RealmWorldOptions {
  readonly checked?: boolean;
  readonly note?: Noted;
  /** Told of the machine before anything happens, to plant faults in it. */
  readonly plant?: (machine: Machine) => void;
}

/** A machine whose Host and whose Realms do things at random, with all that is known about them held against it. */
export class RealmWorld {
  readonly machine: Machine;
  readonly #numbers: Numbers;
  readonly #note: Noted;
  readonly #bus: HostBus;
  readonly #tenants: Tenant[] = [];
  readonly #isTraced: boolean;
  /** What the entries of a step have come to. */
  #entries: Entry[] = [];

  constructor(numbers: Numbers, { checked = true, note = () => {}, plant }: RealmWorldOptions = {}) {
    this.#numbers = numbers;
    this.#note = note;
    const lpa2 = numbers.chance(0.5);
    this.#isTraced = numbers.chance(0.15);
    this.machine = createMachine({
      memory: [DRAM],
      checked,
      slice: 1500,
      trace: this.#isTraced,
      attester: new RandomAttester(numbers),
      gic: {
        priorityBits: numbers.pick([5, 6, 7]),
        preemptionBits: 5,
        idBits: numbers.pick([16, 24] as const),
      },
      features: {
        lpa2,
        s2sz: lpa2 ? numbers.pick([48, 52]) : numbers.pick([40, 48]),
        auxCount: numbers.pick([0, 1, 3]),
        listRegisters: numbers.pick([1, 4, 16]),
        sha512: numbers.chance(0.8),
      },
    });
    const { memory, store } = this.machine.rmm;
    this.#bus = new HostBus(memory, store.granules);
    plant?.(this.machine);
  }

  // Realms

  #build(): Tenant {
    const numbers = this.#numbers;
    const { host, rmm } = this.machine;
    const ipaWidth = numbers.pick([32, 36, 40]);
    const realm = host.createRealm({
      ipaWidth,
      lpa2: rmm.features.lpa2 && numbers.chance(0.4),
      hash: rmm.features.sha512 && numbers.chance(0.5) ? 'SHA-512' : 'SHA-256',
    });
    for (const { base, pages } of [layout.ram, layout.told])
      realm.populate(base, new Uint8Array(pages * GRANULE));
    const { unassigned } = layout;
    realm.initRipas(unassigned.base, unassigned.base + BigInt(unassigned.pages) * PAGE);
    const count = 1 + numbers.below(3);
    const peers = Array.from({ length: count + 1 }, (_, i) => BigInt(i));
    const vcpus = Array.from({ length: count }, (_, index): Vcpu => {
      const seed = new Numbers(numbers.next(), index);
      const mind = new Mind(this.machine, seed, this.#note, { ipaWidth, index, peers });
      const rec = realm.createRec({ runnable: index === 0 || numbers.chance(0.5), program: mind.program });
      return { rec, mind, run: host.allocatePage(), exit: undefined, isGone: false };
    });
    const tenant = { realm, ipaWidth, vcpus, shared: new Map<number, number>(), rest: AGE };
    this.#tenants.push(tenant);
    // One that is new cannot be entered.
    if (numbers.chance(0.2)) this.#enter(tenant, vcpus[0]!);
    realm.activate();
    return tenant;
  }

  #retire(tenant: Tenant): void {
    const { host } = this.machine;
    for (const index of tenant.shared.keys()) this.#undelegateShared(tenant, index);
    tenant.realm.destroy();
    for (const { run } of tenant.vcpus) host.freePage(run);
    for (const page of tenant.shared.values()) host.freePage(page);
    this.#tenants.splice(this.#tenants.indexOf(tenant), 1);
  }

  #inner({ rec }: Vcpu): Rec | undefined {
    return this.machine.rmm.store.recs.get(rec.address);
  }

  // The Host

  /** Does things until an entry was made, or some. */
  step(): readonly Entry[] {
    const { machine } = this;
    const numbers = this.#numbers;
    this.#entries = [];
    while (this.#entries.length === 0) {
      while (this.#tenants.length < 2) this.#build();
      const tenant = numbers.pick(this.#tenants);
      const alive = tenant.vcpus.filter(({ isGone, mind }) => !isGone && !mind.isDone);
      const isOff = machine.rmm.store.realms.get(tenant.realm.rd)!.state === RmmRealmState.REALM_SYSTEM_OFF;
      if (tenant.rest <= 0 || alive.length === 0 || (isOff && numbers.chance(0.4))) {
        this.#retire(tenant);
        continue;
      }
      if (numbers.chance(0.25)) this.#meddle(tenant);
      const runnable = alive.filter((vcpu) => this.#inner(vcpu)?.flags.runnable === RmmRecRunnable.RUNNABLE);
      const fit = runnable.length > 0 && numbers.chance(0.97) ? runnable : tenant.vcpus;
      if (runnable.length === 0) tenant.rest -= 10;
      this.#enter(tenant, numbers.pick(fit));
    }
    return this.#entries;
  }

  /** What a Host does between entries. */
  #meddle(tenant: Tenant): void {
    const { machine } = this;
    const numbers = this.#numbers;
    const { ram, told, unassigned } = layout;
    const area = numbers.pick([ram, told, unassigned]);
    const page = area.base + BigInt(numbers.below(area.pages)) * PAGE;
    const index = numbers.below(SHARED_PAGES);
    switch (numbers.below(7)) {
      case 0: {
        const [result, data] = machine.smc(RMI_DATA_DESTROY.fid, tenant.realm.rd, page);
        if (result === 0n) machine.host.undelegate(Number(data));
        break;
      }
      case 1:
      case 2:
        this.#expecting(() => tenant.realm.addPage(page));
        break;
      case 3: {
        const desc = BigInt(this.#shared(tenant, index)) | (6n << 2n) | (BigInt(numbers.below(4)) << 6n);
        machine.smc(RMI_RTT_MAP_UNPROTECTED.fid, tenant.realm.rd, this.#ipaOf(tenant, index), 3, desc);
        this.#expecting(() => tenant.realm.createTable(Number(this.#ipaOf(tenant, index)), 3));
        break;
      }
      case 4:
        machine.smc(RMI_RTT_UNMAP_UNPROTECTED.fid, tenant.realm.rd, this.#ipaOf(tenant, index), 3);
        break;
      case 5:
        // What the Realm still has mapped faults then.
        if (numbers.chance(0.3)) machine.smc(RMI_GRANULE_DELEGATE.fid, this.#shared(tenant, index));
        else this.#undelegateShared(tenant, index);
        break;
      case 6: {
        const vcpu = numbers.pick(tenant.vcpus);
        if (!vcpu.isGone && numbers.chance(0.02)) {
          vcpu.rec.destroy();
          vcpu.isGone = true;
        } else machine.clock.advance(numbers.below(200));
      }
    }
  }

  #ipaOf({ ipaWidth }: Tenant, index: number): bigint {
    return (1n << BigInt(ipaWidth - 1)) + BigInt(index) * PAGE;
  }

  #shared({ shared }: Tenant, index: number): number {
    let page = shared.get(index);
    if (page === undefined) {
      page = this.machine.host.allocatePage();
      shared.set(index, page);
    }
    return page;
  }

  #undelegateShared({ shared }: Tenant, index: number): void {
    const page = shared.get(index);
    if (page !== undefined) this.machine.smc(RMI_GRANULE_UNDELEGATE.fid, page);
  }

  /** Whether an attempt succeeds that the RMM may refuse. */
  #expecting(attempt: () => unknown): boolean {
    try {
      attempt();
      return true;
    } catch (error) {
      if (error instanceof RmiError) return false;
      throw error;
    }
  }

  // Entry

  #prepare({ ipaWidth }: Tenant, { exit }: Vcpu, run: RmiRecRun): void {
    const numbers = this.#numbers;
    const { enter } = run;
    const emulates = exit !== undefined && kindOf(exit, ipaWidth).startsWith('Data Abort, emulatable');
    const isStuck = exit !== undefined && kindOf(exit, ipaWidth).endsWith('not emulatable');
    enter.flags.assign({
      emul_mmio: numbers.chance(emulates ? 0.7 : 0.01) ? 1 : 0,
      inject_sea: numbers.chance(isStuck ? 0.6 : emulates ? 0.2 : 0.03) ? 1 : 0,
      trap_wfi: numbers.chance(0.4) ? 1 : 0,
      trap_wfe: numbers.chance(0.4) ? 1 : 0,
      ripas_response: numbers.chance(0.3) ? 1 : 0,
    });
    for (let i = 0; i < 31; i++) enter.gprs.set(i, numbers.bits64());
    // EN is not among them; TDIR, LRENPIE and the other maintenance interrupts are.
    const hcr = numbers.chance(0.3) ? BigInt(numbers.next()) & RMI_PERMITTED_GICV3_HCR_BITS : 0n;
    enter.gicv3_hcr = numbers.chance(0.02) ? hcr | (1n << BigInt(numbers.below(64))) : hcr;
    for (let i = 0; i < 16; i++) {
      if (numbers.chance(0.6) && i > 0) break;
      enter.gicv3_lrs.set(i, this.#listRegister(i));
    }
  }

  #listRegister(n: number): bigint {
    const numbers = this.#numbers;
    if (numbers.chance(0.015)) return numbers.bits64();
    if (numbers.chance(0.3)) return 0n;
    const state = BigInt(numbers.below(4)) << 62n;
    const group = BigInt(numbers.below(2)) << 60n;
    const priority = BigInt(numbers.below(32) << 3) << 48n;
    const eoi = BigInt(numbers.below(2)) << 41n;
    // Different in each, unless by mistake.
    const intid = numbers.chance(0.01) ? numbers.below(1100) : 32 + n * 16 + numbers.below(16);
    return state | group | priority | eoi | BigInt(intid);
  }

  #spoilt(address: number): bigint {
    const numbers = this.#numbers;
    if (numbers.chance(0.985)) return BigInt(address);
    return numbers.pick([
      BigInt(address) + 8n,
      numbers.bits64() & ~0xfffn,
      BigInt(this.#tenants[0]!.realm.rd),
      BigInt(DRAM.base + (DRAM.size - GRANULE)),
      1n << 52n,
    ]);
  }

  #enter(tenant: Tenant, vcpu: Vcpu): void {
    const { machine } = this;
    const numbers = this.#numbers;
    const { state } = machine.rmm;
    // By now there may be a REC of another Realm.
    if (vcpu.isGone && this.#inner(vcpu) !== undefined) return;
    tenant.rest--;
    if (numbers.chance(0.15))
      machine.clock.interruptAfter(
        numbers.below(60),
        numbers.pick(['irq', 'fiq', 'serror']),
        0xbe00_0000n | BigInt(numbers.below(2 ** 25)),
      );
    if (numbers.chance(0.97)) this.#respond(tenant, vcpu);

    const page = allocate(RmiRecRun);
    this.#prepare(tenant, vcpu, page);
    if (numbers.chance(0.05) && !vcpu.isGone) {
      this.#enterWithHelp(tenant, vcpu, page);
      return;
    }
    // What was in the exit half before is nobody's.
    page.$bytes.fill(0xa5, EXIT);
    this.#bus.write(vcpu.run, page.$bytes);
    const run = this.#spoilt(vcpu.run);
    const registers = [BigInt(RMI_REC_ENTER.fid), this.#spoilt(vcpu.rec.address), run];
    const before = this.#read(run);
    const { conditions, input } = rmiCalls.get(RMI_REC_ENTER.fid)!;
    const evaluation = conditions.evaluate(state, input(Registers.of(registers).memory), proseOf(state));
    const { flags, gprs } = new RmiRecRun(Memory.of(before ?? page.$bytes)).enter;
    vcpu.mind.mmio = flags.emul_mmio === 1 ? gprs.get(0) : undefined;
    const results = machine.smc(registers[0]!, registers[1]!, registers[2]!);
    const { failure } = machine;
    for (const result of results) this.#notSecret(result.toString(16).padStart(16, '0'), 'X0 to X16');

    if (failure !== -1) {
      vcpu.mind.mmio = undefined;
      const { id } = conditions.failures[failure]!;
      const predecessors = conditions.failures.map((one) => one.predecessors);
      if (!permittedFailures(evaluation, predecessors).includes(failure))
        throw new Broken(id, 'RMI_REC_ENTER reports what the conditions do not permit');
      const after = this.#read(run);
      if (before !== undefined && (after === undefined || Buffer.compare(before, after) !== 0))
        throw new Broken(id, 'RMI_REC_ENTER has failed and written to its structure');
      this.#entries.push({ failure: id, kind: undefined });
      return;
    }
    if (!permitsSuccess(evaluation) || before === undefined)
      throw new Broken('success', 'RMI_REC_ENTER has succeeded');
    const after = this.#bus.read(run, RmiRecRun.size);
    if (Buffer.compare(after.subarray(0, EXIT), before.subarray(0, EXIT)) !== 0)
      throw new Broken('RmiRecEnter', 'has changed');
    this.#faults(vcpu);
    const bytes = after.slice(EXIT);
    const kind = this.#judge(tenant, vcpu, new RmiRecRun(Memory.of(before)), bytes);
    vcpu.exit = viewOf(bytes);
    this.#entries.push({ failure: undefined, kind });
  }

  /** The same by way of the Host that comes with the machine. */
  #enterWithHelp(tenant: Tenant, vcpu: Vcpu, page: RmiRecRun): void {
    const { rec, mind } = vcpu;
    const { flags, gprs } = page.enter;
    mind.mmio = flags.emul_mmio === 1 ? gprs.get(0) : undefined;
    try {
      const exit = rec.enter((enter) => enter.$bytes.set(page.enter.$bytes));
      const kind = this.#judge(tenant, vcpu, page, exit.$bytes.slice());
      vcpu.exit = exit;
      this.#entries.push({ failure: undefined, kind });
    } catch (error) {
      if (error instanceof RmiError) {
        mind.mmio = undefined;
        this.#notSecret(error.message, 'an error');
        this.#entries.push({ failure: this.machine.refusal!.id, kind: undefined });
      } else if (error instanceof ProgramError) {
        this.#ended(mind, error.cause);
        vcpu.exit = undefined;
        this.#entries.push({ failure: undefined, kind: 'IRQ' });
      } else throw error;
    }
  }

  /** A structure of the Host's, if one can be there. */
  #read(run: bigint): Uint8Array | undefined {
    try {
      return this.#bus.read(run, RmiRecRun.size);
    } catch {
      return undefined;
    }
  }

  /** A program may throw what it threw on purpose. */
  #faults({ rec, mind }: Vcpu): void {
    const failure = this.machine.takeProgramError(rec.address);
    if (failure === undefined) return;
    this.#ended(mind, failure.error);
  }

  #ended(mind: Mind, error: unknown): void {
    mind.isDone = true;
    if (!(error instanceof Error) || error.name !== mind.provoked) throw error;
  }

  #judge(tenant: Tenant, { mind }: Vcpu, { enter }: RmiRecRun, bytes: Uint8Array): ExitKind {
    const exit = viewOf(bytes);
    const kind = kindOf(exit, tenant.ipaWidth);
    const refuse = (what: string): never => {
      throw new Broken(`exit due to ${kind}`, what);
    };
    const { listRegisters } = this.machine.rmm.features;
    const offset = surplus(bytes, kind, listRegisters);
    if (offset !== undefined) refuse(`sets something at 0x${offset.toString(16)} (A4.3.1)`);
    if (secretIn(bytes) >= 0) refuse(`tells a secret at 0x${secretIn(bytes).toString(16)}`);

    // A6.1: but for states and EOIcount they are as the Host gave them.
    if (((exit.gicv3_hcr ^ enter.gicv3_hcr) & ~EOI_COUNT) !== 0n) refuse('changes gicv3_hcr (A6.1)');
    for (let i = 0; i < listRegisters; i++)
      if (((exit.gicv3_lrs.get(i) ^ enter.gicv3_lrs.get(i)) & ~STATE) !== 0n)
        refuse(`changes gicv3_lrs[${i}] (A6.1)`);

    const { telling } = mind;
    const said = (i: number): bigint => telling.gprs?.[i] ?? 0n;
    switch (kind) {
      case 'WFIT':
      case 'WFET':
      case 'trapped register':
      case 'Data Abort, emulatable write':
        if (exit.gprs.get(0) !== said(0)) refuse('has another value in gprs[0]');
        break;
      case 'PSCI':
        for (let i = 0; i < 4; i++)
          if (exit.gprs.get(i) !== said(i)) refuse(`has another value in gprs[${i}]`);
        break;
      case 'Host call':
        // Where the Host has put another page in place of the Realm's there is nothing.
        for (let i = 0; i < 31; i++)
          if (exit.gprs.get(i) !== said(i) && exit.gprs.get(i) !== 0n)
            refuse(`has another value in gprs[${i}]`);
        if (exit.imm !== telling.imm && exit.imm !== 0) refuse('has another immediate');
        break;
      case 'RIPAS change': {
        const [base, top, ripas] = telling.ripas ?? [0n, 0n, 0];
        if (exit.ripas_base !== base || exit.ripas_top !== top || exit.ripas_value !== ripas)
          refuse('asks for something else');
        break;
      }
    }
    return kind;
  }

  /** What a hypervisor does about an exit before it enters the REC again. */
  #respond(tenant: Tenant, vcpu: Vcpu): void {
    const { machine } = this;
    const numbers = this.#numbers;
    const { exit, mind, rec } = vcpu;
    const inner = this.#inner(vcpu);
    if (exit === undefined || inner === undefined || vcpu.isGone) return;
    if (inner.psci_pending === RmmPsciPending.PSCI_REQUEST_PENDING) {
      const named = tenant.vcpus.find((one) => one.rec.mpidr === exit.gprs.get(1) && !one.isGone);
      const target = named ?? numbers.pick(tenant.vcpus);
      const status = numbers.pick([0n, 0n, 0n, PsciReturnCode.PSCI_DENIED]);
      const isOn = this.#inner(target)?.flags.runnable === RmmRecRunnable.RUNNABLE;
      const [result] = machine.smc(RMI_PSCI_COMPLETE.fid, rec.address, target.rec.address, status);
      if (result !== 0n) {
        // The REC that it named is gone by now: it waits for ever.
        if (named === undefined) tenant.rest -= 20;
        return;
      }
      target.exit = undefined;
      const isCall = exit.gprs.get(0) === BigInt(PSCI_CPU_ON.fid);
      const answer = isCall
        ? isOn
          ? PsciReturnCode.PSCI_ALREADY_ON
          : PsciReturnCode.PSCI_SUCCESS
        : isOn
          ? PsciReturnCode.PSCI_SUCCESS
          : PsciReturnCode.PSCI_OFF;
      mind.answer = BigInt.asUintN(64, status === 0n ? answer : status);
      return;
    }
    switch (kindOf(exit, tenant.ipaWidth)) {
      case 'RIPAS change':
        if (numbers.chance(0.8)) this.#expecting(() => rec.changeRipas(exit));
        break;
      case 'Instruction Abort':
      case 'Data Abort at a Protected IPA':
        if (numbers.chance(0.1)) break;
        // A page that is DESTROYED only the Realm could make its RAM again, and this REC does not come to it.
        if (!this.#expecting(() => tenant.realm.addPage((exit.hpfar >> 4n) << 12n))) tenant.rest -= 20;
        break;
    }
  }

  // What must hold

  #notSecret(text: string, where: string): void {
    const found = secretWritten(text);
    if (found !== undefined) throw new Broken('secret', `0x${found} is in ${where}`);
  }

  /**
   * What must hold between any two calls: the invariants, and that nothing that the Host can read tells what the Realms
   * have not told.
   *
   * @throws Broken
   */
  inspect(): void {
    const { machine } = this;
    const [breach] = checkInvariants(machine.snapshot({ contents: 'none' }));
    if (breach !== undefined)
      throw new Broken(`invariant ${breach.section}: ${breach.invariant}`, breach.detail);
    this.search();
  }

  /** @throws Broken */
  search(): void {
    for (let address = DRAM.base; address < DRAM.base + DRAM.size; address += GRANULE) {
      // The GPT has the last word on what the Host can read.
      if (!this.#isReadable(address)) continue;
      const at = secretIn(this.#bus.read(address, GRANULE));
      if (at >= 0) throw new Broken('secret', `the Host can read it at 0x${(address + at).toString(16)}`);
    }
    if (!this.#isTraced) return;
    const { trace } = this.machine;
    this.#notSecret(trace.text(), 'the log');
    // What a Realm does, and what it finds in its registers, is there for whoever has both sides.
    for (const line of trace.transcript().split('\n'))
      if (!line.startsWith('realm ')) this.#notSecret(line.split(' | ')[0]!, 'the trace');
  }

  #isReadable(address: number): boolean {
    try {
      this.#bus.read8(address);
      return true;
    } catch {
      return false;
    }
  }
}
