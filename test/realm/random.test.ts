import { describe, expect, test } from 'vitest';
import { RmiRecRun } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Machine } from '../../runtime/index.js';
import type { Rec } from '../../runtime/rmm/rec.js';
import { run } from './random/campaign.js';
import { kindOf } from './random/exits.js';

/** A share of what `npm run campaign:realm` does; docs/campaigns.md has the report of a whole one. */
const SEED = 1;

test('random Hosts and Realms break no promise, and come to every exit and every answer', () => {
  const { tally, digests } = run({ seed: SEED, entries: 8000 });
  expect(tally.missing).toEqual([]);
  expect(tally.of('exit')).toBeGreaterThan(4000);
  expect(digests.length).toBe(8);
});

test('it goes the same way without checks', () => {
  const campaign = { seed: SEED + 1, entries: 2000 };
  const checked = run({ ...campaign, checked: true });
  const fast = run({ ...campaign, checked: false });
  expect(fast.digests).toEqual(checked.digests);
  expect(fast.tally.table()).toBe(checked.tally.table());
});

describe('what would be found', () => {
  type Leak = (machine: Machine, rec: Rec, exit: RmiRecRun['exit']) => void;

  /** An RMM that does something more when a REC has exited. */
  const planted = (leak: Leak) => () =>
    run({
      seed: SEED,
      entries: 1000,
      checked: false,
      plant(machine) {
        const { runner, memory } = machine.rmm;
        const enter = runner.enter.bind(runner);
        runner.enter = (rec, page) => {
          enter(rec, page);
          leak(machine, rec as Rec, new RmiRecRun(memory.memoryAt(page), memory.offsetAt(page)).exit);
        };
      },
    });
  const last = 0x8000_0000 + 399 * 0x1000;

  test.each<[string, RegExp, Leak]>([
    [
      'a register in a place for none',
      /sets something at 0x2f0/,
      (_, { gprs }, exit) => exit.gprs.set(30, gprs[30]!),
    ],
    [
      'a register in an unused part of the structure',
      /sets something at 0x7f8/,
      (_, { gprs }, exit) =>
        new DataView(exit.$bytes.buffer, exit.$bytes.byteOffset).setBigUint64(0x7f8, gprs[30]!, true),
    ],
    [
      'another register than the one that is written',
      /Data Abort, emulatable write: tells a secret at 0x200/,
      (_, rec, exit) => {
        if (kindOf(exit, 40) === 'Data Abort, emulatable write') exit.gprs.set(0, rec.gprs[16]!);
      },
    ],
    [
      'half a register where an address belongs',
      /tells a secret at 0x110/,
      (_, { gprs }, exit) => {
        if (exit.hpfar !== 0n) exit.hpfar = gprs[30]! >> 32n;
      },
    ],
    [
      'a register in a page of the Host',
      /secret: the Host can read it at 0x8018f1/,
      (machine, { gprs }) => machine.probe.write64(last + 0x120, gprs[30]!),
    ],
    [
      'a List Register that the Host did not give',
      /changes gicv3_lrs\[0\]/,
      (_, _rec, exit) => exit.gicv3_lrs.set(0, 5n),
    ],
  ])('%s', (_name, message, leak) => {
    expect(planted(leak)).toThrow(message);
  });
});
