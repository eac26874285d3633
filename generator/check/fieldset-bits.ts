import { type Diagnostic, diagnostic, type Span } from '../diagnostics/index.js';
import { type BitRange, bitsOf, bitsText, type Model, placeOf, widthOf } from '../model/index.js';

interface Claim extends BitRange {
  readonly what: string;
  readonly span: Span;
}

/** Each bit belongs to exactly one field or reserved range, and a field is as wide as its type. */
export function* fieldsetBits(model: Model): Iterable<Diagnostic> {
  for (const type of model.types.values()) {
    if (type.kind !== 'fieldset' || Number.isNaN(type.width)) continue;
    const claims: Claim[] = [
      ...type.fields.map((field) => ({
        what: `\`${field.name}\``,
        msb: field.msb,
        lsb: field.lsb,
        span: placeOf(field, 'bits'),
      })),
      ...type.reserved.map((range) => ({
        what: `the range reserved as ${range.as}`,
        msb: range.msb,
        lsb: range.lsb,
        span: range.span,
      })),
    ].sort((a, b) => a.lsb - b.lsb || a.msb - b.msb);
    let next = 0;
    let previous: Claim | undefined;
    const gaps: string[] = [];
    for (const claim of claims) {
      if (claim.msb >= type.width) {
        yield diagnostic('bits-outside', claim.span, { what: claim.what, msb: claim.msb, width: type.width });
      }
      if (previous !== undefined && claim.lsb < next) {
        const bits = bitsText({ msb: Math.min(claim.msb, next - 1), lsb: claim.lsb });
        yield diagnostic(
          'bits-overlap',
          claim.span,
          { what: claim.what, other: previous.what, bits },
          { related: [{ span: previous.span, message: `${previous.what} has ${bitsText(previous)}` }] },
        );
      } else if (claim.lsb > next && next < type.width) {
        gaps.push(bitsText({ msb: Math.min(claim.lsb, type.width) - 1, lsb: next }));
      }
      if (claim.msb >= next) {
        next = claim.msb + 1;
        previous = claim;
      }
    }
    if (next < type.width) gaps.push(bitsText({ msb: type.width - 1, lsb: next }));
    if (gaps.length > 0) yield diagnostic('bits-gap', type.span, { bits: gaps });

    for (const field of type.fields) {
      const width = widthOf(field.type);
      if (!Number.isNaN(width) && width > 0 && width !== bitsOf(field)) {
        yield diagnostic('field-width', placeOf(field, 'bits'), {
          what: `\`${field.name}\``,
          bits: bitsOf(field),
          type: field.type.name,
          width,
        });
      }
      for (const one of field.cases?.cases ?? []) {
        if (one.type === undefined || Number.isNaN(one.type.width) || one.type.width === bitsOf(field))
          continue;
        yield diagnostic('field-width', placeOf(one, 'type'), {
          what: `\`${field.name}\``,
          bits: bitsOf(field),
          type: one.type.name,
          width: one.type.width,
        });
      }
    }
  }
}
