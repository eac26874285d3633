import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has, kernelScript, linuxHeaders, run, Scratch, warnings } from './support.js';

/** What the header of 2.0 has that those of 1.0 have not: bits that depend on the size of a page. */
const scratch = new Scratch();
beforeAll(() => linuxHeaders(scratch, 'rmm-2.0-bet3'));
afterAll(() => scratch.remove());

const files = ['arm-smccc-rmi.h', 'arm-smccc-rmi.test.c'];

async function accepts(program: string, ...args: readonly string[]): Promise<void> {
  const { ok, output } = await run(program, args, scratch.path);
  expect(output).toBe('');
  expect(ok).toBe(true);
}

describe.each(['gcc', 'clang', 'aarch64-linux-gnu-gcc'])('%s', (cc) => {
  test.skipIf(!has(cc)).each([12, 14, 16])('with pages of 2^%i bytes', async (shift) => {
    const options = ['-std=gnu11', ...warnings, '-I', 'shim', `-DPAGE_SHIFT=${shift}`];
    await accepts(cc, ...options, '-c', files[1]!, '-o', `${cc}.${shift}.o`);
    const address = 0x8_0000_0000_0000n;
    const count = 2n ** BigInt(shift - 2) - 1n;
    const descriptor = (1n << 62n) | address | (count << 2n) | 2n;
    scratch.write(
      `${cc}.${shift}.c`,
      [
        '#include "arm-smccc-rmi.h"',
        `static_assert(RMI_ADDR_RANGE_STATE(${descriptor}ULL) == RMI_OP_MEM_UNDELEGATED, "state");`,
        `static_assert(RMI_ADDR_RANGE_ADDR(${descriptor}ULL) == ${address}ULL, "addr");`,
        `static_assert(RMI_ADDR_RANGE_COUNT(${descriptor}ULL) == ${count}ULL, "count");`,
        `static_assert(RMI_ADDR_RANGE_BLOCK_SIZE(${descriptor}ULL) == 2, "size");`,
        '',
      ].join('\n'),
    );
    await accepts(cc, ...options, '-fsyntax-only', `${cc}.${shift}.c`);
  });

  test.skipIf(!has(cc))('for an assembler, and as the oldest C of a kernel and C++', async () => {
    scratch.write(
      'macros.S',
      '#include "arm-smccc-rmi.h"\n.quad SMC_RMI_GPT_INFO, RMI_ADDR_RANGE_ADDR_MASK\n',
    );
    await accepts(cc, ...warnings, '-I', 'shim', '-c', 'macros.S', '-o', `${cc}.s.o`);
    scratch.write('plain.cc', '#include "arm-smccc-rmi.h"\nrec_run run;\nrealm_params params;\n');
    const cxx = cc.replace('clang', 'clang++').replace('gcc', 'g++');
    if (has(cxx)) await accepts(cxx, '-std=gnu++17', ...warnings, '-I', 'shim', '-fsyntax-only', 'plain.cc');
  });
});

const checkpatch = kernelScript('checkpatch.pl', 'CHECKPATCH');
describe.skipIf(checkpatch === undefined)('checkpatch --strict', () => {
  test.each(files)('%s', async (file) => {
    const args = [checkpatch!, '--no-tree', '-f', '--strict', file];
    const { output } = await run('perl', args, scratch.path);
    expect(output).toMatch(/^total: 0 errors, 0 warnings, 0 checks/m);
  });
});

const kernelDoc = kernelScript('kernel-doc', 'KERNEL_DOC');
test.skipIf(kernelDoc === undefined)('kernel-doc -Werror', () =>
  accepts(kernelDoc!, '-none', '-Werror', files[0]!),
);
