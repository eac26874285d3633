import type { CommandConditions, Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import type { Checker } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import { firstBreach, type Inventory, type StateObject } from '../conditions/frame.js';
import type { Place } from '../conditions/index.js';
import { GRANULE } from '../machine/memory.js';
import type { Rtt } from './rtt.js';
import type { RmmState } from './state.js';
import type { Store } from './store.js';

/** A command did something else than the specification promises: a defect of the simulator, not of its user. */
export class SpecificationViolation extends Error {
  override readonly name = 'SpecificationViolation';
  readonly command: string;
  /** The identifier of the success condition, or `footprint`. */
  readonly condition: string;

  constructor(command: string, section: string, condition: string, detail: string) {
    super(`${command} (${section}) breaks ${condition}: ${detail}`);
    this.command = command;
    this.condition = condition;
  }
}

function sameArrays(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameRtt(a: Rtt, b: Rtt): boolean {
  return (
    a.level === b.level &&
    a.ipa === b.ipa &&
    a.rd === b.rd &&
    sameArrays(a.states, b.states) &&
    sameArrays(a.ripas, b.ripas) &&
    sameArrays(a.addresses, b.addresses) &&
    sameArrays(a.attributes, b.attributes)
  );
}

type Key = readonly [function_: 'Granule' | 'Realm' | 'Rec' | 'Rtt', address: number];

/** The objects in which two stores differ: few, so that the frame is looked at where something happened. */
function differences(before: Store, after: Store): Key[] {
  const found: Key[] = before.granules.differences(after.granules).map((address) => ['Granule', address]);
  const compare = <T>(
    kind: Key[0],
    a: ReadonlyMap<number, T>,
    b: ReadonlyMap<number, T>,
    same: (x: T, y: T) => boolean,
  ): void => {
    for (const [address, one] of a) {
      const other = b.get(address);
      if (other === undefined || !same(one, other)) found.push([kind, address]);
    }
    for (const address of b.keys()) if (!a.has(address)) found.push([kind, address]);
  };
  compare('Rtt', before.rtts, after.rtts, sameRtt);
  // Realms and RECs are small: they are always looked at.
  compare('Realm', before.realms, after.realms, () => false);
  compare('Rec', before.recs, after.recs, () => false);
  return found;
}

/** Attributes of an object that the document has; what the simulator keeps beside them is not part of the state. */
const internals = new Set(['rd', 'roots', 'address']);

function attributes(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !internals.has(name)));
}

class Differing implements Inventory {
  readonly #state: RmmState;
  readonly #keys: readonly Key[];

  constructor(state: RmmState, keys: readonly Key[]) {
    this.#state = state;
    this.#keys = keys;
  }

  *objects(): Iterable<StateObject> {
    for (const [kind, address] of this.#keys) {
      const { store } = this.#state;
      const value =
        kind === 'Granule'
          ? store.granules.at(address)
          : kind === 'Realm'
            ? store.realms.get(address)
            : kind === 'Rec'
              ? store.recs.get(address)
              : store.rtts.get(address);
      if (value === undefined) continue;
      yield {
        function: kind,
        address,
        value: kind === 'Rtt' ? { entries: (value as Rtt).entries } : attributes(value),
      };
    }
  }

  locate(place: Place): readonly Place[] {
    const [first, second] = place.arguments;
    const granuleStates = (addresses: readonly number[]): Place[] =>
      addresses.map((address) => ({ function: 'Granule', arguments: [address], path: ['state'] }));
    switch (place.function) {
      case 'AuxStates':
        return granuleStates((first as readonly number[]).slice(0, Number(second)));
      case 'RttsGranuleState':
        return granuleStates(Array.from({ length: Number(second) }, (_, i) => Number(first) + i * GRANULE));
      case 'RttEntry':
        return [{ function: 'Rtt', arguments: [first!], path: ['entries', Number(second), ...place.path] }];
      case 'CurrentRealm':
      case 'CurrentRec':
      case 'RecFromMpidr': {
        const { running } = this.#state;
        if (running === undefined) return [];
        if (place.function === 'CurrentRealm')
          return [{ ...place, function: 'Realm', arguments: [running.rec.owner] }];
        if (place.function === 'CurrentRec')
          return [{ ...place, function: 'Rec', arguments: [running.rec.address] }];
        const target = [...this.#state.store.recs.values()].find(
          (rec) => rec.owner === running.rec.owner && rec.mpidr === first,
        );
        return target === undefined ? [] : [{ ...place, function: 'Rec', arguments: [target.address] }];
      }
      default:
        return [place];
    }
  }
}

/** Checked mode: after every command its success conditions, and that nothing else has changed (B1.7, B1.9). */
export class StateChecker implements Checker {
  readonly #before: RmmState;
  readonly #after: RmmState;
  readonly #prose: Prose;

  /** @param shadow a state over a store of its own, which is kept equal to the one before the command. */
  constructor(shadow: RmmState, state: RmmState, prose: Prose) {
    this.#before = shadow;
    this.#after = state;
    this.#prose = prose;
    shadow.store.copyFrom(state.store);
  }

  /** Takes the state as it is for the one before the next command. */
  accept(): void {
    this.#before.store.copyFrom(this.#after.store);
  }

  begin<Input, Output>(command: CommandConditions<Input, Output>, input: Input): (output: Output) => void {
    return (output) => {
      const broken = command.brokenSuccess(this.#before, this.#after, input, output, this.#prose);
      if (broken !== undefined) {
        const text = command.success.find((one) => one.id === broken)?.post ?? '';
        throw new SpecificationViolation(command.name, command.section, broken, text);
      }
      const keys = differences(this.#before.store, this.#after.store);
      const footprint = command.footprint(this.#before, this.#after, input);
      const breach = firstBreach(
        new Differing(this.#before, keys),
        new Differing(this.#after, keys),
        footprint,
      );
      if (breach !== undefined) {
        const path = breach.path
          .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
          .join('');
        throw new SpecificationViolation(
          command.name,
          command.section,
          'footprint',
          `${breach.function}(0x${breach.address.toString(16)})${path} has changed`,
        );
      }
      this.accept();
    };
  }
}
