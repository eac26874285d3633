import {
  type Prose,
  RMI_DATA_CREATE,
  RMI_GRANULE_DELEGATE,
  type RmiDataCreateInput,
  type RmiGranuleDelegateInput,
  RmmGptEntry,
  type RmmGranule,
  RmmGranuleState,
  RmmHashAlgorithm,
  RmmPhysicalAddressSpace,
  type RmmRealm,
  RmmRealmState,
  RmmRipas,
  type RmmRttEntry,
  RmmRttEntryState,
  type RmmRttWalkResult,
  type State,
} from '../generated/rmm-1.0-rel0/conditions/index.js';
import { RmiDataFlags } from '../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../runtime/bits/index.js';
import type { Row } from './measure.js';

/** Columns of the table, the floor first. */
export const conditionColumns: readonly string[] = ['by hand', 'rmigen'];

const GRANULES = 1 << 20;
const COUNT = 64;
const MASK = COUNT - 1;

/** One object for each GPT entry and state, so that asking for a Granule makes none. */
const KINDS: readonly (readonly RmmGranule[])[] = Object.values(RmmGptEntry).map((gpt) =>
  Object.values(RmmGranuleState).map((state) => ({ gpt, state })),
);

/** Bytes that an entry of an RTT describes at levels 0 to 3, and sizes of IPA spaces. */
const SIZES = [39, 30, 21, 12].map((bits) => 2 ** bits);
const WIDTHS = Array.from({ length: 53 }, (_, bits) => 2 ** bits);

/** As much of a fast state as two commands ask for: typed arrays by Granule number, from address 0 on. */
class FastState {
  readonly states = new Uint8Array(GRANULES).fill(RmmGranuleState.UNDELEGATED);
  readonly gpt = new Uint8Array(GRANULES).fill(RmmGptEntry.GPT_NS);
  /** By Granule number, as far as there are any. */
  readonly realms: (RmmRealm | undefined)[] = [];
  readonly rtts: (readonly RmmRttEntry[] | undefined)[] = [];

  AddrIsGranuleAligned(addr: number): boolean {
    return addr % 4096 === 0;
  }

  PaIsDelegable(addr: number): boolean {
    return addr < GRANULES * 4096;
  }

  Granule(addr: number): RmmGranule | undefined {
    const at = addr / 4096;
    const state = this.states[at];
    return state === undefined ? undefined : KINDS[this.gpt[at]!]![state];
  }

  GranuleAccessPermitted(addr: number, pas: number): boolean | undefined {
    const entry = this.gpt[addr / 4096];
    if (entry === undefined) return undefined;
    return entry === RmmGptEntry.GPT_NS && pas === RmmPhysicalAddressSpace.PAS_NS;
  }

  Realm(addr: number): RmmRealm | undefined {
    return this.realms[addr / 4096];
  }

  RttWalk(rd: number, addr: number, level = 3): RmmRttWalkResult | undefined {
    const realm = this.realms[rd / 4096];
    if (realm === undefined || addr >= WIDTHS[realm.ipa_width]!) return undefined;
    let at = realm.rtt_level_start;
    let rtt_addr = realm.rtt_base;
    for (;;) {
      const rtte = this.rtts[rtt_addr / 4096]![(addr / SIZES[at]!) & 511]!;
      if (at === level || rtte.state !== RmmRttEntryState.TABLE) return { level: at, rtt_addr, rtte };
      rtt_addr = rtte.addr;
      at++;
    }
  }
}

function populated(): FastState {
  const state = new FastState();
  const [rd, base, table] = [0x1000, 0x2000, 0x3000];
  const own = (addr: number, as: RmmGranuleState): void => {
    state.states[addr / 4096] = as;
    state.gpt[addr / 4096] = RmmGptEntry.GPT_REALM;
  };
  own(rd, RmmGranuleState.RD);
  own(base, RmmGranuleState.RTT);
  own(table, RmmGranuleState.RTT);
  for (let i = 0; i < COUNT; i++) own(0x10_0000 + i * 4096, RmmGranuleState.DELEGATED);
  const free: RmmRttEntry = {
    addr: 0,
    ripas: RmmRipas.EMPTY,
    state: RmmRttEntryState.UNASSIGNED,
    MemAttr: 0,
    S2AP: 0,
  };
  const parent: RmmRttEntry = { ...free, addr: table, state: RmmRttEntryState.TABLE };
  state.rtts.length = 4;
  state.rtts[table / 4096] = new Array(512).fill(free);
  state.rtts[base / 4096] = new Array(512).fill(free).with(0, parent);
  state.realms.length = 2;
  state.realms[rd / 4096] = {
    feat_lpa2: 0,
    ipa_width: 30,
    measurements: [],
    hash_algo: RmmHashAlgorithm.HASH_SHA_256,
    rec_index: 0,
    rtt_base: base,
    rtt_level_start: 2,
    rtt_num_start: 1,
    state: RmmRealmState.REALM_NEW,
    vmid: 0,
    rpv: new Uint8Array(64),
    num_recs: 0,
  };
  return state;
}

function delegateByHand(state: State, { addr }: RmiGranuleDelegateInput): number {
  if (!state.AddrIsGranuleAligned(addr)) return 0;
  if (!state.PaIsDelegable(addr)) return 1;
  const granule = state.Granule(addr)!;
  if (granule.state !== RmmGranuleState.UNDELEGATED) return 2;
  if (granule.gpt !== RmmGptEntry.GPT_NS) return 3;
  return -1;
}

function dataCreateByHand(state: State, { rd, data, ipa, src }: RmiDataCreateInput): number {
  if (!state.AddrIsGranuleAligned(src)) return 0;
  if (!state.PaIsDelegable(src)) return 1;
  if (!state.GranuleAccessPermitted(src, RmmPhysicalAddressSpace.PAS_NS)) return 2;
  if (!state.AddrIsGranuleAligned(data)) return 3;
  if (!state.PaIsDelegable(data)) return 4;
  if (state.Granule(data)!.state !== RmmGranuleState.DELEGATED) return 5;
  if (!state.AddrIsGranuleAligned(rd)) return 7;
  if (!state.PaIsDelegable(rd)) return 8;
  if (state.Granule(rd)!.state !== RmmGranuleState.RD) return 9;
  const realm = state.Realm(rd)!;
  if (realm.feat_lpa2 === 0 && data >= 2 ** 48) return 6;
  if (!state.AddrIsGranuleAligned(ipa)) return 10;
  if (ipa >= WIDTHS[realm.ipa_width - 1]!) return 11;
  if (realm.state !== RmmRealmState.REALM_NEW) return 12;
  const walk = state.RttWalk(rd, ipa, 3)!;
  if (walk.level < 3) return 13;
  if (walk.rtte.state !== RmmRttEntryState.UNASSIGNED) return 14;
  return -1;
}

/** The conditions of a command that succeeds, every one of them looked at. */
export function conditionRows(): readonly Row[] {
  // The two commands ask for no more than this.
  const state = populated() as unknown as State;
  const prose = {} as Prose;
  const delegated: RmiGranuleDelegateInput[] = [];
  const created: RmiDataCreateInput[] = [];
  const flags = new RmiDataFlags(Memory.alloc(8));
  for (let i = 0; i < COUNT; i++) {
    const src = 0x40_0000 + i * 4096;
    delegated.push({ addr: src });
    created.push({ rd: 0x1000, data: 0x10_0000 + i * 4096, ipa: i * 4096, src, flags });
  }
  const row = <I>(
    name: string,
    inputs: readonly I[],
    byHand: (state: State, input: I) => number,
    generated: (state: State, input: I, prose: Prose) => number,
  ): Row => ({
    name: `${name}: first failure`,
    cases: [
      {
        column: 'by hand',
        run: (count) => {
          let sum = 0;
          for (let i = 0; i < count; i++) sum += byHand(state, inputs[i & MASK]!);
          return sum;
        },
      },
      {
        column: 'rmigen',
        run: (count) => {
          let sum = 0;
          for (let i = 0; i < count; i++) sum += generated(state, inputs[i & MASK]!, prose);
          return sum;
        },
      },
    ],
    goal: [{ of: 'by hand', most: 1.3 }],
  });
  return [
    row('RMI_GRANULE_DELEGATE', delegated, delegateByHand, RMI_GRANULE_DELEGATE.firstFailure),
    row('RMI_DATA_CREATE', created, dataCreateByHand, RMI_DATA_CREATE.firstFailure),
  ];
}
