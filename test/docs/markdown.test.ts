import { describe, expect, test } from 'vitest';
import { emitDocs } from '../../generator/emit/docs/index.js';
import { codeSpan, escapeText, Markdown } from '../../generator/emit/docs/markdown.js';
import { relative } from '../../generator/emit/docs/paths.js';
import { loadModel, type SourceFile } from '../../generator/index.js';
import { code, link, mark, plain, row } from '../../generator/pages/index.js';
import { brokenLinks } from './links.js';

describe('text', () => {
  test.each([
    ['plain words, (brackets) and 2^n - 1.', 'plain words, (brackets) and 2^n - 1.'],
    ['RMI_DATA_CREATE stays as it is', 'RMI_DATA_CREATE stays as it is'],
    ['_leading and trailing_', '\\_leading and trailing\\_'],
    ['*bold* `code` [text](link)', '\\*bold\\* \\`code\\` \\[text\\](link)'],
    ['ICH_LR<n>_EL2 & <script>', 'ICH_LR\\<n\\>\\_EL2 \\& \\<script\\>'],
    ['~~struck~~ $math$ back\\slash', '\\~\\~struck\\~\\~ \\$math\\$ back\\\\slash'],
    ['two\nlines\u2028and\u0007more', 'two lines and more'],
  ])('%j', (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });
});

describe('code', () => {
  test.each([
    ['a && b', '`a && b`'],
    ['a `b` c', '``a `b` c``'],
    ['`', '`` ` ``'],
    ['``a', '``` ``a ```'],
    ['a\n  b', '`a b`'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });
});

describe('a page', () => {
  const written = (fill: (page: Markdown) => void): string => {
    const page = new Markdown(({ item, part }) =>
      item === 'Known' ? `Known.md${part === undefined ? '' : `#${part}`}` : undefined,
    );
    fill(page);
    return page.text.replace(/^.*\n\n/, '');
  };

  test('starts no block that nobody meant', () => {
    for (const text of ['# heading', '- item', '+ item', '1. item', '12) item', '---', '==='])
      expect(written((page) => page.paragraph([plain(text)]))).toMatch(/^(\\[#+=-]|\d+\\[.)])/);
  });

  test('links what has a place, and names what has none', () => {
    const line = [
      link('Known'),
      plain(' '),
      link('Known', 'part'),
      plain(' '),
      link('Unknown'),
      plain(' '),
      mark('added'),
    ];
    expect(written((page) => page.paragraph(line))).toBe(
      '[`Known`](Known.md) [`part`](Known.md#part) `Unknown` **added**\n',
    );
  });

  test('has tables with bars in them, without columns that are empty, and each anchor once', () => {
    const rows = [
      row([code('a || b'), '', 'x | y'], 'one'),
      row(['', '', code('c')], 'one'),
      row(['d'], 'two'),
    ];
    expect(written((page) => page.table(['Name', '', 'Text'], rows))).toBe(
      [
        '| Name | Text |',
        '| --- | --- |',
        '| <a id="one"></a>`a \\|\\| b` | x \\| y |',
        '| | `c` |',
        '| <a id="two"></a>d | |',
        '',
      ].join('\n'),
    );
  });
});

test('links go from one page to another', () => {
  expect(relative('index.md', 'types/A.md', 'b')).toBe('types/A.md#b');
  expect(relative('types/A.md', 'types/B.md')).toBe('B.md');
  expect(relative('types/A.md', 'commands/B.md', 'c')).toBe('../commands/B.md#c');
  expect(relative('types/A.md', 'types/A.md', 'c')).toBe('#c');
  expect(relative('types/A.md', 'types/A.md')).toBe('A.md');
  expect(relative('types/A.md', 'index.md')).toBe('../index.md');
});

describe('hostile names and texts', () => {
  const texts: Readonly<Record<string, string>> = {
    'v/spec.yaml':
      'document: DEN0001\nversion: "1"\ntitle: "<b>T</b> | [x](y)"\n' +
      'interfaces: { Aa: { section: A1, version: "1.0", fids: [{ first: 0xC3000000, last: 0xC300000F }] } }\n' +
      'include: { types: [types.yaml], commands: [c.yaml] }\n',
    'v/c.yaml': `Aa_Do:
  section: A1
  summary: "# <img src=x onerror=alert(1)> | Aa_Do"
  fid: 0xC3000001
  outputs:
    result: { register: X0, type: Same, doc: "| --- | --- |" }
  failures:
    end: { prose: "1. a | b", by: subgraph, post: "result == graph" }
    click: { prose: "- c", by: style, post: "result == graph" }
  order: ["[end] < [click]"]
  notes: ["## [text](javascript:x) _a_ *b*", "1. one"]
`,
    'v/types.yaml': `Same:
  kind: enumeration
  section: A1
  summary: "--- | ---"
  width: 64
  unused: reserved
  values:
    graph: { value: 0, doc: "a | b" }
SAME:
  kind: struct
  section: A1
  summary: Other.
  size: 8
  members:
    same: { offset: 0, type: Same, doc: "<script x" }
`.replace('<script x', '<b onclick=x'),
  };
  const files = new Map(
    Object.entries(texts).map(([path, text]): [string, SourceFile] => [path, { path, text }]),
  );
  const { model, diagnostics } = loadModel('v', {
    read: (path) => files.get(path),
    list: (folder) => (folder === '' ? ['v'] : undefined),
  });
  const pages = model === undefined ? [] : emitDocs(model);
  const text = (path: string) => pages.find((one) => one.path === `v/docs/${path}`)?.text ?? '';

  test('are let in by the loader', () => {
    expect(diagnostics.map((one) => one.message)).toEqual([]);
  });

  test('lie in files that no file system confuses', () => {
    const paths = pages.map((one) => one.path.toLowerCase());
    expect(new Set(paths).size).toBe(paths.length);
    expect(pages.map((one) => one.path)).toContain('v/docs/types/SAME-2.md');
    expect(text('index.md')).toContain('[`SAME`](types/SAME-2.md)');
    expect(brokenLinks(pages)).toEqual([]);
  });

  test('neither break tables nor become markup', () => {
    for (const page of pages) {
      const bare = page.text.replace(/^<!--.*-->$/m, '').replaceAll(/<a id="\w+"><\/a>/g, '');
      expect(bare, page.path).not.toMatch(/(?<!\\)<[a-z!/]/i);
      for (const [table] of page.text.matchAll(/(?:^\|.*\n)+/gm)) {
        const cells = table
          .trimEnd()
          .split('\n')
          .map((line) => line.replaceAll('\\|', '').split('|').length);
        expect(new Set(cells).size, table).toBe(1);
      }
    }
    expect(text('commands/Aa_Do.md')).toContain(
      '- \\## \\[text\\](javascript:x) \\_a\\_ \\*b\\*\n- 1\\. one\n',
    );
  });

  test('are no keywords of a graph', () => {
    expect(text('commands/Aa_Do.md')).toContain('flowchart LR\n  f1["end"]\n  f2["click"]\n  f1 --> f2\n');
  });
});
