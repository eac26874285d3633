import { expect, test } from 'vitest';
import { GRANULE, type HostRec, type Machine, type RealmProgram } from '../../runtime/index.js';
import { DESTROYED, DRAM, EMPTY, stage, UNASSIGNED, UNPROTECTED } from './stage.js';

/*
 * What a Realm holds and does not tell never shows on the Host's side (A4.3.1, A6.1): its registers, its memory and the
 * inside of its CPU interface are full of marks, and every byte that the Host can read is searched for them.
 */
const MARK = 0x5ec4_e75en;
const mark = (n: number): bigint => (MARK << 32n) | BigInt(n);

/** Numbers that look like nothing in particular, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Physical addresses at which the Host can read a part of a mark, at whatever offset, and registers of it. */
function found(machine: Machine): readonly string[] {
  const places: string[] = [];
  for (let granule = DRAM; granule < DRAM + 0x100_0000; granule += GRANULE) {
    let bytes: Uint8Array;
    try {
      bytes = machine.bus.read(granule, GRANULE);
    } catch {
      continue;
    }
    for (let at = bytes.indexOf(0x5e); at >= 0; at = bytes.indexOf(0x5e, at + 1)) {
      // Little-endian: the upper half of a mark is 5e e7 c4 5e.
      if (bytes[at + 1] === 0xe7 && bytes[at + 2] === 0xc4) places.push((granule + at).toString(16));
    }
  }
  for (const [i, value] of machine.registers.toArray().entries())
    if (value >> 32n === MARK) places.push(`X${i}`);
  return places;
}

/** Fills everything with marks, and does one thing after the other. What it passes on purpose is no mark. */
function secretive(seed: number): RealmProgram {
  return function* (cpu) {
    const below = numbers(seed);
    const fill = () => {
      for (let i = 0; i < 31; i++) cpu.setX(i, mark(i));
    };
    for (let i = 0; i < GRANULE; i += 8) yield* cpu.store64(0x5000 + i, mark(i), { register: 30 });
    yield* cpu.msr('ICC_AP1R0_EL1', MARK, 29);
    yield* cpu.msr('ICC_AP0R0_EL1', MARK, 29);
    const acts: readonly (() => ReturnType<RealmProgram>)[] = [
      () => cpu.wfi(),
      () => cpu.wfe(),
      () => cpu.branch(UNASSIGNED),
      () => cpu.load64(UNASSIGNED, { register: 3 }),
      () => cpu.load32(UNPROTECTED, { register: 5 }),
      () => cpu.store64(UNPROTECTED, 0x77, { register: 6 }),
      () => cpu.store64(UNPROTECTED, mark(98), { register: 6, syndrome: false }),
      () => cpu.load64(EMPTY, { register: 7 }),
      () => cpu.hvc(),
      () => cpu.msr('ICC_SGI1R_EL1', 1, 8),
      () => cpu.mrs('CNTVCT_EL0', 9),
      () => cpu.smc(0xc400_0192n, 0n),
      () => cpu.smc(0xc400_0197n, EMPTY, EMPTY + 0x1000n, 1n, 0n),
      () => cpu.smc(0xc400_0199n, 0x2000n),
      () => cpu.smc(0xc400_0003n, 1n, 0x1000n, 5n),
      () => cpu.smc(0xc400_0004n, 1n, 0n),
      () => cpu.smc(0xc400_0001n, 0n, 0n, 0n),
      () => cpu.smc(0x8400_0000n),
    ];
    for (;;) {
      fill();
      const act = acts[below(acts.length)]!;
      try {
        yield* act();
      } catch {
        // An exception that it takes is nothing to it.
      }
    }
  };
}

test.each(Array.from({ length: 5 }, (_, i) => [i + 1]))('nothing that was not told shows: %i', (seed) => {
  const { machine, realm, rec, other } = stage(secretive(seed), undefined, { checked: false, slice: 3000 });
  const below = numbers(seed * 77);
  const either = () => (below(2) === 0 ? 0 : 1);
  const reasons = new Set<string>();
  const enter = (one: HostRec) =>
    one.enter((fields) => {
      fields.flags.assign({
        trap_wfi: either(),
        trap_wfe: either(),
        inject_sea: below(4) === 0 ? 1 : 0,
        ripas_response: either(),
      });
      fields.gicv3_lrs.set(0, below(2) === 0 ? 0n : 0x5080_0000_0000_0020n);
    });
  for (let i = 0; i < 60; i++) {
    const exit = enter(rec);
    reasons.add(`${exit.reason} ${(exit.esr >> 26n) & 63n}`);
    expect(found(machine)).toEqual([]);
    if (exit.reason === 'RMI_EXIT_PSCI' && [0xc400_0003n, 0xc400_0004n].includes(exit.gprs.get(0)))
      rec.completePsci(other);
    if (exit.hpfar === UNASSIGNED >> 8n) realm.addPage(UNASSIGNED);
  }
  expect(reasons.size).toBeGreaterThan(5);
});

test('nor does it where the Realm is stuck', () => {
  const { machine, rec } = stage(function* (cpu) {
    yield* cpu.store64(DESTROYED, mark(1), { register: 4 });
  });
  for (let i = 0; i < 2; i++) {
    expect(rec.enter().reason).toBe('RMI_EXIT_SYNC');
    expect(found(machine)).toEqual([]);
  }
});

test('what is found where it is told, so that the search is one', () => {
  const { machine, rec } = stage(function* (cpu) {
    yield* cpu.rsi.hostCall(0, 1, [mark(1)]);
    yield* cpu.store64(UNPROTECTED, mark(2));
  });
  rec.enter();
  expect(found(machine).length).toBe(1);
  rec.enter();
  expect(found(machine).length).toBe(1);
});
