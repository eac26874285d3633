import {
  bitsOf,
  type Command,
  type CommandConditions,
  type CommandValue,
  type Expression,
  resolved,
  type Specification,
} from '../../../model/index.js';
import type { OutputFile } from '../../output.js';
import { Coder, labelCode, type Uses } from '../conditions/code.js';
import { postOf, typePrefix } from '../conditions/command.js';
import { sameLabelName } from '../conditions/functions.js';
import type { Print } from '../conditions/index.js';
import { type Representation, representationOf, typescriptType } from '../conditions/representation.js';
import { docComment } from '../conditions/state.js';

/** Where the runtime lies for output in the `generated` of this repository. */
const repository = {
  bits: '../../../runtime/bits/index.js',
  conditions: '../../../runtime/conditions/index.js',
};

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
      uses.support.add('integerIn');
      return `integerIn(memory, ${at})`;
    }
    uses.support.add('addressIn');
    return `addressIn(memory, ${at})`;
  }
  if (Number.isInteger(at) && (bits === 8 || bits === 16 || bits === 32)) return `memory.readU${bits}(${at})`;
  const word = value.register * 8 + Math.floor(value.lsb / 32) * 4;
  const mask = bits === 32 ? '' : ` & ${2 ** bits - 1}`;
  return `((memory.readU32(${word}) >>> ${value.lsb % 32})${mask})`;
}

function writeCode(value: CommandValue, representation: Representation, text: string, uses: Uses): string {
  const at = placeOf(value);
  const bits = bitsOf(value);
  if (representation.kind === 'bigint') return `memory.writeU64(${at}, ${text});`;
  if (bits === 64) {
    uses.support.add('writeInteger');
    return `writeInteger(memory, ${at}, ${text});`;
  }
  if (Number.isInteger(at) && (bits === 8 || bits === 16 || bits === 32))
    return `memory.writeU${bits}(${at}, ${text});`;
  const word = value.register * 8 + Math.floor(value.lsb / 32) * 4;
  return `memory.writeU32(${word}, memory.readU32(${word}) | (${text} << ${value.lsb % 32}));`;
}

/** Whether some of the values are read and written where they lie, by accessors. */
function liesInRegisters(values: readonly CommandValue[]): boolean {
  return values.some(({ type }) => representationOf(type, 'caller').kind === 'accessor');
}

interface Used {
  readonly uses: Uses;
  readonly accessors: Set<string>;
}

/**
 * A class that holds the values of one call. Input values are copied out of the registers, which an answer overwrites;
 * an output value that is a fieldset lies in them, and the rest is copied there.
 */
function valueClass(
  name: string,
  values: readonly CommandValue[],
  kind: 'inputs' | 'outputs',
  used: Used,
  doc: string,
): string {
  const fields: string[] = [];
  const reads: string[] = [];
  const writes: string[] = [];
  const resets: string[] = [];
  const inPlace: string[] = [];
  for (const value of values) {
    const representation = representationOf(value.type, 'caller');
    const type = typescriptType(representation);
    if (representation.kind === 'accessor') {
      used.accessors.add(representation.name);
      const base = value.register * 8;
      if (kind === 'inputs') {
        fields.push(`  readonly ${value.name}: ${type} = new ${type}(Memory.alloc(${type}.size));\n`);
      } else {
        fields.push(`  readonly ${value.name}: ${type};\n`);
        inPlace.push(`    this.${value.name} = new ${type}(registers, ${base});\n`);
      }
      reads.push(`    this.${value.name}.$value = memory.readU64(${base});\n`);
      continue;
    }
    const zero = representation.kind === 'bigint' ? '0n' : '0';
    fields.push(`  ${value.name}: ${type} = ${zero};\n`);
    reads.push(`    this.${value.name} = ${readCode(value, representation, used.uses)};\n`);
    writes.push(`    ${writeCode(value, representation, `this.${value.name}`, used.uses)}\n`);
    resets.push(`    this.${value.name} = ${zero};\n`);
  }
  const method = (title: string, head: string, lines: readonly string[], tail = ''): string =>
    `  /** ${title} */\n  ${head} {\n${lines.join('')}${tail}  }\n`;
  const makeInPlace =
    inPlace.length === 0
      ? ''
      : method('The registers begin with X0.', 'constructor(registers: Memory)', inPlace);
  const memory = (lines: readonly string[]): string => (lines.length === 0 ? '_memory' : 'memory');
  const leave = method(
    'Leaves the values that do not lie in the registers there as well; other bits stay.',
    'write(memory: Memory): void',
    writes,
  );
  const forget = method('Sets the values that do not lie in the registers to zero.', 'clear(): void', resets);
  const members = [
    fields.join(''),
    makeInPlace,
    method(
      'Takes the values from registers that begin with X0.',
      `read(${memory(reads)}: Memory): this`,
      reads,
      '    return this;\n',
    ),
    ...(kind === 'outputs' && writes.length > 0 ? [leave, forget] : []),
  ].filter((text) => text !== '');
  return `/** ${doc} */\nexport class ${name} {\n${members.join('\n')}}\n`;
}

/** What a failure promises of outputs beside the status: \`top == walk_top\` and the like. */
function promisedOutputs(
  post: Expression,
): readonly { readonly value: CommandValue; readonly is: Expression }[] {
  if (post.kind !== 'binary') return [];
  if (post.operator === '&&') return [...promisedOutputs(post.left), ...promisedOutputs(post.right)];
  return post.operator === '==' && post.left.kind === 'output' && post.left.value.register !== 0
    ? [{ value: post.left.value, is: post.right }]
    : [];
}

function failureCases(conditions: CommandConditions, used: Used): string {
  const grouped = new Map<string, { indices: number[]; lines: string[] }>();
  for (const [position, { post }] of conditions.failures.entries()) {
    const promised = postOf(post)!;
    const coder = new Coder({
      uses: used.uses,
      context: conditions.context,
      stateOf: () => 'state',
      sameLabel: sameLabelName,
      taken: ['state', 'input', 'output', 'failure'],
    });
    const lines = [`${resultOf(conditions.command)} = ${labelCode(promised.status).text};`];
    const index = promised.result === undefined ? undefined : coder.indexOrUndefined(promised.result);
    if (index !== undefined) lines.push(`output.result.index = ${orZero(index.text)};`);
    for (const { value, is } of promisedOutputs(post))
      lines.push(`output.${value.name} = ${orZero(coder.valueOrUndefined(is).text)};`);
    const all = [...coder.lines, ...lines];
    const key = all.join('\n');
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, { indices: [position], lines: all });
    else group.indices.push(position);
  }
  let text = '  switch (failure) {\n';
  for (const { indices, lines } of grouped.values()) {
    for (const index of indices)
      text += `    case ${index}:${index === indices.at(-1) ? ' {' : ''} // ${conditions.failures[index]!.failure.name}\n`;
    text += `${lines.map((line) => `      ${line}\n`).join('')}      break;\n    }\n`;
  }
  return `${text}  }\n`;
}

/** Where a command's status is written: a field of the fieldset in X0, or the enumeration that X0 holds. */
function resultOf({ outputs }: Command): string {
  const result = outputs.find(({ register }) => register === 0)!;
  const isFieldset = representationOf(result.type, 'caller').kind === 'accessor';
  return isFieldset ? `output.${result.name}.status` : `output.${result.name}`;
}

/** A value that may be missing is shown as zero: the document leaves it open then. */
function orZero(text: string): string {
  return text.includes('?') ? `(${text}) ?? 0` : text;
}

/** The outputs of a failure, as a function of its own so that the path of a success stays short. */
function emitFail(conditions: CommandConditions, used: Used): string {
  const { command } = conditions;
  if (conditions.failures.length === 0) return '';
  const prefix = typePrefix(command.name);
  const body = failureCases(conditions, used);
  const underscore = (name: string): string =>
    new RegExp(`(?<![.\\w])${name}[.(]`).test(body) ? name : `_${name}`;
  return `function fail_${command.name}(failure: number, ${underscore('state')}: State, ${underscore('input')}: ${prefix}Inputs, output: ${prefix}Outputs): void {\n${body}}\n`;
}

function emitCall(conditions: CommandConditions): string {
  const { command } = conditions;
  const name = command.name;
  // What does not lie in the registers has to be brought there.
  const copied = command.outputs.some(({ type }) => representationOf(type, 'caller').kind !== 'accessor');
  const write = copied ? 'output.write(memory);' : '';
  const lines = [
    `const { memory } = this.#registers;`,
    `const input = this.#${name}_input.read(memory);`,
    `const output = this.#${name}_output;`,
    `const { state, prose, effects, checker } = this.#machine;`,
    `const failure = firstFailure_${name}(state, input, prose);`,
    `this.#failure = failure;`,
    `this.#registers.clear();`,
    ...(copied ? ['output.clear();'] : []),
    ...(conditions.failures.length === 0
      ? []
      : [
          `if (failure !== -1) {`,
          `  fail_${name}(failure, state, input, output);`,
          ...(copied ? [`  ${write}`] : []),
          `  return;`,
          `}`,
        ]),
    `const check = checker?.begin(${name}, input);`,
    `effects.${name}(input, output);`,
    ...(copied ? [write] : []),
    `check?.(output);`,
  ];
  return `  #${name}(): void {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

function emitEffects(commands: readonly Command[]): string {
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
  return `${text}}\n`;
}

/**
 * The part of a simulator that the specification determines: decoding of registers, the conditions, the outputs of a
 * failure, the call of the effect and the checks after it. It takes the commands of the interface that the specification
 * names first; those of the others are called from within, by a Realm while it runs.
 */
export function emitSimulator(
  specification: Specification,
  print: Print,
  runtime: { readonly bits: string; readonly conditions: string } = repository,
): readonly OutputFile[] {
  const all = [...specification.conditions.values()].filter(
    (one) => one.command.interface.name === specification.interfaces[0]?.name,
  );
  if (all.length === 0) return [];
  const used: Used = { uses: { support: new Set(), functions: new Set() }, accessors: new Set() };
  const classes = all.flatMap(({ command }) => {
    const prefix = typePrefix(command.name);
    return [
      valueClass(
        `${prefix}Inputs`,
        command.inputs,
        'inputs',
        used,
        `Input values of ${command.name} (${command.section}).`,
      ),
      valueClass(
        `${prefix}Outputs`,
        command.outputs,
        'outputs',
        used,
        `Output values of ${command.name} (${command.section}).`,
      ),
    ];
  });
  const fails = all.map((one) => emitFail(one, used)).filter((text) => text !== '');
  const calls = all.map((one) => emitCall(one));
  const [first = 0n] = all.map(({ command }) => command.fid).sort((a, b) => (a < b ? -1 : 1));
  const cases = all.map(
    ({ command }) =>
      `      case 0x${(command.fid - first).toString(16)}:\n        this.#${command.name}();\n        return '${command.name}';\n`,
  );
  const effects = emitEffects(all.map((one) => one.command));

  const fields = all.map(({ command }) => {
    const prefix = typePrefix(command.name);
    return `  readonly #${command.name}_input = new ${prefix}Inputs();\n  readonly #${command.name}_output: ${prefix}Outputs;\n`;
  });
  const outputs = all.map(({ command }) => {
    const registers = liesInRegisters(command.outputs) ? 'registers.memory' : '';
    return `    this.#${command.name}_output = new ${typePrefix(command.name)}Outputs(${registers});\n`;
  });
  const table =
    `/** A command as those see it who judge calls rather than make them. */\nexport interface Call<Input, Output> {\n  readonly conditions: CommandConditions<Input, Output>;\n` +
    `  /** The input values in registers that begin with X0. */\n  input(memory: Memory): Input;\n  /** The output values likewise. */\n  output(memory: Memory): Output;\n}\n\n` +
    `function call<Input, Output>(\n  conditions: CommandConditions<Input, Output>,\n  Inputs: new () => { read(memory: Memory): Input },\n  Outputs: new (registers: Memory) => { read(memory: Memory): Output },\n): Call<unknown, unknown> {\n` +
    `  const made: Call<Input, Output> = { conditions, input: (memory) => new Inputs().read(memory), output: (memory) => new Outputs(Memory.alloc(Registers.size)).read(memory) };\n  return made as unknown as Call<unknown, unknown>;\n}\n\n` +
    `/** The commands that the Host calls, by FID. */\nexport const calls: ReadonlyMap<number, Call<unknown, unknown>> = new Map([\n${all
      .map(
        ({ command }) =>
          `  [0x${command.fid.toString(16)}, call(${command.name}, ${typePrefix(command.name)}Inputs, ${typePrefix(command.name)}Outputs)],\n`,
      )
      .join('')}]);\n`;
  const dispatcher =
    docComment(
      [`Takes the SMCs of the Host: finds the command in X0, and leaves its results in the registers.`],
      '',
    ) +
    `export class Dispatcher {\n  readonly #registers: Registers;\n  readonly #machine: Machine;\n` +
    `${fields.join('')}  #failure = -1;\n\n` +
    `  constructor(registers: Registers, machine: Machine) {\n    this.#registers = registers;\n    this.#machine = machine;\n${outputs.join('')}  }\n\n` +
    `  /** The failure of the last command, by its position in the document; -1 if it succeeded. */\n  get failure(): number {\n    return this.#failure;\n  }\n\n` +
    `  /**\n   * Runs the command that a FID names.\n   *\n   * @returns its name, or undefined when no command has that FID; the registers are then as they were.\n   */\n` +
    `  dispatch(fid: number): string | undefined {\n    // Counted from the lowest FID: small integers make a table of the switch.\n    switch (fid - 0x${first.toString(16)}) {\n${cases.join('')}      default:\n        return undefined;\n    }\n  }\n\n` +
    `${calls.join('\n')}}\n`;

  const machine =
    `/** What a simulator consists of besides what is generated. */\nexport interface Machine {\n  readonly state: State;\n  readonly prose: Prose;\n  readonly effects: Effects;\n` +
    `  /** Present in checked mode. */\n  readonly checker: Checker | undefined;\n}\n\n` +
    `/** Holds the state from before a command against the one after it. */\nexport interface Checker {\n` +
    `  /** Called before an effect; what it returns is called after it, with the outputs. */\n` +
    `  begin<Input, Output>(command: CommandConditions<Input, Output>, input: Input): (output: Output) => void;\n}\n`;

  const sorted = (names: Iterable<string>): string => [...names].sort().join(', ');
  const imports =
    `import { Memory, Registers } from '${runtime.bits}';\n` +
    (used.uses.support.size === 0
      ? ''
      : `import { ${sorted(used.uses.support)} } from '${runtime.conditions}';\n`) +
    (used.accessors.size === 0
      ? ''
      : `import { ${sorted(used.accessors)} } from '../typescript/index.js';\n`) +
    (used.uses.functions.size === 0
      ? ''
      : `import { ${sorted(used.uses.functions)} } from '../conditions/functions.js';\n`) +
    `import { ${sorted(all.map(({ command }) => command.name))}, type CommandConditions, type Prose, type State } from '../conditions/index.js';\n` +
    all
      .map(
        ({ command }) =>
          `import { firstFailure as firstFailure_${command.name} } from '../conditions/${command.name.toLowerCase()}.js';\n`,
      )
      .join('');
  const module = print(`${specification.id}/simulator/index.ts`, [
    imports,
    ...classes,
    effects,
    machine,
    table,
    ...fails,
    dispatcher,
  ]);
  return [module];
}
