import { createHash } from 'node:crypto';
import {
  RmmFeature,
  type RmmFeatures,
  RmmGptEntry,
  type RmmGranule,
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmPhysicalAddressSpace,
  type RmmRealm,
  type RmmRec,
  RmmRecResponse,
  RmmRecRunnable,
  RmmRipas,
  type RmmRtt,
  type RmmRttEntry,
  RmmRttEntryState,
  type RmmRttWalkResult,
  type State,
} from '../../generated/rmm-1.0-rel0/conditions/index.js';
import {
  RmiRealmParams,
  RmiRecParams,
  RmiRecRun,
  RsiHostCall,
  RsiRealmConfig,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { maskOf } from '../../generator/index.js';
import { Memory } from '../../runtime/bits/index.js';

import { addressOf, type Inventory, type Place, type StateObject } from '../../runtime/conditions/index.js';
import { copied, encode, label } from './layout.js';
import { specification } from './model.js';

/**
 * The abstract state of chapter B3 over plain maps: a witness that the tests judge the compiled conditions with. It
 * is written to be read against the document and shares nothing with any implementation.
 */

/** Memory of one kind. Addresses and sizes in bytes. */
export interface Region {
  readonly base: number;
  readonly size: number;
  readonly delegable: boolean;
  /** What its Granules are at first. */
  readonly granule: RmmGranule;
}

/** What the document leaves to the implementation. */
export interface Platform {
  readonly features: RmmFeatures;
  readonly smallestIpaWidth: number;
  /** GICv3 List Registers that the Host can provide. */
  readonly listRegisters: number;
  readonly vmid16: boolean;
  readonly regions: readonly Region[];
}

export const GRANULE = 4096;
const ENTRIES = 512;
const PAGE_LEVEL = 3;
const AUX_LIMIT = 16;

function isLevel(level: number): boolean {
  return Number.isInteger(level) && level >= -1 && level <= PAGE_LEVEL;
}

/** Bytes that an entry at a level describes (VMSA with a 4KB granule); for levels -1 to 3. */
export function entrySize(level: number): number {
  return SIZES[level + 1]!;
}

const SIZES = [-1, 0, 1, 2, 3].map((level) => 2 ** (12 + 9 * (PAGE_LEVEL - level)));

/** A sum of addresses and sizes as an Address of conditions. */
function address(value: number): number {
  return addressOf(BigInt(value));
}

/** Addresses of Granules side by side, as many as are asked for. */
function* sideBySide(base: number, count: number): Iterable<number> {
  for (let i = 0; i < count; i++) yield address(base + i * GRANULE);
}

function sameStates(entries: readonly RmmRttEntry[], state: RmmRttEntryState): boolean {
  return entries.every((entry) => entry.state === state);
}

/** The affinity fields Aff3, Aff2, Aff1 and Aff0[3:0], at the places that B3.23 gives them. */
function affinity(mpidr: bigint): bigint {
  return mpidr & 0xffff_ff0fn;
}

function digest(algorithm: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm === RmmHashAlgorithm.HASH_SHA_256 ? 'sha256' : 'sha512');
  for (const part of parts) hash.update(part);
  // A measurement has 512 bits; upper bytes beyond the hash are zero.
  const wide = new Uint8Array(64);
  wide.set(hash.digest());
  return wide;
}

/** The hash without the bytes that fill it up. */
function narrow(algorithm: number, value: Uint8Array): Uint8Array {
  return value.subarray(0, algorithm === RmmHashAlgorithm.HASH_SHA_256 ? 32 : 64);
}

const EMPTY = Memory.alloc(GRANULE);

const hcrBits = specification.masks.get('RMI_PERMITTED_GICV3_HCR_BITS')!.value;
/** Bits of a List Register that are zero in every value the RMM accepts: HW, and what is reserved while HW is 0. */
const lrZeros = (() => {
  const layout = specification.types.get('IchLrHw0');
  if (layout?.kind !== 'fieldset') throw new Error('IchLrHw0 is no fieldset');
  const hw = layout.fields.find((field) => field.name === 'HW')!;
  return [...layout.reserved, hw].reduce((mask, range) => mask | maskOf(range), 0n);
})();

export class AbstractState implements State, Inventory {
  readonly platform: Platform;
  /** Granules that are not what their region is. */
  readonly granules: Map<number, RmmGranule>;
  /** Regions all of whose Granules are something else than at first, by base. */
  readonly regions: Map<number, RmmGranule>;
  readonly realms: Map<number, RmmRealm>;
  readonly recs: Map<number, RmmRec>;
  readonly rtts: Map<number, RmmRtt>;
  /** Auxiliary Granules that a REC of a Realm needs, by RD. */
  readonly auxCounts: Map<number, number>;
  /** What memory holds, by physical address; what is not here is the empty page. */
  readonly pages: Map<number, Memory>;
  /** The REC on the PE that runs the command; undefined while the Host runs. */
  current: number | undefined;

  constructor(platform: Platform, from?: AbstractState) {
    this.platform = platform;
    this.granules = new Map(from?.granules);
    this.regions = new Map(from?.regions);
    this.realms = new Map(from?.realms);
    this.recs = new Map(from?.recs);
    this.rtts = new Map(from?.rtts);
    this.auxCounts = new Map(from?.auxCounts);
    this.pages = new Map(from?.pages);
    this.current = from?.current;
  }

  /** A copy that can be changed: objects are replaced, never written to. */
  clone(): AbstractState {
    return new AbstractState(this.platform, this);
  }

  #region(addr: number): Region | undefined {
    return this.platform.regions.find((one) => addr >= one.base && addr < one.base + one.size);
  }

  /** The Granule at an aligned address, delegable or not. */
  granuleAt(addr: number): RmmGranule | undefined {
    if (addr % GRANULE !== 0) return undefined;
    const own = this.granules.get(addr);
    if (own !== undefined) return own;
    const region = this.#region(addr);
    return region === undefined ? undefined : (this.regions.get(region.base) ?? region.granule);
  }

  /** What a page holds, for reading. */
  page(addr: number): Memory {
    return this.pages.get(addr) ?? EMPTY;
  }

  #hostPage(addr: number): Memory | undefined {
    const readable = this.GranuleAccessPermitted(addr, RmmPhysicalAddressSpace.PAS_NS);
    return readable === true ? this.page(addr) : undefined;
  }

  // Addresses

  AddrIsAligned(addr: number, n: number): boolean | undefined {
    return n > 0 ? addr % n === 0 : undefined;
  }

  AddrIsGranuleAligned(addr: number): boolean {
    return addr % GRANULE === 0;
  }

  AddrIsRttLevelAligned(addr: number, level: number): boolean {
    return isLevel(level) && addr % entrySize(level) === 0;
  }

  AlignDownToRttLevel(addr: number, level: number): number {
    return isLevel(level) ? addr - (addr % entrySize(level)) : addr;
  }

  AlignUpToRttLevel(addr: number, level: number): number {
    const down = this.AlignDownToRttLevel(addr, level);
    return down === addr ? addr : address(down + entrySize(level));
  }

  // Auxiliary Granules

  AuxAlias(rec: number, aux: readonly number[], count: number): boolean | undefined {
    if (!(count >= 0 && count <= AUX_LIMIT)) return undefined;
    const used = aux.slice(0, count);
    return used.includes(rec) || new Set(used).size < used.length;
  }

  AuxAligned(aux: readonly number[], count: number): boolean | undefined {
    if (!(count >= 0 && count <= AUX_LIMIT)) return undefined;
    return aux.slice(0, count).every((addr) => this.AddrIsGranuleAligned(addr));
  }

  AuxEqual(aux1: readonly number[], aux2: readonly number[], count: number): boolean | undefined {
    if (!(count >= 0 && count <= AUX_LIMIT)) return undefined;
    return aux1.slice(0, count).every((addr, i) => addr === aux2[i]);
  }

  AuxSort(addrs: readonly number[], count: number): readonly number[] {
    return [...addrs.slice(0, count).sort((a, b) => a - b), ...addrs.slice(count)];
  }

  AuxStateEqual(aux: readonly number[], count: number, state: number): boolean | undefined {
    if (!(count >= 0 && count <= AUX_LIMIT)) return undefined;
    return this.#granulesAre(aux.slice(0, count), state);
  }

  /** Whether delegable Granules are all in a state; undefined when that turns on an address that is no Granule's. */
  #granulesAre(addrs: Iterable<number>, state: number): boolean | undefined {
    let open = false;
    for (const addr of addrs) {
      if (!this.PaIsDelegable(addr)) return false;
      const granule = this.Granule(addr);
      if (granule === undefined) open = true;
      else if (granule.state !== state) return false;
    }
    return open ? undefined : true;
  }

  // Granules

  PaIsDelegable(addr: number): boolean {
    return this.#region(addr)?.delegable ?? false;
  }

  Granule(addr: number): RmmGranule | undefined {
    return this.PaIsDelegable(addr) ? this.granuleAt(addr) : undefined;
  }

  GranuleAccessPermitted(addr: number, pas: number): boolean | undefined {
    switch (this.granuleAt(addr)?.gpt) {
      case RmmGptEntry.GPT_NS:
        return pas === RmmPhysicalAddressSpace.PAS_NS;
      case RmmGptEntry.GPT_REALM:
        return pas === RmmPhysicalAddressSpace.PAS_REALM;
      case RmmGptEntry.GPT_SECURE:
        return pas === RmmPhysicalAddressSpace.PAS_SECURE;
      case RmmGptEntry.GPT_ROOT:
        return pas === RmmPhysicalAddressSpace.PAS_ROOT;
      case RmmGptEntry.GPT_AAP:
        return true;
      default:
        return undefined;
    }
  }

  ReadMemory(addr: bigint, offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(Math.max(size, 0), GRANULE));
    for (let i = 0; i < bytes.length; i++) {
      const at = Number(addr) + offset + i;
      bytes[i] = this.page(at - (at % GRANULE)).u8[at % GRANULE] ?? 0;
    }
    return bytes;
  }

  // Features

  ImplFeatures(): RmmFeatures {
    return this.platform.features;
  }

  #supports(feature: 'feat_lpa2' | 'feat_sve' | 'feat_pmu' | 'feat_sha_256' | 'feat_sha_512'): boolean {
    return this.platform.features[feature] === RmmFeature.FEATURE_TRUE;
  }

  Gicv3ConfigIsValid(gicv3_hcr: bigint, gicv3_lrs: readonly bigint[]): boolean {
    if ((gicv3_hcr & ~hcrBits) !== 0n) return false;
    return gicv3_lrs.slice(0, this.platform.listRegisters).every((lr) => (lr & lrZeros) === 0n);
  }

  VmidIsFree(vmid: number): boolean {
    return [...this.realms.values()].every((realm) => realm.vmid !== vmid);
  }

  VmidIsValid(vmid: number): boolean {
    return this.platform.vmid16 || vmid < 0x100;
  }

  // Realms

  Realm(addr: number): RmmRealm | undefined {
    return this.Granule(addr)?.state === RmmGranuleState.RD ? this.realms.get(addr) : undefined;
  }

  CurrentRealm(): RmmRealm | undefined {
    const rec = this.CurrentRec();
    return rec === undefined ? undefined : this.Realm(rec.owner);
  }

  RealmIsLive(addr: number): boolean | undefined {
    const realm = this.Realm(addr);
    if (realm === undefined) return undefined;
    if (realm.num_recs !== 0) return true;
    return this.#startingRtts(realm).some((at) => {
      const rtt = this.Rtt(at);
      return rtt !== undefined && this.RttIsLive(rtt);
    });
  }

  RealmParams(addr: number): RmiRealmParams | undefined {
    const memory = this.#hostPage(addr);
    return memory === undefined ? undefined : new RmiRealmParams(memory);
  }

  RmiRealmParamsIsValid(addr: number): boolean | undefined {
    const params = this.RealmParams(addr);
    if (params === undefined) return undefined;
    const hashes = [label('RMI_HASH_SHA_256'), label('RMI_HASH_SHA_512')];
    return hashes.includes(BigInt(params.hash_algo)) && params.num_bps !== 0 && params.num_wps !== 0;
  }

  RealmParamsSupported(value: RmiRealmParams): boolean {
    const { features, smallestIpaWidth } = this.platform;
    const hash = BigInt(value.hash_algo);
    return (
      (value.flags.lpa2 === 0 || this.#supports('feat_lpa2')) &&
      value.s2sz >= smallestIpaWidth &&
      value.s2sz <= features.max_ipa_width &&
      (value.s2sz <= 48 || value.flags.lpa2 === 1) &&
      (value.flags.sve === 0 || (this.#supports('feat_sve') && value.sve_vl <= features.max_sve_vl)) &&
      value.num_bps <= features.num_bps &&
      value.num_wps <= features.num_wps &&
      (value.flags.pmu === 0 ||
        (this.#supports('feat_pmu') && value.pmu_num_ctrs <= features.pmu_num_ctrs)) &&
      ((hash === label('RMI_HASH_SHA_256') && this.#supports('feat_sha_256')) ||
        (hash === label('RMI_HASH_SHA_512') && this.#supports('feat_sha_512')))
    );
  }

  /** The memory of the current Realm at an IPA, where the Realm can read it without an abort. */
  #realmPage(ipa: number): Memory | undefined {
    const owner = this.CurrentRec()?.owner;
    const walk = owner === undefined ? undefined : this.RttWalk(owner, ipa);
    if (walk === undefined) return undefined;
    const { state, ripas, addr } = walk.rtte;
    const mapped =
      (state === RmmRttEntryState.ASSIGNED && ripas === RmmRipas.RAM) ||
      state === RmmRttEntryState.ASSIGNED_NS;
    if (!mapped) return undefined;
    const offset = ipa % entrySize(walk.level);
    return this.page(addr + offset - (offset % GRANULE));
  }

  RealmConfig(addr: number): RsiRealmConfig | undefined {
    const memory = this.#realmPage(addr);
    return memory === undefined ? undefined : new RsiRealmConfig(memory);
  }

  RealmHostCall(addr: number): RsiHostCall | undefined {
    const memory = this.#realmPage(addr);
    const at = addr % GRANULE;
    return memory === undefined || at + RsiHostCall.size > GRANULE ? undefined : new RsiHostCall(memory, at);
  }

  // RECs

  Rec(addr: number): RmmRec | undefined {
    return this.Granule(addr)?.state === RmmGranuleState.REC ? this.recs.get(addr) : undefined;
  }

  CurrentRec(): RmmRec | undefined {
    return this.current === undefined ? undefined : this.Rec(this.current);
  }

  RecAuxCount(rd: number): number | undefined {
    return this.Realm(rd) === undefined ? undefined : this.auxCounts.get(rd);
  }

  #recAt(mpidr: bigint): number | undefined {
    const owner = this.CurrentRec()?.owner;
    for (const [at, rec] of this.recs) {
      if (this.Rec(at) === undefined || rec.owner !== owner) continue;
      if (affinity(rec.mpidr) === affinity(mpidr)) return at;
    }
    return undefined;
  }

  MpidrIsUsed(mpidr: bigint): boolean {
    return this.#recAt(mpidr) !== undefined;
  }

  RecFromMpidr(mpidr: bigint): RmmRec | undefined {
    const at = this.#recAt(mpidr);
    return at === undefined ? undefined : this.Rec(at);
  }

  RecParams(addr: number): RmiRecParams | undefined {
    const memory = this.#hostPage(addr);
    return memory === undefined ? undefined : new RmiRecParams(memory);
  }

  RecRun(addr: number): RmiRecRun | undefined {
    const memory = this.#hostPage(addr);
    return memory === undefined ? undefined : new RmiRecRun(memory);
  }

  RecRipasChangeResponse(rec: RmmRec): number {
    const rejected =
      rec.ripas_value === RmmRipas.RAM &&
      rec.ripas_addr !== rec.ripas_top &&
      rec.ripas_response === RmmRecResponse.REJECT;
    return Number(label(rejected ? 'RSI_REJECT' : 'RSI_ACCEPT'));
  }

  PsciReturnCodeEncode(value: bigint): bigint {
    return BigInt.asUintN(64, value);
  }

  PsciReturnCodePermitted(calling_rec: RmmRec, target_rec: RmmRec, value: bigint): boolean {
    if (value === label('PSCI_SUCCESS')) return true;
    return (
      value === label('PSCI_DENIED') &&
      calling_rec.gprs[0] === specification.constants.get('FID_PSCI_CPU_ON')!.value &&
      target_rec.flags.runnable !== RmmRecRunnable.RUNNABLE
    );
  }

  // RTTs

  Rtt(addr: number): RmmRtt | undefined {
    return this.Granule(addr)?.state === RmmGranuleState.RTT ? this.rtts.get(addr) : undefined;
  }

  RttEntry(rtt: number, i: number): RmmRttEntry | undefined {
    return this.Rtt(rtt)?.entries[i];
  }

  RttLevelSize(level: number): number | undefined {
    return isLevel(level) ? entrySize(level) : undefined;
  }

  RttEntryIndex(addr: number, level: number): number | undefined {
    return isLevel(level) ? Math.floor(addr / entrySize(level)) % ENTRIES : undefined;
  }

  RttLevelIsValid(rd: number, level: number): boolean | undefined {
    const realm = this.Realm(rd);
    return realm === undefined ? undefined : level >= realm.rtt_level_start && level <= PAGE_LEVEL;
  }

  RttLevelIsStarting(rd: number, level: number): boolean | undefined {
    const realm = this.Realm(rd);
    return realm === undefined ? undefined : level === realm.rtt_level_start;
  }

  RttLevelIsBlockOrPage(rd: number, level: number): boolean | undefined {
    const valid = this.RttLevelIsValid(rd, level);
    return valid === undefined ? undefined : valid && level >= 1;
  }

  RttConfigIsValid(ipa_width: number, rtt_level_start: number, rtt_num_start: number): boolean {
    if (!isLevel(rtt_level_start)) return false;
    const lpa2 = this.#supports('feat_lpa2');
    const entryBits = 12 + 9 * (PAGE_LEVEL - rtt_level_start);
    const excess = Math.max(0, ipa_width - entryBits - 9);
    if (ipa_width <= entryBits || excess > 4 || rtt_num_start !== 2 ** excess) return false;
    if (ipa_width > (lpa2 ? 52 : 48)) return false;
    if (rtt_level_start === -1) return lpa2 && rtt_num_start === 1;
    return rtt_level_start !== 0 || rtt_num_start === 1 || lpa2;
  }

  #startingRtts(realm: RmmRealm): readonly number[] {
    return Array.from({ length: realm.rtt_num_start }, (_, i) => realm.rtt_base + i * GRANULE);
  }

  RttWalk(rd: number, addr: number, level = PAGE_LEVEL): RmmRttWalkResult | undefined {
    const realm = this.Realm(rd);
    if (realm === undefined || addr >= 2 ** realm.ipa_width) return undefined;
    if (!isLevel(level) || level < realm.rtt_level_start) return undefined;
    let at = realm.rtt_level_start;
    // Several starting level RTTs lie side by side and resolve the bits above those that one resolves.
    let rtt_addr = realm.rtt_base + Math.floor(addr / (ENTRIES * entrySize(at))) * GRANULE;
    for (;;) {
      const rtte = this.RttEntry(rtt_addr, this.RttEntryIndex(addr, at)!);
      if (rtte === undefined) return undefined;
      if (at === level || rtte.state !== RmmRttEntryState.TABLE) return { level: at, rtt_addr, rtte };
      rtt_addr = rtte.addr;
      at++;
    }
  }

  RttAllEntriesContiguous(rtt: RmmRtt, addr: number, level: number): boolean {
    return isLevel(level) && rtt.entries.every((entry, i) => entry.addr === addr + i * entrySize(level));
  }

  RttAllEntriesRipas(rtt: RmmRtt, ripas: number): boolean {
    return rtt.entries.every((entry) => entry.ripas === ripas);
  }

  RttAllEntriesState(rtt: RmmRtt, state: number): boolean {
    return rtt.entries.every((entry) => entry.state === state);
  }

  /** The level of an RTT, which is its place in a Realm's tree (A5.5.2); undefined when it is in none. */
  #levelOf(rtt: RmmRtt): number | undefined {
    const below = (at: number, level: number): number | undefined => {
      const found = this.Rtt(at);
      if (found === undefined || level > PAGE_LEVEL) return undefined;
      if (found === rtt) return level;
      for (const entry of found.entries) {
        if (entry.state !== RmmRttEntryState.TABLE) continue;
        const deeper = below(entry.addr, level + 1);
        if (deeper !== undefined) return deeper;
      }
      return undefined;
    };
    for (const realm of this.realms.values()) {
      for (const at of this.#startingRtts(realm)) {
        const level = below(at, realm.rtt_level_start);
        if (level !== undefined) return level;
      }
    }
    return undefined;
  }

  RttIsHomogeneous(rtt: RmmRtt): boolean {
    const { entries } = rtt;
    const [first] = entries;
    if (first === undefined) return false;
    const sameRipas = entries.every((entry) => entry.ripas === first.ripas);
    if (sameStates(entries, RmmRttEntryState.UNASSIGNED)) return sameRipas;
    if (sameStates(entries, RmmRttEntryState.UNASSIGNED_NS)) return true;
    const assigned = sameStates(entries, RmmRttEntryState.ASSIGNED);
    if (!assigned && !sameStates(entries, RmmRttEntryState.ASSIGNED_NS)) return false;
    const level = this.#levelOf(rtt);
    if (level !== 2 && level !== 3) return false;
    if (first.addr % entrySize(level - 1) !== 0 || !this.RttAllEntriesContiguous(rtt, first.addr, level))
      return false;
    return assigned
      ? sameRipas
      : entries.every((entry) => entry.MemAttr === first.MemAttr && entry.S2AP === first.S2AP);
  }

  RttFold(rtt: RmmRtt): RmmRttEntry | undefined {
    return this.RttIsHomogeneous(rtt) ? rtt.entries[0] : undefined;
  }

  RttIsLive(rtt: RmmRtt): boolean {
    return rtt.entries.some(
      ({ state }) => state === RmmRttEntryState.ASSIGNED || state === RmmRttEntryState.TABLE,
    );
  }

  RttEntriesInRangeRipas(rtt: RmmRtt, level: number, base: number, top: number, ripas: number): boolean {
    if (!isLevel(level)) return false;
    const size = entrySize(level);
    const start = base - (base % (ENTRIES * size));
    return rtt.entries.every((entry, i) => {
      const from = start + i * size;
      return from + size <= base || from >= top || base >= top || entry.ripas === ripas;
    });
  }

  /** The IPA of the first entry from the one for `ipa` on that fits, else what follows the last IPA of the RTT. */
  #skipUnless(rtt: RmmRtt, level: number, ipa: number, fits: (entry: RmmRttEntry) => boolean): number {
    if (!isLevel(level)) return ipa;
    const size = entrySize(level);
    const start = ipa - (ipa % (ENTRIES * size));
    let i = Math.floor((ipa - start) / size);
    while (i < ENTRIES && !fits(rtt.entries[i]!)) i++;
    return start + i * size;
  }

  RttSkipEntriesUnlessRipas(rtt: RmmRtt, level: number, ipa: number, ripas: number): number {
    return address(this.#skipUnless(rtt, level, ipa, (entry) => entry.ripas === ripas));
  }

  RttSkipEntriesUnlessState(rtt: RmmRtt, level: number, ipa: number, state: number): number {
    return address(this.#skipUnless(rtt, level, ipa, (entry) => entry.state === state));
  }

  RttSkipEntriesWithRipas(
    rtt: RmmRtt,
    level: number,
    base: number,
    top: number,
    stop_at_destroyed: boolean,
  ): number {
    const table = this.#skipUnless(rtt, level, base, ({ state }) => state === RmmRttEntryState.TABLE);
    const destroyed = stop_at_destroyed
      ? this.#skipUnless(rtt, level, base, ({ ripas }) => ripas === RmmRipas.DESTROYED)
      : table;
    return address(this.AlignDownToRttLevel(Math.min(table, destroyed, top), level));
  }

  RttSkipNonLiveEntries(rtt: RmmRtt, level: number, ipa: number): number {
    const live: readonly number[] = [
      RmmRttEntryState.ASSIGNED,
      RmmRttEntryState.ASSIGNED_NS,
      RmmRttEntryState.TABLE,
    ];
    const next = this.#skipUnless(rtt, level, ipa, ({ state }) => live.includes(state));
    return address(this.AlignDownToRttLevel(next, level));
  }

  /** The entries of starting level RTTs that lie in the IPA space of their Realm, lower or upper half. */
  #startingEntries(
    rtt_base: number,
    rtt_num_start: number,
    half: 'protected' | 'unprotected',
  ): readonly RmmRttEntry[] | undefined {
    const realm = [...this.realms.values()].find((one) => one.rtt_base === rtt_base);
    if (realm === undefined) return undefined;
    const found: RmmRttEntry[] = [];
    const middle = 2 ** (realm.ipa_width - 1);
    for (let i = 0; i < rtt_num_start; i++) {
      const rtt = this.Rtt(rtt_base + i * GRANULE);
      if (rtt === undefined) return undefined;
      for (const [j, entry] of rtt.entries.entries()) {
        const ipa = (i * ENTRIES + j) * entrySize(realm.rtt_level_start);
        if (half === 'protected' ? ipa < middle : ipa >= middle && ipa < 2 * middle) found.push(entry);
      }
    }
    return found;
  }

  RttsAllProtectedEntriesRipas(rtt_base: number, rtt_num_start: number, ripas: number): boolean {
    const entries = this.#startingEntries(rtt_base, rtt_num_start, 'protected');
    return entries?.every((entry) => entry.ripas === ripas) ?? false;
  }

  RttsAllProtectedEntriesState(rtt_base: number, rtt_num_start: number, state: number): boolean {
    const entries = this.#startingEntries(rtt_base, rtt_num_start, 'protected');
    return entries?.every((entry) => entry.state === state) ?? false;
  }

  RttsAllUnprotectedEntriesState(rtt_base: number, rtt_num_start: number, state: number): boolean {
    const entries = this.#startingEntries(rtt_base, rtt_num_start, 'unprotected');
    return entries?.every((entry) => entry.state === state) ?? false;
  }

  RttsStateEqual(rtt_base: number, rtt_num_start: number, state: number): boolean | undefined {
    return this.#granulesAre(sideBySide(rtt_base, rtt_num_start), state);
  }

  RttEntryState(state: number): number {
    switch (state) {
      case RmmRttEntryState.ASSIGNED:
      case RmmRttEntryState.ASSIGNED_NS:
        return Number(label('RMI_ASSIGNED'));
      case RmmRttEntryState.TABLE:
        return Number(label('RMI_TABLE'));
      default:
        return Number(label('RMI_UNASSIGNED'));
    }
  }

  RipasToRmi(ripas: number): number | undefined {
    switch (ripas) {
      case RmmRipas.EMPTY:
        return Number(label('RMI_EMPTY'));
      case RmmRipas.RAM:
        return Number(label('RMI_RAM'));
      case RmmRipas.DESTROYED:
        return Number(label('RMI_DESTROYED'));
      default:
        return undefined;
    }
  }

  // Descriptors of Unprotected IPAs: MemAttr[2:0] at 4:2, S2AP at 7:6, ADDR as wide as the platform has it

  #descriptorAddress(desc: bigint): bigint {
    const low = desc & 0x0000_ffff_ffff_f000n;
    if (!this.#supports('feat_lpa2')) return low;
    return low | (desc & 0x0003_0000_0000_0000n) | ((desc & 0x300n) << 42n);
  }

  RttDescriptorIsValidForUnprotected(desc: bigint): boolean {
    const attributes = 0b1101_1100n;
    const address = this.#supports('feat_lpa2') ? 0x0003_ffff_ffff_f300n : 0x0000_ffff_ffff_f000n;
    const memAttr = (desc >> 2n) & 7n;
    return (desc & ~(attributes | address)) === 0n && memAttr !== 0b100n;
  }

  RttEntryFromDescriptor(desc: bigint): RmmRttEntry {
    return {
      addr: Number(this.#descriptorAddress(desc)),
      ripas: RmmRipas.EMPTY,
      state: RmmRttEntryState.UNASSIGNED_NS,
      MemAttr: Number((desc >> 2n) & 7n),
      S2AP: Number((desc >> 6n) & 3n),
    };
  }

  // Measurements (A7.1)

  RimInit(hash_algo: number, params: RmiRealmParams): Uint8Array {
    const measured = ['flags', 's2sz', 'sve_vl', 'num_bps', 'num_wps', 'pmu_num_ctrs', 'hash_algo'];
    return digest(hash_algo, copied('RmiRealmParams', params.$bytes, measured));
  }

  RimExtendData(
    realm: RmmRealm,
    ipa: number,
    data: number,
    flags: Parameters<State['RimExtendData']>[3],
  ): Uint8Array {
    const measured = BigInt(flags.measure) === label('RMI_MEASURE_CONTENT');
    const content = measured ? digest(realm.hash_algo, this.page(data).u8) : new Uint8Array(64);
    const rim = realm.measurements[0]!;
    const values = { rim, ipa, flags: flags.$value, content };
    return digest(realm.hash_algo, encode('RmmMeasurementDescriptorData', values));
  }

  RimExtendRec(realm: RmmRealm, params: RmiRecParams): Uint8Array {
    const measured = copied('RmiRecParams', params.$bytes, ['gprs', 'pc', 'flags']);
    const rim = realm.measurements[0]!;
    const content = digest(realm.hash_algo, measured);
    return digest(realm.hash_algo, encode('RmmMeasurementDescriptorRec', { rim, content }));
  }

  #extendRipas(hash_algo: number, rim: Uint8Array, ipa: number, level: number): Uint8Array {
    const values = { rim, base: ipa, top: ipa + entrySize(level) };
    return digest(hash_algo, encode('RmmMeasurementDescriptorRipas', values));
  }

  RimExtendRipas(realm: RmmRealm, base: number, top: number, level: number): Uint8Array {
    let rim = realm.measurements[0]!;
    if (!isLevel(level)) return rim;
    // A range never has more entries than an RTT.
    for (let addr = base, i = 0; addr < top && i < ENTRIES; addr += entrySize(level), i++)
      rim = this.#extendRipas(realm.hash_algo, rim, addr, level);
    return rim;
  }

  RimExtendRipasForEntry(rim: Uint8Array, ipa: number, level: number): Uint8Array {
    // The document names no Realm here (B3.47): the hash is told from the zeros above a short one.
    const short = rim.subarray(32).every((byte) => byte === 0);
    const hash = short ? RmmHashAlgorithm.HASH_SHA_256 : RmmHashAlgorithm.HASH_SHA_512;
    return isLevel(level) ? this.#extendRipas(hash, rim, ipa, level) : rim;
  }

  RemExtend(hash_algo: number, old_value: Uint8Array, new_value: Uint8Array, size: number): Uint8Array {
    const padded = new Uint8Array(64);
    padded.set(new_value.subarray(0, Math.min(Math.max(size, 0), 64)));
    return digest(hash_algo, narrow(hash_algo, old_value), padded);
  }

  // Frame

  *objects(): Iterable<StateObject> {
    for (const { base, size } of this.platform.regions) {
      for (let at = base; at < base + size; at += GRANULE)
        yield { function: 'Granule', address: at, value: this.granuleAt(at)! };
    }
    for (const [at, value] of this.realms) yield { function: 'Realm', address: at, value };
    for (const [at, value] of this.recs) yield { function: 'Rec', address: at, value };
    for (const [at, value] of this.rtts) yield { function: 'Rtt', address: at, value };
  }

  locate(place: Place): readonly Place[] {
    const [first, second] = place.arguments;
    const at = (name: string, addr: number | undefined, path = place.path): readonly Place[] =>
      addr === undefined ? [] : [{ function: name, arguments: [addr], path }];
    switch (place.function) {
      case 'RttEntry':
        return at('Rtt', Number(first), ['entries', Number(second), ...place.path]);
      case 'AuxStates':
        return (first as readonly number[])
          .slice(0, Number(second))
          .flatMap((addr) => at('Granule', addr, ['state']));
      case 'RttsGranuleState':
        return Array.from({ length: Number(second) }, (_, i) => Number(first) + i * GRANULE).flatMap((addr) =>
          at('Granule', addr, ['state']),
        );
      case 'CurrentRec':
        return at('Rec', this.current);
      case 'CurrentRealm':
        return at('Realm', this.CurrentRec()?.owner);
      case 'RecFromMpidr':
        return at('Rec', this.#recAt(first as bigint));
      default:
        return [place];
    }
  }
}
