import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RmiStatusCode } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { LineParser, parseHeader } from '../../tools/replay/index.js';
import { differences, judge, type Mutation, missed, traceOf } from './judge.js';

const text = readFileSync(join(import.meta.dirname, 'traces/lifecycle.txt'), 'utf8');
const lines = text.split('\n');
const parser = new LineParser(parseHeader(lines[0]!).value!);
const commands = new Map(Object.values(metadata.commands).map((command) => [BigInt(command.fid), command]));

/** A line with another value at one place after the arrow, counted in words. */
function changed(line: number, word: number, change: bigint): Mutation {
  const [given, observed] = lines[line - 1]!.split(' -> ') as [string, string];
  const words = observed.split(' ');
  words[word] = (BigInt(`0x${words[word]}`) ^ change).toString(16);
  return { line, text: `${given} -> ${words.join(' ')}` };
}

/** Of each command its first success and the first of each failure. */
const calls = lines.flatMap((_, i) => {
  const line = i === 0 ? undefined : parser.parse(lines[i]!).value;
  if (line?.kind !== 'smc') return [];
  const command = commands.get(line.given[0]!);
  return command === undefined
    ? []
    : [{ line: i + 1, command, returned: line.returned, entries: line.entries }];
});
const first = calls.filter(
  ({ command, returned }, i) =>
    calls.findIndex((one) => one.command === command && one.returned[0] === returned[0]) === i,
);

test('a return code that is another one is told', () => {
  expect(first.length).toBeGreaterThanOrEqual(50);
  // Another status, another index, or a reserved bit.
  const mutations = first.map(({ line, returned }, i) => {
    const hasOpenIndex = Number(returned[0]! & 0xffn) === RmiStatusCode.RMI_ERROR_REALM;
    return changed(line, 0, [1n, hasOpenIndex ? 2n : 0x100n, 0x1_0000n][i % 3]!);
  });
  expect(missed(text, mutations)).toEqual([]);
});

test('an output of a command that is another value is told', () => {
  const mutations = first
    .filter(({ returned }) => returned[0] === 0n)
    .flatMap(({ line, command }) =>
      // The address in a descriptor; its lowest bits nobody promises.
      command.outputs
        .filter(({ register }) => register > 0)
        .map(({ register, name }) => changed(line, register, name === 'desc' ? 0x1000n : 1n)),
    );
  expect(mutations.length).toBeGreaterThanOrEqual(15);
  expect(missed(text, mutations)).toEqual([]);
});

test('a register that is no output is told', () => {
  const mutations = first.flatMap(({ line, command }) => {
    const next = 1 + Math.max(0, ...command.outputs.map((output) => output.register));
    return next > 4 ? [] : [changed(line, next, 0x10n)];
  });
  expect(mutations.length).toBeGreaterThanOrEqual(50);
  expect(missed(text, mutations)).toEqual([]);
});

test('what a Realm finds that is another value is told', () => {
  const entered = calls.filter(({ entries }) => entries.length > 0);
  const mutations = entered.flatMap(({ line, entries }, n) => {
    const words = lines[line - 1]!.split(' -> ')[1]!.split(' ');
    let at = words.indexOf('|');
    return entries.map(({ kind }, i) => {
      const start = at + 2;
      at = words.indexOf('|', start);
      // The result of a call; of a Realm that was stopped a register, or where it goes on.
      return changed(line, start + (kind === 'rsi' ? 0 : [0, 1, 2, 3, 4, 6][(n + i) % 6]!), 1n);
    });
  });
  expect(mutations.length).toBeGreaterThanOrEqual(50);
  // What PSCI_CPU_SUSPEND returns, and where an exception takes the Realm, the document does not say.
  expect(missed(text, mutations)).toMatchInlineSnapshot(`
    [
      "515: smc c400015c 8000e000 8001f000 -> 0 0 0 0 0 | rsi 1 1 2 3 0",
      "560: smc c400015c 8000e000 8001f000 -> 0 0 0 0 0 | run 0 1 fffffffffffffedc 3 0 pc 1084 | run 0 1 fffffffffffffedc 3 0 pc 1085",
    ]
  `);
});

test('memory and Granule states that are others are told', () => {
  const reads = lines.flatMap((line, i) => (line.startsWith('r64') ? [changed(i + 1, 0, 1n << 40n)] : []));
  const states = lines.flatMap((line, i) =>
    /^g(s|dump) /.test(line)
      ? [{ line: i + 1, text: line.replace(/-> (.)/, (_, one) => `-> ${one === 'N' ? 'D' : 'N'}`) }]
      : [],
  );
  expect(states.length).toBe(3);
  expect(missed(text, [...reads.filter((_, i) => i % 8 === 0), ...states])).toEqual([]);
});

test('a value that stays wrong is told once where nothing follows from it', () => {
  const delegated = traceOf(
    'smc c4000151 80000000 -> 1 0 0 0 0',
    'smc c4000151 80001000 -> 0 0 0 0 0',
    'gs 80000000 -> N 0',
    'gs 80001000 -> D 1',
  );
  const tally = judge(delegated);
  expect(differences(tally)).toEqual(['2: RMI_GRANULE_DELEGATE: success (B1.6)']);
  expect(tally.parted).toBeUndefined();
});

test('a command that succeeds where it must not is not carried out', () => {
  const tally = judge(
    traceOf(
      'smc c4000151 80000000 -> 0 0 0 0 0',
      'smc c4000151 80000000 -> 0 0 0 0 0',
      'smc c4000152 80001000 -> 0 0 0 0 0',
      'gs 80001000 -> N 0',
    ),
  );
  expect(differences(tally)).toEqual([
    '3: RMI_GRANULE_DELEGATE: gran_state (B4.3.5)',
    '3: RMI_GRANULE_DELEGATE: gran_gpt (B4.3.5)',
    '4: RMI_GRANULE_UNDELEGATE: gran_state (B4.3.6)',
  ]);
  expect(tally.parted).toBe(3);
});
