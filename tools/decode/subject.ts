import type { Span } from '../../generator/diagnostics/index.js';
import type { Command, Fieldset, Mask, Primitive, Type } from '../../generator/model/index.js';
import { Names, type PageItem, type Reference, type Source, whatIs } from '../../generator/pages/index.js';
import { isConcrete } from './read.js';

/** What a dump is of. */
export interface ValueSubject {
  readonly kind: 'value';
  /** As the specification calls it: `RmiRecExit`, `RmiRecEnter.gicv3_hcr`. */
  readonly name: string;
  readonly what: string;
  readonly section: string;
  readonly doc: string;
  readonly type: Type;
  /** The register that lays the value out, where that is not its type. */
  readonly register: Fieldset | undefined;
  readonly permitted: Mask | undefined;
  readonly span: Span;
}

export type Subject = ValueSubject | { readonly kind: 'call'; readonly command: Command };

export type Found =
  | { readonly kind: 'subject'; readonly subject: Subject }
  | { readonly kind: 'several'; readonly names: readonly string[] }
  | { readonly kind: 'nothing'; readonly message: string; readonly suggestions: readonly string[] };

/** What a name means that has values or is a call: any name that `explain` knows. */
export function findSubject(query: string, source: Source): Found {
  const names = new Names(source);
  const { found, also } = names.find(query);
  const id = source.model.id;
  if (found.length === 0)
    return {
      kind: 'nothing',
      message: `there is nothing called \`${query}\` in ${id}`,
      suggestions: names.suggest(query),
    };
  const subjects = subjectsOf(found, source);
  // `gicv3_hcr` is a name of something without values, perhaps, and of a member as well.
  const all = subjects.length > 0 ? subjects : subjectsOf(also, source);
  const [only, second] = all;
  if (only === undefined)
    return {
      kind: 'nothing',
      message: `\`${query}\` has no values that a dump or a register could hold`,
      suggestions: [],
    };
  if (second === undefined) return { kind: 'subject', subject: only };
  return { kind: 'several', names: all.map(nameOf) };
}

function nameOf(subject: Subject): string {
  return subject.kind === 'call' ? subject.command.name : subject.name;
}

function subjectsOf(found: readonly Reference[], source: Source): readonly Subject[] {
  return found.map((at) => subjectOf(at, source)).filter((one) => one !== undefined);
}

function isType(item: PageItem): item is Exclude<Type, Primitive> {
  return ['enumeration', 'fieldset', 'struct', 'alias'].includes(item.kind);
}

function subjectOf({ item: name, part }: Reference, source: Source): Subject | undefined {
  const item = source.item(name);
  if (item === undefined) return undefined;
  if (item.kind === 'command' && part === undefined) return { kind: 'call', command: item };
  const { section } = item;
  const common = { kind: 'value', section, register: undefined, permitted: undefined } as const;
  if (part === undefined || item.kind === 'enumeration') {
    if (item.kind === 'mask')
      return {
        ...common,
        name: item.name,
        what: 'mask',
        doc: item.summary,
        type: item.register,
        permitted: item,
        span: item.span,
      };
    if (!isType(item) || !isConcrete(item)) return undefined;
    return { ...common, name: item.name, what: whatIs(item), doc: item.summary, type: item, span: item.span };
  }
  const parts =
    item.kind === 'struct'
      ? item.members
      : item.kind === 'fieldset'
        ? item.fields
        : item.kind === 'command'
          ? [...item.inputs, ...item.outputs]
          : [];
  const found = parts.find((one) => one.name === part);
  if (found === undefined || !isConcrete(found.type)) return undefined;
  const own = 'register' in found && typeof found.register !== 'number' ? found.register : undefined;
  return {
    ...common,
    name: `${name}.${part}`,
    what: item.kind === 'struct' ? 'member' : item.kind === 'fieldset' ? 'field' : 'value',
    doc: found.doc,
    type: found.type,
    register: own,
    permitted: 'permitted' in found ? found.permitted : undefined,
    span: found.span,
  };
}
