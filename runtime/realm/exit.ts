import {
  RmmHostCallPending,
  RmmPsciPending,
  RmmRecEmulatableAbort,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  type RmiRecExit,
  type RmiRecExitReason,
  RmiRecRun,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { RunContext } from './context.js';
import { storeStructure, structureOf } from './structure.js';

export type ExitMember = Exclude<keyof RmiRecExit & string, `${string}$` | `$${string}`>;

/** A REC exit: what it is due to, and what it shows the Host (A4.3). */
export interface RecExit {
  readonly what: string;
  readonly section: string;
  readonly reason: RmiRecExitReason;
  /** Sets the fields that this exit carries; all others are zero (A4.3.1). */
  readonly fill?: (exit: RmiRecExit) => void;
  /** The members that `fill` sets. */
  readonly carries?: readonly ExitMember[];
  /** Members whose contents the document leaves open, or which turn on what is not known here. */
  readonly open?: { readonly members: readonly ExitMember[] | 'all'; readonly reason: string };
  readonly emulatable?: true;
  readonly ripasChange?: true;
  readonly hostCall?: true;
  /** The FID of a command that has an MPIDR, which the Host is to resolve (A4.3.7). */
  readonly psciPending?: number;
}

/** What belongs to the Realm's GIC, timers and PMU, of which a scripted Realm has none. */
const GIC = 'the GIC of a scripted Realm is not modelled';
const TIMERS = 'the timers of a scripted Realm are not modelled';
const unmodelled: Partial<Record<ExitMember, string>> = {
  gicv3_vmcr: GIC,
  cntp_ctl: TIMERS,
  cntp_cval: TIMERS,
  cntv_ctl: TIMERS,
  cntv_cval: TIMERS,
  pmu_ovf_status: 'the PMU of a scripted Realm is not modelled',
};

/** The rules that every exit follows, where the kind of exit has none of its own. */
const sections: Partial<Record<ExitMember, string>> = {
  gprs: 'A4.3.3',
  gicv3_hcr: 'A6.1',
  gicv3_lrs: 'A6.1',
  gicv3_misr: 'A6.1',
  gicv3_vmcr: 'A6.1',
  cntp_ctl: 'A6.2',
  cntp_cval: 'A6.2',
  cntv_ctl: 'A6.2',
  cntv_cval: 'A6.2',
  pmu_ovf_status: 'A8.1',
};
const OTHERWISE_ZERO = 'A4.3.1';

const exitOffset = structureOf('RmiRecRun').members.find((member) => member.name === 'exit')!.offset;

/** Ends a run: the attributes that every exit sets (A4.3), and the RmiRecExit structure of the Host. */
export function leave(context: RunContext, run: number, exit: RecExit): void {
  const { rec, pe } = context;
  rec.emulatable_abort =
    exit.emulatable === true
      ? RmmRecEmulatableAbort.EMULATABLE_ABORT
      : RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT;
  rec.psci_pending =
    exit.psciPending === undefined
      ? RmmPsciPending.NO_PSCI_REQUEST_PENDING
      : RmmPsciPending.PSCI_REQUEST_PENDING;
  // RMI_PSCI_COMPLETE knows the call by X0, where the caller may have added the hint about SVE (B1.1, B4.3.7).
  if (exit.psciPending !== undefined) rec.gprs[0] = BigInt(exit.psciPending);
  if (exit.hostCall === true) rec.host_call_pending = RmmHostCallPending.HOST_CALL_PENDING;
  if (exit.ripasChange !== true) {
    rec.ripas_addr = 0;
    rec.ripas_top = 0;
  }
  show(context, run, exit);
  pe.save();
  if (context.continuation.starts) rec.sysregs = {};
}

/** Fills in the RmiRecExit structure, at the physical address of the RmiRecRun that it is part of. */
export function show(context: RunContext, run: number, exit: RecExit): void {
  const { port, pe, hasDevices, isWatched } = context;
  const view = new RmiRecRun(port.memory.memoryAt(run), port.memory.offsetAt(run));
  const { enter, exit: shown } = view;
  shown.$clear();
  shown.exit_reason = exit.reason;
  exit.fill?.(shown);
  pe.gic.save(shown);
  if (hasDevices) pe.show(shown);
  else {
    shown.gicv3_misr = 0n;
    shown.gicv3_vmcr = 0n;
  }
  if (!isWatched) return;

  // Whether a maintenance interrupt is asserted turns on the GIC, unless the Host asks for none and fills nothing in.
  let quiet = enter.gicv3_hcr === 0n;
  for (let i = 0; i < port.features.listRegisters; i++) quiet &&= enter.gicv3_lrs.get(i) === 0n;

  const reasonOf = (member: ExitMember): string | undefined => {
    if (exit.open?.members === 'all' || exit.open?.members.includes(member)) return exit.open.reason;
    return hasDevices
      ? undefined
      : (unmodelled[member] ?? (member === 'gicv3_misr' && !quiet ? GIC : undefined));
  };
  storeStructure(context, 'RmiRecExit', run + exitOffset, 'exit', exit.what, (name) => {
    const member = name as ExitMember | undefined;
    const all = exit.open?.members === 'all' ? exit.open.reason : undefined;
    if (member === undefined) return { open: all };
    const own = member === 'exit_reason' || exit.carries?.includes(member);
    return { section: own ? exit.section : (sections[member] ?? OTHERWISE_ZERO), open: reasonOf(member) };
  });
}
