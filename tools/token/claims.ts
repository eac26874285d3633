import {
  CcaPlatformClaims,
  CcaPlatformSwComponent,
  CcaRealmClaims,
  CoseHeader,
  CoseKey,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { metadata } from '../../generated/rmm-1.0-rel0/typescript/metadata.js';
import type { MapEntryMetadata, MapMetadata } from '../../runtime/bits/index.js';
import { bytesText, keyText, type Node, quoted } from './cbor.js';

/** What is wrong, or remarkable, at a byte of a token. */
export interface Problem {
  readonly severity: 'error' | 'note';
  /** Bytes from the start of the token. */
  readonly offset: number;
  readonly message: string;
  readonly section: string;
}

export type Report = (problem: Problem) => void;

/** What a claim holds. */
export type Value =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: 'text'; readonly text: string }
  /** `meaning` says which labels the number stands for. */
  | { readonly kind: 'int'; readonly value: bigint; readonly meaning: string | undefined }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly claims: readonly Claim[] }
  /** Of a kind that no claim has. */
  | { readonly kind: 'other'; readonly what: string };

export interface Claim {
  readonly key: string;
  /** As the document writes it, with hyphens; undefined for a key that it does not have. */
  readonly name: string | undefined;
  readonly section: string | undefined;
  readonly offset: number;
  readonly value: Value;
}

const maps: Readonly<Record<string, MapMetadata>> = {
  CcaRealmClaims,
  CcaPlatformClaims,
  CcaPlatformSwComponent,
  CoseHeader,
  CoseKey,
};

/** The name of an entry as the document writes it. */
export function hyphens(name: string): string {
  return name.replaceAll('_', '-');
}

/** Reads the entries of a map and holds them against what the document says of it. */
export function readClaims(node: Node, map: MapMetadata, report: Report): readonly Claim[] {
  if (node.kind !== 'map') {
    report(error(node, `expected a map of ${map.name}, found ${kindText(node)}`, map.section));
    return [];
  }
  const names = new Map(Object.entries(map.entries).map(([name, entry]) => [entry.key, { name, entry }]));
  const found = new Set<number>();
  const claims = node.entries.map(({ key, value }): Claim => {
    const number = key.kind === 'int' ? Number(key.value) : Number.NaN;
    const known = names.get(number);
    if (known === undefined) {
      report({
        severity: 'note',
        offset: key.start,
        message: `${map.name} has no key ${keyText(key)}`,
        section: map.section,
      });
      const unknown = { name: undefined, section: undefined };
      return { key: keyText(key), ...unknown, offset: value.start, value: plain(value) };
    }
    found.add(number);
    const { name, entry } = known;
    return {
      key: String(number),
      name: hyphens(name),
      section: entry.section,
      offset: value.start,
      value: readEntry(value, hyphens(name), entry, report),
    };
  });
  for (const { name, entry } of names.values())
    if (entry.optional === undefined && !found.has(entry.key))
      report(error(node, `${hyphens(name)} (key ${entry.key}) is missing`, entry.section));
  return claims;
}

function error(node: Node, message: string, section: string): Problem {
  return { severity: 'error', offset: node.start, message, section };
}

function readEntry(node: Node, name: string, entry: MapEntryMetadata, report: Report): Value {
  const { count, least, section } = entry;
  if (count === undefined && least === undefined) return readOne(node, name, entry, report);
  if (node.kind !== 'array') return wrong(node, name, 'an array', section, report);
  const { length } = node.items;
  if (count !== undefined && length !== count)
    report(error(node, `${name} has ${length} elements; it must have ${count}`, section));
  if (least !== undefined && length < least)
    report(error(node, `${name} has ${length} elements; it must have at least ${least}`, section));
  return {
    kind: 'list',
    items: node.items.map((item, i) => readOne(item, `${name}[${i}]`, entry, report)),
  };
}

function readOne(node: Node, name: string, entry: MapEntryMetadata, report: Report): Value {
  const { type, section } = entry;
  switch (type) {
    case 'bytes': {
      if (node.kind !== 'bytes') return wrong(node, name, 'a byte string', section, report);
      const { bytes, at } = node;
      if (entry.sizes !== undefined && !entry.sizes.includes(bytes.length))
        report(
          error(node, `${name} has ${bytesText(bytes.length)}; it must have ${listed(entry.sizes)}`, section),
        );
      else if (entry.first !== undefined && bytes[0] !== entry.first)
        report(error(node, `${name} begins with ${bytes[0]}; it must begin with ${entry.first}`, section));
      return { kind: 'bytes', bytes, at };
    }
    case 'text':
      if (node.kind !== 'text') return wrong(node, name, 'a text', section, report);
      if (entry.value !== undefined && node.text !== entry.value)
        report(error(node, `${name} is ${quoted(node.text)}; it must be ${quoted(entry.value)}`, section));
      return { kind: 'text', text: node.text };
    default: {
      const map = maps[type];
      if (map !== undefined) return { kind: 'map', claims: readClaims(node, map, report) };
      if (node.kind !== 'int') return wrong(node, name, 'an integer', section, report);
      const { meaning, problem } = meaningOf(type, node.value);
      if (problem !== undefined) report(error(node, `${name} is ${node.value}: ${problem}`, section));
      return { kind: 'int', value: node.value, meaning };
    }
  }
}

function wrong(node: Node, name: string, expected: string, section: string, report: Report): Value {
  report(error(node, `${name} must be ${expected}, not ${kindText(node)}`, section));
  return plain(node);
}

function listed(sizes: readonly number[]): string {
  const rest = sizes.slice(0, -1).join(', ');
  return rest === '' ? String(sizes.at(-1)) : `${rest} or ${sizes.at(-1)}`;
}

function kindText(node: Node): string {
  const words: Record<Node['kind'], string> = {
    int: 'an integer',
    bytes: 'a byte string',
    text: 'a text',
    array: 'an array',
    map: 'a map',
    tag: 'a tag',
    other: 'something else',
  };
  return node.kind === 'other' ? node.what : words[node.kind];
}

/** A value of which nothing is known. */
function plain(node: Node): Value {
  switch (node.kind) {
    case 'bytes':
      return { kind: 'bytes', bytes: node.bytes, at: node.at };
    case 'text':
      return { kind: 'text', text: node.text };
    case 'int':
      return { kind: 'int', value: node.value, meaning: undefined };
    default:
      return { kind: 'other', what: kindText(node) };
  }
}

/** The labels that a number stands for, by the layout that the specification has for its type. */
function meaningOf(type: string, value: bigint): { readonly meaning?: string; readonly problem?: string } {
  const layout = metadata.types[type];
  if (layout?.kind === 'enumeration') {
    const label = layout.labels.find((one) => BigInt(one.value) === value);
    return label === undefined ? { problem: `no value of ${type}` } : { meaning: label.name };
  }
  if (layout?.kind !== 'fieldset') return {};
  if (value < 0n || value >= 1n << BigInt(layout.bits))
    return { problem: `it does not fit ${layout.bits} bits` };
  const parts: string[] = [];
  for (const { name, lsb, msb, type: of } of layout.fields.toReversed()) {
    const bits = (value >> BigInt(lsb)) & ((1n << BigInt(msb - lsb + 1)) - 1n);
    const { meaning, problem } = meaningOf(of, bits);
    if (problem !== undefined) return { problem: `its ${name} is 0x${bits.toString(16)}, ${problem}` };
    parts.push(meaning ?? `${name} 0x${bits.toString(16)}`);
  }
  return { meaning: parts.join(', ') };
}
