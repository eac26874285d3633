import { diagnosticToJson, type Model, nearest, openModel, renderDiagnostics } from '../generator/index.js';
import {
  breaksOf,
  compare,
  comparisonToJson,
  comparisonToMarkdown,
  only,
  type Paint,
  renderBreaks,
  renderComparison,
} from '../tools/diff/index.js';
import { colours, exit, Failure, type Io, paint, visible } from './io.js';
import { openSpec, type SpecFolder } from './spec-folder.js';
import { versionOf } from './versions.js';

export interface DiffOptions {
  readonly spec?: string;
  readonly abi?: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** `rmigen diff`: what differs between two versions, or in one item of them. */
export function diff(
  from: string,
  to: string,
  name: string | undefined,
  options: DiffOptions,
  io: Io,
): number {
  const files = openSpec(options.spec, io);
  const models: Model[] = [];
  for (const version of [from, to]) {
    const model = open(files, version, options, io);
    if (model === undefined) return exit.problems;
    models.push(model);
  }
  const [before, after] = models as [Model, Model];
  const all = compare(before, after);
  const comparison = name === undefined ? all : only(all, name, models);
  if (comparison === undefined) throw nothing(name!, models);
  const breaks = breaksOf(comparison).length > 0;
  const broken = options.abi === true && breaks;
  if (options.json === true)
    io.stdout.write(`${JSON.stringify({ ok: !broken, ...comparisonToJson(comparison) })}\n`);
  else if (options.markdown === true) io.stdout.write(comparisonToMarkdown(comparison));
  else if (options.abi === true) io.stdout.write(renderBreaks(comparison, painter(io)));
  else io.stdout.write(renderComparison(comparison, painter(io)));
  return broken ? exit.problems : exit.ok;
}

function open(files: SpecFolder, version: string, options: DiffOptions, io: Io): Model | undefined {
  const { model, diagnostics } = openModel(versionOf(files, version), files);
  if (model !== undefined) return model;
  if (options.json === true)
    io.stdout.write(`${JSON.stringify({ ok: false, diagnostics: diagnostics().map(diagnosticToJson) })}\n`);
  else io.stderr.write(renderDiagnostics(diagnostics(), paint(io, io.stderr)));
  return undefined;
}

function nothing(name: string, models: readonly Model[]): Failure {
  const known = models.flatMap((model) => [
    ...model.types.keys(),
    ...model.commands.keys(),
    ...model.masks.keys(),
    ...model.constants.keys(),
  ]);
  const meant = nearest(name, known);
  return new Failure(
    `neither version has an item \`${visible(name)}\``,
    meant === undefined ? undefined : `Did you mean \`${visible(meant)}\`?`,
  );
}

function painter(io: Io): Paint {
  const c = colours(io, io.stdout);
  return { title: c.bold, added: c.green, removed: c.red, faint: c.dim, mark: c.yellow };
}
