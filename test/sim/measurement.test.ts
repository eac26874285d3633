import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_GRANULE_DELEGATE,
  RMI_REC_CREATE,
  RMI_RTT_INIT_RIPAS,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Machine } from '../../runtime/index.js';
import { root } from '../cli/harness.js';
import { BASE, bareRealm, caller, granule, machineOf, ok, PAGE, tablesTo } from './support.js';

/*
 * The RIM by another path (A7.1, B4.3.1.4, B4.3.9.4, B4.3.12.4, B4.3.18.4): bytes are laid out by the offsets that a C
 * compiler finds in the generated header, where there is one, and hashed by Node.
 */

/** Offsets of the members that are measured, and sizes of their structures. */
const members = {
  realm_params: ['flags', 's2sz', 'sve_vl', 'num_bps', 'num_wps', 'pmu_num_ctrs', 'hash_algo'],
  rec_params: ['flags', 'pc', 'gprs'],
} as const;
type Layout = Readonly<Record<string, number>>;

/** The same by hand, from B4.4.12 and B4.4.18. */
const byHand: Layout = {
  'realm_params.flags': 0x0,
  'realm_params.s2sz': 0x8,
  'realm_params.sve_vl': 0x10,
  'realm_params.num_bps': 0x18,
  'realm_params.num_wps': 0x20,
  'realm_params.pmu_num_ctrs': 0x28,
  'realm_params.hash_algo': 0x30,
  realm_params: 0x1000,
  'rec_params.flags': 0x0,
  'rec_params.pc': 0x200,
  'rec_params.gprs': 0x300,
  rec_params: 0x1000,
};

function compiler(): string | undefined {
  for (const name of ['cc', 'gcc', 'clang']) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
}
const cc = compiler();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rmigen-measurement-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function byCompiler(): Layout {
  const lines = Object.entries(members).flatMap(([struct, names]) => [
    ...names.map((name) => `  printf("${struct}.${name} %zu\\n", offsetof(struct ${struct}, ${name}));`),
    `  printf("${struct} %zu\\n", sizeof(struct ${struct}));`,
  ]);
  const program =
    '#include <stdio.h>\n#include <stddef.h>\n#include "rmi_smc.h"\n' +
    `int main(void)\n{\n${lines.join('\n')}\n  return 0;\n}\n`;
  writeFileSync(join(folder, 'layout.c'), program);
  const headers = join(root, 'generated/rmm-1.0-rel0/c/linux');
  const output = join(folder, 'layout');
  execFileSync(cc!, [
    '-std=gnu11',
    `-I${headers}/shim`,
    `-I${headers}`,
    join(folder, 'layout.c'),
    '-o',
    output,
  ]);
  const printed = execFileSync(output, { encoding: 'utf8' });
  return Object.fromEntries(
    printed
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, value]) => [name!, Number(value)]),
  );
}

test.runIf(cc !== undefined)('a C compiler finds the offsets that are written here', () => {
  expect(byCompiler()).toEqual(byHand);
});

/** The RIM of a Realm, followed step by step with Node's hashes. */
class Rim {
  readonly #algorithm: 'sha256' | 'sha512';
  value: Buffer;

  constructor(algorithm: 'sha256' | 'sha512', params: Readonly<Record<string, number>>) {
    this.#algorithm = algorithm;
    this.value = this.#measure(this.#structure('realm_params', params));
  }

  /** A hash in 512 bits, with zeroes above it where it is shorter. */
  #measure(bytes: Buffer): Buffer {
    return Buffer.concat([createHash(this.#algorithm).update(bytes).digest()], 64);
  }

  #structure(struct: string, values: Readonly<Record<string, number | bigint>>): Buffer {
    const bytes = Buffer.alloc(byHand[struct]!);
    for (const [name, value] of Object.entries(values))
      bytes.writeBigUInt64LE(BigInt(value), byHand[`${struct}.${name}`]!);
    return bytes;
  }

  /** A descriptor of 0x100 bytes: its type, its length, the RIM so far at 0x10, and more from 0x50 on (C1.11 to C1.13). */
  #extend(type: number, fill: (descriptor: Buffer) => void): void {
    const descriptor = Buffer.alloc(0x100);
    descriptor.writeUInt8(type, 0);
    descriptor.writeBigUInt64LE(0x100n, 8);
    this.value.copy(descriptor, 0x10);
    fill(descriptor);
    this.value = this.#measure(descriptor);
  }

  data(ipa: number, content: Buffer | undefined): void {
    this.#extend(0, (descriptor) => {
      descriptor.writeBigUInt64LE(BigInt(ipa), 0x50);
      descriptor.writeBigUInt64LE(content === undefined ? 0n : 1n, 0x58);
      if (content !== undefined) this.#measure(content).copy(descriptor, 0x60);
    });
  }

  rec(flags: number, pc: bigint, gprs: readonly bigint[]): void {
    const params = this.#structure('rec_params', { flags, pc });
    for (const [i, value] of gprs.entries())
      params.writeBigUInt64LE(value, byHand['rec_params.gprs']! + i * 8);
    this.#extend(1, (descriptor) => this.#measure(params).copy(descriptor, 0x50));
  }

  ripas(base: number, top: number): void {
    this.#extend(2, (descriptor) => {
      descriptor.writeBigUInt64LE(BigInt(base), 0x50);
      descriptor.writeBigUInt64LE(BigInt(top), 0x58);
    });
  }
}

const rimOf = (machine: Machine, rd: number): string =>
  Buffer.from(machine.rmm.store.realms.get(rd)!.measurements[0]!).toString('hex');

describe.each([
  ['sha256', 0],
  ['sha512', 1],
] as const)('the RIM with %s', (algorithm, hash_algo) => {
  test('is what each contributor makes of it', () => {
    const machine = machineOf({ features: { auxCount: 0 } });
    const call = caller(machine);
    const { rd } = bareRealm(machine, {
      hash_algo,
      flags: { pmu: 1 },
      pmu_num_ctrs: 5,
      // Neither of them is measured.
      rpv: new Uint8Array(64).fill(0x77),
      vmid: 9,
    });
    const rim = new Rim(algorithm, {
      flags: 4,
      s2sz: 40,
      num_bps: 1,
      num_wps: 1,
      pmu_num_ctrs: 5,
      hash_algo,
    });
    const agree = () => expect(rimOf(machine, rd)).toBe(rim.value.toString('hex'));
    agree();

    tablesTo(machine, rd, 0, 2, 3, 64);
    for (const i of [0, 1, 2, 3, 4]) ok(call(RMI_GRANULE_DELEGATE, granule(80 + i)));
    agree();

    const content = Buffer.alloc(PAGE, 0x5a);
    machine.bus.write(granule(2), content);
    ok(call(RMI_DATA_CREATE, rd, granule(80), 0x3000, granule(2), 1));
    rim.data(0x3000, content);
    agree();
    ok(call(RMI_DATA_CREATE, rd, granule(81), 0x4000, granule(2), 0));
    rim.data(0x4000, undefined);
    agree();
    ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(82), 0x5000));
    agree();

    // Three pages, entry by entry; and 2 MB at once where an entry is that large.
    ok(call(RMI_RTT_INIT_RIPAS, rd, 0x1_0000, 0x1_3000));
    for (const page of [0x10, 0x11, 0x12]) rim.ripas(page * PAGE, (page + 1) * PAGE);
    agree();
    ok(call(RMI_RTT_INIT_RIPAS, rd, 0x20_0000, 0x60_0000));
    rim.ripas(0x20_0000, 0x40_0000);
    rim.ripas(0x40_0000, 0x60_0000);
    agree();

    const params = Buffer.alloc(PAGE);
    const gprs = [1n, 2n ** 63n, 3n, 0n, 5n, 6n, 7n, 8n];
    params.writeBigUInt64LE(1n, 0);
    params.writeBigUInt64LE(0x1234_5678_9abcn, 0x200);
    for (const [i, value] of gprs.entries()) params.writeBigUInt64LE(value, 0x300 + i * 8);
    machine.bus.write(granule(3), params);
    ok(call(RMI_REC_CREATE, rd, granule(83), granule(3)));
    rim.rec(1, 0x1234_5678_9abcn, gprs);
    agree();
    // A REC that cannot run is not measured; its MPIDR is 1.
    params.writeBigUInt64LE(0n, 0);
    params.writeBigUInt64LE(1n, 0x100);
    machine.bus.write(granule(3), params);
    ok(call(RMI_REC_CREATE, rd, granule(84), granule(3)));
    agree();
  });

  test('is the same for the same contents in other places, and another for others', () => {
    const rims = [0, 32, 0].map((first, attempt) => {
      const machine = machineOf();
      const { rd } = bareRealm(machine, { hash_algo }, first);
      tablesTo(machine, rd, 0, 2, 3, 64 + first);
      ok(caller(machine)(RMI_GRANULE_DELEGATE, granule(90)));
      machine.bus.write8(BASE + 100 * PAGE, attempt === 2 ? 1 : 2);
      ok(caller(machine)(RMI_DATA_CREATE, rd, granule(90), 0, granule(100), 1));
      return rimOf(machine, rd);
    });
    expect(rims[0]).toBe(rims[1]);
    expect(rims[2]).not.toBe(rims[0]);
    expect(rims[0]!.slice(64)).toBe(algorithm === 'sha256' ? '0'.repeat(64) : rims[0]!.slice(64));
  });
});
