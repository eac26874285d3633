import { RmiRecExit } from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { Memory } from '../../../runtime/bits/index.js';

/*
 * Which bits a REC exit may set, by what it is due to (A4.3): an account of its own, with the bits of ESR_EL2 as the Arm
 * ARM numbers them.
 */

/** What made a REC exit. */
export const kinds = [
  'WFI',
  'WFE',
  'WFIT',
  'WFET',
  'trapped register',
  'Instruction Abort',
  'Data Abort, emulatable read',
  'Data Abort, emulatable write',
  'Data Abort at an Unprotected IPA, not emulatable',
  'Data Abort at a Protected IPA',
  'IRQ',
  'FIQ',
  'PSCI',
  'RIPAS change',
  'Host call',
  'SError',
] as const;
export type ExitKind = (typeof kinds)[number];

const bits = (high: number, low = high): bigint => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
const ALL = bits(63, 0);
const EC = bits(31, 26);
const IL = bits(25);
const WNR = bits(6);
const ISV = bits(24);
const fault = EC | bits(12, 9) | bits(5, 0);

interface Masks {
  readonly [member: string]: bigint | readonly bigint[];
}

/** ESR_EL2 and whatever else is shown, by kind; all other members but those of every exit are zero. */
const shown: Readonly<Record<ExitKind, Masks>> = {
  WFI: { esr: EC | bits(1, 0) },
  WFE: { esr: EC | bits(1, 0) },
  WFIT: { esr: EC | bits(1, 0), gprs: [ALL] },
  WFET: { esr: EC | bits(1, 0), gprs: [ALL] },
  'trapped register': { esr: EC | IL | bits(24, 0), gprs: [ALL] },
  'Instruction Abort': { esr: EC | bits(12, 11) | bits(9) | bits(5, 0), hpfar: ALL },
  'Data Abort, emulatable read': {
    esr: fault | ISV | bits(23, 22) | bits(15),
    far: bits(11, 0),
    hpfar: ALL,
  },
  'Data Abort, emulatable write': {
    esr: fault | ISV | bits(23, 22) | bits(15) | WNR,
    far: bits(11, 0),
    hpfar: ALL,
    gprs: [ALL],
  },
  'Data Abort at an Unprotected IPA, not emulatable': { esr: fault | IL, hpfar: ALL },
  'Data Abort at a Protected IPA': { esr: fault, hpfar: ALL },
  IRQ: {},
  FIQ: {},
  PSCI: { gprs: [bits(31, 0), ALL, ALL, ALL] },
  'RIPAS change': { ripas_base: ALL, ripas_top: ALL, ripas_value: bits(0) },
  'Host call': { imm: bits(15, 0), gprs: new Array<bigint>(31).fill(ALL) },
  SError: { esr: EC | ISV | bits(12, 9) | bits(5, 0) },
};

/** Shown by every exit (A6.1, A6.2, A8.1). */
const always: Masks = {
  exit_reason: bits(7, 0),
  gicv3_hcr: bits(31, 0),
  gicv3_misr: bits(7, 0),
  gicv3_vmcr: bits(31, 0),
  cntp_ctl: bits(2, 0),
  cntp_cval: ALL,
  cntv_ctl: bits(2, 0),
  cntv_cval: ALL,
  pmu_ovf_status: bits(0),
};

/** What made a REC exit, as the Host can tell. @param ipaWidth of the Realm, in bits */
export function kindOf(exit: RmiRecExit, ipaWidth: number): ExitKind {
  const { esr } = exit;
  const [sync, irq, fiq, psci, ripas, call, serror] = [0, 1, 2, 3, 4, 5, 6];
  switch (exit.exit_reason as number) {
    case irq:
      return 'IRQ';
    case fiq:
      return 'FIQ';
    case psci:
      return 'PSCI';
    case ripas:
      return 'RIPAS change';
    case call:
      return 'Host call';
    case serror:
      return 'SError';
    case sync:
      break;
    default:
      throw new RangeError(`there is no exit reason ${exit.exit_reason}`);
  }
  switch (Number(esr >> 26n) & 63) {
    case 0x01:
      return (['WFI', 'WFE', 'WFIT', 'WFET'] as const)[Number(esr & 3n)]!;
    case 0x18:
      return 'trapped register';
    case 0x20:
      return 'Instruction Abort';
    case 0x24:
      if ((esr & ISV) !== 0n)
        return (esr & WNR) === 0n ? 'Data Abort, emulatable read' : 'Data Abort, emulatable write';
      return exit.hpfar >> 4n < 1n << BigInt(ipaWidth - 13)
        ? 'Data Abort at a Protected IPA'
        : 'Data Abort at an Unprotected IPA, not emulatable';
    default:
      throw new RangeError(`no exit has ESR_EL2 0x${esr.toString(16)}`);
  }
}

const type = metadata.types.RmiRecExit;
const members = type?.kind === 'struct' ? type.members : [];

function maskOf(kind: ExitKind, listRegisters: number): Uint8Array {
  const mask = new Uint8Array(RmiRecExit.size);
  const view = new DataView(mask.buffer);
  const all: Masks = {
    gicv3_lrs: new Array<bigint>(listRegisters).fill(ALL),
    ...always,
    ...shown[kind],
  };
  for (const { name, offset } of members) {
    const value = all[name] ?? 0n;
    for (const [i, one] of (typeof value === 'bigint' ? [value] : value).entries())
      view.setBigUint64(offset + 8 * i, one, true);
  }
  return mask;
}

const masks = new Map<string, Uint32Array>();

/**
 * The offset of a byte that an exit has set and must not have.
 *
 * @param exit the RmiRecExit structure, aligned to 4 bytes
 */
export function surplus(exit: Uint8Array, kind: ExitKind, listRegisters: number): number | undefined {
  const key = `${kind} ${listRegisters}`;
  let mask = masks.get(key);
  if (mask === undefined) {
    mask = new Uint32Array(maskOf(kind, listRegisters).buffer);
    masks.set(key, mask);
  }
  const words = new Uint32Array(exit.buffer, exit.byteOffset, exit.length >> 2);
  for (let i = 0; i < words.length; i++) if ((words[i]! & ~mask[i]!) !== 0) return i * 4;
  return undefined;
}

export const viewOf = (exit: Uint8Array): RmiRecExit => new RmiRecExit(Memory.of(exit));
