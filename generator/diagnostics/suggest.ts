function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      // A swapped pair of letters is one slip, not two.
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, before[j - 2]! + 1);
      next.push(value);
      best = Math.min(best, value);
    }
    if (best > limit) return limit + 1;
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/**
 * The known name nearest to a wrong one, or undefined when nothing is near enough to be a slip of the pen.
 * Case is worth less than a letter: `rmi_ripas` finds `RMI_RIPAS`. An abbreviation that only one name starts
 * with stands for it: `enum` finds `enumeration`.
 */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > 128) return undefined;
  const lower = wrong.toLowerCase();
  const longer: string[] = [];
  let best: string | undefined;
  let bestScore = Math.max(1, Math.min(3, Math.floor(wrong.length / 3))) + 0.5;
  for (const name of known) {
    if (name === wrong) continue;
    if (lower.length >= 3 && name.toLowerCase().startsWith(lower)) longer.push(name);
    const letters = distance(lower, name.toLowerCase(), 3);
    if (letters > 3) continue;
    const score = letters + (distance(wrong, name, letters) > letters ? 0.25 : 0);
    if (score < bestScore) {
      bestScore = score;
      best = name;
    }
  }
  return best ?? (longer.length === 1 ? longer[0] : undefined);
}
