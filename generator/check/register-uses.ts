import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { type Model, placeOf, widthOf } from '../model/index.js';

/** A member that holds a register is as wide as it, and its mask is a mask of that register. */
export function* registerUses(model: Model): Iterable<Diagnostic> {
  for (const type of model.types.values()) {
    if (type.kind !== 'struct') continue;
    for (const member of type.members) {
      const width = widthOf(member.type);
      if (
        member.register !== undefined &&
        !Number.isNaN(width) &&
        !Number.isNaN(member.register.width) &&
        width !== member.register.width
      ) {
        yield diagnostic('register-width', placeOf(member, 'register'), {
          register: member.register.name,
          bits: member.register.width,
          width,
        });
      }
      if (member.permitted !== undefined && member.permitted.register !== member.register) {
        yield diagnostic('permitted-register', placeOf(member, 'permitted'), {
          mask: member.permitted.name,
          of: member.permitted.register.name,
        });
      }
    }
  }
}
