import {
  PSCI_AFFINITY_INFO,
  PSCI_CPU_OFF,
  PSCI_CPU_ON,
  PSCI_CPU_SUSPEND,
  PSCI_FEATURES,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  PSCI_VERSION,
  PsciReturnCode,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_FEATURES,
  RSI_HOST_CALL,
  RSI_IPA_STATE_GET,
  RSI_IPA_STATE_SET,
  RSI_MEASUREMENT_EXTEND,
  RSI_MEASUREMENT_READ,
  RSI_REALM_CONFIG,
  RSI_VERSION,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  type Cpu,
  type Machine,
  type RealmProgram,
  type Run,
  type SystemRegister,
  TakenException,
} from '../../../runtime/index.js';
import { extended } from '../../../runtime/machine/program/index.js';
import type { Numbers } from '../../sim/random/numbers.js';
import { Broken } from '../../sim/random/world.js';
import { meaningOf, type Verdict, verdictOn } from './judge.js';
import { secret, told } from './marks.js';

export const PAGE = 0x1000n;
/** Where the IPA space has what, in bytes. All Realms are alike but for their width. */
export const layout = {
  /** RAM that the Realm begins with. */
  ram: { base: 0n, pages: 6 },
  /** RAM for what RECs tell the Host, a page each. */
  told: { base: 0x8000n, pages: 4 },
  /** Never RAM. */
  nothing: { base: 0x18_0000n, pages: 1 },
  /** Neither RAM nor DESTROYED. */
  empty: { base: 0x10_0000n, pages: 3 },
  /** RAM without a page behind it. */
  unassigned: { base: 0x20_0000n, pages: 4 },
} as const;
/** Pages at the bottom of the Unprotected half that the Host may share. */
export const SHARED_PAGES = 4;

/** What a program throws that loses its temper. */
export class Tantrum extends Error {
  override readonly name = 'Tantrum';
}

/** The last that the Realm has told its Host, for whatever exit comes of it. */
export interface Telling {
  readonly imm?: number;
  /** X0 and the registers after it that are shown; all others are zero. */
  readonly gprs?: readonly bigint[];
  readonly ripas?: readonly [base: bigint, top: bigint, value: number];
}

/** Told of what became of a call, by the name of the command, and of what else a Realm takes, as one of its events. */
export type Noted = (command: string, meaning: string) => void;
export const EVENTS = 'a Realm';

const gicRegisters: readonly SystemRegister[] = [
  'ICC_AP0R0_EL1',
  'ICC_AP1R0_EL1',
  'ICC_BPR0_EL1',
  'ICC_BPR1_EL1',
  'ICC_CTLR_EL1',
  'ICC_EOIR0_EL1',
  'ICC_EOIR1_EL1',
  'ICC_HPPIR0_EL1',
  'ICC_HPPIR1_EL1',
  'ICC_IAR0_EL1',
  'ICC_IAR1_EL1',
  'ICC_IGRPEN0_EL1',
  'ICC_IGRPEN1_EL1',
  'ICC_PMR_EL1',
  'ICC_RPR_EL1',
  'ICC_SRE_EL1',
];
/** Those whose value the Host gets. */
const forwarded: readonly SystemRegister[] = [
  'ICC_SGI0R_EL1',
  'ICC_SGI1R_EL1',
  'ICC_ASGI1R_EL1',
  'ICC_DIR_EL1',
];
const others: readonly SystemRegister[] = [
  'CNTPCT_EL0',
  'CNTVCT_EL0',
  'CNTP_CTL_EL0',
  'CNTP_TVAL_EL0',
  'CNTV_CTL_EL0',
  'CNTV_TVAL_EL0',
  'MPIDR_EL1',
  'PMCR_EL0',
  'PMINTENSET_EL1',
  'PMOVSSET_EL0',
];

type Act = (this: Mind, cpu: Cpu) => Run<unknown>;

/** Which REC of what Realm it is. */
interface Place {
  readonly ipaWidth: number;
  readonly index: number;
  readonly peers: readonly bigint[];
}

/** What one REC does at random, and what it has told the Host. Its registers and its memory are full of secrets. */
export class Mind {
  readonly #numbers: Numbers;
  readonly #machine: Machine;
  readonly #note: Noted;
  readonly #width: bigint;
  readonly #index: number;
  /** Affinity fields of the RECs of the Realm, and of one that there is not. */
  readonly #peers: readonly bigint[];
  /** What the exit shows that is due to what the Realm does now. */
  telling: Telling = {};
  /** What the Host has made of a PSCI call. */
  answer: bigint | undefined;
  /** What it has given for an emulated read. */
  mmio: bigint | undefined;
  /** The name of the error that the program is about to throw on purpose. */
  provoked: string | undefined;
  /** Its program has ended. */
  isDone = false;

  constructor(machine: Machine, numbers: Numbers, note: Noted, place: Place) {
    this.#machine = machine;
    this.#numbers = numbers;
    this.#note = note;
    this.#width = BigInt(place.ipaWidth);
    this.#index = place.index;
    this.#peers = place.peers;
  }

  get unprotected(): bigint {
    return 1n << (this.#width - 1n);
  }

  // What it is about

  #page({ base, pages }: { readonly base: bigint; readonly pages: number }): bigint {
    return base + BigInt(this.#numbers.below(pages)) * PAGE;
  }

  get #shared(): bigint {
    return this.#page({ base: this.unprotected, pages: SHARED_PAGES });
  }

  /** A page that is mostly RAM. */
  #ram(): bigint {
    const { ram, unassigned } = layout;
    return this.#page(this.#numbers.chance(0.9) ? ram : unassigned);
  }

  #anyPage(): bigint {
    const { ram, empty, unassigned } = layout;
    switch (this.#numbers.below(8)) {
      case 0:
        return this.#page(empty);
      case 1:
      case 2:
        return this.#page(unassigned);
      case 3:
      case 4:
        return this.#shared;
      case 5:
        return this.#numbers.pick([
          1n << this.#width,
          1n << 51n,
          1n << 52n,
          this.#numbers.bits64() & ~0xfffn,
        ]);
      default:
        return this.#page(ram);
    }
  }

  /** An IPA for a structure: mostly a good one. */
  #structure(align: number): bigint {
    const { numbers } = { numbers: this.#numbers };
    const at = BigInt(numbers.below(4096 / align) * align);
    if (numbers.chance(0.85)) return this.#ram() + at;
    return numbers.chance(0.3) ? this.#ram() + at + 8n : this.#anyPage() + at;
  }

  /** An IPA for a Host call: where nobody else writes, or where there is nothing. */
  #hostCallAt(): bigint {
    const own = layout.told.base + BigInt(this.#index) * PAGE + 256n * BigInt(this.#numbers.below(16));
    if (this.#numbers.chance(0.85)) return own;
    return this.#numbers.pick([own + 8n, layout.nothing.base, this.#shared, 1n << this.#width]);
  }

  fill(cpu: Cpu): void {
    for (let i = 0; i < 31; i++) cpu.setX(i, secret());
  }

  // Calls

  *#call(cpu: Cpu, fid: number | bigint, ...inputs: readonly bigint[]): Run<readonly bigint[]> {
    const x0 = BigInt(fid) | (this.#numbers.chance(0.02) ? 0x1_0000n : 0n);
    for (const [i, value] of [x0, ...inputs].entries()) cpu.setX(i, value);
    const gprs = Array.from({ length: 31 }, (_, i) => cpu.x(i));
    const verdict = verdictOn(this.#machine, gprs);
    this.answer = undefined;
    yield { op: 'smc' };
    const after = Array.from({ length: 31 }, (_, i) => cpu.x(i));
    this.#judge(gprs, after, verdict);
    return after;
  }

  #judge(before: readonly bigint[], after: readonly bigint[], verdict: Verdict | undefined): void {
    const result = after[0]!;
    const refuse = (what: string): never => {
      const name = verdict?.call.name ?? 'SMC';
      throw new Broken(name, `${before.slice(0, 5).map((value) => value.toString(16))} ${what}`);
    };
    for (let i = 17; i < 31; i++) if (after[i] !== before[i]) refuse(`changes X${i} (A4.2.2)`);
    if (verdict === undefined) {
      if (result !== 2n ** 64n - 1n) refuse(`returns 0x${result.toString(16)}`);
      this.#note('another call', 'not supported');
      return;
    }
    const { call } = verdict;
    const meaning =
      this.answer === undefined
        ? // By now the REC that it names may be gone, or there.
          (meaningOf(verdict, result) ?? meaningOf(verdictOn(this.#machine, before)!, result))
        : this.#meaningOfAnswer(call.name, result);
    if (meaning === undefined) refuse(`returns 0x${result.toString(16)}`);
    if (call.isRsi)
      for (let i = 1; i < 17; i++)
        if ((call.outputs & (1 << i)) === 0 && after[i] !== 0n) refuse(`leaves something in X${i} (B1.2)`);
    this.#note(call.name, meaning!);
  }

  #meaningOfAnswer(command: string, result: bigint): string | undefined {
    if (result !== this.answer) return undefined;
    if (command !== 'PSCI_CPU_ON') return 'success';
    switch (BigInt.asIntN(64, result)) {
      case PsciReturnCode.PSCI_ALREADY_ON:
        return 'runnable';
      case PsciReturnCode.PSCI_DENIED:
        return 'denied';
      default:
        return 'success';
    }
  }

  /** Three arguments of PSCI are shown, 32 bits of those that have no more. */
  #tellPsci(fid: number, ...shown: readonly bigint[]): void {
    this.telling = { gprs: [BigInt(fid), ...shown] };
  }

  // What it does

  readonly #acts: readonly (readonly [weight: number, act: Act])[] = [
    [
      8,
      function* (cpu) {
        const timed = this.#numbers.chance(0.4);
        const until = this.#numbers.chance(0.5) ? told() : BigInt(this.#machine.clock.now + 50);
        if (timed) this.telling = { gprs: [until] };
        const register = this.#numbers.below(31);
        const wait = this.#numbers.chance(0.5)
          ? cpu.wfi(timed ? until : undefined, register)
          : cpu.wfe(timed ? until : undefined, register);
        // Registers are set when the generator is first asked; what is kept is looked at behind it.
        if (timed) cpu.setX(register, until);
        const before = Array.from({ length: 31 }, (_, i) => cpu.x(i));
        yield* wait;
        for (const [i, value] of before.entries())
          if (cpu.x(i) !== value) throw new Broken('WFI', `X${i} has changed (A4.2.2)`);
      },
    ],
    [
      14,
      function* (cpu) {
        const numbers = this.#numbers;
        const size = numbers.pick([1, 2, 4, 8] as const);
        const register = numbers.below(32);
        const ipa =
          this.#anyPage() + BigInt(numbers.below(4096 / size) * size + (numbers.chance(0.03) ? 1 : 0));
        const options = {
          register,
          signed: numbers.chance(0.3),
          wide: numbers.chance(0.6),
          syndrome: numbers.chance(0.9),
        };
        this.mmio = undefined;
        const value = yield* cpu.load(ipa, size, options);
        const given = this.mmio as bigint | undefined;
        if (given === undefined || register === 31) return;
        if (value !== extended(given, size, options.signed, options.wide))
          throw new Broken('emulated read', `0x${given.toString(16)} arrives as 0x${value.toString(16)}`);
        this.#note(EVENTS, 'emulated read');
      },
    ],
    [
      12,
      function* (cpu) {
        const numbers = this.#numbers;
        const size = numbers.pick([1, 2, 4, 8] as const);
        const register = numbers.below(32);
        const page = this.#anyPage();
        // What goes to the Host's half is told; all else is none of its business.
        const isOutside = page >= this.unprotected;
        const value = isOutside ? told() : secret();
        if (isOutside) this.telling = { gprs: [register === 31 ? 0n : value] };
        yield* cpu.store(page + BigInt(numbers.below(4096 / size) * size), size, value, {
          register,
          syndrome: numbers.chance(0.9),
        });
      },
    ],
    [
      3,
      function* (cpu) {
        yield* cpu.branch(this.#anyPage());
      },
    ],
    [
      1,
      function* (cpu) {
        yield* cpu.hvc(this.#numbers.below(65536));
      },
    ],
    [
      2,
      function* (cpu) {
        const base = this.#ram();
        for (let i = 0n; i < 64n; i++) yield* cpu.store64(base + i * 64n, secret(), { register: 30 });
      },
    ],
    [
      8,
      function* (cpu) {
        const name = this.#numbers.pick(gicRegisters);
        if (this.#numbers.chance(0.5)) yield* cpu.mrs(name, this.#numbers.below(32));
        else
          yield* cpu.msr(
            name,
            this.#numbers.chance(0.5) ? secret() : BigInt(this.#numbers.below(256)),
            this.#numbers.below(31),
          );
      },
    ],
    [
      4,
      function* (cpu) {
        const value = told();
        this.telling = { gprs: [value] };
        yield* cpu.msr(this.#numbers.pick(forwarded), value, this.#numbers.below(31));
      },
    ],
    [
      5,
      function* (cpu) {
        const name = this.#numbers.pick(others);
        const value = name.endsWith('TVAL_EL0')
          ? BigInt(this.#numbers.below(300))
          : BigInt(this.#numbers.below(4));
        if (this.#numbers.chance(0.4)) yield* cpu.mrs(name, this.#numbers.below(31));
        else yield* cpu.msr(name, value, this.#numbers.below(31));
      },
    ],
    [
      1,
      function* (cpu) {
        yield* cpu.msr(this.#numbers.pick(['CNTP_CVAL_EL0', 'CNTV_CVAL_EL0']), told());
      },
    ],
    [
      2,
      function* (cpu) {
        for (const kind of ['irq', 'fiq'] as const) {
          cpu.vectors[kind] = this.#numbers.chance(0.8) ? this.#handler(kind) : undefined;
          if (this.#numbers.chance(0.7)) cpu.unmask(kind);
          else cpu.mask(kind);
        }
        yield* cpu.msr('ICC_PMR_EL1', 0xffn);
        yield* cpu.msr('ICC_IGRPEN0_EL1', 1n);
        yield* cpu.msr('ICC_IGRPEN1_EL1', 1n);
      },
    ],

    // RSI
    [
      2,
      function* (cpu) {
        yield* this.#call(cpu, RSI_VERSION.fid, this.#numbers.pick([0x1_0000n, 0x1_0001n, 0n, 0x2_0000n]));
      },
    ],
    [
      1,
      function* (cpu) {
        yield* this.#call(cpu, RSI_FEATURES.fid, this.#numbers.bits64());
      },
    ],
    [
      4,
      function* (cpu) {
        yield* this.#call(cpu, RSI_REALM_CONFIG.fid, this.#structure(4096));
      },
    ],
    [
      3,
      function* (cpu) {
        yield* this.#call(cpu, RSI_MEASUREMENT_READ.fid, BigInt(this.#numbers.below(7)));
      },
    ],
    [
      3,
      function* (cpu) {
        const size = this.#numbers.chance(0.8) ? BigInt(this.#numbers.below(65)) : secret();
        yield* this.#call(cpu, RSI_MEASUREMENT_EXTEND.fid, BigInt(this.#numbers.below(6)), size);
      },
    ],
    [
      2,
      function* (cpu) {
        yield* this.#call(cpu, RSI_ATTESTATION_TOKEN_INIT.fid);
      },
    ],
    [
      12,
      function* (cpu) {
        const numbers = this.#numbers;
        const offset = numbers.chance(0.8)
          ? BigInt(numbers.below(4096))
          : numbers.pick([4096n, 2n ** 64n - 1n, secret()]);
        const size = numbers.chance(0.8)
          ? BigInt(numbers.below(Math.max(1, 4096 - Number(offset & 0xfffn))))
          : numbers.pick([4097n, 2n ** 64n - 1n, secret()]);
        yield* this.#call(cpu, RSI_ATTESTATION_TOKEN_CONTINUE.fid, this.#structure(4096), offset, size);
      },
    ],
    [
      6,
      function* (cpu) {
        const { ram, empty, unassigned } = layout;
        const numbers = this.#numbers;
        const area = numbers.pick([ram, empty, unassigned]);
        const base = numbers.chance(0.9) ? this.#page(area) : this.#anyPage() + 8n * BigInt(numbers.below(2));
        const top = numbers.chance(0.9)
          ? base + BigInt(1 + numbers.below(600)) * PAGE
          : numbers.pick([base, base + 8n, this.unprotected + PAGE, this.#anyPage()]);
        yield* this.#call(cpu, RSI_IPA_STATE_GET.fid, base, top);
      },
    ],
    [
      8,
      function* (cpu) {
        const { ram, empty, unassigned } = layout;
        const numbers = this.#numbers;
        const base = numbers.chance(0.9)
          ? this.#page(numbers.pick([ram, empty, unassigned]))
          : this.#anyPage() + 8n * BigInt(numbers.below(2));
        const top = numbers.chance(0.9)
          ? base + BigInt(1 + numbers.below(3)) * PAGE
          : numbers.pick([base, base + 8n, this.unprotected + PAGE]);
        const ripas = numbers.chance(0.95) ? BigInt(numbers.below(2)) : BigInt(numbers.pick([2, 3]));
        this.telling = { ripas: [base, top, Number(ripas)] };
        yield* this.#call(cpu, RSI_IPA_STATE_SET.fid, base, top, ripas, BigInt(numbers.below(2)));
      },
    ],
    [
      8,
      function* (cpu) {
        const numbers = this.#numbers;
        const ipa = this.#hostCallAt();
        const gprs = Array.from({ length: 31 }, told);
        const imm = numbers.below(65536);
        if (ipa < layout.nothing.base && ipa % 256n === 0n) {
          const before = (secret() & ~0xffffn) | BigInt(imm);
          yield* cpu.store64(ipa, before, { register: 29 });
          for (const [i, value] of gprs.entries())
            yield* cpu.store64(ipa + 8n * BigInt(i + 1), value, { register: 29 });
          this.telling = { imm, gprs };
          for (let i = 0; i < 31; i++) cpu.setX(i, secret());
        }
        yield* this.#call(cpu, RSI_HOST_CALL.fid, ipa);
      },
    ],

    // PSCI
    [
      1,
      function* (cpu) {
        yield* this.#call(cpu, PSCI_VERSION.fid);
      },
    ],
    [
      1,
      function* (cpu) {
        yield* this.#call(
          cpu,
          PSCI_FEATURES.fid,
          BigInt(this.#numbers.pick([PSCI_CPU_ON.fid, PSCI_VERSION.fid, 0x8400_0013, 0])),
        );
      },
    ],
    [
      2,
      function* (cpu) {
        const [state, entry, context] = [told(), told(), told()];
        this.#tellPsci(PSCI_CPU_SUSPEND.fid, state & 0xffff_ffffn, entry, context);
        yield* this.#call(
          cpu,
          PSCI_CPU_SUSPEND.fid,
          (secret() & ~0xffff_ffffn) | (state & 0xffff_ffffn),
          entry,
          context,
        );
      },
    ],
    [
      6,
      function* (cpu) {
        const target = this.#numbers.pick(this.#peers);
        const entry = this.#numbers.chance(0.9) ? this.#page(layout.ram) : this.unprotected;
        const context = told() & 0xffff_ffffn;
        this.#tellPsci(PSCI_CPU_ON.fid, target, entry, context);
        yield* this.#call(cpu, PSCI_CPU_ON.fid, target, entry, (secret() & ~0xffff_ffffn) | context);
      },
    ],
    [
      3,
      function* (cpu) {
        const target = this.#numbers.pick(this.#peers);
        const level = this.#numbers.chance(0.8) ? 0n : 1n;
        this.#tellPsci(PSCI_AFFINITY_INFO.fid, target, level);
        yield* this.#call(cpu, PSCI_AFFINITY_INFO.fid, target, (secret() & ~0xffff_ffffn) | level);
      },
    ],
    [
      1,
      function* (cpu) {
        this.#tellPsci(PSCI_CPU_OFF.fid);
        this.#note('PSCI_CPU_OFF', 'success');
        yield* this.#call(cpu, PSCI_CPU_OFF.fid);
        throw new Broken('PSCI_CPU_OFF', 'returns');
      },
    ],
    [
      0.1,
      function* (cpu) {
        const fid = this.#numbers.pick([PSCI_SYSTEM_OFF.fid, PSCI_SYSTEM_RESET.fid]);
        this.#tellPsci(fid);
        this.#note(fid === PSCI_SYSTEM_OFF.fid ? 'PSCI_SYSTEM_OFF' : 'PSCI_SYSTEM_RESET', 'success');
        yield* this.#call(cpu, fid);
        throw new Broken('PSCI_SYSTEM_OFF', 'returns');
      },
    ],
    [
      1,
      function* (cpu) {
        yield* this.#call(
          cpu,
          this.#numbers.pick([0x8000_0000n, 0xc400_0150n, 0x8400_0005n, secret(), 0xc400_0198n + 100n]),
        );
      },
    ],

    // What is nobody's idea of a program
    [
      0.1,
      function* (cpu) {
        for (let i = this.#numbers.below(4000); i > 0; i--) yield* cpu.nop();
      },
    ],
    [
      0.03,
      function* (cpu) {
        this.provoked = 'Tantrum';
        yield* cpu.nop();
        throw new Tantrum('enough');
      },
    ],
    [
      0.02,
      function* () {
        this.provoked = 'TypeError';
        yield { op: 'jump' } as never;
      },
    ],
    [
      0.02,
      function* (cpu) {
        this.provoked = 'RangeError';
        yield* cpu.load64(layout.ram.base, { register: 77 });
      },
    ],
    [
      0.02,
      function* (cpu) {
        this.provoked = 'RealmCallError';
        yield* cpu.rsi.measurementRead(99);
      },
    ],
    [
      0.02,
      function* (cpu) {
        this.provoked = 'TakenException';
        yield* cpu.load64(layout.empty.base + 1n);
      },
    ],
  ];

  #handler(kind: 'irq' | 'fiq'): RealmProgram {
    const mind = this;
    return function* (cpu) {
      const { telling, mmio } = mind;
      mind.#note(EVENTS, kind === 'irq' ? 'virtual IRQ' : 'virtual FIQ');
      mind.fill(cpu);
      const group = kind === 'irq' ? 1 : 0;
      const intid = yield* cpu.mrs(`ICC_IAR${group}_EL1`);
      if (mind.#numbers.chance(0.8)) yield* cpu.msr(`ICC_EOIR${group}_EL1`, intid);
      if (mind.#numbers.chance(0.3)) {
        mind.telling = { gprs: [intid] };
        yield* cpu.msr('ICC_DIR_EL1', intid);
      }
      mind.telling = telling;
      mind.mmio = mmio;
      if (intid >= 1020n) cpu.vectors[kind] = undefined;
    };
  }

  /** The program. It never ends unless it throws. */
  get program(): RealmProgram {
    const mind = this;
    const acts = this.#acts.flatMap(([weight, act]) => new Array<Act>(Math.round(weight * 100)).fill(act));
    return function* (cpu) {
      for (;;) {
        mind.fill(cpu);
        const act = mind.#numbers.pick(acts);
        try {
          yield* act.call(mind, cpu);
        } catch (error) {
          if (!(error instanceof TakenException)) throw error;
          const isAbort = error.exceptionClass !== 'ESR_EC_UNKNOWN';
          mind.#note(EVENTS, (isAbort && error.faultStatus) || 'undefined instruction');
          if (mind.provoked !== undefined) throw error;
        }
      }
    };
  }
}
