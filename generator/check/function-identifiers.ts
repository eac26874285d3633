import { type Diagnostic, diagnostic } from '../diagnostics/index.js';
import { type Command, type Model, placeOf } from '../model/index.js';

const fidText = (fid: bigint): string => `0x${fid.toString(16).toUpperCase().padStart(8, '0')}`;

/** FIDs are unique, lie in the range of their interface, and are fast calls (SMCCC). */
export function* functionIdentifiers(model: Model): Iterable<Diagnostic> {
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
    const ranges = command.interface.fids;
    if (!ranges.some((range) => fid >= range.first && fid <= range.last)) {
      const text = ranges.map((range) => `${fidText(range.first)} to ${fidText(range.last)}`).join(' and ');
      yield diagnostic(
        'fid-range',
        placeOf(command, 'fid'),
        { fid: fidText(fid), interface: command.interface.name, ranges: text },
        { related: [{ span: command.interface.span, message: `${command.interface.name} is defined here` }] },
      );
    } else if (fid >> 31n !== 1n || (fid & 0x00ff_0000n) !== 0n) {
      yield diagnostic('fid-convention', placeOf(command, 'fid'), { fid: fidText(fid) });
    }
  }
}
