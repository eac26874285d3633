import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandConditions, Expression, Origin, Prose } from '../../generator/index.js';
import { commandNames, compiled, specification } from './model.js';
import { isProse } from './naive.js';

/**
 * The document's conditions, counted by hand in its chapters B4.3, B5.3 and B6.3: failures, order relations as it
 * writes them, the pairs that they stand for, success conditions, footprint items, and how many of the conditions are
 * prose. What the specification adds to the document does not count.
 */
const DOCUMENT: Readonly<Record<string, readonly [number, number, number, number, number, number]>> = {
  RMI_DATA_CREATE: [15, 3, 8, 5, 3, 0],
  RMI_DATA_CREATE_UNKNOWN: [11, 2, 6, 4, 2, 1],
  RMI_DATA_DESTROY: [7, 2, 6, 5, 2, 0],
  RMI_FEATURES: [0, 0, 0, 1, 0, 0],
  RMI_GRANULE_DELEGATE: [4, 0, 0, 2, 2, 0],
  RMI_GRANULE_UNDELEGATE: [3, 0, 0, 3, 2, 1],
  RMI_PSCI_COMPLETE: [11, 0, 0, 7, 5, 0],
  RMI_REALM_ACTIVATE: [4, 1, 2, 1, 1, 0],
  RMI_REALM_CREATE: [13, 0, 0, 18, 2, 0],
  RMI_REALM_DESTROY: [4, 1, 2, 3, 2, 0],
  RMI_REC_AUX_COUNT: [3, 0, 0, 1, 0, 0],
  RMI_REC_CREATE: [16, 1, 4, 17, 4, 0],
  RMI_REC_DESTROY: [4, 1, 2, 3, 2, 0],
  RMI_REC_ENTER: [13, 1, 42, 2, 1, 2],
  RMI_RTT_CREATE: [12, 2, 8, 6, 2, 0],
  RMI_RTT_DESTROY: [9, 2, 10, 5, 2, 0],
  RMI_RTT_FOLD: [9, 2, 10, 6, 2, 0],
  RMI_RTT_INIT_RIPAS: [10, 4, 9, 3, 2, 0],
  RMI_RTT_MAP_UNPROTECTED: [11, 2, 8, 2, 1, 0],
  RMI_RTT_READ_ENTRY: [6, 0, 0, 6, 0, 0],
  RMI_RTT_SET_RIPAS: [14, 5, 10, 3, 2, 0],
  RMI_RTT_UNMAP_UNPROTECTED: [8, 2, 8, 2, 1, 0],
  RMI_VERSION: [0, 0, 0, 0, 0, 0],
  RSI_ATTESTATION_TOKEN_CONTINUE: [7, 0, 0, 2, 1, 3],
  RSI_ATTESTATION_TOKEN_INIT: [0, 0, 0, 2, 2, 0],
  RSI_FEATURES: [0, 0, 0, 1, 0, 0],
  RSI_HOST_CALL: [2, 0, 0, 0, 1, 0],
  RSI_IPA_STATE_GET: [4, 0, 0, 0, 0, 0],
  RSI_IPA_STATE_SET: [5, 0, 0, 2, 0, 0],
  RSI_MEASUREMENT_EXTEND: [2, 0, 0, 1, 1, 0],
  RSI_MEASUREMENT_READ: [1, 0, 0, 0, 0, 0],
  RSI_REALM_CONFIG: [2, 0, 0, 2, 0, 0],
  RSI_VERSION: [0, 0, 0, 0, 0, 0],
  PSCI_AFFINITY_INFO: [2, 0, 0, 2, 0, 0],
  PSCI_CPU_OFF: [0, 0, 0, 0, 0, 0],
  PSCI_CPU_ON: [3, 0, 0, 2, 1, 0],
  PSCI_CPU_SUSPEND: [0, 0, 0, 0, 0, 0],
  PSCI_FEATURES: [0, 0, 0, 2, 0, 2],
  PSCI_SYSTEM_OFF: [0, 0, 0, 1, 0, 0],
  PSCI_SYSTEM_RESET: [0, 0, 0, 1, 0, 0],
  PSCI_VERSION: [0, 0, 0, 0, 0, 0],
};

type Counts = (typeof DOCUMENT)[string];

function counted(conditions: CommandConditions): Counts {
  const ours = (one: Origin): boolean => one.added;
  const inWords = (...parts: readonly (Expression | Prose | undefined)[]): boolean => parts.some(isProse);
  const failures = conditions.failures.filter(({ failure }) => !ours(failure));
  const success = conditions.success.filter((one) => !ours(one.success));
  return [
    failures.length,
    conditions.command.order.length,
    conditions.order.length,
    success.length,
    conditions.footprint.filter(({ item }) => !ours(item)).length,
    failures.filter(({ pre }) => inWords(pre)).length +
      success.filter(({ pre, post }) => inWords(pre, post)).length,
  ];
}

const added = (conditions: CommandConditions): number =>
  [
    ...conditions.failures.map((one) => one.failure),
    ...conditions.success.map((one) => one.success),
    ...conditions.footprint.map((one) => one.item),
  ].filter((one) => one.added).length;

const all = [...specification.conditions.values()];

test("docs/errata.md names the commands whose conditions are not the document's, and no other", () => {
  const departs = ({ context, failures, success, footprint }: CommandConditions): boolean =>
    [
      ...context.map((one) => one.context),
      ...failures.map((one) => one.failure),
      ...success.map((one) => one.success),
      ...footprint.map((one) => one.item),
    ].some((one) => one.added || one.document !== undefined);
  const errata = readFileSync(join(import.meta.dirname, '../../docs/errata.md'), 'utf8');
  const rows = errata.split('\n').filter((line) => /^\| (RMI|RSI|PSCI)_/.test(line));
  const named = rows.flatMap((line) =>
    line
      .split('|')[1]!
      .split(',')
      .map((name) => name.trim()),
  );
  const departing = all.filter(departs).map((one) => one.command.name);
  expect([...new Set(named)].sort()).toEqual([...departing].sort());
});

describe('every condition of the document is in the specification', () => {
  test.each(commandNames)('%s', (command) => {
    const conditions = specification.conditions.get(command)!;
    expect(counted(conditions)).toEqual(DOCUMENT[command]);
    // And what is in the specification is in the generated code.
    const code = compiled(command);
    expect(code.failures.map(({ id }) => id)).toEqual(conditions.failures.map(({ failure }) => failure.name));
    expect(code.success.map(({ id }) => id)).toEqual(conditions.success.map(({ success }) => success.name));
  });

  test('no command is missing', () => {
    expect([...commandNames].sort()).toEqual(Object.keys(DOCUMENT).sort());
  });

  test('in all', () => {
    const sum = (column: number): number => all.reduce((total, one) => total + counted(one)[column]!, 0);
    const totals = [0, 1, 2, 3, 4, 5].map(sum);
    const [failures, relations, pairs, success, footprint, prose] = totals as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const conditions = failures + success;
    const rows: readonly (readonly [string, string | number])[] = [
      ['commands', all.length],
      ['failure conditions', failures],
      ['order relations', relations],
      ['pairs in them', pairs],
      ['success conditions', success],
      ['footprint items', footprint],
      ['conditions in prose', `${prose} of ${conditions}, ${((100 * prose) / conditions).toFixed(1)} %`],
      ['items that we added', all.reduce((total, one) => total + added(one), 0)],
    ];
    console.log(rows.map(([what, count]) => `${what.padEnd(22)}${count}`).join('\n'));
    expect(totals).toEqual([215, 31, 135, 123, 46, 9]);
    expect(all.length).toBe(41);
  });
});
