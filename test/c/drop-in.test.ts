import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { armSmcccRmi } from './expected/arm-smccc-rmi.js';
import { lines, program } from './expected/program.js';
import { rmiSmc } from './expected/rmi-smc.js';
import { rmiSmcEac5 } from './expected/rmi-smc-eac5.js';
import { rsiSmc } from './expected/rsi-smc.js';
import { has, linuxHeaders, run, Scratch, warnings } from './support.js';

/**
 * The headers against lists that were written by hand from those that they stand in for. Neither the lists nor
 * the programs know the specification: a C compiler reads the header and says what it finds.
 */

describe.each([
  ['rmm-1.0-rel0', 'rmi_smc.h', rmiSmc],
  ['rmm-1.0-rel0', 'rsi_smc.h', rsiSmc],
  ['rmm-1.0-eac5', 'rmi_smc.h', rmiSmcEac5],
  ['rmm-2.0-bet3', 'arm-smccc-rmi.h', armSmcccRmi],
] as const)('%s: %s', (version, _, facts) => {
  const name = facts.header.replace('.h', '');
  const scratch = new Scratch();
  beforeAll(() => linuxHeaders(scratch, version));
  afterAll(() => scratch.remove());

  test('has every name, value, type, offset and size of the header it stands in for', async () => {
    scratch.write(`${name}.c`, program(facts));
    const built = await run(
      'gcc',
      ['-std=gnu11', ...warnings, '-I', 'shim', '-o', name, `${name}.c`],
      scratch.path,
    );
    expect(built.output).toBe('');
    const printed = await run(`./${name}`, [], scratch.path);
    expect(printed.output.trimEnd().split('\n')).toEqual(lines(facts));
  });

  test('defines no other macro', async () => {
    const names = async (includes: readonly string[]) => {
      scratch.write('names.c', includes.map((one) => `#include ${one}\n`).join(''));
      const { output } = await run('gcc', ['-std=gnu11', '-dM', '-E', '-I', 'shim', 'names.c'], scratch.path);
      return new Set([...output.matchAll(/^#define (\w+)/gm)].map((match) => match[1]!));
    };
    const shim = await names(['"shim/kernel_shim.h"']);
    const defined = [...(await names([`"${facts.header}"`]))].filter((one) => !shim.has(one));
    const called = Object.keys(facts.expressions).map((one) => one.slice(0, one.indexOf('(')));
    const text = await run('cat', [facts.header], scratch.path);
    const guard = /^#ifndef (\w+)/m.exec(text.output)![1]!;
    const enumerators = ['RMI_EMPTY', 'RMI_RAM', 'RMI_DESTROYED', 'RMI_DEV'];
    const expected = new Set([...Object.keys(facts.constants), ...called, guard]);
    for (const one of enumerators) expected.delete(one);
    expect(defined.sort()).toEqual([...expected].sort());
  });

  test.skipIf(!has('pahole'))(
    'is laid out so for pahole, which reads it from the debugging data',
    async () => {
      const variables = Object.keys(facts.structs).map((tag) => `struct ${tag} ${tag}_;`);
      scratch.write(`${name}.dwarf.c`, `#include "${facts.header}"\n${variables.join('\n')}\n`);
      const object = `${name}.dwarf.o`;
      const built = await run(
        'gcc',
        ['-g', '-c', '-I', 'shim', '-o', object, `${name}.dwarf.c`],
        scratch.path,
      );
      expect(built.output).toBe('');
      for (const [tag, [size]] of Object.entries(facts.structs)) {
        const { output } = await run('pahole', ['-C', tag, object], scratch.path);
        // A member's line ends with /* offset size */, in bytes from the start of the struct.
        const found = [
          ...output.matchAll(/^.*?(\w+)(?:\[\d+\])?(?: __attribute__.*?)?;\s+\/\*\s+(\d+)\s+\d+\s*\*\//gm),
        ];
        const offsets = new Map(found.map((match) => [match[1]!, Number(match[2])]));
        for (const [path, offset] of facts.members) {
          const [of, member] = path.split('.') as [string, string];
          if (of === tag) expect([path, offsets.get(member)]).toEqual([path, offset]);
        }
        expect(output).toContain(`/* size: ${size}, `);
        expect(output).not.toContain('hole');
      }
    },
  );
});
