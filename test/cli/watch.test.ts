import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { project, rmigen, timeless } from './harness.js';

/** `rmigen generate --watch` in the background; `next` waits for a printed text that was not seen yet. */
function watching(at: string, ...more: string[]) {
  const stop = new AbortController();
  let printed = '';
  let seen = 0;
  let look = () => {};
  const ended = rmigen(at, ['generate', '--watch', '--target', 'schema', ...more], {
    signal: stop.signal,
    heard: (text) => {
      printed += text;
      look();
    },
  });
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  const next = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      look = () => {
        const match = pattern.exec(printed.slice(seen));
        if (match === null) return;
        look = () => {};
        seen += match.index + match[0].length;
        resolve(timeless(match[0]));
      };
      look();
    });
  return { next, stop: () => stop.abort(), ended };
}

const types = 'spec/mailbox-1.0/types.yaml';

describe('--watch', { timeout: 15_000 }, () => {
  test('generates at once, after each save, and goes on after an error', async () => {
    const at = project();
    const path = join(at, types);
    const good = readFileSync(path, 'utf8');
    const run = watching(at);
    await run.next(/^watching spec; Ctrl-C ends it\n/);
    expect(await run.next(/^.*written.*\n/m)).toMatch(/^\d+ written, 0 unchanged in <time>\n$/);

    writeFileSync(path, good.replace('kind: struct', 'kind: strukt'));
    expect(await run.next(/error bad-choice.*file was changed\n/s)).toContain('`strukt` is not one of');

    writeFileSync(path, good);
    expect(await run.next(/^.*written.*\n/m)).toMatch(
      /^spec\/mailbox-1\.0\/types\.yaml: 0 written, \d+ unchanged in <time>\n$/,
    );

    run.stop();
    expect((await run.ended).code).toBe(0);
  });

  test('sees files come and go, and takes several changes as one', async () => {
    const at = project();
    const run = watching(at);
    await run.next(/0 unchanged in/);
    mkdirSync(join(at, 'spec/mailbox-2.0'));
    for (const name of ['spec.yaml', 'types.yaml', 'commands/mbx_send.yaml', 'commands/mbx_version.yaml']) {
      const to = join(at, 'spec/mailbox-2.0', name);
      mkdirSync(join(to, '..'), { recursive: true });
      writeFileSync(to, readFileSync(join(at, 'spec/mailbox-1.0', name), 'utf8'));
    }
    await run.next(/unchanged in/);
    renameSync(join(at, types), join(at, `${types}.bak`));
    expect(await run.next(/error file-missing.*\n/)).toContain('mailbox-1.0/types.yaml does not exist');
    renameSync(join(at, `${types}.bak`), join(at, types));
    await run.next(/unchanged in/);
  });

  test('prints a line of JSON a run', async () => {
    const at = project();
    const run = watching(at, '--json');
    expect(JSON.parse(await run.next(/^\{.*\}\n/m))).toMatchObject({ ok: true });
    const path = join(at, types);
    writeFileSync(path, readFileSync(path, 'utf8').replace('width: 8', 'width: 1'));
    expect(JSON.parse(await run.next(/^\{.*\}\n/m))).toMatchObject({ ok: false, written: [] });
  });
});
