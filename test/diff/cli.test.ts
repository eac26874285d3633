import { describe, expect, test } from 'vitest';
import { rmigen } from '../cli/harness.js';
import { root } from '../explain/support.js';

const diff = (...args: readonly string[]) => rmigen(root, ['diff', ...args]);

describe('rmigen diff', () => {
  test('takes a version by its folder or its number', async () => {
    const [one, other] = [await diff('rmm-1.0-eac5', 'rmm-1.0-rel0'), await diff('1.0-eac5', '1.0-rel0')];
    expect(one.code).toBe(0);
    expect(one).toEqual(other);
    expect(one.stdout).toMatch(/^DEN0137 1\.0-eac5 to 1\.0-rel0: 5 items differ; 8 changes break/);
  });

  test('draws both layouts where bits have moved, and says what breaks', async () => {
    const { stdout } = await diff('1.0-eac5', '1.0-rel0', 'RmiFeatureRegister0');
    expect(stdout).toContain('! PMU_EN          moved    bit 22 -> bit 26');
    expect(stdout.match(/│ MBZ │/g)).toHaveLength(2);
  });

  test('is painted only where that is asked for', async () => {
    const { stdout } = await diff('1.0-eac5', '1.0-rel0');
    expect(stdout).not.toContain('\u001b');
    const painted = await rmigen(root, ['diff', '1.0-eac5', '1.0-rel0'], { env: { FORCE_COLOR: '1' } });
    expect(painted.stdout).toContain('\u001b[');
    const refused = await rmigen(root, ['diff', '1.0-eac5', '1.0-rel0'], {
      env: { FORCE_COLOR: '1', NO_COLOR: '1' },
    });
    expect(refused.stdout).toBe(stdout);
  });

  test('--abi exits with 1 and the reasons, and with 0 when nothing breaks', async () => {
    const breaks = await diff('1.0-eac5', '1.0-rel0', '--abi');
    expect(breaks.code).toBe(1);
    expect(breaks.stdout).toContain('8 changes break a program built for 1.0-eac5 on 1.0-rel0:');
    expect(breaks.stdout).toContain(
      'RmiFeatureRegister0.PMU_EN        moved    PMU_EN has bit 26, not bit 22',
    );
    const none = await diff('1.0-eac5', '1.0-rel0', 'RsiRealmConfig', '--abi');
    expect(none.code).toBe(0);
    expect(none.stdout).toContain('nothing breaks');
  });

  test('--json is one line, with what breaks', async () => {
    const { code, stdout } = await diff('1.0-eac5', '1.0-rel0', '--json', '--abi');
    expect(code).toBe(1);
    expect(stdout.trimEnd()).not.toContain('\n');
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ ok: false, from: 'rmm-1.0-eac5', to: 'rmm-1.0-rel0' });
    expect(answer.breaks).toHaveLength(8);
    expect(answer.differences.map((one: { name: string }) => one.name)).toContain('RsiRipas');
  });

  test('--markdown has a table for each item', async () => {
    const { stdout } = await diff('1.0-eac5', '1.0-rel0', '--markdown');
    expect(stdout).toMatch(/^# DEN0137 1\.0\\-eac5 to 1\.0\\-rel0\n/);
    expect(stdout.match(/^\| Part \| Change \| Before \| After \| Breaks \|$/gm)).toHaveLength(5);
  });

  test('a version with itself', async () => {
    const { code, stdout } = await diff('1.0-rel0', '1.0-rel0', '--abi');
    expect([code, stdout]).toEqual([0, 'nothing breaks a program built for 1.0-rel0 on 1.0-rel0.\n']);
  });

  test('an item that there is not is a failure with a guess', async () => {
    const { code, stderr } = await diff('1.0-eac5', '1.0-rel0', 'RsiRipsa');
    expect(code).toBe(1);
    expect(stderr).toBe('error: neither version has an item `RsiRipsa`\nhint: Did you mean `RsiRipas`?\n');
  });

  test('names from the command line reach the terminal harmless', async () => {
    const { stderr } = await diff('1.0-eac5', '1.0-rel0', '\u001b[2Jx');
    expect(stderr).not.toContain('\u001b');
  });

  test.each([[['1.0-eac5']], [['1.0-eac5', '3.0']], [['1.0-eac5', '1.0-rel0', '--json', '--markdown']]])(
    'wrong usage: %j',
    async (args) => {
      expect((await diff(...args)).code).toBe(2);
    },
  );
});
