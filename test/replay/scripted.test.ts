import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  RmmHostCallPending,
  RmmPsciPending,
  RmmRealmState,
  RmmRecAttestState,
  RmmRecEmulatableAbort,
  RmmRecRunnable,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { RMI_DATA_DESTROY, RmiRecExitReason } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { HostRealm, HostRec } from '../../runtime/index.js';
import { PAGE, type Stage, stage, UNPROTECTED } from './scenario.js';

/*
 * What a scripted Realm and its Host see of each other. Numbers are written out as the document and the architecture
 * have them, so that they are a witness of their own.
 */
let it: Stage;
let owner: HostRealm;
let rec: HostRec;
let other: HostRec;

beforeEach(() => {
  it = stage();
  owner = it.machine.host.createRealm();
  owner.populate(0, new Uint8Array(4 * PAGE));
  owner.initRipas(0x20_0000, 0x40_0000);
  rec = owner.createRec({ pc: 0x1000n, gprs: [0xa0n, 0xa1n, 0xa2n, 0xa3n] });
  other = owner.createRec({ runnable: false });
  owner.activate();
});

const inner = (one = rec) => it.machine.rmm.store.recs.get(one.address)!;
const sync = (esr: number, far = 0, hpfar = 0) =>
  it.realm.queue({ kind: 'sync', esr: BigInt(esr), far: BigInt(far), hpfar: BigInt(hpfar) });
/** HPFAR_EL2 has the IPA from bit 12 on in its bits from 4 on. */
const at = (ipa: number): number => (ipa / 0x1000) * 16;
const gprs = (exit: ReturnType<HostRec['enter']>, count = 4) =>
  Array.from({ length: count }, (_, i) => exit.gprs.get(i));

describe('an exit that shows nothing but its reason (A4.3.1)', () => {
  test.each([
    ['irq', RmiRecExitReason.RMI_EXIT_IRQ],
    ['fiq', RmiRecExitReason.RMI_EXIT_FIQ],
  ] as const)('%s', (kind, reason) => {
    it.realm.queue({ kind });
    const exit = rec.enter((enter) => {
      enter.gprs.set(3, 7n);
    });
    expect(exit.exit_reason).toBe(reason);
    expect(exit.$bytes.filter((byte) => byte !== 0).length).toBe(1);
    expect(inner().pc).toBe(0x1000n);
  });

  test('FIQ, when there is nothing to do', () => {
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
    it.realm.queue({ kind: 'irq' });
    it.realm.clear();
    expect(it.realm.pending).toBe(0);
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
  });
});

describe('a Data Abort', () => {
  const device = UNPROTECTED + 0x5000;

  test('at an Unprotected IPA with a valid syndrome can be emulated (A4.3.4.3)', () => {
    // LDRSH X2, sign-extended to 64 bits: ISV, SAS 01, SSE, SRT 2, SF, translation fault of level 3.
    sync(0x9362_8007, 0xdead_b122, at(device));
    const exit = rec.enter();
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_SYNC);
    expect(exit.esr).toBe(0x9140_8007n);
    expect([exit.far, exit.hpfar]).toEqual([0x122n, BigInt(at(device))]);
    expect(gprs(exit)).toEqual([0n, 0n, 0n, 0n]);
    expect(inner().emulatable_abort).toBe(RmmRecEmulatableAbort.EMULATABLE_ABORT);

    rec.enter((enter) => {
      enter.flags.emul_mmio = 1;
      enter.gprs.set(0, 0x1_8001n);
    });
    expect(inner().gprs[2]).toBe(0xffff_ffff_ffff_8001n);
    expect(inner().pc).toBe(0x1004n);
    expect(inner().emulatable_abort).toBe(RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT);
  });

  test('that is not emulated is tried again (A4.4)', () => {
    sync(0x93c2_8007, 0, at(device));
    rec.enter();
    rec.enter((enter) => {
      enter.gprs.set(0, 9n);
    });
    expect(inner().pc).toBe(0x1000n);
    expect(inner().gprs[2]).toBe(0xa2n);
  });

  test.each([
    // A byte without SF fills 32 bits; a word with SSE and SF all of them.
    [0x9302_0007, 0xffff_ffff_ffff_ffffn, 0xffn],
    [0x9322_0007, 0x80n, 0xffff_ff80n],
    [0x93a2_8007, 0x8000_0000n, 0xffff_ffff_8000_0000n],
    [0x93c2_8007, 0x8000_0000_0000_0001n, 0x8000_0000_0000_0001n],
  ])('ESR_EL2 %i loads what its size says (A4.2.3)', (esr, given, loaded) => {
    sync(esr, 0, at(device));
    rec.enter();
    rec.enter((enter) => {
      enter.flags.emul_mmio = 1;
      enter.gprs.set(0, given);
    });
    expect(inner().gprs[2]).toBe(loaded);
  });

  test('of a store shows the Host what is stored', () => {
    // STR X1, and STR XZR.
    sync(0x93c1_8047, 0, at(device));
    expect(gprs(rec.enter())).toEqual([0xa1n, 0n, 0n, 0n]);
    sync(0x93df_8047, 0, at(device));
    expect(gprs(rec.enter())).toEqual([0n, 0n, 0n, 0n]);
    rec.enter((enter) => {
      enter.flags.emul_mmio = 1;
      enter.gprs.set(0, 5n);
    });
    expect(inner().gprs[31]).toBe(0n);
    expect(inner().pc).toBe(0x1004n);
  });

  test('without a syndrome cannot be emulated, and shows IL (A4.3.4.3)', () => {
    sync(0x9200_0447, 0x123, at(device));
    const exit = rec.enter();
    expect([exit.esr, exit.far, exit.hpfar]).toEqual([0x9200_0407n, 0n, BigInt(at(device))]);
    expect(inner().emulatable_abort).toBe(RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT);
  });

  test('at a Protected IPA with RIPAS RAM shows no IL', () => {
    sync(0x9380_0006, 0x123, at(0x20_0000));
    const exit = rec.enter();
    expect([exit.esr, exit.far, exit.hpfar]).toEqual([0x9000_0006n, 0n, BigInt(at(0x20_0000))]);
  });

  test('where RIPAS is EMPTY goes to the Realm (A5.2.3)', () => {
    sync(0x9200_0007, 0, at(0x5000));
    it.realm.queue({ kind: 'irq' });
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_IRQ);
  });

  test('where RIPAS is DESTROYED exits', () => {
    it.machine.smc(RMI_DATA_DESTROY.fid, owner.rd, 0x3000);
    sync(0x9200_0007, 0, at(0x3000));
    expect(rec.enter().hpfar).toBe(BigInt(at(0x3000)));
  });

  test('outside the IPA space goes to the Realm (A5.2.8)', () => {
    sync(0x9200_0007, 0, at(2 ** 40));
    it.realm.queue({ kind: 'irq' });
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_IRQ);
  });
});

describe('other exceptions', () => {
  test('an Instruction Abort shows EA, SET and the fault (A4.3.4.2)', () => {
    sync(0x8200_1e07, 0x123, at(0x20_0000));
    const exit = rec.enter();
    expect([exit.esr, exit.far, exit.hpfar]).toEqual([0x8000_1a07n, 0n, BigInt(at(0x20_0000))]);
    sync(0x8200_0007, 0, at(UNPROTECTED));
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
  });

  test('WFIT shows what it waits for (A4.3.4.1)', () => {
    // TI 10, RV, RN 1.
    sync(0x07e0_0026);
    const exit = rec.enter();
    expect(exit.esr).toBe(0x0400_0002n);
    expect(gprs(exit)).toEqual([0xa1n, 0n, 0n, 0n]);
    sync(0x07e0_0021);
    expect(gprs(rec.enter())).toEqual([0n, 0n, 0n, 0n]);
  });

  test('SError shows IDS, AET, EA and DFSC (A4.3.10)', () => {
    it.realm.queue({ kind: 'serror', esr: 0xbe00_ffffn });
    const exit = rec.enter();
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_SERROR);
    expect(exit.esr).toBe(0xbc00_1e3fn);
  });

  test('HVC does not leave the Realm (A4.3.4)', () => {
    sync(0x5a00_0000);
    expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
  });

  test('SMC is a call, with the registers as they are', () => {
    it.realm.call(0xc400_0192, 0);
    rec.enter();
    inner().gprs[0] = 0xc400_0190n;
    inner().gprs[1] = 0x1_0000n;
    sync(0x5e00_0000);
    rec.enter();
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0x1_0000n, 0x1_0000n, 0n]);
  });
});

describe('a Host call', () => {
  const page = () => Number(it.machine.smc(0xc400_0161, owner.rd, 0x1000, 3)[3]!);

  test('passes registers there and back (A4.3.9, A4.2.2)', () => {
    const { probe } = it.machine;
    probe.write64(page() + 0x200, 0x1234n);
    probe.write64(page() + 0x208, 1n);
    probe.write64(page() + 0x2f8, 31n);
    it.realm.call(0xc400_0199, 0x1200);
    const exit = rec.enter();
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_HOST_CALL);
    expect([exit.imm, exit.gprs.get(0), exit.gprs.get(30)]).toEqual([0x1234, 1n, 31n]);
    expect(inner().host_call_pending).toBe(RmmHostCallPending.HOST_CALL_PENDING);
    rec.enter((enter) => {
      enter.gprs.set(0, 2n);
      enter.gprs.set(30, 32n);
    });
    expect([
      probe.read64(page() + 0x200),
      probe.read64(page() + 0x208),
      probe.read64(page() + 0x2f8),
    ]).toEqual([0x1234n, 2n, 32n]);
    expect(inner().host_call_pending).toBe(RmmHostCallPending.NO_HOST_CALL_PENDING);
    expect(inner().gprs.slice(0, 17)).toEqual(new Array(17).fill(0n));
    expect(inner().pc).toBe(0x1004n);
  });

  test('whose structure has gone exits with a Data Abort until it is there again (A4.2.2)', () => {
    it.realm.call(0xc400_0199, 0x1200);
    rec.enter();
    it.machine.smc(RMI_DATA_DESTROY.fid, owner.rd, 0x1000);
    const exit = rec.enter();
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_SYNC);
    expect(exit.hpfar).toBe(BigInt(at(0x1000)));
    expect(inner().host_call_pending).toBe(RmmHostCallPending.HOST_CALL_PENDING);
  });

  test('at an address that is none fails (B5.3.4)', () => {
    for (const address of [0x1080, UNPROTECTED]) {
      it.realm.call(0xc400_0199, address);
      expect(rec.enter().exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
      expect(inner().gprs[0]).toBe(1n);
    }
  });
});

describe('measurements', () => {
  test('are extended as A7.1.2 says, and only those that can be', () => {
    it.realm.call(0xc400_0193, 4, 40, 1, 2, 3, 4, 5, 0xffff, 0, 0);
    it.realm.call(0xc400_0192, 4);
    rec.enter();
    const value = Buffer.alloc(128);
    for (let i = 0; i < 5; i++) value.writeBigUInt64LE(BigInt(i + 1), 64 + i * 8);
    const hash = createHash('sha256').update(value).digest();
    expect(inner().gprs.slice(0, 9)).toEqual([
      0n,
      ...[0, 8, 16, 24].map((offset) => hash.readBigUInt64LE(offset)),
      0n,
      0n,
      0n,
      0n,
    ]);
    for (const [index, size] of [
      [0, 32],
      [5, 32],
      [1, 65],
    ] as const) {
      it.realm.call(0xc400_0193, index, size);
      rec.enter();
      expect(inner().gprs[0]).toBe(1n);
    }
  });
});

describe('an attestation token', () => {
  test('is made once a challenge is given, and not before', () => {
    it.realm.call(0xc400_0195, 0x1000, 0, 0x1000);
    rec.enter();
    expect(inner().gprs[0]).toBe(2n);
    it.realm.call(0xc400_0194, 1, 2, 3, 4, 5, 6, 7, 8);
    rec.enter();
    expect(inner().gprs[0]).toBe(0n);
    expect(inner().attest_state).toBe(RmmRecAttestState.ATTEST_IN_PROGRESS);
    expect(inner().attest_challenge[56]).toBe(8);
    it.realm.call(0xc400_0195, 0x1000, 0, 0x1000);
    rec.enter();
    expect(inner().gprs[0]).toBe(0n);
    expect(inner().attest_state).toBe(RmmRecAttestState.NO_ATTEST_IN_PROGRESS);
  });
});

describe('RIPAS', () => {
  test('is told as far as it stays the same (B5.3.5)', () => {
    it.realm.call(0xc400_0198, 0x1000, 0x8000);
    rec.enter();
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0x4000n, 1n, 0n]);
    it.realm.call(0xc400_0198, 0x4000, 0x100_0000);
    rec.enter();
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0x20_0000n, 0n, 0n]);
    it.machine.smc(RMI_DATA_DESTROY.fid, owner.rd, 0x3000);
    it.realm.call(0xc400_0198, 0x3000, 0x100_0000);
    rec.enter();
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0x4000n, 2n, 0n]);
  });

  test('is asked for, and forgotten at the next exit (A4.3.8)', () => {
    it.realm.call(0xc400_0197, 0x2000, 0x4000, 1, 1);
    const exit = rec.enter();
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_RIPAS_CHANGE);
    expect([exit.ripas_base, exit.ripas_top, exit.ripas_value]).toEqual([0x2000n, 0x4000n, 1]);
    expect([inner().ripas_addr, inner().ripas_top]).toEqual([0x2000, 0x4000]);
    rec.enter((enter) => {
      enter.flags.ripas_response = 1;
    });
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0x2000n, 1n, 0n]);
    expect([inner().ripas_addr, inner().ripas_top]).toEqual([0, 0]);
  });
});

describe('PSCI', () => {
  const call = (...registers: number[]) => {
    it.realm.call(...registers);
    return rec.enter();
  };

  test('turns a REC on once the Host has named it (A4.3.7)', () => {
    const exit = call(0xc400_0003, 1, 0x3000, 0x77);
    expect(exit.exit_reason).toBe(RmiRecExitReason.RMI_EXIT_PSCI);
    expect(gprs(exit, 5)).toEqual([0xc400_0003n, 1n, 0x3000n, 0x77n, 0n]);
    expect(inner().psci_pending).toBe(RmmPsciPending.PSCI_REQUEST_PENDING);
    rec.completePsci(other);
    rec.enter();
    expect(inner().gprs.slice(0, 4)).toEqual([0n, 0n, 0n, 0n]);
    other.enter();
    expect([inner(other).gprs[0], inner(other).pc]).toEqual([0x77n, 0x3000n]);
    // It runs already: the Host completes that too, and the Realm learns of it.
    call(0xc400_0003, 1, 0x3000, 0x77);
    rec.completePsci(other);
    rec.enter();
    expect(inner().gprs[0]).toBe(0xffff_ffff_ffff_fffcn);
  });

  test('refuses what it can refuse alone', () => {
    for (const [registers, result] of [
      [[0xc400_0003, 9, 0x3000, 0], -2n],
      [[0xc400_0003, 1, UNPROTECTED, 0], -9n],
      [[0xc400_0004, 9, 0], -2n],
      [[0xc400_0004, 1, 1], -2n],
      [[0x8400_000a, 0x8400_0012], -1n],
      [[0x8400_0003, 1, 0x3000, 0], -1n],
    ] as const) {
      expect(call(...registers).exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
      expect(inner().gprs[0]).toBe(BigInt.asUintN(64, result));
    }
    expect(call(0x8400_000a, 0xc400_0003).exit_reason).toBe(RmiRecExitReason.RMI_EXIT_FIQ);
    expect(inner().gprs[0]).toBe(0n);
    call(0x8400_0000);
    expect(inner().gprs[0]).toBe(0x1_0001n);
  });

  test('turns the calling REC off', () => {
    expect(gprs(call(0x8400_0002))).toEqual([0x8400_0002n, 0n, 0n, 0n]);
    expect(inner().flags.runnable).toBe(RmmRecRunnable.NOT_RUNNABLE);
    expect(() => rec.enter()).toThrow('RMI_ERROR_REC');
  });

  test.each([0x8400_0008, 0x8400_0009])('%i ends the Realm (B6.3.6, B6.3.7)', (fid) => {
    expect(gprs(call(fid))).toEqual([BigInt(fid), 0n, 0n, 0n]);
    expect(it.machine.rmm.store.realms.get(owner.rd)!.state).toBe(RmmRealmState.REALM_SYSTEM_OFF);
    expect(() => rec.enter()).toThrow('RMI_ERROR_REALM, index 1');
  });

  test('suspends with arguments that mean nothing (B6.3.4)', () => {
    expect(gprs(call(0xc400_0001, 1, 2, 3))).toEqual([0xc400_0001n, 1n, 2n, 3n]);
    rec.enter();
    expect(inner().pc).toBe(0x1004n);
  });
});

test('what is neither RSI nor PSCI is not supported, with the SVE hint or without (A4.3.4, B1.1)', () => {
  for (const fid of [0xc400_01aa, 0xc401_01aa, 0xc600_0001, 2 ** 32 + 0x190]) {
    it.realm.call(fid);
    rec.enter();
    expect(inner().gprs[0]).toBe(2n ** 64n - 1n);
  }
  it.realm.call(0xc401_0190, 0x1_0000);
  rec.enter();
  expect(inner().gprs[0]).toBe(0n);
});

test('list registers come back as they went in (A6.1)', () => {
  const exit = rec.enter((enter) => {
    enter.gicv3_hcr = 2n;
    enter.gicv3_lrs.set(0, 0x5000_0000_0000_001bn);
    enter.gicv3_lrs.set(15, 0x5000_0000_0000_001cn);
  });
  expect([exit.gicv3_hcr, exit.gicv3_lrs.get(0), exit.gicv3_lrs.get(15)]).toEqual([
    2n,
    0x5000_0000_0000_001bn,
    0x5000_0000_0000_001cn,
  ]);
});
