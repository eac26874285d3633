import type { Snapshot } from './snapshot.js';

/** Something that no sequence of commands may bring about. */
export interface InvariantBreach {
  readonly invariant: string;
  readonly section: string;
  readonly detail: string;
}

const at = (address: number): string => `0x${address.toString(16)}`;

interface View {
  readonly snapshot: Snapshot;
  readonly stateOf: ReadonlyMap<number, string>;
}

interface Invariant {
  readonly name: string;
  readonly section: string;
  readonly check: (view: View) => Iterable<string>;
}

const PAGE = 4096;
const size = (level: number): number => 2 ** (12 + 9 * (3 - level));

/**
 * What holds between commands whatever the Host does. The checker stands apart from the simulator: it knows a snapshot
 * and the document, nothing of how commands work.
 */
export const invariants: readonly Invariant[] = [
  {
    name: 'a Granule that the RMM or a Realm holds is in the Realm PAS, and no other is',
    section: 'A2.2.3.1',
    *check({ snapshot }) {
      for (const { address, state, gpt } of snapshot.granules) {
        if ((state === 'UNDELEGATED') === (gpt === 'GPT_REALM'))
          yield `${at(address)} is ${state} with ${gpt}`;
      }
    },
  },
  {
    name: 'an object lies in a Granule of its kind, and each such Granule holds one',
    section: 'A2.2.2',
    *check({ snapshot, stateOf }) {
      const held = new Map<number, string>();
      const hold = (address: number, kind: string): string | undefined => {
        const earlier = held.get(address);
        held.set(address, kind);
        return earlier === undefined ? undefined : `${at(address)} holds ${earlier} and ${kind}`;
      };
      for (const [kind, addresses] of [
        ['RD', snapshot.realms.map((realm) => realm.rd)],
        ['REC', snapshot.recs.map((rec) => rec.address)],
        ['RTT', snapshot.rtts.map((rtt) => rtt.address)],
      ] as const) {
        for (const address of addresses) {
          const twice = hold(address, kind);
          if (twice !== undefined) yield twice;
          if (stateOf.get(address) !== kind)
            yield `${kind} at ${at(address)}, whose Granule is ${stateOf.get(address) ?? 'UNDELEGATED'}`;
        }
      }
      for (const [address, state] of stateOf) {
        if (['RD', 'REC', 'RTT'].includes(state) && held.get(address) !== state)
          yield `${at(address)} is ${state} but holds none`;
      }
    },
  },
  {
    name: 'a DATA Granule is mapped once, at a Protected IPA of one Realm',
    section: 'A2.2.2',
    *check({ snapshot, stateOf }) {
      const mapped = new Map<number, number>();
      const widths = new Map(snapshot.realms.map((realm) => [realm.rd, Number(realm.attributes.ipa_width)]));
      for (const rtt of snapshot.rtts) {
        for (const [i, run] of rtt.entries.entries()) {
          if (run.state !== 'ASSIGNED') continue;
          const end = rtt.entries[i + 1]?.index ?? 512;
          for (let index = run.index; index < end; index++) {
            const ipa = rtt.ipa + index * size(rtt.level);
            if (ipa >= 2 ** ((widths.get(rtt.rd) ?? 0) - 1))
              yield `ASSIGNED at the Unprotected IPA ${at(ipa)}`;
            const base = run.addr + (index - run.index) * size(rtt.level);
            for (let address = base; address < base + size(rtt.level); address += PAGE) {
              if (stateOf.get(address) !== 'DATA')
                yield `${at(ipa)} maps ${at(address)}, which is ${stateOf.get(address) ?? 'UNDELEGATED'}`;
              if (mapped.has(address)) yield `${at(address)} is mapped twice`;
              mapped.set(address, ipa);
            }
          }
        }
      }
      for (const [address, state] of stateOf)
        if (state === 'DATA' && !mapped.has(address)) yield `${at(address)} is DATA but not mapped`;
    },
  },
  {
    name: 'the RTTs of a Realm form a tree under its starting level',
    section: 'A5.5.4',
    *check({ snapshot }) {
      const byAddress = new Map(snapshot.rtts.map((rtt) => [rtt.address, rtt]));
      const parents = new Map<number, number>();
      const adopt = function* (address: number, by: number): Iterable<string> {
        if (parents.has(address)) yield `the RTT at ${at(address)} has two parents`;
        parents.set(address, by);
      };
      for (const realm of snapshot.realms) {
        for (const [i, address] of realm.rtts.entries()) {
          yield* adopt(address, realm.rd);
          const root = byAddress.get(address);
          const level = Number(realm.attributes.rtt_level_start);
          if (
            root === undefined ||
            root.rd !== realm.rd ||
            root.level !== level ||
            root.ipa !== i * size(level) * 512
          )
            yield `${at(address)} is not starting RTT ${i} of ${at(realm.rd)}`;
          if (address !== Number(realm.attributes.rtt_base) + i * PAGE)
            yield `starting RTT ${i} of ${at(realm.rd)} is not contiguous`;
        }
        if (realm.rtts.length !== Number(realm.attributes.rtt_num_start))
          yield `${at(realm.rd)} has ${realm.rtts.length} starting RTTs`;
      }
      for (const rtt of snapshot.rtts) {
        for (const run of rtt.entries) {
          if (run.state !== 'TABLE') continue;
          yield* adopt(run.addr, rtt.address);
          const child = byAddress.get(run.addr);
          const ipa = rtt.ipa + run.index * size(rtt.level);
          if (
            child === undefined ||
            child.level !== rtt.level + 1 ||
            child.ipa !== ipa ||
            child.rd !== rtt.rd
          )
            yield `TABLE entry ${run.index} of ${at(rtt.address)} does not lead to its child`;
          if (rtt.level >= 3) yield `TABLE entry in a level ${rtt.level} RTT`;
        }
      }
      for (const rtt of snapshot.rtts)
        if (!parents.has(rtt.address)) yield `the RTT at ${at(rtt.address)} has no parent`;
    },
  },
  {
    name: 'the state of an RTTE fits its IPA and level',
    section: 'A5.5.4',
    *check({ snapshot }) {
      const widths = new Map(snapshot.realms.map((realm) => [realm.rd, Number(realm.attributes.ipa_width)]));
      for (const rtt of snapshot.rtts) {
        const middle = 2 ** ((widths.get(rtt.rd) ?? 0) - 1);
        for (const [i, run] of rtt.entries.entries()) {
          const first = rtt.ipa + run.index * size(rtt.level);
          const last = rtt.ipa + ((rtt.entries[i + 1]?.index ?? 512) - 1) * size(rtt.level);
          const isProtected = run.state === 'UNASSIGNED' || run.state === 'ASSIGNED';
          const isUnprotected = run.state === 'UNASSIGNED_NS' || run.state === 'ASSIGNED_NS';
          // Entries beyond the IPA space are never used; the table just has them.
          if (isProtected && last >= middle && first < middle * 2)
            yield `${run.state} at the Unprotected IPA ${at(last)}`;
          if (isUnprotected && first < middle) yield `${run.state} at the Protected IPA ${at(first)}`;
          if ((run.state === 'ASSIGNED' || run.state === 'ASSIGNED_NS') && rtt.level < 1)
            yield `${run.state} in a level ${rtt.level} RTT`;
        }
      }
    },
  },
  {
    name: 'each Realm has a VMID of its own',
    section: 'A2.1.3',
    *check({ snapshot }) {
      const owners = new Map<unknown, number>();
      for (const realm of snapshot.realms) {
        const other = owners.get(realm.attributes.vmid);
        if (other !== undefined) yield `${at(realm.rd)} and ${at(other)} share VMID ${realm.attributes.vmid}`;
        owners.set(realm.attributes.vmid, realm.rd);
      }
    },
  },
  {
    name: 'RECs belong to a Realm that counts them, and hold their own auxiliary Granules',
    section: 'A2.3.2',
    *check({ snapshot, stateOf }) {
      const counts = new Map(snapshot.realms.map((realm) => [realm.rd, 0]));
      const aux = new Map<number, number>();
      for (const rec of snapshot.recs) {
        if (!counts.has(rec.owner)) yield `the REC at ${at(rec.address)} has no Realm`;
        counts.set(rec.owner, (counts.get(rec.owner) ?? 0) + 1);
        for (const address of rec.attributes.aux as readonly number[]) {
          if (address === 0 && stateOf.get(0) !== 'REC_AUX') continue;
          if (stateOf.get(address) !== 'REC_AUX')
            yield `${at(address)} is an auxiliary Granule but ${stateOf.get(address) ?? 'UNDELEGATED'}`;
          if (aux.has(address)) yield `${at(address)} serves two RECs`;
          aux.set(address, rec.address);
        }
      }
      for (const [address, state] of stateOf)
        if (state === 'REC_AUX' && !aux.has(address)) yield `${at(address)} is REC_AUX but serves no REC`;
      for (const realm of snapshot.realms) {
        if (counts.get(realm.rd) !== Number(realm.attributes.num_recs))
          yield `${at(realm.rd)} counts ${realm.attributes.num_recs} RECs, not ${counts.get(realm.rd)}`;
        if (Number(realm.attributes.rec_index) < Number(realm.attributes.num_recs))
          yield `${at(realm.rd)} has more RECs than it ever made`;
      }
    },
  },
];

/** Every breach of an invariant in a snapshot. */
export function checkInvariants(snapshot: Snapshot): readonly InvariantBreach[] {
  const view: View = {
    snapshot,
    stateOf: new Map(snapshot.granules.map(({ address, state }) => [address, state])),
  };
  return invariants.flatMap(({ name, section, check }) =>
    [...check(view)].map((detail) => ({ invariant: name, section, detail })),
  );
}
