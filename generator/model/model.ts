import type { Span } from '../diagnostics/index.js';

/**
 * The specification as the rest of the generator sees it: names resolved, numbers exact, everything frozen,
 * and a place in a file behind each value. No YAML and no output text in here.
 */

/** Where a fact stands: a section of the document (`B4.4.14`), or an entry of another one (`Arm ARM ..., ICH_HCR_EL2`). */
export type Citation = string;

export interface Item {
  readonly name: string;
  readonly section: Citation;
  /** One sentence in our own words. */
  readonly summary: string;
  /** Where sources disagree, or the document errs. */
  readonly note: string | undefined;
  /** The name in its file. */
  readonly span: Span;
}

/** A named part of an item; it inherits the item's section. */
export interface Part {
  readonly name: string;
  readonly doc: string;
  readonly note: string | undefined;
  readonly span: Span;
}

/** `UIntN`, `BitsN`, `IntN` and `Address` (C2). Widths in bits. */
export interface Primitive {
  readonly kind: 'primitive';
  readonly name: string;
  readonly width: number;
  readonly signed: boolean;
}

export interface Alias extends Item {
  readonly kind: 'alias';
  readonly type: Type;
}

export interface Label extends Part {
  /** Undefined in an abstract enumeration. A signed value is negative here, not two's complement. */
  readonly value: bigint | undefined;
  readonly of: Enumeration;
}

export interface Enumeration extends Item {
  readonly kind: 'enumeration';
  readonly abstract: boolean;
  /** Bits; 0 when abstract. */
  readonly width: number;
  readonly signed: boolean;
  /** Whether encodings without a label exist and are reserved. */
  readonly reserved: boolean;
  readonly labels: readonly Label[];
}

/** SBZ and MBZ are the document's; RES0 and RES1 the architecture's. */
export type Reserved = 'SBZ' | 'MBZ' | 'RES0' | 'RES1';

export interface BitRange {
  readonly msb: number;
  readonly lsb: number;
}

export interface Field extends Part, BitRange {
  /** Plain bits where the layout depends on another value. */
  readonly type: Type;
  readonly cases: FieldCases | undefined;
}

/** The layouts of a field whose meaning another value decides. */
export interface FieldCases {
  /** A field of the same fieldset, or a part of another type; undefined when only its type is known. */
  readonly by: { readonly of: string; readonly part: string } | undefined;
  /** The type of what decides. */
  readonly selector: Enumeration;
  readonly cases: readonly FieldCase[];
}

export interface FieldCase {
  readonly name: string;
  /** The labels for which the bits have this layout; undefined for all that no other case has. */
  readonly when: readonly Label[] | undefined;
  /** Undefined where the bits have no layout. */
  readonly type: Fieldset | undefined;
  readonly doc: string | undefined;
  readonly span: Span;
}

export interface ReservedBits extends BitRange {
  readonly as: Reserved;
  readonly span: Span;
}

/** What a fieldset is when it lays out an architectural register rather than a value of the document. */
export interface RegisterInfo {
  /** As the architecture writes it: `ICH_LR<n>_EL2`. */
  readonly title: string;
  /** How many there are. */
  readonly count: number;
  readonly access: 'RW' | 'RO' | 'WO';
}

export interface Fieldset extends Item {
  readonly kind: 'fieldset';
  readonly width: number;
  /** Low bits first. */
  readonly fields: readonly Field[];
  readonly reserved: readonly ReservedBits[];
  readonly register: RegisterInfo | undefined;
}

export interface Member extends Part {
  /** Bytes from the start of the struct; 0 when abstract. */
  readonly offset: number;
  readonly type: Type;
  /** Elements of an array, back to back; undefined for a single value. */
  readonly count: number | undefined;
  /** The register whose layout the value has. */
  readonly register: Fieldset | undefined;
  /** The bits that the Host may set. */
  readonly permitted: Mask | undefined;
  /** The value that the member always holds. */
  readonly value: bigint | undefined;
}

export interface ReservedBytes {
  readonly offset: number;
  readonly size: number;
  readonly as: Reserved;
  readonly span: Span;
}

export interface Struct extends Item {
  readonly kind: 'struct';
  readonly abstract: boolean;
  /** Bytes; 0 when abstract. */
  readonly size: number;
  /** By offset when concrete, in the document's order when abstract. */
  readonly members: readonly Member[];
  readonly reserved: readonly ReservedBytes[];
  /** What bytes are that belong to no member and no reserved range. */
  readonly unused: Reserved | undefined;
}

export type Type = Primitive | Alias | Enumeration | Fieldset | Struct;

export interface Exclusion {
  readonly field: Field;
  readonly reason: string;
  readonly span: Span;
}

export interface Mask extends Item {
  readonly kind: 'mask';
  readonly register: Fieldset;
  readonly fields: readonly Field[];
  /** Fields that one might expect in the mask, with the reason why they are not. */
  readonly excluded: readonly Exclusion[];
  readonly value: bigint;
}

export interface Constant extends Item {
  readonly kind: 'constant';
  readonly value: bigint;
  readonly unit: 'bytes' | 'bits' | 'granules' | undefined;
}

/** A key of a CBOR map and what stands there. */
export interface MapEntry extends Part {
  readonly section: Citation;
  readonly key: number;
  /** `bytes`, `text`, `int`, or the name of an enumeration, a fieldset or a map. */
  readonly type: string;
  /** Bytes that a byte string can have; any number when empty. */
  readonly sizes: readonly number[];
  /** Elements of an array: exactly that many. */
  readonly count: number | undefined;
  /** Elements of an array: at least that many. */
  readonly least: number | undefined;
  /** The text that the entry always holds. */
  readonly value: string | undefined;
  /** The first byte of a byte string. */
  readonly first: number | undefined;
  readonly optional: boolean;
}

/** A CBOR map with integers for keys (RFC 8949). */
export interface CborMap extends Item {
  readonly kind: 'map';
  /** The CBOR tag that stands before the map. */
  readonly tag: number | undefined;
  readonly entries: readonly MapEntry[];
}

/** An input or output value of a command: bits of a general-purpose register. */
export interface CommandValue extends Part, BitRange {
  /** 0 for X0. */
  readonly register: number;
  readonly type: Type;
}

/** Text of a condition and its place, to be read by the condition language. */
export interface Text {
  readonly text: string;
  readonly span: Span;
}

export interface Prose {
  readonly text: string;
  /** The runtime function that answers for it. */
  readonly by: string;
}

/** How an item that conditions are made of stands to the document's text. */
export interface Origin {
  /** The text as the document has it, where that cannot be meant and another was put in its place. */
  readonly document: string | undefined;
  /** Whether the document lacks the item altogether. */
  readonly added: boolean;
}

export interface Context extends Part, Origin {
  readonly type: TypeUse;
  readonly value: Text;
  readonly before: boolean;
}

export interface Failure extends Part, Origin {
  readonly pre: Text | Prose;
  readonly post: Text;
}

export interface Success extends Part, Origin {
  /** When given, `post` is promised only if it held. */
  readonly pre: Text | Prose | undefined;
  readonly post: Text | Prose;
}

export interface FootprintItem extends Part, Origin {
  readonly value: Text;
}

export interface Interface {
  readonly name: string;
  readonly section: Citation;
  readonly major: number;
  readonly minor: number;
  readonly fids: readonly { readonly first: bigint; readonly last: bigint }[];
  readonly note: string | undefined;
  readonly span: Span;
}

export interface Command extends Item {
  readonly kind: 'command';
  readonly interface: Interface;
  readonly fid: bigint;
  readonly inputs: readonly CommandValue[];
  readonly outputs: readonly CommandValue[];
  readonly context: readonly Context[];
  readonly failures: readonly Failure[];
  readonly order: readonly Text[];
  /** Failures to evaluate first where the order leaves a choice. */
  readonly prefer: readonly Text[];
  readonly success: readonly Success[];
  readonly footprint: readonly FootprintItem[];
  readonly notes: readonly string[];
}

/** A type as conditions use it: also unbounded integers, truth values, bit strings of any width, and arrays. */
export interface TypeUse {
  readonly type: Type | 'integer' | 'boolean' | 'bits';
  readonly count: number | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly type: TypeUse;
  readonly span: Span;
}

export interface Signature {
  readonly parameters: readonly Parameter[];
  /** Undefined for an inductive function, which names state rather than computes a value. */
  readonly returns: TypeUse | undefined;
}

export interface ConditionFunction extends Item {
  readonly kind: 'function';
  readonly signatures: readonly Signature[];
  readonly inductive: boolean;
  /** When the function has no value, in words; undefined when it always has one. */
  readonly partial: string | undefined;
  /** Equality of a concrete and an abstract enumeration, label by label. */
  readonly sameLabel: boolean;
  readonly body: Text | undefined;
  readonly behaviour: string | undefined;
}

export interface Model {
  /** The folder's name, such as `rmm-1.0-rel0`. */
  readonly id: string;
  readonly document: string;
  readonly version: string;
  readonly title: string;
  /** What is claimed of this version, and on which sources. */
  readonly note: string | undefined;
  /** The version of the document whose sections are cited. */
  readonly sections: string;
  /** Whether it says what commands promise, or only what they take and answer. */
  readonly scope: 'complete' | 'interface';
  readonly interfaces: readonly Interface[];
  readonly types: ReadonlyMap<string, Exclude<Type, Primitive>>;
  readonly masks: ReadonlyMap<string, Mask>;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly maps: ReadonlyMap<string, CborMap>;
  readonly commands: ReadonlyMap<string, Command>;
  readonly functions: ReadonlyMap<string, ConditionFunction>;
}
