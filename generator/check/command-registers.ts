import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { bitsOf, bitsText, type CommandValue, type Model, placeOf, widthOf } from '../model/index.js';

/** Values of one call do not share bits of a register, fit into 64 bits, and are as wide as their type. */
export function* commandRegisters(model: Model): Iterable<Diagnostic> {
  for (const command of model.commands.values()) {
    for (const values of [command.inputs, command.outputs]) {
      /** Of the values so far, the one that reaches highest in its register. */
      let previous: CommandValue | undefined;
      for (const value of values) {
        const what = `\`${value.name}\``;
        if (value.msb > 63)
          yield diagnostic('bits-outside', placeOf(value, 'bits'), { what, msb: value.msb, width: 64 });
        if (previous !== undefined && previous.register === value.register && value.lsb <= previous.msb) {
          const bits = bitsText({ msb: Math.min(previous.msb, value.msb), lsb: value.lsb });
          yield diagnostic(
            'value-overlap',
            placeOf(value, 'bits', 'register'),
            { what, other: `\`${previous.name}\``, register: `X${value.register}`, bits },
            {
              related: [
                {
                  span: placeOf(previous, 'bits', 'register'),
                  message: `\`${previous.name}\` has ${bitsText(previous)}`,
                },
              ],
            },
          );
        }
        if (previous?.register !== value.register || value.msb > previous.msb) previous = value;
        // A narrow type may stand in a wider register: the rest is zero. The other way round loses bits.
        const width = widthOf(value.type);
        if (!Number.isNaN(width) && width > bitsOf(value)) {
          yield diagnostic('value-width', placeOf(value, 'type'), {
            what,
            bits: bitsOf(value),
            type: value.type.name,
            width,
          });
        }
      }
    }
    const result = command.outputs.some((value) => value.register === 0 || Number.isNaN(value.register));
    if (command.outputs.length > 0 && !result) {
      yield diagnostic('result-missing', command.span, { command: command.name });
    }
  }
}
