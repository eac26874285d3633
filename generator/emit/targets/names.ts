import { Diagnostics } from '../../diagnostics/index.js';
import type { Model } from '../../model/index.js';
import { viewSections } from './sections.js';
import type { Target } from './target.js';
import type { SectionView } from './view.js';

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
}

/** Every name that a target gives to something of the specification. Sections with a mistake have none. */
export function namesIn(model: Model, target: Target): readonly TargetName[] {
  const names: TargetName[] = [];
  for (const view of viewSections(model, target, new Diagnostics())) {
    const found = target.data.language === 'rust' ? pathsOf(view) : namesOf(view);
    for (const [name, of, value] of found) {
      // A name for reserved bits is a name of their fieldset.
      names.push({ name, of: of.replace(/\[.*$/, ''), target: target.data.name, value });
    }
  }
  return names;
}

function* namesOf(view: SectionView): Iterable<readonly [name: string, of: string, value?: bigint]> {
  if (view.kind === 'struct') yield [`struct ${view.name}`, view.of];
  if (view.kind === 'enum') yield [`enum ${view.name}`, view.of];
  for (const { name, spec, value } of view.defines) yield [name, spec, value];
  if (view.kind === 'accessors') {
    for (const { name, field } of view.getters) yield [name, `${view.of}.${field}`];
    if (view.maker !== undefined) yield [view.maker.name, view.of];
  }
  if (view.kind === 'struct')
    for (const { name, spec, padding } of view.members) if (!padding) yield [`${view.name}.${name}`, spec];
}

/** In Rust the parts of a type keep the names that they have, and are found by the type's. */
function* pathsOf(view: SectionView): Iterable<readonly [name: string, of: string, value?: bigint]> {
  const scope = view.kind === 'struct' || view.kind === 'enum' || view.kind === 'fields' ? view.name : '';
  if (scope === '') yield* namesOf(view);
  // Nobody asks what outputs call a thing to learn its name.
  else if (scope !== view.of) yield [scope, view.of];
}
