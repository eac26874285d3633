import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  RmiRealmParams,
  RmiRecEnter,
  RmiRecExit,
  RmiRecParams,
  RsiHostCall,
  RsiRealmConfig,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../../runtime/bits/index.js';
import {
  type Decoded,
  decodeDump,
  decodeValue,
  findSubject,
  readCall,
  readDump,
  registersIn,
  renderCall,
  renderValue,
  sizeOf,
  type ValueSubject,
  valueJson,
} from '../../tools/decode/index.js';
import { rmm, sourceOfTexts } from '../explain/support.js';
import { printers } from './dumps.js';
import { recRunPage } from './page.js';

function subjectOf(name: string): ValueSubject {
  const found = findSubject(name, rmm);
  if (found.kind !== 'subject' || found.subject.kind !== 'value') throw new Error(`${name} is ${found.kind}`);
  return found.subject;
}

function decodeBytes(name: string, bytes: Uint8Array, offset = 0): Decoded {
  return decodeDump(subjectOf(name), readDump(bytes, 'binary').dump!, BigInt(offset));
}

const findingsOf = ({ findings }: Decoded) =>
  findings.map(({ path, sort, message, section }) => `${path} [${sort}] ${message} (${section})`);

const value = (name: string, number: bigint) => decodeValue(subjectOf(name), number);

describe('a struct', () => {
  const structs = { RmiRealmParams, RmiRecParams, RmiRecEnter, RmiRecExit, RsiHostCall, RsiRealmConfig };

  test.each(Object.entries(structs))('%s reads as the generated accessors read it', (name, Accessor) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: Accessor.size, maxLength: Accessor.size }), (bytes) => {
        const read = new Accessor(Memory.of(bytes)) as unknown as Record<string, unknown>;
        const values = decodeBytes(name, bytes).entries.filter((one) => one.reading !== undefined);
        const expected = values.map(({ path }) => {
          const [, member = '', index] = /^(\w+)(?:\[(\d+)\])?$/.exec(path)!;
          let own = read[member] as { get?(index: number): unknown; $value?: bigint } | bigint | number;
          if (index !== undefined) own = (own as { get(index: number): bigint }).get(Number(index));
          return [path, BigInt(typeof own === 'object' ? own.$value! : own)];
        });
        expect(values.map(({ path, reading }) => [path, reading!.value])).toEqual(expected);
      }),
      { numRuns: 8, seed: 3 },
    );
  });

  test('is the same in every form of a dump', () => {
    const subject = subjectOf('RmiRecEnter');
    const size = sizeOf(subject.type);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { maxLength: 30 }),
        fc.constantFrom(...printers),
        (set, { print, format }) => {
          const bytes = new Uint8Array(size);
          for (const [at, byte] of set) bytes[at] = byte;
          const dump = readDump(Buffer.from(print(bytes, 0x1000), 'latin1')).dump!;
          expect(dump.format).toBe(format);
          const start = dump.addressed ? 0x1000n : 0n;
          expect(decodeDump(subject, dump, start)).toEqual(decodeBytes('RmiRecEnter', bytes));
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  test('accounts for each byte once', () => {
    for (const name of [...Object.keys(structs), 'RmiRecRun']) {
      let next = 0;
      for (const { offset, size } of decodeBytes(name, new Uint8Array(0x1000)).entries) {
        expect(offset).toBe(next);
        next += size;
      }
      expect(next).toBe(sizeOf(subjectOf(name).type));
    }
  });

  test('has nothing against the page that the accessors make', () => {
    expect(findingsOf(decodeBytes('rec_run', recRunPage()))).toEqual([]);
  });

  test('is annotated', async () => {
    const subject = subjectOf('rec_run');
    const dump = readDump(recRunPage()).dump!;
    const origin = { name: 'run.bin', dump, address: 0n };
    const text = renderValue(subject, decodeDump(subject, dump, 0n), origin, { all: false }, rmm);
    await expect(text).toMatchFileSnapshot('pages/rec_run.txt');
  });

  test('is found by the name that a C header gives it', () => {
    for (const name of ['rec_exit', 'struct rec_exit', 'rmi_rec_exit', 'RMIRECEXIT'])
      expect(subjectOf(name).name).toBe('RmiRecExit');
    expect(subjectOf('rec_exit.ripas_value').name).toBe('RmiRecExit.ripas_value');
  });
});

describe('what the document does not allow', () => {
  test('a reserved byte that is set, with what it is', () => {
    const page = recRunPage();
    page[0x800 + 0x1f0] = 1;
    page[0x9] = 1;
    page[0xa] = 2;
    expect(findingsOf(decodeBytes('rec_run', page))).toEqual([
      '0x008-0x1ff [reserved] 2 bytes are not zero, the first at 0x009: SBZ (B4.4.14)',
      '0x918-0x9ff [reserved] the byte at 0x9f0 is not zero: MBZ (B4.4.16)',
    ]);
  });

  test.each([
    ['RmiFeatureRegister0', 1n << 42n, 'RmiFeatureRegister0 [reserved] bit 42 of 63:42 is set: MBZ (B4.4.6)'],
    [
      'RmiRecEnterFlags',
      0b1100000n,
      'RmiRecEnterFlags [reserved] bits 5 and 6 of 63:5 are set: SBZ (B4.4.15)',
    ],
    ['RmiRecMpidr', 0xf0n, 'RmiRecMpidr [reserved] bits 4, 5, 6 and 7 of 7:4 are set: SBZ (B4.4.18)'],
    ['ICH_HCR_EL2', 1n << 9n, 'ICH_HCR_EL2 [reserved] bit 9 is set: RES0 (GICv3 IHI 0069, ICH_HCR_EL2)'],
    [
      'RmiRecEnter.gicv3_hcr',
      1n,
      'En [permitted] it is set, but is not in RMI_PERMITTED_GICV3_HCR_BITS (A6.1)',
    ],
    [
      'RMI_PERMITTED_GICV3_HCR_BITS',
      0x4000n | (1n << 27n),
      'EOIcount [permitted] it is set, but is not in RMI_PERMITTED_GICV3_HCR_BITS (A6.1)',
    ],
    [
      'RmiRecExitReason',
      7n,
      'RmiRecExitReason [label] RmiRecExitReason has no label for 7, a reserved encoding (B4.4.17)',
    ],
    [
      'RmiCommandReturnCode',
      0x105n,
      'status [label] RmiStatusCode has no label for 5, a reserved encoding (B4.4.25)',
    ],
    ['RmiRipas', 0x101n, 'RmiRipas [width] bits above the 8 of RmiRipas are set (B4.4.23)'],
  ])('%s %s', (name, number, expected) => {
    expect(findingsOf(value(name, number))).toEqual([expected]);
  });

  test('all that a mask permits is not flagged, and each field beside it is', () => {
    const mask = rmm.model.masks.get('RMI_PERMITTED_GICV3_HCR_BITS')!;
    expect(findingsOf(value('RmiRecEnter.gicv3_hcr', mask.value))).toEqual([]);
    const others = mask.register.fields.filter((field) => !mask.fields.includes(field));
    expect(others.length).toBeGreaterThan(5);
    for (const field of others)
      expect(findingsOf(value('RmiRecEnter.gicv3_hcr', 1n << BigInt(field.lsb)))).toHaveLength(1);
  });

  test('every value that has no finding has none but labels, fields and zeros', () => {
    const flags = subjectOf('RmiRecEnterFlags');
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (number) => {
        const clean = decodeValue(flags, number).findings.length === 0;
        expect(clean).toBe(number >> 5n === 0n);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('a dump that is too short', () => {
  test('says what is missing', () => {
    const short = recRunPage().subarray(0, 0x304);
    expect(findingsOf(decodeBytes('rec_enter', short))).toEqual([
      'RmiRecEnter [missing] 0x4fc of 0x800 bytes are not in the dump: 0x304 to 0x7ff, with gicv3_hcr, ' +
        'gicv3_lrs[0], gicv3_lrs[1] and 14 more (B4.4.14)',
    ]);
  });

  test('has no value where a byte is missing', () => {
    const { entries } = decodeBytes('rec_enter', new Uint8Array(0x304));
    expect(entries.filter((one) => one.reading === undefined && !one.gap).map((one) => one.path)).toContain(
      'gicv3_hcr',
    );
  });

  test('says so of a place beyond the dump', () => {
    const decoded = decodeBytes('rec_exit', new Uint8Array(0x1000), 0x2000);
    expect(findingsOf(decoded)[0]).toMatch(/^RmiRecExit \[missing\] 0x800 of 0x800 bytes/);
    expect(decoded.findings).toHaveLength(1);
  });

  test('and of a gap', () => {
    const text = '0x1000:\t0x0000000000000001\n0x1010:\t0x0000000000000002\n';
    const dump = readDump(Buffer.from(text)).dump!;
    const decoded = decodeDump(subjectOf('RsiHostCall'), dump, 0x1000n);
    expect(decoded.findings[0]?.message).toContain('0x008 to 0x00f, 0x018 to 0x0ff');
  });
});

describe('one value', () => {
  test.each([
    ['RmiFeatureRegister0', 0x3c11fc0030n, 'fieldset'],
    ['RmiRecEnter.gicv3_hcr', 0x4001n, 'member'],
    ['RmiRttEntryState', 2n, 'enumeration'],
    ['PsciReturnCode', 0xffff_ffff_ffff_fffcn, 'signed'],
  ])('%s is as in pages', async (name, number, file) => {
    const subject = subjectOf(name);
    const text = renderValue(subject, decodeValue(subject, number), undefined, { all: false }, rmm);
    await expect(text).toMatchFileSnapshot(`pages/${file}.txt`);
  });
});

describe('a call', () => {
  function call(name: string, ...words: readonly string[]) {
    const found = findSubject(name, rmm);
    if (found.kind !== 'subject' || found.subject.kind !== 'call') throw new Error(found.kind);
    const read = registersIn([`0x${found.subject.command.fid.toString(16)}`, ...words]);
    if (!('registers' in read)) throw new Error(read.message);
    return readCall(found.subject.command, read.registers, rmm);
  }

  test('with arguments and a result is as in pages/call.txt', async () => {
    const read = call(
      'RMI_DATA_CREATE',
      'x1=0x88000000',
      'x2=0x88001000',
      'x4=0x1000',
      'x5=3',
      'x0=0x304',
      'x6=9',
    );
    await expect(renderCall(read, { all: false }, rmm)).toMatchFileSnapshot('pages/call.txt');
  });

  test('with results after `returns`', () => {
    const { inputs, outputs } = call(
      'RMI_VERSION',
      'x1=0x10000',
      'returns',
      'x0=0',
      'x1=0x10000',
      'x2=0x10001',
    );
    expect(inputs.map((one) => one.reading?.value)).toEqual([0x10000n]);
    expect(outputs.map((one) => one.reading?.value)).toEqual([0n, 0x10000n, 0x10001n]);
  });

  test('names the failures that answer with a status, and none for success', () => {
    expect(call('RMI_DATA_CREATE', 'x0=0x2').failures.map((one) => one.name)).toEqual(['realm_state']);
    expect(call('RMI_DATA_CREATE', 'x0=0').failures).toEqual([]);
    expect(call('RMI_REC_ENTER', 'x0=3').failures.length).toBeGreaterThan(0);
  });

  test('takes X0 as the FID where none stands before it', () => {
    expect(registersIn(['x0=0xC4000150', 'X1=5'])).toEqual({
      registers: { fid: 0xc4000150n, inputs: new Map([[1, 5n]]), outputs: new Map() },
    });
  });

  test.each([
    [['zz'], '`zz` is no register and no number'],
    [['0xC4000150', '5'], '`5` lacks the name of a register, such as x1=5'],
    [['0xC4000150', 'x18=1'], '`x18=1`: an SMC uses X0 to X17'],
    [['0xC4000150', 'x1=1', 'x1=2'], 'X1 is given twice'],
    [['0xC4000150', 'w1=0x100000000'], '`w1=0x100000000` has more than 32 bits'],
    [['0xC4000150', 'x1=0x10000000000000000'], '`x1=0x10000000000000000` is no register and no number'],
    [['returns', 'returns'], '`returns` stands there twice'],
    [['0xC4000150', 'x1='], '`x1=` is no register and no number'],
  ])('%j is refused', (words, message) => {
    expect(registersIn(words)).toMatchObject({ message });
  });
});

describe('names', () => {
  test.each([
    ['gicv3_hcr', { kind: 'several', names: ['RmiRecEnter.gicv3_hcr', 'RmiRecExit.gicv3_hcr'] }],
    ['RttWalk', { kind: 'nothing', message: '`RttWalk` has no values that a dump or a register could hold' }],
    ['RmmRealm', { kind: 'nothing' }],
    ['RMM_GRANULE_SIZE', { kind: 'nothing' }],
    ['rec_exitt', { kind: 'nothing', suggestions: expect.arrayContaining(['rec_exit']) }],
  ])('%s', (name, expected) => {
    expect(findSubject(name, rmm)).toMatchObject(expected);
  });

  test('a label means values of its enumeration', () => {
    expect(subjectOf('RMI_EXIT_SYNC').name).toBe('RmiRecExitReason');
  });

  test('every concrete type decodes, whatever is in it', () => {
    let count = 0;
    for (const item of rmm.items) {
      const found = findSubject(item.name, rmm);
      if (found.kind !== 'subject' || found.subject.kind !== 'value') continue;
      count++;
      const { subject } = found;
      for (const byte of [0, 0xff, 0x5a]) {
        const dump = readDump(new Uint8Array(0x1000).fill(byte), 'binary').dump!;
        const decoded = decodeDump(subject, dump, 0n);
        const origin = { name: 'x', dump, address: 0n };
        expect(renderValue(subject, decoded, origin, { all: true }, rmm)).toContain(subject.name);
        const json = JSON.parse(JSON.stringify(valueJson(subject, decoded, origin, rmm)));
        expect(json.ok).toBe(decoded.findings.length === 0);
      }
    }
    expect(count).toBeGreaterThan(80);
  });
});

describe('a layout that depends on another value', () => {
  const types = `Sort:
  kind: enumeration
  section: B1.1
  summary: A sort.
  width: 1
  values:
    PLAIN: { value: 0, doc: plain }
    SPLIT: { value: 1, doc: split }

Parts:
  kind: fieldset
  section: B1.2
  summary: Some parts.
  width: 8
  fields:
    low: { bits: "3:0", type: UInt4, doc: the low part }
  reserved:
    - { bits: "7:4", as: SBZ }

Thing:
  kind: fieldset
  section: B1.3
  summary: A thing.
  width: 16
  fields:
    sort: { bits: "0", type: Sort, doc: what follows }
    data:
      bits: "15:8"
      by: sort
      cases:
        split: { when: [SPLIT], type: Parts }
        rest: {}
      doc: what goes with it
  reserved:
    - { bits: "7:1", as: SBZ }
`;
  const head =
    'document: DOC1\nversion: "1"\ntitle: A test\ninterfaces: {}\ninclude: { types: [types.yaml] }\n';

  test('is that of the value at hand', async () => {
    const source = await sourceOfTexts({ 'spec.yaml': head, 'types.yaml': types });
    const found = findSubject('Thing', source);
    if (found.kind !== 'subject' || found.subject.kind !== 'value') throw new Error(found.kind);
    const { subject } = found;
    expect(findingsOf(decodeValue(subject, 0xf301n))).toEqual([
      'data [reserved] bits 4, 5, 6 and 7 of 7:4 are set: SBZ (B1.2)',
    ]);
    expect(decodeValue(subject, 0xf300n).findings).toEqual([]);
    const text = renderValue(subject, decodeValue(subject, 0x0301n), undefined, { all: false }, source);
    expect(text).toMatch(/\[11:8\] data\.low +3 +the low part/);
  });
});
