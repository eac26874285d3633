import { hex, rangeText } from '../../generator/model/index.js';
import { fidText } from '../../generator/pages/index.js';
import type { Call, ValueReading } from './call.js';
import type { Entry, Finding, Reading } from './read.js';
import type { ValueSubject } from './subject.js';

/**
 * The answer of `rmigen decode --json`, on one line. Values that can have 64 bits are strings: hexadecimal, or
 * decimal when negative; longer ones are `bytes` in the order of memory. Offsets and sizes are bytes. All values
 * are there, also those that are zero. `ok` is false when `findings` holds anything.
 */
export interface DecodeJson {
  readonly ok: boolean;
  /** The folder of the version: `rmm-1.0-rel0`. */
  readonly version: string;
  readonly name: string;
  readonly section: string;
  readonly findings: readonly Finding[];
  readonly [key: string]: unknown;
}

function readingJson(reading: Reading): object {
  const { value, type, label, layout, fields } = reading;
  return {
    type: type.name,
    value: value < 0n ? String(value) : hex(value),
    ...(label === undefined ? {} : { label: label.name }),
    ...(layout === undefined || layout === type ? {} : { layout: layout.name }),
    ...(fields.length === 0
      ? {}
      : {
          fields: fields.map(({ field, reading: own }) => ({
            name: field.name,
            bits: rangeText(field),
            ...readingJson(own),
          })),
        }),
  };
}

function entryJson(entry: Entry): object {
  const { path, offset, size, reading, bytes, complete, member } = entry;
  return {
    path,
    offset,
    size,
    ...(complete ? {} : { missing: true }),
    ...(reading === undefined
      ? complete
        ? { bytes: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') }
        : { type: member?.type.name }
      : readingJson(reading)),
  };
}

/** What a dump is of, and where in it that begins. */
export interface SourceJson {
  readonly format: string;
  /** Bytes from the start of the dump. */
  readonly offset?: number;
  /** Where the dump says that it is. */
  readonly address?: string;
}

export function valueToJson(
  subject: ValueSubject,
  entries: readonly Entry[],
  findings: readonly Finding[],
  version: string,
  source: SourceJson,
): DecodeJson {
  const { name, section } = subject;
  const values = entries.filter((one) => !one.gap);
  return {
    ok: findings.length === 0,
    version,
    name,
    section,
    source,
    values: values.map(entryJson),
    findings,
  };
}

export function callToJson(call: Call, version: string): DecodeJson {
  const { command, findings, failures, strangers } = call;
  const values = (all: readonly ValueReading[]) =>
    all
      .filter(({ reading }) => reading !== undefined)
      .map(({ value, reading }) => ({
        name: value.name,
        register: `X${value.register}`,
        bits: rangeText(value),
        ...readingJson(reading!),
      }));
  return {
    ok: findings.length === 0,
    version,
    name: command.name,
    section: command.section,
    fid: fidText(command.fid),
    arguments: values(call.inputs),
    results: values(call.outputs),
    ...(failures.length === 0 ? {} : { failures: failures.map((one) => one.name) }),
    ...(strangers.length === 0
      ? {}
      : { others: strangers.map((one) => ({ register: `X${one.register}`, value: hex(one.value) })) }),
    findings,
  };
}
