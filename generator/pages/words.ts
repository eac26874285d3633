import type { Span } from '../diagnostics/index.js';
import {
  type ConditionFunction,
  type Prose,
  rangeText,
  type Signature,
  type Text,
  type Type,
  type TypeUse,
} from '../model/index.js';
import { code, faint, type Line, link, mark, type Piece, plain, type Reference } from './page.js';
import type { PageItem, Source } from './source.js';

/** Words of prose that could be names of the specification. */
const identifier = /[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?/g;
/** REC or Granule are words of the field as well as names; RttWalk and RMI_SUCCESS are names only. */
const surelyName = /_|[a-z0-9][A-Z]/;
/** What a text has that names something: most say what they say without. */
const perhapsName = /_|[a-z0-9][A-Z]|[A-Za-z0-9]\(/;

/** Prose with the names in it that have a page. */
export function prose(text: string, source: Source): Line {
  if (text === '') return [];
  if (!perhapsName.test(text)) return [plain(text)];
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(identifier)) {
    const found = nameIn(match[0], text[match.index + match[0].length] === '(', source);
    if (found === undefined) continue;
    if (match.index > done) pieces.push(plain(text.slice(done, match.index)));
    pieces.push(found);
    done = match.index + found.text.length;
  }
  if (done < text.length) pieces.push(plain(text.slice(done)));
  return pieces;
}

function nameIn(word: string, called: boolean, source: Source): Piece | undefined {
  const [name = '', part] = word.split('.');
  if (called && source.item(word)?.kind === 'function') return link(word);
  if (!surelyName.test(name)) return undefined;
  const item = source.item(name);
  if (item !== undefined && part !== undefined && hasPart(item, part)) return link(name, part, word);
  if (item !== undefined) return link(name);
  const label = source.label(name);
  return label === undefined ? undefined : link(label.of.name, name);
}

/** The parts of an item that a reference can lead to. */
export function partsOf(item: PageItem): readonly { readonly name: string; readonly span: Span }[] {
  switch (item.kind) {
    case 'enumeration':
      return item.labels;
    case 'fieldset':
      return item.fields;
    case 'struct':
      return item.members;
    case 'map':
      return item.entries;
    case 'command':
      return [
        ...item.inputs,
        ...item.outputs,
        ...item.context,
        ...item.failures,
        ...item.success,
        ...item.footprint,
      ];
    default:
      return [];
  }
}

function hasPart(item: PageItem, part: string): boolean {
  return partsOf(item).some((one) => one.name === part);
}

/** A number as the document writes FIDs and masks. */
export function upperHex(value: bigint, digits: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

export function fidText(fid: bigint): string {
  return upperHex(fid, 8);
}

/** A number in decimal, and in hexadecimal where that differs; a negative one as `width` bits hold it. */
export function numberText(value: bigint, width = 64): string {
  if (value >= 0n) return value < 10n ? String(value) : `${value} (${upperHex(value, 1)})`;
  return `${value} (${upperHex(BigInt.asUintN(width, value), 1)})`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function typePiece(type: Type): Piece {
  return type.kind === 'primitive' ? code(type.name) : link(type.name);
}

export function typeUseLine(use: TypeUse): Line {
  const { type } = use;
  const piece = typeof type === 'string' ? code(type) : typePiece(type);
  return use.count === undefined ? [piece] : [piece, code(`[${use.count}]`)];
}

export function typeUseText({ type, count: elements }: TypeUse): string {
  const name = typeof type === 'string' ? type : type.name;
  return elements === undefined ? name : `${name}[${elements}]`;
}

export function signatureText({ name }: ConditionFunction, { parameters, returns }: Signature): string {
  const inside = parameters.map((one) => `${one.name}: ${typeUseText(one.type)}`).join(', ');
  return `${name}(${inside})${returns === undefined ? '' : ` -> ${typeUseText(returns)}`}`;
}

/** `X4[7:0]`, or `X4` for the whole register. */
export function registerText(value: { register: number; msb: number; lsb: number }): string {
  const whole = value.msb === 63 && value.lsb === 0;
  return whole ? `X${value.register}` : `X${value.register}[${rangeText(value)}]`;
}

export function isProse(value: object): value is Prose {
  return 'by' in value;
}

/** A condition; one that is prose in the document is marked as such. */
export function conditionLine(value: Text | Prose, source: Source): Line {
  if (!isProse(value)) return [code(value.text)];
  return [mark('prose'), plain(' '), ...prose(value.text, source), faint(` (answered by ${value.by})`)];
}

export function placePiece(at: Reference): Piece {
  return at.part === undefined ? link(at.item) : link(at.item, at.part, `${at.item}.${at.part}`);
}

/** What an item is, in a word or two. */
export function whatIs(item: PageItem): string {
  switch (item.kind) {
    case 'command':
      return `${item.interface.name} command`;
    case 'function':
      return item.inductive ? 'inductive function' : 'function';
    case 'fieldset':
      return item.register === undefined ? 'fieldset' : 'register';
    case 'map':
      return 'CBOR map';
    case 'enumeration':
    case 'struct':
      return item.abstract ? `abstract ${item.kind}` : item.kind;
    default:
      return item.kind;
  }
}

/** Where the bracket that opens at a place closes; the end of the text when it never does. */
export function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return text.length;
}

/** A condition without brackets around the whole of it. */
export function withoutBrackets(text: string): string {
  return text.startsWith('(') && closing(text, 0) === text.length - 1
    ? withoutBrackets(text.slice(1, -1))
    : text;
}
