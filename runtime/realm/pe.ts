import type { RmiRecExit } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { RmiPmuOverflowStatus } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Clock } from '../machine/clock.js';
import type { RealmPe } from '../machine/executor.js';
import type { VirtualCpuInterface } from '../machine/gic.js';
import { RealmPmu } from '../machine/pmu.js';
import type { RunningRec } from '../machine/realm.js';
import { RealmTimers } from '../machine/timers.js';

/** The PE that RECs run on, one at a time. */
export class Pe implements RealmPe {
  readonly gic: VirtualCpuInterface;
  readonly timers: RealmTimers;
  readonly pmu = new RealmPmu();
  readonly #activePriorities: readonly [readonly string[], readonly string[]];
  #rec: RunningRec | undefined;

  constructor(gic: VirtualCpuInterface, clock: Clock) {
    this.gic = gic;
    this.timers = new RealmTimers(clock);
    const count = 1 << (gic.configuration.preemptionBits - 5);
    const names = (group: number) => Array.from({ length: count }, (_, n) => `ICH_AP${group}R${n}_EL2`);
    this.#activePriorities = [names(0), names(1)];
  }

  get rec(): RunningRec {
    return this.#rec!;
  }

  get mpidr(): bigint {
    return this.rec.mpidr;
  }

  get gprs(): bigint[] {
    return this.rec.gprs;
  }

  get pc(): bigint {
    return this.rec.pc;
  }

  set pc(value: bigint) {
    this.rec.pc = BigInt.asUintN(64, value);
  }

  /** REC entry: System registers are restored (A2.3.2). Those of a REC that starts are zero. */
  load(rec: RunningRec): void {
    this.#rec = rec;
    const { sysregs } = rec;
    const { gic, timers, pmu } = this;
    const saved = (name: string): bigint => sysregs[name] ?? 0n;
    timers.virtual.restore(saved('CNTV_CTL_EL0'), saved('CNTV_CVAL_EL0'));
    timers.physical.restore(saved('CNTP_CTL_EL0'), saved('CNTP_CVAL_EL0'));
    pmu.restore(saved('PMCR_EL0'), saved('PMINTENSET_EL1'), saved('PMOVSSET_EL0'));
    gic.vmcr = Number(saved('ICH_VMCR_EL2'));
    for (const group of [0, 1] as const) {
      for (const [n, name] of this.#activePriorities[group].entries())
        gic.setActivePriorities(group, n, Number(saved(name)));
    }
  }

  /** REC exit: System registers are saved. */
  save(): void {
    const { gic, timers, pmu } = this;
    const sysregs: Record<string, bigint> = {
      CNTV_CTL_EL0: BigInt(timers.virtual.control),
      CNTV_CVAL_EL0: timers.virtual.compare,
      CNTP_CTL_EL0: BigInt(timers.physical.control),
      CNTP_CVAL_EL0: timers.physical.compare,
      PMCR_EL0: pmu.control,
      PMINTENSET_EL1: pmu.interrupts,
      PMOVSSET_EL0: pmu.overflows,
      ICH_VMCR_EL2: BigInt(gic.vmcr),
    };
    for (const group of [0, 1] as const) {
      for (const [n, name] of this.#activePriorities[group].entries())
        sysregs[name] = BigInt(gic.activePriorities(group, n));
    }
    this.rec.sysregs = sysregs;
  }

  /** What a REC exit tells of timers and PMU (A6.2, A8.1). Their counter has offset zero. */
  show(exit: RmiRecExit): void {
    const { timers, pmu } = this;
    exit.cntv_ctl = BigInt(timers.virtual.control);
    exit.cntv_cval = timers.virtual.compare;
    exit.cntp_ctl = BigInt(timers.physical.control);
    exit.cntp_cval = timers.physical.compare;
    exit.pmu_ovf_status = pmu.output
      ? RmiPmuOverflowStatus.RMI_PMU_OVERFLOW_ACTIVE
      : RmiPmuOverflowStatus.RMI_PMU_OVERFLOW_NOT_ACTIVE;
  }
}
