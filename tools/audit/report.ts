import {
  type Paint as DiagnosticPaint,
  renderDiagnostic,
  visible,
} from '../../generator/diagnostics/index.js';
import type { Report } from './audit.js';
import { type Finding, type Match, messageOf, type Rank } from './finding.js';
import { positionOfFinding, spanOf } from './place.js';

/** How a terminal paints. */
export interface Paint extends DiagnosticPaint {
  title(text: string): string;
}

/** Findings of a kind that are listed; the others are counted. */
const LISTED = 200;
/** Compiler's words about what could not be compared. */
const UNMEASURED = 10;

/** The report as people read it: what is wrong in full, the rest in tables, and how much was compared. */
export function renderReport(report: Report, paint: Paint): string {
  const { findings } = report;
  const parts: string[] = [];
  const full = findings.filter(({ rank, follows }) => rank === 'wrong' && follows === undefined);
  for (const one of full.slice(0, LISTED)) parts.push(inFull(one, report, paint));
  if (full.length > LISTED) parts.push(`... and ${full.length - LISTED} more like these\n`);
  for (const [rank, title] of tables) {
    const found = findings.filter((one) => one.rank === rank);
    if (found.length > 0) parts.push(table(title, found, report, paint));
  }
  parts.push(summary(report, paint));
  return parts.join('\n');
}

const tables: readonly (readonly [Rank, string])[] = [
  ['wider', 'Wider than in the document, over reserved bits or bytes'],
  ['renamed', 'Renamed'],
  ['missing', 'Missing, though the rest of what it belongs to is there'],
  ['other-version', 'Not in this version'],
];

function inFull(one: Finding, report: Report, paint: Paint): string {
  const followers = report.findings.filter(({ follows }) => follows === one.name);
  const notes = [one.note, followersText(followers, one)].filter((text) => text !== undefined);
  const text = renderDiagnostic(
    {
      code: one.fault,
      severity: 'error',
      message: messageOf(one),
      span: spanOf(report.header, one),
      related: [],
      hint: notes.length === 0 ? undefined : notes.join(' '),
    },
    paint,
  );
  return one.bits === undefined ? text : `${text.trimEnd()}\n\n${strips(one.bits, paint)}`;
}

function followersText(followers: readonly Finding[], cause: Finding): string | undefined {
  if (followers.length === 0) return undefined;
  const last = followers.at(-1)!.name;
  const moved = BigInt(cause.found) - BigInt(cause.expected);
  const by = `${moved < 0n ? '-' : '+'}0x${(moved < 0n ? -moved : moved).toString(16)}`;
  const more =
    followers.length === 1
      ? `${last} after it moves`
      : `${followers.length} members after it, to ${last}, move`;
  return `${more} by ${by} with it.`;
}

/** Which bits a mask should have and has, as two strips of a register. */
function strips(
  { expected, found }: { readonly expected: bigint; readonly found: bigint },
  paint: Paint,
): string {
  const width = [8, 16, 32, 64].find((bits) => (expected | found) >> BigInt(bits) === 0n) ?? 64;
  const strip = (mask: bigint): string => {
    let text = '';
    for (let bit = width - 1; bit >= 0; bit--) text += (mask >> BigInt(bit)) & 1n ? '█' : '·';
    return text;
  };
  let ruler = '';
  for (let bit = width - 1; bit >= 0; bit -= 8) ruler += String(bit).padEnd(8);
  return [
    `            ${paint.faint(ruler.trimEnd())}`,
    `  expected  ${strip(expected)}`,
    `  found     ${paint.mark(strip(found))}`,
    '',
  ].join('\n');
}

function table(title: string, found: readonly Finding[], report: Report, paint: Paint): string {
  const rows = found.slice(0, LISTED).map((one) => {
    const place = positionOfFinding(report.header, one);
    const where = place === undefined ? '-' : String(place.line);
    return [where, one.name, one.section, ...cellsOf(one)];
  });
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[column]!))).join('  ')}`.trimEnd(),
  );
  const more = found.length > LISTED ? [`  ... and ${found.length - LISTED} more`] : [];
  return `${paint.title(title)}\n${[...lines, ...more].map(visible).join('\n')}\n`;
}

/** What a table says of a finding, after its name and section. */
function cellsOf({ rank, path, expected, found, match, note }: Finding): readonly string[] {
  if (rank === 'renamed') return [path, matchText(match)];
  if (rank === 'wider') return [found, `for ${expected}`, note ?? ''];
  return [rank === 'missing' ? expected : found];
}

export function matchText(match: Match | undefined): string {
  if (match === undefined) return '';
  const words = {
    profile: '',
    document: 'by the name in the document',
    words: 'by the words of its name',
    value: 'by its value',
    offset: 'by its offset',
    layout: 'by its layout',
  };
  return match.by === 'profile' ? `by the names of ${match.target}` : words[match.by];
}

function summary(report: Report, paint: Paint): string {
  const { model, claim, choice, judged, findings, strangers, left, absent, unmeasured } = report;
  const count = (rank: Rank) => findings.filter((one) => one.rank === rank).length;
  const why = {
    asked: 'as asked',
    claimed: `as the header says in line ${claim?.line}`,
    nearest: `the header says ${claim?.version} in line ${claim?.line}, which is not in the specification folder`,
    fits:
      claim === undefined
        ? 'which fits best; the header names none'
        : `which fits best; it says ${claim.version}, which is not here`,
  }[choice];
  const lines = [
    `${model.document} ${model.version}, ${why}`,
    `  compared: ${judged.constants} constants, ${judged.accessors} macros with an argument, ` +
      `${judged.structs} structs with ${judged.members} members`,
    `  found: ${count('wrong')} wrong, ${count('wider')} wider but harmless, ${count('renamed')} renamed, ` +
      `${count('missing')} missing, ${count('other-version')} not in this version`,
  ];
  if (absent.length > 0) lines.push(`  not in the folders given, taken as empty: ${wrapped(absent)}`);
  for (const { line, what, why: reason } of left)
    lines.push(`  not followed: line ${line}, ${what}: ${reason}`);
  for (const { line, name, why: reason } of unmeasured.slice(0, UNMEASURED))
    lines.push(`  not compared: line ${line}, ${name}: ${reason}`);
  if (unmeasured.length > UNMEASURED) lines.push(`  ... and ${unmeasured.length - UNMEASURED} more`);
  if (strangers.length > 0)
    lines.push(`  unknown to the specification: ${wrapped(strangers.map(({ name }) => name))}`);
  const [title, ...rest] = lines.map(visible);
  return `${[paint.title(title!), ...rest].join('\n')}\n`;
}

const NAMES = 8;

function wrapped(names: readonly string[]): string {
  const more = names.length - NAMES;
  return names.slice(0, NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
