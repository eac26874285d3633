import {
  interfacePage,
  isSection,
  type Line,
  Names,
  type Page,
  pageOf,
  prose,
  type Reference,
  type Source,
  whatIs,
} from '../../generator/pages/index.js';
import { meaningsOf, type Numeral, numberIn } from './number.js';
import { partLine, partPage } from './part.js';

/** Something that a query can mean. */
export interface Candidate {
  readonly at: Reference;
  readonly what: string;
  readonly section: string;
  readonly line: Line;
}

export type Answer =
  /** The query means one thing; `also` has its name too, but is less likely meant. */
  | {
      readonly kind: 'page';
      readonly at: Reference;
      readonly page: Page;
      readonly also: readonly Candidate[];
      /** What a number is there; empty for a name. */
      readonly meaning: Line;
    }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'nothing'; readonly message: string; readonly suggestions: readonly string[] };

/** What there is to say about a name or a number. */
export function explain(query: string, source: Source): Answer {
  const number = numberIn(query);
  if (number !== undefined) return explainNumber(query, number, source);
  const names = new Names(source);
  const { found, also } = names.find(query);
  if (found.length === 1) {
    const [at] = found;
    const page = pageAt(at!, source);
    if (page !== undefined)
      return { kind: 'page', at: at!, page, also: also.map((one) => candidateOf(one, source)), meaning: [] };
  }
  if (found.length > 1) return { kind: 'candidates', candidates: found.map((at) => candidateOf(at, source)) };
  return {
    kind: 'nothing',
    message: isSection(query)
      ? `${source.model.id} has nothing from section ${query}`
      : `there is nothing called \`${query}\` in ${source.model.id}`,
    suggestions: names.suggest(query),
  };
}

function explainNumber(query: string, number: Numeral, source: Source): Answer {
  const meanings = meaningsOf(number, source);
  const [only] = meanings;
  if (only !== undefined && meanings.length === 1) {
    const page = pageAt(only.at, source);
    if (page !== undefined) return { kind: 'page', at: only.at, page, also: [], meaning: only.line };
  }
  if (only !== undefined) {
    const candidates = meanings.map(({ at, line }) => ({ ...candidateOf(at, source), line }));
    return { kind: 'candidates', candidates };
  }
  const { value } = number;
  const range = source.model.interfaces.find(({ fids }) =>
    fids.some(({ first, last }) => value >= first && value <= last),
  );
  return {
    kind: 'nothing',
    message:
      range === undefined
        ? `the number ${query} stands for nothing in ${source.model.id}`
        : `${query} is in the FIDs of ${range.name}, but no command of ${source.model.id} has it`,
    suggestions: range === undefined ? [] : [range.name],
  };
}

function pageAt({ item: name, part }: Reference, source: Source): Page | undefined {
  const face = source.interface(name);
  if (face !== undefined) return interfacePage(face, source);
  const item = source.item(name);
  if (item === undefined) return undefined;
  return part === undefined ? pageOf(item, source) : partPage(item, part, source);
}

function candidateOf(at: Reference, source: Source): Candidate {
  const item = source.item(at.item);
  if (item === undefined) {
    const face = source.interface(at.item);
    return { at, what: 'interface', section: face?.section ?? '', line: [] };
  }
  if (at.part === undefined)
    return { at, what: whatIs(item), section: item.section, line: prose(item.summary, source) };
  const { what, doc } = partLine(item, at.part, source);
  return { at, what, section: item.section, line: doc };
}
