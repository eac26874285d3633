import {
  RmmGptEntry,
  RmmGranuleState,
  RmmHostCallPending,
  RmmPsciPending,
  RmmRealmState,
  RmmRecEmulatableAbort,
  RmmRecRunnable,
  RmmRecState,
  RmmRipas,
  type RmmRipasChangeDestroyed,
  RmmRttEntryState,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import { calls } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  FID_PSCI_AFFINITY_INFO,
  FID_PSCI_CPU_ON,
  RMI_VERSION,
  RMM_RTT_PAGE_LEVEL,
  RmiRecExitReason,
  RmiRecRun,
  RmiStatusCode,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { Registers } from '../../../runtime/bits/index.js';
import { permitsSuccess, permittedFailures } from '../../../runtime/conditions/index.js';
import { checkInvariants, createMachine, type Features, type Machine } from '../../../runtime/index.js';
import { proseOf } from '../../../runtime/rmm/prose.js';
import type { Realm } from '../../../runtime/rmm/realm.js';
import type { Rec } from '../../../runtime/rmm/rec.js';
import type { RecRunner, Rmm } from '../../../runtime/rmm/rmm.js';
import { levelSize } from '../../../runtime/rmm/rtt.js';
import { DEVICE, Draw, draws, HIGH, indices, LOW, PAGE, SECURE, spoil } from './draw.js';
import type { Numbers } from './numbers.js';

/** A call of the Host: X0 and the registers after it. */
export interface Call {
  readonly command: string;
  readonly registers: readonly bigint[];
}

/** What a call came to: the failure that was reported, by its identifier. */
export interface Outcome {
  readonly command: string;
  readonly failure: string | undefined;
}

/** A run broke a promise. */
export class Broken extends Error {
  override readonly name = 'Broken';
  /** Which one: a condition of a command, an invariant. */
  readonly by: string;

  constructor(by: string, what: string) {
    super(`${by}: ${what}`);
    this.by = by;
  }
}

export interface WorldOptions {
  readonly checked?: boolean;
  readonly features?: Partial<Features>;
}

const fids = new Map([...calls].map(([fid, { conditions }]) => [conditions.name, fid]));

/** Output values that are looked at here, as far as a command has them. */
interface Answer {
  readonly result: { readonly status: number };
  readonly out_top: number;
}

type Weights = Readonly<Record<string, number>>;

/** How often each command is called while Realms are built, while they run, and while they are taken down. */
const build: Weights = {
  RMI_VERSION: 1,
  RMI_FEATURES: 1,
  RMI_GRANULE_DELEGATE: 24,
  RMI_GRANULE_UNDELEGATE: 3,
  RMI_REALM_CREATE: 7,
  RMI_REALM_ACTIVATE: 1,
  RMI_REALM_DESTROY: 2,
  RMI_REC_AUX_COUNT: 2,
  RMI_REC_CREATE: 12,
  RMI_REC_DESTROY: 1,
  RMI_REC_ENTER: 2,
  RMI_PSCI_COMPLETE: 1,
  RMI_RTT_CREATE: 14,
  RMI_RTT_DESTROY: 2,
  RMI_RTT_FOLD: 3,
  RMI_RTT_INIT_RIPAS: 7,
  RMI_RTT_SET_RIPAS: 2,
  RMI_RTT_MAP_UNPROTECTED: 7,
  RMI_RTT_UNMAP_UNPROTECTED: 3,
  RMI_RTT_READ_ENTRY: 6,
  RMI_DATA_CREATE: 12,
  RMI_DATA_CREATE_UNKNOWN: 5,
  RMI_DATA_DESTROY: 3,
};
const operate: Weights = {
  ...build,
  RMI_GRANULE_DELEGATE: 8,
  RMI_GRANULE_UNDELEGATE: 5,
  RMI_REALM_CREATE: 1,
  RMI_REALM_ACTIVATE: 12,
  RMI_REC_CREATE: 5,
  RMI_REC_ENTER: 25,
  RMI_PSCI_COMPLETE: 25,
  RMI_RTT_SET_RIPAS: 25,
  RMI_DATA_CREATE: 2,
  RMI_DATA_CREATE_UNKNOWN: 12,
  RMI_DATA_DESTROY: 8,
};
const takeDown: Weights = {
  ...build,
  RMI_GRANULE_DELEGATE: 4,
  RMI_GRANULE_UNDELEGATE: 14,
  RMI_REALM_CREATE: 1,
  RMI_REALM_ACTIVATE: 2,
  RMI_REALM_DESTROY: 10,
  RMI_REC_CREATE: 1,
  RMI_REC_DESTROY: 8,
  RMI_RTT_CREATE: 2,
  RMI_RTT_DESTROY: 20,
  RMI_RTT_FOLD: 6,
  RMI_RTT_INIT_RIPAS: 2,
  RMI_RTT_UNMAP_UNPROTECTED: 8,
  RMI_DATA_CREATE: 1,
  RMI_DATA_CREATE_UNKNOWN: 1,
  RMI_DATA_DESTROY: 20,
};
const moods = [build, operate, takeDown].map((weights) =>
  Object.entries(weights).flatMap(([name, weight]) => new Array<string>(weight).fill(name)),
);
/** The revision of the RMI that the machines have. */
const REVISION = { major: 1, minor: 0 };
/** Calls after which the mood changes. */
const MOOD = 400;
/** Realms that there are to be at a time; now and then the Host tries to make one more. */
const REALMS = 2;

const { DATA, UNDELEGATED } = RmmGranuleState;

const FNV_OFFSET = 0x811c9dc5;

/** FNV-1a over 32-bit words. */
function sumOf(bytes: Uint8Array, before = FNV_OFFSET): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  let sum = before;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  return sum;
}
const ZERO = sumOf(new Uint8Array(PAGE));

/**
 * A machine of 256 Granules whose Host calls commands at random, with everything that is known about right answers held
 * against it. The Realm's side is as random: at REC entry it does to its REC what only a Realm can do.
 */
export class World {
  readonly machine: Machine;
  readonly numbers: Numbers;
  #calls = 0;
  #answers = FNV_OFFSET;
  readonly #draw: Draw;
  /** What is in the pages of the Realms, as the document has it. */
  readonly #contents = new Map<number, number>();

  constructor(numbers: Numbers, { checked = true, features = {} }: WorldOptions = {}) {
    this.numbers = numbers;
    this.machine = createMachine({
      memory: [LOW, HIGH, DEVICE, SECURE],
      features,
      revisions: [REVISION],
      checked,
      runner: (rmm) => this.#runner(rmm),
    });
    this.#draw = new Draw(this.machine, numbers, 0.02);
  }

  /** A machine with features drawn at random. */
  static random(numbers: Numbers, checked = true): World {
    const lpa2 = numbers.chance(0.6);
    return new World(numbers, {
      checked,
      features: {
        s2sz: lpa2 ? numbers.pick([48, 52]) : numbers.pick([40, 48]),
        lpa2,
        auxCount: numbers.pick([0, 1, 2, 3, 16]),
        maxRecsOrder: numbers.pick([1, 2, 3]),
        vmidBits: numbers.pick([8, 16]),
        listRegisters: numbers.pick([1, 4, 16]),
        sha512: numbers.chance(0.8),
      },
    });
  }

  /** A sum over X0 to X16 after every call. */
  get answers(): number {
    return this.#answers >>> 0;
  }

  // What a Realm does

  #runner({ store, memory }: Rmm): RecRunner {
    const { numbers } = this;
    return {
      enter: (rec: Rec, page: number) => {
        const realm = store.realms.get(rec.owner)!;
        const { exit } = new RmiRecRun(memory.memoryAt(page), memory.offsetAt(page));
        exit.$clear();
        exit.exit_reason = numbers.pick([RmiRecExitReason.RMI_EXIT_IRQ, RmiRecExitReason.RMI_EXIT_PSCI]);
        rec.emulatable_abort = numbers.chance(0.2)
          ? RmmRecEmulatableAbort.EMULATABLE_ABORT
          : RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT;
        rec.host_call_pending = numbers.chance(0.1)
          ? RmmHostCallPending.HOST_CALL_PENDING
          : RmmHostCallPending.NO_HOST_CALL_PENDING;
        rec.pc = numbers.bits64();
        for (let i = 0; i < 4; i++) rec.gprs[i] = numbers.bits64();
        if (numbers.chance(0.4)) {
          const others = [...store.recs.values()].filter((one) => one.owner === rec.owner && one !== rec);
          rec.psci_pending = RmmPsciPending.PSCI_REQUEST_PENDING;
          rec.gprs[0] = BigInt(numbers.pick([FID_PSCI_CPU_ON, FID_PSCI_AFFINITY_INFO]));
          rec.gprs[1] = others.length > 0 ? numbers.pick(others).mpidr : 5n;
        } else if (numbers.chance(0.6)) this.#askForRipas(rec);
        if (numbers.chance(0.06)) rec.flags.runnable = RmmRecRunnable.NOT_RUNNABLE;
        if (numbers.chance(0.02)) realm.state = RmmRealmState.REALM_SYSTEM_OFF;
      },
    };
  }

  #askForRipas(rec: Rec): void {
    const { numbers } = this;
    const realm = this.machine.rmm.store.realms.get(rec.owner);
    const { ASSIGNED, TABLE, UNASSIGNED } = RmmRttEntryState;
    const spot = this.#draw.spot(realm, [UNASSIGNED, ASSIGNED, TABLE]);
    if (spot === undefined || realm === undefined) return;
    const end = 2 ** (realm.ipa_width - 1);
    rec.ripas_addr = Math.min(spot.ipa + (numbers.chance(0.05) ? PAGE : 0), end - PAGE);
    rec.ripas_top = Math.min(
      rec.ripas_addr + numbers.pick([PAGE, 4 * PAGE, levelSize(spot.rtt.level)! * 3]),
      end,
    );
    rec.ripas_value = numbers.pick([RmmRipas.RAM, RmmRipas.EMPTY]);
    rec.ripas_destroyed = numbers.below(2) as RmmRipasChangeDestroyed;
  }

  /** Things that happen to a machine and that its Host does not do: other worlds, and RECs on another PE. */
  #elsewhere(): void {
    const { numbers } = this;
    const { store } = this.machine.rmm;
    const granule = this.#draw.anyGranule();
    const { state, gpt } = store.granules.at(granule)!;
    if (state === UNDELEGATED)
      store.granules.set(
        granule,
        state,
        gpt === RmmGptEntry.GPT_NS
          ? numbers.pick([RmmGptEntry.GPT_SECURE, RmmGptEntry.GPT_ROOT])
          : RmmGptEntry.GPT_NS,
      );
    for (const rec of store.recs.values())
      rec.state = numbers.chance(0.2) ? RmmRecState.REC_RUNNING : RmmRecState.REC_READY;
    this.machine.accept();
  }

  /** The Host writes something of its own. */
  #scribble(): void {
    const page = this.#draw.granuleIn(UNDELEGATED);
    const { state, gpt } = this.machine.rmm.store.granules.at(page)!;
    if (state !== UNDELEGATED || gpt !== RmmGptEntry.GPT_NS) return;
    for (let i = 0; i < 4; i++)
      this.machine.bus.write64(page + this.numbers.below(512) * 8, this.numbers.bits64());
  }

  // Calls

  /** The inputs of a command, drawn; whatever structures they point to are in memory. */
  draw(command: string): Call {
    const inputs = draws[command]!(this.#draw);
    const spoilt = this.numbers.chance(0.3) ? spoil(this.#draw, inputs) : inputs;
    return { command, registers: [BigInt(fids.get(command)!), ...spoilt] };
  }

  /** Draws a call and makes it. */
  step(): Outcome {
    const { numbers } = this;
    const mood = Math.floor(this.#calls++ / MOOD) % moods.length;
    if (numbers.chance(0.01)) this.#elsewhere();
    if (numbers.chance(0.05)) this.#scribble();
    let command = numbers.pick(moods[mood]!);
    // What lacks its object always fails alike.
    for (let again = 0; again < 3 && !this.#isOfUse(command); again++) command = numbers.pick(moods[mood]!);
    return this.make(this.draw(command));
  }

  #isOfUse(command: string): boolean {
    const { realms, recs } = this.machine.rmm.store;
    const someRealm = (test: (realm: Realm) => boolean): boolean => [...realms.values()].some(test);
    const someRec = (test: (rec: Rec) => boolean): boolean => [...recs.values()].some(test);
    switch (command) {
      case 'RMI_VERSION':
      case 'RMI_FEATURES':
      case 'RMI_GRANULE_DELEGATE':
      case 'RMI_GRANULE_UNDELEGATE':
        return true;
      case 'RMI_REALM_CREATE':
        return realms.size < REALMS;
      case 'RMI_REALM_ACTIVATE':
      case 'RMI_REC_CREATE':
      case 'RMI_DATA_CREATE':
      case 'RMI_RTT_INIT_RIPAS':
        return someRealm(({ state }) => state === RmmRealmState.REALM_NEW);
      case 'RMI_REALM_DESTROY':
        return someRealm((realm) => this.#draw.isBare(realm));
      case 'RMI_PSCI_COMPLETE':
        return someRec(({ psci_pending }) => psci_pending === RmmPsciPending.PSCI_REQUEST_PENDING);
      case 'RMI_RTT_SET_RIPAS':
        return someRec(({ ripas_addr, ripas_top }) => ripas_addr < ripas_top);
      case 'RMI_REC_ENTER':
      case 'RMI_REC_DESTROY':
        return recs.size > 0;
      default:
        return realms.size > 0;
    }
  }

  /**
   * Makes a call and holds its answer against the conditions of the command.
   *
   * @throws Broken, SpecificationViolation
   */
  make({ command, registers }: Call): Outcome {
    const { machine } = this;
    const { conditions, input, output } = calls.get(Number(registers[0]))!;
    const before = Registers.of(registers);
    const inputs = input(before.memory);
    const { state } = machine.rmm;
    const evaluation = conditions.evaluate(state, inputs, proseOf(state));
    const expectation = this.#contentsAfter(command, registers);
    const ripasKept = this.#ripasToKeep(command, registers);

    machine.registers.memory.u8.set(before.memory.u8);
    machine.call();
    this.#answers = sumOf(machine.registers.memory.u8, this.#answers);
    const { failure } = machine;
    const answer = output(machine.registers.memory) as Answer;
    const inputText = registers.slice(1).map((value) => `0x${value.toString(16)}`);
    const refuse = (by: string, what: string): never => {
      throw new Broken(`${command}: ${by}`, `${command}(${inputText.join(', ')}) ${what}`);
    };
    if (failure === -1) {
      if (!permitsSuccess(evaluation)) refuse('success', 'succeeded, which the conditions do not permit');
      if (
        (machine.registers.memory.readU32(0) & 0xffff) !== RmiStatusCode.RMI_SUCCESS &&
        command !== 'RMI_VERSION'
      )
        refuse('result', 'reported no failure but returned a status');
      const { major, minor } = RMI_VERSION.decodeInputs(before).req;
      const isThere = major === REVISION.major && minor === REVISION.minor;
      if (command === 'RMI_VERSION' && (answer.result.status === RmiStatusCode.RMI_SUCCESS) !== isThere)
        refuse('lower', 'is compatible with the one revision that there is, and with no other (B2)');
      const changed = ripasKept?.(answer);
      if (changed !== undefined)
        refuse('RIPAS', `changes that of entry ${changed}, which it must keep (A5.2.2)`);
      this.#note(expectation, registers);
      return { command, failure: undefined };
    }
    const { id } = conditions.failures[failure]!;
    const permitted = permittedFailures(
      evaluation,
      conditions.failures.map((one) => one.predecessors),
    );
    if (!permitted.includes(failure)) refuse(id, 'is reported, which the conditions do not permit');
    if (!conditions.postHolds(failure, state, inputs, answer)) refuse(id, 'is not answered as promised');
    return { command, failure: id };
  }

  // RIPAS

  /** What a call must leave of the RIPAS in the RTT where its walk ends: tells an entry that has not kept it. */
  #ripasToKeep(
    command: string,
    registers: readonly bigint[],
  ): ((answer: { readonly out_top: number }) => number | undefined) | undefined {
    const { store } = this.machine.rmm;
    const realm = store.realms.get(Number(registers[1]));
    const [ipa, isRange] = {
      RMI_DATA_CREATE_UNKNOWN: [registers[3], false] as const,
      RMI_RTT_INIT_RIPAS: [registers[2], true] as const,
      RMI_RTT_SET_RIPAS: [registers[3], true] as const,
    }[command] ?? [undefined, false];
    if (realm === undefined || ipa === undefined || ipa >= 1n << BigInt(realm.ipa_width)) return undefined;
    const base = Number(ipa);
    const { rtt } = store.walk(realm, base, RMM_RTT_PAGE_LEVEL);
    const before = indices.map((i) => rtt.ripasAt(i));
    return ({ out_top }) => {
      const size = levelSize(rtt.level)!;
      const isIn = (i: number): boolean => isRange && rtt.ipaOf(i) + size > base && rtt.ipaOf(i) < out_top;
      return indices.find((i) => rtt.ripasAt(i) !== before[i] && !isIn(i));
    };
  }

  // Contents of the Realms' pages

  /** What a call will leave in a page, should it succeed. */
  #contentsAfter(command: string, [, , , , source]: readonly bigint[]): number | undefined {
    if (command === 'RMI_DATA_CREATE_UNKNOWN') return ZERO;
    if (command !== 'RMI_DATA_CREATE') return undefined;
    const { store, state } = this.machine.rmm;
    const page = Number(source);
    return store.granules.at(page) === undefined ? undefined : sumOf(state.contents(page));
  }

  #note(sum: number | undefined, [, , data]: readonly bigint[]): void {
    if (sum !== undefined) this.#contents.set(Number(data), sum);
  }

  /**
   * What must hold between any two calls: the invariants, and that nobody touched the pages of a Realm.
   *
   * @throws Broken
   */
  inspect(): void {
    const [breach] = checkInvariants(this.machine.snapshot({ contents: 'none' }));
    if (breach !== undefined)
      throw new Broken(`invariant ${breach.section}: ${breach.invariant}`, breach.detail);
    const { store, state } = this.machine.rmm;
    for (const { address, granule } of store.granules.touched()) {
      if (granule.state === DATA && sumOf(state.contents(address)) !== this.#contents.get(address))
        throw new Broken('contents of a page of the Realm', `0x${address.toString(16)} has changed`);
    }
  }
}
