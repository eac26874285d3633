import type { Files, SourceFile } from '../generator/index.js';

/** A specification folder that is not on a disk: texts by path. */
export function memory(texts: Readonly<Record<string, string>>): Files {
  const files = new Map<string, SourceFile>();
  for (const [path, text] of Object.entries(texts)) files.set(path, { path, text });
  return {
    read: (path) => files.get(path),
    list: (folder) => {
      const prefix = folder === '' ? '' : `${folder}/`;
      const names = new Set<string>();
      for (const path of files.keys())
        if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]!);
      return names.size === 0 ? undefined : [...names].sort();
    },
  };
}
