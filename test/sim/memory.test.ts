import { describe, expect, test } from 'vitest';
import {
  RMI_DATA_CREATE,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../../runtime/bits/index.js';
import {
  createMachine,
  GRANULE,
  GranuleProtectionFault,
  type PhysicalMemory,
  type RegionConfiguration,
} from '../../runtime/index.js';
import { BASE, bareRealm, caller, granule, machineOf, ok, PAGE, tablesTo } from './support.js';

const INPUT = '1 0 0 0 0';

describe('the Granule Protection Table (A2.2.3)', () => {
  test('keeps the Host from what it has delegated, until it is back', () => {
    const machine = machineOf();
    const { bus } = machine;
    const call = caller(machine);
    bus.write64(BASE, 1n);
    ok(call(RMI_GRANULE_DELEGATE, BASE));
    for (const access of [
      () => bus.read64(BASE),
      () => bus.read8(BASE + 5),
      () => bus.write64(BASE + 8, 1n),
      () => bus.write8(BASE, 1),
      () => bus.read(BASE - 0, PAGE),
      () => bus.fill(BASE, PAGE, 1),
    ])
      expect(access).toThrow(GranuleProtectionFault);
    expect(() => bus.read64(BASE + 16)).toThrow('the Host may not access physical address 0x80000010');
    ok(call(RMI_GRANULE_UNDELEGATE, BASE));
    expect(bus.read64(BASE)).toBe(0n);
  });

  test('is asked before anything is written', () => {
    const machine = machineOf();
    const { bus } = machine;
    ok(caller(machine)(RMI_GRANULE_DELEGATE, granule(1)));
    expect(() => bus.write(BASE, new Uint8Array(2 * PAGE).fill(7))).toThrow(GranuleProtectionFault);
    expect(bus.read64(BASE)).toBe(0n);
    // A read across the border sees nothing either.
    expect(() => bus.read(granule(0), 2 * PAGE)).toThrow(GranuleProtectionFault);
  });

  test('says that there is nothing where there is no memory', () => {
    const { bus, probe } = machineOf();
    expect(() => bus.read64(0)).toThrow(GranuleProtectionFault);
    expect(() => bus.read64(2n ** 52n - 8n)).toThrow(GranuleProtectionFault);
    expect(() => probe.read64(0)).toThrow('there is no memory at 0x0');
  });

  const regions: readonly (RegionConfiguration & { readonly readable: boolean })[] = [
    { base: 0x0, size: PAGE, kind: 'device', readable: true },
    { base: 0x1000, size: PAGE, kind: 'secure', readable: false },
    { base: 0x2000, size: PAGE, kind: 'root', readable: false },
    { base: 2n ** 52n - 0x2000n, size: 0x2000n, readable: true },
  ];

  test('has regions that cannot be delegated', () => {
    const machine = createMachine({ memory: regions, checked: true });
    const call = caller(machine);
    for (const { base, kind = 'memory', readable } of regions) {
      expect([kind, call(RMI_GRANULE_DELEGATE, base)]).toEqual([
        kind,
        kind === 'memory' ? '0 0 0 0 0' : INPUT,
      ]);
      if (kind !== 'memory' && readable) expect(machine.bus.read64(base)).toBe(0n);
      else expect(() => machine.bus.read64(base)).toThrow(GranuleProtectionFault);
    }
    expect(call(RMI_GRANULE_DELEGATE, 2n ** 52n)).toBe(INPUT);
    expect(call(RMI_GRANULE_DELEGATE, 2n ** 52n - 0x1000n)).toBe('0 0 0 0 0');
  });

  test('has no RMM structure read from memory that is not the Host’s', () => {
    const machine = machineOf({ memory: [{ base: BASE, size: 0x100_0000 }, regions[1]!] });
    const { rd } = bareRealm(machine);
    tablesTo(machine, rd, 0, 2, 3, 64);
    const call = caller(machine);
    ok(call(RMI_GRANULE_DELEGATE, granule(80)));
    expect(call(RMI_DATA_CREATE, rd, granule(80), 0, 0x1000, 0)).toBe(INPUT);
    expect(call(RMI_DATA_CREATE, rd, granule(80), 0, granule(80), 0)).toBe(INPUT);
    expect(call(RMI_DATA_CREATE, rd, granule(80), 0, granule(81), 0)).toBe('0 0 0 0 0');
  });
});

describe('physical memory', () => {
  test('is little-endian, and goes on from Granule to Granule', () => {
    const { bus } = machineOf();
    bus.write(BASE + PAGE - 4, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(bus.read64(BASE + PAGE - 8)).toBe(0x0403_0201_0000_0000n);
    expect(bus.read64(BASE + PAGE)).toBe(0x0807_0605n);
    expect([...bus.read(BASE + PAGE - 2, 4)]).toEqual([3, 4, 5, 6]);
    bus.write64(BigInt(BASE) + 12n, 0x1122_3344_5566_7788n);
    expect(bus.read8(BASE + 12)).toBe(0x88);
    expect(() => bus.read64(BASE + PAGE - 4)).toThrow(RangeError);
  });

  test('costs what is used of it', () => {
    const machine = createMachine({ memory: [{ base: 0, size: 2 ** 40 }] });
    const call = caller(machine);
    const slabs = new Set<Memory>();
    // A Granule in every 64 GB, and one whole megabyte.
    const pages = [
      ...Array.from({ length: 16 }, (_, i) => i * 2 ** 36),
      ...Array.from({ length: 256 }, (_, i) => 2 ** 39 + 2 ** 30 + i * PAGE),
    ];
    for (const page of pages) {
      machine.bus.write64(page, 1n);
      ok(call(RMI_GRANULE_DELEGATE, page));
      slabs.add(machine.rmm.memory.memoryAt(page));
    }
    const contents = [...slabs].reduce((sum, memory) => sum + memory.u8.length, 0);
    expect(contents).toBeLessThan(4 * 2 ** 20);
    expect(machine.rmm.store.granules.footprint).toBeLessThan(4 * 2 ** 20);
    // A byte a Granule, and a pointer for 4096 of them.
    expect(machine.rmm.store.granules.footprint).toBeGreaterThan(272);
  });

  test('takes a byte a Granule when all of it was delegated', () => {
    const granules = 100_000;
    const machine = createMachine({ memory: [{ base: 0, size: granules * PAGE }] });
    const call = caller(machine);
    for (let i = 0; i < granules; i++) ok(call(RMI_GRANULE_DELEGATE, i * PAGE));
    expect(machine.rmm.store.granules.footprint / granules).toBeLessThan(1.1);
  });
});

/** One buffer for all of memory, such as a program outside may map as well. */
class SharedMemory implements PhysicalMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #memory: Memory;
  readonly #base: number;

  constructor(base: number, size: number) {
    this.buffer = new SharedArrayBuffer(size);
    this.#memory = Memory.of(new Uint8Array(this.buffer));
    this.#base = base;
  }

  memoryAt(): Memory {
    return this.#memory;
  }

  offsetAt(granule: number): number {
    return granule - this.#base;
  }

  wipe(granule: number): void {
    this.#memory.bytes(granule - this.#base, GRANULE).fill(0);
  }

  *touched(): Iterable<number> {
    for (let at = 0; at < this.buffer.byteLength; at += GRANULE)
      if (this.#memory.bytes(at, GRANULE).some((byte) => byte !== 0)) yield this.#base + at;
  }
}

describe('memory that a caller supplies', () => {
  test('is what the machine reads and writes, and what somebody else sees', () => {
    const size = 0x40_0000;
    const shared = new SharedMemory(BASE, size);
    const outside = new DataView(shared.buffer);
    const machine = machineOf({ memory: [{ base: BASE, size }], physicalMemory: shared });
    const { host } = machine;

    machine.bus.write64(BASE + 0x3ff008, 0x1234n);
    expect(outside.getBigUint64(0x3ff008, true)).toBe(0x1234n);
    outside.setBigUint64(0x3fe010, 0x5678n, true);
    expect(machine.bus.read64(BASE + 0x3fe010)).toBe(0x5678n);

    const realm = host.createRealm();
    realm.populate(0, Uint8Array.of(1, 2, 3));
    const page = Number(machine.smc(0xc400_0161, realm.rd, 0, 3)[3]! & ~0xfffn);
    expect([...new Uint8Array(shared.buffer, page - BASE, 4)]).toEqual([1, 2, 3, 0]);
    // The Realm's own store reaches the same bytes, though no bus of the Host's does.
    outside.setUint8(page - BASE, 9);
    expect(machine.probe.read8(page)).toBe(9);
    expect(() => machine.bus.read8(page)).toThrow(GranuleProtectionFault);

    realm.destroy();
    expect(outside.getUint8(page - BASE)).toBe(0);
  });

  test('makes no difference to what happens', () => {
    const life = (physicalMemory?: PhysicalMemory): string => {
      const machine = machineOf({
        memory: [{ base: BASE, size: 0x40_0000 }],
        ...(physicalMemory === undefined ? {} : { physicalMemory }),
      });
      const realm = machine.host.createRealm();
      realm.populate(0, new Uint8Array(3 * PAGE).fill(5));
      realm.createRec();
      return machine.digest();
    };
    expect(life(new SharedMemory(BASE, 0x40_0000))).toBe(life());
  });
});
