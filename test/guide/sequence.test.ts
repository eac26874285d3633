import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { escaped } from '../../tools/sequence/index.js';
import { folder, rmigen, root } from '../cli/harness.js';

const HEADER = '# an RMM dram_base 80000000 granules 10000 pa_width 48 featreg0 283fc104130';
const sequence = (...lines: readonly string[]) =>
  rmigen(folder({ trace: `${[HEADER, ...lines].join('\n')}\n` }), ['sequence', 'trace']);

/** The arrows of a diagram. */
async function arrows(...lines: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await sequence(...lines);
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('    participant'))
    .map((line) => line.trim());
}

const delegate = (granule: number, x0 = 0) =>
  `smc c4000151 ${(0x8000_0000 + granule * 0x1000).toString(16)} -> ${x0} 0 0 0 0`;
const CREATE = [
  'smc c4000158 80010000 80011000 -> 0 0 0 0 0',
  'smc c400015a 80010000 80020000 80011000 -> 0 0 0 0 0',
];
const ENTER = 'smc c400015c 80020000 80030000 -> 0 0 0 0 0';

describe('rmigen sequence', () => {
  test('counts what only moves Granules, and keeps the order of the rest', async () => {
    expect(
      await arrows(
        ...[1, 2, 3].map((n) => delegate(n)),
        delegate(3, 1),
        'smc c4000158 80001000 80004000 -> 0 0 0 0 0',
        delegate(5),
        'smc c4000158 80001000 80004000 -> 1 0 0 0 0',
        'smc 84000150 -> ffffffffffffffff 0 0 0 0',
      ),
    ).toEqual([
      'H->>M: 3 × RMI_GRANULE_DELEGATE',
      'H-xM: RMI_GRANULE_DELEGATE returns RMI_ERROR_INPUT',
      'H->>M: RMI_REALM_CREATE',
      'H->>M: RMI_GRANULE_DELEGATE',
      'H-xM: RMI_REALM_CREATE returns RMI_ERROR_INPUT',
      'H-xM: SMC 0x84000150 returns SMCCC_NOT_SUPPORTED',
    ]);
  });

  test('shows calls of a Realm, those that make the REC exit, and what answers them at the next entry', async () => {
    expect(
      await arrows(
        ...CREATE,
        'realm rsi c4000190 10000',
        'realm rsi c4000190 10000',
        'realm rsi c4000003 1 2000 0',
        `${ENTER} | run 0 0 0 0 0 pc 0 | rsi 0 10000 10000 0 0 | rsi 0 10000 10000 0 0`,
        'r64 80030800 -> 3',
        'r64 80030a00 -> c4000003',
        'r64 80030a08 -> 1',
        `${ENTER} | rsi fffffffffffffffc 0 0 0 0`,
      ),
    ).toEqual([
      'H->>M: RMI_REALM_CREATE',
      'H->>M: RMI_REC_CREATE',
      'H->>M: RMI_REC_ENTER of REC 0',
      'M->>R0: goes on',
      'R0->>M: 2 × RSI_VERSION',
      'M-->>R0: RSI_SUCCESS',
      'R0->>M: PSCI_CPU_ON',
      'M-->>H: RMI_EXIT_PSCI<br/>PSCI_CPU_ON of MPIDR 0x1',
      'H->>M: RMI_REC_ENTER of REC 0',
      'M->>R0: PSCI_CPU_ON returns PSCI_ALREADY_ON',
      'R0->>M: stops',
      // The Host has not read why.
      'M-->>H: REC exit',
    ]);
  });

  test('shows what the Host hands over and reads, of this exit alone', async () => {
    expect(
      (
        await arrows(
          ...CREATE,
          'w64 80030000 5',
          'w64 80030308 5000000000000021',
          `${ENTER} | run 0 0 0 0 0 pc 0`,
          'r64 80030800 -> 1',
          'r64 80030b08 -> 9000000000000021',
          'fill 80030000 1000 0',
          `${ENTER} | run 0 0 0 0 0 pc 0`,
          '# read later',
          'r64 80030800 -> 2',
          `${ENTER.replace('-> 0', '-> 3')}`,
        )
      ).filter((line) => line.includes('H')),
    ).toEqual([
      'H->>M: RMI_REALM_CREATE',
      'H->>M: RMI_REC_CREATE',
      'H->>M: RMI_REC_ENTER of REC 0<br/>emul_mmio<br/>trap_wfi<br/>gicv3_lrs[0]: interrupt 33 pending',
      'M-->>H: RMI_EXIT_IRQ<br/>gicv3_lrs[0]: interrupt 33 active',
      'H->>M: RMI_REC_ENTER of REC 0',
      'M-->>H: RMI_EXIT_FIQ',
      'Note over H,M: read later',
      'H-xM: RMI_REC_ENTER returns RMI_ERROR_REC',
    ]);
  });

  test('names RECs by their Realm where there are several', async () => {
    const other = CREATE.map((line) => line.replace('80010000', '80040000').replace('80020000', '80050000'));
    const { stdout } = await sequence(
      ...CREATE,
      ...other,
      ENTER,
      ENTER.replace('80020000', '80050000'),
      ENTER.replace('80020000', '80060000'),
    );
    expect(stdout.match(/participant R.*/g)).toEqual([
      'participant R0 as Realm 0 REC 0',
      'participant R1 as Realm 1 REC 0',
      'participant R2 as REC at 0x80060000',
    ]);
  });

  test('draws the recorded life of a Realm', async () => {
    const trace = readFileSync(join(root, 'test/replay/traces/lifecycle.txt'), 'utf8');
    const { code, stdout } = await rmigen(folder({ trace }), ['sequence', 'trace']);
    expect(code).toBe(0);
    for (const name of ['RMI_EXIT_SERROR', 'RMI_EXIT_RIPAS_CHANGE', 'RSI_MEASUREMENT_EXTEND', 'PSCI_CPU_OFF'])
      expect(stdout).toContain(name);
  });

  test('lets no text out of a note', async () => {
    const evil = '# a;b\u001b[31m#35; <script> %% end\u2028participant X as "Y"';
    const [note] = await arrows(evil);
    expect(note).toBe(
      'Note over H,M: a#59;b·[31m#35;35#59; #60;script#62; #37;#37; end·participant X as #34;Y#34;',
    );
    expect(await arrows(`# ${'é'.repeat(500)}`)).toEqual([`Note over H,M: ${'é'.repeat(100)}...`]);
    expect(escaped('\ud800')).toBe('·');
  });

  test.each([
    [[], 2, /missing required argument/],
    [['absent'], 2, /absent cannot be read: it does not exist/],
    [['empty'], 1, /empty:1:1 - error trace-header/],
    [['bad'], 1, /bad:2:1 - error trace-action/],
    [['long'], 1, /long cannot be drawn: more than 4096 steps/],
    [['runs'], 1, /runs cannot be drawn: more than 256 run structures/],
    [['recs'], 1, /recs cannot be drawn: more than 64 RECs/],
  ])('%j is refused', async (args, code, message) => {
    const lines = (count: number, line: (i: number) => string) =>
      `${[HEADER, ...Array.from({ length: count }, (_, i) => line(i))].join('\n')}\n`;
    const page = (i: number) => (0x8000_0000 + i * 0x1000).toString(16);
    const path = folder({
      empty: '',
      bad: `${HEADER}\nnonsense 1\n`,
      long: lines(4097, () => 'smc c4000165 0 -> 0 0 0 0 0'),
      runs: lines(257, (i) => `smc c400015c 80000000 ${page(i)} -> 1 0 0 0 0`),
      recs: lines(65, (i) => `smc c400015c ${page(i)} 80000000 -> 0 0 0 0 0`),
    });
    const ran = await rmigen(path, ['sequence', ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toMatch(message);
  });
});
