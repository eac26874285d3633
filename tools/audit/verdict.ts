import { bitsText, hex, maskOf, type Struct } from '../../generator/model/index.js';
import { judgeAccessors } from './accessors.js';
import type { Candidates, CConstant, Unmeasured } from './candidates.js';
import { type Fact, type Facts, labelOf } from './facts.js';
import { type Finding, finding, ranks } from './finding.js';
import { keyOf, likeness, noise, wordsOf } from './names.js';
import { judgeStructs } from './structs.js';
import { judgeConstants } from './values.js';

/** How much of the header was compared. */
export interface Judged {
  readonly constants: number;
  /** Macros with an argument. */
  readonly accessors: number;
  readonly structs: number;
  readonly members: number;
}

/** What there is to say of a header under one version. */
export interface Verdict {
  /** The most important first, then by line. */
  readonly findings: readonly Finding[];
  readonly judged: Judged;
  /** Names that look like the document's interfaces and are none of its names. */
  readonly strangers: readonly { readonly name: string; readonly line: number }[];
  /** What the header has of the document and cannot be compared. */
  readonly unmeasured: readonly Unmeasured[];
  /** Names of the header that were compared and are right. */
  readonly right: ReadonlySet<string>;
}

/** Judges a header under one version; `others` are searched for what this one does not have. */
export function judge(candidates: Candidates, facts: Facts, others: readonly Facts[]): Verdict {
  const { judged, rest } = judgeConstants(candidates.constants, facts);
  const accessors = judgeAccessors(candidates, facts);
  const structs = judgeStructs(candidates.layouts, facts);
  const findings: Finding[] = [];
  const right = new Set<string>();
  const met = new Set<string>();
  for (const { constant, reading, finding: found } of judged) {
    met.add(reading.fact.path);
    if (found === undefined) right.add(constant.name);
    else findings.push(found);
  }
  for (const { path, macro, finding: found } of accessors) {
    met.add(path);
    if (found === undefined) right.add(macro.name);
    else findings.push(found);
  }
  for (const { layout, findings: found } of structs) {
    findings.push(...found);
    const wrong = new Set(found.map(({ name }) => name));
    for (const name of [
      layout.record.spelling,
      ...layout.members.map(({ member }) => `${layout.record.spelling}.${member.path}`),
    ])
      if (!wrong.has(name)) right.add(name);
  }
  const unmeasured = candidates.unmeasured.filter(({ name }) => {
    const readings = /\W/.test(name) ? [] : facts.readingsOf(name);
    for (const { fact } of readings) met.add(fact.path);
    return readings.length > 0 || /\W/.test(name);
  });
  let constants = judged.length;
  const strangers: { name: string; line: number }[] = [];
  const sure = new Set(met);
  for (const constant of rest) {
    const found = elsewhere(constant, facts, others, met);
    if (found !== undefined) {
      findings.push(found);
      met.add(found.path);
      constants++;
    } else if (ofInterface.test(constant.name)) strangers.push({ name: constant.name, line: constant.line });
  }
  findings.push(...foreignStructs(candidates, facts, others, new Set(structs.map(({ struct }) => struct))));
  findings.push(...missing(facts.all, met, sure));
  findings.sort(
    (a, b) =>
      ranks.indexOf(a.rank) - ranks.indexOf(b.rank) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.name < b.name ? -1 : 1),
  );
  return {
    findings,
    judged: {
      constants,
      accessors: accessors.length,
      structs: structs.length,
      members: structs.reduce((sum, { members }) => sum + members, 0),
    },
    strangers,
    unmeasured,
    right,
  };
}

/** Names that look like those of the document's interfaces. */
const ofInterface = /^(SMC(32|64)?_)?(RMI|RSI|RMM|REC|REALM|PSCI)_/i;

/** What a constant is whose name says nothing under this version. */
function elsewhere(
  constant: CConstant,
  facts: Facts,
  others: readonly Facts[],
  met: ReadonlySet<string>,
): Finding | undefined {
  const { name, line, value } = constant;
  const command = facts.all.find((fact) => fact.kind === 'command' && fact.value === value);
  if (command !== undefined && !met.has(command.path))
    return finding('renamed', 'renamed', {
      name,
      line,
      path: command.path,
      section: command.section,
      match: { by: 'value' },
      expected: command.path,
      found: name,
    });
  const versions = others.filter((other) =>
    other
      .readingsOf(name)
      .some(({ fact, profile }) => profile !== undefined || ('value' in fact && fact.value === value)),
  );
  if (versions.length > 0) {
    const fact = versions[0]!.readingsOf(name)[0]!.fact;
    const has = versions.map(({ model }) => model.version).join(', ');
    return finding('other-version', 'other-version', {
      name,
      line,
      path: fact.path,
      section: fact.section,
      match: { by: 'document' },
      expected: `nothing in ${facts.model.version}`,
      found: `${shown(constant)}, as ${has} has ${fact.path}`,
    });
  }
  const alike = likest(constant, facts, met);
  if (alike !== undefined)
    return finding('renamed', 'renamed', {
      name,
      line,
      path: alike.path,
      section: alike.section,
      match: { by: 'value' },
      expected: labelOf(alike.path),
      found: name,
    });
  // Later versions have longer ranges of FIDs.
  const of = [facts, ...others]
    .flatMap(({ model }) => model.interfaces)
    .filter((one) => one.name === wordsOf(name).interface)
    .find(({ fids }) => fids.some(({ first, last }) => first <= value && value <= last));
  if (of !== undefined && command === undefined) {
    const known = others.flatMap((other) =>
      other.all
        .filter((fact) => fact.kind === 'command' && fact.value === value)
        .map((fact) => `${fact.path} in ${other.model.version}`),
    );
    return finding('other-version', 'other-version', {
      name,
      line,
      path: of.name,
      section: of.section,
      match: { by: 'value' },
      expected: `no command of ${facts.model.version} has this FID`,
      found: known.length === 0 ? shown(constant) : `${shown(constant)}: ${known.join(', ')}`,
    });
  }
  return undefined;
}

function shown({ value }: CConstant): string {
  return value > 0xffffn ? hex(value) : String(value);
}

/** A fact of the same number whose name shares most of its words, if there is one and no other. */
function likest(constant: CConstant, facts: Facts, met: ReadonlySet<string>): Fact | undefined {
  const { interface: interface_, words } = wordsOf(constant.name);
  const alike = facts.all.filter((fact) => {
    if (met.has(fact.path)) return false;
    if (fact.kind === 'field')
      return maskOf(fact.range) === constant.value && likeness(words, wordsOfField(fact.path)) > 0.75;
    if ((fact.kind !== 'label' && fact.kind !== 'constant') || fact.value !== constant.value) return false;
    const other = wordsOf(labelOf(fact.path));
    return other.interface === interface_ && interface_ !== '' && likeness(words, other.words) > 0.65;
  });
  return alike.length === 1 ? alike[0] : undefined;
}

/** The words that say which field of which fieldset it is. */
function wordsOfField(path: string): readonly string[] {
  const [type, field] = path.split('.') as [string, string];
  return [...wordsOf(type).words, ...wordsOf(field).words];
}

/** Structs of the header that only another version has. */
function foreignStructs(
  { layouts }: Candidates,
  facts: Facts,
  others: readonly Facts[],
  taken: ReadonlySet<Struct>,
): readonly Finding[] {
  const here = new Set(facts.structs.map(({ name }) => name));
  return layouts.flatMap((layout) => {
    const key = keyOf(wordsOf(layout.record.name).words, noise.struct);
    const same = (struct: Struct) => keyOf(wordsOf(struct.name).words, noise.struct) === key;
    if (
      facts.structs.some(
        (struct) =>
          same(struct) ||
          (taken.has(struct) && facts.targetNames.get(layout.record.name)?.of === struct.name),
      )
    )
      return [];
    const found = others.flatMap((other) =>
      other.structs
        .filter((struct) => !here.has(struct.name))
        .filter((struct) => same(struct) || other.targetNames.get(layout.record.name)?.of === struct.name)
        .map((struct) => ({ struct, version: other.model.version })),
    );
    const [first] = found;
    if (first === undefined) return [];
    return [
      finding('other-version', 'other-version', {
        name: layout.record.spelling,
        line: layout.record.line,
        path: first.struct.name,
        section: first.struct.section,
        match: { by: 'document' },
        expected: `nothing in ${facts.model.version}`,
        found: `${first.struct.name} of ${found.map(({ version }) => version).join(', ')}`,
      }),
    ];
  });
}

/** What a header has in part: the rest of an enumeration, a fieldset or an interface. */
function missing(
  all: readonly Fact[],
  met: ReadonlySet<string>,
  sure: ReadonlySet<string>,
): readonly Finding[] {
  // A field that has fields of its own is had through them.
  const opened = (path: string) => [...met].some((one) => one.startsWith(`${path}.`));
  const begun = new Set(all.filter((fact) => sure.has(fact.path)).map(({ group }) => group));
  return all
    .filter((fact) => fact.group !== '' && begun.has(fact.group) && !met.has(fact.path) && !opened(fact.path))
    .map((fact) =>
      finding('missing', 'missing', {
        name: labelOf(fact.path),
        line: undefined,
        path: fact.path,
        section: fact.section,
        expected:
          fact.kind === 'field'
            ? bitsText(fact.range)
            : fact.value > 0xffffn
              ? hex(fact.value)
              : String(fact.value),
        found: 'no name for it',
      }),
    );
}
