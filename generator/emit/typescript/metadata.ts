import {
  bytesOf,
  type CborMap,
  type Command,
  type CommandValue,
  type Constant,
  deciderOf,
  type FieldCases,
  type Fieldset,
  type Item,
  type Mask,
  type Model,
  type Primitive,
  resolved,
  type Struct,
  type Type,
  widthOf,
} from '../../model/index.js';
import { type Data, Hex } from './text.js';

type Named = Exclude<Type, Primitive>;

/** What is emitted of a version, in the order of its files. */
export type Emitted = Named | Mask | Constant | CborMap | Command;

function item({ name, section, summary }: Item) {
  return { name, section, summary };
}

function signed(type: Type): true | undefined {
  const target = resolved(type);
  return (target.kind === 'primitive' || target.kind === 'enumeration') && target.signed ? true : undefined;
}

function fieldCases(of: FieldCases): Data {
  return {
    by: deciderOf(of),
    selector: of.selector.name,
    cases: of.cases.map(({ name, when, type }) => ({
      name,
      when: when?.map((label) => label.name),
      type: type?.name,
    })),
  };
}

function fieldset(type: Fieldset): Data {
  const { register } = type;
  return {
    kind: 'fieldset',
    ...item(type),
    bits: type.width,
    fields: type.fields.map(({ name, msb, lsb, type: of, cases, doc }) => ({
      name,
      msb,
      lsb,
      type: of.name,
      signed: signed(of),
      cases: cases === undefined ? undefined : fieldCases(cases),
      doc,
    })),
    reserved: type.reserved.map(({ msb, lsb, as }) => ({ msb, lsb, as })),
    register:
      register === undefined
        ? undefined
        : { title: register.title, count: register.count, access: register.access },
  };
}

/** The bytes that belong to no member, those that the document lists and those that it calls unused. */
function reservedBytes(type: Struct): Data {
  const taken = [
    ...type.members.map((member) => ({
      offset: member.offset,
      size: bytesOf(member.type) * (member.count ?? 1),
      as: undefined,
    })),
    ...type.reserved,
  ].sort((a, b) => a.offset - b.offset);
  const found: { offset: number; size: number; as: string }[] = [];
  let next = 0;
  for (const { offset, size, as } of [...taken, { offset: type.size, size: 0, as: undefined }]) {
    if (offset > next && type.unused !== undefined)
      found.push({ offset: next, size: offset - next, as: type.unused });
    if (as !== undefined) found.push({ offset, size, as });
    next = Math.max(next, offset + size);
  }
  return found.map(({ offset, size, as }) => ({ offset: new Hex(offset), size: new Hex(size), as }));
}

function struct(type: Struct): Data {
  return {
    kind: 'struct',
    ...item(type),
    size: new Hex(type.size),
    members: type.members.map((member) => ({
      name: member.name,
      offset: new Hex(member.offset),
      bits: bytesOf(member.type) * 8,
      count: member.count,
      type: member.type.name,
      signed: signed(member.type),
      register: member.register?.name,
      permitted: member.permitted?.name,
      value: member.value === undefined ? undefined : new Hex(member.value),
      doc: member.doc,
    })),
    reserved: reservedBytes(type),
  };
}

function typeData(type: Named): Data {
  switch (type.kind) {
    case 'alias':
      return { kind: 'alias', ...item(type), type: type.type.name, bits: widthOf(type) };
    case 'enumeration':
      return {
        kind: 'enumeration',
        ...item(type),
        bits: type.width,
        signed: type.signed ? true : undefined,
        reserved: type.reserved ? true : undefined,
        labels: type.labels.map(({ name, value, doc }) => ({ name, value: new Hex(value!), doc })),
      };
    case 'fieldset':
      return fieldset(type);
    case 'struct':
      return struct(type);
  }
}

function commandValue(value: CommandValue): Data {
  const { name, register, msb, lsb, type, doc } = value;
  return { name, register, msb, lsb, type: type.name, signed: signed(type), doc };
}

function command(one: Command): Data {
  return {
    ...item(one),
    interface: one.interface.name,
    fid: new Hex(Number(one.fid)),
    inputs: one.inputs.map(commandValue),
    outputs: one.outputs.map(commandValue),
  };
}

function table<T extends Item>(items: readonly T[], data: (item: T) => Data): Data {
  return Object.fromEntries(items.map((one) => [one.name, data(one)]));
}

/** The layouts of a version as plain data, in the shape of `SpecificationMetadata` of the runtime. */
export function metadataOf(model: Model, items: readonly Emitted[]): Data {
  const types = items.filter(
    (one) => one.kind !== 'mask' && one.kind !== 'constant' && one.kind !== 'map' && one.kind !== 'command',
  );
  const masks = items.filter((one) => one.kind === 'mask');
  return {
    id: model.id,
    document: model.document,
    version: model.version,
    title: model.title,
    types: table(types, typeData),
    masks: table(masks, (mask) => ({
      ...item(mask),
      register: mask.register.name,
      fields: mask.fields.map((field) => field.name),
      value: new Hex(mask.value),
    })),
    constants: table(
      items.filter((one) => one.kind === 'constant'),
      (one) => ({ ...item(one), value: new Hex(one.value), unit: one.unit }),
    ),
    commands: table(
      items.filter((one) => one.kind === 'command'),
      command,
    ),
  };
}
