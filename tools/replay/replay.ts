import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_GRANULE_UNDELEGATE,
  RMI_REC_AUX_COUNT,
  RMI_REC_ENTER,
  RmiCommandReturnCode,
  RmiStatusCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { Registers } from '../../runtime/bits/index.js';
import {
  createMachine,
  type Features,
  featuresFrom,
  GRANULE,
  type Machine,
  type MachineConfiguration,
  ScriptedRealm,
} from '../../runtime/index.js';
import { rmiCall, stateLetters, type TraceHeader, type TraceLine } from '../../runtime/machine/trace.js';
import { proseOf } from '../../runtime/rmm/prose.js';
import { Contents } from './contents.js';
import { judgeFailure, judgeSuccess, judgeUnknown, permissionOf } from './judge.js';
import { LimitExceeded, limits } from './limits.js';
import { BoundedMemory } from './memory.js';
import { hex, judged, notJudged, type Verdict } from './verdict.js';
import { Witness } from './witness.js';

/** What of the machine the first line does not tell, or is not to be believed of it. */
export interface ReplaySettings {
  readonly features?: Partial<Features>;
  readonly revisions?: NonNullable<MachineConfiguration['revisions']>;
}

/** A machine with a scripted Realm, as a trace needs it. */
interface World {
  readonly machine: Machine;
  readonly realm: ScriptedRealm;
  readonly memory: BoundedMemory;
  readonly witness: Witness;
}

function worldOf(header: TraceHeader, settings: ReplaySettings): World {
  const memory = new BoundedMemory();
  const witness = new Witness();
  const realm = new ScriptedRealm();
  const machine = createMachine({
    memory: [{ base: header.dramBase, size: header.granules * GRANULE }],
    features: { ...featuresFrom(header.featureRegister0), ...settings.features },
    ...(settings.revisions === undefined ? {} : { revisions: settings.revisions }),
    physicalMemory: memory,
    executor: realm,
    watcher: witness,
  });
  return { machine, realm, memory, witness };
}

type Smc = TraceLine & { readonly kind: 'smc' };

/** Auxiliary Granules that RmiRecParams has room for. */
const auxMembers = metadata.types.RmiRecParams;
const MOST_AUX =
  auxMembers?.kind === 'struct'
    ? (auxMembers.members.find((member) => member.name === 'aux')?.count ?? 0)
    : 0;

/**
 * The number of auxiliary Granules of a REC, which is for the implementation to choose (B3.36), where a line tells it.
 */
export function auxCountOf(line: TraceLine): number | undefined {
  if (line.kind !== 'smc' || rmiCall(line.given[0]!)?.conditions.name !== RMI_REC_AUX_COUNT.name)
    return undefined;
  const { result, aux_count } = RMI_REC_AUX_COUNT.decodeOutputs(Registers.of(line.returned));
  return result.status === RmiStatusCode.RMI_SUCCESS && aux_count <= BigInt(MOST_AUX)
    ? Number(aux_count)
    : undefined;
}

const heldByRmm = 'the RMM holds the Granule: what it keeps there is its own';

/**
 * Replays a trace, line by line. A second world stays one command behind: it is the state in which a command was
 * called, for the conditions that compare the two.
 *
 * Where the document permits several outcomes, the state follows the one that was observed; a command that failed
 * leaves it as it is, even if it should have succeeded. A command that succeeded although it must not is not carried
 * out: nothing says what it would do.
 */
export class Replay {
  readonly #after: World;
  readonly #before: World;
  readonly #contents = new Contents();
  readonly #prose: ReturnType<typeof proseOf>;
  #parted = false;

  constructor(header: TraceHeader, settings: ReplaySettings = {}) {
    this.#after = worldOf(header, settings);
    this.#before = worldOf(header, settings);
    this.#prose = proseOf(this.#after.machine.rmm.state);
  }

  /** Whether a command has succeeded that must not, so that the state is no longer the implementation's. */
  get parted(): boolean {
    return this.#parted;
  }

  /**
   * Judges a line and carries it out.
   *
   * @returns a verdict for everything that was observed: none for a line that only acts, several for an entry
   * @throws LimitExceeded for a trace that asks for too much
   */
  step(line: TraceLine): readonly Verdict[] {
    switch (line.kind) {
      case 'smc':
        return this.#smc(line);
      case 'w64':
        this.#write(line.address, 8, ({ probe }) => probe.write64(line.address, line.value));
        return [];
      case 'w8':
        this.#write(line.address, 1, ({ probe }) => probe.write8(line.address, Number(line.value)));
        return [];
      case 'fill':
        for (const { memory } of [this.#after, this.#before])
          memory.fill(line.address, line.length, line.byte);
        this.#contents.clear(line.address, line.length);
        return [];
      case 'r64':
        return [this.#read(line.address, 8, line.value)];
      case 'r8':
        return [this.#read(line.address, 1, line.value)];
      case 'gs':
        return [this.#states(line.address, [line.state])];
      case 'gdump':
        return [this.#states(line.address, line.states)];
      case 'realm':
        for (const { realm } of [this.#after, this.#before]) {
          if (line.action.kind === 'clear') realm.clear();
          else realm.queue(line.action);
          if (realm.pending > limits.actions) throw new LimitExceeded('actions in a row', limits.actions);
        }
        return [];
      case 'name':
      case 'comment':
        return [];
    }
  }

  #write(address: number, size: number, write: (machine: Machine) => void): void {
    write(this.#after.machine);
    write(this.#before.machine);
    this.#contents.clear(address, size);
  }

  // Memory

  #read(address: number, size: number, observed: bigint): Verdict {
    const { probe, rmm } = this.#after.machine;
    const about = `memory at ${hex(address)}`;
    const state = rmm.store.granules.at(address - (address % GRANULE))!.state;
    if (state !== RmmGranuleState.UNDELEGATED && state !== RmmGranuleState.DATA)
      return notJudged('memory', about, heldByRmm);
    const expected = size === 8 ? probe.read64(address) : BigInt(probe.read8(address));
    let unknown: string | undefined;
    for (let i = 0; i < size; i++) {
      const source = this.#contents.at(address + i);
      if (source?.open !== undefined) {
        unknown ??= `${source.open} (${source.section})`;
        continue;
      }
      const shift = BigInt(i * 8);
      if (((expected >> shift) & 0xffn) === ((observed >> shift) & 0xffn)) continue;
      return judged('memory', about, [
        {
          id: source?.what ?? 'memory',
          text: source?.occasion ?? 'memory holds what was written to it',
          section: source?.section ?? 'A2.2',
          expected: hex(expected),
          observed: hex(observed),
        },
      ]);
    }
    return unknown === undefined ? judged('memory', about, []) : notJudged('memory', about, unknown);
  }

  #states(address: number, observed: readonly RmmGranuleState[]): Verdict {
    const { granules } = this.#after.machine.rmm.store;
    const breaches = observed.flatMap((state, i) => {
      const at = address + i * GRANULE;
      const expected = granules.at(at)!.state;
      if (expected === state) return [];
      return [
        {
          id: `Granule(${hex(at)}).state`,
          text: 'the state of the Granule',
          section: 'A2.2.2',
          expected: stateLetters[expected],
          observed: stateLetters[state],
        },
      ];
    });
    return judged('granules', `the state of Granules from ${hex(address)} on`, breaches);
  }

  // Commands

  #smc(line: Smc): readonly Verdict[] {
    const call = rmiCall(line.given[0]!);
    if (call === undefined)
      return [judged('command', `SMC ${hex(line.given[0]!)}`, judgeUnknown(line.returned[0]!))];
    const { name } = call.conditions;
    const returned = Registers.of(line.returned);
    const { state } = this.#after.machine.rmm;
    const permission = permissionOf(call, Registers.of(line.given), state, this.#prose);
    const succeeded = RmiCommandReturnCode.of(line.returned[0]!).status === RmiStatusCode.RMI_SUCCESS;
    // Without failure conditions the effect alone says what is returned: RMI_VERSION.
    const isCarriedOut = permission.success && (succeeded || call.conditions.failures.length === 0);
    if (!permission.success && permission.failures.length === 0)
      return [notJudged('command', name, 'the conditions have no meaning in this state')];
    if (!isCarriedOut) {
      this.#parted ||= succeeded && !permission.success;
      this.#after.witness.expect(line.entries);
      return [
        judged('command', name, judgeFailure(permission, state, returned)),
        ...this.#after.witness.conclude().verdicts,
      ];
    }

    const expected = this.#carryOut(this.#after, line);
    const breaches = judgeSuccess(
      permission,
      this.#before.machine.rmm.state,
      state,
      returned,
      expected,
      this.#prose,
    );
    this.#carryOut(this.#before, line);
    this.#checkObjects();
    this.#noteContents(name, permission.input);
    const { verdicts, writes } = this.#after.witness.conclude();
    for (const write of writes) this.#contents.set(write.address, write.size, write);
    return [judged('command', name, breaches), ...(name === RMI_REC_ENTER.name ? verdicts : [])];
  }

  /** Calls a command; X0 to X16 as it returns them. */
  #carryOut({ machine, witness }: World, line: Smc): Registers {
    witness.expect(line.entries);
    machine.registers.clear();
    for (const [i, value] of line.given.entries()) machine.registers.set(i, value);
    machine.call();
    return Registers.of(machine.registers.toArray());
  }

  #checkObjects(): void {
    const { realms, recs, rtts } = this.#after.machine.rmm.store;
    if (realms.size + recs.size + rtts.size > limits.objects)
      throw new LimitExceeded('Realms, RECs and RTTs', limits.objects);
  }

  /** What a command has done to the contents of memory, by the document. */
  #noteContents(command: string, input: unknown): void {
    const { section } = metadata.commands[command]!;
    const { addr, data, src } = input as { addr: number; data: number; src: number };
    const what = 'contents of the Granule';
    const source = { what, occasion: command, section };
    const open = 'the document leaves the contents open';
    switch (command) {
      case RMI_DATA_CREATE.name:
        this.#contents.copy(src, data, { ...source, open: undefined });
        break;
      case RMI_DATA_CREATE_UNKNOWN.name:
        this.#contents.set(data, GRANULE, { ...source, open });
        break;
      case RMI_GRANULE_UNDELEGATE.name:
        this.#contents.set(addr, GRANULE, { ...source, open });
        break;
    }
  }
}
