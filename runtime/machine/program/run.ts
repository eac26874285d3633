import type { Command } from '../../bits/index.js';
import type { Instruction } from './instruction.js';

/** A 64-bit value; numbers are for those that are safe integers. */
export type Word = bigint | number;

/** What a program, or a part of one, is: a generator of instructions. */
export type Run<Result = void> = Generator<Instruction, Result, void>;

/** What calls of the RSI and PSCI need of a PE. */
export interface Caller {
  call<Inputs, Outputs>(command: Command<Inputs, Outputs>, inputs: Inputs): Run<Outputs>;
  read(ipa: Word, size: number): Run<Uint8Array>;
  write(ipa: Word, bytes: Uint8Array): Run;
}
