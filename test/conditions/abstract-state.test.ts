import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmPhysicalAddressSpace,
  RmmRecRunnable,
  RmmRipas,
  RmmRttEntryState,
} from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { GRANULE } from './abstract-state.js';
import { encode, flags, label } from './layout.js';
import { Choices, drawn, scenario } from './scenario.js';
import { BULK, DEVICE, HIGH, MAIN, misfits, SECURE, UNMAPPED, World } from './world.js';

/** The witness is judged by hand, figure by figure: nothing here comes out of a formula. */

const KB4 = 0x1000;
const MB2 = 0x20_0000;
const GB1 = 0x4000_0000;
const GB512 = 0x80_0000_0000;

describe('levels (A5.5.1, B3.68)', () => {
  const { state } = new World();

  test('what an entry describes', () => {
    expect([3, 2, 1, 0, -1].map((level) => state.RttLevelSize(level))).toEqual([
      KB4,
      MB2,
      GB1,
      GB512,
      0x1_0000_0000_0000,
    ]);
    expect([4, -2, 1.5, Number.NaN].map((level) => state.RttLevelSize(level))).toEqual(
      new Array(4).fill(undefined),
    );
  });

  test('alignment is refused for what is no level', () => {
    expect(state.AddrIsRttLevelAligned(MB2, 2)).toBe(true);
    expect(state.AddrIsRttLevelAligned(MB2 + KB4, 2)).toBe(false);
    expect(state.AddrIsRttLevelAligned(0, 4)).toBe(false);
    expect(state.AlignDownToRttLevel(MB2 + 1, 2)).toBe(MB2);
    expect(state.AlignUpToRttLevel(MB2 + 1, 2)).toBe(2 * MB2);
    expect(state.AlignUpToRttLevel(MB2, 2)).toBe(MB2);
    expect(state.RttEntryIndex(GB1 + 3 * MB2, 2)).toBe(3);
  });

  test('which starting levels go with an IPA width (B3.55)', () => {
    // IPA width, starting level, number of starting level RTTs.
    const valid: readonly (readonly [number, number, number])[] = [
      [30, 2, 1],
      [31, 2, 2],
      [34, 2, 16],
      [32, 1, 1],
      [39, 1, 1],
      [40, 1, 2],
      [43, 1, 16],
      [40, 0, 1],
      [48, 0, 1],
      [52, -1, 1],
    ];
    for (const [width, level, number] of valid) {
      expect(state.RttConfigIsValid(width, level, number), `${width} ${level} ${number}`).toBe(true);
      expect(state.RttConfigIsValid(width, level, number + 1)).toBe(false);
    }
    expect(state.RttConfigIsValid(35, 2, 32)).toBe(false);
    expect(state.RttConfigIsValid(21, 2, 1)).toBe(false);
    expect(state.RttConfigIsValid(53, -1, 1)).toBe(false);
    expect(state.RttConfigIsValid(30, 4, 1)).toBe(false);
    const narrow = new World({ feat_lpa2: 0, max_ipa_width: 48 }).state;
    expect(narrow.RttConfigIsValid(48, 0, 1)).toBe(true);
    expect(narrow.RttConfigIsValid(49, 0, 2)).toBe(false);
    expect(narrow.RttConfigIsValid(48, -1, 1)).toBe(false);
  });
});

describe('walks (A5.5.10)', () => {
  const world = new World();
  const rd = world.realm({ ipa_width: 32, rtt_num_start: 4 });
  const { rtt_base } = world.state.realms.get(rd)!;
  const data = world.data(rd, 5 * KB4);
  const { state } = world;

  test('go down as long as there is a TABLE', () => {
    const walk = state.RttWalk(rd, 5 * KB4)!;
    expect(walk).toMatchObject({ level: 3, rtte: { addr: data, state: RmmRttEntryState.ASSIGNED } });
    expect(state.RttEntry(walk.rtt_addr, 5)).toBe(walk.rtte);
    expect(state.RttWalk(rd, MB2)).toEqual({ level: 2, rtt_addr: rtt_base, rtte: UNMAPPED });
  });

  test('and no further than the level asked for', () => {
    expect(state.RttWalk(rd, 5 * KB4, 2)).toMatchObject({
      level: 2,
      rtt_addr: rtt_base,
      rtte: { addr: state.RttWalk(rd, 0)!.rtt_addr, state: RmmRttEntryState.TABLE },
    });
  });

  test('start in the starting level RTT for the address', () => {
    expect(state.RttWalk(rd, 3 * GB1)!.rtt_addr).toBe(rtt_base + 3 * GRANULE);
    expect(state.RttWalk(rd, 2 * GB1)!.rtte.state).toBe(RmmRttEntryState.UNASSIGNED_NS);
    expect(state.RttWalk(rd, 2 * GB1 - KB4)!.rtte.state).toBe(RmmRttEntryState.UNASSIGNED);
  });

  test('have no value where there is no Realm, address or level', () => {
    expect(state.RttWalk(rd + GRANULE, 0)).toBeUndefined();
    expect(state.RttWalk(rd, 4 * GB1)).toBeUndefined();
    for (const level of [1, 4, 2.5]) expect(state.RttWalk(rd, 0, level)).toBeUndefined();
  });
});

describe('scans (B3.73 to B3.76)', () => {
  const world = new World();
  const rd = world.realm();
  world.data(rd, 7 * KB4);
  world.entry(rd, 9 * KB4, { ripas: RmmRipas.DESTROYED });
  const { state } = world;
  const pages = state.Rtt(state.RttWalk(rd, 0)!.rtt_addr)!;
  const blocks = state.Rtt(state.realms.get(rd)!.rtt_base)!;

  test('stop at the first entry that fits, from the one for the address on', () => {
    expect(state.RttSkipNonLiveEntries(pages, 3, 0)).toBe(7 * KB4);
    expect(state.RttSkipNonLiveEntries(pages, 3, 7 * KB4)).toBe(7 * KB4);
    expect(state.RttSkipNonLiveEntries(pages, 3, 8 * KB4)).toBe(MB2);
    expect(state.RttSkipNonLiveEntries(blocks, 2, MB2)).toBe(GB1);
    // The body rounds down: for an address inside a live entry the result is below it.
    expect(state.RttSkipNonLiveEntries(blocks, 2, KB4)).toBe(0);
  });

  test('of a RIPAS change stop at a TABLE, and at DESTROYED if asked', () => {
    expect(state.RttSkipEntriesWithRipas(pages, 3, 0, GB1, false)).toBe(MB2);
    expect(state.RttSkipEntriesWithRipas(pages, 3, 0, GB1, true)).toBe(9 * KB4);
    expect(state.RttSkipEntriesWithRipas(pages, 3, 0, 3 * KB4 + 1, true)).toBe(3 * KB4);
    expect(state.RttSkipEntriesWithRipas(blocks, 2, 0, GB1, false)).toBe(0);
    expect(state.RttSkipEntriesWithRipas(blocks, 2, MB2, 2 * MB2 + KB4, false)).toBe(2 * MB2);
  });
});

describe('folding (A5.5.6)', () => {
  const fold = (prepare: (world: World, rd: number) => void, ipa = MB2) => {
    const world = new World();
    const rd = world.realm();
    prepare(world, rd);
    const rtt = world.state.Rtt(world.table(rd, ipa))!;
    return { homogeneous: world.state.RttIsHomogeneous(rtt), entry: world.state.RttFold(rtt) };
  };
  const half = 0x2000_0000;

  test('of entries that are alike', () => {
    expect(fold(() => {})).toEqual({ homogeneous: true, entry: UNMAPPED });
    expect(fold((world, rd) => world.block(rd, MB2))).toMatchObject({
      homogeneous: true,
      entry: { state: RmmRttEntryState.ASSIGNED, addr: BULK, ripas: RmmRipas.RAM },
    });
    expect(fold((world, rd) => world.shared(rd, half, BULK, 2), half)).toMatchObject({
      homogeneous: true,
      entry: { state: RmmRttEntryState.ASSIGNED_NS, addr: BULK },
    });
  });

  test.each<[string, (world: World, rd: number) => void, number]>([
    ['one state', (world, rd) => world.data(rd, MB2, RmmRipas.RAM), MB2],
    [
      'one RIPAS',
      (world, rd) => {
        world.table(rd, MB2);
        world.entry(rd, MB2 + KB4, { ripas: RmmRipas.RAM });
      },
      MB2,
    ],
    [
      'contiguous addresses',
      (world, rd) => {
        world.block(rd, MB2);
        world.table(rd, MB2);
        world.entry(rd, MB2 + KB4, { addr: BULK });
      },
      MB2,
    ],
    ['an aligned address', (world, rd) => world.shared(rd, half, BULK + KB4, 2), half],
    [
      'one set of attributes',
      (world, rd) => {
        world.shared(rd, half, BULK, 2);
        world.table(rd, half);
        world.entry(rd, half + KB4, { MemAttr: 0 });
      },
      half,
    ],
  ])('not without %s', (_what, prepare, ipa) => {
    expect(fold(prepare, ipa)).toEqual({ homogeneous: false, entry: undefined });
  });

  test('liveness is about DATA and RTTs, not about Non-secure memory (A5.5.8)', () => {
    const world = new World();
    const rd = world.realm();
    world.shared(rd, half, MAIN);
    world.data(rd, 0);
    const { state } = world;
    const live = (ipa: number) => state.RttIsLive(state.Rtt(state.RttWalk(rd, ipa)!.rtt_addr)!);
    expect([live(0), live(half), state.RealmIsLive(rd)]).toEqual([true, false, true]);
  });
});

describe('Granules (A2.2)', () => {
  const world = new World();
  const taken = world.take(RmmGranuleState.DELEGATED);
  const { state } = world;
  const { PAS_NS, PAS_REALM, PAS_SECURE } = RmmPhysicalAddressSpace;

  test('can be delegated or not, whatever they are now', () => {
    expect([taken, BULK, HIGH, DEVICE, SECURE, 0].map((addr) => state.PaIsDelegable(addr))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(state.Granule(DEVICE)).toBeUndefined();
    expect(state.Granule(taken + 8)).toBeUndefined();
  });

  test('are seen through one PAS', () => {
    const seen = (addr: number) =>
      [PAS_NS, PAS_REALM, PAS_SECURE].map((pas) => state.GranuleAccessPermitted(addr, pas));
    expect(seen(BULK)).toEqual([true, false, false]);
    expect(seen(taken)).toEqual([false, true, false]);
    expect(seen(DEVICE)).toEqual([true, false, false]);
    expect(seen(SECURE)).toEqual([false, false, true]);
    expect(seen(1)).toEqual([undefined, undefined, undefined]);
  });
});

describe('RECs', () => {
  test('are told apart by Aff3, Aff2, Aff1 and Aff0[3:0] within their Realm (B3.24)', () => {
    const world = new World();
    const rd = world.realm();
    const other = world.realm({ rec_index: 5 });
    const rec = world.rec(rd, { mpidr: 0x0102_0304n });
    world.rec(other);
    const { state } = world;
    expect(state.MpidrIsUsed(0x0102_0304n)).toBe(false);
    state.current = rec;
    expect(state.MpidrIsUsed(0x0102_0304n)).toBe(true);
    expect(state.MpidrIsUsed(0xffff_ffff_0102_03f4n)).toBe(true);
    expect(state.MpidrIsUsed(0x0102_0305n)).toBe(false);
    expect(state.MpidrIsUsed(5n)).toBe(false);
    expect(state.RecFromMpidr(0x0102_0304n)).toBe(state.recs.get(rec));
    expect(state.CurrentRealm()).toBe(state.realms.get(rd));
  });

  test('take GICv3 values that the Host may set (A6.1)', () => {
    const { state } = new World();
    const none = new Array<bigint>(16).fill(0n);
    // UIE to VGrp1DIE, TDIR.
    expect(state.Gicv3ConfigIsValid(0x40fen, none)).toBe(true);
    for (const bit of [0n, 8n, 9n, 10n, 13n, 15n, 27n, 63n])
      expect(state.Gicv3ConfigIsValid(1n << bit, none)).toBe(false);
    // State, Group, Priority, EOI and vINTID, but not HW or a reserved bit.
    expect(state.Gicv3ConfigIsValid(0n, none.with(0, 0xd0ff_0200_ffff_ffffn))).toBe(true);
    expect(state.Gicv3ConfigIsValid(0n, none.with(3, 1n << 61n))).toBe(false);
    expect(state.Gicv3ConfigIsValid(0n, none.with(0, 1n << 45n))).toBe(false);
    // This platform has four List Registers.
    expect(state.Gicv3ConfigIsValid(0n, none.with(4, 1n << 61n))).toBe(true);
  });

  test('have their PSCI calls denied only where CPU_ON was called for one that is off (B3.27)', () => {
    const world = new World();
    const rd = world.realm();
    const gprs = new Array<bigint>(32).fill(0n).with(0, 0xc4000003n);
    const calling = world.state.recs.get(world.rec(rd, { gprs }))!;
    const off = world.state.recs.get(world.rec(rd, { flags: { runnable: RmmRecRunnable.NOT_RUNNABLE } }))!;
    const permitted = (target: typeof off, code: string) =>
      world.state.PsciReturnCodePermitted(calling, target, label(code));
    expect(permitted(off, 'PSCI_DENIED')).toBe(true);
    expect(permitted(calling, 'PSCI_DENIED')).toBe(false);
    expect(permitted(calling, 'PSCI_SUCCESS')).toBe(true);
    expect(permitted(off, 'PSCI_ALREADY_ON')).toBe(false);
    expect(world.state.PsciReturnCodeEncode(-4n)).toBe(0xffff_ffff_ffff_fffcn);
  });
});

describe('descriptors from the Host (A5.5.11)', () => {
  test('hold an address, MemAttr and S2AP', () => {
    const wide = new World().state;
    const narrow = new World({ feat_lpa2: 0, max_ipa_width: 48 }).state;
    const plain = 0x8000_00dcn;
    expect(wide.RttEntryFromDescriptor(plain)).toMatchObject({ addr: 0x8000_0000, MemAttr: 7, S2AP: 3 });
    // OA[49:48] in place, OA[51:50] at bits 9:8.
    expect(wide.RttEntryFromDescriptor(0x3_0000_0000_0300n).addr).toBe(0xf_0000_0000_0000);
    expect(narrow.RttEntryFromDescriptor(0x3_0000_0000_0300n).addr).toBe(0);
    for (const state of [wide, narrow]) {
      expect(state.RttDescriptorIsValidForUnprotected(plain)).toBe(true);
      for (const odd of [1n, 2n, 0x20n, 0x400n, 1n << 52n, 1n << 63n])
        expect(state.RttDescriptorIsValidForUnprotected(plain | odd)).toBe(false);
      expect(state.RttDescriptorIsValidForUnprotected(0b100n << 2n)).toBe(false);
    }
    expect(wide.RttDescriptorIsValidForUnprotected(plain | 0x300n)).toBe(true);
    expect(narrow.RttDescriptorIsValidForUnprotected(plain | 0x300n)).toBe(false);
  });
});

describe('measurements (A7.1)', () => {
  const sha256 = (...parts: Uint8Array[]): Uint8Array => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const padded = (hash: Uint8Array): Uint8Array => {
    const wide = new Uint8Array(64);
    wide.set(hash);
    return wide;
  };
  /** A descriptor of 256 bytes with doublewords, or bytes, at offsets. */
  const descriptor = (type: number, values: Readonly<Record<number, bigint | Uint8Array>>): Uint8Array => {
    const bytes = new Uint8Array(256);
    const view = new DataView(bytes.buffer);
    bytes[0] = type;
    view.setBigUint64(8, 256n, true);
    for (const [at, value] of Object.entries(values))
      if (typeof value === 'bigint') view.setBigUint64(Number(at), value, true);
      else bytes.set(value, Number(at));
    return bytes;
  };
  const world = new World();
  const rim = padded(sha256(Uint8Array.of(1)));
  const rd = world.realm({ measurements: [rim, ...new Array(4).fill(new Uint8Array(64))] });
  const data = world.page(new Uint8Array(GRANULE).fill(3));
  const { state } = world;
  const realm = state.realms.get(rd)!;

  test('of DATA', () => {
    const flag = (measure: 0 | 1) =>
      ({ measure, $value: BigInt(measure) }) as Parameters<typeof state.RimExtendData>[3];
    const content = padded(sha256(new Uint8Array(GRANULE).fill(3)));
    expect(state.RimExtendData(realm, 0x5000, data, flag(1))).toEqual(
      padded(sha256(descriptor(0, { 16: rim, 80: 0x5000n, 88: 1n, 96: content }))),
    );
    expect(state.RimExtendData(realm, 0x5000, data, flag(0))).toEqual(
      padded(sha256(descriptor(0, { 16: rim, 80: 0x5000n }))),
    );
  });

  test('of a REC', () => {
    const params = encode('RmiRecParams', {
      flags: flags('RmiRecCreateFlags', { runnable: 1 }),
      mpidr: 3,
      pc: 0x8000_1000,
      gprs: [1, 2, 3, 4, 5, 6, 7, 0xff],
      num_aux: 2,
    });
    const measured = new Uint8Array(GRANULE);
    const view = new DataView(measured.buffer);
    measured[0] = 1;
    view.setBigUint64(0x200, 0x8000_1000n, true);
    for (const [i, value] of [1n, 2n, 3n, 4n, 5n, 6n, 7n, 0xffn].entries())
      view.setBigUint64(0x300 + 8 * i, value, true);
    const at = world.page(params);
    expect(state.RimExtendRec(realm, state.RecParams(at)!)).toEqual(
      padded(sha256(descriptor(1, { 16: rim, 80: padded(sha256(measured)) }))),
    );
  });

  test('of a RIPAS, entry by entry', () => {
    const one = padded(sha256(descriptor(2, { 16: rim, 80: 0x1000n, 88: 0x2000n })));
    const two = padded(sha256(descriptor(2, { 16: one, 80: 0x2000n, 88: 0x3000n })));
    expect(state.RimExtendRipas(realm, 0x1000, 0x2000, 3)).toEqual(one);
    expect(state.RimExtendRipas(realm, 0x1000, 0x3000, 3)).toEqual(two);
    expect(state.RimExtendRipas(realm, 0x1000, 0x1000, 3)).toEqual(rim);
    expect(state.RimExtendRipasForEntry(rim, 0x1000, 3)).toEqual(one);
  });

  test('of a Realm', () => {
    const params = world.page(
      encode('RmiRealmParams', {
        flags: flags('RmiRealmFlags', { pmu: 1 }),
        s2sz: 30,
        num_bps: 2,
        num_wps: 3,
        pmu_num_ctrs: 4,
        hash_algo: 1,
        vmid: 5,
        rtt_base: MAIN,
        rpv: new Uint8Array(64).fill(9),
      }),
    );
    const measured = new Uint8Array(GRANULE);
    measured.set([4, 0, 0, 0, 0, 0, 0, 0, 30]);
    measured[0x18] = 2;
    measured[0x20] = 3;
    measured[0x28] = 4;
    measured[0x30] = 1;
    const hash = createHash('sha512').update(measured).digest();
    expect(state.RimInit(RmmHashAlgorithm.HASH_SHA_512, state.RealmParams(params)!)).toEqual(
      new Uint8Array(hash),
    );
  });
});

test('the random states are ones that an RMM can be in', () => {
  for (let seed = 0; seed < 100; seed++)
    expect(misfits(scenario(new Choices(drawn(seed))).state), `seed ${seed}`).toEqual([]);
});
