import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Where the tarball is and, below `user`, a project that has installed it. */
let place: string;
let user: string;
let tarball: string;
let files: readonly string[];

/** Packs what a build left in `dist`; `npm test` builds first. */
async function pack(): Promise<void> {
  if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('there is no build: run `npm run build`');
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', place], {
    cwd: root,
  });
  const answer = JSON.parse(stdout) as unknown;
  const [packed] = Object.values(answer as object) as { filename: string; files: { path: string }[] }[];
  tarball = join(place, packed!.filename);
  files = packed!.files.map((file) => file.path);
}

/** Installs the tarball as a user would or, where no registry answers, unpacks it beside the checkout's libraries. */
async function install(): Promise<string> {
  mkdirSync(user);
  writeFileSync(
    join(user, 'package.json'),
    '{ "name": "user", "version": "1.0.0", "type": "module", "private": true }\n',
  );
  const options = { cwd: user, timeout: 60_000 };
  try {
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], options);
    return 'installed';
  } catch {
    const modules = join(user, 'node_modules');
    rmSync(modules, { recursive: true, force: true });
    mkdirSync(join(modules, 'rmigen'), { recursive: true });
    mkdirSync(join(modules, '.bin'));
    await run('tar', ['-xzf', tarball, '-C', join(modules, 'rmigen'), '--strip-components', '1']);
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
    writeFileSync(
      join(modules, '.bin/rmigen'),
      '#!/bin/sh\nexec node "$(dirname "$0")/../rmigen/dist/cli/main.js" "$@"\n',
      { mode: 0o755 },
    );
    return 'unpacked, since no registry answers';
  }
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'rmigen-package-'));
  user = join(place, 'user');
  await pack();
  console.info(`the package was ${await install()}`);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A program that uses the accessors: the same text for Node, a browser and the type checker. */
const program = `
import { RmiRecEnter, RmiRecExit, RmiRipas } from 'rmigen/rmm-1.0-rel0';
import { Memory } from 'rmigen/bits';

const memory = Memory.alloc(8192);
const enter = new RmiRecEnter(memory, 0);
enter.gprs.set(30, 0x0123_4567_89ab_cdefn);
const exit = new RmiRecExit(memory, 4096);
exit.ripas_value = RmiRipas.RMI_RAM;
export const report: string = [
  RmiRecEnter.size.toString(16),
  memory.readU64(0x2f0).toString(16),
  RmiRipas.RMI_RAM,
  exit.ripas_value,
].join(' ');
`;
const reported = '800 123456789abcdef 1 1';

describe('the package', () => {
  test('holds what a user needs and nothing else', () => {
    for (const needed of [
      'dist/cli/main.js',
      'dist/generator/index.d.ts',
      'dist/generated/rmm-1.0-rel0/typescript/index.js',
      'examples/new/mailbox-1.0/spec.yaml',
      'generated/rmm-1.0-rel0/c/linux/rmi_smc.h',
      'generated/schema/types.schema.json',
      'spec/rmm-1.0-rel0/spec.yaml',
      'LICENSE',
      'README.md',
    ])
      expect(files).toContain(needed);
    const folders =
      /^(dist\/(cli|generator|generated|runtime|tools)|examples\/new|generated|spec|LICENSES)\//;
    const strays = files.filter(
      (path) => !folders.test(path) && !/^(LICENSE|README\.md|package\.json)$/.test(path),
    );
    expect(strays).toEqual([]);
    expect(files.filter((path) => /\.ts$/.test(path) && !/\.d\.ts$/.test(path))).toEqual([]);
  });

  test('is well-formed', async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([]);
  });

  test('starts and compiles a specification from the command line', async () => {
    const rmigen = async (...args: string[]) =>
      (await run('npx', ['--no-install', 'rmigen', ...args], { cwd: user })).stdout;
    expect(await rmigen('new', 'mailbox')).toContain('  npx rmigen generate --spec mailbox\n');
    await rmigen('generate', '--spec', 'mailbox', '--out', 'out');
    const header = readFileSync(join(user, 'out/mailbox-1.0/mailbox.h'), 'utf8');
    expect(header).toContain('#define MBX_SEND 0xc3000001u\n');
    expect(await rmigen('generate', '--spec', 'mailbox', '--out', 'out', '--check')).toContain('up to date');
  });

  test('type-checks for its users, and so does what it generates for them', async () => {
    writeFileSync(join(user, 'program.ts'), program);
    for (const [module, moduleResolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2022',
        strict: true,
        noEmit: true,
        types: [],
      };
      const config = { compilerOptions, include: ['program.ts', 'out/**/*.ts'] };
      writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(config));
      const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: user }).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe('');
    }
  });

  test('gives accessors to a program in Node', async () => {
    const js = program.replace('report: string', 'report');
    writeFileSync(join(user, 'program.mjs'), `${js}\nconsole.log(report);\n`);
    expect((await run('node', ['program.mjs'], { cwd: user })).stdout).toBe(`${reported}\n`);
  });

  test('gives a machine to a program in Node', async () => {
    const text = `
      import { createMachine } from 'rmigen/rmm-1.0-rel0/machine';
      const machine = createMachine({ memory: [{ base: 0x8000_0000, size: 0x10_0000 }], checked: true });
      const realm = machine.host.createRealm();
      console.log(machine.smc(0xc4000152, realm.rd)[0], machine.refusal.id);
    `;
    writeFileSync(join(user, 'machine.mjs'), text);
    expect((await run('node', ['machine.mjs'], { cwd: user })).stdout).toBe('1n gran_state\n');
  });

  test('gives the compiler to a program in Node', async () => {
    const text = `
      import { compile, nearest } from 'rmigen';
      const texts = { 'a-1/spec.yaml': 'document: A' };
      const files = {
        read: (path) => (path in texts ? { path, text: texts[path] } : undefined),
        list: (folder) => (folder === '' ? ['a-1'] : undefined),
      };
      const { diagnostics } = await compile(files);
      console.log(diagnostics[0].code, nearest('genrate', ['generate', 'new']));
    `;
    writeFileSync(join(user, 'compiler.mjs'), text);
    expect((await run('node', ['compiler.mjs'], { cwd: user })).stdout).toBe('missing-key generate\n');
  });
});

describe('in a browser', () => {
  async function bundle(text: string, format: 'iife' | 'esm') {
    const result = await build({
      stdin: { contents: text, resolveDir: user, loader: 'ts' },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format,
      globalName: 'bundled',
      minify: true,
    });
    return { code: result.outputFiles[0]!.text, inputs: Object.keys(result.metafile.inputs) };
  }

  test('accessors need nothing but the language', async () => {
    const { code } = await bundle(program, 'iife');
    // No process, no Buffer, no require: the context has what ECMAScript has.
    expect(vm.runInNewContext(`${code}; bundled.report`)).toBe(reported);
  });

  test('a program carries the accessors that it uses, not all of them', async () => {
    const { code, inputs } = await bundle(program, 'iife');
    const { code: all } = await bundle("export * from 'rmigen/rmm-1.0-rel0';", 'iife');
    expect(inputs.filter((path) => !path.includes('rmigen') && path !== '<stdin>')).toEqual([]);
    expect(code.length).toBeLessThan(all.length / 2);
  });

  const browser = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
    try {
      execFileSync('which', [name], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });

  test.skipIf(browser === undefined)('accessors work in Chromium', async () => {
    const { code } = await bundle(program, 'iife');
    const page = join(place, 'page.html');
    writeFileSync(
      page,
      `<p id="p"></p><script>${code}; document.getElementById('p').textContent = bundled.report</script>`,
    );
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--dump-dom',
      `--user-data-dir=${join(place, 'profile')}`,
    ];
    const { stdout } = await run(browser!, [...options, `file://${page}`], { timeout: 50_000 });
    expect(stdout).toContain(`<p id="p">${reported}</p>`);
  });
});
