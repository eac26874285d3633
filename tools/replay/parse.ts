import { RmmGranuleState } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import { RMI_REC_ENTER } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Registers } from '../../runtime/bits/index.js';
import { featuresFrom, featuresOf, GRANULE } from '../../runtime/index.js';
import { type RealmAction, WATCHED } from '../../runtime/machine/realm.js';
import {
  rmiCall,
  stateLetters,
  type TraceEntry,
  type TraceHeader,
  type TraceLine,
} from '../../runtime/machine/trace.js';
import { limits } from './limits.js';

/** What is wrong with a line, by the code of its diagnostic. */
export type TraceFault =
  | { readonly code: 'trace-header'; readonly parameters: { readonly detail: string } }
  | {
      readonly code: 'trace-action';
      readonly parameters: { readonly found: string; readonly known: readonly string[] };
    }
  | { readonly code: 'trace-number'; readonly parameters: { readonly found: string } }
  | {
      readonly code: 'trace-arguments';
      readonly parameters: { readonly action: string; readonly expected: string; readonly found: number };
    }
  | {
      readonly code: 'trace-result';
      readonly parameters: { readonly action: string; readonly observes: boolean };
    }
  | {
      readonly code: 'trace-range';
      readonly parameters: { readonly what: string; readonly found: string; readonly rule: string };
    }
  | { readonly code: 'trace-letters'; readonly parameters: { readonly detail: string } }
  | { readonly code: 'trace-entry'; readonly parameters: { readonly detail: string } }
  | { readonly code: 'trace-limit'; readonly parameters: { readonly what: string; readonly limit: number } };

/** A fault, and where it is: a half-open range of columns of the line, from 0. */
export type TraceProblem = TraceFault & { readonly start: number; readonly end: number };

export type Parsed<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly problem: TraceProblem; readonly value?: undefined };

interface Token {
  readonly text: string;
  readonly start: number;
}

/** Thrown and caught within this file. */
class Refused extends Error {
  readonly problem: TraceProblem;

  constructor(problem: TraceProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

function refuse(fault: TraceFault, token: Token): never {
  throw new Refused({ ...fault, start: token.start, end: token.start + token.text.length });
}

function attempt<T>(parse: () => T): Parsed<T> {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

const number = (token: Token): bigint =>
  /^[0-9a-f]{1,16}$/i.test(token.text)
    ? BigInt(`0x${token.text}`)
    : refuse({ code: 'trace-number', parameters: { found: token.text } }, token);

function range(token: Token, what: string, rule: string): never {
  return refuse({ code: 'trace-range', parameters: { what, found: token.text, rule } }, token);
}

function checkLength(text: string): void {
  if (text.length > limits.line)
    refuse(
      { code: 'trace-limit', parameters: { what: 'characters in a line', limit: limits.line } },
      { text: text.slice(0, 1), start: 0 },
    );
}

// The first line

const header =
  /^# (?<implementation>.*?) dram_base (?<base>\S+) granules (?<granules>\S+) pa_width (?<width>\S+) featreg0 (?<features>\S+)$/;

const PA_WIDTHS = { least: 32, most: 52 } as const;

/** The first line of a trace. */
export function parseHeader(text: string): Parsed<TraceHeader> {
  return attempt(() => {
    checkLength(text);
    const groups = header.exec(text)?.groups;
    if (groups === undefined) {
      const detail =
        text === ''
          ? 'the trace is empty'
          : 'the first line does not say what machine the trace was recorded on';
      return refuse({ code: 'trace-header', parameters: { detail } }, { text, start: 0 });
    }
    const token = (name: string, value: string): Token => ({
      text: value,
      start: text.lastIndexOf(` ${name} `) + name.length + 2,
    });
    const base = token('dram_base', groups.base!);
    const count = token('granules', groups.granules!);
    const width = token('pa_width', groups.width!);
    const paWidth = /^[0-9]{1,3}$/.test(width.text) ? Number(width.text) : 0;
    if (paWidth < PA_WIDTHS.least || paWidth > PA_WIDTHS.most)
      range(width, 'pa_width', `be a decimal number from ${PA_WIDTHS.least} to ${PA_WIDTHS.most}`);
    const dramBase = number(base);
    if (dramBase % BigInt(GRANULE) !== 0n) range(base, 'dram_base', 'be a multiple of 1000');
    const granules = number(count);
    if (granules === 0n) range(count, 'granules', 'be at least 1');
    if (granules > limits.granules)
      refuse({ code: 'trace-limit', parameters: { what: 'Granules', limit: limits.granules } }, count);
    if (dramBase + granules * BigInt(GRANULE) > 2n ** BigInt(paWidth))
      range(base, 'dram_base', `leave room for the memory within ${paWidth} bits`);
    const features = token('featreg0', groups.features!);
    const featureRegister0 = number(features);
    try {
      featuresOf(featuresFrom(featureRegister0));
    } catch (error) {
      range(features, 'featreg0', `be what an RMM can offer (${(error as Error).message})`);
    }
    return {
      // A name may be set off from the fields that follow it.
      implementation: groups.implementation!.replace(/[;,:]$/, ''),
      dramBase: Number(dramBase),
      granules: Number(granules),
      paWidth,
      featureRegister0,
    };
  });
}

// All other lines

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(/[^ ]+/g), (match) => ({ text: match[0], start: match.index }));
}

function count(least: number, most: number): string {
  if (most === 0) return 'no value';
  return `${least === most ? least : `${least} to ${most}`} value${most === 1 ? '' : 's'}`;
}

/** Refuses a line that has too few arguments at its action, and one that has too many at the first of these. */
function expectArguments(action: Token, found: readonly Token[], least: number, most: number): void {
  if (found.length >= least && found.length <= most) return;
  refuse(
    {
      code: 'trace-arguments',
      parameters: { action: action.text, expected: count(least, most), found: found.length },
    },
    found[most] ?? action,
  );
}

const statesByLetter = new Map<string, RmmGranuleState>(
  Object.values(RmmGranuleState).map((state) => [stateLetters[state], state]),
);

function stateOf(letter: string, token: Token): RmmGranuleState {
  const state = statesByLetter.get(letter);
  if (state !== undefined) return state;
  const detail = `\`${letter}\` is not the letter of a Granule state: ${[...statesByLetter.keys()].join(' ')}`;
  return refuse({ code: 'trace-letters', parameters: { detail } }, token);
}

/** Reads the lines of a trace after the first one. */
export class LineParser {
  readonly #base: bigint;
  readonly #end: bigint;

  constructor({ dramBase, granules }: TraceHeader) {
    this.#base = BigInt(dramBase);
    this.#end = this.#base + BigInt(granules) * BigInt(GRANULE);
  }

  /** What a line says; undefined for an empty one. */
  parse(text: string): Parsed<TraceLine | undefined> {
    return attempt(() => {
      checkLength(text);
      if (text.startsWith('#')) return comment(text);
      const tokens = tokensOf(text);
      const [action] = tokens;
      return action === undefined ? undefined : this.#action(action, tokens);
    });
  }

  #action(action: Token, tokens: readonly Token[]): TraceLine {
    const parse = actions[action.text as keyof typeof actions];
    if (parse === undefined || !Object.hasOwn(actions, action.text))
      return refuse(
        { code: 'trace-action', parameters: { found: action.text, known: Object.keys(actions) } },
        action,
      );
    const arrow = tokens.findIndex((token) => token.text === '->');
    const observes = observing.has(action.text);
    if ((arrow !== -1) !== observes)
      refuse(
        { code: 'trace-result', parameters: { action: action.text, observes } },
        tokens[arrow] ?? action,
      );
    return parse({
      action,
      given: tokens.slice(1, observes ? arrow : undefined),
      arrow: tokens[arrow] ?? action,
      observed: observes ? tokens.slice(arrow + 1) : [],
      addressOf: (address, size, multiple) => this.#address(address, size, multiple),
    });
  }

  /** A physical address from which some bytes lie in memory. */
  #address(token: Token, size: bigint, multiple: number): number {
    const address = number(token);
    if (address % BigInt(multiple) !== 0n)
      range(token, 'the address', `be a multiple of ${multiple.toString(16)}`);
    if (address < this.#base || address + size > this.#end)
      range(
        token,
        'the address',
        `lie in ${this.#base.toString(16)} to ${(this.#end - 1n).toString(16)}, all of it`,
      );
    return Number(address);
  }
}

function comment(text: string): TraceLine {
  const name = /^# T (.*)$/.exec(text)?.[1];
  return name === undefined ? { kind: 'comment', text: text.slice(2) } : { kind: 'name', name };
}

/** The parts of a line. */
interface Parts {
  readonly action: Token;
  readonly given: readonly Token[];
  /** What stands between the two; the action where there is none. */
  readonly arrow: Token;
  readonly observed: readonly Token[];
  addressOf(token: Token, size: bigint, multiple: number): number;
}
type ParseAction = (parts: Parts) => TraceLine;

const observing: ReadonlySet<string> = new Set(['smc', 'r64', 'r8', 'gs', 'gdump']);

function byte(token: Token): bigint {
  const value = number(token);
  return value <= 0xffn ? value : range(token, 'a byte', 'be at most ff');
}

const word =
  (kind: 'w64' | 'w8' | 'r64' | 'r8'): ParseAction =>
  ({ action, given, arrow, observed, addressOf }) => {
    const isRead = kind.startsWith('r');
    const size = kind.endsWith('64') ? 8 : 1;
    expectArguments(action, given, isRead ? 1 : 2, isRead ? 1 : 2);
    if (isRead) expectArguments(arrow, observed, 1, 1);
    const address = addressOf(given[0]!, BigInt(size), size);
    const value = isRead ? observed[0]! : given[1]!;
    return { kind, address, value: size === 8 ? number(value) : byte(value) };
  };

const actions: Readonly<Record<string, ParseAction>> = {
  smc({ action, given, arrow, observed }) {
    expectArguments(action, given, 1, Registers.count);
    const bar = observed.findIndex((token) => token.text === '|');
    const results = bar === -1 ? observed : observed.slice(0, bar);
    expectArguments(arrow, results, WATCHED, WATCHED);
    const registers = given.map(number);
    const entries: TraceEntry[] = [];
    if (bar !== -1) {
      if (rmiCall(registers[0]!)?.conditions.name !== RMI_REC_ENTER.name)
        refuse(
          { code: 'trace-entry', parameters: { detail: `only ${RMI_REC_ENTER.name} enters a Realm` } },
          observed[bar]!,
        );
      for (let at = bar; at < observed.length; ) {
        let end = at + 1;
        while (end < observed.length && observed[end]!.text !== '|') end++;
        entries.push(entry(observed[at]!, observed.slice(at + 1, end)));
        at = end;
      }
    }
    return { kind: 'smc', given: registers, returned: results.map(number), entries };
  },
  w64: word('w64'),
  w8: word('w8'),
  fill({ action, given, addressOf }) {
    expectArguments(action, given, 3, 3);
    const length = number(given[1]!);
    if (length === 0n) range(given[1]!, 'the length', 'be at least 1');
    const address = addressOf(given[0]!, length, 1);
    return { kind: 'fill', address, length: Number(length), byte: Number(byte(given[2]!)) };
  },
  r64: word('r64'),
  r8: word('r8'),
  gs({ action, given, arrow, observed, addressOf }) {
    expectArguments(action, given, 1, 1);
    expectArguments(arrow, observed, 2, 2);
    number(observed[1]!);
    const [state] = observed;
    return {
      kind: 'gs',
      address: addressOf(given[0]!, BigInt(GRANULE), GRANULE),
      state: stateOf(state!.text, state!),
    };
  },
  gdump({ action, given, arrow, observed, addressOf }) {
    expectArguments(action, given, 2, 2);
    expectArguments(arrow, observed, 1, 1);
    const granules = number(given[1]!);
    const [letters] = observed;
    if (granules !== BigInt(letters!.text.length)) {
      const detail = `${letters!.text.length} letters stand for ${granules} Granules`;
      refuse({ code: 'trace-letters', parameters: { detail } }, letters!);
    }
    return {
      kind: 'gdump',
      address: addressOf(given[0]!, granules * BigInt(GRANULE), GRANULE),
      states: Array.from(letters!.text, (letter, i) =>
        stateOf(letter, { text: letter, start: letters!.start + i }),
      ),
    };
  },
  realm({ action, given }) {
    const [kind, ...values] = given;
    if (kind === undefined)
      return refuse(
        { code: 'trace-arguments', parameters: { action: 'realm', expected: 'an action', found: 0 } },
        action,
      );
    return { kind: 'realm', action: realmAction(kind, values) };
  },
};

const realmActions: Readonly<
  Record<
    string,
    {
      readonly least: number;
      readonly most: number;
      make(values: readonly bigint[]): RealmAction | { kind: 'clear' };
    }
  >
> = {
  rsi: { least: 1, most: Registers.count, make: (registers) => ({ kind: 'rsi', registers }) },
  irq: { least: 0, most: 0, make: () => ({ kind: 'irq' }) },
  fiq: { least: 0, most: 0, make: () => ({ kind: 'fiq' }) },
  serror: { least: 1, most: 1, make: ([esr]) => ({ kind: 'serror', esr: esr! }) },
  sync: {
    least: 3,
    most: 3,
    make: ([esr, far, hpfar]) => ({ kind: 'sync', esr: esr!, far: far!, hpfar: hpfar! }),
  },
  clear: { least: 0, most: 0, make: () => ({ kind: 'clear' }) },
};

function realmAction(kind: Token, values: readonly Token[]): RealmAction | { readonly kind: 'clear' } {
  const action = Object.hasOwn(realmActions, kind.text) ? realmActions[kind.text] : undefined;
  if (action === undefined)
    return refuse(
      { code: 'trace-action', parameters: { found: kind.text, known: Object.keys(realmActions) } },
      kind,
    );
  expectArguments(kind, values, action.least, action.most);
  return action.make(values.map(number));
}

/** What a Realm found when it went on: `run` and `rsi`. */
function entry(bar: Token, tokens: readonly Token[]): TraceEntry {
  const [kind, ...values] = tokens;
  if (kind?.text !== 'run' && kind?.text !== 'rsi') {
    const detail = `after \`|\` stands \`run\` or \`rsi\`, not ${kind === undefined ? 'nothing' : `\`${kind.text}\``}`;
    return refuse({ code: 'trace-entry', parameters: { detail } }, kind ?? bar);
  }
  if (kind.text === 'rsi') {
    expectArguments(kind, values, WATCHED, WATCHED);
    return { kind: 'rsi', gprs: values.map(number), pc: undefined };
  }
  expectArguments(kind, values, WATCHED + 2, WATCHED + 2);
  const label = values[WATCHED]!;
  if (label.text !== 'pc')
    refuse({ code: 'trace-entry', parameters: { detail: '`pc` stands before the last value' } }, label);
  return {
    kind: 'run',
    gprs: values.slice(0, WATCHED).map(number),
    pc: number(values[WATCHED + 1]!),
  };
}
