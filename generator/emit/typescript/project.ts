import {
  IndentationText,
  NewLineKind,
  Project,
  QuoteKind,
  type SourceFileStructure,
  type StatementStructures,
} from 'ts-morph';
import type { OutputFile } from '../output.js';

export type Statements = readonly (string | StatementStructures)[];

/**
 * What was printed last for a path, with the structure that it was printed from. Laying a file out costs far more than
 * describing it, and between two runs in one process most files stay as they are.
 */
const printed = new Map<string, { readonly key: string; readonly text: string }>();

/** Everything that decides how a file is laid out, as text. Writers are run for what they write. */
function keyOf(statements: Statements): string {
  return JSON.stringify(statements, (_, value: unknown) => {
    if (typeof value !== 'function') return value;
    let text = '';
    const writer = {
      write: (part: string) => {
        text += part;
        return writer;
      },
      newLine: () => writer.write('\n'),
      newLineIfLastNot: () => writer,
    };
    (value as (to: typeof writer) => void)(writer);
    return text;
  });
}

/**
 * Prints files: the one place that hands structures to ts-morph. A file goes in as one complete structure, since
 * adding declarations one after the other makes the library parse the file anew each time.
 */
export class Printer {
  readonly #project = new Project({
    useInMemoryFileSystem: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    manipulationSettings: {
      indentationText: IndentationText.TwoSpaces,
      newLineKind: NewLineKind.LineFeed,
      quoteKind: QuoteKind.Single,
      useTrailingCommas: true,
    },
  });

  print(path: string, statements: Statements): OutputFile {
    const key = keyOf(statements);
    const last = printed.get(path);
    if (last?.key === key) return { path, text: last.text };
    const structure: Omit<SourceFileStructure, 'kind'> = { statements: [...statements] };
    const file = this.#project.createSourceFile(path, structure);
    const text = file.getFullText();
    file.forget();
    printed.set(path, { key, text });
    return { path, text };
  }
}
