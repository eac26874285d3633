import {
  GIC_INTID_LPI,
  GIC_INTID_SPECIAL,
  GIC_INTID_SPURIOUS,
  GicIdBits,
  ICH_AP0R_EL2,
  ICH_AP1R_EL2,
  ICH_EISR_EL2,
  ICH_ELRSR_EL2,
  ICH_HCR_EL2,
  ICH_LR_EL2,
  ICH_MISR_EL2,
  ICH_VMCR_EL2,
  ICH_VTR_EL2,
  ICV_CTLR_EL1,
  type IccRegister,
  IccSre,
  IchLrHw0,
  IchLrState,
  RMI_PERMITTED_GICV3_HCR_BITS,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../bits/index.js';
import {
  checkGicConfiguration,
  defaultGicConfiguration,
  type GicConfiguration,
  type GicEntry,
  type GicExit,
  type GicSnapshot,
  TRAPPED,
  UNDEFINED,
  type VirtualCpuInterface,
} from '../machine/gic.js';
import { accessTo, Kind, READS, WRITES } from './accesses.js';

/** Priority that nothing which is pending or active has: RPR while nothing is active. */
const IDLE = 0xff;

const { ICH_LR_STATE_INVALID, ICH_LR_STATE_PENDING, ICH_LR_STATE_ACTIVE } = IchLrState;

/** Where the registers lie in the state: one doubleword each. */
const WORD = 8;
const HCR = 0;
const VMCR = HCR + WORD;
const APR = VMCR + WORD;
const MAX_APRS = 4;
const LRS = APR + 2 * MAX_APRS * WORD;

/** The virtual CPU interface of GICv3, of one PE (IHI 0069, chapter on virtual interrupt handling). */
export class Gicv3 implements VirtualCpuInterface {
  readonly configuration: GicConfiguration;

  /** All state: registers as the architecture lays them out. */
  readonly #memory: Memory;
  readonly #hcr: ICH_HCR_EL2;
  readonly #vmcr: ICH_VMCR_EL2;
  /** Of both groups. */
  readonly #aprs: readonly [readonly ICH_AP0R_EL2[], readonly ICH_AP1R_EL2[]];
  readonly #lrs: readonly IchLrHw0[];

  // What the configuration comes down to.
  readonly #hcrBits: number;
  /** Bits that a List Register has, in its upper half; those of its lower half are the INTID's. */
  readonly #lrHighMask: number;
  readonly #idMask: number;
  readonly #priorityMask: number;
  readonly #minBpr0: number;
  readonly #vtr: number;
  readonly #ctlr: number;

  /** @throws RangeError if the architecture permits no such configuration. */
  constructor(configuration: GicConfiguration = defaultGicConfiguration) {
    checkGicConfiguration(configuration);
    this.configuration = configuration;
    const { listRegisters, priorityBits, preemptionBits, idBits } = configuration;

    const memory = Memory.alloc(LRS + listRegisters * WORD);
    this.#memory = memory;
    this.#hcr = new ICH_HCR_EL2(memory, HCR);
    this.#vmcr = new ICH_VMCR_EL2(memory, VMCR);
    const aprs = Array.from({ length: 1 << (preemptionBits - 5) }, (_, n) => n);
    this.#aprs = [
      aprs.map((n) => new ICH_AP0R_EL2(memory, APR + n * WORD)),
      aprs.map((n) => new ICH_AP1R_EL2(memory, APR + (MAX_APRS + n) * WORD)),
    ];
    this.#lrs = Array.from({ length: listRegisters }, (_, n) => new IchLrHw0(memory, LRS + n * WORD));

    this.#idMask = 2 ** idBits - 1;
    this.#priorityMask = IDLE & (IDLE << (8 - priorityBits));
    this.#minBpr0 = 7 - preemptionBits;
    // No FEAT_GICv4p1, no SEIs and no direct injection: their bits are RES0.
    this.#hcrBits = Number(
      ICH_HCR_EL2.of({
        En: 1,
        UIE: 1,
        LRENPIE: 1,
        NPIE: 1,
        VGrp0EIE: 1,
        VGrp0DIE: 1,
        VGrp1EIE: 1,
        VGrp1DIE: 1,
        TC: 1,
        TALL0: 1,
        TALL1: 1,
        TDIR: 1,
        EOIcount: 31,
      }).$value,
    );
    // EOI is bit 9 of pINTID, so that the form with HW == 1 covers both.
    const lrBits = ICH_LR_EL2.of({
      vINTID: this.#idMask,
      pINTID: 0x1fff,
      Priority: this.#priorityMask,
      Group: 1,
      HW: 1,
      State: IchLrState.ICH_LR_STATE_PENDING_ACTIVE,
    }).$value;
    this.#lrHighMask = Number(lrBits >> 32n);
    const id = idBits === 24 ? GicIdBits.GIC_ID_BITS_24 : GicIdBits.GIC_ID_BITS_16;
    this.#vtr = Number(
      ICH_VTR_EL2.of({
        ListRegs: listRegisters - 1,
        TDS: 1,
        nV4: 1,
        A3V: 1,
        IDbits: id,
        PREbits: preemptionBits - 1,
        PRIbits: priorityBits - 1,
      }).$value,
    );
    this.#ctlr = Number(ICV_CTLR_EL1.of({ PRIbits: priorityBits - 1, IDbits: id, A3V: 1 }).$value);
    this.vmcr = 0;
  }

  // EL2

  get hcr(): number {
    return this.#memory.readU32(HCR);
  }

  set hcr(value: number) {
    this.#memory.writeU32(HCR, value & this.#hcrBits);
  }

  get vmcr(): number {
    return this.#memory.readU32(VMCR);
  }

  set vmcr(value: number) {
    const vmcr = this.#vmcr;
    const { VENG0, VENG1, VCBPR, VEOIM, VBPR0, VBPR1, VPMR } = ICH_VMCR_EL2.of(BigInt(value >>> 0));
    vmcr.$value = 0n;
    vmcr.VENG0 = VENG0;
    vmcr.VENG1 = VENG1;
    // With the System register interface VFIQEn is RES1 and VAckCtl RES0.
    vmcr.VFIQEn = 1;
    vmcr.VCBPR = VCBPR;
    vmcr.VEOIM = VEOIM;
    this.#setBpr0(VBPR0);
    this.#setBpr1(VBPR1);
    vmcr.VPMR = VPMR & this.#priorityMask;
  }

  get vtr(): number {
    return this.#vtr;
  }

  get misr(): number {
    const hcr = this.#hcr;
    const vmcr = this.#vmcr;
    let valid = 0;
    let pending = 0;
    for (const { State } of this.#lrs) {
      if (State !== ICH_LR_STATE_INVALID) valid++;
      if (State === ICH_LR_STATE_PENDING) pending++;
    }
    misr.EOI = this.eisr === 0 ? 0 : 1;
    misr.U = hcr.UIE & (valid < 2 ? 1 : 0);
    misr.LRENP = hcr.LRENPIE & (hcr.EOIcount === 0 ? 0 : 1);
    misr.NP = hcr.NPIE & (pending === 0 ? 1 : 0);
    misr.VGrp0E = hcr.VGrp0EIE & vmcr.VENG0;
    misr.VGrp0D = hcr.VGrp0DIE & (vmcr.VENG0 ^ 1);
    misr.VGrp1E = hcr.VGrp1EIE & vmcr.VENG1;
    misr.VGrp1D = hcr.VGrp1DIE & (vmcr.VENG1 ^ 1);
    return misr.$memory.readU32(misr.$base);
  }

  get eisr(): number {
    let status = 0;
    for (let n = 0; n < this.#lrs.length; n++) if (this.#owesEoi(this.#lrs[n]!)) status |= 1 << n;
    eisr.Status = status;
    return eisr.$memory.readU32(eisr.$base);
  }

  get elrsr(): number {
    let status = 0;
    for (let n = 0; n < this.#lrs.length; n++) {
      const lr = this.#lrs[n]!;
      if (lr.State === ICH_LR_STATE_INVALID && !this.#owesEoi(lr)) status |= 1 << n;
    }
    elrsr.Status = status;
    return elrsr.$memory.readU32(elrsr.$base);
  }

  listRegister(index: number): bigint {
    return this.#lr(index).$value;
  }

  setListRegister(index: number, value: bigint): void {
    const lr = this.#lr(index);
    lr.$value = value;
    // Words, since calculating with 64-bit values makes garbage.
    const memory = this.#memory;
    const at = lr.$base;
    memory.writeU32(at, memory.readU32(at) & this.#idMask);
    memory.writeU32(at + 4, memory.readU32(at + 4) & this.#lrHighMask);
  }

  activePriorities(group: 0 | 1, index: number): number {
    return this.#apr(group, index).P;
  }

  setActivePriorities(group: 0 | 1, index: number, value: number): void {
    this.#apr(group, index).P = value >>> 0;
  }

  load(entry: GicEntry): void {
    // EOIcount starts afresh: the only value that the Host may give is zero.
    this.hcr = Number(entry.gicv3_hcr & RMI_PERMITTED_GICV3_HCR_BITS);
    this.#hcr.En = 1;
    for (let n = 0; n < this.#lrs.length; n++) this.setListRegister(n, entry.gicv3_lrs.get(n));
  }

  save(exit: GicExit): void {
    const hcr = this.#hcr;
    const { EOIcount } = hcr;
    shown.$value = hcr.$value & RMI_PERMITTED_GICV3_HCR_BITS;
    shown.EOIcount = EOIcount;
    exit.gicv3_hcr = shown.$value;
    exit.gicv3_misr = BigInt(this.misr);
    exit.gicv3_vmcr = this.#vmcr.$value;
    for (let n = 0; n < this.#lrs.length; n++) exit.gicv3_lrs.set(n, this.#lrs[n]!.$value);
    hcr.En = 0;
  }

  // EL1

  read(register: IccRegister): number {
    const access = accessTo(READS, register);
    if (access === undefined || access.index >= this.#aprs[0].length) return UNDEFINED;
    if ((this.#memory.readU32(HCR) & access.traps) !== 0) return TRAPPED;
    const vmcr = this.#vmcr;
    switch (access.kind) {
      case Kind.Acknowledge:
        return this.#acknowledge(access.group);
      case Kind.HighestPending:
        return this.#highestPending(access.group);
      case Kind.RunningPriority:
        return this.#runningPriority();
      case Kind.PriorityMask:
        return vmcr.VPMR;
      case Kind.BinaryPoint0:
        return vmcr.VBPR0;
      case Kind.BinaryPoint1:
        return vmcr.VCBPR === 1 ? Math.min(vmcr.VBPR0 + 1, 7) : vmcr.VBPR1;
      case Kind.Control: {
        ctlr.$memory.writeU32(ctlr.$base, this.#ctlr);
        ctlr.CBPR = vmcr.VCBPR;
        ctlr.EOImode = vmcr.VEOIM;
        return ctlr.$memory.readU32(ctlr.$base);
      }
      case Kind.GroupEnable:
        return access.group === 0 ? vmcr.VENG0 : vmcr.VENG1;
      case Kind.ActivePriorities:
        return this.#aprs[access.group][access.index]!.P;
      case Kind.Enable:
        return SRE;
      default:
        return UNDEFINED;
    }
  }

  write(register: IccRegister, value: number): number {
    const access = accessTo(WRITES, register);
    if (access === undefined || access.index >= this.#aprs[0].length) return UNDEFINED;
    if ((this.#memory.readU32(HCR) & access.traps) !== 0) return TRAPPED;
    const vmcr = this.#vmcr;
    switch (access.kind) {
      case Kind.End:
        this.#end(access.group, value & this.#idMask);
        return 0;
      case Kind.Deactivate:
        this.#deactivateById(value & this.#idMask);
        return 0;
      case Kind.PriorityMask:
        vmcr.VPMR = value & this.#priorityMask;
        return 0;
      case Kind.BinaryPoint0:
        this.#setBpr0(value & 7);
        return 0;
      case Kind.BinaryPoint1:
        if (vmcr.VCBPR === 0) this.#setBpr1(value & 7);
        return 0;
      case Kind.Control:
        ctlr.$memory.writeU32(ctlr.$base, value);
        vmcr.VCBPR = ctlr.CBPR;
        vmcr.VEOIM = ctlr.EOImode;
        return 0;
      case Kind.GroupEnable:
        if (access.group === 0) vmcr.VENG0 = value & 1;
        else vmcr.VENG1 = value & 1;
        return 0;
      case Kind.ActivePriorities:
        this.#aprs[access.group][access.index]!.P = value >>> 0;
        return 0;
      case Kind.Enable:
        return 0;
      case Kind.Sgi:
        return TRAPPED;
      default:
        return UNDEFINED;
    }
  }

  // Signals

  get virq(): boolean {
    const lr = this.#signaled();
    return lr !== undefined && lr.Group === 1;
  }

  get vfiq(): boolean {
    const lr = this.#signaled();
    return lr !== undefined && lr.Group === 0;
  }

  get maintenance(): boolean {
    return this.#hcr.En === 1 && this.misr !== 0;
  }

  snapshot(): GicSnapshot {
    const values = (registers: readonly { readonly $value: bigint }[]) => registers.map((r) => r.$value);
    return {
      ICH_HCR_EL2: this.#hcr.$value,
      ICH_VMCR_EL2: this.#vmcr.$value,
      ICH_AP0R_EL2: values(this.#aprs[0]),
      ICH_AP1R_EL2: values(this.#aprs[1]),
      ICH_LR_EL2: values(this.#lrs),
    };
  }

  restore(snapshot: GicSnapshot): void {
    const low = (value: bigint) => Number(BigInt.asUintN(32, value));
    this.hcr = low(snapshot.ICH_HCR_EL2);
    this.vmcr = low(snapshot.ICH_VMCR_EL2);
    this.#aprs[0].forEach((apr, n) => {
      apr.P = low(snapshot.ICH_AP0R_EL2[n] ?? 0n);
    });
    this.#aprs[1].forEach((apr, n) => {
      apr.P = low(snapshot.ICH_AP1R_EL2[n] ?? 0n);
    });
    for (let n = 0; n < this.#lrs.length; n++) this.setListRegister(n, snapshot.ICH_LR_EL2[n] ?? 0n);
  }

  // Registers

  #lr(index: number): IchLrHw0 {
    const lr = this.#lrs[index];
    if (lr === undefined) throw new RangeError(`ICH_LR<n>_EL2: no register ${index} of ${this.#lrs.length}`);
    return lr;
  }

  #apr(group: 0 | 1, index: number): ICH_AP0R_EL2 | ICH_AP1R_EL2 {
    const aprs = this.#aprs[group];
    const apr = aprs[index];
    if (apr === undefined)
      throw new RangeError(`ICH_AP${group}R<n>_EL2: no register ${index} of ${aprs.length}`);
    return apr;
  }

  #setBpr0(value: number): void {
    this.#vmcr.VBPR0 = Math.max(value, this.#minBpr0);
  }

  #setBpr1(value: number): void {
    this.#vmcr.VBPR1 = Math.max(value, this.#minBpr0 + 1);
  }

  // Interrupts

  /** Whether the List Register's interrupt was deactivated and asks for a maintenance interrupt. */
  #owesEoi(lr: IchLrHw0): boolean {
    return lr.State === ICH_LR_STATE_INVALID && lr.HW === 0 && lr.EOI === 1;
  }

  /** The pending interrupt of highest priority in an enabled group. One that is active as well does not count. */
  #pending(): IchLrHw0 | undefined {
    const { VENG0, VENG1 } = this.#vmcr;
    let found: IchLrHw0 | undefined;
    let priority = IDLE;
    if ((VENG0 | VENG1) === 0) return undefined;
    for (let n = 0; n < this.#lrs.length; n++) {
      const lr = this.#lrs[n]!;
      if (lr.State !== ICH_LR_STATE_PENDING) continue;
      if ((lr.Group === 1 ? VENG1 : VENG0) === 0) continue;
      if (lr.Priority < priority) {
        priority = lr.Priority;
        found = lr;
      }
    }
    return found;
  }

  /** The pending interrupt if it has the priority to be signaled to the PE. */
  #signaled(): IchLrHw0 | undefined {
    if (this.#hcr.En === 0) return undefined;
    const lr = this.#pending();
    if (lr === undefined || lr.Priority >= this.#vmcr.VPMR) return undefined;
    const running = this.#runningPriority();
    if (running === IDLE) return lr;
    const mask = this.#groupPriorityMask(lr.Group);
    return (lr.Priority & mask) < (running & mask) ? lr : undefined;
  }

  #highestPending(group: number): number {
    const lr = this.#pending();
    return lr === undefined || lr.Group !== group ? GIC_INTID_SPURIOUS : lr.vINTID;
  }

  /** Bits of a priority that make up its group priority. */
  #groupPriorityMask(group: number): number {
    const vmcr = this.#vmcr;
    const shift = group === 0 || vmcr.VCBPR === 1 ? vmcr.VBPR0 + 1 : vmcr.VBPR1;
    return IDLE & (IDLE << shift);
  }

  /** Group priority of the active interrupt of highest priority. */
  #runningPriority(): number {
    const group0 = this.#aprs[0];
    const group1 = this.#aprs[1];
    for (let n = 0; n < group0.length; n++) {
      const active = group0[n]!.P | group1[n]!.P;
      if (active !== 0) return (n * 32 + lowestBit(active)) << (8 - this.configuration.preemptionBits);
    }
    return IDLE;
  }

  #acknowledge(group: number): number {
    const lr = this.#signaled();
    if (lr === undefined || lr.Group !== group) return GIC_INTID_SPURIOUS;
    const { vINTID } = lr;
    if (isSpecial(vINTID)) {
      // UNPREDICTABLE: it is handed on once, and leaves nothing active.
      lr.State = ICH_LR_STATE_INVALID;
      return vINTID;
    }
    lr.State = ICH_LR_STATE_ACTIVE;
    const level = (lr.Priority & this.#groupPriorityMask(group)) >>> (8 - this.configuration.preemptionBits);
    const apr = this.#aprs[group === 0 ? 0 : 1][level >>> 5]!;
    apr.P = (apr.P | (1 << (level & 31))) >>> 0;
    return vINTID;
  }

  /** Forgets the highest active priority and returns it; IDLE if there is none. */
  #dropPriority(): number {
    const group0 = this.#aprs[0];
    const group1 = this.#aprs[1];
    for (let n = 0; n < group0.length; n++) {
      const active = group0[n]!.P | group1[n]!.P;
      if (active === 0) continue;
      const bit = lowestBit(active);
      // Of two with the same priority, which cannot be had by acknowledging, the one of Group 0.
      const apr = (group0[n]!.P & (1 << bit)) !== 0 ? group0[n]! : group1[n]!;
      apr.P = (apr.P & ~(1 << bit)) >>> 0;
      return (n * 32 + bit) << (8 - this.configuration.preemptionBits);
    }
    return IDLE;
  }

  #active(intid: number): IchLrHw0 | undefined {
    for (let n = 0; n < this.#lrs.length; n++) {
      const lr = this.#lrs[n]!;
      if ((lr.State & ICH_LR_STATE_ACTIVE) !== 0 && lr.vINTID === intid) return lr;
    }
    return undefined;
  }

  #deactivate(lr: IchLrHw0): void {
    lr.State = (lr.State & ~ICH_LR_STATE_ACTIVE) as IchLrState;
  }

  #countEoi(): void {
    const hcr = this.#hcr;
    hcr.EOIcount = (hcr.EOIcount + 1) & 31;
  }

  /** A write to an EOIR. */
  #end(group: number, intid: number): void {
    if (isSpecial(intid)) return;
    const dropped = this.#dropPriority();
    // CONSTRAINED UNPREDICTABLE: with no priority to drop, List Registers are not looked at.
    if (dropped === IDLE) return;
    const lpi = intid >= GIC_INTID_LPI;
    // An LPI has no active state that a later write to ICC_DIR_EL1 could end.
    if (this.#vmcr.VEOIM === 1 && !lpi) return;
    const lr = this.#active(intid);
    if (lr === undefined) {
      if (!lpi) this.#countEoi();
    } else if (lr.Group === group && (lr.Priority & this.#groupPriorityMask(group)) === dropped) {
      this.#deactivate(lr);
    }
  }

  /** A write to ICC_DIR_EL1. */
  #deactivateById(intid: number): void {
    if (this.#vmcr.VEOIM === 0 || isSpecial(intid) || intid >= GIC_INTID_LPI) return;
    const lr = this.#active(intid);
    if (lr === undefined) this.#countEoi();
    else this.#deactivate(lr);
  }
}

const SRE = Number(IccSre.of({ SRE: 1, DFB: 1, DIB: 1 }).$value);

// Registers that are made up when they are read.
const misr = ICH_MISR_EL2.of(0n);
const eisr = ICH_EISR_EL2.of(0n);
const elrsr = ICH_ELRSR_EL2.of(0n);
const ctlr = ICV_CTLR_EL1.of(0n);
const shown = ICH_HCR_EL2.of(0n);

function isSpecial(intid: number): boolean {
  return intid >= GIC_INTID_SPECIAL && intid <= GIC_INTID_SPURIOUS;
}

/** Number of the lowest bit that is set. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
