/** Words that mean the same in names of different projects. */
const synonyms: Readonly<Record<string, string>> = {
  ENTRY: 'ENTER',
  PARAM: 'PARAMS',
  PARAMETERS: 'PARAMS',
  FLAG: 'FLAGS',
  NR: 'NUM',
  NUMBER: 'NUM',
  EMULATED: 'EMUL',
  ALGORITHM: 'ALGO',
  FEAT: 'FEATURE',
  FEATURES: 'FEATURE',
  REG: 'REGISTER',
  OVERFLOW: 'OVF',
  VER: 'VERSION',
  REVISION: 'VERSION',
};

/** Interfaces that names begin with. */
const interfaces = /^(RMI|RSI|PSCI)$/;

/** What a name says, whatever its style: `SMC_RMI_RTT_FOLD` and `smc64_rmi_rtt_fold_fid` say the same. */
export interface Words {
  /** `RMI`, `RSI` or `PSCI`; empty when the name says none. */
  readonly interface: string;
  readonly words: readonly string[];
}

/** The words of a name in snake or camel case: `RmiFeatureRegister0` has four. */
export function wordsOf(name: string): Words {
  const found = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g) ?? [];
  const all = found.map((word) => {
    const upper = word.toUpperCase();
    return synonyms[upper] ?? upper;
  });
  const at = all.findIndex((word) => interfaces.test(word));
  // What stands before the interface is the project's own: `SMC_`, `SMC64_`, `HOST_`. So is `VAL_HOST_`.
  if (all[0] === 'VAL' && at === -1) all.splice(0, all[1] === 'HOST' ? 2 : 1);
  return at === -1 || at > 2
    ? { interface: '', words: all }
    : { interface: all[at]!, words: all.slice(at + 1) };
}

/** Words in no order, without those that names of a kind have or leave out. */
export function keyOf(words: readonly string[], noise: ReadonlySet<string>): string {
  return [...new Set(words.filter((word) => !noise.has(word)))].sort().join(' ');
}

/** Words that say nothing in a name of each kind. */
export const noise = {
  command: new Set(['FID', 'SMC', 'ABI']),
  label: new Set<string>(),
  constant: new Set(['ABI']),
  field: new Set(['FLAGS', 'PARAMS', 'REGISTER', 'CREATE', 'RMM']),
  count: new Set(['NUM', 'MAX', 'COUNT', 'SIZE', 'GIC', 'GICV', '3', 'GRANULES', 'PARAMS', 'CREATE']),
  accessor: new Set(['GET', 'RETURN', 'ABI']),
  struct: new Set(['T', 'TS', 'S', 'STRUCT']),
} as const;

/** How alike two names are: 1 when they have the same words, 0 when they share none. */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const left = new Set(a);
  const right = new Set(b);
  let shared = 0;
  for (const word of left) if (right.has(word)) shared++;
  return left.size + right.size === 0 ? 0 : (2 * shared) / (left.size + right.size);
}
