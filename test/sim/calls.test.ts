import { describe, expect, test } from 'vitest';
import {
  RMI_FEATURES,
  RMI_REALM_CREATE,
  RMI_VERSION,
  RmiFeatureRegister0,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  createMachine,
  type Features,
  featuresFrom,
  type MachineConfiguration,
} from '../../runtime/index.js';
import { BASE, bareRealm, caller, machineOf, PAGE } from './support.js';

const NOT_SUPPORTED = [2n ** 64n - 1n, ...new Array(16).fill(0n)];

describe('RMI_VERSION (B2, B4.3.23)', () => {
  const revisions = [
    { major: 1, minor: 0 },
    { major: 1, minor: 2 },
    { major: 2, minor: 1 },
  ];
  test.each([
    // As requested; then what is below, if anything is, and what is highest.
    [0x1_0000, '0 10000 20001 0 0'],
    [0x1_0002, '0 10002 20001 0 0'],
    [0x2_0001, '0 20001 20001 0 0'],
    [0x1_0001, '1 10000 20001 0 0'],
    [0x2_0000, '1 10002 20001 0 0'],
    [0x3_0000, '1 20001 20001 0 0'],
    [0x0_ffff, '1 20001 20001 0 0'],
  ])('%i', (requested, answer) => {
    expect(caller(machineOf({ revisions }))(RMI_VERSION, requested)).toBe(answer);
  });

  test.each([
    [[], TypeError],
    [[{ major: 1, minor: 0.5 }], TypeError],
    [[{ major: 2 ** 15, minor: 0 }], RangeError],
    [[revisions[1]!, revisions[0]!], RangeError],
    [[revisions[0]!, revisions[0]!], RangeError],
  ])('of %j cannot be', (given, error) => {
    expect(() => machineOf({ revisions: given })).toThrow(error);
  });
});

describe('RMI_FEATURES (B4.4.6)', () => {
  const features: Features = {
    s2sz: 52,
    lpa2: true,
    sveVl: 15,
    numBps: 7,
    numWps: 5,
    pmuNumCtrs: undefined,
    sha256: true,
    sha512: false,
    listRegisters: 4,
    maxRecsOrder: 9,
    vmidBits: 8,
    auxCount: 3,
  };

  test('shows what a machine was made with, and nothing at other indices', () => {
    const call = caller(machineOf({ features }));
    // S2SZ 7:0, LPA2 8, SVE 9 and 13:10, BPS 19:14, WPS 25:20, PMU 26 and 31:27, hashes 33:32, LRs 37:34, RECs 41:38.
    const value =
      52n |
      (1n << 8n) |
      (1n << 9n) |
      (15n << 10n) |
      (7n << 14n) |
      (5n << 20n) |
      (1n << 32n) |
      (3n << 34n) |
      (9n << 38n);
    expect(call(RMI_FEATURES, 0)).toBe(`0 ${value.toString(16)} 0 0 0`);
    for (const index of [1, 2n ** 32n, 2n ** 64n - 1n]) expect(call(RMI_FEATURES, index)).toBe('0 0 0 0 0');
    expect(featuresFrom(value, features)).toEqual(features);
    expect(RmiFeatureRegister0.of(value).GICV3_NUM_LRS).toBe(3);
  });

  test('is what Realms can have', () => {
    const refused = (patch: Parameters<typeof bareRealm>[1]) =>
      expect(() => bareRealm(machineOf({ features: { ...features, s2sz: 48 } }), patch)).toThrow(
        'returned 1 0 0 0 0',
      );
    bareRealm(machineOf({ features }), { num_bps: 7, num_wps: 5, sve_vl: 15, flags: { sve: 1 } });
    refused({ num_bps: 8 });
    refused({ num_wps: 6 });
    refused({ num_bps: 0 });
    refused({ flags: { pmu: 1 } });
    refused({ hash_algo: 1 });
    refused({ vmid: 0x100 });
    refused({ s2sz: 49, rtt_level_start: 0n, flags: { lpa2: 1 } });
  });

  test.each([
    [{ s2sz: 31 }, 'features.s2sz: expected 32 to 52, got 31'],
    [{ s2sz: 40.5 }, 'features.s2sz: expected a whole number, got 40.5'],
    [{ lpa2: false, s2sz: 49 }, 'features.s2sz: expected 48 at most without lpa2, got 49'],
    [{ lpa2: 1 }, 'features.lpa2: expected true or false, got 1'],
    [{ sveVl: 16 }, 'features.sveVl: expected 0 to 15, got 16'],
    [{ numBps: 0 }, 'features.numBps: expected 1 to 63, got 0'],
    [{ numWps: 64 }, 'features.numWps: expected 1 to 63, got 64'],
    [{ numWps: undefined }, 'features.numWps: expected a whole number, got undefined'],
    [{ pmuNumCtrs: 32 }, 'features.pmuNumCtrs: expected 0 to 31, got 32'],
    [{ listRegisters: 0 }, 'features.listRegisters: expected 1 to 16, got 0'],
    [{ maxRecsOrder: 16 }, 'features.maxRecsOrder: expected 0 to 15, got 16'],
    [{ vmidBits: 12 }, 'features.vmidBits: expected 8 or 16, got 12'],
    [{ auxCount: 17 }, 'features.auxCount: expected 0 to 16, got 17'],
    [{ auxcount: 1 }, 'features: there is no auxcount'],
    [{ sha256: 'yes' }, 'features.sha256: expected true or false, got yes'],
  ])('cannot be %j', (given, message) => {
    expect(() => machineOf({ features: given as Partial<Features> })).toThrow(message);
  });
});

describe('an SMC', () => {
  test.each([
    ['an SMC32 call of a command', 0x8400_0150n],
    ['a fast call bit that is missing', 0x4400_0150n],
    ['another owner', 0xc500_0150n],
    ['an RSI command', 0xc400_0190n],
    ['a PSCI command', 0xc400_0003n],
    ['a FID of no command', 0xc400_016en],
    ['bits above the FID', 0x1_c400_0150n],
    ['all ones', 2n ** 64n - 1n],
    ['zero', 0n],
  ])('with %s is not supported (SMCCC)', (_what, fid) => {
    const machine = machineOf();
    const before = machine.digest();
    expect(Array.from(machine.smc(fid, ...Array.from({ length: 16 }, (_, i) => i)))).toEqual(NOT_SUPPORTED);
    expect(machine.command).toBeUndefined();
    expect(machine.digest()).toBe(before);
  });

  test('may have the SVE hint (B1.1)', () => {
    const machine = machineOf();
    expect(caller(machine)({ fid: RMI_VERSION.fid + 0x1_0000 }, 0x1_0000)).toBe('0 10000 10000 0 0');
    expect(machine.command).toBe('RMI_VERSION');
    expect(Array.from(machine.smc(0xc401_016e))).toEqual(NOT_SUPPORTED);
  });

  test('ignores registers that are no input values (B1.2)', () => {
    const machine = machineOf();
    const all = Array.from({ length: 15 }, () => 2n ** 64n - 1n);
    expect(Array.from(machine.smc(RMI_FEATURES.fid, 1, ...all))).toEqual(new Array(17).fill(0n));
  });

  test('takes any number for an address', () => {
    const call = caller(machineOf());
    for (const address of [-1, -4096, 2n ** 64n - 4096n, 2n ** 63n, 2n ** 53n])
      expect(call(RMI_REALM_CREATE, address, address)).toBe('1 0 0 0 0');
  });
});

describe('what is no use of the machine', () => {
  const region = { base: BASE, size: PAGE };
  test.each([
    [{}, TypeError, 'memory: expected at least one region'],
    [{ memory: [] }, TypeError, 'memory: expected at least one region'],
    [
      { memory: [{ base: 1, size: PAGE }] },
      TypeError,
      'memory[0].base: expected bytes in multiples of 0x1000',
    ],
    [{ memory: [{ base: '0x1000', size: PAGE }] }, TypeError, 'memory[0].base: expected bytes'],
    [{ memory: [{ base: BASE, size: 0 }] }, RangeError, 'memory[0].size: expected 0x1000 to 2^44 bytes'],
    [{ memory: [{ base: BASE, size: -PAGE }] }, TypeError, 'memory[0].size'],
    [{ memory: [{ base: 2n ** 52n, size: PAGE }] }, RangeError, 'memory[0]: ends beyond the 52-bit space'],
    [{ memory: [{ base: 2n ** 80n, size: PAGE }] }, TypeError, 'memory[0].base'],
    [{ memory: [{ ...region, kind: 'flash' }] }, TypeError, 'memory[0].kind: expected memory, device'],
    [{ memory: [region, region] }, RangeError, 'the regions at 0x80000000 and 0x80000000 overlap'],
  ])('%o is no configuration', (configuration, error, message) => {
    const make = () => createMachine(configuration as unknown as MachineConfiguration);
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });

  test.each([
    [
      (m) => m.smc('0xc4000150' as never),
      TypeError,
      'fid: expected a bigint or a whole number, got 0xc4000150',
    ],
    [(m) => m.smc(0, 1.5), TypeError, 'X1: expected a bigint'],
    [(m) => m.smc(0, undefined as never), TypeError, 'X1: expected a bigint'],
    [(m) => m.smc(0, 2n ** 64n), RangeError, 'X1: 18446744073709551616 does not fit in 64 bits'],
    [(m) => m.smc(0, ...new Array(17).fill(0)), RangeError, 'there is no element 17'],
    [(m) => m.bus.read64('here' as never), TypeError, 'expected a physical address'],
    [(m) => m.bus.read64(-8), TypeError, 'expected a physical address'],
    [(m) => m.bus.read64(BASE + 0.5), TypeError, 'expected a physical address'],
    [(m) => m.bus.read(Number.NaN, 0), TypeError, 'expected a physical address'],
    [(m) => m.bus.read(BASE, -1), TypeError, 'expected a number of bytes'],
    [(m) => m.bus.write(Number.NaN, new Uint8Array(1)), TypeError, 'expected a physical address'],
    [(m) => m.bus.write(BASE, 'text' as never), TypeError, 'expected a Uint8Array, got text'],
    [(m) => m.bus.fill(BASE, Number.NaN, 0), TypeError, 'expected a number of bytes'],
    [(m) => m.bus.write64(BASE, 1 as never), TypeError, ''],
    [(m) => m.host.createRealm({ ipaWidth: 'wide' as never }), TypeError, 's2sz'],
    [(m) => m.host.createRealm({ ipaWidth: 1000 }), RangeError, '1000 does not fit in 8 bits'],
    [(m) => m.host.createRealm({ rpv: new Uint8Array(65) }), RangeError, ''],
    [(m) => m.host.createRealm().populate('a' as never, new Uint8Array(1)), Error, ''],
    [(m) => m.host.createRealm().addPage(0.5), RangeError, ''],
    [(m) => m.trace, TypeError, 'expected a machine that was made with it'],
    [(m) => m.restore(m.snapshot()), TypeError, 'contents'],
    [(m) => m.restore({} as never), TypeError, ''],
  ] as readonly [
    (machine: ReturnType<typeof machineOf>) => unknown,
    typeof TypeError | typeof RangeError,
    string,
  ][])('%s is a TypeError or RangeError', (misuse, error, message) => {
    const machine = machineOf();
    machine.bus.write8(BASE + 0x3f_f000, 1);
    let thrown: unknown;
    try {
      misuse(machine);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(error);
    expect(thrown instanceof TypeError || thrown instanceof RangeError).toBe(true);
    expect((thrown as Error).message).toContain(message);
    expect((thrown as Error).message).not.toContain('Cannot read');
  });
});
