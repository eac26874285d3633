import type { z } from 'zod';
import { type Diagnostics, nearest } from '../diagnostics/index.js';
import { keyAt, type Node, nodeAt, plainData } from './yaml.js';

type Issue = z.core.$ZodIssue;

const expectedWords: Record<string, string> = {
  string: 'text',
  bigint: 'an integer',
  int: 'an integer',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function found(node: Node): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return node.value === '' ? 'an empty text' : 'text';
  if (typeof node.value === 'boolean') return String(node.value);
  return typeof node.value === 'bigint' ? 'an integer' : 'a number with a fraction';
}

function shown(node: Node): string {
  if (node.kind !== 'scalar') return found(node);
  const text = String(node.value);
  return `\`${text.length > 60 ? `${text.slice(0, 60)}...` : text}\``;
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
function allowedKeys(schema: z.core.$ZodType, path: readonly PropertyKey[], node: Node): readonly string[] {
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

/** Checks the shape of a file. Undefined when it is wrong; every problem has then been reported at its place. */
export function validate<S extends z.ZodType>(
  schema: S,
  root: Node,
  what: string,
  diagnostics: Diagnostics,
): z.infer<S> | undefined {
  const result = schema.safeParse(plainData(root));
  if (result.success) return result.data;

  const report = (issue: Issue, base: readonly PropertyKey[]): void => {
    const path = [...base, ...issue.path];
    const node = nodeAt(root, path);
    const parent = nodeAt(root, path.slice(0, -1));
    const last = path.at(-1);
    const absent = last !== undefined && parent.kind === 'map' && !parent.entries.has(String(last));
    switch (issue.code) {
      case 'unrecognized_keys': {
        const allowed = allowedKeys(schema, path, root);
        for (const key of issue.keys) {
          diagnostics.report(
            'unknown-key',
            keyAt(root, [...path, key]),
            { key, allowed },
            { meant: nearest(key, allowed) },
          );
        }
        return;
      }
      case 'invalid_union': {
        if (absent) {
          missing(path);
          return;
        }
        if (node.kind === 'map' && 'discriminator' in issue && typeof issue.discriminator === 'string') {
          const kinds = ['enumeration', 'fieldset', 'register', 'struct', 'alias', 'mask', 'constant'];
          const tag = node.entries.get(issue.discriminator);
          if (tag === undefined) {
            missing([...path, issue.discriminator]);
            return;
          }
          const text = shown(tag.value);
          diagnostics.report(
            'bad-choice',
            tag.value.span,
            { found: text, allowed: kinds },
            { meant: nearest(text.replaceAll('`', ''), kinds) },
          );
          return;
        }
        const branch = likeliest(issue.errors);
        if (branch !== undefined && node.kind !== 'scalar') {
          for (const inner of branch) report(inner, path);
          return;
        }
        if (branch !== undefined) {
          for (const inner of branch) report(inner, path);
          return;
        }
        if (node.kind === 'scalar' && typeof node.value === 'number') {
          diagnostics.report('bad-number', node.span, { found: shown(node) });
          return;
        }
        const expected = [
          ...new Set(
            issue.errors
              .flat()
              .map((inner) =>
                'expected' in inner
                  ? (expectedWords[String(inner.expected)] ?? String(inner.expected))
                  : 'a value',
              ),
          ),
        ];
        diagnostics.report('wrong-type', node.span, { expected: expected.join(' or '), found: found(node) });
        return;
      }
      case 'invalid_type': {
        if (absent) {
          missing(path);
          return;
        }
        if (node.kind === 'scalar' && typeof node.value === 'number' && issue.expected === 'bigint') {
          diagnostics.report('bad-number', node.span, { found: shown(node) });
          return;
        }
        const expected = expectedWords[issue.expected] ?? issue.expected;
        diagnostics.report('wrong-type', node.span, { expected, found: found(node) });
        return;
      }
      case 'invalid_key':
        diagnostics.report('name-syntax', keyAt(root, path), { found: `\`${clip(String(last))}\`` });
        return;
      case 'invalid_value': {
        if (absent) {
          missing(path);
          return;
        }
        const allowed = issue.values.map(String);
        diagnostics.report(
          'bad-choice',
          node.span,
          { found: shown(node), allowed },
          { meant: nearest(String(node.kind === 'scalar' ? node.value : ''), allowed) },
        );
        return;
      }
      case 'too_big':
        if (node.kind === 'scalar')
          diagnostics.report('text-too-long', node.span, {
            length: String(node.value).length,
            limit: Number(issue.maximum),
          });
        else diagnostics.report('wrong-type', node.span, { expected: 'fewer entries', found: found(node) });
        return;
      case 'too_small':
        diagnostics.report('wrong-type', node.span, {
          expected: node.kind === 'list' ? 'at least one entry' : 'text',
          found: node.kind === 'list' ? 'an empty list' : found(node),
        });
        return;
      case 'invalid_format':
        if (last === 'version')
          diagnostics.report('wrong-type', node.span, {
            expected: 'a version such as "1.0"',
            found: shown(node),
          });
        else diagnostics.report('name-syntax', node.span, { found: shown(node) });
        return;
      default:
        diagnostics.report('wrong-type', node.span, { expected: 'something else', found: found(node) });
    }
  };

  const missing = (path: readonly PropertyKey[]): void => {
    const parent = path.slice(0, -1);
    const of = parent.length === 0 ? what : `\`${String(parent.at(-1))}\``;
    const node = nodeAt(root, parent);
    const span =
      parent.length === 0 || node.kind !== 'map'
        ? { ...node.span, end: node.span.start }
        : keyAt(root, parent);
    diagnostics.report('missing-key', span, { key: String(path.at(-1)), of });
  };

  for (const issue of result.error.issues) report(issue, []);
  return undefined;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
