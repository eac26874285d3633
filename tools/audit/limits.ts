/** A header is untrusted input; these bound what auditing one can cost. */
export const limits = {
  /** UTF-16 units of the header. */
  headerSize: 2 * 1024 * 1024,
  /** UTF-16 units of what the preprocessor makes of it, with all that it includes. */
  preprocessedSize: 32 * 1024 * 1024,
  tokens: 4_000_000,
  /** Levels of structs inside structs, and of brackets. */
  depth: 32,
  /** UTF-16 units of one declaration or macro. */
  itemSize: 256 * 1024,
  /** Macros, enumerators and members that are put to the compiler. */
  probes: 20_000,
  /** Times that the compiler is started for one header. */
  runs: 24,
  /** Headers that are answered by an empty file. */
  absent: 256,
  nameLength: 256,
} as const;
