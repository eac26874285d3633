import type { GranuleTable } from '../machine/granules.js';
import { Objects } from './objects.js';
import type { Realm } from './realm.js';
import type { Rec } from './rec.js';
import { entryIndex, Rtt } from './rtt.js';

/** Where an RTT walk ended (A5.5.10). */
export interface Walk {
  readonly rtt: Rtt;
  readonly index: number;
}

/** Everything that the RMM keeps: the state of Granules, and the objects that they hold. */
export class Store {
  readonly granules: GranuleTable;
  readonly realms = new Objects<Realm>();
  readonly recs = new Objects<Rec>();
  readonly rtts = new Objects<Rtt>();
  /** VMIDs in use, with the RD of their Realm. */
  readonly vmids = new Map<number, number>();
  /** Tables out of use: making one costs more than all else that RMI_RTT_CREATE does. */
  readonly #spare: Rtt[] = [];

  constructor(granules: GranuleTable) {
    this.granules = granules;
  }

  /** A table at an address that holds none; its entries are to be filled. */
  addTable(address: number, level: number, ipa: number, rd: number): Rtt {
    let rtt = this.#spare.pop();
    if (rtt === undefined) rtt = new Rtt(address, level, ipa, rd);
    else rtt.place(address, level, ipa, rd);
    this.rtts.set(address, rtt);
    return rtt;
  }

  /** Takes a table away to which no entry leads any more and that leads to no other. */
  removeTable(rtt: Rtt): void {
    this.rtts.delete(rtt.address);
    this.#spare.push(rtt);
  }

  /** Walks a Realm's RTTs towards an IPA of its IPA space, down to a level at most. */
  walk(realm: Realm, ipa: number, level: number): Walk {
    const { rtt_level_start: start, roots } = realm;
    let rtt = roots.length === 1 ? roots[0]! : roots[Math.floor(ipa / (roots[0]!.ipaOf(1) * 512))]!;
    let index = entryIndex(ipa, start);
    for (let at = start; at < level; at++) {
      const child = rtt.children[index];
      if (child === undefined) break;
      rtt = child;
      index = entryIndex(ipa, at + 1);
    }
    return { rtt, index };
  }
}
