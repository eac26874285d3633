import type { Model } from '../../model/index.js';
import type { Emitted } from './metadata.js';

/** What is emitted of a model under a name. */
function itemOf(model: Model, name: string): Emitted | undefined {
  return (
    model.types.get(name) ??
    model.masks.get(name) ??
    model.maps.get(name) ??
    model.constants.get(name) ??
    model.commands.get(name)
  );
}

/** The items that the code of another uses. */
function usesOf(item: Emitted): readonly string[] {
  const named = (parts: readonly { readonly type: { readonly name: string } }[]) =>
    parts.map((part) => part.type.name);
  switch (item.kind) {
    case 'alias':
      return [item.type.name];
    case 'fieldset':
      return [
        ...named(item.fields),
        ...item.fields.flatMap(({ cases }) =>
          cases === undefined
            ? []
            : [cases.selector.name, ...cases.cases.flatMap((one) => one.type?.name ?? [])],
        ),
      ];
    case 'struct':
      return [
        ...named(item.members),
        ...item.members.flatMap((member) =>
          [member.register?.name ?? [], member.permitted?.name ?? []].flat(),
        ),
      ];
    case 'mask':
      return [item.register.name];
    case 'map':
      return item.entries.map((entry) => entry.type);
    case 'command':
      return named([...item.inputs, ...item.outputs]);
    case 'enumeration':
    case 'constant':
      return [];
  }
}

/** Whether a file lies in the folder of some version. */
function ownerOf(path: string, models: readonly Model[]): Model | undefined {
  return models.find((model) => path.startsWith(`${model.id}/`));
}

/**
 * Where versions share a file of the specification, they share what is emitted of it: a class of one version is then
 * the same class in another, and its code is there once. The home of an item is the version whose folder has its file;
 * for a file outside of them all the first version that is made of no other's files. An item that uses one which
 * a version replaces is at home in that version.
 */
export class Homes {
  readonly #models: readonly Model[];
  readonly #found = new Map<Model, Map<string, Model>>();
  readonly #alone: readonly Model[];

  constructor(models: readonly Model[]) {
    this.#models = models;
    this.#alone = models.filter((model) =>
      [...model.types.values(), ...model.commands.values()].every((item) => {
        const owner = ownerOf(item.span.file.path, models);
        return owner === undefined || owner === model;
      }),
    );
  }

  of(model: Model, item: Emitted): Model {
    const known = this.#found.get(model) ?? new Map<string, Model>();
    this.#found.set(model, known);
    const home = known.get(item.name) ?? this.#find(model, item);
    known.set(item.name, home);
    return home;
  }

  #find(model: Model, item: Emitted): Model {
    const { path } = item.span.file;
    const has = (one: Model): boolean => {
      const other = itemOf(one, item.name);
      return other?.span.file.path === path && other.span.start === item.span.start;
    };
    const home = ownerOf(path, this.#models) ?? this.#alone.find(has);
    if (home === undefined || home === model || !has(home)) return model;
    const same = usesOf(item).every((name) => {
      const used = itemOf(model, name);
      const there = itemOf(home, name);
      if (used === undefined || there === undefined) return used === there;
      return this.of(model, used) === this.of(home, there);
    });
    // The value of a constant may be the FID of a command that one version replaces.
    const value = (one: Emitted | undefined) => (one?.kind === 'constant' ? one.value : undefined);
    return same && value(item) === value(itemOf(home, item.name)) ? home : model;
  }
}
