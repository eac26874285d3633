import { checkBase } from './accessor.js';
import { Memory } from './memory.js';
import { refuseBigint, refuseIndex } from './refuse.js';

const COUNT = 17;
const SIZE = COUNT * 8;

/**
 * X0 to X16: the registers that carry a call's arguments and results. They lie in memory, doubleword after doubleword,
 * so that the bits of a register are read as a fieldset's are.
 */
export class Registers {
  /** How many there are. */
  static readonly count: number = COUNT;
  /** Bytes. */
  static readonly size: number = SIZE;

  readonly memory: Memory;
  /** Where X0 lies in the memory, in bytes. */
  readonly base: number;

  /** @throws RangeError if the registers do not lie within the memory. */
  constructor(memory: Memory = Memory.alloc(Registers.size), base = 0) {
    this.memory = memory;
    this.base = checkBase(memory, base, Registers.size, 'Registers');
  }

  /** Registers that hold the given values, from X0 on; those beyond are zero. */
  static of(values: Iterable<bigint>): Registers {
    const made = new Registers();
    let index = 0;
    for (const value of values) made.set(index++, value);
    return made;
  }

  /** @throws RangeError if there is no such register. */
  get(index: number): bigint {
    if (index >>> 0 !== index || index >= Registers.count) refuseIndex(index, 'Registers', Registers.count);
    return this.memory.readU64(this.base + index * 8);
  }

  /** @throws TypeError, RangeError if there is no such register or the value does not fit in 64 bits. */
  set(index: number, value: bigint): void {
    if (index >>> 0 !== index || index >= Registers.count) refuseIndex(index, 'Registers', Registers.count);
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      refuseBigint(value, `X${index}`, 64);
    this.memory.writeU64(this.base + index * 8, value);
  }

  /** The values of X0 to X16. */
  toArray(): BigUint64Array {
    const made = new BigUint64Array(Registers.count);
    for (let index = 0; index < Registers.count; index++) made[index] = this.get(index);
    return made;
  }

  /** Sets all registers to zero. */
  clear(): void {
    const { u64 } = this.memory;
    if (u64 === undefined || (this.base & 7) !== 0) {
      this.memory.bytes(this.base, SIZE).fill(0);
      return;
    }
    // It is done before every answer, and a view made for it would cost more than all these words.
    const start = this.base >>> 3;
    for (let i = 0; i < COUNT; i++) u64[start + i] = 0n;
  }
}

/** One command of an interface: how its values lie in the registers of a call. */
export interface Command<Inputs, Outputs> {
  readonly name: string;
  readonly fid: number;
  /** Writes X0 and the registers of the input values; unused bits of those become zero, other registers stay. */
  encodeInputs(registers: Registers, inputs: Inputs): void;
  /** Reads the input values; X0 and unused bits are not looked at. */
  decodeInputs(registers: Registers): Inputs;
  /** Writes the registers of the output values; unused bits of those become zero, other registers stay. */
  encodeOutputs(registers: Registers, outputs: Outputs): void;
  /** Reads the output values; unused bits are not looked at. */
  decodeOutputs(registers: Registers): Outputs;
}
