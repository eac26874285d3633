import {
  RmmFeature,
  RmmGptEntry,
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmPsciPending,
  RmmRealmState,
  RmmRecAttestState,
  RmmRecEmulatableAbort,
  RmmRecResponse,
  RmmRecRunnable,
  RmmRecState,
  RmmRipas,
  RmmRipasChangeDestroyed,
  type RmmRttEntry,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/index.js';
import type { CommandValue } from '../../generator/index.js';
import { bitsOf, resolved } from '../../generator/index.js';
import { addressOf } from '../../runtime/conditions/index.js';
import { type AbstractState, entrySize, GRANULE } from './abstract-state.js';
import { accessor, encode, type Fields, flags } from './layout.js';
import { specification, type Values } from './model.js';
import type { Exact } from './naive.js';
import {
  BULK,
  DEVICE,
  HIGH,
  MAIN,
  MAIN_PAGES,
  mpidrOf,
  SECURE,
  UNMAPPED,
  UNMAPPED_NS,
  World,
} from './world.js';

/** Random numbers that were drawn beforehand, turned into choices. Zero is always the plainest choice. */
export class Choices {
  readonly #drawn: readonly number[];
  #at = 0;

  constructor(drawn: readonly number[]) {
    this.#drawn = drawn;
  }

  #next(): number {
    return this.#drawn[this.#at++] ?? 0;
  }

  below(limit: number): number {
    return this.#next() % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  chance(percent: number): boolean {
    return this.#next() % 100 >= 100 - percent;
  }

  times<T>(count: number, one: () => T): readonly T[] {
    return Array.from({ length: count }, one);
  }

  bits64(): bigint {
    return (BigInt(this.#next()) << 32n) | BigInt(this.#next());
  }
}

/** How many numbers a state and its cases draw at most. */
export const DRAWS = 420;

/** Numbers of a seed, the same for ever (mulberry32). */
export function drawn(seed: number, count = DRAWS): readonly number[] {
  let at = seed >>> 0;
  return Array.from({ length: count }, () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  });
}

const MB2 = entrySize(2);
const CONFIGURATIONS = [
  { ipa_width: 30, rtt_level_start: 2, rtt_num_start: 1 },
  { ipa_width: 32, rtt_level_start: 2, rtt_num_start: 4 },
  { ipa_width: 33, rtt_level_start: 1, rtt_num_start: 1 },
  { ipa_width: 40, rtt_level_start: 1, rtt_num_start: 2 },
  { ipa_width: 40, rtt_level_start: 0, rtt_num_start: 1 },
  { ipa_width: 50, rtt_level_start: -1, rtt_num_start: 1, feat_lpa2: RmmFeature.FEATURE_TRUE },
];

/** Addresses that inputs are drawn from. */
export interface Places {
  readonly rds: readonly number[];
  readonly recs: readonly number[];
  readonly delegated: readonly number[];
  readonly hostPages: readonly number[];
  /** Pages for parameters of a Realm, parameters of a REC, and RecRun objects; mostly those that hold them. */
  readonly realmPages: readonly number[];
  readonly recPages: readonly number[];
  readonly runPages: readonly number[];
  /** A Granule that is not delegated and may be in any PAS but the Realm's. */
  readonly undelegated: number;
  /** Pages in the first slot of the Protected half, where there is an RTT at level 3. */
  readonly pages: readonly number[];
  /** The same in the Unprotected half. */
  readonly unprotectedPages: readonly number[];
  /** 2MB-aligned IPAs of both halves. */
  readonly slots: readonly number[];
  readonly ipaWidth: number;
}

export interface Scenario {
  readonly state: AbstractState;
  readonly places: Places;
  /** Addresses of every sort, for inputs that are not what they are meant to be. */
  readonly addresses: readonly bigint[];
}

/** One page in what an RTT at level 3 for 2MB describes is not as the others. */
function oddPage(world: World, rd: number, ipa: number, page: number, changes: Partial<RmmRttEntry>): void {
  world.table(rd, ipa);
  world.entry(rd, ipa + page * GRANULE, changes);
}

/** The second slot of the Protected half: what RMI_RTT_FOLD and RMI_RTT_DESTROY meet. */
function protectedSlot(world: World, rd: number, ipa: number, choices: Choices): void {
  const { EMPTY, RAM, DESTROYED } = RmmRipas;
  switch (choices.below(8)) {
    case 0:
      world.table(rd, ipa);
      return;
    case 1:
      world.entry(rd, ipa, { ripas: choices.pick([EMPTY, RAM, DESTROYED]) });
      return;
    case 2:
      world.entry(rd, ipa, { ripas: RAM });
      world.table(rd, ipa);
      return;
    case 3:
      oddPage(world, rd, ipa, choices.below(512), { ripas: DESTROYED });
      return;
    case 4:
      world.block(rd, ipa, choices.pick([RAM, EMPTY, DESTROYED]));
      return;
    case 5:
      world.block(rd, ipa);
      world.table(rd, ipa);
      return;
    case 6: {
      // One page of what was a block is gone.
      world.block(rd, ipa);
      const gone = choices.below(512);
      oddPage(world, rd, ipa, gone, { ...UNMAPPED, ripas: DESTROYED });
      world.own(BULK + gone * GRANULE, RmmGranuleState.DELEGATED);
      return;
    }
    default:
      world.block(rd, ipa);
      oddPage(world, rd, ipa, 511, { ripas: EMPTY });
  }
}

function unprotectedSlot(world: World, rd: number, ipa: number, choices: Choices): void {
  switch (choices.below(6)) {
    case 0:
      return;
    case 1:
      world.table(rd, ipa);
      return;
    case 2:
      world.shared(rd, ipa, BULK, 2);
      return;
    case 3:
      world.shared(rd, ipa, BULK, 2);
      world.table(rd, ipa);
      return;
    case 4:
      world.shared(rd, ipa, BULK, 2);
      oddPage(world, rd, ipa, choices.below(512), { S2AP: 1 });
      return;
    default:
      world.shared(rd, ipa, BULK, 2);
      oddPage(world, rd, ipa, choices.below(512), UNMAPPED_NS);
  }
}

const MOSTLY = 55;

const PENDING = [
  RmmPsciPending.NO_PSCI_REQUEST_PENDING,
  RmmPsciPending.PSCI_REQUEST_PENDING,
  RmmPsciPending.NO_PSCI_REQUEST_PENDING,
];

/** The first value in most cases, else any. */
function mostly<T>(choices: Choices, items: readonly T[]): T {
  return choices.chance(100 - MOSTLY) ? choices.pick(items) : items[0]!;
}

/** A state in which everything fits together. */
export function scenario(choices: Choices): Scenario {
  const world = new World({
    feat_lpa2: choices.chance(15) ? RmmFeature.FEATURE_FALSE : RmmFeature.FEATURE_TRUE,
    max_recs_order: mostly(choices, [4, 2, 1, 3]),
    feat_sve: mostly(choices, [RmmFeature.FEATURE_TRUE, RmmFeature.FEATURE_FALSE]),
    feat_sha_512: mostly(choices, [RmmFeature.FEATURE_TRUE, RmmFeature.FEATURE_FALSE]),
  });
  const { state } = world;
  const lpa2 = state.ImplFeatures().feat_lpa2 === RmmFeature.FEATURE_TRUE;
  const configuration = choices.pick(lpa2 ? CONFIGURATIONS : CONFIGURATIONS.slice(0, -1));
  const auxCount = mostly(choices, [2, 0, 3]);
  const rd = world.realm({
    ...configuration,
    auxCount,
    hash_algo: choices.pick([RmmHashAlgorithm.HASH_SHA_256, RmmHashAlgorithm.HASH_SHA_512]),
    measurements: [1, 2, 3, 4, 5].map((fill) => new Uint8Array(64).fill(fill)),
  });
  const middle = 2 ** (configuration.ipa_width - 1);

  const { EMPTY, RAM, DESTROYED } = RmmRipas;
  const live = choices.chance(80);
  if (live) {
    world.data(rd, 0);
    world.data(rd, GRANULE, EMPTY);
  } else world.table(rd, 0);
  world.entry(rd, 2 * GRANULE, { ripas: RAM });
  world.entry(rd, 3 * GRANULE, { ripas: DESTROYED });
  protectedSlot(world, rd, MB2, choices);
  world.entry(rd, 2 * MB2, { ripas: choices.pick([EMPTY, RAM, DESTROYED]) });
  const shared = world.take();
  world.shared(rd, middle, shared);
  unprotectedSlot(world, rd, middle + MB2, choices);

  // RECs
  const current = choices.pick([2, 1, 0, 3]);
  const recs: number[] = [];
  for (let i = 0; i < Math.min(current, 2 ** state.ImplFeatures().max_recs_order - 1); i++)
    recs.push(
      world.rec(rd, {
        flags: { runnable: choices.pick([RmmRecRunnable.RUNNABLE, RmmRecRunnable.NOT_RUNNABLE]) },
      }),
    );
  const other = choices.chance(40) ? world.realm({ auxCount: 0 }) : undefined;
  if (other !== undefined && choices.chance(70)) recs.push(world.rec(other));
  // A Realm that is being built, one whose RECs run, or anything.
  const purpose = choices.pick(['build', 'run', 'any']);
  const realmState = {
    build: RmmRealmState.REALM_NEW,
    run: RmmRealmState.REALM_ACTIVE,
    any: choices.pick(Object.values(RmmRealmState)),
  }[purpose]!;
  const fids = ['FID_PSCI_CPU_ON', 'FID_PSCI_AFFINITY_INFO'].map(
    (name) => specification.constants.get(name)!.value,
  );
  for (const rec of recs) {
    const gprs = Array.from({ length: 32 }, (_, i) => BigInt(i + 1));
    gprs[0] = choices.pick([...fids, 0n]);
    gprs[1] = mpidrOf(choices.pick([1, 0, 2]));
    const base = choices.pick([2 * GRANULE, 0, MB2, 2 * MB2, 2 * MB2 + GRANULE, 511 * GRANULE]);
    world.changeRec(rec, {
      gprs,
      psci_pending: PENDING[choices.below(purpose === 'run' ? 3 : 2)]!,
      emulatable_abort: choices.pick([
        RmmRecEmulatableAbort.EMULATABLE_ABORT,
        RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT,
      ]),
      attest_state: choices.pick([
        RmmRecAttestState.ATTEST_IN_PROGRESS,
        RmmRecAttestState.NO_ATTEST_IN_PROGRESS,
      ]),
      ripas_addr: base,
      ripas_top: Math.min(middle, base + choices.pick([4 * MB2, GRANULE, MB2])),
      ripas_value: choices.pick([RAM, EMPTY]),
      ripas_destroyed: choices.pick([
        RmmRipasChangeDestroyed.NO_CHANGE_DESTROYED,
        RmmRipasChangeDestroyed.CHANGE_DESTROYED,
      ]),
      ripas_response: choices.pick([RmmRecResponse.ACCEPT, RmmRecResponse.REJECT]),
    });
  }
  world.changeRealm(rd, { state: realmState });
  // A REC can only run in a Realm that was activated.
  if (state.realms.get(rd)!.num_recs > 0 && realmState !== RmmRealmState.REALM_NEW && choices.chance(40))
    world.changeRec(recs[0]!, { state: RmmRecState.REC_RUNNING });
  state.current = recs.length > 0 && !choices.chance(5) ? recs[0] : undefined;

  // Free memory
  const delegated = [0, 1, 2, 3].map(() => world.take(RmmGranuleState.DELEGATED));
  const run = world.take(RmmGranuleState.DELEGATED, 2);
  const undelegated = world.take();
  world.state.granules.set(undelegated, {
    gpt: choices.pick([
      RmmGptEntry.GPT_SECURE,
      RmmGptEntry.GPT_ROOT,
      RmmGptEntry.GPT_AAP,
      RmmGptEntry.GPT_NS,
    ]),
    state: RmmGranuleState.UNDELEGATED,
  });
  world.own(HIGH, RmmGranuleState.DELEGATED);
  const realmPage = world.page(realmParams(choices, [...delegated, run], run));
  const recPage = world.page(recParams(choices, state, rd, delegated));
  const runPage = world.page(recRun(choices));
  // Host memory that cannot be delegated can hold parameters all the same.
  world.write(DEVICE, recRun(choices));
  const places: Places = {
    rds: other === undefined ? [rd] : [rd, other],
    recs,
    delegated: [...delegated, run, run + GRANULE, HIGH],
    realmPages: [realmPage, realmPage, realmPage, recPage, DEVICE],
    recPages: [recPage, recPage, recPage, realmPage],
    runPages: [runPage, runPage, runPage, DEVICE],
    hostPages: [realmPage, recPage, runPage],
    undelegated,
    pages: [...[0, 1, 2, 3, 4, 511].map((i) => i * GRANULE), MB2, 2 * MB2],
    unprotectedPages: [...[0, 1, 511].map((i) => middle + i * GRANULE), middle + MB2, middle + 2 * MB2],
    slots: [MB2, middle + MB2, 2 * MB2, 0, middle, middle + 2 * MB2],
    ipaWidth: configuration.ipa_width,
  };
  return { state, places, addresses: anyAddresses(state, places) };
}

function realmParams(choices: Choices, delegated: readonly number[], run: number): Uint8Array {
  const good: Fields = {
    s2sz: 30,
    num_bps: 1,
    num_wps: 1,
    vmid: 9,
    rtt_base: BigInt(run),
    rtt_level_start: 2n,
    rtt_num_start: 1,
  };
  const change = choices.pick<() => Fields>([
    () => ({}),
    () => ({ s2sz: 31, rtt_num_start: 2 }),
    () => ({ s2sz: 31, rtt_num_start: 2, rtt_base: BigInt(run + GRANULE) }),
    () => ({ s2sz: 50, rtt_level_start: -1n, flags: flags('RmiRealmFlags', { lpa2: 1 }) }),
    () => ({}),
    () => ({ num_bps: 0 }),
    () => ({ num_wps: 63 }),
    () => ({ hash_algo: 1 }),
    () => ({ hash_algo: 7 }),
    () => ({ flags: flags('RmiRealmFlags', { sve: 1 }), sve_vl: choices.below(6) }),
    () => ({ flags: flags('RmiRealmFlags', { pmu: 1 }), pmu_num_ctrs: choices.below(8) }),
    () => ({ flags: flags('RmiRealmFlags', { lpa2: 1 }) }),
    () => ({ rtt_num_start: choices.pick([0, 3, 2 ** 32 - 1]) }),
    () => ({ rtt_level_start: choices.pick([1n, 3n, 4n, -2n, 2n ** 62n]) }),
    () => ({ s2sz: choices.pick([20, 24, 60, 255]) }),
    () => ({ vmid: choices.pick([0, 1, 0x1234]) }),
    () => ({ rtt_base: BigInt(choices.pick([...delegated, MAIN, run + 8, HIGH, DEVICE, 0])) }),
    () => ({ rtt_base: choices.pick([2n ** 52n, 2n ** 53n, 2n ** 63n + 4096n, 2n ** 64n - 4096n]) }),
  ])();
  return encode('RmiRealmParams', { ...good, ...change });
}

function recParams(
  choices: Choices,
  state: AbstractState,
  rd: number,
  delegated: readonly number[],
): Uint8Array {
  const realm = state.realms.get(rd)!;
  const count = state.auxCounts.get(rd)!;
  const aux = delegated.slice(1).map(BigInt);
  const good: Fields = {
    flags: flags('RmiRecCreateFlags', { runnable: choices.below(2) }),
    mpidr: flags('RmiRecMpidr', { aff0: realm.rec_index }),
    num_aux: BigInt(count),
    aux: aux,
    pc: choices.bits64(),
    gprs: [1n, 2n, 3n, choices.bits64()],
  };
  const change = choices.pick<() => Fields>([
    () => ({}),
    () => ({}),
    () => ({}),
    () => ({ mpidr: flags('RmiRecMpidr', { aff0: choices.below(16), aff1: choices.below(2) }) }),
    () => ({ num_aux: choices.pick([0n, 1n, 3n, 16n, 17n, 2n ** 53n, 2n ** 64n - 1n]) }),
    () => ({ aux: [aux[0]! + BigInt(choices.pick([8, 1, 2048])), ...aux.slice(1)] }),
    () => ({ aux: [aux[1]!, aux[1]!, ...aux] }),
    () => ({ aux: [BigInt(delegated[0]!), ...aux] }),
    () => ({ aux: [choices.pick([BigInt(rd), 0n, BigInt(DEVICE), 2n ** 60n, BigInt(HIGH)]), ...aux] }),
  ])();
  return encode('RmiRecParams', { ...good, ...change });
}

function recRun(choices: Choices): Uint8Array {
  const change = choices.pick<() => Fields>([
    () => ({}),
    () => ({ flags: flags('RmiRecEnterFlags', { emul_mmio: 1 }) }),
    () => ({ gicv3_hcr: specification.masks.get('RMI_PERMITTED_GICV3_HCR_BITS')!.value }),
    () => ({ gicv3_hcr: 1n << BigInt(choices.below(64)) }),
    () => ({ gicv3_lrs: choices.times(16, () => 1n << BigInt(choices.below(64))) }),
    () => ({ gicv3_lrs: [2n ** 62n + 32n, 1n << 60n] }),
    () => ({ gicv3_lrs: [0n, 0n, 0n, 0n, 2n ** 61n] }),
  ])();
  return encode('RmiRecRun', { enter: change });
}

const GRANULE_STATES = Object.values(RmmGranuleState);
const GPT_ENTRIES = Object.values(RmmGptEntry);
const ENTRY_STATES = Object.values(RmmRttEntryState);
const RIPAS = Object.values(RmmRipas);

/** One change that no RMM would make: states in which things do not fit together mean something as well. */
export function poke(state: AbstractState, choices: Choices): void {
  const keys = (map: ReadonlyMap<number, unknown>): readonly number[] => [...map.keys()];
  const some = (map: ReadonlyMap<number, unknown>): number => choices.pick([...keys(map), 0]);
  switch (choices.below(8)) {
    case 0: {
      const at = choices.pick([...keys(state.granules), MAIN + choices.below(MAIN_PAGES) * GRANULE]);
      state.granules.set(at, { gpt: choices.pick(GPT_ENTRIES), state: choices.pick(GRANULE_STATES) });
      return;
    }
    case 1:
    case 2:
    case 3: {
      const at = some(state.rtts);
      const rtt = state.rtts.get(at);
      if (rtt === undefined) return;
      const entries = [...rtt.entries];
      const i = choices.pick([0, 1, 2, 256, 511]);
      entries[i] = {
        addr: choices.pick([entries[i]!.addr, ...keys(state.granules), HIGH]),
        ripas: choices.pick(RIPAS),
        state: choices.pick(ENTRY_STATES),
        MemAttr: choices.below(8),
        S2AP: choices.below(4),
      };
      state.rtts.set(at, { entries });
      return;
    }
    case 4: {
      const at = some(state.realms);
      const realm = state.realms.get(at);
      if (realm === undefined) return;
      state.realms.set(at, {
        ...realm,
        state: choices.pick(Object.values(RmmRealmState)),
        num_recs: choices.pick([realm.num_recs, 0, 15, 3]),
        rec_index: choices.pick([realm.rec_index, 0, 7]),
        vmid: choices.pick([realm.vmid, 9]),
        measurements: realm.measurements.map((one, i) =>
          i === choices.below(5) ? new Uint8Array(64).fill(choices.below(256)) : one,
        ),
      });
      return;
    }
    case 5: {
      const at = some(state.recs);
      const rec = state.recs.get(at);
      if (rec === undefined) return;
      state.recs.set(at, {
        ...rec,
        state: choices.pick(Object.values(RmmRecState)),
        flags: { runnable: choices.pick(Object.values(RmmRecRunnable)) },
        owner: choices.pick([rec.owner, ...keys(state.realms), 0]),
        mpidr: choices.pick([rec.mpidr, 0n, 1n, choices.bits64()]),
        gprs: rec.gprs.map((one, i) => (choices.below(8) === i ? choices.pick([0n, choices.bits64()]) : one)),
        pc: choices.pick([rec.pc, choices.bits64()]),
        psci_pending: choices.pick(Object.values(RmmPsciPending)),
        attest_challenge: new Uint8Array(64).fill(choices.below(3)),
        ripas_addr: choices.pick([rec.ripas_addr, 0, GRANULE, MB2, 2 ** 40]),
        ripas_top: choices.pick([rec.ripas_top, 0, MB2]),
      });
      return;
    }
    case 6:
      state.realms.delete(some(state.realms));
      return;
    default:
      state.recs.delete(some(state.recs));
  }
}

type Meant = Exclude<keyof Places, 'undelegated' | 'ipaWidth'>;

/** What an address input of a command is meant to be; what is not here follows from the type. */
const GOOD: Readonly<Record<string, Readonly<Record<string, Meant>>>> = {
  RMI_DATA_CREATE: { data: 'delegated', ipa: 'pages', src: 'hostPages' },
  RMI_DATA_CREATE_UNKNOWN: { data: 'delegated', ipa: 'pages' },
  RMI_DATA_DESTROY: { ipa: 'pages' },
  RMI_GRANULE_DELEGATE: { addr: 'hostPages' },
  RMI_GRANULE_UNDELEGATE: { addr: 'delegated' },
  RMI_REALM_CREATE: { rd: 'delegated', params_ptr: 'realmPages' },
  RMI_REC_CREATE: { rec: 'delegated', params_ptr: 'recPages' },
  RMI_REC_ENTER: { run_ptr: 'runPages' },
  RMI_RTT_CREATE: { rtt: 'delegated', ipa: 'slots' },
  RMI_RTT_DESTROY: { ipa: 'slots' },
  RMI_RTT_FOLD: { ipa: 'slots' },
  RMI_RTT_INIT_RIPAS: { base: 'pages', top: 'slots' },
  RMI_RTT_SET_RIPAS: { base: 'pages', top: 'slots' },
  RMI_RTT_MAP_UNPROTECTED: { ipa: 'unprotectedPages' },
  RMI_RTT_UNMAP_UNPROTECTED: { ipa: 'unprotectedPages' },
  RMI_RTT_READ_ENTRY: { ipa: 'pages' },
  RSI_ATTESTATION_TOKEN_CONTINUE: { addr: 'pages' },
  RSI_HOST_CALL: { addr: 'pages' },
  RSI_IPA_STATE_GET: { base: 'pages', top: 'slots' },
  RSI_IPA_STATE_SET: { base: 'pages', top: 'slots' },
  RSI_REALM_CONFIG: { addr: 'pages' },
  PSCI_CPU_ON: { entry_point_address: 'pages' },
};
const NAMED: Readonly<Record<string, Meant>> = {
  rd: 'rds',
  rec: 'recs',
  rec_ptr: 'recs',
  calling_rec: 'recs',
  target_rec: 'recs',
};

function anyAddresses(state: AbstractState, places: Places): readonly bigint[] {
  const { ipaWidth } = places;
  const middle = 2 ** (ipaWidth - 1);
  const known = [...places.rds, ...places.recs, ...places.delegated, ...places.hostPages, places.undelegated];
  const memory = [...known, ...state.rtts.keys(), ...[...state.granules.keys()].slice(0, 12)];
  const other = [
    BULK,
    MAIN + (MAIN_PAGES - 1) * GRANULE,
    MAIN + MAIN_PAGES * GRANULE,
    DEVICE,
    DEVICE,
    SECURE,
    HIGH,
  ];
  const ipas = [
    ...places.pages,
    ...places.slots,
    ...places.unprotectedPages,
    MB2 + GRANULE,
    middle + MB2 + GRANULE,
    middle - GRANULE,
    2 * middle - GRANULE,
    2 * middle,
    2 ** 30,
    2 ** 39,
  ];
  const exact = [...memory, ...other, ...ipas].map(BigInt);
  const far = [48n, 49n, 52n, 53n, 60n, 63n].flatMap((bit) => [1n << bit, (1n << bit) - 4096n]);
  return [...exact, ...far, 2n ** 64n - 4096n, 2n ** 64n - 2n ** 20n];
}

export const LEVELS = [3, 2, 1, 0, -1, 4, -2, 5].map(BigInt);
const FAR_LEVELS = [2n ** 31n, -(2n ** 31n), 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n];

function addressInput(choices: Choices, where: Scenario, command: string, name: string): bigint {
  const { places, state } = where;
  const good = places[GOOD[command]?.[name] ?? NAMED[name] ?? 'pages'];
  const pending = places.recs.flatMap((rec) => state.recs.get(rec)?.ripas_addr ?? []);
  const named =
    name === 'base' && command === 'RMI_RTT_SET_RIPAS' && pending.length > 0 ? [...pending, ...good] : good;
  if (named.length > 0 && !choices.chance(30)) {
    const addr = BigInt(choices.pick(named));
    return choices.chance(8) ? addr + BigInt(choices.pick([8, 256, 2048, 1])) : addr;
  }
  const addr = choices.pick(where.addresses);
  return choices.chance(15) ? addr + BigInt(choices.pick([8, 256, 2048, 4095])) : addr;
}

function descriptor(choices: Choices): bigint {
  const addr = choices.pick([0n, BigInt(MAIN), BigInt(BULK), 0x1234_5000n]);
  const attributes = choices.pick([0b1101_1100n, 0n, 0b0101_0100n]);
  const odd = choices.pick([0n, 0n, 1n << BigInt(choices.below(64)), 1n << 49n, 0x300n, 0b1_0000n]);
  return addr | attributes | odd;
}

/** A value for an input: the bits of the register, or the number that a signed type makes of them. */
export function inputValue(choices: Choices, where: Scenario, command: string, value: CommandValue): bigint {
  const type = resolved(value.type);
  const width = bitsOf(value);
  if (type.kind === 'enumeration') {
    // What means success comes up as often as all else.
    const good = type.labels.find((one) => one.name.endsWith('_SUCCESS'))?.value;
    if (good !== undefined && choices.chance(50)) return good;
    return choices.chance(15) ? BigInt(choices.below(256)) : choices.pick(type.labels).value!;
  }
  if (type.kind === 'fieldset') return choices.pick([0n, 1n, choices.bits64(), 0x10000n]);
  if (type.kind !== 'primitive') throw new Error(`${value.name} is not a register's`);
  if (type.name === 'Address') return addressInput(choices, where, command, value.name);
  if (type.signed) return choices.chance(12) ? choices.pick(FAR_LEVELS) : choices.pick(LEVELS);
  if (value.name === 'desc') return descriptor(choices);
  if (value.name.startsWith('target'))
    return choices.pick([0n, 1n, 0x10n, 0x1_0000_0000n, 2n, choices.bits64()]);
  const small = [0n, 1n, 4n, 5n, 64n, 65n, 4095n, 4096n, 4097n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n];
  return BigInt.asUintN(width, choices.chance(10) ? choices.bits64() : choices.pick(small));
}

export function inputs(choices: Choices, where: Scenario, command: string): Exact {
  const { command: own } = specification.conditions.get(command)!;
  const values: Record<string, bigint> = {};
  for (const value of own.inputs) values[value.name] = inputValue(choices, where, command, value);
  // Ranges: half of them start below their end.
  if (values.base !== undefined && values.top !== undefined && choices.chance(50)) {
    const size = choices.pick([MB2, GRANULE, GRANULE + 8, 2 * GRANULE, 512 * MB2]);
    values.top = BigInt.asUintN(64, values.base + BigInt(size));
  }
  return values;
}

/** Any bits for an output, or what it may well be. */
export function outputs(choices: Choices, where: Scenario, command: string, expected: Exact): Exact {
  const { command: own } = specification.conditions.get(command)!;
  const values: Record<string, bigint> = {};
  for (const value of own.outputs) {
    const known = expected[value.name];
    values[value.name] =
      known !== undefined && choices.chance(70) ? known : outputValue(choices, where, command, value);
  }
  return values;
}

function outputValue(choices: Choices, where: Scenario, command: string, value: CommandValue): bigint {
  if (value.register === 0 && resolved(value.type).kind === 'fieldset')
    return BigInt(choices.below(6)) | (BigInt(choices.pick([0, 1, 2, 3, 255])) << 8n);
  return inputValue(choices, where, command, value);
}

/** A register's value as the compiled conditions take it. */
function representation(value: CommandValue, exact: bigint): unknown {
  const type = resolved(value.type);
  if (type.kind === 'fieldset') return accessor(type, exact);
  if (type.kind === 'enumeration') return type.width <= 32 ? Number(exact) : exact;
  if (type.kind !== 'primitive') throw new Error(`${value.name} is not a register's`);
  if (type.name === 'Address') return addressOf(exact);
  return type.signed || type.width <= 32 ? Number(exact) : exact;
}

export function represent(values: readonly CommandValue[], exact: Exact): Values {
  return Object.fromEntries(values.map((value) => [value.name, representation(value, exact[value.name]!)]));
}
