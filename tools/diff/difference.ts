/** What differs between two versions, as data. Texts are of the specification: a renderer makes them harmless. */

export type ItemKind =
  | 'interface'
  | 'command'
  | 'struct'
  | 'fieldset'
  | 'enumeration'
  | 'alias'
  | 'mask'
  | 'constant';

/** How an item of one version was found in the other. */
export type Match = 'name' | 'fid' | 'use' | 'likeness';

export type Aspect =
  | 'added'
  | 'removed'
  | 'renamed'
  | 'moved'
  | 'resized'
  | 'retyped'
  | 'renumbered'
  | 'reserved'
  | 'condition'
  | 'reworded';

/** One difference of an item or of a part of one. */
export interface Change {
  /** The field, member, label, value or condition in the version that has it; empty for the item itself. */
  readonly part: string;
  readonly aspect: Aspect;
  /** What it is in the first version, and in the second; empty where it is not. */
  readonly before: string;
  readonly after: string;
  /** Why a program built for the first version breaks on the second; undefined when it does not. */
  readonly breaks: string | undefined;
}

export interface Difference {
  readonly kind: ItemKind;
  /** Its name in the first version, or in the second where it is new. */
  readonly name: string;
  /** Its other name, where it was renamed. */
  readonly renamed: string | undefined;
  readonly match: Match | undefined;
  readonly section: string;
  readonly changes: readonly Change[];
  /** Both layouts as drawings, where bits have moved. */
  readonly drawings: readonly { readonly version: string; readonly text: string }[];
}

export interface Comparison {
  readonly from: { readonly id: string; readonly document: string; readonly version: string };
  readonly to: { readonly id: string; readonly document: string; readonly version: string };
  /** What could not be compared, a sentence each. */
  readonly leftOut: readonly string[];
  readonly differences: readonly Difference[];
}

/** The changes that break a program, each with its item. */
export function breaksOf(
  comparison: Comparison,
): readonly { readonly of: Difference; readonly change: Change; readonly why: string }[] {
  return comparison.differences.flatMap((of) =>
    of.changes.flatMap((change) => (change.breaks === undefined ? [] : [{ of, change, why: change.breaks }])),
  );
}
