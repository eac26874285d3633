import { limits } from '../limits.js';
import type { Item } from './items.js';
import type { Token } from './tokens.js';

/** A member of a C struct or union, as it can be reached by a path of names. */
export interface CMember {
  /** `exit.esr`: the names on the way to it; members of unnamed structs and unions need none. */
  readonly path: string;
  readonly name: string;
  readonly line: number;
  /** Dimensions of an array; 0 for a single value. */
  readonly dimensions: number;
  /** A bit-field has no address. */
  readonly bitField: boolean;
  /** The type as it is written. */
  readonly type: string;
}

export interface CRecord {
  /** `struct rec_exit`, or the name of a typedef. */
  readonly spelling: string;
  /** Without `struct`. */
  readonly name: string;
  readonly line: number;
  readonly members: readonly CMember[];
}

export interface CName {
  readonly name: string;
  readonly line: number;
}

/** What one external declaration declares that can be measured. */
export interface Declared {
  readonly records: readonly CRecord[];
  readonly enumerators: readonly CName[];
  /** Constants: `static const u64 name = value;` */
  readonly constants: readonly CName[];
}

interface Body {
  readonly members: readonly CMember[];
}

const identifier = /^[A-Za-z_$][\w$]*$/;
const qualifiers = new Set([
  'const',
  'volatile',
  'restrict',
  '__extension__',
  'static',
  'extern',
  'register',
  '_Atomic',
]);
const withBrackets = new Set(['__attribute__', '__attribute', '_Alignas', '__declspec', '__aligned']);

/** A light reader of declarations: it finds the names, and the compiler says what they are. */
export function declaredBy(item: Item): Declared {
  const reader = new Reader(item.tokens);
  reader.external();
  return reader;
}

class Reader implements Declared {
  readonly records: CRecord[] = [];
  readonly enumerators: CName[] = [];
  readonly constants: CName[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #text(): string {
    return this.#tokens[this.#at]?.text ?? '';
  }

  external(): void {
    const typedef = this.#tokens.some(({ text }) => text === 'typedef');
    const constant = this.#tokens.some(({ text }) => text === 'const');
    const { body, tag } = this.#specifiers(0);
    if (body !== undefined && tag !== undefined)
      this.records.push({ spelling: `${tag.keyword} ${tag.name}`, name: tag.name, line: tag.line, ...body });
    for (const declarator of this.#declarators()) {
      if (typedef && body !== undefined && declarator.plain && tag === undefined)
        this.records.push({
          spelling: declarator.name,
          name: declarator.name,
          line: declarator.line,
          ...body,
        });
      else if (!typedef && constant && declarator.initialised && declarator.plain)
        this.constants.push({ name: declarator.name, line: declarator.line });
    }
  }

  /** The type at the start of a declaration; with a body when it defines a struct or union. */
  #specifiers(depth: number): {
    readonly body: Body | undefined;
    readonly tag: { readonly keyword: string; readonly name: string; readonly line: number } | undefined;
    readonly text: string;
  } {
    let body: Body | undefined;
    let tag: { keyword: string; name: string; line: number } | undefined;
    const text: string[] = [];
    for (;;) {
      const word = this.#text;
      if (withBrackets.has(word)) {
        this.#at++;
        this.#skip();
      } else if (word === 'typedef' || qualifiers.has(word)) this.#at++;
      else if (word === 'struct' || word === 'union' || word === 'enum') {
        this.#at++;
        this.#attributes();
        const name = identifier.test(this.#text) ? this.#text : undefined;
        const line = this.#tokens[this.#at]?.line ?? 0;
        if (name !== undefined) this.#at++;
        this.#attributes();
        text.push(word, ...(name === undefined ? [] : [name]));
        if (this.#text === '{') {
          if (word === 'enum') this.#enumeration();
          else {
            body = this.#record(depth + 1);
            if (name !== undefined) tag = { keyword: word, name, line };
          }
        }
        this.#attributes();
      } else if (word === 'typeof' || word === '__typeof__' || word === '__typeof') {
        text.push(word);
        this.#at++;
        this.#skip();
      } else if (identifier.test(word) && (text.length === 0 || this.#moreOfType(text))) {
        text.push(word);
        this.#at++;
      } else return { body, tag, text: text.join(' ') };
    }
  }

  /** Whether the name at hand still belongs to the type: `unsigned long name` has it once, `u64 name` not. */
  #moreOfType(before: readonly string[]): boolean {
    const basic = /^(unsigned|signed|long|short|int|char|float|double|_Bool|__int128|__signed__)$/;
    return basic.test(this.#text) && before.every((one) => basic.test(one));
  }

  #attributes(): void {
    while (withBrackets.has(this.#text)) {
      this.#at++;
      this.#skip();
    }
  }

  /** Past a pair of brackets and all between them. */
  #skip(): void {
    let depth = 0;
    do {
      const word = this.#text;
      if (word === '(' || word === '[' || word === '{') depth++;
      else if (word === ')' || word === ']' || word === '}') depth--;
      if (this.#at >= this.#tokens.length) return;
      this.#at++;
    } while (depth > 0);
  }

  #enumeration(): void {
    this.#at++;
    while (this.#at < this.#tokens.length && this.#text !== '}') {
      const { text: name, line } = this.#tokens[this.#at]!;
      if (identifier.test(name)) this.enumerators.push({ name, line });
      while (this.#at < this.#tokens.length && this.#text !== ',' && this.#text !== '}') {
        if (this.#text === '(') this.#skip();
        else this.#at++;
      }
      if (this.#text === ',') this.#at++;
    }
    this.#at++;
  }

  #record(depth: number): Body {
    const members: CMember[] = [];
    this.#at++;
    while (this.#at < this.#tokens.length && this.#text !== '}') {
      if (this.#text === ';') {
        this.#at++;
        continue;
      }
      const { body, tag, text } =
        depth > limits.depth ? { body: undefined, tag: undefined, text: '' } : this.#specifiers(depth);
      if (body !== undefined && tag !== undefined)
        this.records.push({
          spelling: `${tag.keyword} ${tag.name}`,
          name: tag.name,
          line: tag.line,
          ...body,
        });
      let named = false;
      for (const one of this.#declarators()) {
        named = true;
        const { name, line, dimensions, bitField } = one;
        members.push({
          path: name,
          name,
          line,
          dimensions,
          bitField,
          type: one.pointer ? `${text} *` : text,
        });
        if (body !== undefined && one.plain)
          for (const inner of body.members) members.push({ ...inner, path: `${name}.${inner.path}` });
      }
      if (!named && body !== undefined && tag === undefined) members.push(...body.members);
    }
    this.#at++;
    return { members };
  }

  /** The names that a declaration gives, up to its semicolon. */
  *#declarators(): Iterable<{
    readonly name: string;
    readonly line: number;
    readonly dimensions: number;
    readonly bitField: boolean;
    readonly pointer: boolean;
    readonly initialised: boolean;
    /** Neither a pointer, an array nor a function. */
    readonly plain: boolean;
  }> {
    while (this.#at < this.#tokens.length) {
      let name: Token | undefined;
      let dimensions = 0;
      let bitField = false;
      let pointer = false;
      let call = false;
      let initialised = false;
      for (; this.#at < this.#tokens.length; ) {
        const word = this.#text;
        if (word === ',' || word === ';' || word === '}') break;
        if (withBrackets.has(word)) {
          this.#at++;
          this.#skip();
        } else if (word === '*') {
          pointer = true;
          this.#at++;
        } else if (word === '(') {
          // `(*handler)(int)` or the parameters of a function.
          if (name === undefined) {
            pointer = true;
            name = this.#tokens.slice(this.#at).find(({ text }) => identifier.test(text));
          } else call = true;
          this.#skip();
        } else if (word === '[') {
          dimensions++;
          this.#skip();
        } else if (word === ':' || word === '=') {
          if (word === ':') bitField = true;
          else initialised = true;
          while (this.#at < this.#tokens.length && !/^[,;]$/.test(this.#text)) {
            if (/^[([{]$/.test(this.#text)) this.#skip();
            else this.#at++;
          }
        } else {
          if (identifier.test(word) && !qualifiers.has(word)) name = this.#tokens[this.#at];
          this.#at++;
        }
      }
      if (name !== undefined)
        yield {
          name: name.text,
          line: name.line,
          dimensions,
          bitField,
          pointer,
          initialised,
          plain: !pointer && !call && dimensions === 0,
        };
      if (this.#text === ',') this.#at++;
      else {
        if (this.#text === ';') this.#at++;
        return;
      }
    }
  }
}
