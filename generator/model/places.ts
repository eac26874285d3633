import type { Span } from '../diagnostics/index.js';

/** The place of a name, from which the places of what is said about it are found. */
interface NameSpan extends Span {
  readonly names?: { readonly entries?: ReadonlyMap<string, { readonly value: { readonly span: Span } }> };
}

/**
 * Where the first of the keys that is given has its value; where the name stands when none is. A diagnostic
 * points at the value that is wrong rather than at the name of what has it.
 */
export function placeOf(part: { readonly span: NameSpan }, ...keys: readonly string[]): Span {
  for (const key of keys) {
    const found = part.span.names?.entries?.get(key);
    if (found !== undefined) return found.value.span;
  }
  return part.span;
}
