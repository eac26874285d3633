import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ICH_HCR_EL2,
  ICH_LR_EL2,
  ICH_MISR_EL2,
  ICH_VMCR_EL2,
  IccRegister,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Gicv3 } from '../../runtime/gic/index.js';
import type { GicConfiguration, GicSnapshot } from '../../runtime/machine/gic.js';
import * as naive from './naive.js';

/** Every implementation that there may be, not only the one that QEMU has. */
const configurations: fc.Arbitrary<GicConfiguration> = fc
  .record({
    listRegisters: fc.integer({ min: 1, max: 16 }),
    priorityBits: fc.integer({ min: 5, max: 8 }),
    preemptionBits: fc.integer({ min: 5, max: 7 }),
    idBits: fc.constantFrom(16 as const, 24 as const),
  })
  .filter(({ priorityBits, preemptionBits }) => preemptionBits <= priorityBits);

const bit = fc.integer({ min: 0, max: 1 });
const hcrs = fc
  .record({
    En: fc.constantFrom(1, 1, 1, 0),
    UIE: bit,
    LRENPIE: bit,
    NPIE: bit,
    VGrp0EIE: bit,
    VGrp0DIE: bit,
    VGrp1EIE: bit,
    VGrp1DIE: bit,
    EOIcount: fc.integer({ min: 0, max: 31 }),
  })
  .map((patch) => ICH_HCR_EL2.of(patch).$value);
const vmcrs = fc
  .record({
    VENG0: fc.constantFrom(1, 1, 1, 0),
    VENG1: fc.constantFrom(1, 1, 1, 0),
    VCBPR: bit,
    VEOIM: bit,
    VBPR0: fc.integer({ min: 0, max: 7 }),
    VBPR1: fc.integer({ min: 0, max: 7 }),
    VPMR: fc.oneof(fc.constant(0xff), fc.integer({ min: 0, max: 255 })),
  })
  .map((patch) => ICH_VMCR_EL2.of(patch).$value);
/** INTIDs are those that accesses name, one for each List Register. */
const lr = (n: number) =>
  fc
    .record({
      vINTID: fc.constantFrom(n, 32 + n, 1019, 1020 + (n & 3), 8192 + n),
      Priority: fc.oneof(fc.constantFrom(0, 8, 16, 128, 248), fc.integer({ min: 0, max: 255 })),
      Group: bit,
      State: fc.constantFrom(0, 1, 1, 1, 2, 3),
      EOI: bit,
      HW: fc.constantFrom(0, 0, 0, 1),
    })
    .map(
      ({ EOI, ...fields }) =>
        ICH_LR_EL2.of({ ...fields, State: fields.State as 0 | 1 | 2 | 3, pINTID: EOI << 9 }).$value,
    );
const aprs = fc.array(
  fc
    .oneof(
      fc.constant(0),
      fc.constant(0),
      fc.integer({ min: 0, max: 31 }).map((n) => 2 ** n),
      fc.nat(),
    )
    .map(BigInt),
  { minLength: 4, maxLength: 4 },
);
const snapshots: fc.Arbitrary<GicSnapshot> = fc.record({
  ICH_HCR_EL2: hcrs,
  ICH_VMCR_EL2: vmcrs,
  ICH_AP0R_EL2: aprs,
  ICH_AP1R_EL2: aprs,
  ICH_LR_EL2: fc.tuple(...Array.from({ length: 16 }, (_, n) => lr(n))),
});

const intids = fc.oneof(
  fc.integer({ min: 0, max: 47 }),
  fc.integer({ min: 1019, max: 1024 }),
  fc.integer({ min: 8191, max: 8208 }),
);
const accesses = fc.oneof(
  fc.record({ kind: fc.constant('acknowledge' as const), group: fc.constantFrom(0 as const, 1 as const) }),
  fc.record({
    kind: fc.constant('end' as const),
    group: fc.constantFrom(0 as const, 1 as const),
    intid: intids,
  }),
  fc.record({ kind: fc.constant('deactivate' as const), intid: intids }),
);
type Access = typeof accesses extends fc.Arbitrary<infer T> ? T : never;
/** What a guest is made to do: with the interrupt that is signaled, and the one that it acknowledged last. */
const steps = fc.oneof(
  { arbitrary: fc.constant('acknowledge the next' as const), weight: 3 },
  { arbitrary: accesses, weight: 3 },
  { arbitrary: fc.constant('end the last' as const), weight: 2 },
  { arbitrary: fc.constant('deactivate the last' as const), weight: 1 },
);

function inState(configuration: GicConfiguration, snapshot: GicSnapshot): Gicv3 {
  const gic = new Gicv3(configuration);
  gic.restore(snapshot);
  return gic;
}

const numbers = (status: number) => Array.from({ length: 16 }, (_, n) => n).filter((n) => (status >>> n) & 1);

/** All that is derived, by both. */
function expectDerived(gic: Gicv3): void {
  const view = naive.viewOf(gic.snapshot(), gic.configuration);
  const signaled = naive.signaled(view);
  const hppi = naive.highestPending(view);
  const misr = naive.misr(view);
  const asserted = Object.values(misr).includes(1);
  expect({
    misr: ICH_MISR_EL2.of(BigInt(gic.misr)).toObject(),
    eisr: numbers(gic.eisr),
    elrsr: numbers(gic.elrsr),
    maintenance: gic.maintenance,
    virq: gic.virq,
    vfiq: gic.vfiq,
    hppir0: gic.read(IccRegister.ICC_HPPIR0_EL1),
    hppir1: gic.read(IccRegister.ICC_HPPIR1_EL1),
    rpr: gic.read(IccRegister.ICC_RPR_EL1),
    bpr1: gic.read(IccRegister.ICC_BPR1_EL1),
  }).toEqual({
    misr,
    eisr: naive.eisr(view),
    elrsr: naive.elrsr(view),
    maintenance: asserted && view.hcr.En === 1,
    virq: signaled?.group === 1,
    vfiq: signaled?.group === 0,
    hppir0: hppi?.group === 0 ? hppi.intid : 1023,
    hppir1: hppi?.group === 1 ? hppi.intid : 1023,
    rpr: naive.rpr(view),
    bpr1: naive.bpr1(view),
  });
}

function perform(gic: Gicv3, access: Access): number {
  switch (access.kind) {
    case 'acknowledge':
      return gic.read(access.group === 0 ? IccRegister.ICC_IAR0_EL1 : IccRegister.ICC_IAR1_EL1);
    case 'end':
      return gic.write(
        access.group === 0 ? IccRegister.ICC_EOIR0_EL1 : IccRegister.ICC_EOIR1_EL1,
        access.intid,
      );
    case 'deactivate':
      return gic.write(IccRegister.ICC_DIR_EL1, access.intid);
  }
}

function performNaively(view: naive.View, access: Access): naive.Effect {
  switch (access.kind) {
    case 'acknowledge':
      return naive.acknowledge(view, access.group);
    case 'end':
      return naive.end(view, access.group, access.intid);
    case 'deactivate':
      return naive.deactivate(view, access.intid);
  }
}

type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

interface Acknowledged {
  readonly group: 0 | 1;
  readonly intid: number;
}

function accessOf(step: Step, gic: Gicv3, last: Acknowledged): Access {
  switch (step) {
    case 'acknowledge the next':
      return { kind: 'acknowledge', group: gic.virq ? 1 : 0 };
    case 'end the last':
      return { kind: 'end', ...last };
    case 'deactivate the last':
      return { kind: 'deactivate', intid: last.intid };
    default:
      return step;
  }
}

const options = { seed: 6, numRuns: 1000 };

describe('the device and the text of the architecture', () => {
  it('agree on what an access does, in any state of any implementation', () => {
    const changed = { acknowledge: 0, end: 0, deactivate: 0, count: 0 };
    fc.assert(
      fc.property(
        configurations,
        snapshots,
        fc.array(steps, { minLength: 1, maxLength: 10 }),
        (configuration, snapshot, list) => {
          const gic = inState(configuration, snapshot);
          let last: Acknowledged = { group: 0, intid: 32 };
          for (const step of list) {
            const access = accessOf(step, gic, last);
            const view = naive.viewOf(gic.snapshot(), configuration);
            const { result, states, active, eoiCount } = performNaively(view, access);
            expect(perform(gic, access)).toBe(result);
            if (access.kind === 'acknowledge' && result !== 1023)
              last = { group: access.group, intid: result };
            expect(naive.viewOf(gic.snapshot(), configuration)).toEqual({
              hcr: { ...view.hcr, EOIcount: eoiCount },
              vmcr: view.vmcr,
              lrs: view.lrs.map((one, n) => ({ ...one, State: states.get(n) ?? one.State })),
              active,
            });
            expectDerived(gic);
            if (states.size > 0) changed[access.kind]++;
            if (eoiCount !== view.hcr.EOIcount) changed.count++;
          }
        },
      ),
      options,
    );
    for (const times of Object.values(changed)) expect(times).toBeGreaterThan(40);
  });
});

describe('a virtual CPU interface', () => {
  it('is its snapshot', () => {
    fc.assert(
      fc.property(
        configurations,
        snapshots,
        fc.array(accesses, { maxLength: 8 }),
        (configuration, snapshot, list) => {
          const one = inState(configuration, snapshot);
          const half = one.snapshot();
          expect(structuredClone(half)).toEqual(half);
          const other = inState(configuration, half);
          for (const access of list) expect(perform(one, access)).toBe(perform(other, access));
          expect(one.snapshot()).toEqual(other.snapshot());
        },
      ),
      { ...options, numRuns: 500 },
    );
  });

  it('shares nothing with another', () => {
    const configuration = { listRegisters: 2, priorityBits: 5, preemptionBits: 5, idBits: 16 } as const;
    const [one, other] = [new Gicv3(configuration), new Gicv3(configuration)];
    const before = other.snapshot();
    one.hcr = 1;
    one.vmcr = 0xff00_0003 | 0;
    one.setListRegister(1, ICH_LR_EL2.of({ vINTID: 9, State: 1 }).$value);
    one.read(IccRegister.ICC_IAR0_EL1);
    expect(other.snapshot()).toEqual(before);
    expect(one.snapshot()).not.toEqual(before);
  });

  it('lets a guest that ends what it acknowledged go back to where it was', () => {
    let deepest = 0;
    fc.assert(
      fc.property(configurations, snapshots, (configuration, snapshot) => {
        const gic = inState(configuration, {
          ...snapshot,
          // Nothing is active, and no LR holds what has no business there.
          ICH_AP0R_EL2: [],
          ICH_AP1R_EL2: [],
          ICH_LR_EL2: snapshot.ICH_LR_EL2.map((value, n) => {
            const made = ICH_LR_EL2.of(value);
            return made.assign({ vINTID: 32 + n, State: made.State === 1 ? 1 : 0 }).$value;
          }),
        });
        gic.write(IccRegister.ICC_CTLR_EL1, ICH_VMCR_EL2.of(snapshot.ICH_VMCR_EL2).VCBPR);
        const acknowledged: { intid: number; group: 0 | 1; running: number }[] = [];
        for (;;) {
          const running = gic.read(IccRegister.ICC_RPR_EL1);
          const group = gic.virq ? 1 : 0;
          if (!gic.virq && !gic.vfiq) break;
          const intid = perform(gic, { kind: 'acknowledge', group });
          expect(intid).toBeLessThan(1020);
          // Whatever preempts has a higher priority, which is a lower number.
          expect(gic.read(IccRegister.ICC_RPR_EL1)).toBeLessThan(running);
          acknowledged.push({ intid, group, running });
        }
        // There are no more priorities than can be active at once.
        expect(acknowledged.length).toBeLessThanOrEqual(2 ** configuration.preemptionBits);
        deepest = Math.max(deepest, acknowledged.length);
        for (const { intid, group, running } of acknowledged.toReversed()) {
          perform(gic, { kind: 'end', group, intid });
          expect(gic.read(IccRegister.ICC_RPR_EL1)).toBe(running);
        }
        const after = naive.viewOf(gic.snapshot(), configuration);
        expect(after.active.map(({ size }) => size)).toEqual([0, 0]);
        for (const { intid } of acknowledged)
          expect(after.lrs.find(({ vINTID }) => vINTID === intid)!.State).toBe(0);
        expect(after.hcr.EOIcount).toBe(ICH_HCR_EL2.of(snapshot.ICH_HCR_EL2).EOIcount);
      }),
      { ...options, numRuns: 500 },
    );
    // One signaled at a time is acknowledged, and nothing else comes in: nesting needs what preempts to arrive later.
    expect(deepest).toBeGreaterThan(0);
  });

  it('takes any value in any register', () => {
    const registers = Object.values(IccRegister) as IccRegister[];
    const any = fc.record({
      register: fc.constantFrom(...registers),
      value: fc.maxSafeInteger(),
      write: fc.boolean(),
    });
    fc.assert(
      fc.property(configurations, fc.array(any, { maxLength: 30 }), (configuration, list) => {
        const gic = new Gicv3(configuration);
        for (const { register, value, write } of list) {
          const result = write ? gic.write(register, value) : gic.read(register);
          expect(Number.isInteger(result) && result >= -2 && result < 2 ** 32).toBe(true);
        }
        // All registers still hold what the architecture lets them hold.
        const again = new Gicv3(configuration);
        again.restore(gic.snapshot());
        expect(again.snapshot()).toEqual(gic.snapshot());
      }),
      { ...options, numRuns: 500 },
    );
  });
});
