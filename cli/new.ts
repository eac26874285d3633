import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { colours, exit, Failure, type Io, reason, visible } from './io.js';
import { packageRoot } from './package.js';
import { display } from './paths.js';

/** The example that a new specification starts from, and the schemas that its first lines name. */
const EXAMPLE = 'examples/new';
const SCHEMAS = 'generated/schema';

/** `rmigen new`: fills an empty folder with a small specification. */
export function create(folder: string, io: Io): number {
  const target = resolve(io.cwd, folder);
  const shown = visible(display(target, io));
  const files = new Map<string, string>();
  for (const path of filesBelow(join(packageRoot, EXAMPLE)))
    files.set(path, localSchema(path, readFileSync(join(packageRoot, EXAMPLE, path), 'utf8')));
  for (const path of filesBelow(join(packageRoot, SCHEMAS)))
    files.set(`schema/${path}`, readFileSync(join(packageRoot, SCHEMAS, path), 'utf8'));

  const made = claim(target, shown);
  try {
    for (const [path, text] of files) {
      const place = join(target, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text, { flag: 'wx' });
    }
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    else
      for (const path of files.keys())
        rmSync(join(target, path.split('/')[0]!), { recursive: true, force: true });
    throw new Failure(`${shown} cannot be written: ${reason(error)}`);
  }

  const c = colours(io, io.stdout);
  const command = io.env.npm_command === 'exec' ? 'npx rmigen' : 'rmigen';
  const argument = /^[\w./@+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
  io.stdout.write(`Created ${shown}:\n`);
  for (const path of files.keys()) if (!path.startsWith('schema/')) io.stdout.write(`  ${c.dim(path)}\n`);
  io.stdout.write(
    `\nNext:\n  ${c.bold(`${command} generate --spec ${argument}`)}\n` +
      `  ${c.dim('writes a C header, TypeScript accessors and reference pages to generated/.')}\n` +
      `\nThen read ${shown}/README.md, change something, and run it again; with --watch it runs at every save.\n`,
  );
  return exit.ok;
}

/**
 * Makes sure that the folder is there and ours to fill. Files that start with a dot, such as .git, may be in it.
 *
 * @returns The topmost folder that had to be made, if one had.
 */
function claim(target: string, shown: string): string | undefined {
  let names: readonly string[];
  let made: string | undefined;
  try {
    made = mkdirSync(target, { recursive: true });
    names = readdirSync(target);
  } catch (error) {
    throw new Failure(`${shown} cannot be made: ${reason(error)}`);
  }
  if (names.some((name) => !name.startsWith('.')))
    throw new Failure(`${shown} is not empty`, 'Give a folder that is empty or does not exist.');
  return made;
}

/** The files below a folder, sorted, with forward slashes. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(join(folder, entry.name)).map((path) => `${entry.name}/${path}`)
        : [entry.name],
    );
}

/** In the package the example names the package's schemas; a new specification has its own. */
function localSchema(path: string, text: string): string {
  const up = '../'.repeat(path.split('/').length - 1);
  return text.replace(/^(# yaml-language-server: \$schema=)(?:\.\.\/)+generated\/schema\//, `$1${up}schema/`);
}
