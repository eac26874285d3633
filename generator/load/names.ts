/** Words that the generated languages keep for themselves. A name of the specification goes into all of them. */
const c =
  'alignas alignof auto bool break case char const constexpr continue default do double else enum extern false float for goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while';
const cpp =
  'and and_eq asm bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield compl concept const_cast consteval constinit decltype delete dynamic_cast explicit export friend mutable namespace new noexcept not not_eq operator or or_eq private protected public reinterpret_cast requires static_cast template this throw try typeid typename using virtual wchar_t xor xor_eq';
const typescript =
  'arguments await debugger delete eval export extends finally function implements import in instanceof interface let new null package super this undefined var with yield';
const rust = 'crate dyn fn impl mod move mut pub self Self trait unsafe use where';
/** What generated TypeScript calls by name. */
const globals = 'ArrayLike BigInt BigUint64Array Codec Inputs Number Outputs Patch Record Uint8Array Values';
/** Members that every accessor, or every enumeration, has. */
const accessors =
  'assign constructor hasOwnProperty is isPrototypeOf nameOf prototype toJSON toLocaleString toObject toString valueOf';

const reserved = new Map<string, string>();
for (const [language, words] of [
  ['an accessor', accessors],
  ['TypeScript', globals],
  ['Rust', rust],
  ['TypeScript', typescript],
  ['C++', cpp],
  ['C', c],
] as const) {
  for (const word of words.split(' ')) reserved.set(word, language);
}

/** The language that keeps a name for itself, or undefined when it is free to use. */
export function reservedBy(name: string): string | undefined {
  return reserved.get(name);
}

const dangers: readonly (readonly [RegExp, string])[] = [
  [/\*\//, 'the end of a C comment, */'],
  [/\/\*/, 'the start of a C comment, /*'],
  [/\?\?[=/'()!<>-]/, 'a C trigraph'],
  [/\\/, 'a backslash'],
  [/`/, 'a backtick'],
  [/\$\{/, 'a template placeholder, ${'],
  [/<\/?script/i, 'a script tag'],
  [/[^\x20-\x7e\n]/u, 'a character outside printable ASCII'],
];
const anyDanger = new RegExp(dangers.map(([pattern]) => pattern.source).join('|'), 'i');

/** What in a text could escape a comment or a string of generated code, in words; undefined when it is safe. */
export function unsafeIn(
  text: string,
): { readonly what: string; readonly start: number; readonly end: number } | undefined {
  if (!anyDanger.test(text)) return undefined;
  for (const [pattern, what] of dangers) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const code = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return {
      what: pattern.unicode ? `${what} (U+${code})` : what,
      start: match.index,
      end: match.index + match[0].length,
    };
  }
  return undefined;
}
