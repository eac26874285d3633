/** What a trace may ask for: enough for every real one, little enough that none fills a computer. */
export const limits = {
  /** Bytes of a file. */
  fileSize: 64 * 1024 * 1024,
  /** Characters of a line. */
  line: 1024 * 1024,
  /** Granules of memory: 1 TiB. */
  granules: 2 ** 28,
  /** Granules whose contents are not zero. */
  pages: 64 * 1024,
  /** Realms, RECs and RTTs at a time. */
  objects: 16 * 1024,
  /** Actions that wait for a Realm to do them. */
  actions: 64 * 1024,
} as const;

/** Something that a trace may not ask for. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
  readonly what: string;
  readonly limit: number;

  constructor(what: string, limit: number) {
    super(`more than ${limit} ${what}`);
    this.what = what;
    this.limit = limit;
  }
}
