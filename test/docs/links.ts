import { posix } from 'node:path';
import type { OutputFile } from '../../generator/index.js';

/** Text of a Markdown file without what stands in fences and code spans. */
function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '`');
}

/** Where links of a file lead, as they are written. */
export function linksIn(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/(?<!\\)\]\(([^)\s]*)\)/g)].map((match) => match[1]!);
}

export function anchorsIn(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/<a id="([^"]*)"><\/a>/g)].map((match) => match[1]!);
}

/** Links that lead nowhere, as `page: link`. */
export function brokenLinks(files: readonly OutputFile[]): readonly string[] {
  const anchors = new Map(files.map(({ path, text }) => [path, new Set(anchorsIn(text))]));
  return files.flatMap(({ path, text }) =>
    linksIn(text)
      .filter((link) => {
        const [target = '', anchor] = link.split('#');
        const page = target === '' ? path : posix.join(posix.dirname(path), target);
        const known = anchors.get(page);
        return known === undefined || (anchor !== undefined && !known.has(anchor));
      })
      .map((link) => `${path}: ${link}`),
  );
}
