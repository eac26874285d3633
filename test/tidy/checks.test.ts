import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { root } from './files.js';

const run = promisify(execFile);

/** The checks that `package.json` names; each can be run by itself with `npm run <name>`. */
describe('npm run', () => {
  test.each(['lint', 'typecheck', 'architecture', 'unused', 'check'])('%s', async (script) => {
    const problems = await run('npm', ['run', '--silent', script], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1' },
    })
      .then(() => '')
      .catch((error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`);
    expect(problems).toBe('');
  });
});
