import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linuxHeaders, run, Scratch } from './support.js';

/**
 * A header that is wrong in one place must not pass its test. The header is changed in one place after the
 * other; its own assertions are taken out first, so that it is the test that notices.
 */
const scratch = new Scratch();
beforeAll(() => linuxHeaders(scratch));
afterAll(() => scratch.remove());

const read = (name: string) => readFileSync(join(scratch.path, name), 'utf8');
const withoutAssertions = (header: string) => header.replace(/^static_assert\(.*\n/gm, '');

interface Change {
  readonly at: number;
  readonly length: number;
  readonly to: string;
}

const member = /^\t+(u8|u16|u64|s64|unsigned long) \w+(\[\w+\])?; .*\n/gm;

/** Every number made one greater, every type of a member another, every two members that follow each other swapped. */
function changes(header: string): readonly Change[] {
  // Numbers in comments and in lines of the preprocessor that define nothing are none.
  const code = header
    .replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^#(?!define).*$/gm, (line) => ' '.repeat(line.length));
  const numbers = [...code.matchAll(/(?<!\w)(?:0x[0-9a-f]+|\d+)(?!\w)/g)].map((match) => ({
    at: match.index,
    length: match[0].length,
    to: String(Number(match[0]) + 1),
  }));
  const members = [...header.matchAll(member)];
  const types = members.map((match) => ({
    at: match.index + match[0].indexOf(match[1]!),
    length: match[1]!.length,
    to: 'u32',
  }));
  const swaps = members.flatMap((match, index) => {
    const next = members[index + 1];
    if (next === undefined || next.index !== match.index + match[0].length) return [];
    return [{ at: match.index, length: match[0].length + next[0].length, to: next[0] + match[0] }];
  });
  return [...numbers, ...types, ...swaps];
}

/** The changes that the test let pass, as the changed line. */
async function unnoticed(name: string, header: string, all: readonly Change[]): Promise<readonly string[]> {
  const found: string[] = [];
  const pending = all.values();
  const worker = async (folder: string) => {
    scratch.write(`${folder}/test.c`, read(`${name}.test.c`));
    for (const { at, length, to } of pending) {
      const changed = header.slice(0, at) + to + header.slice(at + length);
      scratch.write(`${folder}/${name}.h`, changed);
      const args = ['-std=gnu11', '-fsyntax-only', '-I', 'shim', `${folder}/test.c`];
      if ((await run('gcc', args, scratch.path)).ok)
        found.push(changed.slice(changed.lastIndexOf('\n', at) + 1, changed.indexOf('\n', at)));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, (_, id) => worker(`${name}.${id}`)));
  return found;
}

describe.each([
  ['rmi_smc', 170],
  ['rsi_smc', 30],
])('%s.test.c', (name, least) => {
  test('passes when nothing is changed', async () => {
    const header = withoutAssertions(read(`${name}.h`));
    expect(await unnoticed(name, header, [{ at: 0, length: 0, to: '' }])).toHaveLength(1);
  });

  test('fails when any one number, type or place is wrong', async () => {
    const header = withoutAssertions(read(`${name}.h`));
    const all = changes(header);
    expect(all.length).toBeGreaterThan(least);
    expect(await unnoticed(name, header, all)).toEqual([]);
  });
});
