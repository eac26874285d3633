import type { Enumeration } from '../../model/index.js';
import { constant, typeAlias } from './declarations.js';
import { scalarOf } from './forms.js';
import type { Module } from './module.js';
import { docComment, indent, literalOf, sentence, WIDTH } from './text.js';

/** A frozen object of labels, and the union of their values under the same name. */
export function emitEnumeration(module: Module, enumeration: Enumeration): void {
  const { name, summary, section, width, signed, reserved } = enumeration;
  const { kind } = scalarOf(enumeration);
  const labels = enumeration.labels.map((label) =>
    indent(`${docComment(2, sentence(label.doc))}\n${label.name}: ${literalOf(label.value!, kind)},\n`),
  );
  const place = `${section}; ${width === 1 ? '1 bit' : `${width} bits`}${signed ? ', signed' : ''}`;
  const rest = reserved ? `; other encodings are reserved, and read as a ${kind} that is no label` : '';
  const type = `${module.runtime('Enumeration', true)}<typeof ${name}$labels>`;
  const made = `/* @__PURE__ */ ${module.runtime('enumeration')}(${name}$labels)`;
  const fits = `export const ${name}: ${type} = ${made};`.length <= WIDTH;
  module.add(
    constant(`${name}$labels`, undefined, `{\n${labels.join('')}} as const`),
    constant(name, type, fits ? made : `\n  ${made}`, summary, `${place}${rest}.`),
    typeAlias(name, `(typeof ${name}$labels)[keyof typeof ${name}$labels]`, `A value of ${name}.`),
  );
}
