import { join } from 'node:path';
import { SpecFolder } from '../../cli/spec-folder.js';
import type { CommandConditions, Prose } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import * as generated from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { loadModel, type Specification } from '../../generator/index.js';

/** The specification that the conditions were generated from. */
export const specification: Specification = (() => {
  const folder = join(import.meta.dirname, '../../spec');
  const { model, diagnostics } = loadModel('rmm-1.0-rel0', new SpecFolder(folder, 'spec'));
  if (model === undefined) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return model;
})();

/** Names of values as the compiled conditions take them. */
export type Values = Readonly<Record<string, unknown>>;

/** The compiled conditions of a command, whichever it is. */
export type Compiled = CommandConditions<Values, Values>;

export function compiled(command: string): Compiled {
  return (generated as unknown as Record<string, Compiled>)[command]!;
}

export const commandNames: readonly string[] = [...specification.conditions.keys()];
export const rmiCommands: readonly string[] = commandNames.filter((name) => name.startsWith('RMI_'));

export type { Prose };
