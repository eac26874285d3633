import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RMI_GRANULE_DELEGATE, RMI_RTT_CREATE } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { createMachine } from '../../runtime/index.js';
import { formatHeader, formatLine } from '../../runtime/machine/trace.js';
import { LineParser, parseHeader } from '../../tools/replay/index.js';
import { differences, judge } from './judge.js';
import { DRAM, lifecycle, PAGE, stage } from './scenario.js';

const file = join(import.meta.dirname, 'traces/lifecycle.txt');
const transcript = lifecycle().trace.transcript();

describe('a machine that is traced', () => {
  test('leaves the trace that is kept', async () => {
    await expect(transcript).toMatchFileSnapshot(file);
  });

  test('leaves a trace that conforms', () => {
    const tally = judge(transcript);
    expect(differences(tally)).toEqual([]);
    expect(tally.total.conforming).toBeGreaterThan(300);
    // What PSCI_CPU_SUSPEND returns the document does not say.
    expect(tally.unjudged).toEqual([
      { reason: 'what the Realm goes on with is left open', count: 1, line: 515 },
    ]);
  });

  test('prints the log that people know from the firmware', () => {
    const { machine } = stage();
    const realm = machine.host.createRealm();
    machine.smc(RMI_RTT_CREATE.fid, realm.rd, DRAM, 0x8000_0000, 3);
    machine.smc(RMI_GRANULE_DELEGATE.fid, 1);
    machine.smc(0xc400_0165, 0);
    machine.smc(0xc400_0161, realm.rd, 0, 1);
    machine.smc(0xc400_0155, realm.rd, 0);
    machine.smc(0xc400_0159, DRAM);
    machine.smc(0xc400_0150, 0x2_0000);
    machine.smc(0xc400_018e);
    machine.smc(0xc401_0165, 1);
    expect(machine.trace.text()).toMatchInlineSnapshot(`
      "SMC_RMI_GRANULE_DELEGATE      0x80000000 > RMI_SUCCESS
      SMC_RMI_GRANULE_DELEGATE      0x80001000 > RMI_SUCCESS
      SMC_RMI_GRANULE_DELEGATE      0x80002000 > RMI_SUCCESS
      SMC_RMI_REALM_CREATE          0x80002000 0x80003000 > RMI_SUCCESS
      SMC_RMI_RTT_CREATE            0x80002000 0x80000000 0x80000000 0x3 > RMI_ERROR_INPUT
      SMC_RMI_GRANULE_DELEGATE      0x1 > RMI_ERROR_INPUT
      SMC_RMI_FEATURES              0x0 > RMI_SUCCESS 0x2bffc104130
      SMC_RMI_RTT_READ_ENTRY        0x80002000 0x0 0x1 > RMI_SUCCESS 0x1 0x0 0x0 0x0
      SMC_RMI_DATA_DESTROY          0x80002000 0x0 > RMI_ERROR_RTT 0x1 0x8000000000
      SMC_RMI_REALM_DESTROY         0x80000000 > RMI_ERROR_INPUT
      SMC_RMI_VERSION               0x20000 > RMI_ERROR_INPUT 0x10000 0x10000
      SMC_0xc400018e                > SMCCC_NOT_SUPPORTED
      SMC_RMI_FEATURES              0x1 > RMI_SUCCESS 0x0
      "
    `);
  });

  test('writes what it wrote to memory in few lines', () => {
    const { machine } = stage();
    const { bus, probe, trace } = machine;
    bus.fill(DRAM, 2 * PAGE, 0xee);
    bus.write(
      DRAM,
      Uint8Array.from({ length: 32 }, (_, i) => (i < 8 ? 1 : 0)),
    );
    bus.write(
      DRAM + 3,
      Uint8Array.from({ length: 14 }, (_, i) => i),
    );
    bus.write64(DRAM, 5n);
    bus.write8(DRAM + 1, 6);
    bus.write64(DRAM + 12, 0x0102_0304_0506_0708n);
    expect(bus.read64(DRAM)).toBe(0x605n);
    expect(bus.read8(DRAM + 1)).toBe(6);
    bus.read(DRAM, 40);
    machine.smc(RMI_GRANULE_DELEGATE.fid, DRAM);
    expect(() => bus.write64(DRAM, 1n)).toThrow('may not access');
    probe.write64(DRAM, 7n);
    expect(trace.transcript()).toMatchInlineSnapshot(`
      "# rmigen simulator dram_base 80000000 granules 1000 pa_width 32 featreg0 2bffc104130
      fill 80000000 2000 ee
      fill 80000000 20 0
      w64 80000000 101010101010101
      fill 80000003 e 0
      w8 80000004 1
      w8 80000005 2
      w8 80000006 3
      w8 80000007 4
      w64 80000008 c0b0a0908070605
      w8 80000010 d
      w64 80000000 5
      w8 80000001 6
      w8 8000000c 8
      w8 8000000d 7
      w8 8000000e 6
      w8 8000000f 5
      w8 80000010 4
      w8 80000011 3
      w8 80000012 2
      w8 80000013 1
      r64 80000000 -> 605
      r8 80000001 -> 6
      r64 80000000 -> 605
      r64 80000008 -> 506070808070605
      r64 80000010 -> 1020304
      r64 80000020 -> eeeeeeeeeeeeeeee
      smc c4000151 80000000 -> 0 0 0 0 0
      w64 80000000 7
      "
    `);
  });

  test('costs no record when it is not', () => {
    const machine = createMachine({ memory: [{ base: 0, size: PAGE }] });
    expect(() => machine.trace).toThrow('expected a machine that was made with it');
  });

  test('has the memory that a trace can tell of', () => {
    const base = { base: DRAM, size: PAGE };
    for (const memory of [[base, { base: 0, size: PAGE }], [{ ...base, kind: 'device' as const }]])
      expect(() => createMachine({ memory, trace: true })).toThrow('expected one region of ordinary memory');
    expect(() => createMachine({ memory: [base], trace: true }).probe.read64(0)).toThrow(
      'there is no memory at 0x0',
    );
  });
});

test('every line that is written reads back as it was', () => {
  const [first, ...lines] = transcript.trimEnd().split('\n');
  const header = parseHeader(first!).value!;
  expect(formatHeader(header)).toBe(first);
  const parser = new LineParser(header);
  for (const line of lines) expect(formatLine(parser.parse(line).value!)).toBe(line);
});
