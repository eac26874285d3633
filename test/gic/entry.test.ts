import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ICH_HCR_EL2,
  IccRegister,
  IchLrHw0,
  RmiRecEnter,
  RmiRecExit,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../runtime/bits/index.js';
import { Gicv3 } from '../../runtime/gic/index.js';
import { createMachine } from '../../runtime/index.js';
import { defaultGicConfiguration, gicEntryCheck, TRAPPED } from '../../runtime/machine/gic.js';

const isValid = gicEntryCheck({ ...defaultGicConfiguration, listRegisters: 4 });
const none = new Array<bigint>(16).fill(0n);
const lr = (patch: IchLrHw0.Patch) => IchLrHw0.of(patch).$value;
const pending = (vINTID: number, more: IchLrHw0.Patch = {}) => lr({ vINTID, State: 1, ...more });

/** A6.1 names eight fields that the Host may set. */
const PERMITTED = ['UIE', 'LRENPIE', 'NPIE', 'VGrp0EIE', 'VGrp0DIE', 'VGrp1EIE', 'VGrp1DIE', 'TDIR'] as const;

describe('gicv3_hcr of a REC entry (A6.1)', () => {
  it.each(Array.from({ length: 64 }, (_, bit) => bit))('bit %i is refused unless it is permitted', (bit) => {
    const value = 1n << BigInt(bit);
    const permitted = PERMITTED.some((field) => ICH_HCR_EL2.of({ [field]: 1 }).$value === value);
    expect(isValid(value, none)).toBe(permitted);
    // And alongside everything that is permitted.
    const all = ICH_HCR_EL2.of(Object.fromEntries(PERMITTED.map((field) => [field, 1]))).$value;
    expect(isValid(all | value, none)).toBe(permitted);
  });

  it('cannot have what the RMM keeps to itself', () => {
    for (const patch of [{ En: 1 }, { TC: 1 }, { TALL0: 1 }, { TALL1: 1 }, { TSEI: 1 }, { EOIcount: 1 }])
      expect([patch, isValid(ICH_HCR_EL2.of(patch).$value, none)]).toEqual([patch, false]);
  });
});

describe('gicv3_lrs of a REC entry (A6.1)', () => {
  /** Fields of ICH_LR<n>_EL2 with HW == 0, five bits of priority and sixteen of INTID. */
  const defined = lr({ State: 3, vINTID: 0xffff, Priority: 0xf8, Group: 1, EOI: 1 });

  it.each(Array.from({ length: 64 }, (_, bit) => bit))(
    'bit %i is refused unless it is one of those',
    (bit) => {
      const value = 1n << BigInt(bit);
      expect(isValid(0n, none.with(2, value))).toBe((defined & value) !== 0n);
    },
  );

  it('have HW == 0, even while they hold nothing', () => {
    for (const State of [0, 1, 2, 3] as const)
      expect(isValid(0n, none.with(0, lr({ State, HW: 1, vINTID: 40 })))).toBe(false);
  });

  it('hold interrupts that there can be', () => {
    const valid = [0, 15, 16, 31, 32, 1019, 8192, 0xffff];
    const invalid = [1020, 1021, 1022, 1023, 1024, 8191];
    for (const vINTID of valid)
      expect([vINTID, isValid(0n, none.with(1, pending(vINTID)))]).toEqual([vINTID, true]);
    for (const vINTID of invalid)
      expect([vINTID, isValid(0n, none.with(1, pending(vINTID)))]).toEqual([vINTID, false]);
    // What is not in use may name anything.
    for (const vINTID of invalid) expect(isValid(0n, none.with(1, lr({ vINTID })))).toBe(true);
  });

  it('hold an interrupt once', () => {
    expect(isValid(0n, none.with(0, pending(40)).with(3, pending(41)))).toBe(true);
    expect(isValid(0n, none.with(0, pending(40)).with(3, pending(40)))).toBe(false);
    expect(isValid(0n, none.with(0, pending(40)).with(3, lr({ vINTID: 40, State: 2 })))).toBe(false);
    expect(isValid(0n, none.with(0, pending(40)).with(3, lr({ vINTID: 40 })))).toBe(true);
  });

  it('are looked at as far as there are List Registers', () => {
    for (let n = 0; n < 16; n++) expect(isValid(0n, none.with(n, lr({ HW: 1 })))).toBe(n >= 4);
    const all = gicEntryCheck(defaultGicConfiguration);
    for (let n = 0; n < 16; n++) expect(all(0n, none.with(n, lr({ HW: 1 })))).toBe(false);
  });

  it('have as many bits of priority and INTID as the implementation', () => {
    const wide = gicEntryCheck({ listRegisters: 4, priorityBits: 8, preemptionBits: 7, idBits: 24 });
    expect(wide(0n, none.with(0, pending(0x12_3456, { Priority: 1 })))).toBe(true);
    expect(isValid(0n, none.with(0, pending(40, { Priority: 4 })))).toBe(false);
    expect(isValid(0n, none.with(0, pending(0x1_0000)))).toBe(false);
    expect(wide(0n, none.with(0, pending(0x100_0000)))).toBe(false);
  });

  it('are checked by the RMM for the interface that the machine has', () => {
    const check = (gic: object, value: bigint) =>
      createMachine({
        memory: [{ base: 0n, size: 0x10_0000n }],
        features: { listRegisters: 2 },
        gic,
      }).rmm.state.Gicv3ConfigIsValid(0n, none.with(1, value));
    expect(check({}, pending(40, { Priority: 0x80 }))).toBe(true);
    expect(check({}, pending(40, { Priority: 0x81 }))).toBe(false);
    expect(check({ priorityBits: 8 }, pending(40, { Priority: 0x81 }))).toBe(true);
    expect(check({}, pending(40, { HW: 1 }))).toBe(false);
  });

  it('leave nothing that a List Register would not hold as it is', () => {
    const gic = new Gicv3();
    const check = gicEntryCheck(gic.configuration);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.boolean(), (any, mask) => {
        const value = mask ? any & defined : any;
        if (!check(0n, none.with(0, value))) return;
        gic.setListRegister(0, value);
        expect(gic.listRegister(0)).toBe(value);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

describe('REC entry and exit (A6.1)', () => {
  const enter = (hcr: ICH_HCR_EL2.Patch, ...lrs: readonly bigint[]) => {
    const made = allocate(RmiRecEnter);
    made.assign({ gicv3_hcr: ICH_HCR_EL2.of(hcr).$value, gicv3_lrs: none.map((zero, n) => lrs[n] ?? zero) });
    return made;
  };
  const exitOf = (gic: Gicv3) => {
    const exit = allocate(RmiRecExit);
    gic.save(exit);
    return exit;
  };

  it('loads what the Host gave and hands back what came of it', () => {
    const gic = new Gicv3();
    gic.load(enter({ NPIE: 1, TDIR: 1 }, pending(27, { Priority: 0xa0, Group: 1, EOI: 1 })));
    gic.write(IccRegister.ICC_PMR_EL1, 0xf0);
    gic.write(IccRegister.ICC_IGRPEN1_EL1, 1);
    expect(gic.virq).toBe(true);
    expect(gic.read(IccRegister.ICC_IAR1_EL1)).toBe(27);
    expect(gic.maintenance).toBe(true);
    const exit = exitOf(gic);
    expect(exit.gicv3_hcr).toBe(ICH_HCR_EL2.of({ NPIE: 1, TDIR: 1 }).$value);
    expect(exit.gicv3_lrs$.get(0).toObject()).toMatchObject({ vINTID: 27, State: 2 });
    expect(exit.gicv3_misr$.toObject()).toMatchObject({ NP: 1, U: 0, EOI: 0 });
    expect(exit.gicv3_vmcr$.toObject()).toMatchObject({ VENG1: 1, VENG0: 0, VPMR: 0xf0 });
  });

  it('is enabled while the Realm runs, and not after', () => {
    const gic = new Gicv3();
    gic.load(enter({ NPIE: 1 }));
    expect(ICH_HCR_EL2.of(BigInt(gic.hcr)).En).toBe(1);
    expect(gic.maintenance).toBe(true);
    expect(exitOf(gic).gicv3_hcr$.En).toBe(0);
    expect(ICH_HCR_EL2.of(BigInt(gic.hcr)).En).toBe(0);
    expect([gic.maintenance, gic.virq, gic.vfiq]).toEqual([false, false, false]);
  });

  it('keeps what is the Realm’s for the next entry', () => {
    const gic = new Gicv3();
    gic.load(enter({}, pending(30, { Priority: 0x80, Group: 1 })));
    gic.write(IccRegister.ICC_PMR_EL1, 0xf8);
    gic.write(IccRegister.ICC_IGRPEN1_EL1, 1);
    gic.read(IccRegister.ICC_IAR1_EL1);
    const exit = exitOf(gic);
    gic.load(enter({}, exit.gicv3_lrs.get(0)));
    expect(gic.read(IccRegister.ICC_PMR_EL1)).toBe(0xf8);
    expect(gic.read(IccRegister.ICC_RPR_EL1)).toBe(0x80);
    gic.write(IccRegister.ICC_EOIR1_EL1, 30);
    expect(exitOf(gic).gicv3_lrs$.get(0).State).toBe(0);
  });

  it('tells how many deactivations found no List Register since the entry', () => {
    const gic = new Gicv3();
    gic.load(enter({ LRENPIE: 1 }));
    gic.write(IccRegister.ICC_CTLR_EL1, 2);
    gic.write(IccRegister.ICC_DIR_EL1, 77);
    gic.write(IccRegister.ICC_DIR_EL1, 78);
    const exit = exitOf(gic);
    expect(exit.gicv3_hcr$.toObject()).toMatchObject({ EOIcount: 2, LRENPIE: 1 });
    expect(exit.gicv3_misr$.LRENP).toBe(1);
    gic.load(enter({ LRENPIE: 1 }));
    expect(gic.maintenance).toBe(false);
    expect(exitOf(gic).gicv3_hcr$.EOIcount).toBe(0);
  });

  it('never shows the Host a trap of the RMM, and never takes one from it', () => {
    const gic = new Gicv3();
    // Had it been let through, the Host's value would still not reach the register.
    gic.load(enter({ TALL0: 1, TALL1: 1, TC: 1, EOIcount: 3, UIE: 1 }));
    const { TALL0, TALL1, TC, UIE, EOIcount } = ICH_HCR_EL2.of(BigInt(gic.hcr));
    expect({ TALL0, TALL1, TC, UIE, EOIcount }).toEqual({ TALL0: 0, TALL1: 0, TC: 0, UIE: 1, EOIcount: 0 });
    for (const register of [IccRegister.ICC_IAR0_EL1, IccRegister.ICC_IAR1_EL1, IccRegister.ICC_PMR_EL1])
      expect(gic.read(register)).not.toBe(TRAPPED);
    gic.hcr = Number(ICH_HCR_EL2.of({ En: 1, TALL0: 1, TALL1: 1, TC: 1, TDIR: 1 }).$value);
    expect(exitOf(gic).gicv3_hcr).toBe(ICH_HCR_EL2.of({ TDIR: 1 }).$value);
  });

  it('traps the deactivations of a Realm where the Host asked for it', () => {
    const gic = new Gicv3();
    gic.load(enter({ TDIR: 1 }, lr({ vINTID: 40, State: 2 })));
    gic.write(IccRegister.ICC_CTLR_EL1, 2);
    expect(gic.write(IccRegister.ICC_DIR_EL1, 40)).toBe(TRAPPED);
    expect(exitOf(gic).gicv3_lrs$.get(0).State).toBe(2);
  });
});
