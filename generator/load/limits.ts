/** A specification is untrusted input; these bound what reading one can cost. */
export const limits = {
  /** UTF-16 units of one file; the longest of the document's has a tenth of it. */
  fileSize: 512 * 1024,
  /** Words and marks of one file, when the YAML library reads it. */
  lexemes: 60_000,
  files: 4096,
  /** Versions that share one target. */
  versions: 64,
  /** UTF-16 units of the files of one version together. */
  totalSize: 32 * 1024 * 1024,
  /** Levels of maps and lists, of which the language needs seven, and of types that stand on types. */
  depth: 32,
  /** Characters of one scalar as it stands in the file. */
  scalarLength: 10_000,
  nameLength: 64,
  /** Names that are looked at to guess what wrong ones were meant as. */
  comparisons: 100_000,
  /** Characters of a summary, doc or note. */
  proseLength: 2000,
  /** Characters of one condition. */
  conditionLength: 8000,
  arrayCount: 65536,
  /** Bytes of a struct. */
  structSize: 16 * 1024 * 1024,
} as const;
