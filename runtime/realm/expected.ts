import type { Expected, Rule } from '../machine/realm.js';

/** The document says what the value is. */
export function exactly(value: bigint, rule: Rule): Expected {
  return { value, permits: (observed) => observed === value, rule };
}

/** The document says what the value may be; `value` is one that it may. */
export function among(value: bigint, permits: (observed: bigint) => boolean, rule: Rule): Expected {
  return { value, permits, rule };
}

/** The document does not say, or what it says turns on something that is not known here. */
export function open(value: bigint, rule: Rule): Expected {
  return { value, permits: undefined, rule };
}
