import { beforeEach, describe, expect, test } from 'vitest';
import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_GRANULE_DELEGATE,
  RMI_REALM_CREATE,
  RMI_REALM_DESTROY,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_UNMAP_UNPROTECTED,
  RmiRealmParams,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../runtime/bits/index.js';
import type { Machine } from '../../runtime/index.js';
import {
  BASE,
  bareRealm,
  breaches,
  caller,
  granule,
  machineOf,
  ok,
  PAGE,
  stateOf,
  tablesTo,
  UNPROTECTED,
} from './support.js';

const MB2 = 0x20_0000;
const GB = 0x4000_0000;
const OK = '0 0 0 0 0';
/** Normal Write-Back, read and write. */
const ATTRIBUTES = 0xd8;

let machine: Machine;
let call: ReturnType<typeof caller>;
const use = (made: Machine) => {
  machine = made;
  call = caller(made);
};
const delegate = (first: number, count = 1) => {
  for (let i = 0; i < count; i++) ok(call(RMI_GRANULE_DELEGATE, granule(first + i)));
};
const hex = (address: number) => address.toString(16);

describe('a Realm with 40 bits of IPA', () => {
  let rd: number;
  beforeEach(() => {
    use(machineOf());
    ({ rd } = bareRealm(machine));
  });

  test('folds 512 pages into a block and unfolds them (A5.5.6, A5.5.7)', () => {
    tablesTo(machine, rd, 0, 2, 3, 64);
    ok(call(RMI_RTT_INIT_RIPAS, rd, 0, MB2));
    const first = 512; // 2 MB above a multiple of 2 MB
    delegate(first, 512);
    for (let i = 0; i < 511; i++) ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(first + i), i * PAGE));
    // Not while one is missing; the index is the level of the table.
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe('304 0 0 0 0');
    ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(first + 511), 511 * PAGE));

    const table = granule(65);
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe(`0 ${hex(table)} 0 0 0`);
    expect(stateOf(machine, table)).toBe(RmmGranuleState.DELEGATED);
    // A walk to any page ends at the block.
    for (const ipa of [0, 5 * PAGE])
      expect(call(RMI_RTT_READ_ENTRY, rd, ipa, 3)).toBe(`0 2 1 ${hex(granule(first))} 1`);
    expect(breaches(machine)).toEqual([]);
    // A block cannot be destroyed page by page.
    expect(call(RMI_DATA_DESTROY, rd, 0)).toBe('204 0 0 0 0');

    expect(call(RMI_RTT_CREATE, rd, table, 0, 3)).toBe(OK);
    for (const i of [0, 1, 511])
      expect(call(RMI_RTT_READ_ENTRY, rd, i * PAGE, 3)).toBe(`0 3 1 ${hex(granule(first + i))} 1`);
    expect(call(RMI_DATA_DESTROY, rd, 0)).toBe(`0 ${hex(granule(first))} 1000 0 0`);
    expect(breaches(machine)).toEqual([]);
  });

  test('does not fold pages that do not follow each other, or that begin at the wrong place', () => {
    tablesTo(machine, rd, 0, 2, 3, 64);
    delegate(513, 512);
    for (let i = 0; i < 512; i++) ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(513 + i), i * PAGE));
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe('304 0 0 0 0');
    ok(call(RMI_DATA_DESTROY, rd, 0));
    ok(call(RMI_DATA_DESTROY, rd, 511 * PAGE));
    ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(513), 511 * PAGE));
    ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(513 + 511), 0));
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe('304 0 0 0 0');
  });

  test('folds entries without an address where they say the same', () => {
    tablesTo(machine, rd, 0, 2, 3, 64);
    ok(call(RMI_RTT_INIT_RIPAS, rd, 0, PAGE));
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe('304 0 0 0 0');
    ok(call(RMI_RTT_INIT_RIPAS, rd, PAGE, MB2));
    expect(call(RMI_RTT_FOLD, rd, 0, 3)).toBe(`0 ${hex(granule(65))} 0 0 0`);
    // The block of 2 MB keeps the RIPAS, and its table now differs in that from the rest.
    expect(call(RMI_RTT_READ_ENTRY, rd, 0, 3)).toBe('0 2 0 0 1');
    expect(call(RMI_RTT_FOLD, rd, 0, 2)).toBe('204 0 0 0 0');
  });

  test('maps blocks of the Host’s at Unprotected IPAs, and unfolds and folds them', () => {
    tablesTo(machine, rd, UNPROTECTED, 2, 2, 64);
    const desc = 0x1_0000_0000 + ATTRIBUTES;
    expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED + MB2, 2, desc)).toBe(OK);
    expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED + MB2, 3)).toBe(`0 2 1 ${hex(desc)} 0`);
    delegate(70);
    ok(call(RMI_RTT_CREATE, rd, granule(70), UNPROTECTED + MB2, 3));
    expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED + MB2 + 3 * PAGE, 3)).toBe(
      `0 3 1 ${hex(desc + 3 * PAGE)} 0`,
    );
    // Unprotected tables are not live, but one of them was: it still is where it maps.
    expect(call(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED + MB2, 3)).toBe(
      `0 ${hex(UNPROTECTED + MB2 + PAGE)} 0 0 0`,
    );
    expect(call(RMI_RTT_FOLD, rd, UNPROTECTED + MB2, 3)).toBe('304 0 0 0 0');
    ok(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED + MB2, 3, desc));
    expect(call(RMI_RTT_FOLD, rd, UNPROTECTED + MB2, 3)).toBe(`0 ${hex(granule(70))} 0 0 0`);
    expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED + MB2, 3)).toBe(`0 2 1 ${hex(desc)} 0`);
    // Level 1 has blocks of 1 GB, the starting level here; level 0 has none.
    expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED + GB, 1, 4 * GB + ATTRIBUTES)).toBe(OK);
    expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED + 2 * GB, 1, MB2 + ATTRIBUTES)).toBe('1 0 0 0 0');
    expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 0, ATTRIBUTES)).toBe('1 0 0 0 0');
  });

  test('destroys an Unprotected table that still maps, and no Protected one that is live (A5.5.8)', () => {
    tablesTo(machine, rd, UNPROTECTED, 2, 3, 64);
    ok(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, granule(2) + ATTRIBUTES));
    expect(call(RMI_RTT_DESTROY, rd, UNPROTECTED, 2)).toBe(`204 0 ${hex(UNPROTECTED)} 0 0`);
    expect(call(RMI_RTT_DESTROY, rd, UNPROTECTED, 3)).toBe(
      `0 ${hex(granule(65))} ${hex(UNPROTECTED + GB)} 0 0`,
    );

    tablesTo(machine, rd, 0, 2, 3, 70);
    delegate(80);
    ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(80), 0x3000));
    expect(call(RMI_RTT_DESTROY, rd, 0, 3)).toBe('304 0 0 0 0');
    expect(call(RMI_REALM_DESTROY, rd)).toBe('2 0 0 0 0');
    expect(call(RMI_DATA_DESTROY, rd, 0x3000)).toBe(`0 ${hex(granule(80))} 200000 0 0`);
    // The page was not RAM, so that nothing was destroyed; the table was.
    ok(call(RMI_RTT_DESTROY, rd, 0, 3));
    expect(call(RMI_RTT_READ_ENTRY, rd, 0, 3)).toBe('0 2 0 0 2');
  });

  test.each([0xd8, 0x1c, 0x00, 0xc0])('keeps the attributes %i that the Host chose', (attributes) => {
    tablesTo(machine, rd, UNPROTECTED, 2, 3, 64);
    const desc = granule(2) + attributes;
    ok(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, desc));
    expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED, 3)).toBe(`0 3 1 ${hex(desc)} 0`);
  });

  test.each([
    ['a descriptor type', 3n],
    ['the reserved MemAttr', 0x10n],
    ['MemAttr[3]', 0x20n],
    ['the access flag', 0x400n],
    ['a reserved bit', 1n << 50n],
    ['XN', 1n << 54n],
  ])('refuses a descriptor with %s (B3.71)', (_what, bits) => {
    tablesTo(machine, rd, UNPROTECTED, 2, 3, 64);
    expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, BigInt(granule(2)) | bits)).toBe('1 0 0 0 0');
  });
});

/** Every width with every starting level that the VMSA has for it: how many tables that takes. */
const shapes: readonly (readonly [width: number, level: number, tables: number, lpa2: boolean])[] = [
  [32, 2, 4, false],
  [32, 1, 1, false],
  [33, 2, 8, false],
  [34, 2, 16, false],
  [34, 1, 1, false],
  [39, 1, 1, false],
  [40, 1, 2, false],
  [40, 0, 1, false],
  [43, 1, 16, false],
  [48, 0, 1, false],
  [49, 0, 2, true],
  [50, -1, 1, true],
  [52, 0, 16, true],
  [52, -1, 1, true],
];

describe('starting levels (A5.5.3)', () => {
  test.each(shapes)('%i bits from level %i on need %i tables', (width, level, tables, lpa2) => {
    use(machineOf({ features: { s2sz: 52 } }));
    const { rd, root } = bareRealm(machine, {
      flags: { lpa2: lpa2 ? 1 : 0 },
      s2sz: width,
      rtt_level_start: BigInt(level),
      rtt_num_start: tables,
    });
    for (let i = 0; i < tables; i++) expect(stateOf(machine, root + i * PAGE)).toBe(RmmGranuleState.RTT);
    // The last page of each half is reached through the last table of it.
    for (const [n, half] of [2 ** (width - 1), 2 ** width].entries()) {
      const last = half - PAGE;
      const reached = BigInt.asUintN(64, BigInt(level)).toString(16);
      expect(call(RMI_RTT_READ_ENTRY, rd, last, 3)).toBe(`0 ${reached} 0 0 0`);
      tablesTo(machine, rd, last, level + 1, 3, 64 + n * 8);
      expect(call(RMI_RTT_READ_ENTRY, rd, last, 3)).toBe('0 3 0 0 0');
    }
    expect(call(RMI_RTT_READ_ENTRY, rd, 2 ** width, 3)).toBe('1 0 0 0 0');
    expect(breaches(machine)).toEqual([]);
  });

  test.each([
    [40, 1, 1],
    [40, 1, 4],
    [40, 2, 16],
    [40, 3, 1],
    [40, -1, 1],
    [48, 1, 512],
    [31, 2, 4],
    [49, 0, 2],
  ])('%i bits from level %i on do not go with %i tables', (width, level, tables) => {
    use(machineOf({ features: { s2sz: 52 } }));
    expect(() =>
      bareRealm(machine, {
        s2sz: width,
        rtt_level_start: BigInt(level),
        rtt_num_start: tables,
        rtt_base: BigInt(BASE + 0x20_0000),
      }),
    ).toThrow('returned 1 0 0 0 0');
  });

  test('the RTTs in a row are aligned to their size', () => {
    use(machineOf());
    const params = allocate(RmiRealmParams);
    params.assign({
      s2sz: 40,
      num_bps: 1,
      num_wps: 1,
      rtt_base: BigInt(granule(17)),
      rtt_level_start: 1n,
      rtt_num_start: 2,
    });
    delegate(0);
    delegate(17, 2);
    machine.bus.write(granule(1), params.$bytes);
    expect(call(RMI_REALM_CREATE, granule(0), granule(1))).toBe('1 0 0 0 0');
  });
});

describe('LPA2 (A3.1.2)', () => {
  const high = 2 ** 48;
  const memory = [
    { base: BASE, size: 0x40_0000 },
    { base: high, size: 0x1_0000 },
  ];

  test('lets a Realm have memory above 48 bits, and no Realm without it', () => {
    use(machineOf({ memory }));
    const plain = bareRealm(machine).rd;
    const large = bareRealm(machine, { flags: { lpa2: 1 } }, 32).rd;
    tablesTo(machine, plain, 0, 2, 3, 64);
    tablesTo(machine, large, 0, 2, 3, 72);
    ok(call(RMI_GRANULE_DELEGATE, high));
    expect(call(RMI_DATA_CREATE_UNKNOWN, plain, high, 0)).toBe('1 0 0 0 0');
    expect(call(RMI_DATA_CREATE_UNKNOWN, large, high, 0)).toBe(OK);
    // Bits 49:48 of the address lie in place, 51:50 in bits 9:8.
    expect(call(RMI_RTT_READ_ENTRY, large, 0, 3)).toBe('0 3 1 1000000000000 0');
    expect(call(RMI_DATA_DESTROY, large, 0)).toBe('0 1000000000000 200000 0 0');
  });

  test('has the highest bits of an address low in a descriptor', () => {
    use(machineOf({ features: { s2sz: 52 } }));
    const { rd } = bareRealm(machine, { flags: { lpa2: 1 } });
    tablesTo(machine, rd, UNPROTECTED, 2, 3, 64);
    const desc = (1n << 49n) | 0x1_0000n | 0xd8n | (0b10n << 8n);
    ok(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, desc));
    expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED, 3)).toBe(`0 3 1 ${desc.toString(16)} 0`);
    expect(machine.snapshot().rtts.at(-1)!.entries[0]!.addr).toBe(2 ** 51 + 2 ** 49 + 0x1_0000);
  });

  test('is refused by an RMM that has none', () => {
    use(machineOf({ features: { lpa2: false } }));
    expect(() => bareRealm(machine, { flags: { lpa2: 1 } })).toThrow('returned 1 0 0 0 0');
  });

  test('at level -1 the end of a table lies beyond all IPAs', () => {
    use(machineOf({ features: { s2sz: 52 } }));
    const shape = { flags: { lpa2: 1 as const }, s2sz: 52, rtt_level_start: -1n, rtt_num_start: 1 };
    const { rd } = bareRealm(machine, shape);
    expect(call(RMI_RTT_UNMAP_UNPROTECTED, rd, 2n ** 51n, 3)).toBe(`ff04 ${hex(2 ** 57)} 0 0 0`);
    expect(call(RMI_RTT_DESTROY, rd, 0, 3)).toBe(`ff04 0 ${hex(2 ** 57)} 0 0`);
  });
});
