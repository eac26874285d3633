import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, renderDiagnostics } from '../../generator/index.js';
import { memory } from '../memory.js';
import type { Compiled, Values } from './model.js';

/** What the language has and the document does not use: compiled from a specification of its own, and run. */
const texts = {
  'tiny-1.0/spec.yaml': `
document: TINY
version: "1.0"
title: A chain of things
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types: [types.yaml]
  commands: [commands.yaml]
  functions: [functions.yaml]
`,
  'tiny-1.0/types.yaml': `
Status:
  kind: enumeration
  section: B4
  summary: Outcome of a command.
  width: 8
  unused: reserved
  values:
    RMI_OK:  { value: 0, doc: done }
    RMI_BAD: { value: 1, doc: refused }
Outcome:
  kind: fieldset
  section: B4
  summary: What a command returns.
  width: 64
  fields:
    status: { bits: "7:0", type: Status, doc: outcome }
    index:  { bits: "11:8", type: UInt4, doc: what it is about }
  reserved:
    - { bits: "63:12", as: SBZ }
Options:
  kind: fieldset
  section: B4
  summary: Options of a command.
  width: 64
  fields:
    one: { bits: "0", type: Bits1, doc: an option }
  reserved:
    - { bits: "63:1", as: SBZ }
Phase:
  kind: enumeration
  abstract: true
  section: C1
  summary: Life of a thing.
  values:
    FRESH: { doc: not used yet }
    STALE: { doc: used }
Thing:
  kind: struct
  abstract: true
  section: C1
  summary: A link of a chain.
  members:
    phase: { type: Phase,   doc: life }
    level: { type: Int8,    doc: depth }
    next:  { type: Address, doc: the next thing }
    count: { type: UInt64,  doc: uses }
`,
  'tiny-1.0/functions.yaml': `
Thing:
  section: B3
  summary: The thing at an address.
  partial: there is none.
  parameters: { addr: Address }
  returns: Thing
ResultEqual:
  section: B3
  summary: Whether a command has an outcome.
  signatures:
    - { parameters: { result: Outcome, status: Status }, returns: boolean }
    - { parameters: { result: Outcome, status: Status, index: integer }, returns: boolean }
`,
  'tiny-1.0/commands.yaml': `
RMI_LINK:
  section: B4.1
  summary: Move a chain on.
  fid: 0xC4000150
  inputs:
    addr:   { register: X1, type: Address, doc: the first thing }
    given:  { register: X2, type: Options, doc: options }
    wanted: { register: X3, type: Options, doc: options that they must be }
    limit:  { register: X4, type: UInt64,  doc: the most uses }
  context:
    now:    { type: Thing,   value: "Thing(addr)",   before: false, doc: the first thing }
    was:    { type: Address, value: "now.next",      before: true,  doc: where it led }
    second: { type: Thing,   value: "Thing(was)",    before: true,  doc: the thing it led to }
  outputs:
    result: { register: X0, type: Outcome, doc: outcome }
  failures:
    options: { pre: "given != wanted", post: "ResultEqual(result, RMI_BAD)" }
    both:    { pre: "now.phase == FRESH && Thing(now.next).phase == FRESH", post: "ResultEqual(result, RMI_BAD)" }
    either:
      pre: "!(now.phase == FRESH) || Thing(now.next).phase == FRESH"
      post: "ResultEqual(result, RMI_BAD, now.level)"
    power: { pre: "now.count > 2^now.level + limit", post: "ResultEqual(result, RMI_BAD, 17)" }
  order:
    - "[options] < [either]"
  prefer: [either, both]
  success:
    moved: "now.next == second.next"
    old: { pre: "now.phase == STALE", post: "now.phase == FRESH" }
  footprint:
    next: "now.next"
    second: "second.phase"
`,
};

const FRESH = 0;
const STALE = 1;
const NOWHERE = 0x9000;

type Thing = Readonly<{ phase: number; level: number; next: number; count: number }>;

/** Things by address, and as the state of compiled conditions. */
function chain(things: Readonly<Record<number, Partial<Thing>>>) {
  const thing = (one: Partial<Thing>): Thing => ({ phase: FRESH, level: 2, next: NOWHERE, count: 0, ...one });
  return {
    Thing: (addr: number) => (things[addr] === undefined ? undefined : thing(things[addr])),
  } as never;
}

let link: Compiled;

beforeAll(async () => {
  const { outputs, diagnostics } = await compile(memory(texts), { targets: ['conditions'] });
  expect(renderDiagnostics(diagnostics)).toBe('');
  const files = new Map(outputs.map(({ path, text }) => [path, text]));
  const root = join(import.meta.dirname, '../..');
  const bundle = await build({
    entryPoints: ['tiny-1.0/conditions/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [
      {
        name: 'outputs',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^tiny/ }, ({ path }) => ({ path, namespace: 'outputs' }));
          onResolve({ filter: /./, namespace: 'outputs' }, ({ path }) => {
            const source = path.replace(/\.js$/, '.ts');
            return source.startsWith('./')
              ? { path: `tiny-1.0/conditions/${source.slice(2)}`, namespace: 'outputs' }
              : { path: join(root, 'generated/tiny/conditions', source) };
          });
          onLoad({ filter: /./, namespace: 'outputs' }, ({ path }) => ({
            contents: files.get(path)!,
            loader: 'ts',
          }));
        },
      },
    ],
  });
  const code = bundle.outputFiles[0]!.text;
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    RMI_LINK: Compiled;
  };
  link = module.RMI_LINK;
});

const input = (values: Values = {}): Values => ({
  addr: 0x1000,
  given: { $value: 0n },
  wanted: { $value: 0n },
  limit: 0n,
  ...values,
});

function held(state: never, values?: Values) {
  const { held, open } = link.evaluate(state, input(values), {} as never);
  const ids = (set: number) => link.failures.flatMap(({ id }, i) => (((set >> i) & 1) !== 0 ? [id] : []));
  return { held: ids(held), open: ids(open) };
}

describe('the rest of the language', () => {
  test('an order of evaluation keeps to the order, and then to what is preferred', () => {
    expect(link.order.map((i) => link.failures[i]!.id)).toEqual(['both', 'options', 'either', 'power']);
  });

  test('fieldsets are compared by all their bits', () => {
    const state = chain({ 4096: { next: 0x2000 }, 8192: { phase: STALE } });
    expect(held(state).held).toEqual([]);
    expect(held(state, { given: { $value: 4n } }).held).toEqual(['options']);
  });

  test('three values: what is missing, and what decides all the same', () => {
    // Nothing at all.
    expect(held(chain({}))).toEqual({ held: [], open: ['both', 'either', 'power'] });
    // The first thing leads nowhere: with FRESH it turns on the second, with STALE it does not.
    expect(held(chain({ 4096: {} }))).toEqual({ held: [], open: ['both', 'either'] });
    expect(held(chain({ 4096: { phase: STALE } }))).toEqual({ held: ['either'], open: [] });
    expect(held(chain({ 4096: { next: 0x2000 }, 8192: {} }))).toEqual({
      held: ['both', 'either'],
      open: [],
    });
  });

  test('powers and sums of numbers of either sort', () => {
    const full = (count: number) => held(chain({ 4096: { phase: STALE, level: 5, count } }), { limit: 3n });
    expect(full(35).held).toEqual(['either']);
    expect(full(36).held).toEqual(['either', 'power']);
  });

  test('an index is what its field holds of it', () => {
    const state = chain({ 4096: { level: -1 } });
    expect(link.outcome(2, state, input())).toMatchObject({ status: 1, index: 15 });
    expect(link.outcome(3, state, input())).toMatchObject({ status: 1, index: 1 });
    expect(link.postHolds(2, state, input(), { result: { status: 1, index: 15 } })).toBe(true);
  });

  test('what is sampled before is sampled from what was there before', () => {
    const before = chain({ 4096: { phase: STALE, next: 0x2000 }, 8192: { next: 0x3000 } });
    const after = chain({ 4096: { next: 0x3000 }, 12288: { next: 0x4000 } });
    const broken = (state: never) => link.brokenSuccess(before, state, input(), { result: {} }, {} as never);
    expect(broken(after)).toBeUndefined();
    expect(broken(chain({ 4096: { next: 0x2000 } }))).toBe('moved');
    expect(broken(chain({ 4096: { phase: STALE, next: 0x3000 } }))).toBe('old');
    // The second thing is the one from before, in both halves of the footprint.
    const second = { function: 'Thing', arguments: [0x2000], path: ['phase'] };
    const first = { function: 'Thing', arguments: [0x1000], path: ['next'] };
    expect(link.footprint(before, after, input())).toEqual([first, second, first, second]);
  });
});
