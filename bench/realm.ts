import { performance } from 'node:perf_hooks';
import { RMI_REC_ENTER, RSI_HOST_CALL, RSI_VERSION } from '../generated/rmm-1.0-rel0/typescript/index.js';
import { createMachine, GRANULE, type RealmProgram, ScriptedRealm } from '../runtime/index.js';
import type { Round, Row } from './calls.js';

const BASE = 0x8000_0000;
const ENTRIES = 500;
/** RSI calls in one entry. */
const CALLS = 200;
const UNPROTECTED = 2 ** 39;

/** Enters a REC over and over, with what stands in its run page. The page is the same each time, as a VMM has it. */
function entries(program: RealmProgram | undefined, perEntry = 1, flags = 0n): () => Round {
  const machine = createMachine({
    memory: [{ base: BASE, size: 0x100_0000 }],
    ...(program === undefined ? { executor: new ScriptedRealm() } : {}),
  });
  const realm = machine.host.createRealm();
  realm.populate(0, new Uint8Array(2 * GRANULE));
  const rec = realm.createRec(program === undefined ? {} : { program });
  realm.activate();
  const run = machine.host.allocatePage();
  machine.bus.write64(run, 0n);
  const x = machine.registers.memory.u64!;
  const enter = (): void => {
    x[0] = BigInt(RMI_REC_ENTER.fid);
    x[1] = BigInt(rec.address);
    x[2] = BigInt(run);
    machine.call();
    if (x[0] !== 0n) throw new Error(`RMI_REC_ENTER failed: 0x${x[0]!.toString(16)}`);
  };
  enter();
  machine.bus.write64(run, flags);
  return () => {
    const start = performance.now();
    for (let i = 0; i < ENTRIES; i++) enter();
    return { calls: ENTRIES * perEntry, milliseconds: performance.now() - start };
  };
}

/** What a REC costs, entered and left again: each row counts round trips, but for the one that counts calls. */
export function realmRows(): readonly Row[] {
  // The reference, built for a host, makes 57 thousand round trips a second.
  const reference = { upstream: 57e3, tuned: 57e3 };
  return [
    {
      name: 'RMI_REC_ENTER, exit due to FIQ',
      reference,
      prepare: () => entries(undefined),
    },
    {
      name: 'RMI_REC_ENTER, exit due to Host call',
      reference,
      prepare: () =>
        entries(function* (cpu) {
          for (;;) yield* cpu.smc(RSI_HOST_CALL.fid, GRANULE);
        }),
    },
    {
      name: 'RMI_REC_ENTER, exit due to emulated read',
      prepare: () =>
        entries(
          function* (cpu) {
            for (;;) yield* cpu.load32(UNPROTECTED);
          },
          1,
          1n,
        ),
    },
    {
      name: 'RSI_VERSION of a Realm that runs',
      prepare: () =>
        entries(function* (cpu) {
          for (;;) {
            for (let i = 0; i < CALLS; i++) yield* cpu.smc(RSI_VERSION.fid, 0x1_0000);
            yield* cpu.smc(RSI_HOST_CALL.fid, GRANULE);
          }
        }, CALLS),
    },
  ];
}
