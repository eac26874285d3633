import type { Code, ParametersOf } from '../../generator/diagnostics/index.js';
import { type DumpFormat, formatOf, readLine, type TextFormat } from './formats.js';

/** What a hostile dump cannot exceed. */
export const limits = {
  /** Bytes of a file, and bytes that it stands for. */
  size: 16 << 20,
  /** Characters of a line. */
  line: 1 << 16,
  /** Runs of bytes with nothing between them. */
  segments: 4096,
} as const;

/** Bytes that follow each other. */
export interface Segment {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export interface Dump {
  readonly format: DumpFormat;
  /** Whether the dump shows addresses; otherwise its first byte is at 0. */
  readonly addressed: boolean;
  /** By address, without overlap. */
  readonly segments: readonly Segment[];
}

/** What is wrong with a dump: a diagnostic without its file. Offsets in characters. */
export type DumpProblem = {
  [C in Extract<Code, `dump-${string}`>]: {
    readonly code: C;
    readonly start: number;
    readonly end: number;
    readonly parameters: ParametersOf<C>;
    readonly hint?: string;
  };
}[Extract<Code, `dump-${string}`>];

export type DumpResult =
  | { readonly dump: Dump; readonly problem: undefined }
  | { readonly dump: undefined; readonly problem: DumpProblem };

/** Whether bytes are text that a form could have: printable ASCII, tabs and ends of lines. */
export function isText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 &&
    bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)
  );
}

/** A dump as it is on disk: binary, or text in one of the forms. The form is found out if it is not given. */
export function readDump(bytes: Uint8Array, format?: DumpFormat): DumpResult {
  if (format === 'binary' || (format === undefined && !isText(bytes)))
    return {
      dump: { format: 'binary', addressed: false, segments: [{ address: 0n, bytes }] },
      problem: undefined,
    };
  // A byte is a character, also where a form that is asked for is not there.
  return new Reader(latin1(bytes), format).run();
}

/** Bytes as the characters of the same numbers. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** A run that grows. */
interface Run {
  readonly address: bigint;
  readonly chunks: Uint8Array[];
  size: number;
}

class Reader {
  readonly #text: string;
  readonly #runs: Run[] = [];
  #format: TextFormat | undefined;
  #addressed = false;
  #total = 0;
  /** Where the next byte goes. */
  #next = 0n;
  /** Bytes of the last line, for one that repeats it. */
  #last: Uint8Array | undefined;
  #repeating = false;
  #width: number | undefined;
  #line = { start: 0, end: 0 };

  constructor(text: string, format: TextFormat | undefined) {
    this.#text = text;
    this.#format = format;
  }

  run(): DumpResult {
    const text = this.#text;
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const stop = newline === -1 ? text.length : newline;
      const end = text[stop - 1] === '\r' ? stop - 1 : stop;
      this.#line = { start, end: Math.max(start, end) };
      const problem = this.#read();
      if (problem !== undefined) return { dump: undefined, problem };
      start = stop + 1;
    }
    if (this.#repeating)
      return this.#fail(this.#wrong('the dump ends in `*`, so how long it is cannot be told'));
    if (this.#format === undefined || this.#runs.length === 0) {
      const problem: DumpProblem = {
        code: 'dump-format',
        start: 0,
        end: Math.min(text.length, 1),
        parameters: { format: this.#format },
      };
      return this.#fail(problem);
    }
    const segments = this.#runs.map(({ address, chunks, size }): Segment => {
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return { address, bytes };
    });
    return { dump: { format: this.#format, addressed: this.#addressed, segments }, problem: undefined };
  }

  #fail(problem: DumpProblem): DumpResult {
    return { dump: undefined, problem };
  }

  #wrong(detail: string, hint?: string): DumpProblem {
    const problem = { code: 'dump-address' as const, ...this.#line, parameters: { detail } };
    return hint === undefined ? problem : { ...problem, hint };
  }

  #read(): DumpProblem | undefined {
    const { start, end } = this.#line;
    if (end - start > limits.line)
      return {
        code: 'dump-limit',
        start,
        end: start + limits.line,
        parameters: { what: 'characters on a line', limit: limits.line },
      };
    const line = this.#text.slice(start, end);
    this.#format ??= formatOf(line);
    const format = this.#format;
    // Before the form is known a line can only be chatter, which every form reads the same.
    const row = readLine(format ?? 'xxd', line, this.#width);
    switch (row.kind) {
      case 'nothing':
        return undefined;
      case 'problem': {
        const { start: from, end: to, rule } = row.problem;
        const place = { start: start + from, end: start + to };
        if (rule === undefined || format === undefined)
          return { code: 'dump-format', ...place, parameters: { format } };
        const found = line.slice(from, Math.min(to, from + 40));
        return { code: 'dump-word', ...place, parameters: { found, format, rule } };
      }
      case 'command':
        this.#next = row.address;
        this.#addressed = true;
        this.#width = row.width;
        return undefined;
      case 'repeat':
        if (this.#last === undefined) return this.#wrong('there is no line before `*` that it could repeat');
        this.#repeating = true;
        return undefined;
      case 'end':
        return this.#arrive(row.address, true);
      case 'bytes':
        return this.#bytes(row.address, row.bytes);
    }
  }

  #bytes(address: bigint | undefined, bytes: readonly number[]): DumpProblem | undefined {
    if (address !== undefined) {
      const problem = this.#arrive(address, false);
      if (problem !== undefined) return problem;
    }
    return this.#append(Uint8Array.from(bytes));
  }

  /** A line says where it is. */
  #arrive(address: bigint, end: boolean): DumpProblem | undefined {
    this.#addressed = true;
    const first = this.#runs.length === 0;
    if (this.#repeating) {
      this.#repeating = false;
      const missing = address - this.#next;
      const row = BigInt(this.#last!.length);
      if (missing < 0n || row === 0n || (missing % row !== 0n && !end))
        return this.#wrong(`what \`*\` repeats does not end at 0x${address.toString(16)}`);
      if (missing > BigInt(limits.size - this.#total)) return this.#tooMuch();
      for (let left = Number(missing); left > 0; left -= this.#last!.length) {
        const problem = this.#append(this.#last!.subarray(0, Math.min(left, this.#last!.length)));
        if (problem !== undefined) return problem;
      }
    }
    if (first) this.#next = address;
    if (address < this.#next) {
      const shown = `0x${address.toString(16)}`;
      return this.#wrong(`${shown} is there already: the line before ends at 0x${this.#next.toString(16)}`);
    }
    if (
      address > this.#next &&
      !first &&
      BigInt(Number.parseInt(address.toString(16), 8) || 0) === this.#next
    )
      return this.#wrong(
        `the line before ends at 0x${this.#next.toString(16)}, this one starts at 0x${address.toString(16)}`,
        'Are these octal? `od -A x` prints addresses that can be read here.',
      );
    this.#next = address;
    return undefined;
  }

  #append(bytes: Uint8Array): DumpProblem | undefined {
    if (bytes.length === 0) return undefined;
    this.#total += bytes.length;
    if (this.#total > limits.size) return this.#tooMuch();
    const last = this.#runs.at(-1);
    if (last !== undefined && last.address + BigInt(last.size) === this.#next) {
      last.chunks.push(bytes);
      last.size += bytes.length;
    } else if (last !== undefined && this.#next < last.address + BigInt(last.size))
      return this.#wrong(`0x${this.#next.toString(16)} is there already`);
    else if (this.#runs.length === limits.segments)
      return {
        code: 'dump-limit',
        ...this.#line,
        parameters: { what: 'runs of bytes with gaps between them', limit: limits.segments },
      };
    else this.#runs.push({ address: this.#next, chunks: [bytes], size: bytes.length });
    this.#next += BigInt(bytes.length);
    this.#last = bytes;
    return undefined;
  }

  #tooMuch(): DumpProblem {
    return { code: 'dump-limit', ...this.#line, parameters: { what: 'bytes', limit: limits.size } };
  }
}

/** Bytes from a place of a dump, and which of them it has. */
export interface Window {
  readonly bytes: Uint8Array;
  /** 1 where the dump has the byte, otherwise 0. */
  readonly there: Uint8Array;
}

export function windowOf(dump: Dump, address: bigint, size: number): Window {
  const bytes = new Uint8Array(size);
  const there = new Uint8Array(size);
  for (const segment of dump.segments) {
    const from = Number(clamp(segment.address - address, size));
    const to = Number(clamp(segment.address + BigInt(segment.bytes.length) - address, size));
    if (to <= from) continue;
    const skip = Number(address + BigInt(from) - segment.address);
    bytes.set(segment.bytes.subarray(skip, skip + to - from), from);
    there.fill(1, from, to);
  }
  return { bytes, there };
}

function clamp(offset: bigint, size: number): bigint {
  return offset < 0n ? 0n : offset > BigInt(size) ? BigInt(size) : offset;
}
