import { type Expected, type RealmArrival, type RealmWatcher, type Rule, WATCHED } from '../machine/realm.js';
import type { Reply } from './call.js';
import { type Continuation, INSTRUCTION, type RunContext } from './context.js';
import { among, exactly, open } from './expected.js';

/*
 * What those who look on are told when a Realm goes on: what it finds, and what it may find by the document.
 */

type Arrival = Omit<RealmArrival, 'pc'>;

const restored = (register: number): Rule => ({
  id: `X${register}`,
  text: 'restored from the REC',
  section: 'A4.2.2',
});

const resumed: Record<Continuation['resumesAt'], Rule> = {
  pc: { id: 'PC', text: 'restored from the REC', section: 'A2.3.2' },
  'pc or next': { id: 'PC', text: 'the instruction, or the one after it', section: 'A4.3.4.1' },
  open: { id: 'PC', text: 'an exception vector of the Realm', section: 'A4.3.4' },
};

/** The Realm goes on with the registers that it had. */
export function resumption({ rec, continuation }: RunContext): Arrival {
  const gprs = Array.from({ length: WATCHED }, (_, i) =>
    (continuation.unknown & (1 << i)) === 0
      ? exactly(rec.gprs[i]!, restored(i))
      : open(rec.gprs[i]!, restored(i)),
  );
  return { kind: 'run', command: undefined, section: 'A4.2.2', gprs };
}

/** The Realm goes on with the answer to a call, which its registers hold already. */
export function answer(
  { rec }: RunContext,
  reply: Reply,
  command: string | undefined,
  section: string,
): Arrival {
  const registers = reply.kind === 'return' ? reply.registers : [];
  const gprs = Array.from({ length: WATCHED }, (_, i) => registers[i] ?? open(rec.gprs[i]!, restored(i)));
  return { kind: 'rsi', command, section, gprs };
}

function expectedPc({ rec, continuation }: RunContext): Expected {
  const { pc } = rec;
  const rule = resumed[continuation.resumesAt];
  const next = BigInt.asUintN(64, pc + INSTRUCTION);
  switch (continuation.resumesAt) {
    case 'open':
      return open(pc, rule);
    case 'pc':
      return exactly(pc, rule);
    case 'pc or next':
      return among(pc, (observed) => observed === pc || observed === next, rule);
  }
}

/** Tells those who look on, and takes over what they saw. */
export function announce(context: RunContext, watchers: readonly RealmWatcher[], arrival: Arrival): void {
  const { rec, continuation } = context;
  const pc = expectedPc(context);
  for (const watcher of watchers) {
    const seen = watcher.arrived?.({ ...arrival, pc });
    if (seen === undefined) continue;
    for (const [i, value] of seen.gprs.entries()) rec.gprs[i] = value;
    continuation.unknown &= ~(2 ** seen.gprs.length - 1);
    if (seen.pc !== undefined) {
      rec.pc = seen.pc;
      continuation.resumesAt = 'pc';
    }
  }
}
