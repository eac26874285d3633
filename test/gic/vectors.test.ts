import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IccRegister } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { expectationOf, lineDisagreement, seedOf, storyOf } from './witness/compare.js';
import { cover } from './witness/coverage.js';
import { DEPARTURES } from './witness/departures.js';
import { sequenceOf } from './witness/operations.js';

/** What QEMU said, recorded by `npm run witness:gic -- --record`. */
function recorded(name: string): readonly string[] {
  const lines = readFileSync(join(import.meta.dirname, 'vectors', name), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

const lines = recorded('sequences.txt');

describe('sequences that QEMU played', () => {
  const counts = new Map<string, number>();
  const departures = new Set<string>();

  it('are played alike by the model', () => {
    expect(new Set(lines.map(seedOf)).size).toBeGreaterThanOrEqual(5000);
    const problems = lines.flatMap((line) => {
      const expectation = expectationOf(sequenceOf(seedOf(line)));
      cover(counts, expectation);
      for (const name of expectation.departures.keys()) departures.add(name);
      return lineDisagreement(line, expectation) ?? [];
    });
    expect(problems.slice(0, 3).join('\n')).toBe('');
  });

  it('are told of in full for some', () => {
    const text = recorded('stories.txt');
    const seeds = text.filter((line) => line.startsWith('seed ')).map((line) => Number(line.slice(5)));
    expect(seeds.length).toBeGreaterThan(30);
    const own = seeds.map((seed) => {
      const { operations, rows } = expectationOf(sequenceOf(seed));
      return storyOf(seed, operations, rows);
    });
    expect(own.join('')).toBe(`${text.join('\n')}\n`);
  });

  it('would show a register that is off, and where', () => {
    const line = lines[3]!;
    expect(lineDisagreement(line)).toBeUndefined();
    const [seed, digests, ...last] = line.split(' ');
    const off = digests![8] === 'A' ? 'B' : 'A';
    const step = [seed, `${digests!.slice(0, 8)}${off}${digests!.slice(9)}`, ...last].join(' ');
    expect(lineDisagreement(step)).toContain(`seed ${seed}, step 2: write ich_lr0_el2`);
    const final = [seed, digests, ...last.slice(0, -1), '7'].join(' ');
    expect(lineDisagreement(final)).toContain('in the end icc_igrpen1_el1: QEMU 0x7, model 0x');
  });

  it('have all in them that an interface can do, and every departure of QEMU', () => {
    expect([...departures].sort()).toEqual(Object.keys(DEPARTURES).sort());

    const groups = [0, 1].flatMap((g) => [
      ...['acknowledges', 'acknowledges an LPI', 'preempts', 'special', 'spurious'].map(
        (what) => `ICC_IAR${g}_EL1 ${what}`,
      ),
      ...['drops', 'counts', 'from state 2 to 0', 'from state 3 to 1'].map(
        (what) => `ICC_EOIR${g}_EL1 ${what}`,
      ),
    ]);
    const misr = ['EOI', 'U', 'LRENP', 'NP', 'VGrp0E', 'VGrp0D', 'VGrp1E', 'VGrp1D'].map(
      (bit) => `MISR.${bit}`,
    );
    const readable = [
      'IAR0',
      'IAR1',
      'HPPIR0',
      'HPPIR1',
      'RPR',
      'PMR',
      'BPR0',
      'BPR1',
      'CTLR',
      'IGRPEN0',
      'IGRPEN1',
    ];
    const writable = [
      'EOIR0',
      'EOIR1',
      'DIR',
      'PMR',
      'BPR0',
      'BPR1',
      'CTLR',
      'IGRPEN0',
      'IGRPEN1',
      'AP0R0',
      'AP1R0',
    ];
    const wanted = [
      ...groups,
      ...misr,
      ...readable.flatMap((name) => [`read ICC_${name}_EL1`, `read ICC_${name}_EL1 traps`]),
      ...writable.flatMap((name) => [`write ICC_${name}_EL1`, `write ICC_${name}_EL1 traps`]),
      ...['SGI0R', 'SGI1R', 'ASGI1R'].map((name) => `write ICC_${name}_EL1 traps`),
      ...['read ICC_DIR_EL1', 'read ICC_EOIR0_EL1', 'write ICC_IAR0_EL1', 'read ICC_AP0R1_EL1'].map(
        (access) => `${access} is UNDEFINED`,
      ),
      ...['ICC_DIR_EL1 counts', 'ICC_DIR_EL1 from state 2 to 0', 'ICC_DIR_EL1 from state 3 to 1'],
      ...['EOIcount wraps', 'MISR without En', 'virtual IRQ', 'virtual FIQ', 'held back by what is active'],
    ];
    expect(wanted.filter((what) => (counts.get(what) ?? 0) === 0)).toEqual([]);
    // Every register is accessed in both directions, whatever comes of it.
    const touched = (kind: string, name: string) =>
      [...counts.keys()].some((key) => key.startsWith(`${kind} ${name}`));
    const names = Object.keys(IccRegister);
    expect(names.filter((name) => !touched('read', name) || !touched('write', name))).toEqual([]);
  });
});
