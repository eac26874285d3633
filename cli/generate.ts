import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  type Compiled,
  type CompileOptions,
  compile,
  diagnosticToJson,
  type Model,
  renderDiagnostics,
} from '../generator/index.js';
import { colours, exit, Failure, type Io, paint, printFailure, visible } from './io.js';
import type { LayoutThread } from './layout.js';
import { OutputFolder, type Plan } from './output-folder.js';
import { packageRoot } from './package.js';
import { display } from './paths.js';
import { openSpec, type SpecFolder } from './spec-folder.js';
import { table } from './table.js';

export interface GenerateOptions {
  readonly spec?: string;
  readonly out?: string;
  readonly target?: readonly string[];
  readonly check?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const OUT = 'generated';
/** Stale files whose difference is shown; the others are only named. */
const DIFFS = 5;

/** One run over the folders. */
interface Run {
  readonly compiled: Compiled;
  /** Undefined when the specification has errors. */
  readonly plan: Plan | undefined;
  readonly milliseconds: number;
}

/** `rmigen generate`: reads the specification folder and brings the output folder up to date, or checks that it is. */
export async function generate(
  options: GenerateOptions,
  thread: LayoutThread | undefined,
  io: Io,
): Promise<number> {
  const files = openSpec(options.spec, io);
  const folder = resolve(io.cwd, options.out ?? OUT);
  const out = new OutputFolder(folder);
  const settings: CompileOptions = {
    ...(thread === undefined ? {} : { layOut: thread.layOut }),
    ...(options.target === undefined ? {} : { targets: options.target }),
    // The checkout's own output belongs to it; anyone else's imports the package.
    ...(folder === resolve(packageRoot, OUT) ? {} : { runtime: 'rmigen' }),
  };
  const once = async (started: number): Promise<Run> => {
    const compiled = await compile(files, settings);
    refuseTargets(compiled, files);
    if (failed(compiled)) return { compiled, plan: undefined, milliseconds: performance.now() - started };
    const plan = out.plan(compiled.outputs, options.target !== undefined);
    if (!options.check) out.apply(plan);
    return { compiled, plan, milliseconds: performance.now() - started };
  };

  if (options.watch) {
    const { watchSpec } = await import('./watch.js');
    await watchSpec(files, io, async (started, changed) => {
      try {
        files.refresh();
        const run = await once(started);
        if (options.json) printJson(run, options, io);
        else printRun(run, changed, io);
      } catch (error) {
        // The next save may mend it: a full disk, a folder being moved.
        if (!(error instanceof Failure)) throw error;
        printFailure(error, options.json === true, io);
      }
    });
    return exit.ok;
  }

  const run = await once(0);
  if (options.json) printJson(run, options, io);
  else if (options.check) await printCheck(run, options, io);
  else printSummary(run, io);
  const stale = options.check && run.plan !== undefined && changes(run.plan) > 0;
  return run.plan === undefined || stale ? exit.problems : exit.ok;
}

/** An unknown name after --target is a mistake of the command line, not of a file. */
function refuseTargets(compiled: Compiled, files: SpecFolder): void {
  const wrong = compiled.diagnostics.find(
    (one) => one.code === 'target-missing' && one.span.file.path === files.root,
  );
  if (wrong !== undefined) throw new Failure(wrong.message, wrong.hint, exit.usage);
}

function failed(compiled: Compiled): boolean {
  return compiled.diagnostics.some((one) => one.severity === 'error');
}

function changes(plan: Plan): number {
  return plan.write.length + plan.remove.length;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Prints diagnostics and, when some are errors, how many. */
function printDiagnostics(compiled: Compiled, untouched: string, io: Io): void {
  const { diagnostics } = compiled;
  if (diagnostics.length === 0) return;
  io.stderr.write(`${renderDiagnostics(diagnostics, paint(io, io.stderr))}\n`);
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  if (errors > 0) io.stderr.write(`${colours(io, io.stderr).red(plural(errors, 'error'))}${untouched}\n`);
}

function counts(model: Model) {
  const kinds = [...model.types.values()].map((type) => type.kind);
  const of = (kind: string) => kinds.filter((one) => one === kind).length;
  return {
    structs: of('struct'),
    fieldsets: of('fieldset'),
    enumerations: of('enumeration'),
    commands: model.commands.size,
  };
}

function printSummary({ compiled, plan, milliseconds }: Run, io: Io): void {
  printDiagnostics(compiled, '; no file was changed', io);
  if (plan === undefined) return;
  const c = colours(io, io.stdout);
  const folder = (path: string) => path.slice(0, Math.max(0, path.indexOf('/')));
  const filesOf = (id: string) => compiled.outputs.filter((one) => folder(one.path) === id).length;
  const rows = compiled.models.map((model) => [model.id, ...Object.values(counts(model)), filesOf(model.id)]);
  const ids = new Set(compiled.models.map((model) => model.id));
  for (const id of new Set(compiled.outputs.map((one) => folder(one.path))))
    if (!ids.has(id)) rows.push([`${id}/`, '', '', '', '', filesOf(id)]);
  const head = ['', 'structs', 'fieldsets', 'enumerations', 'commands', 'files'];
  for (const [index, line] of table([head, ...rows]).entries())
    io.stdout.write(`${index === 0 ? c.dim(line) : line}\n`);
  io.stdout.write(`\n${tally(plan)} in ${seconds(milliseconds)}\n`);
}

function tally(plan: Plan): string {
  const removed = plan.remove.length === 0 ? '' : `, ${plan.remove.length} removed`;
  return `${plan.write.length} written, ${plan.unchanged} unchanged${removed}`;
}

function printRun({ compiled, plan, milliseconds }: Run, changed: string | undefined, io: Io): void {
  printDiagnostics(compiled, '; no file was changed', io);
  const what = changed === undefined ? '' : `${visible(changed)}: `;
  if (plan !== undefined) io.stdout.write(`${what}${tally(plan)} in ${Math.round(milliseconds)} ms\n`);
}

async function printCheck(
  { compiled, plan, milliseconds }: Run,
  options: GenerateOptions,
  io: Io,
): Promise<void> {
  printDiagnostics(compiled, '', io);
  if (plan === undefined) return;
  const c = colours(io, io.stdout);
  const out = display(resolve(io.cwd, options.out ?? OUT), io);
  const total = plan.write.length + plan.unchanged;
  if (changes(plan) === 0) {
    io.stdout.write(`${plural(total, 'file')} up to date in ${seconds(milliseconds)}\n`);
    return;
  }
  const { shortDiff } = await import('./diff.js');
  let shown = 0;
  for (const { path, text, before } of plan.write) {
    const name = visible(`${out}/${path}`);
    io.stdout.write(`${c.red(before === undefined ? 'missing' : 'stale')} ${name}\n`);
    if (before === undefined || ++shown > DIFFS) continue;
    const lines = shortDiff(before, text, 'on disk', 'from the specification');
    for (const line of lines) {
      const painted = line.startsWith('-') ? c.red(line) : line.startsWith('+') ? c.green(line) : c.dim(line);
      io.stdout.write(`  ${painted}\n`);
    }
  }
  for (const path of plan.remove) io.stdout.write(`${c.red('left over')} ${visible(`${out}/${path}`)}\n`);
  const repeated = [
    ...(options.target === undefined ? [] : ['--target', ...options.target]),
    ...(options.spec === undefined ? [] : ['--spec', options.spec]),
    ...(options.out === undefined ? [] : ['--out', options.out]),
  ];
  const verb = changes(plan) === 1 ? 'differs' : 'differ';
  io.stdout.write(
    `\n${changes(plan)} of ${plural(total + plan.remove.length, 'file')} ${verb} from what the specification gives.\n` +
      `${c.dim('hint:')} Run \`${['rmigen', 'generate', ...repeated].join(' ')}\` and commit what it writes.\n`,
  );
}

function printJson({ compiled, plan, milliseconds }: Run, options: GenerateOptions, io: Io): void {
  const changed = plan?.write.map((one) => one.path) ?? [];
  const gone = plan?.remove ?? [];
  const result = {
    ok: plan !== undefined && !(options.check && changes(plan) > 0),
    diagnostics: compiled.diagnostics.map(diagnosticToJson),
    versions: plan === undefined ? [] : compiled.models.map((model) => ({ id: model.id, ...counts(model) })),
    ...(options.check ? { stale: changed, leftOver: gone } : { written: changed, removed: gone }),
    unchanged: plan?.unchanged ?? 0,
    milliseconds: Math.round(milliseconds),
  };
  io.stdout.write(`${JSON.stringify(result)}\n`);
}
