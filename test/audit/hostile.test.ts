import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { folder, rmigen, root } from '../cli/harness.js';
import { Auditor, compilers, editions } from './support.js';

const env = { PATH: process.env.PATH ?? '', CC: compilers[0] ?? 'cc' };
const good = '#define RMI_SUCCESS 0\n';

/** Audits a header as people do, beside a file that it must not see. */
async function run(text: string, name = 'rmi.h') {
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
  let auditor: Auditor;
  beforeAll(async () => {
    auditor = new Auditor(await editions(), compilers[0]!);
  });

  test.each([
    ['a comment without an end', `${good}/* no end\n`, 'a comment has no end'],
    [
      'binary data',
      String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)),
      'it has control characters',
    ],
    ['a null byte', `${good}\0`, 'it is no text'],
    ['bytes that are no UTF-8', `${good}\ufffd`, 'it is no text in UTF-8'],
    ['#error', '#error "\u202e not today"\n', 'the preprocessor refuses it: #error'],
    ['a flood of text', `${bomb(30)}enum { RMI_SUCCESS = A30 0 };\n`, 'the compiler'],
    [
      'too many includes',
      Array.from({ length: 300 }, (_, index) => `#include <a${index}.h>\n`).join(''),
      'it includes more than 256 files',
    ],
    ['too much text', `${good}//${'x'.repeat(3 << 20)}\n`, 'it has more than'],
  ])('gets a clear error: %s', async (_, text, message) => {
    await expect(auditor.audit(text)).rejects.toThrow(message);
  });

  test.each([
    [`${good}/* \u202e no end\n`, 'rmi.h:2:1 - error header-unreadable: a comment has no end\n'],
    [`#error "\u202e\u009b31m"\n${good}`, 'rmi.h:1:1 - error header-unreadable: '],
    [
      `${good}// ${'x'.repeat(3 << 20)}\n`,
      'error: rmi.h cannot be read: it has 3145754 bytes; the limit is 2097152\n',
    ],
  ])('is refused without a word of its own to the terminal', async (text, message) => {
    const { code, stdout, stderr } = await run(text);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.startsWith(message)).toBe(true);
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
    const { judged, findings, left } = await auditor.audit(`${text}\n${good}`);
    expect(judged.constants).toBe(1);
    expect(findings.filter(({ rank }) => rank === 'wrong')).toEqual([]);
    expect(left).toHaveLength(1);
  });

  test('includes none of its neighbours without being told to', async () => {
    const { stdout } = await run(`#include "secret"\n#include "rmi.h"\n${good}`);
    expect(stdout).toContain('compared: 1 constants');
    expect(stdout).toContain('taken as empty: secret, rmi.h');
  });

  test('cannot answer for the compiler, nor put anything into it', async () => {
    const { code, stdout } = await run(
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
    ['bit-fields of all sizes', 'struct flags { unsigned a : 3; unsigned : 0; long b : 64; };\n'],
  ])('spoils nothing but itself: %s', async (_, text) => {
    const { judged, findings } = await auditor.audit(text + good);
    expect(findings.filter(({ rank }) => rank === 'wrong')).toEqual([]);
    expect(judged.constants).toBeGreaterThan(0);
  });

  test.each(['-o.h', '@file', 'a b"c$(touch pwned)`;\n.h', '\u001b[31m.h'])(
    'has any name, such as %j',
    async (name) => {
      const { code, stdout, stderr } = await run('#define RMI_SUCCESS 1\n', name);
      expect(code).toBe(1);
      expect(stdout).toContain('RMI_SUCCESS is 1');
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
    },
  );
});
