import type { Change, Comparison, Difference } from './difference.js';
import { recognized, sorted, summary } from './report.js';

/** Text that Markdown must take as it stands, in a cell of a table as well. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replace(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&');
}

function code(text: string): string {
  if (text === '') return '';
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('|', '\\|');
  return plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``;
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function changesTable(changes: readonly Change[]): readonly string[] {
  return [
    rowOf(['Part', 'Change', 'Before', 'After', 'Breaks']),
    rowOf(['---', '---', '---', '---', '---']),
    ...changes.map(({ part, aspect, before, after, breaks }) =>
      rowOf([code(part), aspect, code(before), code(after), breaks === undefined ? '' : escaped(breaks)]),
    ),
  ];
}

function itemsTable(items: readonly Difference[]): readonly string[] {
  return [
    rowOf(['Name', 'Kind', 'What', 'Section', 'Breaks']),
    rowOf(['---', '---', '---', '---', '---']),
    ...items.map(({ name, kind, section, changes: [first] }) =>
      rowOf([
        code(name),
        kind,
        first!.before + first!.after,
        escaped(section),
        first!.breaks === undefined ? '' : escaped(first!.breaks),
      ]),
    ),
  ];
}

/** A comparison as Markdown. */
export function comparisonToMarkdown(comparison: Comparison): string {
  const { from, to, leftOut } = comparison;
  const { changed, removed, added } = sorted(comparison);
  const out = [
    `# ${escaped(`${from.document} ${from.version} to ${to.version}`)}`,
    '',
    `${escaped(summary(comparison))}.`,
  ];
  for (const sentence of leftOut) out.push('', escaped(sentence));
  for (const one of changed) {
    const { name, renamed, kind, section } = one;
    out.push('', `## ${escaped(renamed === undefined ? name : `${name} to ${renamed}`)}`, '');
    out.push(`${kind}, ${escaped(section)}`);
    if (renamed !== undefined && one.match !== 'name')
      out.push('', `Taken for the same: ${recognized(one)}.`);
    out.push('', ...changesTable(one.changes));
    for (const { version, text } of one.drawings)
      out.push('', `${escaped(version)}:`, '', '```text', text.trimEnd(), '```');
  }
  if (removed.length > 0) out.push('', '## Removed', '', ...itemsTable(removed));
  if (added.length > 0) out.push('', '## Added', '', ...itemsTable(added));
  return `${out.join('\n')}\n`;
}
