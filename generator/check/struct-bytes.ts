import { type Diagnostic, diagnostic, type Span } from '../diagnostics/index.js';
import {
  alignmentOf,
  bytesOf,
  hex,
  isAbstract,
  limitsOf,
  type Model,
  numberText,
  placeOf,
  resolved,
  widthOf,
} from '../model/index.js';

interface Claim {
  readonly what: string;
  readonly span: Span;
  readonly start: number;
  readonly end: number;
}

/** Each byte belongs to one member at most; the rest is declared unused or reserved; members are aligned. */
export function* structBytes(model: Model): Iterable<Diagnostic> {
  for (const type of model.types.values()) {
    if (type.kind !== 'struct' || type.abstract || Number.isNaN(type.size)) continue;
    const claims: Claim[] = [];
    let known = true;
    for (const member of type.members) {
      const what = `\`${member.name}\``;
      const width = widthOf(member.type);
      if (
        isAbstract(member.type) ||
        Number.isNaN(width) ||
        Number.isNaN(member.offset) ||
        Number.isNaN(member.count ?? 1)
      ) {
        known = false;
        continue;
      }
      const target = resolved(member.type);
      if (width % 8 !== 0 || (width <= 64 && bytesOf(target) * 8 !== width)) {
        known = false;
        yield diagnostic('member-width', placeOf(member, 'type'), { what, type: member.type.name, width });
        continue;
      }
      const align = alignmentOf(target);
      if (member.offset % align !== 0)
        yield diagnostic('member-alignment', placeOf(member, 'offset'), {
          what,
          offset: hex(member.offset),
          align,
        });
      claims.push({
        what,
        span: placeOf(member, 'offset'),
        start: member.offset,
        end: member.offset + bytesOf(target) * (member.count ?? 1),
      });
      if (member.value !== undefined && target.kind === 'struct')
        yield diagnostic('nested-here', placeOf(member, 'value'), {
          name: member.type.name,
          where: `the value of ${what}`,
        });
      else if (member.value !== undefined) {
        const signed = target.kind === 'primitive' && target.signed;
        const { min, max } = limitsOf(width, signed);
        if (member.value < min || member.value > max)
          yield diagnostic('value-range', placeOf(member, 'value'), {
            value: numberText(member.value),
            width,
            signed,
          });
      }
    }
    for (const range of type.reserved) {
      if (Number.isNaN(range.offset) || Number.isNaN(range.size)) known = false;
      else
        claims.push({
          what: `the range reserved as ${range.as}`,
          span: range.span,
          start: range.offset,
          end: range.offset + range.size,
        });
    }
    claims.sort((a, b) => a.start - b.start || a.end - b.end);
    let next = 0;
    let gap: { from: number; to: number } | undefined;
    let previous: Claim | undefined;
    for (const claim of claims) {
      if (claim.end > type.size) {
        yield diagnostic('bytes-outside', claim.span, {
          what: claim.what,
          end: hex(claim.end),
          size: hex(type.size),
        });
      }
      if (previous !== undefined && claim.start < next) {
        yield diagnostic(
          'bytes-overlap',
          claim.span,
          { what: claim.what, other: previous.what, at: hex(claim.start) },
          {
            related: [
              {
                span: previous.span,
                message: `${previous.what} is ${hex(previous.start)} to ${hex(previous.end - 1)}`,
              },
            ],
          },
        );
      } else if (claim.start > next && next < type.size)
        gap ??= { from: next, to: Math.min(claim.start, type.size) - 1 };
      if (claim.end > next) {
        next = claim.end;
        previous = claim;
      }
    }
    if (next < type.size) gap ??= { from: next, to: type.size - 1 };
    if (!known) continue;
    if (gap !== undefined && type.unused === undefined)
      yield diagnostic('bytes-gap', type.span, { from: hex(gap.from), to: hex(gap.to) });
    if (gap === undefined && type.unused !== undefined)
      yield diagnostic('bytes-unused-needless', placeOf(type, 'unused'), {});
  }
}
