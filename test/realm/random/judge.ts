import type { CommandConditions } from '../../../generated/rmm-1.0-rel0/conditions/index.js';
import * as conditions from '../../../generated/rmm-1.0-rel0/conditions/index.js';
import * as codecs from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  PsciReturnCode,
  RsiCommandReturnCode,
  RsiRipasChangeFlags,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { type Command, Registers } from '../../../runtime/bits/index.js';
import { addressOf, permitsSuccess, permittedFailures } from '../../../runtime/conditions/index.js';
import type { Machine } from '../../../runtime/index.js';
import { prose } from '../../../runtime/realm/call.js';

/*
 * What a call of the RSI or PSCI may come to, by its conditions in the state in which it is made.
 */

type Values = Readonly<Record<string, unknown>>;
interface Call {
  readonly name: string;
  readonly conditions: CommandConditions<unknown, unknown>;
  readonly codec: Command<unknown, unknown>;
  readonly isRsi: boolean;
  /** Registers of output values, a bit each. */
  readonly outputs: number;
}

export const calls: ReadonlyMap<number, Call> = new Map(
  Object.values(metadata.commands)
    .filter((command) => command.interface !== 'RMI')
    .map(({ name, fid, outputs }) => [
      fid,
      {
        name,
        conditions: (conditions as unknown as Record<string, Call['conditions']>)[name]!,
        codec: (codecs as unknown as Record<string, Call['codec']>)[name]!,
        isRsi: name.startsWith('RSI_'),
        outputs: outputs.reduce((all, { register }) => all | (1 << register), 0),
      },
    ]),
);

const addresses = ['addr', 'base', 'top', 'entry_point_address'];

function inputOf(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (addresses.includes(name)) return [name, addressOf(value as bigint)];
      return name === 'flags' ? [name, RsiRipasChangeFlags.of(value as bigint)] : [name, value];
    }),
  );
}

/** What a call may come to. */
export interface Verdict {
  readonly call: Call;
  /** Failures that may be reported: identifier and code. */
  readonly failures: readonly { readonly id: string; readonly code: bigint }[];
  readonly succeeds: boolean;
}

/** @param gprs X0 to X16 at least, of a Realm that runs */
export function verdictOn(machine: Machine, gprs: readonly bigint[]): Verdict | undefined {
  const call = gprs[0]! >> 32n === 0n ? calls.get(Number(gprs[0]) & ~(1 << 16)) : undefined;
  const found =
    call ?? (gprs[0]! >> 32n === 0n ? calls.get((Number(gprs[0]) & ~(1 << 16)) >>> 0) : undefined);
  if (found === undefined) return undefined;
  const input = inputOf(found.codec.decodeInputs(Registers.of(gprs.slice(0, Registers.count))) as Values);
  const { state } = machine.rmm;
  const evaluation = found.conditions.evaluate(state, input, prose);
  const permitted = permittedFailures(
    evaluation,
    found.conditions.failures.map(({ predecessors }) => predecessors),
  );
  return {
    call: found,
    failures: permitted.map((failure) => ({
      id: found.conditions.failures[failure]!.id,
      code: BigInt.asUintN(64, BigInt(found.conditions.outcome(failure, state, input).status)),
    })),
    succeeds: permitsSuccess(evaluation),
  };
}

const { RSI_SUCCESS, RSI_INCOMPLETE, RSI_ERROR_INPUT, RSI_ERROR_UNKNOWN } = RsiCommandReturnCode;
const { PSCI_NOT_SUPPORTED } = PsciReturnCode;

/** Codes that a call may return although no failure condition holds, or apart from success, and what they mean. */
const others: Readonly<Record<string, readonly (readonly [code: bigint, meaning: string])[]>> = {
  RSI_VERSION: [[RSI_ERROR_INPUT, 'no such revision']],
  RSI_REALM_CONFIG: [[RSI_ERROR_INPUT, 'no memory']],
  RSI_HOST_CALL: [[RSI_ERROR_INPUT, 'no memory']],
  RSI_ATTESTATION_TOKEN_CONTINUE: [
    [RSI_INCOMPLETE, 'incomplete'],
    [RSI_ERROR_UNKNOWN, 'unknown'],
    [RSI_ERROR_INPUT, 'no memory'],
  ],
  PSCI_FEATURES: [[BigInt.asUintN(64, PSCI_NOT_SUPPORTED), 'not supported']],
};

/** What the result of a call means: `success`, a failure by its identifier; undefined if it may not be. */
export function meaningOf({ call, failures, succeeds }: Verdict, result: bigint): string | undefined {
  const failure = failures.find(({ code }) => code === result);
  if (failure !== undefined) return failure.id;
  if (!succeeds) return undefined;
  if (call.name === 'PSCI_VERSION') return result === 0x1_0001n ? 'success' : undefined;
  if (result === RSI_SUCCESS) return 'success';
  return others[call.name]?.find(([code]) => code === result)?.[1];
}
