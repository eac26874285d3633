import type { Fault, Finding, Rank } from '../../tools/audit/index.js';

/** A header with one fact changed, and what an audit must make of it. */
export interface Mutant {
  readonly kind: string;
  readonly what: string;
  readonly text: string;
  /** Findings that there must be, by name; empty when the ABI is as before. */
  readonly wants: ReadonlyMap<string, readonly { readonly rank: Rank; readonly fault: Fault }[]>;
  /** Whether another finding follows from the change, such as the place of the members after one that grew. */
  readonly follows: (finding: Finding) => boolean;
}

/** Numbers that a seed determines (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `below` - 1. */
  next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.next(from.length)]!;
  }
}

interface Line {
  readonly index: number;
  readonly match: RegExpExecArray;
}

const none = () => false;
const wrong = (...faults: readonly Fault[]) => faults.map((fault) => ({ rank: 'wrong' as const, fault }));

/** A header as lines, to be changed in one place. The generator wrote it, so its style is known. */
class Text {
  readonly lines: readonly string[];

  constructor(text: string) {
    this.lines = text.split('\n');
  }

  all(pattern: RegExp): readonly Line[] {
    return this.lines.flatMap((line, index) => {
      const match = pattern.exec(line);
      return match === null ? [] : [{ index, match }];
    });
  }

  with(changes: ReadonlyMap<number, string | undefined>): string {
    return this.lines
      .flatMap((line, index) => (changes.has(index) ? (changes.get(index) ?? []) : line))
      .join('\n');
  }

  /** The tag of the struct that a line is in. */
  structOf(index: number): string {
    for (let line = index; line >= 0; line--) {
      const match = /^struct (\w+) \{/.exec(this.lines[line]!);
      if (match !== null) return match[1]!;
    }
    throw new Error(`line ${index + 1} is in no struct`);
  }
}

type Maker = (text: Text, random: Random) => Mutant | undefined;

const single = /^(#define (\w+)\t+)(BIT|BIT_ULL)\(([0-9]+)\)$/;
const range = /^(#define (\w+)\t+)GENMASK\(([0-9]+), ([0-9]+)\)$/;
const call = /^(#define (SMC_\w+)[\t ]+SMC_R[MS]I_(?:CALL|FID)\()0x([0-9a-f]{4})\)$/;
const number = /^(#define ((?:RMI|RSI|REC)_\w+)\t+)(?:UL\()?(0x[0-9a-f]+|[0-9]+)\)?$/;
const label = /^(\t(\w+) = )([0-9]+),$/;
/** A member that is no padding, with its offset in a comment; arrays apart. */
const member = /^(\t+)(u8|u16|u64|s64|unsigned long) ((?!pad)\w+);( \/\* 0x[0-9a-f]+ \*\/)$/;

/** What follows in the same struct, and in those that hold it. */
function inStruct(tag: string): (finding: Finding) => boolean {
  return ({ name, fault }) =>
    (fault === 'offset' || fault === 'size' || fault === 'overlap') &&
    (name.startsWith(`struct ${tag}`) || name.startsWith('struct rec_run'));
}

/** Members whose type the kernel widens, so that they can lose bytes and still hold their value (B4.4.12, B5.4.5). */
const widened = new Map([
  ...['s2sz', 'sve_vl', 'num_bps', 'num_wps', 'pmu_num_ctrs', 'hash_algo'].map(
    (name) => [`realm_params.${name}`, 1] as const,
  ),
  ['realm_params.vmid', 2],
  ['realm_params.rtt_num_start', 4],
  ['realm_config.hash_algo', 1],
]);

const bytes: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8, s64: 8, 'unsigned long': 8 };

export const makers: Readonly<Record<string, Maker>> = {
  'bit moved': (text, random) => {
    const lines = text.all(single);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const bit = (Number(match[4]) + 1 + random.next(62)) % 64;
    return {
      kind: 'bit moved',
      what: `${match[2]} from ${match[4]} to ${bit}`,
      text: text.with(new Map([[index, `${match[1]}${match[3]}(${bit})`]])),
      wants: new Map([[match[2]!, wrong('bits')]]),
      follows: none,
    };
  },

  'range moved': (text, random) => {
    const lines = text.all(range);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const [high, low] = [Number(match[3]), Number(match[4])];
    const by = random.pick(
      [-low, 63 - high, 1, -1].filter((one) => one !== 0 && low + one >= 0 && high + one <= 63),
    );
    if (by === undefined) return undefined;
    return {
      kind: 'range moved',
      what: `${match[2]} by ${by}`,
      text: text.with(new Map([[index, `${match[1]}GENMASK(${high + by}, ${low + by})`]])),
      wants: new Map([[match[2]!, wrong('bits')]]),
      follows: none,
    };
  },

  'field narrowed': (text, random) => {
    const lines = text.all(range).filter(({ match }) => !/Reserved/.test(match[2]!));
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const [high, low] = [Number(match[3]), Number(match[4])];
    const [to, from] = random.next(2) === 0 ? [high - 1, low] : [high, low + 1];
    return {
      kind: 'field narrowed',
      what: `${match[2]} to ${to}:${from}`,
      text: text.with(new Map([[index, `${match[1]}GENMASK(${to}, ${from})`]])),
      wants: new Map([[match[2]!, wrong('too-narrow')]]),
      follows: none,
    };
  },

  'field widened': (text, random) => {
    const lines = text.all(range).filter(({ match }) => Number(match[3]) < 63);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const high = Number(match[3]) + 1;
    // What stands above it, in the header itself.
    const above = [...text.all(range), ...text.all(single)].some(
      (other) =>
        other.match[2]!.startsWith('RMI_FEATURE') &&
        Number(other.match[4]) === high &&
        !/Reserved/.test(other.match[2]!),
    );
    return {
      kind: 'field widened',
      what: `${match[2]} to ${high}`,
      text: text.with(new Map([[index, `${match[1]}GENMASK(${high}, ${match[4]})`]])),
      wants: new Map([[match[2]!, above ? wrong('overlap') : [{ rank: 'wider', fault: 'wider' }]]]),
      follows: none,
    };
  },

  'FID changed': (text, random) => {
    const lines = text.all(call);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const fid = (Number.parseInt(match[3]!, 16) + 1 + random.next(0xfffe)) & 0xffff;
    return {
      kind: 'FID changed',
      what: `${match[2]} to ${fid.toString(16)}`,
      text: text.with(new Map([[index, `${match[1]}0x${fid.toString(16).padStart(4, '0')})`]])),
      wants: new Map([[match[2]!, wrong('value')]]),
      follows: none,
    };
  },

  'number changed': (text, random) => {
    const lines = text.all(number);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const value = Number(match[3]);
    const other = random.pick([value + 1, value + 1 + random.next(200), value ^ (1 << random.next(16))]);
    const name = match[2]!;
    // A length is also that of the arrays that have it.
    const counted = /GPRS|GRANULES|LRS/.test(name);
    return {
      kind: 'number changed',
      what: `${name} from ${value} to ${other}`,
      text: text.with(new Map([[index, match[0]!.replace(match[3]!, String(other))]])),
      wants: new Map([[name, wrong('value')]]),
      follows: counted
        ? ({ name: place }) => /^struct (rec_params|rec_enter|rec_exit|rec_run)\b/.test(place)
        : ({ name: place }) => name.includes('ABI_VERSION') && /ABI_VERSION/.test(place),
    };
  },

  'label changed': (text, random) => {
    const lines = text.all(label);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const value = Number(match[3]) + 1 + random.next(300);
    return {
      kind: 'label changed',
      what: `${match[2]} to ${value}`,
      text: text.with(new Map([[index, `${match[1]}${value},`]])),
      wants: new Map([[match[2]!, wrong('value')]]),
      follows: none,
    };
  },

  'names swapped': (text, random) => {
    const pattern = random.pick([single, range, call, number]);
    const lines = text.all(pattern);
    if (lines.length < 2) return undefined;
    if (lines.length === 0) return undefined;
    const one = random.pick(lines);
    const two = random.pick(lines);
    const value = (line: Line) =>
      line.match[0].slice(line.match[0].indexOf(line.match[2]!) + line.match[2]!.length).trim();
    if (
      one === two ||
      value(one).replace(/_ULL/, '') === value(two).replace(/_ULL/, '') ||
      Number(one.match[3]) === Number(two.match[3])
    )
      return undefined;
    const put = (line: Line, name: string) => line.match[0].replace(line.match[2]!, name);
    const fault =
      pattern === call || pattern === number ? wrong('value') : wrong('bits', 'overlap', 'too-narrow');
    const counted = /GPRS|GRANULES|LRS/.test(one.match[2]! + two.match[2]!);
    const version = /ABI_VERSION/.test(one.match[2]! + two.match[2]!);
    return {
      kind: 'names swapped',
      what: `${one.match[2]} and ${two.match[2]}`,
      text: text.with(
        new Map([
          [one.index, put(one, two.match[2]!)],
          [two.index, put(two, one.match[2]!)],
        ]),
      ),
      wants: new Map([
        [one.match[2]!, fault],
        [two.match[2]!, fault],
      ]),
      // A mask has a macro beside it that uses it.
      follows: ({ name }) =>
        (counted && /^struct rec_/.test(name)) ||
        (version && /ABI_VERSION/.test(name)) ||
        [one, two].some(({ match }) => match[2] === `${name}_MASK`),
    };
  },

  'define removed': (text, random) => {
    const lines = [...text.all(call), ...text.all(number)].filter(
      ({ match }) => !/GPRS|GRANULES|LRS|ABI_/.test(match[2]!) || /^SMC_/.test(match[2]!),
    );
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const name = match[2]!.replace(/^SMC_/, '').replace('RSI_ABI_VERSION', 'RSI_VERSION');
    return {
      kind: 'define removed',
      what: match[2]!,
      text: text.with(new Map([[index, undefined]])),
      wants: new Map([[name, [{ rank: 'missing', fault: 'missing' }]]]),
      follows: none,
    };
  },

  'member narrowed': (text, random) => {
    const lines = text.all(member).filter(({ match }) => bytes[match[2]!]! > 1);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const [, indent, type, name, comment] = match;
    const narrower = random.pick(['u8', 'u16', 'u32'].filter((one) => bytes[one]! < bytes[type!]!));
    const tag = text.structOf(index);
    const needed = widened.get(`${tag}.${name}`) ?? bytes[type!]!;
    const place = `struct ${tag}.${name}`;
    return {
      kind: 'member narrowed',
      what: `${tag}.${name} to ${narrower}`,
      text: `#define u32 unsigned int\n${text.with(new Map([[index, `${indent}${narrower} ${name};${comment}`]]))}`,
      wants: new Map(bytes[narrower]! < needed ? [[place, wrong('too-narrow')]] : []),
      // It may still be wider than the document has it.
      follows: (finding) => inStruct(tag)(finding) || (finding.rank === 'wider' && finding.name === place),
    };
  },

  'member widened': (text, random) => {
    const lines = text.all(member).filter(({ match }) => bytes[match[2]!]! < 8);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const [, indent, type, name, comment] = match;
    const wider = random.pick(
      ['u16', 'unsigned int', 'u64'].filter((one) => (bytes[one] ?? 4) > bytes[type!]!),
    );
    const tag = text.structOf(index);
    return {
      kind: 'member widened',
      what: `${tag}.${name} to ${wider}`,
      text: text.with(new Map([[index, `${indent}${wider} ${name};${comment}`]])),
      wants: new Map([[`struct ${tag}.${name}`, [{ rank: 'wider', fault: 'wider' }]]]),
      follows: inStruct(tag),
    };
  },

  'offset shifted': (text, random) => {
    const lines = text.all(member);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const tag = text.structOf(index);
    const gap = 8 * (1 + random.next(4));
    // In a union of its own a member has nothing before it to be shifted by; a struct around both makes it so.
    const alone = match[1] === '\t\t';
    const shifted = alone
      ? `\t\tstruct { u8 padding_gap[${gap}]; ${match[2]} ${match[3]}; };`
      : `${match[1]}u8 padding_gap[${gap}];\n${match[0]}`;
    return {
      kind: 'offset shifted',
      what: `${tag}.${match[3]} by ${gap}`,
      text: text.with(new Map([[index, shifted]])),
      wants: new Map([[`struct ${tag}.${match[3]}`, wrong('offset')]]),
      follows: inStruct(tag),
    };
  },

  'members swapped': (text, random) => {
    const lines = text.all(member);
    if (lines.length === 0) return undefined;
    const one = random.pick(lines);
    const two = random.pick(
      lines.filter(
        (other) =>
          other !== one &&
          text.structOf(other.index) === text.structOf(one.index) &&
          other.match[2] === one.match[2],
      ),
    );
    if (two === undefined) return undefined;
    const tag = text.structOf(one.index);
    const put = (line: Line, name: string) => line.match[0].replace(` ${line.match[3]};`, ` ${name};`);
    const [a, b] = [`struct ${tag}.${one.match[3]}`, `struct ${tag}.${two.match[3]}`];
    return {
      kind: 'members swapped',
      what: `${a} and ${b}`,
      text: text.with(
        new Map([
          [one.index, put(one, two.match[3]!)],
          [two.index, put(two, one.match[3]!)],
        ]),
      ),
      wants: new Map([
        [a, wrong('offset')],
        [b, wrong('offset')],
      ]),
      // Each now has the room that the other had, which may be too much or too little for it.
      follows: ({ name, fault }) => (name === a || name === b) && fault !== 'value',
    };
  },

  'member renamed': (text, random) => {
    const lines = text.all(member);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const tag = text.structOf(index);
    const name = `x_${match[3]!.split('').reverse().join('')}`;
    return {
      kind: 'member renamed',
      what: `${tag}.${match[3]}`,
      text: text.with(new Map([[index, match[0].replace(` ${match[3]};`, ` ${name};`)]])),
      wants: new Map([[`struct ${tag}.${name}`, [{ rank: 'renamed', fault: 'renamed' }]]]),
      follows: ({ name: place, rank }) => place === `struct ${tag}.${name}` && rank === 'wider',
    };
  },

  'member removed': (text, random) => {
    const lines = text.all(member);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const tag = text.structOf(index);
    const path = documentPath(tag, match[3]!);
    return {
      kind: 'member removed',
      what: `${tag}.${match[3]}`,
      // Its bytes stay as a padding, so that nothing else moves.
      text: text.with(new Map([[index, `${match[1]}${match[2]} padding_was;`]])),
      wants: new Map([[path, [{ rank: 'missing', fault: 'missing' }]]]),
      follows: none,
    };
  },

  'array shortened': (text, random) => {
    const lines = text.all(/^(\t+)(u8|u64) ((?!pad)\w+)\[(\w+)\];( \/\*.*)$/);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const tag = text.structOf(index);
    const less = 1 + random.next(6);
    return {
      kind: 'array shortened',
      what: `${tag}.${match[3]} by ${less}`,
      text: text.with(
        new Map([[index, `${match[1]}${match[2]} ${match[3]}[${match[4]} - ${less}];${match[5]}`]]),
      ),
      wants: new Map([[`struct ${tag}.${match[3]}`, wrong('too-narrow')]]),
      follows: inStruct(tag),
    };
  },

  'sign lost': (text, random) => {
    const lines = text.all(/^(\t+)s64 (\w+);(.*)$/);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    return {
      kind: 'sign lost',
      what: match[2]!,
      text: text.with(new Map([[index, `${match[1]}u64 ${match[2]};${match[3]}`]])),
      wants: new Map([[`struct ${text.structOf(index)}.${match[2]}`, wrong('sign')]]),
      follows: none,
    };
  },

  'struct shortened': (text, random) => {
    const lines = text
      .all(/^(\t+)u8 (pad\w*)\[0x([0-9a-f]+)\];(.*)$/)
      .filter(({ match }) => Number.parseInt(match[3]!, 16) >= 0x100);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const tag = text.structOf(index);
    if (tag === 'realm_config') return undefined; // its alignment makes up for it
    const more = Number.parseInt(match[3]!, 16) + 8 * (1 + random.next(8));
    return {
      kind: 'struct grown',
      what: `${tag}.${match[2]} to ${more}`,
      text: text.with(new Map([[index, `${match[1]}u8 ${match[2]}[${more}];${match[4]}`]])),
      wants: new Map([[`struct ${tag}`, wrong('size')]]),
      follows: inStruct(tag),
    };
  },

  'permitted bits changed': (text, random) => {
    const lines = text.all(/^(.*)BIT\(([0-9]+)\)(\)| \|)( \/\* \w+ \*\/.*)$/);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const bits = new Set(lines.map((one) => Number(one.match[2])));
    const bit = random.pick(Array.from({ length: 64 }, (_, one) => one).filter((one) => !bits.has(one)));
    return {
      kind: 'permitted bits changed',
      what: `bit ${match[2]} to ${bit}`,
      text: text.with(new Map([[index, `${match[1]}BIT_ULL(${bit})${match[3]}${match[4]}`]])),
      wants: new Map([['RMI_PERMITTED_GICV3_HCR_BITS', wrong('bits')]]),
      follows: none,
    };
  },

  'accessor shifted': (text, random) => {
    const lines = text.all(/^#define (RMI_\w+|RSI_\w+)\((version|ret)\)\t(.*)$/);
    if (lines.length === 0) return undefined;
    const { index, match } = random.pick(lines);
    const line = match[0].includes('>>')
      ? match[0].replace(/>> ([0-9]+)/, (_, by) => `>> ${Number(by) + 1}`)
      : match[0].replace(/0x(ff+)/, '0x7f');
    return {
      kind: 'accessor shifted',
      what: match[1]!,
      text: text.with(new Map([[index, line]])),
      wants: new Map([[match[1]!, wrong('bits')]]),
      follows: none,
    };
  },
};

/** What the document calls a member: the kernel has other names for two. */
function documentPath(tag: string, name: string): string {
  const types: Readonly<Record<string, string>> = {
    realm_params: 'RmiRealmParams',
    rec_params: 'RmiRecParams',
    rec_enter: 'RmiRecEnter',
    rec_exit: 'RmiRecExit',
    realm_config: 'RsiRealmConfig',
  };
  const names: Readonly<Record<string, string>> = { num_rec_aux: 'num_aux', ipa_bits: 'ipa_width' };
  return `${types[tag]}.${names[name] ?? name}`;
}

/** Mutants of a header, as the seed has them. */
export function* mutants(header: string, seed: number, count: number): Iterable<Mutant> {
  const text = new Text(header);
  const random = new Random(seed);
  const kinds = Object.values(makers);
  for (let made = 0; made < count; ) {
    const mutant = random.pick(kinds)(text, random);
    if (mutant === undefined || mutant.text === header) continue;
    made++;
    yield mutant;
  }
}

/** What an audit of a mutant has to be reproached with; nothing when it found the change and no other. */
export function reproaches(
  mutant: Mutant,
  findings: readonly Finding[],
  before: readonly Finding[],
): readonly string[] {
  const found: string[] = [];
  for (const [name, wanted] of mutant.wants) {
    const mine = findings.filter((one) => one.name === name);
    if (!mine.some((one) => wanted.some(({ rank, fault }) => one.rank === rank && one.fault === fault)))
      found.push(
        `${name} should be ${wanted.map(({ fault }) => fault).join(' or ')}, is ${mine.map(({ rank, fault }) => `${rank} (${fault})`).join(', ') || 'not found'}`,
      );
  }
  const known = new Set(before.map(keyOf));
  for (const one of findings) {
    if (known.has(keyOf(one)) || mutant.follows(one)) continue;
    const wanted = mutant.wants.get(one.name);
    if (wanted?.some(({ rank, fault }) => one.rank === rank && one.fault === fault)) continue;
    found.push(`${one.name} is reported as ${one.rank} (${one.fault})`);
  }
  return found;
}

function keyOf({ rank, fault, name }: Finding): string {
  return `${rank} ${fault} ${name}`;
}
