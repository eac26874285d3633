import type { ConditionFunction, Enumeration, Model, Parameter, Struct } from '../../../model/index.js';
import { resolved } from '../../../model/index.js';
import { NUMBER, representationOf, representationOfUse, typescriptType } from './representation.js';

/** What an implementation is asked: the functions of B3 that the document does not define by an expression. */
export function askedFunctions(model: Model): readonly ConditionFunction[] {
  return [...model.functions.values()].filter(
    (one) => one.body === undefined && !one.sameLabel && !one.inductive && one.name !== 'ResultEqual',
  );
}

export function parameterList(parameters: readonly Parameter[]): string {
  return parameters
    .map((parameter) => `${parameter.name}: ${typescriptType(representationOfUse(parameter.type))}`)
    .join(', ');
}

/** The concrete types that parameters and results mention, so that their accessors can be imported as types. */
export function accessorNames(functions: readonly ConditionFunction[]): readonly string[] {
  const names = new Set<string>();
  for (const one of functions) {
    for (const signature of one.signatures) {
      for (const use of [
        ...signature.parameters.map((parameter) => parameter.type),
        ...(signature.returns === undefined ? [] : [signature.returns]),
      ]) {
        const representation = representationOfUse(use);
        if (representation.kind === 'accessor') names.add(representation.name);
      }
    }
  }
  return [...names].sort();
}

export function objectNames(functions: readonly ConditionFunction[]): readonly string[] {
  const names = new Set<string>();
  for (const one of functions) {
    for (const signature of one.signatures) {
      for (const use of [
        ...signature.parameters.map((parameter) => parameter.type),
        ...(signature.returns === undefined ? [] : [signature.returns]),
      ]) {
        const representation = representationOfUse(use);
        const element = representation.kind === 'array' ? representation.element : representation;
        if (element.kind === 'object') names.add(element.name);
      }
    }
  }
  return [...names].sort();
}

function wrapped(text: string, indent: string): string {
  const words = text.split(' ');
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && `${indent} * ${line} ${word}`.length > 110) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => `${indent} * ${one}\n`).join('');
}

export function docComment(paragraphs: readonly string[], indent: string): string {
  const only = paragraphs[0]!;
  if (paragraphs.length === 1 && `${indent}/** ${only} */`.length <= 110) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${paragraphs.map((paragraph) => wrapped(paragraph, indent)).join(`${indent} *\n`)}${indent} */\n`;
}

export function emitState(model: Model): string {
  const functions = askedFunctions(model);
  let text = docComment(
    [
      'The abstract state, as conditions ask for it: the functions of chapter B3 that the document does not define by an expression.',
      'Addresses and sizes are in bytes, and every Address is one that addressOf() could have made. A function is pure, takes any number without throwing, and what it returns stays as it is until the state changes. A partial function returns undefined where the document gives it no meaning.',
    ],
    '',
  );
  text += 'export interface State {\n';
  for (const one of functions) {
    const paragraphs = [`${one.summary} (${one.section})`];
    if (one.behaviour !== undefined) paragraphs.push(one.behaviour);
    if (one.partial !== undefined) paragraphs.push(`Undefined when ${one.partial}`);
    text += docComment(paragraphs, '  ');
    // Overloads that look alike once types are erased become one method with optional parameters.
    const longest = one.signatures.reduce((a, b) => (b.parameters.length > a.parameters.length ? b : a));
    const least = Math.min(...one.signatures.map((signature) => signature.parameters.length));
    const parameters = longest.parameters.map(
      (parameter, i) =>
        `${parameter.name}${i >= least ? '?' : ''}: ${typescriptType(representationOfUse(parameter.type))}`,
    );
    const returns =
      longest.returns === undefined ? 'void' : typescriptType(representationOfUse(longest.returns));
    text += `  ${one.name}(${parameters.join(', ')}): ${returns}${one.partial === undefined ? '' : ' | undefined'};\n`;
  }
  return `${text}}\n`;
}

function emitAbstractEnumeration(type: Enumeration): string {
  let text = docComment(
    [
      `${type.summary} (${type.section})`,
      'The document gives the labels no encoding; the numbers are ours and mean nothing.',
    ],
    '',
  );
  text += `export const ${type.name} = {\n`;
  for (const [ordinal, label] of type.labels.entries())
    text += `  /** ${label.doc} */\n  ${label.name}: ${ordinal},\n`;
  return `${text}} as const;\nexport type ${type.name} = (typeof ${type.name})[keyof typeof ${type.name}];\n`;
}

function emitAbstractStruct(type: Struct): string {
  if (type.members.length === 0)
    return `${docComment([`${type.summary} (${type.section})`], '')}export type ${type.name} = Readonly<Record<string, bigint>>;\n`;
  let text = `${docComment([`${type.summary} (${type.section})`], '')}export interface ${type.name} {\n`;
  for (const member of type.members) {
    const target = resolved(member.type);
    const representation = representationOf(member.type, 'state');
    const label =
      target.kind === 'enumeration' && target.abstract && representation === NUMBER ? target.name : undefined;
    const element = typescriptType(representation, label);
    text += `  /** ${member.doc} */\n  readonly ${member.name}: ${member.count === undefined ? element : `readonly ${element}[]`};\n`;
  }
  return `${text}}\n`;
}

/** The abstract types (C1) as interfaces and label tables. */
export function emitAbstractTypes(model: Model): string {
  let text = '';
  for (const type of model.types.values()) {
    if (type.kind === 'enumeration' && type.abstract) text += `${emitAbstractEnumeration(type)}\n`;
    else if (type.kind === 'struct' && type.abstract) text += `${emitAbstractStruct(type)}\n`;
  }
  return text;
}
