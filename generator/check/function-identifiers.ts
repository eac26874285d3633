import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { type Command, type Interface, type Model, placeOf } from '../model/index.js';

const fidText = (fid: bigint): string => `0x${fid.toString(16).toUpperCase().padStart(8, '0')}`;

function rangesText({ fids }: Interface): string {
  return fids.map((range) => `${fidText(range.first)} to ${fidText(range.last)}`).join(' and ');
}

function inRanges({ fid, interface: { fids } }: Command): boolean {
  return fids.some((range) => fid >= range.first && fid <= range.last);
}

/** Interfaces none of whose commands lies in their ranges: it is the ranges that are wrong, once. */
function* strangeInterfaces(model: Model): Generator<Diagnostic, ReadonlySet<Interface>> {
  const strange = new Set<Interface>();
  for (const one of model.interfaces) {
    const commands = [...model.commands.values()].filter((command) => command.interface === one);
    if (commands.length < 2 || commands.some(inRanges)) continue;
    strange.add(one);
    yield diagnostic('fids-foreign', placeOf(one, 'fids'), { interface: one.name, ranges: rangesText(one) });
  }
  return strange;
}

/** FIDs are unique, lie in the range of their interface, and are fast calls (SMCCC). */
export function* functionIdentifiers(model: Model): Iterable<Diagnostic> {
  const strange = yield* strangeInterfaces(model);
  const seen = new Map<bigint, Command>();
  for (const command of model.commands.values()) {
    const fid = command.fid;
    if (fid < 0n || fid > 0xffff_ffffn) continue;
    const other = seen.get(fid);
    if (other !== undefined) {
      yield diagnostic(
        'fid-duplicate',
        placeOf(command, 'fid'),
        { fid: fidText(fid), other: other.name },
        { related: [{ span: other.span, message: `${other.name} is defined here` }] },
      );
    } else seen.set(fid, command);
    if (strange.has(command.interface)) continue;
    if (!inRanges(command)) {
      yield diagnostic(
        'fid-range',
        placeOf(command, 'fid'),
        { fid: fidText(fid), interface: command.interface.name, ranges: rangesText(command.interface) },
        { related: [{ span: command.interface.span, message: `${command.interface.name} is defined here` }] },
      );
    } else if (fid >> 31n !== 1n || (fid & 0x00ff_0000n) !== 0n) {
      yield diagnostic('fid-convention', placeOf(command, 'fid'), { fid: fidText(fid) });
    }
  }
}
