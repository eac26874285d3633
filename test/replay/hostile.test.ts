import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replayTrace } from '../../cli/replay.js';
import { limits } from '../../tools/replay/index.js';
import { judge, traceOf } from './judge.js';

const codes = (text: string): readonly string[] =>
  replayTrace({ path: 'trace.txt', text }).diagnostics.map(
    ({ code, message, span }) => `${text.slice(0, span.start).split('\n').length} ${code}: ${message}`,
  );

describe('a file that is no trace', () => {
  test.each([
    ['', '1 trace-header: the trace is empty'],
    ['\0\0\0\0', '1 trace-header: the first line does not say what machine the trace was recorded on'],
    [
      '# dram_base 0 granules 1 pa_width 48 featreg0 0',
      '1 trace-header: the first line does not say what machine the trace was recorded on',
    ],
    [
      '# x dram_base 0 granules 1 pa_width 99 featreg0 0',
      '1 trace-range: pa_width is 99; it must be a decimal number from 32 to 52',
    ],
    [
      '# x dram_base 1 granules 1 pa_width 48 featreg0 0',
      '1 trace-range: dram_base is 1; it must be a multiple of 1000',
    ],
    [
      '# x dram_base 0 granules 0 pa_width 48 featreg0 0',
      '1 trace-range: granules is 0; it must be at least 1',
    ],
    [
      '# x dram_base fffffffff000 granules 2 pa_width 48 featreg0 0',
      '1 trace-range: dram_base is fffffffff000; it must leave room for the memory within 48 bits',
    ],
    [
      '# x dram_base 0 granules 1 pa_width 48 featreg0 0',
      '1 trace-range: featreg0 is 0; it must be what an RMM can offer (features.s2sz: expected 32 to 52, got 0)',
    ],
    [
      '# x dram_base 0 granules 1 pa_width 48 featreg0 12345678123456789',
      '1 trace-number: 12345678123456789 is not a number of a trace',
    ],
    [
      traceOf('__proto__ 1', 'constructor -> 1', 'realm toString'),
      '2 trace-action: `__proto__` is no action of a trace; known are smc, w64, w8, fill, r64, r8, gs, gdump or realm',
    ],
    [traceOf('smc -> -> 0 0 0 0 0'), '2 trace-arguments: `smc` takes 1 to 17 values; there is none'],
    [traceOf('w64 ８0000000 1'), '2 trace-number: ８0000000 is not a number of a trace'],
  ])('%j', (text, expected) => {
    expect(codes(text)[0]).toBe(expected);
  });

  test('is told of in a thousand diagnostics at most', () => {
    const found = codes(traceOf(...Array.from({ length: 5000 }, () => 'nonsense')));
    expect(found.length).toBe(1001);
    expect(found.at(-1)).toContain('too-many-problems');
  });

  test('may have lines of a megabyte', () => {
    const long = 'x'.repeat(limits.line + 1);
    expect(codes(long)).toEqual([`1 trace-limit: more than ${limits.line} characters in a line`]);
    expect(codes(traceOf(`# ${long}`))).toEqual([
      `2 trace-limit: more than ${limits.line} characters in a line`,
    ]);
    expect(codes(traceOf('x'.repeat(limits.line)))[0]).toContain('trace-action');
  });
});

describe('a trace that asks for too much', () => {
  const terabyte = (...lines: readonly string[]): string =>
    ['# x dram_base 0 granules 10000000 pa_width 48 featreg0 283fc104130', ...lines].join('\n');

  test('may fill a terabyte with zero', () => {
    const text = terabyte('fill 0 10000000000 0', 'r64 fffffffff8 -> 0', 'r64 0 -> 0', 'fill 8 ffffffffe0 0');
    expect(judge(text).total).toEqual({ conforming: 2, differs: 0, 'not judged': 0 });
  });

  test('may not fill it with ones', () => {
    expect(codes(terabyte('w64 0 1', 'fill 0 10000000000 1'))).toEqual([
      `3 trace-limit: more than ${limits.pages} Granules with contents`,
    ]);
  });

  test('may not let a Realm plan for ever', () => {
    const irq = 'realm irq\n'.repeat(limits.actions + 1).trimEnd();
    expect(codes(traceOf(irq))).toEqual([
      `${limits.actions + 2} trace-limit: more than ${limits.actions} actions in a row`,
    ]);
    expect(codes(traceOf(irq.replace('realm irq', 'realm clear')))).toEqual([]);
  });
});

describe('what is not a conversation with an RMM', () => {
  test('is judged all the same', () => {
    const text = traceOf(
      'smc ffffffffffffffff 1 2 3 4 5 6 7 8 9 a b c d e f 10 -> ffffffffffffffff 0 0 0 0',
      'smc 84000000 -> 10001 0 0 0 0',
      'smc c4000151 ffffffffffffffff -> 1 0 0 0 0',
      'smc c400015c ffffffffffffffff ffffffffffffffff -> 1 0 0 0 0',
      'smc c4000161 ffffffffffffffff ffffffffffffffff ffffffffffffffff -> 1 ffff ffff ffff ffff',
      'realm sync ffffffffffffffff ffffffffffffffff ffffffffffffffff',
      'realm clear',
      '',
      '#',
      '# T',
    );
    const tally = judge(text);
    expect(tally.counts('command')).toEqual({ conforming: 4, differs: 1, 'not judged': 0 });
    expect(tally.differences[0]!.verdict.breaches[0]!.expected).toBe('0xffffffffffffffff');
  });

  test('may end its lines like a typewriter', () => {
    const text = traceOf('smc c4000151 80000000 -> 0 0 0 0 0', 'gs 80000000 -> D 0').replaceAll('\n', '\r\n');
    expect(judge(text).total).toEqual({ conforming: 2, differs: 0, 'not judged': 0 });
  });
});

test('a trace that was damaged is judged or refused, and nothing else', () => {
  const text = readFileSync(join(import.meta.dirname, 'traces/lifecycle.txt'), 'utf8');
  const digits = '0123456789abcdef';
  const others = ' ->|#\nxrunspcT';
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >>> 8) % below;
  };
  let judged = 0;
  for (let run = 0; run < 30; run++) {
    let damaged = text;
    for (let i = 0; i < 3; i++) {
      let at = 100 + random(text.length - 100);
      // Every other run only changes digits, which leaves it a trace as a rule.
      while (run % 2 === 0 && !/[ 0-9a-f][0-9a-f][ 0-9a-f]/.test(damaged.slice(at - 1, at + 2)))
        at = 100 + random(text.length - 100);
      const alphabet = run % 2 === 0 ? digits : digits + others;
      const removed = run % 2 === 0 ? 1 : random(3);
      damaged = damaged.slice(0, at) + alphabet[random(alphabet.length)]! + damaged.slice(at + removed);
    }
    const outcome = replayTrace({ path: 'trace.txt', text: damaged });
    if ('tally' in outcome) judged++;
    else expect(outcome.diagnostics.every(({ code }) => code.startsWith('trace-'))).toBe(true);
  }
  expect(judged).toBeGreaterThan(5);
  expect(judged).toBeLessThan(30);
});
