import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InstalledCompiler } from '../../cli/compiler.js';
import { namesInTargets, openModel, renderDiagnostics, versionFolders } from '../../generator/index.js';
import { audit, type Edition, type Report } from '../../tools/audit/index.js';
import { specification } from '../c/support.js';
import { root } from '../cli/harness.js';
import { memory } from '../memory.js';

/** The project's specification with the names of its targets, every version of it. */
export async function editions(): Promise<readonly Edition[]> {
  const files = memory(specification());
  const found: Edition[] = [];
  for (const folder of versionFolders(files)) {
    const { model, diagnostics } = openModel(folder, files);
    if (model === undefined) throw new Error(renderDiagnostics(diagnostics()));
    found.push({ model, names: await namesInTargets(model, files) });
  }
  return found;
}

/** All that the compiler is told of the world. */
const world = { cwd: root, env: process.env };

/** Audits texts with a compiler. */
export class Auditor {
  readonly #editions: readonly Edition[];
  readonly #cc: string;

  constructor(all: readonly Edition[], cc: string) {
    this.#editions = all;
    this.#cc = cc;
  }

  async audit(text: string, version?: string): Promise<Report> {
    const compiler = new InstalledCompiler({ cc: this.#cc, include: [], define: [] }, world);
    try {
      return await audit(
        { path: 'header.h', text },
        this.#editions,
        { version, nonce: 'deadbeef' },
        compiler,
      );
    } finally {
      compiler.close();
    }
  }
}

/** The compilers that are there, a cross compiler first. */
export const compilers = ['aarch64-linux-gnu-gcc', 'clang', 'gcc'].filter((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

export function generated(path: string): string {
  return readFileSync(join(root, 'generated', path), 'utf8');
}
