import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInvariants, type Machine, type Snapshot } from '../../runtime/index.js';
import { invariants } from '../../runtime/rmm/invariants.js';
import { root } from '../cli/harness.js';
import { Numbers } from './random/numbers.js';
import { World } from './random/world.js';
import { BASE, machineOf, PAGE, UNPROTECTED } from './support.js';

function built(rpv = 1): Machine {
  const machine = machineOf();
  const realm = machine.host.createRealm({ rpv: Uint8Array.of(rpv) });
  realm.populate(0, new Uint8Array(2 * PAGE).fill(9));
  realm.share(UNPROTECTED, machine.host.allocatePage());
  realm.createRec({ gprs: [7n] });
  realm.activate();
  return machine;
}

describe('a digest', () => {
  test('is the same for the same state, and another for any other', () => {
    const machine = built();
    expect(machine.digest()).toBe(built().digest());
    expect(machine.digest()).toMatch(/^[0-9a-f]{64}$/);
    const digests = new Set([machine.digest(), built(2).digest(), machineOf().digest()]);
    machine.bus.write8(BASE + 0x3f_f000, 1);
    digests.add(machine.digest());
    machine.smc(0xc400_0151, BASE + 0x3f_e000);
    digests.add(machine.digest());
    expect(digests.size).toBe(5);
    machine.smc(0xc400_0152, BASE + 0x3f_e000);
    machine.bus.write8(BASE + 0x3f_f000, 0);
    expect(machine.digest()).toBe(built().digest());
  });
});

describe('a snapshot', () => {
  test('is plain data, from which a machine goes on', () => {
    const machine = built();
    const text = JSON.stringify(machine.snapshot({ contents: 'whole' }));
    const other = machineOf();
    other.restore(JSON.parse(text) as Snapshot);
    expect(JSON.stringify(other.snapshot({ contents: 'whole' }))).toBe(text);
    expect(other.digest()).toBe(machine.digest());
    for (const one of [machine, other]) {
      const { rd } = one.snapshot().realms[0]!;
      expect(one.smc(0xc400_0155, rd, 0)[0]).toBe(0n);
    }
    expect(other.digest()).toBe(machine.digest());
  });

  test('of any state that random commands lead to is restored, and goes on alike', () => {
    for (let stream = 0; stream < 4; stream++) {
      const world = World.random(new Numbers(5, stream), false);
      for (let i = 0; i < 700; i++) world.step();
      const { machine } = world;
      const { machine: twin } = World.random(new Numbers(5, stream), true);
      twin.restore(machine.snapshot({ contents: 'whole' }));
      expect(twin.digest()).toBe(machine.digest());
      for (const { rd } of machine.snapshot().realms)
        for (let ipa = 0; ipa < 2 ** 40; ipa += 2 ** 35)
          expect(twin.smc(0xc400_0161, rd, ipa, 3)).toEqual(machine.smc(0xc400_0161, rd, ipa, 3));
    }
  });

  test('leaves contents out where it is told to', () => {
    expect(built().snapshot({ contents: 'none' }).memory).toEqual([]);
    expect(
      built()
        .snapshot()
        .memory.every(({ bytes, sha256 }) => bytes === undefined && sha256),
    ).toBe(true);
  });

  test('is restored on a new machine, with its contents, or not at all', () => {
    expect(() => machineOf().restore(built().snapshot())).toThrow(
      'expected one that was taken with contents',
    );
    const whole = built().snapshot({ contents: 'whole' });
    expect(() => built().restore(whole)).toThrow('expected a machine that was just made');
    const odd = JSON.parse(JSON.stringify(whole).replaceAll('"REC"', '"toString"')) as Snapshot;
    expect(() => machineOf().restore(odd)).toThrow('toString is no label');
  });
});

/** What a snapshot would have to say for each invariant to be broken: changes to the JSON of a good one. */
const forgeries: readonly (readonly [invariant: string, change: (snapshot: Forged) => void])[] = [
  ['in the Realm PAS', (s) => (s.granules[0]!.gpt = 'GPT_NS')],
  ['lies in a Granule of its kind', (s) => (s.granules.find(({ state }) => state === 'RD')!.state = 'DATA')],
  ['lies in a Granule of its kind', (s) => s.recs.pop()],
  ['mapped once', (s) => (s.granules.find(({ state }) => state === 'DATA')!.state = 'DELEGATED')],
  ['form a tree', (s) => (s.rtts.find(({ level }) => level === 3)!.level = 2)],
  ['form a tree', (s) => s.realms[0]!.rtts.pop()],
  [
    'fits its IPA and level',
    (s) =>
      (s.rtts.find(({ level, ipa }) => level === 3 && ipa === 0)!.entries.at(-1)!.state = 'UNASSIGNED_NS'),
  ],
  ['VMID', (s) => s.realms.push({ ...s.realms[0]!, rd: 0 })],
  ['counts them', (s) => (s.realms[0]!.attributes.num_recs = 2)],
  ['auxiliary', (s) => (s.granules.find(({ state }) => state === 'REC_AUX')!.state = 'DELEGATED')],
  ['auxiliary', (s) => s.recs[0]!.attributes.aux.fill(s.recs[0]!.attributes.aux[0]!)],
];
/** A snapshot that can be written to. */
interface Forged {
  granules: { address: number; state: string; gpt: string }[];
  realms: { rd: number; attributes: { num_recs: number }; rtts: number[] }[];
  recs: { attributes: { aux: number[] } }[];
  rtts: { level: number; ipa: number; entries: { state: string }[] }[];
}

describe('the invariants', () => {
  test('are those that docs/simulator.md tells of', () => {
    const text = readFileSync(join(root, 'docs/simulator.md'), 'utf8');
    const rows = text
      .slice(text.indexOf('## Invariants'))
      .matchAll(/^\| (?<name>[^|]*?) +\| (?<section>A[^|]*?) +\|$/gm);
    const told = Array.from(rows, ({ groups }) => `${groups!.name} ${groups!.section}`);
    expect(told).toEqual(invariants.map(({ name, section }) => `${name} ${section}`));
  });

  test('hold for a Realm that lives', () => {
    expect(checkInvariants(built().snapshot())).toEqual([]);
  });

  test.each(forgeries.map(([invariant, change], number) => [number, invariant, change] as const))(
    'tell forgery %i: %s',
    (_number, invariant, change) => {
      const snapshot = JSON.parse(JSON.stringify(built().snapshot())) as Snapshot & Forged;
      change(snapshot);
      const found = checkInvariants(snapshot).map((breach) => breach.invariant);
      expect(
        found.some((name) => name.includes(invariant)),
        found.join('\n'),
      ).toBe(true);
    },
  );
});
