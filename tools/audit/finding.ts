/** How much a finding matters, the most first. */
export const ranks = ['wrong', 'wider', 'renamed', 'missing', 'other-version'] as const;
export type Rank = (typeof ranks)[number];

/** What is wrong, or why it is not. */
export type Fault =
  /** A number is another one. */
  | 'value'
  /** A mask, a shift or a width names other bits. */
  | 'bits'
  /** A member lies elsewhere. */
  | 'offset'
  /** A struct, or the elements of an array, have another size. */
  | 'size'
  /** A member reaches into the next. */
  | 'overlap'
  /** A value is signed and should not be, or the other way round. */
  | 'sign'
  /** A member or mask cannot hold all values. */
  | 'too-narrow'
  /** A member or mask takes in what is reserved after it. */
  | 'wider'
  | 'renamed'
  | 'missing'
  | 'other-version';

/** How a name of the header was matched with the specification. */
export type Match =
  | { readonly by: 'profile'; readonly target: string }
  | { readonly by: 'document' | 'words' | 'value' | 'offset' | 'layout' };

export interface Finding {
  readonly rank: Rank;
  readonly fault: Fault;
  /** As the header has it: `REC_ENTER_FLAG_TRAP_WFI`, `struct rec_exit.imm`; of what is missing, the document's. */
  readonly name: string;
  /** From 1; undefined for what is missing altogether. */
  readonly line: number | undefined;
  /** Path in the specification. */
  readonly path: string;
  readonly section: string;
  readonly expected: string;
  readonly found: string;
  readonly match: Match | undefined;
  /** What helps to mend it. */
  readonly note: string | undefined;
  /** Masks to draw, or undefined. */
  readonly bits: { readonly expected: bigint; readonly found: bigint } | undefined;
  /** The name whose mistake this one follows from. */
  readonly follows: string | undefined;
}

/** A finding of the usual kind. */
export function finding(
  rank: Rank,
  fault: Fault,
  rest: Pick<Finding, 'name' | 'line' | 'path' | 'section' | 'expected' | 'found'> & Partial<Finding>,
): Finding {
  return { match: undefined, note: undefined, bits: undefined, follows: undefined, ...rest, rank, fault };
}

/** The finding in a sentence. */
export function messageOf({ rank, fault, name, path, section, expected, found }: Finding): string {
  if (rank === 'missing') return `${path} (${section}) is missing: ${expected}`;
  const verb = fault === 'offset' ? 'is at' : 'is';
  return `${name} ${verb} ${found}; ${path} (${section}) ${verb} ${expected}`;
}
