/** What a header defines, written down by hand from the header that ours stands in for. */
export interface Facts {
  readonly header: string;
  /** Value by macro or enumerator, with the C type of the expression. */
  readonly constants: Readonly<Record<string, readonly [value: bigint, type: string]>>;
  /** Function-like macros: an expression that uses one, and its value. */
  readonly expressions: Readonly<Record<string, bigint>>;
  /** By tag, size and alignment in bytes. */
  readonly structs: Readonly<Record<string, readonly [size: number, align: number]>>;
  /** `tag.member`, with its offset in bytes and its type. */
  readonly members: readonly (readonly [path: string, offset: number, type: string])[];
  readonly enums: readonly string[];
}
