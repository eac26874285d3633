import { drawFieldset } from '../../generator/draw/index.js';
import {
  bitsOf,
  bitsText,
  type Command,
  type CommandValue,
  deciderOf,
  type Enumeration,
  type Failure,
  type Field,
  type FieldCases,
  type Fieldset,
  hex,
  isAbstract,
  type Label,
  type Mask,
  type Member,
  type Model,
  numberText,
  rangeText,
  type Struct,
  type Type,
  widthOf,
} from '../../generator/model/index.js';
import { compareSections } from '../../generator/pages/index.js';
import type { Aspect, Change, Comparison, Difference, ItemKind } from './difference.js';
import { alike, interfaceOf, pairCommands, pairTypes } from './match.js';

type Named = Exclude<Type, { kind: 'primitive' }>;

function change(part: string, aspect: Aspect, before: string, after: string, breaks?: string): Change {
  return { part, aspect, before, after, breaks };
}

/** Parts by name, then parts of other names that are in the same place. */
function partners<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  same: (one: T, other: T) => boolean,
): {
  readonly pairs: readonly (readonly [T, T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
} {
  const pairs: (readonly [T, T])[] = [];
  const left = new Map(after.map((one) => [one.name, one]));
  const unnamed = before.filter((one) => {
    const other = left.get(one.name);
    if (other !== undefined) pairs.push([one, other]);
    return other === undefined || !left.delete(one.name);
  });
  const removed = unnamed.filter((one) => {
    const other = [...left.values()].find((candidate) => same(one, candidate));
    if (other !== undefined) pairs.push([one, other]);
    return other === undefined || !left.delete(other.name);
  });
  const order = new Map(before.map((one, index) => [one, index]));
  return {
    pairs: pairs.sort((a, b) => order.get(a[0])! - order.get(b[0])!),
    removed,
    added: [...left.values()],
  };
}

class Comparer {
  readonly #before: Model;
  readonly #after: Model;
  /** What types of the first version are called in the second. */
  #renames: ReadonlyMap<string, string> = new Map();

  constructor(before: Model, after: Model) {
    this.#before = before;
    this.#after = after;
  }

  run(): Comparison {
    const [before, after] = [this.#before, this.#after];
    const both = [before, after];
    const shared = new Set(
      before.interfaces
        .map((one) => one.name)
        .filter((name) => after.interfaces.some((one) => one.name === name)),
    );
    const complete = both.every((model) => model.scope === 'complete');
    const stated = (name: string): boolean => {
      const owner = interfaceOf(name, both);
      return owner === undefined ? complete : shared.has(owner);
    };
    const of = <T extends { readonly name: string }>(items: ReadonlyMap<string, T>): readonly T[] =>
      [...items.values()].filter((one) => stated(one.name));
    // Registers are the architecture's; abstract types are about conditions.
    const types = (model: Model): readonly Named[] =>
      of(model.types).filter(
        (type) => !isAbstract(type) && !(type.kind === 'fieldset' && type.register !== undefined),
      );

    const commands = pairCommands(of(before.commands), of(after.commands));
    const pairs = pairTypes(types(before), types(after), commands);
    this.#renames = new Map(pairs.pairs.map((one) => [one.before.name, one.after.name]));

    const differences: (Difference | undefined)[] = [
      ...before.interfaces.filter((one) => shared.has(one.name)).map((one) => this.#interface(one.name)),
      ...commands.pairs.map(({ before: a, after: b, match }) =>
        this.#difference('command', a, b, match, this.#command(a, b, complete)),
      ),
      ...commands.removed.map((one) => this.#removedCommand(one)),
      ...commands.added.map((one) => this.#added('command', one, hex(one.fid))),
      ...pairs.pairs.map(({ before: a, after: b, match }) =>
        this.#difference(a.kind, a, b, match, this.#type(a, b), drawings(a, b, both)),
      ),
      ...pairs.removed.map((one) => this.#removed(one.kind, one, sizeOf(one))),
      ...pairs.added.map((one) => this.#added(one.kind, one, sizeOf(one))),
      ...this.#masks(of(before.masks), of(after.masks)),
      ...this.#constants(),
    ];
    const leftOut: string[] = [];
    for (const model of both) {
      const other = model === before ? after : before;
      const alone = model.interfaces.map((one) => one.name).filter((name) => !shared.has(name));
      if (alone.length > 0)
        leftOut.push(`${other.version} does not state ${alone.join(' and ')}, so neither is compared.`);
    }
    const bare = both.filter((model) => model.scope !== 'complete').map((model) => model.version);
    if (bare.length > 0)
      leftOut.push(
        `${bare.join(' and ')} state${bare.length === 1 ? 's' : ''} no conditions, so none are compared.`,
      );
    return {
      from: { id: before.id, document: before.document, version: before.version },
      to: { id: after.id, document: after.document, version: after.version },
      leftOut,
      differences: differences
        .filter((one) => one !== undefined)
        .sort((a, b) => rank(a) - rank(b) || compareSections(a.section, b.section)),
    };
  }

  // Items

  #difference(
    kind: ItemKind,
    before: { readonly name: string; readonly section: string },
    after: { readonly name: string },
    match: Difference['match'],
    changes: readonly Change[],
    drawn: Difference['drawings'] = [],
  ): Difference | undefined {
    const renamed = before.name === after.name ? undefined : after.name;
    if (changes.length === 0 && renamed === undefined) return undefined;
    const all =
      renamed === undefined ? changes : [change('', 'renamed', before.name, after.name), ...changes];
    const moved = changes.some(({ aspect }) => aspect === 'moved' || aspect === 'resized');
    return {
      kind,
      name: before.name,
      renamed,
      match,
      section: before.section,
      changes: all,
      drawings: moved ? drawn : [],
    };
  }

  #added(
    kind: ItemKind,
    item: { readonly name: string; readonly section: string },
    what: string,
  ): Difference {
    const changes = [change('', 'added', '', what)];
    const { name, section } = item;
    return { kind, name, renamed: undefined, match: undefined, section, changes, drawings: [] };
  }

  #removed(
    kind: ItemKind,
    item: { readonly name: string; readonly section: string },
    what: string,
    breaks?: string,
  ): Difference {
    const changes = [change('', 'removed', what, '', breaks)];
    const { name, section } = item;
    return { kind, name, renamed: undefined, match: undefined, section, changes, drawings: [] };
  }

  #removedCommand(command: Command): Difference {
    const heir = [...this.#after.commands.values()].find((one) => one.fid === command.fid);
    const breaks =
      heir === undefined
        ? `no command has the FID ${hex(command.fid)}`
        : `the FID ${hex(command.fid)} is ${heir.name}'s, whose values differ`;
    return this.#removed('command', command, hex(command.fid), breaks);
  }

  #interface(name: string): Difference | undefined {
    const find = (model: Model) => model.interfaces.find((one) => one.name === name)!;
    const [before, after] = [find(this.#before), find(this.#after)];
    const text = (one: typeof before) => `${one.major}.${one.minor}`;
    if (text(before) === text(after)) return undefined;
    const breaks = before.major === after.major ? undefined : 'a new major number promises no compatibility';
    const changes = [change('version', 'renumbered', text(before), text(after), breaks)];
    return this.#difference('interface', before, after, 'name', changes);
  }

  #command(before: Command, after: Command, complete: boolean): readonly Change[] {
    const changes: Change[] = [];
    if (before.fid !== after.fid)
      changes.push(
        change('', 'renumbered', hex(before.fid), hex(after.fid), `${hex(before.fid)} no longer calls it`),
      );
    changes.push(...this.#values('input', before.inputs, after.inputs));
    changes.push(...this.#values('output', before.outputs, after.outputs));
    if (complete) changes.push(...conditions(before, after));
    return changes;
  }

  #values(
    side: 'input' | 'output',
    before: readonly CommandValue[],
    after: readonly CommandValue[],
  ): readonly Change[] {
    const changes: Change[] = [];
    const place = (one: CommandValue) =>
      `${side} X${one.register}${bitsOf(one) === 64 ? '' : `[${rangeText(one)}]`}`;
    const shown = (one: CommandValue) => `${place(one)} ${one.type.name}`;
    const { pairs, removed, added } = partners(
      before,
      after,
      (a, b) => place(a) === place(b) && this.#same(a.type, b.type),
    );
    for (const [a, b] of pairs) {
      if (a.name !== b.name) changes.push(change(a.name, 'renamed', a.name, b.name));
      if (place(a) !== place(b))
        changes.push(
          change(a.name, 'moved', place(a), place(b), `${a.name} is ${place(b)}, not ${place(a)}`),
        );
      changes.push(...this.#retyped(a.name, a.type, b.type));
    }
    for (const one of removed) {
      const breaks =
        side === 'output' ? `${one.name} is no longer returned` : `${one.name} is no longer taken`;
      changes.push(change(one.name, 'removed', shown(one), '', breaks));
    }
    for (const one of added) {
      const breaks =
        side === 'input' ? `${one.name} is taken from a register that was not an argument` : undefined;
      changes.push(change(one.name, 'added', '', shown(one), breaks));
    }
    return changes;
  }

  // Types

  /** Whether a type of the first version is the same in the second, under whatever name. */
  #same(before: Type, after: Type): boolean {
    return (this.#renames.get(before.name) ?? before.name) === after.name;
  }

  /** A type in the place of another. That what is inside has changed is told of the type itself. */
  #retyped(part: string, before: Type, after: Type, apart?: number): readonly Change[] {
    if (this.#same(before, after)) return [];
    const [a, b] = [widthOf(before), widthOf(after)];
    const signed = (type: Type) => (type.kind === 'primitive' || type.kind === 'enumeration') && type.signed;
    const breaks =
      a !== b && apart !== undefined
        ? undefined
        : a !== b
          ? `it has ${b} bits in place of ${a}`
          : signed(before) !== signed(after)
            ? 'its sign is another'
            : undefined;
    return [change(part, 'retyped', before.name, after.name, breaks)];
  }

  #type(before: Named, after: Named): readonly Change[] {
    if (before.kind !== after.kind)
      return [
        change('', 'retyped', before.kind, after.kind, `it is ${after.kind} in place of ${before.kind}`),
      ];
    switch (before.kind) {
      case 'alias':
        return this.#retyped('', before.type, (after as typeof before).type);
      case 'enumeration':
        return this.#enumeration(before, after as Enumeration);
      case 'fieldset':
        return this.#fieldset(before, after as Fieldset);
      case 'struct':
        return this.#struct(before, after as Struct);
    }
  }

  #enumeration(before: Enumeration, after: Enumeration): readonly Change[] {
    const changes: Change[] = [];
    if (before.width !== after.width) changes.push(width(before.width, after.width));
    const value = (label: Label) => (label.value === undefined ? '' : numberText(label.value));
    const labels = before.labels.map((one) => one.name);
    const { pairs, removed, added } = partners(
      before.labels,
      after.labels,
      (a, b) => a.value === b.value && alike(a.name, b.name, labels),
    );
    for (const [a, b] of pairs) {
      if (a.name !== b.name) changes.push(change(a.name, 'renamed', a.name, b.name));
      if (a.value !== b.value) {
        const heir = after.labels.find((one) => one.value === a.value);
        const breaks = heir === undefined ? `${value(a)} means nothing` : `${value(a)} means ${heir.name}`;
        changes.push(change(a.name, 'renumbered', value(a), value(b), breaks));
      }
    }
    for (const one of removed) {
      const heir = after.labels.find((label) => label.value === one.value);
      const breaks = heir === undefined ? `${value(one)} means nothing` : `${value(one)} means ${heir.name}`;
      changes.push(change(one.name, 'removed', value(one), '', breaks));
    }
    for (const one of added) changes.push(change(one.name, 'added', '', value(one)));
    return changes;
  }

  #fieldset(before: Fieldset, after: Fieldset): readonly Change[] {
    const changes: Change[] = [];
    if (before.width !== after.width) changes.push(width(before.width, after.width));
    const fields = before.fields.map((one) => one.name);
    const { pairs, removed, added } = partners(
      before.fields,
      after.fields,
      (a, b) => sameBits(a, b) && alike(a.name, b.name, fields),
    );
    for (const [a, b] of pairs) {
      if (a.name !== b.name) changes.push(change(a.name, 'renamed', a.name, b.name));
      if (bitsOf(a) !== bitsOf(b)) {
        const breaks = `${a.name} has ${bitsText(b)}, not ${bitsText(a)}`;
        changes.push(change(a.name, 'resized', bitsText(a), bitsText(b), breaks));
      } else if (a.lsb !== b.lsb) {
        const breaks = `${a.name} has ${bitsText(b)}, not ${bitsText(a)}`;
        changes.push(change(a.name, 'moved', bitsText(a), bitsText(b), breaks));
      }
      if (a.cases !== undefined || b.cases !== undefined) changes.push(...this.#cases(a, b));
      else if (a.type.kind !== 'primitive' || b.type.kind !== 'primitive' || bitsOf(a) === bitsOf(b))
        changes.push(...this.#retyped(a.name, a.type, b.type, bitsOf(a) === bitsOf(b) ? undefined : 0));
    }
    for (const one of removed) {
      const breaks = this.#gone(one, after);
      changes.push(change(one.name, 'removed', bitsText(one), '', breaks));
    }
    // Bits that were in use are missed by the field that had them.
    for (const one of added) changes.push(change(one.name, 'added', '', bitsText(one)));
    for (const range of before.reserved) {
      const now = after.reserved.find((one) => one.lsb <= range.msb && one.msb >= range.lsb);
      if (now !== undefined && now.as !== range.as)
        changes.push(change(bitsText(now), 'reserved', range.as, now.as));
    }
    return changes;
  }

  /** The layouts of a field that depend on another value, label by label of what decides. */
  #cases(before: Field, after: Field): readonly Change[] {
    const { name } = before;
    const [a, b] = [before.cases, after.cases];
    if (a === undefined || b === undefined) {
      const text = (field: Field) =>
        field.cases === undefined ? field.type.name : `by ${deciderOf(field.cases)}`;
      const breaks =
        b === undefined ? 'it no longer depends on a value' : `its layout is decided by ${deciderOf(b)}`;
      return [change(name, 'retyped', text(before), text(after), breaks)];
    }
    const changes: Change[] = [];
    if (!this.#same(a.selector, b.selector) || a.by?.part !== b.by?.part)
      changes.push(
        change(
          name,
          'retyped',
          `by ${deciderOf(a)}`,
          `by ${deciderOf(b)}`,
          `its layout is decided by ${deciderOf(b)}`,
        ),
      );
    // Labels that one version lacks are told of their enumeration.
    const now = new Map(b.selector.labels.map((label) => [label.name, layoutFor(b, label)]));
    for (const label of a.selector.labels) {
      if (!now.has(label.name)) continue;
      const [was, is] = [layoutFor(a, label), now.get(label.name)];
      if (was === is || (was !== undefined && is !== undefined && this.#same(was, is))) continue;
      const breaks = is === undefined ? 'it has no layout' : `it is laid out as ${is.name}`;
      const part = `${name} of ${label.name}`;
      changes.push(change(part, 'retyped', was?.name ?? 'no layout', is?.name ?? 'no layout', breaks));
    }
    return changes;
  }

  /** Why a program misses a field: what its bits are now. */
  #gone(field: Field, after: Fieldset): string {
    const heirs = after.fields.filter((one) => one.lsb <= field.msb && one.msb >= field.lsb);
    const [heir] = heirs;
    const be = field.lsb === field.msb ? 'is' : 'are';
    if (heir === undefined) return `${bitsText(field)} ${be} no longer ${field.name}`;
    const { cases } = heir;
    const depends =
      cases === undefined
        ? ''
        : `, which depends on ${cases.by === undefined ? cases.selector.name : cases.by.part}`;
    return `${bitsText(field)} ${be} of ${heirs.map((one) => one.name).join(' and ')}${depends}`;
  }

  #struct(before: Struct, after: Struct): readonly Change[] {
    const changes: Change[] = [];
    if (before.size !== after.size)
      changes.push(
        change(
          '',
          'resized',
          hex(before.size),
          hex(after.size),
          `it has ${hex(after.size)} bytes, not ${hex(before.size)}`,
        ),
      );
    if (before.unused !== after.unused && before.unused !== undefined && after.unused !== undefined)
      changes.push(change('unused bytes', 'reserved', before.unused, after.unused));
    const members = before.members.map((one) => one.name);
    const { pairs, removed, added } = partners(
      before.members,
      after.members,
      (a, b) => a.offset === b.offset && bytes(a) === bytes(b) && alike(a.name, b.name, members),
    );
    for (const [a, b] of pairs) {
      if (a.name !== b.name) changes.push(change(a.name, 'renamed', a.name, b.name));
      if (a.offset !== b.offset) {
        const breaks = `${a.name} is at ${hex(b.offset)}, not ${hex(a.offset)}`;
        changes.push(change(a.name, 'moved', hex(a.offset), hex(b.offset), breaks));
      }
      if (a.count !== b.count) {
        const text = (one: Member) => (one.count === undefined ? 'one' : `${one.count} elements`);
        changes.push(change(a.name, 'resized', text(a), text(b), `${a.name} has ${text(b)}, not ${text(a)}`));
      }
      changes.push(...this.#retyped(a.name, a.type, b.type));
    }
    for (const one of removed) {
      const heirs = after.members.filter((now) => overlap(one, now)).map((now) => now.name);
      const breaks =
        heirs.length === 0
          ? `nothing is at ${hex(one.offset)}`
          : `${heirs.join(' and ')} ${heirs.length === 1 ? 'is' : 'are'} at ${hex(one.offset)}`;
      changes.push(change(one.name, 'removed', `${hex(one.offset)} ${one.type.name}`, '', breaks));
    }
    for (const one of added)
      changes.push(change(one.name, 'added', '', `${hex(one.offset)} ${one.type.name}`));
    return changes;
  }

  // Masks and constants

  #masks(before: readonly Mask[], after: readonly Mask[]): readonly (Difference | undefined)[] {
    const { pairs, removed, added } = partners(before, after, () => false);
    return [
      ...pairs.map(([a, b]) => {
        const names = (mask: Mask) => mask.fields.map((field) => field.name);
        const changes = [
          ...names(a)
            .filter((name) => !names(b).includes(name))
            .map((name) => change(name, 'removed', 'permitted', '', `${name} is no longer permitted`)),
          ...names(b)
            .filter((name) => !names(a).includes(name))
            .map((name) => change(name, 'added', '', 'permitted')),
        ];
        return this.#difference('mask', a, b, 'name', changes);
      }),
      ...removed.map((one) => this.#removed('mask', one, hex(one.value))),
      ...added.map((one) => this.#added('mask', one, hex(one.value))),
    ];
  }

  #constants(): readonly (Difference | undefined)[] {
    const found: (Difference | undefined)[] = [];
    for (const [name, before] of this.#before.constants) {
      const after = this.#after.constants.get(name);
      if (after === undefined || after.value === before.value) continue;
      const changes = [change('', 'renumbered', numberText(before.value), numberText(after.value))];
      found.push(this.#difference('constant', before, after, 'name', changes));
    }
    return found;
  }
}

/** Interfaces come first, then commands, types, and the rest. */
function rank({ kind }: Difference): number {
  const order: readonly ItemKind[] = ['interface', 'command'];
  const index = order.indexOf(kind);
  return index === -1 ? (kind === 'mask' || kind === 'constant' ? 3 : 2) : index;
}

function layoutFor({ cases }: FieldCases, label: Label): Fieldset | undefined {
  const own = cases.find(({ when }) => when?.some((one) => one.name === label.name) === true);
  return (own ?? cases.find(({ when }) => when === undefined))?.type;
}

function sameBits(a: Field, b: Field): boolean {
  return a.msb === b.msb && a.lsb === b.lsb;
}

function overlap(a: Member, b: Member): boolean {
  return a.offset < b.offset + bytes(b) && b.offset < a.offset + bytes(a);
}

function bytes({ type, count }: Member): number {
  return Math.ceil(widthOf(type) / 8) * (count ?? 1);
}

function width(before: number, after: number): Change {
  return change('', 'resized', `${before} bits`, `${after} bits`, `it has ${after} bits, not ${before}`);
}

function sizeOf(type: Named): string {
  if (type.kind === 'struct') return `${hex(type.size)} bytes`;
  return type.kind === 'alias' ? type.type.name : `${widthOf(type)} bit${widthOf(type) === 1 ? '' : 's'}`;
}

function drawings(before: Named, after: Named, [from, to]: readonly Model[]): Difference['drawings'] {
  if (before.kind !== 'fieldset' || after.kind !== 'fieldset') return [];
  return [
    { version: from!.version, text: drawFieldset(before) },
    { version: to!.version, text: drawFieldset(after) },
  ];
}

/** What is promised. It breaks no layout, and is no reason to say so. */
function conditions(before: Command, after: Command): readonly Change[] {
  const changes: Change[] = [];
  const text = (one: { readonly text: string } | undefined): string => one?.text ?? '';
  const compare = <T extends { readonly name: string }>(
    group: string,
    olds: readonly T[],
    news: readonly T[],
    shown: (one: T) => string,
  ): void => {
    const { pairs, removed, added } = partners(olds, news, () => false);
    for (const one of removed) changes.push(change(`${group} ${one.name}`, 'condition', shown(one), ''));
    for (const [a, b] of pairs)
      if (shown(a) !== shown(b)) changes.push(change(`${group} ${a.name}`, 'condition', shown(a), shown(b)));
    for (const one of added) changes.push(change(`${group} ${one.name}`, 'condition', '', shown(one)));
  };
  const failure = (one: Failure) => `${text(one.pre)} => ${text(one.post)}`;
  compare('failure', before.failures, after.failures, failure);
  compare('success', before.success, after.success, (one) =>
    one.pre === undefined ? text(one.post) : `${text(one.pre)} => ${text(one.post)}`,
  );
  compare('footprint', before.footprint, after.footprint, (one) => text(one.value));
  const order = (one: Command) => one.order.map(text).sort().join('; ');
  if (order(before) !== order(after)) changes.push(change('order', 'condition', order(before), order(after)));
  return changes;
}

/** What differs between two versions. */
export function compare(before: Model, after: Model): Comparison {
  return new Comparer(before, after).run();
}

/** Only what concerns an item, by its name in either version; undefined when neither has one of that name. */
export function only(comparison: Comparison, name: string, models: readonly Model[]): Comparison | undefined {
  const differences = comparison.differences.filter((one) => one.name === name || one.renamed === name);
  const known = models.some(
    (model) =>
      model.types.has(name) ||
      model.commands.has(name) ||
      model.masks.has(name) ||
      model.constants.has(name) ||
      model.interfaces.some((one) => one.name === name),
  );
  return known ? { ...comparison, differences } : undefined;
}
