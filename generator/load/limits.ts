/** A specification is untrusted input; these bound what reading one can cost. */
export const limits = {
  /** UTF-16 units of one file. */
  fileSize: 4 * 1024 * 1024,
  files: 4096,
  /** Levels of maps and lists; the language needs seven. */
  depth: 32,
  /** Characters of one scalar as it stands in the file. */
  scalarLength: 10_000,
  nameLength: 64,
  /** Characters of a summary, doc or note. */
  proseLength: 2000,
  /** Characters of one condition. */
  conditionLength: 8000,
  arrayCount: 65536,
  /** Bytes of a struct. */
  structSize: 16 * 1024 * 1024,
} as const;
