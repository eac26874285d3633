import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type Diagnostic,
  diagnosticToJson,
  namesInTargets,
  openModel,
  renderDiagnostic,
  renderDiagnostics,
  type SourceFile,
  versionFolders,
} from '../generator/index.js';
import {
  audit as compare,
  type Edition,
  limits,
  type Report,
  renderReport,
  reportToJson,
  reportToSarif,
  Unreadable,
} from '../tools/audit/index.js';
import { InstalledCompiler } from './compiler.js';
import { readInput } from './input.js';
import { colours, exit, Failure, type Io, paint, visible } from './io.js';
import { version } from './package.js';
import { display } from './paths.js';
import { openSpec } from './spec-folder.js';

export interface AuditOptions {
  readonly spec?: string;
  readonly version?: string;
  readonly cc?: string;
  readonly include?: readonly string[];
  readonly define?: readonly string[];
  readonly json?: boolean;
  readonly sarif?: boolean;
}

/** The header could not be judged, whatever it is like. */
const UNJUDGED = 3;

/** `rmigen audit`: compares a C header with the specification. */
export async function audit(name: string, options: AuditOptions, io: Io): Promise<number> {
  for (const define of options.define ?? [])
    if (!/^[A-Za-z_]\w*(=[^\0\n\r]*)?$/.test(define))
      throw new Failure(`${visible(define)} defines no macro`, 'Write NAME or NAME=VALUE.', exit.usage);
  const file = readHeader(name, io);
  const json = options.json === true || options.sarif === true;
  const { editions, problems } = await editionsOf(options, io);
  if (problems.length > 0) {
    if (json) print(io, { ok: false, diagnostics: problems.map(diagnosticToJson) });
    else io.stderr.write(renderDiagnostics(problems, paint(io, io.stderr)));
    return exit.problems;
  }
  const asked = options.version === undefined ? undefined : idOf(options.version, editions);
  const compiler = new InstalledCompiler(
    {
      cc: options.cc ?? io.env.CC ?? defaultCompiler,
      include: options.include ?? [],
      define: options.define ?? [],
    },
    io,
  );
  let report: Report;
  try {
    const settings = { version: asked, nonce: randomBytes(8).toString('hex') };
    report = await compare(file, editions, settings, compiler);
  } catch (error) {
    if (error instanceof Unreadable) return refuse(file, error, json, io);
    throw error;
  } finally {
    compiler.close();
  }
  const { constants: numbers, accessors, structs } = report.judged;
  if (numbers + accessors + structs === 0)
    return refuse(file, new Unreadable('nothing in it has a name that the specification knows'), json, io);
  if (options.sarif === true) print(io, reportToSarif(report, version));
  else if (json) print(io, reportToJson(report));
  else io.stdout.write(renderReport(report, { ...paint(io, io.stdout), title: colours(io, io.stdout).bold }));
  return report.findings.some(({ rank }) => rank === 'wrong') ? exit.problems : exit.ok;
}

const defaultCompiler = 'cc';

function print(io: Io, value: object): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Says why a header cannot be judged, at its place where there is one. */
function refuse(file: SourceFile, { message, line, lacks }: Unreadable, json: boolean, io: Io): number {
  if (json) {
    print(io, { ok: false, error: { message, ...(line === undefined ? {} : { line }) } });
    return UNJUDGED;
  }
  const lines = file.text.split('\n');
  const start = lines.slice(0, (line ?? 1) - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const end = line === undefined ? 0 : start + (lines[line - 1]?.length ?? 0);
  io.stderr.write(
    renderDiagnostic(
      {
        code: 'header-unreadable',
        severity: 'error',
        message,
        span: { file: line === undefined ? { ...file, text: '' } : file, start, end },
        related: [],
        hint: lacks
          ? 'Give the folders of its headers with -I, and what it needs to know with --define.'
          : undefined,
      },
      paint(io, io.stderr),
    ),
  );
  return UNJUDGED;
}

async function editionsOf(
  options: AuditOptions,
  io: Io,
): Promise<{ readonly editions: readonly Edition[]; readonly problems: readonly Diagnostic[] }> {
  const files = openSpec(options.spec, io);
  const editions: Edition[] = [];
  const problems: Diagnostic[] = [];
  const folders = [...versionFolders(files)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (folders.length === 0)
    throw new Failure(
      `there is no version in ${visible(files.root)}`,
      'A version is a folder with a spec.yaml.',
    );
  for (const folder of folders) {
    const { model, diagnostics } = openModel(folder, files);
    problems.push(...diagnostics().filter(({ severity }) => severity === 'error'));
    if (model !== undefined) editions.push({ model, names: await namesInTargets(model, files) });
  }
  return { editions, problems };
}

function idOf(wanted: string, editions: readonly Edition[]): string {
  const ids = editions.map(({ model }) => model.id);
  const found = ids.find((id) => id === wanted || id.endsWith(`-${wanted}`));
  if (found !== undefined) return found;
  throw new Failure(`there is no version ${visible(wanted)}`, `There is ${ids.join(', ')}.`, exit.usage);
}

function readHeader(name: string, io: Io): SourceFile {
  const path = resolve(io.cwd, name);
  const shown = display(path, io);
  const text = readInput(path, shown, limits.headerSize, UNJUDGED).toString('utf8');
  return { path: name, text, shown: visible(shown) };
}
