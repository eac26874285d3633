import type { CommandConditions, Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import type { RmmRttEntry } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { Checker } from '../../generated/rmm-1.0-rel0/simulator/index.js';
import { firstBreach, type Inventory, type StateObject } from '../conditions/frame.js';
import type { Place } from '../conditions/index.js';
import { GRANULE } from '../machine/memory.js';
import type { CallCheck, CallChecker } from '../machine/realm.js';
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
      checkSuccess(this.#before, this.#after, command, input, output, this.#prose);
      const footprint = command.footprint(this.#before, this.#after, input);
      const difference = checkFrame(this.#before, this.#after, command, footprint);
      bringUpToDate(this.#before.store, this.#after.store, difference);
    };
  }
}

/**
 * Checked mode for the calls of a Realm. Its state of before is another one than that of the RMI_REC_ENTER which the
 * Realm runs under.
 */
export class CallStateChecker implements CallChecker {
  readonly #before: RmmState;
  readonly #after: RmmState;

  /** @param shadow a state over a store of its own */
  constructor(shadow: RmmState, state: RmmState) {
    this.#before = shadow;
    this.#after = state;
  }

  begin<Input, Output>(
    command: CommandConditions<Input, Output>,
    input: Input,
    prose: Prose,
  ): CallCheck<Output> {
    const before = this.#before;
    const after = this.#after;
    bringUpToDate(before.store, after.store, differenceOf(before.store, after.store));
    const running = after.running!;
    before.running = { rec: before.store.recs.get(running.rec.address)!, resolve: running.resolve };
    const frame = (footprint: readonly Place[]): void => {
      checkFrame(before, after, command, footprint);
    };
    return {
      refused: () => frame([]),
      suspended: () => frame(command.footprint(before, after, input)),
      succeeded: (output) => {
        checkSuccess(before, after, command, input, output, prose);
        frame(command.footprint(before, after, input));
      },
    };
  }
}

function checkSuccess<Input, Output>(
  before: RmmState,
  after: RmmState,
  command: CommandConditions<Input, Output>,
  input: Input,
  output: Output,
  prose: Prose,
): void {
  const broken = command.brokenSuccess(before, after, input, output, prose);
  if (broken === undefined) return;
  const text = command.success.find((one) => one.id === broken)?.post ?? '';
  throw new SpecificationViolation(command.name, command.section, broken, text);
}

/** Checks that nothing else has changed than a footprint lets. @returns what has changed */
function checkFrame(
  before: RmmState,
  after: RmmState,
  command: { readonly name: string; readonly section: string },
  footprint: readonly Place[],
): Difference {
  const difference = differenceOf(before.store, after.store);
  const breach = firstBreach(
    new Differing(before, after, difference),
    new Differing(after, before, difference),
    footprint,
  );
  if (breach === undefined) return difference;
  const path = breach.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const detail = `${breach.function}(0x${breach.address.toString(16)})${path} has changed`;
  throw new SpecificationViolation(command.name, command.section, 'footprint', detail);
}
