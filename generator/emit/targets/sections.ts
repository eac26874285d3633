import { type Diagnostics, nearest, type Span } from '../../diagnostics/index.js';
import {
  type BitRange,
  bitsOf,
  bytesOf,
  type CommandValue,
  type Enumeration,
  type Field,
  type Fieldset,
  type Interface,
  isAbstract,
  limitsOf,
  type Member,
  type Model,
  maskOf,
  rangeText,
  resolved,
  type Struct,
} from '../../model/index.js';
import { Identifiers } from './identifiers.js';
import { type DeclaredStruct, layOut } from './layout.js';
import { type PartBits, partsOf, type SharedBits, sharedParts } from './parts.js';
import type {
  AccessorsSection,
  Boundary,
  CallsSection,
  ConstantsSection,
  CountsSection,
  EnumSection,
  FieldsSection,
  LabelsSection,
  MaskSection,
  RangeSection,
  Section,
  StructSection,
  Target,
  TypeNames,
  ValueSection,
} from './target.js';
import type {
  AccessorsView,
  Argument,
  BitsDefine,
  Call,
  CallsView,
  Define,
  EnumView,
  FieldsView,
  Getter,
  Maker,
  MaskView,
  MemberView,
  PlainView,
  SectionView,
  StructView,
  ValueView,
  Variant,
} from './view.js';

/** Resolves the sections of a target against a model. A section with a mistake is reported and left out. */
export function viewSections(model: Model, target: Target, diagnostics: Diagnostics): readonly SectionView[] {
  return new Sections(model, target, diagnostics).run();
}

type Path = readonly PropertyKey[];

class Sections {
  readonly #model: Model;
  readonly #target: Target;
  readonly #diagnostics: Diagnostics;
  readonly #identifiers: Identifiers;
  /** What the target calls things of the specification. */
  readonly #constants = new Map<string, string>();
  readonly #lengths = new Map<string, string>();
  readonly #masks = new Map<string, string>();
  readonly #values = new Map<string, NonNullable<MemberView['values']>>();
  readonly #structs = new Map<string, DeclaredStruct>();
  readonly #named = new Map<string, string>();
  /** Masks by the path of what they select: `RmiResult.data.level.level`. */
  readonly #bitMasks = new Map<string, BitsDefine>();
  /** The path of the section at hand. */
  #here: Path = [];

  constructor(model: Model, target: Target, diagnostics: Diagnostics) {
    this.#model = model;
    this.#target = target;
    this.#diagnostics = diagnostics;
    this.#identifiers = new Identifiers(target.data.language ?? 'c', diagnostics);
  }

  run(): readonly SectionView[] {
    const { guard, sections } = this.#target.data;
    if (guard !== undefined) this.#identifiers.define(guard, 'the guard', this.#target.at('guard'));
    const views: (SectionView | undefined)[] = [];
    // Fields use the names of enumerations, accessors those of fields, and structs those of everything else,
    // wherever that is listed.
    const rounds: Partial<Record<Section['kind'], number>> = { fields: 1, accessors: 2, struct: 3 };
    for (const round of [0, 1, 2, 3]) {
      for (const [index, section] of sections.entries()) {
        if ((rounds[section.kind] ?? 0) !== round) continue;
        this.#here = ['sections', index];
        views[index] = this.#section(section);
      }
    }
    return views.filter((view) => view !== undefined);
  }

  #section(section: Section): SectionView | undefined {
    switch (section.kind) {
      case 'calls':
        return this.#calls(section);
      case 'range':
        return this.#range(section);
      case 'constants':
        return this.#constantsOf(section);
      case 'counts':
        return this.#counts(section);
      case 'value':
        return this.#value(section);
      case 'accessors':
        return this.#accessors(section);
      case 'labels':
        return this.#labels(section);
      case 'enum':
        return this.#enum(section);
      case 'fields':
        return this.#fields(section);
      case 'mask':
        return this.#mask(section);
      case 'struct':
        return this.#struct(section);
    }
  }

  // Places and names

  #at(...path: Path): Span {
    return this.#target.at(...this.#here, ...path);
  }

  #key(...path: Path): Span {
    return this.#target.key(...this.#here, ...path);
  }

  #missing(name: string, what: string, known: Iterable<string>, span: Span): undefined {
    this.#diagnostics.report('target-item', span, { name, what }, { meant: nearest(name, known) });
    return undefined;
  }

  #stranger(name: string, of: string, known: Iterable<string>, span: Span): undefined {
    this.#diagnostics.report('target-member', span, { name, of }, { meant: nearest(name, known) });
    return undefined;
  }

  #refuse(span: Span, what: string, type: string, detail: string): undefined {
    this.#diagnostics.report('target-type', span, { what, type, detail });
    return undefined;
  }

  #type<K extends 'enumeration' | 'fieldset' | 'struct'>(name: string, kind: K, what: string, ...path: Path) {
    const found = this.#model.types.get(name);
    const type = found === undefined ? undefined : resolved(found);
    if (type?.kind === kind && !isAbstract(type)) return type as Extract<typeof type, { kind: K }>;
    const known = [...this.#model.types.values()].filter((one) => one.kind === kind && !isAbstract(one));
    return this.#missing(
      name,
      what,
      known.map((one) => one.name),
      this.#at(...path),
    );
  }

  #interface(name: string): Interface | undefined {
    const known = this.#model.interfaces.map((one) => one.name);
    return (
      this.#model.interfaces.find((one) => one.name === name) ??
      this.#missing(name, 'an interface', known, this.#at('interface'))
    );
  }

  #field(of: Fieldset, name: string, span: Span): Field | undefined {
    const field = of.fields.find((one) => one.name === name);
    const known = of.fields.map((one) => one.name);
    return field ?? this.#stranger(name, of.name, known, span);
  }

  /** What the output calls a part of an item, and where the target says so. */
  #name(
    section: LabelsSection | EnumSection | FieldsSection | CallsSection,
    path: string,
    upper = false,
    suffix = '',
  ) {
    const renamed = section.rename?.[path];
    const label = path.slice(path.lastIndexOf('.') + 1);
    if (renamed !== undefined) return { name: renamed, span: this.#at('rename', path) };
    const from = section.prefix !== undefined ? 'prefix' : section.kind === 'calls' ? 'interface' : 'of';
    return {
      name: `${section.prefix ?? ''}${upper ? label.toUpperCase() : label}${suffix}`,
      span: this.#at(from),
    };
  }

  /** Every key of `rename` must be a part of the item. */
  #renames(section: { rename?: Readonly<Record<string, string>> | undefined }, of: string, known: string[]) {
    for (const name of Object.keys(section.rename ?? {}))
      if (!known.includes(name)) this.#stranger(name, of, known, this.#key('rename', name));
  }

  #common(section: Section, item: { name: string; section: string; summary: string } | undefined) {
    return {
      of: item?.name ?? '',
      section: item?.section ?? '',
      intro: phrase(section.comment ?? item?.summary ?? ''),
      style: section.style ?? '',
    };
  }

  // Sections

  #calls(section: CallsSection): CallsView | undefined {
    const owner = this.#interface(section.interface);
    if (owner === undefined) return undefined;
    const layout =
      section.layout === undefined
        ? undefined
        : this.#type(section.layout, 'fieldset', 'a fieldset', 'layout');
    if (section.layout !== undefined && layout === undefined) return undefined;
    const commands = [...this.#model.commands.values()].filter((one) => one.interface === owner);
    commands.sort((a, b) => (a.fid < b.fid ? -1 : 1));
    this.#renames(
      section,
      owner.name,
      commands.map((one) => one.name),
    );
    if (section.macro !== undefined)
      this.#identifiers.define(section.macro, `the macro of ${owner.name}`, this.#at('macro'));

    // The macro supplies what all FIDs share; the call supplies the field at the bottom.
    const number = layout?.fields.find((field) => field.lsb === 0);
    const numberOf = (id: bigint) => (number === undefined ? id : id & maskOf(number));
    const first = numberOf(owner.fids[0]!.first);
    const fid: Record<string, string> = {};
    const calls: Call[] = [];
    for (const command of commands) {
      for (const field of layout?.fields ?? []) {
        if (field === number) continue;
        const value = (command.fid & maskOf(field)) >> BigInt(field.lsb);
        const type = resolved(field.type);
        const label =
          type.kind === 'enumeration' ? type.labels.find((one) => one.value === value)?.name : undefined;
        const shown = label ?? String(value);
        fid[field.name] ??= shown;
        if (fid[field.name] !== shown)
          return this.#refuse(
            this.#at('layout'),
            section.layout!,
            `the layout of every FID of ${owner.name}`,
            `${command.name} has ${field.name} ${shown}, others ${fid[field.name]}`,
          );
      }
      const { name, span } = this.#name(section, command.name);
      this.#identifiers.define(name, command.name, span);
      calls.push({
        name,
        value: command.fid,
        spec: command.name,
        section: command.section,
        label: command.name,
        doc: phrase(command.summary),
        number: numberOf(command.fid),
        offset: numberOf(command.fid) - first,
        inputs: command.inputs.map(argument),
        outputs: command.outputs.map(argument),
      });
    }
    return {
      kind: 'calls',
      ...this.#common(section, undefined),
      of: owner.name,
      section: owner.section,
      macro: section.macro ?? '',
      argument: section.argument ?? '',
      fid,
      defines: calls,
    };
  }

  #range(section: RangeSection): PlainView | undefined {
    const owner = this.#interface(section.interface);
    const layout = this.#type(section.layout, 'fieldset', 'a fieldset', 'layout');
    if (owner === undefined || layout === undefined) return undefined;
    const number = maskOf(layout.fields.find((field) => field.lsb === 0)!);
    const fids = owner.fids[0]!;
    const defines = (['first', 'last'] as const).map((end): Define => {
      const name = section[end];
      this.#identifiers.define(name, owner.name, this.#at(end));
      const doc = `${end} function number`;
      return {
        name,
        value: fids[end] & number,
        spec: owner.name,
        section: owner.section,
        label: owner.name,
        doc,
      };
    });
    const common = this.#common(section, undefined);
    return { kind: 'range', ...common, of: owner.name, section: owner.section, defines };
  }

  #constantsOf(section: ConstantsSection): PlainView {
    const defines: Define[] = [];
    for (const [item, name] of Object.entries(section.names)) {
      const constant = this.#model.constants.get(item);
      if (constant === undefined) {
        this.#missing(item, 'a constant', this.#model.constants.keys(), this.#key('names', item));
        continue;
      }
      this.#identifiers.define(name, item, this.#at('names', item));
      this.#constants.set(item, name);
      defines.push({
        name,
        value: constant.value,
        spec: item,
        section: constant.section,
        label: item,
        doc: phrase(constant.summary),
      });
    }
    return { kind: 'constants', ...this.#common(section, undefined), defines };
  }

  #counts(section: CountsSection): PlainView {
    const defines = new Map<string, Define>();
    for (const [path, name] of Object.entries(section.names)) {
      const key = this.#key('names', path);
      const [of, memberName] = path.split('.') as [string, string];
      const struct = this.#model.types.get(of);
      if (struct?.kind !== 'struct' || struct.abstract) {
        const known = [...this.#model.types.values()].filter((one) => one.kind === 'struct' && !one.abstract);
        this.#missing(
          of,
          'a struct',
          known.map((one) => one.name),
          key,
        );
        continue;
      }
      const member = this.#member(struct, memberName, key);
      if (member === undefined) continue;
      const bytes = bytesOf(resolved(member.type));
      const count = member.count ?? (bytes > 8 ? bytes : undefined);
      if (count === undefined) {
        this.#refuse(key, `\`${path}\``, 'counted', 'it is a single value');
        continue;
      }
      const earlier = defines.get(name);
      if (earlier === undefined) {
        this.#identifiers.define(name, path, this.#at('names', path));
        const doc = member.doc;
        const value = BigInt(count);
        defines.set(name, { name, value, spec: path, section: struct.section, label: path, doc });
      } else if (earlier.value !== BigInt(count))
        this.#refuse(key, name, String(earlier.value), `${path} has ${count} elements`);
      this.#lengths.set(path, name);
    }
    return { kind: 'counts', ...this.#common(section, undefined), defines: [...defines.values()] };
  }

  #member(of: Struct, name: string, span: Span): Member | undefined {
    const known = of.members.map((one) => one.name);
    return of.members.find((one) => one.name === name) ?? this.#stranger(name, of.name, known, span);
  }

  #value(section: ValueSection): ValueView | undefined {
    const of = this.#type(section.of, 'fieldset', 'a fieldset', 'of');
    if (of === undefined) return undefined;
    let value = 0n;
    const parts: { name: string; lsb: number }[] = [];
    for (const [fieldName, item] of Object.entries(section.fields)) {
      const field = this.#field(of, fieldName, this.#key('fields', fieldName));
      const constant = this.#model.constants.get(item);
      const name = this.#constants.get(item);
      if (constant === undefined || name === undefined) {
        const what = constant === undefined ? 'a constant' : 'a constant that an earlier section names';
        this.#missing(item, what, this.#constants.keys(), this.#at('fields', fieldName));
        continue;
      }
      if (field === undefined) continue;
      if (constant.value < 0n || constant.value > limitsOf(bitsOf(field), false).max)
        this.#refuse(
          this.#at('fields', fieldName),
          item,
          `in ${of.name}.${fieldName}`,
          `${constant.value} does not fit in ${bitsOf(field)} bits`,
        );
      value |= constant.value << BigInt(field.lsb);
      parts.push({ name, lsb: field.lsb });
    }
    this.#identifiers.define(section.name, of.name, this.#at('name'));
    parts.sort((a, b) => b.lsb - a.lsb);
    return {
      kind: 'value',
      ...this.#common(section, of),
      defines: [
        {
          name: section.name,
          value,
          spec: of.name,
          section: of.section,
          label: of.name,
          doc: phrase(of.summary),
        },
      ],
      name: section.name,
      value,
      parts,
    };
  }

  #accessors(section: AccessorsSection): AccessorsView | undefined {
    const of = this.#type(section.of, 'fieldset', 'a fieldset', 'of');
    if (of === undefined) return undefined;
    const whole = limitsOf(of.width, false).max;
    const parts = partsOf(of);
    for (const [index, name] of (section.unshifted ?? []).entries())
      if (section.get?.[name] === undefined)
        this.#stranger(name, '`get`', Object.keys(section.get ?? {}), this.#at('unshifted', index));
    for (const [index, name] of (section.unmasked ?? []).entries()) {
      if (section.get?.[name] === undefined)
        this.#stranger(name, '`get`', Object.keys(section.get ?? {}), this.#at('unmasked', index));
    }
    const getters: Getter[] = [];
    for (const [fieldName, name] of Object.entries(section.get ?? {})) {
      const mask = this.#bitMasks.get(`${of.name}.${fieldName}`);
      const field = parts.get(fieldName) ?? (section.masks === true ? mask : undefined);
      if (field === undefined) {
        this.#stranger(fieldName, of.name, parts.keys(), this.#key('get', fieldName));
        continue;
      }
      if (section.masks === true && mask === undefined) {
        this.#missing(
          fieldName,
          'a part that a `fields` section names',
          this.#bitMasks.keys(),
          this.#key('get', fieldName),
        );
        continue;
      }
      const unshifted = section.unshifted?.includes(fieldName) === true;
      const sample = (value: bigint, lsb: number) => ({
        inside: value,
        result: unshifted ? value : value >> BigInt(lsb),
        outside: whole ^ value,
      });
      const masked = section.unmasked?.includes(fieldName) !== true;
      const above = of.fields.find((other) => other.lsb > field.msb);
      if (!masked && above !== undefined)
        this.#refuse(
          this.#at('unmasked', section.unmasked!.indexOf(fieldName)),
          `\`${fieldName}\``,
          'extracted by a shift alone',
          `\`${above.name}\` lies above it`,
        );
      this.#identifiers.define(name, `${of.name}.${fieldName}`, this.#at('get', fieldName));
      getters.push({
        name,
        argument: section.argument ?? 'value',
        field: fieldName,
        lsb: field.lsb,
        max: limitsOf(bitsOf(field), false).max,
        masked,
        mask: section.masks === true ? mask!.name : '',
        unshifted,
        ...sample(maskOf(field), field.lsb),
        ...(masked ? {} : { outside: limitsOf(field.lsb, false).max }),
        variants: (section.masks === true ? mask!.variants : []).map((one) => ({
          ...one,
          ...sample(one.value, field.lsb),
        })),
      });
    }
    return {
      kind: 'accessors',
      ...this.#common(section, of),
      defines: [],
      getters,
      maker: section.make === undefined ? undefined : this.#maker(of, section.make),
    };
  }

  #maker(of: Fieldset, make: NonNullable<AccessorsSection['make']>): Maker {
    const fields: Field[] = [];
    for (const [index, name] of make.fields.entries()) {
      const field = this.#field(of, name, this.#at('make', 'fields', index));
      if (field !== undefined) fields.push(field);
    }
    this.#identifiers.define(make.name, of.name, this.#at('make', 'name'));
    return {
      name: make.name,
      parts: fields.map((field) => ({ argument: field.name, lsb: field.lsb })),
      samples: fields.map((field) => ({
        arguments: fields.map((other) => (other === field ? limitsOf(bitsOf(field), false).max : 0n)),
        value: maskOf(field),
      })),
    };
  }

  #labels(section: LabelsSection): PlainView | undefined {
    const of = this.#type(section.of, 'enumeration', 'an enumeration', 'of');
    if (of === undefined) return undefined;
    const defines = [...this.#labelsOf(of, section, '')];
    if (section.count !== undefined) {
      const name = section.count;
      this.#identifiers.define(name, of.name, this.#at('count'));
      const value = BigInt(of.labels.length);
      const doc = 'how many there are';
      defines.push({ name, value, spec: of.name, section: of.section, label: name, doc });
    }
    return { kind: 'labels', ...this.#common(section, of), defines };
  }

  #enum(section: EnumSection): EnumView | undefined {
    const of = this.#type(section.of, 'enumeration', 'an enumeration', 'of');
    if (of === undefined) return undefined;
    this.#identifiers.define(section.name, of.name, this.#at('name'));
    const defines = this.#labelsOf(of, section, section.name);
    this.#named.set(of.name, section.name);
    const type = this.#integer(of.width, of.signed);
    return { kind: 'enum', ...this.#common(section, of), name: section.name, type, defines };
  }

  /** The integer of the target that holds so many bits; empty when it names none. */
  #integer(width: number, signed: boolean): string {
    const size = [8, 16, 32, 64].find((one) => one >= width);
    const key = `${signed ? 's' : 'u'}${size}` as keyof TypeNames;
    return this.#target.data.types?.[key] ?? '';
  }

  #labelsOf(of: Enumeration, section: LabelsSection | EnumSection, tag: string): readonly Define[] {
    this.#renames(
      section,
      of.name,
      of.labels.map((one) => one.name),
    );
    const define = this.#identifiers.within(tag);
    const only = 'only' in section ? section.only : undefined;
    const labels = this.#chosen(of.name, new Map(of.labels.map((label) => [label.name, label])), only);
    const defines = labels.map((label): Define => {
      const { name, span } = this.#name(section, label.name);
      const spec = `${of.name}.${label.name}`;
      define(name, spec, span);
      return { name, value: label.value!, spec, section: of.section, label: label.name, doc: label.doc };
    });
    if (defines.length > 0)
      this.#values.set(of.name, { first: defines[0]!.name, last: defines.at(-1)!.name, enum: tag });
    return defines;
  }

  /** What a target takes of an item: all of it, or what it lists, in that order. */
  #chosen<T>(of: string, all: ReadonlyMap<string, T>, only: readonly string[] | undefined): readonly T[] {
    if (only === undefined) return [...all.values()];
    return only.flatMap((name, index) => {
      const found = all.get(name);
      if (found === undefined) this.#stranger(name, of, all.keys(), this.#at('only', index));
      return found === undefined ? [] : [found];
    });
  }

  #fields(section: FieldsSection): FieldsView | undefined {
    const of = this.#type(section.of, 'fieldset', 'a fieldset', 'of');
    if (of === undefined) return undefined;
    const parts = partsOf(of);
    const shared = section.boundary === undefined ? new Map<string, SharedBits>() : sharedParts(of);
    this.#renames(section, of.name, [...parts.keys(), ...shared.keys()]);
    const typeName = section.name ?? '';
    if (typeName !== '') {
      this.#identifiers.define(typeName, of.name, this.#at('name'));
      this.#named.set(of.name, typeName);
    }
    const define = this.#identifiers.within(typeName);
    const all = new Map<string, PartBits | SharedBits>([...parts, ...shared]);
    const only = section.only ?? of.fields.map((field) => field.name);
    const defines = this.#chosen(of.name, all, only).flatMap((part): BitsDefine[] => {
      const { path, doc } = part;
      const { name, span } = this.#name(section, path, section.upper === true, section.suffix);
      const spec = 'spec' in part ? part.spec : `${of.name}.${path.slice(0, path.indexOf('.'))}`;
      const numbers = 'in' in part ? this.#computed(part, section.boundary!) : bits(part);
      if (numbers === undefined) return [];
      define(name, spec, span);
      const named = this.#named.get(resolved(part.type).name) ?? '';
      const label = path.slice(path.lastIndexOf('.') + 1);
      const made = { name, spec, section: of.section, label, doc, ...numbers, named };
      this.#bitMasks.set(`${of.name}.${path}`, made);
      return [made];
    });
    if (defines.length > 0)
      this.#values.set(of.name, { first: defines[0]!.name, last: defines.at(-1)!.name, enum: '' });
    if (section.reserved !== undefined) {
      const [range, second] = of.reserved;
      if (range === undefined || second !== undefined)
        this.#refuse(
          this.#at('reserved'),
          section.reserved,
          'a mask',
          `${of.name} has ${of.reserved.length} reserved ranges`,
        );
      else {
        const spec = `${of.name}[${rangeText(range)}]`;
        define(section.reserved, spec, this.#at('reserved'));
        const { reserved: name } = section;
        const label = rangeText(range);
        defines.push({ name, spec, section: of.section, label, doc: range.as, ...bits(range), named: '' });
      }
    }
    const type = this.#integer(of.width, false);
    return { kind: 'fields', ...this.#common(section, of), name: typeName, type, defines };
  }

  /** The bit numbers of a field whose layouts differ, in terms of the macro that decides between them. */
  #computed(part: SharedBits, { name, values }: Boundary): Numbers | undefined {
    const variants: (Variant & BitRange)[] = [];
    for (const [layout, range] of part.in) {
      const at = values[layout];
      if (at === undefined)
        return this.#refuse(
          this.#key('boundary', 'values'),
          name,
          'computed',
          `the layout \`${layout}\` has no value`,
        );
      variants.push({ boundary: name, at, ...range });
    }
    for (const layout of Object.keys(values))
      if (!part.in.has(layout))
        return this.#stranger(layout, part.path, part.in.keys(), this.#key('boundary', 'values', layout));
    const number = (end: 'msb' | 'lsb'): string | undefined => {
      const [first, ...rest] = variants;
      if (rest.every((one) => one[end] === first![end])) return String(first![end]);
      const apart = BigInt(first![end]) - first!.at;
      if (rest.some((one) => BigInt(one[end]) - one.at !== apart)) return undefined;
      return apart === 0n ? name : `${name} ${apart < 0n ? '-' : '+'} ${apart < 0n ? -apart : apart}`;
    };
    const [high, low] = [number('msb'), number('lsb')];
    if (high === undefined || low === undefined)
      return this.#refuse(
        this.#at('boundary', 'name'),
        `\`${part.path}\``,
        'computed',
        `its bits do not move along with ${name}`,
      );
    const plain = bits(variants[0]!);
    if (high === plain.high && low === plain.low) return plain;
    return {
      ...plain,
      high,
      low,
      wide: variants.some((one) => one.msb > 31),
      variants: variants.map((one) => ({ boundary: name, at: one.at, value: maskOf(one) })),
    };
  }

  #mask(section: MaskSection): MaskView | undefined {
    const mask = this.#model.masks.get(section.of);
    if (mask === undefined)
      return this.#missing(section.of, 'a mask', this.#model.masks.keys(), this.#at('of'));
    const name = section.name ?? mask.name;
    this.#identifiers.define(name, mask.name, this.#at(section.name === undefined ? 'of' : 'name'));
    this.#masks.set(mask.name, name);
    return {
      kind: 'mask',
      ...this.#common(section, mask),
      defines: [
        {
          name,
          value: mask.value,
          spec: mask.name,
          section: mask.section,
          label: mask.name,
          doc: phrase(mask.summary),
        },
      ],
      name,
      value: mask.value,
      register: mask.register.name,
      bits: mask.fields.map(({ name: field, msb, lsb }) => ({ name: field, msb, lsb, single: msb === lsb })),
      excluded: mask.excluded.map(({ field, reason }) => ({ name: field.name, reason })),
    };
  }

  #struct(section: StructSection): StructView | undefined {
    const of = this.#type(section.of, 'struct', 'a struct', 'of');
    if (of === undefined) return undefined;
    const known = of.members.map((one) => one.name);
    this.#renames(section, of.name, known);
    for (const name of Object.keys(section.widen ?? {}))
      if (!known.includes(name)) this.#stranger(name, of.name, known, this.#key('widen', name));

    const layout = layOut(of, section, {
      types: this.#target.data.types ?? {},
      padding: this.#target.data.padding,
      declared: (name) => this.#structs.get(name),
      lengthOf: (struct, member) => this.#lengths.get(`${struct}.${member}`),
      valuesOf: (type) => this.#values.get(type),
      namedOf: (type) => this.#named.get(type) ?? '',
      maskOf: (mask) => this.#masks.get(mask),
      at: (...path) => this.#at(...path),
      key: (...path) => this.#key(...path),
      diagnostics: this.#diagnostics,
    });
    const align = this.#alignment(section, of, layout?.align ?? 1);
    this.#identifiers.define(section.name, of.name, this.#at('name'));
    if (layout === undefined || align === undefined) return undefined;

    const define = this.#identifiers.members();
    for (const member of layout.members) {
      const renamed = of.members.find((one) => `${of.name}.${one.name}` === member.spec)?.name;
      const path =
        renamed !== undefined && section.rename?.[renamed] !== undefined ? ['rename', renamed] : ['of'];
      define(member.name, member.padding ? 'a padding' : member.spec, this.#at(...path));
    }
    this.#structs.set(of.name, {
      name: section.name,
      type: this.#target.data.language === 'rust' ? section.name : `struct ${section.name}`,
      align: Math.max(align, layout.align),
    });
    return {
      kind: 'struct',
      ...this.#common(section, of),
      defines: [],
      name: section.name,
      size: of.size,
      align,
      groups: layout.groups,
      members: layout.members,
    };
  }

  /** The alignment that a section asks for, in bytes; 0 when it asks for none. */
  #alignment(section: StructSection, of: Struct, natural: number): number | undefined {
    if (section.align === undefined) return 0;
    const constant = this.#model.constants.get(section.align);
    if (constant === undefined)
      return this.#missing(section.align, 'a constant', this.#model.constants.keys(), this.#at('align'));
    const align = Number(constant.value);
    if (align < natural || !Number.isInteger(Math.log2(align)) || of.size % align !== 0)
      return this.#refuse(
        this.#at('align'),
        of.name,
        `aligned to ${section.align}`,
        `${constant.value} is not a power of two from ${natural} up that divides its ${of.size} bytes`,
      );
    return align;
  }
}

/** Without its full stop, so that a section can follow in brackets. */
function phrase(text: string): string {
  return text.replace(/\.$/, '');
}

type Numbers = Pick<
  BitsDefine,
  'value' | 'msb' | 'lsb' | 'single' | 'width' | 'high' | 'low' | 'wide' | 'variants'
>;

function bits({ msb, lsb }: BitRange): Numbers {
  const range = { msb, lsb };
  return {
    value: maskOf(range),
    ...range,
    single: msb === lsb,
    width: bitsOf(range),
    high: String(msb),
    low: String(lsb),
    wide: msb > 31,
    variants: [],
  };
}

function argument(value: CommandValue): Argument {
  const whole = value.msb === 63 && value.lsb === 0;
  return {
    register: value.register,
    name: value.name,
    doc: value.doc,
    bits: whole ? '' : rangeText(value),
  };
}
