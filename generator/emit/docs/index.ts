import type { Command, Prose, Specification, Text } from '../../model/index.js';
import {
  allDepartures,
  code,
  compareSections,
  count,
  type Departure,
  fidText,
  functionPage,
  isProse,
  joined,
  link,
  type OtherName,
  type Page,
  pageOf,
  placePiece,
  plain,
  prose,
  type Row,
  row,
  Source,
  whatIs,
} from '../../pages/index.js';
import type { OutputFile } from '../output.js';
import { escapeText, Markdown } from './markdown.js';
import { Paths, relative } from './paths.js';

const INDEX = 'index.md';
const CONSTANTS = 'constants.md';
const CONDITIONS = 'conditions.md';
const DEPARTURES = 'departures.md';

/**
 * The reference pages of a version as Markdown, below `<version>/docs`: one page for each command and type, one
 * for each group of functions, and lists of all conditions and of all departures from the document.
 *
 * @param names What other outputs call things; shown beside the names of the specification.
 */
export function emitDocs(
  specification: Specification,
  names: readonly OtherName[] = [],
): readonly OutputFile[] {
  return new Docs(specification, names).files();
}

class Docs {
  readonly #specification: Specification;
  readonly #source: Source;
  readonly #paths: Paths;
  readonly #departures: readonly Departure[];
  readonly #files: OutputFile[] = [];

  constructor(specification: Specification, names: readonly OtherName[]) {
    this.#specification = specification;
    this.#source = new Source(specification, (command) => specification.conditions.get(command.name), names);
    this.#paths = new Paths(this.#source);
    this.#departures = allDepartures(this.#source);
  }

  files(): readonly OutputFile[] {
    this.#writeIndex();
    if (this.#specification.scope === 'complete') this.#writeConditions();
    if (this.#departures.length > 0) this.#writeDepartures();
    const { constants, functions } = this.#specification;
    const pages = [...constants.values()].map((item) => pageOf(item, this.#source));
    if (pages.length > 0) this.#writeList(CONSTANTS, 'Constants', pages);
    for (const item of this.#source.items)
      if (item.kind !== 'function' && item.kind !== 'constant')
        this.#write(this.#paths.pageOf(item), (page) => page.page(pageOf(item, this.#source), 1));
    for (const [group, names] of this.#paths.functionGroups) {
      const members = names.map((name) => functions.get(name)!);
      this.#writeList(
        this.#paths.pageOf(members[0]!),
        groupTitle(group),
        members.map((item) => functionPage(item, this.#source)),
      );
    }
    return this.#files;
  }

  #write(path: string, fill: (page: Markdown) => void): void {
    const { document, version, id } = this.#specification;
    const page = new Markdown((to) => this.#paths.link(path, to));
    // A way up, for those who came by a search.
    if (path !== INDEX) page.raw(`[${escapeText(`${document} ${version}`)}](${relative(path, INDEX)})`);
    fill(page);
    this.#files.push({ path: `${id}/docs/${path}`, text: page.text });
  }

  /** Several items on one page, each under a heading that links lead to. */
  #writeList(path: string, title: string, pages: readonly Page[]): void {
    this.#write(path, (out) => {
      out.heading(1, title);
      out.list(pages.map((page) => [link(page.name), plain(': '), ...page.summary]));
      for (const page of pages) out.page(page, 2, page.name);
    });
  }

  #writeIndex(): void {
    const {
      document,
      version,
      title,
      note,
      scope,
      interfaces,
      commands,
      types,
      masks,
      maps,
      functions,
      constants,
    } = this.#specification;
    const complete = scope === 'complete';
    this.#write(INDEX, (out) => {
      out.heading(1, `${document} ${version}: ${title}`);
      if (note !== undefined) out.paragraph(prose(note, this.#source));
      const tally = tallyOf(commands.values());
      const lines = [
        complete
          ? `- ${count(commands.size, 'command')} with ${count(tally.failures, 'failure')}, ` +
            `${count(tally.success, 'success condition')} and ${count(tally.footprint, 'footprint item')}; ` +
            `what of them is prose: [conditions](${CONDITIONS})`
          : `- ${count(commands.size, 'command')}, without conditions`,
        `- ${count(types.size, 'type')} and ${count(masks.size, 'mask')}` +
          (maps.size > 0 ? `, ${count(maps.size, 'CBOR map')}` : ''),
      ];
      if (functions.size > 0) lines.push(`- ${count(functions.size, 'function')} that conditions call`);
      if (constants.size > 0) lines.push(`- [${count(constants.size, 'constant')}](${CONSTANTS})`);
      if (this.#departures.length > 0)
        lines.push(
          `- [${count(this.#departures.length, 'departure')} from the document, or disagreements](${DEPARTURES})`,
        );
      out.raw(...lines);
      for (const one of interfaces) {
        const own = [...commands.values()].filter((command) => command.interface === one);
        out.heading(2, `${one.name} ${one.major}.${one.minor} (${one.section})`, one.name);
        const ranges = one.fids.map(({ first, last }) => [
          code(fidText(first)),
          plain(' to '),
          code(fidText(last)),
        ]);
        out.paragraph([plain('FIDs '), ...joined(ranges), plain('.')]);
        const counts = complete ? ['Failures', 'Success', 'Footprint'] : [];
        out.table(
          ['FID', 'Command', 'Section', ...counts, 'Summary'],
          own
            .sort((a, b) => (a.fid < b.fid ? -1 : 1))
            .map((command) =>
              row([
                code(fidText(command.fid)),
                link(command.name),
                command.section,
                ...(complete
                  ? [command.failures, command.success, command.footprint].map((all) => String(all.length))
                  : []),
                prose(command.summary, this.#source),
              ]),
            ),
        );
      }
      for (const [chapter, items] of byChapter([...types.values(), ...masks.values(), ...maps.values()])) {
        out.heading(2, `Types of ${chapter}`);
        out.table(
          ['Type', 'Kind', 'Section', 'Summary'],
          items.map((item) =>
            row([link(item.name), whatIs(item), item.section, prose(item.summary, this.#source)]),
          ),
        );
      }
      if (functions.size === 0) return;
      out.heading(2, 'Functions');
      out.table(
        ['Group', 'Functions'],
        [...this.#paths.functionGroups].map(([group, names]) =>
          row([groupTitle(group), joined(names.map((name) => [link(name)]))]),
        ),
      );
    });
  }

  #writeConditions(): void {
    const { commands, functions } = this.#specification;
    this.#write(CONDITIONS, (out) => {
      out.heading(1, 'Conditions');
      out.paragraph([
        plain(
          'How many conditions of each command are expressions, which are executed, and how many are prose.',
        ),
      ]);
      const total = tallyOf(commands.values());
      const rowOf = (name: Row['cells'][number], tally: Tally): Row =>
        row([
          name,
          String(tally.context),
          split(tally.failures, tally.proseFailures),
          String(tally.order),
          split(tally.success, tally.proseSuccess),
          String(tally.footprint),
        ]);
      out.table(
        ['Command', 'Context', 'Failures', 'Order', 'Success', 'Footprint'],
        [
          ...[...commands.values()].map((command) => rowOf([link(command.name)], tallyOf([command]))),
          rowOf([plain('All')], total),
        ],
      );
      const inProse = [...commands.values()].flatMap((command) =>
        proseIn(command).map(({ name, value }) =>
          row([
            link(command.name),
            link(command.name, name),
            prose(value.text, this.#source),
            code(value.by),
          ]),
        ),
      );
      if (inProse.length > 0) {
        out.heading(2, 'Prose');
        out.table(['Command', 'Condition', 'What it says', 'Answered by'], inProse);
      }
      const all = [...functions.values()];
      if (all.length === 0) return;
      const kinds: readonly (readonly [title: string, is: (one: (typeof all)[number]) => boolean])[] = [
        ['an expression', (one) => one.body !== undefined],
        ['labels that agree', (one) => one.sameLabel],
        ['the state items that it stands for', (one) => one.inductive],
        ['words', (one) => one.body === undefined && !one.sameLabel && !one.inductive],
      ];
      out.heading(2, 'Functions');
      out.table(
        ['Defined by', '', 'Functions'],
        kinds
          .map(([title, is]) => [title, all.filter(is)] as const)
          .filter(([, items]) => items.length > 0)
          .map(([title, items]) =>
            row([title, String(items.length), joined(items.map((one) => [link(one.name)]))]),
          ),
      );
    });
  }

  #writeDepartures(): void {
    this.#write(DEPARTURES, (out) => {
      out.heading(1, 'Departures from the document, and disagreements');
      const of = (sort: Departure['sort']) => this.#departures.filter((one) => one.sort === sort).length;
      out.paragraph([
        plain(
          `Where a text of the document cannot be meant, another stands in its place here (${of('changed')} changed); ` +
            `what it lacks and what it promises needs is there too (${of('added')} added). The rest ` +
            `(${of('note')}) are places where sources disagree, with what was followed.`,
        ),
      ]);
      for (const [chapter, departures] of byChapter(this.#departures)) {
        out.heading(2, chapter);
        out.table(
          ['Section', 'Where', '', 'What'],
          departures.map(({ section, at, sort, line }) =>
            row([section, placePiece(at), sort === 'note' ? [] : { text: sort, style: 'mark' }, line]),
          ),
        );
      }
    });
  }
}

function groupTitle(group: string): string {
  return group === 'other' ? 'Other functions' : `${group} functions`;
}

/** What stands in sections, by chapter (`B4.4`, `C1`, the name of another document), each in the document's order. */
function byChapter<T extends { readonly section: string }>(
  all: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const chapters = new Map<string, T[]>();
  const ordered = all
    .map((one, index) => ({ one, index }))
    .sort((a, b) => compareSections(a.one.section, b.one.section) || a.index - b.index);
  for (const { one } of ordered) {
    const chapter = chapterOf(one.section);
    const known = chapters.get(chapter);
    if (known === undefined) chapters.set(chapter, [one]);
    else known.push(one);
  }
  return chapters;
}

/** Sections that hold sections are chapters of their own: `B4.4` of B4.4.14, but `C1` of C1.17. */
function chapterOf(section: string): string {
  const found = /^(?:[A-Z][0-9]+\.[0-9]+(?=\.)|[A-Z][0-9]+(?=\.|$))/.exec(section);
  return found?.[0] ?? section.split(',')[0]!;
}

interface Tally {
  readonly context: number;
  readonly failures: number;
  readonly proseFailures: number;
  readonly order: number;
  readonly success: number;
  readonly proseSuccess: number;
  readonly footprint: number;
}

function tallyOf(commands: Iterable<Command>): Tally {
  const all = [...commands];
  const sum = (of: (command: Command) => number) => all.reduce((total, command) => total + of(command), 0);
  return {
    context: sum((one) => one.context.length),
    failures: sum((one) => one.failures.length),
    proseFailures: sum((one) => one.failures.filter((failure) => isProse(failure.pre)).length),
    order: sum((one) => one.order.length),
    success: sum((one) => one.success.length),
    proseSuccess: sum((one) => one.success.filter(hasProse).length),
    footprint: sum((one) => one.footprint.length),
  };
}

function hasProse({ pre, post }: Command['success'][number]): boolean {
  return isProse(post) || (pre !== undefined && isProse(pre));
}

/** `13`, or `5 + 2 prose`. */
function split(all: number, inProse: number): string {
  return inProse === 0 ? String(all) : `${all - inProse} + ${inProse} prose`;
}

function proseIn(command: Command): readonly { readonly name: string; readonly value: Prose }[] {
  const found: { readonly name: string; readonly value: Prose }[] = [];
  const look = (name: string, value: Text | Prose | undefined): void => {
    if (value !== undefined && isProse(value)) found.push({ name, value });
  };
  for (const one of command.failures) look(one.name, one.pre);
  for (const one of command.success) {
    look(one.name, one.pre);
    look(one.name, one.post);
  }
  return found;
}
