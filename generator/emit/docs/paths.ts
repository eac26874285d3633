import type { PageItem, Reference, Source } from '../../pages/index.js';

/** Where the pages of a version lie below its docs folder, and how they link to each other. */
export class Paths {
  readonly #source: Source;
  readonly #pages = new Map<string, string>();
  /** Functions by page; a page holds those whose names start with the same word. */
  readonly functionGroups: ReadonlyMap<string, readonly string[]>;

  constructor(source: Source) {
    this.#source = source;
    this.functionGroups = groups([...source.model.functions.keys()]);
    const taken = new Set<string>();
    /** Some file systems take `rec.md` and `Rec.md` for the same file. */
    const own = (folder: string, name: string): string => {
      let path = `${folder}/${name}.md`;
      for (let number = 2; taken.has(path.toLowerCase()); number++) path = `${folder}/${name}-${number}.md`;
      taken.add(path.toLowerCase());
      return path;
    };
    for (const item of source.items) {
      if (item.kind === 'command') this.#pages.set(item.name, own('commands', item.name));
      else if (item.kind === 'constant') this.#pages.set(item.name, 'constants.md');
      else if (item.kind !== 'function') this.#pages.set(item.name, own('types', item.name));
    }
    for (const [group, names] of this.functionGroups) {
      const path = own('functions', group);
      for (const name of names) this.#pages.set(name, path);
    }
  }

  /** The page that an item is on. */
  pageOf(item: PageItem): string {
    return this.#pages.get(item.name)!;
  }

  /** What to write on one page to lead to a place; undefined when there is no such place. */
  link(from: string, { item, part }: Reference): string | undefined {
    if (this.#source.interface(item) !== undefined) return relative(from, 'index.md', item);
    const page = this.#pages.get(item);
    if (page === undefined) return undefined;
    const kind = this.#source.item(item)?.kind;
    return relative(from, page, kind === 'function' || kind === 'constant' ? item : part);
  }
}

/** A link from one page to another, or to an anchor on the same. */
export function relative(from: string, to: string, anchor?: string): string {
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (from === to) return hash === '' ? to.slice(to.lastIndexOf('/') + 1) : hash;
  const up = '../'.repeat(from.split('/').length - 1);
  const [folder] = to.split('/');
  return up !== '' && from.startsWith(`${folder}/`)
    ? `${to.slice(folder!.length + 1)}${hash}`
    : `${up}${to}${hash}`;
}

/** `Rtt` for RttWalk and RttsStateEqual; `other` for a function that is alone with its first word. */
function groups(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byWord = new Map<string, string[]>();
  const wordOf = (name: string) => /^(?:[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+)/.exec(name)?.[0] ?? name;
  const words = new Set(names.map(wordOf));
  for (const name of names) {
    const word = wordOf(name);
    const singular = word.endsWith('s') && words.has(word.slice(0, -1)) ? word.slice(0, -1) : word;
    const known = byWord.get(singular);
    if (known === undefined) byWord.set(singular, [name]);
    else known.push(name);
  }
  const found = new Map<string, string[]>();
  const other: string[] = [];
  for (const [word, members] of [...byWord].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (members.length > 1) found.set(word, members);
    else other.push(...members);
  }
  if (other.length > 0) found.set('other', other);
  return found;
}
