import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileSchemas } from '../../generator/index.js';
import { paths, root, text } from './files.js';

const yaml = paths.filter((path) => /^(spec|examples)\/.*\.ya?ml$/.test(path));
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true });

/** The schema file that the first line of a file names, relative to the checkout. */
function schemaOf(path: string): string {
  const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text(path))?.[1];
  return named === undefined ? 'no schema' : relative(root, join(root, dirname(path), named));
}

/** Problems that an independent validator finds, with a generated schema. */
function problems(schema: string, document: unknown): readonly string[] {
  const known = ajv.getSchema(schema);
  const validate =
    known ?? ajv.compile({ $id: schema, ...JSON.parse(readFileSync(join(root, schema), 'utf8')) });
  validate(document);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

describe('the schemas for editors', () => {
  test.each(yaml)('%s names its schema and satisfies it', (path) => {
    const schema = schemaOf(path);
    expect(paths).toContain(schema);
    expect(problems(schema, parse(text(path)))).toEqual([]);
  });

  test('every schema is one that some file names', () => {
    const schemas = paths.filter((path) => path.endsWith('.schema.json'));
    expect(new Set(yaml.map(schemaOf))).toEqual(new Set(schemas));
  });

  const constant = { kind: 'constant', section: 'A1', summary: 'One.', value: 1 };
  const command = { section: 'A1', summary: 'Do it.', fid: 1 };
  const output = { register: 'X0', type: 'UInt64', doc: 'outcome' };
  const functions = { section: 'A1', summary: 'Whether.', returns: 'boolean' };
  test.each([
    ['types', { ONE: constant }, true],
    ['types', { ONE: { ...constant, value: 1.5 } }, false],
    ['types', { ONE: { ...constant, value: '1' } }, false],
    ['types', { ONE: { ...constant, colour: 'red' } }, false],
    ['types', { ONE: { ...constant, kind: 'number' } }, false],
    ['types', { '1ST': constant }, false],
    ['types', { ONE: { ...constant, summary: undefined } }, false],
    ['types', [constant], false],
    ['commands', { DO: command }, true],
    ['commands', { DO: { ...command, outputs: { result: output } } }, true],
    ['commands', { DO: { ...command, outputs: { result: { ...output, doc: '' } } } }, false],
    ['commands', { DO: { ...command, failures: { a: { pre: 'x' } } } }, false],
    ['commands', { DO: { ...command, fid: true } }, false],
    ['functions', { F: functions }, true],
    ['functions', { F: { ...functions, inductive: true } }, false],
    ['spec', { document: 'DEN0137', version: '1', title: 'T', interfaces: {}, include: {} }, true],
    [
      'spec',
      { document: 'DEN0137', version: '1', title: 'T', interfaces: {}, include: { files: [] } },
      false,
    ],
  ] as const)('editors and the loader agree about a %s file: %j', (sort, document, right) => {
    const file = `generated/schema/${sort === 'commands' ? 'command' : sort}.schema.json`;
    const plain = JSON.parse(JSON.stringify(document));
    const exact = JSON.parse(JSON.stringify(document), (_key, value) =>
      Number.isInteger(value) ? BigInt(value) : value,
    );
    expect(fileSchemas[sort].safeParse(exact).success).toBe(right);
    expect(problems(file, plain).length === 0).toBe(right);
  });
});
