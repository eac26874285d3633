import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, rmigen, root } from '../cli/harness.js';
import { compilers } from './support.js';

const env = { PATH: process.env.PATH ?? '', CC: compilers[0] ?? 'cc' };
const good = '#define RMI_SUCCESS 0\n';

async function audit(text: string, name = 'rmi.h') {
  const cwd = folder({ [name]: text, secret: '#define RMI_ERROR_INPUT 77\n' });
  return rmigen(cwd, ['audit', '--spec', join(root, 'spec'), '--', name], { env });
}

/** Macros that each stand for four of the one before: 4^levels words. */
function bomb(levels: number): string {
  let text = '#define A0 0 +\n';
  for (let level = 1; level <= levels; level++) text += `#define A${level}${` A${level - 1}`.repeat(4)}\n`;
  return text;
}

describe.skipIf(compilers.length === 0)('a hostile header', () => {
  test.each([
    [
      'a comment without an end',
      `${good}/* no end\n`,
      'rmi.h:2:1 - error header-unreadable: a comment has no end',
    ],
    [
      'binary data',
      String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)),
      'it has control characters',
    ],
    ['a null byte', `${good}\0`, 'rmi.h:2:1 - error header-unreadable: it is no text'],
    ['bytes that are no UTF-8', `${good}\ufffd`, 'it is no text in UTF-8'],
    ['#error', '#error "\u202e not today"\n', 'the preprocessor refuses it: #error'],
    ['a flood of text', `${bomb(30)}enum { RMI_SUCCESS = A30 0 };\n`, 'the compiler'],
    [
      'too many includes',
      Array.from({ length: 300 }, (_, index) => `#include <a${index}.h>\n`).join(''),
      'it includes more than 256 files',
    ],
    ['too much text', `${good}//${'x'.repeat(3 << 20)}\n`, 'the limit is'],
    ['nothing', '', 'nothing in it has a name'],
  ])('gets a clear error: %s', async (_, text, message) => {
    const { code, stdout, stderr } = await audit(text);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|node:|at .*\.js/u);
  });

  test.each([
    ['an absolute path', '#include "/etc/passwd"'],
    ['a path upwards', '#include <../secret>'],
    ['a device', '#include </dev/zero>'],
    ['a digraph', '%: include "/dev/zero"'],
    ['joined lines', '#inc\\\nlude "/dev/zero"'],
    ['a comment inside', '#/**/include/**/"/dev/zero"'],
    ['a comment that ends over two lines', '/* *\\\n/\n#include "/dev/zero"\n/* */'],
    ['a string that is joined', '#define X "a\\"\n#include "/dev/zero"'],
    ['a name that a macro makes', '#define F "/dev/zero"\n#include F'],
    ['#embed', 'static const char a[] = {\n#embed "/dev/zero"\n};'],
    ['#pragma', '#pragma GCC dependency "/etc/passwd"'],
    ['#line', '#line 1 "rmigen-shim.h"'],
  ])('leads nowhere by %s', async (_, text) => {
    const { code, stdout } = await audit(`${text}\n${good}`);
    expect(code).toBe(0);
    expect(stdout).toContain('compared: 1 constants');
    expect(stdout).toContain('not followed: line ');
  });

  test('includes none of its neighbours without being told to', async () => {
    const { stdout } = await audit(`#include "secret"\n#include "rmi.h"\n${good}`);
    expect(stdout).toContain('compared: 1 constants');
    expect(stdout).toContain('taken as empty: secret, rmi.h');
  });

  test('cannot answer for the compiler, nor put anything into it', async () => {
    const { code, stdout } = await audit(
      '__asm__(".ascii \\"->0 0 0 0 4\\"\\n.incbin \\"/dev/zero\\"");\n#define RMI_SUCCESS 7\n' +
        '#define RMI_ERROR_INPUT ({ __asm__(".incbin \\"/dev/zero\\""); 1; })\n#define RMI_ERROR_REC 3\n',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('RMI_SUCCESS is 7');
    expect(stdout).toContain('not compared: line 3, RMI_ERROR_INPUT');
  });

  test.each([
    [
      'unbalanced brackets',
      '#define RMI_ERROR_INPUT )\n#define OPEN (\n#define RMI_ERROR_REC OPEN 3\nstruct rec_exit {\n',
    ],
    ['brackets without number', `#define RMI_ERROR_INPUT ${'('.repeat(150_000)}1${')'.repeat(150_000)}\n`],
    ['structs without number', `struct rec_exit ${'{ struct '.repeat(5000)}{ int x; ${'};'.repeat(5001)}\n`],
    [
      'arrays without end',
      'struct rec_exit { unsigned char a[0x7fffffffffffffff], b[0x7fffffffffffffff]; };\n',
    ],
    ['poisoned words', '#pragma GCC poison rmigen_probe_0\n'],
    ['bit-fields of all sizes', 'struct rec_exit { unsigned a : 3; unsigned : 0; long b : 64; };\n'],
  ])('spoils nothing but itself: %s', async (_, text) => {
    const { code, stdout } = await audit(text + good);
    expect(code).toBe(0);
    expect(stdout).toMatch(/compared: [1-9][0-9]* constants/);
  });

  test.each(['-o.h', '--help', '@file', 'a b"c$(touch pwned)`;.h', 'new\nline.h', '\u001b[31m.h'])(
    'has any name, such as %j',
    async (name) => {
      const { code, stdout, stderr } = await audit('#define RMI_SUCCESS 1\n', name);
      expect(code).toBe(1);
      expect(stdout).toContain('RMI_SUCCESS is 1');
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
    },
  );
});
