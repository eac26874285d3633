import {
  RmmGranuleState,
  RmmHostCallPending,
  RmmPsciPending,
  RmmRealmState,
  type RmmRec,
  RmmRecAttestState,
  RmmRecRunnable,
  RmmRecState,
  RmmRipas,
  RmmRipasChangeDestroyed,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { type AbstractState, entrySize, GRANULE } from './abstract-state.js';
import { accessor, encode, flags, label } from './layout.js';
import { specification } from './model.js';
import type { Exact } from './naive.js';
import { BULK, mpidrOf, owned, UNMAPPED, UNMAPPED_NS, World } from './world.js';

type Overstep = readonly [
  change: (world: World) => void,
  of: 'Granule' | 'Realm' | 'Rec' | 'Rtt',
  at: number,
  ...path: (string | number)[],
];

/** A command that succeeded: what it found, was given, answered and left. */
export interface Transition {
  readonly command: string;
  readonly before: AbstractState;
  readonly input: Readonly<Record<string, number | bigint>>;
  readonly output: Readonly<Record<string, number | bigint>>;
  readonly after: AbstractState;
  /** What an RMM that does the command wrongly leaves, by the success condition that it breaks. */
  readonly wrong: Readonly<Record<string, (world: World) => void>>;
  /** What it changes of its own objects though it must not, with the function and the path of the breach. */
  readonly oversteps?: Readonly<Record<string, Overstep>>;
  /** What it answers wrongly, by the success condition that it breaks. */
  readonly lies?: Readonly<Record<string, Readonly<Record<string, number | bigint>>>>;
}

const MB2 = entrySize(2);
const HALF = 2 ** 29;
const SUCCESS = { result: label('RMI_SUCCESS') };
const { DELEGATED, DATA, RD, REC, REC_AUX, RTT } = RmmGranuleState;
const { EMPTY, RAM, DESTROYED } = RmmRipas;
const { ASSIGNED, ASSIGNED_NS, TABLE, UNASSIGNED, UNASSIGNED_NS } = RmmRttEntryState;
const zeros = () => new Uint8Array(64);
const junk = new Uint8Array(64).fill(0xa5);

/** A world with a bystander: a Realm with a REC and a page, which no command of these tests is about. */
function crowded(): World {
  const world = new World();
  const other = world.realm({ auxCount: 0, rpv: junk });
  world.rec(other);
  world.data(other, 0);
  world.take(DELEGATED);
  return world;
}

/** As many wrong changes as are asked for. */
function each(
  count: number,
  wrong: (i: number) => readonly [what: string, change: (one: World) => void],
): Transition['wrong'] {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => wrong(i)));
}

function measured(state: AbstractState, rd: number, rim: Uint8Array): readonly Uint8Array[] {
  return [rim, ...state.realms.get(rd)!.measurements.slice(1)];
}

function rim(one: World, rd: number): void {
  one.changeRealm(rd, { measurements: one.state.realms.get(rd)!.measurements.with(0, junk) });
}

function delegate(): Transition {
  const world = crowded();
  const addr = world.take();
  return {
    command: 'RMI_GRANULE_DELEGATE',
    before: world.state,
    input: { addr },
    output: SUCCESS,
    after: World.after(world.state, (one) => one.own(addr, DELEGATED)),
    wrong: {
      gran_state: (one) => one.own(addr, DATA),
      gran_gpt: (one) => one.state.granules.set(addr, { ...one.state.granuleAt(addr)!, gpt: 3 }),
    },
  };
}

function undelegate(): Transition {
  const world = crowded();
  const addr = world.take(DELEGATED);
  return {
    command: 'RMI_GRANULE_UNDELEGATE',
    before: world.state,
    input: { addr },
    output: SUCCESS,
    after: World.after(world.state, (one) => one.free(addr)),
    wrong: {
      gran_gpt: (one) => one.state.granules.set(addr, { ...one.state.granuleAt(addr)!, gpt: 2 }),
      gran_state: (one) => one.state.granules.set(addr, { ...one.state.granuleAt(addr)!, state: DELEGATED }),
    },
  };
}

function realmCreate(): Transition {
  const world = crowded();
  const rd = world.take(DELEGATED);
  const rtt_base = world.take(DELEGATED, 2);
  const params = {
    s2sz: 31,
    num_bps: 1,
    num_wps: 1,
    hash_algo: label('RMI_HASH_SHA_512'),
    rpv: junk,
    vmid: 7,
    rtt_base,
    rtt_level_start: 2,
    rtt_num_start: 2,
  };
  const params_ptr = world.page(encode('RmiRealmParams', params));
  const { state } = world;
  const realm = {
    feat_lpa2: 0,
    ipa_width: 31,
    measurements: [state.RimInit(1, state.RealmParams(params_ptr)!), zeros(), zeros(), zeros(), zeros()],
    hash_algo: 1,
    rec_index: 0,
    rtt_base,
    rtt_level_start: 2,
    rtt_num_start: 2,
    state: RmmRealmState.REALM_NEW,
    vmid: 7,
    rpv: junk,
    num_recs: 0,
  } as const;
  const after = World.after(state, (one) => {
    one.own(rd, RD);
    one.state.realms.set(rd, realm);
    one.state.auxCounts.set(rd, 0);
    for (const [at, entry] of [
      [rtt_base, UNMAPPED],
      [rtt_base + GRANULE, UNMAPPED_NS],
    ] as const) {
      one.own(at, RTT);
      one.state.rtts.set(at, { entries: new Array(512).fill(entry) });
    }
  });
  const entry = (one: World, at: number, changes: object) => {
    const entries = [...one.state.rtts.get(at)!.entries];
    entries[511] = { ...entries[511]!, ...changes };
    one.state.rtts.set(at, { entries });
  };
  const measurements = realm.measurements;
  return {
    command: 'RMI_REALM_CREATE',
    before: state,
    input: { rd, params_ptr },
    output: SUCCESS,
    after,
    wrong: {
      rd_state: (one) => one.own(rd, DELEGATED),
      realm_state: (one) => one.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE }),
      rec_index: (one) => one.changeRealm(rd, { rec_index: 1 }),
      rtt_base: (one) => one.changeRealm(rd, { rtt_base: rtt_base + GRANULE }),
      rtt_state: (one) => one.own(rtt_base + GRANULE, DELEGATED),
      rtte_p_states: (one) => entry(one, rtt_base, { state: UNASSIGNED_NS }),
      rtte_up_states: (one) => entry(one, rtt_base + GRANULE, { state: UNASSIGNED }),
      rtte_ripas: (one) => entry(one, rtt_base, { ripas: RAM }),
      lpa2: (one) => one.changeRealm(rd, { feat_lpa2: 1 }),
      ipa_width: (one) => {
        // One bit less and half as many entries: only the width itself is wrong.
        one.changeRealm(rd, { ipa_width: 32 });
        one.state.rtts.set(rtt_base + GRANULE, { entries: new Array(512).fill(UNMAPPED) });
      },
      hash_algo: (one) => one.changeRealm(rd, { hash_algo: 0 }),
      rim: (one) => one.changeRealm(rd, { measurements: [junk, ...measurements.slice(1)] }),
      ...each(4, (i) => [
        `rem ${i + 1}`,
        (one) => one.changeRealm(rd, { measurements: measurements.with(i + 1, junk) }),
      ]),
      rtt_level: (one) => {
        // An entry then covers half of the IPA space.
        one.changeRealm(rd, { rtt_level_start: 1 });
        const entries = new Array(512).fill(UNMAPPED_NS).with(0, UNMAPPED);
        one.state.rtts.set(rtt_base, { entries });
      },
      rtt_num: (one) => one.changeRealm(rd, { rtt_num_start: 1 }),
      vmid: (one) => one.changeRealm(rd, { vmid: 8 }),
      rpv: (one) => one.changeRealm(rd, { rpv: zeros() }),
      num_recs: (one) => one.changeRealm(rd, { num_recs: 1 }),
    },
  };
}

function realmActivate(): Transition {
  const world = crowded();
  const rd = world.realm();
  return {
    command: 'RMI_REALM_ACTIVATE',
    before: world.state,
    input: { rd },
    output: SUCCESS,
    after: World.after(world.state, (one) => one.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE })),
    wrong: { realm_state: (one) => one.changeRealm(rd, { state: RmmRealmState.REALM_SYSTEM_OFF }) },
    oversteps: {
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
      'the state of the RD': [(one) => one.own(rd, DELEGATED), 'Granule', rd, 'state'],
    },
  };
}

function realmDestroy(): Transition {
  const world = crowded();
  const rd = world.realm({ ipa_width: 31, rtt_num_start: 2 });
  const { rtt_base, vmid } = world.state.realms.get(rd)!;
  const after = World.after(world.state, (one) => {
    for (const at of [rd, rtt_base, rtt_base + GRANULE]) one.own(at, DELEGATED);
    one.state.realms.delete(rd);
    one.state.auxCounts.delete(rd);
    one.state.rtts.delete(rtt_base);
    one.state.rtts.delete(rtt_base + GRANULE);
  });
  return {
    command: 'RMI_REALM_DESTROY',
    before: world.state,
    input: { rd },
    output: SUCCESS,
    after,
    wrong: {
      rtt_state: (one) => one.own(rtt_base + GRANULE, RTT),
      rd_state: (one) => one.own(rd, RD),
      vmid: (one) => one.state.realms.set(rd, { ...world.state.realms.get(rd)!, vmid }),
    },
  };
}

function recCreate(runnable: boolean): Transition {
  const world = crowded();
  const rd = world.realm({ rec_index: 18 });
  const rec = world.take(DELEGATED);
  const aux = [world.take(DELEGATED), world.take(DELEGATED)];
  const gprs = [1, 2, 3, 4, 5, 6, 7, 8];
  const params = {
    flags: flags('RmiRecCreateFlags', { runnable: runnable ? 1 : 0 }),
    mpidr: mpidrOf(18),
    pc: 0x1000,
    gprs,
    num_aux: 2,
    aux,
  };
  const params_ptr = world.page(encode('RmiRecParams', params));
  const { state } = world;
  const realm = state.realms.get(rd)!;
  // Only a REC that may run from the start is measured.
  const extended = runnable
    ? state.RimExtendRec(realm, state.RecParams(params_ptr)!)
    : realm.measurements[0]!;
  const after = World.after(state, (one) => {
    one.own(rec, REC);
    for (const at of aux) one.own(at, REC_AUX);
    const made: RmmRec = {
      ...[...state.recs.values()][0]!,
      aux: Array.from({ length: 16 }, (_, i) => aux[i] ?? 0),
      owner: rd,
      flags: { runnable: runnable ? RmmRecRunnable.RUNNABLE : RmmRecRunnable.NOT_RUNNABLE },
      mpidr: mpidrOf(18),
      pc: 0x1000n,
      gprs: Array.from({ length: 32 }, (_, i) => BigInt(gprs[i] ?? 0)),
    };
    one.state.recs.set(rec, made);
    one.changeRealm(rd, { rec_index: 19, num_recs: 1, measurements: measured(state, rd, extended) });
  });
  const gpr = (i: number) => (one: World) =>
    one.changeRec(rec, { gprs: one.state.recs.get(rec)!.gprs.with(i, 99n) });
  const started: Transition['wrong'] = runnable
    ? {
        runnable: (one) => one.changeRec(rec, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }),
        rim: (one) => one.changeRealm(rd, { measurements: realm.measurements }),
      }
    : { not_runnable: (one) => one.changeRec(rec, { flags: { runnable: RmmRecRunnable.RUNNABLE } }) };
  return {
    command: 'RMI_REC_CREATE',
    before: state,
    input: { rd, rec, params_ptr },
    output: SUCCESS,
    after,
    wrong: {
      rec_index: (one) => one.changeRealm(rd, { rec_index: 18 }),
      rec_gran_state: (one) => one.own(rec, DELEGATED),
      rec_owner: (one) => one.changeRec(rec, { owner: 0 }),
      rec_attest: (one) => one.changeRec(rec, { attest_state: RmmRecAttestState.ATTEST_IN_PROGRESS }),
      rec_mpidr: (one) => one.changeRec(rec, { mpidr: mpidrOf(2) }),
      rec_state: (one) => one.changeRec(rec, { state: RmmRecState.REC_RUNNING }),
      ...started,
      ...each(32, (i) => [`rec_gprs in register ${i}`, gpr(i)]),
      rec_pc: (one) => one.changeRec(rec, { pc: 0n }),
      rec_aux: (one) => one.changeRec(rec, { aux: one.state.recs.get(rec)!.aux.toReversed() }),
      rec_aux_state: (one) => one.own(aux[1]!, DELEGATED),
      ripas_addr: (one) => one.changeRec(rec, { ripas_addr: GRANULE }),
      ripas_top: (one) => one.changeRec(rec, { ripas_top: GRANULE }),
      host_call: (one) => one.changeRec(rec, { host_call_pending: RmmHostCallPending.HOST_CALL_PENDING }),
      num_recs: (one) => one.changeRealm(rd, { num_recs: 2 }),
    },
    oversteps: {
      'the state of the Realm': [
        (one) => one.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE }),
        'Realm',
        rd,
        'state',
      ],
      'the state of the parameters': [(one) => one.own(params_ptr, DATA), 'Granule', params_ptr, 'gpt'],
    },
  };
}

function recDestroy(): Transition {
  const world = crowded();
  const rd = world.realm();
  const rec_ptr = world.rec(rd);
  const { aux } = world.state.recs.get(rec_ptr)!;
  const after = World.after(world.state, (one) => {
    for (const at of [rec_ptr, aux[0]!, aux[1]!]) one.own(at, DELEGATED);
    one.state.recs.delete(rec_ptr);
    one.changeRealm(rd, { num_recs: 0 });
  });
  return {
    command: 'RMI_REC_DESTROY',
    before: world.state,
    input: { rec_ptr },
    output: SUCCESS,
    after,
    wrong: {
      rec_gran_state: (one) => one.own(rec_ptr, REC),
      rec_aux_state: (one) => one.own(aux[1]!, REC_AUX),
      num_recs: (one) => one.changeRealm(rd, { num_recs: 1 }),
    },
  };
}

function dataCreate(): Transition {
  const world = crowded();
  const rd = world.realm();
  world.table(rd, 0);
  const data = world.take(DELEGATED);
  const src = world.page(new Uint8Array(GRANULE).fill(7));
  const ipa = 5 * GRANULE;
  const { state } = world;
  const measure = specification.types.get('RmiDataFlags');
  if (measure?.kind !== 'fieldset') throw new Error('RmiDataFlags is no fieldset');
  // What is measured is what the DATA Granule holds afterwards.
  const copied = World.after(state, (one) => one.state.pages.set(data, one.state.page(src)));
  const given = accessor(measure, 1n) as Parameters<AbstractState['RimExtendData']>[3];
  const extended = copied.RimExtendData(state.realms.get(rd)!, ipa, data, given);
  const after = World.after(copied, (one) => {
    one.own(data, DATA);
    one.entry(rd, ipa, { addr: data, ripas: RAM, state: ASSIGNED });
    one.changeRealm(rd, { measurements: measured(state, rd, extended) });
  });
  return {
    command: 'RMI_DATA_CREATE',
    before: state,
    input: { rd, data, ipa, src, flags: 1 },
    output: SUCCESS,
    after,
    wrong: {
      data_state: (one) => one.own(data, DELEGATED),
      rtte_state: (one) => one.entry(rd, ipa, { state: UNASSIGNED }),
      rtte_ripas: (one) => one.entry(rd, ipa, { ripas: EMPTY }),
      rtte_addr: (one) => one.entry(rd, ipa, { addr: src }),
      rim: (one) => one.changeRealm(rd, { measurements: state.realms.get(rd)!.measurements }),
      'rim of other contents': (one) => one.state.pages.delete(data),
    },
  };
}

function dataCreateUnknown(): Transition {
  const world = crowded();
  const rd = world.realm();
  const ipa = 2 * GRANULE;
  world.table(rd, ipa);
  world.entry(rd, ipa, { ripas: DESTROYED });
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  const data = world.take(DELEGATED);
  const after = World.after(world.state, (one) => {
    one.own(data, DATA);
    one.entry(rd, ipa, { addr: data, state: ASSIGNED });
  });
  return {
    command: 'RMI_DATA_CREATE_UNKNOWN',
    before: world.state,
    input: { rd, data, ipa },
    output: SUCCESS,
    after,
    wrong: {
      data_state: (one) => one.own(data, DELEGATED),
      rtte_state: (one) => one.entry(rd, ipa, { state: UNASSIGNED }),
      rtte_addr: (one) => one.entry(rd, ipa, { addr: BULK }),
    },
    oversteps: { 'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0] },
  };
}

function dataDestroy(): Transition {
  const world = crowded();
  const rd = world.realm();
  const data = world.data(rd, 0);
  world.data(rd, 3 * GRANULE);
  const after = World.after(world.state, (one) => {
    one.own(data, DELEGATED);
    one.entry(rd, 0, { ...UNMAPPED, ripas: DESTROYED });
  });
  return {
    command: 'RMI_DATA_DESTROY',
    before: world.state,
    input: { rd, ipa: 0 },
    output: { ...SUCCESS, data, top: 3 * GRANULE },
    after,
    wrong: {
      data_state: (one) => one.own(data, DATA),
      rtte_state: (one) => one.entry(rd, 0, { state: UNASSIGNED_NS }),
      ripas_ram: (one) => one.entry(rd, 0, { ripas: RAM }),
    },
    oversteps: {
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
      'the page next to it': [
        (one) => one.entry(rd, GRANULE, { ripas: RAM }),
        'Rtt',
        world.state.RttWalk(rd, 0)!.rtt_addr,
        'entries',
        1,
        'ripas',
      ],
      'the GPT entry of the page': [
        (one) => one.state.granules.set(data, { ...owned(DELEGATED), gpt: 1 }),
        'Granule',
        data,
        'gpt',
      ],
    },
    lies: { data: { data: data + GRANULE }, top: { top: 512 * GRANULE } },
  };
}

function rttCreate(): Transition {
  const world = crowded();
  const rd = world.realm();
  world.block(rd, MB2);
  const rtt = world.take(DELEGATED);
  const entries = Array.from({ length: 512 }, (_, i) => ({
    ...UNMAPPED,
    addr: BULK + i * GRANULE,
    ripas: RAM,
    state: ASSIGNED,
  }));
  const after = World.after(world.state, (one) => {
    one.own(rtt, RTT);
    one.state.rtts.set(rtt, { entries });
    one.entry(rd, MB2, { addr: rtt, ripas: EMPTY, state: TABLE }, 2);
  });
  const child = (changes: object) => (one: World) =>
    one.state.rtts.set(rtt, { entries: entries.with(200, { ...entries[200]!, ...changes }) });
  return {
    command: 'RMI_RTT_CREATE',
    before: world.state,
    input: { rd, rtt, ipa: MB2, level: 3 },
    output: SUCCESS,
    after,
    wrong: {
      rtt_state: (one) => one.own(rtt, DELEGATED),
      rtte_state: (one) => one.entry(rd, MB2, { state: ASSIGNED }, 2),
      rtte_addr: (one) => one.entry(rd, MB2, { addr: rd }, 2),
      rtte_c_ripas: child({ ripas: EMPTY }),
      rtte_c_state: child({ state: UNASSIGNED }),
      rtte_c_addr: child({ addr: BULK }),
    },
  };
}

function rttDestroy(half: 'protected' | 'unprotected'): Transition {
  const world = crowded();
  const rd = world.realm();
  const ipa = (half === 'protected' ? 0 : HALF) + MB2;
  const rtt = world.table(rd, ipa);
  if (half === 'unprotected') world.shared(rd, ipa, BULK);
  const free = half === 'protected' ? { ...UNMAPPED, ripas: DESTROYED } : UNMAPPED_NS;
  const after = World.after(world.state, (one) => {
    one.own(rtt, DELEGATED);
    one.state.rtts.delete(rtt);
    one.entry(rd, ipa, free, 2);
  });
  const wrong: Transition['wrong'] =
    half === 'protected'
      ? {
          rtte_state: (one) => one.entry(rd, ipa, { state: UNASSIGNED_NS }, 2),
          ripas: (one) => one.entry(rd, ipa, { ripas: EMPTY }, 2),
          rtt_state: (one) => one.own(rtt, RTT),
        }
      : { rtte_state_ns: (one) => one.entry(rd, ipa, { state: UNASSIGNED }, 2) };
  return {
    command: 'RMI_RTT_DESTROY',
    before: world.state,
    input: { rd, ipa, level: 3 },
    output: { ...SUCCESS, rtt, top: 2 ** 30 },
    after,
    wrong,
    lies: { rtt: { rtt: rd }, top: { top: ipa } },
  };
}

function rttFold(what: 'data' | 'shared' | 'empty'): Transition {
  const world = crowded();
  const rd = world.realm();
  const ipa = (what === 'shared' ? HALF : 0) + MB2;
  if (what === 'data') world.block(rd, ipa);
  if (what === 'shared') world.shared(rd, ipa, BULK, 2);
  const block = world.state.RttWalk(rd, ipa)!.rtte;
  const rtt = world.table(rd, ipa);
  const after = World.after(world.state, (one) => {
    one.own(rtt, DELEGATED);
    one.state.rtts.delete(rtt);
    one.entry(rd, ipa, block, 2);
  });
  const parent = (changes: object) => (one: World) => one.entry(rd, ipa, changes, 2);
  const mapped: Transition['wrong'] = what === 'empty' ? {} : { rtte_addr: parent({ addr: 0 }) };
  const shared: Transition['wrong'] = what === 'shared' ? { rtte_attr: parent({ S2AP: 1 }) } : {};
  const own: Transition['wrong'] = what === 'shared' ? {} : { rtte_ripas: parent({ ripas: DESTROYED }) };
  return {
    command: 'RMI_RTT_FOLD',
    before: world.state,
    input: { rd, ipa, level: 3 },
    output: { ...SUCCESS, rtt },
    after,
    wrong: {
      rtte_state: parent({ state: TABLE, addr: rtt }),
      ...mapped,
      ...shared,
      ...own,
      rtt_state: (one) => one.own(rtt, RTT),
    },
    oversteps: {
      'the entry next to it': [
        (one) => one.entry(rd, ipa + MB2, { ripas: RAM }),
        'Rtt',
        world.state.RttWalk(rd, ipa, 2)!.rtt_addr,
        'entries',
        ipa / MB2 + 1,
        'ripas',
      ],
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
    },
    lies: { rtt: { rtt: BULK } },
  };
}

function initRipas(): Transition {
  const world = crowded();
  const rd = world.realm();
  world.table(rd, 0);
  const { state } = world;
  const top = 4 * GRANULE;
  const extended = state.RimExtendRipas(state.realms.get(rd)!, GRANULE, top, 3);
  const after = World.after(state, (one) => {
    for (const page of [1, 2, 3]) one.entry(rd, page * GRANULE, { ripas: RAM });
    one.changeRealm(rd, { measurements: measured(state, rd, extended) });
  });
  return {
    command: 'RMI_RTT_INIT_RIPAS',
    before: state,
    input: { rd, base: GRANULE, top },
    output: { ...SUCCESS, out_top: top },
    after,
    wrong: {
      rtte_ripas: (one) => one.entry(rd, 2 * GRANULE, { ripas: EMPTY }),
      rim: (one) => one.changeRealm(rd, { measurements: state.realms.get(rd)!.measurements }),
    },
    lies: { out_top: { out_top: GRANULE } },
  };
}

function setRipas(): Transition {
  const world = crowded();
  const rd = world.realm();
  const base = 2 * GRANULE;
  world.table(rd, 0);
  world.entry(rd, 5 * GRANULE, { ripas: DESTROYED });
  const rec_ptr = world.rec(rd, {
    ripas_addr: base,
    ripas_top: MB2,
    ripas_value: RAM,
    ripas_destroyed: RmmRipasChangeDestroyed.NO_CHANGE_DESTROYED,
  });
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  // It goes as far as the page that is DESTROYED.
  const out_top = 5 * GRANULE;
  const after = World.after(world.state, (one) => {
    for (const page of [2, 3, 4]) one.entry(rd, page * GRANULE, { ripas: RAM });
    one.changeRec(rec_ptr, { ripas_addr: out_top });
  });
  return {
    command: 'RMI_RTT_SET_RIPAS',
    before: world.state,
    input: { rd, rec_ptr, base, top: MB2 },
    output: { ...SUCCESS, out_top },
    after,
    wrong: {
      rtte_ripas: (one) => one.entry(rd, 4 * GRANULE, { ripas: EMPTY }),
      ripas_addr: (one) => one.changeRec(rec_ptr, { ripas_addr: MB2 }),
    },
    oversteps: {
      'the end of the request': [
        (one) => one.changeRec(rec_ptr, { ripas_top: out_top }),
        'Rec',
        rec_ptr,
        'ripas_top',
      ],
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
    },
    lies: { out_top: { out_top: MB2 } },
  };
}

function mapUnprotected(): Transition {
  const world = crowded();
  const rd = world.realm();
  world.table(rd, HALF);
  const addr = world.take();
  const desc = BigInt(addr) | 0b1101_1100n;
  const after = World.after(world.state, (one) =>
    one.entry(rd, HALF, { addr, MemAttr: 7, S2AP: 3, state: ASSIGNED_NS }),
  );
  return {
    command: 'RMI_RTT_MAP_UNPROTECTED',
    before: world.state,
    input: { rd, ipa: HALF, level: 3, desc },
    output: SUCCESS,
    after,
    wrong: {
      rtte_state: (one) => one.entry(rd, HALF, { state: UNASSIGNED_NS }),
      rtte_contents: (one) => one.entry(rd, HALF, { S2AP: 1 }),
      'rtte_contents elsewhere': (one) => one.entry(rd, HALF, { addr: 0 }),
    },
  };
}

function unmapUnprotected(): Transition {
  const world = crowded();
  const rd = world.realm();
  world.shared(rd, HALF, BULK);
  return {
    command: 'RMI_RTT_UNMAP_UNPROTECTED',
    before: world.state,
    input: { rd, ipa: HALF, level: 3 },
    output: { ...SUCCESS, top: HALF + MB2 },
    after: World.after(world.state, (one) => one.entry(rd, HALF, UNMAPPED_NS)),
    wrong: { rtte_state: (one) => one.entry(rd, HALF, { state: ASSIGNED_NS }) },
    lies: { top: { top: HALF } },
  };
}

type Psci = 'on' | 'on, already' | 'on, denied' | 'info, on' | 'info, off';

function psciComplete(what: Psci): Transition {
  const world = crowded();
  const rd = world.realm();
  const fid = what.startsWith('on') ? 'FID_PSCI_CPU_ON' : 'FID_PSCI_AFFINITY_INFO';
  const called = [specification.constants.get(fid)!.value, 1n, 0x8000n, 0x1234n];
  const runs = what === 'on, already' || what === 'info, on';
  const calling_rec = world.rec(rd, {
    psci_pending: RmmPsciPending.PSCI_REQUEST_PENDING,
    gprs: Array.from({ length: 32 }, (_, i) => called[i] ?? 77n),
  });
  const target_rec = world.rec(rd, {
    flags: { runnable: runs ? RmmRecRunnable.RUNNABLE : RmmRecRunnable.NOT_RUNNABLE },
    gprs: Array.from({ length: 32 }, () => 66n),
  });
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  const status = label(what === 'on, denied' ? 'PSCI_DENIED' : 'PSCI_SUCCESS');
  const answer = {
    on: label('PSCI_SUCCESS'),
    'on, already': label('PSCI_ALREADY_ON'),
    'on, denied': status,
    'info, on': label('PSCI_SUCCESS'),
    'info, off': label('PSCI_OFF'),
  }[what];
  const after = World.after(world.state, (one) => {
    const gprs = one.state.recs.get(calling_rec)!.gprs.map((value, i) => (i >= 1 && i <= 3 ? 0n : value));
    one.changeRec(calling_rec, {
      psci_pending: RmmPsciPending.NO_PSCI_REQUEST_PENDING,
      gprs: gprs.with(0, BigInt.asUintN(64, answer)),
    });
    if (what === 'on')
      one.changeRec(target_rec, {
        flags: { runnable: RmmRecRunnable.RUNNABLE },
        pc: 0x8000n,
        gprs: Array.from({ length: 32 }, (_, i) => (i === 0 ? 0x1234n : 0n)),
      });
  });
  const gpr = (rec: number, i: number) => (one: World) =>
    one.changeRec(rec, { gprs: one.state.recs.get(rec)!.gprs.with(i, 5n) });
  const condition = {
    on: 'on_success',
    'on, already': 'on_already',
    'on, denied': 'status',
    'info, on': 'affinity_on',
    'info, off': 'affinity_off',
  }[what];
  const started: Transition['wrong'] =
    what !== 'on'
      ? {}
      : {
          ...each(32, (i) => [`on_success in register ${i} of the target`, gpr(target_rec, i)]),
          'on_success in the entry point': (one) => one.changeRec(target_rec, { pc: 0n }),
          'on_success in the target, which does not run': (one) =>
            one.changeRec(target_rec, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }),
        };
  return {
    command: 'RMI_PSCI_COMPLETE',
    before: world.state,
    input: { calling_rec, target_rec, status },
    output: SUCCESS,
    after,
    wrong: {
      pending: (one) => one.changeRec(calling_rec, { psci_pending: RmmPsciPending.PSCI_REQUEST_PENDING }),
      [condition]: gpr(calling_rec, 0),
      ...each(3, (i) => [`args in register ${i + 1}`, gpr(calling_rec, i + 1)]),
      ...started,
    },
    oversteps: {
      'where the calling REC goes on': [
        (one) => one.changeRec(calling_rec, { pc: 4n }),
        'Rec',
        calling_rec,
        'pc',
      ],
      'the name of the target': [
        (one) => one.changeRec(target_rec, { mpidr: 9n }),
        'Rec',
        target_rec,
        'mpidr',
      ],
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
    },
  };
}

/** A REC runs, extends a measurement, asks for a RIPAS change and exits. */
function recEnter(): Transition {
  const world = crowded();
  const rd = world.realm();
  const rec = world.rec(rd);
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  const run_ptr = world.page();
  const { state } = world;
  const after = World.after(state, (one) => {
    one.changeRec(rec, {
      gprs: state.recs.get(rec)!.gprs.map((_, i) => BigInt(i)),
      pc: 0x2000n,
      sysregs: { SCTLR_EL1: 1n },
      ripas_addr: 0,
      ripas_top: MB2,
      ripas_value: RAM,
    });
    one.changeRealm(rd, { measurements: state.realms.get(rd)!.measurements.with(2, junk) });
  });
  return {
    command: 'RMI_REC_ENTER',
    before: state,
    input: { rec, run_ptr },
    output: SUCCESS,
    after,
    wrong: {},
    oversteps: {
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
      'the name of the REC': [(one) => one.changeRec(rec, { mpidr: 9n }), 'Rec', rec, 'mpidr'],
      'the owner of the REC': [(one) => one.changeRec(rec, { owner: 0 }), 'Rec', rec, 'owner'],
      'how many RECs there are': [(one) => one.changeRealm(rd, { num_recs: 2 }), 'Realm', rd, 'num_recs'],
    },
  };
}

function running(): { world: World; rd: number; rec: number } {
  const world = crowded();
  const rd = world.realm();
  const rec = world.rec(rd, { state: RmmRecState.REC_RUNNING });
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  world.state.current = rec;
  return { world, rd, rec };
}

function measurementExtend(): Transition {
  const { world, rd } = running();
  const { state } = world;
  const realm = state.realms.get(rd)!;
  const value = new Uint8Array(64).fill(1);
  const rem = state.RemExtend(realm.hash_algo, realm.measurements[3]!, value, 32);
  const words = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`value_${i}`, 0x0101_0101_0101_0101n]),
  );
  return {
    command: 'RSI_MEASUREMENT_EXTEND',
    before: state,
    input: { index: 3, size: 32, ...words },
    output: { result: label('RSI_SUCCESS') },
    after: World.after(state, (one) =>
      one.changeRealm(rd, { measurements: realm.measurements.with(3, rem) }),
    ),
    wrong: { realm_meas: (one) => one.changeRealm(rd, { measurements: realm.measurements }) },
    oversteps: {
      'the RIM': [(one) => rim(one, rd), 'Realm', rd, 'measurements', 0, 0],
      'another REM': [
        (one) => one.changeRealm(rd, { measurements: one.state.realms.get(rd)!.measurements.with(4, junk) }),
        'Realm',
        rd,
        'measurements',
        4,
        0,
      ],
    },
  };
}

function cpuOff(): Transition {
  const { world, rec } = running();
  return {
    command: 'PSCI_CPU_OFF',
    before: world.state,
    input: {},
    output: {},
    after: World.after(world.state, (one) =>
      one.changeRec(rec, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }),
    ),
    wrong: { runnable: (one) => one.changeRec(rec, { flags: { runnable: RmmRecRunnable.RUNNABLE } }) },
    oversteps: { 'where it goes on': [(one) => one.changeRec(rec, { pc: 4n }), 'Rec', rec, 'pc'] },
  };
}

function cpuOn(): Transition {
  const { world, rd } = running();
  const target = world.rec(rd, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } });
  const entry_point_address = 0x8000;
  const started = {
    flags: { runnable: RmmRecRunnable.RUNNABLE },
    pc: BigInt(entry_point_address),
    gprs: new Array<bigint>(32).fill(0n).with(0, 7n),
  };
  return {
    command: 'PSCI_CPU_ON',
    before: world.state,
    input: { target_cpu: 1, entry_point_address, context_id: 7 },
    output: { result: label('PSCI_SUCCESS') },
    after: World.after(world.state, (one) => one.changeRec(target, started)),
    wrong: {
      entry: (one) => one.changeRec(target, { pc: 0n }),
      runnable: (one) => one.changeRec(target, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }),
    },
    oversteps: {
      'the name of the target': [(one) => one.changeRec(target, { mpidr: 9n }), 'Rec', target, 'mpidr'],
    },
  };
}

export const transitions: Readonly<Record<string, Transition>> = {
  RMI_GRANULE_DELEGATE: delegate(),
  RMI_GRANULE_UNDELEGATE: undelegate(),
  RMI_REALM_CREATE: realmCreate(),
  RMI_REALM_ACTIVATE: realmActivate(),
  RMI_REALM_DESTROY: realmDestroy(),
  'RMI_REC_CREATE, runnable': recCreate(true),
  'RMI_REC_CREATE, not runnable': recCreate(false),
  RMI_REC_DESTROY: recDestroy(),
  RMI_REC_ENTER: recEnter(),
  RMI_DATA_CREATE: dataCreate(),
  RMI_DATA_CREATE_UNKNOWN: dataCreateUnknown(),
  RMI_DATA_DESTROY: dataDestroy(),
  'RMI_RTT_CREATE below a block': rttCreate(),
  'RMI_RTT_DESTROY at a Protected IPA': rttDestroy('protected'),
  'RMI_RTT_DESTROY at an Unprotected IPA': rttDestroy('unprotected'),
  'RMI_RTT_FOLD to a block of DATA': rttFold('data'),
  'RMI_RTT_FOLD to a block of Non-secure memory': rttFold('shared'),
  'RMI_RTT_FOLD of nothing': rttFold('empty'),
  RMI_RTT_INIT_RIPAS: initRipas(),
  RMI_RTT_SET_RIPAS: setRipas(),
  RMI_RTT_MAP_UNPROTECTED: mapUnprotected(),
  RMI_RTT_UNMAP_UNPROTECTED: unmapUnprotected(),
  'RMI_PSCI_COMPLETE of CPU_ON': psciComplete('on'),
  'RMI_PSCI_COMPLETE of CPU_ON for a REC that runs': psciComplete('on, already'),
  'RMI_PSCI_COMPLETE of CPU_ON that the Host denies': psciComplete('on, denied'),
  'RMI_PSCI_COMPLETE of AFFINITY_INFO, on': psciComplete('info, on'),
  'RMI_PSCI_COMPLETE of AFFINITY_INFO, off': psciComplete('info, off'),
  RSI_MEASUREMENT_EXTEND: measurementExtend(),
  PSCI_CPU_OFF: cpuOff(),
  PSCI_CPU_ON: cpuOn(),
};

export function exactly(values: Readonly<Record<string, number | bigint>>): Exact {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));
}

/** What an RMM has no business changing, by what the first breach then is. */
export const trespasses: readonly (readonly [
  what: string,
  change: (one: World) => void,
  at: (before: AbstractState) => { function: string; address: number; path: readonly (string | number)[] },
])[] = (() => {
  // The bystander of `crowded`: the first Realm, REC and page that there are.
  const first = <T>(map: ReadonlyMap<number, T>): number => map.keys().next().value!;
  const rttOf = (state: AbstractState): number => state.RttWalk(first(state.realms), 0)!.rtt_addr;
  const spare = (state: AbstractState): number =>
    [...state.granules].find(([, granule]) => granule === owned(DELEGATED))![0];
  return [
    [
      'the state of another Granule',
      (one) => one.own(spare(one.state), DATA),
      (state) => ({ function: 'Granule', address: spare(state), path: ['state'] }),
    ],
    [
      'the GPT entry of another Granule',
      (one) => one.state.granules.set(spare(one.state), { ...owned(DELEGATED), gpt: 4 }),
      (state) => ({ function: 'Granule', address: spare(state), path: ['gpt'] }),
    ],
    [
      'the RIM of another Realm',
      (one) =>
        one.changeRealm(first(one.state.realms), {
          measurements: [junk, zeros(), zeros(), zeros(), zeros()],
        }),
      (state) => ({ function: 'Realm', address: first(state.realms), path: ['measurements', 0, 0] }),
    ],
    [
      'the state of another Realm',
      (one) => one.changeRealm(first(one.state.realms), { state: RmmRealmState.REALM_SYSTEM_OFF }),
      (state) => ({ function: 'Realm', address: first(state.realms), path: ['state'] }),
    ],
    [
      'a register of another REC',
      (one) => {
        const rec = first(one.state.recs);
        one.changeRec(rec, { gprs: one.state.recs.get(rec)!.gprs.with(9, 1n) });
      },
      (state) => ({ function: 'Rec', address: first(state.recs), path: ['gprs', 9] }),
    ],
    [
      'the flags of another REC',
      (one) => one.changeRec(first(one.state.recs), { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }),
      (state) => ({ function: 'Rec', address: first(state.recs), path: ['flags', 'runnable'] }),
    ],
    [
      'an entry of another RTT',
      (one) => one.entry(first(one.state.realms), 4 * GRANULE, { ripas: RAM }),
      (state) => ({ function: 'Rtt', address: rttOf(state), path: ['entries', 4, 'ripas'] }),
    ],
    [
      'a REC that goes',
      (one) => one.state.recs.delete(first(one.state.recs)),
      (state) => ({ function: 'Rec', address: first(state.recs), path: [] }),
    ],
    [
      'a Realm that comes',
      (one) => one.state.realms.set(BULK, one.state.realms.get(first(one.state.realms))!),
      () => ({ function: 'Realm', address: BULK, path: [] }),
    ],
  ];
})();
