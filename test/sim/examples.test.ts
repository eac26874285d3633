import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../cli/harness.js';
import { bundle, printedBy } from '../guide/bundle.js';

test.each(['boot', 'guide', 'mistakes'])('examples/%s prints what is beside it', async (name) => {
  const printed = printedBy(await bundle(`examples/${name}/${name}.ts`));
  await expect(printed).toMatchFileSnapshot(join(root, `examples/${name}/output.txt`));
});
