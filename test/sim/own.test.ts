import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rmigen, root } from '../cli/harness.js';

/*
 * A command that somebody adds to a specification of their own fails as its conditions say before anybody has written
 * what it does, and does not compile until somebody has.
 */

const command = `
MBX_PEEK:
  section: A3.3
  summary: Look at the message that waits.
  fid: 0xC3000002
  inputs:
    message: { register: X1, type: Address, doc: where the MbxMessage is to be copied }
  outputs:
    result: { register: X0, bits: "7:0", type: MbxStatus, doc: outcome of the command }
    waiting: { register: X1, type: UInt64, doc: messages that wait }
  failures:
    message_bound: { pre: "UInt(message) >= 2^32", post: "result == MBX_ERROR_INPUT" }
    empty: { prose: no message waits, by: mailboxEmpty, post: "result == MBX_ERROR_FULL" }
  order:
    - "[message_bound] < [empty]"
`;

const machine = (effect: string) => `
import { Registers } from 'rmigen/bits';
import type { Prose, State } from './out/mailbox-1.0/conditions/index.js';
import { Dispatcher, type Effects } from './out/mailbox-1.0/simulator/index.js';

let waiting = 0;
const prose: Prose = { mailboxFull: () => waiting > 0, mailboxEmpty: () => waiting === 0 };
const effects: Effects = {
  MBX_SEND() { waiting++; },
  MBX_VERSION(_input, output) { output.major = 1; },
  ${effect}
};
const registers = new Registers();
const dispatcher = new Dispatcher(registers, { state: {} as State, prose, effects, checker: undefined });
export function call(fid: number, x1: bigint): string {
  registers.clear();
  registers.set(1, x1);
  const name = dispatcher.dispatch(fid);
  return name === undefined ? 'no command' : \`\${registers.get(0)} \${registers.get(1)}\`;
}
`;

let place: string;

/** What the type checker says of machines, by the effect that each has for the new command. */
function typeCheck(...effects: readonly string[]): readonly string[] {
  for (const [i, effect] of effects.entries()) writeFileSync(join(place, `machine${i}.ts`), machine(effect));
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', place], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes('error TS'));
  return effects.map((_, i) => lines.filter((line) => line.includes(`machine${i}.ts`)).join('\n'));
}

const alias = {
  'rmigen/bits': join(root, 'runtime/bits/index.ts'),
  'rmigen/conditions': join(root, 'runtime/conditions/index.ts'),
};

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'rmigen-own-'));
  expect((await rmigen(place, ['new', 'mailbox'])).code).toBe(0);
  writeFileSync(join(place, 'mailbox/mailbox-1.0/commands/mbx_peek.yaml'), command);
  expect(await rmigen(place, ['generate', '--spec', 'mailbox', '--out', 'out'])).toMatchObject({
    code: 0,
    stderr: '',
  });
  const compilerOptions = {
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    paths: Object.fromEntries(Object.entries(alias).map(([name, path]) => [name, [path]])),
  };
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['machine*.ts'] }));
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('a command of a specification of one’s own', () => {
  test('does not compile without an effect, and does with a stub', () => {
    const [none, stub, wrong] = typeCheck(
      '',
      'MBX_PEEK() {},',
      'MBX_PEEK(_input, output) { output.waitin = 1n; },',
    );
    expect(none).toContain("Property 'MBX_PEEK' is missing in type");
    expect(stub).toBe('');
    expect(wrong).toContain("'waitin' does not exist on type 'MbxPeekOutputs'");
  });

  test('fails as its conditions say, and succeeds with nothing done', async () => {
    writeFileSync(join(place, 'machine.ts'), machine('MBX_PEEK() {},'));
    const { outputFiles } = await build({
      entryPoints: [join(place, 'machine.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'own',
      alias,
    });
    const { call } = runInThisContext(`${outputFiles[0]!.text}; own`) as {
      call(fid: number, x1: bigint): string;
    };
    expect(call(0xc3000000, 5n)).toBe('0 65536');
    // message_bound comes before empty, and all outputs of a failure are zero.
    expect(call(0xc3000002, 2n ** 32n)).toBe('1 0');
    expect(call(0xc3000002, 0x1000n)).toBe('2 0');
    expect(call(0xc3000001, 0n)).toBe('1 0');
    expect(call(0xc3000001, 0x1000n)).toBe('0 0');
    expect(call(0xc3000001, 0x1000n)).toBe('2 0');
    expect(call(0xc3000002, 2n ** 32n)).toBe('1 0');
    expect(call(0xc3000002, 0x1000n)).toBe('0 0');
    expect(call(0xc3000003, 0n)).toBe('no command');
  });
});
