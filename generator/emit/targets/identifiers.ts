import type { Diagnostics, Span } from '../../diagnostics/index.js';
import type { Language } from './target.js';

/** Keywords of C23 and before, what GNU C predefines beside them, and keywords of C++ that a header meets. */
const c = (
  'alignas alignof asm auto bool break case catch char class const constexpr const_cast continue decltype ' +
  'default delete do double dynamic_cast else enum explicit export extern false float for friend goto if ' +
  'inline int linux long mutable namespace new noexcept nullptr operator private protected public register ' +
  'reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct switch ' +
  'template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unix ' +
  'unsigned using virtual void volatile wchar_t while _Alignas _Alignof _Atomic _BitInt _Bool _Complex ' +
  '_Decimal128 _Decimal32 _Decimal64 _Generic _Imaginary _Noreturn _Static_assert _Thread_local'
).split(' ');

/** Keywords of Rust 2024 and before, those kept for later among them, and primitive types. */
const rust = (
  'abstract as async await become bool box break char const continue crate do dyn else enum extern f32 f64 false ' +
  'final fn for gen i128 i16 i32 i64 i8 if impl in isize let loop macro match mod move mut override priv pub ref ' +
  'return self Self static str struct super trait true try type typeof u128 u16 u32 u64 u8 union unsafe unsized ' +
  'use usize virtual where while yield _'
).split(' ');

const keywords: Readonly<Record<Language, ReadonlySet<string>>> = { c: new Set(c), rust: new Set(rust) };
const called: Readonly<Record<Language, string>> = { c: 'C', rust: 'Rust' };

interface Use {
  readonly what: string;
  readonly span: Span;
}

type Define = (name: string, what: string, span: Span) => void;

/**
 * The names that one output defines. In C, macros reach everywhere, so macros, tags and enumerators share one
 * space here, and a member cannot have a macro's name. In Rust what a type has is its own.
 */
export class Identifiers {
  readonly #language: Language;
  readonly #diagnostics: Diagnostics;
  readonly #global = new Map<string, Use>();

  constructor(language: Language, diagnostics: Diagnostics) {
    this.#language = language;
    this.#diagnostics = diagnostics;
  }

  /** Notes a macro, tag or enumerator; `what` is the item that it stands for. */
  define(name: string, what: string, span: Span): void {
    this.#claim(this.#global, name, what, span);
  }

  /** A space for the members of one struct. */
  members(): Define {
    const members = new Map<string, Use>();
    return (name, what, span) => {
      const earlier = this.#language === 'rust' ? undefined : this.#global.get(name);
      if (earlier === undefined) this.#claim(members, name, what, span);
      else this.#twice(name, earlier, span);
    };
  }

  /** Where the constants of a type belong; `type` is empty when the output has no such type. */
  within(type: string): Define {
    if (this.#language === 'rust' && type !== '') return this.members();
    return (name, what, span) => this.define(name, what, span);
  }

  #claim(space: Map<string, Use>, name: string, what: string, span: Span): void {
    const earlier = space.get(name);
    // Templates for Rust make functions of names, in lower case.
    const words = this.#language === 'rust' ? [name, name.toLowerCase()] : [name];
    if (words.some((word) => keywords[this.#language].has(word)))
      this.#diagnostics.report('name-reserved', span, { name, languages: called[this.#language] });
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
