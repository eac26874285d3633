import { beforeEach, describe, expect, test } from 'vitest';
import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { calls } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  FID_PSCI_CPU_ON,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_FEATURES,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_PSCI_COMPLETE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_DESTROY,
  RMI_REC_AUX_COUNT,
  RMI_REC_CREATE,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_SET_RIPAS,
  RMI_RTT_UNMAP_UNPROTECTED,
  RMI_VERSION,
  RmiRecParams,
  RmiRecRun,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../runtime/bits/index.js';
import { type Machine, ScriptedRealm } from '../../runtime/index.js';
import {
  bareRealm,
  breaches,
  caller,
  granule,
  machineOf,
  ok,
  PAGE,
  stateOf,
  UNPROTECTED,
} from './support.js';

/*
 * What every command answers when it succeeds, X0 to X4 written out, and what it has made of the Granules. The failures
 * come up in the campaign of random commands and in the replayed traces.
 */

let machine: Machine;
let realm: ScriptedRealm;
let call: ReturnType<typeof caller>;
let answered: Set<number>;

beforeEach(() => {
  answered = new Set();
  realm = new ScriptedRealm();
  machine = machineOf({ features: { auxCount: 2 }, executor: realm });
  const bare = caller(machine);
  call = (command, ...inputs) => {
    const answer = bare(command, ...inputs);
    if (/^0 /.test(answer)) answered.add(command.fid);
    return answer;
  };
});

const { DELEGATED, RD, REC, REC_AUX, RTT, DATA, UNDELEGATED } = RmmGranuleState;
const states = (...granules: number[]) => granules.map((number) => stateOf(machine, granule(number)));
const delegate = (...granules: number[]) => {
  for (const number of granules) ok(call(RMI_GRANULE_DELEGATE, granule(number)));
};
/** Hexadecimal digits of a Granule's address. */
const hex = (number: number) => granule(number).toString(16);

function createRec(rd: number, index: number, first: number, runnable = true): void {
  delegate(first, first + 1, first + 2);
  const params = allocate(RmiRecParams);
  params.assign({
    flags: { runnable: runnable ? 1 : 0 },
    mpidr: { aff0: index },
    num_aux: 2n,
    pc: 0x1000n,
  });
  params.aux.set(0, BigInt(granule(first + 1)));
  params.aux.set(1, BigInt(granule(first + 2)));
  machine.bus.write(granule(first + 3), params.$bytes);
  expect(call(RMI_REC_CREATE, rd, granule(first), granule(first + 3))).toBe('0 0 0 0 0');
}

test('the life of a Realm, answer by answer', () => {
  expect(call(RMI_VERSION, 0x1_0000)).toBe('0 10000 10000 0 0');
  expect(call(RMI_FEATURES, 0)).toBe('0 2bffc104130 0 0 0');
  expect(call(RMI_FEATURES, 1)).toBe('0 0 0 0 0');
  const { rd } = bareRealm(machine);
  expect(states(0, 1, 16, 17)).toEqual([RD, UNDELEGATED, RTT, RTT]);
  expect(call(RMI_REC_AUX_COUNT, rd)).toBe('0 2 0 0 0');

  // Tables for page 0 and for the first unprotected page.
  delegate(20, 21, 22, 23);
  expect(call(RMI_RTT_CREATE, rd, granule(20), 0, 2)).toBe('0 0 0 0 0');
  expect(call(RMI_RTT_CREATE, rd, granule(21), 0, 3)).toBe('0 0 0 0 0');
  ok(call(RMI_RTT_CREATE, rd, granule(22), UNPROTECTED, 2));
  ok(call(RMI_RTT_CREATE, rd, granule(23), UNPROTECTED, 3));
  expect(states(20, 21)).toEqual([RTT, RTT]);

  // 16 entries become RAM: top is where asked. Then as far as the table goes.
  expect(call(RMI_RTT_INIT_RIPAS, rd, 0, 0x1_0000)).toBe('0 10000 0 0 0');
  expect(call(RMI_RTT_INIT_RIPAS, rd, 0x1_0000, 0x40_0000)).toBe('0 200000 0 0 0');

  delegate(30, 31, 32);
  expect(call(RMI_DATA_CREATE, rd, granule(30), 0, granule(2), 1)).toBe('0 0 0 0 0');
  expect(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(31), 0x1000)).toBe('0 0 0 0 0');
  ok(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(32), 0x5000));
  expect(states(30, 31)).toEqual([DATA, DATA]);

  createRec(rd, 0, 40);
  createRec(rd, 1, 50, false);
  expect(states(40, 41, 42)).toEqual([REC, REC_AUX, REC_AUX]);
  expect(call(RMI_REALM_ACTIVATE, rd)).toBe('0 0 0 0 0');

  // READ_ENTRY: level reached, state, descriptor, RIPAS.
  expect(call(RMI_RTT_READ_ENTRY, rd, 0, 3)).toBe(`0 3 1 ${hex(30)} 1`);
  expect(call(RMI_RTT_READ_ENTRY, rd, 0x2000, 3)).toBe('0 3 0 0 1');
  expect(call(RMI_RTT_READ_ENTRY, rd, 0x20_0000, 3)).toBe('0 2 0 0 0');
  expect(call(RMI_RTT_READ_ENTRY, rd, 0, 1)).toBe(`0 1 2 ${hex(20)} 0`);
  expect(call(RMI_RTT_READ_ENTRY, rd, 0, 2)).toBe(`0 2 2 ${hex(21)} 0`);
  expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED, 3)).toBe('0 3 0 0 0');

  expect(call(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, granule(3) + 0xd8)).toBe('0 0 0 0 0');
  expect(call(RMI_RTT_READ_ENTRY, rd, UNPROTECTED, 3)).toBe(`0 3 1 ${(granule(3) + 0xd8).toString(16)} 0`);
  expect(call(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED, 3)).toBe('0 8000200000 0 0 0');

  // The Realm asks for RIPAS EMPTY of two pages, and for another REC.
  const run = granule(4);
  const exitReason = () => machine.bus.read8(run + 0x800);
  realm.call(0xc400_0197, 0x2000, 0x4000, 0, 0);
  expect(call(RMI_REC_ENTER, granule(40), run)).toBe('0 0 0 0 0');
  expect(exitReason()).toBe(4);
  expect(call(RMI_RTT_SET_RIPAS, rd, granule(40), 0x2000, 0x3000)).toBe('0 3000 0 0 0');
  expect(call(RMI_RTT_SET_RIPAS, rd, granule(40), 0x3000, 0x4000)).toBe('0 4000 0 0 0');
  expect(call(RMI_RTT_READ_ENTRY, rd, 0x3000, 3)).toBe('0 3 0 0 0');
  realm.call(FID_PSCI_CPU_ON, 1, 0x1000, 0);
  ok(call(RMI_REC_ENTER, granule(40), run));
  expect(exitReason()).toBe(3);
  expect(call(RMI_PSCI_COMPLETE, granule(40), granule(50), 0)).toBe('0 0 0 0 0');
  ok(call(RMI_REC_ENTER, granule(50), run));

  // DATA_DESTROY: the Granule, and where the next live entry is; at the end of the table if there is none.
  expect(call(RMI_DATA_DESTROY, rd, 0)).toBe(`0 ${hex(30)} 1000 0 0`);
  expect(call(RMI_DATA_DESTROY, rd, 0x1000)).toBe(`0 ${hex(31)} 5000 0 0`);
  expect(call(RMI_DATA_DESTROY, rd, 0x5000)).toBe(`0 ${hex(32)} 200000 0 0`);
  expect(states(30, 31)).toEqual([DELEGATED, DELEGATED]);
  expect(call(RMI_RTT_READ_ENTRY, rd, 0, 3)).toBe('0 3 0 0 2');

  expect(call(RMI_REC_DESTROY, granule(40))).toBe('0 0 0 0 0');
  ok(call(RMI_REC_DESTROY, granule(50)));
  expect(states(40, 41, 42)).toEqual([DELEGATED, DELEGATED, DELEGATED]);

  // RTT_DESTROY and RTT_FOLD: the RTT, and where the next live entry of the parent is.
  expect(call(RMI_RTT_DESTROY, rd, 0, 3)).toBe(`0 ${hex(21)} 40000000 0 0`);
  expect(call(RMI_RTT_FOLD, rd, UNPROTECTED, 3)).toBe(`0 ${hex(23)} 0 0 0`);
  expect(call(RMI_RTT_DESTROY, rd, 0, 2)).toBe(`0 ${hex(20)} 8000000000 0 0`);
  expect(call(RMI_RTT_FOLD, rd, UNPROTECTED, 2)).toBe(`0 ${hex(22)} 0 0 0`);
  expect(states(20, 21, 22, 23)).toEqual([DELEGATED, DELEGATED, DELEGATED, DELEGATED]);
  expect(call(RMI_REALM_DESTROY, rd)).toBe('0 0 0 0 0');
  expect(states(0, 16, 17)).toEqual([DELEGATED, DELEGATED, DELEGATED]);
  expect(call(RMI_GRANULE_UNDELEGATE, rd)).toBe('0 0 0 0 0');
  expect(states(0)).toEqual([UNDELEGATED]);
  expect(breaches(machine)).toEqual([]);

  // bareRealm has called the one command that is missing.
  const names = [...calls].filter(([fid]) => !answered.has(fid)).map(([, { conditions }]) => conditions.name);
  expect(names).toEqual(['RMI_REALM_CREATE']);
});

describe('a failure', () => {
  test('leaves zero in all that the document does not define (B1.2, B1.6)', () => {
    const { rd } = bareRealm(machine);
    const x = Array.from({ length: 16 }, (_, i) => BigInt(i + 1));
    for (const [{ fid }, given, x0] of [
      [RMI_GRANULE_DELEGATE, [1n], 1n],
      [RMI_RTT_READ_ENTRY, [BigInt(rd), 0n, 9n], 1n],
      [RMI_DATA_DESTROY, [BigInt(rd), 1n], 1n],
      // A walk that ends at level 1, and what it would have come to next.
      [RMI_DATA_CREATE_UNKNOWN, [BigInt(rd), BigInt(rd), 0n], 1n],
    ] as const) {
      const answer = machine.smc(fid, ...given, ...x.slice(given.length));
      expect(Array.from(answer)).toEqual([x0, ...new Array(16).fill(0n)]);
    }
  });

  test('tells the level that a walk has reached, and what comes next (B4.3.3.1.3)', () => {
    const { rd } = bareRealm(machine);
    delegate(20, 30);
    expect(call(RMI_DATA_CREATE_UNKNOWN, rd, granule(30), 0)).toBe('104 0 0 0 0');
    expect(call(RMI_DATA_DESTROY, rd, 0x1000)).toBe('104 0 8000000000 0 0');
    expect(call(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED, 3)).toBe('104 10000000000 0 0 0');
    expect(call(RMI_RTT_DESTROY, rd, 0, 3)).toBe('104 0 8000000000 0 0');
    expect(call(RMI_RTT_DESTROY, rd, 0, 2)).toBe('104 0 8000000000 0 0');
    ok(call(RMI_RTT_CREATE, rd, granule(20), 0, 2));
    expect(call(RMI_RTT_CREATE, rd, granule(30), 0, 2)).toBe('104 0 0 0 0');
    expect(call(RMI_DATA_DESTROY, rd, 0x1000)).toBe('204 0 40000000 0 0');
    expect(call(RMI_RTT_INIT_RIPAS, rd, 0, PAGE)).toBe('204 0 0 0 0');
  });

  test('changes nothing (B1.6)', () => {
    const { rd } = bareRealm(machine);
    const before = machine.digest();
    for (const inputs of [
      [RMI_REALM_DESTROY, 1],
      [RMI_DATA_CREATE_UNKNOWN, rd, granule(30), 0],
      [RMI_GRANULE_DELEGATE, rd],
      [RMI_GRANULE_UNDELEGATE, rd],
      [RMI_REC_ENTER, rd, granule(4)],
    ] as const)
      expect(call(inputs[0], ...(inputs.slice(1) as number[]))).not.toMatch(/^0 /);
    expect(machine.digest()).toBe(before);
  });

  test('of a system that is off, and of a Realm that is not active, differ in the index (B4.3.14)', () => {
    const { rd } = bareRealm(machine);
    createRec(rd, 0, 40);
    machine.bus.write(granule(4), allocate(RmiRecRun).$bytes);
    expect(call(RMI_REC_ENTER, granule(40), granule(4))).toBe('2 0 0 0 0');
    ok(call(RMI_REALM_ACTIVATE, rd));
    realm.call(0x8400_0008);
    ok(call(RMI_REC_ENTER, granule(40), granule(4)));
    expect(call(RMI_REC_ENTER, granule(40), granule(4))).toBe('102 0 0 0 0');
  });
});
