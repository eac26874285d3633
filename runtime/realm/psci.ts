import * as conditions from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { RmmRealmState, RmmRecRunnable } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import {
  PSCI_AFFINITY_INFO,
  PSCI_CPU_OFF,
  PSCI_CPU_ON,
  PSCI_CPU_SUSPEND,
  PSCI_FEATURES,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  PSCI_VERSION,
  PsciInterfaceVersion,
  PsciReturnCode,
  RmiRecExitReason,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { type Command, type Registers, readField } from '../bits/index.js';
import { addressOf } from '../conditions/index.js';
import { answered, layoutOf, perform, type RealmCommand, type Reply, registersOf } from './call.js';
import { freshContinuation, type RunContext, UNKNOWN_REGISTER } from './context.js';
import { among, exactly, open } from './expected.js';

/** The lowest version of the PSCI that an RMM may have (B6.2), which is the one that is offered. */
const VERSION = { major: 1, minor: 1 };

const encode = (code: bigint): bigint => BigInt.asUintN(64, code);

interface PsciCodec {
  readonly name: string;
  readonly fid: number;
}

/** A call that the Host takes part in: the exit shows its FID and its arguments (A4.3.3, A4.3.7). */
function forward(
  context: RunContext,
  codec: PsciCodec,
  registers: Registers,
  outcome: 'goes on' | 'done',
  psciPending?: true,
): Reply {
  const layout = layoutOf(codec.name);
  const values = layout.inputs.map((input) =>
    readField(registers.memory, registers.base + input.register * 8, input),
  );
  const unknown = registersOf(codec.name) & context.continuation.unknown;
  context.rec.last = { due: 'PSCI', command: codec.name, completed: psciPending === true };
  return {
    kind: 'exit',
    outcome,
    exit: {
      what: 'REC exit due to PSCI',
      section: 'A4.3.7',
      reason: RmiRecExitReason.RMI_EXIT_PSCI,
      ...(psciPending === undefined ? {} : { psciPending: codec.fid }),
      ...(layout.inputs.length > 0 && unknown !== 0
        ? { open: { members: ['gprs'], reason: UNKNOWN_REGISTER } }
        : {}),
      fill(shown) {
        shown.gprs.set(0, BigInt(codec.fid));
        for (const [i, value] of values.entries()) shown.gprs.set(i + 1, value);
      },
    },
  };
}

/** A command: its failures come from its conditions, what is written here is what happens when none of them holds. */
function define<Inputs, Outputs, Input, Output>(
  codec: Command<Inputs, Outputs>,
  checks: conditions.CommandConditions<Input, Output>,
  input: (values: Inputs) => Input,
  succeed: (context: RunContext, values: Inputs, registers: Registers) => Reply,
  ignored: (context: RunContext, values: Inputs) => readonly string[] = () => [],
): RealmCommand {
  return {
    name: codec.name,
    fid: codec.fid,
    inputs: registersOf(codec.name),
    call(context, registers) {
      const values = codec.decodeInputs(registers);
      return perform(
        context,
        checks,
        input(values),
        (answer) => codec.decodeOutputs(answer) as unknown as Output,
        () => succeed(context, values, registers),
        ignored(context, values),
      );
    },
  };
}

const own = <T>(values: T): T => values;

const version = define(PSCI_VERSION, conditions.PSCI_VERSION, own, (context) => {
  const rule = { id: 'result', text: `version ${VERSION.major}.${VERSION.minor} or later`, section: 'B6.2' };
  return answered(
    context,
    among(
      PsciInterfaceVersion.of(VERSION).$value,
      (observed) => {
        const seen = PsciInterfaceVersion.of(observed);
        return seen.major > VERSION.major || (seen.major === VERSION.major && seen.minor >= VERSION.minor);
      },
      rule,
    ),
  );
});

const features = define(PSCI_FEATURES, conditions.PSCI_FEATURES, own, (context, { psci_func_id: fid }) => {
  const supported = psciCommands.some((one) => one.fid === fid);
  const id = supported ? 'func_ok' : 'func_not_ok';
  const { section, success } = conditions.PSCI_FEATURES;
  const text = success.find((condition) => condition.id === id)?.post ?? '';
  return answered(
    context,
    exactly(encode(supported ? PsciReturnCode.PSCI_SUCCESS : PsciReturnCode.PSCI_NOT_SUPPORTED), {
      id,
      text,
      section,
    }),
  );
});

const suspend = define(
  PSCI_CPU_SUSPEND,
  conditions.PSCI_CPU_SUSPEND,
  (values) => ({ ...values, entry_point_address: addressOf(values.entry_point_address) }),
  (context, _values, registers) => forward(context, PSCI_CPU_SUSPEND, registers, 'goes on'),
);

/** The REC is not runnable from here on; whoever turns it on again starts it anew. */
const off = define(PSCI_CPU_OFF, conditions.PSCI_CPU_OFF, own, (context, _values, registers) => {
  context.rec.flags = { runnable: RmmRecRunnable.NOT_RUNNABLE };
  const reply = forward(context, PSCI_CPU_OFF, registers, 'done');
  context.rec.last = { due: 'nothing' };
  Object.assign(context.continuation, freshContinuation(), { starts: true });
  return reply;
});

/**
 * Whether a REC has named itself, and the RMM answers at once: the Host could not, since RMI_PSCI_COMPLETE takes two RECs
 * that differ (B4.3.7). Another implementation that is followed may have asked it.
 */
const namesItself = ({ rec, foresees }: RunContext, mpidr: bigint): boolean =>
  mpidr === rec.mpidr && foresees() !== 'exit';

/**
 * Whether the target runs already is for RMI_PSCI_COMPLETE to find out, since the RMM need not know which REC an MPIDR
 * stands for (A4.3.7); one that does know may answer at once.
 */
const on = define(
  PSCI_CPU_ON,
  conditions.PSCI_CPU_ON,
  (values) => ({ ...values, entry_point_address: addressOf(values.entry_point_address) }),
  (context, _values, registers) => forward(context, PSCI_CPU_ON, registers, 'goes on', true),
  (context, { target_cpu }) =>
    context.foresees() === 'rsi' || namesItself(context, target_cpu) ? [] : ['runnable'],
);

const affinityInfo = define(
  PSCI_AFFINITY_INFO,
  conditions.PSCI_AFFINITY_INFO,
  own,
  (context, { target_affinity }, registers) => {
    if (!namesItself(context, target_affinity))
      return forward(context, PSCI_AFFINITY_INFO, registers, 'goes on', true);
    const rule = { id: 'result', text: 'a REC that asks about itself is on', section: 'B6.3.1' };
    return answered(context, exactly(encode(PsciReturnCode.PSCI_SUCCESS), rule));
  },
);

/** PSCI_SYSTEM_OFF and PSCI_SYSTEM_RESET, which come to the same (B6.3.7). */
const shutDown = (
  codec: typeof PSCI_SYSTEM_OFF | typeof PSCI_SYSTEM_RESET,
  checks: typeof conditions.PSCI_SYSTEM_OFF | typeof conditions.PSCI_SYSTEM_RESET,
): RealmCommand =>
  define(codec, checks, own, (context, _values, registers) => {
    context.realm.state = RmmRealmState.REALM_SYSTEM_OFF;
    return forward(context, codec, registers, 'done');
  });

/** X0 to X6 after a PSCI call (A4.2.2): RMI_PSCI_COMPLETE has set the first four, where the Host took part. */
export function completedPsci({ rec }: RunContext, completed: boolean): Reply {
  const registers = Array.from({ length: 7 }, (_, i) => {
    const rule = { id: `X${i}`, text: 'the PSCI return code and output values', section: 'A4.2.2' };
    return completed && i < 4 ? exactly(rec.gprs[i]!, rule) : open(i === 0 ? 0n : rec.gprs[i]!, rule);
  });
  return { kind: 'return', registers };
}

export const psciCommands: readonly RealmCommand[] = [
  version,
  features,
  suspend,
  off,
  on,
  affinityInfo,
  shutDown(PSCI_SYSTEM_OFF, conditions.PSCI_SYSTEM_OFF),
  shutDown(PSCI_SYSTEM_RESET, conditions.PSCI_SYSTEM_RESET),
];
