import { describe, expect, test } from 'vitest';
import { loadModel } from '../../generator/index.js';
import { memory } from '../memory.js';

function codes(commands: string, fids = '[{ first: 0xC4000150, last: 0xC400018F }]'): readonly string[] {
  const head = `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: ${fids} }
  RSI: { section: B5, version: "1.0", fids: [{ first: 0xC4000190, last: 0xC40001AF }] }
include: { commands: [commands.yaml] }
`;
  return loadModel('', memory({ 'spec.yaml': head, 'commands.yaml': commands })).diagnostics.map(
    (one) => `${one.code} ${one.span.file.text.slice(one.span.start, one.span.end)}`,
  );
}

const command = (name: string, fid: string, more = '') =>
  `${name}:\n  section: A1\n  summary: A command.\n  fid: ${fid}\n${more}`;

describe('function identifiers', () => {
  test('the first and the last of a range are in it', () => {
    expect(codes(command('RMI_A', '0xC4000150') + command('RMI_B', '0xC400018F'))).toEqual([]);
    expect(codes(command('RMI_A', '0xC4000150') + command('RMI_B', '0xC400014F'))).toEqual([
      'fid-range 0xC400014F',
    ]);
    expect(codes(command('RMI_A', '0xC4000150') + command('RMI_B', '0xC4000190'))).toEqual([
      'fid-range 0xC4000190',
    ]);
  });

  test('an interface has as many ranges as it says', () => {
    const two = '[{ first: 0x84000150, last: 0x84000150 }, { first: 0xC4000150, last: 0xC4000151 }]';
    expect(codes(command('RMI_A', '0x84000150') + command('RMI_B', '0xC4000151'), two)).toEqual([]);
    expect(codes(command('RMI_A', '0x84000151') + command('RMI_B', '0xC4000151'), two)).toEqual([
      'fid-range 0x84000151',
    ]);
  });

  test('each belongs to one command, of whatever interface', () => {
    const all = '[{ first: 0xC4000150, last: 0xC40001AF }]';
    expect(codes(command('RMI_A', '0xC4000190') + command('RSI_B', '0xC4000190'), all)).toEqual([
      'fid-duplicate 0xC4000190',
    ]);
    // The third is the same as both, and is told once.
    expect(
      codes(command('RMI_A', '0xC4000150') + command('RMI_B', '0xC4000150') + command('RMI_C', '0xC4000150')),
    ).toEqual(['fid-duplicate 0xC4000150', 'fid-duplicate 0xC4000150']);
  });

  test('are fast calls: bit 31 is set and bits 23:16 are zero', () => {
    const all = '[{ first: 0, last: 0xFFFFFFFF }]';
    for (const fid of ['0x80000000', '0xC4000150', '0xFF00FFFF'])
      expect(codes(command('RMI_A', fid), all)).toEqual([]);
    for (const fid of ['0', '0x7FFFFFFF', '0x80010000', '0xC4800150'])
      expect(codes(command('RMI_A', fid), all)).toEqual([`fid-convention ${fid}`]);
  });

  test('when none is in the range, the range is wrong', () => {
    expect(codes(command('RMI_A', '0xC4000190') + command('RMI_B', '0xC4000191'))).toEqual([
      'fids-foreign [{ first: 0xC4000150, last: 0xC400018F }]',
    ]);
    // Of one command nobody can tell.
    expect(codes(command('RMI_A', '0xC4000190'))).toEqual(['fid-range 0xC4000190']);
  });
});

describe('command values', () => {
  const inputs = (...values: readonly string[]) =>
    codes(
      command(
        'RMI_A',
        '0xC4000150',
        `  inputs:\n${values.map((value, index) => `    v${index}: { ${value}, doc: a }\n`).join('')}`,
      ),
    );

  test('may be narrower than their bits, not wider', () => {
    expect(inputs('register: X1, type: UInt8')).toEqual([]);
    expect(inputs('register: X1, bits: "7:0", type: UInt8')).toEqual([]);
    expect(inputs('register: X1, bits: "6:0", type: UInt8')).toEqual(['value-width UInt8']);
  });

  test('share a register bit by bit, in whatever order they are given', () => {
    const low = 'register: X1, bits: "31:0", type: UInt32';
    const high = 'register: X1, bits: "63:32", type: UInt32';
    expect(inputs(low, high)).toEqual([]);
    expect(inputs(high, low)).toEqual([]);
    expect(inputs(high, low, 'register: X2, bits: "31:0", type: UInt32')).toEqual([]);
    expect(inputs(low, high, 'register: X1, bits: "32:31", type: UInt2')).toEqual([
      'value-overlap "63:32"',
      'value-overlap "32:31"',
    ]);
  });

  test('a wide one is seen behind a narrow one', () => {
    const overlaps = inputs(
      'register: X1, bits: "40:0", type: UInt41',
      'register: X1, bits: "3:1", type: UInt3',
      'register: X1, bits: "41:40", type: UInt2',
    );
    expect(overlaps).toEqual(['value-overlap "3:1"', 'value-overlap "41:40"']);
  });

  test('an input is in X1 to X16, an output in X0 to X16', () => {
    expect(inputs('register: X16, type: UInt64')).toEqual([]);
    expect(inputs('register: X17, type: UInt64')).toEqual(['register-syntax X17']);
    expect(inputs('register: X01, type: UInt64')).toEqual(['register-syntax X01']);
    const output = (register: string) =>
      codes(
        command('RMI_A', '0xC4000150', `  outputs: { a: { register: ${register}, type: UInt64, doc: a } }\n`),
      );
    expect(output('X0')).toEqual([]);
    expect(output('X1')).toEqual(['result-missing RMI_A']);
    // It may be the result: its register is what is wrong.
    expect(output('x0')).toEqual(['register-syntax x0']);
  });
});
