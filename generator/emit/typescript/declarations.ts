import { docComment, WIDTH } from './text.js';

/**
 * `const name: type = initializer;` at the top of a module; exported when it has a doc comment. It is text, since the
 * library indents the lines of an initializer once more.
 */
export function constant(
  name: string,
  type: string | undefined,
  initializer: string,
  ...docs: readonly string[]
): string {
  const head = `const ${name}${type === undefined ? '' : `: ${type}`} =`;
  const text = `${head}${initializer.startsWith('\n') ? '' : ' '}${initializer};`;
  return docs.length === 0 ? text : `${docComment(0, ...docs)}\nexport ${text}`;
}

export function typeAlias(name: string, type: string, ...docs: readonly string[]): string {
  const line = `export type ${name} = ${type};`;
  const text = line.length <= WIDTH ? line : `export type ${name} =\n  ${type};`;
  return `${docComment(0, ...docs)}\n${text}`;
}
