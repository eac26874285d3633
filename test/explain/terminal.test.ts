import { describe, expect, test } from 'vitest';
import { code, link, mark, type Page, plain, row } from '../../generator/pages/index.js';
import { renderPage, WIDTH } from '../../generator/pages/terminal.js';
import { explain, renderAnswer } from '../../tools/explain/index.js';
import { printed, rmm, sourceOfTexts } from './support.js';

const span = { file: { path: 'x.yaml', text: '' }, start: 0, end: 0 };

function page(more: Partial<Page>): Page {
  return { name: 'Name', what: 'thing', citation: 'A1', summary: [], facts: [], sections: [], span, ...more };
}

function rendered(more: Partial<Page>): readonly string[] {
  return renderPage(page(more), [], []).split('\n');
}

describe('a page on a terminal', () => {
  test('narrows its widest column, and keeps a comparison on a line where it can', () => {
    const condition = Array.from({ length: 6 }, (_, index) => `Rec(rec).gprs[${index}] == Zeros()`).join(
      ' && ',
    );
    const rows = [row([code('name'), code(condition), plain('a meaning of several words')], 'name')];
    const lines = rendered({
      sections: [{ title: 'Table', blocks: [{ kind: 'table', head: ['Name', 'Condition', ''], rows }] }],
    });
    expect(lines.slice(2)).toMatchInlineSnapshot(`
      [
        "Table",
        "  Name  Condition",
        "  name  Rec(rec).gprs[0] == Zeros() && Rec(rec).gprs[1] == Zeros() &&  a meaning of several words",
        "        Rec(rec).gprs[2] == Zeros() && Rec(rec).gprs[3] == Zeros() &&",
        "        Rec(rec).gprs[4] == Zeros() && Rec(rec).gprs[5] == Zeros()",
        "",
      ]
    `);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
  });

  test('breaks a word that no line can hold', () => {
    const lines = rendered({ summary: [plain('x'.repeat(250)), plain(' '), code('y '.repeat(80))] });
    expect(lines.map((line) => line.length)).toEqual([110, 110, 110, 110, 79, 0]);
  });

  test('has its heading in two lines when one cannot hold it', () => {
    expect(rendered({ name: 'N'.repeat(64), citation: 'c'.repeat(64) }).slice(0, 2)).toEqual([
      'N'.repeat(64),
      `thing, ${'c'.repeat(64)}`,
    ]);
  });

  test('leaves out columns that nothing stands in', () => {
    const rows = [row(['a', '', 'b']), row(['c', '', 'd'])];
    const lines = rendered({ sections: [{ title: 'T', blocks: [{ kind: 'table', head: [], rows }] }] });
    expect(lines.slice(2)).toEqual(['T', '  a  b', '  c  d', '']);
  });

  test('lets no control sequence through', () => {
    const hostile = 'a\u001b[31mb\u0007c\u202ed\u2028e\tf\ng';
    const text = rendered({
      name: hostile,
      summary: [plain(hostile), code(hostile), mark(hostile), link(hostile)],
      facts: [{ label: hostile, line: [plain(hostile)] }],
      sections: [{ title: hostile, blocks: [{ kind: 'list', items: [[plain(hostile)]] }] }],
    }).join('\n');
    expect(text).not.toMatch(/[^\n\x20-\x7e\u00b7]/);
  });

  test('of hostile names stays within its width', async () => {
    const long = `L${'o'.repeat(62)}g`;
    const source = await sourceOfTexts({
      'spec.yaml':
        'document: DEN0001\nversion: "1"\ntitle: T\ninterfaces: {}\ninclude: { types: [types.yaml] }\n',
      'types.yaml': `${long}:
  kind: struct
  section: A1
  summary: ${'word '.repeat(60)}
  size: 8
  members:
    ${long}: { offset: 0, type: ${long}X, doc: ${'d'.repeat(200)} }
${long}X:
  kind: fieldset
  section: A1
  summary: Bits.
  width: 64
  fields:
    ${long}: { bits: "62:0", type: Bits63, doc: a }
    end: { bits: "63", type: Bits1, doc: "b | c" }
`.replaceAll(`${long}X`, `${long.slice(1)}X`),
    });
    for (const item of source.items) {
      const lines = printed(item.name, source).split('\n');
      // A drawing is as wide as its names; all else wraps.
      const wide = lines.filter(
        (line) => line.length > WIDTH && !/[│┌└]/.test(line) && !/^ +\d+ +\d+/.test(line),
      );
      expect(wide).toEqual([]);
      expect(lines[0]).toContain(item.name);
    }
  });
});

describe('paint', () => {
  const tags = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
  const paint = {
    title: tags('t'),
    heading: tags('h'),
    code: tags('c'),
    name: tags('n'),
    faint: tags('f'),
    mark: tags('m'),
  };

  test.each(['RMI_RTT_DESTROY', 'RmiRecEnter', 'RMI_PERMITTED_GICV3_HCR_BITS', 'gicv3_hcr', '0x153'])(
    'changes nothing but colours: %s',
    (query) => {
      const answer = explain(query, rmm);
      const painted = renderAnswer(query, answer, paint);
      expect(painted.replaceAll(/<\/?[tcnfmh]>/g, '')).toBe(renderAnswer(query, answer));
      expect(painted).toContain('<n>');
    },
  );

  test('marks what departs from the document', () => {
    const painted = renderAnswer('RMI_RTT_DESTROY', explain('RMI_RTT_DESTROY', rmm), paint);
    expect(painted).toContain('<m>[added]</m>');
    expect(painted).toContain('<m>[changed]</m>');
    expect(painted).toContain('<t>RMI_RTT_DESTROY</t>');
    expect(painted).toContain('<h>Failures (9)</h>');
    expect(painted).toContain('<n>RMI_ERROR_RTT</n>');
  });
});
