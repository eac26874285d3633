import type { BitRange, Field, Fieldset, Type } from '../../model/index.js';

/** Bits of a fieldset that a target names: a field, or a field of a layout that a field can have. */
export interface PartBits extends BitRange {
  /** The path: `status`, `data.level.level`. */
  readonly path: string;
  readonly type: Type;
  readonly doc: string;
  readonly section: string;
  /** Its own path in the specification: `RmiResultDataLevel.level`. */
  readonly spec: string;
}

function partOf(of: Fieldset, field: Field, path: string, shift: number): PartBits {
  return {
    path,
    msb: field.msb + shift,
    lsb: field.lsb + shift,
    type: field.type,
    doc: field.doc,
    section: of.section,
    spec: `${of.name}.${field.name}`,
  };
}

/** Every part of a fieldset by its path: its fields, low bits first, and behind each those of its layouts. */
export function partsOf(of: Fieldset): ReadonlyMap<string, PartBits> {
  const parts = new Map<string, PartBits>();
  for (const field of of.fields) {
    parts.set(field.name, partOf(of, field, field.name, 0));
    for (const { name, type } of field.cases?.cases ?? []) {
      for (const inner of type?.fields ?? []) {
        const path = `${field.name}.${name}.${inner.name}`;
        parts.set(path, partOf(type!, inner, path, field.lsb));
      }
    }
  }
  return parts;
}

/** A field that several layouts have, in each of them. */
export interface SharedBits {
  readonly path: string;
  readonly doc: string;
  readonly type: Type;
  /** By layout. */
  readonly in: ReadonlyMap<string, BitRange>;
}

/** The fields that all layouts of a field have, by their paths: `data.size`. */
export function sharedParts(of: Fieldset): ReadonlyMap<string, SharedBits> {
  const shared = new Map<string, SharedBits>();
  for (const field of of.fields) {
    const layouts = (field.cases?.cases ?? []).flatMap(({ name, type }) =>
      type === undefined ? [] : [{ name, type }],
    );
    for (const { name, doc, type } of layouts[0]?.type.fields ?? []) {
      const found = new Map<string, BitRange>();
      for (const layout of layouts) {
        const inner = layout.type.fields.find((one) => one.name === name);
        if (inner !== undefined)
          found.set(layout.name, { msb: inner.msb + field.lsb, lsb: inner.lsb + field.lsb });
      }
      const path = `${field.name}.${name}`;
      if (found.size === layouts.length) shared.set(path, { path, doc, type, in: found });
    }
  }
  return shared;
}
