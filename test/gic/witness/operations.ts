import {
  GIC_INTID_SPURIOUS,
  ICH_HCR_EL2,
  ICH_LR_EL2,
  ICH_VMCR_EL2,
  IccRegister,
  IchLrHw0,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';

/**
 * What the witness does to the registers of a virtual CPU interface, and which it looks at: operations by number, for
 * the model and for the program that QEMU runs.
 */

/** List Registers of the machine that is the witness. */
export const LIST_REGISTERS = 4;

/** Registers that EL2 writes, by their names in assembly. */
export const EL2_WRITES = [
  'ich_hcr_el2',
  'ich_vmcr_el2',
  'ich_ap0r0_el2',
  'ich_ap1r0_el2',
  ...Array.from({ length: LIST_REGISTERS }, (_, n) => `ich_lr${n}_el2`),
];

type IccName = keyof typeof IccRegister & `ICC_${string}`;
const iccNames = Object.keys(IccRegister) as IccName[];

/** Registers that EL2 reads after each operation. */
export const EL2_VIEWS = [
  'ich_vtr_el2',
  'ich_misr_el2',
  'ich_eisr_el2',
  'ich_elrsr_el2',
  ...EL2_WRITES,
] as const;

/** Registers that EL1 reads after each operation, besides ISR_EL1: none has an effect. */
export const ICC_VIEWS: readonly IccName[] = [
  'ICC_HPPIR0_EL1',
  'ICC_HPPIR1_EL1',
  'ICC_RPR_EL1',
  'ICC_PMR_EL1',
  'ICC_BPR0_EL1',
  'ICC_BPR1_EL1',
  'ICC_CTLR_EL1',
  'ICC_IGRPEN0_EL1',
  'ICC_IGRPEN1_EL1',
];

/** What is noted after an operation, a doubleword each. */
export const COLUMNS: readonly string[] = [
  'result',
  ...EL2_VIEWS,
  'maintenance',
  'isr_el1',
  ...ICC_VIEWS.map((name) => name.toLowerCase()),
];

const FIRST_READ = EL2_WRITES.length;
const FIRST_WRITE = FIRST_READ + iccNames.length;
const OPERATIONS = FIRST_WRITE + iccNames.length;

export const readOf = (name: IccName) => FIRST_READ + iccNames.indexOf(name);
export const writeOf = (name: IccName) => FIRST_WRITE + iccNames.indexOf(name);

/** Where the value of a write comes from. */
export enum Source {
  Literal,
  /** The interrupt acknowledged last and not ended; written to the EOIR of its group instead of EOIR0, or the other. */
  LastAcknowledged,
  /** The interrupt ended last and not deactivated. */
  LastEnded,
}

export interface Operation {
  readonly number: number;
  readonly source: Source;
  /** What is written, unless the source has something else. */
  readonly value: bigint;
}

/** What an operation is, for the model. */
export type Access =
  | { readonly kind: 'el2'; readonly register: string }
  | { readonly kind: 'read' | 'write'; readonly register: IccRegister };

const accesses: readonly Access[] = [
  ...EL2_WRITES.map((register) => ({ kind: 'el2', register }) as const),
  ...iccNames.map((name) => ({ kind: 'read', register: IccRegister[name] }) as const),
  ...iccNames.map((name) => ({ kind: 'write', register: IccRegister[name] }) as const),
];

export function accessOf(number: number): Access {
  return accesses[number]!;
}

export function textOf({ number, source, value }: Operation): string {
  const access = accesses[number]!;
  const name = access.kind === 'el2' ? access.register : IccRegister.nameOf(access.register)!.toLowerCase();
  if (access.kind === 'read') return `read ${name}`;
  const otherwise = `0x${value.toString(16)}`;
  if (source === Source.LastAcknowledged)
    return `end the last, ${number === writeOf('ICC_EOIR0_EL1') ? 'in its group' : 'in the other group'}, else ${otherwise}`;
  if (source === Source.LastEnded) return `deactivate the last, else ${otherwise}`;
  return `write ${name} ${otherwise}`;
}

// For the program that QEMU runs

/** op0:op1:CRn:CRm:op2 as an assembler takes it. */
function generic(encoding: number): string {
  const part = (shift: number, bits: number) => (encoding >>> shift) & ((1 << bits) - 1);
  return `S${part(14, 2)}_${part(11, 3)}_C${part(7, 4)}_C${part(3, 4)}_${part(0, 3)}`;
}

/** operations.inc of the program. */
export function operationsInclude(): string {
  const icc = (name: IccName) => generic(IccRegister[name]);
  return [
    ...EL2_WRITES.map((name) => `EL2_WRITE(${name})`),
    ...iccNames.map((name) => `EL1_READ(${icc(name)})`),
    ...iccNames.map((name) => `EL1_WRITE(${icc(name)})`),
    ...EL2_VIEWS.map((name) => `EL2_VIEW(${name})`),
    'EL1_VIEW(isr_el1)',
    ...ICC_VIEWS.map((name) => `EL1_VIEW(${icc(name)})`),
    '',
  ].join('\n');
}

/** Numbers that the program has to know, as the preprocessor takes them. */
export const definitions: readonly string[] = Object.entries({
  EL2_WRITES: FIRST_READ,
  FIRST_EL1_WRITE: FIRST_WRITE,
  READ_IAR0: readOf('ICC_IAR0_EL1'),
  READ_IAR1: readOf('ICC_IAR1_EL1'),
  WRITE_EOIR0: writeOf('ICC_EOIR0_EL1'),
  WRITE_EOIR1: writeOf('ICC_EOIR1_EL1'),
  SPURIOUS: GIC_INTID_SPURIOUS,
}).map(([name, value]) => `-D${name}=${value}`);

/** Sequences as the program takes them: each starts with everything reset. */
export function encode(sequences: readonly (readonly Operation[])[]): Uint8Array {
  const count = sequences.reduce((sum, { length }) => sum + length + 1, 0);
  const bytes = new Uint8Array(8 + count * 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(count), true);
  let at = 8;
  for (const sequence of sequences) {
    at += 16;
    for (const { number, source, value } of sequence) {
      view.setUint32(at, number + 1, true);
      view.setUint32(at + 4, source, true);
      view.setBigUint64(at + 8, value, true);
      at += 16;
    }
  }
  return bytes;
}

// Sequences from seeds

/** Numbers that follow from a seed, the same for ever (mulberry32). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor((this.next() / 2 ** 32) * count);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  bit(percent = 50): number {
    return this.chance(percent) ? 1 : 0;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const PRIORITIES = [0x00, 0x08, 0x40, 0x48, 0x50, 0x80, 0x88, 0xa0, 0xc0, 0xf0, 0xf8];
/** Masks that let something pass, nothing, and all. */
const MASKS = [0xff, 0xf8, 0xf0, 0xc0, 0xa0, 0x88, 0x80, 0x50, 0x40, 0x08, 0x00];

/** An INTID that only one List Register ever gets: two with the same are UNPREDICTABLE. */
function intidFor(random: Random, lr: number): number {
  const kind = random.below(20);
  if (kind < 6) return lr * 4 + random.below(4);
  if (kind < 17) return 32 + lr + 4 * random.below(3);
  if (kind < 18) return 8192 + lr + 4 * random.below(2);
  if (kind < 19) return 65536 * 3 + lr;
  // 1019 is the last that an interrupt can have; those above it are UNPREDICTABLE here.
  return random.chance(50) ? 1016 + lr : 1019 + ((lr + 1) & 3);
}

function listRegister(random: Random, lr: number): bigint {
  if (random.chance(6)) return 0n;
  const values = {
    vINTID: intidFor(random, lr),
    Priority: random.chance(90) ? random.of(PRIORITIES) : random.below(256),
    Group: random.bit(),
    State: random.of([0, 1, 1, 1, 1, 1, 1, 2, 2, 3] as const),
  };
  return random.chance(85)
    ? IchLrHw0.of({ ...values, EOI: random.bit(30) }).$value
    : ICH_LR_EL2.of({ ...values, HW: 1, pINTID: 512 + random.below(512) }).$value;
}

function hcr(random: Random): bigint {
  const interrupts = {
    UIE: random.bit(40),
    LRENPIE: random.bit(40),
    NPIE: random.bit(40),
    VGrp0EIE: random.bit(20),
    VGrp0DIE: random.bit(20),
    VGrp1EIE: random.bit(20),
    VGrp1DIE: random.bit(20),
  };
  const traps = random.chance(12)
    ? { TC: random.bit(), TALL0: random.bit(), TALL1: random.bit(), TSEI: random.bit(20) }
    : {};
  return ICH_HCR_EL2.of({
    En: random.bit(93),
    ...interrupts,
    ...traps,
    TDIR: random.bit(15),
    EOIcount: random.chance(15) ? random.of([1, 2, 15, 30, 31]) : 0,
  }).$value;
}

function vmcr(random: Random): bigint {
  return ICH_VMCR_EL2.of({
    VENG0: random.bit(80),
    VENG1: random.bit(85),
    VAckCtl: random.bit(10),
    VFIQEn: random.bit(50),
    VCBPR: random.bit(30),
    VEOIM: random.bit(45),
    VBPR1: random.chance(50) ? 3 : random.below(8),
    VBPR0: random.chance(50) ? 2 : random.below(8),
    // QEMU 7.2 keeps bits here that no priority has.
    VPMR: random.chance(75) ? 0xf8 : random.of(MASKS) & 0xf8,
  }).$value;
}

/** Some bits; of Group 0 even ones and of Group 1 odd ones, since a priority that both have active is UNPREDICTABLE. */
function activePriorities(random: Random, group: 0 | 1): bigint {
  if (random.chance(30)) return 0n;
  let bits = 0;
  for (let left = 1 + random.below(3); left > 0; left--) bits |= 1 << (2 * random.below(16) + group);
  return BigInt(bits >>> 0);
}

/** Any INTID that a write to an EOIR or to DIR may have. */
function anyIntid(random: Random): bigint {
  const kind = random.below(10);
  if (kind < 6) return BigInt(intidFor(random, random.below(LIST_REGISTERS)));
  if (kind < 8) return BigInt(200 + random.below(4));
  if (kind < 9) return BigInt(random.of([9000, 1019, 8191, 8192, 0xffffff]));
  return BigInt(random.of([1020, 1021, 1022, 1023]));
}

function step(random: Random): Operation {
  const kind = random.below(100);
  if (kind < 27) return literal(readOf(random.of(['ICC_IAR0_EL1', 'ICC_IAR1_EL1'])), 0n);
  if (kind < 45) {
    const number = writeOf(random.chance(92) ? 'ICC_EOIR0_EL1' : 'ICC_EOIR1_EL1');
    return { number, source: Source.LastAcknowledged, value: anyIntid(random) };
  }
  if (kind < 53) return { number: writeOf('ICC_DIR_EL1'), source: Source.LastEnded, value: anyIntid(random) };
  if (kind < 59) return write(random.of(['ICC_EOIR0_EL1', 'ICC_EOIR1_EL1', 'ICC_DIR_EL1']), anyIntid(random));
  if (kind < 73) {
    const lr = random.below(LIST_REGISTERS);
    return literal(EL2_WRITES.indexOf(`ich_lr${lr}_el2`), listRegister(random, lr));
  }
  if (kind < 76) return write('ICC_PMR_EL1', BigInt(random.of(MASKS)));
  if (kind < 80) return write(random.of(['ICC_BPR0_EL1', 'ICC_BPR1_EL1']), BigInt(random.below(8)));
  if (kind < 83) return write('ICC_CTLR_EL1', BigInt(random.below(4)));
  if (kind < 86) return write(random.of(['ICC_IGRPEN0_EL1', 'ICC_IGRPEN1_EL1']), BigInt(random.bit(60)));
  if (kind < 91) return literal(EL2_WRITES.indexOf('ich_hcr_el2'), hcr(random));
  if (kind < 93) return literal(EL2_WRITES.indexOf('ich_vmcr_el2'), vmcr(random));
  if (kind < 95) {
    const group = random.of([0, 1] as const);
    const value = activePriorities(random, group);
    return random.chance(50)
      ? literal(EL2_WRITES.indexOf(`ich_ap${group}r0_el2`), value)
      : write(`ICC_AP${group}R0_EL1`, value);
  }
  // Any access, most of them to registers that do not exist in that direction or are no business of this interface.
  const number = FIRST_READ + random.below(OPERATIONS - FIRST_READ);
  // QEMU 7.2 applies the least value of a binary point before it drops reserved bits, and then stops at an assertion.
  const bits = number === writeOf('ICC_BPR0_EL1') || number === writeOf('ICC_BPR1_EL1') ? 7 : 0xffffffff;
  return literal(number, BigInt((random.next() & bits) >>> 0));
}

const literal = (number: number, value: bigint) => ({ number, source: Source.Literal, value });
const set = (register: string, value: bigint) => literal(EL2_WRITES.indexOf(register), value);
const write = (name: IccName, value: bigint) => literal(writeOf(name), value);

/** What comes up in life and rarely by chance. */
function episode(random: Random): readonly Operation[] {
  const lr = random.below(LIST_REGISTERS);
  const Group = random.bit();
  const vINTID = 32 + lr + 4 * random.below(3);
  if (random.chance(65)) {
    // Something more urgent comes in and is acknowledged.
    const Priority = random.of([0x00, 0x08, 0x10, 0x40, 0x48]);
    return [
      set(`ich_lr${lr}_el2`, IchLrHw0.of({ vINTID, Priority, Group, State: 1, EOI: random.bit() }).$value),
      literal(readOf(Group === 1 ? 'ICC_IAR1_EL1' : 'ICC_IAR0_EL1'), 0n),
    ];
  }
  // The hypervisor brings in an interrupt that is active already, and the guest ends it.
  const Priority = random.of([0x00, 0x10, 0x40, 0x80]);
  const State = random.of([2, 3] as const);
  const wrong = random.bit(15);
  return [
    set(`ich_lr${lr}_el2`, IchLrHw0.of({ vINTID, Priority, Group, State, EOI: random.bit() }).$value),
    set(`ich_ap${Group === 1 ? 1 : 0}r0_el2`, 1n << BigInt(Priority >>> 3)),
    write(Group === wrong ? 'ICC_EOIR0_EL1' : 'ICC_EOIR1_EL1', BigInt(vINTID)),
    write('ICC_DIR_EL1', BigInt(vINTID)),
  ];
}

/** The sequence of a seed: a virtual CPU interface is set up, and then used for better or worse. */
export function sequenceOf(seed: number): readonly Operation[] {
  const random = new Random(seed);
  const start = [
    set('ich_hcr_el2', hcr(random)),
    set('ich_vmcr_el2', vmcr(random)),
    ...Array.from({ length: LIST_REGISTERS }, (_, n) => set(`ich_lr${n}_el2`, listRegister(random, n))),
  ];
  const rest = Array.from({ length: 10 + random.below(14) }, () =>
    random.chance(15) ? episode(random) : [step(random)],
  );
  return [...start, ...rest.flat()];
}
