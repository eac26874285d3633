import { type Diagnostic, Diagnostics, type SourceFile } from '../diagnostics/index.js';
import type { Model } from '../model/index.js';
import { buildModel, type Checked, type Items } from './build.js';
import { type Files, type Included, includedFiles, reportUnread, unreadSpan } from './files.js';
import {
  commandItem,
  type FileSort,
  functionItem,
  name,
  type RawCommand,
  type RawFunction,
  type RawSpec,
  type RawTypeItem,
  specFile,
  typeItem,
} from './schema.js';
import { validate, validateItems } from './validate.js';
import { readYaml } from './yaml.js';

export { type Files, resolvePath, versionFolders } from './files.js';
export { limits } from './limits.js';
export { fileSchemas } from './schema.js';
export { type LoadedTarget, loadTargets } from './target.js';

interface Shape {
  readonly sort: FileSort;
  /** Undefined when the file could not be read. */
  readonly checked: Checked<unknown> | undefined;
  readonly found: readonly Diagnostic[];
}

/**
 * What a file has been found to hold. A file is a text that does not change, so that one which is given again,
 * because another has been edited, is not read again.
 */
const shapes = new WeakMap<SourceFile, Shape>();

function readShape(file: SourceFile, sort: FileSort, diagnostics: Diagnostics): Checked<unknown> | undefined {
  let shape = shapes.get(file);
  if (shape?.sort !== sort) {
    const found = new Diagnostics();
    const root = readYaml(file, found);
    let data: unknown;
    if (root !== undefined) {
      if (sort === 'spec') data = validate(specFile, root, 'the file', found);
      else if (sort === 'types') data = validateItems(typeItem, name, root, found);
      else if (sort === 'commands') data = validateItems(commandItem, name, root, found);
      else data = validateItems(functionItem, name, root, found);
    }
    const checked = root === undefined || data === undefined ? undefined : { root, data };
    shape = { sort, checked, found: found.sorted() };
    shapes.set(file, shape);
  }
  diagnostics.add(shape.found);
  return shape.checked;
}

/**
 * Reads one version: the `spec.yaml` of a folder and all that it includes. What is wrong is reported, and the
 * rest is still built, so that one run finds all there is; the model is undefined only without a spec.yaml.
 */
export function loadVersion(folder: string, files: Files, diagnostics: Diagnostics): Model | undefined {
  const path = folder === '' ? 'spec.yaml' : `${folder}/spec.yaml`;
  const file = files.read(path);
  if (file === undefined) {
    reportUnread(path, unreadSpan(path, files), files, diagnostics);
    return undefined;
  }
  const spec = readShape(file, 'spec', diagnostics) as Checked<RawSpec> | undefined;
  if (spec === undefined) return undefined;
  const { included, complete } = includedFiles(spec.data, spec.root, folder, files, diagnostics);
  let sound = complete;
  const checked = <T>(sort: Included['sort']): readonly Checked<Items<T>>[] => {
    const found: Checked<Items<T>>[] = [];
    for (const one of included) {
      if (one.sort !== sort) continue;
      const shape = readShape(one.file, sort, diagnostics);
      if (shape === undefined) sound = false;
      else found.push(shape as Checked<Items<T>>);
    }
    return found;
  };
  const types = checked<RawTypeItem>('types');
  const commands = checked<RawCommand>('commands');
  const functions = checked<RawFunction>('functions');
  const id = folder.split('/').at(-1) || 'spec';
  const isOwn = (path: string): boolean => folder === '' || path.startsWith(`${folder}/`);
  return buildModel(id, { spec, types, commands, functions, complete: sound, isOwn }, diagnostics);
}
