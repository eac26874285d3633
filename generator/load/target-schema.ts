import { z } from 'zod';
import { limits } from './limits.js';

/**
 * The shape of a target file: one C header or Rust module (and what goes with it) as data. Which items of a version appear in
 * it, in which order and under which names; how they look is the template's business. `spec/targets/README.md`
 * shows the language.
 */

const integer = z.bigint();
const prose = z.string().min(1).max(limits.proseLength);
const item = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
  .describe('An item of the specification, or a part of one.');
const memberOf = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}\.[A-Za-z][A-Za-z0-9_]{0,63}$/)
  .describe('A member of a struct: RmiRecParams.gprs.');
const part = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63}){0,2}$/)
  .describe('A field or label; a field of a layout of a field: data.level.level.');
const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)
  .describe('A name of the output.');
const word = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .describe('One of the styles that the template knows.');
const typeWords = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_][A-Za-z0-9_]*){0,3}$/)
  .describe('A type of the output: u64, or unsigned long.');
const header = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$/)
  .describe('A header to include: linux/bits.h.');

const comment = prose.optional().describe('Opens the section in place of what the specification says.');
const style = word.optional();
const section = { comment, style };
const prefix = identifier.optional().describe('Goes before the name of the specification.');
const rename = z
  .record(part, identifier)
  .optional()
  .describe('Names of the output that are not the prefix and the name of the specification.');

const only = z
  .array(part)
  .min(1)
  .optional()
  .describe('What the output has of the item, in its order; all of it when absent.');
const boundary = z
  .strictObject({ name: identifier, values: z.record(item, integer) })
  .optional()
  .describe('The macro that stands for a bit number where the layouts of a field differ, by layout.');

const calls = z.strictObject({
  kind: z.literal('calls'),
  ...section,
  interface: item.describe('Every command of this interface, by FID.'),
  layout: item.optional().describe('The fieldset that lays out a FID; without it a call is its whole FID.'),
  macro: identifier.optional().describe('The macro that makes a FID from the function number.'),
  argument: identifier.optional().describe('What the macro calls the function number.'),
  prefix,
  rename,
});

const range = z.strictObject({
  kind: z.literal('range'),
  ...section,
  interface: item,
  layout: item.describe('The fieldset that lays out a FID; the field at its bottom is the function number.'),
  first: identifier.describe('What the output calls the first function number that the interface may use.'),
  last: identifier,
});

const constants = z.strictObject({
  kind: z.literal('constants'),
  ...section,
  names: z
    .record(item, identifier)
    .describe('Constants of the specification and what the output calls them.'),
});

const counts = z.strictObject({
  kind: z.literal('counts'),
  ...section,
  names: z
    .record(memberOf, identifier)
    .describe(
      'Arrays of structs and the name of their number of elements, or of bytes where a value is longer than a ' +
        'register; arrays that share one agree.',
    ),
});

const value = z.strictObject({
  kind: z.literal('value'),
  ...section,
  of: item.describe('A fieldset.'),
  name: identifier,
  fields: z.record(item, item).describe('Fields and the constants that they hold.'),
});

const accessors = z.strictObject({
  kind: z.literal('accessors'),
  ...section,
  of: item.describe('A fieldset.'),
  argument: identifier.optional(),
  get: z.record(part, identifier).optional().describe('Fields and the macros that extract them.'),
  masks: z.boolean().optional().describe('Extracts with the masks that a `fields` section names.'),
  unshifted: z.array(part).optional().describe('Left where they stand in the value.'),
  unmasked: z
    .array(item)
    .optional()
    .describe('Extracted by a shift alone: only reserved bits may lie above.'),
  make: z
    .strictObject({ name: identifier, fields: z.array(item).min(1) })
    .optional()
    .describe('The macro that puts fields together, with its arguments in order.'),
});

const labels = z.strictObject({
  kind: z.literal('labels'),
  ...section,
  of: item.describe('An enumeration; each label becomes a macro.'),
  only,
  prefix,
  rename,
  count: identifier.optional().describe('What the output calls the number of labels.'),
});

const enumeration = z.strictObject({
  kind: z.literal('enum'),
  ...section,
  of: item.describe('An enumeration.'),
  name: identifier,
  prefix,
  rename,
});

const fields = z.strictObject({
  kind: z.literal('fields'),
  ...section,
  of: item.describe('A fieldset; each field becomes a mask.'),
  name: identifier.optional().describe('What the output calls the type of such a value, where it has one.'),
  only,
  boundary,
  prefix,
  suffix: identifier.optional().describe('Goes after the name of the specification.'),
  upper: z.boolean().optional().describe('Writes the field in upper case after the prefix.'),
  rename,
  reserved: identifier.optional().describe('The mask of the reserved bits.'),
});

const mask = z.strictObject({ kind: z.literal('mask'), ...section, of: item, name: identifier.optional() });

const group = z.union([
  z.array(item).min(1),
  z.strictObject({
    members: z.array(item).min(1),
    offset: integer.optional().describe('Where it begins; at its first member when absent.'),
    size: integer.optional().describe('Bytes.'),
  }),
]);

/** `u64` is a 64-bit unsigned value whatever the output calls it; `s64` a signed one. */
const typeNames = z.partialRecord(z.enum(['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64']), typeWords);

const struct = z.strictObject({
  kind: z.literal('struct'),
  ...section,
  of: item.describe('A struct.'),
  name: identifier,
  groups: z
    .array(group)
    .min(1)
    .optional()
    .describe('Members that share a union with the padding up to the next group.'),
  rename,
  widen: z
    .record(item, integer)
    .optional()
    .describe('Members that take in the unused bytes after them, and their width in bits.'),
  types: typeNames.optional(),
  padding: z.array(identifier).min(1).optional().describe('Names of the paddings, in order.'),
  align: item.optional().describe('The constant that the struct is aligned to, in bytes.'),
});

const versionFolder = z.string().min(1).max(64);

export const targetFile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.-]*(\/[a-z0-9][a-z0-9_.-]*)*$/)
      .max(64)
      .describe('What --target calls it.'),
    version: z
      .union([versionFolder, z.array(versionFolder).min(1).max(limits.versions)])
      .describe('The folder of the version, or of each that has this output: rmm-1.0-rel0.'),
    summary: prose,
    outputs: z
      .record(z.string().min(1).max(200), z.string().min(1).max(200))
      .describe('Paths below the output folder of the version, each with the template beside this file.'),
    license: z
      .string()
      .regex(/^[A-Za-z0-9.+() -]{1,80}$/)
      .describe('An SPDX expression.'),
    language: z
      .enum(['c', 'rust'])
      .optional()
      .describe('Whose keywords and scopes the names must fit; c when absent.'),
    guard: identifier.optional(),
    includes: z.array(header).optional(),
    includes_c: z.array(header).optional().describe('Left out when an assembler reads the header.'),
    types: typeNames.optional().describe('What the output calls values of each width.'),
    padding: identifier.optional().describe('What paddings are called, before their number.'),
    sections: z.array(
      z.discriminatedUnion('kind', [
        calls,
        range,
        constants,
        counts,
        value,
        accessors,
        labels,
        enumeration,
        fields,
        mask,
        struct,
      ]),
    ),
  })
  .describe('One output of the generator as data.');

export type RawTarget = z.infer<typeof targetFile>;
