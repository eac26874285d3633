import type { GranuleTable } from '../machine/granules.js';
import { Realm } from './realm.js';
import { Rec } from './rec.js';
import { entryIndex, Rtt } from './rtt.js';

/** Where an RTT walk ended (A5.5.10). */
export interface Walk {
  readonly rtt: Rtt;
  readonly index: number;
}

/** Everything that the RMM keeps: the state of Granules, and the objects that they hold. */
export class Store {
  readonly granules: GranuleTable;
  readonly realms = new Map<number, Realm>();
  readonly recs = new Map<number, Rec>();
  readonly rtts = new Map<number, Rtt>();
  /** VMIDs in use, with the RD of their Realm. */
  readonly vmids = new Map<number, number>();

  constructor(granules: GranuleTable) {
    this.granules = granules;
  }

  /** Walks a Realm's RTTs towards an IPA of its IPA space, down to a level at most. */
  walk(realm: Realm, ipa: number, level: number): Walk {
    const { rtt_level_start: start } = realm;
    let rtt =
      realm.roots.length === 1
        ? realm.roots[0]!
        : realm.roots[Math.floor(ipa / (realm.roots[0]!.ipaOf(1) * 512))]!;
    let index = entryIndex(ipa, start);
    for (let at = start; at < level; at++) {
      const child = rtt.children[index];
      if (child === undefined) break;
      rtt = child;
      index = entryIndex(ipa, at + 1);
    }
    return { rtt, index };
  }

  /** Makes this store equal to another; objects that stay keep their identity here. */
  copyFrom(other: Store): void {
    this.granules.copyFrom(other.granules);
    copyObjects(this.realms, other.realms, (realm) => new Realm(realm.rd));
    copyObjects(this.recs, other.recs, (rec) => new Rec(rec.address));
    for (const address of [...this.rtts.keys()]) {
      const theirs = other.rtts.get(address);
      const mine = this.rtts.get(address)!;
      if (
        theirs === undefined ||
        theirs.level !== mine.level ||
        theirs.ipa !== mine.ipa ||
        theirs.rd !== mine.rd
      )
        this.rtts.delete(address);
    }
    copyObjects(this.rtts, other.rtts, (rtt) => new Rtt(rtt.address, rtt.level, rtt.ipa, rtt.rd));
    for (const [address, theirs] of other.rtts) {
      const mine = this.rtts.get(address)!;
      for (let i = 0; i < theirs.children.length; i++) {
        const child = theirs.children[i];
        mine.children[i] = child === undefined ? undefined : this.rtts.get(child.address);
      }
    }
    for (const [rd, theirs] of other.realms)
      this.realms.get(rd)!.roots = theirs.roots.map((root) => this.rtts.get(root.address)!);
    this.vmids.clear();
    for (const [vmid, rd] of other.vmids) this.vmids.set(vmid, rd);
  }
}

function copyObjects<T extends { copyFrom(other: T): void }>(
  mine: Map<number, T>,
  theirs: ReadonlyMap<number, T>,
  make: (one: T) => T,
): void {
  for (const address of [...mine.keys()]) if (!theirs.has(address)) mine.delete(address);
  for (const [address, one] of theirs) {
    let own = mine.get(address);
    if (own === undefined) {
      own = make(one);
      mine.set(address, own);
    }
    own.copyFrom(one);
  }
}
