import { nearest } from '../generator/diagnostics/index.js';
import type { Model } from '../generator/model/index.js';
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
import { colours, exit, Failure, type Io, visible } from './io.js';
import { didYouMean, readVersion, refuse } from './source.js';

export interface DiffOptions {
  readonly spec?: string;
  readonly abi?: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** `rmigen diff`: what differs between two versions, or in one item of them. */
export async function diff(
  from: string,
  to: string,
  name: string | undefined,
  options: DiffOptions,
  io: Io,
): Promise<number> {
  const models: Model[] = [];
  for (const version of [from, to]) {
    const { known, found } = await readVersion({ ...options, version }, io);
    if (known === undefined) return refuse(found, options.json === true, io);
    models.push(known.model);
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
    didYouMean(meant === undefined ? [] : [meant]),
  );
}

function painter(io: Io): Paint {
  const c = colours(io, io.stdout);
  return { title: c.bold, added: c.green, removed: c.red, faint: c.dim, mark: c.yellow };
}
