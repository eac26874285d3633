import { cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, project, rmigen, root, write } from '../cli/harness.js';

const sequence = '\u001b[';

describe('rmigen explain', () => {
  test('prints a page', async () => {
    const { code, stdout, stderr } = await rmigen(root, ['explain', 'RMI_DATA_CREATE']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^RMI_DATA_CREATE +RMI command, B4\.3\.1\n/);
    expect(stdout).toMatch(/Source +spec\/rmm-1\.0-rel0\/rmi\/commands\/rmi_data_create\.yaml:2\n/);
  });

  test('takes a name of two words', async () => {
    const { code, stdout } = await rmigen(root, ['explain', 'struct', 'rec_enter']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^RmiRecEnter /);
  });

  test('takes a negative number after --', async () => {
    const { code, stdout } = await rmigen(root, ['explain', '--', '-9']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^-9 is a value of PsciReturnCode\.\n\nPSCI_INVALID_ADDRESS /);
  });

  test('lists what an ambiguous name can mean', async () => {
    expect(await rmigen(root, ['explain', 'gicv3_hcr'])).toEqual({
      code: 0,
      stderr: '',
      stdout: `gicv3_hcr can be 2 things:

  RmiRecEnter.gicv3_hcr  member  B4.4.14  the Host's share of ICH_HCR_EL2
  RmiRecExit.gicv3_hcr   member  B4.4.16  EOIcount and the Host's share of ICH_HCR_EL2, the rest zero
`,
    });
  });

  test('says what else has the name', async () => {
    const { stdout } = await rmigen(root, ['explain', 'rec_exit']);
    expect(stdout).toMatch(/\n\nrec_exit is also RMI_REC_ENTER\.rec_exit \(success condition\)\.\n$/);
  });

  test('suggests names for one that nothing has', async () => {
    expect(await rmigen(root, ['explain', 'SMC_RMI_DATA_CREAT'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: there is nothing called `SMC_RMI_DATA_CREAT` in rmm-1.0-rel0\n' +
        'hint: Did you mean `SMC_RMI_DATA_CREATE` or `SMC_RMI_DATA_CREATE_UNKNOWN`?\n',
    });
  });

  test('lets no control sequence of a query through', async () => {
    const { code, stdout, stderr } = await rmigen(root, ['explain', '\u001b[31mRMI\u0007']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('error: there is nothing called `·[31mRMI·` in rmm-1.0-rel0\n');
  });

  test('--json prints one line, also when nothing is found', async () => {
    const found = await rmigen(root, ['explain', '--json', 'RmiRipas'], { tty: true });
    expect(found.stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(found.stdout)).toMatchObject({ ok: true, item: { name: 'RmiRipas', width: 8 } });
    const missed = await rmigen(root, ['explain', '--json', 'RmiRipass']);
    expect(missed).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(missed.stdout)).toMatchObject({
      ok: false,
      suggestions: expect.arrayContaining(['RmiRipas']),
    });
  });

  test('needs a name', async () => {
    expect(await rmigen(root, ['explain'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: missing required argument 'name'\nRun `rmigen explain --help` for what it takes.\n",
    });
  });
});

describe('the folder and the version', () => {
  test('--spec names the folder', async () => {
    const { stdout } = await rmigen(folder(), ['explain', 'MBX_SEND', '--spec', join(project(), 'spec')]);
    expect(stdout).toMatch(/^MBX_SEND +MBX command, /);
  });

  test('the last of several versions is meant, and --version names another', async () => {
    const cwd = project();
    cpSync(join(cwd, 'spec/mailbox-1.0'), join(cwd, 'spec/mailbox-1.10'), { recursive: true });
    cpSync(join(cwd, 'spec/mailbox-1.0'), join(cwd, 'spec/mailbox-1.9'), { recursive: true });
    const version = async (...args: string[]) =>
      JSON.parse((await rmigen(cwd, ['explain', '--json', 'MBX_SEND', ...args])).stdout).version;
    expect(await version()).toBe('mailbox-1.10');
    expect(await version('--version', '1.9')).toBe('mailbox-1.9');
    expect(await version('--version', 'mailbox-1.0')).toBe('mailbox-1.0');
  });

  test('a version that there is not is wrong usage', async () => {
    expect(await rmigen(root, ['explain', 'RSI', '--version', '0.1'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no version 0.1\nhint: There is rmm-1.0-eac5, rmm-1.0-rel0, rmm-2.0-bet3.\n',
    });
  });

  test('a folder without a version', async () => {
    const cwd = folder({ 'spec/README.md': 'Nothing.\n' });
    expect(await rmigen(cwd, ['explain', 'RSI'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no version in spec\nhint: A version is a folder with a spec.yaml.\n',
    });
  });

  test('no folder is wrong usage', async () => {
    const { code, stderr } = await rmigen(folder(), ['explain', 'RSI']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: there is no folder `spec` here\n/);
  });
});

describe('a specification with errors', () => {
  const broken = (change: (text: string) => string): string => {
    const cwd = project();
    const path = join(cwd, 'spec/mailbox-1.0/commands/mbx_send.yaml');
    write(path, change(readFileSync(path, 'utf8')));
    return cwd;
  };

  test('is reported instead of an answer', async () => {
    const cwd = broken((text) => text.replace('summary:', 'sumary:'));
    const { code, stdout, stderr } = await rmigen(cwd, ['explain', 'MbxStatus']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^spec\/mailbox-1\.0\/commands\/mbx_send\.yaml:\d+:\d+ - error /);
    expect(JSON.parse((await rmigen(cwd, ['explain', 'MbxStatus', '--json'])).stdout)).toMatchObject({
      ok: false,
      diagnostics: [
        { code: 'unknown-key', severity: 'error', path: 'spec/mailbox-1.0/commands/mbx_send.yaml' },
      ],
    });
  });

  test('in its conditions is reported where they are needed', async () => {
    const cwd = broken((text) => text.replace(/pre: "[^"]*"/, 'pre: "no_such_value"'));
    expect((await rmigen(cwd, ['explain', 'MbxStatus'])).code).toBe(0);
    const { code, stdout, stderr } = await rmigen(cwd, ['explain', 'MBX_SEND']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error unknown-value: `no_such_value` is neither');
  });

  test('in a target costs its names only', async () => {
    const cwd = project();
    if (existsSync(join(cwd, 'spec/targets'))) renameSync(join(cwd, 'spec/targets'), join(cwd, 'other'));
    write(join(cwd, 'spec/targets/x.yaml'), 'name: [');
    expect((await rmigen(cwd, ['explain', 'MBX_SEND'])).code).toBe(0);
  });
});

describe('colours', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ])('on %s', async (_where, tty, env, painted) => {
    const setting = { tty, env };
    const page = await rmigen(root, ['explain', 'RMI_DATA_CREATE'], setting);
    expect(page.stdout.includes(sequence)).toBe(painted);
    const list = await rmigen(root, ['explain', 'gicv3_hcr'], setting);
    expect(list.stdout.includes(sequence)).toBe(painted);
    const json = await rmigen(root, ['explain', 'RmiRipas', '--json'], setting);
    expect(json.stdout).not.toContain(sequence);
  });
});

test.each([
  ['a question whose answer is in the cache', ['cli/explain.js', 'cli/decode.js'], []],
  [
    'a question',
    ['cli/explain.js', 'generator/index.js', 'generator/emit/targets/names.js'],
    ['yaml', 'zod'],
  ],
])('%s loads none of the libraries that only emitters need', (_, modules, reading) => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const follow = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const script = path.replace(/\.js$/, '.ts');
    const text = readFileSync(join(root, existsSync(join(root, script)) ? script : path), 'utf8');
    // Types, and what is imported when it is used, are not loaded.
    for (const [, name] of text.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)';/gms)) {
      if (name!.startsWith('.')) follow(normalize(join(dirname(path), name!)));
      else packages.add(name!);
    }
  };
  for (const path of ['cli/main.js', ...modules]) follow(path);
  expect(seen.size).toBeGreaterThan(50);
  expect([...packages].filter((name) => !name.startsWith('node:')).sort()).toEqual([
    'commander',
    'picocolors',
    ...reading,
  ]);
});
