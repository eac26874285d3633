import type { ModuleDeclarationKind, Scope, StatementStructures, StructureKind } from 'ts-morph';

export type Statements = readonly (string | StatementStructures)[];

/*
 * The library's enumerations, without the library: it takes longer to load than all else that emitting needs, so only
 * whoever lays modules out does. A kind is described by its name, and gets its number there.
 */
const kind = <K extends keyof typeof StructureKind>(name: K) => name as unknown as (typeof StructureKind)[K];

export const Kind = {
  Class: kind('Class'),
  ImportDeclaration: kind('ImportDeclaration'),
  Interface: kind('Interface'),
  Module: kind('Module'),
  TypeAlias: kind('TypeAlias'),
} as const;
export const PRIVATE = 'private' as Scope.Private;
export const NAMESPACE = 'namespace' as ModuleDeclarationKind.Namespace;

/** A module that is described but not laid out yet. */
export interface SourceModule {
  /** Below the output folder, with forward slashes. */
  readonly path: string;
  /** Its statements as JSON: text that can be compared, kept, and sent to another thread. */
  readonly description: string;
}

export function sourceModule(path: string, statements: Statements): SourceModule {
  // Writers are run for what they write.
  const description = JSON.stringify(statements, (_, value: unknown) => {
    if (typeof value !== 'function') return value;
    let text = '';
    const writer = {
      write: (part: string) => {
        text += part;
        return writer;
      },
      newLine: () => writer.write('\n'),
      newLineIfLastNot: () => (text.endsWith('\n') ? writer : writer.newLine()),
    };
    (value as (to: typeof writer) => void)(writer);
    return text;
  });
  return { path, description };
}
