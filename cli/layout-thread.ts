import { parentPort } from 'node:worker_threads';
import { layOut } from '../generator/emit/typescript/layout.js';
import type { SourceModule } from '../generator/index.js';

// A thread that lays modules out: it answers each list of modules with the files.
parentPort?.on('message', (modules: readonly SourceModule[]) => parentPort?.postMessage(layOut(modules)));
