import { departuresOf } from './departures.js';
import {
  type Block,
  code,
  joined,
  type Line,
  link,
  mark,
  type Page,
  type Piece,
  plain,
  row,
  type Section,
  section,
} from './page.js';
import type { PageItem, Source } from './source.js';
import type { Mention, Role } from './uses.js';
import { placePiece } from './words.js';

/** What outputs call a thing, each name with the targets that have it. */
export function otherNames(path: string, source: Source): Page['facts'] {
  const targets = new Map<string, string[]>();
  for (const { name, target } of source.namesOf(path))
    targets.set(name, [...(targets.get(name) ?? []), target]);
  if (targets.size === 0) return [];
  const lines = [...targets].map(([name, all]): Line => [code(name), plain(` (${all.join(', ')})`)]);
  return [{ label: targets.size === 1 ? 'Name' : 'Names', line: joined(lines) }];
}

/** Where an item and its parts depart from the document, or sources disagree. */
export function departureSection(item: PageItem, source: Source): readonly Section[] {
  const rows = departuresOf(item, source).map(({ at, sort, line }) =>
    row([code(at.part ?? at.item), sort === 'note' ? [] : mark(sort), line]),
  );
  return section('Departures and disagreements', {
    kind: 'table',
    head: ['Where', '', 'What'],
    rows,
  });
}

/** Where the declarations of the specification name an item. */
export function users(item: PageItem, source: Source): readonly Section[] {
  const roles = new Map<Role, Piece[]>();
  for (const { role, at } of source.uses.declared(item.name)) {
    const known = roles.get(role);
    if (known === undefined) roles.set(role, [placePiece(at)]);
    else known.push(placePiece(at));
  }
  return section('Used by', {
    kind: 'table',
    head: ['As', 'Where'],
    rows: [...roles].map(([role, places]) => row([role, joined(places.map((one) => [one]))])),
  });
}

/** Parts of a command, by name. */
export function partsLine(command: string, parts: ReadonlySet<string>): Line {
  return joined([...parts].map((part) => [link(command, part)]));
}

/** Mentions in what failures return, and all others. */
export function split(mentions: readonly Mention[]): {
  readonly outcomes: readonly Mention[];
  readonly others: readonly Mention[];
} {
  return { outcomes: mentions.filter((one) => one.outcome), others: mentions.filter((one) => !one.outcome) };
}

/** Commands, each with the parts of it that mention something. */
export function mentionGroups(mentions: readonly Mention[]): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { command, part } of mentions) {
    const parts = groups.get(command.name);
    if (parts === undefined) groups.set(command.name, new Set([part]));
    else parts.add(part);
  }
  return groups;
}

/** The same as a table, one row a command. */
export function mentionTable(mentions: readonly Mention[], head: readonly string[]): Block {
  return {
    kind: 'table',
    head,
    rows: [...mentionGroups(mentions)].map(([command, parts]) =>
      row([link(command), partsLine(command, parts)]),
    ),
  };
}
