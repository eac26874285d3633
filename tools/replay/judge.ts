import type { CommandConditions, Prose, State } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import {
  RMI_RTT_READ_ENTRY,
  RmiCommandReturnCode,
  RmiStatusCode,
  SmcccReturnCode,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import {
  type CommandMetadata,
  type CommandValueMetadata,
  type FieldsetMetadata,
  type Registers,
  readField,
  reservedRegisterUses,
} from '../../runtime/bits/index.js';
import { permitsSuccess, permittedFailures } from '../../runtime/conditions/index.js';
import { WATCHED } from '../../runtime/machine/realm.js';
import type { rmiCall } from '../../runtime/machine/trace.js';
import { type Breach, hex } from './verdict.js';

type RmiCall = NonNullable<ReturnType<typeof rmiCall>>;
type Conditions = CommandConditions<unknown, unknown>;

/** What the document permits a command to return in some state. */
export interface Permission {
  readonly command: RmiCall;
  readonly input: unknown;
  /** Failures that may be reported, by position. */
  readonly failures: readonly number[];
  readonly success: boolean;
}

/** Evaluates the conditions of a command on the state before it. */
export function permissionOf(command: RmiCall, given: Registers, state: State, prose: Prose): Permission {
  const { conditions } = command;
  const input = command.input(given.memory);
  const evaluation = conditions.evaluate(state, input, prose);
  const predecessors = conditions.failures.map((failure) => failure.predecessors);
  const held = new Set(permittedFailures(evaluation, predecessors));
  return {
    command,
    input,
    failures: conditions.order.filter((failure) => held.has(failure)),
    success: permitsSuccess(evaluation),
  };
}

/** A status and its index as people read them. */
function outcomeText(status: number | bigint, index: number | undefined): string {
  const label = RmiStatusCode.nameOf(Number(status)) ?? hex(status);
  return index === undefined ? label : `${label} ${index}`;
}

/** Whether X0 is a return code: a status with a label, an index, and zero in all other bits (B4.4.1). */
function isReturnCode(returned: Registers): boolean {
  const code = metadata.types.RmiCommandReturnCode as FieldsetMetadata;
  const isReserved = code.reserved.some((bits) => readField(returned.memory, returned.base, bits) !== 0n);
  return !isReserved && RmiStatusCode.is(RmiCommandReturnCode.of(returned.get(0)).status);
}

function observedText(returned: Registers): string {
  const x0 = returned.get(0);
  if (x0 === BigInt.asUintN(64, SmcccReturnCode.SMCCC_NOT_SUPPORTED)) return 'SMCCC_NOT_SUPPORTED';
  if (!isReturnCode(returned)) return hex(x0);
  const { status, index } = RmiCommandReturnCode.of(x0);
  return outcomeText(status, index === 0 && status !== RmiStatusCode.RMI_ERROR_RTT ? undefined : index);
}

/** The statuses whose index is zero by B4.2; with the others a condition says what it is, or nothing does. */
const withoutIndex: readonly number[] = [
  RmiStatusCode.RMI_SUCCESS,
  RmiStatusCode.RMI_ERROR_INPUT,
  RmiStatusCode.RMI_ERROR_REC,
];

const layoutOf = (conditions: Conditions): CommandMetadata => metadata.commands[conditions.name]!;

/** Registers that carry no output value (B1.2), as far as they were observed. */
function strayRegisters(layout: CommandMetadata, returned: Registers): Breach[] {
  const used = new Set(layout.outputs.map((output) => output.register));
  const breaches: Breach[] = [];
  for (let i = 0; i < WATCHED; i++) {
    const value = returned.get(i);
    if (used.has(i) || value === 0n) continue;
    const text = 'a register that is no output value MBZ';
    breaches.push({ id: `X${i}`, text, section: 'B1.2', expected: '0x0', observed: hex(value) });
  }
  return breaches;
}

/** What could have been returned instead. */
function expectedText({ command, input, failures }: Permission, state: State): string {
  if (failures.length === 0) return 'RMI_SUCCESS';
  const texts = failures.map((failure) => {
    const { status, index } = command.conditions.outcome(failure, state, input);
    return outcomeText(status, index);
  });
  return [...new Set(texts)].join(' or ');
}

/** A return code that is none. */
function malformed(permission: Permission, state: State, returned: Registers): Breach {
  return {
    id: 'result',
    text: 'X0 holds a status in bits 7:0 and an index in bits 15:8, other bits MBZ',
    section: metadata.types.RmiCommandReturnCode!.section,
    expected: expectedText(permission, state),
    observed: observedText(returned),
  };
}

/**
 * Judges a command that reported a failure, or should have.
 *
 * @returns what it goes against; empty when it conforms
 */
export function judgeFailure(permission: Permission, state: State, returned: Registers): readonly Breach[] {
  const { command, input, failures } = permission;
  const { conditions } = command;
  const layout = layoutOf(conditions);
  const output = command.output(returned.memory);
  if (!isReturnCode(returned)) return [malformed(permission, state, returned)];
  const { status, index } = RmiCommandReturnCode.of(returned.get(0));
  const observed = observedText(returned);
  const expected = expectedText(permission, state);

  if (failures.length === 0) {
    const alike = conditions.failures.filter(({ post }) =>
      post.includes(RmiStatusCode.nameOf(status) ?? '?'),
    );
    const names = alike.length === 0 ? '' : `: ${alike.map((failure) => failure.id).join(', ')} do not hold`;
    return [
      { id: 'success', text: `no failure condition holds${names}`, section: 'B1.6', expected, observed },
    ];
  }
  const fitting = failures.filter((failure) => conditions.postHolds(failure, state, input, output));
  const breach = (failure: number, text: string, seen: string): Breach => {
    const { id } = conditions.failures[failure]!;
    return { id, text, section: conditions.section, expected, observed: seen };
  };
  if (fitting.length === 0) {
    // The right status with something else that is wrong is told by what must hold then, another by what was not seen.
    const near = failures.filter((failure) => conditions.outcome(failure, state, input).status === status);
    if (near.length > 0)
      return near
        .slice(0, 1)
        .map((failure) => breach(failure, conditions.failures[failure]!.post, outputsText(layout, returned)));
    return failures.map((failure) => {
      const { pre, post } = conditions.failures[failure]!;
      const one = conditions.outcome(failure, state, input);
      return {
        ...breach(failure, `${pre} -> ${post}`, observed),
        expected: outcomeText(one.status, one.index),
      };
    });
  }
  const breaches = strayRegisters(layout, returned);
  if (withoutIndex.includes(status) && index !== 0)
    breaches.push({
      id: 'index',
      text: `with ${RmiStatusCode.nameOf(status)} the index is zero`,
      section: 'B4.2',
      expected,
      observed,
    });
  breaches.push(...zeroOutputs(conditions, fitting, returned));
  return breaches;
}

/**
 * Outputs are undefined on failure, unless the document says otherwise (B1.6). An output that some failure defines is
 * zero with those that do not (B4.3.3.1.3, B4.3.16.1.3, B4.3.22.1.3).
 */
function zeroOutputs(conditions: Conditions, fitting: readonly number[], returned: Registers): Breach[] {
  const defines = (name: string, post: string): boolean => new RegExp(`\\b${name} ==`).test(post);
  const { outputs } = layoutOf(conditions);
  return outputs
    .filter(
      ({ name, register }) => register > 0 && conditions.failures.some(({ post }) => defines(name, post)),
    )
    .filter(({ name }) => !fitting.some((failure) => defines(name, conditions.failures[failure]!.post)))
    .flatMap((output) => {
      const value = outputOf(output, returned);
      if (value === 0n) return [];
      const text = `${output.name} is 0 with every error that has no walk`;
      const section = `${conditions.section}.1.3`;
      return [{ id: output.name, text, section, expected: '0x0', observed: hex(value) }];
    });
}

function outputOf(value: CommandValueMetadata, registers: Registers): bigint {
  return readField(registers.memory, registers.base + value.register * 8, value);
}

function outputsText(layout: CommandMetadata, registers: Registers): string {
  const rest = layout.outputs
    .filter((output) => output.register > 0)
    .map((output) => `${output.name} ${hex(outputOf(output, registers))}`);
  return [observedText(registers), ...rest].join(', ');
}

/** Of a descriptor the conditions look at the address and attributes; its other bits are nobody's promise (B4.3.20.3). */
const settledByConditions: readonly string[] = [`${RMI_RTT_READ_ENTRY.name} desc`];

/**
 * Judges a command that has succeeded, and may.
 *
 * @param expected X0 to X16 as this RMM has returned them.
 * @param before the state in which the command was called, `after` the one that it has led to.
 * @returns what it goes against; empty when it conforms
 */
export function judgeSuccess(
  permission: Permission,
  before: State,
  after: State,
  returned: Registers,
  expected: Registers,
  prose: Prose,
): readonly Breach[] {
  const { command, input } = permission;
  const { conditions } = command;
  const layout = layoutOf(conditions);
  if (!isReturnCode(returned)) return [malformed(permission, before, returned)];
  const texts = {
    expected: outputsText(layout, expected),
    observed: outputsText(layout, returned),
  };
  const breaches: Breach[] = [];
  const broken = conditions.brokenSuccess(before, after, input, command.output(returned.memory), prose);
  if (broken !== undefined) {
    const text = conditions.success.find((one) => one.id === broken)?.post ?? '';
    breaches.push({ id: broken, text, section: conditions.section, ...texts });
  } else {
    for (const output of layout.outputs) {
      if (settledByConditions.includes(`${layout.name} ${output.name}`)) continue;
      if (outputOf(output, returned) !== outputOf(output, expected))
        breaches.push({ id: output.name, text: output.doc, section: layout.section, ...texts });
    }
  }
  for (const use of reservedRegisterUses(returned, layout.outputs, 'MBZ', metadata)) {
    if (use.as !== 'MBZ' || use.bits === undefined) continue;
    const { msb, lsb } = use.bits;
    breaches.push({
      id: `${use.name}[${msb}:${lsb}]`,
      text: 'unused bits of an output value MBZ',
      section: use.section === '' ? layout.section : use.section,
      expected: '0x0',
      observed: hex(use.found),
    });
  }
  breaches.push(...strayRegisters(layout, returned));
  return breaches;
}

/** An SMC that is no RMI command. */
export function judgeUnknown(x0: bigint): readonly Breach[] {
  const expected = BigInt.asUintN(64, SmcccReturnCode.SMCCC_NOT_SUPPORTED);
  if (x0 === expected) return [];
  return [
    {
      id: 'X0',
      text: 'a function that is not implemented returns SMCCC_NOT_SUPPORTED',
      section: metadata.types.SmcccReturnCode!.section,
      expected: hex(expected),
      observed: hex(x0),
    },
  ];
}
