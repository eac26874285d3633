import {
  RmmGptEntry,
  RmmGranuleState,
  RmmPsciPending,
  RmmRealmState,
  RmmRttEntryState,
} from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  PsciReturnCode,
  RMM_RTT_PAGE_LEVEL,
  RmiFeature,
  RmiRealmParams,
  RmiRecParams,
  RmiRecRun,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../../runtime/bits/index.js';
import type { Machine } from '../../../runtime/index.js';
import type { Realm } from '../../../runtime/rmm/realm.js';
import type { Rec } from '../../../runtime/rmm/rec.js';
import { levelSize, type Rtt } from '../../../runtime/rmm/rtt.js';
import type { Numbers } from './numbers.js';

export const PAGE = 4096;
/** Where the 256 Granules lie: most low, some where only a Realm with LPA2 may use them (2^48 and up). */
export const LOW = { base: 0x8000_0000, size: 224 * PAGE };
export const HIGH = { base: 2 ** 48, size: 32 * PAGE };
export const DEVICE = { base: 0x1000_0000, size: 4 * PAGE, kind: 'device' as const };
export const SECURE = { base: 0x2000_0000, size: 4 * PAGE, kind: 'secure' as const };
/** The first Granules are for starting level RTTs, which need several in a row. */
const FOR_ROOTS = 32;

const { ASSIGNED, ASSIGNED_NS, TABLE, UNASSIGNED, UNASSIGNED_NS } = RmmRttEntryState;
const { DELEGATED, RD, REC, UNDELEGATED } = RmmGranuleState;

/** The entries of a table. */
export const indices = Array.from({ length: 512 }, (_, i) => i);

/** An entry of one of a Realm's RTTs. */
interface Spot {
  readonly rtt: Rtt;
  readonly index: number;
  readonly ipa: number;
}

/** Chooses the inputs of commands: mostly such as the state of the machine lets succeed, now and then others. */
export class Draw {
  readonly numbers: Numbers;
  readonly #machine: Machine;
  /** How often an input is drawn as somebody would who does not know the state. */
  readonly #wild: number;

  constructor(machine: Machine, numbers: Numbers, wild: number) {
    this.#machine = machine;
    this.numbers = numbers;
    this.#wild = wild;
  }

  get #store() {
    return this.#machine.rmm.store;
  }

  #isWild(): boolean {
    return this.numbers.chance(this.#wild);
  }

  /** Whether to make a mistake that hardly any wild input comes to. */
  isMistaken(): boolean {
    return this.numbers.chance(0.06);
  }

  #granuleAt(index: number): number {
    const low = LOW.size / PAGE;
    return index < low ? LOW.base + index * PAGE : HIGH.base + (index - low) * PAGE;
  }

  /** Any Granule of the 256. */
  anyGranule(): number {
    return this.#granuleAt(this.numbers.below((LOW.size + HIGH.size) / PAGE));
  }

  /** An address that is hardly ever right. */
  wildAddress(): bigint {
    const { numbers } = this;
    switch (numbers.below(8)) {
      case 0:
        return BigInt(this.anyGranule() + 1 + numbers.below(PAGE - 1));
      case 1:
        return BigInt(DEVICE.base + numbers.below(4) * PAGE);
      case 2:
        return BigInt(SECURE.base + numbers.below(4) * PAGE);
      case 3:
        return BigInt(numbers.pick([0, LOW.base - PAGE, LOW.base + LOW.size, HIGH.base + HIGH.size]));
      case 4:
        return numbers.bits64();
      case 5:
        return numbers.pick([2n ** 52n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 4096n]);
      default:
        return BigInt(this.anyGranule());
    }
  }

  /** A Granule in a state, if one is found; never one of those for starting level RTTs unless asked. */
  granuleIn(
    state: RmmGranuleState,
    first = FOR_ROOTS,
    count = (LOW.size + HIGH.size) / PAGE - first,
  ): number {
    const { granules } = this.#store;
    const start = this.numbers.below(count);
    for (let i = 0; i < count; i++) {
      const address = this.#granuleAt(first + ((start + i) % count));
      const granule = granules.at(address)!;
      if (granule.state === state && (state !== UNDELEGATED || granule.gpt === RmmGptEntry.GPT_NS))
        return address;
    }
    return this.anyGranule();
  }

  /** Some different Granules in a state, as far as there are so many. */
  granulesIn(state: RmmGranuleState, count: number): number[] {
    const found: number[] = [];
    const total = (LOW.size + HIGH.size) / PAGE;
    const start = this.numbers.below(total);
    for (let i = 0; i < total && found.length < count; i++) {
      const address = this.#granuleAt((start + i) % total);
      if (this.#store.granules.at(address)!.state === state) found.push(address);
    }
    return found;
  }

  granule(state: RmmGranuleState): bigint {
    return this.#isWild() ? this.wildAddress() : BigInt(this.granuleIn(state));
  }

  /** A page of the Host's with a structure in it. */
  #hostPage(bytes: Uint8Array): bigint {
    if (this.isMistaken()) return BigInt(this.granuleIn(DELEGATED));
    const page = this.granuleIn(UNDELEGATED);
    const granule = this.#store.granules.at(page)!;
    if (granule.state === UNDELEGATED && granule.gpt === RmmGptEntry.GPT_NS)
      this.#machine.bus.write(page, bytes);
    return this.#isWild() ? this.wildAddress() : BigInt(page);
  }

  source(): bigint {
    return this.#isWild() ? this.wildAddress() : BigInt(this.granuleIn(UNDELEGATED));
  }

  // Objects

  #one<T>(values: Iterable<T>, wanted: (value: T) => boolean): T | undefined {
    const all = [...values];
    if (all.length === 0) return undefined;
    const fit = all.filter(wanted);
    return this.numbers.pick(fit.length > 0 && !this.#isWild() ? fit : all);
  }

  realm(wanted: (realm: Realm) => boolean = () => true): Realm | undefined {
    return this.#one(this.#store.realms.values(), wanted);
  }

  /** Whether it can be destroyed. */
  isBare(realm: Realm): boolean {
    return this.#machine.rmm.state.RealmIsLive(realm.rd) === false;
  }

  newRealm(): Realm | undefined {
    return this.realm(({ state }) => state === RmmRealmState.REALM_NEW);
  }

  rec(wanted: (rec: Rec) => boolean = () => true): Rec | undefined {
    return this.#one(this.#store.recs.values(), wanted);
  }

  rd(realm: Realm | undefined): bigint {
    return realm === undefined || this.#isWild() ? this.granule(RD) : BigInt(realm.rd);
  }

  recAddress(rec: Rec | undefined): bigint {
    return rec === undefined || this.#isWild() ? this.granule(REC) : BigInt(rec.address);
  }

  // RTTs

  tables(realm: Realm | undefined, wanted: (rtt: Rtt) => boolean): Rtt[] {
    if (realm === undefined) return [];
    return [...this.#store.rtts.values()].filter((rtt) => rtt.rd === realm.rd && wanted(rtt));
  }

  /** Mostly one of those that fit, if there is one. */
  oneOf<T>(fit: readonly T[], all: readonly T[]): T | undefined {
    const values = fit.length > 0 && this.numbers.chance(0.8) ? fit : all;
    return values.length === 0 ? undefined : this.numbers.pick(values);
  }

  /** An entry in one of some states, if a few attempts find one; entries near a boundary are the likeliest. */
  spot(
    realm: Realm | undefined,
    states: readonly RmmRttEntryState[],
    wanted: (rtt: Rtt) => boolean = () => true,
  ): Spot | undefined {
    const tables = this.tables(realm, wanted);
    if (realm === undefined || tables.length === 0) return undefined;
    let found: Spot | undefined;
    for (let attempt = 0; attempt < 40; attempt++) {
      const rtt = this.numbers.pick(tables);
      const index = this.#index(realm, rtt);
      found = { rtt, index, ipa: rtt.ipaOf(index) };
      if (states.includes(rtt.stateAt(index))) return found;
    }
    return found;
  }

  #index(realm: Realm, rtt: Rtt): number {
    const { numbers } = this;
    const entries = Math.min(512, 2 ** realm.ipa_width / levelSize(rtt.level)!);
    if (numbers.chance(0.1)) return numbers.below(entries);
    const edge = numbers.pick([0, entries / 2 - 1, entries / 2]);
    return Math.max(0, Math.min(entries - 1, edge + numbers.below(3) - 1));
  }

  ipa(spot: Spot | undefined, realm: Realm | undefined): bigint {
    if (spot !== undefined && !this.#isWild()) return BigInt(spot.ipa);
    const { numbers } = this;
    const width = BigInt(realm?.ipa_width ?? 40);
    switch (numbers.below(6)) {
      case 0:
        return BigInt(spot?.ipa ?? 0) + BigInt(numbers.below(PAGE));
      case 1:
        return 1n << (width - 1n);
      case 2:
        return 1n << width;
      case 3:
        return numbers.bits64();
      case 4:
        return BigInt(spot?.ipa ?? 0) + BigInt(numbers.below(512) * PAGE);
      default:
        return ((numbers.bits64() & ((1n << width) - 1n)) >> 21n) << 21n;
    }
  }

  level(level: number): bigint {
    if (!this.#isWild()) return BigInt.asUintN(64, BigInt(level));
    return this.numbers.pick([
      BigInt.asUintN(64, BigInt(this.numbers.below(8) - 2)),
      BigInt.asUintN(64, BigInt(level + 1)),
      BigInt.asUintN(64, BigInt(level - 1)),
      this.numbers.bits64(),
    ]);
  }

  // Structures

  realmParams(): bigint {
    const { numbers } = this;
    const { features } = this.#machine.rmm;
    const params = allocate(RmiRealmParams);
    const widths = [32, 33, 34, 36, 39, 40, 42, 48, 49, 52].filter(
      (width) => width <= features.s2sz && (width <= 48 || features.lpa2),
    );
    const width = numbers.pick(widths);
    const levels = [-1, 0, 1, 2].filter((level) => {
      const entries = 2 ** width / levelSize(level)!;
      return entries > 1 && entries <= 16 * 512 && (level >= 0 || features.lpa2);
    });
    const level = numbers.pick(levels);
    const tables = Math.max(1, 2 ** width / levelSize(level)! / 512);
    const lpa2 = width > 48 || (features.lpa2 && numbers.chance(0.4));
    params.assign({
      flags: { lpa2: lpa2 ? RmiFeature.RMI_FEATURE_TRUE : RmiFeature.RMI_FEATURE_FALSE },
      s2sz: width,
      num_bps: 1,
      num_wps: 1,
      hash_algo: numbers.below(2) as 0 | 1,
      vmid: numbers.below(2 ** features.vmidBits),
      rtt_base: BigInt(this.#rootsFor(tables)),
      rtt_level_start: BigInt(level),
      rtt_num_start: tables,
    });
    params.rpv = Uint8Array.from({ length: 64 }, () => numbers.below(256));
    const vmids = [...this.#store.realms.values()].map(({ vmid }) => vmid);
    if (this.isMistaken() && vmids.length > 0) params.vmid = numbers.pick(vmids);
    if (this.#isWild()) params.vmid = numbers.below(65536);
    if (this.#isWild()) params.num_wps = numbers.below(256);
    if (this.#isWild()) params.s2sz = numbers.below(64);
    if (this.#isWild()) params.num_bps = numbers.below(2) * 200;
    // A reserved encoding, which the accessor would refuse; hash_algo is byte 0x30 (B4.4.12).
    if (this.#isWild()) params.$bytes[0x30] = 2 + numbers.below(254);
    if (this.isMistaken()) params.rtt_num_start = numbers.below(20);
    if (this.isMistaken()) params.rtt_level_start = BigInt(numbers.below(6) - 2);
    if (this.#isWild()) params.rtt_base = this.wildAddress();
    if (this.#isWild()) params.flags.assign({ sve: 1, pmu: 1 });
    return this.#hostPage(params.$bytes);
  }

  /** DELEGATED Granules in a row, aligned to their size, if there are any. */
  #rootsFor(count: number): number {
    const start = this.numbers.below(FOR_ROOTS / count);
    for (let i = 0; i < FOR_ROOTS / count; i++) {
      const base = LOW.base + (((start + i) * count) % FOR_ROOTS) * PAGE;
      let fit = true;
      for (let j = 0; j < count && fit; j++)
        fit = this.#store.granules.at(base + j * PAGE)!.state === DELEGATED;
      if (fit) return base;
    }
    return LOW.base + start * count * PAGE;
  }

  recParams(realm: Realm | undefined, rec: bigint): bigint {
    const { numbers } = this;
    const params = allocate(RmiRecParams);
    const index = (realm?.rec_index ?? 0) + (this.#isWild() ? 1 : 0);
    const { auxCount } = this.#machine.rmm.features;
    params.assign({
      flags: { runnable: numbers.chance(0.7) ? 1 : 0 },
      mpidr: { aff0: index & 15, aff1: (index >> 4) & 255, aff2: (index >> 12) & 255, aff3: index >> 20 },
      pc: numbers.bits64(),
      num_aux: BigInt(this.#isWild() ? numbers.below(20) : auxCount),
    });
    if (this.#isWild()) params.mpidr.$value |= 1n << 63n;
    for (let i = 0; i < 8; i++) params.gprs.set(i, numbers.bits64());
    const free = this.granulesIn(DELEGATED, auxCount + 1).filter((granule) => BigInt(granule) !== rec);
    for (const [i, aux] of free.slice(0, auxCount).entries()) params.aux.set(i, BigInt(aux));
    if (auxCount > 0) {
      const at = numbers.below(auxCount);
      if (this.#isWild()) params.aux.set(at, this.wildAddress());
      if (this.isMistaken()) params.aux.set(at, params.aux.get(at) + 8n);
      if (this.#isWild()) params.aux.set(at, auxCount > 1 ? params.aux.get((at + 1) % auxCount) : rec);
      if (this.isMistaken()) params.aux.set(at, BigInt(this.granuleIn(numbers.pick([UNDELEGATED, REC, RD]))));
    }
    return this.#hostPage(params.$bytes);
  }

  recRun(): bigint {
    const { numbers } = this;
    const run = allocate(RmiRecRun);
    if (this.#isWild()) run.enter.flags.assign({ emul_mmio: 1 });
    run.enter.flags.assign({ ripas_response: numbers.below(2) as 0 | 1 });
    if (this.#isWild()) run.enter.gicv3_hcr = numbers.bits64() & 0xffff_ffffn;
    if (this.#isWild()) run.enter.gicv3_lrs.set(numbers.below(16), numbers.bits64());
    return this.#hostPage(run.$bytes);
  }

  descriptor(level: number): bigint {
    const { numbers } = this;
    const size = BigInt(levelSize(level) ?? PAGE);
    const pa = numbers.bits64() & (2n ** 40n - 1n) & ~(size - 1n);
    const memAttr = BigInt(numbers.pick([0, 1, 2, 3, 5, 6, 7]));
    let descriptor = pa | (memAttr << 2n) | (BigInt(numbers.below(4)) << 6n);
    if (this.#isWild()) descriptor |= BigInt(numbers.below(512)) << 12n;
    if (this.#isWild()) descriptor |= BigInt(numbers.below(16)) << 46n;
    if (this.#isWild()) descriptor |= BigInt(numbers.below(4)) << 8n;
    if (this.#isWild()) descriptor ^= 1n << BigInt(numbers.below(64));
    return descriptor;
  }
}

type Inputs = readonly bigint[];

/** How the inputs of each command are drawn, X1 first. */
export const draws: Readonly<Record<string, (draw: Draw) => Inputs>> = {
  RMI_VERSION: ({ numbers }) => [BigInt(numbers.pick([0x10000, 0x10001, 0x20000, 0, numbers.next()]))],

  RMI_FEATURES: ({ numbers }) => [numbers.chance(0.5) ? 0n : numbers.bits64()],

  RMI_GRANULE_DELEGATE: (draw) => [
    draw.numbers.chance(0.2) ? BigInt(draw.granuleIn(UNDELEGATED, 0, FOR_ROOTS)) : draw.granule(UNDELEGATED),
  ],

  RMI_GRANULE_UNDELEGATE: (draw) => [draw.granule(DELEGATED)],

  RMI_REALM_CREATE: (draw) => {
    const params = draw.realmParams();
    // Among the Granules for starting level RTTs it may be one of those.
    const rd = draw.isMistaken() ? BigInt(draw.granuleIn(DELEGATED, 0, FOR_ROOTS)) : draw.granule(DELEGATED);
    return [rd, params];
  },

  RMI_REALM_ACTIVATE: (draw) => [draw.rd(draw.newRealm())],

  RMI_REALM_DESTROY: (draw) => [draw.rd(draw.realm((realm) => draw.isBare(realm)))],

  RMI_REC_AUX_COUNT: (draw) => [draw.rd(draw.realm())],

  RMI_REC_CREATE: (draw) => {
    const realm = draw.newRealm();
    const rec = draw.granule(DELEGATED);
    const params = draw.recParams(realm, rec);
    return [draw.rd(realm), rec, params];
  },

  RMI_REC_DESTROY: (draw) => [draw.recAddress(draw.rec())],

  RMI_REC_ENTER: (draw) => {
    const run = draw.recRun();
    return [draw.recAddress(draw.rec((rec) => rec.flags.runnable === 1 && rec.psci_pending === 0)), run];
  },

  RMI_PSCI_COMPLETE: (draw) => {
    const calling = draw.rec((rec) => rec.psci_pending === RmmPsciPending.PSCI_REQUEST_PENDING);
    const isNamed = !draw.isMistaken();
    const target = draw.rec(
      (rec) => rec !== calling && rec.owner === calling?.owner && (rec.mpidr === calling.gprs[1]) === isNamed,
    );
    const status = draw.numbers.pick([
      PsciReturnCode.PSCI_SUCCESS,
      PsciReturnCode.PSCI_SUCCESS,
      PsciReturnCode.PSCI_DENIED,
      PsciReturnCode.PSCI_ALREADY_ON,
    ]);
    return [draw.recAddress(calling), draw.recAddress(target), BigInt.asUintN(64, status)];
  },

  RMI_RTT_CREATE: (draw) => {
    const realm = draw.realm();
    const deep = draw.numbers.chance(0.6);
    const spot = draw.spot(
      realm,
      [UNASSIGNED, UNASSIGNED_NS, ASSIGNED_NS],
      (rtt) => rtt.level < RMM_RTT_PAGE_LEVEL && (!deep || rtt.level === 2),
    );
    const any =
      spot ??
      draw.spot(realm, [UNASSIGNED, UNASSIGNED_NS, ASSIGNED_NS], (rtt) => rtt.level < RMM_RTT_PAGE_LEVEL);
    return [
      draw.rd(realm),
      draw.granule(DELEGATED),
      draw.ipa(any, realm),
      draw.level((any?.rtt.level ?? 0) + 1),
    ];
  },

  RMI_RTT_DESTROY: (draw) => {
    const realm = draw.realm();
    const tables = draw.tables(realm, (rtt) => rtt.level > realm!.rtt_level_start);
    const bare = tables.filter(
      (rtt) => !indices.some((i) => rtt.stateAt(i) === ASSIGNED || rtt.stateAt(i) === TABLE),
    );
    const rtt = draw.oneOf(bare, tables);
    const spot = rtt && { rtt, index: 0, ipa: rtt.ipa };
    return [draw.rd(realm), draw.ipa(spot, realm), draw.level(rtt?.level ?? RMM_RTT_PAGE_LEVEL)];
  },

  RMI_RTT_FOLD: (draw) => {
    const realm = draw.realm();
    const tables = draw.tables(realm, (rtt) => rtt.level > realm!.rtt_level_start);
    const same = tables.filter((rtt) => indices.every((i) => rtt.stateAt(i) === rtt.stateAt(0)));
    const rtt = draw.oneOf(same, tables);
    const spot = rtt && { rtt, index: 0, ipa: rtt.ipa };
    return [draw.rd(realm), draw.ipa(spot, realm), draw.level(rtt?.level ?? RMM_RTT_PAGE_LEVEL)];
  },

  RMI_RTT_INIT_RIPAS: (draw) => {
    const realm = draw.newRealm();
    const spot = draw.spot(realm, [draw.isMistaken() ? ASSIGNED : UNASSIGNED]);
    return [draw.rd(realm), draw.ipa(spot, realm), rangeEnd(draw, spot, realm)];
  },

  RMI_RTT_SET_RIPAS: (draw) => {
    const rec = draw.rec(({ ripas_addr, ripas_top }) => ripas_addr < ripas_top);
    const realm = draw.realm(({ rd }) => rd === rec?.owner);
    const spot = rec && ({ ipa: rec.ripas_addr } as Spot);
    let top = rec?.ripas_top ?? 0;
    if (rec && draw.numbers.chance(0.2)) top = rec.ripas_addr + (1 + draw.numbers.below(3)) * PAGE;
    if (draw.isMistaken()) top += draw.numbers.below(PAGE) - PAGE / 2;
    return [draw.rd(realm), draw.recAddress(rec), draw.ipa(spot, realm), BigInt(Math.max(0, top))];
  },

  RMI_RTT_MAP_UNPROTECTED: (draw) => {
    const realm = draw.realm();
    const spot = draw.spot(realm, [UNASSIGNED_NS], (rtt) => rtt.level >= 1);
    const level = spot?.rtt.level ?? RMM_RTT_PAGE_LEVEL;
    return [draw.rd(realm), draw.ipa(spot, realm), draw.level(level), draw.descriptor(level)];
  },

  RMI_RTT_UNMAP_UNPROTECTED: (draw) => {
    const realm = draw.realm();
    const spot = draw.spot(realm, [ASSIGNED_NS], (rtt) => rtt.level >= 1);
    return [draw.rd(realm), draw.ipa(spot, realm), draw.level(spot?.rtt.level ?? RMM_RTT_PAGE_LEVEL)];
  },

  RMI_RTT_READ_ENTRY: (draw) => {
    const realm = draw.realm();
    const spot = draw.spot(realm, [draw.numbers.below(5) as RmmRttEntryState]);
    return [
      draw.rd(realm),
      draw.ipa(spot, realm),
      draw.level(draw.numbers.chance(0.3) ? RMM_RTT_PAGE_LEVEL : (spot?.rtt.level ?? 3)),
    ];
  },

  RMI_DATA_CREATE: (draw) => {
    const realm = draw.newRealm();
    const state = draw.isMistaken() ? ASSIGNED : UNASSIGNED;
    const spot = draw.spot(realm, [state], ({ level }) => level === RMM_RTT_PAGE_LEVEL);
    const flags = draw.numbers.chance(0.5) ? 1n : 0n;
    return [draw.rd(realm), draw.granule(DELEGATED), draw.ipa(spot, realm), draw.source(), flags];
  },

  RMI_DATA_CREATE_UNKNOWN: (draw) => {
    const realm = draw.realm();
    const state = draw.isMistaken() ? ASSIGNED : UNASSIGNED;
    const spot = draw.spot(realm, [state], ({ level }) => level === RMM_RTT_PAGE_LEVEL);
    return [draw.rd(realm), draw.granule(DELEGATED), draw.ipa(spot, realm)];
  },

  RMI_DATA_DESTROY: (draw) => {
    const realm = draw.realm();
    const spot = draw.spot(realm, [ASSIGNED], ({ level }) => level === RMM_RTT_PAGE_LEVEL);
    return [draw.rd(realm), draw.ipa(spot, realm)];
  },
};

/** Spoils one input of a call, in a way that suits some kinds of input and is nonsense for others. */
export function spoil(draw: Draw, inputs: Inputs): Inputs {
  const { numbers } = draw;
  if (inputs.length === 0) return inputs;
  const spoilt = [...inputs];
  const at = numbers.below(inputs.length);
  const value = inputs[at]!;
  const other = [
    () => value + BigInt(1 + numbers.below(PAGE - 1)),
    () => value ^ (1n << BigInt(numbers.below(64))),
    () => value + BigInt(numbers.pick([PAGE, -PAGE, 2 ** 21, 2 ** 30])),
    () => BigInt(numbers.below(8) - 2),
    () => inputs[numbers.below(inputs.length)]!,
    () => draw.wildAddress(),
    () => draw.wildAddress(),
    () => draw.wildAddress(),
  ];
  spoilt[at] = BigInt.asUintN(64, numbers.pick(other)());
  return spoilt;
}

/** An IPA some entries, or some pages, above where a range begins. */
function rangeEnd(draw: Draw, spot: Spot | undefined, realm: Realm | undefined): bigint {
  const { numbers } = draw;
  if (spot === undefined) return draw.ipa(undefined, realm);
  const size = levelSize(spot.rtt.level)!;
  const end = spot.ipa + (1 + numbers.below(4)) * (numbers.chance(0.9) ? size : PAGE);
  return numbers.chance(0.05) ? BigInt(end + numbers.below(PAGE)) : BigInt(end);
}
