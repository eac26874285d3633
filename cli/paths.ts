import { relative, sep } from 'node:path';
import type { Io } from './io.js';

/** A path as people see it: from where they stand when it lies below, with forward slashes. */
export function display(path: string, io: Io): string {
  const from = relative(io.cwd, path);
  return (from.startsWith('..') ? path : from === '' ? '.' : from).split(sep).join('/');
}
