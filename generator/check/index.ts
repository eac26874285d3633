import type { Diagnostics } from '../diagnostics/index.js';
import type { Model } from '../model/index.js';
import { passes } from './passes.js';

/** Runs every pass, so that one run reports all problems. */
export function check(model: Model, diagnostics: Diagnostics): void {
  for (const pass of passes) diagnostics.add(pass.run(model));
}
