import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { subjects } from '../../tools/replay/verdict.js';
import { root } from '../cli/harness.js';
import { differences, judge } from './judge.js';

/** Beside a checkout, where the reference implementation was recorded. */
const reference = join(root, '../shared/conformance/tf-rmm-1.0-rel0-lifecycle.txt');

describe.runIf(existsSync(reference))('the reference implementation', () => {
  const text = () => readFileSync(reference, 'utf8');

  test('answers every command of the RMI as the document permits', () => {
    const { conforming, ...others } = judge(text()).counts('command');
    expect(conforming).toBe(text().match(/^smc /gm)!.length);
    expect(others).toEqual({ differs: 0, 'not judged': 0 });
  });

  test('differs where docs/replay.md says so, and nowhere else', () => {
    const rows = readFileSync(join(root, 'docs/replay.md'), 'utf8').matchAll(
      /^\| (?<line>[0-9]+) +\| (?<about>[^|]*?) +\| (?<what>[^|]*?) +\| (?<section>[^|]*?) +\|/gm,
    );
    const told = Array.from(rows, ({ groups }) => {
      const { line, about, what, section } = groups!;
      return `${line}: ${about}: ${what} (${section})`;
    });
    expect(told.length).toBeGreaterThan(0);
    expect(differences(judge(text()))).toEqual(told);
  });

  test('is judged in all but what a scripted Realm has not', () => {
    const tally = judge(text());
    expect(subjects.map((subject) => [subject, tally.counts(subject)['not judged']])).toEqual([
      ['command', 0],
      ['entry', 0],
      ['call', 0],
      ['memory', 16],
      ['granules', 0],
    ]);
    expect(tally.unjudged.map(({ reason, count }) => [reason, count])).toEqual([
      ['the GIC of a scripted Realm is not modelled (A6.1)', 4],
      ['the timers of a scripted Realm are not modelled (A6.2)', 8],
      ['the PMU of a scripted Realm is not modelled (A8.1)', 4],
    ]);
    expect(tally.parted).toBeUndefined();
  });
});
