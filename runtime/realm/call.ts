import type { CommandConditions, Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { RsiCommandReturnCode, SmcccReturnCode } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import { type Command, type CommandMetadata, Registers } from '../bits/index.js';
import { permittedFailures } from '../conditions/index.js';
import type { Expected, Rule } from '../machine/realm.js';
import type { RunContext } from './context.js';
import type { RecExit } from './exit.js';
import { among, exactly, open } from './expected.js';

/** What becomes of a call of the Realm. */
export type Reply =
  /** It returns: X0 and some registers after it; the others are restored from the REC. */
  | {
      readonly kind: 'return';
      readonly registers: readonly Expected[];
      /** Whether the call has failed. */
      readonly failed?: true;
      /** Told of what X0 came to be, where the document lets it be one of several. */
      readonly settle?: (result: bigint) => void;
    }
  /** The REC exits; the answer comes at the next entry. */
  | {
      readonly kind: 'exit';
      readonly exit: RecExit;
      /**
       * What becomes of the call: it goes on at the next entry, or is made again then, as if the Realm had not made it
       * yet; or it is done, and does not return.
       */
      readonly outcome: 'goes on' | 'again' | 'done';
    }
  /** What becomes of it is not modelled here. */
  | { readonly kind: 'beyond' };

export const beyond: Reply = { kind: 'beyond' };

/** An output value that need not be the one that is returned. */
export type Latitude = 'open' | ((observed: bigint) => boolean);

/** A command that a Realm calls. */
export interface RealmCommand {
  readonly name: string;
  readonly fid: number;
  /** Which registers its input values lie in, a bit each. */
  readonly inputs: number;
  call(context: RunContext, registers: Registers): Reply;
  /** The same where the contents of some of those registers are not known, a bit each; it is beyond the model if absent. */
  callBlindly?(context: RunContext, registers: Registers, unknown: number): Reply;
}

const { RSI_INCOMPLETE, RSI_SUCCESS } = RsiCommandReturnCode;

const isSupported = (fid: number): boolean =>
  Object.values(metadata.commands).some((command) => command.interface === 'PSCI' && command.fid === fid);

/** Answers for the conditions of RSI and PSCI commands that the document states in prose. */
export const prose = {
  // Only the attester knows, and says it when it is asked for the token; the Host says it later.
  tokenGenerationFailed: () => false,
  hostDeniesCpuOn: () => false,
  tokenGenerationIncomplete: (_before, _after, _input, { result }) => result === RSI_INCOMPLETE,
  tokenGenerationComplete: (_before, _after, _input, { result }) => result === RSI_SUCCESS,
  psciFunctionSupported: (_before, _after, { psci_func_id }) => isSupported(psci_func_id),
  psciFunctionNotSupported: (_before, _after, { psci_func_id }) => !isSupported(psci_func_id),
} satisfies Partial<Prose> as unknown as Prose;

export function layoutOf(name: string): CommandMetadata {
  const layout = metadata.commands[name];
  if (layout === undefined) throw new TypeError(`there is no command ${name}`);
  return layout;
}

/** Registers that an RSI command returns in: X0 to X16 (B1.2). */
function ruleOf(layout: CommandMetadata, register: number): Rule {
  const values = layout.outputs.filter((value) => value.register === register);
  if (values.length === 0)
    return { id: `X${register}`, text: 'a register that is no output value MBZ', section: 'B1.2' };
  return {
    id: values.map((value) => value.name).join(', '),
    text: values.map((value) => `${value.name}: ${value.doc}`).join('; '),
    section: layout.section,
  };
}

/** How an RSI command returns that has succeeded: its outputs, and zero in every other register (B1.2). */
export function returned<Outputs>(
  codec: Pick<Command<unknown, Outputs>, 'name' | 'encodeOutputs'>,
  outputs: Outputs,
  latitude: Partial<Record<keyof Outputs & string, Latitude>> = {},
): Reply & { readonly kind: 'return' } {
  const layout = layoutOf(codec.name);
  const registers = new Registers();
  codec.encodeOutputs(registers, outputs);
  const values: Expected[] = [];
  for (let i = 0; i < Registers.count; i++) {
    const name = layout.outputs.find((value) => value.register === i)?.name as
      | (keyof Outputs & string)
      | undefined;
    const freedom = name === undefined ? undefined : latitude[name];
    const rule = ruleOf(layout, i);
    const value = registers.get(i);
    if (freedom === 'open') values.push(open(value, rule));
    else values.push(freedom === undefined ? exactly(value, rule) : among(value, freedom, rule));
  }
  return { kind: 'return', registers: values };
}

/** How a call returns of whose registers after the first few nothing is said. */
export function answered(context: RunContext, ...registers: readonly Expected[]): Reply {
  const all = [...registers];
  for (let i = all.length; i < Registers.count; i++) {
    const rule = { id: `X${i}`, text: 'a register that is no output value of the call', section: 'B1.2' };
    all.push(open(context.rec.gprs[i]!, rule));
  }
  return { kind: 'return', registers: all };
}

/** The answer to what is neither RSI nor PSCI. */
export function notSupported(context: RunContext): Reply {
  return answered(
    context,
    exactly(BigInt.asUintN(64, SmcccReturnCode.SMCCC_NOT_SUPPORTED), {
      id: 'X0',
      text: 'an SMC that is neither RSI nor PSCI returns SMCCC_NOT_SUPPORTED',
      section: 'A4.3.4',
    }),
  );
}

/**
 * The reply of a command one or more of whose failures hold: one of their codes, in X0. All other output values are
 * undefined (B1.6); of an RSI command the registers that are none are zero (B1.2).
 */
function failed<Input, Output>(
  context: RunContext,
  conditions: CommandConditions<Input, Output>,
  input: Input,
  ignored: readonly string[],
): Reply | undefined {
  const { state } = context.port;
  const predecessors = conditions.failures.map((failure) => failure.predecessors);
  const permitted = permittedFailures(conditions.evaluate(state, input, prose), predecessors).filter(
    (failure) => !ignored.includes(conditions.failures[failure]!.id),
  );
  if (permitted.length === 0) return undefined;
  const codes = permitted.map((failure) =>
    BigInt.asUintN(64, BigInt(conditions.outcome(failure, state, input).status)),
  );
  const layout = layoutOf(conditions.name);
  const held = permitted.map((failure) => conditions.failures[failure]!);
  const result = among(codes[0]!, (observed) => codes.includes(observed), {
    id: held.map((failure) => failure.id).join(', '),
    text: held.map((failure) => `${failure.pre} -> ${failure.post}`).join('; '),
    section: layout.section,
  });
  if (layout.interface !== 'RSI') return answered(context, result);
  const registers: Expected[] = [result];
  for (let i = 1; i < Registers.count; i++) {
    const rule = ruleOf(layout, i);
    const isOutput = layout.outputs.some((value) => value.register === i);
    registers.push(isOutput ? open(0n, rule) : exactly(0n, rule));
  }
  return { kind: 'return', registers };
}

/**
 * Carries out a call: it fails as its conditions say, or else succeeds. In checked mode its success conditions and its
 * footprint are checked.
 *
 * @param outputs decodes the output values
 * @param ignored failures that are for somebody else to report
 */
export function perform<Input, Output>(
  context: RunContext,
  conditions: CommandConditions<Input, Output>,
  input: Input,
  outputs: (registers: Registers) => Output,
  succeed: () => Reply,
  ignored: readonly string[] = [],
): Reply {
  // Another implementation that is followed is judged, not checked.
  const check = context.follows ? undefined : context.port.checker?.begin(conditions, input, prose);
  const failure = failed(context, conditions, input, ignored);
  if (failure !== undefined) {
    check?.refused();
    return failure;
  }
  const reply = succeed();
  if (check === undefined) return reply;
  switch (reply.kind) {
    case 'return': {
      if (reply.failed === true) {
        check.refused();
        break;
      }
      const [result] = reply.registers;
      reply.settle?.(result!.value);
      check.succeeded(outputs(registersWith(reply.registers)));
      break;
    }
    case 'exit':
      if (reply.outcome === 'again') check.refused();
      else if (reply.outcome === 'goes on') check.suspended();
      // Commands that do not return have no output values.
      else check.succeeded(outputs(new Registers()));
      break;
  }
  return reply;
}

function registersWith(values: readonly Expected[]): Registers {
  return Registers.of(values.slice(0, Registers.count).map(({ value }) => value));
}

/** The registers that all or some of the input values of a command lie in, a bit each. */
export function registersOf(name: string, ...inputs: readonly string[]): number {
  return layoutOf(name)
    .inputs.filter((value) => inputs.length === 0 || inputs.includes(value.name))
    .reduce((bits, { register }) => bits | (1 << register), 0);
}
