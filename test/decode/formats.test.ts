import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dump, type DumpFormat, readDump } from '../../tools/decode/index.js';
import { has } from '../c/support.js';
import { printers } from './dumps.js';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function read(text: string, format?: DumpFormat): Dump {
  const { dump, problem } = readDump(bytesOf(text), format);
  if (dump === undefined)
    throw new Error(`${problem.code} at ${problem.start}: ${JSON.stringify(problem.parameters)}`);
  return dump;
}

/** The bytes of a dump that has no gaps. */
function whole(dump: Dump): Uint8Array {
  expect(dump.segments).toHaveLength(1);
  return dump.segments[0]!.bytes;
}

/** Like the pages that people have: mostly zeros, with text here and there. */
const contents = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(new Uint8Array(32)) },
      { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 24 }) },
      {
        weight: 1,
        arbitrary: fc.string({ minLength: 1, maxLength: 9 }).map((text) => new TextEncoder().encode(text)),
      },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

describe.each(printers)('$name', ({ format, unit, addressed, print }) => {
  // Eight bytes at least: what is shorter can be a number as well.
  const padded = contents.map((bytes) => {
    const size = Math.max(16, Math.ceil(bytes.length / unit) * unit);
    const all = new Uint8Array(size);
    all.set(bytes);
    return all;
  });

  test('any bytes are read back, and the form is found', () => {
    fc.assert(
      fc.property(padded, fc.integer({ min: 0, max: 0xfffff }), (bytes, page) => {
        const address = page * 0x1000;
        const dump = read(print(bytes, address));
        expect(dump.format).toBe(format);
        expect(dump.addressed).toBe(addressed);
        expect(Buffer.from(whole(dump))).toEqual(Buffer.from(bytes));
        if (addressed) expect(dump.segments[0]!.address).toBe(BigInt(address));
        expect(whole(read(print(bytes, address), format))).toEqual(whole(dump));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('with the ends of lines that Windows has', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
    expect(whole(read(print(bytes, 0x1000).replaceAll('\n', '\r\n')))).toEqual(bytes);
  });
});

describe('what the tools themselves print', () => {
  let folder: string;
  const bytes = new Uint8Array(0x400);
  bytes.set(new TextEncoder().encode('a page of memory'), 0x101);
  bytes.set([5, 0x80, 0xff, 0x7f], 0);
  bytes.set([1], 0x3ff);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rmigen-dump-'));
    writeFileSync(join(folder, 'page'), bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [program, args, format] of [
    ['xxd', [], undefined],
    ['xxd', ['-g1'], undefined],
    ['xxd', ['-a'], undefined],
    ['xxd', ['-e'], 'xxd-e'],
    ['xxd', ['-p'], undefined],
    ['xxd', ['-i'], undefined],
    ['hexdump', ['-C'], undefined],
    ['hexdump', ['-Cv'], undefined],
    ['hexdump', [], undefined],
    ['od', ['-A', 'x', '-t', 'x1z'], undefined],
    ['od', ['-A', 'x', '-t', 'x4'], undefined],
    ['od', ['-A', 'x', '-t', 'x8', '-v'], undefined],
  ] as const) {
    test.skipIf(!has(program))(`${program} ${args.join(' ')}`, () => {
      const printed = execFileSync(program, [...args, join(folder, 'page')], { encoding: 'latin1' });
      expect(Buffer.from(whole(read(printed, format)))).toEqual(Buffer.from(bytes));
    });
  }
});

describe('a form that can be told only by its text', () => {
  test('xxd -e is found where the text shows that words are values', () => {
    const dump = read('00000000: 00414243 00000000  CBA.....\n');
    expect(dump.format).toBe('xxd-e');
    expect([...whole(dump)]).toEqual([0x43, 0x42, 0x41, 0, 0, 0, 0, 0]);
  });

  test('and is xxd where it does not', () => {
    expect(read('00000000: 05000000 00000000  ........\n').format).toBe('xxd');
  });
});

describe('a dump with gaps', () => {
  test('keeps runs apart', () => {
    const { segments } = read(
      '88000000:  0000000000000005   ........\n88000800:  0000000000000006   ........\n',
    );
    expect(segments.map(({ address, bytes }) => [address, bytes.length])).toEqual([
      [0x88000000n, 8],
      [0x88000800n, 8],
    ]);
  });
});

describe('binary', () => {
  test.each([
    ['bytes that no text has', Uint8Array.of(5, 0, 0, 0)],
    ['UTF-8', new TextEncoder().encode('caf\u00e9')],
    ['nothing', new Uint8Array(0)],
    ['an escape', bytesOf('0000\u001b[2J')],
  ])('%s', (_, bytes) => {
    const { dump } = readDump(bytes);
    expect(dump?.format).toBe('binary');
    expect(dump?.segments[0]?.bytes).toEqual(bytes);
  });

  test('and text, where that is asked for', () => {
    expect(readDump(bytesOf('00 01'), 'binary').dump?.segments[0]?.bytes).toHaveLength(5);
  });
});

describe('hostile dumps', () => {
  test('anything is a dump or a problem with a place in it', () => {
    const pieces = fc.constantFrom(
      '0',
      '00',
      '0x',
      ': ',
      ':  ',
      ' ',
      '\t',
      '\n',
      '*',
      '*\n',
      'f'.repeat(17),
      '|',
      '<',
      '>',
      '\r',
      '(gdb) ',
      '# devmem 0x10 8',
      'Value at address 0x1: ',
      '88000000',
      '{',
      '},',
      'x',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
        (text) => {
          for (const format of [
            undefined,
            'hex',
            'xxd',
            'hexdump',
            'gdb',
            'crash',
            'devmem',
            'xxd-e',
          ] as const) {
            const { dump, problem } = readDump(bytesOf(text), format);
            if (dump !== undefined) continue;
            expect(problem.start).toBeGreaterThanOrEqual(0);
            expect(problem.end).toBeGreaterThanOrEqual(problem.start);
            expect(problem.end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 400, seed: 2 },
    );
  });

  test('what repeats cannot fill the memory', () => {
    const { problem } = readDump(bytesOf('00000000: 05\n*\nffffffffffffffff: 05\n'));
    expect(problem?.code).toBe('dump-limit');
  });

  test('a page of spaces or of digits on one line is no dump', () => {
    for (const line of [' '.repeat(70_000), '0'.repeat(70_000), '0: '.repeat(30_000)])
      expect(readDump(bytesOf(line)).problem?.code).toBe('dump-limit');
  });
});
