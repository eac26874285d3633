import type { Diagnostics } from '../diagnostics/index.js';
import type { Command, CommandConditions, Expression, Model } from '../model/index.js';
import { resolveCommand } from './conditions.js';
import { globalsOf, resolveCondition } from './resolve.js';
import { accepts, typeText, useTypeOf } from './types.js';

export interface Conditions {
  readonly commands: ReadonlyMap<string, CommandConditions>;
  /** The functions that the document defines by an expression. */
  readonly bodies: ReadonlyMap<string, Expression>;
}

/** Reads every condition of a model: parsed, bound and typed. What is wrong is reported and left out. */
export function resolveConditions(model: Model, diagnostics: Diagnostics): Conditions {
  const globals = globalsOf(model);
  const bodies = new Map<string, Expression>();
  for (const one of model.functions.values()) {
    const signature = one.signatures[0];
    if (one.body === undefined || signature === undefined) continue;
    const parameters = new Map(signature.parameters.map((parameter) => [parameter.name, parameter]));
    const body = resolveCondition(
      one.body,
      { inputs: new Map(), outputs: new Map(), context: new Map(), parameters },
      globals,
      diagnostics,
    );
    if (body === undefined) continue;
    const returns = signature.returns === undefined ? undefined : useTypeOf(signature.returns);
    if (returns !== undefined && !accepts(returns, body.type)) {
      diagnostics.report('context-type', body.span, {
        name: one.name,
        declared: typeText(returns),
        found: typeText(body.type),
      });
    }
    bodies.set(one.name, body);
  }
  const commands = new Map<string, CommandConditions>();
  for (const command of model.commands.values()) {
    const resolved = resolveCommand(command, globals, diagnostics);
    if (resolved !== undefined) commands.set(command.name, resolved);
  }
  return { commands, bodies };
}

/** Reads the conditions of single commands when they are asked for, each once. */
export function conditionReader(
  model: Model,
  diagnostics: Diagnostics,
): (command: Command) => CommandConditions | undefined {
  const globals = globalsOf(model);
  const read = new Map<string, CommandConditions | undefined>();
  return (command) => {
    if (!read.has(command.name)) read.set(command.name, resolveCommand(command, globals, diagnostics));
    return read.get(command.name);
  };
}
