import {
  PSCI_AFFINITY_INFO,
  PSCI_CPU_OFF,
  PSCI_CPU_ON,
  PSCI_CPU_SUSPEND,
  PSCI_FEATURES,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  PSCI_VERSION,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import type { Caller, Run, Word } from './run.js';

/** The commands of PSCI (B6.3). A result is a PsciReturnCode. */
export interface Psci {
  version(): Run<PSCI_VERSION.Outputs['result']>;
  features(fid: number): Run<bigint>;
  suspend(powerState?: number, entry?: Word, contextId?: Word): Run;
  /** Turns the REC off. When it is turned on again its program starts anew. */
  off(): Run;
  /** @param contextId what the target finds in X0, 32 bits */
  on(target: Word, entry: Word, contextId?: number): Run<bigint>;
  affinityInfo(target: Word, level?: number): Run<bigint>;
  systemOff(): Run;
  systemReset(): Run;
}

export function psciOf(cpu: Caller): Psci {
  const word = (value: Word): bigint => BigInt.asUintN(64, BigInt(value));
  return {
    *version() {
      return (yield* cpu.call(PSCI_VERSION, {})).result;
    },
    *features(fid) {
      return (yield* cpu.call(PSCI_FEATURES, { psci_func_id: fid })).result;
    },
    *suspend(power_state = 0, entry = 0, contextId = 0) {
      const inputs = { power_state, entry_point_address: word(entry), context_id: word(contextId) };
      yield* cpu.call(PSCI_CPU_SUSPEND, inputs);
    },
    *off() {
      yield* cpu.call(PSCI_CPU_OFF, {});
    },
    *on(target, entry, context_id = 0) {
      const inputs = { target_cpu: word(target), entry_point_address: word(entry), context_id };
      return (yield* cpu.call(PSCI_CPU_ON, inputs)).result;
    },
    *affinityInfo(target, level = 0) {
      const inputs = { target_affinity: word(target), lowest_affinity_level: level };
      return (yield* cpu.call(PSCI_AFFINITY_INFO, inputs)).result;
    },
    *systemOff() {
      yield* cpu.call(PSCI_SYSTEM_OFF, {});
    },
    *systemReset() {
      yield* cpu.call(PSCI_SYSTEM_RESET, {});
    },
  };
}
