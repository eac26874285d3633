/**
 * What a generated `metadata.ts` says of a version: layouts as data, for tools that decode, explain or compare
 * without the specification at hand. Types refer to each other by name; primitives (`UIntN`, `BitsN`, `IntN`,
 * `Address`) are not listed.
 */
export interface SpecificationMetadata {
  /** `rmm-1.0-rel0`. */
  readonly id: string;
  readonly document: string;
  readonly version: string;
  readonly title: string;
  readonly types: Readonly<Record<string, TypeMetadata>>;
  readonly masks: Readonly<Record<string, MaskMetadata>>;
  readonly constants: Readonly<Record<string, ConstantMetadata>>;
  readonly commands: Readonly<Record<string, CommandMetadata>>;
}

export interface ItemMetadata {
  readonly name: string;
  /** The section of the document, or the entry of another one. */
  readonly section: string;
  readonly summary: string;
}

export type TypeMetadata = EnumerationMetadata | FieldsetMetadata | StructMetadata | AliasMetadata;

export interface AliasMetadata extends ItemMetadata {
  readonly kind: 'alias';
  readonly type: string;
  readonly bits: number;
}

export interface EnumerationMetadata extends ItemMetadata {
  readonly kind: 'enumeration';
  readonly bits: number;
  readonly signed?: true;
  /** Whether encodings without a label exist and are reserved. */
  readonly reserved?: true;
  readonly labels: readonly LabelMetadata[];
}

export interface LabelMetadata {
  readonly name: string;
  /** A signed value is negative here, not two's complement. */
  readonly value: bigint;
  readonly doc: string;
}

export type ReservedAs = 'SBZ' | 'MBZ' | 'RES0' | 'RES1';

export interface BitsMetadata {
  readonly msb: number;
  readonly lsb: number;
}

export interface FieldMetadata extends BitsMetadata {
  readonly name: string;
  readonly type: string;
  readonly signed?: true;
  /** Set when the layout of the bits depends on another value. */
  readonly cases?: {
    /** A field beside this one, a part of another type (`TYPE.part`), or the enumeration alone. */
    readonly by: string;
    /** The enumeration of what decides. */
    readonly selector: string;
    /** Without `when` it has all labels that no other case has; without `type` the bits have no layout. */
    readonly cases: readonly {
      readonly name: string;
      readonly when?: readonly string[];
      readonly type?: string;
    }[];
  };
  readonly doc: string;
}

export interface FieldsetMetadata extends ItemMetadata {
  readonly kind: 'fieldset';
  readonly bits: number;
  /** Low bits first. */
  readonly fields: readonly FieldMetadata[];
  readonly reserved: readonly (BitsMetadata & { readonly as: ReservedAs })[];
  /** Of a register of the architecture: its name there, how many there are, and whether software may write it. */
  readonly register?: {
    readonly title: string;
    readonly count: number;
    readonly access: 'RW' | 'RO' | 'WO';
  };
}

export interface MemberMetadata {
  readonly name: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** Of one element. */
  readonly bits: number;
  /** Elements of an array; absent for a single value. */
  readonly count?: number;
  readonly type: string;
  readonly signed?: true;
  /** The fieldset that lays out the value. */
  readonly register?: string;
  /** The mask of the bits that the Host may set. */
  readonly permitted?: string;
  /** The value that the member always holds. */
  readonly value?: bigint;
  readonly doc: string;
}

export interface StructMetadata extends ItemMetadata {
  readonly kind: 'struct';
  /** Bytes. */
  readonly size: number;
  /** By offset. */
  readonly members: readonly MemberMetadata[];
  /** All bytes that belong to no member. */
  readonly reserved: readonly { readonly offset: number; readonly size: number; readonly as: ReservedAs }[];
}

export interface MaskMetadata extends ItemMetadata {
  /** The register that the mask is of. */
  readonly register: string;
  readonly fields: readonly string[];
  readonly value: bigint;
}

export interface ConstantMetadata extends ItemMetadata {
  readonly value: bigint;
  readonly unit?: 'bytes' | 'bits' | 'granules';
}

export interface CommandValueMetadata extends BitsMetadata {
  readonly name: string;
  /** 0 for X0. */
  readonly register: number;
  readonly type: string;
  readonly signed?: true;
  readonly doc: string;
}

export interface CommandMetadata extends ItemMetadata {
  readonly interface: string;
  readonly fid: number;
  readonly inputs: readonly CommandValueMetadata[];
  readonly outputs: readonly CommandValueMetadata[];
}

/** An entry of a CBOR map with integers for keys. */
export interface MapEntryMetadata {
  readonly key: number;
  /** `bytes`, `text`, `int`, or the name of an enumeration, a fieldset or a map. */
  readonly type: string;
  /** Bytes that a byte string can have; any number if absent. */
  readonly sizes?: readonly number[];
  /** Elements of an array: exactly that many. */
  readonly count?: number;
  /** Elements of an array: at least that many. */
  readonly least?: number;
  /** The text that the entry always holds. */
  readonly value?: string;
  /** The first byte of a byte string. */
  readonly first?: number;
  readonly optional?: true;
  readonly section: string;
  readonly doc: string;
}

export interface MapMetadata {
  readonly name: string;
  readonly section: string;
  /** The CBOR tag that stands before the map. */
  readonly tag?: number;
  readonly entries: Readonly<Record<string, MapEntryMetadata>>;
}
