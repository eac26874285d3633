import type { Alias, CborMap, Constant, Mask } from '../../model/index.js';
import { constant, typeAlias } from './declarations.js';
import { formOf } from './forms.js';
import type { Module } from './module.js';
import { dataText, literalOf } from './text.js';

/** A number if 32 bits hold it, as everywhere; else a bigint. Counts are decimal, addresses and sizes hexadecimal. */
export function emitConstant(module: Module, { name, value, summary, section, unit }: Constant): void {
  const small = value >= -(1n << 31n) && value < 1n << 32n;
  module.add(
    constant(
      name,
      undefined,
      unit === 'bits' && small ? value.toString() : literalOf(value, small ? 'number' : 'bigint'),
      summary,
      `${section}${unit === undefined ? '' : `; in ${unit}`}.`,
    ),
  );
}

export function emitMask(module: Module, mask: Mask): void {
  const fields = mask.fields.map((field) => field.name).join(', ');
  module.add(
    constant(
      mask.name,
      undefined,
      literalOf(mask.value, mask.register.width > 32 ? 'bigint' : 'number'),
      mask.summary,
      `${mask.section}; ${mask.register.name}: ${fields}.`,
    ),
  );
}

export function emitAlias(module: Module, { name, type, summary, section }: Alias): void {
  const form = formOf(type);
  const named = type.kind !== 'primitive' && form.form !== 'bytes';
  const text = named ? module.item(type.name, true) : form.form === 'scalar' ? form.kind : 'Uint8Array';
  module.add(typeAlias(name, text, summary, `${section}.`));
}

/** A map as data: its keys are few, and who reads a token wants to know all of an entry. */
export function emitMap(module: Module, { name, section, summary, tag, entries }: CborMap): void {
  const data = {
    name,
    section,
    tag,
    entries: Object.fromEntries(
      entries.map((one) => [
        one.name,
        {
          key: one.key,
          type: one.type,
          sizes: one.sizes.length === 0 ? undefined : one.sizes,
          count: one.count,
          least: one.least,
          value: one.value,
          first: one.first,
          optional: one.optional ? true : undefined,
          section: one.section,
          doc: one.doc,
        },
      ]),
    ),
  };
  // Whoever reads it takes a MapMetadata; a `satisfies` here could not be declared file by file.
  module.add(constant(name, undefined, `${dataText(data, 0)} as const`, summary, `${section}.`));
}
