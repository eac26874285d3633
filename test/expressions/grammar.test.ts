import { readFileSync } from 'node:fs';
import peggy from 'peggy';
import { expect, test } from 'vitest';

test('the parser is what the grammar makes', () => {
  const grammar = readFileSync('generator/expressions/grammar.peggy', 'utf8');
  const made = peggy.generate(grammar, {
    allowedStartRules: ['Start', 'Order'],
    format: 'es',
    output: 'source',
    grammarSource: 'generator/expressions/grammar.peggy',
  });
  expect(readFileSync('generator/expressions/parser.js', 'utf8')).toBe(made);
});
