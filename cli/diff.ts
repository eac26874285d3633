import { structuredPatch } from 'diff';
import { visible } from './io.js';

const LINES = 24;
/** Edits beyond which a difference is not worth a precise answer, nor the time for it. */
const EDITS = 2000;

/** The first lines of a unified diff; empty when the texts differ too much for one. */
export function shortDiff(
  before: string,
  after: string,
  beforeName: string,
  afterName: string,
): readonly string[] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: 2,
    maxEditLength: EDITS,
  });
  if (patch === undefined) return [];
  const lines = [`--- ${beforeName}`, `+++ ${afterName}`];
  for (const hunk of patch.hunks) {
    lines.push(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`);
    for (const line of hunk.lines) lines.push(visible(line));
  }
  return lines.length > LINES ? [...lines.slice(0, LINES), `... ${lines.length - LINES} more lines`] : lines;
}
