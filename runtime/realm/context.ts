import { RmmRipas, RmmRttEntryState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { RealmException } from '../machine/executor.js';
import { GRANULE } from '../machine/memory.js';
import type { RealmPort, RealmWrite, RunningRealm, RunningRec } from '../machine/realm.js';
import type { Pe } from './pe.js';

/** General-purpose registers that an instruction can name: X0 to X30. */
export const GPRS = 31;
export const ALL_GPRS = 2 ** GPRS - 1;
/** Why something is open that a register goes into. */
export const UNKNOWN_REGISTER = 'what a register of the Realm held is not known';

/** How a REC goes on, as far as this run and those who look on are concerned. */
export interface Continuation {
  /** The REC has turned itself off: whoever turns it on again starts it anew. */
  starts: boolean;
  /** Where the Realm goes on by the document: at `pc`, there or at the next instruction, or anywhere. */
  resumesAt: 'pc' | 'pc or next' | 'open';
  /**
   * Registers whose contents the document leaves open, a bit each: only where another implementation is followed. This
   * one knows what it does.
   */
  unknown: number;
  /** An exception that the Realm was to take when an interrupt of the Host came first. */
  exception: RealmException | undefined;
}

export function freshContinuation(): Continuation {
  return { starts: false, resumesAt: 'pc', unknown: 0, exception: undefined };
}

/** A REC while it runs. */
export interface RunContext {
  readonly port: RealmPort;
  readonly rec: RunningRec;
  readonly realm: RunningRealm;
  readonly pe: Pe;
  /** Whether the Realm has a virtual CPU interface, timers and a PMU that it uses. */
  readonly hasDevices: boolean;
  /** Whether anybody is told of what the Realm finds. */
  readonly isWatched: boolean;
  readonly continuation: Continuation;
  /** Indices of extensible measurements that a call with unknown contents has extended, per Realm. */
  readonly unknownMeasurements: Set<number>;
  /** Whether another implementation is followed, step by step. */
  readonly follows: boolean;
  /** How the Realm goes on, where somebody knows. */
  foresees(): 'run' | 'rsi' | 'exit' | undefined;
  stored(write: RealmWrite): void;
}

/** Bytes of an A64 instruction. */
export const INSTRUCTION = 4n;

/** The Realm goes on behind the instruction. Another implementation that is followed may have it go on there. */
export function passInstruction({ follows, rec, continuation }: RunContext): void {
  if (follows) continuation.resumesAt = 'pc or next';
  else rec.pc = BigInt.asUintN(64, rec.pc + INSTRUCTION);
}

/**
 * The physical address behind a Protected IPA that the Realm can read and write (A5.2.3): its HIPAS is ASSIGNED and its
 * RIPAS is RAM.
 */
export function resolve(port: RealmPort, owner: number, ipa: number): number | undefined {
  const walk = port.state.RttWalk(owner, ipa);
  if (walk === undefined) return undefined;
  const { state, ripas, addr } = walk.rtte;
  if (state !== RmmRttEntryState.ASSIGNED || ripas !== RmmRipas.RAM) return undefined;
  return addr + (ipa % (port.state.RttLevelSize(walk.level) ?? GRANULE));
}

/** Writes to a range of one Granule. */
export function writeBytes(port: RealmPort, address: number, bytes: Uint8Array): void {
  const granule = address - (address % GRANULE);
  port.memory
    .memoryAt(granule)
    .bytes(port.memory.offsetAt(granule) + (address - granule), bytes.length)
    .set(bytes);
}
