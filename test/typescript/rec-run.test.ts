import { expect, test } from 'vitest';
import { RmiRecEnter, RmiRecExit, RmiRecRun } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../runtime/bits/index.js';

/**
 * The page that Host and RMM share over a REC entry, as the tables of B4.4.14, B4.4.16 and B4.4.20 have it. Each line
 * writes a member and looks where in the page it lands.
 */

const run = allocate(RmiRecRun);

/** The first byte of the page that a write has changed. */
function landsAt(write: () => void): number {
  run.$clear();
  write();
  return run.$bytes.findIndex((byte) => byte !== 0);
}

test('the first half is RmiRecEnter, from the Host to the RMM', () => {
  expect(RmiRecEnter.size).toBe(0x800);
  const { enter } = run;

  expect(
    landsAt(() => {
      enter.flags.emul_mmio = 1;
    }),
  ).toBe(0x000);
  expect(
    landsAt(() => {
      enter.gprs.set(0, 1n);
    }),
  ).toBe(0x200);
  expect(
    landsAt(() => {
      enter.gprs.set(30, 1n);
    }),
  ).toBe(0x2f0);
  expect(
    landsAt(() => {
      enter.gicv3_hcr = 1n;
    }),
  ).toBe(0x300);
  expect(
    landsAt(() => {
      enter.gicv3_lrs.set(0, 1n);
    }),
  ).toBe(0x308);
  expect(
    landsAt(() => {
      enter.gicv3_lrs.set(15, 1n);
    }),
  ).toBe(0x380);
});

test('the second half is RmiRecExit, from the RMM to the Host', () => {
  expect(RmiRecExit.size).toBe(0x800);
  const { exit } = run;

  expect(
    landsAt(() => {
      exit.exit_reason = 1;
    }),
  ).toBe(0x800 + 0x000);
  expect(
    landsAt(() => {
      exit.esr = 1n;
    }),
  ).toBe(0x800 + 0x100);
  expect(
    landsAt(() => {
      exit.far = 1n;
    }),
  ).toBe(0x800 + 0x108);
  expect(
    landsAt(() => {
      exit.hpfar = 1n;
    }),
  ).toBe(0x800 + 0x110);
  expect(
    landsAt(() => {
      exit.gprs.set(0, 1n);
    }),
  ).toBe(0x800 + 0x200);
  expect(
    landsAt(() => {
      exit.gicv3_hcr = 1n;
    }),
  ).toBe(0x800 + 0x300);
  expect(
    landsAt(() => {
      exit.gicv3_lrs.set(0, 1n);
    }),
  ).toBe(0x800 + 0x308);
  expect(
    landsAt(() => {
      exit.gicv3_misr = 1n;
    }),
  ).toBe(0x800 + 0x388);
  expect(
    landsAt(() => {
      exit.gicv3_vmcr = 1n;
    }),
  ).toBe(0x800 + 0x390);
  expect(
    landsAt(() => {
      exit.cntp_ctl = 1n;
    }),
  ).toBe(0x800 + 0x400);
  expect(
    landsAt(() => {
      exit.cntp_cval = 1n;
    }),
  ).toBe(0x800 + 0x408);
  expect(
    landsAt(() => {
      exit.cntv_ctl = 1n;
    }),
  ).toBe(0x800 + 0x410);
  expect(
    landsAt(() => {
      exit.cntv_cval = 1n;
    }),
  ).toBe(0x800 + 0x418);
  expect(
    landsAt(() => {
      exit.ripas_base = 1n;
    }),
  ).toBe(0x800 + 0x500);
  expect(
    landsAt(() => {
      exit.ripas_top = 1n;
    }),
  ).toBe(0x800 + 0x508);
  expect(
    landsAt(() => {
      exit.ripas_value = 1;
    }),
  ).toBe(0x800 + 0x510);
  expect(
    landsAt(() => {
      exit.imm = 1;
    }),
  ).toBe(0x800 + 0x600);
  expect(
    landsAt(() => {
      exit.pmu_ovf_status = 1;
    }),
  ).toBe(0x800 + 0x700);
});

test('values are little-endian', () => {
  run.$clear().exit.esr = 0x0102_0304_0506_0708n;
  expect([...run.$bytes.subarray(0x900, 0x908)]).toStrictEqual([8, 7, 6, 5, 4, 3, 2, 1]);
});

test('registers can be read and written by field, in place', () => {
  run.$clear();
  run.enter.gicv3_hcr$.TDIR = 1;
  run.enter.gicv3_hcr$.UIE = 1;
  expect(run.enter.gicv3_hcr).toBe(0x4002n);

  run.enter.gicv3_lrs$.get(3).assign({ vINTID: 27, Group: 1, State: 1 });
  expect(run.enter.gicv3_lrs.get(3)).toBe(0x5000_0000_0000_001bn);
});
