import { join } from 'node:path';
import { format } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { root } from '../cli/harness.js';

/** The sources of what the package exports: an example is tried on these, not on the last build. */
const alias = {
  'rmigen/bits': join(root, 'runtime/bits/index.ts'),
  'rmigen/rmm-1.0-rel0/machine': join(root, 'runtime/index.ts'),
  'rmigen/rmm-1.0-rel0': join(root, 'generated/rmm-1.0-rel0/typescript/index.ts'),
};

/** A script that needs nothing of Node, with all that it imports. @param path below the checkout */
export async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    alias,
  });
  return outputFiles[0]!.text;
}

/** Runs a script on its own. @returns what it prints */
export function printedBy(script: string): string {
  let printed = '';
  const log = (...values: readonly unknown[]) => {
    printed += `${format(...values)}\n`;
  };
  runInContext(script, createContext({ console: { log }, TextDecoder, TextEncoder }));
  return printed;
}
