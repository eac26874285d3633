import { join } from 'node:path';
import { SpecFolder } from '../../cli/spec-folder.js';
import { namesInTargets, openModel, type SourceFile } from '../../generator/index.js';
import { Source } from '../../generator/pages/index.js';
import { explain, renderAnswer } from '../../tools/explain/index.js';

/** The checkout. */
export const root = join(import.meta.dirname, '../..');

/** What explains the specification of the checkout. */
export const rmm: Source = await sourceOf(new SpecFolder(join(root, 'spec'), 'spec'), 'rmm-1.0-rel0');

async function sourceOf(files: Parameters<typeof openModel>[1], folder: string): Promise<Source> {
  const { model, conditionsOf, diagnostics } = openModel(folder, files);
  if (model === undefined)
    throw new Error(
      diagnostics()
        .map((one) => one.message)
        .join('\n'),
    );
  return new Source(model, conditionsOf, await namesInTargets(model, files));
}

/** What explains a specification of one version `v` that is given as texts of its files. */
export function sourceOfTexts(texts: Readonly<Record<string, string>>): Promise<Source> {
  const files = new Map<string, SourceFile>(
    Object.entries(texts).map(([path, text]) => [`v/${path}`, { path: `v/${path}`, text }]),
  );
  const names = [...files.keys()];
  return sourceOf(
    {
      read: (path) => files.get(path),
      list: (folder) => {
        const prefix = folder === '' ? '' : `${folder}/`;
        const inside = names
          .filter((name) => name.startsWith(prefix))
          .map((name) => name.slice(prefix.length));
        return inside.length === 0
          ? undefined
          : [...new Set(inside.map((name) => name.split('/')[0]!))].sort();
      },
    },
    'v',
  );
}

/** The page or list of candidates for a query, unpainted. */
export function printed(query: string, source: Source = rmm): string {
  return renderAnswer(query, explain(query, source));
}
