import { describe, expect, test } from 'vitest';
import {
  type Cpu,
  createMachine,
  ProgramError,
  type RealmProgram,
  ScriptedRealm,
} from '../../runtime/index.js';
import { DRAM, PAGE, stage, UNPROTECTED } from './stage.js';

const pending = (intid: number, priority = 0x80): bigint =>
  (1n << 62n) | (1n << 60n) | (BigInt(priority) << 48n) | BigInt(intid);

/** What a kernel does before it takes interrupts. */
function* prepareGic(cpu: Cpu) {
  yield* cpu.msr('ICC_PMR_EL1', 0xff);
  yield* cpu.msr('ICC_IGRPEN1_EL1', 1);
}

describe('memory', () => {
  test('is the pages behind stage 2, in every size', () => {
    const seen: bigint[] = [];
    const { machine, realm, rec, page } = stage(function* (cpu) {
      yield* cpu.store64(0x1000, 0x8877_6655_4433_2211n);
      yield* cpu.store32(0x1008, 0xffff_ffff_ffffn);
      yield* cpu.store16(0x100c, 0x1_2345);
      yield* cpu.store8(0x100e, 0x1ff);
      seen.push(yield* cpu.load64(0x1000), yield* cpu.load64(0x1008));
      seen.push(yield* cpu.load16(0x1002), yield* cpu.load8(0x1007, { signed: true, wide: false }));
      yield* cpu.write(UNPROTECTED, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    });
    realm.share(UNPROTECTED, page);
    rec.enter();
    expect(seen).toEqual([0x8877_6655_4433_2211n, 0x00ff_2345_ffff_ffffn, 0x4433n, 0xffff_ff88n]);
    expect(machine.bus.read(page, 8)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  });

  test('follows what the Host does between entries', () => {
    const seen: unknown[] = [];
    const { machine, realm, rec, page } = stage(function* (cpu) {
      for (;;) {
        try {
          seen.push(yield* cpu.load64(UNPROTECTED));
        } catch {
          seen.push('SEA');
        }
        yield* cpu.rsi.hostCall(0, 0);
      }
    });
    realm.share(UNPROTECTED, page);
    machine.bus.write64(page, 1n);
    rec.enter();
    const second = machine.host.allocatePage();
    machine.bus.write64(second, 2n);
    machine.smc(0xc400_0162, realm.rd, UNPROTECTED, 3);
    realm.share(UNPROTECTED, second);
    rec.enter();
    machine.smc(0xc400_0162, realm.rd, UNPROTECTED, 3);
    rec.enter();
    rec.enter((enter) => enter.flags.assign({ inject_sea: 1 }));
    expect(seen).toEqual([1n, 2n, 'SEA']);
  });
});

describe('virtual interrupts (A6.1)', () => {
  test('are taken by a handler, between two instructions, with registers as they were', () => {
    const log: unknown[] = [];
    const { rec } = stage(function* (cpu) {
      yield* prepareGic(cpu);
      cpu.vectors.irq = function* (inner) {
        const intid = yield* inner.mrs('ICC_IAR1_EL1');
        log.push(intid, inner.isMasked('irq'));
        inner.setX(3, 1);
        yield* inner.msr('ICC_EOIR1_EL1', intid);
      };
      cpu.unmask('irq');
      cpu.setX(3, 33);
      yield* cpu.wfi();
      log.push('main', cpu.x(3), cpu.isMasked('irq'));
      yield* cpu.rsi.hostCall(0, 0);
    });
    const exit = rec.enter((enter) => {
      enter.gicv3_lrs.set(0, pending(32));
      enter.gicv3_lrs.set(3, pending(33, 0x40));
    });
    expect(exit.reason).toBe('RMI_EXIT_HOST_CALL');
    // The one with the higher priority first.
    expect(log).toEqual([33n, true, 32n, true, 'main', 33n, false]);
    // Neither pending nor active any more; the rest of the List Registers is as it was.
    expect(exit.gicv3_lrs.get(0)).toBe(pending(32) & ~(3n << 62n));
    expect(exit.gicv3_lrs.get(3)).toBe(pending(33, 0x40) & ~(3n << 62n));
  });

  test('can be polled while they are masked', () => {
    let seen: unknown;
    const { rec } = stage(function* (cpu) {
      yield* prepareGic(cpu);
      seen = [cpu.pending.irq, yield* cpu.mrs('ICC_HPPIR1_EL1')];
      yield* cpu.rsi.hostCall(0, 0);
    });
    const exit = rec.enter((enter) => enter.gicv3_lrs.set(0, pending(40)));
    expect(seen).toEqual([true, 40n]);
    expect(exit.gicv3_lrs.get(0)).toBe(pending(40));
  });

  test('that stay active are handed back, and the CPU interface is as it was left at the next entry', () => {
    const seen: bigint[] = [];
    const { rec } = stage(function* (cpu) {
      yield* prepareGic(cpu);
      yield* cpu.mrs('ICC_IAR1_EL1');
      yield* cpu.rsi.hostCall(0, 0);
      seen.push(yield* cpu.mrs('ICC_RPR_EL1'), yield* cpu.mrs('ICC_PMR_EL1'));
      yield* cpu.rsi.hostCall(0, 0);
    });
    const exit = rec.enter((enter) => enter.gicv3_lrs.set(0, pending(40)));
    expect(exit.gicv3_lrs.get(0)).toBe(pending(40) ^ (3n << 62n));
    rec.enter((enter) => enter.gicv3_lrs.set(0, exit.gicv3_lrs.get(0)));
    expect(seen).toEqual([0x80n, 0xf8n]);
  });

  test('EOIcount counts what no List Register holds', () => {
    const { rec } = stage(function* (cpu) {
      yield* prepareGic(cpu);
      const intid = yield* cpu.mrs('ICC_IAR1_EL1');
      yield* cpu.rsi.hostCall(0, 0);
      yield* cpu.msr('ICC_EOIR1_EL1', intid);
      yield* cpu.rsi.hostCall(0, 0);
    });
    rec.enter((enter) => enter.gicv3_lrs.set(0, pending(40)));
    expect(rec.enter().gicv3_hcr).toBe(1n << 27n);
  });

  test('the Host learns that the List Registers run out, as it asked for', () => {
    const { rec } = stage(function* (cpu) {
      yield* prepareGic(cpu);
      yield* cpu.msr('ICC_EOIR1_EL1', yield* cpu.mrs('ICC_IAR1_EL1'));
      for (;;) yield* cpu.nop();
    });
    const exit = rec.enter((enter) => {
      enter.gicv3_hcr = 2n;
      enter.gicv3_lrs.set(0, pending(40));
      enter.gicv3_lrs.set(1, pending(41));
    });
    // One is left: the underflow of ICH_MISR_EL2.U.
    expect([exit.reason, exit.gicv3_misr & 2n]).toEqual(['RMI_EXIT_IRQ', 2n]);
  });
});

describe('timers (A6.2)', () => {
  test('make the REC exit when their output changes, and only then', () => {
    const ticks: bigint[] = [];
    const { machine, rec } = stage(function* (cpu) {
      yield* cpu.msr('CNTV_CVAL_EL0', 100);
      yield* cpu.msr('CNTV_CTL_EL0', 1);
      yield* cpu.wfi();
      ticks.push(yield* cpu.mrs('CNTVCT_EL0'), yield* cpu.mrs('CNTPCT_EL0'));
      for (let i = 0; i < 10; i++) yield* cpu.nop();
      yield* cpu.msr('CNTV_CTL_EL0', 0);
      for (;;) yield* cpu.nop();
    });
    const first = rec.enter();
    expect([first.reason, first.cntv_ctl, first.cntv_cval, machine.clock.now]).toEqual([
      'RMI_EXIT_IRQ',
      5n,
      100n,
      100,
    ]);
    // It stays asserted, which the Host knows; that the Realm turns it off the Host has to learn.
    const second = rec.enter();
    expect([second.reason, second.cntv_ctl]).toEqual(['RMI_EXIT_IRQ', 0n]);
    expect(ticks).toEqual([101n, 102n]);
    const now = machine.clock.now;
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect(machine.clock.now).toBe(now + 100_000);
  });

  test('that have come due meanwhile stop the REC before it does anything', () => {
    let done = 0;
    const { machine, rec } = stage(function* (cpu) {
      yield* cpu.msr('CNTP_TVAL_EL0', 1000);
      yield* cpu.msr('CNTP_CTL_EL0', 1);
      yield* cpu.rsi.hostCall(0, 0);
      for (;;) {
        done++;
        yield* cpu.nop();
      }
    });
    const exit = rec.enter();
    expect([exit.cntp_ctl, exit.cntp_cval]).toEqual([1n, 1001n]);
    machine.clock.advance(5000);
    expect([rec.enter().cntp_ctl, done]).toEqual([5n, 0]);
  });

  test('that are masked, or never due, make no exit', () => {
    const { machine, rec } = stage(
      function* (cpu) {
        yield* cpu.msr('CNTV_CVAL_EL0', 2n ** 64n - 1n);
        yield* cpu.msr('CNTV_CTL_EL0', 1);
        yield* cpu.msr('CNTP_CTL_EL0', 3);
        yield* cpu.wfi();
        for (;;) yield* cpu.nop();
      },
      undefined,
      { slice: 500 },
    );
    const exit = rec.enter();
    // ENABLE, and ENABLE, IMASK, ISTATUS.
    expect([exit.reason, exit.cntv_ctl, exit.cntp_ctl, machine.clock.now]).toEqual([
      'RMI_EXIT_IRQ',
      1n,
      7n,
      500,
    ]);
  });

  test('belong to a REC, as does its CPU interface', () => {
    const seen: bigint[] = [];
    const { rec, other } = stage(
      function* (cpu) {
        yield* cpu.psci.on(1, 0x1000);
        yield* cpu.msr('ICC_PMR_EL1', 0x50);
        yield* cpu.msr('CNTV_CVAL_EL0', 7777);
        yield* cpu.rsi.hostCall(0, 0);
        seen.push(yield* cpu.mrs('ICC_PMR_EL1'), yield* cpu.mrs('CNTV_CVAL_EL0'));
      },
      function* (cpu) {
        seen.push(yield* cpu.mrs('ICC_PMR_EL1'), yield* cpu.mrs('CNTV_CVAL_EL0'));
        yield* cpu.msr('ICC_PMR_EL1', 0x60);
      },
    );
    rec.enter();
    rec.completePsci(other);
    rec.enter();
    other.enter();
    rec.enter();
    expect(seen).toEqual([0n, 0n, 0x50n, 7777n]);
  });
});

describe('a program', () => {
  test('that ends leaves its REC waiting', () => {
    const { rec } = stage(function* () {});
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect(rec.enter((enter) => enter.flags.assign({ trap_wfi: 1 })).esr).toBe(0x0400_0000n);
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
  });

  test('is not needed by a REC', () => {
    const machine = createMachine({ memory: [{ base: DRAM, size: 0x100_0000 }] });
    const realm = machine.host.createRealm();
    const rec = realm.createRec();
    realm.activate();
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
  });

  test.each<[string, RealmProgram, string]>([
    [
      'throws',
      function* (cpu) {
        yield* cpu.nop();
        throw new RangeError('no');
      },
      'the program of REC 0x0 has thrown RangeError: no',
    ],
    [
      'throws before its first instruction',
      () => {
        throw new RangeError('at once');
      },
      'the program of REC 0x0 has thrown RangeError: at once',
    ],
    [
      'does not catch an exception',
      (cpu) => cpu.load64(0x10_0000),
      'the program of REC 0x0 has thrown TakenException: ESR_EC_DABT_CURRENT, ESR_FSC_EXTERNAL, at 0x100000',
    ],
    [
      'yields something else',
      function* () {
        yield 5 as never;
      },
      'the program of REC 0x0 has thrown TypeError: a Realm program has yielded something else than an instruction of its cpu',
    ],
    [
      'is none',
      (() => 5) as never,
      'the program of REC 0x0 has thrown TypeError: a Realm program has to be a generator function',
    ],
    [
      'names a register that is not there',
      (cpu) => cpu.msr('SCTLR_EL1' as never, 0),
      'the program of REC 0x0 has thrown TypeError: there is no System register SCTLR_EL1 here',
    ],
  ])('that %s is told to the Host once; the REC waits from then on', (_, program, message) => {
    const { rec } = stage(program);
    expect(() => rec.enter()).toThrow(ProgramError);
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');

    const again = stage(program);
    let caught: unknown;
    try {
      again.rec.enter();
    } catch (error) {
      caught = error;
    }
    expect((caught as Error).message).toBe(message);
  });

  test('wants an executor that runs programs', () => {
    const machine = createMachine({
      memory: [{ base: DRAM, size: 0x100_0000 }],
      executor: new ScriptedRealm(),
    });
    const realm = machine.host.createRealm();
    expect(() => realm.createRec({ program: function* () {} })).toThrow(TypeError);
    realm.activate();
    realm.destroy();
    expect(machine.snapshot().granules.every(({ state }) => state === 'UNDELEGATED')).toBe(true);
  });

  test('cannot hang the machine as long as it yields', () => {
    const { machine, rec } = stage(
      function* (cpu) {
        for (;;) yield* cpu.psci.version();
      },
      undefined,
      { slice: 1000, checked: false },
    );
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect(machine.clock.now).toBe(1000);
  });

  test('runs the same way each time', () => {
    const run = (): string => {
      const { machine, rec } = stage(function* (cpu) {
        yield* cpu.write(0x1000, new Uint8Array(PAGE).fill(7));
        yield* cpu.rsi.measurementExtend(1, new Uint8Array(64).fill(1));
        yield* cpu.msr('CNTV_TVAL_EL0', 9);
        yield* cpu.msr('CNTV_CTL_EL0', 1);
        yield* cpu.wfi();
      });
      rec.enter();
      rec.enter();
      return `${machine.clock.now} ${machine.digest()}`;
    };
    expect(run()).toBe(run());
  });
});
