import fc from 'fast-check';
import { CASES, disagreement } from './agreement.js';
import { DRAWS } from './scenario.js';

/** The numbers that a state and its cases are drawn from. Shrinking one of them makes a plainer choice. */
const numbers = fc.noBias(
  fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: DRAWS, maxLength: DRAWS, size: 'max' }),
);

/**
 * Tries at least that many cases of a command, the same for the same seed.
 *
 * @returns What the compiled conditions and the naive reading disagree about, in the plainest case found.
 */
export function tryCases(command: string, cases: number, seed: number): string | undefined {
  let found: string | undefined;
  const details = fc.check(
    fc.property(numbers, (drawn) => {
      const problem = disagreement(command, drawn);
      if (problem !== undefined) found = problem;
      return problem === undefined;
    }),
    { numRuns: Math.ceil(cases / CASES), seed },
  );
  if (!details.failed) return undefined;
  const thrown = details.errorInstance instanceof Error ? details.errorInstance.stack : undefined;
  return `${found ?? thrown}\nnumbers: ${JSON.stringify(details.counterexample?.[0])}`;
}
