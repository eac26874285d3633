import { once } from 'node:events';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { watch } from 'chokidar';
import { colours, type Io } from './io.js';
import type { SpecFolder } from './spec-folder.js';

/**
 * Milliseconds without a further change before a run starts. An editor saves in several steps, and chokidar
 * reports a file's changes within 50 ms as one: a run that started earlier could miss the last of them.
 */
const QUIET = 55;

/**
 * Runs once, and again after every change below the folder, until the interruption. Runs never overlap; what
 * changes during one is taken up by the next.
 *
 * @param run Gets the time when the first change was seen, and the changed file, or how many there are.
 */
export async function watchSpec(
  files: SpecFolder,
  io: Io,
  run: (started: number, changed: string | undefined) => Promise<void>,
): Promise<void> {
  const signal = io.interruption();
  const watcher = watch(files.real, {
    cwd: files.real,
    ignoreInitial: true,
    ignored: (path) => path !== files.real && basename(path).startsWith('.'),
  });
  const changed = new Set<string>();
  let since = 0;
  let timer: NodeJS.Timeout | undefined;
  let busy: Promise<void> | undefined;
  try {
    await once(watcher, 'ready', { signal });
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const start = (started: number, what: string | undefined): void => {
        busy = run(started, what)
          .catch(reject)
          .finally(() => {
            busy = undefined;
            next();
          });
      };
      const next = (): void => {
        if (busy !== undefined || changed.size === 0) return;
        const [first] = changed;
        const what = changed.size === 1 ? files.shown(first!) : `${changed.size} files`;
        changed.clear();
        start(since, what);
      };
      watcher.on('error', reject);
      watcher.on('all', (_event, path) => {
        if (changed.size === 0) since = performance.now();
        changed.add(path);
        clearTimeout(timer);
        timer = setTimeout(next, QUIET);
      });
      signal.addEventListener('abort', () => resolve(), { once: true });
      start(performance.now(), undefined);
      io.stderr.write(`${colours(io, io.stderr).dim(`watching ${files.root}; Ctrl-C ends it`)}\n`);
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    await watcher.close();
    await busy;
  }
}
