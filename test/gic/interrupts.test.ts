import { describe, expect, it } from 'vitest';
import { IccRegister, IchLrHw0, IchLrState } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Gicv3 } from '../../runtime/gic/index.js';

/** An interface as it is once a Realm has set it up: all priorities pass, both groups enabled. */
function running(): Gicv3 {
  const gic = new Gicv3();
  gic.hcr = 1;
  gic.write(IccRegister.ICC_PMR_EL1, 0xff);
  gic.write(IccRegister.ICC_IGRPEN0_EL1, 1);
  gic.write(IccRegister.ICC_IGRPEN1_EL1, 1);
  return gic;
}

function pending(vINTID: number, Priority: number, Group = 1): bigint {
  return IchLrHw0.of({ vINTID, Priority, Group, State: IchLrState.ICH_LR_STATE_PENDING }).$value;
}

const stateOf = (gic: Gicv3, index: number) => IchLrHw0.of(gic.listRegister(index)).State;

describe('life of an interrupt', () => {
  it('goes from pending to active to inactive', () => {
    const gic = running();
    gic.setListRegister(2, pending(42, 0xa0));
    expect([gic.virq, gic.vfiq]).toEqual([true, false]);
    expect(gic.read(IccRegister.ICC_HPPIR1_EL1)).toBe(42);
    expect(gic.read(IccRegister.ICC_IAR1_EL1)).toBe(42);
    expect(stateOf(gic, 2)).toBe(IchLrState.ICH_LR_STATE_ACTIVE);
    expect(gic.read(IccRegister.ICC_RPR_EL1)).toBe(0xa0);
    expect(gic.virq).toBe(false);
    expect(gic.write(IccRegister.ICC_EOIR1_EL1, 42)).toBe(0);
    expect(stateOf(gic, 2)).toBe(IchLrState.ICH_LR_STATE_INVALID);
    expect(gic.read(IccRegister.ICC_RPR_EL1)).toBe(0xff);
    expect(gic.read(IccRegister.ICC_IAR1_EL1)).toBe(1023);
  });
});
