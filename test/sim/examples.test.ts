import { join } from 'node:path';
import { format } from 'node:util';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { root } from '../cli/harness.js';

/** The sources of what the package exports: an example is tried on these, not on the last build. */
const alias = {
  'rmigen/bits': join(root, 'runtime/bits/index.ts'),
  'rmigen/rmm-1.0-rel0/machine': join(root, 'runtime/index.ts'),
  'rmigen/rmm-1.0-rel0': join(root, 'generated/rmm-1.0-rel0/typescript/index.ts'),
};

test.each(['boot', 'mistakes'])('examples/%s prints what is beside it', async (name) => {
  const { outputFiles } = await build({
    entryPoints: [join(root, `examples/${name}/${name}.ts`)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    alias,
  });
  let printed = '';
  const log = (...values: readonly unknown[]) => {
    printed += `${format(...values)}\n`;
  };
  runInNewContext(outputFiles[0]!.text, { console: { log }, TextDecoder, TextEncoder });
  await expect(printed).toMatchFileSnapshot(join(root, `examples/${name}/output.txt`));
});
