import { Diagnostics } from '../../diagnostics/index.js';
import type { Model } from '../../model/index.js';
import { viewSections } from './sections.js';
import type { Target } from './target.js';
import type { Getter, SectionView } from './view.js';

/** What a target calls an item of the specification, or a part of one. */
export interface TargetName {
  /** `SMC_RMI_DATA_CREATE`, `struct rec_exit`, `rec_exit.imm`. */
  readonly name: string;
  /** Path in the specification: `RMI_DATA_CREATE`, `RmiRecExit`, `RmiRecExit.imm`. */
  readonly of: string;
  /** The name of the target. */
  readonly target: string;
  /** What it stands for, when it is an integer constant. */
  readonly value: bigint | undefined;
  /** What it makes of values, when it takes a field out of one. */
  readonly getter: GetterName | undefined;
}

/** A value with every bit of a field and no other, what comes of it, and a value of which zero comes. */
export type GetterName = Pick<Getter, 'inside' | 'result' | 'outside'>;

interface Named {
  readonly name: string;
  readonly of: string;
  readonly value?: bigint;
  readonly getter?: GetterName;
}

/** The size of a page that bit numbers are for which depend on it. */
const PAGE_SHIFT = 12n;

/** Every name that a target gives to something of the specification. Sections with a mistake have none. */
export function namesIn(model: Model, target: Target): readonly TargetName[] {
  const names: TargetName[] = [];
  for (const view of viewSections(model, target, new Diagnostics())) {
    const found = target.data.language === 'rust' ? pathsOf(view) : namesOf(view);
    for (const { name, of, value, getter } of found) {
      // A name for reserved bits is a name of their fieldset.
      names.push({ name, of: of.replace(/\[.*$/, ''), target: target.data.name, value, getter });
    }
  }
  return names;
}

function* namesOf(view: SectionView): Iterable<Named> {
  if (view.kind === 'struct') yield { name: `struct ${view.name}`, of: view.of };
  if (view.kind === 'enum') yield { name: `enum ${view.name}`, of: view.of };
  for (const { name, spec, value } of view.defines) yield { name, of: spec, value };
  if (view.kind === 'accessors') {
    for (const one of view.getters) {
      const getter = one.variants.find(({ at }) => at === PAGE_SHIFT) ?? one;
      yield { name: one.name, of: `${view.of}.${one.field}`, getter };
    }
    if (view.maker !== undefined) yield { name: view.maker.name, of: view.of };
  }
  if (view.kind === 'struct')
    for (const { name, spec, padding } of view.members)
      if (!padding) yield { name: `${view.name}.${name}`, of: spec };
}

/** In Rust the parts of a type keep the names that they have, and are found by the type's. */
function* pathsOf(view: SectionView): Iterable<Named> {
  const scope = view.kind === 'struct' || view.kind === 'enum' || view.kind === 'fields' ? view.name : '';
  if (scope === '') yield* namesOf(view);
  // Nobody asks what outputs call a thing to learn its name.
  else if (scope !== view.of) yield { name: scope, of: view.of };
}
