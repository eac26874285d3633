import type { Command, CommandValue, Failure } from '../../generator/model/index.js';
import { maskOf } from '../../generator/model/index.js';
import { outcomeOf, type Source } from '../../generator/pages/index.js';
import { numberIn } from './number.js';
import { type Finding, type Reading, readValue } from './read.js';

/** Registers of an SMC as they were given. */
export interface Registers {
  /** The FID, if it was given. */
  readonly fid: bigint | undefined;
  readonly inputs: ReadonlyMap<number, bigint>;
  readonly outputs: ReadonlyMap<number, bigint>;
}

export type RegistersResult =
  | { readonly registers: Registers }
  | { readonly message: string; readonly hint?: string };

/** X0 to X17 carry what SMCCC passes. */
const LAST = 17;

/**
 * Reads `FID x1=... x2=... x0=...`: a FID, arguments and results. X0 beside a FID is a result, as is
 * everything after the word `returns`.
 */
export function registersIn(words: readonly string[]): RegistersResult {
  let fid: bigint | undefined;
  const inputs = new Map<number, bigint>();
  const outputs = new Map<number, bigint>();
  let results = false;
  for (const [index, word] of words.entries()) {
    if (/^returns?$/i.test(word)) {
      if (results) return { message: '`returns` stands there twice' };
      results = true;
      continue;
    }
    const match = /^([xw])([0-9]{1,2})=(.*)$/i.exec(word);
    const value = numberIn(match === null ? word : match[3]!);
    if (value === undefined)
      return {
        message: `\`${word}\` is no register and no number`,
        hint: 'Registers are given as x1=0x88000000, the results after the word returns.',
      };
    if (match === null) {
      if (index > 0 || fid !== undefined)
        return { message: `\`${word}\` lacks the name of a register, such as x1=${word}` };
      fid = value;
      continue;
    }
    const number = Number(match[2]);
    if (number > LAST) return { message: `\`${word}\`: an SMC uses X0 to X${LAST}` };
    if (match[1]!.toLowerCase() === 'w' && value >= 1n << 32n)
      return { message: `\`${word}\` has more than 32 bits` };
    const place = results || (number === 0 && fid !== undefined) ? outputs : inputs;
    if (place.has(number)) return { message: `X${number} is given twice` };
    place.set(number, value);
  }
  // Without one before it, X0 is the FID.
  if (fid === undefined && inputs.has(0)) {
    fid = inputs.get(0);
    inputs.delete(0);
  }
  return { registers: { fid, inputs, outputs } };
}

export interface ValueReading {
  readonly value: CommandValue;
  /** Undefined when its register was not given. */
  readonly reading: Reading | undefined;
}

export interface Call {
  readonly command: Command;
  readonly inputs: readonly ValueReading[];
  readonly outputs: readonly ValueReading[];
  /** Registers that were given and that the command does not use. */
  readonly strangers: readonly {
    readonly register: number;
    readonly value: bigint;
    readonly result: boolean;
  }[];
  /** Those that answer with the status in X0. */
  readonly failures: readonly Failure[];
  readonly findings: readonly Finding[];
}

export function readCall(command: Command, registers: Registers, source: Source): Call {
  const findings: Finding[] = [];
  const read = (values: readonly CommandValue[], given: ReadonlyMap<number, bigint>) =>
    values.map((value): ValueReading => {
      const register = given.get(value.register);
      if (register === undefined) return { value, reading: undefined };
      const own = (register & maskOf(value)) >> BigInt(value.lsb);
      return { value, reading: readValue(value.type, own, value.name, command.section, findings) };
    });
  const inputs = read(command.inputs, registers.inputs);
  const outputs = read(command.outputs, registers.outputs);
  const strange = (values: readonly CommandValue[], given: ReadonlyMap<number, bigint>, result: boolean) =>
    [...given]
      .filter(([register]) => !values.some((one) => one.register === register))
      .map(([register, value]) => ({ register, value, result }));
  const strangers = [
    ...strange(command.inputs, registers.inputs, false),
    ...strange(command.outputs, registers.outputs, true),
  ];
  const status = statusOf(outputs);
  const failures = status === undefined ? [] : failuresWith(status, command, source);
  return { command, inputs, outputs, strangers, failures, findings };
}

/** The label of the status in X0. */
function statusOf(outputs: readonly ValueReading[]): string | undefined {
  const reading = outputs.find((one) => one.value.register === 0)?.reading;
  if (reading === undefined) return undefined;
  return (
    reading.label?.name ??
    reading.fields.find(({ reading: { label } }) => label !== undefined)?.reading.label?.name
  );
}

function failuresWith(status: string, command: Command, source: Source): readonly Failure[] {
  const conditions = source.conditionsOf(command);
  if (conditions === undefined) return [];
  return conditions.failures
    .filter((failure) => outcomeOf(failure).status?.name === status)
    .map((one) => one.failure);
}
