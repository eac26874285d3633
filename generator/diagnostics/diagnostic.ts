import { type Code, catalogue, type ParametersOf } from './catalogue.js';
import type { Span } from './source.js';

export interface Related {
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  readonly hint: string | undefined;
}

export interface Extra {
  readonly related?: readonly Related[];
  /** Replaces the catalogue's hint. */
  readonly hint?: string | undefined;
  /** A known name that the wrong one may have been meant as; it becomes the hint. */
  readonly meant?: string | undefined;
}

export function diagnostic<C extends Code>(
  code: C,
  span: Span,
  parameters: ParametersOf<C>,
  extra: Extra = {},
): Diagnostic {
  const entry = catalogue[code] as {
    severity: 'error' | 'warning';
    message: (p: unknown) => string;
    hint?: string;
  };
  return {
    code,
    severity: entry.severity,
    message: entry.message(parameters),
    span,
    related: extra.related ?? [],
    hint: extra.meant !== undefined ? `Did you mean \`${extra.meant}\`?` : (extra.hint ?? entry.hint),
  };
}

/** More than anybody reads; a file of nothing but mistakes must not fill the memory with them. */
const LIMIT = 1000;

/** Collects what is found, in any order; `sorted` gives it as people read: by file, then by place. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];
  readonly #kept = new Set<string>();
  #rest: Diagnostic | undefined;

  report<C extends Code>(code: C, span: Span, parameters: ParametersOf<C>, extra?: Extra): void {
    this.#keep(diagnostic(code, span, parameters, extra));
  }

  add(found: Iterable<Diagnostic>): void {
    for (const one of found) {
      this.#keep(one);
      if (this.full) break;
    }
  }

  #keep(one: Diagnostic): void {
    // Versions that share a file find the same in it.
    const { path } = one.span.file;
    const key = `${path} ${one.span.start} ${one.span.end} ${one.code} ${one.message}`;
    if (this.#kept.has(key)) return;
    this.#kept.add(key);
    if (one.code === 'too-many-problems') this.#rest = one;
    else if (this.#found.length < LIMIT) this.#found.push(one);
    else this.#rest ??= diagnostic('too-many-problems', one.span, { limit: LIMIT });
  }

  /** Whether more than anybody reads has been found: looking for more is then of no use. */
  get full(): boolean {
    return this.#rest !== undefined;
  }

  get failed(): boolean {
    return this.#rest !== undefined || this.#found.some((one) => one.severity === 'error');
  }

  sorted(): readonly Diagnostic[] {
    const sorted = [...this.#found].sort(
      (a, b) =>
        (a.span.file.path < b.span.file.path ? -1 : a.span.file.path > b.span.file.path ? 1 : 0) ||
        a.span.start - b.span.start ||
        (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
    );
    return this.#rest === undefined ? gathered(sorted) : [...gathered(sorted), this.#rest];
  }
}

/** A name that nothing defines is one mistake, wherever it is used. */
const ofOneName: ReadonlySet<Code> = new Set([
  'unknown-function',
  'unknown-mask',
  'unknown-register',
  'unknown-type',
  'unknown-value',
]);
const SHOWN = 3;

/** Diagnostics of one name as one, with the other places related to it. */
function gathered(sorted: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>();
  const all: (Diagnostic | readonly [Diagnostic, ...Diagnostic[]])[] = [];
  for (const one of sorted) {
    // The values of a command are its own; a file has one command.
    const scope = one.code === 'unknown-value' ? one.span.file.path : '';
    const key = `${one.code} ${scope} ${one.message}`;
    const group = groups.get(key);
    if (!ofOneName.has(one.code)) all.push(one);
    else if (group !== undefined) group.push(one);
    else {
      const made: [Diagnostic, ...Diagnostic[]] = [one];
      groups.set(key, made);
      all.push(made);
    }
  }
  return all.map((one) => ('code' in one ? one : gather(one)));
}

function gather([first, ...rest]: readonly [Diagnostic, ...Diagnostic[]]): Diagnostic {
  if (rest.length === 0) return first;
  const more = rest.length - SHOWN;
  const related = rest.slice(0, SHOWN).map(({ span }, index) => ({
    span,
    message:
      index === SHOWN - 1 && more > 0
        ? `also here, and in ${more} more place${more === 1 ? '' : 's'}`
        : 'also here',
  }));
  return { ...first, related: [...first.related, ...related] };
}
