import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  bitsOf,
  bytesOf,
  type Fieldset,
  isAbstract,
  type Member,
  type Model,
  resolved,
  type Struct,
  type Type,
  widthOf,
} from '../../generator/index.js';
import { has } from '../c/support.js';
import type { DynamicArray, DynamicClass } from '../typescript/dynamic.js';
import { document, emitted, type Running, running, shapes } from '../typescript/support.js';

/**
 * Where every member and field lies, said by three witnesses: the model, a C compiler that places plain structs and
 * bit-fields by the rules of the platform, and the accessors. The C program fills each place with a pattern and prints
 * where it is and what memory then holds; the accessors must read the pattern out of those bytes, and write the same
 * bytes.
 */

const compiler = has('gcc') ? 'gcc' : 'cc';
const cross = 'aarch64-linux-gnu-gcc';

const folder = mkdtempSync(join(tmpdir(), 'rmigen-layout-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function concrete(model: Model) {
  const types = [...model.types.values()].filter((type) => !isAbstract(type));
  return {
    structs: types.filter((type) => type.kind === 'struct'),
    fieldsets: types.filter((type) => type.kind === 'fieldset'),
  };
}

/** Names of C types: a plain integer of the width, the struct, or bytes. */
function cType(type: Type): { readonly name: string; readonly suffix: string } {
  const target = resolved(type);
  if (target.kind === 'struct') return { name: `struct ${target.name}`, suffix: '' };
  const width = widthOf(target);
  if (width > 64) return { name: 'uint8_t', suffix: `[${width / 8}]` };
  return { name: `uint${bytesOf(target) * 8}_t`, suffix: '' };
}

/** A struct whose padding runs from the end of a member, as C sees it, to the next offset of the document. */
function cStruct(struct: Struct): string {
  const lines: string[] = [];
  let next = 0;
  const pad = (to: number): void => {
    if (to > next) lines.push(`  uint8_t pad_${next}_[${to - next}];`);
    next = to;
  };
  for (const member of struct.members) {
    pad(member.offset);
    const { name, suffix } = cType(member.type);
    lines.push(`  ${name} ${member.name}${member.count === undefined ? '' : `[${member.count}]`}${suffix};`);
    next = member.offset + bytesOf(member.type) * (member.count ?? 1);
  }
  pad(struct.size);
  return `struct ${struct.name} {\n${lines.join('\n')}\n};\n`;
}

/** Bit-fields from the low bits on, as both platforms allocate them. */
function cFieldset(fieldset: Fieldset): string {
  const unit = `uint${bytesOf(fieldset) * 8}_t`;
  const parts = [
    ...fieldset.fields.map((field) => ({ name: field.name, range: field })),
    ...fieldset.reserved.map((range) => ({ name: `reserved_${range.lsb}_`, range })),
  ].sort((a, b) => a.range.lsb - b.range.lsb);
  const lines = parts.map(({ name, range }) => `  ${unit} ${name} : ${bitsOf(range)};`);
  return `struct ${fieldset.name} {\n${lines.join('\n')}\n};\n`;
}

/** A value for a place that no neighbour has: it fits, and where a label is wanted it is one. */
function pattern(type: Type, width: number, salt: number): bigint {
  const target = resolved(type);
  if (target.kind === 'enumeration') {
    const labels = target.labels.map((label) => BigInt.asUintN(width, label.value!));
    return labels[salt % labels.length]!;
  }
  let value = 0n;
  for (let at = 0; at < width; at += 8) value |= BigInt((salt * 37 + at * 11 + 0x5a) & 0xff) << BigInt(at);
  return BigInt.asUintN(width, value) | 1n;
}

function literal(value: bigint): string {
  return `0x${value.toString(16)}ull`;
}

interface Place {
  readonly struct: Struct;
  readonly member: Member;
  readonly index: number | undefined;
}

function places(struct: Struct): readonly Place[] {
  return struct.members.flatMap((member): readonly Place[] => {
    if (resolved(member.type).kind === 'struct') return [];
    if (member.count === undefined) return [{ struct, member, index: undefined }];
    return Array.from({ length: member.count }, (_, index) => ({ struct, member, index }));
  });
}

function wanted({ member, index }: Place): bigint {
  return member.value === undefined
    ? pattern(member.type, widthOf(member.type), member.offset + (index ?? 0))
    : BigInt.asUintN(widthOf(member.type), member.value);
}

function declarations(model: Model): string {
  const { structs, fieldsets } = concrete(model);
  const all = [...fieldsets.map(cFieldset), ...structs.map(cStruct)];
  return `#include <stddef.h>\n#include <stdint.h>\n\n${all.join('\n')}`;
}

/** A program that prints, for each place: its name, where C puts it, and the bytes that a write there changes. */
function program(model: Model): string {
  const { structs, fieldsets } = concrete(model);
  const body: string[] = [];
  for (const struct of structs) {
    body.push(`  printf("size ${struct.name} %zu\\n", sizeof(struct ${struct.name}));`);
    for (const place of places(struct)) {
      const { member, index } = place;
      const path = `${member.name}${index === undefined ? '' : `[${index}]`}`;
      const value = wanted(place);
      const target = `p->${path}`;
      const write =
        widthOf(member.type) > 64
          ? Array.from(
              { length: widthOf(member.type) / 8 },
              (_, at) => `${target}[${at}] = ${(value >> BigInt(at * 8)) & 0xffn};`,
            ).join(' ')
          : `${target} = ${literal(value)};`;
      body.push(
        '  {',
        `    struct ${struct.name} *p = (void *)memset(page, 0, sizeof(page));`,
        `    ${write}`,
        `    dump("${struct.name}.${path}", offsetof(struct ${struct.name}, ${path}), sizeof(${target}));`,
        '  }',
      );
    }
  }
  for (const fieldset of fieldsets) {
    body.push(`  printf("size ${fieldset.name} %zu\\n", sizeof(struct ${fieldset.name}));`);
    for (const field of fieldset.fields) {
      body.push(
        '  {',
        `    struct ${fieldset.name} *p = (void *)memset(page, 0, sizeof(page));`,
        `    p->${field.name} = ${literal(pattern(field.type, bitsOf(field), field.lsb))};`,
        `    dump("${fieldset.name}.${field.name}", 0, sizeof(*p));`,
        '  }',
      );
    }
  }
  return `${declarations(model)}
#include <stdio.h>
#include <string.h>

static uint64_t page[0x200];

static void dump(const char *name, size_t offset, size_t size)
{
  printf("%s %zu ", name, offset);
  for (size_t i = 0; i < size; i++)
    printf("%02x", ((const uint8_t *)page)[offset + i]);
  size_t others = 0;
  for (size_t i = 0; i < sizeof(page); i++)
    others += (i < offset || i >= offset + size) && ((const uint8_t *)page)[i] != 0;
  printf(" %zu\\n", others);
}

int main(void)
{
${body.join('\n')}
  return 0;
}
`;
}

interface Said {
  readonly sizes: ReadonlyMap<string, number>;
  readonly places: ReadonlyMap<
    string,
    { readonly offset: number; readonly bytes: Buffer; readonly others: number }
  >;
}

function said(output: string): Said {
  const sizes = new Map<string, number>();
  const found: Map<string, { offset: number; bytes: Buffer; others: number }> = new Map();
  for (const line of output.trim().split('\n')) {
    const [name, offset, bytes, others] = line.split(' ') as [string, string, string, string];
    if (name === 'size') sizes.set(offset, Number(bytes));
    else
      found.set(name, { offset: Number(offset), bytes: Buffer.from(bytes, 'hex'), others: Number(others) });
  }
  return { sizes, places: found };
}

function compiled(source: string, name: string): string {
  const file = join(folder, `${name}.c`);
  writeFileSync(file, source);
  const binary = join(folder, name);
  execFileSync(compiler, ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O1', '-o', binary, file]);
  return execFileSync(binary, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** What an accessor gives or takes for the bits of a place. */
function held(value: bigint, type: Type, width: number): number | bigint | Uint8Array {
  const target = resolved(type);
  if (width > 64)
    return Uint8Array.from({ length: width / 8 }, (_, at) => Number((value >> BigInt(at * 8)) & 0xffn));
  const signed = (target.kind === 'primitive' || target.kind === 'enumeration') && target.signed;
  const one = signed ? BigInt.asIntN(width, value) : value;
  return width > 32 ? one : Number(one);
}

describe.each([
  { title: 'the document', id: 'rmm-1.0-rel0', model: document() },
  { title: 'every shape', id: 'demo', model: shapes() },
])('$title', async ({ id, model }) => {
  const { structs, fieldsets } = concrete(model);
  const c = said(compiled(program(model), id));
  const { module, bits }: Running = await running(emitted(model), id);

  test('the witnesses speak of the same places', () => {
    const names = [
      ...structs.flatMap((struct) =>
        places(struct).map(
          ({ member, index }) => `${struct.name}.${member.name}${index === undefined ? '' : `[${index}]`}`,
        ),
      ),
      ...fieldsets.flatMap((type) => type.fields.map((field) => `${type.name}.${field.name}`)),
    ];
    expect([...c.places.keys()].sort()).toStrictEqual(names.sort());
    expect(names.length).toBeGreaterThan(60);
  });

  test.each(structs.map((struct) => [struct.name, struct] as const))('%s', (name, struct) => {
    const Class = module[name] as DynamicClass;
    expect(c.sizes.get(name)).toBe(struct.size);
    expect(Class.size).toBe(struct.size);
    for (const place of places(struct)) {
      const { member, index } = place;
      const key = `${name}.${member.name}${index === undefined ? '' : `[${index}]`}`;
      const witness = c.places.get(key)!;
      const size = bytesOf(member.type);
      expect(witness.offset, key).toBe(member.offset + (index ?? 0) * size);
      expect(witness.bytes.length, key).toBe(size);
      expect(witness.others, key).toBe(0);

      const accessor = new Class(bits.Memory.alloc(struct.size));
      const list = accessor[member.name] as DynamicArray;
      const width = widthOf(member.type);
      if (resolved(member.type).kind === 'fieldset') {
        const view = (index === undefined ? list : list.get(index)) as { $value: unknown };
        view.$value = held(wanted(place), member.type, width);
      } else if (index === undefined) accessor[member.name] = held(wanted(place), member.type, width);
      else list.set(index, held(wanted(place), member.type, width));
      const expected = Buffer.alloc(struct.size);
      witness.bytes.copy(expected, witness.offset);
      expect(Buffer.compare(accessor.$memory.u8, expected), key).toBe(0);

      const read = new Class(bits.Memory.of(new Uint8Array(expected)));
      const got = index === undefined ? read[member.name] : (read[member.name] as DynamicArray).get(index);
      const value = held(wanted(place), member.type, width);
      if (resolved(member.type).kind === 'fieldset')
        expect((got as { $value: unknown }).$value, key).toBe(value);
      else expect(got, key).toStrictEqual(value);
    }
  });

  test.each(fieldsets.map((type) => [type.name, type] as const))('%s', (name, type) => {
    const Class = module[name] as DynamicClass;
    const size = bytesOf(type);
    expect(c.sizes.get(name)).toBe(size);
    expect(Class.size).toBe(size);
    for (const field of type.fields) {
      const key = `${name}.${field.name}`;
      const { bytes } = c.places.get(key)!;
      const value = held(pattern(field.type, bitsOf(field), field.lsb), field.type, bitsOf(field));
      const accessor = new Class(bits.Memory.alloc(size));
      accessor[field.name] = value;
      expect(Buffer.compare(accessor.$memory.u8, bytes), key).toBe(0);
      expect(new Class(bits.Memory.of(new Uint8Array(bytes)))[field.name], key).toBe(value);
    }
  });

  test.skipIf(!has(cross))('AArch64 places them alike', () => {
    const checks = [...c.places]
      .filter(([, { offset }]) => offset > 0)
      .map(([name, { offset }]) => {
        const dot = name.indexOf('.');
        return `_Static_assert(offsetof(struct ${name.slice(0, dot)}, ${name.slice(dot + 1)}) == ${offset}, "");`;
      });
    const sizes = [...c.sizes].map(
      ([name, size]) => `_Static_assert(sizeof(struct ${name}) == ${size}, "");`,
    );
    const source = [declarations(model), ...sizes, ...checks, ''].join('\n');
    const file = join(folder, `${id}-aarch64.c`);
    writeFileSync(file, source);
    expect(() => execFileSync(cross, ['-std=c11', '-ffreestanding', '-fsyntax-only', file])).not.toThrow();
  });
});
