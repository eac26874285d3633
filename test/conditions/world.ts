import {
  RmmFeature,
  type RmmFeatures,
  RmmGptEntry,
  type RmmGranule,
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmHostCallPending,
  RmmPsciPending,
  type RmmRealm,
  RmmRealmState,
  type RmmRec,
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
import { Memory } from '../../runtime/bits/index.js';
import { AbstractState, entrySize, GRANULE, type Platform } from './abstract-state.js';

/** Where memory lies in the platforms of these tests. */
export const MAIN = 0x8000_0000;
export const MAIN_PAGES = 64;
/** Big enough for one block of level 2, and aligned to it. */
export const BULK = 0x4000_0000;
export const BULK_PAGES = 512;
export const DEVICE = 0x0900_0000;
export const SECURE = 0x0e00_0000;
/** Beyond what a Realm without LPA2 can map. */
export const HIGH = 2 ** 48;

export const NS: RmmGranule = { gpt: RmmGptEntry.GPT_NS, state: RmmGranuleState.UNDELEGATED };
export const UNMAPPED: RmmRttEntry = {
  addr: 0,
  ripas: RmmRipas.EMPTY,
  state: RmmRttEntryState.UNASSIGNED,
  MemAttr: 0,
  S2AP: 0,
};
export const UNMAPPED_NS: RmmRttEntry = { ...UNMAPPED, state: RmmRttEntryState.UNASSIGNED_NS };

const OWNED = new Map(
  Object.values(RmmGranuleState).map((state) => [state, { gpt: RmmGptEntry.GPT_REALM, state }]),
);

/** A Granule that the Host has delegated. */
export function owned(state: RmmGranuleState): RmmGranule {
  return OWNED.get(state)!;
}

export const FEATURES: RmmFeatures = {
  max_ipa_width: 52,
  feat_lpa2: RmmFeature.FEATURE_TRUE,
  feat_sve: RmmFeature.FEATURE_TRUE,
  max_sve_vl: 3,
  num_bps: 5,
  num_wps: 3,
  feat_pmu: RmmFeature.FEATURE_TRUE,
  pmu_num_ctrs: 4,
  feat_sha_256: RmmFeature.FEATURE_TRUE,
  feat_sha_512: RmmFeature.FEATURE_TRUE,
  max_recs_order: 4,
};

export function platform(changes: Partial<RmmFeatures> = {}): Platform {
  const secure: RmmGranule = { gpt: RmmGptEntry.GPT_SECURE, state: RmmGranuleState.UNDELEGATED };
  return {
    features: { ...FEATURES, ...changes },
    smallestIpaWidth: 25,
    listRegisters: 4,
    vmid16: false,
    regions: [
      { base: MAIN, size: MAIN_PAGES * GRANULE, delegable: true, granule: NS },
      { base: BULK, size: BULK_PAGES * GRANULE, delegable: true, granule: NS },
      { base: HIGH, size: 4 * GRANULE, delegable: true, granule: NS },
      { base: DEVICE, size: 2 * GRANULE, delegable: false, granule: NS },
      { base: SECURE, size: 2 * GRANULE, delegable: false, granule: secure },
    ],
  };
}

export function mpidrOf(recIndex: number): bigint {
  const index = BigInt(recIndex);
  return (index & 0xfn) | (((index >> 4n) & 0xffn) << 8n) | (((index >> 12n) & 0xffffn) << 16n);
}

export interface RealmOptions extends Partial<RmmRealm> {
  readonly auxCount?: number;
}

/** Builds states in which everything fits together, step by step, as a Host could have had an RMM do it. */
export class World {
  readonly state: AbstractState;
  #next = MAIN;

  constructor(features: Partial<RmmFeatures> = {}, state?: AbstractState) {
    this.state = state ?? new AbstractState(platform(features));
  }

  /** A copy of a state, with some changes. */
  static after(state: AbstractState, change: (world: World) => void): AbstractState {
    const world = new World({}, state.clone());
    change(world);
    return world.state;
  }

  /** The next unused Granules, side by side and aligned to their number. */
  take(state: RmmGranuleState | 'NS' = 'NS', count = 1): number {
    const size = count * GRANULE;
    const at = Math.ceil(this.#next / size) * size;
    this.#next = at + size;
    if (this.#next > MAIN + MAIN_PAGES * GRANULE) throw new Error('the world is out of memory');
    if (state !== 'NS') for (let i = 0; i < count; i++) this.own(at + i * GRANULE, state);
    return at;
  }

  own(at: number, state: RmmGranuleState): void {
    this.state.granules.set(at, owned(state));
  }

  /** Back to what it is before a Host delegates it. */
  free(at: number): void {
    this.state.granules.set(at, NS);
  }

  /** A Host page that holds some bytes. */
  page(bytes?: Uint8Array): number {
    const at = this.take();
    if (bytes !== undefined) this.write(at, bytes);
    return at;
  }

  write(at: number, bytes: Uint8Array): void {
    this.state.pages.set(at, Memory.of(bytes));
  }

  realm(options: RealmOptions = {}): number {
    const { auxCount = 2, ...attributes } = options;
    const { ipa_width = 30, rtt_level_start = 2, rtt_num_start = 1 } = attributes;
    const rd = this.take(RmmGranuleState.RD);
    const rtt_base = this.take(RmmGranuleState.RTT, rtt_num_start);
    this.state.realms.set(rd, {
      feat_lpa2: RmmFeature.FEATURE_FALSE,
      ipa_width,
      measurements: Array.from({ length: 5 }, () => new Uint8Array(64)),
      hash_algo: RmmHashAlgorithm.HASH_SHA_256,
      rec_index: 0,
      rtt_base,
      rtt_level_start,
      rtt_num_start,
      state: RmmRealmState.REALM_NEW,
      vmid: this.state.realms.size,
      rpv: new Uint8Array(64),
      num_recs: 0,
      ...attributes,
    });
    this.state.auxCounts.set(rd, auxCount);
    const middle = 2 ** (ipa_width - 1);
    for (let i = 0; i < rtt_num_start; i++) {
      // The Protected half is the lower one.
      const lower = Math.min(512, Math.max(0, middle / entrySize(rtt_level_start) - i * 512));
      const entries = new Array<RmmRttEntry>(512).fill(UNMAPPED_NS).fill(UNMAPPED, 0, lower);
      this.state.rtts.set(rtt_base + i * GRANULE, { entries });
    }
    return rd;
  }

  /** The entry that a walk to an IPA ends at gets other attributes. */
  entry(rd: number, ipa: number, changes: Partial<RmmRttEntry>, level?: number): void {
    const walk = this.state.RttWalk(rd, ipa, level)!;
    const entries = [...this.state.Rtt(walk.rtt_addr)!.entries];
    entries[this.state.RttEntryIndex(ipa, walk.level)!] = { ...walk.rtte, ...changes };
    this.state.rtts.set(walk.rtt_addr, { entries });
  }

  /** An RTT at a level for an IPA, and those above it; each says what the entry before it said. */
  table(rd: number, ipa: number, level = 3): number {
    for (;;) {
      const walk = this.state.RttWalk(rd, ipa, level)!;
      if (walk.level === level) return walk.rtt_addr;
      const at = this.take(RmmGranuleState.RTT);
      const size = entrySize(walk.level + 1);
      const { rtte } = walk;
      const mapped = rtte.state === RmmRttEntryState.ASSIGNED || rtte.state === RmmRttEntryState.ASSIGNED_NS;
      const entries = new Array<RmmRttEntry>(512).fill(rtte);
      if (mapped) for (let i = 0; i < 512; i++) entries[i] = { ...rtte, addr: rtte.addr + i * size };
      this.state.rtts.set(at, { entries });
      this.entry(rd, ipa, { ...UNMAPPED, addr: at, state: RmmRttEntryState.TABLE }, walk.level);
    }
  }

  /** A DATA Granule at a page. */
  data(rd: number, ipa: number, ripas: RmmRipas = RmmRipas.RAM): number {
    this.table(rd, ipa);
    const addr = this.take(RmmGranuleState.DATA);
    this.entry(rd, ipa, { addr, ripas, state: RmmRttEntryState.ASSIGNED });
    return addr;
  }

  /** The bulk memory as a block of DATA at level 2. */
  block(rd: number, ipa: number, ripas: RmmRipas = RmmRipas.RAM): void {
    if (this.state.Realm(rd)!.rtt_level_start < 2) this.table(rd, ipa, 2);
    this.state.regions.set(BULK, owned(RmmGranuleState.DATA));
    this.entry(rd, ipa, { addr: BULK, ripas, state: RmmRttEntryState.ASSIGNED });
  }

  /** Non-secure memory at an Unprotected IPA. */
  shared(rd: number, ipa: number, addr: number, level = 3): void {
    this.table(rd, ipa, level);
    this.entry(rd, ipa, { addr, MemAttr: 0b111, S2AP: 0b11, state: RmmRttEntryState.ASSIGNED_NS });
  }

  rec(rd: number, changes: Partial<RmmRec> = {}): number {
    const realm = this.state.realms.get(rd)!;
    const at = this.take(RmmGranuleState.REC);
    const aux = Array.from({ length: 16 }, (_, i) =>
      i < this.state.auxCounts.get(rd)! ? this.take(RmmGranuleState.REC_AUX) : 0,
    );
    this.state.recs.set(at, {
      attest_state: RmmRecAttestState.NO_ATTEST_IN_PROGRESS,
      attest_challenge: new Uint8Array(64),
      aux,
      emulatable_abort: RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT,
      flags: { runnable: RmmRecRunnable.RUNNABLE },
      gprs: Array.from({ length: 32 }, () => 0n),
      mpidr: mpidrOf(realm.rec_index),
      owner: rd,
      pc: 0n,
      psci_pending: RmmPsciPending.NO_PSCI_REQUEST_PENDING,
      state: RmmRecState.REC_READY,
      sysregs: {},
      ripas_addr: 0,
      ripas_top: 0,
      ripas_value: RmmRipas.EMPTY,
      ripas_destroyed: RmmRipasChangeDestroyed.NO_CHANGE_DESTROYED,
      ripas_response: RmmRecResponse.ACCEPT,
      host_call_pending: RmmHostCallPending.NO_HOST_CALL_PENDING,
      ...changes,
    });
    this.state.realms.set(rd, { ...realm, rec_index: realm.rec_index + 1, num_recs: realm.num_recs + 1 });
    return at;
  }

  changeRealm(rd: number, changes: Partial<RmmRealm>): void {
    this.state.realms.set(rd, { ...this.state.realms.get(rd)!, ...changes });
  }

  changeRec(at: number, changes: Partial<RmmRec>): void {
    this.state.recs.set(at, { ...this.state.recs.get(at)!, ...changes });
  }
}

/**
 * What does not fit together in a state, by what the document says must: which GPT entry goes with which state
 * (A2.2.3), who owns what (A2.2.2), and which entries an RTT can have (A5.5.4). Empty for a state that an RMM can be
 * in.
 */
export function misfits(state: AbstractState): readonly string[] {
  const found: string[] = [];
  const expect = (condition: boolean, what: string): void => {
    if (!condition) found.push(what);
  };
  const hex = (at: number): string => `0x${at.toString(16)}`;
  const uses = new Map<number, string>();
  const use = (at: number, as: keyof typeof RmmGranuleState): void => {
    expect(!uses.has(at), `${hex(at)} is used twice`);
    uses.set(at, as);
    expect(state.Granule(at)?.state === RmmGranuleState[as], `${hex(at)} is used as ${as}`);
  };

  const inTree = (realm: RmmRealm, at: number, level: number, base: number): void => {
    use(at, 'RTT');
    const rtt = state.rtts.get(at);
    if (rtt === undefined) {
      found.push(`${hex(at)} has no RTT`);
      return;
    }
    const { ASSIGNED, ASSIGNED_NS, TABLE, UNASSIGNED, UNASSIGNED_NS } = RmmRttEntryState;
    const size = entrySize(level);
    const middle = 2 ** (realm.ipa_width - 1);
    for (const [i, entry] of rtt.entries.entries()) {
      const ipa = base + i * size;
      if (entry.state === TABLE) {
        expect(level < 3, `${hex(at)} at level 3 has a TABLE`);
        if (level < 3) inTree(realm, entry.addr, level + 1, ipa);
        continue;
      }
      const own = ipa < middle ? [ASSIGNED, UNASSIGNED] : [ASSIGNED_NS, UNASSIGNED_NS];
      expect((own as number[]).includes(entry.state), `entry ${i} of ${hex(at)} is in the other half`);
      if (entry.state === ASSIGNED || entry.state === ASSIGNED_NS) {
        expect(level >= 1, `entry ${i} of ${hex(at)} maps at level ${level}`);
        expect(entry.addr % size === 0, `entry ${i} of ${hex(at)} maps an address that is not aligned`);
        const lpa2 = realm.feat_lpa2 === RmmFeature.FEATURE_TRUE;
        expect(lpa2 || entry.addr < HIGH, `entry ${i} of ${hex(at)} maps an address that needs LPA2`);
      }
      if (entry.state === ASSIGNED)
        for (let offset = 0; offset < size; offset += GRANULE) use(entry.addr + offset, 'DATA');
    }
  };

  const vmids = [...state.realms.values()].map((realm) => realm.vmid);
  expect(new Set(vmids).size === vmids.length, 'two Realms have one VMID');
  for (const [rd, realm] of state.realms) {
    use(rd, 'RD');
    const { ipa_width, rtt_base, rtt_level_start, rtt_num_start } = realm;
    expect(
      state.RttConfigIsValid(ipa_width, rtt_level_start, rtt_num_start),
      `${hex(rd)}: RTT configuration`,
    );
    expect(rtt_base % (rtt_num_start * GRANULE) === 0, `${hex(rd)}: alignment of the RTT base`);
    for (let i = 0; i < rtt_num_start; i++)
      inTree(realm, rtt_base + i * GRANULE, rtt_level_start, i * 512 * entrySize(rtt_level_start));
    const recs = [...state.recs.values()].filter((rec) => rec.owner === rd);
    expect(recs.length === realm.num_recs, `${hex(rd)}: number of RECs`);
    expect(realm.num_recs <= 2 ** state.ImplFeatures().max_recs_order - 1, `${hex(rd)}: too many RECs`);
    expect(realm.rec_index >= realm.num_recs, `${hex(rd)}: REC index`);
    expect(new Set(recs.map((rec) => rec.mpidr)).size === recs.length, `${hex(rd)}: two RECs have one MPIDR`);
  }
  for (const [at, rec] of state.recs) {
    use(at, 'REC');
    expect(state.realms.has(rec.owner), `${hex(at)} has no owner`);
    for (const aux of rec.aux.slice(0, state.auxCounts.get(rec.owner) ?? 0)) use(aux, 'REC_AUX');
    // A pending RIPAS change lies in the Protected half (B5.3.6).
    const realm = state.realms.get(rec.owner);
    if (realm === undefined) continue;
    const middle = 2 ** (realm.ipa_width - 1);
    expect(rec.ripas_addr % GRANULE === 0 && rec.ripas_top % GRANULE === 0, `${hex(at)}: RIPAS change`);
    expect(rec.ripas_addr <= middle && rec.ripas_top <= middle, `${hex(at)}: RIPAS change`);
    const running = rec.state === RmmRecState.REC_RUNNING;
    expect(!running || realm.state !== RmmRealmState.REALM_NEW, `${hex(at)} runs in a new Realm`);
  }
  for (const { base, size } of state.platform.regions) {
    for (let at = base; at < base + size; at += GRANULE) {
      const granule = state.granuleAt(at)!;
      const free = granule.state === RmmGranuleState.UNDELEGATED;
      expect(free !== (granule.gpt === RmmGptEntry.GPT_REALM), `${hex(at)}: GPT entry`);
      if (!free && granule.state !== RmmGranuleState.DELEGATED)
        expect(uses.has(at), `${hex(at)} is in use by nobody`);
    }
  }
  return found;
}
