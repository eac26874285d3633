import type { SourceFile } from '../../../generator/diagnostics/index.js';
import { limits } from '../limits.js';

/** Something in the header that is not followed, and why. */
export interface Left {
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

/** The header as the compiler gets it: the same lines, without what would lead it elsewhere. */
export interface Header {
  readonly file: SourceFile;
  readonly text: string;
  /** What it includes, as `#include` names it. */
  readonly includes: readonly string[];
  readonly left: readonly Left[];
}

/** A header that cannot be audited. */
export class Unreadable extends Error {
  readonly line: number | undefined;
  /** Whether more folders of headers or macros could help. */
  readonly lacks: boolean;

  constructor(message: string, line?: number, lacks = false) {
    super(message);
    this.line = line;
    this.lacks = lacks;
  }
}

const directive = /^[ \t\f\v]*(?:#|%:|\?\?=)[ \t\f\v]*(\w+)[ \t\f\v]*(.*)$/s;
const named = /^(?:<([^>]*)>|"([^"]*)")/;
/** Plain steps downwards: a name that can also be that of a file in a folder of our own. */
const plain = /^[A-Za-z0-9_+][A-Za-z0-9_.+-]*(\/[A-Za-z0-9_+][A-Za-z0-9_.+-]*)*$/;

export function isPlainInclude(name: string): boolean {
  return name.length <= limits.nameLength && plain.test(name);
}

/**
 * Makes a header safe to compile: what includes or embeds a file by a path that leads out of the folders given,
 * or by a name that only the preprocessor could know, becomes an empty line and is reported.
 *
 * @throws Unreadable when it is no text of C, or too large.
 */
export function headerOf(file: SourceFile): Header {
  if (file.text.length > limits.headerSize)
    throw new Unreadable(`it has more than ${limits.headerSize} characters`);
  const text = file.text.replaceAll('\r\n', '\n');
  const strange = /[^\P{Cc}\t\n\v\f]/u.exec(text);
  if (strange !== null)
    throw new Unreadable('it is no text: it has control characters', lineOf(text, strange.index));
  if (text.includes('\ufffd'))
    throw new Unreadable('it is no text in UTF-8', lineOf(text, text.indexOf('\ufffd')));
  const clean = withoutComments(text);
  const includes = new Set<string>();
  const left: Left[] = [];
  const lines = text.split('\n');
  const seen = clean.split('\n');
  for (let index = 0; index < seen.length; index++) {
    const first = index;
    let whole = seen[index]!;
    // A backslash joins lines.
    while (/\\[ \t]*$/.test(whole) && index + 1 < seen.length)
      whole = `${whole.replace(/\\[ \t]*$/, '')}${seen[++index]!}`;
    const found = directive.exec(whole);
    if (found === null) continue;
    const [, keyword, rest] = found;
    const refuse = (what: string, why: string): void => {
      left.push({ line: first + 1, what, why });
      for (let line = first; line <= index; line++) lines[line] = blanked(lines[line]!, seen[line]!);
    };
    if (/^(include|include_next|import)$/.test(keyword!)) {
      const name = named.exec(rest!);
      if (name === null) {
        refuse(`#${keyword}`, 'its file is only known to the preprocessor');
        continue;
      }
      const path = name[1] ?? name[2]!;
      if (isPlainInclude(path)) includes.add(path);
      else refuse(`#${keyword} ${name[0]}`, 'the path leads out of the folders given');
    } else if (keyword === 'embed') refuse('#embed', 'it embeds a file');
    else if (keyword === 'line' || /^[0-9]/.test(keyword!))
      refuse(`#${keyword}`, 'it would give what follows another place');
    else if (
      keyword === 'pragma' &&
      /\b(GCC\s+(dependency|pch_preprocess)|include_alias|comment|clang\s+module)\b/.test(rest!)
    )
      refuse(`#pragma ${rest!.trim().slice(0, 40)}`, 'it names another file');
    if (includes.size + left.length > limits.absent)
      throw new Unreadable(`it includes more than ${limits.absent} files`, first + 1);
  }
  return { file, text: lines.join('\n'), includes: [...includes], left };
}

/** A line without its directive; a comment that goes on over the line's end stays one. */
function blanked(line: string, seen: string): string {
  const visible = [...seen].map((character, index) => (character.trim() === '' ? (line[index] ?? '') : ' '));
  return visible.join('');
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * The text with comments and nothing else as spaces, character for character; line breaks stay.
 *
 * @throws Unreadable when a comment has no end.
 */
export function withoutComments(text: string): string {
  let out = '';
  let at = 0;
  part.lastIndex = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    let end = part.lastIndex;
    if (match[1] !== undefined) {
      closing.lastIndex = end;
      if (closing.exec(text) === null)
        throw new Unreadable('a comment has no end', lineOf(text, match.index));
      end = closing.lastIndex;
    } else if (match[2] === undefined) continue;
    out += text.slice(at, match.index) + text.slice(match.index, end).replace(/[^\n]/g, ' ');
    at = end;
    part.lastIndex = end;
  }
  return out + text.slice(at);
}

// A backslash joins lines before anything else is looked at, so that it can stand within the marks of a comment.
const part =
  /(\/(?:\\[ \t]*\n)*\*)|(\/(?:\\[ \t]*\n)*\/(?:[^\n\\]|\\[\s\S])*)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?/g;
const closing = /\*(?:\\[ \t]*\n)*\//g;

/** What the comments of a header say of the revision that it follows: `1.0-rel0`. */
export interface Claim {
  /** As rmigen writes it: `1.0-rel0`, `2.0-bet3`. */
  readonly version: string;
  readonly line: number;
}

/** `1.0-rel0`, `1.0 REL0`, `den0137/1-0rel0`, `v1.0-eac5`. */
const revision = /\b[vV]?([0-9])[.-]([0-9])[ _-]?\(?(rel|eac|bet|beta|alp|alpha)[ _-]?([0-9]{1,2})/gi;

/** The revision that the comments of a header name first; undefined when they name none. */
export function claimOf(text: string): Claim | undefined {
  const code = withoutComments(text);
  for (const match of text.matchAll(revision)) {
    // Within a comment, where the text without comments is blank.
    if (code.slice(match.index, match.index + match[0].length).trim() !== '') continue;
    const stage = match[3]!.toLowerCase().slice(0, 3);
    return {
      version: `${match[1]}.${match[2]}-${stage}${Number(match[4])}`,
      line: lineOf(text, match.index),
    };
  }
  return undefined;
}
