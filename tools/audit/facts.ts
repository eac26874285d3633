import {
  type BitRange,
  bitsOf,
  type Enumeration,
  type Fieldset,
  limitsOf,
  type Model,
  maskOf,
  type Struct,
  type TargetName,
} from '../../generator/index.js';
import { keyOf, noise, wordsOf } from './names.js';

interface Common {
  /** Path in the specification: `RmiStatusCode.RMI_SUCCESS`. */
  readonly path: string;
  readonly section: string;
  /** What it is a part of and would be missed in: an interface, a type. Empty when nobody would miss it. */
  readonly group: string;
}

/** A number of the document. */
export interface ValueFact extends Common {
  readonly kind: 'command' | 'label' | 'constant' | 'count' | 'mask' | 'reserved' | 'version';
  readonly value: bigint;
}

/** Bits of a value. */
export interface FieldFact extends Common {
  readonly kind: 'field';
  readonly fieldset: Fieldset;
  readonly range: BitRange;
}

export type Fact = ValueFact | FieldFact;

/** How a macro can say where a field lies. */
export type Form = 'value' | 'mask' | 'shift' | 'width' | 'max' | 'last';

/** A fact that a name may stand for. */
export interface Reading {
  readonly fact: Fact;
  readonly form: Form;
  /** The target whose name it is; `document` when it is the document's own; undefined when it is only like it. */
  readonly profile: string | undefined;
}

/** A macro with an argument that takes a field out of a value. */
export interface Accessor {
  readonly path: string;
  readonly section: string;
  readonly profile: string | undefined;
  /** The field, when it is one of a fieldset by itself. */
  readonly fact: FieldFact | undefined;
  /** What a target says of the macro; a field of a field lies elsewhere than by itself. */
  readonly getter: TargetName['getter'];
}

const suffixes: readonly (readonly [RegExp, Form])[] = [
  [/_(SHIFT|SHF|LSB|POS|OFFSET)$/i, 'shift'],
  [/_(WIDTH|LEN|NBITS)$/i, 'width'],
  [/_MSB$/i, 'last'],
  [/_MASK$/i, 'mask'],
];

/** What a version of the document says, by the names that headers may give it. */
export class Facts {
  readonly model: Model;
  readonly all: readonly Fact[];
  readonly structs: readonly Struct[];
  /** Names of structs and their members in targets: `rec_exit`, `rec_exit.imm`. */
  readonly targetNames: ReadonlyMap<string, TargetName>;
  readonly #exact = new Map<string, Reading[]>();
  readonly #similar = new Map<string, Fact[]>();
  readonly #accessors = new Map<string, Accessor>();

  /**
   * @param names What targets of this version call its things.
   * @param borrowed What targets of other versions call theirs: the names are good for what both versions have.
   */
  constructor(model: Model, names: readonly TargetName[], borrowed: readonly TargetName[] = []) {
    this.model = model;
    const all = [...factsOf(model)];
    const byPath = new Map(all.map((fact) => [fact.path, fact]));
    this.structs = [...model.types.values()].filter(
      (type): type is Struct => type.kind === 'struct' && !type.abstract && ofDocument(type.section),
    );
    for (const fact of all) {
      this.#alike(fact);
      if (/^(command|label|constant|mask)$/.test(fact.kind))
        this.#know(labelOf(fact.path), { fact, form: 'value', profile: 'document' });
    }
    const targetNames = new Map<string, TargetName>();
    for (const name of names) {
      targetNames.set(withoutTag(name.name), name);
      const fact = this.#named(name, byPath.get(name.of), true) ?? nameless(model, name);
      if (fact === undefined || fact.kind === 'field' || byPath.has(fact.path)) continue;
      all.push(fact);
      this.#know(name.name, { fact, form: 'value', profile: name.target });
    }
    for (const name of borrowed) {
      if (targetNames.has(withoutTag(name.name))) continue;
      targetNames.set(withoutTag(name.name), name);
      this.#named(name, byPath.get(name.of), false);
    }
    this.all = all;
    this.targetNames = targetNames;
  }

  /** Takes in the name of a fact; what a macro with an argument takes out of a value has no number of its own. */
  #named(name: TargetName, fact: Fact | undefined, own: boolean): Fact | undefined {
    const { target: profile, value, getter } = name;
    if (value === undefined) {
      const section = fact?.section ?? this.#sectionOf(name.of);
      if (getter !== undefined && section !== undefined) {
        // By itself the field says more of the macro than the target does; a field of a field lies elsewhere.
        const plain = fact?.kind === 'field' && (!own || alone(fact, getter)) ? fact : undefined;
        if (plain !== undefined || own)
          this.#accessors.set(name.name, {
            path: fact?.path ?? name.of,
            section,
            profile,
            fact: plain,
            getter: plain === undefined ? getter : undefined,
          });
      }
    } else if (fact?.kind === 'field') {
      const form = formOf(name.name);
      const elsewhere = own && expectedOf(fact.range, form) !== value;
      const placed: Fact = { kind: 'mask', path: fact.path, section: fact.section, group: fact.group, value };
      this.#know(name.name, elsewhere ? { fact: placed, form: 'value', profile } : { fact, form, profile });
    } else if (fact !== undefined) this.#know(name.name, { fact, form: 'value', profile });
    return fact;
  }

  #sectionOf(path: string): string | undefined {
    const type = this.model.types.get(path.split('.')[0]!);
    return type !== undefined && 'section' in type ? type.section : undefined;
  }

  #know(name: string, reading: Reading): void {
    const known = this.#exact.get(name);
    if (known === undefined) this.#exact.set(name, [reading]);
    else if (!known.some((one) => one.fact === reading.fact && one.form === reading.form))
      known.push(reading);
  }

  #alike(fact: Fact): void {
    for (const key of keysOf(fact)) {
      const known = this.#similar.get(key);
      if (known === undefined) this.#similar.set(key, [fact]);
      else known.push(fact);
    }
  }

  /** What a name can stand for, the surest first. */
  readingsOf(name: string): readonly Reading[] {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    const readings: Reading[] = [];
    const { interface: interface_, words } = wordsOf(name);
    for (const kind of ['command', 'label', 'constant', 'version'] as const) {
      const used = kind === 'version' ? 'constant' : kind;
      for (const fact of this.#similar.get(`${kind} ${interface_} ${keyOf(words, noise[used])}`) ?? [])
        readings.push({ fact, form: 'value', profile: undefined });
    }
    for (const fact of this.#similar.get(`mask ${keyOf(words, noise.label)}`) ?? [])
      readings.push({ fact, form: 'value', profile: undefined });
    const [suffix, form] = suffixes.find(([one]) => one.test(name)) ?? [undefined, 'mask' as const];
    const stem = wordsOf(suffix === undefined ? name : name.replace(suffix, ''));
    for (const fact of this.#similar.get(`field ${keyOf(stem.words, noise.field)}`) ?? [])
      if (agree(stem.interface, fact)) readings.push({ fact, form, profile: undefined });
    if (words.some((word) => /^(NUM|MAX|COUNT|SIZE)$/.test(word)))
      for (const fact of this.#similar.get(`count ${keyOf(words, noise.count)}`) ?? [])
        if (agree(interface_, fact)) readings.push({ fact, form: 'value', profile: undefined });
    return readings;
  }

  /**
   * Fields that are called as a name is, whatever their fieldset: `RMI_TRAP_WFI` may be the mask of `trap_wfi`. That
   * says too little to call a number wrong.
   */
  fieldsCalled(name: string): readonly Reading[] {
    const { interface: interface_, words } = wordsOf(name);
    return (this.#similar.get(`called ${keyOf(words, noise.label)}`) ?? [])
      .filter((fact) => interface_ !== '' && agree(interface_, fact))
      .map((fact) => ({ fact, form: 'mask', profile: undefined }));
  }

  /** The value that a macro puts together, when its arguments are called as the fields of one are. */
  makerOf(name: string, parameters: readonly string[]): Fieldset | undefined {
    const of = this.targetNames.get(name)?.of;
    const type = of === undefined ? undefined : this.model.types.get(of);
    if (type?.kind !== 'fieldset' || parameters.length < 2) return undefined;
    return parameters.every((one) => type.fields.some((field) => field.name === one)) ? type : undefined;
  }

  /** The field that a macro with an argument takes out of a value. */
  accessorOf(name: string): Accessor | undefined {
    const known = this.#accessors.get(name);
    if (known !== undefined) return known;
    const { interface: interface_, words } = wordsOf(name);
    const found = (this.#similar.get(`accessor ${keyOf(words, noise.accessor)}`) ?? []).filter((fact) =>
      agree(interface_, fact),
    );
    const [fact] = found;
    return found.length === 1 && fact?.kind === 'field' && interface_ !== ''
      ? { path: fact.path, section: fact.section, fact, profile: undefined, getter: undefined }
      : undefined;
  }
}

/** A section of the document rather than of the architecture. */
function ofDocument(section: string): boolean {
  return /^[A-D][0-9]/.test(section);
}

function* factsOf(model: Model): Iterable<Fact> {
  for (const { name, fid, section, interface: of } of model.commands.values())
    yield { kind: 'command', path: name, section, group: `interface ${of.name}`, value: fid };
  for (const type of model.types.values()) {
    if (!ofDocument(type.section)) continue;
    if (type.kind === 'enumeration' && !type.abstract) yield* labelsOf(type);
    else if (type.kind === 'fieldset') {
      for (const { name, msb, lsb } of type.fields)
        yield {
          kind: 'field',
          path: `${type.name}.${name}`,
          section: type.section,
          group: type.name,
          fieldset: type,
          range: { msb, lsb },
        };
    } else if (type.kind === 'struct' && !type.abstract)
      for (const { name, count } of type.members)
        if (count !== undefined)
          yield {
            kind: 'count',
            path: `${type.name}.${name}`,
            section: type.section,
            group: '',
            value: BigInt(count),
          };
  }
  for (const { name, major, minor } of model.interfaces) {
    const type = [...model.types.values()].find(
      (one) => one.name.toUpperCase() === `${name}INTERFACEVERSION`,
    );
    if (type?.kind !== 'fieldset') continue;
    const parts = { major: BigInt(major), minor: BigInt(minor) };
    let value = 0n;
    for (const field of type.fields)
      value |= (parts[field.name as keyof typeof parts] ?? 0n) << BigInt(field.lsb);
    yield { kind: 'version', path: type.name, section: type.section, group: '', value };
  }
  for (const { name, section, value } of model.masks.values())
    yield { kind: 'mask', path: name, section, group: '', value };
  for (const { name, section, value } of model.constants.values())
    if (ofDocument(section)) yield { kind: 'constant', path: name, section, group: '', value };
}

function* labelsOf(type: Enumeration): Iterable<Fact> {
  for (const { name, value } of type.labels)
    if (value !== undefined)
      yield { kind: 'label', path: `${type.name}.${name}`, section: type.section, group: type.name, value };
}

/** A number that a target makes of several: reserved bits together, or a revision of major and minor. */
function nameless(model: Model, name: TargetName): ValueFact | undefined {
  const { value } = name;
  const type = model.types.get(name.of.split('.')[0]!);
  if (value === undefined || type === undefined) return undefined;
  const common = { section: type.section, group: '', value };
  if (type.kind !== 'fieldset') return undefined;
  const reserved = type.reserved.find((range) => maskOf(range) === value);
  return reserved === undefined
    ? { kind: 'version', path: name.of, ...common }
    : { kind: 'reserved', path: `${name.of}[${reserved.msb}:${reserved.lsb}]`, ...common };
}

/** In which form a name of a field says where the field lies. */
function formOf(name: string): Form {
  return suffixes.find(([one]) => one.test(name))?.[1] ?? 'mask';
}

/** Whether a macro takes a field out of the fieldset that has it, and nothing else. */
function alone({ range }: FieldFact, { inside, result }: NonNullable<TargetName['getter']>): boolean {
  return inside === maskOf(range) && result === expectedOf(range, 'max');
}

/** The part of a path after the item. */
export function labelOf(path: string): string {
  return path.slice(path.indexOf('.') + 1);
}

function withoutTag(name: string): string {
  return name.replace(/^(struct|enum) /, '');
}

/** What a macro must be that says in a form where a field lies. */
export function expectedOf(range: BitRange, form: Form): bigint {
  switch (form) {
    case 'shift':
      return BigInt(range.lsb);
    case 'last':
      return BigInt(range.msb);
    case 'width':
      return BigInt(bitsOf(range));
    case 'max':
      return limitsOf(bitsOf(range), false).max;
    default:
      return maskOf(range);
  }
}

function keysOf(fact: Fact): readonly string[] {
  const label = labelOf(fact.path);
  const { interface: interface_, words } = wordsOf(label);
  switch (fact.kind) {
    case 'command':
    case 'label':
    case 'constant':
      return [`${fact.kind} ${interface_} ${keyOf(words, noise[fact.kind])}`];
    case 'version':
      return [`version ${interface_} VERSION`];
    case 'mask':
      return [`mask ${keyOf(words, noise.label)}`];
    case 'field': {
      const type = wordsOf(fact.fieldset.name).words;
      const both = [...type, ...wordsOf(label).words];
      const keys = [`field ${keyOf(both, noise.field)}`, `accessor ${keyOf(both, noise.accessor)}`];
      // `RMI_RETURN_STATUS`, `RMI_VERSION_GET_MAJOR`: these types are named by one word of theirs.
      const short = type.filter((word) => word === 'VERSION');
      keys.push(`accessor ${keyOf([...short, ...wordsOf(label).words], noise.accessor)}`);
      return [...keys, `called ${keyOf(wordsOf(label).words, noise.label)}`];
    }
    case 'count':
      return [`count ${keyOf(wordsOf(fact.path).words, noise.count)}`];
    default:
      return [];
  }
}

/** Whether a name can be of an interface: it says that one, or none. */
function agree(interface_: string, fact: Fact): boolean {
  return interface_ === '' || wordsOf(fact.path).interface === interface_;
}
