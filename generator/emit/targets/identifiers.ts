import type { Diagnostics, Span } from '../../diagnostics/index.js';

/** Keywords of C23 and before, what GNU C predefines beside them, and keywords of C++ that a header meets. */
const keywords = new Set(
  (
    'alignas alignof asm auto bool break case catch char class const constexpr const_cast continue decltype ' +
    'default delete do double dynamic_cast else enum explicit export extern false float for friend goto if ' +
    'inline int linux long mutable namespace new noexcept nullptr operator private protected public register ' +
    'reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct switch ' +
    'template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unix ' +
    'unsigned using virtual void volatile wchar_t while _Alignas _Alignof _Atomic _BitInt _Bool _Complex ' +
    '_Decimal128 _Decimal32 _Decimal64 _Generic _Imaginary _Noreturn _Static_assert _Thread_local'
  ).split(' '),
);

interface Use {
  readonly what: string;
  readonly span: Span;
}

/**
 * The names that one header defines. Macros reach everywhere, so macros, tags and enumerators share one space
 * here, and a member cannot have a macro's name.
 */
export class Identifiers {
  readonly #diagnostics: Diagnostics;
  readonly #global = new Map<string, Use>();

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** Notes a macro, tag or enumerator; `what` is the item that it stands for. */
  define(name: string, what: string, span: Span): void {
    this.#claim(this.#global, name, what, span);
  }

  /** A space for the members of one struct. */
  members(): (name: string, what: string, span: Span) => void {
    const members = new Map<string, Use>();
    return (name, what, span) => {
      const earlier = this.#global.get(name);
      if (earlier === undefined) this.#claim(members, name, what, span);
      else this.#twice(name, earlier, span);
    };
  }

  #claim(space: Map<string, Use>, name: string, what: string, span: Span): void {
    const earlier = space.get(name);
    if (keywords.has(name)) this.#diagnostics.report('name-reserved', span, { name, languages: 'C' });
    else if (earlier !== undefined) this.#twice(name, earlier, span);
    else space.set(name, { what, span });
  }

  #twice(name: string, earlier: Use, span: Span): void {
    this.#diagnostics.report(
      'target-name',
      span,
      { name, other: earlier.what },
      { related: [{ span: earlier.span, message: 'first defined by this' }] },
    );
  }
}
