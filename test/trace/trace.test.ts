import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineParser, parseHeader } from '../../tools/replay/index.js';
import { renderTrace, traceOf, traceText, traceToJson } from '../../tools/trace/index.js';
import { readLine } from '../../tools/trace/log.js';
import { root } from '../cli/harness.js';
import { differences, judge } from '../replay/judge.js';
import { consoleOf } from './firmware.js';

const own = readFileSync(join(root, 'test/replay/traces/lifecycle.txt'), 'utf8');
/** Beside a checkout, where the reference implementation was recorded. */
const reference = join(root, '../shared/conformance/tf-rmm-1.0-rel0-lifecycle.txt');

/** What a log becomes, and what a replay says of it. */
function through(log: readonly string[]) {
  const converted = traceOf(log.join('\n'))!;
  const text = traceText(converted);
  const of = (kind: string) => converted.trace.steps.filter((one) => one.kind === kind);
  return { converted, text, of, tally: judge(text) };
}

describe('a log with every call', () => {
  const log = consoleOf(own, true);

  test('is judged as what it was made from', () => {
    const { converted, of, tally } = through(log);
    expect(converted.problems).toEqual([]);
    expect(of('log')).toHaveLength(log.length - 1);
    expect(of('left out').map((one) => one.reason)).toEqual([
      'the RIM depends on contents of memory that the log does not tell',
    ]);
    expect(tally.total.differs).toBe(0);
    const commands = log.filter((line) => line.startsWith('SMC_RMI_')).length;
    expect(tally.counts('command').conforming).toBeGreaterThanOrEqual(commands);
    expect(tally.counts('call').conforming).toBeGreaterThan(20);
  });

  test.each<[string, RegExp, string, RegExp]>([
    [
      'a status',
      /^(SMC_RMI_REALM_ACTIVATE .*) > RMI_SUCCESS$/,
      '$1 > RMI_ERROR_REC',
      /RMI_REALM_ACTIVATE: success/,
    ],
    [
      'a status of a failure',
      /^(SMC_RMI_GRANULE_DELEGATE .*) > RMI_ERROR_INPUT$/,
      '$1 > RMI_ERROR_REALM',
      /RMI_GRANULE_DELEGATE: gran_/,
    ],
    ['an index', /^(SMC_RMI_RTT_\w+ .*) > RMI_ERROR_RTT 2$/, '$1 > RMI_ERROR_RTT 1', /RTT_\w+: /],
    ['an output', /^(SMC_RMI_VERSION +10000 > RMI_SUCCESS) 10000 10000$/, '$1 10000 20000', /RMI_VERSION/],
    [
      'an answer to a Realm',
      /^(SMC_RSI_VERSION +10000 > RSI_SUCCESS) 10000 10000$/,
      '$1 10000 20000',
      /RSI_VERSION/,
    ],
    [
      'a measurement',
      /^(SMC_RSI_MEASUREMENT_READ +2 > RSI_SUCCESS) [0-9a-f]+/,
      '$1 1',
      /RSI_MEASUREMENT_READ/,
    ],
  ])('shows %s that is not the right one', (_, line, other, expected) => {
    const at = log.findIndex((one) => line.test(one));
    expect(at).not.toBe(-1);
    const found = differences(through(log.with(at, log[at]!.replace(line, other))).tally);
    expect(found.some((one) => expected.test(one))).toBe(true);
  });
});

describe('a log of the firmware as it is', () => {
  const log = consoleOf(own, false);

  test('is judged as far as it tells what happened', () => {
    const { converted, of, tally } = through(log);
    expect(of('log').length + of('left out').length).toBe(log.length);
    expect(tally.total.differs).toBe(0);
    expect(tally.parted).toBeUndefined();
    expect(tally.counts('call').conforming).toBeGreaterThan(5);
    for (const name of ['REALM_CREATE', 'REC_CREATE', 'REALM_ACTIVATE', 'REC_DESTROY', 'REALM_DESTROY']) {
      const shown = log.filter((line) => new RegExp(`^SMC_RMI_${name} .*SUCCESS`).test(line)).length;
      const kept = of('log').filter(
        ({ call, action }) =>
          call?.command?.name === `RMI_${name}` && action?.kind === 'smc' && action.returned[0] === 0n,
      ).length;
      expect([name, kept]).toEqual([name, shown]);
      expect(shown).toBeGreaterThan(0);
    }
    expect(converted.trace.assumptions.join()).toMatch(/the log leaves out calls that succeed/);
  });

  test('shows what does not depend on what it leaves out', () => {
    const changed = log.map((line) =>
      line.replace(/(SMC_RSI_VERSION +10000 > RSI_SUCCESS) 10000/, '$1 20000'),
    );
    expect(changed).not.toEqual(log);
    expect(differences(through(changed).tally)).toEqual([expect.stringMatching(/RSI_VERSION: lower/)]);
  });
});

test.runIf(existsSync(reference))('the reference implementation conforms in its log as in its trace', () => {
  for (const all of [true, false]) {
    const log = consoleOf(readFileSync(reference, 'utf8'), all);
    const { of, tally } = through(log);
    expect(of('log').length).toBeGreaterThan(all ? 250 : 25);
    expect(tally.total.differs).toBe(0);
  }
});

describe('a line of a console', () => {
  const call = (text: string) => readLine(text, 1)?.call;
  const problem = (text: string) => readLine(text, 1)?.problem?.message;

  test.each([
    'SMC_RMI_REALM_CREATE          88300000 88309000 > RMI_SUCCESS',
    'SMC_RMI_REALM_CREATE          0x88300000 0x88309000 > RMI_SUCCESS',
    'SMC_RMI_REALM_CREATE          88300000 88309000 > RMI_SUCCESS\r',
    '[   12.345678] SMC_RMI_REALM_CREATE  88300000 88309000 > RMI_SUCCESS',
    '2024-05-01T12:00:00Z uart0: SMC_RMI_REALM_CREATE 88300000\t88309000 > RMI_SUCCESS [    1.0] next',
    '\u001b[32mINFO:\u001b[0m    \u001b[1mSMC_RMI_REALM_CREATE\u001b[0m 88300000 88309000 \u001b[K> RMI_SUCCESS\u001b[0m',
    '\u001b]0;title\u0007SMC_RMI_REALM_CREATE 88300000 88309000 > RMI_SUCCESS',
  ])('is read from %j', (text) => {
    expect(call(text)).toMatchObject({
      by: 'host',
      fid: 0xc400_0158,
      given: [0x8830_0000n, 0x8830_9000n],
      x0: 0n,
      returned: [],
    });
  });

  test('has a status with an index, and values', () => {
    expect(call('SMC_RMI_RTT_CREATE 1000 2000 0 2 > RMI_ERROR_RTT 1')).toMatchObject({
      x0: 0x104n,
      returned: [],
    });
    expect(call('SMC_RMI_RTT_DESTROY 1000 2000 3 > RMI_ERROR_RTT 2 0 40000000')).toMatchObject({
      x0: 0x204n,
      returned: [0n, 0x4000_0000n],
    });
    expect(call('SMC_RMI_REC_ENTER 1000 2000 > RMI_ERROR_REALM 2')).toMatchObject({ x0: 0x202n });
    expect(call('SMC_RMI_RTT_READ_ENTRY 1000 0 3 > RMI_SUCCESS 3 0 0 1')).toMatchObject({
      returned: [3n, 0n, 0n, 1n],
    });
    expect(call('SMC_RMI_VERSION 10000 > ff')).toMatchObject({ x0: 0xffn });
  });

  test('is one of a Realm', () => {
    expect(call('SMC_RSI_ATTEST_TOKEN_INIT     1 2 3 4 5 6 7 8 > RSI_SUCCESS 1000')).toMatchObject({
      by: 'realm',
      fid: 0xc400_0194,
      returned: [0x1000n],
    });
    expect(call('SMC_RSI_HOST_CALL             1000 > c4000199')).toMatchObject({ x0: 0xc400_0199n });
    expect(call('PSCI_84000000                 0 0 0 0 0 0 0 > 10001 0 0 0')).toMatchObject({
      by: 'realm',
      fid: 0x8400_0000,
      x0: 0x1_0001n,
    });
    expect(call('SMC_c4000300                  0 0 0 0 0 0 0 > ffffffffffffffff 0 0 0')).toMatchObject({
      by: 'realm',
      command: undefined,
    });
  });

  test.each([
    ['SMC_RMI_REALM_CREATE 88300000', /ends before its result/],
    ['SMC_RMI_REALM_CREATE 88300000 > ', /has 1 arguments; 2 are expected|ends before/],
    ['SMC_RMI_REALM_CREATE 88300000 [  1.0] foo 88309000 > RMI_SUCCESS', /other text stands in the line/],
    ['SMC_RMI_REALM_CREATE 88300000 88309000 1 > RMI_SUCCESS', /has 3 arguments; 2 are expected/],
    ['SMC_RMI_REALM_CREATE 88300000 88309000 > RMI_SUCC', /has a result that is no status: RMI_SUCC/],
    ['SMC_RMI_REALM_CREATE 88300000 88309000 > toString', /no status/],
    ['SMC_RMI_FLY 1 > RMI_SUCCESS', /there is no command RMI_FLY/],
    ['SMC_RMI_VERSION 11111111111111111 > RMI_SUCCESS', /other text stands/],
  ])('is refused when it is broken: %j', (text, expected) => {
    expect(problem(text)).toMatch(expected);
  });

  test.each(['', 'Booting Linux', 'XSMC_RMI_VERSION 1 > RMI_SUCCESS', 'smc_rmi_version', 'SMC_12 > 3'])(
    'is other text: %j',
    (text) => {
      expect(readLine(text, 1)).toBeUndefined();
    },
  );
});

describe('whatever a log holds', () => {
  const log = consoleOf(own, true).slice(0, 60);
  const word = fc.oneof(
    fc.constantFrom(...log.flatMap((line) => line.split(/ +/))),
    fc.constantFrom('RMI_ERROR_RTT', '0', 'ffffffffffffffff', '>', '\u001b[31m', '10000000', '88000fff'),
    fc.string({ maxLength: 6 }),
  );

  test('the trace is one that can be replayed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom(...log) },
            { weight: 1, arbitrary: fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')) },
          ),
          { maxLength: 30 },
        ),
        (lines) => {
          let converted: ReturnType<typeof traceOf>;
          try {
            converted = traceOf(lines.join('\n'));
          } catch (error) {
            // Addresses that are too far apart.
            expect(error).toBeInstanceOf(RangeError);
            return;
          }
          if (converted === undefined) return;
          const [first, ...rest] = traceText(converted).split('\n');
          const header = parseHeader(first!);
          expect(header.problem).toBeUndefined();
          const parser = new LineParser(header.value!);
          for (const line of rest) expect(parser.parse(line).problem).toBeUndefined();
          const shown = renderTrace(converted, { title: String, faint: String, good: String, mark: String });
          expect(/[^\n -~]/.test(shown)).toBe(false);
          expect(JSON.stringify(traceToJson(converted))).toContain('"ok":true');
        },
      ),
      { numRuns: 150, seed: 74 },
    );
  });

  test('long lines and many broken ones cost little', () => {
    const long = `SMC_RMI_VERSION ${'1 '.repeat(2 ** 20)}`;
    const many = 'SMC_RMI_VERSION 1\n'.repeat(50_000);
    const converted = traceOf(`${long}\n${many}SMC_RMI_VERSION 10000 > RMI_SUCCESS 10000 10000\n`)!;
    expect(converted.problems).toHaveLength(100);
    expect(converted.trace.steps).toHaveLength(1);
    expect(traceOf(`${'\u001b['.repeat(2 ** 18)}\n${'\u001b]'.repeat(2 ** 18)}`)).toBeUndefined();
  });
});
