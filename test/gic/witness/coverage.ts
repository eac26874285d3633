import {
  GIC_INTID_LPI,
  GIC_INTID_SPECIAL,
  GIC_INTID_SPURIOUS,
  ICH_HCR_EL2,
  ICH_MISR_EL2,
  IccRegister,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Expectation } from './compare.js';
import { accessOf, COLUMNS } from './operations.js';

const WIDTH = COLUMNS.length;
const column = (name: string) => COLUMNS.indexOf(name);

function bits(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

/** Counts what happens in sequences, so that a test can ask that everything does. */
export function cover(counts: Map<string, number>, { operations, rows }: Expectation): void {
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const [step, { number }] of operations.entries()) {
    const row = rows.subarray(step * WIDTH, (step + 1) * WIDTH);
    const before = step === 0 ? undefined : rows.subarray((step - 1) * WIDTH, step * WIDTH);
    const now = (name: string) => row[column(name)]!;
    const then = (name: string) => before?.[column(name)] ?? 0n;
    const result = BigInt.asIntN(64, row[0]!);
    const access = accessOf(number);
    const name = access.kind === 'el2' ? access.register : IccRegister.nameOf(access.register)!;
    if (result === -1n) count(`${access.kind} ${name} traps`);
    else if (result === -2n) count(`${access.kind} ${name} is UNDEFINED`);
    else count(`${access.kind} ${name}`);

    const active = bits(now('ich_ap0r0_el2') | now('ich_ap1r0_el2'));
    const wasActive = bits(then('ich_ap0r0_el2') | then('ich_ap1r0_el2'));
    if (name.startsWith('ICC_IAR') && result >= 0n) {
      if (result === BigInt(GIC_INTID_SPURIOUS)) count(`${name} spurious`);
      else if (result >= GIC_INTID_SPECIAL && result < GIC_INTID_SPURIOUS) count(`${name} special`);
      else count(`${name} acknowledges${result >= GIC_INTID_LPI ? ' an LPI' : ''}`);
      if (active > 1 && active > wasActive) count(`${name} preempts`);
    }
    if (access.kind === 'write' && /EOIR|DIR/.test(name)) {
      if (active < wasActive) count(`${name} drops`);
      for (let n = 0; n < 4; n++) {
        const [from, to] = [then(`ich_lr${n}_el2`) >> 62n, now(`ich_lr${n}_el2`) >> 62n];
        if (from !== to) count(`${name} from state ${from} to ${to}`);
      }
    }
    const hcr = ICH_HCR_EL2.of(now('ich_hcr_el2'));
    if (access.kind === 'write' && hcr.EOIcount > ICH_HCR_EL2.of(then('ich_hcr_el2')).EOIcount)
      count(`${name} counts`);
    if (access.kind === 'write' && hcr.EOIcount < ICH_HCR_EL2.of(then('ich_hcr_el2')).EOIcount)
      count('EOIcount wraps');
    for (const [bit, set] of Object.entries(ICH_MISR_EL2.of(now('ich_misr_el2')).toObject()))
      if (set === 1) count(`MISR.${bit}`);
    if (now('ich_misr_el2') !== 0n && now('maintenance') === 0n) count('MISR without En');
    if ((now('isr_el1') & 0x80n) !== 0n) count('virtual IRQ');
    if ((now('isr_el1') & 0x40n) !== 0n) count('virtual FIQ');
    const pending = now('icc_hppir0_el1') < 1020n || now('icc_hppir1_el1') < 1020n;
    if (pending && now('isr_el1') === 0n) count('pending and not signaled');
    if (pending && now('isr_el1') === 0n && active > 0 && now('ich_vmcr_el2') >> 24n === 0xf8n)
      count('held back by what is active');
  }
}
