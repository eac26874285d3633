import { describe, expect, test } from 'vitest';
import type { RealmProgram } from '../../runtime/index.js';
import { DESTROYED, EMPTY, expectExit, stage, UNASSIGNED, UNPROTECTED, VMCR } from './stage.js';

/*
 * What each REC exit shows, to the byte (A4.3). Offsets, reasons and syndromes are written out as the document and the
 * architecture have them, so that they are a witness of their own.
 */
const SYNC = 0;
const IRQ = 1;
const FIQ = 2;
const PSCI = 3;
const RIPAS_CHANGE = 4;
const HOST_CALL = 5;
const SERROR = 6;
const ESR = 0x100;
const FAR = 0x108;
const HPFAR = 0x110;
const gpr = (n: number): number => 0x200 + 8 * n;

/** A program whose registers hold marks that no exit may show unless it says so. */
const marked = (program: RealmProgram): RealmProgram =>
  function* (cpu) {
    for (let i = 0; i < 31; i++) cpu.setX(i, 0xbad0_0000n + BigInt(i));
    yield* program(cpu);
  };

describe('REC exit due to WFI or WFE (A4.3.4.1)', () => {
  test.each([
    ['wfi', undefined, 0n],
    ['wfe', undefined, 1n],
    ['wfi', 0x1234_5678n, 2n],
    ['wfe', 0x1234_5678n, 3n],
  ] as const)('%s, until %s', (op, until, TI) => {
    const { rec } = stage(marked((cpu) => cpu[op](until, 7)));
    const exit = rec.enter((enter) => {
      enter.flags[op === 'wfi' ? 'trap_wfi' : 'trap_wfe'] = 1;
    });
    expectExit(exit, SYNC, { [ESR]: 0x0400_0000n | TI, [gpr(0)]: until ?? 0n });
  });

  test('is not caused by the one that is not trapped', () => {
    const seen: string[] = [];
    const { rec } = stage(function* (cpu) {
      yield* cpu.wfe();
      seen.push('WFE has passed');
      yield* cpu.wfi();
      seen.push('WFI has passed');
    });
    const exit = rec.enter((enter) => {
      enter.flags.trap_wfi = 1;
    });
    expectExit(exit, SYNC, { [ESR]: 0x0400_0000n });
    expect(seen).toEqual(['WFE has passed']);
    expectExit(rec.enter(), IRQ);
    expect(seen).toEqual(['WFE has passed', 'WFI has passed']);
  });

  test('is not caused by WFI while a virtual interrupt is pending', () => {
    const seen: string[] = [];
    const { rec } = stage(function* (cpu) {
      yield* cpu.msr('ICC_PMR_EL1', 0xff);
      yield* cpu.msr('ICC_IGRPEN1_EL1', 1);
      yield* cpu.wfi();
      seen.push('WFI has passed');
      yield* cpu.rsi.hostCall(0, 1);
    });
    const exit = rec.enter((enter) => {
      enter.flags.trap_wfi = 1;
      enter.gicv3_lrs.set(0, 0x5080_0000_0000_0020n);
    });
    expect([exit.reason, ...seen]).toEqual(['RMI_EXIT_HOST_CALL', 'WFI has passed']);
  });
});

describe('REC exit due to Instruction Abort (A4.3.4.2)', () => {
  test.each([
    ['RAM without a page', UNASSIGNED + 0x1008n, 6n],
    ['DESTROYED', DESTROYED + 8n, 7n],
  ] as const)('at an IPA that is %s', (_, ipa, IFSC) => {
    const { rec } = stage(marked((cpu) => cpu.branch(ipa)));
    expectExit(rec.enter(), SYNC, { [ESR]: 0x8000_0000n | IFSC, [HPFAR]: (ipa >> 12n) << 4n });
  });
});

describe('REC exit due to Data Abort (A4.3.4.3)', () => {
  const abort = (ipa: bigint, store: boolean, syndrome = true): RealmProgram =>
    marked((cpu) =>
      store
        ? cpu.store32(ipa, 0x5a5a_5a5an, { register: 9, syndrome })
        : cpu.load32(ipa, { register: 9, signed: true, syndrome }),
    );

  test.each([
    ['RAM without a page', UNASSIGNED + 0x1008n, 6n],
    ['DESTROYED', DESTROYED + 8n, 7n],
  ] as const)('non-emulatable, at a Protected IPA that is %s', (_, ipa, DFSC) => {
    for (const store of [true, false]) {
      const { rec } = stage(abort(ipa, store));
      expectExit(rec.enter(), SYNC, { [ESR]: 0x9000_0000n | DFSC, [HPFAR]: (ipa >> 12n) << 4n });
    }
  });

  test('non-emulatable, at an Unprotected IPA without a valid syndrome', () => {
    const ipa = UNPROTECTED + 0x1008n;
    const { rec } = stage(abort(ipa, true, false));
    // IL tells of an instruction of 32 bits; the table of level 1 has no entry.
    expectExit(rec.enter(), SYNC, { [ESR]: 0x9200_0005n, [HPFAR]: (ipa >> 12n) << 4n });
  });

  test('emulatable, of a read', () => {
    const ipa = UNPROTECTED + 0x1008n;
    const { rec } = stage(abort(ipa, false));
    // ISV, SAS 10 and SF; neither SSE nor SRT.
    expectExit(rec.enter(), SYNC, {
      [ESR]: 0x9180_8005n,
      [FAR]: 0x008n,
      [HPFAR]: (ipa >> 12n) << 4n,
    });
  });

  test('emulatable, of a write, with the value of the register', () => {
    const ipa = UNPROTECTED + 0x1ffcn;
    const { rec } = stage(abort(ipa, true));
    expectExit(rec.enter(), SYNC, {
      [ESR]: 0x9180_8045n,
      [FAR]: 0xffcn,
      [HPFAR]: (ipa >> 12n) << 4n,
      [gpr(0)]: 0x5a5a_5a5an,
    });
  });

  test('emulatable, of a write to a page that may only be read', () => {
    const ipa = UNPROTECTED + 0x1008n;
    const { machine, realm, rec, page } = stage(abort(ipa, true));
    realm.share(UNPROTECTED + 0x1000n, page);
    // RMI_RTT_UNMAP_UNPROTECTED and _MAP_UNPROTECTED, with S2AP 01.
    expect(machine.smc(0xc400_0162, realm.rd, UNPROTECTED + 0x1000n, 3)[0]).toBe(0n);
    const descriptor = BigInt(page) | (6n << 2n) | (1n << 6n);
    expect(machine.smc(0xc400_015f, realm.rd, UNPROTECTED + 0x1000n, 3, descriptor)[0]).toBe(0n);
    // A permission fault of level 3.
    expectExit(rec.enter(), SYNC, {
      [ESR]: 0x9180_804fn,
      [FAR]: 0x008n,
      [HPFAR]: (ipa >> 12n) << 4n,
      [gpr(0)]: 0x5a5a_5a5an,
    });
  });
});

describe('REC exit due to an interrupt (A4.3.5, A4.3.6, A4.3.10)', () => {
  const forEver: RealmProgram = marked(function* (cpu) {
    for (;;) yield* cpu.nop();
  });

  test('IRQ, at the latest when the time of the REC is up', () => {
    const { machine, rec } = stage(forEver, undefined, { slice: 77 });
    expectExit(rec.enter(), IRQ);
    expect(machine.clock.now).toBe(77);
  });

  test('IRQ and FIQ of the Host, when it comes', () => {
    for (const [kind, reason] of [
      ['irq', IRQ],
      ['fiq', FIQ],
    ] as const) {
      const { machine, rec } = stage(forEver);
      machine.clock.interruptAfter(10, kind);
      expectExit(rec.enter(), reason);
      expect(machine.clock.now).toBe(10);
      expect(machine.clock.interrupt).toBeUndefined();
    }
  });

  test('SError, with its syndrome but for what is not for the Host', () => {
    const { machine, rec } = stage(forEver);
    // IDS, AET, EA, DFSC and all other bits of the ISS set.
    machine.clock.interruptAfter(3, 'serror', 0xbfff_ffffn);
    expectExit(rec.enter(), SERROR, { [ESR]: 0xbd00_1e3fn });
  });

  test('of a device of the Realm: timer, PMU, maintenance interrupt', () => {
    const timer = stage(function* (cpu) {
      yield* cpu.msr('CNTP_CVAL_EL0', 20);
      yield* cpu.msr('CNTP_CTL_EL0', 1);
      yield* cpu.wfi();
    });
    expectExit(timer.rec.enter(), IRQ, { 1024: 5n, 1032: 20n });
    expect(timer.machine.clock.now).toBe(20);

    const pmu = stage(function* (cpu) {
      yield* cpu.msr('PMCR_EL0', 1);
      yield* cpu.msr('PMINTENSET_EL1', 4);
      yield* cpu.msr('PMOVSSET_EL0', 4);
      yield* cpu.wfi();
    });
    expectExit(pmu.rec.enter(), IRQ, { 1792: 1n });

    const maintenance = stage(forEver);
    // UIE, with no List Register in use: an underflow, at once.
    expectExit(
      maintenance.rec.enter((enter) => enter.assign({ gicv3_hcr: 2n })),
      IRQ,
      { 768: 2n, 904: 2n },
    );
    expect(maintenance.machine.clock.now).toBe(0);
  });
});

describe('REC exit due to PSCI (A4.3.3, A4.3.7)', () => {
  test.each([
    ['PSCI_CPU_SUSPEND', [0xc400_0001n, 1n, 2n, 3n]],
    ['PSCI_CPU_OFF', [0x8400_0002n]],
    ['PSCI_CPU_ON', [0xc400_0003n, 1n, 0x1000n, 3n]],
    ['PSCI_AFFINITY_INFO', [0xc400_0004n, 1n, 0n]],
    ['PSCI_SYSTEM_OFF', [0x8400_0008n]],
    ['PSCI_SYSTEM_RESET', [0x8400_0009n]],
  ] as const)('%s shows its FID and its arguments', (_, values) => {
    const { rec } = stage(marked((cpu) => cpu.smc(...values)));
    expectExit(rec.enter(), PSCI, Object.fromEntries(values.map((value, i) => [gpr(i), value])));
  });

  test('shows what a command has as arguments, and no more of the registers', () => {
    const { rec } = stage(marked((cpu) => cpu.smc(0xc400_0003n, 1n, 0x1000n, 0xffff_ffff_0000_0003n)));
    // context_id has 32 bits (B6.3.3).
    expectExit(rec.enter(), PSCI, {
      [gpr(0)]: 0xc400_0003n,
      [gpr(1)]: 1n,
      [gpr(2)]: 0x1000n,
      [gpr(3)]: 3n,
    });
  });
});

test('REC exit due to RIPAS change pending (A4.3.8)', () => {
  const { rec } = stage(marked((cpu) => cpu.smc(0xc400_0197n, EMPTY, EMPTY + 0x2000n, 1n, 0n)));
  expectExit(rec.enter(), RIPAS_CHANGE, { 1280: EMPTY, 1288: EMPTY + 0x2000n, 1296: 1n });
});

test('REC exit due to Host call (A4.3.9)', () => {
  const gprs = Array.from({ length: 31 }, (_, i) => 0xcafe_0000n + BigInt(i));
  const { rec } = stage(marked((cpu) => cpu.rsi.hostCall(0x2100, 0xbeef, gprs)));
  expectExit(rec.enter(), HOST_CALL, {
    1536: 0xbeefn,
    ...Object.fromEntries(gprs.map((value, i) => [gpr(i), value])),
  });
});

describe('REC exit due to a trapped access to the CPU interface (A6.1)', () => {
  test.each([
    // op0 3, op1 0, CRn 12, CRm 11, op2 1, 5 and 7; the register is X4.
    ['ICC_DIR_EL1', 0x20n, 0x6232_3096n],
    ['ICC_SGI1R_EL1', 0n, 0x623a_3096n],
    ['ICC_SGI0R_EL1', 0n, 0x623e_3096n],
  ] as const)('%s', (name, expected, esr) => {
    const { rec } = stage(marked((cpu) => cpu.msr(name, expected === 0n ? 0x1_0001n : expected, 4)));
    const exit = rec.enter((enter) => {
      // TDIR
      if (name === 'ICC_DIR_EL1') enter.gicv3_hcr = 1n << 14n;
    });
    expectExit(exit, SYNC, {
      [ESR]: esr,
      [gpr(0)]: expected === 0n ? 0x1_0001n : expected,
      ...(name === 'ICC_DIR_EL1' ? { 768: 1n << 14n } : {}),
    });
  });
});

test('no exit shows a register of the Realm but as told (A4.3.3)', () => {
  const program = marked(function* (cpu) {
    for (;;) yield* cpu.nop();
  });
  const { rec } = stage(program);
  const exit = rec.enter();
  expect([...exit.gprs].every((value) => value === 0n)).toBe(true);
  expect(exit.gicv3_vmcr).toBe(VMCR);
});
