import {
  ESR_EL2,
  EsrExceptionClass,
  EsrIssSysreg,
  IccRegister,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Clock } from '../../machine/clock.js';
import type { RealmPe } from '../../machine/executor.js';
import { TRAPPED, UNDEFINED } from '../../machine/gic.js';
import type { SystemRegister } from '../../machine/program/index.js';
import type { Timer } from '../../machine/timers.js';

/** What an MRS or MSR comes to: a value, or zero of an MSR; or ESR_EL2 of a trap; or no such register. */
export type Outcome =
  | { readonly kind: 'done'; readonly value: bigint }
  | { readonly kind: 'trapped'; readonly esr: bigint }
  | { readonly kind: 'undefined' };

const done = (value: bigint): Outcome => ({ kind: 'done', value });
const written = done(0n);
const undefinedHere: Outcome = { kind: 'undefined' };

/** ESR_EL2 of a trapped access: the encoding is that of the instruction, op0:op1:CRn:CRm:op2. */
function trapped(encoding: number, Rt: number, Direction: number): Outcome {
  const ISS = EsrIssSysreg.of({
    Op0: encoding >> 14,
    Op1: (encoding >> 11) & 7,
    CRn: (encoding >> 7) & 15,
    CRm: (encoding >> 3) & 15,
    Op2: encoding & 7,
    Rt,
    Direction,
  }).$value;
  return { kind: 'trapped', esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_SYSREG, IL: 1, ISS }).$value };
}

function isGic(name: string): name is keyof typeof IccRegister & SystemRegister {
  return name in IccRegister;
}

export function readSystemRegister(pe: RealmPe, clock: Clock, name: SystemRegister, rt: number): Outcome {
  if (isGic(name)) {
    const register = IccRegister[name];
    const value = pe.gic.read(register);
    if (value === TRAPPED) return trapped(register, rt, 1);
    return value === UNDEFINED ? undefinedHere : done(BigInt(value));
  }
  const { timers, pmu } = pe;
  switch (name) {
    // Both counters have offset zero (A6.2).
    case 'CNTPCT_EL0':
    case 'CNTVCT_EL0':
      return done(BigInt(clock.now));
    case 'CNTP_CTL_EL0':
      return done(BigInt(timers.physical.control));
    case 'CNTV_CTL_EL0':
      return done(BigInt(timers.virtual.control));
    case 'CNTP_CVAL_EL0':
      return done(timers.physical.compare);
    case 'CNTV_CVAL_EL0':
      return done(timers.virtual.compare);
    case 'CNTP_TVAL_EL0':
      return done(ticksLeft(timers.physical, clock));
    case 'CNTV_TVAL_EL0':
      return done(ticksLeft(timers.virtual, clock));
    case 'MPIDR_EL1':
      return done(pe.mpidr);
    case 'PMCR_EL0':
      return done(pmu.control);
    case 'PMINTENCLR_EL1':
    case 'PMINTENSET_EL1':
      return done(pmu.interrupts);
    case 'PMOVSCLR_EL0':
    case 'PMOVSSET_EL0':
      return done(pmu.overflows);
    default:
      return undefinedHere;
  }
}

/** TVAL: a signed 32-bit distance, read as 32 bits. */
function ticksLeft(timer: Timer, clock: Clock): bigint {
  return BigInt.asUintN(32, timer.compare - BigInt(clock.now));
}

export function writeSystemRegister(
  pe: RealmPe,
  clock: Clock,
  name: SystemRegister,
  value: bigint,
  rt: number,
): Outcome {
  if (isGic(name)) {
    const register = IccRegister[name];
    const result = pe.gic.write(register, Number(BigInt.asUintN(32, value)));
    if (result === TRAPPED) return trapped(register, rt, 0);
    return result === UNDEFINED ? undefinedHere : written;
  }
  const { timers, pmu } = pe;
  const low = Number(BigInt.asUintN(32, value));
  const after = BigInt(clock.now) + BigInt.asIntN(32, value);
  switch (name) {
    case 'CNTP_CTL_EL0':
      timers.physical.control = low;
      return written;
    case 'CNTV_CTL_EL0':
      timers.virtual.control = low;
      return written;
    case 'CNTP_CVAL_EL0':
      timers.physical.compare = value;
      return written;
    case 'CNTV_CVAL_EL0':
      timers.virtual.compare = value;
      return written;
    case 'CNTP_TVAL_EL0':
      timers.physical.compare = after;
      return written;
    case 'CNTV_TVAL_EL0':
      timers.virtual.compare = after;
      return written;
    case 'PMCR_EL0':
      pmu.control = value;
      return written;
    case 'PMINTENCLR_EL1':
      pmu.interrupts &= ~value;
      return written;
    case 'PMINTENSET_EL1':
      pmu.interrupts |= value;
      return written;
    case 'PMOVSCLR_EL0':
      pmu.overflows &= ~value;
      return written;
    case 'PMOVSSET_EL0':
      pmu.overflows |= value;
      return written;
    default:
      return undefinedHere;
  }
}
