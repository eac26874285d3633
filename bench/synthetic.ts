import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The interface whose types and commands are multiplied; it is the largest. */
const INTERFACE = 'rmi';

function read(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replace(/^#.*\n/, ''));
}

/** Targets of one version, of those that have several. */
function writeTargets(from: string, version: string, to: string): void {
  for (const folder of readdirSync(from, { withFileTypes: true }).filter((one) => one.isDirectory()))
    for (const name of readdirSync(join(from, folder.name))) {
      const text = readFileSync(join(from, folder.name, name), 'utf8');
      const versions = /^version: (.*)$/m.exec(text)?.[1];
      if (versions !== undefined && !versions.includes(version)) continue;
      mkdirSync(join(to, folder.name), { recursive: true });
      writeFileSync(join(to, folder.name, name), text.replace(/^version: .*$/m, `version: ${version}`));
    }
}

/**
 * Writes a specification some times the size of the real one: the real one, and copies of the RMI's types and commands
 * under other names and function identifiers.
 */
export function writeSynthetic(spec: string, version: string, copies: number, to: string): void {
  const from = join(spec, version);
  for (const folder of ['arm', 'ietf', version])
    cpSync(join(spec, folder), join(to, folder), { recursive: true });
  writeTargets(join(spec, 'targets'), version, join(to, 'targets'));
  const types = readFileSync(join(from, INTERFACE, 'types.yaml'), 'utf8').replace(/^#.*\n/, '');
  const commands = read(join(from, INTERFACE, 'commands')).join('\n');
  const defined = [...types.matchAll(/^ {0,4}((?:Rmi|RMI_)\w+):/gm)].map((match) => match[1]!);
  const names = new RegExp(
    `\\b(${[...new Set(defined)].sort((a, b) => b.length - a.length).join('|')})\\b`,
    'g',
  );

  // Free of every interface of the document, and still fast calls.
  let fid = 0xc4001000;
  const include = { types: [] as string[], commands: [] as string[] };
  for (let copy = 1; copy < copies; copy++) {
    writeFileSync(join(to, version, `types-${copy}.yaml`), types.replace(names, `$1_${copy}`));
    writeFileSync(
      join(to, version, `commands-${copy}.yaml`),
      // The functions that conditions call take the document's own types, so only the commands get new names.
      commands
        .replace(/^(\w+):$/gm, `$1_${copy}:`)
        .replace(/^( {2}fid: ).*$/gm, (_, key: string) => `${key}0x${(fid++).toString(16).toUpperCase()}`),
    );
    include.types.push(`types-${copy}.yaml`);
    include.commands.push(`commands-${copy}.yaml`);
  }
  const list = (paths: readonly string[]): string => paths.map((path) => `    - ${path}\n`).join('');
  writeFileSync(
    join(to, version, 'spec.yaml'),
    readFileSync(join(from, 'spec.yaml'), 'utf8')
      .replace('fids: [', 'fids: [{ first: 0xC4001000, last: 0xC400FFFF }, ')
      .replace(/^ {2}types:\n/m, `  types:\n${list(include.types)}`)
      .replace(/^ {2}commands:\n/m, `  commands:\n${list(include.commands)}`),
  );
}
