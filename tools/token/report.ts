import { CoseAlgorithm } from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { bytesText, place, quoted } from './cbor.js';
import type { Claim, Value } from './claims.js';
import type { Check, OpenedToken, SignedToken } from './open.js';

/** How parts of a report are made to stand out. */
export interface Paint {
  title(text: string): string;
  name(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  mark(text: string): string;
}

/** Bytes in a line: a hash function's worth. */
const LINE = 32;

/** What a token says and what came of checking it, for people. Offsets are in hexadecimal, sizes in bytes. */
export function renderToken(token: OpenedToken, paint: Paint): string {
  const lines: string[] = [paint.title(titleOf(token)), ''];
  for (const [title, part] of [
    ['Realm token', token.realm],
    ['CCA platform token', token.platform],
  ] as const)
    if (part !== undefined) lines.push(...renderPart(title, part, paint), '');
  lines.push(paint.title('Checks'), ...renderChecks(token.checks, paint));
  if (token.problems.length > 0) {
    lines.push('', paint.title('Problems'));
    for (const { severity, offset, message, section } of token.problems) {
      const word = severity === 'error' ? paint.bad('error') : paint.mark('note ');
      lines.push(`  ${word}  ${place(offset).padStart(6)}  ${message} ${paint.faint(`(${section})`)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function titleOf({ size, realm, platform }: OpenedToken): string {
  const what =
    realm !== undefined && platform !== undefined
      ? 'CCA attestation token'
      : realm !== undefined
        ? 'Realm token'
        : platform !== undefined
          ? 'CCA platform token'
          : 'Not a token that can be read';
  return `${what}, ${bytesText(size)}`;
}

function algorithmOf({ algorithm }: SignedToken): string {
  return algorithm === undefined ? 'no known algorithm' : (CoseAlgorithm.nameOf(algorithm) ?? '?');
}

function renderPart(title: string, part: SignedToken, paint: Paint): readonly string[] {
  const head = `${bytesText(part.size)} at ${place(part.offset)}, signed with ${algorithmOf(part)}`;
  return [`${paint.title(title)}  ${paint.faint(head)}`, ...renderClaims(part.claims, '  ', paint, part.key)];
}

function renderClaims(
  claims: readonly Claim[],
  indent: string,
  paint: Paint,
  key: readonly Claim[] = [],
): readonly string[] {
  const width = (of: (claim: Claim) => string) => Math.max(0, ...claims.map((one) => of(one).length));
  const keys = width((one) => one.key);
  const names = width((one) => one.name ?? '');
  const sections = width((one) => one.section ?? '');
  const places = width((one) => place(one.offset));
  return claims.flatMap((claim) => {
    const { first, rest } = renderValue(claim.value, paint);
    const head = [
      claim.key.padStart(keys),
      paint.name((claim.name ?? '?').padEnd(names)),
      paint.faint((claim.section ?? '').padEnd(sections)),
      paint.faint(place(claim.offset).padStart(places)),
      first,
    ];
    const inside = claim.name === 'cca-realm-public-key' ? renderClaims(key, `${indent}    `, paint) : [];
    return [`${indent}${head.join('  ')}`, ...rest.map((line) => `${indent}    ${line}`), ...inside];
  });
}

/** What stands in the line of a claim, and what below it. */
function renderValue(
  value: Value,
  paint: Paint,
): { readonly first: string; readonly rest: readonly string[] } {
  switch (value.kind) {
    case 'bytes': {
      if (value.bytes.length > 0 && value.bytes.every((byte) => byte === 0))
        return { first: `${bytesText(value.bytes.length)}, all zero`, rest: [] };
      const text = printable(value.bytes);
      const note = text === undefined ? '' : `  ${paint.faint(quoted(text))}`;
      return { first: `${bytesText(value.bytes.length)}${note}`, rest: hexLines(value.bytes) };
    }
    case 'text':
      return { first: quoted(value.text), rest: [] };
    case 'int': {
      const { meaning } = value;
      const number = value.value > 9n ? `0x${value.value.toString(16)}` : String(value.value);
      return { first: meaning === undefined ? number : `${number}  ${meaning}`, rest: [] };
    }
    case 'list':
      return {
        first: `${value.items.length} element${value.items.length === 1 ? '' : 's'}`,
        rest: value.items.flatMap((item, i) => {
          if (item.kind === 'map') return [`[${i}]`, ...renderClaims(item.claims, '  ', paint)];
          const { first, rest } = renderValue(item, paint);
          return [`[${i}] ${first}`, ...rest.map((line) => `  ${line}`)];
        }),
      };
    case 'map':
      return { first: '', rest: renderClaims(value.claims, '', paint) };
    case 'other':
      return { first: value.what, rest: [] };
  }
}

function hexLines(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE) lines.push(hex(bytes.subarray(at, at + LINE)));
  return lines;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes that are text with zeroes after it; undefined where they are not. */
function printable(bytes: Uint8Array): string | undefined {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  if (end < 4 || !bytes.subarray(0, end).every((byte) => byte >= 0x20 && byte < 0x7f)) return undefined;
  return String.fromCharCode(...bytes.subarray(0, Math.min(end, 64)));
}

function renderChecks(checks: readonly Check[], paint: Paint): readonly string[] {
  const width = Math.max(...checks.map((one) => one.what.length));
  const colour = { passed: paint.good, failed: paint.bad, 'not checked': paint.mark };
  return checks.map(({ what, result, detail, section }) => {
    const word = colour[result](result.padEnd('not checked'.length));
    return `  ${word}  ${what.padEnd(width)}  ${detail} ${paint.faint(`(${section})`)}`;
  });
}

// For machines

/** The same for machines. Bytes are hexadecimal, offsets numbers of bytes. */
export function tokenToJson({ ok, size, realm, platform, checks, problems }: OpenedToken): object {
  return {
    ok,
    size,
    ...(realm === undefined ? {} : { realm: partToJson(realm) }),
    ...(platform === undefined ? {} : { platform: partToJson(platform) }),
    checks,
    problems,
  };
}

function partToJson(part: SignedToken): object {
  return {
    offset: part.offset,
    size: part.size,
    algorithm: part.algorithm === undefined ? null : CoseAlgorithm.nameOf(part.algorithm),
    claims: part.claims.map(claimToJson),
    ...(part.key.length === 0 ? {} : { key: part.key.map(claimToJson) }),
  };
}

function claimToJson({ key, name, section, offset, value }: Claim): object {
  return { key, ...(name === undefined ? {} : { name, section }), offset, value: valueToJson(value) };
}

function valueToJson(value: Value): unknown {
  switch (value.kind) {
    case 'bytes':
      return { bytes: hex(value.bytes) };
    case 'text':
      return value.text;
    case 'int':
      return value.meaning === undefined
        ? { number: String(value.value) }
        : { number: String(value.value), meaning: value.meaning };
    case 'list':
      return value.items.map(valueToJson);
    case 'map':
      return value.claims.map(claimToJson);
    case 'other':
      return { other: value.what };
  }
}
