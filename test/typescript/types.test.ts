import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type FID_PSCI_CPU_ON,
  type ICH_HCR_EL2,
  type ICH_LR_EL2,
  type IchLrState,
  PsciReturnCode,
  RMI_DATA_CREATE,
  type RMI_PERMITTED_GICV3_HCR_BITS,
  type RMI_RTT_READ_ENTRY,
  RmiFeatureRegister0,
  RmiRealmParams,
  RmiRecEnter,
  RmiRecExit,
  RmiRecExitReason,
  type RmiRecRun,
  RmiRipas,
  type RmiRttEntryState,
  type RmiTrap,
  type RmmRealmMeasurement,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  allocate,
  type BigintArray,
  type Registers,
  type ReservedEncoding,
  type ReservedEncoding64,
  type ViewArray,
} from '../../runtime/bits/index.js';

/** What the type checker knows. Running this shows that the runtime agrees; output.test.ts has it type-checked. */

const enter = allocate(RmiRecEnter);
const exit = allocate(RmiRecExit);
const params = allocate(RmiRealmParams);

describe('members', () => {
  test('of 64 bits are bigints, narrower ones numbers, wider ones bytes', () => {
    expectTypeOf(exit.esr).toEqualTypeOf<bigint>();
    expectTypeOf(exit.imm).toEqualTypeOf<number>();
    expectTypeOf(params.rtt_level_start).toEqualTypeOf<bigint>();
    expectTypeOf(params.rpv).toEqualTypeOf<Uint8Array>();
    expectTypeOf(params.rpv$).toEqualTypeOf<Uint8Array>();
  });

  test('that hold a register give its fields under a name of their own', () => {
    expectTypeOf(enter.gicv3_hcr).toEqualTypeOf<bigint>();
    expectTypeOf(enter.gicv3_hcr$).toEqualTypeOf<ICH_HCR_EL2>();
    expectTypeOf(enter.gicv3_lrs).toEqualTypeOf<BigintArray>();
    expectTypeOf(enter.gicv3_lrs$).toEqualTypeOf<ViewArray<ICH_LR_EL2>>();
    expectTypeOf(enter.gicv3_lrs$.get(0).State).toEqualTypeOf<IchLrState>();
  });

  test('of structs and fieldsets are accessors that cannot be replaced', () => {
    expectTypeOf<RmiRecRun['enter']>().toEqualTypeOf<RmiRecEnter>();
    // @ts-expect-error there is no setter
    expect(() => (enter.flags = 3n)).toThrow(TypeError);
  });
});

describe('enumerations', () => {
  test('without reserved encodings read as their labels', () => {
    expectTypeOf(enter.flags.trap_wfi).toEqualTypeOf<RmiTrap>();
    expectTypeOf<RmiTrap>().toEqualTypeOf<0 | 1>();
  });

  test('with reserved encodings say so when they are read, and take labels only', () => {
    expectTypeOf(exit.exit_reason).toEqualTypeOf<RmiRecExitReason | ReservedEncoding>();
    exit.exit_reason = RmiRecExitReason.RMI_EXIT_IRQ;
    exit.exit_reason = 6;
    // @ts-expect-error 7 is no label
    expect(() => (exit.exit_reason = 7)).toThrow(RangeError);
    const read = allocate(RmiRecExit).exit_reason;
    // @ts-expect-error what was read may be reserved
    exit.exit_reason = read;
  });

  test('are narrowed by is, and by switch', () => {
    const reason = exit.exit_reason;
    if (RmiRecExitReason.is(reason)) expectTypeOf(reason).toEqualTypeOf<RmiRecExitReason>();
    const ripas = exit.ripas_value;
    switch (ripas) {
      case RmiRipas.RMI_EMPTY:
      case RmiRipas.RMI_RAM:
      case RmiRipas.RMI_DESTROYED:
        break;
      default:
        expectTypeOf(ripas).toEqualTypeOf<ReservedEncoding>();
    }
  });

  test('know their names', () => {
    expectTypeOf(RmiRipas.nameOf(1)).toEqualTypeOf<'RMI_EMPTY' | 'RMI_RAM' | 'RMI_DESTROYED' | undefined>();
    expectTypeOf(RmiRipas.RMI_RAM).toEqualTypeOf<1>();
    // @ts-expect-error it is frozen
    expect(() => (RmiRipas.RMI_RAM = 2)).toThrow(TypeError);
  });

  test('of 64 bits are bigints, also below zero', () => {
    expectTypeOf(PsciReturnCode.PSCI_DENIED).toEqualTypeOf<-3n>();
  });
});

describe('values', () => {
  test('go in as they came out', () => {
    expectTypeOf(exit.toObject()).toEqualTypeOf<RmiRecExit.Values>();
    expectTypeOf(exit.assign).parameter(0).toEqualTypeOf<RmiRecExit.Patch>();
    expectTypeOf<RmiRecExit.Values>().toExtend<RmiRecExit.Patch>();
    expectTypeOf<RmiRecRun.Values>().toExtend<RmiRecRun.Patch>();
    expectTypeOf<RmiFeatureRegister0.Values>().toExtend<RmiFeatureRegister0.Patch>();
  });

  test('may be given in part, fieldsets also as a whole', () => {
    enter.assign({ flags: { trap_wfi: 1 }, gprs: new BigUint64Array(31) });
    enter.assign({ flags: 0n });
    RmiFeatureRegister0.of({ S2SZ: 48 });
    RmiFeatureRegister0.of(0n);
    // @ts-expect-error there is no such member
    enter.assign({ flag: 0n });
    // @ts-expect-error 2 is no label
    expect(() => enter.assign({ flags: { trap_wfi: 2 } })).toThrow(RangeError);
    // @ts-expect-error 64 bits are a bigint
    expect(() => enter.assign({ gicv3_hcr: 1 })).toThrow(TypeError);
  });

  test('of masks and constants are literal', () => {
    expectTypeOf<typeof FID_PSCI_CPU_ON>().toEqualTypeOf<0xc4000003>();
    expectTypeOf<typeof RMI_PERMITTED_GICV3_HCR_BITS>().toEqualTypeOf<0x40fen>();
    expectTypeOf<RmmRealmMeasurement>().toEqualTypeOf<Uint8Array>();
  });
});

test('commands have typed inputs and outputs', () => {
  expectTypeOf(RMI_DATA_CREATE.decodeInputs).toEqualTypeOf<
    (registers: Registers) => RMI_DATA_CREATE.Inputs
  >();
  expectTypeOf<RMI_RTT_READ_ENTRY.Outputs['state']>().toEqualTypeOf<RmiRttEntryState | ReservedEncoding>();
  expectTypeOf<RMI_RTT_READ_ENTRY.Inputs['level']>().toEqualTypeOf<bigint>();
  expectTypeOf<ReservedEncoding64>().toExtend<bigint>();
});
