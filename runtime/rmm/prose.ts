import type { Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { RmiRecExitReason } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allZero } from '../conditions/index.js';
import type { RmmState } from './state.js';

/** Answers for the conditions that the document states in prose, where a Host can be the witness of them. */
export function proseOf(state: RmmState): Prose {
  const isZero = (granule: number): boolean => allZero(state.contents(granule));
  return {
    dataContentWiped: (_before, _after, input) => isZero(input.data),
    granuleContentWiped: (_before, _after, input) => isZero(input.addr),
    recExitRecorded: (_before, after, input) => {
      const run = after.RecRun(input.run_ptr);
      return run !== undefined && RmiRecExitReason.is(run.exit.exit_reason);
    },
    recEmulatableAbortUpdated: (_before, after, input) => after.Rec(input.rec) !== undefined,
    tokenGenerationFailed: () => false,
    tokenGenerationIncomplete: () => false,
    tokenGenerationComplete: () => true,
    hostDeniesCpuOn: () => false,
    psciFunctionSupported: () => false,
    psciFunctionNotSupported: () => false,
  };
}
