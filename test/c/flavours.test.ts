import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lines, program } from './expected/program.js';
import { rmiSmc } from './expected/rmi-smc.js';
import { smcRmi, smcRsi } from './expected/tf-rmm.js';
import { flavour, has, run, Scratch, warnings } from './support.js';

const scratch = new Scratch();
beforeAll(async () => {
  await flavour(scratch, 'tf-rmm', 'smc-rmi.h', 'smc-rsi.h', 'shim/smc.h');
  await flavour(scratch, 'neutral', 'rmi.h', 'rsi.h');
});
afterAll(() => scratch.remove());

async function accepts(program: string, ...args: readonly string[]): Promise<void> {
  const { ok, output } = await run(program, args, scratch.path);
  expect(output).toBe('');
  expect(ok).toBe(true);
}

async function printed(name: string): Promise<readonly string[]> {
  const { ok, output } = await run(`./${name}`, [], scratch.path);
  expect(ok).toBe(true);
  return output.trimEnd().split('\n');
}

const tfRmm = ['-std=gnu11', ...warnings, '-I', 'shim'];
const compilers = ['gcc', 'clang', 'aarch64-linux-gnu-gcc'];

describe("TF-RMM's headers", () => {
  describe.each(compilers)('%s', (cc) => {
    test.skipIf(!has(cc)).each(['smc-rmi', 'smc-rsi'])('compiles %s.test.c', (name) =>
      accepts(cc, ...tfRmm, '-c', `${name}.test.c`, '-o', `${cc}.o`),
    );
  });

  // The lists were written by hand from TF-RMM's headers; neither they nor the programs know the specification.
  test.each([
    ['smc-rmi.h', smcRmi],
    ['smc-rsi.h', smcRsi],
  ] as const)('%s has the names, values, types and offsets of the one it stands in for', async (_, facts) => {
    scratch.write('facts.c', `#include <stddef.h>\n${program(facts)}`);
    await accepts('gcc', ...tfRmm, '-o', 'facts', 'facts.c');
    expect(await printed('facts')).toEqual(lines(facts));
  });

  test.each([
    ['smc-rmi.h', smcRmi],
    ['smc-rsi.h', smcRsi],
  ] as const)('%s defines no other macro', async (header, facts) => {
    const macros = async (file: string) => {
      scratch.write('names.c', `#include "${file}"\n`);
      const { output } = await run('gcc', ['-std=gnu11', '-dM', '-E', '-I', 'shim', 'names.c'], scratch.path);
      return new Set([...output.matchAll(/^#define (\w+)/gm)].map((match) => match[1]!));
    };
    const shim = await macros('shim/smc.h');
    const guard = header.toUpperCase().replace(/\W/g, '_');
    const called = Object.keys(facts.expressions).map((one) => one.slice(0, one.indexOf('(')));
    const expected = new Set([...Object.keys(facts.constants), ...called, guard]);
    expect([...(await macros(header))].filter((one) => !shim.has(one)).sort()).toEqual([...expected].sort());
  });
});

const pedantic = ['-pedantic', ...warnings];

describe('the neutral headers', () => {
  describe.each(compilers)('%s', (cc) => {
    describe.skipIf(!has(cc)).each(['c99', 'c11', 'c17'])('as %s', (standard) => {
      test.each(['rmi', 'rsi'])('compiles %s.test.c', (name) =>
        accepts(cc, `-std=${standard}`, ...pedantic, '-Wconversion', '-c', `${name}.test.c`, '-o', `${cc}.o`),
      );
    });
  });

  describe.each(['g++', 'clang++'])('%s', (cxx) => {
    describe.skipIf(!has(cxx)).each(['c++11', 'c++17'])('as %s', (standard) => {
      test.each(['rmi', 'rsi'])('compiles %s.test.c', (name) =>
        accepts(cxx, '-x', 'c++', `-std=${standard}`, ...pedantic, '-c', `${name}.test.c`, '-o', `${cxx}.o`),
      );
    });
  });

  test.each(['rmi', 'rsi'])('the functions of %s.h read and write their fields', async (name) => {
    await accepts('gcc', '-std=c99', ...pedantic, '-o', `${name}.test`, `${name}.test.c`);
    await accepts(`./${name}.test`);
  });

  test('a function that reads the wrong field is noticed when the test runs', async () => {
    const text = readFileSync(join(scratch.path, 'rmi.h'), 'utf8');
    const wrong = text.replace('>> RMI_RETURN_CODE_INDEX_SHIFT;', '>> RMI_RETURN_CODE_STATUS_SHIFT;');
    expect(wrong).not.toBe(text);
    scratch.write('wrong/rmi.h', wrong);
    scratch.write('wrong/rmi.test.c', readFileSync(join(scratch.path, 'rmi.test.c'), 'utf8'));
    await accepts('gcc', '-std=c99', '-o', 'wrong/test', 'wrong/rmi.test.c');
    const { ok, output } = await run('./wrong/test', [], scratch.path);
    expect(ok).toBe(false);
    expect(output).toMatch(/^line \d+\n$/);
  });

  test("rmi.h has the numbers of Linux's header, by what both call alike", async () => {
    // The list was written by hand from that header. It widens members; offsets stay.
    const constants = Object.keys(rmiSmc.constants).filter((name) =>
      /^(SMC_RMI_|RMI_(?!ABI_|FEATURE_REGISTER_0_Reserved|REALM_PARAM))/.test(name),
    );
    expect(constants.length).toBeGreaterThan(50);
    const members = rmiSmc.members.filter(([path]) => !path.includes('padding'));
    const renamed = (path: string) => `rmi_${path.replace('num_rec_aux', 'num_aux')}`;
    scratch.write(
      'like-linux.c',
      [
        '#include <stdio.h>',
        '#include "rmi.h"',
        'int main(void)',
        '{',
        ...constants.map((name) => `printf("${name} %llu\\n", (unsigned long long)${name});`),
        ...Object.keys(rmiSmc.structs).map((tag) => `printf("${tag} %zu\\n", sizeof(struct rmi_${tag}));`),
        ...members.map(([path]) => {
          const [tag, member] = renamed(path).split('.');
          return `printf("${path} %zu\\n", offsetof(struct ${tag}, ${member}));`;
        }),
        'return 0;',
        '}',
        '',
      ].join('\n'),
    );
    await accepts('gcc', '-std=c99', ...pedantic, '-o', 'like-linux', 'like-linux.c');
    expect(await printed('like-linux')).toEqual([
      ...constants.map((name) => `${name} ${rmiSmc.constants[name]![0]}`),
      ...Object.entries(rmiSmc.structs).map(([tag, [size]]) => `${tag} ${size}`),
      ...members.map(([path, offset]) => `${path} ${offset}`),
    ]);
  });

  test('both headers together, twice, and for an assembler', async () => {
    scratch.write('twice.c', ['rmi.h', 'rsi.h', 'rmi.h'].map((one) => `#include "${one}"\n`).join(''));
    await accepts('gcc', '-std=c99', ...pedantic, '-fsyntax-only', 'twice.c');
    scratch.write(
      'macros.S',
      '#include "rmi.h"\n#include "rsi.h"\n.quad SMC_RMI_VERSION, RMI_PERMITTED_GICV3_HCR_BITS, SMC_RSI_HOST_CALL\n',
    );
    await accepts('gcc', '-I', '.', '-c', 'macros.S', '-o', 'macros.o');
  });
});

describe('a header that is wrong in one place', () => {
  /** Every number of a definition made one greater, every type of a member another. */
  function changes(header: string): readonly { at: number; length: number; to: string }[] {
    const code = header.replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ' '));
    const numbers = [...code.matchAll(/^#define (\w+)\s+.*?(?<![\w])(0x[0-9a-f]+|\d+)\b.*$/gm)]
      .filter((match) => !/_ASSERT$/.test(match[1]!))
      .map((match) => ({
        at: match.index + match[0].lastIndexOf(match[2]!),
        length: match[2]!.length,
        to: String(Number(match[2]) + 1),
      }));
    const types = [
      ...code.matchAll(/(?<=^\t+(?:SET_MEMBER\()?)(unsigned (?:long|int|char|short)|u?int\d+_t)(?= \w+)/gm),
    ].map((match) => ({ at: match.index, length: match[0].length, to: 'signed char' }));
    return [...numbers, ...types];
  }

  test.each([
    ['smc-rmi', tfRmm, 90],
    ['smc-rsi', tfRmm, 25],
    ['rmi', ['-std=c11'], 120],
    ['rsi', ['-std=c11'], 30],
  ] as const)('does not pass %s.test.c', async (name, options, least) => {
    const read = (file: string) => readFileSync(join(scratch.path, file), 'utf8');
    const header = read(`${name}.h`).replace(/^\w+_ASSERT\(.*\n/gm, '');
    const all = changes(header);
    expect(all.length).toBeGreaterThan(least);
    scratch.write(`${name}.one/test.c`, read(`${name}.test.c`));
    const passes = async (text: string) => {
      scratch.write(`${name}.one/${name}.h`, text);
      const args = [...options, '-fsyntax-only', `${name}.one/test.c`];
      return (await run('gcc', args, scratch.path)).ok;
    };
    expect(await passes(header)).toBe(true);
    const unnoticed: string[] = [];
    // All of them take a minute.
    for (const [index, { at, length, to }] of all.entries()) {
      if (index % 5 !== 0) continue;
      const changed = header.slice(0, at) + to + header.slice(at + length);
      if (await passes(changed))
        unnoticed.push(changed.slice(changed.lastIndexOf('\n', at) + 1, changed.indexOf('\n', at)));
    }
    expect(unnoticed).toEqual([]);
  });
});
