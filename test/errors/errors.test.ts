import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../cli/decode.js';
import { replayTrace } from '../../cli/replay.js';
import { renderDiagnostics } from '../../generator/diagnostics/index.js';
import { catalogue, compile, type Diagnostic, type Files, loadModel } from '../../generator/index.js';
import { memory } from '../memory.js';

/**
 * A wrong specification for each code of the catalogue, with the exact text that it must produce. A case is
 * `test/errors/<code>` itself, or, when it holds nothing but folders of cases, each of these. What lies in a
 * case is a specification folder:
 *
 * - with a `spec.yaml` it is one version, as it stands;
 * - with only `types.yaml`, `commands.yaml` or `functions.yaml` it is a version with the usual head;
 * - with a `trace.txt` it is a trace, and replayed;
 * - with a `dump.txt` it is a dump, and read;
 * - otherwise it is compiled as a whole, with its folders of versions and `targets`;
 * - what cannot be kept as a file (a text of a megabyte, say) comes from the `files` of its `case.ts`.
 *
 * `vitest -u` writes what is printed into `expected.txt`: read it before you believe it.
 */
const here = import.meta.dirname;

interface Made {
  readonly files: Readonly<Record<string, string>>;
  /** Why a file is not read, by path. */
  readonly refused?: Readonly<Record<string, string>>;
  /** The outputs that are asked for; every target of the folder when absent. */
  readonly targets?: readonly string[];
  /** How many of the last diagnostics `expected.txt` holds; all of them when absent. */
  readonly last?: number;
}

const sorts = ['types', 'commands', 'functions'] as const;

function head(has: (path: string) => boolean): string {
  const included = sorts.filter((sort) => has(`${sort}.yaml`)).map((sort) => `  ${sort}: [${sort}.yaml]`);
  return [
    'document: DEN0137',
    'version: 1.0-rel0',
    'title: Realm Management Monitor specification',
    'interfaces:',
    '  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }',
    'include:',
    ...included,
    '',
  ].join('\n');
}

function textsBelow(folder: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, textsBelow(join(folder, entry.name), `${path}/`));
    else if (path !== 'expected.txt' && path !== 'case.ts')
      found[path] = readFileSync(join(folder, entry.name), 'utf8');
  }
  return found;
}

async function diagnose(folder: string): Promise<readonly Diagnostic[]> {
  const texts = textsBelow(folder);
  let made: Partial<Made> = {};
  if (readdirSync(folder).includes('case.ts')) {
    made = await import(join(folder, 'case.ts'));
    Object.assign(texts, made.files);
  }
  if ('trace.txt' in texts) {
    const { diagnostics } = replayTrace({ path: 'trace.txt', text: texts['trace.txt']! });
    return diagnostics;
  }
  if ('dump.txt' in texts) {
    const parsed = parse(Buffer.from(texts['dump.txt']!, 'latin1'), undefined, 'dump.txt', undefined);
    return 'diagnostic' in parsed ? [parsed.diagnostic] : [];
  }
  const isVersion = ['spec', ...sorts].some((name) => `${name}.yaml` in texts);
  if (isVersion) texts['spec.yaml'] ??= head((path) => path in texts);
  const files: Files = { ...memory(texts), refusal: (path) => made.refused?.[path] };
  const targets = Object.entries(texts).flatMap(([path, text]) =>
    path.startsWith('targets/') ? [...text.matchAll(/^name: (.*)$/gm)].map(([, name]) => name!) : [],
  );
  const { diagnostics } = isVersion
    ? loadModel('', files)
    : await compile(files, { targets: made.targets ?? targets });
  return made.last === undefined ? diagnostics : diagnostics.slice(-made.last);
}

function cases(): readonly { readonly code: string; readonly name: string; readonly folder: string }[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: code }) => {
      const folder = join(here, code);
      const inner = readdirSync(folder, { withFileTypes: true });
      if (inner.some((entry) => entry.isFile() || entry.name === 'targets'))
        return [{ code, name: code, folder }];
      return inner
        .filter((entry) => entry.isDirectory())
        .map((entry) => ({ code, name: `${code}/${entry.name}`, folder: join(folder, entry.name) }));
    });
}

const all = cases();

test('every code of the catalogue has a case, and every case a code', () => {
  expect([...new Set(all.map((one) => one.code))].sort()).toEqual(Object.keys(catalogue).sort());
});

describe('the exact text of', () => {
  test.each(all.map((one) => [one.name, one] as const))('%s', async (_, { code, folder }) => {
    const diagnostics = await diagnose(folder);
    expect(diagnostics.map((one) => one.code)).toContain(code);
    await expect(renderDiagnostics(diagnostics)).toMatchFileSnapshot(join(folder, 'expected.txt'));
  });
});
