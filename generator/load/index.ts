import { type Diagnostics, fileSpan, type SourceFile } from '../diagnostics/index.js';
import type { Model } from '../model/index.js';
import { buildModel, type Checked } from './build.js';
import { type Files, includedFiles } from './files.js';
import {
  type FileSort,
  fileSchemas,
  type RawCommands,
  type RawFunctions,
  type RawSpec,
  type RawTypes,
} from './schema.js';
import { validate } from './validate.js';
import { readYaml } from './yaml.js';

export { type Files, resolvePath, versionFolders } from './files.js';
export { limits } from './limits.js';
export { fileSchemas } from './schema.js';

function readChecked<T>(file: SourceFile, sort: FileSort, diagnostics: Diagnostics): Checked<T> | undefined {
  const root = readYaml(file, diagnostics);
  if (root === undefined) return undefined;
  const data = validate(fileSchemas[sort], root, 'the file', diagnostics);
  return data === undefined ? undefined : { file, root, data: data as T };
}

/**
 * Reads one version: the `spec.yaml` of a folder and all that it includes. The model is undefined when a file
 * could not be read or has the wrong shape; names that do not resolve are reported and the rest is still built.
 */
export function loadVersion(folder: string, files: Files, diagnostics: Diagnostics): Model | undefined {
  const path = folder === '' ? 'spec.yaml' : `${folder}/spec.yaml`;
  const file = files.read(path);
  if (file === undefined) {
    const nowhere: SourceFile = { path, text: '' };
    diagnostics.report('file-missing', fileSpan(nowhere), { path });
    return undefined;
  }
  const spec = readChecked<RawSpec>(file, 'spec', diagnostics);
  if (spec === undefined) return undefined;
  const types: Checked<RawTypes>[] = [];
  const commands: Checked<RawCommands>[] = [];
  const functions: Checked<RawFunctions>[] = [];
  let sound = true;
  for (const included of includedFiles(spec.data, spec.root, folder, files, diagnostics)) {
    const checked = readChecked(included.file, included.sort, diagnostics);
    if (checked === undefined) sound = false;
    else if (included.sort === 'types') types.push(checked as Checked<RawTypes>);
    else if (included.sort === 'commands') commands.push(checked as Checked<RawCommands>);
    else functions.push(checked as Checked<RawFunctions>);
  }
  // Types missing because their file is broken would only produce errors that vanish with the first one.
  return sound
    ? buildModel(folder.split('/').at(-1) || 'spec', { spec, types, commands, functions }, diagnostics)
    : undefined;
}
