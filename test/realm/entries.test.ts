import { describe, expect, test } from 'vitest';
import {
  createMachine,
  GRANULE,
  type HostRec,
  type RealmProgram,
  RmiError,
  TakenException,
} from '../../runtime/index.js';
import { DRAM, destroyPage, EMPTY, stage, UNASSIGNED, UNPROTECTED } from './stage.js';

const REC_ENTER = 0xc400_015c;
const ERROR_INPUT = 1n;
const ERROR_REALM = 2n;
const ERROR_REC = 3n;
const device = UNPROTECTED + 0x7000n;

describe('general-purpose registers (A4.2.2)', () => {
  test('are restored: all of them, through every exit that is no call', () => {
    const seen: bigint[][] = [];
    const { rec, machine } = stage(function* (cpu) {
      for (let i = 0; i < 31; i++) cpu.setX(i, 100 + i);
      for (let round = 0; round < 3; round++) {
        yield* cpu.wfi();
        seen.push(Array.from({ length: 31 }, (_, i) => cpu.x(i)));
      }
    });
    rec.enter((enter) => enter.flags.assign({ trap_wfi: 1 }));
    rec.enter();
    machine.clock.interruptAfter(0, 'fiq');
    rec.enter();
    rec.enter((enter) => enter.gprs.assign(new Array<bigint>(31).fill(7n)));
    const expected = Array.from({ length: 31 }, (_, i) => BigInt(100 + i));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const one of seen) expect(one).toEqual(expected);
  });

  test('begin as RMI_REC_CREATE was told, with the PC', () => {
    let seen: readonly bigint[] = [];
    const { realm, machine } = stage(function* () {});
    const late = machine.host.createRealm();
    late.populate(0, new Uint8Array(GRANULE));
    const rec = late.createRec({
      pc: 0x44n,
      gprs: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n],
      program: function* (cpu) {
        seen = Array.from({ length: 31 }, (_, i) => cpu.x(i));
      },
    });
    late.activate();
    expect(machine.rmm.store.recs.get(rec.address)!.pc).toBe(0x44n);
    rec.enter();
    expect(seen).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, ...new Array<bigint>(23).fill(0n)]);
    expect(realm.rd).not.toBe(late.rd);
  });
});

describe('emulated MMIO (A4.2.3, A4.4)', () => {
  const sizes = [1, 2, 4, 8] as const;
  const data = 0xf1e2_d3c4_b5a6_9788n;
  /** What a load leaves, by the typed arrays of JavaScript. */
  const loaded = (size: 1 | 2 | 4 | 8, signed: boolean, wide: boolean): bigint => {
    const buffer = new ArrayBuffer(8);
    const view = new DataView(buffer);
    view.setBigUint64(0, data, true);
    const value = signed
      ? {
          1: () => BigInt(view.getInt8(0)),
          2: () => BigInt(view.getInt16(0, true)),
          4: () => BigInt(view.getInt32(0, true)),
          8: () => view.getBigInt64(0, true),
        }[size]()
      : {
          1: () => BigInt(view.getUint8(0)),
          2: () => BigInt(view.getUint16(0, true)),
          4: () => BigInt(view.getUint32(0, true)),
          8: () => view.getBigUint64(0, true),
        }[size]();
    return BigInt.asUintN(wide ? 64 : 32, value);
  };
  const cases = sizes.flatMap((size) =>
    [false, true].flatMap((signed) =>
      [false, true].flatMap((wide) => [0, 5, 30, 31].map((register) => ({ size, signed, wide, register }))),
    ),
  );

  test('a read fills the register, for every size, sign, width and register', () => {
    const seen: bigint[] = [];
    const { rec } = stage(function* (cpu) {
      for (const { size, signed, wide, register } of cases) {
        for (let i = 0; i < 31; i++) cpu.setX(i, 0x7777n);
        seen.push(yield* cpu.load(device, size, { signed, wide, register }));
        const others = Array.from({ length: 31 }, (_, i) => i).filter((i) => i !== register);
        if (!others.every((i) => cpu.x(i) === 0x7777n))
          throw new Error(`X${register} is not all that changed`);
      }
    });
    let exit = rec.enter();
    for (const { size, wide } of cases) {
      expect((exit.esr >> 22n) & 3n).toBe(BigInt(sizes.indexOf(size)));
      expect((exit.esr >> 15n) & 1n).toBe(wide ? 1n : 0n);
      // Neither SSE nor SRT is for the Host.
      expect(exit.esr & ((1n << 21n) | (31n << 16n))).toBe(0n);
      exit = rec.enter((enter) => {
        enter.flags.emul_mmio = 1;
        enter.gprs.set(0, data);
      });
    }
    expect(exit.reason).toBe('RMI_EXIT_IRQ');
    expect(seen).toEqual(
      cases.map(({ size, signed, wide, register }) => (register === 31 ? 0n : loaded(size, signed, wide))),
    );
  });

  test('a write hands the register over, and zero for the zero register', () => {
    const { rec } = stage(function* (cpu) {
      for (const register of [0, 5, 30, 31]) yield* cpu.store32(device, 0x99n, { register });
    });
    const shown: bigint[] = [];
    let exit = rec.enter();
    for (let i = 0; i < 4; i++) {
      shown.push(exit.gprs.get(0));
      exit = rec.enter((enter) => {
        enter.flags.emul_mmio = 1;
        enter.gprs.set(0, 1n);
      });
    }
    expect(shown).toEqual([0x99n, 0x99n, 0x99n, 0n]);
    expect(exit.reason).toBe('RMI_EXIT_IRQ');
  });

  test('an access that was not emulated is made again, to a page by then', () => {
    let seen = 0n;
    const { machine, realm, rec, page } = stage(function* (cpu) {
      seen = yield* cpu.load64(device + 8n);
      yield* cpu.store64(device + 16n, 0x123n);
    });
    const first = rec.enter();
    expect(rec.enter().esr).toBe(first.esr);
    machine.bus.write64(page + 8, 0xfeedn);
    realm.share(device, page);
    expect(rec.enter().reason).toBe('RMI_EXIT_IRQ');
    expect([seen, machine.bus.read64(page + 16)]).toEqual([0xfeedn, 0x123n]);
  });
});

describe('inject_sea (A4.2.3, A5.2.7)', () => {
  const caught: TakenException[] = [];
  const program: RealmProgram = function* (cpu) {
    for (const access of [() => cpu.load32(device + 4n), () => cpu.store32(device + 8n, 1n)]) {
      try {
        yield* access();
      } catch (error) {
        if (!(error instanceof TakenException)) throw error;
        caught.push(error);
      }
    }
    yield* cpu.wfi();
  };

  test('has the Realm take an SEA for its access, whatever emul_mmio says', () => {
    caught.length = 0;
    const { rec } = stage(program);
    rec.enter();
    rec.enter((enter) => enter.flags.assign({ inject_sea: 1 }));
    const exit = rec.enter((enter) => {
      enter.flags.inject_sea = 1;
      enter.flags.emul_mmio = 1;
      enter.flags.trap_wfi = 1;
    });
    // EC 0x25, IL, EA, DFSC 0x10, and WnR of the write.
    expect(caught.map(({ esr, far }) => [esr, far])).toEqual([
      [0x9600_0210n, device + 4n],
      [0x9600_0250n, device + 8n],
    ]);
    expect(exit.esr).toBe(0x0400_0000n);
  });

  test('does nothing after another exit', () => {
    caught.length = 0;
    const { rec, machine } = stage(program);
    machine.clock.interruptAfter(0);
    rec.enter();
    rec.enter((enter) => enter.flags.assign({ inject_sea: 1 }));
    expect(caught).toEqual([]);
  });
});

describe('what the Realm takes without the Host (A5.2.3, A5.2.6, A5.2.8, A4.5)', () => {
  test.each<[string, RealmProgram, bigint, bigint]>([
    ['data at an IPA that is EMPTY', (cpu) => cpu.load64(EMPTY), 0x9600_0210n, EMPTY],
    ['code at an IPA that is EMPTY', (cpu) => cpu.branch(EMPTY), 0x8600_0210n, EMPTY],
    ['code outside', (cpu) => cpu.branch(UNPROTECTED), 0x8600_0210n, UNPROTECTED],
    ['data beyond the IPA space', (cpu) => cpu.load64(2n ** 40n), 0x9600_0000n, 2n ** 40n],
    ['code beyond the IPA space', (cpu) => cpu.branch(2n ** 40n), 0x8600_0000n, 2n ** 40n],
    ['an address of 53 bits', (cpu) => cpu.store8(2n ** 52n, 1), 0x9600_0040n, 2n ** 52n],
    ['data that is not aligned', (cpu) => cpu.load32(2), 0x9600_0021n, 2n],
    ['HVC', (cpu) => cpu.hvc(7), 0x0200_0000n, 0n],
    ['MRS of a register that is not there', (cpu) => cpu.mrs('ICC_EOIR1_EL1') as never, 0x0200_0000n, 0n],
  ])('%s', (_, access, esr, far) => {
    let caught: unknown;
    const { rec } = stage(function* (cpu) {
      try {
        yield* access(cpu);
      } catch (error) {
        caught = error;
      }
      yield* cpu.rsi.hostCall(0, 9);
    });
    expect(rec.enter().imm).toBe(9);
    expect(caught).toBeInstanceOf(TakenException);
    const { esr: esr1, far: far1 } = caught as TakenException;
    expect([esr1.toString(16), far1]).toEqual([esr.toString(16), far]);
  });

  test('a Granule Protection Fault, where the Host has given the page away', () => {
    let caught: unknown;
    const { machine, realm, rec, page } = stage(function* (cpu) {
      try {
        yield* cpu.load64(device);
      } catch (error) {
        caught = error;
      }
    });
    realm.share(device, page);
    expect(machine.smc(0xc400_0151, page)[0]).toBe(0n);
    rec.enter();
    expect((caught as TakenException).faultStatus).toBe('ESR_FSC_GPF');
  });
});

describe('RIPAS change (A5.4)', () => {
  const outcomes: unknown[] = [];
  const ask = (base: bigint, top: bigint, ripas: 0 | 1, destroyed: 0 | 1 = 0): RealmProgram =>
    function* (cpu) {
      const { new_base, response } = yield* cpu.rsi.ipaStateSet(base, top, ripas, destroyed);
      outcomes.push([new_base, response]);
    };

  test('that is carried out', () => {
    outcomes.length = 0;
    const { rec } = stage(ask(EMPTY, EMPTY + 0x3000n, 1));
    const exit = rec.enter();
    expect(rec.changeRipas(exit)).toBe(EMPTY + 0x3000n);
    rec.enter((enter) => enter.flags.assign({ ripas_response: 1 }));
    expect(outcomes).toEqual([[EMPTY + 0x3000n, 0]]);
  });

  test('that is left half done, accepted or rejected', () => {
    for (const response of [0, 1] as const) {
      outcomes.length = 0;
      const { rec, realm } = stage(ask(EMPTY, EMPTY + 0x3000n, 1));
      rec.enter();
      realm.setRipas(rec, EMPTY, EMPTY + 0x1000n);
      rec.enter((enter) => enter.flags.assign({ ripas_response: response }));
      expect(outcomes).toEqual([[EMPTY + 0x1000n, response]]);
    }
  });

  test('that is not carried out at all: only a change to RAM can be rejected', () => {
    for (const [ripas, response] of [
      [1, 1],
      [0, 0],
    ] as const) {
      outcomes.length = 0;
      const { rec } = stage(ask(0n, 0x1000n, ripas));
      rec.enter();
      rec.enter((enter) => enter.flags.assign({ ripas_response: 1 }));
      expect(outcomes).toEqual([[0n, response]]);
    }
  });

  test('that stops at a page which is DESTROYED, unless it may go on', () => {
    for (const [destroyed, end] of [
      [0, 0x3000n],
      [1, 0x4000n],
    ] as const) {
      outcomes.length = 0;
      const { rec } = stage(ask(0x2000n, 0x4000n, 1, destroyed));
      expect(rec.changeRipas(rec.enter())).toBe(end);
      rec.enter();
      expect(outcomes).toEqual([[end, 0]]);
    }
  });
});

describe('Host call (A4.2.2)', () => {
  test('comes back with what the Host has put in', () => {
    let back: readonly bigint[] = [];
    const { rec } = stage(function* (cpu) {
      back = yield* cpu.rsi.hostCall(0x2f00, 1, [1n, 2n]);
    });
    expect(rec.enter().reason).toBe('RMI_EXIT_HOST_CALL');
    const answer = Array.from({ length: 31 }, (_, i) => 2n ** 63n + BigInt(i));
    rec.enter((enter) => enter.gprs.assign(answer));
    expect(back).toEqual(answer);
  });

  test('waits for its structure, as long as that is not mapped', () => {
    let returned = false;
    const { machine, realm, rec } = stage(function* (cpu) {
      yield* cpu.rsi.hostCall(0x2f00, 1);
      returned = true;
    });
    rec.enter();
    destroyPage(machine, realm, 0x2000n);
    for (let i = 0; i < 2; i++) {
      const exit = rec.enter();
      // A translation fault of level 3 at that page.
      expect([exit.reason, exit.esr, exit.far, exit.hpfar]).toEqual([
        'RMI_EXIT_SYNC',
        0x9000_0007n,
        0n,
        0x20n,
      ]);
    }
    expect(returned).toBe(false);
  });

  test('is made again where its structure has no page yet', () => {
    const results: bigint[] = [];
    const { realm, rec } = stage(function* (cpu) {
      results.push((yield* cpu.smc(0xc400_0199n, UNASSIGNED))[0]!);
    });
    expect(rec.enter().hpfar).toBe(UNASSIGNED >> 8n);
    realm.addPage(UNASSIGNED);
    expect(rec.enter().reason).toBe('RMI_EXIT_HOST_CALL');
    rec.enter();
    expect(results).toEqual([0n]);
  });
});

describe('an entry that fails consumes nothing (B4.3.14)', () => {
  /** Makes a REC that has exited for some reason, and what it does when it goes on. */
  const parked = (program: RealmProgram): ReturnType<typeof stage> => {
    const made = stage(program);
    made.rec.enter();
    return made;
  };
  const mmio: RealmProgram = function* (cpu) {
    yield* cpu.store64(device, yield* cpu.load64(device, { register: 3 }));
  };
  const attempt = (
    { machine, page }: ReturnType<typeof stage>,
    rec: number | HostRec,
    fill: (run: number) => void = () => {},
  ): bigint => {
    machine.bus.fill(page, 0x1000, 0);
    fill(page);
    machine.accept();
    const before = machine.digest();
    const x0 = machine.smc(REC_ENTER, typeof rec === 'number' ? rec : rec.address, page)[0]!;
    expect(machine.digest()).toBe(before);
    return x0;
  };

  test('one by one', () => {
    const made = parked(mmio);
    const { machine, rec, other, realm, page } = made;
    const { bus } = machine;
    // rec_gicv3: En, and HW in a List Register; nothing of an emulated read is taken.
    const emulated = (run: number) => bus.write64(run, 1n);
    for (const hcr of [1n, 1n << 13n, 1n << 63n])
      expect(
        attempt(made, rec, (run) => {
          emulated(run);
          bus.write64(run + 0x300, hcr);
        }),
      ).toBe(ERROR_REC);
    expect(attempt(made, rec, (run) => bus.write64(run + 0x308, 1n << 61n))).toBe(ERROR_REC);
    expect(attempt(made, other)).toBe(ERROR_REC);
    expect(attempt(made, realm.rd)).toBe(ERROR_INPUT);
    expect(attempt(made, rec.address + 8)).toBe(ERROR_INPUT);
    expect(attempt(made, 0)).toBe(ERROR_INPUT);
    for (const run of [page + 8, 0, realm.rd])
      expect(machine.smc(REC_ENTER, rec.address, run)[0]).toBe(ERROR_INPUT);
    // It still waits for the read.
    const exit = rec.enter((enter) => {
      enter.flags.emul_mmio = 1;
      enter.gprs.set(0, 0x66n);
    });
    expect([exit.esr & 0x40n, exit.gprs.get(0)]).toEqual([0x40n, 0x66n]);
  });

  test('emul_mmio after an exit that was no Emulatable Data Abort', () => {
    for (const program of [
      (cpu) => cpu.load64(device, { syndrome: false }),
      (cpu) => cpu.load64(UNASSIGNED),
      (cpu) => cpu.wfi(),
    ] as RealmProgram[]) {
      const made = parked(program);
      expect(attempt(made, made.rec, (run) => made.machine.bus.write64(run, 1n))).toBe(ERROR_REC);
      expect(() => made.rec.enter((enter) => enter.flags.assign({ emul_mmio: 1 }))).toThrow(RmiError);
    }
  });

  test('a PSCI request that waits for the Host', () => {
    const made = parked((cpu) => cpu.psci.on(1, 0x1000));
    expect(attempt(made, made.rec)).toBe(ERROR_REC);
  });

  test('a Realm that is not active yet, or not any more', () => {
    const made = parked((cpu) => cpu.psci.systemOff());
    expect(attempt(made, made.rec)).toBe(ERROR_REALM | (1n << 8n));
    const young = made.machine.host.createRealm();
    const rec = young.createRec();
    expect(attempt(made, rec)).toBe(ERROR_REALM);
  });
});

test('a REC that runs cannot be entered, nor can the Host call', () => {
  const errors: unknown[] = [];
  const made = stage(function* (cpu) {
    yield* cpu.nop();
    try {
      made.machine.smc(REC_ENTER, made.rec.address, DRAM);
    } catch (error) {
      errors.push(error);
    }
  });
  made.rec.enter();
  expect(errors).toEqual([new TypeError('the Host cannot call while a Realm runs')]);
});

describe('a machine that is restored from a snapshot', () => {
  test.each<
    [
      string,
      RealmProgram,
      (rec: { readonly gprs: readonly bigint[]; readonly pc: bigint }) => unknown,
      unknown,
    ]
  >([
    [
      'an emulated read',
      (cpu) => cpu.load16(device, { register: 4, signed: true }),
      ({ gprs }) => gprs[4],
      2n ** 64n - 2n,
    ],
    ['a Host call', (cpu) => cpu.smc(0xc400_0199n, 0x2000n), ({ gprs }) => gprs.slice(0, 2), [0n, 0n]],
    [
      'a RIPAS change',
      (cpu) => cpu.smc(0xc400_0197n, EMPTY, EMPTY + 0x1000n, 1n, 0n),
      ({ gprs }) => gprs.slice(0, 3),
      [0n, EMPTY, 1n],
    ],
    ['PSCI_CPU_SUSPEND', (cpu) => cpu.smc(0xc400_0001n), ({ gprs }) => gprs[0], 0n],
  ])('goes on after %s', (_, program, look, expected) => {
    const { machine, rec } = stage(program);
    rec.enter();
    const again = createMachine({ memory: [{ base: DRAM, size: 0x100_0000 }], checked: true });
    again.restore(machine.snapshot({ contents: 'whole' }));
    expect(again.digest()).toBe(machine.digest());
    const page = DRAM + 0xf0_0000;
    const flags = again.rmm.store.recs.get(rec.address)!.emulatable_abort === 0 ? 1n : 0x10n;
    again.bus.write64(page, flags);
    again.bus.write64(page + 0x200, 0xfffen);
    expect(again.smc(REC_ENTER, rec.address, page)[0]).toBe(0n);
    expect(look(again.rmm.store.recs.get(rec.address)!)).toEqual(expected);
  });
});
