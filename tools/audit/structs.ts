import { extentsOf } from '../../generator/draw/index.js';
import { bytesOf, hex, type Member, resolved, type Struct } from '../../generator/model/index.js';
import type { CLayout, CPlaced } from './candidates.js';
import type { Facts } from './facts.js';
import { type Finding, finding, type Match } from './finding.js';
import { keyOf, likeness, noise, wordsOf } from './names.js';

/** A struct of the header with what it is taken for. */
export interface JudgedStruct {
  readonly layout: CLayout;
  readonly struct: Struct;
  readonly findings: readonly Finding[];
  /** Members of the document that have one in the header. */
  readonly members: number;
}

const padding = /^_*(pad|padding|sizer|reserved|rsvd|resv|res|unused|sbz|mbz|raz|fill|dummy)/i;

/** Members that are neither paddings nor raw bytes laid over others. */
function real({ members }: CLayout): readonly CPlaced[] {
  return members.filter(({ member }) => !padding.test(member.name));
}

/** Judges every struct of the header that is one of the document's, by its name or by how it is laid out. */
export function judgeStructs(layouts: readonly CLayout[], facts: Facts): readonly JudgedStruct[] {
  const pairs = new Map<CLayout, { readonly struct: Struct; readonly match: Match }>();
  const taken = new Set<Struct>();
  const pair = (layout: CLayout, struct: Struct | undefined, match: Match): void => {
    if (struct === undefined || pairs.has(layout) || taken.has(struct)) return;
    pairs.set(layout, { struct, match });
    taken.add(struct);
  };
  for (const layout of layouts) {
    const name = facts.targetNames.get(layout.record.name);
    const struct = facts.structs.find((one) => one.name === name?.of);
    if (name !== undefined) pair(layout, struct, { by: 'profile', target: name.target });
  }
  for (const layout of layouts) {
    const { words } = wordsOf(layout.record.name);
    const key = keyOf(words, noise.struct);
    const fitting = facts.structs.filter((one) => keyOf(wordsOf(one.name).words, noise.struct) === key);
    pair(layout, likest(layout, fitting), { by: 'words' });
  }
  for (const layout of layouts) {
    if (pairs.has(layout)) continue;
    const best = facts.structs
      .filter((struct) => !taken.has(struct) && struct.members.length > 2)
      .map((struct) => ({ struct, alike: sameLayout(layout, struct) }))
      .sort((a, b) => b.alike - a.alike)[0];
    if (best !== undefined && best.alike >= 0.6) pair(layout, best.struct, { by: 'layout' });
  }
  return [...pairs].map(([layout, { struct, match }]) => judge(layout, struct, match, facts));
}

/** Of structs whose names say the same (RMI and RSI have some), the one that is laid out most alike. */
function likest(layout: CLayout, structs: readonly Struct[]): Struct | undefined {
  return [...structs].sort((a, b) => sameLayout(layout, b) - sameLayout(layout, a))[0];
}

/** The share of members of either that begin where the other has one. */
function sameLayout(layout: CLayout, struct: Struct): number {
  const found = new Set(real(layout).map(({ offset }) => offset));
  const wanted = new Set(struct.members.map(({ offset }) => offset));
  let shared = 0;
  for (const offset of found) if (wanted.has(offset)) shared++;
  const all = found.size + wanted.size - shared;
  return layout.size === struct.size && all > 0 ? shared / all : 0;
}

interface Pair {
  readonly spec: Member;
  readonly c: CPlaced;
  readonly match: Match;
}

function judge(layout: CLayout, struct: Struct, match: Match, facts: Facts): JudgedStruct {
  const { record } = layout;
  const findings: Finding[] = [];
  const at = (member: string) => `${record.spelling}.${member}`;
  const pairs = pairsOf(layout, struct, facts);
  if (layout.size !== struct.size)
    findings.push(
      finding('wrong', 'size', {
        name: record.spelling,
        line: record.line,
        path: struct.name,
        section: struct.section,
        match,
        expected: bytesText(struct.size),
        found: bytesText(layout.size),
      }),
    );
  if (match.by === 'layout')
    findings.push(
      finding('renamed', 'renamed', {
        name: record.spelling,
        line: record.line,
        path: struct.name,
        section: struct.section,
        match,
        expected: struct.name,
        found: record.spelling,
      }),
    );
  let shift: { readonly by: number; readonly since: string } | undefined;
  for (const { spec, c, match: how } of [...pairs].sort(
    (a, b) => a.c.offset - b.c.offset || a.spec.offset - b.spec.offset,
  )) {
    const base = {
      name: at(c.member.path),
      line: c.member.line,
      path: `${struct.name}.${spec.name}`,
      section: struct.section,
      match: how,
    };
    const by = c.offset - spec.offset;
    if (by === 0) shift = undefined;
    else {
      const follows = shift?.by === by ? shift.since : undefined;
      findings.push(
        finding('wrong', 'offset', {
          ...base,
          expected: hex(spec.offset),
          found: hex(c.offset),
          follows,
          note: there(struct, c),
        }),
      );
      if (follows === undefined) shift = { by, since: base.name };
    }
    const wrong = judgeMember(spec, c, struct, base, by !== 0);
    if (wrong !== undefined) findings.push(wrong);
    if (how.by === 'offset' && by === 0)
      findings.push(finding('renamed', 'renamed', { ...base, expected: spec.name, found: c.member.name }));
  }
  for (const spec of struct.members)
    if (!pairs.some((pair) => pair.spec === spec))
      findings.push(
        finding('missing', 'missing', {
          name: `${struct.name}.${spec.name}`,
          line: record.line,
          path: `${struct.name}.${spec.name}`,
          section: struct.section,
          expected: `${bytesText(sizeOf(spec))} at ${hex(spec.offset)}`,
          found: `no member of ${record.spelling}`,
        }),
      );
  for (const c of real(layout)) {
    // Raw bytes are a padding, whatever they are called.
    const raw = c.member.dimensions > 0 && c.element === 1;
    if (raw || c.member.path.includes('.') || pairs.some((pair) => pair.c === c)) continue;
    const extra = extraMember(c, layout, struct, facts);
    if (extra !== undefined) findings.push(extra);
  }
  return { layout, struct, findings, members: pairs.length };
}

/** A member in bytes that the document reserves; undefined for one that is another view of what the document has. */
function extraMember(c: CPlaced, layout: CLayout, struct: Struct, facts: Facts): Finding | undefined {
  const end = c.offset + c.size;
  if (struct.members.some((spec) => spec.offset < end && c.offset < spec.offset + sizeOf(spec)))
    return undefined;
  const rest = extentsOf(struct).find((one) => one.offset <= c.offset && c.offset < one.offset + one.size);
  return finding('other-version', 'other-version', {
    name: `${layout.record.spelling}.${c.member.path}`,
    line: c.member.line,
    path: struct.name,
    section: struct.section,
    match: { by: 'offset' },
    expected: `${rest?.unused ?? 'nothing'} in ${facts.model.version}`,
    found: `${bytesText(c.size)} at ${hex(c.offset)}, ${rest?.unused ?? 'outside the struct'} in ${facts.model.version}`,
  });
}

/** What the document has where a member lies. */
function there(struct: Struct, { offset }: CPlaced): string | undefined {
  const extent = extentsOf(struct).find((one) => one.offset <= offset && offset < one.offset + one.size);
  if (extent === undefined) return `The struct ends at ${hex(struct.size)}.`;
  return extent.member === undefined
    ? `${hex(offset)} is ${extent.unused ?? 'unused'}.`
    : `${hex(offset)} is in ${extent.member.name}.`;
}

/** Pairs members by the names of targets, by the document's, by their words, and the rest by their place. */
function pairsOf(layout: CLayout, struct: Struct, facts: Facts): readonly Pair[] {
  const pairs: Pair[] = [];
  const free = new Set(real(layout));
  const open = new Set(struct.members);
  const pair = (spec: Member, c: CPlaced, match: Match): void => {
    pairs.push({ spec, c, match });
    free.delete(c);
    open.delete(spec);
  };
  const each = (find: (spec: Member, c: CPlaced) => Match | undefined): void => {
    for (const spec of [...open])
      for (const c of free) {
        const match = find(spec, c);
        if (match === undefined) continue;
        pair(spec, c, match);
        break;
      }
  };
  // A name that stands deeper, in `enter.flags`, is that of another struct's member.
  const shallow = ({ member }: CPlaced) => !member.path.includes('.');
  each((spec, c) => {
    const name = facts.targetNames.get(`${layout.record.name}.${c.member.name}`);
    return shallow(c) && name?.of === `${struct.name}.${spec.name}`
      ? { by: 'profile', target: name.target }
      : undefined;
  });
  each((spec, c) => (shallow(c) && c.member.name === spec.name ? { by: 'document' } : undefined));
  each((spec, c) =>
    c.member.name === spec.name && c.offset === spec.offset ? { by: 'document' } : undefined,
  );
  each((spec, c) => (sameWords(spec, c) ? { by: 'words' } : undefined));
  each((spec, c) => (c.offset === spec.offset && c.size === sizeOf(spec) ? { by: 'offset' } : undefined));
  each((spec, c) => (c.offset === spec.offset && !isRaw(spec, c) ? { by: 'offset' } : undefined));
  each((spec, c) =>
    likeness(wordsOf(spec.name).words, wordsOf(c.member.name).words) >= 0.6 ? { by: 'words' } : undefined,
  );
  return pairs;
}

/** Whether bytes that go on for long stand where the document has a value: they are no name for it. */
function isRaw(spec: Member, c: CPlaced): boolean {
  return c.member.dimensions > 0 && c.element === 1 && spec.count === undefined && sizeOf(spec) <= 8;
}

function sameWords(spec: Member, c: CPlaced): boolean {
  return (
    keyOf(wordsOf(spec.name).words, noise.label) === keyOf(wordsOf(c.member.name).words, noise.label) &&
    c.offset === spec.offset
  );
}

/** Bytes of a member with all its elements. */
function sizeOf(member: Member): number {
  return bytesOf(member.type) * (member.count ?? 1);
}

function judgeMember(
  spec: Member,
  c: CPlaced,
  struct: Struct,
  base: Pick<Finding, 'name' | 'line' | 'path' | 'section' | 'match'>,
  moved: boolean,
): Finding | undefined {
  const wanted = sizeOf(spec);
  const element = bytesOf(spec.type);
  const sizes = { expected: typeText(spec), found: foundText(c) };
  if (spec.count !== undefined && c.member.dimensions > 0 && c.element !== element && c.element !== 1)
    return finding('wrong', 'size', { ...base, ...sizes, note: `Elements have ${bytesText(element)} each.` });
  if (c.size < wanted) return finding('wrong', 'too-narrow', { ...base, ...sizes });
  if (c.size > wanted && !moved) {
    const from = spec.offset + wanted;
    const to = spec.offset + c.size;
    const next = struct.members.find(
      (other) => other !== spec && other.offset < to && from < other.offset + sizeOf(other),
    );
    if (next !== undefined || to > struct.size)
      return finding('wrong', 'overlap', {
        ...base,
        ...sizes,
        note:
          next === undefined
            ? `The struct ends at ${hex(struct.size)}.`
            : `${next.name} begins at ${hex(next.offset)}, the member ends at ${hex(to)}.`,
      });
    const rest = extentsOf(struct).find((one) => one.offset <= from && from < one.offset + one.size);
    return finding('wider', 'wider', {
      ...base,
      ...sizes,
      note: `${hex(from)} to ${hex(to - 1)} are ${rest?.unused ?? 'unused'}.`,
    });
  }
  const type = resolved(spec.type);
  if (c.signed === undefined || c.size !== wanted || type.kind !== 'primitive') return undefined;
  if (type.signed && !c.signed)
    return finding('wrong', 'sign', {
      ...base,
      expected: `${type.name}, signed`,
      found: `${c.member.type}, unsigned`,
    });
  if (/^UInt/.test(type.name) && c.signed && c.member.type !== 'char')
    return finding('wrong', 'sign', {
      ...base,
      expected: `${type.name}, unsigned`,
      found: `${c.member.type}, signed`,
    });
  return undefined;
}

function bytesText(bytes: number): string {
  return `${bytes > 9 ? hex(bytes) : bytes} byte${bytes === 1 ? '' : 's'}`;
}

/** `RmiRipas, 1 byte`; `Bits64[31], 0xf8 bytes`. */
function typeText(member: Member): string {
  const count = member.count === undefined ? '' : `[${member.count}]`;
  return `${member.type.name}${count}, ${bytesText(sizeOf(member))}`;
}

function foundText({ member, size, element }: CPlaced): string {
  const count = member.dimensions === 0 || element === 0 ? '' : `[${size / element}]`;
  return `${member.type}${count}, ${bytesText(size)}`;
}
