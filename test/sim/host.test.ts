import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_MAP_UNPROTECTED,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { type Machine, RmiError } from '../../runtime/index.js';
import { root } from '../cli/harness.js';
import { BASE, breaches, caller, machineOf, ok, PAGE, UNPROTECTED } from './support.js';

/** Granules that are not as a machine that was just made has them. */
const held = (machine: Machine): number => machine.snapshot().granules.length;

describe('a Host’s helpers', () => {
  test.each([
    [32, false],
    [34, false],
    [40, false],
    [43, false],
    [48, false],
    [49, true],
    [52, true],
  ])('build and take down a Realm of %i bits', (ipaWidth, lpa2) => {
    const machine = machineOf({ features: { s2sz: 52, auxCount: 3 }, checked: ipaWidth === 40 });
    const { host } = machine;
    const realm = host.createRealm({ ipaWidth, lpa2, hash: 'SHA-512', rpv: Uint8Array.of(1) });
    const half = 2 ** (ipaWidth - 1);
    realm.populate(0x1000, new Uint8Array(2 * PAGE + 5).fill(3));
    realm.addPage(half - PAGE);
    realm.initRipas(0x10_0000, 0x60_0000);
    realm.share(half, host.allocatePage());
    realm.share(half + 5 * 2 ** 21, host.allocatePage());
    realm.createRec({ pc: 0x1000n, gprs: [1n] });
    const second = realm.createRec({ runnable: false });
    second.destroy();
    expect(realm.recOf(second.mpidr)).toBeUndefined();
    expect(realm.createRec().mpidr).toBe(2n);
    realm.activate();
    expect(breaches(machine)).toEqual([]);
    realm.destroy();
    expect(held(machine)).toBe(0);
  });

  test('use memory again and again', () => {
    const machine = machineOf({ memory: [{ base: BASE, size: 48 * PAGE }] });
    for (let i = 0; i < 50; i++) {
      const realm = machine.host.createRealm();
      realm.populate(0, new Uint8Array(PAGE));
      realm.createRec();
      realm.destroy();
    }
    expect(held(machine)).toBe(0);
  });

  test.each([
    [0x8000_0000, false],
    [2 ** 47 + PAGE, false],
    [2 ** 49 + 2 ** 48 + PAGE, true],
    [2 ** 51 + 2 ** 49 + PAGE, true],
  ])('share a page at %i', (page, lpa2) => {
    const machine = machineOf({ features: { s2sz: 52 } });
    const realm = machine.host.createRealm({ lpa2 });
    const ipa = 2 ** (realm.ipaWidth - 1);
    realm.share(ipa, page);
    const mapped = machine.snapshot().rtts.flatMap(({ entries }) => entries.map(({ addr }) => addr));
    expect(mapped).toContain(page);
  });

  test('share no page above 2^48 with an RMM that has no LPA2', () => {
    const realm = machineOf({ features: { lpa2: false } }).host.createRealm();
    const share = () => realm.share(2 ** (realm.ipaWidth - 1), 2 ** 48 + PAGE);
    expect(share).toThrow('RMI_RTT_MAP_UNPROTECTED returned RMI_ERROR_INPUT');
  });

  test('give back what they had when they fail', () => {
    const machine = machineOf({ features: { maxRecsOrder: 1 } });
    const { host } = machine;
    expect(() => host.createRealm({ ipaWidth: 20 })).toThrow('RMI_REALM_CREATE returned RMI_ERROR_INPUT');
    expect(() => host.createRealm({ breakpoints: 9 })).toThrow(RmiError);
    expect(held(machine)).toBe(0);

    const realm = host.createRealm();
    realm.populate(0, new Uint8Array(PAGE));
    realm.createRec();
    const state = () => JSON.stringify(machine.snapshot({ contents: 'none' }));
    const before = state();
    // Once more at the same IPA; beyond the Protected half; a second REC where one is the limit.
    for (const [attempt, message] of [
      [() => realm.populate(0, new Uint8Array(PAGE)), 'RMI_DATA_CREATE returned RMI_ERROR_RTT, index 3'],
      [() => realm.populate(UNPROTECTED, new Uint8Array(PAGE)), 'RMI_DATA_CREATE returned RMI_ERROR_INPUT'],
      [() => realm.addPage(UNPROTECTED), 'RMI_DATA_CREATE_UNKNOWN returned RMI_ERROR_INPUT'],
      [() => realm.addPage(5), 'RMI_DATA_CREATE_UNKNOWN returned RMI_ERROR_INPUT'],
      [() => realm.createRec(), 'RMI_REC_CREATE returned RMI_ERROR_REALM'],
      [() => realm.share(0, BASE), 'RMI_RTT_MAP_UNPROTECTED returned RMI_ERROR_INPUT'],
      [() => realm.initRipas(UNPROTECTED, UNPROTECTED + PAGE), 'RMI_RTT_INIT_RIPAS returned RMI_ERROR_INPUT'],
    ] as const)
      expect(attempt).toThrow(message);
    expect(state()).toBe(before);
    realm.destroy();
    expect(held(machine)).toBe(0);
  });

  test('give back what they had when memory runs out', () => {
    for (let granules = 1; granules < 40; granules++) {
      const machine = machineOf({ memory: [{ base: BASE, size: granules * PAGE }] });
      const { host } = machine;
      let isBuilt = false;
      try {
        const realm = host.createRealm();
        try {
          realm.populate(0, new Uint8Array(PAGE));
          realm.createRec();
          isBuilt = true;
        } finally {
          realm.destroy();
        }
      } catch (error) {
        expect([granules, String(error)]).toEqual([
          granules,
          expect.stringMatching(/^RangeError: the Host has no \d+ Granules? left$/),
        ]);
      }
      expect([granules, held(machine)]).toEqual([granules, 0]);
      expect([granules, isBuilt]).toEqual([granules, granules >= 25]);
    }
  });

  test('take blocks apart that somebody else has made', () => {
    const machine = machineOf();
    const { host } = machine;
    const realm = host.createRealm();
    for (const ipa of [0, UNPROTECTED]) realm.createTable(ipa, 2);
    realm.createTable(0, 3);
    const call = caller(machine);
    const pages = host.delegate(512);
    for (let i = 0; i < 512; i++) ok(call(RMI_DATA_CREATE_UNKNOWN, realm.rd, pages + i * PAGE, i * PAGE));
    const [result, rtt] = call(RMI_RTT_FOLD, realm.rd, 0, 3).split(' ');
    expect(result).toBe('0');
    host.undelegate(Number.parseInt(rtt!, 16));
    ok(call(RMI_RTT_MAP_UNPROTECTED, realm.rd, UNPROTECTED, 2, 0x20_0000));
    realm.destroy();
    expect(held(machine)).toBe(0);
  });
});

describe('nothing of a Realm is left for the Host to read (A2.2.4)', () => {
  test('in any Granule that comes back', () => {
    const machine = machineOf();
    const { host, bus } = machine;
    const realm = host.createRealm({ rpv: new Uint8Array(64).fill(0xa5) });
    realm.populate(0, new Uint8Array(PAGE).fill(0xa5));
    realm.createRec({ pc: 0xa5a5n, gprs: [0xa5a5n] });
    realm.activate();
    const pages = machine.snapshot().granules.map(({ address }) => address);
    // The Realm's side writes to its page.
    const data = pages.find((page) => machine.rmm.store.granules.at(page)!.state === RmmGranuleState.DATA)!;
    machine.probe.fill(data, PAGE, 0x5a);
    realm.destroy();
    for (const page of pages)
      expect([page, bus.read(page, PAGE).every((byte) => byte === 0)]).toEqual([page, true]);
  });

  test('when a page is destroyed and given to another Realm', () => {
    const machine = machineOf();
    const call = caller(machine);
    const one = machine.host.createRealm();
    const two = machine.host.createRealm();
    one.populate(0, new Uint8Array(PAGE).fill(0xa5));
    two.populate(0x1000, new Uint8Array(PAGE));
    const [, data] = call(RMI_DATA_DESTROY, one.rd, 0).split(' ');
    expect(call(RMI_DATA_CREATE_UNKNOWN, two.rd, Number.parseInt(data!, 16), 0)).toBe('0 0 0 0 0');
    expect(machine.probe.read(Number.parseInt(data!, 16), PAGE).every((byte) => byte === 0)).toBe(true);
  });
});

test('the machine runs where there is nothing but the language', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${root}/runtime/index.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'rmigen',
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported.filter((path) => path.startsWith('node:'))).toEqual([]);
  const { runInNewContext } = await import('node:vm');
  const program = `
    const machine = rmigen.createMachine({ memory: [{ base: ${BASE}, size: 0x100000 }], checked: true });
    const realm = machine.host.createRealm();
    realm.populate(0, new Uint8Array(4096));
    realm.activate();
    const built = machine.snapshot({ contents: 'none' }).granules.length;
    realm.destroy();
    built + ' ' + machine.snapshot({ contents: 'none' }).granules.length`;
  // No process, no Buffer, no require; Web APIs that Node has as well, for text.
  expect(runInNewContext(`${outputFiles[0]!.text};${program}`, { TextDecoder, TextEncoder })).toBe('6 0');
});
