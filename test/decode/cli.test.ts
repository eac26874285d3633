import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, type Result, rmigen, root, type Setting } from '../cli/harness.js';
import { printers } from './dumps.js';
import { recRunPage } from './page.js';

const page = recRunPage();
const xxd = printers.find((one) => one.name === 'xxd')!.print(page, 0x88000000);

/** Runs `rmigen decode` in a folder with the dumps, on the specification of the checkout. */
function decode(args: readonly string[], setting: Setting = {}): Promise<Result> {
  const cwd = folder({ 'run.xxd': xxd });
  symlinkSync(join(root, 'spec'), join(cwd, 'spec'));
  return rmigen(cwd, ['decode', ...args], setting);
}

const firstLines = (text: string, count: number) => text.split('\n').slice(0, count).join('\n');

describe('a dump', () => {
  test('from a file says where it is from and what form it has', async () => {
    const { code, stdout, stderr } = await decode(['rec_run', 'run.xxd']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('From  run.xxd at 0x88000000 (xxd)');
    expect(stdout).toContain('RMI_EXIT_RIPAS_CHANGE');
  });

  test('from standard input', async () => {
    const { code, stdout } = await decode(['rec_run'], { stdin: page });
    expect(code).toBe(0);
    expect(stdout).toContain('From  standard input (binary)');
    expect((await decode(['rec_run', '-'], { stdin: Buffer.from(xxd) })).stdout).toContain('(xxd)');
  });

  test.each([
    [['--offset', '0x800']],
    [['--base', '0x88000800']],
    [['--base', '0x88000000', '--offset', '2048']],
  ])('part of it: %j', async (where) => {
    const { code, stdout } = await decode(['rec_exit', 'run.xxd', ...where]);
    expect(code).toBe(0);
    expect(stdout).toContain('From  run.xxd at 0x88000800 (xxd)');
    expect(stdout).toContain('RMI_EXIT_RIPAS_CHANGE');
  });

  test('on the command line', async () => {
    const { stdout } = await decode(['RmiRecExitReason', '05', '--format', 'hex']);
    expect(stdout).toContain('5, RMI_EXIT_HOST_CALL');
    const bytes = Buffer.alloc(0x100, 0);
    bytes[0] = 7;
    expect((await decode(['RsiHostCall', bytes.toString('hex')])).stdout).toContain('0x00    imm     7');
  });

  test('with --all shows zeros as well', async () => {
    const short = await decode(['rec_run', 'run.xxd']);
    const long = await decode(['rec_run', 'run.xxd', '--all']);
    expect(short.stdout).toContain('values are zero and not shown; --all shows them.');
    expect(long.stdout).not.toContain('not shown');
    expect(long.stdout).toContain('exit.gprs[30]');
  });

  test('that is against the document exits with 1, and is shown', async () => {
    const wrong = Uint8Array.from(page);
    wrong[0x900 + 0x20] = 1;
    const { code, stdout } = await decode(['rec_run'], { stdin: wrong });
    expect(code).toBe(1);
    expect(stdout).toContain('the byte at 0x920 is not zero: MBZ');
  });
});

describe('--json', () => {
  test('has every value and what is against the document', async () => {
    const wrong = Uint8Array.from(page);
    wrong[0x800] = 9;
    const { code, stdout } = await decode(['rec_run', '--json'], { stdin: wrong });
    expect(code).toBe(1);
    expect(stdout.split('\n')).toHaveLength(2);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      ok: false,
      version: 'rmm-1.0-rel0',
      name: 'RmiRecRun',
      section: 'B4.4.20',
      source: { format: 'binary', offset: 0 },
      findings: [{ path: 'exit.exit_reason', sort: 'label', section: 'B4.4.17' }],
    });
    const of = (path: string) => answer.values.find((one: { path: string }) => one.path === path);
    expect(of('enter.gprs[3]')).toEqual({
      path: 'enter.gprs[3]',
      offset: 0x218,
      size: 8,
      type: 'Bits64',
      value: '0xabcd',
    });
    expect(of('exit.ripas_value')).toMatchObject({ value: '0x1', label: 'RMI_RAM' });
    expect(of('enter.flags').fields[0]).toMatchObject({
      name: 'emul_mmio',
      bits: '0',
      label: 'RMI_EMULATED_MMIO',
    });
  });

  test('of a call and of a number', async () => {
    const call = await decode(['smc', '0xC4000153', 'x1=0x88000000', 'x0=0x2', '--json']);
    expect(JSON.parse(call.stdout)).toMatchObject({
      ok: true,
      name: 'RMI_DATA_CREATE',
      arguments: [{ name: 'rd', register: 'X1', value: '0x88000000' }],
      results: [
        { register: 'X0', fields: [{ name: 'status', label: 'RMI_ERROR_REALM' }, { name: 'index' }] },
      ],
      failures: ['realm_state'],
    });
    const number = await decode(['RmiRipas', '1', '--json']);
    expect(JSON.parse(number.stdout)).toMatchObject({
      source: { format: 'number' },
      values: [{ label: 'RMI_RAM', value: '0x1' }],
    });
  });

  test('of what is wrong', async () => {
    const bad = await decode(['rec_run', '--json'], { stdin: Buffer.from('no dump\n') });
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, diagnostics: [{ code: 'dump-format' }] });
    const none = await decode(['rec_runn', '--json'], { stdin: page });
    expect(JSON.parse(none.stdout)).toMatchObject({
      ok: false,
      error: { hint: expect.stringContaining('rec_run') },
    });
  });
});

describe('a call', () => {
  test.each([
    [['smc', '0xc4000153', 'x5=1']],
    [['smc', 'x0=0xC4000153', 'x5=1']],
    [['smc', 'RMI_DATA_CREATE', 'x5=1']],
    [['smc', 'SMC_RMI_DATA_CREATE', 'x5=1']],
    [['RMI_DATA_CREATE', 'x5=1']],
  ])('%j', async (words) => {
    const { code, stdout } = await decode(words);
    expect(code).toBe(0);
    expect(firstLines(stdout, 1)).toMatch(/^RMI_DATA_CREATE +RMI command, B4\.3\.1$/);
    expect(stdout).toContain('RMI_MEASURE_CONTENT');
  });
});

describe('colours', () => {
  test('are there on a terminal only, and not with NO_COLOR', async () => {
    const control = '\u001b[';
    expect((await decode(['RmiRipas', '9'], { tty: true })).stdout).toContain(control);
    expect((await decode(['RmiRipas', '9'])).stdout).not.toContain(control);
    expect((await decode(['RmiRipas', '9'], { tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(
      escape,
    );
  });
});

describe('what is refused', () => {
  test.each([
    [['rec_run'], 2, 'error: there is nothing to decode\n'],
    [['rec_run', 'nothing.bin'], 2, 'error: nothing.bin is no file\n'],
    [['rec_run', 'spec'], 2, 'error: spec cannot be read: it is a folder\n'],
    [['rec_run', 'run.xxd', '--format', 'yaml'], 2, 'error: there is no form yaml\n'],
    [['rec_run', 'run.xxd', '--offset', 'one'], 2, 'error: --offset is a number, not one\n'],
    [['rec_run', '0011', '--base', '0x10'], 2, 'error: a dump of hex has no addresses\n'],
    [['RmiRipas', '1', '--offset', '1'], 2, 'error: --offset and --base are for dumps, not for a number\n'],
    [['gicv3_hcr', '1'], 2, 'error: `gicv3_hcr` can be 2 things\n'],
    [['smc'], 2, 'error: `smc` needs a FID\n'],
    [
      ['smc', '0xC4000156'],
      1,
      'error: 0xC4000156 is in the FIDs of RMI, but no command of rmm-1.0-rel0 has it\n',
    ],
    [['smc', '0x80000000'], 1, 'error: no command of rmm-1.0-rel0 has the FID 0x80000000\n'],
    [['smc', 'RmiRipas'], 2, 'error: `RmiRipas` is no command\n'],
    [['smc', 'x1=1'], 2, 'error: X0 is not given, and no FID before it\n'],
    [['\u001b[31m', '1'], 1, 'error: there is nothing called `\u00b7[31m` in rmm-1.0-rel0\n'],
    [['rec_run', 'run.xxd', '--version', '9.9'], 2, 'error: there is no version 9.9\n'],
  ])('%j', async (args, expected, message) => {
    const { code, stdout, stderr } = await decode(args);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr.startsWith(message), stderr).toBe(true);
  });

  test('a dump that cannot be read, at its place', async () => {
    const { code, stdout, stderr } = await decode(['rec_run'], {
      stdin: Buffer.from('00000000: 0500 0000\n00000004: 05zz 0000\n'),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(firstLines(stderr, 1)).toBe(
      'standard input:2:11 - error dump-word: `05zz` is no value in a dump of xxd: it is not hexadecimal',
    );
  });

  test('control characters of a dump do not reach the terminal', async () => {
    const { stderr } = await decode(['rec_run', '--format', 'xxd'], {
      stdin: Buffer.from('00000000: \u001b[2J 0000\n'),
    });
    expect(stderr).not.toContain('\u001b');
  });

  test('more than a dump may have', async () => {
    const { code, stderr } = await decode(['rec_run'], { stdin: Buffer.alloc((16 << 20) + 1) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: standard input has more than 16777216 bytes\n',
    });
  });
});
