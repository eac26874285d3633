import type {
  InterfaceDeclarationStructure,
  ModuleDeclarationStructure,
  TypeAliasDeclarationStructure,
} from 'ts-morph';
import {
  bitsOf,
  type Command,
  type CommandValue,
  type Fieldset,
  hex,
  rangeText,
  resolved,
  widthOf,
} from '../../model/index.js';
import { BODY, offsetText } from './accessor.js';
import { placeOf, readBits } from './bits.js';
import { constant } from './declarations.js';
import { Kind, NAMESPACE } from './description.js';
import { asksEnumeration, mask, misfit, reservedName, type Scalar, scalarOf } from './forms.js';
import type { Module } from './module.js';
import { call, callIf, docText, indent, integer, quote, term } from './text.js';

/** Bytes of a register. */
const REGISTER = 8;

interface Value {
  readonly value: CommandValue;
  readonly type: string;
  /** The fieldset when it starts at the first bit of the register, so that its accessor can lie over it. */
  readonly fieldset: Fieldset | undefined;
  readonly scalar: Scalar;
}

function valueIn(module: Module, value: CommandValue): Value {
  const target = resolved(value.type);
  const scalar = scalarOf(value.type, Math.min(widthOf(target), bitsOf(value)));
  if (target.kind === 'fieldset' && value.lsb === 0)
    return { value, scalar, fieldset: target, type: `${module.item(target.name)}.Values` };
  if (scalar.enumeration === undefined) return { value, scalar, fieldset: undefined, type: scalar.kind };
  const reserved = reservedName(scalar);
  const label = module.item(scalar.enumeration.name, true);
  return {
    value,
    scalar,
    fieldset: undefined,
    type: reserved === undefined ? label : `${label} | ${module.runtime(reserved, true)}`,
  };
}

/** The bits that the value itself takes; the register's bits above them are zero. */
function own({ value, scalar }: Value): { readonly msb: number; readonly lsb: number } {
  return { msb: value.lsb + scalar.width - 1, lsb: value.lsb };
}

function place({ register, msb, lsb }: CommandValue): string {
  if (msb === 63 && lsb === 0) return `X${register}`;
  return `X${register} ${msb === lsb ? 'bit' : 'bits'} ${rangeText({ msb, lsb })}`;
}

/** A statement that puts a checked value into its register, which is zero but for values that share it. */
function put({ value, scalar }: Value, shared: boolean): string {
  const register = value.register * REGISTER;
  const text = `values.${value.name}`;
  const place = placeOf({ msb: value.lsb + scalar.width - 1, lsb: value.lsb }, REGISTER);
  if (place.kind !== 'word') {
    const at = offsetText('base', register);
    if (scalar.width === 64) return `memory.writeU64(${at}, ${text});`;
    const big = scalar.kind === 'bigint' ? text : `BigInt(${text})`;
    const cut = scalar.signed ? `BigInt.asUintN(${scalar.width}, ${big})` : big;
    const moved = value.lsb === 0 ? cut : `(${cut} << ${value.lsb}n)`;
    return call(BODY, 'memory.writeU64', [at, `memory.readU64(${at}) | ${moved}`]);
  }
  const bits = place.bytes * 8;
  const at = offsetText('base', register + place.offset);
  // A negative value has ones above its bits; those that the word cannot hold are dropped.
  const cut = scalar.signed && place.shift + scalar.width < bits ? `${text} & ${mask(scalar.width)}` : text;
  const moved = place.shift === 0 ? cut : `${term(cut)} << ${place.shift}`;
  const or = shared ? `memory.readU${bits}(${at}) | ${term(moved)}` : moved;
  return call(BODY, `memory.writeU${bits}`, [at, or]);
}

function encode(module: Module, command: Command, values: readonly Value[]): readonly string[] {
  const lines: string[] = [];
  for (const [index, one] of values.entries()) {
    const { value, fieldset, scalar } = one;
    const at = offsetText('base', value.register * REGISTER);
    const first = values[index - 1]?.value.register !== value.register;
    const shared = !first || values[index + 1]?.value.register === value.register;
    if (fieldset === undefined) {
      const where = `${command.name}.${value.name} (${place(value)}, ${command.section})`;
      const text = `values.${value.name}`;
      const labels = scalar.enumeration?.reserved === true ? scalar.enumeration : undefined;
      if (labels !== undefined && asksEnumeration(scalar)) module.item(labels.name);
      const refuse =
        labels !== undefined ? 'refuseLabel' : scalar.kind === 'bigint' ? 'refuseBigint' : 'refuseNumber';
      const args = [
        text,
        quote(where),
        ...(labels === undefined ? [] : [quote(`${labels.name} (${labels.section})`)]),
        String(scalar.width),
        ...(scalar.signed ? ['true'] : []),
      ];
      lines.push(callIf(BODY, misfit(scalar, text), module.runtime(refuse), args));
    }
    if (first && (shared || scalar.width < 64 || fieldset !== undefined))
      lines.push(`memory.writeU64(${at}, 0n);`);
    if (fieldset === undefined) lines.push(put(one, shared));
    else lines.push(`new ${fieldset.name}(memory, ${at}).assign(values.${value.name});`);
  }
  return lines;
}

function decode(values: readonly Value[]): string {
  const entries = values.map((one) => {
    const { value, fieldset, scalar, type } = one;
    const at = offsetText('base', value.register * REGISTER);
    const read =
      fieldset !== undefined
        ? `new ${fieldset.name}(memory, ${at}).toObject()`
        : readBits('memory', at, own(one), REGISTER, scalar.signed);
    const cast = fieldset !== undefined || scalar.enumeration === undefined ? '' : ` as ${type}`;
    return `  ${value.name}: ${cast === '' ? read : term(read)}${cast},\n`;
  });
  return `return {\n${entries.join('')}};`;
}

function method(head: string, body: readonly string[]): string {
  if (body.length === 0) return `  ${head} {},\n`;
  return `  ${head} {\n${indent(body.join('\n'), 4)}\n  },\n`;
}

function encoder(
  name: string,
  type: string,
  registers: string,
  body: readonly string[],
  fid?: number,
): string {
  const head = `${name}(registers: ${registers}, values: ${type}): void`;
  const unused = `${name}(): void`;
  if (body.length === 0 && fid === undefined) return method(unused, []);
  const setup = ['const { memory, base } = registers;'];
  const x0 = fid === undefined ? [] : [`memory.writeU64(base, ${integer(fid)}n);`];
  if (body.length === 0) return method(`${name}(registers: ${registers}): void`, [...setup, ...x0]);
  return method(head, [...setup, ...x0, ...body]);
}

/** How the values of a command lie in registers: an object of two encoders and two decoders. */
export function emitCommand(module: Module, command: Command): void {
  const { name, summary, section } = command;
  const inputs = command.inputs.map((value) => valueIn(module, value));
  const outputs = command.outputs.map((value) => valueIn(module, value));
  const registers = module.runtime('Registers', true);
  const fid = Number(command.fid);

  const group = (
    title: string,
    values: readonly Value[],
  ): InterfaceDeclarationStructure | TypeAliasDeclarationStructure =>
    values.length === 0
      ? {
          kind: Kind.TypeAlias,
          docs: ['There are none.'],
          name: title,
          type: 'Record<never, never>',
        }
      : {
          kind: Kind.Interface,
          name: title,
          properties: values.map(({ value, type: of }) => ({
            name: value.name,
            type: of,
            isReadonly: true,
            docs: [docText(4, `${place(value)}, ${value.type.name}: ${value.doc}.`)],
          })),
        };
  const types: ModuleDeclarationStructure = {
    kind: Kind.Module,
    declarationKind: NAMESPACE,
    hasDeclareKeyword: true,
    isExported: true,
    name,
    statements: [
      group('Inputs', inputs),
      group('Outputs', outputs),
      {
        kind: Kind.TypeAlias,
        name: 'Codec',
        type: `${module.runtime('Command', true)}<Inputs, Outputs>`,
      },
    ],
  };

  const decoder = (title: string, of: string, values: readonly Value[]): string =>
    values.length === 0
      ? method(`${title}(): ${name}.${of}`, ['return {};'])
      : method(`${title}(registers: ${registers}): ${name}.${of}`, [
          'const { memory, base } = registers;',
          decode(values),
        ]);
  const members = [
    `  name: ${quote(name)},\n`,
    `  fid: ${integer(fid)},\n`,
    encoder('encodeInputs', `${name}.Inputs`, registers, encode(module, command, inputs), fid),
    decoder('decodeInputs', 'Inputs', inputs),
    encoder('encodeOutputs', `${name}.Outputs`, registers, encode(module, command, outputs)),
    decoder('decodeOutputs', 'Outputs', outputs),
  ];
  module.add(
    constant(name, `${name}.Codec`, `{\n${members.join('')}}`, summary, `${section}; FID ${hex(fid)}.`),
    types,
  );
}
