import { describe, expect, test } from 'vitest';
import { type Line, TinyCpu } from '../../examples/realm/tiny-cpu.js';
import type { RealmEvent, RealmExecutor, RunOrder } from '../../runtime/index.js';
import { EMPTY, expectExit, stage, UNASSIGNED, UNPROTECTED } from './stage.js';

const NO_GIC = { 912: 0n };

describe('an executor of one’s own', () => {
  function run(code: readonly Line[]) {
    const cpu: TinyCpu = new TinyCpu(code, () => made.machine.probe);
    const made = stage(function* () {}, undefined, { executor: cpu as unknown as RealmExecutor });
    const inner = made.machine.rmm.store.recs.get(made.rec.address)!;
    inner.pc = 0n;
    made.machine.accept();
    return { ...made, cpu, inner };
  }

  test('has its memory from the RTT, its calls from the RMM, and its MMIO from the Host', () => {
    const { rec, inner, cpu } = run([
      ['mov', 1, 0x1008n],
      ['mov', 2, 0x5555n],
      ['str', 2, 1],
      ['ldr', 20, 1],
      // RSI_MEASUREMENT_READ of the RIM.
      ['mov', 0, 0xc400_0192n],
      ['mov', 1, 0n],
      ['smc'],
      ['mov', 9, UNPROTECTED + 0x10n],
      ['ldr', 10, 9],
      ['hvc'],
      ['mov', 9, EMPTY],
      ['ldr', 11, 9],
      ['wfi'],
      ['b', 13],
    ]);
    const mmio = rec.enter((enter) => enter.flags.assign({ trap_wfi: 1 }));
    expectExit(mmio, 0, { ...NO_GIC, 256: 0x91c0_8005n, 264: 0x10n, 272: 0x80_0000_00n });
    expect([inner.gprs[20], inner.gprs[0]]).toEqual([0x5555n, 0n]);
    const wfi = rec.enter((enter) => {
      enter.flags.assign({ emul_mmio: 1, trap_wfi: 1 });
      enter.gprs.set(0, 42n);
    });
    expectExit(wfi, 0, { ...NO_GIC, 256: 0x0400_0000n });
    expect(inner.gprs[10]).toBe(42n);
    // HVC, and the SEA of an IPA that is EMPTY.
    expect(cpu.taken).toEqual([0x0200_0000n, 0x9600_0210n]);
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
  });

  test('is told what it lacks when it goes on', () => {
    const { rec, realm, inner } = run([
      ['mov', 1, UNASSIGNED],
      ['ldr', 2, 1],
      ['b', 2],
    ]);
    expect(rec.enter().reason).toBe('RMI_EXIT_SYNC');
    expect(inner.pc).toBe(4n);
    realm.addPage(UNASSIGNED);
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect(inner.pc).toBe(8n);
  });
});

test('what an executor is told', () => {
  const orders: RunOrder[] = [];
  const events: RealmEvent[] = [
    { kind: 'abort', esr: 0x9200_0000n, far: 0x1000n, hpfar: 0x10n },
    { kind: 'abort', esr: 0x9200_0000n, far: EMPTY, hpfar: EMPTY >> 8n },
    { kind: 'irq' },
  ];
  const left: string[] = [];
  const executor: RealmExecutor = {
    hasDevices: false,
    run: (_pe, order) => {
      orders.push(order);
      return events.shift()!;
    },
    left: (_pe, how) => void left.push(how),
  };
  const { machine, rec, realm } = stage(function* () {}, undefined, { executor, slice: 1234 });
  machine.clock.advance(1000);
  rec.enter((enter) => enter.flags.assign({ trap_wfe: 1 }));
  const pa = Number(machine.smc(0xc400_0161, realm.rd, 0x1000, 3)[3]! & 0xffff_ffff_f000n);
  expect(orders.map(({ mapping, exception }) => ({ mapping, exception }))).toEqual([
    { mapping: undefined, exception: undefined },
    { mapping: { ipa: 0x1000, pa, readable: true, writable: true }, exception: undefined },
    { mapping: undefined, exception: { esr: 0x9600_0210n, far: EMPTY } },
  ]);
  for (const { traps, interrupt } of orders) {
    expect(traps).toEqual({ wfi: false, wfe: true });
    expect(interrupt).toEqual({ kind: 'irq', at: 2234, esr: 0n });
  }
  expect(left).toEqual(['exit']);
});

describe('an executor for which no time passes, and which reports no interrupt', () => {
  const abort = (ipa: bigint): RealmEvent => ({
    kind: 'abort',
    esr: 0x9200_0000n,
    far: ipa,
    hpfar: ipa >> 8n,
  });
  function endless(event: () => RealmEvent) {
    const orders: RunOrder[] = [];
    const executor: RealmExecutor = {
      hasDevices: false,
      run(_pe, order) {
        orders.push(order);
        return event();
      },
    };
    const made = stage(function* () {}, undefined, { executor, slice: 50 });
    return { ...made, orders };
  }

  test('does not stop the machine: a tick an event, then the Host’s interrupt', () => {
    const { machine, rec, orders } = endless(() => abort(0x1000n));
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect(machine.clock.now).toBe(50);
    expect(orders.length).toBe(51);
    machine.clock.interruptAfter(10, 'fiq');
    expect(rec.enter().reason).toBe('RMI_EXIT_FIQ');
    machine.clock.interruptAfter(10, 'serror', 0xbe00_0000n);
    expect(rec.enter().reason).toBe('RMI_EXIT_SERROR');
    expect(machine.clock.interrupt).toBeUndefined();
    expect(machine.clock.now).toBe(70);
  });

  test('has an exception taken at the next entry for which there was no time', () => {
    const { rec, orders } = endless(() => abort(EMPTY));
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    const before = orders.length;
    rec.enter();
    const sea = { esr: 0x9600_0210n, far: EMPTY };
    expect(orders[before]).toMatchObject({ exception: sea, mapping: undefined });
  });
});

test('an executor that fails leaves the machine as it was before the REC ran', () => {
  let fails = true;
  const executor: RealmExecutor = {
    hasDevices: false,
    run: () => {
      if (fails) throw new Error('out of order');
      return { kind: 'irq' };
    },
  };
  const { machine, rec } = stage(function* () {}, undefined, { executor });
  expect(() => rec.enter()).toThrow('out of order');
  machine.accept();
  fails = false;
  expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
});
