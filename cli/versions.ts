import { versionFolders } from '../generator/load/files.js';
import { exit, Failure, visible } from './io.js';
import type { SpecFolder } from './spec-folder.js';

/** Alpha, beta and EAC documents, by how Arm numbers them. */
const draft = /-(alp|bet|eac)[0-9]+$/;

/** 1.9 before 1.10. Loading a locale for it takes longer than reading the folder. */
function byNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.replace(/[0-9]+/g, (digits) => digits.padStart(20, '0')));
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}

/** The versions of a folder from the oldest to the newest. */
function versionsOf(files: SpecFolder): readonly string[] {
  const folders = versionFolders(files);
  if (folders.length === 0)
    throw new Failure(
      `there is no version in ${visible(files.root)}`,
      'A version is a folder with a spec.yaml.',
    );
  return [...folders].sort(byNumbers);
}

/** A version by its folder or its number. When none is asked for, the last release, or the last draft. */
export function versionOf(files: SpecFolder, wanted: string | undefined): string {
  const folders = versionsOf(files);
  if (wanted === undefined) return folders.filter((name) => !draft.test(name)).at(-1) ?? folders.at(-1)!;
  const found = folders.find((name) => name === wanted || name.endsWith(`-${wanted}`));
  if (found !== undefined) return found;
  throw new Failure(`there is no version ${visible(wanted)}`, `There is ${folders.join(', ')}.`, exit.usage);
}
