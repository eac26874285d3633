import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { folder, rmigen, root } from '../cli/harness.js';
import { bundle, printedBy } from './bundle.js';

describe('examples/guide', () => {
  test('has its diagram in the README', async () => {
    const path = folder({ 'guide.trace': printedBy(await bundle('examples/guide/transcript.ts')) });
    const drawn = await rmigen(path, ['sequence', 'guide.trace']);
    expect([drawn.code, drawn.stderr]).toEqual([0, '']);
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, shown] = /<!-- sequence -->\n```mermaid\n(.*?)```\n<!-- \/sequence -->/s.exec(readme) ?? [];
    expect(shown).toBe(drawn.stdout);
  });

  test('shows the Host nothing of the token but that time has passed', async () => {
    const transcript = printedBy(await bundle('examples/guide/transcript.ts'));
    const lines = transcript.trimEnd().split('\n');
    const token = lines.findIndex((line) => line.startsWith('realm rsi c4000194 '));
    const off = lines.findIndex((line) => line.startsWith('realm rsi 84000008 '));
    expect(token).toBeGreaterThan(0);
    expect(off).toBeGreaterThan(token);
    // Nothing but the exit of PSCI_SYSTEM_OFF: reason, FID, and the CPU interface as it was before.
    const reads = lines.slice(off).filter((line) => line.startsWith('r64 ') || line.startsWith('r8 '));
    const before = lines.slice(0, token).filter((line) => /^r64 \w+b90 -> f8/.test(line));
    expect(reads.map((line) => line.replace(/^r64 \w+(\w{3}) -> /, '$1 '))).toEqual([
      '800 3',
      'a00 84000008',
      `b90 ${before.at(-1)!.split(' ').at(-1)}`,
    ]);
  });
});

/** Debian's, or the one that CHROMIUM names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What a script prints in a browser that has no network and nothing of Node. */
async function printedInBrowser(script: string): Promise<string> {
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    const failures: Error[] = [];
    page.on('pageerror', (error) => failures.push(error));
    let printed = '';
    page.on('console', (message) => {
      printed += `${message.text()}\n`;
    });
    await page.addScriptTag({ content: script });
    // Messages come in order: when this one is there, all are.
    const last = page.waitForEvent('console', (message) => message.text() === 'over');
    await page.evaluate("console.log('over')");
    await last;
    expect(failures).toEqual([]);
    return printed.replace(/over\n$/, '');
  } finally {
    await browser?.close();
  }
}

describe('two runs', () => {
  test('are the same to the byte, traces and digests', async () => {
    const script = await bundle('test/guide/runs.ts');
    const printed = printedBy(script);
    expect(printed).toMatch(/^Host has all its memory back [0-9a-f]{64}$/m);
    expect(printed).toMatch(/^smc c400015c /m);
    expect(printedBy(script)).toBe(printed);
  });

  const where = existsSync(executablePath) ? '' : ` (skipped: there is no ${executablePath})`;
  test.skipIf(where !== '')(`are the same in Chromium${where}`, async () => {
    const script = await bundle('test/guide/runs.ts');
    expect(await printedInBrowser(script)).toBe(printedBy(script));
  });
});
