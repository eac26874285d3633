import type { Command, Model, Prose, Text, Type, TypeUse } from '../model/index.js';
import type { Reference } from './page.js';

export type Group = 'context' | 'failure' | 'success' | 'footprint';

/** A place in the conditions of a command that mentions something. */
export interface Mention {
  readonly command: Command;
  readonly group: Group;
  /** The context value, failure, success condition or footprint item. */
  readonly part: string;
  /** Set for what a failure returns. */
  readonly outcome: boolean;
}

/** What a declaration makes of the type, register or mask that it names. */
export type Role =
  | 'input'
  | 'output'
  | 'context'
  | 'member'
  | 'entry'
  | 'field'
  | 'alias'
  | 'parameter'
  | 'result'
  | 'layout of'
  | 'limits'
  | 'mask';

/** A place that names a type, register or mask in a declaration. */
export interface Declared {
  readonly role: Role;
  readonly at: Reference;
}

const word = /(\.?)\b([A-Za-z_][A-Za-z0-9_]*)\b(\s*\()?/g;

/** The names in a condition, by what they can only be: a call, a member of something, or a value. */
export function namesIn(text: string): readonly {
  readonly name: string;
  readonly kind: 'call' | 'member' | 'value';
}[] {
  return [...text.matchAll(word)].map(([, dot, name, bracket]) => ({
    name: name!,
    kind: bracket !== undefined ? 'call' : dot === '.' ? 'member' : 'value',
  }));
}

/** The text of a condition; that of prose is no condition. */
export function conditionText(value: Text | Prose | undefined): string {
  return value === undefined || 'by' in value ? '' : value.text;
}

/** Every condition of a command with its place. */
export function* conditionsIn(command: Command): Iterable<{
  readonly group: Group;
  readonly part: string;
  readonly text: string;
  readonly outcome: boolean;
}> {
  const at = (group: Group, part: string, text: string, outcome = false) => ({ group, part, text, outcome });
  for (const one of command.context) yield at('context', one.name, one.value.text);
  for (const one of command.failures) {
    yield at('failure', one.name, conditionText(one.pre));
    yield at('failure', one.name, one.post.text, true);
  }
  for (const one of command.success) {
    yield at('success', one.name, conditionText(one.pre));
    yield at('success', one.name, conditionText(one.post));
  }
  for (const one of command.footprint) yield at('footprint', one.name, one.value.text);
}

/** Where the names of a model are used. Members are found by name alone: which struct's it is only a binder knows. */
export class Uses {
  readonly #calls = new Map<string, Mention[]>();
  readonly #members = new Map<string, Mention[]>();
  readonly #values = new Map<string, Mention[]>();
  readonly #bodies = new Map<string, string[]>();
  readonly #declared = new Map<string, Declared[]>();

  constructor(model: Model) {
    for (const command of model.commands.values()) this.#readConditions(command);
    for (const one of model.functions.values()) {
      if (one.body === undefined) continue;
      for (const { name, kind } of namesIn(one.body.text))
        if (kind !== 'member') add(this.#bodies, name, one.name);
    }
    this.#readDeclarations(model);
  }

  /** Conditions that call a function. */
  calls(name: string): readonly Mention[] {
    return this.#calls.get(name) ?? [];
  }

  /** Conditions that mention a label or constant. */
  values(name: string): readonly Mention[] {
    return this.#values.get(name) ?? [];
  }

  /** Conditions that mention a member of that name, of whatever struct or fieldset. */
  members(name: string): readonly Mention[] {
    return this.#members.get(name) ?? [];
  }

  /** Functions whose body mentions a function, label or constant. */
  bodies(name: string): readonly string[] {
    return this.#bodies.get(name) ?? [];
  }

  /** Declarations that name a type, register or mask. */
  declared(name: string): readonly Declared[] {
    return this.#declared.get(name) ?? [];
  }

  #readConditions(command: Command): void {
    // A value of the command hides a label of the same name.
    const own = new Set([...command.inputs, ...command.outputs, ...command.context].map((one) => one.name));
    for (const { group, part, text, outcome } of conditionsIn(command)) {
      for (const { name, kind } of namesIn(text)) {
        if (kind === 'value' && own.has(name)) continue;
        const found = kind === 'call' ? this.#calls : kind === 'member' ? this.#members : this.#values;
        const before = found.get(name)?.at(-1);
        const same = before?.command === command && before.group === group && before.part === part;
        if (!same || before.outcome !== outcome) add(found, name, { command, group, part, outcome });
      }
    }
  }

  #readDeclarations(model: Model): void {
    const declare = (type: Type | TypeUse['type'], role: Role, item: string, part?: string): void => {
      if (typeof type === 'string' || type.kind === 'primitive') return;
      add(this.#declared, type.name, { role, at: part === undefined ? { item } : { item, part } });
    };
    for (const { name, inputs, outputs, context } of model.commands.values()) {
      for (const one of inputs) declare(one.type, 'input', name, one.name);
      for (const one of outputs) declare(one.type, 'output', name, one.name);
      for (const one of context) declare(one.type.type, 'context', name, one.name);
    }
    for (const type of model.types.values()) {
      if (type.kind === 'alias') declare(type.type, 'alias', type.name);
      if (type.kind === 'fieldset')
        for (const one of type.fields)
          for (const { type: layout } of [one, ...(one.cases?.cases ?? [])])
            if (layout !== undefined) declare(layout, 'field', type.name, one.name);
      if (type.kind !== 'struct') continue;
      for (const one of type.members) {
        const at = { item: type.name, part: one.name };
        declare(one.type, 'member', type.name, one.name);
        if (one.register !== undefined) add(this.#declared, one.register.name, { role: 'layout of', at });
        if (one.permitted !== undefined) add(this.#declared, one.permitted.name, { role: 'limits', at });
      }
    }
    for (const map of model.maps.values())
      for (const { name, type } of map.entries)
        add(this.#declared, type, { role: 'entry', at: { item: map.name, part: name } });
    for (const mask of model.masks.values())
      add(this.#declared, mask.register.name, { role: 'mask', at: { item: mask.name } });
    for (const { name, signatures } of model.functions.values()) {
      const seen = new Set<unknown>();
      for (const { parameters, returns } of signatures) {
        for (const { type } of parameters) {
          if (!seen.has(type.type)) declare(type.type, 'parameter', name);
          seen.add(type.type);
        }
        if (returns !== undefined) declare(returns.type, 'result', name);
      }
    }
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
