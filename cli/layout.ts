import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LayOut, OutputFile } from '../generator/index.js';

/**
 * Lays modules out in a thread of its own. Loading the library for it takes as long as reading a specification and
 * emitting all else, so the two go on at once.
 */
export class LayoutThread {
  readonly #worker: Worker;

  constructor() {
    this.#worker = new Worker(new URL('./layout-thread.js', import.meta.url), {
      // Not those of this process, which may be about how it was started.
      execArgv: [],
    });
    // Whoever waits for an answer keeps the process; the thread alone does not.
    this.#worker.unref();
  }

  readonly layOut: LayOut = async (modules) => {
    if (modules.length === 0) return [];
    this.#worker.ref();
    try {
      this.#worker.postMessage(modules);
      const [files] = (await once(this.#worker, 'message')) as [readonly OutputFile[]];
      return files;
    } finally {
      this.#worker.unref();
    }
  };

  /** @returns undefined where the program runs from its sources, as in a test: there is no built thread beside them. */
  static start(): LayoutThread | undefined {
    return import.meta.url.endsWith('.js') ? new LayoutThread() : undefined;
  }
}
