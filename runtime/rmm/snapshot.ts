import { sha256 } from '@noble/hashes/sha2.js';
import {
  RmmGptEntry,
  RmmGranuleState,
  RmmRealmState,
  RmmRipas,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { GRANULE, type PhysicalMemory } from '../machine/memory.js';
import { Realm } from './realm.js';
import { Rec } from './rec.js';
import { ENTRIES, type Rtt } from './rtt.js';
import type { Store } from './store.js';

/** An entry that differs from the one before it in its table, which stands for the run that it begins. */
export interface EntrySnapshot {
  readonly index: number;
  readonly state: string;
  readonly ripas: string;
  readonly addr: number;
  readonly MemAttr: number;
  readonly S2AP: number;
}

/**
 * The state of a machine as plain data, in one canonical form: objects by ascending address, labels by name, bit
 * strings and 64-bit values in hexadecimal, only what differs from a machine that was just made. It holds what a Host
 * may not see; it is for tests and tools.
 */
export interface Snapshot {
  readonly granules: readonly { readonly address: number; readonly state: string; readonly gpt: string }[];
  readonly realms: readonly {
    readonly rd: number;
    readonly state: string;
    readonly attributes: Readonly<Record<string, string | number | readonly string[]>>;
    readonly rtts: readonly number[];
  }[];
  readonly recs: readonly {
    readonly address: number;
    readonly owner: number;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly rtts: readonly {
    readonly address: number;
    readonly rd: number;
    readonly level: number;
    readonly ipa: number;
    readonly entries: readonly EntrySnapshot[];
  }[];
  /** Contents of Granules that are not all zero, as hexadecimal digits of a SHA-256, or whole when asked for. */
  readonly memory: readonly { readonly address: number; readonly sha256?: string; readonly bytes?: string }[];
}

type Labels = Readonly<Record<string, number>>;

/** The names of labels by value: labels without an encoding are numbered from 0 on. */
function namesOf(labels: Labels): readonly string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(labels)) names[value] = name;
  return names;
}

const granuleStates = namesOf(RmmGranuleState);
const gptEntries = namesOf(RmmGptEntry);
const realmStates = namesOf(RmmRealmState);
const entryStates = namesOf(RmmRttEntryState);
const ripasValues = namesOf(RmmRipas);

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  );
}

/** Values with bigints in hexadecimal, and the other way round: no other text begins like a number. */
function hexadecimal(values: object): object {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'bigint' ? `0x${value.toString(16)}` : value]),
  );
}

function bigints(values: object): object {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('0x') ? BigInt(value) : value,
    ]),
  );
}

/** Registers by name; one that is zero is as it was at first. */
function sorted(registers: Readonly<Record<string, bigint>>): object {
  return Object.fromEntries(
    Object.entries(registers)
      .filter(([, value]) => value !== 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const ascending = <T>(objects: Iterable<readonly [number, T]>): (readonly [number, T])[] =>
  [...objects].sort(([a], [b]) => a - b);

/** An entry a run: short, and the same for tables that say the same. */
function entriesOf(rtt: Rtt): EntrySnapshot[] {
  const found: EntrySnapshot[] = [];
  for (let index = 0; index < ENTRIES; index++) {
    // Tables may follow each other in memory by chance.
    const goesOn = index > 0 && rtt.continues(index) && rtt.stateAt(index) !== RmmRttEntryState.TABLE;
    if (goesOn) continue;
    const { state, ripas, addr, MemAttr, S2AP } = rtt.entry(index);
    found.push({ index, state: entryStates[state]!, ripas: ripasValues[ripas]!, addr, MemAttr, S2AP });
  }
  return found;
}

export interface SnapshotOptions {
  /** What is kept of memory: hashes unless given; `whole` so that the snapshot can be restored. */
  readonly contents?: 'hashed' | 'whole' | 'none';
}

export function takeSnapshot(store: Store, memory: PhysicalMemory, options: SnapshotOptions = {}): Snapshot {
  const granules = [...store.granules.touched()].map(({ address, granule }) => ({
    address,
    state: granuleStates[granule.state]!,
    gpt: gptEntries[granule.gpt]!,
  }));
  const realms = ascending(store.realms).map(([rd, realm]) => ({
    rd,
    state: realmStates[realm.state]!,
    attributes: {
      feat_lpa2: realm.feat_lpa2,
      ipa_width: realm.ipa_width,
      measurements: realm.measurements.map(hex),
      hash_algo: realm.hash_algo,
      rec_index: realm.rec_index,
      rtt_base: realm.rtt_base,
      rtt_level_start: realm.rtt_level_start,
      rtt_num_start: realm.rtt_num_start,
      vmid: realm.vmid,
      rpv: hex(realm.rpv),
      num_recs: realm.num_recs,
    },
    rtts: realm.roots.map((root) => root.address),
  }));
  const recs = ascending(store.recs).map(([address, rec]) => ({
    address,
    owner: rec.owner,
    attributes: {
      attest_state: rec.attest_state,
      attest_challenge: hex(rec.attest_challenge),
      aux: rec.aux,
      emulatable_abort: rec.emulatable_abort,
      runnable: rec.flags.runnable,
      gprs: rec.gprs.map((value) => value.toString(16)),
      mpidr: rec.mpidr.toString(16),
      pc: rec.pc.toString(16),
      psci_pending: rec.psci_pending,
      state: rec.state,
      ripas_addr: rec.ripas_addr,
      ripas_top: rec.ripas_top,
      ripas_value: rec.ripas_value,
      ripas_destroyed: rec.ripas_destroyed,
      ripas_response: rec.ripas_response,
      host_call_pending: rec.host_call_pending,
      sysregs: hexadecimal(sorted(rec.sysregs)),
      last: hexadecimal(rec.last),
    },
  }));
  const rtts = ascending(store.rtts).map(([address, rtt]) => ({
    address,
    rd: rtt.rd,
    level: rtt.level,
    ipa: rtt.ipa,
    entries: entriesOf(rtt),
  }));
  const { contents = 'hashed' } = options;
  const addresses = contents === 'none' ? [] : [...memory.touched()];
  const pages = addresses.map((address) => {
    const bytes = memory.memoryAt(address).bytes(memory.offsetAt(address), GRANULE);
    return contents === 'whole' ? { address, bytes: hex(bytes) } : { address, sha256: hex(sha256(bytes)) };
  });
  return { granules, realms, recs, rtts, memory: pages };
}

/** A SHA-256 over the canonical form: equal states have equal digests, on every host. */
export function digestOf(snapshot: Snapshot): string {
  return hex(sha256(new TextEncoder().encode(JSON.stringify(snapshot))));
}

const labelled = <T extends number>(labels: Readonly<Record<string, T>>, name: string): T => {
  if (!Object.hasOwn(labels, name)) throw new TypeError(`snapshot: ${name} is no label`);
  return labels[name]!;
};

/**
 * Puts a store and memory that were just made into the state of a snapshot, which was taken with its contents.
 *
 * @throws TypeError if the snapshot has no contents or is not one
 */
export function restoreSnapshot(snapshot: Snapshot, store: Store, memory: PhysicalMemory): void {
  for (const { address, bytes } of snapshot.memory) {
    if (bytes === undefined) throw new TypeError('snapshot: expected one that was taken with contents');
    memory.memoryAt(address).bytes(memory.offsetAt(address), GRANULE).set(bytesOf(bytes));
  }
  for (const { address, state, gpt } of snapshot.granules)
    store.granules.set(address, labelled(RmmGranuleState, state), labelled(RmmGptEntry, gpt));
  for (const { address, rd, level, ipa, entries } of snapshot.rtts) {
    const rtt = store.addTable(address, level, ipa, rd);
    const size = rtt.ipaOf(1) - rtt.ipaOf(0);
    for (const [i, run] of entries.entries()) {
      const end = entries[i + 1]?.index ?? ENTRIES;
      const step = run.state === 'ASSIGNED' || run.state === 'ASSIGNED_NS' ? size : 0;
      for (let index = run.index; index < end; index++) {
        rtt.set(index, {
          addr: run.addr + (index - run.index) * step,
          state: labelled(RmmRttEntryState, run.state),
          ripas: labelled(RmmRipas, run.ripas),
          MemAttr: run.MemAttr,
          S2AP: run.S2AP,
        });
      }
    }
  }
  for (const rtt of store.rtts.values()) {
    for (let index = 0; index < ENTRIES; index++) {
      if (rtt.stateAt(index) === RmmRttEntryState.TABLE)
        rtt.children[index] = store.rtts.get(rtt.addressAt(index));
    }
  }
  for (const { rd, state, attributes, rtts } of snapshot.realms) {
    const realm = new Realm(rd);
    const { measurements, rpv, ...plain } = attributes;
    Object.assign(realm, plain);
    realm.state = labelled(RmmRealmState, state);
    realm.measurements = (measurements as readonly string[]).map(bytesOf);
    realm.rpv = bytesOf(String(rpv));
    realm.roots = rtts.map((address) => store.rtts.get(address)!);
    store.realms.set(rd, realm);
    store.vmids.set(realm.vmid, rd);
  }
  for (const { address, owner, attributes } of snapshot.recs) {
    const rec = new Rec(address);
    const { attest_challenge, gprs, mpidr, pc, runnable, aux, sysregs, last, ...plain } =
      attributes as Record<string, unknown>;
    Object.assign(rec, plain);
    rec.owner = owner;
    rec.aux = [...(aux as number[])];
    rec.attest_challenge = bytesOf(String(attest_challenge));
    rec.gprs = (gprs as string[]).map((value) => BigInt(`0x${value}`));
    rec.mpidr = BigInt(`0x${String(mpidr)}`);
    rec.pc = BigInt(`0x${String(pc)}`);
    rec.flags = { runnable: runnable as Rec['flags']['runnable'] };
    rec.sysregs = bigints(sysregs as object) as Rec['sysregs'];
    rec.last = bigints(last as object) as Rec['last'];
    store.recs.set(address, rec);
  }
}
