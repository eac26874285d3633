import {
  equalRmmHashAlgorithmRsiHashAlgorithm,
  equalRmmRipasChangeDestroyedRsiRipasChangeDestroyed,
  equalRmmRipasRsiRipas,
} from '../../generated/rmm-1.0-rel0/conditions/functions.js';
import * as conditions from '../../generated/rmm-1.0-rel0/conditions/index.js';
import {
  RmmHostCallPending,
  RmmRecAttestState,
  RmmRipas,
  RmmRipasChangeDestroyed,
} from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  RmiRecExitReason,
  RmiRipas,
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
  RsiCommandReturnCode,
  RsiHashAlgorithm,
  RsiHostCall,
  RsiRealmConfig,
  RsiResponse,
  RsiRipas,
  RsiRipasChangeFlags,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate, type Command, type Registers } from '../bits/index.js';
import { addressOf, joinDoublewords } from '../conditions/index.js';
import { GRANULE } from '../machine/memory.js';
import type { LastExit } from '../machine/realm.js';
import { negotiate, type Revision } from '../machine/revision.js';
import { beyond, perform, prose, type RealmCommand, type Reply, registersOf, returned } from './call.js';
import { type RunContext, resolve, writeBytes } from './context.js';
import { unmapped } from './exceptions.js';
import type { RecExit } from './exit.js';
import { storeStructure, structureOf } from './structure.js';

/** Revisions of the RSI that are supported, lowest first (B5.1). */
const revisions: readonly Revision[] = [{ major: 1, minor: 0 }];
const { RSI_SUCCESS, RSI_ERROR_INPUT, RSI_INCOMPLETE, RSI_ERROR_UNKNOWN } = RsiCommandReturnCode;

/** A command: its failures come from its conditions, what is written here is what happens when none of them holds. */
function define<Inputs, Outputs, Input, Output>(
  codec: Command<Inputs, Outputs>,
  checks: conditions.CommandConditions<Input, Output>,
  input: (values: Inputs) => Input,
  succeed: (context: RunContext, values: Inputs) => Reply,
  output: (values: Outputs) => Output = (values) => values as unknown as Output,
): RealmCommand {
  return {
    name: codec.name,
    fid: codec.fid,
    inputs: registersOf(codec.name),
    call(context: RunContext, registers: Registers): Reply {
      const values = codec.decodeInputs(registers);
      return perform(
        context,
        checks,
        input(values),
        (answer) => output(codec.decodeOutputs(answer)),
        () => succeed(context, values),
      );
    },
  };
}

/**
 * What becomes of a command for whose structure the Realm has no memory at an IPA. The document names no outcome; as with
 * TF-RMM it is refused where the RIPAS is EMPTY, else the Host gets the Data Abort, and the Realm makes the call again.
 */
function inaccessible(context: RunContext, ipa: number, refused: Reply & { kind: 'return' }): Reply {
  if (context.follows) return beyond;
  if (ripasAt(context, ipa) === RmmRipas.EMPTY) return { ...refused, failed: true };
  return { kind: 'exit', exit: unmapped(context, ipa), outcome: 'again' };
}

const own = <T>(values: T): T => values;

/** The label of an enumeration that a test picks: one that means what a label of another enumeration does. */
function labelOf<E extends object>(labels: E, test: (label: number) => boolean): Extract<E[keyof E], number> {
  const found = Object.values(labels).find((label) => test(label as number));
  if (found === undefined) throw new RangeError('a label has no counterpart');
  return found as Extract<E[keyof E], number>;
}

// Versions and features

const version = define(RSI_VERSION, conditions.RSI_VERSION, own, (_context, { req }) => {
  const { compatible, lower, higher } = negotiate(revisions, { major: req.major, minor: req.minor });
  return returned(RSI_VERSION, {
    result: compatible ? RSI_SUCCESS : RSI_ERROR_INPUT,
    lower,
    higher,
  });
});

const features = define(RSI_FEATURES, conditions.RSI_FEATURES, own, () =>
  returned(RSI_FEATURES, { result: RSI_SUCCESS, value: 0n }),
);

/** B5.3.9: the configuration takes up the whole Granule, and its unused bits are zero (B5.4.5). */
const realmConfig = define(
  RSI_REALM_CONFIG,
  conditions.RSI_REALM_CONFIG,
  ({ addr }) => ({ addr: addressOf(addr) }),
  (context, { addr }) => {
    const { port, rec, realm } = context;
    const page = resolve(port, rec.owner, addressOf(addr));
    if (page === undefined)
      return inaccessible(context, addressOf(addr), returned(RSI_REALM_CONFIG, { result: RSI_ERROR_INPUT }));
    const config = allocate(RsiRealmConfig).$clear();
    config.ipa_width = BigInt(realm.ipa_width);
    config.hash_algo = labelOf(RsiHashAlgorithm, (label) =>
      equalRmmHashAlgorithmRsiHashAlgorithm(realm.hash_algo, label),
    );
    config.rpv = realm.rpv;
    writeBytes(port, page, config.$bytes);
    storeStructure(context, 'RsiRealmConfig', page, 'RsiRealmConfig', 'RSI_REALM_CONFIG');
    return returned(RSI_REALM_CONFIG, { result: RSI_SUCCESS });
  },
);

// Measurements

const measurementRead = define(
  RSI_MEASUREMENT_READ,
  conditions.RSI_MEASUREMENT_READ,
  own,
  (context, { index }) => {
    const measurement = context.realm.measurements[Number(index)]!;
    const view = new DataView(measurement.buffer, measurement.byteOffset, measurement.byteLength);
    const [value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7] = Array.from(
      { length: 8 },
      (_, i) => view.getBigUint64(i * 8, true),
    ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    const open = context.unknownMeasurements.has(Number(index)) ? ('open' as const) : undefined;
    const values = { value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7 };
    const latitude =
      open === undefined ? {} : Object.fromEntries(Object.keys(values).map((name) => [name, open]));
    return returned(RSI_MEASUREMENT_READ, { result: RSI_SUCCESS, ...values }, latitude);
  },
);

const measurementExtend: RealmCommand = {
  ...define(
    RSI_MEASUREMENT_EXTEND,
    conditions.RSI_MEASUREMENT_EXTEND,
    own,
    (context, { index, size, ...values }) => {
      const { realm, port } = context;
      const { value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7 } = values;
      const value = joinDoublewords([value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7]);
      const at = Number(index);
      const old = realm.measurements[at]!;
      realm.measurements[at] = port.state.RemExtend(realm.hash_algo, old, value, Number(size));
      return returned(RSI_MEASUREMENT_EXTEND, { result: RSI_SUCCESS });
    },
  ),
  callBlindly(context, registers, unknown) {
    const { index } = RSI_MEASUREMENT_EXTEND.decodeInputs(registers);
    const indices =
      unknown & registersOf(RSI_MEASUREMENT_EXTEND.name, 'index') ? [1, 2, 3, 4] : [Number(index)];
    for (const one of indices) context.unknownMeasurements.add(one);
    return beyond;
  },
};

// Attestation

const tokenInit = define(
  RSI_ATTESTATION_TOKEN_INIT,
  conditions.RSI_ATTESTATION_TOKEN_INIT,
  own,
  ({ rec, realm, port }, values) => {
    const { challenge_0, challenge_1, challenge_2, challenge_3 } = values;
    const { challenge_4, challenge_5, challenge_6, challenge_7 } = values;
    rec.attest_state = RmmRecAttestState.ATTEST_IN_PROGRESS;
    rec.attest_challenge = joinDoublewords([
      challenge_0,
      challenge_1,
      challenge_2,
      challenge_3,
      challenge_4,
      challenge_5,
      challenge_6,
      challenge_7,
    ]);
    port.attester.begin(rec, realm);
    const size = BigInt(port.attester.bound);
    return returned(RSI_ATTESTATION_TOKEN_INIT, { result: RSI_SUCCESS, size }, { size: 'open' });
  },
);

/** Whether a token is made, and how much of one call delivers, is for the implementation to say (A7.2.2, B5.3.1). */
const tokenContinue = define(
  RSI_ATTESTATION_TOKEN_CONTINUE,
  conditions.RSI_ATTESTATION_TOKEN_CONTINUE,
  (values) => ({ addr: addressOf(values.addr), offset: values.offset, size: values.size }),
  (context, { addr, offset, size }) => {
    const { port, rec, realm } = context;
    const page = resolve(port, rec.owner, addressOf(addr));
    if (page === undefined) {
      const refused = returned(RSI_ATTESTATION_TOKEN_CONTINUE, { result: RSI_ERROR_INPUT, len: 0n });
      return inaccessible(context, addressOf(addr), refused);
    }
    const address = page + Number(offset);
    const part = port.attester.next(rec, realm, Number(size));
    if (part !== undefined) writeBytes(port, address, part.bytes);
    context.stored({
      address,
      size: Number(size),
      what: 'attestation token',
      occasion: RSI_ATTESTATION_TOKEN_CONTINUE.name,
      section: 'A7.2',
      open: 'what a token says, and how much of it a call delivers, is for the implementation to say',
    });
    const results: readonly bigint[] = [RSI_SUCCESS, RSI_INCOMPLETE, RSI_ERROR_UNKNOWN];
    const done = part?.complete === true ? RSI_SUCCESS : RSI_INCOMPLETE;
    const result = part === undefined ? RSI_ERROR_UNKNOWN : done;
    return {
      ...returned(
        RSI_ATTESTATION_TOKEN_CONTINUE,
        { result, len: BigInt(part?.bytes.length ?? 0) },
        { result: (observed) => results.includes(observed), len: 'open' },
      ),
      settle(result) {
        if (result === RSI_SUCCESS) rec.attest_state = RmmRecAttestState.NO_ATTEST_IN_PROGRESS;
      },
    };
  },
);

// The Host

interface RegisterArray {
  readonly length: number;
  get(index: number): bigint;
  set(index: number, value: bigint): void;
}

function copyRegisters(from: RegisterArray, to: RegisterArray): void {
  for (let i = 0; i < from.length; i++) to.set(i, from.get(i));
}

/** A4.3.9: the structure in Realm memory is handed to the Host; it comes back at the next entry. */
const hostCall = define(
  RSI_HOST_CALL,
  conditions.RSI_HOST_CALL,
  ({ addr }) => ({ addr: addressOf(addr) }),
  (context, { addr }) => {
    const { rec } = context;
    const ipa = addressOf(addr);
    const data = hostCallAt(context, ipa)?.view;
    if (data === undefined)
      return inaccessible(context, ipa, returned(RSI_HOST_CALL, { result: RSI_ERROR_INPUT }));
    rec.last = { due: 'host call', ipa };
    const exit: RecExit = {
      what: 'REC exit due to Host call',
      section: 'A4.3.9',
      reason: RmiRecExitReason.RMI_EXIT_HOST_CALL,
      hostCall: true,
      carries: ['imm', 'gprs'],
      fill(shown) {
        shown.imm = data.imm;
        copyRegisters(data.gprs, shown.gprs);
      },
    };
    return { kind: 'exit', exit, outcome: 'goes on' };
  },
);

/** The structure of a Host call in Realm memory, which lies in one Granule (B5.3.4). */
function hostCallAt(
  { port, rec }: RunContext,
  ipa: number,
): { readonly view: RsiHostCall; readonly address: number } | undefined {
  const offset = ipa % GRANULE;
  const page = resolve(port, rec.owner, ipa - offset);
  if (page === undefined) return undefined;
  const view = new RsiHostCall(port.memory.memoryAt(page), port.memory.offsetAt(page) + offset);
  return { view, address: page + offset };
}

/** REC entry after a Host call (A4.2.2); undefined when the structure is no longer mapped. */
export function completeHostCall(context: RunContext, ipa: number, gprs: RegisterArray): Reply | undefined {
  const found = hostCallAt(context, ipa);
  if (found === undefined) return undefined;
  copyRegisters(gprs, found.view.gprs);
  // The immediate value is the Realm's own, and unused bits are nobody's (B5.4.3).
  const { members } = structureOf('RsiHostCall');
  const registers = members.find((member) => member.name === 'gprs')!;
  for (let i = 0; context.isWatched && i < gprs.length; i++)
    context.stored({
      address: found.address + registers.offset + (i * registers.bits) / 8,
      size: registers.bits / 8,
      what: `RsiHostCall.gprs[${i}]`,
      occasion: 'REC entry after a Host call',
      section: 'A4.2.2',
      open: undefined,
    });
  context.rec.host_call_pending = RmmHostCallPending.NO_HOST_CALL_PENDING;
  return returned(RSI_HOST_CALL, { result: RSI_SUCCESS });
}

// RIPAS

const ripasGet = define(
  RSI_IPA_STATE_GET,
  conditions.RSI_IPA_STATE_GET,
  ({ base, top }) => ({ base: addressOf(base), top: addressOf(top) }),
  (context, inputs) => {
    const base = addressOf(inputs.base);
    const top = addressOf(inputs.top);
    const first = ripasAt(context, base);
    // The first table's entries are answer enough; how far an answer goes is the implementation's (B5.3.5.1.3).
    const end = endOfRipas(context, base, top, 'table');
    return returned(
      RSI_IPA_STATE_GET,
      {
        result: RSI_SUCCESS,
        out_top: BigInt(end),
        ripas: labelOf(RsiRipas, (label) => equalRmmRipasRsiRipas(first, label)),
      },
      {
        out_top: (observed) =>
          observed > inputs.base &&
          observed <= inputs.top &&
          endOfRipas(context, base, addressOf(observed), 'all') >= addressOf(observed),
      },
    );
  },
  (values) => ({ ...values, out_top: addressOf(values.out_top) }),
);

function ripasAt({ port, rec }: RunContext, ipa: number): RmmRipas {
  return port.state.RttWalk(rec.owner, ipa)!.rtte.ripas;
}

/** How far from `base` on, but not beyond `top`, every address has the RIPAS that `base` has. */
function endOfRipas(context: RunContext, base: number, top: number, within: 'table' | 'all'): number {
  const { state } = context.port;
  const { owner } = context.rec;
  const first = state.RttWalk(owner, base)!;
  let at = base;
  while (at < top) {
    const walk = state.RttWalk(owner, at)!;
    if (walk.rtte.ripas !== first.rtte.ripas) break;
    if (within === 'table' && walk.rtt_addr !== first.rtt_addr) break;
    const size = state.RttLevelSize(walk.level)!;
    at = (Math.floor(at / size) + 1) * size;
  }
  return Math.min(at, top);
}

const changeOutputs = (values: RSI_IPA_STATE_SET.Outputs) => ({
  ...values,
  new_base: addressOf(values.new_base),
});

/** A5.4: the request is recorded, and the Host is asked. */
const ripasSet = define(
  RSI_IPA_STATE_SET,
  conditions.RSI_IPA_STATE_SET,
  ({ base, top, ripas, flags }) => ({
    base: addressOf(base),
    top: addressOf(top),
    ripas,
    flags: RsiRipasChangeFlags.of(flags),
  }),
  (context, { base, top, ripas, flags }) => {
    const { rec, port } = context;
    rec.ripas_addr = addressOf(base);
    rec.ripas_top = addressOf(top);
    rec.ripas_value = labelOf(RmmRipas, (label) => equalRmmRipasRsiRipas(label, ripas));
    rec.ripas_destroyed = labelOf(RmmRipasChangeDestroyed, (label) =>
      equalRmmRipasChangeDestroyedRsiRipasChangeDestroyed(label, flags.destroyed),
    );
    const asked = port.state.RipasToRmi(rec.ripas_value);
    rec.last = {
      due: 'RIPAS change',
      base: addressOf(base),
      top: addressOf(top),
      ripas,
      flags: RsiRipasChangeFlags.of(flags).$value,
    };
    return {
      kind: 'exit',
      outcome: 'goes on',
      exit: {
        what: 'REC exit due to RIPAS change pending',
        section: 'A4.3.8',
        reason: RmiRecExitReason.RMI_EXIT_RIPAS_CHANGE,
        ripasChange: true,
        carries: ['ripas_base', 'ripas_top', 'ripas_value'],
        fill(shown) {
          shown.ripas_base = base;
          shown.ripas_top = top;
          shown.ripas_value = labelOf(RmiRipas, (label) => label === asked);
        },
      },
    };
  },
  changeOutputs,
);

/** REC entry after a RIPAS change request: the Realm learns how far it was carried out (A5.4). */
export function completeRipasChange(
  context: RunContext,
  { base, top, ripas, flags }: LastExit & { readonly due: 'RIPAS change' },
): Reply {
  const { rec, port } = context;
  const response = port.state.RecRipasChangeResponse(rec);
  const outputs = {
    result: RSI_SUCCESS,
    new_base: BigInt(rec.ripas_addr),
    response: labelOf(RsiResponse, (label) => label === response),
  };
  // The failure conditions were for the call; what is left is its success.
  const input = { base, top, ripas, flags: RsiRipasChangeFlags.of(flags) };
  if (!context.follows)
    port.checker?.begin(conditions.RSI_IPA_STATE_SET, input, prose).succeeded(changeOutputs(outputs));
  return returned(RSI_IPA_STATE_SET, outputs);
}

export const rsiCommands: readonly RealmCommand[] = [
  version,
  features,
  realmConfig,
  measurementRead,
  measurementExtend,
  tokenInit,
  tokenContinue,
  hostCall,
  ripasGet,
  ripasSet,
];
