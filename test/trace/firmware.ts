import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { LineParser, parseHeader } from '../../tools/replay/index.js';

/*
 * A console as TF-RMM writes to it at rmm-spec-v1.0-rel0 (rmi_log_on_exit in runtime/core/handler.c, rsi_log_on_exit
 * in runtime/rsi/logger.c), from a trace of what happened.
 */

const RMI_STATUS = ['SUCCESS', 'ERROR_INPUT', 'ERROR_REALM', 'ERROR_REC', 'ERROR_RTT', 'ERROR_NOT_SUPPORTED'];
const RSI_STATUS = ['SUCCESS', 'ERROR_INPUT', 'ERROR_STATE', 'INCOMPLETE', 'ERROR_UNKNOWN'];
/** Commands that are logged when they succeed; the others only when they fail. */
const logged =
  /^(VERSION|FEATURES|REALM_CREATE|REALM_DESTROY|REALM_ACTIVATE|REC_CREATE|REC_DESTROY|PSCI_COMPLETE|REC_AUX_COUNT)$/;
/** Commands that are not logged even when they fail. */
const silent = /^(DATA_CREATE|DATA_CREATE_UNKNOWN|RTT_FOLD|RTT_MAP_UNPROTECTED|RTT_UNMAP_UNPROTECTED)$/;
const withOutputs = /^(RTT_DESTROY|DATA_DESTROY|RTT_UNMAP_UNPROTECTED)$/;

const hex = (value: bigint): string => value.toString(16);
const command = (fid: bigint) => Object.values(metadata.commands).find((one) => BigInt(one.fid) === fid);
const outputs = (one: { outputs: readonly { register: number }[] }): number =>
  Math.max(0, ...one.outputs.map(({ register }) => register));

/** The line of a call of the Host; undefined when it is not logged. */
function rmi(given: readonly bigint[], x: readonly bigint[], all: boolean): string | undefined {
  const one = command(given[0]!);
  if (one?.interface !== 'RMI') return undefined;
  const name = one.name.slice('RMI_'.length);
  const status = Number(x[0]! & 0xffn);
  if (!all && (silent.test(name) || (status === 0 && !logged.test(name)))) return undefined;
  const words = one.inputs.map(({ register }) => hex(given[register] ?? 0n));
  words.push('>', status < RMI_STATUS.length ? `RMI_${RMI_STATUS[status]}` : hex(x[0]!));
  if (status === 4 || (status === 2 && name === 'REC_ENTER')) words.push(hex(x[0]! >> 8n));
  if (status === 0 || (status === 4 && withOutputs.test(name)))
    for (let i = 1; i <= outputs(one); i++) words.push(hex(x[i] ?? 0n));
  return `SMC_RMI_${name.padEnd(21)} ${words.join(' ')}`;
}

/** The line of a call of a Realm, with X0 and what follows as they are when it has been handled. */
function rsi(given: readonly bigint[], x: readonly bigint[]): string {
  const fid = given[0]!;
  const one = command(fid);
  const isRsi = one?.interface === 'RSI';
  const name = isRsi
    ? `SMC_${one.name.replace('ATTESTATION', 'ATTEST')}`
    : `${one === undefined ? 'SMC' : 'PSCI'}_${hex(fid).padStart(8, '0')}`;
  const count = isRsi ? one.inputs.length : 7;
  const words = Array.from({ length: count }, (_, i) => hex(given[i + 1] ?? 0n));
  const label = isRsi ? RSI_STATUS[Number(x[0])] : undefined;
  words.push('>', label === undefined ? hex(x[0]!) : `RSI_${label}`);
  for (let i = 1; i <= (isRsi ? outputs(one) : 3); i++) words.push(hex(x[i] ?? 0n));
  return `${name.padEnd(29)} ${words.join(' ')}`;
}

/** X0 and what follows when a call makes the REC exit: some calls have an answer by then, which is not the last word. */
function left(call: readonly bigint[]): readonly bigint[] {
  return /^(RSI_IPA_STATE_SET|PSCI_CPU_SUSPEND|PSCI_CPU_OFF)$/.test(command(call[0]!)?.name ?? '')
    ? [0n]
    : call;
}

/**
 * What the console shows of a trace.
 *
 * @param all whether calls that succeed are all logged, as with another table in the firmware
 */
export function consoleOf(trace: string, all: boolean): readonly string[] {
  const [first, ...rest] = trace.split('\n');
  const parser = new LineParser(parseHeader(first!).value!);
  const lines: string[] = [];
  let queue: (readonly bigint[])[] = [];
  for (const text of rest) {
    const line = parser.parse(text).value;
    if (line?.kind === 'realm') {
      if (line.action.kind === 'clear') queue = [];
      else queue.push(line.action.kind === 'rsi' ? line.action.registers : []);
    }
    if (line?.kind !== 'smc') continue;
    for (const i of line.entries.keys()) {
      const call = queue.shift();
      if (call === undefined || call.length === 0) continue;
      lines.push(rsi(call, line.entries[i + 1]?.gprs ?? left(call)));
    }
    const shown = rmi(line.given, line.returned, all);
    if (shown !== undefined) lines.push(shown);
  }
  return lines;
}
