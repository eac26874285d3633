import { check } from './check/index.js';
import {
  type Code,
  type Diagnostic,
  Diagnostics,
  fileSpan,
  nearest,
  type SourceFile,
  type Span,
} from './diagnostics/index.js';
import type { OutputFile } from './emit/output.js';
import type { TargetName } from './emit/targets/names.js';
import type { SourceModule } from './emit/typescript/description.js';
import { conditionReader, resolveConditions } from './expressions/index.js';
import { keep, step } from './kept.js';
import {
  type Files,
  fileSchemas,
  type LoadedTarget,
  loadTargets,
  loadVersion,
  versionFolders,
} from './load/index.js';
import type { Command, CommandConditions, Model, Specification } from './model/index.js';

export * from './diagnostics/index.js';
export type { OutputFile } from './emit/output.js';
export type { TargetName } from './emit/targets/names.js';
export type { SourceModule } from './emit/typescript/description.js';
export { type Files, fileSchemas, limits, resolvePath, versionFolders } from './load/index.js';
export * from './model/index.js';

export interface CompileOptions {
  /** `schema` and so on, or the `name` of a file below `targets`; everything when absent. */
  readonly targets?: readonly string[];
  /**
   * The package that generated modules import the runtime from. When absent they import that of this repository,
   * by its place relative to `generated`.
   */
  readonly runtime?: string;
  /** Lays modules out, in another thread perhaps; here when absent. What it gives has the order of the modules. */
  readonly layOut?: LayOut;
}

export type LayOut = (modules: readonly SourceModule[]) => Promise<readonly OutputFile[]>;

const layOutHere: LayOut = async (modules) => {
  const { layOut } = await import('./emit/typescript/layout.js');
  return layOut(modules);
};

export interface Compiled {
  /** Empty when a diagnostic is an error: it is all or nothing. */
  readonly outputs: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly models: readonly Specification[];
}

/** What can be wrong with a condition by itself. The rest may be the echo of a name that is missing elsewhere. */
const ofConditionsAlone: ReadonlySet<Code> = new Set([
  'condition-size',
  'condition-syntax',
  'order-syntax',
  'order-cycle',
  'order-duplicate',
  'order-preference',
  'unknown-failure',
]);

function overlap(a: Span, b: Span): boolean {
  return a.file === b.file && a.start < b.end && b.start < a.end;
}

/** Load, resolve, check: what makes a specification of a folder. It may have errors; they are in `diagnostics`. */
function loadSpecification(
  folder: string,
  files: Files,
  diagnostics: Diagnostics,
): Specification | undefined {
  const loading = new Diagnostics();
  const model = loadVersion(folder, files, loading);
  const earlier = loading.sorted();
  diagnostics.add(earlier);
  if (model === undefined) return undefined;
  const resolving = new Diagnostics();
  const { commands: conditions, bodies } = resolveConditions(model, resolving);
  diagnostics.add(
    resolving
      .sorted()
      .filter((one) => !loading.failed || ofConditionsAlone.has(one.code))
      .filter((one) => !earlier.some((other) => overlap(one.span, other.span))),
  );
  const specification = Object.freeze({ ...model, conditions, bodies });
  check(specification, diagnostics);
  return specification;
}

/** Loads and checks one version; the model is undefined when it has errors. */
export function loadModel(
  folder: string,
  files: Files,
): { readonly model: Specification | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const model = loadSpecification(folder, files, diagnostics);
  return { model: diagnostics.failed ? undefined : model, diagnostics: diagnostics.sorted() };
}

/** One version of which conditions are read when they are asked for: enough for a question about one item. */
export interface OpenModel {
  /** Undefined when the specification has errors. */
  readonly model: Model | undefined;
  /** Undefined when something in the command's conditions is wrong; it is then in the diagnostics. */
  readonly conditionsOf: (command: Command) => CommandConditions | undefined;
  /** What has been found so far. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/** Loads and checks one version, all but its conditions. */
export function openModel(folder: string, files: Files): OpenModel {
  const found = new Diagnostics();
  const diagnostics = () => found.sorted();
  const model = loadVersion(folder, files, found);
  if (model !== undefined) check(model, found);
  if (model === undefined || found.failed)
    return { model: undefined, conditionsOf: () => undefined, diagnostics };
  return { model, conditionsOf: conditionReader(model, found), diagnostics };
}

/** What the targets of a specification folder call the things of one version. A target with mistakes has no names. */
export async function namesInTargets(model: Model, files: Files): Promise<readonly TargetName[]> {
  return namesOf(model, loadTargets(files, new Diagnostics()));
}

async function namesOf(model: Model, targets: readonly LoadedTarget[]): Promise<readonly TargetName[]> {
  const { namesIn } = await import('./emit/targets/names.js');
  return keep(model, 'names', [targets], () =>
    targets.filter(({ data }) => data.version === model.id).flatMap((target) => namesIn(model, target)),
  );
}

/** The versions that say what commands promise. */
function complete(models: readonly Specification[]): readonly Specification[] {
  return models.filter((model) => model.scope === 'complete');
}

/** An output that every specification can have; headers come from the targets in the specification folder. */
interface Emitter {
  readonly name: string;
  /** Imported when used: ts-morph costs a quarter of a second that `explain` and `decode` need not pay. */
  readonly emit: (
    models: readonly Specification[],
    options: CompileOptions,
    targets: readonly LoadedTarget[],
  ) => Promise<readonly OutputFile[]>;
}

/** First the one whose outputs take longest to lay out, which another thread may do while the rest is emitted. */
const emitters: readonly Emitter[] = [
  {
    name: 'typescript',
    emit: async (models, { runtime, layOut = layOutHere }) => {
      const { emitTypeScript } = await import('./emit/typescript/index.js');
      const emitted = emitTypeScript(models, runtime === undefined ? {} : { bits: `${runtime}/bits` });
      const described = emitted.filter((one) => 'description' in one);
      return [...(await layOut(described)), ...emitted.filter((one) => 'text' in one)];
    },
  },
  {
    name: 'schema',
    emit: async () => {
      const { emitSchemas } = await import('./emit/schema/index.js');
      const { spec, types, commands, functions, target } = fileSchemas;
      return emitSchemas({ spec, types, command: commands, functions, target });
    },
  },
  {
    name: 'docs',
    emit: async (models, _, targets) => {
      const { emitDocs } = await import('./emit/docs/index.js');
      const names = await Promise.all(models.map((model) => namesOf(model, targets)));
      return models.flatMap((model, index) =>
        keep(model, 'docs', [names[index]], () => emitDocs(model, names[index])),
      );
    },
  },
  {
    name: 'conditions',
    emit: async (models, { runtime }) => {
      const { emitConditions } = await import('./emit/typescript/conditions/index.js');
      const { printer } = await import('./emit/typescript/conditions/print.js');
      const support = runtime === undefined ? undefined : `${runtime}/conditions`;
      return complete(models).flatMap((model) =>
        keep(model, 'conditions', [support], () => emitConditions(model, printer(model), support)),
      );
    },
  },
  {
    name: 'simulator',
    emit: async (models, { runtime }) => {
      const { emitSimulator } = await import('./emit/typescript/simulator/index.js');
      const { printer } = await import('./emit/typescript/conditions/print.js');
      const from =
        runtime === undefined ? undefined : { bits: `${runtime}/bits`, conditions: `${runtime}/conditions` };
      return complete(models).flatMap((model) =>
        keep(model, 'simulator', [runtime], () => emitSimulator(model, printer(model), from)),
      );
    },
  },
];

/**
 * The whole pipeline: read, load, check, emit. Pure: what it reads comes through `files` and what it makes is
 * returned, so that it runs in a browser as well.
 */
export async function compile(files: Files, options: CompileOptions = {}): Promise<Compiled> {
  const diagnostics = new Diagnostics();
  const models: Specification[] = [];
  const folders = versionFolders(files);
  const root: SourceFile = { path: files.root ?? '.', text: '' };
  if (folders.length === 0)
    diagnostics.report('spec-missing', fileSpan(root), { path: files.root ?? 'the folder' });
  for (const folder of folders) {
    const { model, found } = step(files, `version ${folder}`, (noted) => {
      const finding = new Diagnostics();
      const model = loadSpecification(folder, noted, finding);
      return { value: { model, found: finding.sorted() }, well: !finding.failed };
    });
    diagnostics.add(found);
    if (model !== undefined) models.push(model);
  }
  const { targets, loading } = step(files, 'targets', (noted) => {
    const loading = new Diagnostics();
    return { value: { targets: loadTargets(noted, loading), loading }, well: !loading.failed };
  });
  diagnostics.add(loading.sorted());
  const known = [...emitters.map((emitter) => emitter.name), ...targets.map((target) => target.data.name)];
  for (const name of options.targets ?? []) {
    // It may be the one that could not be read.
    if (!known.includes(name) && !loading.failed)
      diagnostics.report('target-missing', fileSpan(root), { name, known }, { meant: nearest(name, known) });
  }
  for (const target of targets) {
    const { version } = target.data;
    if (!folders.includes(version))
      diagnostics.report('target-version', target.at('version'), { name: version, known: folders });
  }
  const outputs: OutputFile[] = [];
  const wanted = (name: string) => options.targets === undefined || options.targets.includes(name);
  if (!diagnostics.failed) {
    const emitting = Promise.all(
      emitters.filter(({ name }) => wanted(name)).map(({ emit }) => emit(models, options, targets)),
    );
    const { emitTarget } = await import('./emit/targets/index.js');
    const emitted = (model: Specification, target: LoadedTarget): readonly OutputFile[] => {
      const { files, found } = keep(model, `target ${target.data.name}`, [target], () => {
        const finding = new Diagnostics();
        return { files: emitTarget(model, target, finding), found: finding.sorted() };
      });
      diagnostics.add(found);
      return files;
    };
    for (const target of targets) {
      const model = models.find((one) => one.id === target.data.version);
      if (model !== undefined && wanted(target.data.name)) outputs.push(...emitted(model, target));
    }
    outputs.push(...(await emitting).flat());
  }
  outputs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { outputs: diagnostics.failed ? [] : outputs, diagnostics: diagnostics.sorted(), models };
}
