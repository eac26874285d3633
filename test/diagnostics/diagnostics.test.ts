import { describe, expect, test } from 'vitest';
import {
  Diagnostics,
  diagnostic,
  diagnosticToJson,
  fileSpan,
  lineText,
  nearest,
  positionOf,
  renderDiagnostic,
  renderDiagnostics,
  type SourceFile,
  type Span,
  within,
} from '../../generator/diagnostics/index.js';

const file = (text: string, path = 'a.yaml'): SourceFile => ({ path, text });
const span = (text: string, start: number, end: number): Span => ({ file: file(text), start, end });

describe('nearest', () => {
  const known = ['RmiRipas', 'RmiRecRun', 'RMI_RAM', 'RMI_EMPTY', 'enumeration', 'struct', 'rd', 'RD'];

  test.each([
    ['RmiRipsa', 'RmiRipas'],
    ['RmiRipa', 'RmiRipas'],
    ['RmiRipass', 'RmiRipas'],
    ['RmiRiqas', 'RmiRipas'],
    ['rmiripas', 'RmiRipas'],
    ['RMI_EMTPY', 'RMI_EMPTY'],
    ['rmi_ram', 'RMI_RAM'],
    ['enum', 'enumeration'],
    ['Rd', 'rd'],
    ['RDD', 'RD'],
    ['rdd', 'rd'],
  ])('%s is a slip for %s', (wrong, meant) => expect(nearest(wrong, known)).toBe(meant));

  test.each(['RmiRealmParams', 'xyz', '', 'RMI_', 'a', 'Rmi', 'R'.repeat(10_000)])('%s is none', (wrong) =>
    expect(nearest(wrong, known)).toBeUndefined(),
  );

  test('a name is no slip for itself', () => expect(nearest('RMI_RAM', ['RMI_RAM'])).toBeUndefined());
  test('of two that are as near the first is taken', () =>
    expect(nearest('abcx', ['abcd', 'abce'])).toBe('abcd'));
  test('an abbreviation of two names is of none', () =>
    expect(nearest('Rmi', ['RmiRipas', 'RmiRecRun'])).toBeUndefined());
  test('among nothing there is nothing', () => expect(nearest('a', [])).toBeUndefined());
});

describe('places', () => {
  test.each([
    ['a\nbc\n', 0, 1, 1],
    ['a\nbc\n', 1, 1, 2],
    ['a\nbc\n', 2, 2, 1],
    ['a\nbc\n', 4, 2, 3],
    ['a\nbc\n', 5, 3, 1],
    ['a\nbc', 4, 2, 3],
    ['a\r\nbc\r\n', 1, 1, 2],
    ['a\r\nbc\r\n', 3, 2, 1],
    ['', 0, 1, 1],
    ['\n\n\n', 2, 3, 1],
    ['a', 99, 1, 2],
    ['a', -1, 1, 1],
    ['\ufeffab', 0, 1, 1],
    ['\ufeffab', 1, 1, 1],
    ['\ufeffab', 2, 1, 2],
  ])('%j at %i is line %i, column %i', (text, offset, line, column) => {
    expect(positionOf(file(text), offset)).toEqual({ line, column });
  });

  test.each([
    ['a\nbc\n', 1, 'a'],
    ['a\nbc\n', 2, 'bc'],
    ['a\nbc\n', 3, ''],
    ['a\nbc', 2, 'bc'],
    ['a\r\nbc\r\n', 2, 'bc'],
    ['a', 7, ''],
    ['\ufeffab\n', 1, 'ab'],
  ])('%j has at line %i the text %j', (text, line, expected) => {
    expect(lineText(file(text), line)).toBe(expected);
  });

  test('a part of a span stays in it', () => {
    const whole = span('0123456789', 2, 6);
    expect(within(whole, 1, 3)).toMatchObject({ start: 3, end: 5 });
    expect(within(whole, 3, 99)).toMatchObject({ start: 5, end: 6 });
    expect(within(whole, 99, 100)).toMatchObject({ start: 6, end: 6 });
  });
});

describe('a diagnostic as text', () => {
  const rendered = (text: string, start: number, end: number) =>
    renderDiagnostic(diagnostic('yaml-key', span(text, start, end), {})).split('\n');

  test('shows the line and marks the place', () => {
    expect(rendered('one\ntwo three\n', 8, 13)).toEqual([
      'a.yaml:2:5 - error yaml-key: a key must be a plain name',
      '',
      '  2 | two three',
      '    |     ^^^^^',
      '',
    ]);
  });

  test('marks one character where the place is empty, and at the end of a line', () => {
    expect(rendered('one', 1, 1)[3]).toBe('    |  ^');
    expect(rendered('one', 3, 3)[3]).toBe('    |    ^');
  });

  test('marks the first line of a place that goes on', () => {
    expect(rendered('one\ntwo\nthree', 1, 10)[3]).toBe('    |  ^^');
  });

  test('keeps the mark in place behind tabs and wide characters', () => {
    expect(rendered('\t\tx', 2, 3).slice(2, 4)).toEqual(['  1 |   x', '    |   ^']);
    expect(rendered('\u{1f600} x', 3, 4).slice(2, 4)).toEqual(['  1 | \u{1f600} x', '    |   ^']);
    expect(rendered('\u{e0041}\u{e0042}x', 4, 5).slice(2, 4)).toEqual(['  1 | \u00b7\u00b7x', '    |   ^']);
  });

  test('shows a window of a long line, with the place in it', () => {
    const long = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`;
    const lines = rendered(long, 5000, 5004);
    expect(lines[0]).toContain('a.yaml:1:5001');
    expect(lines[2]!.length).toBeLessThan(200);
    const at = lines[3]!.indexOf('^');
    expect(lines[2]!.slice(at, at + 4)).toBe('HERE');
    expect(lines[3]!.slice(at)).toBe('^^^^');
  });

  test('marks no further than it shows', () => {
    const lines = rendered('x'.repeat(5000), 0, 5000);
    expect(lines[3]!.length).toBeLessThanOrEqual(lines[2]!.length);
  });

  test('lines up the numbers of lines', () => {
    const lines = rendered(`${'\n'.repeat(99)}here`, 99, 103);
    expect(lines.slice(2, 4)).toEqual(['  100 | here', '      | ^^^^']);
  });

  test('has no frame for a file that has no text', () => {
    const one = diagnostic('spec-missing', fileSpan(file('', 'spec')), { path: 'spec' });
    expect(renderDiagnostic(one).split('\n').slice(0, 4)).toEqual([
      'spec:1:1 - error spec-missing: spec holds no version: no folder in it has a spec.yaml',
      '',
      '  hint: `rmigen new DIR` starts a specification folder from a small example.',
      '',
    ]);
  });

  test('lets no control character through, wherever it comes from', () => {
    const evil = '\u001b[2J\u0007\u009b31m\u202e\u2028\u200b\ufeff\0\r\ud800';
    const related = [{ span: { file: file(`x${evil}`, `b${evil}`), start: 0, end: 1 }, message: `m${evil}` }];
    const one = diagnostic(
      'unknown-type',
      { file: file(`a: ${evil}b`, `a${evil}.yaml`), start: 0, end: 99 },
      { name: `n${evil}` },
      { related, hint: `h${evil}` },
    );
    expect(renderDiagnostic(one)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    // Nothing is lost on the way to a machine.
    expect(JSON.stringify(diagnosticToJson(one))).toContain('\\u001b[2J');
  });

  test('paints only what it is told to', () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const text = renderDiagnostic(diagnostic('yaml-documents', span('one', 0, 3), {}), {
      path: mark('path'),
      error: mark('error'),
      faint: mark('faint'),
      mark: mark('mark'),
    });
    expect(text).toContain('<path>a.yaml:1:1</path> - <error>error yaml-documents</error>: ');
    expect(text).toContain('<mark>^^^</mark>');
    expect(text).toContain('<faint>hint:</faint> ');
  });

  test('stands apart from the next by an empty line', () => {
    const one = diagnostic('yaml-key', span('one', 0, 1), {});
    expect(renderDiagnostics([one, one])).toBe(`${renderDiagnostic(one)}\n${renderDiagnostic(one)}`);
    expect(renderDiagnostics([])).toBe('');
  });
});

describe('what is found', () => {
  const a = file('0123456789', 'a.yaml');
  const b = file('0123456789', 'b.yaml');
  const at = (source: SourceFile, start: number): Span => ({ file: source, start, end: start + 1 });

  test('is sorted by file, by place, by code', () => {
    const found = new Diagnostics();
    found.report('yaml-key', at(b, 1), {});
    found.report('yaml-key', at(a, 5), {});
    found.report('yaml-empty', at(a, 5), {});
    found.report('yaml-key', at(a, 2), {});
    expect(found.sorted().map((one) => `${one.span.file.path} ${one.span.start} ${one.code}`)).toEqual([
      'a.yaml 2 yaml-key',
      'a.yaml 5 yaml-empty',
      'a.yaml 5 yaml-key',
      'b.yaml 1 yaml-key',
    ]);
    expect(found.failed).toBe(true);
    expect(new Diagnostics().failed).toBe(false);
  });

  test('is gathered when it is of one name', () => {
    const found = new Diagnostics();
    for (const start of [7, 1, 3, 5, 9]) found.report('unknown-type', at(a, start), { name: 'Rmi' });
    found.report('unknown-type', at(b, 0), { name: 'Rmi' });
    found.report('unknown-type', at(b, 2), { name: 'Rsi' });
    const [first, second, ...none] = found.sorted();
    expect(none).toEqual([]);
    expect(first?.span).toEqual(at(a, 1));
    expect(first?.related.map(({ span: { start }, message }) => `${start} ${message}`)).toEqual([
      '3 also here',
      '5 also here',
      '7 also here, and in 2 more places',
    ]);
    expect(second).toMatchObject({ related: [], span: at(b, 2) });
    // Gathered once, it does not change when it is gathered again.
    const again = new Diagnostics();
    again.add(found.sorted());
    expect(again.sorted()).toEqual(found.sorted());
  });

  test('the values of one command are not those of another', () => {
    const found = new Diagnostics();
    found.report('unknown-value', at(a, 1), { name: 'rd' });
    found.report('unknown-value', at(b, 1), { name: 'rd' });
    expect(found.sorted()).toHaveLength(2);
  });

  test('ends where nobody reads on', () => {
    const found = new Diagnostics();
    for (let place = 0; place < 5000; place++) found.report('yaml-key', at(a, place), {});
    expect(found.full).toBe(true);
    expect(found.sorted()).toHaveLength(1001);
    expect(found.sorted().at(-1)?.code).toBe('too-many-problems');
    let asked = 0;
    const more = function* () {
      for (;;) {
        asked++;
        yield diagnostic('yaml-key', at(a, 0), {});
      }
    };
    found.add(more());
    expect(asked).toBe(1);
    const outer = new Diagnostics();
    outer.add(found.sorted());
    expect(outer.sorted().filter((one) => one.code === 'too-many-problems')).toHaveLength(1);
  });
});
