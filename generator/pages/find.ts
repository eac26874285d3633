import { nearest } from '../diagnostics/index.js';
import type { Reference } from './page.js';
import type { Source } from './source.js';
import { partsOf } from './words.js';

/** The names that a query may mean, each with what it stands for. */
interface Entry {
  readonly name: string;
  readonly at: Reference;
}

/** All names of a specification, from the surest meaning to the least. */
export class Names {
  readonly #source: Source;
  readonly #tiers: readonly (readonly Entry[])[];

  constructor(source: Source) {
    this.#source = source;
    const items: Entry[] = source.model.interfaces.map(({ name }) => ({ name, at: { item: name } }));
    const labels: Entry[] = [];
    const paths: Entry[] = [];
    const parts: Entry[] = [];
    const others: Entry[] = [];
    const short: Entry[] = [];
    for (const item of source.items) {
      items.push({ name: item.name, at: { item: item.name } });
      // RMI_DATA_CREATE is also called DATA_CREATE.
      if (item.kind === 'command')
        short.push({ name: item.name.slice(item.interface.name.length + 1), at: { item: item.name } });
      for (const { name } of partsOf(item)) {
        const at = { item: item.name, part: name };
        paths.push({ name: `${item.name}.${name}`, at });
        (item.kind === 'enumeration' ? labels : parts).push({ name, at });
      }
    }
    for (const { name, of } of source.otherNames) {
      const at = placeOf(of);
      others.push({ name, at });
      const tag = /^(?:struct|union|enum) (.+)$/.exec(name);
      if (tag !== null) others.push({ name: tag[1]!, at });
    }
    this.#tiers = [[...items, ...labels, ...paths], others, short, parts];
  }

  /**
   * What a query names: the first sort of names in which it is found as it stands, or else in another case;
   * items, labels and paths before names of outputs, those before commands without their interface, and those
   * before parts of whatever item.
   */
  find(query: string): { readonly found: readonly Reference[]; readonly also: readonly Reference[] } {
    const wanted = normal(query);
    for (const same of [(name: string) => name === wanted, ignoringCase(wanted)]) {
      const found = this.#tiers.map((tier) => places(tier.filter((entry) => same(entry.name))));
      const first = found.findIndex((tier) => tier.length > 0);
      if (first === -1) continue;
      const also = places(
        found
          .slice(first + 1)
          .flat()
          .map((at) => ({ name: '', at })),
      );
      return {
        found: found[first]!,
        also: also.filter((at) => !found[first]!.some((one) => isSame(one, at))),
      };
    }
    const section = this.#inSection(wanted);
    if (section.length > 0) return { found: section, also: [] };
    // ICH_HCR_EL2 is also called HCR_EL2.
    const ends = ignoringCase(`_${wanted}`);
    const longer = this.#tiers[0]!.filter(
      ({ name, at }) => at.part === undefined && ends(tail(name, wanted.length + 1)),
    );
    return { found: wanted.length < 3 ? [] : places(longer), also: [] };
  }

  /** Names that a query without an answer may have been meant as, the nearest first. */
  suggest(query: string): readonly string[] {
    const wanted = normal(query).toLowerCase();
    if (wanted.length < 3) return [];
    // A path is a slip of the pen only where a path was written.
    const names = [...new Set(this.#tiers.flat().map((entry) => entry.name))].filter(
      (name) => wanted.includes('.') || !name.includes('.'),
    );
    const found: string[] = [];
    const left = new Set(names);
    for (let number = 0; number < 3; number++) {
      const name = nearest(normal(query), left);
      if (name === undefined) break;
      found.push(name);
      left.delete(name);
    }
    if (wanted.length >= 3) {
      const holding = names.filter((name) => name.toLowerCase().includes(wanted) && !found.includes(name));
      found.push(...holding.sort((a, b) => a.length - b.length).slice(0, SUGGESTIONS - found.length));
    }
    return found;
  }

  /** Items of a section, or else of the sections below it. */
  #inSection(query: string): readonly Reference[] {
    if (!isSection(query)) return [];
    const section = query.toUpperCase();
    const items = [...this.#source.items];
    const own = items.filter((item) => item.section === section);
    const found = own.length > 0 ? own : items.filter((item) => item.section.startsWith(`${section}.`));
    return found.map((item) => ({ item: item.name }));
  }
}

const SUGGESTIONS = 6;

/** Whether a query looks like a section of the document, `B4.3.1`. */
export function isSection(query: string): boolean {
  return /^[A-Z][0-9]+(\.[0-9]+)*$/i.test(query);
}

/** A query as names are written: `struct rec_exit`, `rec_exit->gprs[3]`, `RmiRecExit::imm`, `RttWalk()` and `imm;` are no strangers. */
function normal(query: string): string {
  return query
    .trim()
    .replace(/^(?:struct|union|enum)\s+/, '')
    .replace(/->|::/g, '.')
    .replace(/\(.*\)$/, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/[;,]+$/, '');
}

function ignoringCase(wanted: string): (name: string) => boolean {
  const lower = wanted.toLowerCase();
  return (name) => name.length === wanted.length && name.toLowerCase() === lower;
}

function tail(name: string, length: number): string {
  return name.slice(Math.max(0, name.length - length));
}

function placeOf(path: string): Reference {
  const [item = '', part] = path.split('.');
  return part === undefined ? { item } : { item, part };
}

export function isSame(a: Reference, b: Reference): boolean {
  return a.item === b.item && a.part === b.part;
}

function places(entries: readonly Entry[]): readonly Reference[] {
  const found: Reference[] = [];
  for (const { at } of entries) if (!found.some((one) => isSame(one, at))) found.push(at);
  return found;
}
