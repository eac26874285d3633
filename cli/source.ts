import {
  type Diagnostic,
  Diagnostics,
  diagnosticToJson,
  renderDiagnostics,
} from '../generator/diagnostics/index.js';
import { conditionReader } from '../generator/expressions/index.js';
import { type Paint, Source } from '../generator/pages/index.js';
import { colours, exit, type Io, paint, visible } from './io.js';
import { type Known, ModelCache, Recorder } from './model-cache.js';
import { openSpec } from './spec-folder.js';
import { versionOf } from './versions.js';

/** What every command takes that asks a specification something. */
export interface SourceOptions {
  readonly spec?: string;
  readonly version?: string;
  readonly json?: boolean;
}

export interface ReadVersion {
  /** Undefined when the specification has errors. */
  readonly known: Known | undefined;
  readonly found: readonly Diagnostic[];
}

export interface Opened {
  /** Undefined when the specification has errors. */
  readonly source: Source | undefined;
  /** What has been found so far; conditions are read when they are needed. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/** Reads one version, or takes what is kept of it. */
export async function readVersion(options: SourceOptions, io: Io): Promise<ReadVersion> {
  const files = openSpec(options.spec, io);
  const version = versionOf(files, options.version);
  const cache = ModelCache.of(files, version, io);
  const known = cache?.load();
  if (known !== undefined) return { known, found: [] };
  // The libraries that reading takes are loaded only where something is read.
  const { namesInTargets, openModel } = await import('../generator/index.js');
  const recorder = new Recorder(files);
  const { model, diagnostics } = openModel(version, recorder);
  if (model === undefined) return { known: undefined, found: diagnostics() };
  const read = { model, names: await namesInTargets(model, recorder) };
  if (diagnostics().length === 0) cache?.store(read, recorder);
  return { known: read, found: diagnostics() };
}

/** Opens one version of a specification folder for questions. */
export async function openSource(options: SourceOptions, io: Io): Promise<Opened> {
  const { known, found } = await readVersion(options, io);
  if (known === undefined) return { source: undefined, diagnostics: () => found };
  const reading = new Diagnostics();
  reading.add(found);
  const source = new Source(known.model, conditionReader(known.model, reading), known.names);
  return { source, diagnostics: () => reading.sorted() };
}

export function failed(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error');
}

/** Says what is wrong with what was read instead of an answer that could be wrong as well. */
export function refuse(diagnostics: readonly Diagnostic[], json: boolean, io: Io): number {
  if (json)
    io.stdout.write(`${JSON.stringify({ ok: false, diagnostics: diagnostics.map(diagnosticToJson) })}\n`);
  else io.stderr.write(renderDiagnostics(diagnostics, paint(io, io.stderr)));
  return exit.problems;
}

export function didYouMean(suggestions: readonly string[]): string | undefined {
  if (suggestions.length === 0) return undefined;
  const names = suggestions.map((name) => `\`${visible(name)}\``);
  const last = names.pop();
  return `Did you mean ${names.length === 0 ? last : `${names.join(', ')} or ${last}`}?`;
}

export function pagePaint(io: Io): Paint {
  const c = colours(io, io.stdout);
  return {
    title: c.bold,
    heading: c.bold,
    code: (text) => text,
    name: c.cyan,
    faint: c.dim,
    mark: c.yellow,
  };
}
