import { RmiRecExit, RmiRecExitReason, RmiRecRun } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { Memory } from '../bits/index.js';

function offsetOf(name: string): number {
  const type = metadata.types[RmiRecRun.name];
  return (type?.kind === 'struct' && type.members.find((member) => member.name === name)?.offset) || 0;
}

/** Where the exit half of an RmiRecRun begins, in bytes. */
export const EXIT = offsetOf('exit');

/** What a REC exit has told the Host: a copy of the RmiRecExit structure. */
export class HostExit extends RmiRecExit {
  constructor(bytes: Uint8Array) {
    super(Memory.of(bytes));
  }

  /** The label of `exit_reason`, such as `RMI_EXIT_SYNC`. */
  get reason(): string | undefined {
    return RmiRecExitReason.nameOf(this.exit_reason);
  }
}

/** A Realm program has thrown something and not caught it. Its REC does nothing any more but wait. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  /** Affinity fields of the REC. */
  readonly mpidr: bigint;

  constructor(mpidr: bigint, cause: unknown) {
    const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`the program of REC 0x${mpidr.toString(16)} has thrown ${text}`, { cause });
    this.mpidr = mpidr;
  }
}
