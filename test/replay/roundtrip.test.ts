import { expect, test } from 'vitest';
import { RmmPsciPending } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { calls } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  ESR_EL2,
  EsrExceptionClass,
  PSCI_CPU_OFF,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  RMI_PSCI_COMPLETE,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { RealmAction } from '../../runtime/index.js';
import { differences, judge } from './judge.js';
import { DRAM, hpfar, PAGE, stage, UNPROTECTED } from './scenario.js';

/** Numbers that look like nothing in particular, the same for the same seed. */
class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  chance(probability: number): boolean {
    return this.below(1000) < probability * 1000;
  }
}

// What ends a life is done at its end.
const realmCommands = Object.values(metadata.commands).filter(
  ({ interface: of, name }) => of !== 'RMI' && !/^PSCI_(SYSTEM|CPU_OFF)/.test(name),
);
const rmiCommands = [...calls.values()]
  .map(({ conditions }) => metadata.commands[conditions.name]!)
  .filter(({ name }) => !/^RMI_(REALM|REC)_(ACTIVATE|DESTROY)/.test(name));

/** Does things at random with a machine that has a Realm, and gives what was traced. */
function program(seed: number): string {
  const numbers = new Numbers(seed);
  const { machine, realm } = stage();
  const { host, bus } = machine;
  const owner = host.createRealm({ hash: numbers.pick(['SHA-256', 'SHA-512']) });
  owner.populate(
    0,
    Uint8Array.from({ length: 5 * PAGE }, () => numbers.below(256)),
  );
  owner.addPage(0x6000);
  owner.initRipas(0x20_0000, 0x80_0000);
  const shared = host.allocatePage();
  owner.share(UNPROTECTED, shared);
  const recs = [
    owner.createRec({ pc: 0x4000n, gprs: [1n, 2n, 3n, 4n, 5n] }),
    owner.createRec({ runnable: false }),
  ];
  const run = host.allocatePage();
  const spare = [host.delegate(), host.delegate(), host.delegate()];

  const ipas = [
    0,
    PAGE,
    0x3000,
    0x6000,
    0x9000,
    0x20_0000,
    0x40_0000,
    0x4000_0000,
    UNPROTECTED,
    UNPROTECTED + PAGE,
    2 ** 40,
  ];
  const physical = [
    owner.rd,
    ...recs.map((rec) => rec.address),
    run,
    shared,
    ...spare,
    DRAM,
    DRAM + 1,
    0,
    2 ** 40,
  ];
  const small = [0, 1, 2, 3, 4, 5, 64, 65, 0xd8];
  const value = (): bigint => {
    const one = numbers.pick([ipas, physical, small]);
    return BigInt(numbers.pick(one)) + (numbers.chance(0.05) ? 8n : 0n);
  };
  /** A value that an input of a type may well have. */
  const likely = (type: string, name: string): bigint => {
    if (numbers.chance(0.1)) return value();
    if (/^(ipa|base|top|addr)$/.test(name)) return BigInt(numbers.pick(ipas));
    if (name === 'rd') return BigInt(owner.rd);
    if (/rec/.test(name)) return BigInt(numbers.pick(recs).address);
    if (/ptr|src/.test(name)) return BigInt(run);
    if (type === 'Address') return BigInt(numbers.pick(spare));
    if (name === 'level') return BigInt(numbers.pick([1, 2, 3]));
    return BigInt(numbers.pick([0, 1, 2, 3]));
  };

  const action = (): RealmAction => {
    if (numbers.chance(0.7)) {
      const command = numbers.pick(realmCommands);
      const registers = [BigInt(command.fid)];
      for (const input of command.inputs) registers[input.register] = likely(input.type, input.name);
      return { kind: 'rsi', registers: Array.from(registers, (one) => BigInt.asUintN(64, one ?? 0n)) };
    }
    const EC = numbers.pick([
      EsrExceptionClass.ESR_EC_WFX,
      EsrExceptionClass.ESR_EC_HVC64,
      EsrExceptionClass.ESR_EC_SYSREG,
      EsrExceptionClass.ESR_EC_IABT_LOWER,
      EsrExceptionClass.ESR_EC_DABT_LOWER,
      EsrExceptionClass.ESR_EC_DABT_LOWER,
      EsrExceptionClass.ESR_EC_DABT_LOWER,
      EsrExceptionClass.ESR_EC_BRK64,
    ]);
    const esr = ESR_EL2.of({ EC, ISS: numbers.below(2 ** 25) }).$value;
    return numbers.pick<RealmAction>([
      { kind: 'irq' },
      { kind: 'serror', esr },
      { kind: 'sync', esr, far: value(), hpfar: hpfar(numbers.pick(ipas)) },
      { kind: 'sync', esr, far: value(), hpfar: hpfar(numbers.pick(ipas)) },
    ]);
  };

  const enter = () => {
    bus.fill(run, PAGE, 0);
    bus.write64(run, BigInt(numbers.below(32)));
    for (let i = 0; i < 31; i++) if (numbers.chance(0.3)) bus.write64(run + 0x200 + i * 8, value());
    const rec = numbers.pick(recs).address;
    machine.smc(RMI_REC_ENTER.fid, rec, run);
    bus.read(run, PAGE);
    if (
      machine.rmm.store.recs.get(rec)!.psci_pending === RmmPsciPending.PSCI_REQUEST_PENDING &&
      numbers.chance(0.8)
    )
      for (const target of recs)
        machine.smc(RMI_PSCI_COMPLETE.fid, rec, target.address, numbers.pick([0n, 2n ** 64n - 3n]));
  };

  for (let step = 0; step < 250; step++) {
    if (step === 40) owner.activate();
    if (step > 40 && numbers.chance(0.4)) {
      for (let i = numbers.below(4); i > 0; i--) realm.queue(action());
      if (numbers.chance(0.05)) realm.clear();
      enter();
    } else {
      const { fid, inputs } = numbers.pick(rmiCommands);
      machine.smc(fid, ...inputs.map((input) => likely(input.type, input.name)));
    }
  }
  realm.call(numbers.pick([PSCI_CPU_OFF.fid, PSCI_SYSTEM_OFF.fid, PSCI_SYSTEM_RESET.fid]));
  for (let i = 0; i < 3; i++) enter();
  for (const rec of recs) machine.smc(RMI_REC_DESTROY.fid, rec.address);
  return machine.trace.transcript();
}

test.each(Array.from({ length: 12 }, (_, i) => [i + 1]))(
  'what is written replays without a difference: %i',
  (seed) => {
    const tally = judge(program(seed));
    expect(differences(tally)).toEqual([]);
    expect(tally.counts('command')['not judged']).toBe(0);
    expect(tally.counts('command').conforming).toBeGreaterThan(150);
    expect(tally.counts('entry').conforming + tally.counts('call').conforming).toBeGreaterThan(3);
  },
);
