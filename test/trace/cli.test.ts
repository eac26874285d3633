import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, rmigen, root } from '../cli/harness.js';

const example = readFileSync(join(root, 'examples/trace/board.log'), 'utf8');

describe('rmigen trace', () => {
  test('makes a trace that rmigen replay judges', async () => {
    const path = folder({ 'board.log': example });
    const table = await rmigen(path, ['trace', 'board.log', '-o', 'board.trace']);
    expect([table.code, table.stderr]).toEqual([0, '']);
    await expect(table.stdout).toMatchFileSnapshot('expected/table.txt');
    const lines = await rmigen(path, ['trace', 'board.log', '--lines']);
    expect(lines.stdout).toBe(readFileSync(join(path, 'board.trace'), 'utf8'));
    await expect(lines.stdout).toMatchFileSnapshot('expected/board.trace');
    const { code, stdout } = await rmigen(path, ['replay', 'board.trace']);
    expect([code, /no differences/.test(stdout)]).toEqual([0, true]);
  });

  test('leads to the line that differs', async () => {
    const changed = example.replace('> RSI_SUCCESS 10000 10000', '> RSI_SUCCESS 10000 20000');
    expect(changed).not.toBe(example);
    const path = folder({ 'board.log': changed });
    await rmigen(path, ['trace', 'board.log', '-o', 'board.trace']);
    const { code, stdout } = await rmigen(path, ['replay', 'board.trace']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/RSI_VERSION/);
  });

  test('is there for machines', async () => {
    const path = folder({ 'board.log': example });
    const { stdout } = await rmigen(path, ['trace', 'board.log', '--json']);
    const { steps } = JSON.parse(stdout);
    expect(new Set(steps.map((one: { kind: string }) => one.kind))).toEqual(
      new Set(['log', 'assumed', 'left out']),
    );
    for (const step of steps)
      expect([step.kind, 'line' in step, 'reason' in step]).toEqual([
        step.kind,
        step.kind !== 'assumed',
        step.kind !== 'log',
      ]);
  });

  test('takes the memory and the features of the board', async () => {
    const path = folder({ 'board.log': 'SMC_RMI_GRANULE_DELEGATE 880000000 > RMI_SUCCESS\n' });
    const args = ['--memory', '0x880000000,0x10000000', '--featreg0', '0x283fc10412c'];
    const { stdout } = await rmigen(path, ['trace', 'board.log', '--lines', ...args]);
    expect(stdout).toMatch(
      /^# console log dram_base 880000000 granules 10000 pa_width 36 featreg0 283fc10412c\n/,
    );
  });

  test.each([
    [['trace', 'absent'], 2, /absent cannot be read: it does not exist/],
    [['trace', 'sub'], 2, /it is a folder/],
    [['trace', 'text'], 1, /text holds no call that firmware has logged/],
    [['trace', 'none'], 1, /feature register 0 is 0x0: features.s2sz: expected 32 to 52, got 0/],
    [['trace', 'far'], 1, /more than 1 TiB apart/],
    [['trace', 'board.log', '-o', 'sub'], 1, /sub cannot be written: it is a folder/],
    [['trace', 'board.log', '--memory', '0x1000'], 2, /no range of memory/],
    [['trace', 'board.log', '--memory', '0x1001,0x1000'], 2, /no range of memory/],
    [['trace', 'board.log', '--featreg0', '12'], 2, /no register/],
    [['trace', 'board.log', '--lines', '--json'], 2, /cannot be used with option/],
    [['trace', '/dev/zero'], 2, /it is a device or pipe/],
  ])('refuses %j with %i', async (args, code, expected) => {
    const path = folder({
      'board.log': example,
      text: 'Booting Linux\n',
      none: 'SMC_RMI_FEATURES 0 > RMI_SUCCESS 0\n',
      far: 'SMC_RMI_GRANULE_DELEGATE 0 > RMI_SUCCESS\nSMC_RMI_GRANULE_DELEGATE 20000000000 > RMI_SUCCESS\n',
    });
    mkdirSync(join(path, 'sub'));
    const result = await rmigen(path, args);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(expected);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
