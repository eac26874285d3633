import { positionOf } from '../../generator/diagnostics/index.js';
import {
  bitsOf,
  bytesOf,
  type CommandValue,
  deciderOf,
  type Failure,
  type FieldCases,
  isAbstract,
  type Member,
  maskOf,
  type Prose,
  rangeText,
  type Text,
  type TypeUse,
} from '../../generator/model/index.js';
import {
  fidText,
  isProse,
  type Line,
  type Mention,
  outcomeOf,
  type PageItem,
  type Reference,
  type Source,
  signatureText,
  typeUseText,
} from '../../generator/pages/index.js';
import type { Answer, Candidate } from './answer.js';

/**
 * The answer of `rmigen explain --json`, on one line. Keys that would say nothing are left out.
 *
 * - Values that can have 64 bits are strings: hexadecimal, or decimal when negative. Offsets and sizes are
 *   numbers of bytes, widths numbers of bits, bit ranges `msb:lsb` as the document writes them.
 * - `item` is the thing asked for; when a part was asked for (a member, label, failure ...), `item` is what has
 *   it and `part` is its name. `candidates` stand in place of `item` when the query means several things.
 * - Not found: `ok` is false, `error.message` says so, `suggestions` are names that may have been meant.
 */
export interface AnswerJson {
  readonly ok: boolean;
  readonly query: string;
  /** The folder of the version: `rmm-1.0-rel0`. */
  readonly version: string;
  readonly part?: string;
  readonly item?: ItemJson;
  /** Less likely meanings of the query. */
  readonly also?: readonly CandidateJson[];
  readonly candidates?: readonly CandidateJson[];
  readonly error?: { readonly message: string };
  readonly suggestions?: readonly string[];
}

export interface CandidateJson {
  /** What to ask for to get this one: `RmiRecEnter.gicv3_hcr`. */
  readonly name: string;
  readonly what: string;
  readonly section: string;
  readonly text: string;
}

/** Every kind has `name`, `section`, `summary`, `source` and, where there are any, `note`,
 * `names` (what outputs call it) and `uses`. */
export interface ItemJson {
  readonly kind: string;
  readonly name: string;
  readonly section: string;
  readonly summary?: string;
  /** Where it stands in the specification folder. */
  readonly source: { readonly path: string; readonly line: number };
  readonly [key: string]: unknown;
}

export function answerToJson(query: string, answer: Answer, source: Source): AnswerJson {
  const head = { query, version: source.model.id };
  switch (answer.kind) {
    case 'nothing':
      return { ok: false, ...head, error: { message: answer.message }, suggestions: answer.suggestions };
    case 'candidates':
      return { ok: true, ...head, candidates: answer.candidates.map(candidateJson) };
    case 'page':
      return lean({
        ok: true,
        ...head,
        part: answer.at.part,
        item: itemJson(answer.at, source),
        also: answer.also.map(candidateJson),
      });
  }
}

/** Without keys that say nothing. */
function lean<T extends object>(object: T): Lean<T> {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as Lean<T>;
}

type Lean<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> } & object;

function lineText(line: Line): string {
  return line.map((piece) => piece.text).join('');
}

function candidateJson({ at, what, section, line }: Candidate): CandidateJson {
  const name = at.part === undefined ? at.item : `${at.item}.${at.part}`;
  return { name, what, section, text: lineText(line) };
}

function hexText(value: bigint): string {
  return value < 0n ? String(value) : `0x${value.toString(16)}`;
}

function placed(span: Parameters<typeof place>[0]) {
  return { source: place(span) };
}

function place({ file, start }: { file: Parameters<typeof positionOf>[0]; start: number }) {
  return { path: file.shown ?? file.path, line: positionOf(file, start).line };
}

function itemJson({ item: name }: Reference, source: Source): ItemJson | undefined {
  const face = source.interface(name);
  if (face !== undefined)
    return {
      kind: 'interface',
      name,
      section: face.section,
      ...placed(face.span),
      version: `${face.major}.${face.minor}`,
      fids: face.fids.map(({ first, last }) => ({ first: fidText(first), last: fidText(last) })),
      commands: [...source.model.commands.values()]
        .filter((one) => one.interface === face)
        .map((one) => ({ name: one.name, fid: fidText(one.fid) })),
    };
  const item = source.item(name);
  if (item === undefined) return undefined;
  const { section, summary, note } = item;
  return lean({
    kind: item.kind === 'fieldset' && item.register !== undefined ? 'register' : item.kind,
    name,
    section,
    summary,
    note,
    ...placed(item.span),
    names: otherNames(name, source),
    ...details(item, source),
    uses: usesOf(item, source),
  });
}

/** What outputs call a thing. */
function otherNames(path: string, source: Source) {
  return source.namesOf(path).map((one) => ({ target: one.target, name: one.name }));
}

function details(item: PageItem, source: Source): object {
  switch (item.kind) {
    case 'command':
      return commandJson(item, source);
    case 'function':
      return {
        signatures: item.signatures.map((signature) => signatureText(item, signature)),
        inductive: item.inductive || undefined,
        partial: item.partial,
        body: item.body?.text,
        behaviour: item.behaviour,
      };
    case 'enumeration':
      return {
        abstract: item.abstract,
        width: item.abstract ? undefined : item.width,
        signed: item.signed || undefined,
        reserved: item.reserved || undefined,
        labels: item.labels.map((label) =>
          lean({
            name: label.name,
            value: label.value === undefined ? undefined : hexText(label.value),
            doc: label.doc,
            note: label.note,
            names: otherNames(`${item.name}.${label.name}`, source),
            uses: mentions(source.uses.values(label.name)),
          }),
        ),
      };
    case 'fieldset':
      return {
        width: item.width,
        register: item.register?.title,
        count: item.register?.count,
        access: item.register?.access,
        fields: item.fields.map((field) =>
          lean({
            name: field.name,
            bits: rangeText(field),
            width: bitsOf(field),
            mask: hexText(maskOf(field)),
            type: field.type.name,
            ...(field.cases === undefined ? {} : casesJson(field.cases)),
            doc: field.doc,
            note: field.note,
            names: otherNames(`${item.name}.${field.name}`, source),
          }),
        ),
        reservedBits: item.reserved.map((range) => ({ bits: rangeText(range), as: range.as })),
      };
    case 'struct':
      return {
        abstract: item.abstract,
        size: item.abstract ? undefined : item.size,
        unused: item.unused,
        members: item.members.map((member) => memberJson(member, item.abstract, item.name, source)),
        reservedBytes: item.reserved.map(({ offset, size, as }) => ({ offset, size, as })),
      };
    case 'alias':
      return { type: item.type.name };
    case 'mask':
      return {
        value: hexText(item.value),
        register: item.register.name,
        fields: item.fields.map((field) => field.name),
        excluded: item.excluded.map(({ field, reason }) => ({ field: field.name, reason })),
      };
    case 'map':
      return {
        tag: item.tag,
        entries: item.entries.map(({ span: _, ...entry }) =>
          lean({ ...entry, optional: entry.optional || undefined }),
        ),
      };
    case 'constant':
      return { value: hexText(item.value), unit: item.unit };
  }
}

function memberJson(member: Member, abstract: boolean, of: string, source: Source) {
  const { name, offset, type, count, register, permitted, value, doc, note } = member;
  return lean({
    name,
    offset: abstract ? undefined : offset,
    size: abstract || isAbstract(type) ? undefined : bytesOf(type) * (count ?? 1),
    type: type.name,
    count,
    register: register?.name,
    permitted: permitted?.name,
    value: value === undefined ? undefined : hexText(value),
    doc,
    note,
    names: otherNames(`${of}.${name}`, source),
  });
}

function conditionJson(value: Text | Prose): string | { readonly prose: string; readonly by: string } {
  return isProse(value) ? { prose: value.text, by: value.by } : value.text;
}

function commandJson(command: Extract<PageItem, { kind: 'command' }>, source: Source): object {
  const conditions = source.conditionsOf(command);
  const nameAt = (index: number) => command.failures[index]!.name;
  const value = ({ name, register, type, doc, note, ...range }: CommandValue) =>
    lean({ name, register: `X${register}`, bits: rangeText(range), type: type.name, doc, note });
  const about = (one: Failure | Omit<Failure, 'pre' | 'post'>) => ({
    doc: one.doc,
    note: one.note,
    document: one.document,
    added: one.added || undefined,
  });
  return {
    interface: command.interface.name,
    fid: fidText(command.fid),
    inputs: command.inputs.map(value),
    outputs: command.outputs.map(value),
    context: command.context.map((one) =>
      lean({
        name: one.name,
        type: typeUseText(one.type as TypeUse),
        value: one.value.text,
        before: one.before,
        ...about(one),
      }),
    ),
    failures: command.failures.map((failure, index) => {
      const resolved = conditions?.failures[index];
      const outcome = resolved === undefined ? undefined : outcomeOf(resolved);
      return lean({
        name: failure.name,
        pre: conditionJson(failure.pre),
        post: failure.post.text,
        status: outcome?.status?.name,
        details: outcome?.details.map(({ name, value: text }) => lean({ name, value: text })),
        also: outcome?.also,
        after: resolved?.predecessors.map(nameAt),
        ...about(failure),
      });
    }),
    order: conditions?.order.map(({ before, after }) => ({ before: nameAt(before), after: nameAt(after) })),
    evaluation: conditions?.evaluation.map(nameAt),
    success: command.success.map((one) =>
      lean({
        name: one.name,
        pre: one.pre === undefined ? undefined : conditionJson(one.pre),
        post: conditionJson(one.post),
        ...about(one),
      }),
    ),
    footprint: command.footprint.map((one) => lean({ name: one.name, state: one.value.text, ...about(one) })),
    notes: command.notes,
  };
}

function mentions(all: readonly Mention[]) {
  return all.map(({ command, group, part, outcome }) =>
    lean({ command: command.name, in: group, part, outcome: outcome || undefined }),
  );
}

/** Where an item is used: in conditions, in bodies of functions, in declarations. */
function usesOf(item: PageItem, source: Source): object | undefined {
  const { uses } = source;
  const found = lean({
    conditions: mentions(
      item.kind === 'function'
        ? uses.calls(item.name)
        : item.kind === 'constant'
          ? uses.values(item.name)
          : [],
    ),
    functions: uses.bodies(item.name),
    declarations: uses
      .declared(item.name)
      .map(({ role, at }) => ({ as: role, name: at.part === undefined ? at.item : `${at.item}.${at.part}` })),
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

/** What decides how the bits of a field are laid out, and the layouts; a case without `when` is for all other labels. */
function casesJson(of: FieldCases) {
  return {
    by: deciderOf(of),
    cases: of.cases.map(({ name, when, type, doc }) =>
      lean({ name, when: when?.map((label) => label.name), type: type?.name, doc }),
    ),
  };
}
