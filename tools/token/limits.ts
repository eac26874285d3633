/** What a token may ask for: far more than a real one does. */
export const limits = {
  /** Bytes of a token. */
  size: 1024 * 1024,
  /** Bytes of a file that holds one, in whatever form. */
  fileSize: 4 * 1024 * 1024,
  /** Maps, arrays and tags inside each other. */
  depth: 16,
  /** Values of CBOR, keys included, in one encoding. */
  values: 10_000,
  /** Problems that are told of. */
  problems: 100,
} as const;
