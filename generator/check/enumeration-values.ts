import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { type Label, limitsOf, type Model, numberText, placeOf } from '../model/index.js';

/** Values fit the width, are distinct, and encodings without a label are declared reserved. */
export function* enumerationValues(model: Model): Iterable<Diagnostic> {
  for (const type of model.types.values()) {
    if (type.kind !== 'enumeration' || type.abstract || Number.isNaN(type.width) || type.width === 0)
      continue;
    const { min, max } = limitsOf(type.width, type.signed);
    const seen = new Map<bigint, Label>();
    let sound = true;
    for (const label of type.labels) {
      const value = label.value;
      if (value === undefined) continue;
      if (value < 0n && !type.signed) {
        sound = false;
        yield diagnostic('value-signed', placeOf(label, 'value'), { value: String(value) });
      } else if (value < min || value > max) {
        sound = false;
        yield diagnostic('value-range', placeOf(label, 'value'), {
          value: numberText(value),
          width: type.width,
          signed: type.signed,
        });
      }
      const other = seen.get(value);
      if (other !== undefined) {
        sound = false;
        yield diagnostic(
          'value-duplicate',
          placeOf(label, 'value'),
          { name: label.name, other: other.name, value: numberText(value) },
          { related: [{ span: other.span, message: `${other.name} is defined here` }] },
        );
      }
      seen.set(value, label);
    }
    if (!sound) continue;
    const free = (1n << BigInt(type.width)) - BigInt(seen.size);
    if (free > 0n && !type.reserved)
      yield diagnostic('unused-missing', type.span, { free: free > 0xffffn ? 'most' : String(free) });
    if (free === 0n && type.reserved) yield diagnostic('unused-needless', placeOf(type, 'unused'), {});
  }
}
