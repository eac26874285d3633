import type {
  ClassDeclarationStructure,
  GetAccessorDeclarationStructure,
  InterfaceDeclarationStructure,
  MethodDeclarationStructure,
  ModuleDeclarationStructure,
  OptionalKind,
  PropertyDeclarationStructure,
  PropertySignatureStructure,
  SetAccessorDeclarationStructure,
} from 'ts-morph';
import type { Fieldset, Struct } from '../../model/index.js';
import { Kind, NAMESPACE, PRIVATE } from './description.js';
import { asksEnumeration, misfit, reservedName, type Scalar } from './forms.js';
import type { Module } from './module.js';
import { call, callIf, docText, integer, quote } from './text.js';

/** The types that a value is read as and written as. */
export interface Types {
  readonly read: string;
  readonly write: string;
}

/** Columns in front of a statement in a method of a class. */
export const BODY = 4;

/** A class that reads and writes one type of the document in place; names that are not the document's have a `$`. */
export class AccessorClassBuilder {
  readonly module: Module;
  readonly #type: Fieldset | Struct;
  readonly #size: number;
  readonly #docs: readonly string[];
  readonly #properties: OptionalKind<PropertyDeclarationStructure>[] = [];
  readonly #getters: OptionalKind<GetAccessorDeclarationStructure>[] = [];
  readonly #setters: OptionalKind<SetAccessorDeclarationStructure>[] = [];
  readonly #methods: OptionalKind<MethodDeclarationStructure>[] = [];
  readonly #values: OptionalKind<PropertySignatureStructure>[] = [];
  readonly #patch: OptionalKind<PropertySignatureStructure>[] = [];
  readonly #moves: string[] = [];
  #words = false;

  constructor(module: Module, type: Fieldset | Struct, size: number, docs: readonly string[]) {
    this.module = module;
    this.#type = type;
    this.#size = size;
    this.#docs = docs;
  }

  get name(): string {
    return this.#type.name;
  }

  getter(name: string, returnType: string, statements: readonly string[], ...docs: readonly string[]): void {
    this.#getters.push({
      name,
      returnType,
      statements: statements.join('\n'),
      docs: docs.length === 0 ? [] : [docText(2, ...docs)],
    });
  }

  setter(name: string, type: string, statements: readonly string[]): void {
    this.#setters.push({ name, parameters: [{ name: 'value', type }], statements: statements.join('\n') });
  }

  method(
    method: Omit<OptionalKind<MethodDeclarationStructure>, 'statements' | 'docs'>,
    statements: readonly string[],
    ...docs: readonly string[]
  ): void {
    this.#methods.push({
      ...method,
      statements: statements.join('\n'),
      docs: docs.length === 0 ? [] : [docText(2, ...docs)],
    });
  }

  /** Asks for `$words`: the memory's 64-bit words, undefined when the accessor is not aligned to them. */
  useWords(): void {
    this.#words = true;
  }

  /** A part of the accessor that is an accessor itself: made when it is asked for, and moved along. */
  child(
    name: string,
    type: string,
    offset: number,
    made: string,
    args: readonly string[],
    ...docs: readonly string[]
  ): void {
    this.#properties.push({ name: `$$${name}`, type: `${type} | undefined`, scope: PRIVATE });
    this.#moves.push(`this.$$${name}?.$follow(${offsetText('base', offset)});`);
    this.getter(
      name,
      type,
      [`this.$$${name} ??= ${call(BODY + name.length + 12, `new ${made}`, args)}`, `return this.$$${name};`],
      ...docs,
    );
  }

  /** What `toObject` has under a name, and what `assign` takes under it. */
  value(name: string, type: string, patch: string, doc: string): void {
    this.#values.push({ name, type, docs: [docText(4, doc)] });
    this.#patch.push({
      name,
      type: patch,
      hasQuestionToken: true,
      isReadonly: true,
      docs: [docText(4, doc)],
    });
  }

  /** Statements of a setter that refuse what does not fit a scalar. */
  refusal(scalar: Scalar, where: string): string {
    const { enumeration } = scalar;
    const width = String(scalar.width);
    const signed = scalar.signed ? ['true'] : [];
    if (enumeration?.reserved === true) {
      if (asksEnumeration(scalar)) this.module.item(enumeration.name);
      const labels = quote(`${enumeration.name} (${enumeration.section})`);
      const args = ['value', quote(where), labels, width, ...signed];
      return callIf(BODY, misfit(scalar, 'value'), this.module.runtime('refuseLabel'), args);
    }
    const refuse = this.module.runtime(scalar.kind === 'bigint' ? 'refuseBigint' : 'refuseNumber');
    return callIf(BODY, misfit(scalar, 'value'), refuse, ['value', quote(where), width, ...signed]);
  }

  /** The types that a scalar is read as and written as. */
  types(scalar: Scalar): Types {
    if (scalar.enumeration === undefined) return { read: scalar.kind, write: scalar.kind };
    const write = this.module.item(scalar.enumeration.name, true);
    const reserved = reservedName(scalar);
    return {
      write,
      read: reserved === undefined ? write : `${write} | ${this.module.runtime(reserved, true)}`,
    };
  }

  finish(): void {
    const { module, name } = this;
    const memory = module.runtime('Memory', true);
    const size = integer(this.#size);
    const declaration: ClassDeclarationStructure = {
      kind: Kind.Class,
      isExported: true,
      name,
      docs: [docText(0, ...this.#docs)],
      properties: [
        { name: 'size', isStatic: true, isReadonly: true, initializer: size, docs: ['Bytes.'] },
        { name: '$memory', isReadonly: true, type: memory, hasDeclareKeyword: true },
        { name: '$at', type: 'number', scope: PRIVATE, hasDeclareKeyword: true },
        {
          name: '$nested',
          isReadonly: true,
          type: 'boolean',
          scope: PRIVATE,
          hasDeclareKeyword: true,
        },
        ...(this.#words
          ? [
              {
                name: '$words',
                type: 'BigUint64Array | undefined',
                scope: PRIVATE,
                hasDeclareKeyword: true,
              },
            ]
          : []),
        ...this.#properties,
      ],
      ctors: [
        {
          docs: ['@throws RangeError if its bytes do not lie within the memory.'],
          parameters: [
            { name: 'memory', type: memory },
            { name: 'base', initializer: '0' },
            { name: 'nested', initializer: 'false' },
          ],
          statements: [
            'this.$memory = memory;',
            `this.$at = ${module.runtime('checkBase')}(memory, base, ${size}, ${quote(name)});`,
            'this.$nested = nested;',
            ...(this.#words ? [`this.$words = ${module.runtime('wordsFor')}(memory, base);`] : []),
          ].join('\n'),
        },
      ],
      getAccessors: [
        {
          name: '$base',
          returnType: 'number',
          statements: 'return this.$at;',
          docs: [
            docText(
              2,
              'Where it lies in the memory, in bytes. What it gave out moves with it, and only with it.',
            ),
          ],
        },
        ...this.#getters,
      ],
      setAccessors: [
        {
          name: '$base',
          parameters: [{ name: 'base', type: 'number' }],
          statements: [
            `if (this.$nested) ${module.runtime('refuseMove')}(${quote(name)});`,
            `this.$follow(${module.runtime('checkBase')}(this.$memory, base, ${size}, ${quote(name)}));`,
          ].join('\n'),
        },
        ...this.#setters,
      ],
      methods: [
        {
          name: '$follow',
          parameters: [{ name: 'base', type: 'number' }],
          returnType: 'void',
          statements: [
            'this.$at = base;',
            ...(this.#words ? [`this.$words = ${module.runtime('wordsFor')}(this.$memory, base);`] : []),
            ...this.#moves,
          ].join('\n'),
          docs: ['@internal'],
        },
        ...this.#methods,
        {
          name: 'toJSON',
          returnType: 'unknown',
          statements: `return ${module.runtime('toJson')}(this.toObject());`,
          docs: ['What `toObject` gives, with 64-bit integers and bytes as hexadecimal text.'],
        },
      ],
    };
    const members = (
      interfaceName: string,
      doc: string,
      properties: OptionalKind<PropertySignatureStructure>[],
    ): InterfaceDeclarationStructure => ({
      kind: Kind.Interface,
      name: interfaceName,
      docs: [docText(2, doc)],
      properties,
    });
    const types: ModuleDeclarationStructure = {
      kind: Kind.Module,
      declarationKind: NAMESPACE,
      hasDeclareKeyword: true,
      isExported: true,
      name,
      statements: [
        members('Values', 'What `toObject` gives: a copy, in plain values.', this.#values),
        members('Patch', 'What `assign` takes: what is absent stays as it is.', this.#patch),
      ],
    };
    module.add(declaration, types);
  }
}

export function offsetText(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${integer(offset)}`;
}
