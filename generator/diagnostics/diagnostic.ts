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

/** Collects what is found, in any order; `sorted` gives it as people read: by file, then by place. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];

  report<C extends Code>(code: C, span: Span, parameters: ParametersOf<C>, extra?: Extra): void {
    this.#found.push(diagnostic(code, span, parameters, extra));
  }

  add(found: Iterable<Diagnostic>): void {
    for (const one of found) this.#found.push(one);
  }

  get failed(): boolean {
    return this.#found.some((one) => one.severity === 'error');
  }

  sorted(): readonly Diagnostic[] {
    return [...this.#found].sort(
      (a, b) =>
        (a.span.file.path < b.span.file.path ? -1 : a.span.file.path > b.span.file.path ? 1 : 0) ||
        a.span.start - b.span.start ||
        (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
    );
  }
}
