import { limits } from '../limits.js';

/** A token of preprocessed C with its place: the file as the line markers name it, the line from 1. */
export interface Token {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** A line that is for the preprocessor: `#define` and `#undef` as `-dD` keeps them, `#pragma`. */
export interface Directive extends Token {
  readonly directive: true;
}

export class TooLarge extends Error {}

const marker = /^#\s*(?:line\s+)?([0-9]+)\s+"((?:[^"\\]|\\.)*)"/;
const word =
  /[ \t\f\v\r]+|[A-Za-z_$][\w$]*|\.?[0-9](?:[eEpP][+-]|[\w.])*|(?:u8|[uUL])?"(?:[^"\\]|\\.)*"|[uUL]?'(?:[^'\\]|\\.)*'|<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[*/%+&^|-]=|##|[\s\S]/guy;

/** Reads what `cc -E -dD` printed. */
export function* tokensOf(text: string): Iterable<Token | Directive> {
  if (text.length > limits.preprocessedSize)
    throw new TooLarge(`it comes to more than ${limits.preprocessedSize} characters`);
  let file = '';
  let line = 0;
  let count = 0;
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(at, end);
    at = end + 1;
    if (/^\s*#/.test(content)) {
      const moved = marker.exec(content.trimStart());
      if (moved !== null) {
        line = Number(moved[1]);
        file = fileOf(moved[2]!);
        continue;
      }
      yield { text: content.trim(), file, line, directive: true };
    } else if (content !== '') {
      word.lastIndex = 0;
      for (let match = word.exec(content); match !== null; match = word.exec(content)) {
        if (++count > limits.tokens) throw new TooLarge(`it comes to more than ${limits.tokens} tokens`);
        if (!/^\s/.test(match[0])) yield { text: match[0], file, line };
      }
    }
    line++;
  }
}

/** The file of a line marker. GCC writes `./` before what it found in the current folder. */
function fileOf(quoted: string): string {
  return quoted.replace(/\\(["\\])/g, '$1').replace(/^(\.\/)+/, '');
}

/** Every file that the preprocessor read, also one in which there was nothing. */
export function filesOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, name] of text.matchAll(/^# [0-9]+ "((?:[^"\\\n]|\\.)*)"/gm)) found.add(fileOf(name!));
  return found;
}

export function isDirective(token: Token | Directive): token is Directive {
  return 'directive' in token;
}
