import type { z } from 'zod';
import { type Diagnostics, nearest, type Span } from '../diagnostics/index.js';
import { keyAt, type MapNode, type Node, nodeAt, plainData, type ScalarNode, sourceOf } from './node.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong at one place: an issue of the schema, alternatives that all failed already decided. */
interface Problem {
  readonly path: Path;
  readonly issue: Issue;
}

const expectedWords: Record<string, string> = {
  string: 'text',
  bigint: 'an integer',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function wordsFor(expected: string): string {
  return expectedWords[expected] ?? expected;
}

/** A node in words: its text when it is short enough to show. */
function found(node: Node): string {
  if (node.kind === 'map') return node.entries.size === 0 ? 'an empty map' : 'a map';
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.value === null) return 'nothing';
  if (node.value === '') return 'an empty text';
  return `\`${clip(sourceOf(node).replace(/\s+/g, ' '), 60)}\``;
}

function isHole(node: Node): boolean {
  return node.kind === 'scalar' && node.value === undefined;
}

/** Of the alternatives that all failed, the one the author most likely meant. */
function likeliest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  let best: readonly Issue[] | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const issues of alternatives) {
    if (issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type')) continue;
    const score = issues.reduce(
      (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
      0,
    );
    if (score < bestScore) {
      bestScore = score;
      best = issues;
    }
  }
  return best;
}

/** Keys that a map may have, from the shape of the schema at that place. */
function allowedKeys(schema: z.core.$ZodType, path: Path, node: Node): readonly string[] {
  let at: z.core.$ZodType | undefined = schema;
  let place = node;
  for (let i = 0; at !== undefined; ) {
    const def = at._zod.def as unknown as {
      type: string;
      shape?: Record<string, z.core.$ZodType>;
      valueType?: z.core.$ZodType;
      element?: z.core.$ZodType;
      innerType?: z.core.$ZodType;
      options?: readonly z.core.$ZodType[];
      discriminator?: string;
    };
    if (def.type === 'optional') {
      at = def.innerType;
      continue;
    }
    if (def.type === 'union') {
      const options: readonly z.core.$ZodType[] = def.options ?? [];
      if (def.discriminator !== undefined && place.kind === 'map') {
        const kind = place.entries.get(def.discriminator)?.value;
        const tag = kind?.kind === 'scalar' ? kind.value : undefined;
        at = options.find((option) => {
          const literal = (option._zod.def as unknown as { shape: Record<string, z.core.$ZodType> }).shape[
            def.discriminator!
          ];
          return literal?._zod.values?.has(tag as z.core.util.Primitive) ?? false;
        });
        continue;
      }
      const keys = new Set<string>();
      for (const option of options)
        for (const key of allowedKeys(option, path.slice(i), place)) keys.add(key);
      return [...keys];
    }
    if (i === path.length) return def.shape === undefined ? [] : Object.keys(def.shape);
    const step = path[i++]!;
    place = nodeAt(place, [step]);
    at = def.shape?.[String(step)] ?? def.valueType ?? def.element;
  }
  return [];
}

/**
 * Checks the shape of a file, or of an item when `where` is its key. Undefined when it is wrong; every problem
 * has then been reported at its place.
 */
export function validate<S extends z.ZodType>(
  schema: S,
  root: Node,
  what: string,
  diagnostics: Diagnostics,
  where: Span = { ...root.span, end: root.span.start },
): z.infer<S> | undefined {
  // Compiling the schema costs more than it saves on a specification: 20 of 200 ms.
  const result = schema.safeParse(plainData(root), { jitless: true });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => decided(issue, [], root));
  const reporter = new Reporter(schema, root, what, where, diagnostics);
  const slips = reporter.unknownKeys(problems);
  const missing = new Map<string, { readonly parent: Path; readonly keys: string[] }>();
  for (const { issue, path } of problems) {
    if (issue.code === 'unrecognized_keys') continue;
    if (isAbsent(root, path)) {
      const parent = path.slice(0, -1);
      const lacking = missing.get(parent.join('/')) ?? { parent, keys: [] };
      missing.set(parent.join('/'), lacking);
      if (!slips.has(path.join('/'))) lacking.keys.push(String(path.at(-1)));
    } else if (!isHole(nodeAt(root, path))) reporter.report(issue, path);
  }
  for (const { parent, keys } of missing.values()) if (keys.length > 0) reporter.missing(parent, keys);
  return undefined;
}

/**
 * Checks the items of a file one by one, so that a mistake in one of them hides nothing of the others. The map
 * holds those that are right.
 */
export function validateItems<S extends z.ZodType>(
  schema: S,
  name: z.ZodType,
  root: Node,
  diagnostics: Diagnostics,
): Map<string, z.infer<S> | undefined> | undefined {
  if (root.kind !== 'map') {
    diagnostics.report('wrong-type', root.span, { expected: 'a map', found: found(root) });
    return undefined;
  }
  const stray = ['section', 'summary'].map((key) => root.entries.get(key)).find((one) => one !== undefined);
  if (stray !== undefined && stray.value.kind === 'scalar') {
    const found = `\`${sourceOf({ ...stray.value, span: stray.key })}\``;
    diagnostics.report('wrong-type', stray.key, { expected: 'the name of an item', found });
    return undefined;
  }
  const items = new Map<string, z.infer<S> | undefined>();
  for (const [key, entry] of root.entries) {
    if (diagnostics.full) items.set(key, undefined);
    else if (name.safeParse(key).success)
      items.set(key, validate(schema, entry.value, `\`${key}\``, diagnostics, entry.key));
    else reportName(key, entry.key, diagnostics);
  }
  return items;
}

function isInBraces(map: MapNode): boolean {
  return map.span.file.text[map.span.start] === '{';
}

function reportName(text: string, span: Span, diagnostics: Diagnostics): void {
  const plain = text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+/, '');
  const meant = /^[A-Za-z]\w{0,63}$/.test(plain) ? plain : undefined;
  diagnostics.report('name-syntax', span, { found: `\`${clip(text, 80)}\`` }, { meant });
}

function isAbsent(root: Node, path: Path): boolean {
  const last = path.at(-1);
  if (last === undefined) return false;
  const parent = nodeAt(root, path.slice(0, -1));
  return parent.kind === 'map' && !parent.entries.has(String(last));
}

/** An issue, or the issues of the alternative that was most likely meant. */
function decided(issue: Issue, base: Path, root: Node): readonly Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union' && !isAbsent(root, path)) {
    const branch = likeliest(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => decided(inner, path, root));
  }
  return [{ issue, path }];
}

class Reporter {
  readonly #schema: z.core.$ZodType;
  readonly #root: Node;
  readonly #what: string;
  readonly #where: Span;
  readonly #diagnostics: Diagnostics;

  constructor(schema: z.core.$ZodType, root: Node, what: string, where: Span, diagnostics: Diagnostics) {
    this.#schema = schema;
    this.#root = root;
    this.#what = what;
    this.#where = where;
    this.#diagnostics = diagnostics;
  }

  /** Reports unknown keys. The paths of missing keys that they were surely meant as: one slip is one problem. */
  unknownKeys(problems: readonly Problem[]): ReadonlySet<string> {
    const missing = problems.map(({ path }) => path).filter((path) => isAbsent(this.#root, path));
    const slips = new Set<string>();
    for (const { issue, path } of problems) {
      if (issue.code !== 'unrecognized_keys') continue;
      const map = nodeAt(this.#root, path) as MapNode;
      const allowed = allowedKeys(this.#schema, path, this.#root);
      const here = `${path.join('/')}/`;
      const open = allowed.filter((key) => !map.entries.has(key));
      if (this.#wholly(map, path, allowed, issue.keys)) {
        for (const key of open) slips.add([...path, key].join('/'));
        continue;
      }
      const lacking = missing
        .filter((one) => `${one.slice(0, -1).join('/')}/` === here)
        .map((one) => one.at(-1));
      for (const key of issue.keys) {
        // One key too many and one missing are one mistake, whatever they look like.
        const only = issue.keys.length === 1 && lacking.length === 1 ? String(lacking[0]) : undefined;
        const meant = nearest(key, open) ?? only;
        if (meant !== undefined && lacking.includes(meant)) slips.add([...path, meant].join('/'));
        const value = nodeAt(map, [key]);
        const cut = isInBraces(map) && value.kind === 'scalar' && value.value === null;
        const hint = cut ? 'Inside { } a comma ends a text: quote the text that has one.' : undefined;
        this.#diagnostics.report(
          'unknown-key',
          keyAt(map, [key]),
          { key: clip(key, 80), allowed },
          { meant, hint },
        );
        // What follows are pieces of the same text.
        if (cut) {
          for (const key of open) slips.add([...path, key].join('/'));
          break;
        }
      }
    }
    return slips;
  }

  /** Reports a map that has nothing of what it should have as one mistake. */
  #wholly(map: MapNode, path: Path, allowed: readonly string[], unknown: readonly string[]): boolean {
    if (unknown.length < 2 || unknown.length < map.entries.size || allowed.length === 0) return false;
    const list = (words: readonly string[]): string =>
      words.length > 8 ? `${words.slice(0, 8).join(', ')} ...` : words.join(', ');
    const span = path.length === 0 ? this.#where : keyAt(this.#root, path);
    this.#diagnostics.report('wrong-type', span, {
      expected: `a map of ${list(allowed)}`,
      found: `one of ${clip(list(unknown), 80)}`,
    });
    return true;
  }

  missing(parent: Path, keys: readonly string[]): void {
    const last = parent.at(-1);
    const index = typeof last === 'number' ? `entry ${last + 1} of \`${String(parent.at(-2))}\`` : undefined;
    const of = last === undefined ? this.#what : (index ?? `\`${String(last)}\``);
    const node = nodeAt(this.#root, parent);
    const span =
      last === undefined
        ? this.#where
        : index !== undefined
          ? { ...node.span, end: node.span.start + 1 }
          : keyAt(this.#root, parent);
    this.#diagnostics.report('missing-key', span, { keys, of });
  }

  report(issue: Issue, path: Path): void {
    const node = nodeAt(this.#root, path);
    const diagnostics = this.#diagnostics;
    switch (issue.code) {
      case 'invalid_union': {
        if ('discriminator' in issue && 'options' in issue) {
          this.#choice(node, (issue.options as readonly unknown[]).map(String));
          return;
        }
        const expected: string[] = [];
        for (const inner of issue.errors.flat())
          if (inner.code === 'invalid_type' && inner.path.length === 0)
            expected.push(wordsFor(inner.expected));
        this.#type(node, [...new Set(expected)], path);
        return;
      }
      case 'invalid_type':
        this.#type(node, [wordsFor(issue.expected)], path);
        return;
      case 'invalid_key':
        reportName(String(path.at(-1)), keyAt(this.#root, path), diagnostics);
        return;
      case 'invalid_value':
        this.#choice(node, issue.values.map(String));
        return;
      case 'too_big':
        if (node.kind === 'scalar')
          diagnostics.report('text-too-long', node.span, {
            length: String(node.value).length,
            limit: Number(issue.maximum),
          });
        else
          diagnostics.report('wrong-type', node.span, {
            expected: `at most ${issue.maximum} entries`,
            found: `${node.kind === 'list' ? node.items.length : node.entries.size}`,
          });
        return;
      case 'too_small':
        diagnostics.report('wrong-type', node.span, {
          expected: node.kind === 'scalar' ? 'text' : 'at least one entry',
          found: found(node),
        });
        return;
      case 'invalid_format':
        // The schema says in words what it expects where a name would not do.
        if (issue.message.startsWith('Invalid'))
          reportName(String((node as ScalarNode).value), node.span, diagnostics);
        else diagnostics.report('wrong-type', node.span, { expected: issue.message, found: found(node) });
        return;
      default:
        diagnostics.report('wrong-type', node.span, { expected: issue.message, found: found(node) });
    }
  }

  #choice(node: Node, allowed: readonly string[]): void {
    const text = node.kind === 'scalar' ? String(node.value) : '';
    this.#diagnostics.report(
      'bad-choice',
      node.span,
      { found: found(node), allowed },
      { meant: nearest(text, allowed) },
    );
  }

  #type(node: Node, expected: readonly string[], path: Path): void {
    if (expected.includes('an integer') && node.kind === 'scalar' && node.value !== null) {
      const unquoted = !node.plain && /^-?[0-9]+$|^0x[0-9A-Fa-f]+$/.test(String(node.value));
      this.#diagnostics.report(
        'bad-number',
        node.span,
        { found: found(node) },
        unquoted ? { hint: 'Write it without quotes.' } : {},
      );
      return;
    }
    const keys = expected.includes('a map') ? allowedKeys(this.#schema, path, this.#root) : [];
    let hint =
      keys.length === 0 ? undefined : `Its keys are ${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}.`;
    if (node.kind === 'scalar' && node.value !== null) {
      if (expected.includes('text') && node.value !== '') hint = `Quote it: "${clip(sourceOf(node), 40)}".`;
      else if (expected.includes('true or false'))
        hint = node.plain ? 'YAML 1.2 has only true and false.' : 'Write it without quotes.';
    }
    this.#diagnostics.report(
      'wrong-type',
      node.span,
      { expected: expected.join(' or '), found: found(node) },
      { hint },
    );
  }
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
