import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths, root, text } from './files.js';

/**
 * What the prose says is tried. In every Markdown file
 * - `sh` blocks run, unless they say `sh skip`;
 * - `console` blocks run what follows each `$ ` and print exactly what is below it;
 * - `ts` blocks type-check and run, and a `console.log` prints what the comment behind it says;
 * - `c` blocks compile, with the generated headers on the include path.
 * They run in a copy of the checkout, one after the other, as a reader would.
 */
interface Block {
  readonly path: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

function blocks(path: string): readonly Block[] {
  const found: Block[] = [];
  const pattern = /^( *)```(\S+)([^\n]*)\n(.*?)^\1```$/gms;
  for (const match of text(path).matchAll(pattern)) {
    const [, indent, language, rest, body] = match;
    if (rest!.trim() === 'skip') continue;
    const line = text(path).slice(0, match.index).split('\n').length;
    found.push({
      path,
      line,
      language: language!,
      text: body!.replaceAll(`\n${indent}`, '\n').slice(indent!.length),
    });
  }
  return found;
}

const all = paths.filter((path) => path.endsWith('.md')).flatMap(blocks);
const of = (...languages: string[]) =>
  all
    .filter((one) => languages.includes(one.language))
    .map((one) => [`${one.path}:${one.line}`, one] as const);

let copy: string;
let environment: NodeJS.ProcessEnv;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'rmigen-prose-'));
  for (const path of paths) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // `npx rmigen` would set up a cache of its own for what is right here.
  mkdirSync(join(copy, '.bin'));
  for (const [name, line] of [
    ['rmigen', `exec node '${copy}/dist/cli/main.js' "$@"`],
    ['npx', 'npm_command=exec exec "$@"'],
  ] as const) {
    writeFileSync(join(copy, '.bin', name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(copy, '.bin', name), 0o755);
  }
  const user = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [...user, 'commit', '-q', '-m', 'As it is'],
  ])
    execFileSync('git', args, { cwd: copy });
  environment = { ...process.env, PATH: `${copy}/.bin:${process.env.PATH}`, NO_COLOR: '1' };
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Ran {
  readonly printed: string;
  /** How it ended, when that is not well. */
  readonly failure: string;
}

const clean: Ran = { printed: '', failure: '' };

/** Runs a program in the copy. */
function run(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: copy, env: environment }, (error, stdout, stderr) => {
      resolve({ printed: stdout + stderr, failure: error === null ? '' : `exit code ${error.code}` });
    });
  });
}

const timeless = (printed: string) => printed.replace(/\b[0-9]+(\.[0-9]+)? (s|ms)\b/g, '<time>');

describe('prose', () => {
  test.each(of('sh'))('%s runs', async (_name, block) => {
    const { printed, failure } = await run('bash', ['-euo', 'pipefail', '-c', block.text]);
    expect(failure, printed).toBe('');
  });

  test.each(of('console'))('%s prints what it says', async (_name, block) => {
    for (const part of block.text.split(/^(?=\$ )/m)) {
      const [command, ...printed] = part.split('\n');
      const actual = await run('bash', ['-c', command!.slice(2)]);
      expect(timeless(actual.printed).trimEnd()).toBe(timeless(printed.join('\n')).trimEnd());
    }
  });

  test.each(of('c'))('%s compiles', async (_name, block) => {
    const file = join(copy, 'block.c');
    writeFileSync(file, block.text);
    const include = [
      '',
      ...['linux', 'linux/shim', 'neutral'].map((one) => `/generated/rmm-1.0-rel0/c/${one}`),
    ];
    const options = [
      '-std=gnu11',
      '-Wall',
      '-Wextra',
      '-Werror',
      ...include.map((path) => `-I${copy}${path}`),
    ];
    expect(await run('cc', [...options, '-fsyntax-only', file])).toEqual(clean);
  });

  const scripts = of('ts');
  const script = (index: number) => join(copy, 'prose', `block-${index}.ts`);

  test.runIf(scripts.length > 0)('ts blocks type-check', async () => {
    mkdirSync(join(copy, 'prose'));
    for (const [index, [name, block]] of scripts.entries())
      writeFileSync(script(index), `// ${name}\n${block.text}\nexport {};\n`);
    writeFileSync(
      join(copy, 'prose/tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          module: 'nodenext',
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: ['node'],
        },
        include: ['*.ts'],
      }),
    );
    expect(await run('node_modules/.bin/tsc', ['-p', 'prose'])).toEqual(clean);
  });

  test.each(scripts.map(([name, block], index) => [name, block, index] as const))(
    '%s prints what it says',
    async (_name, block, index) => {
      const said = [...block.text.matchAll(/^.*console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1]);
      const { printed } = await run('node_modules/.bin/tsx', [script(index)]);
      expect(printed.split('\n').slice(0, -1)).toEqual(said);
    },
  );
});
