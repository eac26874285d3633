import type { SourceFile, Span } from '../diagnostics/index.js';

/** A syntax error in words that help, at the place where it is to be mended. */
export interface Explained {
  readonly span: Span;
  readonly detail: string;
  readonly hint?: string;
}

const quoteIt = 'Quote a text that contains ": ".';

/**
 * Says in the terms of somebody who writes a specification what the YAML library has found. Its own words
 * speak of the parser ("nested mappings are not allowed in compact mappings") and its places are where it
 * noticed, often lines below the slip.
 */
export function explainSyntax(
  file: SourceFile,
  error: { readonly code: string; readonly message: string; readonly pos: readonly [number, number] },
): Explained {
  const { text } = file;
  const at = (start: number, end = start + 1): Span => ({ file, start, end: Math.max(end, start + 1) });
  const lineEnd = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end === -1 ? text.length : end;
  };
  /** From white space to what the line says; the place itself at its end. */
  const word = (from: number): number => {
    let place = from;
    while (text[place] === ' ') place++;
    return place < text.length && text[place] !== '\n' ? place : from;
  };
  const start = word(error.pos[0]);
  const rest = at(start, text.slice(start, lineEnd(start)).trimEnd().length + start);

  const conflict = /^(?:<{7}|={7}|>{7})(?= |\r?$)/m.exec(text);
  if (conflict !== null)
    return {
      span: at(conflict.index, conflict.index + 7),
      detail: 'the conflict of a merge has been left in the file',
    };

  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY': {
      if (error.message.includes('sequence'))
        return { span: rest, detail: 'an entry of a list stands among the keys of a map' };
      const colon = ownColon(text, start, lineEnd(start));
      if (colon !== undefined)
        return { span: at(colon), detail: 'the text has a colon of its own', hint: quoteIt };
      // The value goes on below: a line that is further in than it should be.
      let below = word(lineEnd(start) + 1);
      while (text[below] === '\n') below = word(below + 1);
      return {
        span: at(below, lineEnd(below)),
        detail: 'the line stands further in than the keys before it',
      };
    }
    case 'BLOCK_IN_FLOW': {
      const colon = ownColon(text, start, error.pos[1]);
      return {
        span: colon === undefined ? rest : at(colon),
        detail: 'a text inside brackets has a colon of its own',
        hint: `${quoteIt} Or is a comma missing before a key?`,
      };
    }
    case 'MULTILINE_IMPLICIT_KEY':
      return { span: rest, detail: 'this is no key and value', hint: 'Write `key: value`, with a space.' };
    case 'BAD_INDENT':
      if (error.message.includes('same column'))
        return { span: rest, detail: 'the line does not line up with those before it' };
      break;
    case 'TAB_AS_INDENT':
      return { span: at(error.pos[0]), detail: 'a tab indents the line; YAML takes spaces' };
    case 'BAD_SCALAR_START':
      return { span: at(start), detail: `a text that starts with ${text[start]} must be quoted` };
    case 'BAD_DQ_ESCAPE':
      return {
        span: at(error.pos[0], error.pos[0] + 2),
        detail: `${text.slice(error.pos[0], error.pos[0] + 2)} is no escape sequence`,
        hint: 'Inside single quotes a backslash is a backslash.',
      };
    case 'UNEXPECTED_TOKEN':
      if (error.message.includes('at node end'))
        return {
          span: rest,
          detail: 'the value has ended, but the line goes on',
          hint: 'Is a comma or a quote missing?',
        };
      if (error.message.startsWith('Unexpected ,')) return { span: at(start), detail: 'a comma too many' };
      if (error.message.includes('on same line with key'))
        return { span: rest, detail: 'a list starts on the line below its key' };
      break;
  }
  const [line = ''] = error.message.split('\n', 1);
  return { span: at(start, error.pos[1]), detail: `this is not YAML: ${line.slice(0, 200)}` };
}

/** Where a colon follows that a plain text cannot contain. */
function ownColon(text: string, start: number, end: number): number | undefined {
  const found = text.slice(start, end).search(/:(?:\s|$)/);
  return found === -1 ? undefined : start + found;
}
