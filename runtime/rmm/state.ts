import type { State } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import {
  type RmmFeatures,
  RmmGptEntry,
  type RmmGranule,
  RmmPhysicalAddressSpace,
  type RmmRealm,
  type RmmRec,
  RmmRecResponse,
  RmmRecRunnable,
  RmmRipas,
  RmmRipasChangeDestroyed,
  type RmmRtt,
  type RmmRttEntry,
  RmmRttEntryState,
  type RmmRttWalkResult,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  FID_PSCI_CPU_ON,
  PsciReturnCode,
  RMM_RTT_PAGE_LEVEL,
  type RmiDataFlags,
  RmiFeature,
  RmiHashAlgorithm,
  RmiRealmParams,
  RmiRecParams,
  RmiRecRun,
  RmiRipas,
  RmiRttEntryState,
  RsiHostCall,
  RsiRealmConfig,
  RsiResponse,
  STAGE2_CONCATENATED_TABLES_MAX,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { powerOfTwo } from '../conditions/index.js';
import { ADDRESS_BITS, isDescriptorForUnprotected, readDescriptor } from '../machine/descriptor.js';
import { type GicConfiguration, type GicEntryCheck, gicEntryCheck } from '../machine/gic.js';
import { GRANULE, type PhysicalMemory } from '../machine/memory.js';
import { abstractFeatures, type Features } from './features.js';
import { type Hashes, Measurer } from './measurement.js';
import type { Realm } from './realm.js';
import { MAX_AUX, type Rec } from './rec.js';
import { alignDown, ENTRIES, entryIndex, isLevelAligned, isMapping, levelSize, type Rtt } from './rtt.js';
import type { Store } from './store.js';

/** Of an IPA space that this RMM supports, in bits, as TF-RMM: the architecture allows 25 (Arm ARM D8.2). */
const MIN_IPA_WIDTH = 32;

/** Who runs: the REC that made an RSI or PSCI call. */
export interface Running {
  readonly rec: Rec;
  /** The physical address behind a Protected IPA that the Realm can read; undefined when it cannot. */
  resolve(ipa: number): number | undefined;
}

/**
 * The functions of chapter B3 over the RMM's own objects. Everything that a condition asks is answered here; nothing is
 * changed here.
 */
export class RmmState implements State {
  readonly store: Store;
  readonly #memory: PhysicalMemory;
  readonly #features: Features;
  readonly #isGicEntryValid: GicEntryCheck;
  readonly #abstractFeatures: RmmFeatures;
  readonly #measurer: Measurer;
  running: Running | undefined;

  constructor(
    store: Store,
    memory: PhysicalMemory,
    features: Features,
    hashes: Hashes,
    gic: GicConfiguration,
  ) {
    this.store = store;
    this.#memory = memory;
    this.#features = features;
    this.#abstractFeatures = abstractFeatures(features);
    this.#measurer = new Measurer(hashes);
    this.#isGicEntryValid = gicEntryCheck(gic);
  }

  /** The bytes of a Granule, as they stand in memory. */
  contents(granule: number): Uint8Array {
    return this.#memory.memoryAt(granule).bytes(this.#memory.offsetAt(granule), GRANULE);
  }

  // Addresses

  AddrIsAligned(addr: number, n: number): boolean | undefined {
    return n > 0 ? addr % n === 0 : undefined;
  }

  AddrIsGranuleAligned(addr: number): boolean {
    return (addr & (GRANULE - 1)) === 0;
  }

  AddrIsRttLevelAligned(addr: number, level: number): boolean {
    return isLevelAligned(addr, level);
  }

  AlignDownToRttLevel(addr: number, level: number): number {
    return alignDown(addr, levelSize(level) ?? 1);
  }

  AlignUpToRttLevel(addr: number, level: number): number {
    const size = levelSize(level) ?? 1;
    return Math.ceil(addr / size) * size;
  }

  PaIsDelegable(addr: number): boolean {
    return this.store.granules.isDelegable(addr);
  }

  // Granules

  Granule(addr: number): RmmGranule | undefined {
    return this.store.granules.at(addr);
  }

  GranuleAccessPermitted(addr: number, pas: number): boolean | undefined {
    const granule = this.store.granules.at(addr);
    if (granule === undefined) return undefined;
    switch (granule.gpt) {
      case RmmGptEntry.GPT_NS:
        return pas === RmmPhysicalAddressSpace.PAS_NS;
      case RmmGptEntry.GPT_REALM:
        return pas === RmmPhysicalAddressSpace.PAS_REALM;
      case RmmGptEntry.GPT_SECURE:
        return pas === RmmPhysicalAddressSpace.PAS_SECURE;
      case RmmGptEntry.GPT_ROOT:
        return pas === RmmPhysicalAddressSpace.PAS_ROOT;
      default:
        return true;
    }
  }

  ReadMemory(addr: bigint, offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      const address = Number(addr) + offset + i;
      const granule = alignDown(address, GRANULE);
      bytes[i] = this.contents(granule)[address - granule]!;
    }
    return bytes;
  }

  #structure<T>(
    addr: number,
    type: new (memory: ReturnType<PhysicalMemory['memoryAt']>, base: number) => T,
  ): T | undefined {
    if (this.GranuleAccessPermitted(addr, RmmPhysicalAddressSpace.PAS_NS) !== true) return undefined;
    return new type(this.#memory.memoryAt(addr), this.#memory.offsetAt(addr));
  }

  RealmParams(addr: number): RmiRealmParams | undefined {
    return this.#structure(addr, RmiRealmParams);
  }

  RecParams(addr: number): RmiRecParams | undefined {
    return this.#structure(addr, RmiRecParams);
  }

  RecRun(addr: number): RmiRecRun | undefined {
    return this.#structure(addr, RmiRecRun);
  }

  // Auxiliary Granules

  #countIsValid(count: number): boolean {
    return count >= 0 && count <= MAX_AUX;
  }

  AuxAlias(rec: number, aux: readonly number[], count: number): boolean | undefined {
    if (!this.#countIsValid(count)) return undefined;
    return new Set([rec, ...aux.slice(0, count)]).size !== count + 1;
  }

  AuxAligned(aux: readonly number[], count: number): boolean | undefined {
    if (!this.#countIsValid(count)) return undefined;
    for (let i = 0; i < count; i++) if (!this.AddrIsGranuleAligned(aux[i]!)) return false;
    return true;
  }

  AuxEqual(aux1: readonly number[], aux2: readonly number[], count: number): boolean | undefined {
    if (!this.#countIsValid(count)) return undefined;
    for (let i = 0; i < count; i++) if (aux1[i] !== aux2[i]) return false;
    return true;
  }

  AuxSort(addrs: readonly number[], count: number): readonly number[] {
    return [...addrs.slice(0, count).sort((a, b) => a - b), ...addrs.slice(count)];
  }

  AuxStateEqual(aux: readonly number[], count: number, state: number): boolean | undefined {
    if (!this.#countIsValid(count)) return undefined;
    for (let i = 0; i < count; i++) {
      if (!this.PaIsDelegable(aux[i]!) || this.Granule(aux[i]!)?.state !== state) return false;
    }
    return true;
  }

  // Features

  ImplFeatures(): RmmFeatures {
    return this.#abstractFeatures;
  }

  RecAuxCount(rd: number): number | undefined {
    return this.Realm(rd) === undefined ? undefined : this.#features.auxCount;
  }

  VmidIsFree(vmid: number): boolean {
    return !this.store.vmids.has(vmid);
  }

  VmidIsValid(vmid: number): boolean {
    return vmid < powerOfTwo(this.#features.vmidBits);
  }

  // Realms

  Realm(addr: number): Realm | undefined {
    return this.store.realms.get(addr);
  }

  RealmIsLive(addr: number): boolean | undefined {
    const realm = this.store.realms.get(addr);
    return realm === undefined
      ? undefined
      : realm.num_recs !== 0 || realm.roots.some((root) => this.RttIsLive(root));
  }

  RmiRealmParamsIsValid(addr: number): boolean | undefined {
    const params = this.RealmParams(addr);
    if (params === undefined) return undefined;
    // The document reserves 0 in both counts (B4.4.12).
    return RmiHashAlgorithm.is(params.hash_algo) && params.num_bps !== 0 && params.num_wps !== 0;
  }

  RealmParamsSupported(value: RmiRealmParams): boolean {
    const { flags } = value;
    const features = this.#features;
    const wanted = (feature: number): boolean => feature === RmiFeature.RMI_FEATURE_TRUE;
    if (wanted(flags.lpa2) && !features.lpa2) return false;
    if (value.s2sz < MIN_IPA_WIDTH || value.s2sz > features.s2sz) return false;
    if (value.s2sz > ADDRESS_BITS && !wanted(flags.lpa2)) return false;
    if (wanted(flags.sve) && (features.sveVl === undefined || value.sve_vl > features.sveVl)) return false;
    if (wanted(flags.pmu) && (features.pmuNumCtrs === undefined || value.pmu_num_ctrs > features.pmuNumCtrs))
      return false;
    if (value.num_bps > features.numBps || value.num_wps > features.numWps) return false;
    return value.hash_algo === RmiHashAlgorithm.RMI_HASH_SHA_256 ? features.sha256 : features.sha512;
  }

  RttConfigIsValid(ipa_width: number, rtt_level_start: number, rtt_num_start: number): boolean {
    const size = levelSize(rtt_level_start);
    if (size === undefined || rtt_level_start >= RMM_RTT_PAGE_LEVEL) return false;
    if (ipa_width < MIN_IPA_WIDTH || ipa_width > this.#features.s2sz) return false;
    if (rtt_level_start === -1 && !this.#features.lpa2) return false;
    const entries = powerOfTwo(ipa_width) / size;
    if (entries <= 1) return false;
    const tables = Math.max(1, entries / ENTRIES);
    return tables <= STAGE2_CONCATENATED_TABLES_MAX && tables === rtt_num_start;
  }

  // RECs

  Rec(addr: number): RmmRec | undefined {
    return this.store.recs.get(addr);
  }

  CurrentRec(): RmmRec | undefined {
    return this.running?.rec;
  }

  CurrentRealm(): RmmRealm | undefined {
    const rec = this.running?.rec;
    return rec === undefined ? undefined : this.store.realms.get(rec.owner);
  }

  #recOfRunning(mpidr: bigint): Rec | undefined {
    const owner = this.running?.rec.owner;
    for (const rec of this.store.recs.values()) if (rec.owner === owner && rec.mpidr === mpidr) return rec;
    return undefined;
  }

  RecFromMpidr(mpidr: bigint): RmmRec | undefined {
    return this.#recOfRunning(mpidr);
  }

  MpidrIsUsed(mpidr: bigint): boolean {
    return this.#recOfRunning(mpidr) !== undefined;
  }

  RecRipasChangeResponse(rec: RmmRec): number {
    const rejected =
      rec.ripas_value === RmmRipas.RAM &&
      rec.ripas_addr !== rec.ripas_top &&
      rec.ripas_response === RmmRecResponse.REJECT;
    return rejected ? RsiResponse.RSI_REJECT : RsiResponse.RSI_ACCEPT;
  }

  /** Whether a RIPAS change that a REC asked for may go past entries that are DESTROYED. */
  mayChangeDestroyed(rec: RmmRec): boolean {
    return rec.ripas_destroyed === RmmRipasChangeDestroyed.CHANGE_DESTROYED;
  }

  RealmConfig(addr: number): RsiRealmConfig | undefined {
    const granule = this.running?.resolve(addr);
    return granule === undefined
      ? undefined
      : new RsiRealmConfig(this.#memory.memoryAt(granule), this.#memory.offsetAt(granule));
  }

  RealmHostCall(addr: number): RsiHostCall | undefined {
    const offset = addr % GRANULE;
    const granule = this.running?.resolve(addr - offset);
    return granule === undefined
      ? undefined
      : new RsiHostCall(this.#memory.memoryAt(granule), this.#memory.offsetAt(granule) + offset);
  }

  PsciReturnCodeEncode(value: bigint): bigint {
    return BigInt.asUintN(64, value);
  }

  PsciReturnCodePermitted(calling_rec: RmmRec, target_rec: RmmRec, value: bigint): boolean {
    if (value === PsciReturnCode.PSCI_SUCCESS) return true;
    return (
      value === PsciReturnCode.PSCI_DENIED &&
      calling_rec.gprs[0] === BigInt(FID_PSCI_CPU_ON) &&
      target_rec.flags.runnable !== RmmRecRunnable.RUNNABLE
    );
  }

  Gicv3ConfigIsValid(gicv3_hcr: bigint, gicv3_lrs: readonly bigint[]): boolean {
    return this.#isGicEntryValid(gicv3_hcr, gicv3_lrs);
  }

  // Measurements

  RimInit(hash_algo: number, params: RmiRealmParams): Uint8Array {
    return this.#measurer.initialRim(hash_algo as RmmRealm['hash_algo'], params);
  }

  RimExtendData(realm: RmmRealm, ipa: number, data: number, flags: RmiDataFlags): Uint8Array {
    return this.#measurer.rimWithData(realm.hash_algo, realm.measurements[0]!, ipa, flags, () =>
      this.contents(data),
    );
  }

  RimExtendRec(realm: RmmRealm, params: RmiRecParams): Uint8Array {
    return this.#measurer.rimWithRec(realm.hash_algo, realm.measurements[0]!, params);
  }

  RimExtendRipas(realm: RmmRealm, base: number, top: number, level: number): Uint8Array {
    let rim = realm.measurements[0]!;
    const size = levelSize(level) ?? Number.POSITIVE_INFINITY;
    for (let at = base; at < top; at += size)
      rim = this.#measurer.rimWithRipas(realm.hash_algo, rim, at, at + size);
    return rim;
  }

  /** The document passes no hash algorithm; nothing but RimExtendRipas calls it. */
  RimExtendRipasForEntry(rim: Uint8Array, ipa: number, level: number): Uint8Array {
    const algorithm = 0 as RmmRealm['hash_algo'];
    return this.#measurer.rimWithRipas(algorithm, rim, ipa, ipa + (levelSize(level) ?? 0));
  }

  RemExtend(hash_algo: number, old_value: Uint8Array, new_value: Uint8Array, size: number): Uint8Array {
    return this.#measurer.extendedRem(hash_algo as RmmRealm['hash_algo'], old_value, new_value, size);
  }

  // RTTs

  Rtt(addr: number): RmmRtt | undefined {
    return this.store.rtts.get(addr);
  }

  RttEntry(rtt: number, i: number): RmmRttEntry | undefined {
    return i >= 0 && i < ENTRIES ? this.store.rtts.get(rtt)?.entry(i) : undefined;
  }

  RttWalk(rd: number, addr: number, level = RMM_RTT_PAGE_LEVEL): RmmRttWalkResult | undefined {
    const realm = this.store.realms.get(rd);
    if (
      realm === undefined ||
      addr >= powerOfTwo(realm.ipa_width) ||
      level < realm.rtt_level_start ||
      level > RMM_RTT_PAGE_LEVEL
    )
      return undefined;
    const { rtt, index } = this.store.walk(realm, addr, level);
    return { level: rtt.level, rtt_addr: rtt.address, rtte: rtt.entry(index) };
  }

  RttLevelSize(level: number): number | undefined {
    return levelSize(level);
  }

  RttEntryIndex(addr: number, level: number): number | undefined {
    return levelSize(level) === undefined ? undefined : entryIndex(addr, level);
  }

  RttLevelIsValid(rd: number, level: number): boolean | undefined {
    const realm = this.store.realms.get(rd);
    return realm === undefined ? undefined : level >= realm.rtt_level_start && level <= RMM_RTT_PAGE_LEVEL;
  }

  RttLevelIsStarting(rd: number, level: number): boolean | undefined {
    const realm = this.store.realms.get(rd);
    return realm === undefined ? undefined : level === realm.rtt_level_start;
  }

  RttLevelIsBlockOrPage(rd: number, level: number): boolean | undefined {
    const realm = this.store.realms.get(rd);
    return realm === undefined
      ? undefined
      : level >= Math.max(1, realm.rtt_level_start) && level <= RMM_RTT_PAGE_LEVEL;
  }

  RttEntryState(state: number): number {
    switch (state) {
      case RmmRttEntryState.ASSIGNED:
      case RmmRttEntryState.ASSIGNED_NS:
        return RmiRttEntryState.RMI_ASSIGNED;
      case RmmRttEntryState.TABLE:
        return RmiRttEntryState.RMI_TABLE;
      default:
        return RmiRttEntryState.RMI_UNASSIGNED;
    }
  }

  RipasToRmi(ripas: number): number | undefined {
    switch (ripas) {
      case RmmRipas.EMPTY:
        return RmiRipas.RMI_EMPTY;
      case RmmRipas.RAM:
        return RmiRipas.RMI_RAM;
      case RmmRipas.DESTROYED:
        return RmiRipas.RMI_DESTROYED;
      default:
        return undefined;
    }
  }

  RttDescriptorIsValidForUnprotected(desc: bigint): boolean {
    return isDescriptorForUnprotected(desc, this.#features.lpa2);
  }

  RttEntryFromDescriptor(desc: bigint): RmmRttEntry {
    const { addr, MemAttr, S2AP } = readDescriptor(desc, this.#features.lpa2);
    return { addr, ripas: RmmRipas.EMPTY, state: RmmRttEntryState.UNASSIGNED_NS, MemAttr, S2AP };
  }

  RttAllEntriesState(rtt: RmmRtt, state: number): boolean {
    return everyEntry((index) => (rtt as Rtt).stateAt(index) === state);
  }

  RttAllEntriesRipas(rtt: RmmRtt, ripas: number): boolean {
    return everyEntry((index) => (rtt as Rtt).ripasAt(index) === ripas);
  }

  RttAllEntriesContiguous(rtt: RmmRtt, addr: number, level: number): boolean {
    const size = levelSize(level) ?? Number.NaN;
    return everyEntry((index) => (rtt as Rtt).addressAt(index) === addr + index * size);
  }

  RttIsLive(rtt: RmmRtt): boolean {
    const table = rtt as Rtt;
    for (let index = 0; index < ENTRIES; index++) {
      const state = table.stateAt(index);
      if (state === RmmRttEntryState.ASSIGNED || state === RmmRttEntryState.TABLE) return true;
    }
    return false;
  }

  RttIsHomogeneous(rtt: RmmRtt): boolean {
    return this.RttFold(rtt) !== undefined;
  }

  RttFold(rtt: RmmRtt): RmmRttEntry | undefined {
    const table = rtt as Rtt;
    const first = table.entry(0);
    switch (first.state) {
      case RmmRttEntryState.UNASSIGNED:
        return this.RttAllEntriesState(rtt, first.state) && this.RttAllEntriesRipas(rtt, first.ripas)
          ? first
          : undefined;
      case RmmRttEntryState.UNASSIGNED_NS:
        return this.RttAllEntriesState(rtt, first.state) ? first : undefined;
      case RmmRttEntryState.ASSIGNED:
      case RmmRttEntryState.ASSIGNED_NS:
        if (table.level < 2 || !isLevelAligned(first.addr, table.level - 1)) return undefined;
        // Every entry goes on where the one before it ends, with the same RIPAS and attributes.
        return everyEntry((index) => index === 0 || table.continues(index)) ? first : undefined;
      default:
        return undefined;
    }
  }

  RttSkipEntriesUnlessRipas(rtt: RmmRtt, level: number, ipa: number, ripas: number): number {
    const table = rtt as Rtt;
    const start = entryIndex(ipa, level);
    let index = start;
    while (index < ENTRIES && table.ripasAt(index) !== ripas) index++;
    return ipaAfter(ipa, level, index - start);
  }

  RttSkipEntriesUnlessState(rtt: RmmRtt, level: number, ipa: number, state: number): number {
    const table = rtt as Rtt;
    const start = entryIndex(ipa, level);
    let index = start;
    while (index < ENTRIES && table.stateAt(index) !== state) index++;
    return ipaAfter(ipa, level, index - start);
  }

  RttSkipEntriesWithRipas(
    rtt: RmmRtt,
    level: number,
    base: number,
    top: number,
    stop_at_destroyed: boolean,
  ): number {
    let result = this.RttSkipEntriesUnlessState(rtt, level, base, RmmRttEntryState.TABLE);
    if (stop_at_destroyed)
      result = Math.min(result, this.RttSkipEntriesUnlessRipas(rtt, level, base, RmmRipas.DESTROYED));
    return this.AlignDownToRttLevel(Math.min(result, top), level);
  }

  RttSkipNonLiveEntries(rtt: RmmRtt, level: number, ipa: number): number {
    const table = rtt as Rtt;
    const start = entryIndex(ipa, level);
    let index = start;
    while (index < ENTRIES && !isLiveEntry(table.stateAt(index))) index++;
    return ipaAfter(ipa, level, index - start);
  }

  RttEntriesInRangeRipas(rtt: RmmRtt, level: number, base: number, top: number, ripas: number): boolean {
    const table = rtt as Rtt;
    const size = levelSize(level)!;
    for (let at = base; at < top; at += size)
      if (table.ripasAt(entryIndex(at, level)) !== ripas) return false;
    return true;
  }

  /** Entries of the starting level RTTs in one half of the IPA space. */
  #everyStartingEntry(
    rtt_base: number,
    rtt_num_start: number,
    isProtected: boolean,
    test: (rtt: Rtt, index: number) => boolean,
  ): boolean {
    for (let i = 0; i < rtt_num_start; i++) {
      const rtt = this.store.rtts.get(rtt_base + i * GRANULE);
      if (rtt === undefined) return false;
      const realm = this.store.realms.get(rtt.rd);
      if (realm === undefined) return false;
      for (let index = 0; index < ENTRIES; index++) {
        const ipa = rtt.ipaOf(index);
        if (ipa < powerOfTwo(realm.ipa_width) && realm.isProtected(ipa) === isProtected && !test(rtt, index))
          return false;
      }
    }
    return true;
  }

  RttsAllProtectedEntriesRipas(rtt_base: number, rtt_num_start: number, ripas: number): boolean {
    return this.#everyStartingEntry(
      rtt_base,
      rtt_num_start,
      true,
      (rtt, index) => rtt.ripasAt(index) === ripas,
    );
  }

  RttsAllProtectedEntriesState(rtt_base: number, rtt_num_start: number, state: number): boolean {
    return this.#everyStartingEntry(
      rtt_base,
      rtt_num_start,
      true,
      (rtt, index) => rtt.stateAt(index) === state,
    );
  }

  RttsAllUnprotectedEntriesState(rtt_base: number, rtt_num_start: number, state: number): boolean {
    return this.#everyStartingEntry(
      rtt_base,
      rtt_num_start,
      false,
      (rtt, index) => rtt.stateAt(index) === state,
    );
  }

  RttsStateEqual(rtt_base: number, rtt_num_start: number, state: number): boolean {
    for (let i = 0; i < rtt_num_start; i++) {
      const addr = rtt_base + i * GRANULE;
      if (!this.PaIsDelegable(addr) || this.Granule(addr)?.state !== state) return false;
    }
    return true;
  }
}

function everyEntry(test: (index: number) => boolean): boolean {
  for (let index = 0; index < ENTRIES; index++) if (!test(index)) return false;
  return true;
}

/** Whether an entry in a state is live (A5.5.8). */
function isLiveEntry(state: number): boolean {
  return isMapping(state) || state === RmmRttEntryState.TABLE;
}

/** Where an entry begins that is some entries after the one of an IPA. */
function ipaAfter(ipa: number, level: number, entries: number): number {
  const size = levelSize(level)!;
  return alignDown(ipa, size) + entries * size;
}
