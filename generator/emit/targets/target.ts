import type { SourceFile, Span } from '../../diagnostics/index.js';

/**
 * What this emitter needs of a target file. The loader's documents have this shape; `spec/targets/README.md`
 * says what each key means.
 */
export interface Target {
  readonly data: TargetData;
  /** Where the value at a path of keys and indices stands. */
  readonly at: (...path: readonly PropertyKey[]) => Span;
  /** Where the key at the end of a path stands. */
  readonly key: (...path: readonly PropertyKey[]) => Span;
  /** By the output that each makes. */
  readonly templates: ReadonlyMap<string, SourceFile>;
}

export interface TargetData {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  /** Template by path below the version's output folder; the first is the header itself. */
  readonly outputs: Names;
  readonly license: string;
  /** C when absent. */
  readonly language?: Language | undefined;
  readonly guard?: string | undefined;
  readonly includes?: readonly string[] | undefined;
  readonly includes_c?: readonly string[] | undefined;
  readonly types?: TypeNames | undefined;
  readonly padding?: string | undefined;
  readonly sections: readonly Section[];
}

export type Language = 'c' | 'rust';

/** Output name by name in the specification. */
export type Names = Readonly<Record<string, string>>;

/** The output's type for `u8` to `u64` and `s8` to `s64`. */
export type TypeNames = Readonly<Partial<Record<`${'u' | 's'}${8 | 16 | 32 | 64}`, string | undefined>>>;

interface Common {
  readonly comment?: string | undefined;
  readonly style?: string | undefined;
}

interface Named {
  readonly prefix?: string | undefined;
  readonly rename?: Names | undefined;
}

export interface CallsSection extends Common, Named {
  readonly kind: 'calls';
  readonly interface: string;
  readonly layout?: string | undefined;
  readonly macro?: string | undefined;
  readonly argument?: string | undefined;
}

export interface RangeSection extends Common {
  readonly kind: 'range';
  readonly interface: string;
  readonly layout: string;
  readonly first: string;
  readonly last: string;
}

export interface ConstantsSection extends Common {
  readonly kind: 'constants';
  readonly names: Names;
}

export interface CountsSection extends Common {
  readonly kind: 'counts';
  readonly names: Names;
}

export interface ValueSection extends Common {
  readonly kind: 'value';
  readonly of: string;
  readonly name: string;
  readonly fields: Names;
}

export interface AccessorsSection extends Common {
  readonly kind: 'accessors';
  readonly of: string;
  readonly argument?: string | undefined;
  readonly get?: Names | undefined;
  readonly masks?: boolean | undefined;
  readonly unshifted?: readonly string[] | undefined;
  readonly unmasked?: readonly string[] | undefined;
  readonly make?: { readonly name: string; readonly fields: readonly string[] } | undefined;
}

export interface LabelsSection extends Common, Named {
  readonly kind: 'labels';
  readonly of: string;
  readonly only?: readonly string[] | undefined;
  readonly count?: string | undefined;
}

export interface EnumSection extends Common, Named {
  readonly kind: 'enum';
  readonly of: string;
  readonly name: string;
}

/** A bit number that the output computes: its macro, and its value for each layout of a field. */
export interface Boundary {
  readonly name: string;
  readonly values: Readonly<Record<string, bigint>>;
}

export interface FieldsSection extends Common, Named {
  readonly kind: 'fields';
  readonly of: string;
  readonly name?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly boundary?: Boundary | undefined;
  readonly suffix?: string | undefined;
  readonly upper?: boolean | undefined;
  readonly reserved?: string | undefined;
}

export interface MaskSection extends Common {
  readonly kind: 'mask';
  readonly of: string;
  readonly name?: string | undefined;
}

export type Group =
  | readonly string[]
  | {
      readonly members: readonly string[];
      readonly offset?: bigint | undefined;
      readonly size?: bigint | undefined;
    };

export interface StructSection extends Common {
  readonly kind: 'struct';
  readonly of: string;
  readonly name: string;
  readonly groups?: readonly Group[] | undefined;
  readonly rename?: Names | undefined;
  readonly widen?: Readonly<Record<string, bigint>> | undefined;
  readonly types?: TypeNames | undefined;
  readonly padding?: readonly string[] | undefined;
  readonly align?: string | undefined;
}

export type Section =
  | CallsSection
  | RangeSection
  | ConstantsSection
  | CountsSection
  | ValueSection
  | AccessorsSection
  | LabelsSection
  | EnumSection
  | FieldsSection
  | MaskSection
  | StructSection;
