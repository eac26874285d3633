import {
  type Diagnostic,
  diagnosticToJson,
  namesInTargets,
  openModel,
  renderDiagnostics,
} from '../generator/index.js';
import { type Paint, Source } from '../generator/pages/index.js';
import { explain as answer, answerToJson, renderAnswer } from '../tools/explain/index.js';
import { openSpec } from './generate.js';
import { colours, exit, Failure, type Io, paint, visible } from './io.js';
import { versionOf } from './versions.js';

export interface ExplainOptions {
  readonly spec?: string;
  readonly version?: string;
  readonly json?: boolean;
}

/** `rmigen explain`: what there is to say about a name, or about a number. */
export async function explain(words: readonly string[], options: ExplainOptions, io: Io): Promise<number> {
  const query = words.join(' ').trim();
  const json = options.json === true;
  const files = openSpec(options.spec, io);
  const { model, conditionsOf, diagnostics } = openModel(versionOf(files, options.version), files);
  if (model === undefined) return refuse(diagnostics(), json, io);
  const source = new Source(model, conditionsOf, await namesInTargets(model, files));
  const found = answer(query, source);
  const text = json
    ? `${JSON.stringify(answerToJson(query, found, source))}\n`
    : renderAnswer(query, found, painter(io));
  // The conditions that the answer needs have been read by now.
  if (failed(diagnostics())) return refuse(diagnostics(), json, io);
  if (found.kind === 'nothing' && !json) throw new Failure(visible(found.message), hint(found.suggestions));
  io.stdout.write(text);
  return found.kind === 'nothing' ? exit.problems : exit.ok;
}

function failed(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error');
}

/** Says what is wrong with the specification instead of an answer that could be wrong as well. */
function refuse(diagnostics: readonly Diagnostic[], json: boolean, io: Io): number {
  if (json)
    io.stdout.write(`${JSON.stringify({ ok: false, diagnostics: diagnostics.map(diagnosticToJson) })}\n`);
  else io.stderr.write(renderDiagnostics(diagnostics, paint(io, io.stderr)));
  return exit.problems;
}

function hint(suggestions: readonly string[]): string | undefined {
  if (suggestions.length === 0) return undefined;
  const names = suggestions.map((name) => `\`${visible(name)}\``);
  const last = names.pop();
  return `Did you mean ${names.length === 0 ? last : `${names.join(', ')} or ${last}`}?`;
}

function painter(io: Io): Paint {
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
