import type { ConditionFunction, Enumeration, Expression, Model } from '../../../model/index.js';
import { Coder, type Uses } from './code.js';
import { representationOfUse, typescriptType } from './representation.js';
import { docComment, parameterList } from './state.js';

/** The name of the generated comparison of one overload, such as `equalRmmRipasRmiRipas`. */
export function sameLabelName(called: ConditionFunction, overload: number): string {
  const parameters = called.signatures[overload]!.parameters;
  const types = parameters.map((parameter) =>
    typeof parameter.type.type === 'string' ? parameter.type.type : parameter.type.type.name,
  );
  return `equal${types.join('')}`;
}

/** Labels that mean the same carry the same name, but for the prefix of the interface that encodes them (B1.8). */
function correspondence(a: Enumeration, b: Enumeration): readonly (readonly [bigint, bigint])[] {
  const bare = (name: string): string => name.replace(/^(RMI|RSI)_/, '');
  const code = (type: Enumeration, index: number): bigint => type.labels[index]!.value ?? BigInt(index);
  const pairs: (readonly [bigint, bigint])[] = [];
  for (const [i, label] of a.labels.entries()) {
    const j = b.labels.findIndex((other) => bare(other.name) === bare(label.name));
    if (j !== -1) pairs.push([code(a, i), code(b, j)]);
  }
  return pairs;
}

export function emitSameLabel(called: ConditionFunction): string {
  let text = '';
  for (const [overload, signature] of called.signatures.entries()) {
    const types = signature.parameters.map((parameter) => parameter.type.type);
    const [a, b] = types;
    if (
      typeof a === 'string' ||
      typeof b === 'string' ||
      a?.kind !== 'enumeration' ||
      b?.kind !== 'enumeration'
    )
      continue;
    const pairs = correspondence(a, b);
    const tests = pairs.map(([left, right]) => `(a === ${left} && b === ${right})`);
    text += `/** Whether two labels mean the same (${called.section}). */\nexport function ${sameLabelName(called, overload)}(a: number, b: number): boolean {\n  return ${tests.join(' || ') || 'false'};\n}\n\n`;
  }
  return text;
}

/** The functions that the document defines by an expression. */
export function emitBodies(model: Model, bodies: ReadonlyMap<string, Expression>, uses: Uses): string {
  let text = '';
  for (const [name, body] of bodies) {
    const called = model.functions.get(name)!;
    const signature = called.signatures[0]!;
    const coder = new Coder({
      uses,
      context: [],
      stateOf: () => 'state',
      sameLabel: sameLabelName,
      taken: signature.parameters.map((parameter) => parameter.name),
    });
    const returns = representationOfUse(signature.returns!);
    const boolean = returns.kind === 'boolean';
    const value = boolean ? undefined : coder.value(body);
    let code = boolean ? coder.holds(body) : value!.text;
    if (value !== undefined && returns.kind === 'number' && value.representation.kind === 'bigint') {
      uses.support.add('addressOf');
      code = `addressOf(${code})`;
    }
    text += docComment([`${called.summary} (${called.section})`], '');
    text += `export function ${name}(${parameterList(signature.parameters)}): ${typescriptType(returns)} {\n${coder.lines.map((line) => `  ${line}\n`).join('')}  return ${code};\n}\n\n`;
  }
  return text;
}
