import { ICH_HCR_EL2, IccRegister } from '../../generated/rmm-1.0-rel0/typescript/index.js';

/** What an access to an ICC register does; a number, since the device branches on it with every access. */
export enum Kind {
  Acknowledge,
  HighestPending,
  RunningPriority,
  End,
  Deactivate,
  PriorityMask,
  BinaryPoint0,
  BinaryPoint1,
  Control,
  GroupEnable,
  ActivePriorities,
  Enable,
  /** EL2 makes SGIs: with interrupts routed to it, as they are while a Realm runs, it gets every such write. */
  Sgi,
}

export interface Access {
  readonly register: IccRegister;
  readonly kind: Kind;
  /** Where there is a register for each group. */
  readonly group: 0 | 1;
  /** Where there are several for a group: which of them. */
  readonly index: number;
  /** The bits of ICH_HCR_EL2 that hand it to EL2. */
  readonly traps: number;
}

const bits = (patch: ICH_HCR_EL2.Patch) => Number(ICH_HCR_EL2.of(patch).$value);
const GROUP = [bits({ TALL0: 1 }), bits({ TALL1: 1 })] as const;
const COMMON = bits({ TC: 1 });
const DEACTIVATION = bits({ TC: 1, TDIR: 1 });

const common = (register: IccRegister, kind: Kind, traps = COMMON): Access => ({
  register,
  kind,
  group: 0,
  index: 0,
  traps,
});
const ofGroup = (kind: Kind, registers: readonly [IccRegister, IccRegister], index = 0): readonly Access[] =>
  ([0, 1] as const).map((group) => ({ register: registers[group], kind, group, index, traps: GROUP[group] }));

const both = [
  common(IccRegister.ICC_PMR_EL1, Kind.PriorityMask),
  common(IccRegister.ICC_CTLR_EL1, Kind.Control),
  common(IccRegister.ICC_SRE_EL1, Kind.Enable, 0),
  common(IccRegister.ICC_BPR0_EL1, Kind.BinaryPoint0, GROUP[0]),
  common(IccRegister.ICC_BPR1_EL1, Kind.BinaryPoint1, GROUP[1]),
  ...ofGroup(Kind.GroupEnable, [IccRegister.ICC_IGRPEN0_EL1, IccRegister.ICC_IGRPEN1_EL1]),
  ...ofGroup(Kind.ActivePriorities, [IccRegister.ICC_AP0R0_EL1, IccRegister.ICC_AP1R0_EL1]),
  ...ofGroup(Kind.ActivePriorities, [IccRegister.ICC_AP0R1_EL1, IccRegister.ICC_AP1R1_EL1], 1),
  ...ofGroup(Kind.ActivePriorities, [IccRegister.ICC_AP0R2_EL1, IccRegister.ICC_AP1R2_EL1], 2),
  ...ofGroup(Kind.ActivePriorities, [IccRegister.ICC_AP0R3_EL1, IccRegister.ICC_AP1R3_EL1], 3),
];

const reads = [
  ...both,
  ...ofGroup(Kind.Acknowledge, [IccRegister.ICC_IAR0_EL1, IccRegister.ICC_IAR1_EL1]),
  ...ofGroup(Kind.HighestPending, [IccRegister.ICC_HPPIR0_EL1, IccRegister.ICC_HPPIR1_EL1]),
  common(IccRegister.ICC_RPR_EL1, Kind.RunningPriority),
];

const writes = [
  ...both,
  ...ofGroup(Kind.End, [IccRegister.ICC_EOIR0_EL1, IccRegister.ICC_EOIR1_EL1]),
  common(IccRegister.ICC_DIR_EL1, Kind.Deactivate, DEACTIVATION),
  common(IccRegister.ICC_SGI0R_EL1, Kind.Sgi, 0),
  common(IccRegister.ICC_SGI1R_EL1, Kind.Sgi, 0),
  common(IccRegister.ICC_ASGI1R_EL1, Kind.Sgi, 0),
];

/** Accesses by the low bits of their register, which tell them all apart. */
type Table = readonly (Access | undefined)[];
const LOW = 127;

function table(accesses: readonly Access[]): Table {
  const made = new Array<Access | undefined>(LOW + 1).fill(undefined);
  for (const access of accesses) made[access.register & LOW] = access;
  return made;
}

export const READS = table(reads);
export const WRITES = table(writes);

/** The access that there is to a register; undefined where there is none in that direction. */
export function accessTo(accesses: Table, register: number): Access | undefined {
  const access = accesses[register & LOW];
  return access !== undefined && access.register === register ? access : undefined;
}
