import { join, posix } from 'node:path';
import { build } from 'esbuild';
import { SpecFolder } from '../../cli/spec-folder.js';
import { emitTypeScript, type TypeScriptOptions } from '../../generator/emit/typescript/index.js';
import { layOut } from '../../generator/emit/typescript/layout.js';
import {
  type Files,
  loadModel,
  type Model,
  type OutputFile,
  renderDiagnostics,
} from '../../generator/index.js';
import type * as Bits from '../../runtime/bits/index.js';
import { memory } from '../memory.js';
import { everyShape } from './every-shape.js';

export const root = join(import.meta.dirname, '../..');

function loaded(folder: string, files: Files): Model {
  const { model, diagnostics } = loadModel(folder, files);
  if (model === undefined) throw new Error(renderDiagnostics(diagnostics));
  return model;
}

/** The model of the document, from the files of the specification. */
export function document(): Model {
  return loaded('rmm-1.0-rel0', new SpecFolder(join(root, 'spec'), 'spec'));
}

/** The model of the specification that has every shape of the language. */
export function shapes(): Model {
  return loaded('demo', memory(everyShape));
}

export function emitted(model: Model, options: TypeScriptOptions = {}): readonly OutputFile[] {
  return emitTypeScript([model], options).flatMap((one) => ('text' in one ? [one] : layOut([one])));
}

const runtime = join(root, 'runtime/bits/index.ts');

/** One bundle of an entry that may import the emitted files, as `./demo/typescript/...`, and the runtime, as `bits`. */
export async function bundled(outputs: readonly OutputFile[], entry: string): Promise<string> {
  const texts = new Map(outputs.map(({ path, text }) => [path, text]));
  const made = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts', sourcefile: 'entry.ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    keepNames: false,
    write: false,
    logLevel: 'silent',
    // What a package of the output would say.
    plugins: [
      {
        name: 'emitted',
        setup(hooks) {
          hooks.onResolve({ filter: /.*/ }, ({ path, importer, namespace }) => {
            if (path === 'bits' || path.endsWith('/runtime/bits/index.js'))
              return { path: runtime, sideEffects: false };
            if (!path.startsWith('.')) return undefined;
            const from = namespace === 'emitted' ? posix.dirname(importer) : '';
            const target = posix.join(from, path).replace(/\.js$/, '.ts');
            return texts.has(target) ? { path: target, namespace: 'emitted', sideEffects: false } : undefined;
          });
          hooks.onLoad({ filter: /.*/, namespace: 'emitted' }, ({ path }) => ({
            contents: texts.get(path)!,
            loader: 'ts',
            resolveDir: root,
          }));
        },
      },
    ],
  });
  return made.outputFiles[0]!.text;
}

/** Emitted modules at work: what they export, their metadata, and the runtime that they share. */
export interface Running {
  readonly module: Readonly<Record<string, unknown>>;
  readonly metadata: Bits.SpecificationMetadata;
  readonly bits: typeof Bits;
}

export async function running(outputs: readonly OutputFile[], id: string): Promise<Running> {
  const code = await bundled(
    outputs,
    `export * as module from './${id}/typescript/index.js';
     export { metadata } from './${id}/typescript/metadata.js';
     export * as bits from 'bits';`,
  );
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as Running;
}
