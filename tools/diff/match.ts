import type { Command, Model, Type } from '../../generator/model/index.js';
import type { Match } from './difference.js';

export interface Pair<T> {
  readonly before: T;
  readonly after: T;
  readonly match: Match;
}

/** What two versions have in common under whatever name, and what only one of them has. */
export interface Pairs<T> {
  readonly pairs: readonly Pair<T>[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

interface Named {
  readonly name: string;
}

/** Pairs items by name, then what is left by each rule in turn. A rule gives the best partner, if it has one. */
export function pair<T extends Named>(
  before: readonly T[],
  after: readonly T[],
  ...rules: readonly {
    readonly match: Match;
    readonly partner: (one: T, left: readonly T[], pairs: readonly Pair<T>[]) => T | undefined;
  }[]
): Pairs<T> {
  const pairs: Pair<T>[] = [];
  let old = [...before];
  const left = new Map(after.map((one) => [one.name, one]));
  const join = (one: T, other: T, match: Match): boolean => {
    pairs.push({ before: one, after: other, match });
    return left.delete(other.name);
  };
  old = old.filter((one) => {
    const same = left.get(one.name);
    return same === undefined || !join(one, same, 'name');
  });
  for (const { match, partner } of rules) {
    // What a rule pairs can make it find more.
    for (let found = true; found; ) {
      const count = old.length;
      old = old.filter((one) => {
        const other = partner(one, [...left.values()], pairs);
        return other === undefined || !join(one, other, match);
      });
      found = old.length < count;
    }
  }
  return { pairs, removed: old, added: [...left.values()] };
}

/** A value by where it is and what fits there, whatever it is called. */
function places({ inputs, outputs }: Command): readonly string[] {
  return [...inputs.map((one) => ({ side: 'in', one })), ...outputs.map((one) => ({ side: 'out', one }))].map(
    ({ side, one }) => `${side} X${one.register} ${one.msb}:${one.lsb}`,
  );
}

/** Pairs commands by name, then those of one FID whose values have the same places. */
export function pairCommands(before: readonly Command[], after: readonly Command[]): Pairs<Command> {
  return pair(before, after, {
    match: 'fid',
    partner: (one, left) =>
      left.find((other) => other.fid === one.fid && places(other).join() === places(one).join()),
  });
}

type Named4 = Exclude<Type, { kind: 'primitive' }>;

/** What a type is made of: `lpa2 0:0`, `RMI_RAM 1`. */
function partsOf(type: Named4): ReadonlySet<string> {
  switch (type.kind) {
    case 'fieldset':
      return new Set(type.fields.map((one) => `${one.name} ${one.lsb}`));
    case 'struct':
      return new Set(type.members.map((one) => `${one.name} ${one.offset}`));
    case 'enumeration':
      return new Set(type.labels.map((one) => `${one.name} ${one.value}`));
    case 'alias':
      return new Set([type.type.name]);
  }
}

/** The share of parts that two types have in common, of those that either has: 0 to 1. */
export function likeness(a: Named4, b: Named4): number {
  if (a.kind !== b.kind) return 0;
  const [left, right] = [partsOf(a), partsOf(b)];
  const common = [...left].filter((one) => right.has(one)).length;
  const all = left.size + right.size - common;
  return all === 0 ? 0 : common / all;
}

/** Below this, two types of different names are two types. */
const ALIKE = 0.5;

/**
 * Pairs types by name; then a type that stands where the other stood, in a value, field or member of one name of
 * something paired; then the types most alike, if at least half of their parts agree.
 */
export function pairTypes(
  before: readonly Named4[],
  after: readonly Named4[],
  commands: Pairs<Command>,
): Pairs<Named4> {
  const uses = (pairs: readonly Pair<Named4>[]): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    const look = (
      olds: readonly { readonly name: string; readonly type: Type }[],
      news: readonly { readonly name: string; readonly type: Type }[],
    ): void => {
      for (const one of olds) {
        const other = news.find(({ name }) => name === one.name);
        if (other !== undefined && other.type.kind === one.type.kind)
          found.set(one.type.name, other.type.name);
      }
    };
    for (const { before: a, after: b } of commands.pairs) {
      look(a.inputs, b.inputs);
      look(a.outputs, b.outputs);
    }
    for (const { before: a, after: b } of pairs) {
      if (a.kind === 'fieldset' && b.kind === 'fieldset') look(a.fields, b.fields);
      if (a.kind === 'struct' && b.kind === 'struct') look(a.members, b.members);
    }
    return found;
  };
  return pair(
    before,
    after,
    {
      match: 'use',
      partner: (one, left, pairs) => {
        const name = uses(pairs).get(one.name);
        return left.find((other) => other.name === name);
      },
    },
    {
      match: 'likeness',
      partner: (one, left) => {
        const ranked = left
          .map((other) => ({ other, rank: likeness(one, other) }))
          .filter(({ rank }) => rank >= ALIKE)
          .sort((a, b) => b.rank - a.rank);
        return ranked[0]?.other;
      },
    },
  );
}

/** `lpa2` of `RMI_..._LPA2`: letters alone, so that a number at the end makes no other word. */
function words(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split('_')
    .map((word) => word.replace(/[0-9]+$/, '') || word);
}

/**
 * Whether two names share a word that tells something, which not each of its siblings has: only then is a part in the
 * place of another the same under a new name. Something else may have been given its place.
 */
export function alike(one: string, other: string, siblings: readonly string[]): boolean {
  const all = siblings.map(words);
  const telling = words(one).filter((word) => all.length < 2 || !all.every((names) => names.includes(word)));
  return telling.some((word) => words(other).includes(word));
}

/** The interface that a name belongs to, by how it begins: `RMI_` and `Rmi` are of the RMI. */
export function interfaceOf(name: string, models: readonly Model[]): string | undefined {
  const names = models.flatMap((model) => model.interfaces.map((one) => one.name));
  return names.find((one) => {
    const camel = one.charAt(0) + one.slice(1).toLowerCase();
    return name.startsWith(`${one}_`) || (name.startsWith(camel) && /^[A-Z]/.test(name.slice(camel.length)));
  });
}
