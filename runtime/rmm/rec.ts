import {
  RmmHostCallPending,
  RmmPsciPending,
  type RmmRec,
  RmmRecAttestState,
  RmmRecEmulatableAbort,
  RmmRecResponse,
  RmmRecRunnable,
  RmmRecState,
  RmmRipas,
  RmmRipasChangeDestroyed,
  type RmmSystemRegisters,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { LastExit } from '../machine/realm.js';
import { MEASUREMENT } from './realm.js';

/** Auxiliary Granules of a REC at most (B3.36). */
export const MAX_AUX = 16;

/** A REC: the attributes of A2.3.2. */
export class Rec implements RmmRec {
  attest_state: RmmRecAttestState = RmmRecAttestState.NO_ATTEST_IN_PROGRESS;
  attest_challenge: Uint8Array = new Uint8Array(MEASUREMENT);
  aux: number[] = new Array<number>(MAX_AUX).fill(0);
  emulatable_abort: RmmRecEmulatableAbort = RmmRecEmulatableAbort.NOT_EMULATABLE_ABORT;
  flags: { runnable: RmmRecRunnable } = { runnable: RmmRecRunnable.NOT_RUNNABLE };
  /** The document has 32 of them (C1.19); the last one is always zero. */
  gprs: bigint[] = new Array<bigint>(32).fill(0n);
  mpidr = 0n;
  owner = 0;
  pc = 0n;
  psci_pending: RmmPsciPending = RmmPsciPending.NO_PSCI_REQUEST_PENDING;
  state: RmmRecState = RmmRecState.REC_READY;
  sysregs: RmmSystemRegisters = {};
  ripas_addr = 0;
  ripas_top = 0;
  ripas_value: RmmRipas = RmmRipas.EMPTY;
  ripas_destroyed: RmmRipasChangeDestroyed = RmmRipasChangeDestroyed.NO_CHANGE_DESTROYED;
  ripas_response: RmmRecResponse = RmmRecResponse.ACCEPT;
  host_call_pending: RmmHostCallPending = RmmHostCallPending.NO_HOST_CALL_PENDING;

  /** What the next entry has to know of the last exit. */
  last: LastExit = { due: 'nothing' };

  /** Physical address of its Granule. */
  readonly address: number;

  constructor(address: number) {
    this.address = address;
  }

  copyFrom(other: Rec): void {
    this.attest_state = other.attest_state;
    this.attest_challenge = other.attest_challenge.slice();
    this.aux = [...other.aux];
    this.emulatable_abort = other.emulatable_abort;
    this.flags = { ...other.flags };
    this.gprs = [...other.gprs];
    this.mpidr = other.mpidr;
    this.owner = other.owner;
    this.pc = other.pc;
    this.psci_pending = other.psci_pending;
    this.state = other.state;
    this.sysregs = { ...other.sysregs };
    this.ripas_addr = other.ripas_addr;
    this.ripas_top = other.ripas_top;
    this.ripas_value = other.ripas_value;
    this.ripas_destroyed = other.ripas_destroyed;
    this.ripas_response = other.ripas_response;
    this.host_call_pending = other.host_call_pending;
  }
}
