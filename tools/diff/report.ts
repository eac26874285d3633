import { harmless } from '../../generator/diagnostics/index.js';
import { breaksOf, type Change, type Comparison, type Difference } from './difference.js';

/** How a terminal paints; without it text stays as it is. */
export interface Paint {
  readonly title: (text: string) => string;
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly mark: (text: string) => string;
}

const same = (text: string): string => text;
export const plainPaint: Paint = { title: same, added: same, removed: same, faint: same, mark: same };

/** Columns beyond which the second of two texts goes to a line of its own. */
const WIDTH = 100;

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `1 item differs; 2 changes break a program built for 1.0-eac5`. */
export function summary(comparison: Comparison): string {
  const { from, differences } = comparison;
  if (differences.length === 0) return 'nothing differs';
  const breaks = breaksOf(comparison).length;
  const items = count(differences.length, 'item differs', 'items differ');
  const verb = breaks === 1 ? 'breaks' : 'break';
  return breaks === 0
    ? `${items}; nothing breaks a program built for ${from.version}`
    : `${items}; ${count(breaks, 'change')} ${verb} a program built for ${from.version}`;
}

/** The items that are in both versions, those that only the first has, and those that only the second has. */
export function sorted({ differences }: Comparison): {
  readonly changed: readonly Difference[];
  readonly removed: readonly Difference[];
  readonly added: readonly Difference[];
} {
  const whole = (aspect: Change['aspect']) => (one: Difference) =>
    one.match === undefined && one.changes[0]?.aspect === aspect;
  return {
    changed: differences.filter((one) => one.match !== undefined),
    removed: differences.filter(whole('removed')),
    added: differences.filter(whole('added')),
  };
}

/** What a renamed item was recognized by. */
export function recognized({ match }: Difference): string {
  if (match === 'fid') return 'the same FID, with values in the same places';
  return match === 'use' ? 'it stands where the other stood' : 'at least half of its parts agree';
}

/** Lines of a table whose cells start below each other. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function lines(changes: readonly Change[], paint: Paint): readonly string[] {
  const whole = changes.every(({ part }) => part === '');
  const rows = table(changes.map(({ part, aspect }) => (whole ? [aspect] : [harmless(part), aspect])));
  return changes.flatMap(({ before, after, breaks }, index) => {
    const mark = breaks === undefined ? ' ' : paint.mark('!');
    const [old, now] = [harmless(before), harmless(after)];
    const head = `${mark} ${rows[index]!.padEnd(Math.max(...rows.map((row) => row.length)))}`;
    const long = head.length + old.length + now.length > WIDTH;
    if (long)
      return [
        head.trimEnd(),
        ...(old === '' ? [] : [`    ${paint.removed(`- ${old}`)}`]),
        ...(now === '' ? [] : [`    ${paint.added(`+ ${now}`)}`]),
      ];
    const text =
      old === ''
        ? paint.added(now)
        : now === ''
          ? paint.removed(old)
          : `${paint.removed(old)} -> ${paint.added(now)}`;
    return [`${head}  ${text}`];
  });
}

function heading({ name, renamed, kind, section }: Difference, paint: Paint): string {
  const title = renamed === undefined ? name : `${name} -> ${renamed}`;
  return `${paint.title(harmless(title))}  ${paint.faint(harmless(`${kind}, ${section}`))}`;
}

/** A comparison as text for a terminal. */
export function renderComparison(comparison: Comparison, paint: Paint = plainPaint): string {
  const { from, to, leftOut } = comparison;
  const { changed, removed, added } = sorted(comparison);
  const out = [
    `${paint.title(harmless(`${from.document} ${from.version} to ${to.version}`))}: ${harmless(summary(comparison))}.`,
  ];
  for (const sentence of leftOut) out.push(paint.faint(harmless(sentence)));
  for (const one of changed) {
    out.push('', heading(one, paint));
    if (one.renamed !== undefined && one.match !== 'name')
      out.push(paint.faint(`  taken for the same: ${recognized(one)}`));
    const changes = one.renamed === undefined ? one.changes : one.changes.slice(1);
    out.push(...lines(changes, paint));
    for (const { version, text } of one.drawings) {
      out.push('', paint.faint(`  ${harmless(version)}`));
      out.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `  ${harmless(line)}`),
      );
    }
  }
  for (const [title, items, painted] of [
    ['Removed', removed, paint.removed],
    ['Added', added, paint.added],
  ] as const) {
    if (items.length === 0) continue;
    out.push('', paint.title(`${title} (${items.length})`));
    const rows = table(
      items.map(({ name, kind, section, changes: [first] }) =>
        [name, kind, first!.before + first!.after, section].map(harmless),
      ),
    );
    for (const [index, { changes }] of items.entries())
      out.push(`${changes[0]!.breaks === undefined ? ' ' : paint.mark('!')} ${painted(rows[index]!)}`);
  }
  if (breaksOf(comparison).length > 0)
    out.push(
      '',
      `${paint.mark('!')} breaks a program built for ${harmless(from.version)}; \`--abi\` says why.`,
    );
  return `${out.join('\n')}\n`;
}

/** What breaks a program, each with the reason. */
export function renderBreaks(comparison: Comparison, paint: Paint = plainPaint): string {
  const { from, to, leftOut } = comparison;
  const breaks = breaksOf(comparison);
  const verb = breaks.length === 1 ? 'breaks' : 'break';
  const title =
    breaks.length === 0
      ? `nothing breaks a program built for ${from.version} on ${to.version}`
      : `${count(breaks.length, 'change')} ${verb} a program built for ${from.version} on ${to.version}`;
  const rows = table(
    breaks.map(({ of, change: { part, aspect }, why }) => [
      harmless(part === '' ? of.name : `${of.name}.${part}`),
      aspect,
      harmless(why),
    ]),
  );
  const out = [
    `${paint.title(harmless(title))}${breaks.length === 0 ? '.' : ':'}`,
    ...rows.map((row) => `  ${row}`),
  ];
  for (const sentence of leftOut) out.push(paint.faint(harmless(sentence)));
  return `${out.join('\n')}\n`;
}
