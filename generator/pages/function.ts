import type { ConditionFunction, Interface } from '../model/index.js';
import { commandTable } from './command.js';
import { code, joined, type Line, link, type Page, plain, section } from './page.js';
import { departureSection, mentionTable } from './sections.js';
import type { Source } from './source.js';
import { namesIn } from './uses.js';
import { count, fidText, prose, signatureText, whatIs } from './words.js';

/** Signatures and meaning of a function, and what calls it. */
export function functionPage(item: ConditionFunction, source: Source): Page {
  const { signatures, body, behaviour, partial } = item;
  const leansOn = [...new Set(namesIn(body?.text ?? '').map((one) => one.name))].filter(
    (name) => name !== item.name && source.item(name) !== undefined,
  );
  return {
    name: item.name,
    what: whatIs(item),
    citation: item.section,
    summary: prose(item.summary, source),
    facts: [
      ...signatures.map((signature, index) => ({
        label: index > 0 ? '' : signatures.length === 1 ? 'Signature' : 'Signatures',
        line: [code(signatureText(item, signature))],
      })),
      ...(partial === undefined ? [] : [{ label: 'No value if', line: prose(partial, source) }]),
      ...(body === undefined ? [] : [{ label: 'Body', line: [code(body.text)] }]),
    ],
    sections: [
      ...section('Behaviour', {
        kind: 'text',
        line: behaviour === undefined ? [] : prose(behaviour, source),
      }),
      ...section('Called by', mentionTable(source.uses.calls(item.name), ['Command', 'Conditions'])),
      ...section('In functions', { kind: 'text', line: names(source.uses.bodies(item.name)) }),
      ...section('Calls', { kind: 'text', line: names(leansOn) }),
      ...departureSection(item, source),
    ],
    span: item.span,
  };
}

function names(items: readonly string[]): Line {
  return joined(items.map((name) => [link(name)]));
}

/** The commands of an interface, by FID. */
export function interfacePage(item: Interface, source: Source): Page {
  const commands = [...source.model.commands.values()].filter((one) => one.interface === item);
  return {
    name: item.name,
    what: 'interface',
    citation: item.section,
    summary: [plain(`Version ${item.major}.${item.minor}, ${count(commands.length, 'command')}.`)],
    facts: item.fids.map(({ first, last }, index) => ({
      label: index === 0 ? 'FIDs' : '',
      line: [code(fidText(first)), plain(' to '), code(fidText(last))],
    })),
    sections: section('Commands', commandTable(commands)),
    span: item.span,
  };
}
