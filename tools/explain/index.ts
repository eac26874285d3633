import { positionOf } from '../../generator/diagnostics/index.js';
import {
  type Block,
  code,
  type Line,
  link,
  type Page,
  type Paint,
  type Piece,
  placePiece,
  plain,
  type Reference,
  renderList,
  renderPage,
  row,
} from '../../generator/pages/index.js';
import type { Answer, Candidate } from './answer.js';

export { type Answer, explain } from './answer.js';
export { answerToJson } from './json.js';

/** An answer as text for a terminal, at most 110 columns wide; empty when nothing was found. */
export function renderAnswer(query: string, answer: Answer, paint?: Paint): string {
  switch (answer.kind) {
    case 'nothing':
      return '';
    case 'candidates':
      return renderList(
        [code(query), plain(` can be ${answer.candidates.length} things:`)],
        candidateTable(answer.candidates),
        paint,
      );
    case 'page':
      return renderPage(
        withPlace(answer.page),
        answer.meaning.length === 0 ? [] : [code(query), plain(' is '), ...answer.meaning, plain('.')],
        alsoLines(query, answer.also),
        paint,
      );
  }
}

/** The page with its place in the specification folder, which is of use only where that folder is. */
function withPlace(page: Page): Page {
  const { file, start } = page.span;
  const place: Line = [plain(`${file.shown ?? file.path}:${positionOf(file, start).line}`)];
  return { ...page, facts: [...page.facts, { label: 'Source', line: place }] };
}

function candidateTable(candidates: readonly Candidate[]): Block {
  return {
    kind: 'table',
    head: [],
    rows: candidates.map(({ at, what, section, line }) =>
      row([candidatePiece(at, what), what, section, line]),
    ),
  };
}

/** What to ask for to get a candidate; the name of a label says it all. */
function candidatePiece(at: Reference, what: string): Piece {
  return what === 'label' ? link(at.item, at.part) : placePiece(at);
}

function alsoLines(query: string, also: readonly Candidate[]): readonly Line[] {
  if (also.length === 0) return [];
  const names = also.flatMap(({ at, what }, index) => [
    ...(index === 0 ? [] : [plain(', ')]),
    candidatePiece(at, what),
    plain(` (${what})`),
  ]);
  return [[plain(`${query} is also `), ...names, plain('.')]];
}
