import { expect } from 'vitest';
import {
  createMachine,
  type HostExit,
  type HostRealm,
  type HostRec,
  type Machine,
  type MachineConfiguration,
  type RealmProgram,
} from '../../runtime/index.js';

export const PAGE = 0x1000;
export const DRAM = 0x8000_0000;
/** The lowest Unprotected IPA of a Realm with 40 bits. */
export const UNPROTECTED = 2n ** 39n;
/** Where a Realm has RAM without a page behind it: 2 MB that no RTT of level 3 covers. */
export const UNASSIGNED = 0x20_0000n;
/** A page whose RIPAS is DESTROYED. */
export const DESTROYED = 0x3000n;
/** Where a Realm has neither memory nor RIPAS RAM. */
export const EMPTY = 0x10_0000n;

export interface Stage {
  readonly machine: Machine;
  readonly realm: HostRealm;
  readonly rec: HostRec;
  /** Not runnable at first. */
  readonly other: HostRec;
  /** A page of the Host's. */
  readonly page: number;
}

/**
 * A checked machine with an active Realm: pages of RAM from IPA 0 on, of which the fourth was destroyed again, and two
 * RECs.
 */
export function stage(
  program: RealmProgram,
  second: RealmProgram = function* () {},
  configuration: Partial<MachineConfiguration> = {},
): Stage {
  const machine = createMachine({
    memory: [{ base: DRAM, size: 0x100_0000 }],
    checked: true,
    ...configuration,
  });
  const { host } = machine;
  const realm = host.createRealm();
  realm.populate(0, new Uint8Array(6 * PAGE));
  realm.initRipas(UNASSIGNED, 2n * UNASSIGNED);
  const programs = configuration.executor === undefined;
  const rec = realm.createRec(programs ? { pc: 0x1000n, program } : { pc: 0x1000n });
  const other = realm.createRec(programs ? { runnable: false, program: second } : { runnable: false });
  realm.activate();
  destroyPage(machine, realm, DESTROYED);
  return { machine, realm, rec, other, page: host.allocatePage() };
}

/** RMI_DATA_DESTROY; the Granule stays with the RMM. */
export function destroyPage(machine: Machine, realm: HostRealm, ipa: bigint): void {
  expect(machine.smc(0xc400_0155, realm.rd, ipa)[0]).toBe(0n);
}

/** ICH_VMCR_EL2 of a REC that has not touched its CPU interface: the least binary points, FIQs enabled. */
export const VMCR = 0x4c_0008n;

/**
 * Expects a REC exit to be what is said and nothing else, to the byte.
 *
 * @param members doublewords by their offset, in bytes (A4.3.1)
 * @param reason exit_reason (B4.4.17)
 */
export function expectExit(
  exit: HostExit,
  reason: number,
  members: Readonly<Record<number, bigint>> = {},
): void {
  const bytes = new Uint8Array(0x800);
  const view = new DataView(bytes.buffer);
  const all = { 912: VMCR, ...members };
  for (const [offset, value] of Object.entries(all)) view.setBigUint64(Number(offset), value, true);
  bytes[0] = reason;
  expect(doublewords(exit.$bytes)).toEqual(doublewords(bytes));
}

/** Those that are not zero, by offset, in hexadecimal. */
function doublewords(bytes: Uint8Array): Readonly<Record<string, string>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Record<string, string> = {};
  for (let at = 0; at < bytes.length; at += 8) {
    const value = view.getBigUint64(at, true);
    if (value !== 0n) found[`0x${at.toString(16)}`] = `0x${value.toString(16)}`;
  }
  return found;
}
