/**
 * What a template sees. Plain data, every name an identifier that has been checked, every number exact.
 * `section` is always the document's, `spec` the path of an item in the specification (`RmiRecExit.imm`).
 */
export interface View {
  readonly summary: string;
  readonly license: string;
  readonly guard: string;
  readonly document: string;
  readonly version: string;
  /** The version whose sections are cited. */
  readonly sections_of: string;
  readonly title: string;
  /** The file name of the target's first output: what a test includes. */
  readonly header: string;
  readonly includes: readonly string[];
  readonly includes_c: readonly string[];
  /** In the order of the target. */
  readonly sections: readonly SectionView[];
  /** Sections that an assembler can read as well. */
  readonly macros: readonly SectionView[];
  /** Sections that declare types. */
  readonly types: readonly SectionView[];
}

interface Common {
  /** The item that the section is of; empty when it is of several. */
  readonly of: string;
  readonly section: string;
  /** Opens the section: the comment of the target, else the summary of the item; without a full stop. */
  readonly intro: string;
  readonly style: string;
  /** Every integer constant that the section defines. */
  readonly defines: readonly Define[];
}

export interface Define {
  readonly name: string;
  readonly value: bigint;
  readonly spec: string;
  readonly section: string;
  /** The name in the specification, without its item. */
  readonly label: string;
  /** A phrase without a full stop. */
  readonly doc: string;
}

export interface Call extends Define {
  /** The field at the bottom of the FID; the whole of it when the target names no layout. */
  readonly number: bigint;
  /** How far that is above the interface's first. */
  readonly offset: bigint;
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
}

export interface Argument {
  /** 1 for X1. */
  readonly register: number;
  readonly name: string;
  readonly doc: string;
  /** `7:0`; `0` for one bit; empty for the whole register. */
  readonly bits: string;
}

export interface CallsView extends Common {
  readonly kind: 'calls';
  /** The macro that makes a FID, and what it calls the function number; empty when the target names none. */
  readonly macro: string;
  readonly argument: string;
  /** The labels that every FID of the section has in the enumerated fields of its layout. */
  readonly fid: Readonly<Record<string, string>>;
  readonly defines: readonly Call[];
}

export interface PlainView extends Common {
  readonly kind: 'constants' | 'counts' | 'labels' | 'range';
}

export interface ValueView extends Common {
  readonly kind: 'value';
  readonly name: string;
  readonly value: bigint;
  /** High bits first. */
  readonly parts: readonly { readonly name: string; readonly lsb: number }[];
}

export interface Getter {
  readonly name: string;
  readonly argument: string;
  readonly field: string;
  readonly lsb: number;
  /** The field's greatest value. */
  readonly max: bigint;
  readonly masked: boolean;
  /** The mask of this target to extract with; empty when there is none to be used. */
  readonly mask: string;
  /** Whether the field stays where it stands in the value. */
  readonly unshifted: boolean;
  /** A value with every bit of the field set and no other, what comes of it, and one with every other bit. */
  readonly inside: bigint;
  readonly result: bigint;
  readonly outside: bigint;
  /** The same for each value of the macro that a bit number is computed from; empty where none is. */
  readonly variants: readonly (Variant & {
    readonly inside: bigint;
    readonly result: bigint;
    readonly outside: bigint;
  })[];
}

/** A value of a macro that decides on bit numbers. */
export interface Variant {
  readonly boundary: string;
  readonly at: bigint;
}

export interface Maker {
  readonly name: string;
  readonly parts: readonly { readonly argument: string; readonly lsb: number }[];
  /** For each field in turn: its greatest value among zeros, and what comes of it. */
  readonly samples: readonly { readonly arguments: readonly bigint[]; readonly value: bigint }[];
}

export interface AccessorsView extends Common {
  readonly kind: 'accessors';
  readonly getters: readonly Getter[];
  readonly maker: Maker | undefined;
}

export interface BitsDefine extends Define {
  readonly msb: number;
  readonly lsb: number;
  /** The bit numbers as the output has them: `51`, or `PAGE_SHIFT - 1`. */
  readonly high: string;
  readonly low: string;
  /** Whether a mask of 32 bits cannot hold it. */
  readonly wide: boolean;
  /** Set where a bit number is computed: the mask for each value of the macro that it is computed from. */
  readonly variants: readonly (Variant & { readonly value: bigint })[];
  readonly single: boolean;
  /** Bits. */
  readonly width: number;
  /** What this target calls the type of the field's values; empty when it declares none. */
  readonly named: string;
}

export interface FieldsView extends Common {
  readonly kind: 'fields';
  /** What the target calls the type of a whole value; empty when it has none. */
  readonly name: string;
  /** The integer that holds it; empty when the target names none of the size. */
  readonly type: string;
  readonly defines: readonly BitsDefine[];
}

export interface MaskView extends Common {
  readonly kind: 'mask';
  readonly name: string;
  readonly value: bigint;
  readonly register: string;
  readonly bits: readonly {
    readonly name: string;
    readonly msb: number;
    readonly lsb: number;
    readonly single: boolean;
  }[];
  readonly excluded: readonly { readonly name: string; readonly reason: string }[];
}

export interface EnumView extends Common {
  readonly kind: 'enum';
  readonly name: string;
  /** The integer that holds a value; empty when the target names none of the size. */
  readonly type: string;
}

/** A member as it is declared: `type name[array]`. Offsets and sizes in bytes. */
export interface MemberView {
  readonly name: string;
  readonly type: string;
  /** The macro for the length of an array; empty when the target has none. */
  readonly array: string;
  /** The length as a number; 0 for a single value. */
  readonly count: number;
  readonly offset: number;
  readonly size: number;
  readonly padding: boolean;
  readonly doc: string;
  readonly spec: string;
  /** Set when the type is wider than the document's: what that is, and what the rest of the bytes are. */
  readonly widened: { readonly type: string; readonly rest: string } | undefined;
  /** The macros or the enum of this target that name the member's values or bits. */
  readonly values: { readonly first: string; readonly last: string; readonly enum: string } | undefined;
  /** What this target calls the type of the member's values; empty when it declares none. */
  readonly named: string;
  /** Whether that is a struct. */
  readonly struct: boolean;
  /** The mask of this target that says which bits may be set. */
  readonly permitted: string;
}

export interface GroupView {
  readonly offset: number;
  readonly size: number;
  /** Where the group after it begins, or the struct ends. */
  readonly end: number;
  /** Whether the members share a union with a padding; else they stand in the struct itself. */
  readonly union: boolean;
  /** Whether several members need a struct inside the union. */
  readonly nested: boolean;
  readonly members: readonly MemberView[];
  readonly padding: MemberView | undefined;
}

export interface StructView extends Common {
  readonly kind: 'struct';
  readonly name: string;
  readonly size: number;
  /** Bytes; 0 when nothing is asked for. */
  readonly align: number;
  readonly groups: readonly GroupView[];
  /** Every member of every group with the paddings, by offset; a union's padding after its members. */
  readonly members: readonly MemberView[];
}

export type SectionView =
  | CallsView
  | PlainView
  | ValueView
  | AccessorsView
  | FieldsView
  | MaskView
  | EnumView
  | StructView;
