/** An interface revision (B2). */
export interface Revision {
  readonly major: number;
  readonly minor: number;
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
