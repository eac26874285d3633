import { describe, expect, it } from 'vitest';
import {
  ICH_HCR_EL2,
  ICH_MISR_EL2,
  ICH_VMCR_EL2,
  IccRegister,
  IchLrHw0,
  IchLrState,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Gicv3 } from '../../runtime/gic/index.js';
import { TRAPPED, UNDEFINED } from '../../runtime/machine/gic.js';

const {
  ICC_IAR0_EL1: IAR0,
  ICC_IAR1_EL1: IAR1,
  ICC_EOIR0_EL1: EOIR0,
  ICC_EOIR1_EL1: EOIR1,
  ICC_DIR_EL1: DIR,
  ICC_HPPIR0_EL1: HPPIR0,
  ICC_HPPIR1_EL1: HPPIR1,
  ICC_RPR_EL1: RPR,
  ICC_PMR_EL1: PMR,
  ICC_BPR0_EL1: BPR0,
  ICC_BPR1_EL1: BPR1,
  ICC_CTLR_EL1: CTLR,
  ICC_IGRPEN0_EL1: IGRPEN0,
  ICC_IGRPEN1_EL1: IGRPEN1,
} = IccRegister;

const { ICH_LR_STATE_INVALID, ICH_LR_STATE_PENDING, ICH_LR_STATE_ACTIVE, ICH_LR_STATE_PENDING_ACTIVE } =
  IchLrState;

/** Bits of ICC_CTLR_EL1. */
const CBPR = 1;
const EOIMODE = 2;
const SPURIOUS = 1023;
const IDLE = 0xff;

/** An interface as it is once a Realm has set it up: all priorities pass, both groups enabled. */
function running(hcr: ICH_HCR_EL2.Patch = {}): Gicv3 {
  const gic = new Gicv3();
  gic.hcr = Number(ICH_HCR_EL2.of({ En: 1, ...hcr }).$value);
  gic.write(PMR, 0xff);
  gic.write(IGRPEN0, 1);
  gic.write(IGRPEN1, 1);
  return gic;
}

function put(gic: Gicv3, index: number, vINTID: number, Priority: number, more: IchLrHw0.Patch = {}): void {
  const fields = { vINTID, Priority, Group: 1, State: ICH_LR_STATE_PENDING, ...more };
  gic.setListRegister(index, IchLrHw0.of(fields).$value);
}

const stateOf = (gic: Gicv3, index: number) => IchLrHw0.of(gic.listRegister(index)).State;
const hcrOf = (gic: Gicv3) => ICH_HCR_EL2.of(BigInt(gic.hcr)).toObject();
const misrOf = (gic: Gicv3) => ICH_MISR_EL2.of(BigInt(gic.misr)).toObject();
const signals = (gic: Gicv3) => [gic.virq, gic.vfiq];

describe('life of an interrupt', () => {
  it('goes from pending to active to inactive', () => {
    const gic = running();
    put(gic, 2, 42, 0xa0);
    expect(signals(gic)).toEqual([true, false]);
    expect(gic.read(HPPIR1)).toBe(42);
    expect(gic.read(IAR1)).toBe(42);
    expect(stateOf(gic, 2)).toBe(ICH_LR_STATE_ACTIVE);
    expect(gic.read(RPR)).toBe(0xa0);
    expect(gic.virq).toBe(false);
    expect(gic.write(EOIR1, 42)).toBe(0);
    expect(stateOf(gic, 2)).toBe(ICH_LR_STATE_INVALID);
    expect(gic.read(RPR)).toBe(IDLE);
    expect(gic.read(IAR1)).toBe(SPURIOUS);
  });

  it('of Group 0 is a virtual FIQ, and known to its own registers only', () => {
    const gic = running();
    put(gic, 0, 7, 0x40, { Group: 0 });
    expect(signals(gic)).toEqual([false, true]);
    expect([gic.read(HPPIR0), gic.read(HPPIR1), gic.read(IAR1)]).toEqual([7, SPURIOUS, SPURIOUS]);
    expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_PENDING);
    expect(gic.read(IAR0)).toBe(7);
  });

  it('that is pending and active is not signaled, and pending again once it is deactivated', () => {
    const gic = running();
    put(gic, 0, 40, 0x80, { State: ICH_LR_STATE_PENDING_ACTIVE });
    gic.setActivePriorities(1, 0, 1 << (0x80 >>> 3));
    expect([gic.virq, gic.read(HPPIR1)]).toEqual([false, SPURIOUS]);
    gic.write(EOIR1, 40);
    expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_PENDING);
    expect(gic.virq).toBe(true);
  });

  it('is not acknowledged while the interface, its group or its priority is held back', () => {
    const cases: readonly [string, (gic: Gicv3) => void, number][] = [
      [
        'interface',
        (gic) => {
          gic.hcr = 0;
        },
        40,
      ],
      ['group', (gic) => gic.write(IGRPEN1, 0), SPURIOUS],
      ['mask of the same priority', (gic) => gic.write(PMR, 0xa0), 40],
      ['mask of a higher one', (gic) => gic.write(PMR, 0x50), 40],
    ];
    for (const [what, hold, hppir] of cases) {
      const gic = running();
      put(gic, 0, 40, 0xa0);
      hold(gic);
      expect([what, gic.virq, gic.read(IAR1), gic.read(HPPIR1)]).toEqual([what, false, SPURIOUS, hppir]);
      expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_PENDING);
    }
  });

  it('of an LPI ends with its EOI in either mode, and is never counted', () => {
    for (const mode of [0, EOIMODE]) {
      const gic = running();
      gic.write(CTLR, mode);
      put(gic, 0, 8200, 0xa0);
      expect(gic.read(IAR1)).toBe(8200);
      expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_ACTIVE);
      gic.write(DIR, 8200);
      expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_ACTIVE);
      gic.write(EOIR1, 8200);
      expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_INVALID);
      put(gic, 0, 41, 0xa0);
      gic.read(IAR1);
      gic.write(EOIR1, 8300);
      gic.write(DIR, 8300);
      expect(hcrOf(gic).EOIcount).toBe(0);
      expect(gic.read(RPR)).toBe(IDLE);
    }
  });
});

describe('priorities', () => {
  it('the highest is signaled first, of equal ones that of the lower List Register', () => {
    const gic = running();
    put(gic, 0, 32, 0xa0);
    put(gic, 1, 33, 0x80);
    put(gic, 2, 34, 0x80);
    put(gic, 3, 35, 0x20);
    gic.write(CTLR, EOIMODE);
    const order = [];
    for (;;) {
      const intid = gic.read(IAR1);
      if (intid === SPURIOUS) break;
      order.push(intid);
      gic.write(EOIR1, intid);
    }
    expect(order).toEqual([35, 33, 34, 32]);
  });

  it('the highest pending one hides those of the other group', () => {
    const gic = running();
    put(gic, 0, 32, 0xa0, { Group: 0 });
    put(gic, 1, 33, 0x80);
    expect([gic.read(HPPIR0), gic.read(HPPIR1)]).toEqual([SPURIOUS, 33]);
    gic.write(IGRPEN1, 0);
    expect([gic.read(HPPIR0), gic.read(HPPIR1)]).toEqual([32, SPURIOUS]);
  });

  it('a higher group priority preempts, and ends first', () => {
    const gic = running();
    put(gic, 0, 32, 0xa0);
    gic.read(IAR1);
    put(gic, 1, 33, 0xa0);
    expect(gic.virq).toBe(false);
    put(gic, 2, 34, 0x20, { Group: 0 });
    expect(signals(gic)).toEqual([false, true]);
    expect(gic.read(IAR0)).toBe(34);
    expect(gic.read(RPR)).toBe(0x20);
    gic.write(EOIR0, 34);
    expect(gic.read(RPR)).toBe(0xa0);
    gic.write(EOIR1, 32);
    expect(gic.read(IAR1)).toBe(33);
  });

  it('a subpriority orders, but does not preempt', () => {
    for (const [group, binary, bpr, preempts] of [
      [1, BPR1, 3, true],
      [1, BPR1, 4, false],
      [0, BPR0, 2, true],
      [0, BPR0, 3, false],
    ] as const) {
      const gic = running();
      gic.write(binary, bpr);
      put(gic, 0, 32, 0x88, { Group: group });
      gic.read(group === 1 ? IAR1 : IAR0);
      put(gic, 1, 33, 0x80, { Group: group });
      expect([binary, bpr, gic.virq || gic.vfiq]).toEqual([binary, bpr, preempts]);
    }
  });

  it('the running priority is the group priority', () => {
    const gic = running();
    gic.write(BPR1, 6);
    put(gic, 0, 32, 0xb8);
    gic.read(IAR1);
    expect(gic.read(RPR)).toBe(0x80);
    expect(gic.activePriorities(1, 0)).toBe(1 << (0x80 >>> 3));
    gic.write(EOIR1, 32);
    expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_INVALID);
  });

  it('CBPR puts the binary point of Group 0 in charge of both', () => {
    const gic = running();
    gic.write(BPR0, 5);
    gic.write(BPR1, 3);
    gic.write(CTLR, CBPR);
    expect(gic.read(BPR1)).toBe(6);
    gic.write(BPR1, 7);
    put(gic, 0, 32, 0xb8);
    gic.read(IAR1);
    expect(gic.read(RPR)).toBe(0x80);
    gic.write(BPR0, 7);
    expect(gic.read(BPR1)).toBe(7);
    gic.write(CTLR, 0);
    expect(gic.read(BPR1)).toBe(3);
  });

  it('a binary point below the least becomes the least', () => {
    for (const [preemptionBits, bpr0] of [
      [5, 2],
      [6, 1],
      [7, 0],
    ] as const) {
      const gic = new Gicv3({ listRegisters: 4, priorityBits: 8, preemptionBits, idBits: 16 });
      gic.write(BPR0, 0);
      gic.write(BPR1, 0);
      expect([gic.read(BPR0), gic.read(BPR1)]).toEqual([bpr0, bpr0 + 1]);
      gic.vmcr = 0;
      expect([gic.read(BPR0), gic.read(BPR1)]).toEqual([bpr0, bpr0 + 1]);
    }
  });

  it('bits that are not implemented are RAZ/WI', () => {
    const gic = running();
    expect(gic.read(PMR)).toBe(0xf8);
    put(gic, 0, 32, 0xa7);
    expect(IchLrHw0.of(gic.listRegister(0)).Priority).toBe(0xa0);
    expect(new Gicv3({ ...gic.configuration, priorityBits: 7 }).write(PMR, 0xff)).toBe(0);
    const wide = new Gicv3({ ...gic.configuration, priorityBits: 7 });
    wide.write(PMR, 0xff);
    expect(wide.read(PMR)).toBe(0xfe);
  });

  it('with seven bits of preemption live in four registers', () => {
    const gic = new Gicv3({ listRegisters: 4, priorityBits: 8, preemptionBits: 7, idBits: 16 });
    gic.hcr = 1;
    gic.write(PMR, 0xff);
    gic.write(IGRPEN1, 1);
    put(gic, 0, 32, 0xfe);
    put(gic, 1, 33, 0x02);
    expect(gic.read(IAR1)).toBe(33);
    expect(gic.read(IccRegister.ICC_AP1R0_EL1)).toBe(2);
    gic.write(EOIR1, 33);
    expect(gic.read(IAR1)).toBe(32);
    expect(gic.read(IccRegister.ICC_AP1R3_EL1)).toBe(2 ** 31);
    expect(gic.read(RPR)).toBe(0xfe);
  });
});

describe('the end of an interrupt', () => {
  it('EOImode 1 drops the priority first and deactivates later', () => {
    const gic = running();
    gic.write(CTLR, EOIMODE);
    put(gic, 0, 40, 0x80);
    gic.read(IAR1);
    gic.write(EOIR1, 40);
    expect([gic.read(RPR), stateOf(gic, 0)]).toEqual([IDLE, ICH_LR_STATE_ACTIVE]);
    gic.write(DIR, 40);
    expect(stateOf(gic, 0)).toBe(ICH_LR_STATE_INVALID);
  });

  it('DIR does nothing in EOImode 0', () => {
    const gic = running();
    put(gic, 0, 40, 0x80);
    gic.read(IAR1);
    gic.write(DIR, 40);
    gic.write(DIR, 41);
    expect([stateOf(gic, 0), hcrOf(gic).EOIcount]).toEqual([ICH_LR_STATE_ACTIVE, 0]);
  });

  it('EOIcount counts deactivations for which there is no List Register', () => {
    const gic = running();
    const activate = () => {
      put(gic, 0, 40, 0x80);
      gic.read(IAR1);
      gic.setListRegister(0, 0n);
    };
    activate();
    gic.write(EOIR1, 40);
    expect([hcrOf(gic).EOIcount, gic.read(RPR)]).toEqual([1, IDLE]);
    gic.write(CTLR, EOIMODE);
    activate();
    gic.write(EOIR1, 40);
    // In EOImode 1 a write to EOIR deactivates nothing.
    expect([hcrOf(gic).EOIcount, gic.read(RPR)]).toEqual([1, IDLE]);
    gic.write(DIR, 40);
    expect(hcrOf(gic).EOIcount).toBe(2);
    for (let i = 0; i < 30; i++) gic.write(DIR, 40);
    // Five bits.
    expect(hcrOf(gic).EOIcount).toBe(0);
  });

  it('a special INTID ends nothing', () => {
    const gic = running();
    put(gic, 0, 40, 0x80);
    gic.read(IAR1);
    for (const intid of [1020, 1021, 1022, 1023]) {
      gic.write(EOIR1, intid);
      gic.write(DIR, intid);
    }
    expect([gic.read(RPR), stateOf(gic, 0), hcrOf(gic).EOIcount]).toEqual([0x80, ICH_LR_STATE_ACTIVE, 0]);
  });

  it('with nothing active, a write to EOIR does nothing', () => {
    const gic = running();
    put(gic, 0, 40, 0x80, { State: ICH_LR_STATE_ACTIVE });
    gic.write(EOIR1, 40);
    gic.write(EOIR1, 41);
    expect([stateOf(gic, 0), hcrOf(gic).EOIcount]).toEqual([ICH_LR_STATE_ACTIVE, 0]);
  });

  it('in the wrong group, or of another than the running priority, drops and leaves it active', () => {
    for (const [end, active] of [
      [EOIR0, 0x80],
      [EOIR1, 0x20],
    ] as const) {
      const gic = running();
      put(gic, 0, 40, 0x80, { State: ICH_LR_STATE_ACTIVE });
      gic.setActivePriorities(1, 0, 1 << (active >>> 3));
      gic.write(end, 40);
      expect([gic.read(RPR), stateOf(gic, 0)]).toEqual([IDLE, ICH_LR_STATE_ACTIVE]);
    }
  });
});

describe('maintenance interrupts', () => {
  it('EOI: a List Register asks to be told of its end', () => {
    const gic = running();
    put(gic, 3, 40, 0x80, { EOI: 1 });
    expect([gic.eisr, gic.elrsr, gic.misr]).toEqual([0, 0xfff7, 0]);
    gic.read(IAR1);
    gic.write(EOIR1, 40);
    expect([gic.eisr, gic.elrsr]).toEqual([8, 0xfff7]);
    expect(misrOf(gic).EOI).toBe(1);
    expect(gic.maintenance).toBe(true);
    gic.setListRegister(3, 0n);
    expect([gic.eisr, gic.elrsr, gic.misr, gic.maintenance]).toEqual([0, 0xffff, 0, false]);
  });

  it('bit 41 means EOI only while HW is 0', () => {
    const gic = running();
    gic.setListRegister(0, IchLrHw0.of({ vINTID: 40, EOI: 1, HW: 1 }).$value);
    expect([gic.eisr, gic.elrsr]).toEqual([0, 0xffff]);
  });

  it('U: at most one List Register is valid', () => {
    const gic = running({ UIE: 1 });
    expect(misrOf(gic).U).toBe(1);
    put(gic, 0, 40, 0x80);
    expect(misrOf(gic).U).toBe(1);
    put(gic, 9, 41, 0x80, { State: ICH_LR_STATE_ACTIVE });
    expect(misrOf(gic).U).toBe(0);
  });

  it('NP: none is pending, where pending and active is not pending', () => {
    const gic = running({ NPIE: 1 });
    put(gic, 0, 40, 0x80, { State: ICH_LR_STATE_PENDING_ACTIVE });
    expect(misrOf(gic).NP).toBe(1);
    put(gic, 1, 41, 0x80);
    expect(misrOf(gic).NP).toBe(0);
    gic.read(IAR1);
    expect(misrOf(gic).NP).toBe(1);
  });

  it('LRENP: EOIcount is not zero', () => {
    const gic = running({ LRENPIE: 1 });
    gic.write(CTLR, EOIMODE);
    expect(misrOf(gic).LRENP).toBe(0);
    gic.write(DIR, 40);
    expect([misrOf(gic).LRENP, gic.maintenance]).toEqual([1, true]);
  });

  it('VGrp0E, VGrp0D, VGrp1E, VGrp1D: each follows its own group', () => {
    const gic = running({ VGrp0EIE: 1, VGrp0DIE: 1, VGrp1EIE: 1, VGrp1DIE: 1 });
    for (const group0 of [0, 1])
      for (const group1 of [0, 1]) {
        gic.write(IGRPEN0, group0);
        gic.write(IGRPEN1, group1);
        expect(misrOf(gic)).toMatchObject({
          VGrp0E: group0,
          VGrp0D: 1 - group0,
          VGrp1E: group1,
          VGrp1D: 1 - group1,
        });
      }
  });

  it('none is asserted that is not asked for, and none signaled without En', () => {
    const gic = running();
    gic.write(CTLR, EOIMODE);
    gic.write(DIR, 40);
    expect([gic.misr, gic.maintenance]).toEqual([0, false]);
    gic.hcr = Number(ICH_HCR_EL2.of({ UIE: 1, NPIE: 1 }).$value);
    expect(misrOf(gic)).toMatchObject({ U: 1, NP: 1 });
    expect(gic.maintenance).toBe(false);
  });
});

describe('traps', () => {
  const group0 = ['ICC_IAR0', 'ICC_EOIR0', 'ICC_HPPIR0', 'ICC_BPR0', 'ICC_AP0R0', 'ICC_IGRPEN0'];
  const group1 = ['ICC_IAR1', 'ICC_EOIR1', 'ICC_HPPIR1', 'ICC_BPR1', 'ICC_AP1R0', 'ICC_IGRPEN1'];
  const common = ['ICC_CTLR', 'ICC_DIR', 'ICC_PMR', 'ICC_RPR'];
  const sgis = ['ICC_SGI0R', 'ICC_SGI1R', 'ICC_ASGI1R'];
  const names = Object.keys(IccRegister) as (keyof typeof IccRegister & `ICC_${string}`)[];
  /** Registers of which some access goes to EL2. */
  const trapped = (gic: Gicv3) =>
    names
      .filter(
        (name) => gic.read(IccRegister[name]) === TRAPPED || gic.write(IccRegister[name], 0) === TRAPPED,
      )
      .map((name) => name.replace('_EL1', ''))
      .sort();

  it.each([
    ['none', {}, []],
    ['TALL0', { TALL0: 1 }, group0],
    ['TALL1', { TALL1: 1 }, group1],
    ['TC', { TC: 1 }, common],
    ['TDIR', { TDIR: 1 }, ['ICC_DIR']],
  ] as const)('%s takes the registers that it names, and SGIs always go to EL2', (_, hcr, registers) => {
    expect(trapped(running(hcr))).toEqual([...registers, ...sgis].sort());
    // Whether the interface is enabled has no say in it.
    expect(trapped(running({ ...hcr, En: 0 }))).toEqual([...registers, ...sgis].sort());
  });

  it('come before any effect', () => {
    const gic = running({ TALL1: 1, TC: 1 });
    put(gic, 0, 40, 0x80);
    const before = gic.snapshot();
    expect([gic.read(IAR1), gic.write(PMR, 0), gic.write(CTLR, 3), gic.write(IGRPEN1, 0)]).toEqual([
      TRAPPED,
      TRAPPED,
      TRAPPED,
      TRAPPED,
    ]);
    expect(gic.snapshot()).toEqual(before);
  });

  it('an access in a direction that there is not is UNDEFINED, trap or no trap', () => {
    for (const gic of [running(), running({ TALL0: 1, TALL1: 1, TC: 1, TDIR: 1 })]) {
      const { ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 } = IccRegister;
      for (const one of [EOIR0, EOIR1, DIR, ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1])
        expect(gic.read(one)).toBe(UNDEFINED);
      for (const one of [IAR0, IAR1, HPPIR0, HPPIR1, RPR]) expect(gic.write(one, 0)).toBe(UNDEFINED);
      // Five bits of preemption fit in one register.
      expect(gic.read(IccRegister.ICC_AP0R1_EL1)).toBe(UNDEFINED);
      expect(gic.write(IccRegister.ICC_AP1R3_EL1, 0)).toBe(UNDEFINED);
    }
  });
});

describe('registers', () => {
  it('ICH_VMCR_EL2 is what the ICC registers say, and they what it says', () => {
    const gic = new Gicv3();
    gic.write(PMR, 0xf0);
    gic.write(BPR0, 3);
    gic.write(BPR1, 5);
    gic.write(CTLR, CBPR | EOIMODE);
    gic.write(IGRPEN0, 1);
    gic.write(IGRPEN1, 1);
    const { vmcr } = gic;
    expect(ICH_VMCR_EL2.of(BigInt(vmcr)).toObject()).toEqual({
      VENG0: 1,
      VENG1: 1,
      VAckCtl: 0,
      VFIQEn: 1,
      VCBPR: 1,
      VEOIM: 1,
      VBPR1: 5,
      VBPR0: 3,
      VPMR: 0xf0,
    });
    const other = new Gicv3();
    other.vmcr = vmcr;
    for (const one of [PMR, BPR0, BPR1, CTLR, IGRPEN0, IGRPEN1]) expect(other.read(one)).toBe(gic.read(one));
  });

  it('ICH_VTR_EL2 and ICC_CTLR_EL1 tell what there is', () => {
    const gic = new Gicv3({ listRegisters: 4, priorityBits: 5, preemptionBits: 5, idBits: 24 });
    // As a Cortex-A57 of QEMU has them.
    expect([gic.vtr, gic.read(CTLR)]).toEqual([0x90b80003, 0x8c00]);
    gic.write(CTLR, 0xffff_ffff);
    expect(gic.read(CTLR)).toBe(0x8c03);
    const other = new Gicv3({ listRegisters: 16, priorityBits: 8, preemptionBits: 7, idBits: 16 });
    expect([other.vtr & 31, other.vtr >>> 29, (other.vtr >>> 26) & 7]).toEqual([15, 7, 6]);
  });

  it('hold no reserved bits', () => {
    const gic = new Gicv3();
    gic.hcr = 0xffff_ffff;
    // En to VGrp1DIE, TC, TALL0, TALL1, TDIR and EOIcount: no SEIs, no direct injection, no FEAT_GICv4p1.
    expect(gic.hcr).toBe(0xf800_5cff);
    gic.vmcr = 0xffff_ffff;
    expect(gic.vmcr).toBe(0xf8fc_021b);
    gic.setListRegister(0, (1n << 64n) - 1n);
    expect(gic.listRegister(0)).toBe(0xf0f8_1fff_0000_ffffn);
  });

  it('ICC_SRE_EL1 is RAO/WI', () => {
    const gic = new Gicv3();
    expect([gic.write(IccRegister.ICC_SRE_EL1, 0), gic.read(IccRegister.ICC_SRE_EL1)]).toEqual([0, 7]);
  });

  it('that do not exist are refused, and configurations that there are not', () => {
    const gic = new Gicv3({ listRegisters: 4, priorityBits: 6, preemptionBits: 6, idBits: 16 });
    for (const index of [4, -1, 0.5]) {
      expect(() => gic.listRegister(index)).toThrow(`ICH_LR<n>_EL2: no register ${index} of 4`);
      expect(() => gic.setListRegister(index, 0n)).toThrow(RangeError);
    }
    expect(gic.activePriorities(0, 1)).toBe(0);
    expect(() => gic.activePriorities(1, 2)).toThrow('ICH_AP1R<n>_EL2: no register 2 of 2');
    const made = (patch: object) => () => new Gicv3({ ...gic.configuration, ...patch });
    expect(made({ listRegisters: 0 })).toThrow('gic.listRegisters: expected 1 to 16, got 0');
    expect(made({ listRegisters: 17 })).toThrow(RangeError);
    expect(made({ priorityBits: 4 })).toThrow('gic.priorityBits: expected 5 to 8, got 4');
    expect(made({ priorityBits: 5 })).toThrow('gic.preemptionBits: expected 5 to 5, got 6');
    expect(made({ idBits: 20 })).toThrow('gic.idBits: expected 16 or 24, got 20');
  });
});
