import { describe, expect, test } from 'vitest';
import { makers, mutants, Random, reproaches } from './mutations.js';
import { Auditor, compilers, editions, generated } from './support.js';

/** A share of the campaign (docs/campaigns.md): the same seed, fewer mutants. */
const shares = [
  ['rmm-1.0-rel0/c/linux/rmi_smc.h', 1, 60],
  ['rmm-1.0-rel0/c/linux/rsi_smc.h', 2, 15],
] as const;

describe.skipIf(compilers.length === 0)('a header of one changed fact', () => {
  test.each(shares)(
    '%s',
    async (path, seed, count) => {
      const auditor = new Auditor(await editions(), compilers[0]!);
      const text = generated(path);
      const { findings: before } = await auditor.audit(text);
      const misjudged: string[] = [];
      for (const mutant of mutants(text, seed, count)) {
        const { findings } = await auditor.audit(mutant.text);
        for (const one of reproaches(mutant, findings, before))
          misjudged.push(`${mutant.kind}, ${mutant.what}: ${one}`);
      }
      expect(misjudged).toEqual([]);
    },
    300_000,
  );

  test('is reproached for what an audit says too much or too little', () => {
    const [mutant] = mutants(generated(shares[0][0]), 1, 1);
    expect(reproaches(mutant!, [], [])).not.toEqual([]);
    const stranger = { rank: 'wrong', fault: 'value', name: 'RMI_SUCCESS' } as never;
    expect(reproaches(mutant!, [stranger], [])).toContain('RMI_SUCCESS is reported as wrong (value)');
  });

  test('can be of every kind', () => {
    const text = generated(shares[0][0]);
    const kinds = new Set([...mutants(text, 1, 400)].map(({ kind }) => kind));
    expect(kinds.size).toBe(Object.keys(makers).length);
  });

  test('is the same for the same seed', () => {
    const numbers = (seed: number) =>
      Array.from({ length: 5 }, (_, index) => new Random(seed + index).next(1000));
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
  });
});
