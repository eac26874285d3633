/** What a log may ask for. */
export const limits = {
  /** Bytes of a file. */
  fileSize: 64 * 1024 * 1024,
  /** Characters of a line that are looked at; no line of the firmware comes near. */
  line: 4096,
  /** Calls in a log. */
  calls: 200_000,
  /** Broken lines that are told of. */
  problems: 100,
  /** Granules of memory: 1 TiB. */
  granules: 2 ** 28,
} as const;
