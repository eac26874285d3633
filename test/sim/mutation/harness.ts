import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';

import type { Campaign, Report } from '../random/campaign.js';
import type { Fault } from './faults.js';

/** The checkout. */
export const root = join(import.meta.dirname, '../../..');

interface Bundle {
  run(campaign: Campaign): Report;
}

/** Puts a fault into the file that it is for. @throws Error unless its text occurs exactly once */
export function faulty({ file, find, put, what }: Fault, text: string): string {
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`${what}: the text occurs ${times} times in runtime/rmm/${file}`);
  return text.replace(find, () => put);
}

/** The world of random commands on a simulator with a fault. */
async function bundleWith(fault: Fault): Promise<Bundle> {
  const path = join(root, 'runtime/rmm', fault.file);
  let seen = false;
  const plugin: Plugin = {
    name: 'fault',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\/runtime\/rmm\/.*\.ts$/ }, ({ path: loaded }) => {
        if (loaded !== path) return undefined;
        seen = true;
        return { contents: faulty(fault, readFileSync(path, 'utf8')), loader: 'ts' };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/sim/random/campaign.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundle',
    plugins: [plugin],
    logLevel: 'silent',
  });
  if (!seen) throw new Error(`nothing imports runtime/rmm/${fault.file}`);
  return new Script(`${outputFiles[0]!.text}; bundle`).runInThisContext() as Bundle;
}

/** Commands within which a fault has to be noticed. */
const COMMANDS = 12_000;

/**
 * Runs random commands against a fault.
 *
 * @returns who noticed it: a condition, the footprint, an invariant; undefined when nobody did
 * @throws what the simulator throws that is no such notice
 */
export async function noticed(fault: Fault): Promise<string | undefined> {
  const { run } = await bundleWith(fault);
  try {
    run({ seed: 1, count: COMMANDS, inspectEvery: 20 });
    return undefined;
  } catch (error) {
    const { cause } = error as { cause: Error & { command?: string; condition?: string } };
    if (cause?.name === 'SpecificationViolation') return `${cause.command}: ${cause.condition}`;
    if (cause?.name === 'Broken') return (cause as unknown as { by: string }).by;
    throw cause ?? error;
  }
}
