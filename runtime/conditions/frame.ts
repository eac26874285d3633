import type { Place } from './place.js';

/** An object of the abstract state and where it lives. */
export interface StateObject {
  /** The function of chapter B3 that returns it: Granule, Realm, Rec or Rtt. */
  readonly function: string;
  /** Physical address, in bytes. */
  readonly address: number;
  readonly value: object;
}

/** The abstract state as something that can be gone through. */
export interface Inventory {
  objects(): Iterable<StateObject>;
  /** The objects that a place of a footprint stands for, and the paths in them; empty when there are none. */
  locate(place: Place): readonly Place[];
}

/** A change that the footprint does not permit. */
export interface Breach {
  readonly function: string;
  readonly address: number;
  readonly path: readonly (string | number)[];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Paths below which two values differ, skipping what is permitted; stops at the first. */
function firstDifference(
  before: unknown,
  after: unknown,
  path: readonly (string | number)[],
  permitted: readonly (readonly (string | number)[])[],
): readonly (string | number)[] | undefined {
  if (
    Object.is(before, after) ||
    permitted.some((one) => one.length === path.length && one.every((step, i) => step === path[i]))
  )
    return undefined;
  if (!isObject(before) || !isObject(after)) return path;
  const below = permitted.filter(
    (one) => one.length > path.length && path.every((step, i) => step === one[i]),
  );
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of keys) {
    const step = Array.isArray(before) || ArrayBuffer.isView(before) ? Number(key) : key;
    const found = firstDifference(before[key], after[key], [...path, step], below);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * "Nothing else changed" (B1.9): the first change between two states that lies in no place of the footprint. An
 * object that appears or goes is permitted where the footprint has the state of its Granule: the document leaves its
 * attributes out then.
 */
export function firstBreach(
  before: Inventory,
  after: Inventory,
  footprint: readonly Place[],
): Breach | undefined {
  const permitted = new Map<string, (readonly (string | number)[])[]>();
  const permit = (place: Place): void => {
    const key = `${place.function} ${place.arguments[0]}`;
    const paths = permitted.get(key);
    if (paths === undefined) permitted.set(key, [place.path]);
    else paths.push(place.path);
  };
  for (const place of footprint) {
    for (const inventory of [before, after]) for (const located of inventory.locate(place)) permit(located);
  }
  const stateMayChange = (address: number): boolean =>
    permitted.get(`Granule ${address}`)?.some((path) => path.length === 0 || path[0] === 'state') ?? false;

  const earlier = new Map<string, StateObject>();
  for (const object of before.objects()) earlier.set(`${object.function} ${object.address}`, object);
  for (const object of after.objects()) {
    const key = `${object.function} ${object.address}`;
    const was = earlier.get(key);
    earlier.delete(key);
    if (was === undefined) {
      if (!stateMayChange(object.address))
        return { function: object.function, address: object.address, path: [] };
      continue;
    }
    const path = firstDifference(was.value, object.value, [], permitted.get(key) ?? []);
    if (path !== undefined) return { function: object.function, address: object.address, path };
  }
  for (const object of earlier.values()) {
    if (!stateMayChange(object.address))
      return { function: object.function, address: object.address, path: [] };
  }
  return undefined;
}
