import { check } from './check/index.js';
import { type Diagnostic, Diagnostics, fileSpan, nearest } from './diagnostics/index.js';
import type { OutputFile } from './emit/output.js';
import { type Files, loadVersion, versionFolders } from './load/index.js';
import type { Model } from './model/index.js';

export * from './diagnostics/index.js';
export type { OutputFile } from './emit/output.js';
export { type Files, fileSchemas, limits, resolvePath, versionFolders } from './load/index.js';
export * from './model/index.js';

export interface CompileOptions {
  /** Names of targets, as `targetNames` lists them; every target when absent. */
  readonly targets?: readonly string[];
}

export interface Compiled {
  /** Empty when a diagnostic is an error: it is all or nothing. */
  readonly outputs: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly models: readonly Model[];
}

/** Loads and checks one version; the model is undefined when it has errors. */
export function loadModel(
  folder: string,
  files: Files,
): { readonly model: Model | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const model = loadVersion(folder, files, diagnostics);
  if (model !== undefined) check(model, diagnostics);
  return { model: diagnostics.failed ? undefined : model, diagnostics: diagnostics.sorted() };
}

/** An output that every specification can have; C headers come from the targets in the specification folder. */
interface Emitter {
  readonly name: string;
  /** Imported when used: ts-morph costs a quarter of a second that `explain` and `decode` need not pay. */
  readonly emit: (models: readonly Model[]) => Promise<readonly OutputFile[]>;
}

const emitters: readonly Emitter[] = [];

/**
 * The whole pipeline: read, load, check, emit. Pure: what it reads comes through `files` and what it makes is
 * returned, so that it runs in a browser as well.
 */
export async function compile(files: Files, options: CompileOptions = {}): Promise<Compiled> {
  const diagnostics = new Diagnostics();
  const models: Model[] = [];
  const folders = versionFolders(files);
  if (folders.length === 0)
    diagnostics.report('spec-missing', fileSpan({ path: '.', text: '' }), { path: 'the folder' });
  for (const folder of folders) {
    const model = loadVersion(folder, files, diagnostics);
    if (model === undefined) continue;
    check(model, diagnostics);
    models.push(model);
  }
  const known = emitters.map((emitter) => emitter.name);
  for (const name of options.targets ?? []) {
    if (!known.includes(name))
      diagnostics.report(
        'target-missing',
        fileSpan({ path: '.', text: '' }),
        { name, known },
        { meant: nearest(name, known) },
      );
  }
  const outputs: OutputFile[] = [];
  if (!diagnostics.failed) {
    for (const emitter of emitters) {
      if (options.targets === undefined || options.targets.includes(emitter.name))
        outputs.push(...(await emitter.emit(models)));
    }
  }
  outputs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { outputs: diagnostics.failed ? [] : outputs, diagnostics: diagnostics.sorted(), models };
}
