import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { isAbstract, type OutputFile } from '../../generator/index.js';
import { bundled, document, emitted, root, shapes } from './support.js';

/** What holds of the text of the generated files: it is formatted, strict, erasable, small, and always the same. */

const folder = mkdtempSync(join(tmpdir(), 'rmigen-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const specifications = [
  { title: 'the document', id: 'rmm-1.0-rel0', model: document() },
  { title: 'every shape', id: 'demo', model: shapes() },
].map((one) => ({ ...one, outputs: emitted(one.model) }));

/** Writes the files into a folder that lies to the runtime as `generated` does. */
function laidOut(name: string, outputs: readonly OutputFile[]): readonly string[] {
  const base = join(folder, name);
  cpSync(join(root, 'runtime/bits'), join(base, 'runtime/bits'), { recursive: true });
  writeFileSync(join(base, 'package.json'), '{ "type": "module" }');
  return outputs.map(({ path, text }) => {
    const file = join(base, 'generated', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}

function complaints(files: readonly string[], options: ts.CompilerOptions): readonly string[] {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    ...options,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map((one) => `${one.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(one.messageText, '\n')}`);
}

describe.each(specifications)('$title', ({ id, model, outputs }) => {
  const files = laidOut(id, outputs);

  test('the strictest compiler takes it, types can be erased, declarations made file by file', () => {
    const options = { erasableSyntaxOnly: true, isolatedDeclarations: true, declaration: true };
    expect(complaints(files, options)).toStrictEqual([]);
  });

  test('the formatter and the linter have nothing to say', () => {
    const base = join(folder, id);
    const settings = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as Record<string, unknown>;
    const { $schema: _, files: __, ...rest } = settings;
    writeFileSync(join(base, 'biome.json'), JSON.stringify({ root: true, ...rest }));
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const run = (): string =>
      execFileSync(process.execPath, [biome, 'check', '--error-on-warnings', 'generated'], {
        cwd: base,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(run).not.toThrow();
  });

  test('it is the same every time', () => {
    expect(emitted(model)).toStrictEqual(outputs);
  });

  test('every concrete item is exported by the index, and nothing else', async () => {
    const names = [
      ...[...model.types.values()].filter((type) => !isAbstract(type) && type.kind !== 'alias'),
      ...model.masks.values(),
      ...model.constants.values(),
      ...model.maps.values(),
      ...model.commands.values(),
    ].map(({ name }) => name);
    const code = await bundled(
      outputs,
      `import * as all from './${id}/typescript/index.js';\nexport const names = Object.keys(all);`,
    );
    const { names: found } = (await import(
      `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    )) as { names: string[] };
    expect(found.sort()).toStrictEqual(names.sort());
  });

  test('it imports the runtime by the name that it is told', () => {
    const named = emitted(model, { bits: 'rmigen/bits' });
    expect(named.map(({ path }) => path)).toStrictEqual(outputs.map(({ path }) => path));
    for (const { text } of named) expect(text).not.toMatch(/from '[^']*runtime/);
    expect(named.some(({ text }) => text.includes("from 'rmigen/bits';"))).toBe(true);
  });
});

test('the files of the repository are what the generator makes of the specification', () => {
  for (const { path, text } of specifications[0]!.outputs)
    expect(readFileSync(join(root, 'generated', path), 'utf8'), path).toBe(text);
});

describe('what a bundle takes along', () => {
  const { outputs } = specifications[0]!;
  const from = './rmm-1.0-rel0/typescript/index.js';
  const sizeOf = async (entry: string): Promise<number> => (await bundled(outputs, entry)).length;

  test('nothing for nothing', async () => {
    expect((await bundled(outputs, `import '${from}';\nimport 'bits';`)).trim()).toBe('');
  });

  test('a constant is a constant', async () => {
    const code = await bundled(outputs, `export { RMM_GRANULE_SIZE } from '${from}';`);
    expect(code.trim()).toMatch(/^var \w+=4096;export\{\w+ as RMM_GRANULE_SIZE\};$/);
  });

  test('a few bytes for an enumeration, a few kilobytes for a fieldset, no metadata', async () => {
    expect(await sizeOf(`export { RmiRipas } from '${from}';`)).toBeLessThan(700);
    expect(await sizeOf(`export { RmiRecEnterFlags } from '${from}';`)).toBeLessThan(7_000);
    expect(await sizeOf(`export { RMI_GRANULE_DELEGATE } from '${from}';`)).toBeLessThan(7_000);
    const enter = await bundled(outputs, `export { RmiRecEnter } from '${from}';`);
    expect(enter.length).toBeLessThan(32_000);
    expect(enter).not.toContain('RmiRecExit');
    expect(enter).not.toContain('from the Host to the RMM');
  });
});

test('the types that tests state are those that the checker finds', () => {
  const file = join(import.meta.dirname, 'types.test.ts');
  const options: ts.CompilerOptions = {
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    skipLibCheck: true,
    noPropertyAccessFromIndexSignature: false,
  };
  expect(complaints([file], options)).toStrictEqual([]);
});
