import type { Objects } from './objects.js';
import { Realm } from './realm.js';
import { Rec } from './rec.js';
import type { Store } from './store.js';

/** What a store keeps by address, named as the functions of chapter B3 that return it. */
export type Kind = 'Granule' | 'Realm' | 'Rec' | 'Rtt';

/** The objects in which two stores differ, by address: those of either that are not, with the same contents, in both. */
export type Difference = Readonly<Record<Kind, readonly number[]>>;

/** Attributes of an object that the document does not have. */
const internals = new Set(['rd', 'roots', 'address', 'last']);

/** The attributes of an object that the document has. */
export function attributes(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !internals.has(name)));
}

function sameArrays(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
  return true;
}

/** Whether two values hold the same, however deep. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || typeof a !== 'object' || a === null) return a === b;
  if (Array.isArray(a) || a instanceof Uint8Array) return sameArrays(a, b as ArrayLike<unknown>);
  return sameObjects(a, b as object);
}

function sameObjects(a: object, b: object): boolean {
  const these = a as Readonly<Record<string, unknown>>;
  const those = b as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(these))
    if (!internals.has(name) && !same(these[name], those[name])) return false;
  return Object.keys(these).length === Object.keys(those).length;
}

function differing<T extends object>(
  before: Objects<T>,
  after: Objects<T>,
  equal: (a: T, b: T) => boolean,
): number[] {
  const found: number[] = [];
  for (const [address, object] of before) {
    const other = after.get(address);
    if (other === undefined || !equal(object, other)) found.push(address);
  }
  for (const address of after.keys()) if (!before.has(address)) found.push(address);
  return found;
}

/** Where two stores over the same memory differ. Everything is looked at. */
export function differenceOf(before: Store, after: Store): Difference {
  return {
    Granule: before.granules.differences(after.granules),
    Realm: differing(before.realms, after.realms, sameObjects),
    Rec: differing(before.recs, after.recs, sameObjects),
    Rtt: differing(before.rtts, after.rtts, (a, b) => a.equals(b)),
  };
}

function update<T extends { copyFrom(other: T): void }>(
  addresses: readonly number[],
  into: Objects<T>,
  from: Objects<T>,
  make: (address: number) => T,
  remove: (object: T, address: number) => void,
): void {
  for (const address of addresses) {
    const theirs = from.get(address);
    let own = into.get(address);
    if (theirs === undefined) {
      if (own !== undefined) remove(own, address);
      continue;
    }
    if (own === undefined) {
      own = make(address);
      into.set(address, own);
    }
    own.copyFrom(theirs);
  }
}

/** Makes a store equal to another one, from which it differs in no more than a difference says. */
export function bringUpToDate(into: Store, from: Store, difference: Difference): void {
  for (const address of difference.Granule) into.granules.copyGranule(address, from.granules);
  const { realms, recs, rtts } = into;
  update(
    difference.Realm,
    realms,
    from.realms,
    (rd) => new Realm(rd),
    (_, rd) => realms.delete(rd),
  );
  update(
    difference.Rec,
    recs,
    from.recs,
    (at) => new Rec(at),
    (_, at) => recs.delete(at),
  );
  update(
    difference.Rtt,
    rtts,
    from.rtts,
    (at) => into.addTable(at, 0, 0, 0),
    (rtt) => into.removeTable(rtt),
  );
  // References between objects, once all of them are there.
  for (const address of difference.Rtt) {
    const theirs = from.rtts.get(address);
    if (theirs === undefined) continue;
    const { children } = rtts.get(address)!;
    for (let i = 0; i < theirs.children.length; i++) {
      const child = theirs.children[i];
      children[i] = child === undefined ? undefined : rtts.get(child.address);
    }
  }
  for (const rd of difference.Realm) {
    const theirs = from.realms.get(rd);
    if (theirs !== undefined) realms.get(rd)!.roots = theirs.roots.map((root) => rtts.get(root.address)!);
  }
  into.vmids.clear();
  for (const [vmid, rd] of from.vmids) into.vmids.set(vmid, rd);
}
