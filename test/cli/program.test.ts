import { describe, expect, test } from 'vitest';
import { version } from '../../cli/package.js';
import { folder, project, rmigen } from './harness.js';

const exitCodes = `
Exit codes:
  0  everything is as it should be
  1  the specification has errors, a file is stale, or something could not be written
  2  the command line is wrong
`;

describe('the command line', () => {
  test('--version', async () => {
    expect(await rmigen(folder(), ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([['--help'], ['generate', '--help'], ['new', '--help'], ['help', 'generate']])(
    'help ends with the exit codes: %s %s',
    async (...args) => {
      const result = await rmigen(folder(), args.filter(Boolean));
      expect(result.code).toBe(0);
      expect(result.stderr).toBe('');
      expect(result.stdout).toMatch(/^Usage: rmigen /);
      expect(result.stdout.trimEnd().endsWith(exitCodes.trimEnd())).toBe(true);
    },
  );

  test('help names every command and option', async () => {
    expect((await rmigen(folder(), ['--help'])).stdout).toMatch(
      /\n {2}generate .*\n {2}new <dir> .*\n {2}explain /s,
    );
    const { stdout } = await rmigen(folder(), ['generate', '--help']);
    for (const option of ['--spec', '--out', '--target', '--check', '--watch', '--json'])
      expect(stdout).toContain(option);
  });

  test.each([
    [
      ['genrate'],
      "error: unknown command 'genrate'\n(Did you mean generate?)\nRun `rmigen --help` for the commands.\n",
    ],
    [['frobnicate'], "error: unknown command 'frobnicate'\nRun `rmigen --help` for the commands.\n"],
    [
      ['generate', '--chek'],
      "error: unknown option '--chek'\n(Did you mean --check?)\nRun `rmigen generate --help` for the options.\n",
    ],
    [
      ['generate', '--check', '--watch'],
      "error: option '-c, --check' cannot be used with option '-w, --watch'\n" +
        'Run `rmigen generate --help` for the options.\n',
    ],
    [
      ['generate', '--out'],
      "error: option '-o, --out <dir>' argument missing\nRun `rmigen generate --help` for the options.\n",
    ],
    [['new'], "error: missing required argument 'dir'\nRun `rmigen new --help` for what it takes.\n"],
    [
      ['generate', 'spec'],
      "error: too many arguments for 'generate'. Expected 0 arguments but got 1.\n" +
        'Run `rmigen generate --help` for the options.\n',
    ],
  ])('%j is wrong usage', async (args, stderr) => {
    expect(await rmigen(folder(), args)).toEqual({ code: 2, stdout: '', stderr });
  });

  test('no command is wrong usage, and prints the help', async () => {
    const result = await rmigen(folder(), []);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^Usage: rmigen /);
  });
});

describe('colours', () => {
  const sequence = '\u001b[';
  const summary = ['generate', '--target', 'schema'];

  test.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['a pipe with FORCE_COLOR and NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on %s', async (_where, tty, env, painted) => {
    const good = await rmigen(project(), summary, { tty, env });
    expect(good.stdout.includes(sequence)).toBe(painted);
    const bad = await rmigen(folder(), summary, { tty, env });
    expect(bad.stderr.includes(sequence)).toBe(painted);
  });

  test('never in JSON', async () => {
    const result = await rmigen(project(), [...summary, '--json'], { tty: true });
    expect(result.stdout).not.toContain(sequence);
  });
});
