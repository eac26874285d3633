import { Diagnostics } from '../../diagnostics/index.js';
import type { Model } from '../../model/index.js';
import type { OutputFile } from '../output.js';
import { viewSections } from './sections.js';
import type { Target } from './target.js';
import { render } from './template.js';
import type { View } from './view.js';

export type { Target } from './target.js';

/** The outputs of one target, below the version's folder. What is wrong with the target is reported. */
export function emitTarget(model: Model, target: Target, diagnostics: Diagnostics): readonly OutputFile[] {
  const found = new Diagnostics();
  const view = viewOf(model, target, found);
  const outputs: OutputFile[] = [];
  // A template would stumble over what a mistaken section left out.
  if (!found.failed) {
    for (const [path, template] of target.templates) {
      const text = render(template, view, found);
      // What a template defines before its first line leaves empty lines behind.
      if (text !== undefined) outputs.push({ path: `${model.id}/${path}`, text: text.trimStart() });
    }
  }
  diagnostics.add(found.sorted());
  return outputs;
}

function viewOf(model: Model, target: Target, diagnostics: Diagnostics): View {
  const { data } = target;
  const sections = viewSections(model, target, diagnostics);
  const header = Object.keys(data.outputs)[0] ?? '';
  return {
    summary: data.summary,
    license: data.license,
    guard: data.guard ?? '',
    document: model.document,
    version: model.version,
    sections_of: model.sections,
    title: model.title,
    header: header.slice(header.lastIndexOf('/') + 1),
    includes: data.includes ?? [],
    includes_c: data.includes_c ?? [],
    sections,
    macros: sections.filter((one) => one.kind !== 'enum' && one.kind !== 'struct'),
    types: sections.filter((one) => one.kind === 'enum' || one.kind === 'struct'),
  };
}
