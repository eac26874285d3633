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
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { RunContext } from './context.js';

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
  readonly open?: readonly ExitMember[] | 'all';
  readonly emulatable?: true;
  readonly ripasChange?: true;
  readonly hostCall?: true;
  /** The command has an MPIDR, which the Host is to resolve (A4.3.7). */
  readonly psciPending?: true;
}

/** What belongs to the Realm's timers, its GIC and its PMU, of which a scripted Realm has none. */
const unmodelled: readonly ExitMember[] = [
  'gicv3_vmcr',
  'cntp_ctl',
  'cntp_cval',
  'cntv_ctl',
  'cntv_cval',
  'pmu_ovf_status',
];

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

function structure(name: string) {
  const type = metadata.types[name];
  if (type?.kind !== 'struct') throw new TypeError(`${name} is no struct`);
  return type;
}

const exitOffset = structure('RmiRecRun').members.find((member) => member.name === 'exit')!.offset;
const exitLayout = structure('RmiRecExit');

/** Ends a run: the attributes that every exit sets (A4.3), and the RmiRecExit structure of the Host. */
export function leave(context: RunContext, run: number, exit: RecExit): void {
  const { rec } = context;
  rec.emulatable_abort =
    exit.emulatable === true
      ? RmmRecEmulatableAbort.EMULATABLE_ABORT
      : RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT;
  rec.psci_pending =
    exit.psciPending === true ? RmmPsciPending.PSCI_REQUEST_PENDING : RmmPsciPending.NO_PSCI_REQUEST_PENDING;
  if (exit.hostCall === true) rec.host_call_pending = RmmHostCallPending.HOST_CALL_PENDING;
  if (exit.ripasChange !== true) {
    rec.ripas_addr = 0;
    rec.ripas_top = 0;
  }
  show(context, run, exit);
}

/** Fills in the RmiRecExit structure, at the physical address of the RmiRecRun that it is part of. */
export function show(context: RunContext, run: number, exit: RecExit): void {
  const { port } = context;
  const view = new RmiRecRun(port.memory.memoryAt(run), port.memory.offsetAt(run));
  const { enter, exit: shown } = view;
  shown.$clear();
  shown.exit_reason = exit.reason;
  exit.fill?.(shown);
  // A scripted Realm touches no interrupt: list registers come back as they went in (A6.1).
  let quiet = enter.gicv3_hcr === 0n;
  for (let i = 0; i < port.features.listRegisters; i++) {
    const register = enter.gicv3_lrs.get(i);
    quiet &&= register === 0n;
    shown.gicv3_lrs.set(i, register);
  }
  shown.gicv3_hcr = enter.gicv3_hcr;

  const unknown = new Set<ExitMember>(exit.open === 'all' ? [] : exit.open);
  for (const member of unmodelled) unknown.add(member);
  // Whether a maintenance interrupt is asserted turns on the GIC, unless the Host asks for none and fills nothing in.
  if (!quiet) unknown.add('gicv3_misr');
  for (const { name, offset, bits, count } of exitLayout.members) {
    const member = name as ExitMember;
    const own = member === 'exit_reason' || exit.carries?.includes(member);
    context.stored({
      address: run + exitOffset + offset,
      size: (bits / 8) * (count ?? 1),
      what: `exit.${name} on ${exit.what}`,
      section: own ? exit.section : (sections[member] ?? OTHERWISE_ZERO),
      open: exit.open === 'all' || unknown.has(member),
    });
  }
  for (const { offset, size } of exitLayout.reserved)
    context.stored({
      address: run + exitOffset + offset,
      size,
      what: 'unused bits of RmiRecExit',
      section: exitLayout.section,
      open: exit.open === 'all',
    });
}
