import { bytesOf, hex, type Member, type Struct, widthOf } from '../../model/index.js';
import { AccessorClassBuilder, BODY, offsetText } from './accessor.js';
import { constant } from './declarations.js';
import { assignMember } from './fieldset.js';
import { type Form, formOf, type Scalar } from './forms.js';
import type { Module } from './module.js';
import { call, callIf, dataText, Hex, literalOf, quote, sentence, term } from './text.js';

/** Longer arrays are read in a loop. */
const UNROLLED = 64;
/** A struct with fewer 64-bit words reads them one by one. */
const FEW_WORDS = 6;

interface Part {
  readonly member: Member;
  readonly form: Form;
  readonly where: string;
  /** How `toObject` gets it, through the accessors of the class. */
  readonly plain: string;
}

function doc(member: Member): string {
  const type = member.count === undefined ? member.type.name : `${member.count} x ${member.type.name}`;
  const layout = member.register === undefined ? '' : `, laid out as ${member.register.name}`;
  const host = member.permitted === undefined ? '' : `. The Host may set ${member.permitted.name}`;
  const value = member.value === undefined ? '' : `. It is always ${hex(member.value)}`;
  return `Byte ${hex(member.offset)}, ${type}${layout}: ${member.doc}${host}${value}.`;
}

/** An accessor class over the bytes of a struct. */
export function emitStruct(module: Module, struct: Struct): void {
  const { name, summary, section, size } = struct;
  const unused = struct.unused === undefined ? '' : `; unused bytes ${struct.unused}`;
  const builder = new AccessorClassBuilder(module, struct, size, [
    summary,
    `${section}; ${hex(size)} bytes${unused}.`,
    'A setter throws a TypeError for a value of the wrong type and a RangeError for one that does not fit.',
  ]);
  const parts = struct.members.map((member) => emitMember(builder, struct, member));

  builder.getter(
    '$bytes',
    'Uint8Array',
    [`return this.$memory.bytes(this.$at, ${hex(size)});`],
    'All its bytes, not a copy; they stay where they are when it moves.',
  );
  builder.method(
    { name: '$clear', returnType: 'this' },
    [
      `this.$memory.bytes(this.$at, ${hex(size)}).fill(0);`,
      ...parts.flatMap(({ member, form }) =>
        member.value === undefined || form.form !== 'scalar'
          ? []
          : [`this.${member.name} = ${literalOf(member.value, form.kind)};`],
      ),
      'return this;',
    ],
    struct.members.some((member) => member.value !== undefined)
      ? 'Zeroes all its bytes, but for the members whose value the document fixes.'
      : 'Zeroes all its bytes.',
  );
  emitToObject(builder, parts);
  builder.method(
    { name: 'assign', parameters: [{ name: 'patch', type: `${name}.Patch` }], returnType: 'this' },
    [...parts.flatMap((part) => assignment(builder, part)), 'return this;'],
    'Writes the given members. What is given before a value that is refused has been written.',
  );
  builder.finish();
}

function emitMember(builder: AccessorClassBuilder, struct: Struct, member: Member): Part {
  const form = formOf(member.type);
  const bits = widthOf(member.type);
  const where = `${struct.name}.${member.name} (byte ${hex(member.offset)}, ${bits} bits, ${struct.section})`;
  const part = { member, form, where };
  if (member.count !== undefined) return { ...part, plain: emitArray(builder, struct, member, form) };
  const { module } = builder;
  const at = offsetText('this.$at', member.offset);
  switch (form.form) {
    case 'view': {
      const type = module.item(form.of.name);
      builder.child(member.name, type, member.offset, type, ['this.$memory', at, 'true'], doc(member));
      const patch = form.of.kind === 'fieldset' && form.of.width <= 32 ? ' | number' : ' | bigint';
      builder.value(
        member.name,
        `${type}.Values`,
        `${type}.Patch${form.of.kind === 'fieldset' ? patch : ''}`,
        sentence(member.doc),
      );
      return { ...part, plain: `this.${member.name}.toObject()` };
    }
    case 'bytes':
      emitBytes(builder, member, form.size, where);
      return { ...part, plain: `this.${member.name}` };
    case 'scalar':
      emitScalar(builder, member, form, where);
      return { ...part, plain: `this.${member.name}` };
  }
}

function emitScalar(builder: AccessorClassBuilder, member: Member, scalar: Scalar, where: string): void {
  const types = builder.types(scalar);
  const at = offsetText('this.$at', member.offset);
  const word = `this.$memory.readU${scalar.width}(${at})`;
  const plain = scalar.width === 64 && !scalar.signed && scalar.enumeration === undefined;
  const aligned = plain && member.offset % 8 === 0;
  if (aligned) builder.useWords();
  const read = aligned
    ? `this.$words?.[(${at}) >>> 3] ?? ${word}`.replace('(this.$at)', 'this.$at')
    : readScalar(word, scalar);
  const cast = scalar.enumeration === undefined ? '' : ` as ${types.read}`;
  builder.getter(member.name, types.read, [`return ${cast === '' ? read : term(read)}${cast};`], doc(member));
  const { module } = builder;
  const refusal =
    member.value === undefined
      ? builder.refusal(scalar, where)
      : callIf(BODY, `value !== ${literalOf(member.value, scalar.kind)}`, module.runtime('refuseConstant'), [
          'value',
          quote(where),
          literalOf(member.value, scalar.kind),
        ]);
  builder.setter(member.name, types.write, [refusal, `this.$memory.writeU${scalar.width}(${at}, value);`]);
  builder.value(member.name, types.read, types.read, sentence(member.doc));
  if (member.register === undefined) return;
  const type = module.item(member.register.name);
  builder.child(
    `${member.name}$`,
    type,
    member.offset,
    type,
    ['this.$memory', at, 'true'],
    `\`${member.name}\` as the fields of ${type}, in place.`,
  );
}

/** A word that was read unsigned, as the value of a scalar. */
function readScalar(word: string, scalar: Scalar): string {
  if (!scalar.signed) return word;
  if (scalar.kind === 'bigint') return `BigInt.asIntN(64, ${word})`;
  return scalar.width === 32 ? `${word} | 0` : `(${word} << ${32 - scalar.width}) >> ${32 - scalar.width}`;
}

function emitBytes(builder: AccessorClassBuilder, member: Member, size: number, where: string): void {
  const { module } = builder;
  const at = offsetText('this.$at', member.offset);
  builder.getter(
    member.name,
    'Uint8Array',
    [`return this.${member.name}$.slice();`],
    `${doc(member)} A copy.`,
  );
  builder.setter(member.name, 'Uint8Array', [
    callIf(
      BODY,
      `!${module.runtime('isBytes')}(value) || value.length !== ${size}`,
      module.runtime('refuseBytes'),
      ['value', quote(where), String(size)],
    ),
    `this.$memory.bytes(${at}, ${size}).set(value);`,
  ]);
  builder.getter(
    `${member.name}$`,
    'Uint8Array',
    [`return this.$memory.bytes(${at}, ${size});`],
    `The bytes of \`${member.name}\` themselves; they stay where they are when the accessor moves.`,
  );
  builder.value(member.name, 'Uint8Array', 'Uint8Array', sentence(member.doc));
}

/** An array member; gives the expression that copies it. */
function emitArray(builder: AccessorClassBuilder, struct: Struct, member: Member, form: Form): string {
  const { module } = builder;
  const layoutName = `${struct.name}$${member.name}`;
  const labels = form.form === 'scalar' && form.enumeration?.reserved === true ? form.enumeration : undefined;
  const signed = form.form === 'scalar' && form.signed;
  const layoutType = module.runtime('ArrayLayout', true);
  const head = `const ${layoutName}: ${layoutType} = `;
  const data = {
    name: `${struct.name}.${member.name}`,
    section: struct.section,
    offset: new Hex(member.offset),
    length: member.count!,
    bits: bytesOf(member.type) * 8,
    signed: signed ? true : undefined,
  };
  let literal = dataText(data, head.length);
  if (labels !== undefined) {
    // Asked for late: the module of the enumeration may not have run when this one does.
    const is = `(value) => ${module.item(labels.name)}.is(value)`;
    const text = quote(`${labels.name} (${labels.section})`);
    const lines = Object.entries(data).flatMap(([key, value]) =>
      value === undefined ? [] : [`  ${key}: ${dataText(value, 0)},\n`],
    );
    literal = `{\n${lines.join('')}  labels: { is: ${is}, text: ${text} },\n}`;
  }
  module.add(constant(layoutName, layoutType, literal));

  const at = offsetText('this.$at', member.offset);
  const child = (key: string, type: string, of: string | undefined, text: string): void => {
    const args = ['this.$memory', at, layoutName, ...(of === undefined ? [] : [of])];
    builder.child(key, type, member.offset, type.replace(/<.*>$/, ''), args, text);
  };
  const value = (element: string, patch: string): void => {
    const list = element.includes(' ') ? `(${element})[]` : `${element}[]`;
    builder.value(member.name, list, `ArrayLike<${patch}>`, sentence(member.doc));
  };
  switch (form.form) {
    case 'scalar': {
      const types = builder.types(form);
      const runtime = module.runtime(form.kind === 'bigint' ? 'BigintArray' : 'NumberArray');
      const type = form.enumeration === undefined ? runtime : `${runtime}<${types.read}>`;
      child(member.name, type, undefined, doc(member));
      value(types.read, types.read);
      break;
    }
    case 'bytes': {
      const type = module.runtime('BytesArray');
      child(member.name, type, undefined, doc(member));
      value('Uint8Array', 'Uint8Array');
      break;
    }
    case 'view': {
      const of = module.item(form.of.name);
      const type = module.runtime('ViewArray');
      child(member.name, `${type}<${of}>`, of, doc(member));
      const whole = form.of.kind === 'fieldset' ? ` | ${form.of.width > 32 ? 'bigint' : 'number'}` : '';
      value(`${of}.Values`, `${of}.Patch${whole}`);
      break;
    }
  }
  if (member.register !== undefined) {
    const of = module.item(member.register.name);
    const type = module.runtime('ViewArray');
    child(`${member.name}$`, `${type}<${of}>`, of, `\`${member.name}\` as the fields of ${of}, in place.`);
  }
  return `this.${member.name}.toArray()`;
}

/** 64-bit words that can be read from the words of the memory when the struct is aligned. */
function wordsOf(part: Part): number {
  if (part.form.form !== 'scalar' || part.form.width !== 64 || part.form.signed) return 0;
  const count = part.member.count ?? 1;
  return part.member.offset % 8 === 0 && count <= UNROLLED ? count : 0;
}

function emitToObject(builder: AccessorClassBuilder, parts: readonly Part[]): void {
  const object = (entry: (part: Part) => string): string =>
    parts.length === 0
      ? 'return {};'
      : `return {\n${parts.map((part) => `  ${part.member.name}: ${entry(part)},\n`).join('')}};`;
  const plain = object((part) => part.plain);
  const words = parts.reduce((sum, part) => sum + wordsOf(part), 0);
  const unrolled = object((part) => {
    if (wordsOf(part) === 0) return part.plain;
    const scalar = part.form as Scalar;
    const cast = scalar.enumeration === undefined ? '' : ` as ${builder.types(scalar).read}`;
    const word = (index: number): string =>
      `words[${offsetText('first', part.member.offset / 8 + index)}]!${cast}`;
    if (part.member.count === undefined) return word(0);
    const items = Array.from({ length: part.member.count }, (_, index) => word(index));
    return call(4, '', items, '').replace(/^\(/, '[').replace(/\)$/, ']').replaceAll('\n', '\n  ');
  });
  if (words >= FEW_WORDS) builder.useWords();
  builder.method(
    { name: 'toObject', returnType: `${builder.name}.Values` },
    words < FEW_WORDS
      ? [plain]
      : [
          'const words = this.$words;',
          '// A buffer that was transferred has no words left; reading them one by one tells.',
          `if (words === undefined || words.length === 0) {\n${plain.replace(/^/gm, '  ')}\n}`,
          'const first = this.$at >>> 3;',
          unrolled,
        ],
    'All members, copied; without unused bytes.',
  );
}

function assignment(builder: AccessorClassBuilder, part: Part): readonly string[] {
  const { member, form } = part;
  if (member.count !== undefined || form.form === 'view') {
    const line = `if (patch.${member.name} !== undefined) this.${member.name}.assign(patch.${member.name});`;
    return [line];
  }
  if (form.form === 'bytes') return [assignMember(member.name, { read: 'Uint8Array', write: 'Uint8Array' })];
  return [assignMember(member.name, builder.types(form))];
}
