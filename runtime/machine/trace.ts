import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { calls } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import {
  RmiCommandReturnCode,
  RmiStatusCode,
  SmcccFunctionId,
  SmcccReturnCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { MachineObserver } from './observer.js';
import { type RealmAction, type RealmArrival, type RealmWatcher, WATCHED } from './realm.js';

/** What the first line of a trace says of the machine that it was recorded on. */
export interface TraceHeader {
  readonly implementation: string;
  /** Where its memory begins, in bytes. */
  readonly dramBase: number;
  /** How many Granules it has. */
  readonly granules: number;
  /** Physical address width, in bits. */
  readonly paWidth: number;
  /** Feature register 0 (B4.4.6). */
  readonly featureRegister0: bigint;
}

/** X0 to X4 of a Realm that goes on, and where it was entered. */
export interface TraceEntry {
  readonly kind: 'run' | 'rsi';
  readonly gprs: readonly bigint[];
  /** Only of `run`. */
  readonly pc: bigint | undefined;
}

/** One line of a trace. Addresses and lengths are in bytes. */
export type TraceLine =
  | {
      readonly kind: 'smc';
      /** X0, the FID, and the registers after it that are given. */
      readonly given: readonly bigint[];
      /** X0 to X4. */
      readonly returned: readonly bigint[];
      readonly entries: readonly TraceEntry[];
    }
  | { readonly kind: 'w64' | 'r64' | 'w8' | 'r8'; readonly address: number; readonly value: bigint }
  | { readonly kind: 'fill'; readonly address: number; readonly length: number; readonly byte: number }
  | { readonly kind: 'gs'; readonly address: number; readonly state: RmmGranuleState }
  | { readonly kind: 'gdump'; readonly address: number; readonly states: readonly RmmGranuleState[] }
  | { readonly kind: 'realm'; readonly action: RealmAction | { readonly kind: 'clear' } }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'comment'; readonly text: string };

/** The letter of each Granule state. */
export const stateLetters: Readonly<Record<RmmGranuleState, string>> = {
  [RmmGranuleState.UNDELEGATED]: 'N',
  [RmmGranuleState.DELEGATED]: 'D',
  [RmmGranuleState.RD]: 'R',
  [RmmGranuleState.REC]: 'C',
  [RmmGranuleState.REC_AUX]: 'A',
  [RmmGranuleState.DATA]: 'd',
  [RmmGranuleState.RTT]: 'T',
};

const hex = (value: bigint | number): string => value.toString(16);
const all = (values: readonly bigint[]): string => values.map(hex).join(' ');

export function formatHeader(header: TraceHeader): string {
  const { implementation, dramBase, granules, paWidth, featureRegister0 } = header;
  return (
    `# ${implementation} dram_base ${hex(dramBase)} granules ${hex(granules)} pa_width ${paWidth} ` +
    `featreg0 ${hex(featureRegister0)}`
  );
}

function formatAction(action: RealmAction | { readonly kind: 'clear' }): string {
  switch (action.kind) {
    case 'rsi':
      return `realm rsi ${all(action.registers)}`;
    case 'serror':
      return `realm serror ${hex(action.esr)}`;
    case 'sync':
      return `realm sync ${all([action.esr, action.far, action.hpfar])}`;
    default:
      return `realm ${action.kind}`;
  }
}

/** What a Realm found, as it stands in the line of the call that entered it. */
export function formatEntry({ kind, gprs, pc }: TraceEntry): string {
  return `| ${kind} ${all(gprs)}${pc === undefined ? '' : ` pc ${hex(pc)}`}`;
}

/** One line of a trace, without its line end. */
export function formatLine(line: TraceLine): string {
  switch (line.kind) {
    case 'smc':
      return [`smc ${all(line.given)} -> ${all(line.returned)}`, ...line.entries.map(formatEntry)].join(' ');
    case 'w64':
    case 'w8':
      return `${line.kind} ${hex(line.address)} ${hex(line.value)}`;
    case 'r64':
    case 'r8':
      return `${line.kind} ${hex(line.address)} -> ${hex(line.value)}`;
    case 'fill':
      return `fill ${hex(line.address)} ${hex(line.length)} ${hex(line.byte)}`;
    case 'gs':
      return `gs ${hex(line.address)} -> ${stateLetters[line.state]} 0`;
    case 'gdump': {
      const letters = line.states.map((state) => stateLetters[state]).join('');
      return `gdump ${hex(line.address)} ${hex(line.states.length)} -> ${letters}`;
    }
    case 'realm':
      return formatAction(line.action);
    case 'name':
      return `# T ${line.name}`;
    case 'comment':
      return line.text === '' ? '#' : `# ${line.text}`;
  }
}

type RmiCall = NonNullable<ReturnType<typeof calls.get>>;

/** The RMI command that X0 of a call names; undefined when it names none. */
export function rmiCall(x0: bigint): RmiCall | undefined {
  if (x0 >= 2n ** 32n) return undefined;
  const fid = SmcccFunctionId.of(Number(x0));
  fid.sve_hint = 0;
  return calls.get(fid.$value);
}

/** Whether the document gives the index of a status a meaning in a command: some condition names one (B4.2). */
function hasIndex({ conditions }: RmiCall, status: number): boolean {
  const label = RmiStatusCode.nameOf(status);
  return conditions.failures.some(({ post }) => post.includes(`${label}, `));
}

/** Whether an output value means something with a status: always on success, else where a condition names it (B1.6). */
function hasOutput({ conditions: { failures } }: RmiCall, name: string, status: number): boolean {
  if (status === RmiStatusCode.RMI_SUCCESS || failures.length === 0) return true;
  const label = RmiStatusCode.nameOf(status);
  return failures.some(({ post }) => post.includes(`${label}, `) && post.includes(`${name} ==`));
}

/** The columns that the firmware leaves for a name. */
const NAME = 'SMC_RMI_'.length + 21;

/**
 * A command as a line of the log that firmware prints: name, arguments, status with its index, output values.
 *
 * @param given X0 to X16 before the call.
 * @param returned X0 to X16 after it.
 */
export function formatLog(given: ArrayLike<bigint>, returned: ArrayLike<bigint>): string {
  const [fid = 0n] = [given[0]];
  const [x0 = 0n] = [returned[0]];
  const call = rmiCall(fid);
  if (call === undefined) {
    const known = x0 === BigInt.asUintN(64, SmcccReturnCode.SMCCC_NOT_SUPPORTED);
    return `${`SMC_0x${hex(fid)}`.padEnd(NAME)} > ${known ? 'SMCCC_NOT_SUPPORTED' : `0x${hex(x0)}`}`;
  }
  const { name: command } = call.conditions;
  const { inputs, outputs } = metadata.commands[command]!;
  const { status, index } = RmiCommandReturnCode.of(x0);
  const values = (list: readonly { readonly register: number }[], from: ArrayLike<bigint>): string[] =>
    list.map(({ register }) => `0x${hex(from[register] ?? 0n)}`);
  const shown = outputs.filter(({ name, register }) => register > 0 && hasOutput(call, name, status));
  return [
    `SMC_${command}`.padEnd(NAME),
    ...values(inputs, given),
    '>',
    RmiStatusCode.nameOf(status) ?? `0x${hex(x0)}`,
    ...(hasIndex(call, status) || index !== 0 ? [`0x${hex(index)}`] : []),
    ...values(shown, returned),
  ].join(' ');
}

/** Registers of a call that are written out: all up to the last one that is not zero, and its inputs at least. */
function givenRegisters(given: BigUint64Array): bigint[] {
  const call = rmiCall(given[0]!);
  const inputs = call === undefined ? [] : metadata.commands[call.conditions.name]!.inputs;
  let last = Math.max(0, ...inputs.map((input) => input.register));
  for (let i = last + 1; i < given.length; i++) if (given[i] !== 0n) last = i;
  return Array.from(given.subarray(0, last + 1));
}

/**
 * Records what happens on a machine: the calls of its Host, what is read and written on its buses, and what a scripted
 * Realm does and finds.
 */
export class Recorder implements MachineObserver, RealmWatcher {
  readonly #header: TraceHeader;
  readonly #lines: string[] = [];
  readonly #log: string[] = [];
  #entries: TraceEntry[] = [];

  constructor(header: TraceHeader) {
    this.#header = header;
  }

  /** The log that people know from the firmware: a line a command. */
  text(): string {
    return this.#log.map((line) => `${line}\n`).join('');
  }

  /** All of it, in the format that `rmigen replay` reads. */
  transcript(): string {
    return [formatHeader(this.#header), ...this.#lines].map((line) => `${line}\n`).join('');
  }

  /** Names the next command. */
  name(name: string): void {
    this.#add({ kind: 'name', name });
  }

  /** Adds a comment to the transcript. */
  comment(text: string): void {
    for (const line of text.split('\n')) this.#add({ kind: 'comment', text: line });
  }

  /** Adds the states of some Granules, from a physical address on. */
  states(address: number, states: readonly RmmGranuleState[]): void {
    const [state] = states;
    if (states.length === 1) this.#add({ kind: 'gs', address, state: state! });
    else this.#add({ kind: 'gdump', address, states });
  }

  #add(line: TraceLine): void {
    this.#lines.push(formatLine(line));
  }

  called(given: BigUint64Array, returned: BigUint64Array): void {
    this.#add({
      kind: 'smc',
      given: givenRegisters(given),
      returned: Array.from(returned.subarray(0, WATCHED)),
      entries: this.#entries,
    });
    this.#entries = [];
    this.#log.push(formatLog(given, returned));
  }

  /** A read of a word as it is; of more, the doublewords that are not zero. */
  read(address: number, bytes: Uint8Array): void {
    if (bytes.length === 1) this.#add({ kind: 'r8', address, value: BigInt(bytes[0]!) });
    else
      this.#words(address, bytes, (kind, at, value) => {
        if (bytes.length === 8 || value !== 0n)
          this.#add({ kind: kind === 8 ? 'r64' : 'r8', address: at, value });
      });
  }

  /** Few bytes as words; more of them as a fill, and the words that differ from it. */
  wrote(address: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const [first] = bytes;
    const isFill = bytes.length > 8 && bytes.every((byte) => byte === first);
    if (bytes.length > 8)
      this.#add({ kind: 'fill', address, length: bytes.length, byte: isFill ? first! : 0 });
    if (isFill) return;
    this.#words(address, bytes, (kind, at, value) => {
      if (bytes.length <= 8 || value !== 0n)
        this.#add({ kind: kind === 8 ? 'w64' : 'w8', address: at, value });
    });
  }

  /** Bytes as doublewords where they are aligned, and one by one where they are not. */
  #words(
    address: number,
    bytes: Uint8Array,
    each: (size: 8 | 1, address: number, value: bigint) => void,
  ): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; ) {
      if ((address + at) % 8 === 0 && at + 8 <= bytes.length) {
        each(8, address + at, view.getBigUint64(at, true));
        at += 8;
      } else {
        each(1, address + at, BigInt(bytes[at]!));
        at++;
      }
    }
  }

  queued(action: RealmAction): void {
    this.#add({ kind: 'realm', action });
  }

  cleared(): void {
    this.#add({ kind: 'realm', action: { kind: 'clear' } });
  }

  arrived({ kind, gprs, pc }: RealmArrival): undefined {
    const values = gprs.map((expected) => expected.value);
    this.#entries.push({ kind, gprs: values, pc: kind === 'run' ? pc.value : undefined });
  }
}
