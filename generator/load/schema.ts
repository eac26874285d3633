import { z } from 'zod';
import { limits } from './limits.js';
import { targetFile } from './target-schema.js';

/**
 * The shape of each sort of file, once: the loader checks with it, its types are the raw documents, and the
 * JSON Schemas that editors use are printed from it. Meaning (do the bits fit, does the type exist) is not
 * decided here.
 */

const integer = z.bigint();
/** Of an item or a part of one. */
export const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
  .describe('A name: letters, digits and underscores, starting with a letter.');
const prose = z.string().min(1).max(limits.proseLength);
const condition = z
  .string()
  .min(1)
  .max(limits.conditionLength)
  .describe('A condition expression of the document (B1.4).');
const section = z.string().min(1).max(80).describe('The section of the document, such as B4.4.14.');
const typeName = z
  .string()
  .min(1)
  .max(limits.nameLength)
  .describe('UIntN, BitsN, IntN, Address, or a type of this specification.');
const bits = z
  .union([z.string(), z.bigint()])
  .describe('A quoted bit range, most significant bit first: "7:0"; one bit: "8".');
const reservedAs = z.enum(['SBZ', 'MBZ', 'RES0', 'RES1']);
const note = prose.optional().describe('Where sources disagree, or an erratum of the document.');

const summary = prose.describe('One sentence in our own words.');
const doc = prose.describe('A short phrase in our own words.');

const enumeration = z.strictObject({
  kind: z.literal('enumeration'),
  section: section.optional(),
  source: section.optional(),
  summary,
  note,
  abstract: z.boolean().optional().describe('An abstract enumeration has labels without values (B1.8).'),
  width: integer.optional().describe('Bits.'),
  signed: z.boolean().optional(),
  unused: z.literal('reserved').optional().describe('What encodings without a label are.'),
  values: z.record(name, z.strictObject({ value: integer.optional(), doc, note })),
});

const field = z.strictObject({
  bits,
  type: typeName.optional(),
  by: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})?$/,
      'a field, a TYPE.part or an enumeration',
    )
    .optional()
    .describe(
      'What decides which layout the bits have: a field beside this one, a part of another type ' +
        '(RmiRmmConfig.rmi_granule_size), or an enumeration, of which the user of the fieldset has a value.',
    ),
  cases: z
    .record(
      name,
      z.strictObject({
        when: z.array(name).min(1).optional().describe('Labels of what decides; all others when absent.'),
        type: typeName
          .optional()
          .describe('A fieldset as wide as the field; absent where the bits have none.'),
        doc: doc.optional(),
      }),
    )
    .optional()
    .describe('The layouts that the bits have, in place of a type.'),
  doc,
  note,
});
const reservedBits = z.array(z.strictObject({ bits, as: reservedAs })).optional();

const fieldset = z.strictObject({
  kind: z.literal('fieldset'),
  section: section.optional(),
  source: section.optional(),
  summary,
  note,
  width: integer.describe('Bits.'),
  fields: z.record(name, field),
  reserved: reservedBits,
});

const register = z.strictObject({
  kind: z.literal('register'),
  source: section.describe('The architecture document and the entry in it.'),
  summary,
  note,
  name: z
    .string()
    .min(1)
    .max(limits.nameLength)
    .optional()
    .describe('As the architecture writes it: ICH_LR<n>_EL2.'),
  count: integer.optional(),
  access: z.enum(['RW', 'RO', 'WO']).optional(),
  width: integer.describe('Bits.'),
  fields: z.record(name, field),
  reserved: reservedBits,
});

const struct = z.strictObject({
  kind: z.literal('struct'),
  section,
  summary,
  note,
  abstract: z.boolean().optional().describe('An abstract struct has neither size nor offsets (B1.8).'),
  size: integer.optional().describe('Bytes.'),
  unused: reservedAs.optional().describe('What bytes outside the members are.'),
  members: z.record(
    name,
    z.strictObject({
      offset: integer.optional().describe('Bytes from the start.'),
      type: typeName,
      count: integer.optional().describe('Elements of an array.'),
      register: name.optional().describe('The architectural register whose layout the value has.'),
      permitted: name.optional().describe('The mask of bits that the Host may set.'),
      value: integer.optional().describe('The value that the member always holds.'),
      doc,
      note,
    }),
  ),
  reserved: z.array(z.strictObject({ offset: integer, size: integer, as: reservedAs })).optional(),
});

const alias = z.strictObject({ kind: z.literal('alias'), section, summary, note, type: typeName });

const mask = z.strictObject({
  kind: z.literal('mask'),
  section,
  summary,
  note,
  register: name,
  fields: z.array(name).min(1),
  excluded: z
    .record(name, prose)
    .optional()
    .describe('Fields that are not in the mask, each with the reason.'),
});

const constant = z.strictObject({
  kind: z.literal('constant'),
  section: section.optional(),
  source: section.optional(),
  summary,
  note,
  value: integer.optional(),
  fid_of: name.optional().describe('The command whose function identifier this is, in place of a value.'),
  unit: z.enum(['bytes', 'bits', 'granules']).optional(),
});

const size = z.union([integer, z.array(integer).min(1)]);
const map = z
  .strictObject({
    kind: z.literal('map'),
    section: section.optional(),
    source: section.optional(),
    summary,
    note,
    tag: integer.optional().describe('The CBOR tag that stands before the map.'),
    entries: z.record(
      name,
      z.strictObject({
        key: integer,
        type: typeName.describe('bytes, text or int; an enumeration, a fieldset or another map.'),
        size: size.optional().describe('Bytes that a byte string has: one size, or a list of them.'),
        count: integer.optional().describe('Elements of an array.'),
        least: integer.optional().describe('The least number of elements of an array.'),
        value: prose.optional().describe('The text that the entry always holds.'),
        first: integer.optional().describe('The first byte of a byte string.'),
        optional: z.literal(true).optional(),
        section: section.optional().describe('Where the entry is defined, if not where the map is.'),
        doc,
        note,
      }),
    ),
  })
  .describe('A CBOR map with integers for keys.');

export const typeItem = z.discriminatedUnion('kind', [
  enumeration,
  fieldset,
  register,
  struct,
  alias,
  mask,
  constant,
  map,
]);
export const typesFile = z
  .record(name, typeItem)
  .describe('Types: enumerations, fieldsets, structs, aliases, registers, masks, constants and maps.');

const commandValue = z.strictObject({
  register: z.string().max(8).describe('X0 to X16.'),
  bits: bits.optional(),
  type: typeName,
  doc,
  note,
});

const answered = {
  prose: prose.describe('The condition in our own words, where the document has no expression.'),
  by: name.describe('The runtime function that answers for it.'),
};

const document = condition
  .optional()
  .describe(
    'The text as the document has it, where that cannot be meant; `note` says why and what was done.',
  );

const added = z
  .literal(true)
  .optional()
  .describe('The document lacks this item, though what it promises needs it; `note` says why.');

const failure = z.union([
  z.strictObject({ pre: condition, post: condition, document, added, note }),
  z.strictObject({ ...answered, post: condition, added, note }),
]);
const success = z.union([
  condition,
  z.strictObject({ pre: condition, post: condition, document, added, note }),
  z.strictObject({ post: condition, document, added, note }),
  z.strictObject({ ...answered, pre: condition.optional(), note }),
  z
    .strictObject({ ...answered, post: condition, note })
    .describe('What is promised when something holds that the document says in prose.'),
]);
const footprintItem = z.union([condition, z.strictObject({ value: condition, document, added, note })]);

export const commandItem = z.strictObject({
  section,
  summary,
  note,
  fid: integer.describe('The function identifier, X0 of the call.'),
  inputs: z.record(name, commandValue).optional(),
  context: z
    .record(
      name,
      z.strictObject({
        type: typeName,
        value: condition,
        before: z.boolean().describe('Keep the value from before the command ran (B1.5).'),
        added,
        doc,
        note,
      }),
    )
    .optional(),
  outputs: z.record(name, commandValue).optional(),
  failures: z.record(name, failure).optional(),
  order: z.array(condition).optional().describe('Relations such as "[a, b] < [c]" (B1.6).'),
  prefer: z.array(name).optional().describe('Failures to evaluate first where the order leaves a choice.'),
  success: z.record(name, success).optional(),
  footprint: z.record(name, footprintItem).optional(),
  notes: z.array(prose).optional(),
});
export const commandsFile = z.record(name, commandItem).describe('A command.');

const signature = z.strictObject({ parameters: z.record(name, typeName).optional(), returns: typeName });
const partial = prose
  .optional()
  .describe('When the function has no value: what stands on it is then not well-formed.');
const rule = z
  .literal('same-label')
  .optional()
  .describe('Equality of a concrete and an abstract enumeration, label by label.');
export const functionItem = z.union([
  z.strictObject({
    section,
    summary,
    partial,
    note,
    parameters: z.record(name, typeName).optional(),
    returns: typeName,
    body: condition.optional(),
    behaviour: prose.optional(),
  }),
  z.strictObject({
    section,
    summary,
    partial,
    rule,
    note,
    signatures: z.array(signature).min(1),
    behaviour: prose.optional(),
  }),
  z.strictObject({
    section,
    summary,
    note,
    inductive: z.literal(true),
    parameters: z.record(name, typeName),
    behaviour: prose.optional(),
  }),
]);
export const functionsFile = z.record(name, functionItem).describe('Functions that conditions call (B3).');

const includes = z.array(z.string().min(1).max(200));
export const specFile = z.strictObject({
  document: z
    .string()
    .regex(/^[A-Z0-9]{3,16}$/, 'a document number such as DEN0137')
    .describe('The document number, such as DEN0137.'),
  version: z.string().regex(/^[0-9A-Za-z.-]{1,32}$/, 'a version such as 1.0-rel0'),
  title: prose,
  note: prose.optional().describe('What is claimed of this version, and on which sources.'),
  sections: z
    .string()
    .regex(/^[0-9A-Za-z.-]{1,32}$/, 'a version such as 1.0-rel0')
    .optional()
    .describe('The version of the document whose sections are cited, where it is another.'),
  scope: z
    .enum(['complete', 'interface'])
    .optional()
    .describe(
      'complete: what commands take, answer and change. interface: only what they take and answer; conditions ' +
        'of included files are left out. Complete when absent.',
    ),
  interfaces: z.record(
    name,
    z.strictObject({
      section,
      version: z
        .string()
        .regex(/^[0-9]{1,4}\.[0-9]{1,4}$/, 'a version such as "1.0"')
        .describe('Quoted: "1.0".'),
      fids: z.array(z.strictObject({ first: integer, last: integer })).min(1),
      note,
    }),
  ),
  include: z.strictObject({
    types: includes.optional(),
    commands: includes.optional(),
    functions: includes.optional(),
  }),
  replaces: z
    .array(name)
    .min(1)
    .optional()
    .describe("Items of another version's files that a file of this version's own folder defines anew."),
});

export type RawTypeItem = z.infer<typeof typeItem>;
export type RawCommand = z.infer<typeof commandItem>;
export type RawFunction = z.infer<typeof functionItem>;
export type RawSpec = z.infer<typeof specFile>;

/** The sorts of file, by the key of `include` that names them. */
export const fileSchemas = {
  spec: specFile,
  types: typesFile,
  commands: commandsFile,
  functions: functionsFile,
  target: targetFile,
} as const;
export type FileSort = keyof typeof fileSchemas;
