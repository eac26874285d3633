import type { DumpFormat } from '../../tools/decode/index.js';

/**
 * How tools print memory, written from what they print. The tests of the forms hold what is read against these,
 * and these against the tools themselves where they are installed.
 */
const hex = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, '0');

function* rows(bytes: Uint8Array, size: number): Iterable<readonly [at: number, row: Uint8Array]> {
  for (let at = 0; at < bytes.length; at += size) yield [at, bytes.subarray(at, at + size)];
}

/** Values of `width` bytes as a little-endian machine shows them; a shorter one at the end stands for itself. */
function values(row: Uint8Array, width: number): readonly string[] {
  return [...rows(row, width)].map(([, part]) =>
    [...part]
      .reverse()
      .map((byte) => hex(byte, 2))
      .join(''),
  );
}

function ascii(row: Uint8Array): string {
  return [...row].map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}

/** Leaves rows out that repeat the one before, as `xxd -a`, hexdump and od do; the last stays. */
function squeeze(lines: readonly (readonly [key: string, line: string])[]): readonly string[] {
  const kept: string[] = [];
  for (const [index, [key, line]] of lines.entries()) {
    if (index > 0 && index < lines.length - 1 && key === lines[index - 1]![0]) {
      if (kept.at(-1) !== '*') kept.push('*');
    } else kept.push(line);
  }
  return kept;
}

export interface Printer {
  readonly name: string;
  readonly format: DumpFormat;
  /** The bytes that a unit takes: the dump has whole ones. */
  readonly unit: number;
  /** Whether the address that the bytes are at is in the dump. */
  readonly addressed: boolean;
  readonly print: (bytes: Uint8Array, address: number) => string;
}

const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

function xxd(group: number, squeezed = false): Printer['print'] {
  return (bytes, address) => {
    const lines = [...rows(bytes, 16)].map(([at, row]): readonly [string, string] => {
      const groups = [...rows(row, group)].map(([, part]) => [...part].map((byte) => hex(byte, 2)).join(''));
      const width = (16 / group) * (2 * group + 1) - 1;
      return [groups.join(' '), `${hex(address + at, 8)}: ${groups.join(' ').padEnd(width)}  ${ascii(row)}`];
    });
    return text(squeezed ? squeeze(lines) : lines.map(([, line]) => line));
  };
}

function hexdumpC(bytes: Uint8Array, address: number): string {
  const lines = [...rows(bytes, 16)].map(([at, row]): readonly [string, string] => {
    const half = (part: Uint8Array) =>
      [...part]
        .map((byte) => hex(byte, 2))
        .join(' ')
        .padEnd(23);
    const both = `${half(row.subarray(0, 8))}  ${half(row.subarray(8))}`;
    return [both, `${hex(address + at, 8)}  ${both}  |${ascii(row)}|`];
  });
  // hexdump leaves the last row out as well when it repeats.
  const kept = squeeze([...lines, ['', hex(address + bytes.length, 8)]]);
  return text(kept);
}

function od(width: number): Printer['print'] {
  return (bytes, address) => {
    const lines = [...rows(bytes, 16)].map(([at, row]): readonly [string, string] => {
      const words = values(row, width).join(' ');
      return [words, `${hex(address + at, 6)} ${words}`];
    });
    return text(squeeze([...lines, ['', hex(address + bytes.length, 6)]]));
  };
}

function gdb(width: number, perLine: number, symbol = ''): Printer['print'] {
  return (bytes, address) =>
    text([
      `(gdb) x/${bytes.length / width}${{ 1: 'b', 2: 'h', 4: 'w', 8: 'g' }[width]}x 0x${hex(address, 1)}`,
      ...[...rows(bytes, width * perLine)].map(([at, row]) => {
        const where = symbol === '' ? '' : ` <${symbol}${at === 0 ? '' : `+${at}`}>`;
        return `0x${hex(address + at, 1)}${where}:\t${values(row, width)
          .map((one) => `0x${one}`)
          .join('\t')}`;
      }),
    ]);
}

function crash(width: number): Printer['print'] {
  return (bytes, address) =>
    text([
      `crash> rd ${width === 8 ? '' : `-${width * 8} `}${hex(address, 16)} ${bytes.length / width}`,
      ...[...rows(bytes, 16)].map(
        ([at, row]) => `${hex(address + at, 16)}:  ${values(row, width).join(' ')}   ${ascii(row)}`,
      ),
    ]);
}

export const printers: readonly Printer[] = [
  { name: 'xxd', format: 'xxd', unit: 1, addressed: true, print: xxd(2) },
  { name: 'xxd -g1', format: 'xxd', unit: 1, addressed: true, print: xxd(1) },
  { name: 'xxd -g8', format: 'xxd', unit: 8, addressed: true, print: xxd(8) },
  { name: 'xxd -a', format: 'xxd', unit: 1, addressed: true, print: xxd(2, true) },
  {
    name: 'xxd -p',
    format: 'hex',
    unit: 1,
    addressed: false,
    print: (bytes) =>
      text([...rows(bytes, 30)].map(([, row]) => [...row].map((byte) => hex(byte, 2)).join(''))),
  },
  {
    name: 'xxd -i',
    format: 'hex',
    unit: 1,
    addressed: false,
    print: (bytes) =>
      text([
        'unsigned char page_bin[] = {',
        ...[...rows(bytes, 12)].map(
          ([at, row]) =>
            `  ${[...row].map((byte) => `0x${hex(byte, 2)}`).join(', ')}${at + 12 < bytes.length ? ',' : ''}`,
        ),
        '};',
        `unsigned int page_bin_len = ${bytes.length};`,
      ]),
  },
  { name: 'hexdump -C', format: 'hexdump', unit: 1, addressed: true, print: hexdumpC },
  { name: 'od -A x -t x2', format: 'hexdump', unit: 2, addressed: true, print: od(2) },
  { name: 'od -A x -t x8', format: 'hexdump', unit: 8, addressed: true, print: od(8) },
  { name: 'x/gx', format: 'gdb', unit: 8, addressed: true, print: gdb(8, 2) },
  { name: 'x/gx of a variable', format: 'gdb', unit: 8, addressed: true, print: gdb(8, 2, 'run_page') },
  { name: 'x/wx', format: 'gdb', unit: 4, addressed: true, print: gdb(4, 4) },
  { name: 'x/bx', format: 'gdb', unit: 1, addressed: true, print: gdb(1, 8) },
  { name: 'rd', format: 'crash', unit: 8, addressed: true, print: crash(8) },
  { name: 'rd -32', format: 'crash', unit: 4, addressed: true, print: crash(4) },
  { name: 'rd -8', format: 'crash', unit: 1, addressed: true, print: crash(1) },
  {
    name: 'devmem, one after the other',
    format: 'devmem',
    unit: 8,
    addressed: false,
    print: (bytes) => text(values(bytes, 8).map((one) => `0x${one.toUpperCase()}`)),
  },
  {
    name: 'devmem as it was typed',
    format: 'devmem',
    unit: 4,
    addressed: true,
    print: (bytes, address) =>
      text(
        values(bytes, 4).flatMap((one, index) => [
          `# devmem 0x${hex(address + 4 * index, 8)} 32`,
          `0x${one.toUpperCase()}`,
        ]),
      ),
  },
  {
    name: 'devmem2',
    format: 'devmem',
    unit: 4,
    addressed: true,
    print: (bytes, address) =>
      text(
        values(bytes, 4).flatMap((one, index) => [
          '/dev/mem opened.',
          'Memory mapped at address 0xffff8d2f4000.',
          `Value at address 0x${hex(address + 4 * index, 8).toUpperCase()} (0xffff8d2f4000): 0x${Number.parseInt(one, 16).toString(16).toUpperCase()}`,
        ]),
      ),
  },
];
