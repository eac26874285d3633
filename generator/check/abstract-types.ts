import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { isAbstract, type Model, placeOf, resolved, type Type } from '../model/index.js';

/** A concrete layout holds concrete types only (B1.8), and fields and registers hold single values. */
export function* abstractTypes(model: Model): Iterable<Diagnostic> {
  for (const type of model.types.values()) {
    if (type.kind === 'fieldset') {
      for (const field of type.fields)
        yield* single(field.type, placeOf(field, 'type'), `the field \`${field.name}\``);
    } else if (type.kind === 'struct' && !type.abstract) {
      for (const member of type.members) {
        if (isAbstract(member.type)) {
          yield diagnostic('abstract-here', placeOf(member, 'type'), {
            name: member.type.name,
            where: `the member \`${member.name}\``,
          });
        }
      }
    }
  }
  for (const command of model.commands.values()) {
    for (const value of [...command.inputs, ...command.outputs])
      yield* single(value.type, placeOf(value, 'type'), `the value \`${value.name}\``);
  }
}

function* single(type: Type, span: Diagnostic['span'], where: string): Iterable<Diagnostic> {
  if (isAbstract(type)) yield diagnostic('abstract-here', span, { name: type.name, where });
  else if (resolved(type).kind === 'struct')
    yield diagnostic('nested-here', span, { name: type.name, where });
}
