import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the package, whether it runs from source or built. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('rmigen/package.json'));

export const version = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;
