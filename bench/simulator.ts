import { hash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_DESTROY,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_UNMAP_UNPROTECTED,
  RmiHashAlgorithm,
  RmiRealmParams,
} from '../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../runtime/bits/index.js';
import { createMachine, type Hashes, type Machine } from '../runtime/index.js';
import type { Round, Row } from './calls.js';
import { realmRows } from './realm.js';

const PAGE = 4096n;
const BASE = 0x8000_0000n;
const GIGABYTE = 1n << 30n;
/** IPA space of the Realms: 2^39 bytes, a starting level of 1 in a single table. */
const IPA_WIDTH = 39;
const UNPROTECTED = 1n << BigInt(IPA_WIDTH - 1);
const TABLE_SPAN = 512n * PAGE;

/** A string costs Node less than a buffer. */
function bytesOf(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The hash functions of Node. */
const nodeHashes: Hashes = {
  sha256: (bytes) => bytesOf(hash('sha256', bytes, 'binary')),
  sha512: (bytes) => bytesOf(hash('sha512', bytes, 'binary')),
};

/** A Host at its barest: it writes registers, executes SMC and looks at X0. */
class Wire {
  readonly machine: Machine;
  /** X0 to X16. */
  readonly x: BigUint64Array;
  /** Where the next Granule comes from. */
  #next = BASE;

  constructor(size: bigint, hashes?: Hashes) {
    this.machine = createMachine({
      memory: [{ base: BASE, size }],
      ...(hashes === undefined ? {} : { hashes }),
    });
    this.x = this.machine.registers.memory.u64!;
  }

  call(fid: number, ...inputs: readonly bigint[]): void {
    this.x[0] = BigInt(fid);
    for (const [i, value] of inputs.entries()) this.x[i + 1] = value;
    this.machine.call();
    if (this.x[0] !== 0n) throw new Error(`${this.machine.command} failed: 0x${this.x[0]!.toString(16)}`);
  }

  take(count: number): bigint[] {
    return Array.from({ length: count }, () => {
      const page = this.#next;
      this.#next += PAGE;
      return page;
    });
  }

  delegated(count: number): bigint[] {
    const pages = this.take(count);
    for (const page of pages) this.call(RMI_GRANULE_DELEGATE.fid, page);
    return pages;
  }

  /** A new Realm with tables for pages from IPA 0 on, and for as many Unprotected ones. RD, and tables by IPA. */
  realm(pages: number): { rd: bigint; tables: [rtt: bigint, ipa: bigint, level: bigint][]; root: bigint } {
    const [root, rd] = this.delegated(2);
    const page = this.take(1)[0]!;
    const params = allocate(RmiRealmParams);
    params.assign({
      s2sz: IPA_WIDTH,
      num_bps: 1,
      num_wps: 1,
      hash_algo: RmiHashAlgorithm.RMI_HASH_SHA_256,
      vmid: this.machine.rmm.store.realms.size + 1,
      rtt_base: root!,
      rtt_level_start: 1n,
      rtt_num_start: 1,
    });
    this.machine.bus.write(Number(page), params.$bytes);
    this.call(RMI_REALM_CREATE.fid, rd!, page);
    const tables: [bigint, bigint, bigint][] = [];
    for (const half of [0n, UNPROTECTED]) {
      for (let ipa = half; ipa < half + BigInt(pages) * PAGE; ipa += GIGABYTE)
        tables.push([this.delegated(1)[0]!, ipa, 2n]);
      for (let ipa = half; ipa < half + BigInt(pages) * PAGE; ipa += TABLE_SPAN)
        tables.push([this.delegated(1)[0]!, ipa, 3n]);
    }
    for (const [rtt, ipa, level] of tables) this.call(RMI_RTT_CREATE.fid, rd!, rtt, ipa, level);
    return { rd: rd!, tables, root: root! };
  }
}

/** Times calls of a command whose inputs are in columns, X1 first. */
function time({ machine, x }: Wire, fid: number, columns: readonly BigUint64Array[]): Round {
  const count = columns[0]!.length;
  const number = BigInt(fid);
  const [a, b = a!, c = a!, d = a!] = columns;
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    x[0] = number;
    x[1] = a![i]!;
    x[2] = b[i]!;
    x[3] = c[i]!;
    x[4] = d[i]!;
    x[5] = 0n;
    machine.call();
    if (x[0] !== 0n) throw new Error(`${machine.command} failed: 0x${x[0].toString(16)}`);
  }
  return { calls: count, milliseconds: performance.now() - start };
}

const column = (values: readonly bigint[]): BigUint64Array => BigUint64Array.from(values);
const same = (value: bigint, count: number): BigUint64Array => new BigUint64Array(count).fill(value);
const sum = (...rounds: readonly Round[]): Round => ({
  calls: rounds.reduce((all, { calls }) => all + calls, 0),
  milliseconds: rounds.reduce((all, { milliseconds }) => all + milliseconds, 0),
});

const PAIRS = 65536;
/** Pairs of a round. */
const SLICE = 1000;

/** Pairs of RMI_GRANULE_DELEGATE and RMI_GRANULE_UNDELEGATE, in a machine of some Granules. A pair counts as one call. */
function pairs(granules: number, contents = false): () => Round {
  const wire = new Wire(BigInt(granules) * PAGE);
  const count = Math.min(PAIRS, granules);
  const step = BigInt(Math.max(1, Math.floor(granules / count)));
  const pages = column(Array.from({ length: count }, (_, i) => BASE + BigInt(i) * step * PAGE));
  if (contents) for (const page of pages) wire.machine.bus.write8(Number(page), 1);
  // Rounds that are alike in length, whatever there is of memory: other work on the machine disturbs long ones more.
  const slices = Array.from({ length: Math.ceil(count / SLICE) }, (_, i) =>
    pages.subarray(i * SLICE, (i + 1) * SLICE),
  );
  let round = 0;
  return () => {
    const slice = slices[round++ % slices.length]!;
    const both = sum(
      time(wire, RMI_GRANULE_DELEGATE.fid, [slice]),
      time(wire, RMI_GRANULE_UNDELEGATE.fid, [slice]),
    );
    return { ...both, calls: slice.length };
  };
}

const MAPPED = 8192;

function unprotected(): { readonly map: () => Round; readonly read: () => Round } {
  const wire = new Wire(GIGABYTE);
  const { rd } = wire.realm(MAPPED);
  const rds = same(rd, MAPPED);
  const ipas = column(Array.from({ length: MAPPED }, (_, i) => UNPROTECTED + BigInt(i) * PAGE));
  const levels = same(3n, MAPPED);
  const descriptors = column(Array.from({ length: MAPPED }, (_, i) => (BigInt(i) * PAGE) | 0xd8n));
  const map = () => time(wire, RMI_RTT_MAP_UNPROTECTED.fid, [rds, ipas, levels, descriptors]);
  map();
  return {
    map: () => {
      time(wire, RMI_RTT_UNMAP_UNPROTECTED.fid, [rds, ipas, levels]);
      return map();
    },
    read: () => time(wire, RMI_RTT_READ_ENTRY.fid, [rds, ipas, levels]),
  };
}

const TABLES = 1024;

function tables(): () => Round {
  const wire = new Wire(GIGABYTE);
  const { rd } = wire.realm(512);
  const upper = wire.delegated(2);
  for (const [i, rtt] of upper.entries())
    wire.call(RMI_RTT_CREATE.fid, rd, rtt, BigInt(i + 1) * GIGABYTE, 2n);
  const rds = same(rd, TABLES);
  const granules = column(wire.delegated(TABLES));
  const ipas = column(Array.from({ length: TABLES }, (_, i) => GIGABYTE + BigInt(i) * TABLE_SPAN));
  const levels = same(3n, TABLES);
  return () => {
    const round = time(wire, RMI_RTT_CREATE.fid, [rds, granules, ipas, levels]);
    time(wire, RMI_RTT_DESTROY.fid, [rds, ipas, levels]);
    return round;
  };
}

/** RMI_DATA_CREATE, or RMI_DATA_CREATE_UNKNOWN when `measured` is undefined. */
function data(count: number, measured: boolean | undefined, hashes?: Hashes): () => Round {
  const wire = new Wire(GIGABYTE, hashes);
  const { rd } = wire.realm(count);
  const rds = same(rd, count);
  const granules = column(wire.delegated(count));
  const ipas = column(Array.from({ length: count }, (_, i) => BigInt(i) * PAGE));
  const sources = wire.take(16);
  for (const [i, page] of sources.entries()) wire.machine.bus.fill(Number(page), 4096, i + 1);
  const source = column(Array.from({ length: count }, (_, i) => sources[i % 16]!));
  const flags = measured === true ? 1n : 0n;
  const { machine, x } = wire;
  const create = (): Round => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      x[0] = BigInt(RMI_DATA_CREATE.fid);
      x[1] = rds[i]!;
      x[2] = granules[i]!;
      x[3] = ipas[i]!;
      x[4] = source[i]!;
      x[5] = flags;
      machine.call();
      if (x[0] !== 0n) throw new Error(`RMI_DATA_CREATE failed: 0x${x[0].toString(16)}`);
    }
    return { calls: count, milliseconds: performance.now() - start };
  };
  return () => {
    const round =
      measured === undefined ? time(wire, RMI_DATA_CREATE_UNKNOWN.fid, [rds, granules, ipas]) : create();
    time(wire, RMI_DATA_DESTROY.fid, [rds, ipas]);
    return round;
  };
}

const LIFE = 256;

/** A Realm of 256 pages from delegation to the last Granule that comes back; RMI_DATA_CREATE_UNKNOWN fills it. */
function lifecycle(): () => Round {
  const wire = new Wire(GIGABYTE);
  const [root, ...others] = wire.take(1 + 1 + 2 + LIFE);
  const [rd, upper, lower, ...pages] = others;
  const params = allocate(RmiRealmParams);
  params.assign({
    s2sz: IPA_WIDTH,
    num_bps: 1,
    num_wps: 1,
    vmid: 1,
    rtt_base: root!,
    rtt_level_start: 1n,
    rtt_num_start: 1,
  });
  const page = wire.take(1)[0]!;
  wire.machine.bus.write(Number(page), params.$bytes);
  const all = column([root!, ...others]);
  const rds = same(rd!, LIFE);
  const granules = column(pages);
  const ipas = column(Array.from({ length: LIFE }, (_, i) => BigInt(i) * PAGE));
  const few = (fid: number, ...inputs: readonly bigint[]) =>
    time(
      wire,
      fid,
      inputs.map((value) => same(value, 1)),
    );
  return () =>
    sum(
      time(wire, RMI_GRANULE_DELEGATE.fid, [all]),
      few(RMI_REALM_CREATE.fid, rd!, page),
      few(RMI_RTT_CREATE.fid, rd!, upper!, 0n, 2n),
      few(RMI_RTT_CREATE.fid, rd!, lower!, 0n, 3n),
      time(wire, RMI_DATA_CREATE_UNKNOWN.fid, [rds, granules, ipas]),
      few(RMI_REALM_ACTIVATE.fid, rd!),
      time(wire, RMI_DATA_DESTROY.fid, [rds, ipas]),
      few(RMI_RTT_DESTROY.fid, rd!, 0n, 3n),
      few(RMI_RTT_DESTROY.fid, rd!, 0n, 2n),
      few(RMI_REALM_DESTROY.fid, rd!),
      time(wire, RMI_GRANULE_UNDELEGATE.fid, [all]),
    );
}

function rows(): Row[] {
  return [
    {
      name: 'RMI_GRANULE_DELEGATE and UNDELEGATE, 64 Ki pairs',
      reference: { upstream: 0.49e6, tuned: 4.9e6 },
      prepare: () => pairs(PAIRS),
    },
    { name: 'the same, of pages with contents', prepare: () => pairs(PAIRS / 8, true) },
    {
      name: 'RMI_RTT_MAP_UNPROTECTED',
      reference: { upstream: 1.6e6, tuned: 13.5e6 },
      prepare: () => unprotected().map,
    },
    {
      name: 'RMI_RTT_READ_ENTRY',
      reference: { upstream: 1.5e6, tuned: 12.7e6 },
      prepare: () => unprotected().read,
    },
    { name: 'RMI_RTT_CREATE', reference: { upstream: 1.3e6, tuned: 5.5e6 }, prepare: () => tables() },
    {
      name: 'RMI_DATA_CREATE, unmeasured',
      reference: { upstream: 0.53e6, tuned: 1.07e6 },
      prepare: () => data(2048, false),
    },
    {
      name: "RMI_DATA_CREATE, unmeasured, the host's hash",
      reference: { upstream: 0.53e6, tuned: 1.07e6 },
      prepare: () => data(2048, false, nodeHashes),
    },
    {
      name: 'RMI_DATA_CREATE, SHA-256',
      reference: { upstream: 72e3, tuned: 94e3 },
      prepare: () => data(512, true),
    },
    {
      name: "RMI_DATA_CREATE, SHA-256, the host's hash",
      reference: { upstream: 72e3, tuned: 94e3 },
      prepare: () => data(512, true, nodeHashes),
    },
    {
      name: 'RMI_DATA_CREATE_UNKNOWN',
      reference: { upstream: 1.45e6, tuned: 13.1e6 },
      prepare: () => data(4096, undefined),
    },
    {
      name: 'life of a Realm with 256 pages',
      reference: { upstream: 473e3, tuned: 1.37e6 },
      prepare: () => lifecycle(),
    },
    ...[1_000, 10_000, 100_000, 1_000_000, 10_000_000].map((granules) => ({
      name: `pairs as above among ${granules.toLocaleString('en')} Granules`,
      prepare: () => pairs(granules),
    })),
  ];
}

const WARM_UP = 300;
const MEASURE = 1200;

/** Calls a second: the fastest tenth of many short rounds, which other work on the machine has disturbed least. */
function rate({ prepare }: Row): number {
  const round = prepare();
  for (const until = performance.now() + WARM_UP; performance.now() < until; ) round();
  const rates: number[] = [];
  for (const until = performance.now() + MEASURE; performance.now() < until || rates.length < 10; ) {
    const { calls, milliseconds } = round();
    rates.push((calls / milliseconds) * 1e3);
  }
  return rates.sort((a, b) => b - a)[Math.floor(rates.length / 10)]!;
}

/** Steps a second of a loop that every processor runs alike, to compare machines by. */
function calibration(): number {
  const steps = 20_000_000;
  let best = 0;
  for (let attempt = 0; attempt < 10; attempt++) {
    const start = performance.now();
    let state = 1;
    for (let i = 0; i < steps; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    best = Math.max(best, (steps / (performance.now() - start)) * (state === 0 ? 0 : 1e3));
  }
  return best;
}

function text(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${(perSecond / 1e3).toFixed(0)} k`;
}

/** Bytes that the table of Granules takes for each of ten million that were all delegated once. */
function bytesPerGranule(): number {
  const granules = 10_000_000;
  const wire = new Wire(BigInt(granules) * PAGE);
  const { x, machine } = wire;
  for (let i = 0; i < granules; i++) {
    x[0] = BigInt(RMI_GRANULE_DELEGATE.fid);
    x[1] = BASE + BigInt(i) * PAGE;
    machine.call();
  }
  return machine.rmm.store.granules.footprint / granules;
}

/** The simulator on its fast path, call by call through the registers, as a Markdown table. */
export function simulatorTable(wanted: string): string {
  const lines = ['| calls a second | rmigen | C, upstream | C, tuned |', '|---|---:|---:|---:|'];
  for (const row of [...rows(), ...realmRows()]) {
    if (!row.name.includes(wanted)) continue;
    const { reference } = row;
    const measured = rate(row);
    const against = (other: number | undefined): string =>
      other === undefined ? '' : `${text(other)} (${(measured / other).toFixed(2)}x)`;
    lines.push(
      `| ${row.name} | ${text(measured)} | ${against(reference?.upstream)} | ${against(reference?.tuned)} |`,
    );
  }
  if (lines.length === 2) return '';
  return (
    `${lines.join('\n')}\n\nCalibration: ${text(calibration())} steps of xorshift32 a second; ` +
    `the C figures are of a machine of their own. ${bytesPerGranule().toFixed(2)} bytes a Granule.\n`
  );
}
