import type {
  CborMap,
  Command,
  CommandConditions,
  ConditionFunction,
  Constant,
  Interface,
  Label,
  Mask,
  Model,
  Primitive,
  Type,
} from '../model/index.js';
import { Uses } from './uses.js';

/** What an output calls an item or a part of one: `rec_exit.esr` for `RmiRecExit.esr`. */
export interface OtherName {
  readonly name: string;
  /** Path in the specification: `RmiRecExit`, `RmiRecExit.esr`. */
  readonly of: string;
  /** The output, as --target calls it. */
  readonly target: string;
}

export type PageItem = Exclude<Type, Primitive> | Mask | Constant | CborMap | Command | ConditionFunction;

/** What pages are made from. Conditions are read when a page needs them. */
export class Source {
  readonly model: Model;
  readonly conditionsOf: (command: Command) => CommandConditions | undefined;
  /** What outputs call things. */
  readonly otherNames: readonly OtherName[];
  readonly #names = new Map<string, OtherName[]>();
  readonly #items = new Map<string, PageItem>();
  readonly #labels = new Map<string, Label>();
  #uses: Uses | undefined;

  constructor(
    model: Model,
    conditionsOf: (command: Command) => CommandConditions | undefined,
    names: readonly OtherName[] = [],
  ) {
    this.model = model;
    this.conditionsOf = conditionsOf;
    this.otherNames = names;
    for (const name of names) {
      const known = this.#names.get(name.of);
      if (known === undefined) this.#names.set(name.of, [name]);
      else if (!known.some((one) => one.name === name.name && one.target === name.target)) known.push(name);
    }
    const { commands, types, masks, constants, maps, functions } = model;
    for (const items of [commands, types, masks, constants, maps, functions])
      for (const item of items.values()) this.#items.set(item.name, item);
    for (const type of types.values())
      if (type.kind === 'enumeration') for (const label of type.labels) this.#labels.set(label.name, label);
  }

  /** Every item that has a page. */
  get items(): Iterable<PageItem> {
    return this.#items.values();
  }

  item(name: string): PageItem | undefined {
    return this.#items.get(name);
  }

  label(name: string): Label | undefined {
    return this.#labels.get(name);
  }

  interface(name: string): Interface | undefined {
    return this.model.interfaces.find((one) => one.name === name);
  }

  /** What outputs call the thing at a path. */
  namesOf(path: string): readonly OtherName[] {
    return this.#names.get(path) ?? [];
  }

  /** The same without the outputs, each name once. */
  wordsFor(path: string): readonly string[] {
    return [...new Set(this.namesOf(path).map((one) => one.name))];
  }

  get uses(): Uses {
    this.#uses ??= new Uses(this.model);
    return this.#uses;
  }
}
