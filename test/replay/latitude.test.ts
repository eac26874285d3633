import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../tools/replay/verdict.js';
import { differences, judge, traceOf } from './judge.js';

/** A Realm with one page of RAM at IPA 0 and 16 MB more of it, and two RECs of which the second is off. */
const realm = [
  ...['80', '81', '82', '83', '84', '85', '86', '87', '88'].map(
    (page) => `smc c4000151 800${page}000 -> 0 0 0 0 0`,
  ),
  'w64 80001008 28',
  'w64 80001018 1',
  'w64 80001020 1',
  'w64 80001808 80080000',
  'w64 80001810 1',
  'w64 80001818 2',
  'smc c4000158 80082000 80001000 -> 0 0 0 0 0',
  'smc c400015d 80082000 80083000 0 2 -> 0 0 0 0 0',
  'smc c400015d 80082000 80084000 0 3 -> 0 0 0 0 0',
  'smc c4000153 80082000 80085000 0 80002000 1 -> 0 0 0 0 0',
  'smc c4000168 80082000 200000 1200000 -> 0 1200000 0 0 0',
  'smc c4000167 80082000 -> 0 0 0 0 0',
  'w64 80003000 1',
  'w64 80003200 1000',
  'smc c400015a 80082000 80086000 80003000 -> 0 0 0 0 0',
  'fill 80003000 1000 0',
  'w64 80003100 1',
  'smc c400015a 80082000 80087000 80003000 -> 0 0 0 0 0',
  'smc c4000157 80082000 -> 0 0 0 0 0',
];
const enter = 'smc c400015c 80086000 80004000 -> 0 0 0 0 0';
const start = '| run 0 0 0 0 0 pc 1000';
const after = (...lines: readonly string[]) => judge(traceOf(...realm, ...lines));
const from = traceOf(...realm).split('\n').length;

/** What was made of the lines after the Realm was built, as `line +n: subject: outcome`. */
function outcomes(...lines: readonly string[]): readonly string[] {
  const before = after().total;
  const tally = after(...lines);
  const found = differences(tally).map((one) =>
    one.replace(/^[0-9]+/, (line) => `+${Number(line) - from + 1}`),
  );
  const outcome = (key: Verdict['outcome']) => tally.total[key] - before[key];
  return [`${outcome('conforming')} conforming, ${outcome('not judged')} not judged`, ...found];
}

test('the Realm of these tests is built without a difference', () => {
  expect(differences(after())).toEqual([]);
  expect(after().total.conforming).toBe(realm.filter((line) => line.includes('->')).length);
});

describe('where the document permits several outcomes, one of them conforms', () => {
  test('of failures that no order puts one before the other', () => {
    // level is none, and ipa lies outside: both of them are RMI_ERROR_INPUT; a walk that fails comes after.
    expect(outcomes('smc c4000155 80082000 1000 -> 304 0 200000 0 0')).toEqual([
      '1 conforming, 0 not judged',
    ]);
    expect(outcomes('smc c4000155 80082001 1001 -> 1 0 0 0 0')).toEqual(['1 conforming, 0 not judged']);
  });

  test('of the index that goes with RMI_ERROR_REALM where no condition names one (B4.2)', () => {
    expect(outcomes('smc c4000157 80082000 -> 2 0 0 0 0', 'smc c4000157 80082000 -> 502 0 0 0 0')).toEqual([
      '2 conforming, 0 not judged',
    ]);
    expect(outcomes('smc c4000157 80082001 -> 101 0 0 0 0')).toEqual([
      '0 conforming, 0 not judged',
      '+1: RMI_REALM_ACTIVATE: index (B4.2)',
    ]);
  });

  test('of outputs that a failure leaves undefined (B1.6)', () => {
    expect(outcomes('smc c4000161 80082000 0 7 -> 1 3 2 1 1')).toEqual(['1 conforming, 0 not judged']);
    // But top is 0 where there was no walk (B4.3.3.1.3).
    expect(outcomes('smc c4000155 80082001 0 -> 1 5 0 0 0')).toEqual(['1 conforming, 0 not judged']);
    expect(outcomes('smc c4000155 80082001 0 -> 1 0 1000 0 0')).toEqual([
      '0 conforming, 0 not judged',
      '+1: RMI_DATA_DESTROY: top (B4.3.3.1.3)',
    ]);
  });

  test('of how far RSI_IPA_STATE_GET looks (B5.3.5)', () => {
    const ask = (top: string) =>
      outcomes('realm rsi c4000198 200000 2000000', `${enter} ${start} | rsi 0 ${top} 1 0 0`);
    for (const top of ['201000', '400000', '1200000'])
      expect(ask(top)).toEqual(['3 conforming, 0 not judged']);
    for (const top of ['200000', '1201000', '2000000'])
      expect(ask(top)).toEqual(['2 conforming, 0 not judged', '+2: RSI_IPA_STATE_GET: out_top (B5.3.5)']);
  });

  test('of when a Realm hears that a REC is on already (A4.3.7)', () => {
    const on = [
      'realm rsi c4000003 1 1000 0',
      `${enter} ${start}`,
      'smc c4000164 80086000 80087000 0 -> 0 0 0 0 0',
      `${enter} | rsi 0 0 0 0 0`,
      'realm rsi c4000003 1 1000 0',
    ];
    expect(outcomes(...on, `${enter} | run 0 0 0 0 0 pc 1004 | rsi fffffffffffffffc 1 1000 0 0`)).toEqual([
      '8 conforming, 0 not judged',
    ]);
    expect(
      outcomes(
        ...on,
        `${enter} | run 0 0 0 0 0 pc 1004`,
        'smc c4000164 80086000 80087000 0 -> 0 0 0 0 0',
        `${enter} | rsi fffffffffffffffc 0 0 0 0`,
      ),
    ).toEqual(['10 conforming, 0 not judged']);
  });

  test('of whether the REC is entered at all (A4.1)', () => {
    expect(
      outcomes('realm irq', enter, 'r64 80004800 -> 1', `${enter} ${start}`, 'r64 80004800 -> 1'),
    ).toEqual(['4 conforming, 1 not judged']);
  });

  test('of how much of a token is made in one call (B5.3.1)', () => {
    const init = 'realm rsi c4000194 1 2 3 4 5 6 7 8';
    const next = 'realm rsi c4000195 0 0 1000';
    // Incomplete, complete, and then there is none in progress; what was written is the implementation's.
    expect(
      outcomes(
        init,
        next,
        next,
        next,
        `${enter} ${start} | rsi 0 1000 0 0 0 | rsi 3 1000 0 0 0 | rsi 0 40 0 0 0 | rsi 2 0 0 0 0`,
        'r64 80085000 -> d2',
      ),
    ).toEqual(['6 conforming, 1 not judged']);
    expect(outcomes(next, `${enter} ${start} | rsi 3 0 0 0 0`)).toEqual([
      '2 conforming, 0 not judged',
      '+2: RSI_ATTESTATION_TOKEN_CONTINUE: state (B5.3.1)',
    ]);
  });

  test('of where WFI goes on (A4.3.4.1)', () => {
    const wait = ['realm sync 6000000 0 0', `${enter} ${start}`];
    for (const pc of ['1000', '1004'])
      expect(outcomes(...wait, `${enter} | run 0 0 0 0 0 pc ${pc}`)).toEqual(['4 conforming, 0 not judged']);
    expect(outcomes(...wait, `${enter} | run 0 0 0 0 0 pc 1008`)).toEqual([
      '3 conforming, 0 not judged',
      '+3: Realm entry: PC (A4.3.4.1)',
    ]);
  });
});

describe('what is not modelled, or open, is not judged', () => {
  test('contents of memory that came back from the RMM, or that a Realm got without any', () => {
    expect(
      outcomes(
        'smc c4000152 80088000 -> 0 0 0 0 0',
        'r64 80088000 -> 1234',
        'w64 80088000 5',
        'r64 80088000 -> 5',
        'smc c4000151 80088000 -> 0 0 0 0 0',
        'r64 80088000 -> 7',
        'smc c4000154 80082000 80088000 5000 -> 0 0 0 0 0',
        'r8 80088fff -> 9',
        'w8 80088fff 1',
        'r8 80088fff -> 1',
      ),
    ).toEqual(['5 conforming, 3 not judged']);
  });

  test('an exception that the document does not speak of', () => {
    // BRK: perhaps the REC exits, perhaps the Realm goes on.
    expect(outcomes('realm sync f2000000 0 0', `${enter} ${start}`, 'r64 80004800 -> 0')).toEqual([
      '2 conforming, 1 not judged',
    ]);
    expect(outcomes('realm sync f2000000 0 0', `${enter} ${start} | run 1 2 3 4 5 pc 200`)).toEqual([
      '2 conforming, 1 not judged',
    ]);
  });

  test('a structure where the Realm has no memory', () => {
    expect(outcomes('realm rsi c4000199 1000', `${enter} ${start} | rsi 1 0 0 0 0`)).toEqual([
      '2 conforming, 1 not judged',
    ]);
    expect(outcomes('realm rsi c4000196 1000', `${enter} ${start}`, 'r64 80004800 -> 0')).toEqual([
      '2 conforming, 1 not judged',
    ]);
  });

  test('what follows from registers that are not known', () => {
    // X5 after a failure is undefined, and it is part of the value that the next call measures.
    expect(
      outcomes(
        'realm rsi c4000192 5',
        'realm rsi c4000193 1 40 1 2',
        'realm rsi c4000192 1',
        `${enter} ${start} | rsi 1 0 0 0 0 | rsi 0 0 0 0 0 | rsi 0 1 2 3 4`,
      ),
    ).toEqual(['4 conforming, 1 not judged']);
  });
});

describe('an entry that goes otherwise', () => {
  test('on after the REC should have exited', () => {
    expect(outcomes('realm irq', `${enter} ${start} | run 0 0 0 0 0 pc 1000`)).toEqual([
      '2 conforming, 0 not judged',
      '+2: Realm entry: REC exit (A4.3)',
    ]);
  });

  test('out while the Realm should go on', () => {
    expect(outcomes('realm rsi c4000190 10000', `${enter} ${start}`)).toEqual([
      '2 conforming, 0 not judged',
      '+2: RSI_VERSION: rsi (B1.2)',
    ]);
  });

  test('in although the command failed', () => {
    expect(outcomes(`smc c400015c 80087000 80004000 -> 3 0 0 0 0 ${start}`)).toEqual([
      '1 conforming, 0 not judged',
      '+1: Realm entry: REC exit (A4.3)',
    ]);
  });

  test('with the answer to a call that nobody made', () => {
    expect(outcomes(`${enter} | rsi 0 0 0 0 0`)).toEqual([
      '1 conforming, 0 not judged',
      '+1: Realm entry: run (A4.2.2)',
    ]);
  });
});

describe('what the first line does not tell', () => {
  test('is learned from the trace: how many auxiliary Granules a REC has', () => {
    expect(judge(traceOf(...realm), { features: { auxCount: 1 } }).counts('command').differs).toBe(3);
  });

  test('is told by its user: which VMIDs there are, and which revisions', () => {
    const vmid = traceOf(...realm.slice(0, 9), 'w64 80001800 100', ...realm.slice(9));
    expect(differences(judge(vmid))).toEqual([]);
    expect(judge(vmid, { features: { vmidBits: 8 } }).differences.length).toBeGreaterThan(0);
    const version = traceOf(
      'smc c4000150 10001 -> 0 10001 10001 0 0',
      'smc c4010150 10000 -> 0 10000 10001 0 0',
    );
    expect(judge(version).differences.length).toBe(2);
    const revisions = [
      { major: 1, minor: 0 },
      { major: 1, minor: 1 },
    ];
    expect(differences(judge(version, { revisions }))).toEqual([]);
  });
});
