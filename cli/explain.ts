import { explain as answer, answerToJson, renderAnswer } from '../tools/explain/index.js';
import { exit, Failure, type Io, visible } from './io.js';
import { didYouMean, failed, openSource, pagePaint, refuse, type SourceOptions } from './source.js';

/** `rmigen explain`: what there is to say about a name, or about a number. */
export async function explain(words: readonly string[], options: SourceOptions, io: Io): Promise<number> {
  const query = words.join(' ').trim();
  const json = options.json === true;
  const { source, diagnostics } = await openSource(options, io);
  if (source === undefined) return refuse(diagnostics(), json, io);
  const found = answer(query, source);
  const text = json
    ? `${JSON.stringify(answerToJson(query, found, source))}\n`
    : renderAnswer(query, found, pagePaint(io));
  // The conditions that the answer needs have been read by now.
  if (failed(diagnostics())) return refuse(diagnostics(), json, io);
  if (found.kind === 'nothing' && !json)
    throw new Failure(visible(found.message), didYouMean(found.suggestions));
  io.stdout.write(text);
  return found.kind === 'nothing' ? exit.problems : exit.ok;
}
