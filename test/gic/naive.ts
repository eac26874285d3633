import {
  ICH_HCR_EL2,
  ICH_LR_EL2,
  type ICH_MISR_EL2,
  ICH_VMCR_EL2,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import type { GicConfiguration, GicSnapshot } from '../../runtime/machine/gic.js';

/**
 * The virtual CPU interface as the architecture's text describes it, statement by statement and without regard to
 * speed: lists and sets where the device has registers. It shares nothing with the device but the layouts.
 */

interface Interrupt {
  readonly lr: number;
  readonly intid: number;
  readonly priority: number;
  readonly group: 0 | 1;
  readonly pending: boolean;
  readonly active: boolean;
}

export interface View {
  readonly hcr: ICH_HCR_EL2.Values;
  readonly vmcr: ICH_VMCR_EL2.Values;
  readonly lrs: readonly ICH_LR_EL2.Values[];
  /** Group priorities that are active, by group. */
  readonly active: readonly [ReadonlySet<number>, ReadonlySet<number>];
}

/** A preemption level as a priority, and the other way round. */
const priorityOf = (level: number, { preemptionBits }: GicConfiguration) => level * 2 ** (8 - preemptionBits);

export function viewOf(snapshot: GicSnapshot, configuration: GicConfiguration): View {
  const levels = (registers: readonly bigint[]) => {
    const set = new Set<number>();
    for (const [n, value] of registers.entries())
      for (let bit = 0; bit < 32; bit++)
        if (((value >> BigInt(bit)) & 1n) === 1n) set.add(priorityOf(n * 32 + bit, configuration));
    return set;
  };
  return {
    hcr: ICH_HCR_EL2.of(snapshot.ICH_HCR_EL2).toObject(),
    vmcr: ICH_VMCR_EL2.of(snapshot.ICH_VMCR_EL2).toObject(),
    lrs: snapshot.ICH_LR_EL2.map((value) => ICH_LR_EL2.of(value).toObject()),
    active: [levels(snapshot.ICH_AP0R_EL2), levels(snapshot.ICH_AP1R_EL2)],
  };
}

function interrupts({ lrs }: View): readonly Interrupt[] {
  return lrs.map(({ vINTID, Priority, Group, State }, lr) => ({
    lr,
    intid: vINTID,
    priority: Priority,
    group: Group === 1 ? 1 : 0,
    pending: State === 1 || State === 3,
    active: State === 2 || State === 3,
  }));
}

/** The lowest of the priorities, as a number, is the highest; undefined while nothing is active. */
function runningPriority({ active: [group0, group1] }: View): number | undefined {
  const all = [...group0, ...group1];
  return all.length === 0 ? undefined : Math.min(...all);
}

/** RPR: the idle priority while nothing is active. */
export function rpr(view: View): number {
  return runningPriority(view) ?? 0xff;
}

/** Where the binary point of a group lies: a priority without its subpriority. */
function groupPriority({ vmcr }: View, group: 0 | 1, priority: number): number {
  // VBPR0 = n leaves the bits above n to the group priority; VBPR1 counts from one further up.
  const lowest = group === 1 && vmcr.VCBPR === 0 ? vmcr.VBPR1 : vmcr.VBPR0 + 1;
  return Math.floor(priority / 2 ** lowest) * 2 ** lowest;
}

/** The interrupt that HPPIR tells of. */
export function highestPending(view: View): Interrupt | undefined {
  const enabled = [view.vmcr.VENG0 === 1, view.vmcr.VENG1 === 1];
  return interrupts(view)
    .filter(({ pending, active, group, priority }) => pending && !active && enabled[group] && priority < 0xff)
    .sort((a, b) => a.priority - b.priority || a.lr - b.lr)[0];
}

/** The interrupt that is signaled to the PE. */
export function signaled(view: View): Interrupt | undefined {
  const candidate = highestPending(view);
  if (view.hcr.En === 0 || candidate === undefined) return undefined;
  if (candidate.priority >= view.vmcr.VPMR) return undefined;
  const running = runningPriority(view);
  if (running === undefined) return candidate;
  const of = (priority: number) => groupPriority(view, candidate.group, priority);
  return of(candidate.priority) < of(running) ? candidate : undefined;
}

export function bpr1({ vmcr }: View): number {
  return vmcr.VCBPR === 1 ? Math.min(7, vmcr.VBPR0 + 1) : vmcr.VBPR1;
}

/** List Registers of which a bit of ICH_EISR_EL2 is set. */
export function eisr({ lrs }: View): readonly number[] {
  return lrs.flatMap(({ State, HW, pINTID }, lr) =>
    State === 0 && HW === 0 && (pINTID >> 9) % 2 === 1 ? [lr] : [],
  );
}

/** List Registers of which a bit of ICH_ELRSR_EL2 is set. */
export function elrsr(view: View): readonly number[] {
  return view.lrs.flatMap(({ State }, lr) => (State === 0 && !eisr(view).includes(lr) ? [lr] : []));
}

export function misr(view: View): ICH_MISR_EL2.Values {
  const { hcr, vmcr, lrs } = view;
  const states = lrs.map(({ State }) => State);
  const bit = (value: boolean) => (value ? 1 : 0);
  return {
    EOI: bit(eisr(view).length > 0),
    U: bit(hcr.UIE === 1 && states.filter((state) => state !== 0).length <= 1),
    LRENP: bit(hcr.LRENPIE === 1 && hcr.EOIcount > 0),
    NP: bit(hcr.NPIE === 1 && !states.includes(1)),
    VGrp0E: bit(hcr.VGrp0EIE === 1 && vmcr.VENG0 === 1),
    VGrp0D: bit(hcr.VGrp0DIE === 1 && vmcr.VENG0 === 0),
    VGrp1E: bit(hcr.VGrp1EIE === 1 && vmcr.VENG1 === 1),
    VGrp1D: bit(hcr.VGrp1DIE === 1 && vmcr.VENG1 === 0),
  };
}

/** What an access does: the snapshot that it leaves, as far as it differs. */
export interface Effect {
  readonly result: number;
  /** States of List Registers that change. */
  readonly states: ReadonlyMap<number, number>;
  readonly active: View['active'];
  readonly eoiCount: number;
}

function nothing(view: View, result = 0): Effect {
  return { result, states: new Map(), active: view.active, eoiCount: view.hcr.EOIcount };
}

const SPURIOUS = 1023;
const isSpecial = (intid: number) => intid >= 1020 && intid <= 1023;
const isLpi = (intid: number) => intid >= 8192;

export function acknowledge(view: View, group: 0 | 1): Effect {
  const one = signaled(view);
  if (one === undefined || one.group !== group) return nothing(view, SPURIOUS);
  if (isSpecial(one.intid)) return { ...nothing(view, one.intid), states: new Map([[one.lr, 0]]) };
  const active = [new Set(view.active[0]), new Set(view.active[1])] as const;
  active[group].add(groupPriority(view, group, one.priority));
  return { ...nothing(view, one.intid), states: new Map([[one.lr, 2]]), active };
}

function withoutActive(view: View, intid: number): Partial<Effect> & { readonly of?: Interrupt } {
  const of = interrupts(view).find((one) => one.active && one.intid === intid);
  if (of !== undefined) return { of, states: new Map([[of.lr, of.pending ? 1 : 0]]) };
  return isLpi(intid) ? {} : { eoiCount: (view.hcr.EOIcount + 1) % 32 };
}

export function end(view: View, group: 0 | 1, intid: number): Effect {
  const running = runningPriority(view);
  if (isSpecial(intid) || running === undefined) return nothing(view);
  const active = [new Set(view.active[0]), new Set(view.active[1])] as const;
  active[active[0].has(running) ? 0 : 1].delete(running);
  const dropped = { ...nothing(view), active };
  // Deactivation is left to DIR in EOImode 1, for all that has an active state outside the interface.
  if (view.vmcr.VEOIM === 1 && !isLpi(intid)) return dropped;
  const { of, ...effect } = withoutActive(view, intid);
  const fits =
    of === undefined || (of.group === group && groupPriority(view, group, of.priority) === running);
  return fits ? { ...dropped, ...effect } : dropped;
}

export function deactivate(view: View, intid: number): Effect {
  if (view.vmcr.VEOIM === 0 || isSpecial(intid) || isLpi(intid)) return nothing(view);
  const { of: _, ...effect } = withoutActive(view, intid);
  return { ...nothing(view), ...effect };
}
