export { type AccessOptions, Cpu, type RealmProgram } from './cpu.js';
export {
  type Access,
  extended,
  type Instruction,
  type SystemRegister,
  TakenException,
} from './instruction.js';
export { RealmCallError } from './rsi.js';
export type { Run } from './run.js';

import type { RealmProgram } from './cpu.js';

/** What a program has thrown, which may be anything. */
export interface ProgramFailure {
  readonly error: unknown;
}

/** Takes programs for RECs, and tells what has become of them. */
export interface ProgramLoader {
  /** Gives a REC a program, which starts when the REC is entered for the first time and after it was turned off. */
  load(rec: object, program: RealmProgram): void;
  /** What a program has thrown and not caught, if it has since this was asked. */
  takeError(rec: object): ProgramFailure | undefined;
}
