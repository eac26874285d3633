import type { Model, SourceFile, TargetName } from '../../generator/index.js';
import { samplesOf } from './accessors.js';
import { candidatesOf } from './candidates.js';
import { type Compiler, files, type Run } from './compiler.js';
import { Facts } from './facts.js';
import type { Finding } from './finding.js';
import { limits } from './limits.js';
import { NoAnswer } from './probe.js';
import { shimOf } from './shim.js';
import {
  type Claim,
  claimOf,
  type Header,
  headerOf,
  isPlainInclude,
  type Left,
  Unreadable,
} from './source/header.js';
import { unitOf } from './source/items.js';
import { TooLarge } from './source/tokens.js';
import { type Judged, judge, type Verdict } from './verdict.js';

/** A version to compare with, and what the targets call its things. */
export interface Edition {
  readonly model: Model;
  readonly names: readonly TargetName[];
}

export interface Settings {
  /** The folder of the version to compare with; the one that the header claims, or fits best, when absent. */
  readonly version?: string | undefined;
  /** Stands in what the compiler is to give back, so that no header can pretend to be it. */
  readonly nonce: string;
}

/** Why a version was chosen. */
export type Choice = 'asked' | 'claimed' | 'nearest' | 'fits';

export interface Report {
  readonly header: SourceFile;
  readonly model: Model;
  readonly choice: Choice;
  /** What the header's comments say. */
  readonly claim: Claim | undefined;
  readonly findings: readonly Finding[];
  readonly judged: Judged;
  readonly strangers: Verdict['strangers'];
  /** What was not followed, and which headers were answered by empty files. */
  readonly left: readonly Left[];
  readonly absent: readonly string[];
  readonly unmeasured: Verdict['unmeasured'];
  /** Times that the compiler was started. */
  readonly runs: number;
}

/**
 * Compares a header with the specification. The compiler says what its numbers are; nothing is run.
 *
 * @throws Unreadable when the header cannot be compiled, or its compilation is stopped by a limit.
 */
export async function audit(
  file: SourceFile,
  editions: readonly Edition[],
  settings: Settings,
  compiler: Compiler,
): Promise<Report> {
  const header = headerOf(file);
  const claim = claimOf(header.text);
  const versions = editions.map(
    ({ model, names }) =>
      new Facts(
        model,
        names,
        editions.filter((one) => one.model !== model).flatMap((one) => one.names),
      ),
  );
  const shim = shimOf(editions.map(({ model }) => model));
  const { unit, absent, runs } = await preprocess(header, shim, compiler);
  const candidates = await measured(() =>
    candidatesOf(unit, (macro) => samplesOf(macro, versions), settings.nonce, compiler),
  );
  const verdicts = new Map(
    versions.map((facts) => [
      facts,
      judge(
        candidates,
        facts,
        versions.filter((one) => one !== facts),
      ),
    ]),
  );
  const { facts, choice } = choose(verdicts, settings.version, claim);
  const verdict = verdicts.get(facts)!;
  return {
    header: file,
    model: facts.model,
    choice,
    claim,
    findings: verdict.findings.map((one) => withHint(one, facts, verdicts)),
    judged: verdict.judged,
    strangers: verdict.strangers,
    left: header.left,
    absent: absent.filter((name) => unit.files.has(`${files.absent}/${name}`)),
    unmeasured: verdict.unmeasured,
    runs: runs + candidates.runs,
  };
}

async function measured<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoAnswer)
      throw new Unreadable(`the compiler gives no answer: ${error.message}`, undefined, true);
    throw error;
  }
}

const notFound = /(?:fatal )?error: (?:'([^'\n]+)' file not found|([^\n:]+): No such file or directory)/;
const failing = new RegExp(
  `^${files.header.replace('.', '\\.')}:([0-9]+):(?:[0-9]+:)? (?:fatal )?error: (.*)$`,
  'm',
);

/** Preprocesses a header; what it includes and no folder has is taken as empty. */
async function preprocess(header: Header, shim: string, compiler: Compiler) {
  const absent = header.includes.filter((name) => !compiler.has(name));
  for (let runs = 1; ; runs++) {
    const run: Run = await compiler.preprocess(header.text, { shim, absent });
    if (run.stopped !== undefined) throw new Unreadable(`it is not preprocessed: ${run.stopped}`);
    if (run.ok) {
      try {
        const unit = unitOf(run.stdout);
        const strange = [...unit.files].find((path) => !(expected(path) || compiler.owns(path)));
        if (strange !== undefined) throw new Unreadable(`it leads the compiler to ${strange}`);
        return { unit, absent, runs };
      } catch (error) {
        if (error instanceof TooLarge) throw new Unreadable(error.message);
        throw error;
      }
    }
    const match = notFound.exec(run.stderr);
    const name = match?.[1] ?? match?.[2]?.trim();
    if (
      name === undefined ||
      !isPlainInclude(name) ||
      absent.includes(name) ||
      absent.length >= limits.absent ||
      runs >= limits.runs
    ) {
      const where = failing.exec(run.stderr);
      const said = where?.[2] ?? run.stderr.split('\n').find((line) => /error/.test(line)) ?? 'it fails';
      throw new Unreadable(
        `the preprocessor refuses it: ${said.slice(0, 300)}`,
        where === null ? undefined : Number(where[1]),
        true,
      );
    }
    absent.push(name);
  }
}

/** Whether a file of the preprocessor's output is one that it was given. */
function expected(path: string): boolean {
  return (
    path === files.header ||
    path === files.shim ||
    path === '' ||
    /^<[\w -]+>$/.test(path) ||
    path.startsWith(`${files.absent}/`)
  );
}

/** The version that is asked for, or claimed; else the one under which least is wrong. */
function choose(
  verdicts: ReadonlyMap<Facts, Verdict>,
  asked: string | undefined,
  claim: Claim | undefined,
): { readonly facts: Facts; readonly choice: Choice } {
  const all = [...verdicts.keys()];
  const found = all.find(({ model }) => model.id === asked);
  if (found !== undefined) return { facts: found, choice: 'asked' };
  const claimed = all.find(({ model }) => model.version === claim?.version);
  if (claimed !== undefined) return { facts: claimed, choice: 'claimed' };
  const wrong = (facts: Facts) => verdicts.get(facts)!.findings.filter(({ rank }) => rank === 'wrong').length;
  const judged = (facts: Facts) =>
    verdicts.get(facts)!.judged.constants + verdicts.get(facts)!.judged.members;
  // Of the versions with the first number that is claimed, if there are any.
  const number = claim?.version.split('-')[0];
  const near = all.filter(({ model }) => model.version.split('-')[0] === number);
  const best = [...(near.length > 0 ? near : all)].sort(
    (a, b) => judged(b) - wrong(b) * 2 - (judged(a) - wrong(a) * 2) || all.indexOf(b) - all.indexOf(a),
  )[0]!;
  return { facts: best, choice: near.length > 0 && claim !== undefined ? 'nearest' : 'fits' };
}

/** Says of something wrong in which version it is right. */
function withHint(one: Finding, facts: Facts, verdicts: ReadonlyMap<Facts, Verdict>): Finding {
  if (one.rank !== 'wrong' && one.rank !== 'wider') return one;
  const right = [...verdicts].filter(([other, { right: names }]) => other !== facts && names.has(one.name));
  if (right.length === 0) return one;
  const hint = `It is right in ${right.map(([{ model }]) => model.version).join(' and ')}.`;
  return { ...one, note: one.note === undefined ? hint : `${one.note} ${hint}` };
}
