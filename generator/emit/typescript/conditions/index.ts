import type { Specification } from '../../../model/index.js';
import type { OutputFile } from '../../output.js';
import { isProse, type Uses } from './code.js';
import { emitCommand, typePrefix } from './command.js';
import { emitBodies, emitSameLabel, sameLabelName } from './functions.js';
import {
  accessorNames,
  askedFunctions,
  docComment,
  emitAbstractTypes,
  emitState,
  objectNames,
} from './state.js';

/** What prints a file: the one place that knows the library which lays TypeScript out. */
export type Print = (path: string, statements: readonly string[]) => OutputFile;

function importLine(names: Iterable<string>, from: string, typeOnly = false): string {
  const sorted = [...names].sort();
  return sorted.length === 0
    ? ''
    : `import ${typeOnly ? 'type ' : ''}{ ${sorted.join(', ')} } from '${from}';\n`;
}

function emitProse(specification: Specification): {
  readonly text: string;
  /** Where the types of the parameters come from. */
  readonly imports: readonly { readonly names: readonly string[]; readonly file: string }[];
} {
  let text = docComment(
    ['The conditions that the document states in prose only; each is answered for by hand.'],
    '',
  );
  text += 'export interface Prose {\n';
  const imports: { names: readonly string[]; file: string }[] = [];
  const done = new Set<string>();
  for (const conditions of specification.conditions.values()) {
    const { command } = conditions;
    const prefix = typePrefix(command.name);
    const used = new Set<string>();
    const method = (by: string, doc: string, parameters: string, ...types: readonly string[]): void => {
      if (done.has(by)) return;
      done.add(by);
      for (const type of types) used.add(type);
      text += docComment([`${command.name} (${command.section}): ${doc}`], '  ');
      text += `  ${by}(${parameters}): boolean;\n`;
    };
    const input = `${prefix}Input`;
    const output = `${prefix}Output`;
    const both = `before: State, after: State, input: ${input}, output: ${output}`;
    for (const { pre } of conditions.failures)
      if (isProse(pre)) method(pre.by, pre.text, `state: State, input: ${input}`, input);
    for (const { pre, post } of conditions.success) {
      if (isProse(pre)) method(pre.by, pre.text, both, input, output);
      if (isProse(post)) method(post.by, post.text, both, input, output);
    }
    if (used.size > 0) imports.push({ names: [...used], file: command.name.toLowerCase() });
  }
  return { text: `${text}}\n`, imports };
}

const commandConditions = `/** The conditions of one command, compiled. */
export interface CommandConditions<Input, Output> {
  readonly name: string;
  readonly section: string;
  readonly fid: number;
  /** In the document's order. \`predecessors\` is the set of failures that precede this one, a bit each. */
  readonly failures: readonly { readonly id: string; readonly pre: string; readonly post: string; readonly predecessors: number }[];
  readonly success: readonly { readonly id: string; readonly post: string }[];
  /** Positions of failures in the order in which they are evaluated. */
  readonly order: readonly number[];
  firstFailure(state: State, input: Input, prose: Prose): number;
  evaluate(state: State, input: Input, prose: Prose): Evaluation;
  outcome(failure: number, state: State, input: Input): Outcome;
  postHolds(failure: number, state: State, input: Input, output: Output): boolean;
  brokenSuccess(before: State, after: State, input: Input, output: Output, prose: Prose): string | undefined;
  footprint(before: State, after: State, input: Input): readonly Place[];
}
`;

/**
 * The conditions of every command of a version as TypeScript, in a folder of their own.
 *
 * @param support What the modules import `runtime/conditions` by; that of this repository from its `generated`.
 */
export function emitConditions(
  specification: Specification,
  print: Print,
  support = '../../../runtime/conditions/index.js',
): readonly OutputFile[] {
  const folder = `${specification.id}/conditions`;
  const concrete = '../typescript/index.js';
  const outputs: OutputFile[] = [];

  outputs.push(print(`${folder}/types.ts`, [emitAbstractTypes(specification)]));

  const asked = askedFunctions(specification);
  const prose = emitProse(specification);
  outputs.push(
    print(`${folder}/state.ts`, [
      importLine(['Evaluation', 'Outcome', 'Place'], support, true) +
        importLine(accessorNames(asked), concrete, true) +
        prose.imports.map(({ names, file }) => importLine(names, `./${file}.js`, true)).join('') +
        importLine(objectNames(asked), './types.js', true),
      emitState(specification),
      prose.text,
      commandConditions,
    ]),
  );

  const functionUses: Uses = { support: new Set(), functions: new Set() };
  const bodies = emitBodies(specification, specification.bodies, functionUses);
  const bodied = [...specification.functions.values()].filter((one) => one.body !== undefined);
  const equal = [...specification.functions.values()]
    .filter((one) => one.sameLabel)
    .map((one) => emitSameLabel(one));
  outputs.push(
    print(`${folder}/functions.ts`, [
      importLine(functionUses.support, support) +
        importLine(accessorNames(bodied), concrete, true) +
        importLine(objectNames(bodied), './types.js', true),
      bodies,
      ...equal,
    ]),
  );

  for (const conditions of specification.conditions.values()) {
    const { command } = conditions;
    const file = emitCommand(conditions, sameLabelName);
    outputs.push(
      print(`${folder}/${command.name.toLowerCase()}.ts`, [
        importLine(['Evaluation', 'Outcome', 'Place'], support, true) +
          importLine(file.uses.support, support) +
          importLine(file.accessors, concrete, true) +
          importLine(file.uses.functions, './functions.js') +
          importLine(['CommandConditions', 'Prose', 'State'], './state.js', true),
        ...file.statements,
      ]),
    );
  }
  const names = [...specification.conditions.keys()];
  outputs.push(
    print(`${folder}/index.ts`, [
      `export type { CommandConditions, Prose, State } from './state.js';\nexport * from './types.js';\n` +
        names
          .map(
            (name) =>
              `export { ${name}, type ${typePrefix(name)}Input, type ${typePrefix(name)}Output } from './${name.toLowerCase()}.js';\n`,
          )
          .join(''),
    ]),
  );
  return outputs;
}
