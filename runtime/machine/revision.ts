/** An interface revision (B2). */
export interface Revision {
  readonly major: number;
  readonly minor: number;
}

/** Widths of the fields of a revision, as what is beyond them (B2). */
const MAJORS = 2 ** 15;
const MINORS = 2 ** 16;

/** @throws TypeError, RangeError that say what was expected */
export function checkRevisions(revisions: readonly Revision[]): void {
  if (revisions.length === 0) throw new TypeError('revisions: expected at least one');
  for (const [i, { major, minor }] of revisions.entries()) {
    if (!Number.isInteger(major) || !Number.isInteger(minor))
      throw new TypeError(`revisions[${i}]: expected whole numbers, got ${major}.${minor}`);
    if (major < 0 || major >= MAJORS || minor < 0 || minor >= MINORS)
      throw new RangeError(`revisions[${i}]: ${major}.${minor} does not fit in 15 and 16 bits`);
    if (i > 0 && order(revisions[i - 1]!, { major, minor }) >= 0)
      throw new RangeError(`revisions[${i}]: expected the lowest first, got ${major}.${minor}`);
  }
}

const order = (a: Revision, b: Revision): number => a.major - b.major || a.minor - b.minor;

/** Which of the supported revisions, lowest first, serves a request, by the three cases of B2. */
export function negotiate(
  supported: readonly Revision[],
  requested: Revision,
): { readonly compatible: boolean; readonly lower: Revision; readonly higher: Revision } {
  const higher = supported.at(-1)!;
  if (supported.some((one) => order(one, requested) === 0))
    return { compatible: true, lower: requested, higher };
  const below = supported.filter((one) => order(one, requested) < 0);
  return { compatible: false, lower: below.at(-1) ?? higher, higher };
}
