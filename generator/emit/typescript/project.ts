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
    const structure: Omit<SourceFileStructure, 'kind'> = { statements: [...statements] };
    const file = this.#project.createSourceFile(path, structure);
    const text = file.getFullText();
    file.forget();
    return { path, text };
  }
}
