import { IndentationText, NewLineKind, Project, QuoteKind, StructureKind } from 'ts-morph';
import type { OutputFile } from '../output.js';
import type { SourceModule, Statements } from './description.js';

/**
 * What was laid out last for a path, with the description that it was made from. Laying a file out costs far more than
 * describing it, and between two runs in one process most files stay as they are.
 */
const known = new Map<string, { readonly description: string; readonly text: string }>();

function statementsOf(description: string): Statements {
  return JSON.parse(description, (key, value: unknown) =>
    key === 'kind' ? StructureKind[value as keyof typeof StructureKind] : value,
  ) as Statements;
}

/**
 * Lays modules out: the one place that hands structures to ts-morph. A file goes in as one complete structure, since
 * adding declarations one after the other makes the library parse the file anew each time.
 */
export function layOut(modules: readonly SourceModule[]): readonly OutputFile[] {
  const project = new Project({
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
  return modules.map(({ path, description }) => {
    const last = known.get(path);
    if (last?.description === description) return { path, text: last.text };
    const file = project.createSourceFile(path, { statements: [...statementsOf(description)] });
    const text = file.getFullText();
    file.forget();
    known.set(path, { description, text });
    return { path, text };
  });
}
