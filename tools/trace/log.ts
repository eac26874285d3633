import {
  RmiCommandReturnCode,
  RmiStatusCode,
  RsiCommandReturnCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { CommandMetadata } from '../../runtime/bits/index.js';
import { limits } from './limits.js';

/*
 * The lines that TF-RMM prints when a call has been handled (runtime/core/handler.c, runtime/rsi/logger.c at
 * rmm-spec-v1.0-rel0): the name, arguments in hexadecimal, `>`, the status by name or the number, the index of the
 * status where it has one, output values. Older ones write 0x before numbers, and so does the simulator.
 *
 *   SMC_RMI_REALM_CREATE          88300000 88309000 > RMI_SUCCESS
 *   SMC_RSI_MEASUREMENT_READ      0 > RSI_SUCCESS ab.. 0 0 0 0
 *   PSCI_84000000                 0 0 0 0 0 0 0 > 10001 0 0 0
 *   SMC_c4000300                  0 0 0 0 0 0 0 > ffffffffffffffff 0 0 0
 */

/** A call that a log tells of. */
export interface LogCall {
  /** Of the log, from 1. */
  readonly line: number;
  /** Who called: the Host, or a Realm. */
  readonly by: 'host' | 'realm';
  /** The command; undefined for a FID that is none. */
  readonly command: CommandMetadata | undefined;
  readonly fid: number;
  /** X1 and the registers after it. */
  readonly given: readonly bigint[];
  /** X0. */
  readonly x0: bigint;
  /** X1 and the registers after it, as far as they are printed. */
  readonly returned: readonly bigint[];
}

/** A line that looks like one of the firmware, but cannot be read. */
export interface LogProblem {
  readonly line: number;
  readonly message: string;
}

export type LogLine =
  | { readonly call: LogCall; readonly problem?: undefined }
  | { readonly problem: LogProblem; readonly call?: undefined };

/** Control sequences of a terminal. Each alternative consumes what it starts with: no backtracking. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are looked for
const escapes = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]/g;
const start =
  /(?<![A-Za-z0-9_])(?:SMC_(?<name>(?:RMI|RSI)_[A-Z0-9_]+)|PSCI_(?<psci>[0-9a-f]{8})|SMC_(?:0x)?(?<fid>[0-9a-f]{8}))(?![A-Za-z0-9_])/;
const number = /^(?:0x)?([0-9a-f]{1,16})$/;

/** What TF-RMM calls by a name of its own. */
const names: ReadonlyMap<string, string> = new Map([
  ['RSI_ATTEST_TOKEN_INIT', 'RSI_ATTESTATION_TOKEN_INIT'],
  ['RSI_ATTEST_TOKEN_CONTINUE', 'RSI_ATTESTATION_TOKEN_CONTINUE'],
]);

const byFid = new Map(Object.values(metadata.commands).map((command) => [command.fid, command]));
/** Arguments, and registers after X0, that are printed of calls other than those of the RMI and RSI. */
const OTHER = { given: 7, returned: 3 } as const;

/** What a line of a console says of a call; undefined for all other text. */
export function readLine(text: string, line: number): LogLine | undefined {
  const plain = (text.length > limits.line ? text.slice(0, limits.line) : text).replace(escapes, '');
  const found = start.exec(plain);
  if (found === null) return undefined;
  const problem = (message: string): LogLine => ({ problem: { line, message } });
  const { name, psci, fid: other } = found.groups!;
  const tokens = plain
    .slice(found.index + found[0].length)
    .split(/[ \t\r]+/)
    .filter((token) => token !== '');
  const command =
    name === undefined
      ? byFid.get(Number.parseInt((psci ?? other)!, 16))
      : metadata.commands[names.get(name) ?? name];
  if (name !== undefined && command === undefined) return problem(`there is no command ${name}`);
  const fid = command?.fid ?? Number.parseInt((psci ?? other)!, 16);
  const wanted = name === undefined ? OTHER.given : command!.inputs.length;
  const most = name === undefined ? OTHER.returned : outputsOf(command!) + 1;

  const arrow = tokens.indexOf('>');
  if (arrow === -1) return problem(`the line of ${found[0]} ends before its result`);
  const given = numbers(tokens.slice(0, arrow));
  if (given.length < arrow) return problem(`other text stands in the line of ${found[0]}`);
  // The simulator names a FID that is no command without arguments.
  if (given.length !== wanted && !(name === undefined && given.length === 0))
    return problem(`${found[0]} has ${given.length} arguments; ${wanted} are expected`);
  const [status] = tokens.slice(arrow + 1);
  if (status === undefined) return problem(`the line of ${found[0]} ends before its result`);
  const after = numbers(tokens.slice(arrow + 2, arrow + 2 + most));
  const by =
    name?.startsWith('RMI_') === true || (name === undefined && status === NOT_SUPPORTED) ? 'host' : 'realm';
  const result = resultOf(status, after, command);
  if (result === undefined) return problem(`${found[0]} has a result that is no status: ${shown(status)}`);
  return { call: { line, by, command, fid, given, ...result } };
}

const NOT_SUPPORTED = 'SMCCC_NOT_SUPPORTED';

function outputsOf(command: CommandMetadata): number {
  return command.outputs.reduce((most, { register }) => Math.max(most, register), 0);
}

/** The numbers at the head of some words. */
function numbers(words: readonly string[]): readonly bigint[] {
  const found: bigint[] = [];
  for (const word of words) {
    const digits = number.exec(word)?.[1];
    if (digits === undefined) break;
    found.push(BigInt(`0x${digits}`));
  }
  return found;
}

function resultOf(
  status: string,
  after: readonly bigint[],
  command: CommandMetadata | undefined,
): { readonly x0: bigint; readonly returned: readonly bigint[] } | undefined {
  const digits = number.exec(status)?.[1];
  if (digits !== undefined) return { x0: BigInt(`0x${digits}`), returned: after.slice(0, OTHER.returned) };
  if (status === NOT_SUPPORTED) return { x0: 2n ** 64n - 1n, returned: [] };
  if (command?.interface === 'RSI') {
    const x0 = (RsiCommandReturnCode as Readonly<Record<string, unknown>>)[status];
    if (typeof x0 !== 'bigint') return undefined;
    return { x0, returned: after.slice(0, outputsOf(command)) };
  }
  if (command?.interface !== 'RMI') return undefined;
  const code = (RmiStatusCode as Readonly<Record<string, unknown>>)[status];
  if (typeof code !== 'number' || !RmiStatusCode.is(code)) return undefined;
  // A success has no index, and an error has its outputs only after one.
  const hasIndex = code !== RmiStatusCode.RMI_SUCCESS || after.length > outputsOf(command);
  const [index = 0n] = hasIndex ? after : [];
  if (index > 0xffn) return undefined;
  const x0 = RmiCommandReturnCode.of({ status: code, index: Number(index) }).$value;
  const outputs = hasIndex ? after.slice(1) : after;
  return { x0, returned: outputs.slice(0, outputsOf(command)) };
}

function shown(word: string): string {
  return word.slice(0, 40).replace(/[^ -~]/g, '?');
}
