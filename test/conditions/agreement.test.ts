import { describe, expect, test } from 'vitest';
import { commandNames, compiled, specification } from './model.js';
import { precedes } from './naive.js';
import { tryCases } from './property.js';

/** `npm run campaign:conditions` tries fifty times as many. */
const CASES = 2000;
const SEED = 137;

describe('compiled conditions mean what their text says', () => {
  test.each(commandNames)('%s', (command) => {
    expect(tryCases(command, CASES, SEED)).toBeUndefined();
  });
});

describe('the order of evaluation', () => {
  test.each(commandNames)('%s keeps to the document', (command) => {
    const conditions = specification.conditions.get(command)!;
    const { order, failures } = compiled(command);
    const comes = precedes(conditions);
    expect([...order].sort((a, b) => a - b)).toEqual(failures.map((_, i) => i));
    for (const [b, { predecessors }] of failures.entries()) {
      for (const a of failures.keys()) {
        expect(((predecessors >> a) & 1) === 1, `${failures[a]!.id} < ${failures[b]!.id}`).toBe(comes(a, b));
        if (comes(a, b)) expect(order.indexOf(a)).toBeLessThan(order.indexOf(b));
      }
    }
  });
});
