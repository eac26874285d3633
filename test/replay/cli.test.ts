import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, rmigen, root } from '../cli/harness.js';
import { traceOf } from './judge.js';

const lifecycle = join(root, 'test/replay/traces/lifecycle.txt');
const good = traceOf('# T first', 'smc c4000151 80000000 -> 0 0 0 0 0', 'gs 80000000 -> D 1');
const bad = traceOf(
  'smc c4000151 80000000 -> 0 0 0 0 0',
  'smc c4000151 80000000 -> 0 0 0 0 0',
  'smc c4000151 80000800 -> 101 0 0 0 0',
  'smc c4000152 80001000 -> ffffffffffffffff 0 0 0 0',
  'r64 80002000 -> 1',
  'r64 80000000 -> 0',
  'gdump 80000000 10 -> NNNNNNNNNNNNNNNN',
);

describe('rmigen replay', () => {
  test('says that nothing differs', async () => {
    const cwd = folder({ 'good.txt': good });
    expect(await rmigen(cwd, ['replay', 'good.txt'])).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "",
        "stdout": "                    conforming  differs  not judged
      RMI commands                 1        0           0
      entries of a Realm           0        0           0
      RSI and PSCI calls           0        0           0
      reads of memory              0        0           0
      Granule states               1        0           0

      good.txt (an RMM): no differences
      ",
      }
    `);
  });

  test('shows what differs, and from what', async () => {
    const cwd = folder({ 'bad.txt': bad });
    const { code, stdout, stderr } = await rmigen(cwd, ['replay', 'bad.txt']);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatchInlineSnapshot(`
      "bad.txt:3 - RMI_GRANULE_DELEGATE differs from B4.3.5
        smc c4000151 80000000 -> 0 0 0 0 0
        gran_state: Granule(addr).state != UNDELEGATED -> ResultEqual(result, RMI_ERROR_INPUT)
          expected RMI_ERROR_INPUT
          observed RMI_SUCCESS
        gran_gpt: Granule(addr).gpt != GPT_NS -> ResultEqual(result, RMI_ERROR_INPUT)
          expected RMI_ERROR_INPUT
          observed RMI_SUCCESS

      bad.txt:4 - RMI_GRANULE_DELEGATE differs from B4.2
        smc c4000151 80000800 -> 101 0 0 0 0
        index: with RMI_ERROR_INPUT the index is zero
          expected RMI_ERROR_INPUT
          observed RMI_ERROR_INPUT 1

      bad.txt:5 - RMI_GRANULE_UNDELEGATE differs from B4.4.1
        smc c4000152 80001000 -> ffffffffffffffff 0 0 0 0
        result: X0 holds a status in bits 7:0 and an index in bits 15:8, other bits MBZ
          expected RMI_ERROR_INPUT
          observed SMCCC_NOT_SUPPORTED

      bad.txt:6 - memory at 0x80002000 differs from A2.2
        r64 80002000 -> 1
        memory: memory holds what was written to it
          expected 0x0
          observed 0x1

      bad.txt:8 - the state of Granules from 0x80000000 on differs from A2.2.2
        gdump 80000000 10 -> NNNNNNNNNNNNNNNN
        Granule(0x80000000).state: the state of the Granule
          expected D
          observed N

      From line 3 on the state is what the document makes of it, not the implementation: a difference there may be an echo.

                          conforming  differs  not judged
      RMI commands                 1        3           0
      entries of a Realm           0        0           0
      RSI and PSCI calls           0        0           0
      reads of memory              0        1           1
      Granule states               0        1           0

      Not judged:
        1 x the RMM holds the Granule: what it keeps there is its own, first in line 7

      bad.txt (an RMM): 5 differences
      "
    `);
  });

  test('prints one line for machines', async () => {
    const cwd = folder({ 'bad.txt': bad, 'good.txt': good });
    const { code, stdout } = await rmigen(cwd, ['replay', 'bad.txt', '--json']);
    expect(code).toBe(1);
    expect(stdout.trimEnd()).not.toContain('\n');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      ok: false,
      implementation: 'an RMM',
      total: { conforming: 1, differs: 5, 'not judged': 1 },
      parted: 3,
    });
    expect(report.differences[1]).toEqual({
      line: 4,
      subject: 'command',
      about: 'RMI_GRANULE_DELEGATE',
      breaches: [
        {
          id: 'index',
          text: 'with RMI_ERROR_INPUT the index is zero',
          section: 'B4.2',
          expected: 'RMI_ERROR_INPUT',
          observed: 'RMI_ERROR_INPUT 1',
        },
      ],
    });
    const ok = await rmigen(cwd, ['replay', 'good.txt', '--json']);
    expect([ok.code, JSON.parse(ok.stdout).ok]).toEqual([0, true]);
  });

  test('shows what is wrong with a file that is no trace', async () => {
    const cwd = folder({ 'no.txt': traceOf('smc 0x1 -> 0', 'frobnicate') });
    const { code, stdout, stderr } = await rmigen(cwd, ['replay', 'no.txt']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatchInlineSnapshot(`
      "no.txt:2:9 - error trace-arguments: \`->\` takes 5 values; there is 1

        2 | smc 0x1 -> 0
          |         ^^

      no.txt:3:1 - error trace-action: \`frobnicate\` is no action of a trace; known are smc, w64, w8, fill, r64, r8, gs, gdump or realm

        3 | frobnicate
          | ^^^^^^^^^^
      "
    `);
    const json = await rmigen(cwd, ['replay', 'no.txt', '--json']);
    expect(JSON.parse(json.stdout).diagnostics.map((one: { code: string }) => one.code)).toEqual([
      'trace-arguments',
      'trace-action',
    ]);
    expect([json.code, json.stderr]).toEqual([1, '']);
  });

  test('does not paint control sequences of a file', async () => {
    const name = '\u001b[31m';
    const text = `${traceOf(`w64 ${name} 1`)}# ${name}`.replace('an RMM', `an ${name}RMM`);
    const cwd = folder({ 'a.txt': text, 'b.txt': bad.replace('an RMM', `an ${name}RMM`) });
    const { stderr } = await rmigen(cwd, ['replay', 'a.txt']);
    const { stdout } = await rmigen(cwd, ['replay', 'b.txt']);
    expect(stderr + stdout).not.toContain('\u001b');
  });

  test('refuses what is no file', async () => {
    const cwd = folder({ 'in/a.txt': '' });
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    for (const [name, why] of [
      ['none.txt', 'it does not exist'],
      ['in', 'it is a folder'],
      ['pipe', 'it is a device or pipe'],
    ] as const) {
      const { code, stderr } = await rmigen(cwd, ['replay', name]);
      expect([code, stderr]).toEqual([2, `error: ${name} cannot be read: ${why}\n`]);
    }
    expect((await rmigen(cwd, ['replay'])).code).toBe(2);
  });

  test.each([
    [['frob=1'], 'there is no feature frob'],
    [['__proto__=1'], 'there is no feature __proto__'],
    [['vmidBits=7'], 'Write vmidBits=N with a decimal number from 8 to 16.'],
    [['auxCount=17'], 'Write auxCount=N with a decimal number from 0 to 16.'],
    [['lpa2=1'], 'Write NAME=true or NAME=false.'],
    [['sveVl'], 'sveVl is no setting of a feature'],
    [['s2sz=999'], 's2sz: expected 32 to 52, got 999'],
    [['lpa2=false', 's2sz=52'], 's2sz: expected 48 at most without lpa2, got 52'],
    [['revisions=1'], 'Write revisions=1.0,1.1.'],
  ])('refuses the features %j', async (features, message) => {
    const cwd = folder({ 'good.txt': good });
    const { code, stderr } = await rmigen(cwd, ['replay', 'good.txt', '--features', ...features]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('replays with the features that it is told', async () => {
    const text = traceOf('smc c4000165 0 -> 0 283fc104130 0 0 0');
    const cwd = folder({ 'a.txt': text });
    const changed = ['pmuNumCtrs=none', 'lpa2=true', 'sveVl=3', 'vmidBits=8', 'revisions=1.0'];
    expect((await rmigen(cwd, ['replay', 'a.txt'])).code).toBe(0);
    const { code, stdout } = await rmigen(cwd, ['replay', 'a.txt', '--features', ...changed]);
    expect(code).toBe(1);
    // SVE_EN and SVE_VL in bits 13:9; neither PMU_EN nor PMU_NUM_CTRS in bits 31:26 (B4.4.6).
    expect(stdout).toContain('expected RMI_SUCCESS, value 0x28300104f30');
  });

  test('says how far it has come where somebody watches', async () => {
    const text = readFileSync(lifecycle, 'utf8');
    const cwd = folder({ 'long.txt': `${text}${'# nothing\n'.repeat(40_000)}` });
    const { stderr } = await rmigen(cwd, ['replay', 'long.txt'], { tty: true, env: { NO_COLOR: '1' } });
    const [shown, rest, ...more] = stderr.split('\u001b[K');
    expect(shown).toMatch(/^(\rReplaying: [0-9]+ %)+\r$/);
    expect([rest, more]).toEqual(['', []]);
    expect((await rmigen(cwd, ['replay', 'long.txt'])).stderr).toBe('');
    expect((await rmigen(cwd, ['replay', 'long.txt', '--json'], { tty: true })).stderr).toBe('');
  });
});
