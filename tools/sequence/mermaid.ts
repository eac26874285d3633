import type { HostCall, Lane, Step } from './steps.js';

/** Characters of a comment that are shown. */
const COMMENT = 100;

/**
 * Text that means nothing to mermaid, nor to a terminal: what is neither a letter, a digit nor harmless becomes the
 * code of an entity, a control character a dot.
 */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u00b7')
    .replace(/[^\p{L}\p{N}\p{M} _.,:()[\]+*=/'\u00b7\u00d7-]/gu, (one) => `#${one.codePointAt(0)};`);
}

/** Some calls: each command and outcome once, with its number. */
function counted(calls: readonly HostCall[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name, failure } of calls) {
    const text = failure === undefined ? name : `${name} returns ${failure}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => times(count, text));
}

const times = (count: number, text: string): string => (count === 1 ? text : `${count} \u00d7 ${text}`);

/** A Mermaid `sequenceDiagram` of what happened between a Host, the RMM and RECs. */
export function mermaid(steps: readonly Step[]): string {
  const lanes = [...new Set(steps.flatMap((step) => ('rec' in step ? [step.rec] : [])))];
  const severalRealms = new Set(lanes.map((lane) => lane.realm)).size > 1;
  const nameOf = ({ realm, index, address }: Lane): string => {
    if (realm === undefined || index === undefined) return `REC at 0x${address.toString(16)}`;
    return severalRealms ? `Realm ${realm} REC ${index}` : `REC ${index}`;
  };
  const idOf = (lane: Lane): string => `R${lanes.indexOf(lane)}`;
  const lines = ['sequenceDiagram', '    participant H as Host', '    participant M as RMM'];
  for (const lane of lanes) lines.push(`    participant ${idOf(lane)} as ${nameOf(lane)}`);
  const arrow = (from: string, kind: '->>' | '-->>' | '-x', to: string, ...text: readonly string[]) => {
    lines.push(`    ${from}${kind}${to}: ${text.map(escaped).join('<br/>')}`);
  };

  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    switch (step.kind) {
      case 'calls': {
        const failed = step.calls.filter((call) => call.failure !== undefined);
        const done = step.calls.filter((call) => call.failure === undefined);
        if (done.length > 0) arrow('H', '->>', 'M', ...counted(done));
        if (failed.length > 0) arrow('H', '-x', 'M', ...counted(failed));
        break;
      }
      case 'comment': {
        const characters = [...step.text];
        const text = characters.slice(0, COMMENT).join('') + (characters.length > COMMENT ? '...' : '');
        lines.push(`    Note over H,M: ${escaped(text)}`);
        break;
      }
      case 'enter':
        arrow('H', '->>', 'M', `RMI_REC_ENTER of ${nameOf(step.rec)}`, ...step.details);
        break;
      case 'resume':
        arrow('M', '->>', idOf(step.rec), 'goes on');
        break;
      case 'answer':
        arrow('M', '->>', idOf(step.rec), `${step.command ?? 'call'} returns ${step.result}`);
        break;
      case 'call': {
        const { rec, command = 'call', result } = step;
        let count = 1;
        for (; isSame(step, steps[i + 1]); i++) count++;
        arrow(idOf(rec), '->>', 'M', times(count, command));
        if (result !== undefined) arrow('M', '-->>', idOf(rec), result);
        break;
      }
      case 'exit':
        // What made it exit, where no call is to be seen.
        if (steps[i - 1]?.kind !== 'call' || isAnswered(steps[i - 1]!))
          arrow(idOf(step.rec), '->>', 'M', 'stops');
        arrow('M', '-->>', 'H', ...step.details);
        break;
    }
  }
  return `${lines.join('\n')}\n`;
}

function isAnswered(step: Step): boolean {
  return step.kind === 'call' && step.result !== undefined;
}

/** Whether a step is the same call with the same answer, right after another one. */
function isSame(step: Step & { readonly kind: 'call' }, next: Step | undefined): boolean {
  return (
    next?.kind === 'call' &&
    next.rec === step.rec &&
    next.command === step.command &&
    next.result === step.result &&
    step.result !== undefined
  );
}
