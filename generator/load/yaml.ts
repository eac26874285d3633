import { Composer, CST, isMap, isScalar, isSeq, Lexer, type ParsedNode, Parser } from 'yaml';
import { type Diagnostics, fileSpan, type SourceFile, type Span } from '../diagnostics/index.js';
import { limits } from './limits.js';
import { type Entry, entryOf, type Node, plainInteger, type ScalarNode } from './node.js';
import { readPlain } from './plain.js';
import { explainSyntax } from './syntax.js';

/** Reads one file. Undefined when it is no readable YAML; what is wrong has then been reported. */
export function readYaml(file: SourceFile, diagnostics: Diagnostics): Node | undefined {
  const { text } = file;
  if (text.length > limits.fileSize) {
    diagnostics.report('file-too-large', fileSpan(file), { size: text.length, limit: limits.fileSize });
    return undefined;
  }
  // A byte order mark may stand at the start; invalid bytes were read as U+FFFD.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const foreign = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]|(?!^)\ufeff/.exec(text);
  if (foreign !== null) {
    const code = foreign[0].charCodeAt(0);
    const detail =
      code === 0xfffd ? 'invalid bytes' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    diagnostics.report('file-encoding', { file, start: foreign.index, end: foreign.index + 1 }, { detail });
    return undefined;
  }
  return readPlain(file) ?? readAny(file, diagnostics);
}

/** Reads any YAML, and says what is wrong with it. */
export function readAny(file: SourceFile, diagnostics: Diagnostics): Node | undefined {
  const { text } = file;
  const tokens = tokensOf(file, diagnostics);
  if (tokens === undefined) return undefined;
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    intAsBigInt: true,
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens, true, text.length);
  const { errors, warnings, contents } = document!;
  // The first error is the cause; what follows in the same file is mostly its echo.
  const [error] = [...errors, ...warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    const { span, detail, hint } = explainSyntax(file, error);
    diagnostics.report('yaml-syntax', span, { detail }, { hint });
    return undefined;
  }
  if (contents === null || (isScalar(contents) && contents.source === '' && contents.type === 'PLAIN')) {
    diagnostics.report('yaml-empty', fileSpan(file), {});
    return undefined;
  }
  return nodeOf(contents as ParsedNode, fileSpan(file), diagnostics);
}

const closers: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * The tokens of the only document, or undefined when there is something in it that the language does not have,
 * or too much of it. Depth and length are looked at here, before anything sees them that recurses or counts
 * digits; so are brackets and quotes, whose beginning is of more use to an author than where they ought to end.
 */
function tokensOf(file: SourceFile, diagnostics: Diagnostics): readonly CST.Token[] | undefined {
  const tokens: CST.Token[] = [];
  const brackets: { readonly span: Span; readonly opener: string }[] = [];
  const parser = new Parser();
  let foreign = false;
  let documents = 0;
  let lexemes = 0;
  let previous = '';
  const syntax = (span: Span, detail: string): undefined => {
    // A foreign mark was reported; what comes of it is not worth a second line.
    if (!foreign) diagnostics.report('yaml-syntax', span, { detail });
    return undefined;
  };
  for (const lexeme of new Lexer().lex(file.text)) {
    const start = parser.offset;
    const span: Span = { file, start, end: start + lexeme.length };
    if (++lexemes > limits.lexemes) {
      diagnostics.report('too-many-tokens', span, { limit: limits.lexemes });
      return undefined;
    }
    if (lexeme.length > limits.scalarLength && lexeme[0] !== '#' && lexeme.trim() !== '') {
      diagnostics.report('text-too-long', span, { length: lexeme.length, limit: limits.scalarLength });
      return undefined;
    }
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') {
        diagnostics.report('yaml-directive', span, {});
        return undefined;
      }
      if (token.type === 'document') documents++;
      tokens.push(token);
    }
    // The document, its collections, and the scalar that is being read.
    if (parser.stack.length > limits.depth + 2) {
      diagnostics.report('yaml-depth', span, { limit: limits.depth });
      return undefined;
    }
    // What follows this mark is text, whatever it looks like.
    const type = previous === CST.SCALAR ? 'scalar' : CST.tokenType(lexeme);
    previous = lexeme;
    switch (type) {
      case 'doc-start':
        if (documents === 0) break;
        diagnostics.report('yaml-documents', span, {});
        return undefined;
      case 'alias':
      case 'anchor':
        foreign = true;
        diagnostics.report('yaml-alias', span, { what: type === 'alias' ? 'aliases' : 'anchors' });
        break;
      case 'tag':
        foreign = true;
        diagnostics.report('yaml-tag', span, { tag: lexeme });
        break;
      case 'double-quoted-scalar':
      case 'single-quoted-scalar':
        if (lexeme.length < 2 || lexeme.at(-1) !== lexeme[0])
          return syntax({ ...span, end: start + 1 }, 'the quote that opens here is not closed');
        break;
      case 'flow-map-start':
      case 'flow-seq-start':
        brackets.push({ span, opener: lexeme });
        break;
      case 'flow-map-end':
      case 'flow-seq-end': {
        const open = brackets.pop();
        if (open === undefined) return syntax(span, `\`${lexeme}\` closes nothing`);
        if (closers[open.opener] !== lexeme)
          return syntax(open.span, `\`${open.opener}\` is closed by \`${lexeme}\``);
        break;
      }
      case 'flow-error-end': {
        const open = brackets.at(-1)!;
        return syntax(open.span, `\`${open.opener}\` is not closed`);
      }
    }
  }
  for (const token of parser.end()) tokens.push(token);
  const open = brackets.at(-1);
  if (open !== undefined) return syntax(open.span, `\`${open.opener}\` is not closed`);
  return foreign ? undefined : tokens;
}

function nodeOf(node: ParsedNode | null, fallback: Span, diagnostics: Diagnostics): Node {
  const { file } = fallback;
  if (node === null || (isScalar(node) && node.source === '' && node.type === 'PLAIN'))
    return { kind: 'scalar', span: fallback, value: null, plain: true };
  const [start, end] = node.range;
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const entries = new Map<string, Entry>();
    let last = start + 1;
    for (const { key, value } of node.items) {
      const span: Span = { file, start: key.range[0], end: Math.max(key.range[1], key.range[0] + 1) };
      const name = isScalar(key) && key.value !== null ? String(key.source ?? key.value) : undefined;
      const earlier = name === undefined ? undefined : entries.get(name);
      if (name === '<<') diagnostics.report('yaml-alias', span, { what: 'merge keys' });
      else if (name === undefined || name === '__proto__') diagnostics.report('yaml-key', span, {});
      else if (earlier !== undefined)
        diagnostics.report(
          'yaml-duplicate-key',
          span,
          { key: name },
          { related: [{ span: earlier.key, message: 'first given here' }] },
        );
      else {
        const found = nodeOf(value as ParsedNode | null, span, diagnostics);
        entries.set(name, entryOf(span, found));
        last = Math.max(last, found.span.end);
      }
    }
    return { kind: 'map', span: { file, start, end: node.flow ? end : last }, entries };
  }
  if (isSeq<ParsedNode>(node)) {
    const items = node.items.map((item) => nodeOf(item, { file, start, end: start + 1 }, diagnostics));
    const last = items.at(-1)?.span.end ?? start + 1;
    return { kind: 'list', span: { file, start, end: node.flow ? end : last }, items };
  }
  const scalar = node as Extract<ParsedNode, { value: unknown }>;
  const source = file.text.slice(start, end).trimEnd();
  const span = { file, start, end: start + Math.max(1, source.length) };
  let value = scalar.value as ScalarNode['value'];
  if (typeof value === 'bigint' && !plainInteger.test(source)) {
    const hint = /^-?0[0-9]/.test(source)
      ? 'A leading zero makes it octal to C and to YAML 1.1, though not to YAML 1.2: leave it out.'
      : undefined;
    diagnostics.report('bad-number', span, { found: `\`${source.slice(0, 40)}\`` }, { hint });
    value = undefined;
  }
  return { kind: 'scalar', span, value, plain: scalar.type === 'PLAIN' };
}
