import { RmmPsciPending, RmmRecRunnable } from '../../../generated/rmm-1.0-rel0/conditions/types.js';
import type { RmiPsciCompleteInputs } from '../../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  FID_PSCI_AFFINITY_INFO,
  FID_PSCI_CPU_ON,
  PsciReturnCode,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Rmm } from '../rmm.js';

/** Answers the PSCI call that the calling REC waits for, now that the Host has named its target (B4.3.7). */
export function complete(rmm: Rmm, { calling_rec, target_rec, status }: RmiPsciCompleteInputs): void {
  const { store, state } = rmm;
  const calling = store.recs.get(calling_rec)!;
  const target = store.recs.get(target_rec)!;
  const isRunnable = target.flags.runnable === RmmRecRunnable.RUNNABLE;
  let answer: bigint = status;
  if (status === PsciReturnCode.PSCI_SUCCESS) {
    if (calling.gprs[0] === BigInt(FID_PSCI_CPU_ON)) {
      if (isRunnable) answer = PsciReturnCode.PSCI_ALREADY_ON;
      else {
        target.gprs.fill(0n);
        target.gprs[0] = calling.gprs[3]!;
        target.pc = calling.gprs[2]!;
        target.flags.runnable = RmmRecRunnable.RUNNABLE;
      }
    } else if (calling.gprs[0] === BigInt(FID_PSCI_AFFINITY_INFO)) {
      answer = isRunnable ? PsciReturnCode.PSCI_SUCCESS : PsciReturnCode.PSCI_OFF;
    }
  }
  calling.gprs[0] = state.PsciReturnCodeEncode(answer);
  calling.gprs[1] = 0n;
  calling.gprs[2] = 0n;
  calling.gprs[3] = 0n;
  calling.psci_pending = RmmPsciPending.NO_PSCI_REQUEST_PENDING;
}
