import { bitsOf, type Command, type CommandConditions, type CommandValue, type Expression, resolved, type Specification } from '../../../model/index.js';
import type { OutputFile } from '../../output.js';
import { Coder, labelCode, type Uses } from '../conditions/code.js';
import { postOf, typePrefix } from '../conditions/command.js';
import { sameLabelName } from '../conditions/functions.js';
import type { Print } from '../conditions/index.js';
import { type Representation, representationOf, typescriptType } from '../conditions/representation.js';
import { docComment } from '../conditions/state.js';

/** The interface whose commands the Host calls; the others are called by a Realm while it runs. */
const HOST_INTERFACE = 'RMI';

/** Bytes from X0 to the start of a value, and its width in whole bytes where it can be read as such. */
function placeOf(value: CommandValue): number {
  return value.register * 8 + value.lsb / 8;
}

function readCode(value: CommandValue, representation: Representation, uses: Uses): string {
  const at = placeOf(value);
  const bits = bitsOf(value);
  const target = resolved(value.type);
  if (representation.kind === 'bigint') {
    const signed = (target.kind === 'enumeration' || target.kind === 'primitive') && target.signed;
    return signed ? `BigInt.asIntN(64, memory.readU64(${at}))` : `memory.readU64(${at})`;
  }
  if (bits === 64) {
    if (target.kind === 'primitive' && target.signed) {
      uses.support.add('integerOf');
      return `integerOf(BigInt.asIntN(64, memory.readU64(${at})))`;
    }
    uses.support.add('addressIn');
    return `addressIn(memory, ${at})`;
  }
  if (Number.isInteger(at) && (bits === 8 || bits === 16 || bits === 32)) return `memory.readU${bits}(${at})`;
  const word = value.register * 8 + Math.floor(value.lsb / 32) * 4;
  const mask = bits === 32 ? '' : ` & ${2 ** bits - 1}`;
  return `((memory.readU32(${word}) >>> ${value.lsb % 32})${mask})`;
}

function writeCode(value: CommandValue, representation: Representation, text: string): string {
  const at = placeOf(value);
  const bits = bitsOf(value);
  if (representation.kind === 'bigint') return `memory.writeU64(${at}, ${text});`;
  if (bits === 64) return `memory.writeU64(${at}, BigInt(${text}));`;
  if (Number.isInteger(at) && (bits === 8 || bits === 16 || bits === 32)) return `memory.writeU${bits}(${at}, ${text});`;
  const word = value.register * 8 + Math.floor(value.lsb / 32) * 4;
  return `memory.writeU32(${word}, memory.readU32(${word}) | (${text} << ${value.lsb % 32}));`;
}

interface Used {
  readonly uses: Uses;
  readonly accessors: Set<string>;
}

/** Fields of a class that holds the values of one call. Accessors lie over the registers; the rest is copied. */
function valueClass(name: string, values: readonly CommandValue[], used: Used): string {
  const fields: string[] = [];
  for (const value of values) {
    const representation = representationOf(value.type, 'caller');
    if (representation.kind === 'accessor') used.accessors.add(representation.name);
    const start = representation.kind === 'accessor' ? undefined : representation.kind === 'bigint' ? '0n' : '0';
    fields.push(start === undefined ? `  readonly ${value.name}: ${typescriptType(representation)};\n` : `  ${value.name}: ${typescriptType(representation)} = ${start};\n`);
  }
  const bound = values.filter((value) => representationOf(value.type, 'caller').kind === 'accessor');
  const binding = bound.map((value) => `    this.${value.name} = new ${typescriptType(representationOf(value.type, 'caller'))}(memory, ${value.register * 8});\n`).join('');
  const constructor = bound.length === 0 ? '' : `\n  constructor(memory: Memory) {\n${binding}  }\n`;
  return `class ${name} {\n${fields.join('')}${constructor}}\n`;
}

/** What a failure promises of outputs beside the status: \`top == walk_top\` and the like. */
function promisedOutputs(post: Expression): readonly { readonly value: CommandValue; readonly is: Expression }[] {
  if (post.kind !== 'binary') return [];
  if (post.operator === '&&') return [...promisedOutputs(post.left), ...promisedOutputs(post.right)];
  return post.operator === '==' && post.left.kind === 'output' && post.left.value.register !== 0 ? [{ value: post.left.value, is: post.right }] : [];
}

function failureCases(conditions: CommandConditions, used: Used): string {
  const grouped = new Map<string, { indices: number[]; lines: string[] }>();
  for (const [position, { post }] of conditions.failures.entries()) {
    const promised = postOf(post)!;
    const coder = new Coder({ uses: used.uses, context: conditions.context, stateOf: () => 'state', sameLabel: sameLabelName, taken: ['state', 'input', 'output', 'memory', 'failure'] });
    const lines: string[] = [];
    const status = labelCode(promised.status).text;
    lines.push(`output.result.status = ${status};`);
    const index = promised.result === undefined ? undefined : coder.indexOrUndefined(promised.result);
    if (index !== undefined) {
      const value = index.text;
      lines.push(`output.result.index = ${/\?/.test(value) ? `(${value}) ?? 0` : value};`);
    }
    for (const { value, is } of promisedOutputs(post)) {
      const text = coder.valueOrUndefined(is).text;
      const known = /\?/.test(text) ? `(${text}) ?? 0` : text;
      lines.push(writeCode(value, representationOf(value.type, 'caller'), known));
    }
    const all = [...coder.lines, ...lines];
    const key = all.join('\n');
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, { indices: [position], lines: all });
    else group.indices.push(position);
  }
  let text = '    switch (failure) {\n';
  for (const { indices, lines } of grouped.values()) {
    for (const index of indices) text += `      case ${index}:${index === indices.at(-1) ? ' {' : ''} // ${conditions.failures[index]!.failure.name}\n`;
    text += `${lines.map((line) => `        ${line}\n`).join('')}        break;\n      }\n`;
  }
  return `${text}    }\n`;
}

function emitCall(conditions: CommandConditions, used: Used): string {
  const { command } = conditions;
  const copied = (values: readonly CommandValue[]) => values.filter((value) => representationOf(value.type, 'caller').kind !== 'accessor');
  const reads = copied(command.inputs).map((value) => `    input.${value.name} = ${readCode(value, representationOf(value.type, 'caller'), used.uses)};\n`);
  const resets = copied(command.outputs).map((value) => `    output.${value.name} = ${representationOf(value.type, 'caller').kind === 'bigint' ? '0n' : '0'};\n`);
  const writes = copied(command.outputs).map((value) => `      ${writeCode(value, representationOf(value.type, 'caller'), `output.${value.name}`)}\n`);
  // An input that lies over a register would be overwritten by an output; it is copied before the registers are cleared.
  const held = command.inputs.filter((value) => representationOf(value.type, 'caller').kind === 'accessor');
  return (
    `  #${command.name}(): void {\n` +
    `    const { memory } = this.#registers;\n    const input = this.#${command.name}_input;\n    const output = this.#${command.name}_output;\n    const { state, prose, effects } = this.#machine;\n` +
    reads.join('') +
    held.map((value) => `    input.${value.name}.$value = memory.readU64(${value.register * 8});\n`).join('') +
    `    const failure = firstFailure_${command.name}(state, input, prose);\n    this.#failure = failure;\n    this.#registers.clear();\n` +
    (conditions.failures.length === 0
      ? ''
      : `    if (failure !== -1) {\n${failureCases(conditions, used).replace(/^/gm, '  ').replace(/[ ]+$/gm, '')}      return;\n    }\n`) +
    resets.join('') +
    `    const check = this.#machine.checker?.begin(${command.name}, input);\n` +
    `    effects.${command.name}(input, output);\n` +
    (writes.length === 0 ? '' : `    {\n${writes.join('')}    }\n`) +
    `    check?.(output);\n` +
    `  }\n`
  );
}

function emitEffects(commands: readonly Command[], used: Used): string {
  let text = docComment(
    [
      'What each command does once none of its failures holds. The registers that return values are zero when an effect begins; it leaves its outputs in `output`.',
      'An effect that is missing does not compile.',
    ],
    '',
  );
  text += 'export interface Effects {\n';
  for (const command of commands) {
    const prefix = typePrefix(command.name);
    text += docComment([`${command.name}: ${command.summary} (${command.section})`], '  ');
    text += `  ${command.name}(input: ${prefix}Inputs, output: ${prefix}Outputs): void;\n`;
  }
  void used;
  return `${text}}\n`;
}

/**
 * The part of a simulator that the specification determines: decoding of registers, the conditions, the outputs of a
 * failure, the call of the effect and the checks after it.
 */
export function emitSimulator(specification: Specification, print: Print, runtime = '../../../runtime'): readonly OutputFile[] {
  const all = [...specification.conditions.values()].filter((one) => one.command.interface.name === HOST_INTERFACE);
  if (all.length === 0) return [];
  const used: Used = { uses: { support: new Set(), functions: new Set() }, accessors: new Set() };
  const classes = all.flatMap(({ command }) => {
    const prefix = typePrefix(command.name);
    return [
      `/** Input values of ${command.name} (${command.section}). */\nexport ${valueClass(`${prefix}Inputs`, command.inputs, used)}`,
      `/** Output values of ${command.name} (${command.section}). */\nexport ${valueClass(`${prefix}Outputs`, command.outputs, used)}`,
    ];
  });
  const calls = all.map((one) => emitCall(one, used));
  const cases = all.map(({ command }) => `      case 0x${command.fid.toString(16)}:\n        this.#${command.name}();\n        return '${command.name}';\n`);
  const effects = emitEffects(
    all.map((one) => one.command),
    used,
  );

  const overMemory = (values: readonly CommandValue[], memory: string): string =>
    values.some((value) => representationOf(value.type, 'caller').kind === 'accessor') ? memory : '';
  const fields = all.map(({ command }) => {
    const prefix = typePrefix(command.name);
    return `  readonly #${command.name}_input: ${prefix}Inputs;\n  readonly #${command.name}_output: ${prefix}Outputs;\n`;
  });
  const made = all.map(({ command }) => {
    const prefix = typePrefix(command.name);
    const held = overMemory(command.inputs, 'Memory.alloc(Registers.size)');
    return `    this.#${command.name}_input = new ${prefix}Inputs(${held});\n    this.#${command.name}_output = new ${prefix}Outputs(${overMemory(command.outputs, 'registers.memory')});\n`;
  });
  const dispatcher =
    docComment([`Takes the SMCs of the Host: finds the command in X0, and leaves its results in the registers.`], '') +
    `export class Dispatcher {\n  readonly #registers: Registers;\n  readonly #machine: Machine;\n` +
    `${fields.join('')}  #failure = -1;\n\n` +
    `  constructor(registers: Registers, machine: Machine) {\n    this.#registers = registers;\n    this.#machine = machine;\n${made.join('')}  }\n\n` +
    `  /** The failure of the last command, by its position in the document; -1 if it succeeded. */\n  get failure(): number {\n    return this.#failure;\n  }\n\n` +
    `  /**\n   * Runs the command that a FID names.\n   *\n   * @returns its name, or undefined when no command has that FID; the registers are then as they were.\n   */\n` +
    `  dispatch(fid: number): string | undefined {\n    switch (fid) {\n${cases.join('')}      default:\n        return undefined;\n    }\n  }\n\n` +
    `${calls.join('\n')}}\n`;

  const machine =
    `/** What a simulator consists of besides what is generated. */\nexport interface Machine {\n  readonly state: State;\n  readonly prose: Prose;\n  readonly effects: Effects;\n` +
    `  /** Present in checked mode. */\n  readonly checker: Checker | undefined;\n}\n\n` +
    `/** Holds the state from before a command against the one after it. */\nexport interface Checker {\n` +
    `  /** Called before an effect; what it returns is called after it, with the outputs. */\n` +
    `  begin<Input, Output>(command: CommandConditions<Input, Output>, input: Input): (output: Output) => void;\n}\n`;

  const sorted = (names: Iterable<string>): string => [...names].sort().join(', ');
  const imports =
    `import { Memory, Registers } from '${runtime}/bits/index.js';\n` +
    (used.uses.support.size === 0 ? '' : `import { ${sorted(used.uses.support)} } from '${runtime}/conditions/index.js';\n`) +
    (used.accessors.size === 0 ? '' : `import { ${sorted(used.accessors)} } from '../typescript/index.js';\n`) +
    (used.uses.functions.size === 0 ? '' : `import { ${sorted(used.uses.functions)} } from '../conditions/functions.js';\n`) +
    `import { ${sorted(all.map(({ command }) => command.name))}, type CommandConditions, type Prose, type State } from '../conditions/index.js';\n` +
    all.map(({ command }) => `import { firstFailure as firstFailure_${command.name} } from '../conditions/${command.name.toLowerCase()}.js';\n`).join('');
  return [print(`${specification.id}/simulator/index.ts`, [imports, ...classes, effects, machine, dispatcher])];
}
