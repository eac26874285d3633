import type { Diagnostics, Span } from '../../diagnostics/index.js';
import {
  bytesOf,
  hex,
  type Member,
  type Reserved,
  resolved,
  type Struct,
  type Type,
} from '../../model/index.js';
import type { StructSection, TypeNames } from './target.js';
import type { GroupView, MemberView } from './view.js';

/** What the layout of one struct needs to know of the rest of the target. */
export interface Surroundings {
  readonly types: TypeNames;
  /** What paddings are called before their number. */
  readonly padding: string | undefined;
  /**
   * How an earlier section of the target declares a struct of the specification: its name, the type that members
   * have, its alignment in bytes.
   */
  readonly declared: (struct: string) => DeclaredStruct | undefined;
  /** The macro for the length of an array. */
  readonly lengthOf: (struct: string, member: string) => string | undefined;
  readonly valuesOf: (type: string) => MemberView['values'];
  /** What an earlier section declares the values of a type as; empty when none does. */
  readonly namedOf: (type: string) => string;
  readonly maskOf: (mask: string) => string | undefined;
  readonly at: (...path: readonly PropertyKey[]) => Span;
  readonly key: (...path: readonly PropertyKey[]) => Span;
  readonly diagnostics: Diagnostics;
}

export interface DeclaredStruct {
  readonly name: string;
  readonly type: string;
  readonly align: number;
}

export interface Layout {
  readonly groups: readonly GroupView[];
  /** Members and paddings by offset; a union's padding after its members. */
  readonly members: readonly MemberView[];
  /** Bytes. */
  readonly align: number;
}

/** A member whose C type is decided. `end` is the first byte after it. */
interface Placed {
  readonly view: MemberView;
  readonly align: number;
  readonly end: number;
}

/** A run of bytes of the struct: members that stand together, or none, and then all of it is padding. */
interface Draft {
  readonly offset: number;
  readonly size: number;
  readonly members: readonly Placed[];
  readonly padded: boolean;
}

/**
 * Lays a struct out in C. Every byte is a member or a named padding, so that the compiler adds none; undefined
 * when that cannot be had, which has then been reported.
 */
export function layOut(struct: Struct, section: StructSection, around: Surroundings): Layout | undefined {
  return new Layouter(struct, section, around).run();
}

function alignOf(members: readonly Placed[]): number {
  return Math.max(1, ...members.map((one) => one.align));
}

function up(size: number, align: number): number {
  return Math.ceil(size / align) * align;
}

class Layouter {
  readonly #struct: Struct;
  readonly #section: StructSection;
  readonly #around: Surroundings;
  #paddings = 0;

  constructor(struct: Struct, section: StructSection, around: Surroundings) {
    this.#struct = struct;
    this.#section = section;
    this.#around = around;
  }

  run(): Layout | undefined {
    const placed = new Map<string, Placed>();
    for (const member of this.#struct.members) {
      const one = this.#place(member);
      if (one !== undefined) placed.set(member.name, one);
    }
    if (placed.size !== this.#struct.members.length) return undefined;
    const align = alignOf([...placed.values()]);
    if (this.#struct.size % align !== 0)
      return this.#refuse(
        this.#around.at('of'),
        this.#struct.name,
        `${hex(this.#struct.size)} bytes long`,
        `its members align it to ${align}`,
      );
    if (this.#typeName('u8') === undefined) return this.#untyped('u8');
    const drafts = this.#split(placed);
    if (drafts === undefined) return undefined;

    // Paddings beside members are numbered before those between them.
    const outer = drafts.map((draft) => (draft.padded ? this.#padding(draft.offset, draft.size) : undefined));
    const groups = drafts.map((draft, index): GroupView => {
      const padding = outer[index];
      const alone = draft.members.length === 0;
      const members = alone ? [padding!] : this.#fill(draft);
      return {
        offset: draft.offset,
        size: draft.size,
        end: draft.offset + draft.size,
        union: !alone && padding !== undefined,
        nested: !alone && padding !== undefined && members.length > 1,
        members,
        padding: alone ? undefined : padding,
      };
    });
    const names = this.#section.padding?.length;
    if (names === undefined && this.#around.padding === undefined && this.#paddings > 0)
      return this.#wrong(
        this.#around.at('of'),
        `nothing names the ${this.#paddings} paddings of ${this.#struct.name}`,
      );
    if (names !== undefined && names !== this.#paddings)
      return this.#wrong(
        this.#around.key('padding'),
        `${names} paddings have names, but there are ${this.#paddings}`,
      );
    const members = groups.flatMap((one) => (one.padding ? [...one.members, one.padding] : one.members));
    return { groups, members, align };
  }

  #refuse(span: Span, what: string, type: string, detail: string): undefined {
    this.#around.diagnostics.report('target-type', span, { what, type, detail });
    return undefined;
  }

  #wrong(span: Span, detail: string): undefined {
    this.#around.diagnostics.report('target-group', span, { detail });
    return undefined;
  }

  #untyped(key: string, what = this.#struct.name): undefined {
    return this.#refuse(this.#around.at('of'), what, 'declared', `\`types\` lacks ${key}`);
  }

  #typeName(key: string): string | undefined {
    const name = key as keyof TypeNames;
    return this.#section.types?.[name] ?? this.#around.types[name];
  }

  /** What the document says of the byte at an offset that no member holds. */
  #rest(offset: number): Reserved | undefined {
    const range = this.#struct.reserved.find((one) => offset >= one.offset && offset < one.offset + one.size);
    return range?.as ?? this.#struct.unused;
  }

  #place(member: Member): Placed | undefined {
    const type = resolved(member.type);
    const unit = bytesOf(type);
    const shown = `\`${member.name}\``;
    const wide = this.#section.widen?.[member.name] === undefined ? unit : this.#widened(member, type, unit);
    if (wide === undefined) return undefined;

    let name: string | undefined;
    let named = this.#around.namedOf(type.name);
    let align = wide;
    let count = member.count;
    if (type.kind === 'struct') {
      const nested = this.#around.declared(type.name);
      if (nested === undefined)
        return this.#refuse(
          this.#around.at('of'),
          shown,
          'declared',
          `no earlier section of the target declares ${type.name}`,
        );
      name = nested.type;
      named = nested.name;
      align = nested.align;
    } else if (unit > 8) {
      // Longer than a register: a string of bytes.
      if (count !== undefined)
        return this.#refuse(this.#around.at('of'), shown, 'an array', `an element has ${unit * 8} bits`);
      name = this.#typeName('u8');
      align = 1;
      count = unit;
    } else {
      const key = `${type.kind !== 'fieldset' && type.signed ? 's' : 'u'}${wide * 8}`;
      name = this.#typeName(key);
      if (name === undefined) return this.#untyped(key, shown);
    }
    if (name === undefined) return this.#untyped('u8', shown);
    const size = unit > 8 ? unit : wide * (count ?? 1);
    const length = this.#around.lengthOf(this.#struct.name, member.name);
    return {
      view: {
        name: this.#section.rename?.[member.name] ?? member.name,
        type: name,
        array: length ?? '',
        count: count ?? 0,
        offset: member.offset,
        size,
        padding: false,
        doc: member.doc,
        spec: `${this.#struct.name}.${member.name}`,
        widened:
          wide === unit ? undefined : { type: member.type.name, rest: this.#rest(member.offset + unit)! },
        values: this.#around.valuesOf(type.name),
        named,
        struct: type.kind === 'struct',
        permitted: member.permitted === undefined ? '' : (this.#around.maskOf(member.permitted.name) ?? ''),
      },
      align,
      end: member.offset + size,
    };
  }

  /** The bytes of a member that takes in unused ones after it: they must be its own, zero, and aligned. */
  #widened(member: Member, type: Exclude<Type, { kind: 'alias' }>, unit: number): number | undefined {
    const bits = this.#section.widen![member.name]!;
    const wide = Number(bits) / 8;
    const end = member.offset + wide;
    const refuse = (detail: string) =>
      this.#refuse(
        this.#around.at('widen', member.name),
        `\`${member.name}\``,
        `${String(bits).slice(0, 12)} bits wide`,
        detail,
      );
    if (type.kind === 'struct' || member.count !== undefined)
      return refuse('only a single value can take in the bytes after it');
    if (![2, 4, 8].includes(wide) || wide <= unit)
      return refuse(`a value of ${unit * 8} bits widens to a larger one of 16, 32 or 64`);
    if (type.kind !== 'fieldset' && type.signed)
      return refuse('the zeros after it would not extend the sign of a negative value');
    if (member.offset % wide !== 0) return refuse(`${hex(member.offset)} is not aligned to ${wide} bytes`);
    const next = this.#struct.members.find((other) => other.offset > member.offset && other.offset < end);
    if (next !== undefined) return refuse(`\`${next.name}\` begins at ${hex(next.offset)}`);
    if (end > this.#struct.size) return refuse(`${this.#struct.name} ends at ${hex(this.#struct.size)}`);
    for (let offset = member.offset + unit; offset < end; offset++) {
      const rest = this.#rest(offset);
      if (rest !== 'SBZ' && rest !== 'MBZ')
        return refuse(`nothing says that the byte at ${hex(offset)} is zero`);
    }
    return wide;
  }

  /** Cuts the struct into groups of members, and the paddings between them. */
  #split(placed: ReadonlyMap<string, Placed>): readonly Draft[] | undefined {
    const drafts: Draft[] = [];
    let next = 0;
    const add = (offset: number, size: number, members: readonly Placed[], end: number) => {
      if (offset > next) drafts.push({ offset: next, size: offset - next, members: [], padded: true });
      if (size > 0) drafts.push({ offset, size, members, padded: end < offset + size });
      next = offset + size;
    };
    if (this.#section.groups === undefined) {
      for (const one of placed.values()) add(one.view.offset, one.view.size, [one], one.end);
      add(this.#struct.size, 0, [], 0);
      return drafts;
    }

    const order = [...placed.keys()];
    let index = 0;
    for (const [number, group] of this.#section.groups.entries()) {
      const {
        members: names,
        offset: asksOffset,
        size: asked,
      } = 'members' in group ? group : { members: group, offset: undefined, size: undefined };
      const members: Placed[] = [];
      for (const [position, name] of names.entries()) {
        const expected = order[index];
        if (name !== expected) {
          const path = 'members' in group ? ['members', position] : [position];
          const what = placed.has(name) ? 'is out of order' : `is not a member of ${this.#struct.name}`;
          const turn = expected === undefined ? 'no member is left' : `it is the turn of \`${expected}\``;
          return this.#wrong(this.#around.at('groups', number, ...path), `\`${name}\` ${what}; ${turn}`);
        }
        members.push(placed.get(name)!);
        index++;
      }
      const first = members[0]!.view.offset;
      const offset = asksOffset === undefined ? first : Number(asksOffset);
      if (offset > first || offset < next)
        return this.#wrong(
          this.#around.at('groups', number, 'offset'),
          `the group begins between ${hex(next)} and ${hex(first)}, not at ${hex(offset)}`,
        );
      const align = alignOf(members);
      // A compiler rounds the struct inside the union up.
      const end = offset + up(members.at(-1)!.end - offset, members.length > 1 ? align : 1);
      const after = this.#section.groups[number + 1];
      const following =
        after !== undefined && 'members' in after && after.offset !== undefined
          ? Number(after.offset)
          : order[index] === undefined
            ? this.#struct.size
            : placed.get(order[index]!)!.view.offset;
      const size = asked === undefined ? following - offset : Number(asked);
      if (offset + size > following || offset + size < end)
        return this.#wrong(
          this.#around.at('groups', number, 'size'),
          `the group at ${hex(offset)} takes ${hex(end - offset)} to ${hex(following - offset)} bytes, not ${hex(size)}`,
        );
      if (offset % align !== 0 || size % align !== 0)
        return this.#wrong(
          this.#around.at('groups', number),
          `${hex(size)} bytes at ${hex(offset)} are not aligned to ${align}`,
        );
      add(offset, size, members, end);
    }
    if (index < order.length)
      return this.#wrong(this.#around.key('groups'), `\`${order[index]}\` is in no group`);
    add(this.#struct.size, 0, [], 0);
    return drafts;
  }

  /** The members of a group, with the paddings that a compiler would otherwise put there unseen. */
  #fill(draft: Draft): readonly MemberView[] {
    const members: MemberView[] = [];
    let next = draft.offset;
    for (const one of draft.members) {
      if (one.view.offset > next) members.push(this.#padding(next, one.view.offset - next));
      members.push(one.view);
      next = one.end;
    }
    const end = draft.offset + up(next - draft.offset, alignOf(draft.members));
    if (draft.members.length > 1 && end > next) members.push(this.#padding(next, end - next));
    return members;
  }

  #padding(offset: number, size: number): MemberView {
    const index = this.#paddings++;
    return {
      name: this.#section.padding?.[index] ?? `${this.#around.padding ?? ''}${index}`,
      type: this.#typeName('u8')!,
      array: '',
      count: size,
      offset,
      size,
      padding: true,
      doc: this.#rest(offset) ?? '',
      spec: this.#struct.name,
      widened: undefined,
      values: undefined,
      named: '',
      struct: false,
      permitted: '',
    };
  }
}
