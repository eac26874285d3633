import type { Command, Origin } from '../model/index.js';
import { code, joined, type Line, plain, type Reference } from './page.js';
import type { PageItem, Source } from './source.js';
import { closing, isProse, prose, withoutBrackets } from './words.js';

/**
 * A place where the specification says something else than the document's text (`changed`, `added`), or where
 * sources disagree and the note tells which was followed.
 */
export interface Departure {
  readonly section: string;
  readonly at: Reference;
  readonly sort: 'changed' | 'added' | 'note';
  readonly line: Line;
}

/** The parts of a conjunction, one each; brackets around the whole are left out. */
function clauses(text: string): readonly string[] {
  const inner = withoutBrackets(text);
  const found: string[] = [];
  let from = 0;
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '(') at = closing(inner, at);
    else if (inner.startsWith('&&', at)) {
      found.push(inner.slice(from, at).trim());
      from = at + 2;
    }
  }
  found.push(inner.slice(from).trim());
  return found;
}

/** The parts in which two texts differ, so that a long condition is not said twice. */
function difference(document: string, here: string): readonly (readonly [document: string, here: string])[] {
  const before = clauses(document);
  const after = clauses(here);
  const changed = before
    .map((clause, index) => [clause, after[index] ?? ''] as const)
    .filter(([was, is]) => was !== is);
  return before.length === after.length && changed.length < before.length ? changed : [[document, here]];
}

/** How many characters two texts share at their ends. */
function likeness(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let front = 0;
  while (front < most && a[front] === b[front]) front++;
  let back = 0;
  while (back < most - front && a.at(-1 - back) === b.at(-1 - back)) back++;
  return front + back;
}

interface Written extends Origin {
  readonly name: string;
  readonly note: string | undefined;
}

function changed(document: string, here: readonly string[]): Line {
  if (here.includes(document))
    return [
      plain('The document has '),
      code(document),
      plain(' without the condition that is put before it here.'),
    ];
  const meant = [...here].sort((a, b) => likeness(document, b) - likeness(document, a))[0] ?? '';
  const parts = difference(document, meant).map(([was, is]) => [
    code(was),
    plain(' in the document is '),
    code(is),
    plain(' here'),
  ]);
  return [...joined(parts, '; '), plain('.')];
}

function departureOf(
  item: PageItem,
  part: Written,
  texts: readonly string[],
  source: Source,
): Departure | undefined {
  const note = part.note === undefined ? [] : prose(part.note, source);
  const space = note.length === 0 ? [] : [plain(' ')];
  const at = { item: item.name, part: part.name };
  const { section } = item;
  if (part.added)
    return { section, at, sort: 'added', line: [plain('Not in the document.'), ...space, ...note] };
  if (part.document !== undefined)
    return { section, at, sort: 'changed', line: [...changed(part.document, texts), ...space, ...note] };
  return note.length === 0 ? undefined : { section, at, sort: 'note', line: note };
}

/** Departures of an item and its parts, in the order in which the item lists them. */
export function departuresOf(item: PageItem, source: Source): readonly Departure[] {
  const found: (Departure | undefined)[] = [];
  if (item.note !== undefined)
    found.push({
      section: item.section,
      at: { item: item.name },
      sort: 'note',
      line: prose(item.note, source),
    });
  if (item.kind === 'command') found.push(...inCommand(item, source));
  const parts =
    item.kind === 'enumeration'
      ? item.labels
      : item.kind === 'fieldset'
        ? item.fields
        : item.kind === 'struct'
          ? item.members
          : item.kind === 'command'
            ? [...item.inputs, ...item.outputs]
            : [];
  for (const { name, note } of parts)
    found.push(departureOf(item, { name, note, document: undefined, added: false }, [], source));
  return found.filter((one) => one !== undefined);
}

function inCommand(command: Command, source: Source): readonly (Departure | undefined)[] {
  const text = (value: Command['success'][number]['pre']) =>
    value === undefined || isProse(value) ? [] : [value.text];
  return [
    ...command.context.map((one) => departureOf(command, one, [one.value.text], source)),
    ...command.failures.map((one) => departureOf(command, one, [...text(one.pre), one.post.text], source)),
    ...command.success.map((one) => departureOf(command, one, text(one.post), source)),
    ...command.footprint.map((one) => departureOf(command, one, [one.value.text], source)),
  ];
}

/** Every departure of a model, by section of the document; those of other documents come last. */
export function allDepartures(source: Source): readonly Departure[] {
  const found = [...source.items].flatMap((item) => departuresOf(item, source));
  return found
    .map((one, index) => ({ one, index }))
    .sort((a, b) => compareSections(a.one.section, b.one.section) || a.index - b.index)
    .map(({ one }) => one);
}

const sectionPattern = /^[A-Z][0-9]+(\.[0-9]+)*$/;

/** Sections in the document's order: A4.3.10 after A4.3.9. Entries of other documents follow, by name. */
export function compareSections(a: string, b: string): number {
  const inA = sectionPattern.test(a);
  const inB = sectionPattern.test(b);
  if (!inA || !inB) return inA === inB ? (a < b ? -1 : a > b ? 1 : 0) : inA ? -1 : 1;
  if (a[0] !== b[0]) return a[0]! < b[0]! ? -1 : 1;
  const left = a.slice(1).split('.').map(Number);
  const right = b.slice(1).split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = (left[i] ?? -1) - (right[i] ?? -1);
    if (order !== 0) return order;
  }
  return 0;
}
