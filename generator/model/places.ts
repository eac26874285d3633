import type { Span } from '../diagnostics/index.js';

/**
 * Where in a file stands what is said about a definition or a part of one: beside the model, which stays plain
 * data. A diagnostic points at the value that is wrong rather than at the name of what has it.
 */
const places = new WeakMap<object, (key: string) => Span | undefined>();

/** Remembers where the value of a key of `made` stands. */
export function setPlaces(made: object, at: (key: string) => Span | undefined): void {
  places.set(made, at);
}

/** Where the first of the keys that is given has its value; where the name stands when none is. */
export function placeOf(made: { readonly span: Span }, ...keys: readonly string[]): Span {
  const at = places.get(made);
  for (const key of keys) {
    const place = at?.(key);
    if (place !== undefined) return place;
  }
  return made.span;
}
