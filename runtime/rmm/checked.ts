import type { CommandConditions, Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import type { RmmRttEntry } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { Checker } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import { firstBreach, type Inventory, type StateObject } from '../conditions/frame.js';
import type { Place } from '../conditions/index.js';
import { GRANULE } from '../machine/memory.js';
import { attributes, bringUpToDate, type Difference, differenceOf } from './difference.js';
import { ENTRIES, type Rtt } from './rtt.js';
import type { RmmState } from './state.js';

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

/** One of two states, as far as they differ: what has not changed needs no permission. */
class Differing implements Inventory {
  readonly #state: RmmState;
  readonly #other: RmmState;
  readonly #difference: Difference;

  constructor(state: RmmState, other: RmmState, difference: Difference) {
    this.#state = state;
    this.#other = other;
    this.#difference = difference;
  }

  *objects(): Iterable<StateObject> {
    const { store } = this.#state;
    const { Granule, Realm, Rec, Rtt } = this.#difference;
    for (const address of Granule) yield { function: 'Granule', address, value: store.granules.at(address)! };
    for (const address of Realm) {
      const value = store.realms.get(address);
      if (value !== undefined) yield { function: 'Realm', address, value: attributes(value) };
    }
    for (const address of Rec) {
      const value = store.recs.get(address);
      if (value !== undefined) yield { function: 'Rec', address, value: attributes(value) };
    }
    for (const address of Rtt) {
      const rtt = store.rtts.get(address);
      if (rtt === undefined) continue;
      yield { function: 'Rtt', address, value: { entries: this.#entries(rtt) } };
    }
  }

  /** The entries in which a table differs from the other state's at its address; all if that has none there. */
  #entries(rtt: Rtt): readonly (RmmRttEntry | undefined)[] {
    const other = this.#other.store.rtts.get(rtt.address);
    if (other === undefined) return rtt.entries;
    const found: (RmmRttEntry | undefined)[] = [];
    for (let index = 0; index < ENTRIES; index++)
      if (!rtt.sameEntry(other, index)) found[index] = rtt.entry(index);
    return found;
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
    this.accept();
  }

  /** Takes the state as it is for the one before the next command. */
  accept(): void {
    const { store } = this.#before;
    bringUpToDate(store, this.#after.store, differenceOf(store, this.#after.store));
  }

  begin<Input, Output>(command: CommandConditions<Input, Output>, input: Input): (output: Output) => void {
    return (output) => {
      const broken = command.brokenSuccess(this.#before, this.#after, input, output, this.#prose);
      if (broken !== undefined) {
        const text = command.success.find((one) => one.id === broken)?.post ?? '';
        throw new SpecificationViolation(command.name, command.section, broken, text);
      }
      const difference = differenceOf(this.#before.store, this.#after.store);
      const footprint = command.footprint(this.#before, this.#after, input);
      const breach = firstBreach(
        new Differing(this.#before, this.#after, difference),
        new Differing(this.#after, this.#before, difference),
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
      bringUpToDate(this.#before.store, this.#after.store, difference);
    };
  }
}
