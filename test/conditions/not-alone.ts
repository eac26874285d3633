/**
 * What cannot be, with the reason: failures that never hold alone, and ordered failures that never hold together. The
 * tests search for a case to the contrary, and for a case of each failure and pair that is not listed here.
 */

/** Where the failure holds, one of the others holds as well. */
export interface NeverAlone {
  readonly commands: readonly string[];
  readonly failures: readonly string[];
  readonly others: readonly string[];
  readonly because: string;
  readonly sections: readonly string[];
}

export const neverAlone: readonly NeverAlone[] = [
  {
    commands: ['RMI_GRANULE_DELEGATE'],
    failures: ['gran_state'],
    others: ['gran_gpt'],
    because: 'a Granule in any state but UNDELEGATED has the GPT entry GPT_REALM',
    sections: ['A2.2.3'],
  },
  {
    commands: ['RMI_RTT_DESTROY', 'RMI_RTT_FOLD'],
    failures: ['rtt_walk'],
    others: ['rtte_state'],
    because: 'a walk that ends above the level asked for ends at an entry that is not a TABLE',
    sections: ['A5.5.10'],
  },
  {
    commands: ['RMI_RTT_SET_RIPAS'],
    failures: ['rd_align', 'rd_bound', 'rd_state'],
    others: ['rec_align', 'rec_bound', 'rec_gran_state', 'rec_owner'],
    because: 'the owner of a REC is the RD of a Realm: it is not rd, unless there is no REC at rec_ptr',
    sections: ['A2.2.2', 'A2.3.2'],
  },
];

/** Where `before` holds, `after` has no value (open) or is false. */
export interface NeverTogether {
  readonly commands: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly leaves: readonly ('open' | 'false')[];
  readonly because: string;
  readonly sections: readonly string[];
}

const NO_RD = 'there is a Realm, and a walk of its RTTs, only where the Granule at rd is an RD';
const NO_REC = 'there is a REC only where a Granule is a REC';
const NO_RUN = 'there is a RecRun object only in a Granule that the Non-secure PAS can read';

export const neverTogether: readonly NeverTogether[] = [
  {
    commands: ['RMI_DATA_CREATE', 'RMI_REALM_ACTIVATE', 'RMI_REC_CREATE', 'RMI_RTT_INIT_RIPAS'],
    before: ['rd_bound', 'rd_state'],
    after: ['realm_state', 'num_recs'],
    leaves: ['open'],
    because: NO_RD,
    sections: ['B3.29', 'A2.1.7'],
  },
  {
    commands: ['RMI_REALM_DESTROY'],
    before: ['rd_bound', 'rd_state'],
    after: ['realm_live'],
    leaves: ['open'],
    because: NO_RD,
    sections: ['B3.32', 'A2.1.7'],
  },
  {
    commands: [
      'RMI_DATA_CREATE',
      'RMI_DATA_CREATE_UNKNOWN',
      'RMI_DATA_DESTROY',
      'RMI_RTT_CREATE',
      'RMI_RTT_DESTROY',
      'RMI_RTT_FOLD',
      'RMI_RTT_INIT_RIPAS',
      'RMI_RTT_MAP_UNPROTECTED',
      'RMI_RTT_SET_RIPAS',
      'RMI_RTT_UNMAP_UNPROTECTED',
    ],
    before: ['rd_bound', 'rd_state'],
    after: ['rtt_walk', 'rtte_state', 'rtt_live', 'rtt_homo', 'base_align', 'no_progress'],
    leaves: ['open'],
    because: NO_RD,
    sections: ['B3.78', 'A5.5.10'],
  },
  {
    commands: ['RMI_REC_DESTROY', 'RMI_RTT_SET_RIPAS'],
    before: ['rec_bound', 'rec_gran_state'],
    after: ['rec_state', 'rec_owner'],
    leaves: ['open'],
    because: NO_REC,
    sections: ['B3.35'],
  },
  {
    commands: ['RMI_REC_ENTER'],
    before: ['rec_align', 'rec_bound', 'rec_gran_state'],
    after: ['rec_state', 'rec_runnable', 'realm_new', 'system_off', 'rec_psci'],
    leaves: ['open'],
    because: NO_REC,
    sections: ['B3.35'],
  },
  {
    commands: ['RMI_REC_ENTER'],
    before: ['rec_align', 'rec_bound', 'rec_gran_state'],
    after: ['rec_mmio'],
    leaves: ['open', 'false'],
    because: `${NO_REC}; rec_mmio is false whatever the REC where the Host does not say that it emulated an access`,
    sections: ['B3.35'],
  },
  {
    commands: ['RMI_REC_ENTER'],
    before: ['run_pas', 'run_align'],
    after: ['rec_gicv3'],
    leaves: ['open'],
    because: NO_RUN,
    sections: ['B3.41'],
  },
  {
    commands: ['RMI_REC_ENTER'],
    before: ['run_pas', 'run_align'],
    after: ['rec_mmio'],
    leaves: ['open', 'false'],
    because: `${NO_RUN}; rec_mmio is false whatever it holds after an Emulatable Data Abort`,
    sections: ['B3.41'],
  },
  {
    commands: ['RMI_RTT_CREATE', 'RMI_RTT_DESTROY', 'RMI_RTT_FOLD'],
    before: ['ipa_bound'],
    after: ['rtt_walk', 'rtte_state'],
    leaves: ['open'],
    because: 'a walk has an IPA below 2^ipa_width',
    sections: ['A5.5.10'],
  },
  {
    commands: ['RMI_RTT_CREATE'],
    before: ['level_bound'],
    after: ['rtte_state'],
    leaves: ['open', 'false'],
    because: 'the RTT above a level that is not one is at level 3, which has no TABLE, or not in the tree',
    sections: ['A5.5.4'],
  },
];
