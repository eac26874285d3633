import type { CommandConditions } from '../model/index.js';

/** Failures with the same direct predecessors, once relations that follow from others are left out. */
export interface OrderGroup {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export function orderGroups(conditions: CommandConditions): readonly OrderGroup[] {
  const { failures } = conditions;
  const groups = new Map<string, { before: readonly string[]; after: string[] }>();
  for (const failure of failures) {
    const implied = new Set(failure.predecessors.flatMap((before) => failures[before]!.predecessors));
    const direct = failure.predecessors.filter((before) => !implied.has(before));
    if (direct.length === 0) continue;
    const key = direct.join(' ');
    const group = groups.get(key);
    if (group !== undefined) group.after.push(failure.failure.name);
    else
      groups.set(key, {
        before: direct.map((before) => failures[before]!.failure.name),
        after: [failure.failure.name],
      });
  }
  return [...groups.values()];
}

/** The order of failures as a graph in text: what stands on the left precedes what stands on the right (B1.6). */
export function drawOrder(conditions: CommandConditions): string {
  const groups = orderGroups(conditions);
  const width = Math.max(0, ...groups.flatMap((group) => group.before.map((name) => name.length)));
  const drawn = groups.map(({ before, after }) => {
    const rows = Math.max(before.length, after.length);
    const lines: string[] = [];
    for (let row = 0; row < rows; row++) {
      const from = before[row];
      const to = after[row];
      const left =
        from === undefined ? ' '.repeat(width + 3) : `${from} ${'─'.repeat(width - from.length + 2)}`;
      const up = row > 0;
      const down = row < rows - 1;
      const index = (up ? 1 : 0) | (down ? 2 : 0) | (from === undefined ? 0 : 4) | (to === undefined ? 0 : 8);
      // One joint for each way the lines meet: up, down, left, right.
      const joint = [' ', '╵', '╷', '│', '─', '┘', '┐', '┤', '─', '└', '┌', '├', '─', '┴', '┬', '┼'][index]!;
      lines.push(`${left}${joint}${to === undefined ? '' : `─▶ ${to}`}`.trimEnd());
    }
    return lines.join('\n');
  });
  return drawn.length === 0 ? '' : `${drawn.join('\n\n')}\n`;
}
