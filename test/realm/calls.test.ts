import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as conditions from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { RealmCallError, type RealmProgram } from '../../runtime/index.js';
import { EMPTY, PAGE, stage, UNPROTECTED } from './stage.js';

const INPUT = 1n;
const STATE = 2n;
const signed = (value: bigint): bigint => BigInt.asUintN(64, value);
const NOT_SUPPORTED = signed(-1n);
const INVALID_PARAMETERS = signed(-2n);
const DENIED = signed(-3n);
const ALREADY_ON = signed(-4n);
const INVALID_ADDRESS = signed(-9n);
const top = UNPROTECTED;

/** Makes a call, and gives X0 to X16 as they come back; the Host completes what it is asked for. */
function call(
  values: readonly bigint[],
  host: { status?: bigint; first?: RealmProgram } = {},
): readonly bigint[] {
  let back: readonly bigint[] = [];
  const { rec, other } = stage(function* (cpu) {
    if (host.first !== undefined) yield* host.first(cpu);
    back = yield* cpu.smc(...values);
  });
  for (let exits = 0; back.length === 0 && exits < 5; exits++) {
    const { reason } = rec.enter();
    if (reason === 'RMI_EXIT_PSCI') rec.completePsci(other, host.status as never);
  }
  return back;
}

const byName = new Map(
  (Object.values(conditions) as readonly { readonly name?: string }[])
    .filter((one): one is conditions.CommandConditions<unknown, unknown> => one.name !== undefined)
    .map((one) => [one.name, one]),
);

describe('a call that fails', () => {
  const fid = (name: string): bigint => BigInt(metadata.commands[name]!.fid);
  const on: RealmProgram = (cpu) => cpu.psci.on(1, 0x1000);
  const cases: readonly [string, string, readonly bigint[], bigint, Parameters<typeof call>[1]?][] = [
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'addr_align', [0x1008n, 0n, 8n], INPUT],
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'addr_bound', [top, 0n, 8n], INPUT],
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'offset_bound', [0x1000n, 0x1000n, 0n], INPUT],
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'size_overflow', [0x1000n, 8n, 2n ** 64n - 4n], INPUT],
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'size_bound', [0x1000n, 8n, 0xff9n], INPUT],
    ['RSI_ATTESTATION_TOKEN_CONTINUE', 'state', [0x1000n, 0n, 8n], STATE],
    ['RSI_HOST_CALL', 'addr_align', [0x1080n], INPUT],
    ['RSI_HOST_CALL', 'addr_bound', [top], INPUT],
    ['RSI_IPA_STATE_GET', 'base_align', [0x1008n, 0x2000n], INPUT],
    ['RSI_IPA_STATE_GET', 'end_align', [0x1000n, 0x2008n], INPUT],
    ['RSI_IPA_STATE_GET', 'size_valid', [0x1000n, 0x1000n], INPUT],
    ['RSI_IPA_STATE_GET', 'rgn_bound', [top - 0x1000n, top + 0x1000n], INPUT],
    ['RSI_IPA_STATE_SET', 'base_align', [0x1008n, 0x2000n, 1n, 0n], INPUT],
    ['RSI_IPA_STATE_SET', 'top_align', [0x1000n, 0x2008n, 1n, 0n], INPUT],
    ['RSI_IPA_STATE_SET', 'size_valid', [0x2000n, 0x1000n, 1n, 0n], INPUT],
    ['RSI_IPA_STATE_SET', 'rgn_bound', [0n, top + 0x1000n, 1n, 0n], INPUT],
    ['RSI_IPA_STATE_SET', 'ripas_valid', [0x1000n, 0x2000n, 2n, 0n], INPUT],
    ['RSI_MEASUREMENT_EXTEND', 'index_bound', [0n, 8n], INPUT],
    ['RSI_MEASUREMENT_EXTEND', 'index_bound', [5n, 8n], INPUT],
    ['RSI_MEASUREMENT_EXTEND', 'size_bound', [1n, 65n], INPUT],
    ['RSI_MEASUREMENT_READ', 'index_bound', [5n], INPUT],
    ['RSI_REALM_CONFIG', 'addr_align', [0x1008n], INPUT],
    ['RSI_REALM_CONFIG', 'addr_bound', [top], INPUT],
    ['PSCI_AFFINITY_INFO', 'target_match', [7n, 0n], INVALID_PARAMETERS],
    ['PSCI_AFFINITY_INFO', 'target_bound', [1n, 1n], INVALID_PARAMETERS],
    ['PSCI_CPU_ON', 'entry', [1n, top, 0n], INVALID_ADDRESS],
    ['PSCI_CPU_ON', 'mpidr', [7n, 0x1000n, 0n], INVALID_PARAMETERS],
    ['PSCI_CPU_ON', 'runnable', [1n, 0x1000n, 0n], ALREADY_ON, { first: on }],
    ['PSCI_CPU_ON', 'denied', [1n, 0x1000n, 0n], DENIED, { status: -3n }],
  ];

  test.each(cases)('%s: %s', (command, id, inputs, result, host) => {
    expect(byName.get(command)!.failures.some((failure) => failure.id === id)).toBe(true);
    const back = call([fid(command), ...inputs], host);
    expect(back[0]).toBe(result);
    // Of an RSI command that failed no register holds anything but what its failure says (B1.2, B1.6).
    if (command.startsWith('RSI')) expect(back.slice(1)).toEqual(new Array<bigint>(16).fill(0n));
  });

  test('is here for every failure that the RSI and PSCI have', () => {
    const all = [...byName.values()]
      .filter((one) => /^(RSI|PSCI)_/.test(one.name))
      .flatMap(({ name, failures }) => failures.map(({ id }) => `${name} ${id}`));
    const here = new Set(cases.map(([command, id]) => `${command} ${id}`));
    // An attester that fails is in test/attestation.
    expect(all.filter((one) => !here.has(one))).toEqual(['RSI_ATTESTATION_TOKEN_CONTINUE unknown']);
  });

  test('is a RealmCallError for a program that expects no failure', () => {
    let caught: unknown;
    const { rec } = stage(function* (cpu) {
      try {
        yield* cpu.rsi.measurementRead(9);
      } catch (error) {
        caught = error;
      }
    });
    rec.enter();
    expect(caught).toBeInstanceOf(RealmCallError);
    expect(caught).toMatchObject({ command: 'RSI_MEASUREMENT_READ', status: 'RSI_ERROR_INPUT' });
  });

  test('for want of memory that the document does not speak of', () => {
    // Like the reference: refused where the RIPAS is EMPTY.
    expect(call([0xc400_0196n, EMPTY])[0]).toBe(INPUT);
    expect(call([0xc400_0199n, EMPTY])[0]).toBe(INPUT);
  });
});

describe('a call that succeeds', () => {
  const results = (program: RealmProgram): unknown => {
    let result: unknown;
    const { rec, machine, realm } = stage(function* (cpu) {
      result = yield* program(cpu);
    });
    for (let i = 0; i < 3 && result === undefined; i++) rec.enter();
    return typeof result === 'function' ? result(machine, realm) : result;
  };

  test('RSI_VERSION, with the revisions on either side', () => {
    expect(call([0xc400_0190n, 0x1_0000n]).slice(0, 3)).toEqual([0n, 0x1_0000n, 0x1_0000n]);
    expect(call([0xc400_0190n, 0x2_0000n]).slice(0, 3)).toEqual([INPUT, 0x1_0000n, 0x1_0000n]);
  });

  test('RSI_FEATURES is zero everywhere', () => {
    expect(call([0xc400_0191n, 0n]).slice(0, 2)).toEqual([0n, 0n]);
    expect(call([0xc400_0191n, 2n ** 64n - 1n]).slice(0, 2)).toEqual([0n, 0n]);
  });

  test('RSI_REALM_CONFIG', () => {
    const config = results(function* (cpu) {
      yield* cpu.write(0x1000, new Uint8Array(PAGE).fill(0xff));
      const { ipa_width, hash_algo, rpv } = yield* cpu.rsi.realmConfig(0x1000);
      const bytes = yield* cpu.read(0x1000, PAGE);
      return [
        ipa_width,
        hash_algo,
        rpv.every((byte) => byte === 0),
        bytes.filter((byte) => byte !== 0).length,
      ];
    });
    expect(config).toEqual([40n, 0, true, 1]);
  });

  test('RSI_MEASUREMENT_READ and EXTEND', () => {
    const value = Uint8Array.from({ length: 20 }, (_, i) => i + 1);
    let [rim, old, rem]: Uint8Array[] = [];
    const { rec, machine, realm } = stage(function* (cpu) {
      rim = yield* cpu.rsi.measurementRead(0);
      old = yield* cpu.rsi.measurementRead(4);
      yield* cpu.rsi.measurementExtend(4, value);
      rem = yield* cpu.rsi.measurementRead(4);
    });
    rec.enter();
    expect(rim).toEqual(machine.rmm.store.realms.get(realm.rd)!.measurements[0]);
    expect(old).toEqual(new Uint8Array(64));
    const hash = createHash('sha256').update(new Uint8Array(64)).update(value).update(new Uint8Array(44));
    expect(Buffer.from(rem!).toString('hex')).toBe(`${hash.digest('hex')}${'00'.repeat(32)}`);
  });

  test('RSI_IPA_STATE_GET, for each RIPAS', () => {
    const get = (base: bigint, end: bigint) => call([0xc400_0198n, base, end]).slice(0, 3);
    expect(get(0n, 0x10_0000n)).toEqual([0n, 0x3000n, 1n]);
    expect(get(0x3000n, 0x10_0000n)).toEqual([0n, 0x4000n, 2n]);
    expect(get(0x6000n, 0x10_0000n)).toEqual([0n, 0x10_0000n, 0n]);
    expect(get(0x1000n, 0x2000n)).toEqual([0n, 0x2000n, 1n]);
  });

  test('PSCI_VERSION and PSCI_FEATURES', () => {
    expect(call([0x8400_0000n])[0]).toBe(0x1_0001n);
    for (const one of [0x8400_0000n, 0xc400_0001n, 0x8400_0002n, 0xc400_0003n, 0xc400_0004n, 0x8400_0008n])
      expect(call([0x8400_000an, one])[0]).toBe(0n);
    // Affinity migration, the 32-bit PSCI_CPU_ON and SMCCC_VERSION are not among the functions of A4.3.7.
    for (const one of [0x8400_0005n, 0x8400_0003n, 0x8000_0000n])
      expect(call([0x8400_000an, one])[0]).toBe(NOT_SUPPORTED);
  });

  test('what is neither RSI nor PSCI is not supported (A4.3.4, B1.1)', () => {
    for (const one of [0x8000_0000n, 0x8400_0003n, 0xc400_0150n, 0xc400_019an, 0x1_c400_0190n, 0n])
      expect(call([one])[0]).toBe(NOT_SUPPORTED);
  });

  test('with the hint that SVE state need not be kept it is the same call (B1.1)', () => {
    expect(call([0xc401_0190n, 0x1_0000n])[0]).toBe(0n);
  });
});

describe('two RECs (A4.3.7, B6.3)', () => {
  test('one turns the other on, asks for it, and finds it off again', () => {
    const log: unknown[] = [];
    const { machine, rec, other } = stage(
      function* (cpu) {
        log.push(['off', yield* cpu.psci.affinityInfo(1)]);
        log.push(['on', yield* cpu.psci.on(1, 0x2000, 0x77)]);
        log.push(['is on', yield* cpu.psci.affinityInfo(1)]);
        log.push(['off again', yield* cpu.psci.affinityInfo(1)]);
        log.push(['on again', yield* cpu.psci.on(1, 0x4000, 0x78)]);
      },
      function* (cpu) {
        const others = Array.from({ length: 30 }, (_, i) => cpu.x(i + 1));
        log.push(['second', cpu.mpidr, cpu.x(0), others.every((value) => value === 0n)]);
        cpu.setX(5, 5);
        yield* cpu.psci.off();
        throw new Error('PSCI_CPU_OFF has returned');
      },
    );
    const inner = machine.rmm.store.recs.get(other.address)!;
    const complete = (): void => {
      expect(rec.enter().reason).toBe('RMI_EXIT_PSCI');
      rec.completePsci(other);
    };
    complete();
    complete();
    expect(inner.pc).toBe(0x2000n);
    complete();
    expect(other.enter().gprs.get(0)).toBe(0x8400_0002n);
    expect(() => other.enter()).toThrow('RMI_ERROR_REC');
    complete();
    complete();
    expect(inner.pc).toBe(0x4000n);
    rec.enter();
    other.enter();
    expect(log).toEqual([
      ['off', 1n],
      ['on', 0n],
      ['second', 1n, 0x77n, true],
      ['is on', 0n],
      ['off again', 1n],
      ['on again', 0n],
      ['second', 1n, 0x78n, true],
    ]);
    expect(log.length).toBe(7);
  });

  test('a hint about SVE does not keep one from being turned on (B1.1)', () => {
    const log: unknown[] = [];
    const { machine, rec, other } = stage(function* (cpu) {
      log.push((yield* cpu.smc(0xc401_0003n, 1n, 0x2000n, 0n))[0]);
      log.push((yield* cpu.smc(0xc401_0004n, 1n, 0n))[0]);
    });
    for (let i = 0; i < 2; i++) {
      expect(rec.enter().reason).toBe('RMI_EXIT_PSCI');
      rec.completePsci(other);
    }
    rec.enter();
    expect(log).toEqual([0n, 0n]);
    expect(machine.rmm.store.recs.get(other.address)!.pc).toBe(0x2000n);
  });

  test('one that names itself is answered at once: the Host cannot (B4.3.7)', () => {
    const log: unknown[] = [];
    const { rec } = stage(function* (cpu) {
      log.push(yield* cpu.psci.affinityInfo(0), yield* cpu.psci.on(0, 0x2000));
      yield* cpu.rsi.hostCall(0, 1);
    });
    expect(rec.enter().reason).toBe('RMI_EXIT_HOST_CALL');
    expect(log).toEqual([0n, -4n]);
  });

  test.each(['systemOff', 'systemReset'] as const)('%s ends the Realm for both', (name) => {
    const { rec, other } = stage(
      function* (cpu) {
        yield* cpu.psci.on(1, 0x2000);
        yield* cpu.psci[name]();
        throw new Error('it has returned');
      },
      function* (cpu) {
        yield* cpu.wfi();
      },
    );
    rec.enter();
    rec.completePsci(other);
    expect(rec.enter().reason).toBe('RMI_EXIT_PSCI');
    for (const one of [rec, other]) expect(() => one.enter()).toThrow('RMI_ERROR_REALM, index 1');
  });

  test('PSCI_CPU_SUSPEND returns when the Host enters the REC again', () => {
    let x0: bigint | undefined;
    const { rec } = stage(function* (cpu) {
      [x0] = yield* cpu.smc(0xc400_0001n, 0n, 0n, 0n);
    });
    rec.enter();
    rec.enter();
    expect(x0).toBe(0n);
  });
});
