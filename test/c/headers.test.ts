import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has, kernelScript, linuxHeaders, run, Scratch, warnings } from './support.js';

const scratch = new Scratch();
beforeAll(() => linuxHeaders(scratch));
afterAll(() => scratch.remove());

const here = ['-I', 'shim', '-I', '.'];
const tests = ['rmi_smc.test.c', 'rsi_smc.test.c'];
const headers = ['rmi_smc.h', 'rsi_smc.h', 'shim/kernel_shim.h', 'shim/linux/bits.h'];

async function accepts(program: string, ...args: readonly string[]): Promise<void> {
  const { ok, output } = await run(program, args, scratch.path);
  expect(output).toBe('');
  expect(ok).toBe(true);
}

describe.each([
  ['gcc', 'g++'],
  ['clang', 'clang++'],
  ['aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++'],
])('%s', (cc, cxx) => {
  describe.skipIf(!has(cc))('compiles', () => {
    test.each(tests)('%s, so every assertion in it holds', (file) =>
      accepts(cc, '-std=gnu11', ...warnings, ...here, '-c', file, '-o', `${cc}.o`),
    );

    test.each(['gnu17', 'gnu2x'])('the headers as %s', async (standard) => {
      for (const file of tests)
        await accepts(cc, `-std=${standard}`, ...warnings, ...here, '-fsyntax-only', file);
    });

    test('the headers for an assembler, which can use the macros', async () => {
      scratch.write(
        'macros.S',
        [
          '#include "rmi_smc.h"',
          '#include "rsi_smc.h"',
          '.quad SMC_RMI_VERSION, RMI_FEATURE_REGISTER_0_MAX_RECS_ORDER, RMI_PERMITTED_GICV3_HCR_BITS',
          '.quad REC_PARAMS_FLAG_RUNNABLE, RMI_EXIT_SERROR, REC_RUN_GPRS, SMC_RSI_HOST_CALL, RSI_ABI_VERSION',
          '',
        ].join('\n'),
      );
      await accepts(cc, ...warnings, ...here, '-c', 'macros.S', '-o', `${cc}.s.o`);
    });

    test('both headers together, twice', async () => {
      scratch.write(
        'twice.c',
        ['rmi_smc.h', 'rsi_smc.h', 'rmi_smc.h'].map((one) => `#include "${one}"\n`).join(''),
      );
      await accepts(cc, '-std=gnu11', ...warnings, ...here, '-fsyntax-only', 'twice.c');
    });
  });

  test.skipIf(!has(cxx))(`the headers compile as C++ (${cxx})`, async () => {
    scratch.write(
      'plain.cc',
      '#include "rmi_smc.h"\n#include "rsi_smc.h"\nrec_run run;\nrealm_config config;\n',
    );
    await accepts(cxx, '-std=gnu++17', ...warnings, ...here, '-fsyntax-only', 'plain.cc');
  });
});

const checkpatch = kernelScript('checkpatch.pl', 'CHECKPATCH');
describe.skipIf(checkpatch === undefined)('checkpatch --strict', () => {
  // The name is the kernel's. checkpatch has this to say of it in the header that ours stands in for as well.
  const inherited = 'CHECK: Avoid CamelCase: <RMI_FEATURE_REGISTER_0_Reserved>';

  test.each([...headers, ...tests])('%s', async (file) => {
    const args = [checkpatch!, '--no-tree', '-f', '--strict', file];
    const { output } = await run('perl', args, scratch.path);
    expect(
      output.split('\n').filter((line) => /^(ERROR|WARNING|CHECK):/.test(line) && line !== inherited),
    ).toEqual([]);
    expect(output).toMatch(/^total: 0 errors, 0 warnings, [01] checks/m);
  });
});

const kernelDoc = kernelScript('kernel-doc', 'KERNEL_DOC');
// Kernels before 6.6 know no `-Wall`; without it a warning is printed as well.
describe.skipIf(kernelDoc === undefined)('kernel-doc -Werror', () => {
  test.each(['rmi_smc.h', 'rsi_smc.h'])('%s', (file) => accepts(kernelDoc!, '-none', '-Werror', file));
});
