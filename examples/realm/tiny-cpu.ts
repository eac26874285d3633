/**
 * An executor of one's own: a CPU with seven instructions, which could as well be an emulator in another process. It
 * knows nothing of the RMM. What it cannot do by itself it reports, and goes on from where the PE stands then.
 */

import { ESR_EL2, EsrExceptionClass, EsrIssDataAbort, HPFAR_EL2 } from 'rmigen/rmm-1.0-rel0';
import type {
  RealmEvent,
  RealmExecutor,
  RealmPe,
  RunOrder,
  Stage2Mapping,
} from 'rmigen/rmm-1.0-rel0/machine';

/** `mov X1, 7`, `ldr X0, X1`, `str X0, X1`, `smc`, `hvc`, `wfi`, `b 0`; registers by number. */
export type Line =
  | readonly ['mov', number, bigint]
  | readonly ['ldr' | 'str', number, number]
  | readonly ['smc' | 'hvc' | 'wfi']
  | readonly ['b', number];

/** Physical memory, as the executor reaches it. */
export interface Bus {
  read64(address: number): bigint;
  write64(address: number, value: bigint): void;
}

export class TinyCpu implements RealmExecutor {
  readonly hasDevices = false;
  /** The exceptions that the Realm has taken: ESR_EL1. There are no vectors; it goes on behind the instruction. */
  readonly taken: bigint[] = [];
  readonly #code: readonly Line[];
  readonly #bus: () => Bus;
  readonly #tlb = new Map<number, Stage2Mapping>();
  #ticks = 0;

  constructor(code: readonly Line[], bus: () => Bus) {
    this.#code = code;
    this.#bus = bus;
  }

  run(pe: RealmPe, { mapping, exception, traps }: RunOrder): RealmEvent {
    if (mapping !== undefined) this.#tlb.set(mapping.ipa, mapping);
    if (exception !== undefined) {
      this.taken.push(exception.esr);
      pe.pc += 4n;
    }
    // An instruction a tick, and a timer of the Host's after a hundred of them.
    for (; ; this.#ticks++) {
      if (this.#ticks % 100 === 99) {
        this.#ticks++;
        return { kind: 'irq' };
      }
      const event = this.#execute(pe, traps.wfi);
      if (event !== undefined) return event;
    }
  }

  /** Mappings are void once the REC has exited. */
  left(): void {
    this.#tlb.clear();
  }

  #execute(pe: RealmPe, trapsWfi: boolean): RealmEvent | undefined {
    const line = this.#code[Number(pe.pc / 4n)] ?? (['b', Number(pe.pc / 4n)] as const);
    switch (line[0]) {
      case 'mov':
        pe.gprs[line[1]] = line[2];
        break;
      case 'ldr':
      case 'str': {
        const event = this.#access(pe, line[0] === 'str', line[1], pe.gprs[line[2]]!);
        if (event !== undefined) return event;
        break;
      }
      case 'b':
        pe.pc = BigInt(line[1] * 4);
        return undefined;
      case 'smc':
        return { kind: 'smc', set: 0x7fff_ffff };
      case 'hvc':
        return {
          kind: 'sync',
          esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_HVC64, IL: 1 }).$value,
          far: 0n,
          hpfar: 0n,
        };
      case 'wfi':
        if (!trapsWfi) break;
        return {
          kind: 'sync',
          esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_WFX, IL: 1 }).$value,
          far: 0n,
          hpfar: 0n,
        };
    }
    pe.pc += 4n;
    return undefined;
  }

  #access(pe: RealmPe, isStore: boolean, register: number, ipa: bigint): RealmEvent | undefined {
    const offset = Number(ipa % 4096n);
    const mapping = this.#tlb.get(Number(ipa) - offset);
    if (mapping === undefined || !(isStore ? mapping.writable : mapping.readable)) {
      // A load or store of 64 bits; which fault it is the RTT walk says.
      const iss = EsrIssDataAbort.of({ ISV: 1, SAS: 3, SF: 1, SRT: register, WnR: isStore ? 1 : 0 });
      return {
        kind: 'abort',
        esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_DABT_LOWER, IL: 1, ISS: iss.$value }).$value,
        far: ipa,
        hpfar: HPFAR_EL2.of({ FIPA: ipa >> 12n }).$value,
      };
    }
    if (isStore) this.#bus().write64(mapping.pa + offset, pe.gprs[register]!);
    else pe.gprs[register] = this.#bus().read64(mapping.pa + offset);
    return undefined;
  }
}
