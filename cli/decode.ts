import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { diagnostic, type SourceFile } from '../generator/diagnostics/index.js';
import { resolved } from '../generator/model/index.js';
import type { Source } from '../generator/pages/index.js';
import {
  callJson,
  type Decoded,
  type DumpFormat,
  decodeDump,
  decodeValue,
  findSubject,
  formats,
  latin1,
  limits,
  numberIn,
  type Origin,
  type Registers,
  readCall,
  readDump,
  registersIn,
  renderCall,
  renderValue,
  type Subject,
  sizeOf,
  type ValueSubject,
  valueJson,
} from '../tools/decode/index.js';
import { readInput, readStandardInput } from './input.js';
import { exit, Failure, type Io, visible } from './io.js';
import { display } from './paths.js';
import { didYouMean, failed, openSource, pagePaint, refuse, type SourceOptions } from './source.js';

export interface DecodeOptions extends SourceOptions {
  readonly format?: string;
  readonly offset?: string;
  readonly base?: string;
  readonly all?: boolean;
}

/** `rmigen decode`: a dump, a value or the registers of a call, with what they mean. */
export async function decode(
  name: string,
  words: readonly string[],
  options: DecodeOptions,
  io: Io,
): Promise<number> {
  const json = options.json === true;
  const format = formatOf(options.format);
  const { source, diagnostics } = await openSource(options, io);
  if (source === undefined) return refuse(diagnostics(), json, io);
  const subject = /^smc$/i.test(name) ? callNamed(words, source) : subjectNamed(name, words, source);
  if (subject.kind === 'call') {
    const call = readCall(subject.command, subject.registers, source);
    if (failed(diagnostics())) return refuse(diagnostics(), json, io);
    io.stdout.write(
      json
        ? `${JSON.stringify(callJson(call, source))}\n`
        : renderCall(call, { all: options.all === true, paint: pagePaint(io) }, source),
    );
    return call.findings.length === 0 ? exit.ok : exit.problems;
  }
  const given = await read(subject, words, format, io);
  if ('diagnostic' in given) return refuse([given.diagnostic], json, io);
  let decoded: Decoded;
  let origin: Origin | undefined;
  if ('value' in given) {
    if (options.offset !== undefined || options.base !== undefined)
      throw new Failure('--offset and --base are for dumps, not for a number', undefined, exit.usage);
    decoded = decodeValue(subject, given.value);
  } else {
    origin = { ...given, address: startOf(given, options) };
    decoded = decodeDump(subject, given.dump, origin.address);
  }
  io.stdout.write(
    json
      ? `${JSON.stringify(valueJson(subject, decoded, origin, source))}\n`
      : renderValue(subject, decoded, origin, { all: options.all === true, paint: pagePaint(io) }, source),
  );
  return decoded.findings.length === 0 ? exit.ok : exit.problems;
}

type Named = ValueSubject | (Extract<Subject, { kind: 'call' }> & { readonly registers: Registers });

function subjectNamed(name: string, words: readonly string[], source: Source): Named {
  const found = findSubject(name, source);
  switch (found.kind) {
    case 'nothing':
      throw new Failure(visible(found.message), didYouMean(found.suggestions));
    case 'several':
      throw new Failure(
        `\`${visible(name)}\` can be ${found.names.length} things`,
        `Name one of ${found.names.slice(0, 8).join(', ')}${found.names.length > 8 ? ' ...' : ''}.`,
        exit.usage,
      );
    case 'subject':
      return found.subject.kind === 'value'
        ? found.subject
        : { ...found.subject, registers: registers(words) };
  }
}

function registers(words: readonly string[]): Registers {
  const read = registersIn(words);
  if ('registers' in read) return read.registers;
  throw new Failure(visible(read.message), read.hint, exit.usage);
}

/** `smc FID x1=...` and `smc RMI_DATA_CREATE x1=...`. */
function callNamed(words: readonly string[], source: Source): Named {
  const [first, ...rest] = words;
  if (first === undefined)
    throw new Failure(
      '`smc` needs a FID',
      'Such as `rmigen decode smc RMI_DATA_CREATE x1=0x88000000`.',
      exit.usage,
    );
  if (numberIn(first) === undefined && !/^[xw][0-9]+=/i.test(first)) {
    const named = subjectNamed(first, [], source);
    if (named.kind !== 'call')
      throw new Failure(`\`${visible(first)}\` is no command`, undefined, exit.usage);
    // Beside a FID, X0 is a result.
    const fid = `0x${named.command.fid.toString(16)}`;
    return { ...named, registers: registers([fid, ...rest]) };
  }
  const given = registers(words);
  const fid = given.fid;
  if (fid === undefined) throw new Failure('X0 is not given, and no FID before it', undefined, exit.usage);
  const command = [...source.model.commands.values()].find((one) => one.fid === fid);
  if (command !== undefined) return { kind: 'call', command, registers: given };
  const shown = `0x${fid.toString(16).toUpperCase()}`;
  const owner = source.model.interfaces.find(({ fids }) =>
    fids.some((one) => fid >= one.first && fid <= one.last),
  );
  throw new Failure(
    owner === undefined
      ? `no command of ${source.model.id} has the FID ${shown}`
      : `${shown} is in the FIDs of ${owner.name}, but no command of ${source.model.id} has it`,
    `\`rmigen decode SmcccFunctionId ${shown}\` takes it apart.`,
  );
}

function formatOf(name: string | undefined): DumpFormat | undefined {
  if (name === undefined) return undefined;
  const found = formats.find((one) => one === name);
  if (found !== undefined) return found;
  throw new Failure(`there is no form ${visible(name)}`, `There is ${formats.join(', ')}.`, exit.usage);
}

// What is decoded

type Given =
  | { readonly value: bigint }
  | { readonly name: string; readonly dump: Origin['dump'] }
  | { readonly diagnostic: ReturnType<typeof diagnostic> };

async function read(
  subject: ValueSubject,
  words: readonly string[],
  format: DumpFormat | undefined,
  io: Io,
): Promise<Given> {
  const text = words.join(' ');
  const size = sizeOf(subject.type);
  if (words.length === 1 && size <= 8 && resolved(subject.type).kind !== 'struct' && format === undefined) {
    const value = numberIn(text);
    if (value !== undefined) return { value };
  }
  if (words.length === 0 || text === '-') {
    if (io.stdin.isTTY === true)
      throw new Failure(
        'there is nothing to decode',
        'Name a file, give the value, or send a dump to standard input.',
        exit.usage,
      );
    return parse(await readStandardInput(io, limits.size), format, 'standard input', undefined);
  }
  const path = resolve(io.cwd, words[0]!);
  if (words.length === 1 && existsSync(path))
    return parse(readInput(path, text, limits.size), format, display(path, io), path);
  // Bytes on the command line itself.
  const digits = text.replaceAll(/\s/g, '');
  if (/^(?:[0-9a-f]{2})+$/i.test(digits) && (format ?? 'hex') === 'hex')
    return parse(Buffer.from(digits, 'latin1'), 'hex', 'the command line', undefined);
  throw new Failure(
    `${visible(text)} is no file${/^[0-9a-fx\s]+$/i.test(text) ? `, and no ${size === 1 ? 'byte' : `${size} bytes`} in hexadecimal` : ''}`,
    undefined,
    exit.usage,
  );
}

/** Reads a dump; what is wrong with it becomes a diagnostic of the file that it is in. */
export function parse(
  bytes: Uint8Array,
  format: DumpFormat | undefined,
  name: string,
  path: string | undefined,
): Given {
  const { dump, problem } = readDump(bytes, format);
  if (dump !== undefined) return { name, dump };
  const file: SourceFile = { path: path ?? name, text: latin1(bytes), shown: name };
  const span = { file, start: problem.start, end: problem.end };
  const extra = problem.hint === undefined ? {} : { hint: problem.hint };
  // A problem has the parameters of its code; which code it is only its own type says.
  return { diagnostic: diagnostic(problem.code, span, problem.parameters as never, extra) };
}

/** Where in a dump that begins which is decoded. */
function startOf({ dump }: { readonly dump: Origin['dump'] }, options: DecodeOptions): bigint {
  const number = (option: string, text: string): bigint => {
    const value = numberIn(text);
    if (value !== undefined) return value;
    throw new Failure(`${option} is a number, not ${visible(text)}`, undefined, exit.usage);
  };
  if (options.base !== undefined && !dump.addressed)
    throw new Failure(`a dump of ${dump.format} has no addresses`, 'Count bytes with --offset.', exit.usage);
  const base =
    options.base === undefined ? (dump.segments[0]?.address ?? 0n) : number('--base', options.base);
  return base + (options.offset === undefined ? 0n : number('--offset', options.offset));
}
