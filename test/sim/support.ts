import type { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RMI_GRANULE_DELEGATE,
  RMI_REALM_CREATE,
  RMI_RTT_CREATE,
  RmiRealmParams,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate } from '../../runtime/bits/index.js';
import {
  checkInvariants,
  createMachine,
  type Machine,
  type MachineConfiguration,
} from '../../runtime/index.js';

export const PAGE = 0x1000;
export const BASE = 0x8000_0000;
/** The first half of a Realm's IPA space of 40 bits ends here. */
export const UNPROTECTED = 2 ** 39;

/** A checked machine with some megabytes at 0x80000000. */
export function machineOf(configuration: Partial<MachineConfiguration> = {}): Machine {
  return createMachine({ memory: [{ base: BASE, size: 0x400_0000 }], checked: true, ...configuration });
}

/** The Granule of a number, counted from the first one of memory. */
export const granule = (number: number): number => BASE + number * PAGE;

/** Calls by FID, and tells X0 to X4 as text. */
export function caller(machine: Machine) {
  return (command: { readonly fid: number }, ...inputs: readonly (bigint | number)[]): string =>
    Array.from(machine.smc(command.fid, ...inputs).subarray(0, 5), (value) => value.toString(16)).join(' ');
}

export interface BareRealm {
  readonly rd: number;
  readonly root: number;
}

/**
 * A Realm by calls alone: its RD at Granule `first`, its starting level RTTs `first + 16` onward, its parameters in
 * `first + 1`.
 */
export function bareRealm(machine: Machine, patch: RmiRealmParams.Patch = {}, first = 0): BareRealm {
  const call = caller(machine);
  const rd = granule(first);
  const root = granule(first + 16);
  const params = allocate(RmiRealmParams);
  params.assign({
    s2sz: 40,
    num_bps: 1,
    num_wps: 1,
    vmid: first + 1,
    rtt_base: BigInt(root),
    rtt_level_start: 1n,
    rtt_num_start: 2,
    ...patch,
  });
  machine.bus.write(granule(first + 1), params.$bytes);
  for (const page of [rd, ...Array.from({ length: params.rtt_num_start }, (_, i) => root + i * PAGE)])
    ok(call(RMI_GRANULE_DELEGATE, page));
  ok(call(RMI_REALM_CREATE, rd, granule(first + 1)));
  return { rd, root };
}

/** Creates the RTTs on the way to a level, in Granules that were not used. */
export function tablesTo(machine: Machine, rd: number, ipa: number, from: number, to: number, at: number) {
  const call = caller(machine);
  for (let level = from; level <= to; level++) {
    const rtt = granule(at + level - from);
    ok(call(RMI_GRANULE_DELEGATE, rtt));
    const size = 2 ** (12 + 9 * (4 - level));
    ok(call(RMI_RTT_CREATE, rd, rtt, Math.floor(ipa / size) * size, level));
  }
}

export function ok(answer: string): void {
  if (!/^0 /.test(answer)) throw new Error(`a command that should succeed returned ${answer}`);
}

export const stateOf = (machine: Machine, address: number): RmmGranuleState =>
  machine.rmm.store.granules.at(address)!.state;

/** What the invariants find. */
export const breaches = (machine: Machine): readonly string[] =>
  checkInvariants(machine.snapshot()).map(({ invariant, detail }) => `${invariant}: ${detail}`);
