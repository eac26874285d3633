import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contents, folder, rmigen, write } from './harness.js';

describe('new', () => {
  test('makes a specification that generates at once', async () => {
    const at = folder();
    const made = await rmigen(at, ['new', 'mailbox']);
    expect(made.code).toBe(0);
    expect(made.stderr).toBe('');
    const step = /^ {2}rmigen (generate .*)$/m.exec(made.stdout)?.[1];
    expect(step).toBe('generate --spec mailbox');
    const generated = await rmigen(at, step!.split(' '));
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(at, 'generated/mailbox-1.0'))).toBe(true);
  });

  test('lists the files that it made', async () => {
    const at = folder();
    const { stdout } = await rmigen(at, ['new', 'mailbox']);
    const listed = [...stdout.matchAll(/^ {2}(\S+)$/gm)].map((match) => match[1]);
    const made = Object.keys(contents(join(at, 'mailbox'))).filter((name) => !name.startsWith('schema/'));
    expect(listed).toEqual(made);
  });

  test('each YAML file names a schema that is there', async () => {
    const at = folder();
    await rmigen(at, ['new', '.']);
    const yaml = Object.entries(contents(at)).filter(([name]) => name.endsWith('.yaml'));
    expect(yaml.length).toBeGreaterThan(3);
    for (const [name, text] of yaml) {
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1];
      expect(existsSync(resolve(at, dirname(name), schema ?? 'none')), name).toBe(true);
    }
  });

  test('names the command that the user has', async () => {
    const { stdout } = await rmigen(folder(), ['new', 'a b'], { env: { npm_command: 'exec' } });
    expect(stdout).toContain("  npx rmigen generate --spec 'a b'\n");
  });

  test('fills an empty folder, also one under version control', async () => {
    const at = folder();
    mkdirSync(join(at, '.git'));
    expect((await rmigen(at, ['new', '.'])).code).toBe(0);
  });

  test('leaves a folder alone that holds something', async () => {
    const at = folder({ 'mine/notes.txt': 'keep' });
    expect(await rmigen(at, ['new', 'mine'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: mine is not empty\nhint: Give a folder that is empty or does not exist.\n',
    });
    expect(contents(at)).toEqual({ 'mine/notes.txt': 'keep' });
  });

  test('a file in its place is reported', async () => {
    const at = folder();
    writeFileSync(join(at, 'file'), '');
    const result = await rmigen(at, ['new', 'file']);
    expect(result).toMatchObject({ code: 1, stderr: 'error: file cannot be made: it exists already\n' });
    write(join(at, 'other'), '');
    const below = await rmigen(at, ['new', 'other/below']);
    expect(below.stderr).toBe(
      'error: other/below cannot be made: a part of the path is a file, not a folder\n',
    );
    expect(readdirSync(at).sort()).toEqual(['file', 'other']);
  });
});
