import { hex, resolved } from '../../generator/model/index.js';
import {
  code,
  faint,
  type Line,
  type Paint,
  plain,
  renderPage,
  type Source,
} from '../../generator/pages/index.js';
import type { Call } from './call.js';
import { type Dump, windowOf } from './dump.js';
import { callToJson, type DecodeJson, type SourceJson, valueToJson } from './json.js';
import { callPage, structPage, valuePage } from './page.js';
import {
  checkPermitted,
  type Decoded,
  type Entry,
  type Finding,
  readBytes,
  readValue,
  sizeOf,
} from './read.js';
import type { ValueSubject } from './subject.js';

export { type Call, type Registers, readCall, registersIn } from './call.js';
export { type Dump, latin1, limits, readDump } from './dump.js';
export { type DumpFormat, formats } from './formats.js';
export type { DecodeJson } from './json.js';
export { numberIn } from './number.js';
export type { Decoded } from './read.js';
export { sizeOf } from './read.js';
export { findSubject, type Subject, type ValueSubject } from './subject.js';

/** A value that was given as a number. */
export function decodeValue(subject: ValueSubject, value: bigint): Decoded {
  const findings: Finding[] = [];
  const { type, register, permitted, section, name } = subject;
  const reading = readValue(type, value, '', section, findings, register);
  if (permitted !== undefined) checkPermitted(permitted, value, '', findings);
  const size = sizeOf(type);
  const bytes = Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
  const entry: Entry = {
    path: '',
    offset: 0,
    size,
    bytes,
    member: undefined,
    gap: false,
    unused: undefined,
    reading,
    complete: true,
    there: true,
  };
  return { entries: [entry], findings: named(findings, name) };
}

/** A value of a dump, from an address on. */
export function decodeDump(subject: ValueSubject, dump: Dump, address: bigint): Decoded {
  const { type, register, permitted, section, name } = subject;
  const size = sizeOf(type);
  const window = windowOf(dump, address, size);
  const decoded = readBytes(type, window, '', section, register);
  const findings = [...decoded.findings];
  const [only] = decoded.entries;
  if (permitted !== undefined && only?.reading !== undefined)
    checkPermitted(permitted, only.reading.value, '', findings);
  const missing = missingIn(window.there, decoded.entries);
  if (missing !== undefined) findings.unshift({ path: '', sort: 'missing', message: missing, section });
  return { entries: decoded.entries, findings: named(findings, name) };
}

/** A finding of the whole is one of what was asked for. */
function named(findings: readonly Finding[], name: string): readonly Finding[] {
  return findings.map((one) => ({ ...one, path: one.path === '' ? name : one.path.replace(/^\./, '') }));
}

const NAMED = 4;

/** What a dump lacks, in words. */
function missingIn(there: Uint8Array, entries: readonly Entry[]): string | undefined {
  const lacking = there.reduce((sum, one) => sum + (one === 0 ? 1 : 0), 0);
  if (lacking === 0) return undefined;
  const ranges: string[] = [];
  for (let at = 0; at < there.length; at++) {
    if (there[at] === 1) continue;
    let end = at;
    while (end + 1 < there.length && there[end + 1] === 0) end++;
    ranges.push(at === end ? hex(at, 3) : `${hex(at, 3)} to ${hex(end, 3)}`);
    at = end;
  }
  const members = entries
    .filter((one) => !one.complete && !one.gap && one.path !== '')
    .map((one) => one.path);
  const shorten = (words: readonly string[]) =>
    words.length <= NAMED
      ? words.join(', ')
      : `${words.slice(0, NAMED - 1).join(', ')} and ${words.length - NAMED + 1} more`;
  const names = members.length === 0 ? '' : `, with ${shorten(members)}`;
  return `${hex(lacking)} of ${hex(there.length)} bytes are not in the dump: ${shorten(ranges)}${names}`;
}

/** Where a dump is from, and where in it. */
export interface Origin {
  /** What was read: a path, `standard input`; empty for a number. */
  readonly name: string;
  readonly dump: Dump;
  readonly address: bigint;
}

function originLine(origin: Origin | undefined): Line {
  if (origin === undefined) return [plain('the command line')];
  const { name, dump, address } = origin;
  const from = dump.addressed ? ` at ${hex(address)}` : address === 0n ? '' : ` from byte ${hex(address)}`;
  return [code(name), plain(from), faint(` (${dump.format})`)];
}

export interface RenderOptions {
  readonly all: boolean;
  readonly paint?: Paint;
}

/** A decoded value as text for a terminal. */
export function renderValue(
  subject: ValueSubject,
  { entries, findings }: Decoded,
  origin: Origin | undefined,
  options: RenderOptions,
  source: Source,
): string {
  const settings = { all: options.all, from: originLine(origin) };
  const page =
    resolved(subject.type).kind === 'struct'
      ? structPage(subject, entries, findings, settings, source)
      : valuePage(subject, entries[0]!, findings, settings, source);
  return renderPage(page, [], [], options.paint);
}

export function valueJson(
  subject: ValueSubject,
  { entries, findings }: Decoded,
  origin: Origin | undefined,
  source: Source,
): DecodeJson {
  const from: SourceJson =
    origin === undefined
      ? { format: 'number' }
      : {
          format: origin.dump.format,
          ...(origin.dump.addressed ? { address: hex(origin.address) } : { offset: Number(origin.address) }),
        };
  return valueToJson(subject, entries, findings, source.model.id, from);
}

export function renderCall(call: Call, options: RenderOptions, source: Source): string {
  return renderPage(callPage(call, { all: options.all, from: [] }, source), [], [], options.paint);
}

export function callJson(call: Call, source: Source): DecodeJson {
  return callToJson(call, source.model.id);
}
