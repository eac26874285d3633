import { type Diagnostics, type Extra, nearest, type Span, within } from '../diagnostics/index.js';
import type {
  Alias,
  BitRange,
  CborMap,
  Command,
  CommandValue,
  ConditionFunction,
  Constant,
  Context,
  Enumeration,
  Failure,
  Field,
  FieldCase,
  FieldCases,
  Fieldset,
  FootprintItem,
  Interface,
  Label,
  MapEntry,
  Mask,
  Member,
  Model,
  Parameter,
  Primitive,
  Prose,
  Reserved,
  ReservedBits,
  Signature,
  Struct,
  Success,
  Text,
  Type,
  TypeUse,
} from '../model/index.js';
import { hex, MAX_WIDTH, maskOf, primitiveOf, resolved, UNRESOLVED } from '../model/index.js';
import { limits } from './limits.js';
import { reservedBy, unsafeIn } from './names.js';
import { keyAt, type Node, nodeAt, sourceOf } from './node.js';
import type { RawCommand, RawFunction, RawSpec, RawTypeItem } from './schema.js';

/** A file whose shape has been checked. */
export interface Checked<T> {
  readonly root: Node;
  readonly data: T;
}

/** Items by name; undefined is one that has the wrong shape, which has been reported. */
export type Items<T> = ReadonlyMap<string, T | undefined>;

export interface Documents {
  readonly spec: Checked<RawSpec>;
  readonly types: readonly Checked<Items<RawTypeItem>>[];
  readonly commands: readonly Checked<Items<RawCommand>>[];
  readonly functions: readonly Checked<Items<RawFunction>>[];
  /** Whether every included file could be read: only then is a name that nothing defines a mistake. */
  readonly complete: boolean;
  /** Whether a file lies in the version's own folder; the others are shared with other versions. */
  readonly isOwn: (path: string) => boolean;
}

const sectionPattern = /^[A-Z][0-9]{1,2}(\.[0-9]{1,3}){0,6}$/;
const sourcePattern = /^[A-Za-z0-9][A-Za-z0-9 .,:;<>()_/-]*$/;

type RawField = Extract<RawTypeItem, { kind: 'fieldset' }>['fields'][string];
type Named = Exclude<Type, Primitive>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry {
  readonly name: string;
  readonly raw: RawTypeItem;
  readonly node: Node;
  readonly key: Span;
}

/** Resolves names and turns raw documents into the model. What is wrong is reported; the rest is still built. */
export function buildModel(id: string, documents: Documents, diagnostics: Diagnostics): Model {
  const builder = new Builder(diagnostics);
  return builder.build(id, documents);
}

class Builder {
  readonly #diagnostics: Diagnostics;
  readonly #entries = new Map<string, Entry>();
  readonly #types = new Map<string, Named>();
  readonly #masks = new Map<string, Mask>();
  readonly #constants = new Map<string, Constant>();
  readonly #maps = new Map<string, CborMap>();
  /** Types being resolved, outermost first: meeting one again is a cycle. */
  readonly #open: string[] = [];
  /** How many definitions a type stands on. */
  readonly #heights = new Map<Type, number>();
  #tooHigh = false;
  /** Names whose definition is wrong and reported: what uses them is not to blame. */
  readonly #broken = new Set<string>();
  #incomplete = false;
  #comparisons = 0;
  #isOwn: Documents['isOwn'] = () => true;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  build(id: string, documents: Documents): Model {
    const spec = documents.spec;
    const interfaces = this.#interfaces(spec);
    this.#prose(spec.data.title, nodeAt(spec.root, ['title']));

    this.#incomplete = !documents.complete;
    this.#isOwn = documents.isOwn;
    const replaced = this.#replaced(documents);
    /** The items of a file, without those that a file of the version's own folder defines anew. */
    const items = <T>(file: Checked<Items<T>>): readonly (readonly [string, T | undefined])[] =>
      this.#owns(file.root) ? [...file.data] : [...file.data].filter(([name]) => !replaced.has(name));
    for (const file of documents.types) {
      for (const [name, raw] of items(file)) {
        const key = keyAt(file.root, [name]);
        const earlier = this.#entries.get(name);
        if (earlier !== undefined) this.#duplicate(name, 'the name', key, earlier.key);
        else if (!this.#itemName(name, key) || raw === undefined) this.#broken.add(name);
        else this.#entries.set(name, { name, raw, node: nodeAt(file.root, [name]), key });
      }
    }
    for (const entry of this.#entries.values()) {
      if (entry.raw.kind === 'constant')
        this.#constants.set(entry.name, this.#constant(entry, documents.commands));
      else if (entry.raw.kind === 'map') this.#maps.set(entry.name, this.#map(entry));
      else if (entry.raw.kind !== 'mask') this.#named(entry.name);
    }
    for (const entry of this.#entries.values()) if (entry.raw.kind === 'mask') this.#mask(entry);
    this.#labelsOnce();

    const commands = new Map<string, Command>();
    const scope = spec.data.scope ?? 'complete';
    for (const file of documents.commands) {
      for (const [name, raw] of items(file)) {
        const key = keyAt(file.root, [name]);
        const earlier = commands.get(name)?.span ?? this.#entries.get(name)?.key;
        if (earlier !== undefined) this.#duplicate(name, 'the name', key, earlier);
        else if (this.#itemName(name, key) && raw !== undefined) {
          const node = nodeAt(file.root, [name]);
          const stated = scope === 'complete' ? raw : this.#interfaceOf(raw, node);
          const command = this.#command(name, stated, node, key, interfaces);
          if (command !== undefined) commands.set(name, command);
        }
      }
    }
    const functions = new Map<string, ConditionFunction>();
    for (const file of documents.functions) {
      for (const [name, raw] of items(file)) {
        const key = keyAt(file.root, [name]);
        const earlier = functions.get(name)?.span;
        if (earlier !== undefined) this.#duplicate(name, 'the function', key, earlier);
        else if (this.#itemName(name, key) && raw !== undefined)
          functions.set(name, this.#function(name, raw, nodeAt(file.root, [name]), key));
      }
    }
    return Object.freeze({
      id,
      document: spec.data.document,
      version: spec.data.version,
      title: spec.data.title,
      note: this.#note(spec.data, spec.root),
      sections: spec.data.sections ?? spec.data.version,
      scope,
      interfaces: Object.freeze([...interfaces.values()]),
      types: this.#types,
      masks: this.#masks,
      constants: this.#constants,
      maps: this.#maps,
      commands,
      functions,
    });
  }

  // What versions share

  #owns(node: Node): boolean {
    return this.#isOwn(node.span.file.path);
  }

  /** The names in `replaces`, each of which must be defined in the version's own folder and in another. */
  #replaced({ spec, types, commands, functions }: Documents): ReadonlySet<string> {
    const names = new Set<string>();
    const files = [...types, ...commands, ...functions];
    const defined = (name: string, own: boolean): boolean =>
      files.some((file) => this.#owns(file.root) === own && file.data.has(name));
    for (const [index, name] of (spec.data.replaces ?? []).entries()) {
      const { span } = nodeAt(spec.root, ['replaces', index]);
      const earlier = [...names].indexOf(name);
      const foreign = defined(name, false);
      const own = defined(name, true);
      if (earlier !== -1)
        this.#duplicate(name, 'the name', span, nodeAt(spec.root, ['replaces', earlier]).span);
      else if (!(foreign && own) && !this.#incomplete)
        this.#diagnostics.report('replaces-nothing', span, { name, foreign, own });
      names.add(name);
    }
    return names;
  }

  /** A command without what it promises. Its own file may not say it; a file that is shared may. */
  #interfaceOf(raw: RawCommand, node: Node): RawCommand {
    const { section, summary, note, fid, inputs, outputs } = raw;
    if (this.#owns(node)) {
      const conditions = ['context', 'failures', 'order', 'prefer', 'success', 'footprint'];
      this.#refuse(node, conditions, 'the scope of this version is its interface');
    }
    return { section, summary, note, fid, inputs, outputs };
  }

  // Leaves

  #duplicate(name: string, what: string, span: Span, earlier: Span): void {
    const hint =
      this.#isOwn(span.file.path) === this.#isOwn(earlier.file.path)
        ? undefined
        : 'If this version defines it anew, list it in `replaces` of spec.yaml.';
    this.#diagnostics.report(
      'duplicate-name',
      span,
      { name, what },
      { related: [{ span: earlier, message: 'first defined here' }], hint },
    );
  }

  #itemName(name: string, span: Span): boolean {
    const languages = reservedBy(name);
    if (languages !== undefined) this.#diagnostics.report('name-reserved', span, { name, languages });
    return languages === undefined;
  }

  #leafNames(record: Node | undefined): void {
    if (record?.kind !== 'map') return;
    for (const [name, entry] of record.entries) this.#itemName(name, entry.key);
  }

  #safe(text: string, node: Node): void {
    const danger = unsafeIn(text);
    if (danger === undefined || node.kind !== 'scalar') return;
    // Unless an escape sequence makes it, it stands in the file as it does in the text.
    const inFile = unsafeIn(sourceOf(node));
    const span = inFile?.what === danger.what ? within(node.span, inFile.start, inFile.end) : node.span;
    this.#diagnostics.report('unsafe-text', span, { what: danger.what });
  }

  #prose(text: string, node: Node): string {
    this.#safe(text, node);
    const prose = text.trim().replace(/\s+/g, ' ');
    if (prose === '')
      this.#diagnostics.report('wrong-type', node.span, { expected: 'text', found: 'an empty text' });
    return prose;
  }

  #note(raw: { note?: string | undefined }, node: Node): string | undefined {
    return raw.note === undefined ? undefined : this.#prose(raw.note, nodeAt(node, ['note']));
  }

  #citation(
    raw: { section?: string | undefined; source?: string | undefined },
    node: Node,
    key: Span,
  ): string {
    if (raw.section !== undefined) {
      const at = nodeAt(node, ['section']);
      if (!sectionPattern.test(raw.section)) {
        const plain = raw.section.toUpperCase().replace(/^SECTION\s+|\.$/g, '');
        this.#diagnostics.report(
          'section-syntax',
          at.span,
          { found: `\`${raw.section}\``, what: 'a section of the document' },
          { meant: sectionPattern.test(plain) ? plain : undefined },
        );
      }
      return raw.section;
    }
    if (raw.source !== undefined) {
      const at = nodeAt(node, ['source']);
      if (!sourcePattern.test(raw.source))
        this.#diagnostics.report(
          'section-syntax',
          at.span,
          { found: `\`${raw.source}\``, what: 'the name of a source' },
          { hint: 'A source is a document and the entry in it, in plain words: Arm ARM D24.2.61.' },
        );
      return raw.source;
    }
    this.#diagnostics.report('missing-key', key, { keys: ['section'], of: 'the item' });
    return '?';
  }

  #text(node: Node): Text {
    if (node.kind !== 'scalar') return { text: '', span: node.span };
    const text = String(node.value);
    this.#safe(text, node);
    return Object.freeze({ text, span: node.span });
  }

  /** An integer small enough to count with; undefined, and reported, when it is not. */
  #count(value: bigint, what: string, min: number, max: number, node: Node): number | undefined {
    if (value < BigInt(min) || value > BigInt(max)) {
      const inHex = node.kind === 'scalar' && sourceOf(node).startsWith('0x');
      const text = (number: number | bigint): string => (inHex ? hex(number) : String(number));
      const found = text(value);
      this.#diagnostics.report('number-range', node.span, {
        what,
        min: text(min),
        max: text(max),
        found: found.length > 40 ? `${found.slice(0, 37)}...` : found,
      });
      return undefined;
    }
    return Number(value);
  }

  #bits(value: string | bigint, node: Node): BitRange | undefined {
    const text = String(value);
    const match = /^([0-9]{1,4})(?::([0-9]{1,4}))?$/.exec(text);
    const msb = Number(match?.[1]);
    const lsb = match?.[2] === undefined ? msb : Number(match[2]);
    if (match === null || msb < lsb) {
      this.#diagnostics.report('bits-syntax', node.span, { found: `\`${text.slice(0, 40)}\`` });
      return undefined;
    }
    if (match[2] !== undefined && node.kind === 'scalar' && node.plain) {
      const hint = `To a reader of YAML 1.1 it is a number to base 60: write "${text}".`;
      this.#diagnostics.report('bits-unquoted', node.span, { found: text }, { hint });
    }
    return { msb, lsb };
  }

  // Types

  /** A type by name, from inside `node`; UNRESOLVED, and reported, when there is none. */
  #type(name: string, node: Node): Type {
    const primitive = primitiveOf(name);
    if (primitive !== undefined) return primitive;
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
      this.#diagnostics.report('type-syntax', node.span, { found: `\`${name}\`` });
      return UNRESOLVED;
    }
    const entry = this.#entries.get(name);
    const isType = (kind: string): boolean => !['mask', 'constant', 'map'].includes(kind);
    if (entry === undefined || !isType(entry.raw.kind)) {
      const common = ['UInt8', 'UInt16', 'UInt32', 'UInt64', 'Bits64', 'Int64', 'Address'];
      if (entry !== undefined || this.#unexplained(name))
        this.#diagnostics.report('unknown-type', node.span, { name }, this.#meant(name, isType, common));
      return UNRESOLVED;
    }
    const type = this.#acyclic(name, node) ? this.#named(name) : undefined;
    if (type === undefined) return UNRESOLVED;
    // A chain of definitions as long as the file must not become a chain of calls as long as the stack.
    if (this.#open.length + this.#heights.get(type)! > limits.depth) {
      if (!this.#tooHigh) this.#diagnostics.report('type-depth', node.span, { limit: limits.depth });
      this.#tooHigh = true;
      return UNRESOLVED;
    }
    return type;
  }

  /** Whether a name that nothing defines is a mistake of its user, not the echo of one already reported. */
  #unexplained(name: string): boolean {
    return !this.#incomplete && !this.#broken.has(name);
  }

  /** The known name of some kind that a wrong one may have been meant as. */
  #meant(name: string, ofKind: (kind: string) => boolean, more: readonly string[] = []): Extra {
    const other = this.#entries.get(name);
    if (other !== undefined)
      return { related: [{ span: other.key, message: `${name} is of the kind ${other.raw.kind}` }] };
    if (/^(?:UInt|Bits|Int)[0-9]+$/.test(name)) return { hint: `Types have 1 to ${MAX_WIDTH} bits.` };
    if (name === 'integer' || name === 'boolean' || name === 'bits')
      return { hint: 'Conditions alone have it. What is encoded is UIntN, IntN or BitsN.' };
    // A file of nothing but wrong names must not compare each with each.
    this.#comparisons += this.#entries.size;
    if (this.#comparisons > limits.comparisons) return {};
    const known = [...this.#entries.values()].filter((e) => ofKind(e.raw.kind)).map((e) => e.name);
    return { meant: nearest(name, [...known, ...more]) };
  }

  /** Whether a type can be resolved from where we are; reported when it is on the way to itself. */
  #acyclic(name: string, node: Node): boolean {
    const cycle = this.#open.indexOf(name);
    if (cycle === -1) return true;
    const path = [...this.#open.slice(cycle), name];
    const related = path
      .slice(1, -1)
      .map((step) => ({ span: this.#entries.get(step)!.key, message: `through ${step}` }));
    this.#diagnostics.report('type-cycle', node.span, { path: path.join(' > ') }, { related });
    return false;
  }

  #named(name: string): Named | undefined {
    const done = this.#types.get(name);
    if (done !== undefined) return done;
    const entry = this.#entries.get(name)!;
    if (this.#open.length >= limits.depth) {
      if (!this.#tooHigh) this.#diagnostics.report('type-depth', entry.key, { limit: limits.depth });
      this.#tooHigh = true;
      return undefined;
    }
    this.#open.push(name);
    const type = this.#buildType(entry);
    this.#open.pop();
    if (type !== undefined) {
      this.#types.set(name, type);
      this.#heights.set(type, 1 + this.#heightBelow(type));
    }
    return type;
  }

  #heightBelow(type: Named): number {
    const parts =
      type.kind === 'alias'
        ? [type]
        : type.kind === 'fieldset'
          ? type.fields.flatMap((field) => [field, ...casesOf(field)])
          : type.kind === 'struct'
            ? type.members
            : [];
    return parts.reduce((height, part) => Math.max(height, this.#heights.get(part.type) ?? 0), 0);
  }

  #item(
    entry: { name: string; key: Span; node: Node },
    raw: {
      section?: string | undefined;
      source?: string | undefined;
      summary: string;
      note?: string | undefined;
    },
  ) {
    return {
      name: entry.name,
      section: this.#citation(raw, entry.node, entry.key),
      summary: this.#prose(raw.summary, nodeAt(entry.node, ['summary'])),
      note: this.#note(raw, entry.node),
      span: entry.key,
    };
  }

  #part(name: string, raw: { doc: string; note?: string | undefined }, node: Node, key: Span) {
    return { name, doc: this.#prose(raw.doc, nodeAt(node, ['doc'])), note: this.#note(raw, node), span: key };
  }

  #buildType(entry: Entry): Named | undefined {
    const raw = entry.raw;
    switch (raw.kind) {
      case 'enumeration':
        return this.#enumeration(entry, raw);
      case 'fieldset':
      case 'register':
        return this.#fieldset(entry, raw);
      case 'struct':
        return this.#struct(entry, raw);
      case 'alias': {
        const alias: Alias = {
          kind: 'alias',
          ...this.#item(entry, raw),
          type: this.#type(raw.type, nodeAt(entry.node, ['type'])),
        };
        return Object.freeze(alias);
      }
      default:
        return undefined;
    }
  }

  #enumeration(entry: Entry, raw: Extract<RawTypeItem, { kind: 'enumeration' }>): Enumeration {
    const abstract = raw.abstract === true;
    if (abstract)
      this.#refuse(entry.node, ['width', 'signed', 'unused'], 'an abstract enumeration has no encoding');
    else if (raw.width === undefined)
      this.#diagnostics.report('missing-key', entry.key, { keys: ['width'], of: `\`${entry.name}\`` });
    const width =
      raw.width === undefined
        ? abstract
          ? 0
          : Number.NaN
        : (this.#count(raw.width, 'the width', 1, 64, nodeAt(entry.node, ['width'])) ?? Number.NaN);
    const labels: Label[] = [];
    const values = nodeAt(entry.node, ['values']);
    const enumeration: Mutable<Enumeration> = {
      kind: 'enumeration',
      ...this.#item(entry, raw),
      abstract,
      width,
      signed: raw.signed === true,
      reserved: raw.unused === 'reserved',
      labels,
    };
    if (values.kind === 'map' && values.entries.size === 0) {
      this.#diagnostics.report('wrong-type', values.span, {
        expected: 'at least one label',
        found: 'an empty map',
      });
    }
    this.#leafNames(values);
    for (const name of Object.keys(raw.values)) {
      const value = raw.values[name]!;
      const node = nodeAt(values, [name]);
      const key = keyAt(values, [name]);
      if (abstract) this.#refuse(node, ['value'], 'a label of an abstract enumeration has no value');
      else if (value.value === undefined)
        this.#diagnostics.report('missing-key', key, { keys: ['value'], of: `\`${name}\`` });
      labels.push(
        Object.freeze({
          ...this.#part(name, value, node, key),
          value: abstract ? undefined : value.value,
          of: enumeration,
        }),
      );
    }
    Object.freeze(labels);
    return Object.freeze(enumeration);
  }

  #refuse(node: Node, keys: readonly string[], reason: string): void {
    if (node.kind !== 'map') return;
    for (const key of keys) {
      const found = node.entries.get(key);
      if (found !== undefined) this.#diagnostics.report('unexpected-key', found.key, { key, reason });
    }
  }

  #reservedBits(
    raw: readonly { bits: string | bigint; as: Reserved }[] | undefined,
    node: Node,
  ): readonly ReservedBits[] {
    const found: ReservedBits[] = [];
    for (const [index, one] of (raw ?? []).entries()) {
      const at = nodeAt(node, ['reserved', index]);
      const range = this.#bits(one.bits, nodeAt(at, ['bits']));
      if (range !== undefined)
        found.push(Object.freeze({ ...range, as: one.as, span: nodeAt(at, ['bits']).span }));
    }
    return Object.freeze(found.sort((a, b) => a.lsb - b.lsb));
  }

  #fieldset(entry: Entry, raw: Extract<RawTypeItem, { kind: 'fieldset' | 'register' }>): Fieldset {
    const width = this.#count(raw.width, 'the width', 1, 64, nodeAt(entry.node, ['width'])) ?? Number.NaN;
    const node = nodeAt(entry.node, ['fields']);
    this.#leafNames(node);
    const fields: Field[] = [];
    const reserved = this.#reservedBits(raw.reserved, entry.node);
    let sound = reserved.length === (raw.reserved ?? []).length;
    for (const name of Object.keys(raw.fields)) {
      const field = raw.fields[name]!;
      const at = nodeAt(node, [name]);
      const key = keyAt(node, [name]);
      const range = this.#bits(field.bits, nodeAt(at, ['bits']));
      const cases = field.cases === undefined ? undefined : this.#cases(field, raw.fields, at);
      let type: Type = UNRESOLVED;
      if (field.cases !== undefined) {
        this.#refuse(at, ['type'], 'the cases have the types');
        if (range !== undefined) type = primitiveOf(`Bits${range.msb - range.lsb + 1}`) ?? UNRESOLVED;
      } else {
        this.#refuse(at, ['by'], 'there are no cases to decide between');
        if (field.type !== undefined) type = this.#type(field.type, nodeAt(at, ['type']));
        else this.#diagnostics.report('missing-key', key, { keys: ['type'], of: `\`${name}\`` });
      }
      if (range === undefined) {
        sound = false;
        continue;
      }
      fields.push(Object.freeze({ ...this.#part(name, field, at, key), ...range, type, cases }));
    }
    let register: Fieldset['register'];
    if (raw.kind === 'register') {
      if (raw.name !== undefined && !/^[A-Z0-9_]+(<[a-z]>)?[A-Z0-9_]*$/.test(raw.name)) {
        this.#diagnostics.report(
          'name-syntax',
          nodeAt(entry.node, ['name']).span,
          {
            found: `\`${raw.name}\``,
          },
          { hint: 'Registers are named as the architecture names them: ICH_LR<n>_EL2.' },
        );
      }
      const count =
        raw.count === undefined
          ? 1
          : (this.#count(raw.count, 'the count', 1, 1024, nodeAt(entry.node, ['count'])) ?? 1);
      register = Object.freeze({ title: raw.name ?? entry.name, count, access: raw.access ?? 'RW' });
    }
    const fieldset: Fieldset = {
      kind: 'fieldset',
      ...this.#item(entry, raw),
      // Without all of its ranges nothing can be said of how they fit.
      width: sound ? width : Number.NaN,
      fields: Object.freeze(fields.sort((a, b) => a.lsb - b.lsb)),
      reserved,
      register,
    };
    return Object.freeze(fieldset);
  }

  /** The layouts of a field that another value decides between; undefined, and reported, when nothing can. */
  #cases(raw: RawField, beside: Readonly<Record<string, RawField>>, node: Node): FieldCases | undefined {
    const at = nodeAt(node, ['cases']);
    this.#leafNames(at);
    const cases: FieldCase[] = [];
    const decides = this.#selector(raw, beside, node);
    const labels = new Map(decides?.selector.labels.map((label) => [label.name, label]));
    const taken = new Map<string, Span>();
    let rest: Span | undefined;
    for (const [name, one] of Object.entries(raw.cases!)) {
      const here = nodeAt(at, [name]);
      const span = keyAt(at, [name]);
      const when: Label[] = [];
      for (const [index, label] of (one.when ?? []).entries()) {
        const place = nodeAt(here, ['when', index]).span;
        const earlier = taken.get(label);
        const found = labels.get(label);
        if (earlier !== undefined) this.#duplicate(label, 'the case of', place, earlier);
        else if (found !== undefined) when.push(found);
        else if (decides !== undefined)
          this.#diagnostics.report(
            'case-label',
            place,
            { name: label, of: decides.selector.name },
            { meant: nearest(label, labels.keys()) },
          );
        taken.set(label, place);
      }
      if (one.when === undefined && rest !== undefined)
        this.#duplicate(name, 'the case of all others', span, rest);
      if (one.when === undefined) rest = span;
      const type = one.type === undefined ? undefined : this.#type(one.type, nodeAt(here, ['type']));
      const layout = type?.kind === 'fieldset' ? type : undefined;
      if (type !== undefined && type !== UNRESOLVED && layout === undefined)
        this.#diagnostics.report('case-type', nodeAt(here, ['type']).span, { name, type: type.name });
      cases.push(
        Object.freeze({
          name,
          when: one.when === undefined ? undefined : Object.freeze(when),
          type: layout,
          doc: one.doc === undefined ? undefined : this.#prose(one.doc, nodeAt(here, ['doc'])),
          span,
        }),
      );
    }
    const left = [...labels.keys()].filter((label) => !taken.has(label));
    if (rest === undefined && left.length > 0)
      this.#diagnostics.report('case-missing', at.kind === 'map' ? keyAt(node, ['cases']) : at.span, {
        labels: left.slice(0, 3),
        more: Math.max(0, left.length - 3),
        of: decides!.selector.name,
      });
    return decides === undefined ? undefined : Object.freeze({ ...decides, cases: Object.freeze(cases) });
  }

  /** What decides between the cases of a field. */
  #selector(
    { by }: RawField,
    beside: Readonly<Record<string, RawField>>,
    node: Node,
  ): Pick<FieldCases, 'by' | 'selector'> | undefined {
    if (by === undefined) {
      this.#diagnostics.report('missing-key', keyAt(node, ['cases']), { keys: ['by'], of: '`cases`' });
      return undefined;
    }
    const at = nodeAt(node, ['by']);
    const refuse = (reason: string, known: Iterable<string> = []): undefined => {
      this.#diagnostics.report('case-selector', at.span, { name: by, reason }, { meant: nearest(by, known) });
    };
    const chosen = (type: Type | undefined, where: FieldCases['by']) => {
      const target = type === undefined ? undefined : resolved(type);
      if (target === UNRESOLVED || target === undefined) return undefined;
      if (target.kind !== 'enumeration' || target.abstract)
        return refuse(`it is ${target.name}, not an enumeration`);
      return { by: where, selector: target };
    };
    const [of, part] = by.split('.') as [string, string | undefined];
    const sibling = Object.hasOwn(beside, of) ? beside[of]! : undefined;
    if (part === undefined && sibling !== undefined) {
      if (sibling.type === undefined) return refuse('it has cases itself');
      return chosen(this.#type(sibling.type, at), { of: '', part: of });
    }
    const entry = this.#entries.get(of);
    if (entry === undefined)
      return this.#unexplained(of) ? refuse('there is nothing of that name', Object.keys(beside)) : undefined;
    if (part === undefined) return chosen(this.#type(of, at), undefined);
    const { raw } = entry;
    const parts: Readonly<Record<string, { readonly type?: string | undefined }>> =
      raw.kind === 'struct'
        ? raw.members
        : raw.kind === 'fieldset' || raw.kind === 'register'
          ? raw.fields
          : {};
    const type = Object.hasOwn(parts, part) ? parts[part]!.type : undefined;
    if (type === undefined)
      return refuse(
        `${of} has no such part with a type`,
        Object.keys(parts).map((one) => `${of}.${one}`),
      );
    return chosen(this.#type(type, at), { of, part });
  }

  #register(name: string | undefined, node: Node): Fieldset | undefined {
    if (name === undefined) return undefined;
    const isRegister = this.#entries.get(name)?.raw.kind === 'register';
    if (!isRegister && (this.#entries.has(name) || this.#unexplained(name))) {
      const known = (kind: string): boolean => kind === 'register';
      this.#diagnostics.report('unknown-register', node.span, { name }, this.#meant(name, known));
    }
    if (!isRegister || !this.#acyclic(name, node)) return undefined;
    return this.#named(name) as Fieldset | undefined;
  }

  #struct(entry: Entry, raw: Extract<RawTypeItem, { kind: 'struct' }>): Struct {
    const abstract = raw.abstract === true;
    if (abstract)
      this.#refuse(entry.node, ['size', 'unused', 'reserved'], 'an abstract struct has no layout');
    else if (raw.size === undefined)
      this.#diagnostics.report('missing-key', entry.key, { keys: ['size'], of: `\`${entry.name}\`` });
    const size =
      raw.size === undefined
        ? abstract
          ? 0
          : Number.NaN
        : (this.#count(raw.size, 'the size', 1, limits.structSize, nodeAt(entry.node, ['size'])) ??
          Number.NaN);
    const node = nodeAt(entry.node, ['members']);
    this.#leafNames(node);
    const members: Member[] = [];
    for (const name of Object.keys(raw.members)) {
      const member = raw.members[name]!;
      const at = nodeAt(node, [name]);
      const key = keyAt(node, [name]);
      let offset = abstract ? 0 : Number.NaN;
      if (abstract)
        this.#refuse(
          at,
          ['offset', 'register', 'permitted', 'value'],
          'a member of an abstract struct has no place',
        );
      else if (member.offset === undefined)
        this.#diagnostics.report('missing-key', key, { keys: ['offset'], of: `\`${name}\`` });
      else
        offset =
          this.#count(member.offset, 'the offset', 0, limits.structSize, nodeAt(at, ['offset'])) ??
          Number.NaN;
      let count: number | undefined;
      if (member.count !== undefined) {
        if (member.count < 1n || member.count > BigInt(limits.arrayCount)) {
          this.#diagnostics.report('member-count', nodeAt(at, ['count']).span, {
            count: clipped(member.count),
            limit: limits.arrayCount,
          });
          count = Number.NaN;
        } else count = Number(member.count);
      }
      const built: Mutable<Member> = {
        ...this.#part(name, member, at, key),
        offset,
        type: this.#type(member.type, nodeAt(at, ['type'])),
        count,
        register: this.#register(member.register, nodeAt(at, ['register'])),
        permitted: undefined,
        value: member.value,
      };
      if (member.permitted !== undefined) {
        const found = this.#entries.get(member.permitted);
        if (found?.raw.kind === 'mask') built.permitted = this.#mask(found);
        else if (found !== undefined || this.#unexplained(member.permitted)) {
          this.#diagnostics.report(
            'unknown-mask',
            nodeAt(at, ['permitted']).span,
            { name: member.permitted },
            this.#meant(member.permitted, (kind) => kind === 'mask'),
          );
        }
      }
      members.push(Object.freeze(built));
    }
    if (!abstract) members.sort((a, b) => a.offset - b.offset);
    const reserved = (raw.reserved ?? []).map((one, index) => {
      const at = nodeAt(entry.node, ['reserved', index]);
      return Object.freeze({
        offset:
          this.#count(one.offset, 'the offset', 0, limits.structSize, nodeAt(at, ['offset'])) ?? Number.NaN,
        size: this.#count(one.size, 'the size', 1, limits.structSize, nodeAt(at, ['size'])) ?? Number.NaN,
        as: one.as,
        span: at.span,
      });
    });
    const struct: Struct = {
      kind: 'struct',
      ...this.#item(entry, raw),
      abstract,
      size,
      members: Object.freeze(members),
      reserved: Object.freeze(reserved.sort((a, b) => a.offset - b.offset)),
      unused: raw.unused,
    };
    return Object.freeze(struct);
  }

  #constant(entry: Entry, commands: readonly Checked<Items<RawCommand>>[]): Constant {
    const raw = entry.raw as Extract<RawTypeItem, { kind: 'constant' }>;
    let value = raw.value ?? 0n;
    if (raw.fid_of !== undefined) {
      const node = nodeAt(entry.node, ['fid_of']);
      if (raw.value !== undefined) this.#refuse(entry.node, ['value'], '`fid_of` gives the value');
      const name = raw.fid_of;
      const file = commands.find((one) => one.data.has(name));
      if (file === undefined && !this.#incomplete) {
        const known = commands.flatMap((one) => [...one.data.keys()]);
        this.#diagnostics.report('unknown-command', node.span, { name }, { meant: nearest(name, known) });
      }
      value = file?.data.get(name)?.fid ?? 0n;
    } else if (raw.value === undefined) {
      this.#diagnostics.report('missing-key', entry.key, { keys: ['value'], of: `\`${entry.name}\`` });
    }
    if (value < -(1n << 63n) || value >= 1n << 64n) {
      this.#diagnostics.report('number-range', nodeAt(entry.node, ['value']).span, {
        what: 'the value',
        min: '-2^63',
        max: '2^64 - 1',
        found: clipped(value),
      });
    }
    return Object.freeze({ kind: 'constant', ...this.#item(entry, raw), value, unit: raw.unit });
  }

  #map(entry: Entry): CborMap {
    const raw = entry.raw as Extract<RawTypeItem, { kind: 'map' }>;
    this.#leafNames(nodeAt(entry.node, ['entries']));
    const keys = new Map<number, Span>();
    const entries = Object.entries(raw.entries).map(([name, one]): MapEntry => {
      const node = nodeAt(entry.node, ['entries', name]);
      const span = keyAt(entry.node, ['entries', name]);
      const counted = (value: bigint | undefined, what: string, min: number, max: number, at: string) =>
        value === undefined ? undefined : this.#count(value, what, min, max, nodeAt(node, [at]));
      const key =
        this.#count(one.key, 'the key', -(2 ** 31), 2 ** 31 - 1, nodeAt(node, ['key'])) ?? Number.NaN;
      const earlier = keys.get(key);
      if (earlier !== undefined) this.#duplicate(String(key), 'the key', nodeAt(node, ['key']).span, earlier);
      else keys.set(key, span);
      const sizes = one.size === undefined ? [] : Array.isArray(one.size) ? one.size : [one.size];
      const only = (of: string, names: readonly ('size' | 'first' | 'value')[]): void => {
        for (const at of names)
          if (one[at] !== undefined && one.type !== of) this.#refuse(node, [at], `the entry is no ${of}`);
      };
      only('bytes', ['size', 'first']);
      only('text', ['value']);
      this.#entryType(one.type, nodeAt(node, ['type']));
      return Object.freeze({
        name,
        key,
        type: one.type,
        sizes: Object.freeze(
          sizes.flatMap((size) => counted(size, 'the size', 0, limits.structSize, 'size') ?? []),
        ),
        count: counted(one.count, 'the count', 1, limits.structSize, 'count'),
        least: counted(one.least, 'the least count', 0, limits.structSize, 'least'),
        value: one.value === undefined ? undefined : this.#prose(one.value, nodeAt(node, ['value'])),
        first: counted(one.first, 'the first byte', 0, 255, 'first'),
        optional: one.optional === true,
        section:
          one.section === undefined ? (raw.section ?? raw.source ?? '?') : this.#citation(one, node, span),
        doc: this.#prose(one.doc, nodeAt(node, ['doc'])),
        note: this.#note(one, node),
        span,
      });
    });
    const tag =
      raw.tag === undefined
        ? undefined
        : this.#count(raw.tag, 'the tag', 0, 2 ** 32 - 1, nodeAt(entry.node, ['tag']));
    return Object.freeze({ kind: 'map', ...this.#item(entry, raw), tag, entries: Object.freeze(entries) });
  }

  /** What an entry of a map can be: a primitive of CBOR, or something of this specification. */
  #entryType(name: string, node: Node): void {
    const own = ['bytes', 'text', 'int'];
    const fits = (kind: string): boolean => ['enumeration', 'fieldset', 'map'].includes(kind);
    const kind = this.#entries.get(name)?.raw.kind;
    if (own.includes(name) || (kind !== undefined && fits(kind))) return;
    if (kind !== undefined || this.#unexplained(name))
      this.#diagnostics.report('unknown-type', node.span, { name }, this.#meant(name, fits, own));
  }

  #mask(entry: Entry): Mask | undefined {
    const done = this.#masks.get(entry.name);
    if (done !== undefined || this.#broken.has(entry.name)) return done;
    const raw = entry.raw as Extract<RawTypeItem, { kind: 'mask' }>;
    const register = this.#register(raw.register, nodeAt(entry.node, ['register']));
    if (register === undefined) {
      this.#broken.add(entry.name);
      return undefined;
    }
    const byName = new Map(register.fields.map((field) => [field.name, field]));
    const seen = new Map<string, Span>();
    const declared = this.#entries.get(raw.register)!.raw as Extract<RawTypeItem, { kind: 'register' }>;
    const find = (name: string, span: Span): Field | undefined => {
      const field = byName.get(name);
      if (field === undefined && !Object.hasOwn(declared.fields, name)) {
        this.#diagnostics.report(
          'unknown-field',
          span,
          { name, of: register.name },
          {
            meant: nearest(name, byName.keys()),
            related: [{ span: register.span, message: `${register.name} is defined here` }],
          },
        );
      }
      return field;
    };
    const fields: Field[] = [];
    for (const [index, name] of raw.fields.entries()) {
      const span = nodeAt(entry.node, ['fields', index]).span;
      const earlier = seen.get(name);
      if (earlier !== undefined) {
        this.#duplicate(name, 'the field', span, earlier);
        continue;
      }
      seen.set(name, span);
      const field = find(name, span);
      if (field !== undefined) fields.push(field);
    }
    const excluded = [];
    for (const name of Object.keys(raw.excluded ?? {})) {
      const span = keyAt(entry.node, ['excluded', name]);
      const permitted = seen.get(name);
      if (permitted !== undefined)
        this.#diagnostics.report(
          'mask-conflict',
          span,
          { name },
          { related: [{ span: permitted, message: 'permitted here' }] },
        );
      const field = find(name, span);
      const reason = this.#prose(raw.excluded![name]!, nodeAt(entry.node, ['excluded', name]));
      if (field !== undefined) excluded.push(Object.freeze({ field, reason, span }));
    }
    const mask: Mask = {
      kind: 'mask',
      ...this.#item(entry, raw),
      register,
      fields: Object.freeze(fields.sort((a, b) => a.lsb - b.lsb)),
      excluded: Object.freeze(excluded.sort((a, b) => a.field.lsb - b.field.lsb)),
      value: fields.reduce((value, field) => value | maskOf(field), 0n),
    };
    this.#masks.set(entry.name, Object.freeze(mask));
    return mask;
  }

  /** Conditions and C headers name labels without their enumeration, so a label is defined once. */
  #labelsOnce(): void {
    const seen = new Map<string, Span>();
    for (const [name, entry] of this.#entries) seen.set(name, entry.key);
    for (const type of this.#types.values()) {
      if (type.kind !== 'enumeration') continue;
      for (const label of type.labels) {
        const earlier = seen.get(label.name);
        if (earlier !== undefined) this.#duplicate(label.name, 'the label', label.span, earlier);
        else seen.set(label.name, label.span);
      }
    }
  }

  // Interfaces, commands, functions

  #interfaces(spec: Checked<RawSpec>): Map<string, Interface> {
    const interfaces = new Map<string, Interface>();
    for (const name of Object.keys(spec.data.interfaces)) {
      const raw = spec.data.interfaces[name]!;
      const node = nodeAt(spec.root, ['interfaces', name]);
      const [major, minor] = raw.version.split('.').map(Number) as [number, number];
      const fids = raw.fids.map((range, index) => {
        const at = nodeAt(node, ['fids', index]);
        for (const end of ['first', 'last'] as const)
          this.#count(range[end], end, 0, 0xffff_ffff, nodeAt(at, [end]));
        if (range.first > range.last) {
          this.#diagnostics.report('number-range', nodeAt(at, ['last']).span, {
            what: 'last',
            min: `0x${range.first.toString(16)}`,
            max: '0xffffffff',
            found: `0x${range.last.toString(16)}`,
          });
        }
        return Object.freeze({ first: range.first, last: range.last });
      });
      const span = keyAt(spec.root, ['interfaces', name]);
      this.#itemName(name, span);
      interfaces.set(
        name,
        Object.freeze({
          name,
          section: this.#citation(raw, node, span),
          major,
          minor,
          fids: Object.freeze(fids),
          note: this.#note(raw, node),
          span,
        }),
      );
    }
    return interfaces;
  }

  #commandValues(raw: RawCommand['inputs'], node: Node, first: number): readonly CommandValue[] {
    this.#leafNames(node);
    const values: CommandValue[] = [];
    for (const name of Object.keys(raw ?? {})) {
      const value = raw![name]!;
      const at = nodeAt(node, [name]);
      const match = /^X([0-9]|1[0-6])$/.exec(value.register);
      const number = Number(match?.[1]);
      if (match === null || number < first) {
        const range = first === 0 ? 'X0 to X16' : 'X1 to X16 (X0 holds the FID)';
        this.#diagnostics.report(
          'register-syntax',
          nodeAt(at, ['register']).span,
          {
            found: `\`${value.register}\``,
            range,
          },
          { meant: /^x\d+$/.test(value.register) ? value.register.toUpperCase() : undefined },
        );
      }
      const range =
        value.bits === undefined ? { msb: 63, lsb: 0 } : this.#bits(value.bits, nodeAt(at, ['bits']));
      const type = this.#type(value.type, nodeAt(at, ['type']));
      values.push(
        Object.freeze({
          ...this.#part(name, value, at, keyAt(node, [name])),
          ...(range ?? { msb: Number.NaN, lsb: Number.NaN }),
          register: number,
          type,
        }),
      );
    }
    return Object.freeze(values.sort((a, b) => a.register - b.register || a.lsb - b.lsb));
  }

  #command(
    name: string,
    raw: RawCommand,
    node: Node,
    key: Span,
    interfaces: ReadonlyMap<string, Interface>,
  ): Command | undefined {
    const owner = interfaces.get(name.slice(0, Math.max(0, name.indexOf('_'))));
    if (owner === undefined) {
      const known = [...interfaces.keys()].map((one) => `${one}_`);
      const upper = name.toUpperCase();
      const meant = known.some((one) => upper.startsWith(one)) ? upper : undefined;
      this.#diagnostics.report('unknown-interface', key, { name, known }, { meant });
      return undefined;
    }
    const origin = (at: Node) => {
      const has = (key: string): Node | undefined =>
        at.kind === 'map' ? at.entries.get(key)?.value : undefined;
      const note = has('note');
      const document = has('document');
      return {
        note: note?.kind === 'scalar' ? this.#prose(String(note.value), note) : undefined,
        document: document === undefined ? undefined : this.#text(document).text,
        added: has('added') !== undefined,
      };
    };
    const part = (group: string, id: string) => {
      const at = nodeAt(node, [group, id]);
      return { name: id, doc: '', ...origin(at), span: keyAt(node, [group, id]) };
    };
    const proseOf = (value: { prose: string; by: string }, at: Node): Prose =>
      Object.freeze({ text: this.#prose(value.prose, nodeAt(at, ['prose'])), by: value.by });
    for (const group of ['context', 'failures', 'success', 'footprint'] as const)
      if (raw[group] !== undefined) this.#leafNames(nodeAt(node, [group]));

    const context = Object.keys(raw.context ?? {}).map((id): Context => {
      const value = raw.context![id]!;
      const at = nodeAt(node, ['context', id]);
      return Object.freeze({
        ...this.#part(id, value, at, keyAt(node, ['context', id])),
        document: undefined,
        added: value.added === true,
        type: this.#typeUse(value.type, nodeAt(at, ['type'])),
        value: this.#text(nodeAt(at, ['value'])),
        before: value.before,
      });
    });
    const failures = Object.keys(raw.failures ?? {}).map((id): Failure => {
      const value = raw.failures![id]!;
      const at = nodeAt(node, ['failures', id]);
      const pre = 'prose' in value ? proseOf(value, at) : this.#text(nodeAt(at, ['pre']));
      return Object.freeze({ ...part('failures', id), pre, post: this.#text(nodeAt(at, ['post'])) });
    });
    const success = Object.keys(raw.success ?? {}).map((id): Success => {
      const value = raw.success![id]!;
      const at = nodeAt(node, ['success', id]);
      if (typeof value === 'string')
        return Object.freeze({ ...part('success', id), pre: undefined, post: this.#text(at) });
      if ('prose' in value && 'post' in value)
        return Object.freeze({
          ...part('success', id),
          pre: proseOf(value, at),
          post: this.#text(nodeAt(at, ['post'])),
        });
      const pre = 'pre' in value && value.pre !== undefined ? this.#text(nodeAt(at, ['pre'])) : undefined;
      const post = 'prose' in value ? proseOf(value, at) : this.#text(nodeAt(at, ['post']));
      return Object.freeze({ ...part('success', id), pre, post });
    });
    const footprint = Object.keys(raw.footprint ?? {}).map((id): FootprintItem => {
      const value = raw.footprint![id]!;
      const at = nodeAt(node, ['footprint', id]);
      return Object.freeze({
        ...part('footprint', id),
        value: this.#text(typeof value === 'string' ? at : nodeAt(at, ['value'])),
      });
    });
    this.#count(raw.fid, 'the FID', 0, 0xffff_ffff, nodeAt(node, ['fid']));
    return Object.freeze<Command>({
      kind: 'command',
      ...this.#item({ name, key, node }, raw),
      interface: owner,
      fid: raw.fid,
      inputs: this.#commandValues(raw.inputs, nodeAt(node, ['inputs']), 1),
      outputs: this.#commandValues(raw.outputs, nodeAt(node, ['outputs']), 0),
      context: Object.freeze(context),
      failures: Object.freeze(failures),
      order: Object.freeze((raw.order ?? []).map((_, index) => this.#text(nodeAt(node, ['order', index])))),
      prefer: Object.freeze(
        (raw.prefer ?? []).map((_, index) => this.#text(nodeAt(node, ['prefer', index]))),
      ),
      success: Object.freeze(success),
      footprint: Object.freeze(footprint),
      notes: Object.freeze(
        (raw.notes ?? []).map((note, index) => this.#prose(note, nodeAt(node, ['notes', index]))),
      ),
    });
  }

  /** A type as conditions write it: `integer`, `boolean`, `Address[16]` as well. */
  #typeUse(text: string, node: Node): TypeUse {
    const match = /^([A-Za-z][A-Za-z0-9_]*)(?:\[([0-9]{1,5})\])?$/.exec(text);
    if (match === null) {
      this.#diagnostics.report('type-syntax', node.span, { found: `\`${text}\`` });
      return { type: UNRESOLVED, count: undefined };
    }
    const base = match[1]!;
    const type = base === 'integer' || base === 'boolean' || base === 'bits' ? base : this.#type(base, node);
    return Object.freeze({ type, count: match[2] === undefined ? undefined : Number(match[2]) });
  }

  #function(name: string, raw: RawFunction, node: Node, key: Span): ConditionFunction {
    const parameters = (record: Record<string, string> | undefined, at: Node): readonly Parameter[] => {
      this.#leafNames(at);
      return Object.freeze(
        Object.keys(record ?? {}).map((parameter) =>
          Object.freeze({
            name: parameter,
            type: this.#typeUse(record![parameter]!, nodeAt(at, [parameter])),
            span: keyAt(at, [parameter]),
          }),
        ),
      );
    };
    const signatures: Signature[] = [];
    if ('signatures' in raw) {
      for (const [index, signature] of raw.signatures.entries()) {
        const at = nodeAt(node, ['signatures', index]);
        signatures.push(
          Object.freeze({
            parameters: parameters(signature.parameters, nodeAt(at, ['parameters'])),
            returns: this.#typeUse(signature.returns, nodeAt(at, ['returns'])),
          }),
        );
      }
    } else {
      const returns = 'returns' in raw ? this.#typeUse(raw.returns, nodeAt(node, ['returns'])) : undefined;
      signatures.push(
        Object.freeze({ parameters: parameters(raw.parameters, nodeAt(node, ['parameters'])), returns }),
      );
    }
    return Object.freeze({
      kind: 'function',
      ...this.#item({ name, key, node }, raw),
      signatures: Object.freeze(signatures),
      inductive: 'inductive' in raw,
      partial:
        'partial' in raw && raw.partial !== undefined
          ? this.#prose(raw.partial, nodeAt(node, ['partial']))
          : undefined,
      sameLabel: 'rule' in raw && raw.rule === 'same-label',
      body: 'body' in raw && raw.body !== undefined ? this.#text(nodeAt(node, ['body'])) : undefined,
      behaviour:
        raw.behaviour === undefined ? undefined : this.#prose(raw.behaviour, nodeAt(node, ['behaviour'])),
    });
  }
}

/** The cases of a field that have a layout, as parts with a type. */
function casesOf(field: Field): readonly { readonly type: Type }[] {
  return (field.cases?.cases ?? []).flatMap(({ type }) => (type === undefined ? [] : [{ type }]));
}

function clipped(value: bigint): string {
  const text = value.toString();
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
