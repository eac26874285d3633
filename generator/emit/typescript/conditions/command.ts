import {
  type CommandConditions,
  type CommandValue,
  type Expression,
  type Label,
  type ResolvedContext,
  resolved,
  type Type,
} from '../../../model/index.js';
import { Coder, isProse, labelCode, type StateOf, type Uses } from './code.js';
import { representationOf, typescriptType } from './representation.js';

export interface ConditionsFile {
  readonly uses: Uses;
  /** Names of concrete types, whose accessors are only needed as types. */
  readonly accessors: ReadonlySet<string>;
  readonly statements: readonly string[];
}

/** Where a condition about a command that has run is evaluated: afterwards, but for what was sampled before. */
const afterwards: StateOf = (context, within) =>
  within === 'before' || context?.context.before ? 'before' : 'after';

const pascal = (name: string): string =>
  name.replace(
    /(^|_)([A-Za-z0-9])([A-Za-z0-9]*)/g,
    (_, __, head: string, tail: string) => head.toUpperCase() + tail.toLowerCase(),
  );

export function typePrefix(command: string): string {
  return pascal(command);
}

function enumerationOf(type: Type): string | undefined {
  const target = resolved(type);
  return target.kind === 'enumeration' ? target.name : undefined;
}

interface Post {
  readonly status: Label;
  /** The ResultEqual(...), which may also say an index. */
  readonly result: (Expression & { kind: 'call' }) | undefined;
}

/** The status (and index) that a post-condition promises: ResultEqual(...) or result == LABEL, maybe among others. */
export function postOf(expression: Expression): Post | undefined {
  if (expression.kind === 'binary' && expression.operator === '&&')
    return postOf(expression.left) ?? postOf(expression.right);
  if (expression.kind === 'call' && expression.function.name === 'ResultEqual') {
    const status = expression.arguments[1];
    return status?.kind === 'label' ? { status: status.label, result: expression } : undefined;
  }
  if (
    expression.kind === 'binary' &&
    expression.operator === '==' &&
    expression.left.kind === 'output' &&
    expression.right.kind === 'label'
  ) {
    return { status: expression.right.label, result: undefined };
  }
  return undefined;
}

export function emitCommand(
  conditions: CommandConditions,
  sameLabel: ConstructorParameters<typeof Coder>[0]['sameLabel'],
): ConditionsFile {
  const { command } = conditions;
  const uses: Uses = { support: new Set(), functions: new Set() };
  const accessors = new Set<string>();
  const prefix = pascal(command.name);
  const taken = ['state', 'input', 'output', 'prose', 'before', 'after', 'failure', 'held', 'open', 'places'];
  const statements: string[] = [];

  const fields = (values: readonly CommandValue[]): string =>
    values
      .map((value) => {
        const representation = representationOf(value.type, 'caller');
        if (representation.kind === 'accessor') accessors.add(representation.name);
        const type = typescriptType(representation);
        const named = enumerationOf(value.type) ?? resolved(value.type).name;
        return `  /** ${named} in X${value.register}: ${value.doc}. */\n  readonly ${value.name}: ${type};\n`;
      })
      .join('');
  statements.push(
    `/** Input values (${command.section}). */\nexport interface ${prefix}Input {\n${fields(command.inputs)}}\n`,
  );
  statements.push(
    `/** Output values (${command.section}). */\nexport interface ${prefix}Output {\n${fields(command.outputs)}}\n`,
  );

  const coder = (stateOf: StateOf): Coder =>
    new Coder({
      uses,
      context: conditions.context,
      stateOf,
      sameLabel,
      taken: [...taken, ...command.inputs.map((value) => value.name)],
    });

  // Evaluation
  {
    const code = coder(() => 'state');
    const body: string[] = [];
    for (const index of conditions.evaluation) {
      const { failure, pre } = conditions.failures[index]!;
      const test = isProse(pre) ? `prose.${pre.by}(state, input)` : code.holds(pre);
      body.push(...code.lines.splice(0), `if (${test}) return ${index}; // ${failure.name}`);
    }
    statements.push(
      `/** The first failure that holds, in the order of evaluation, by its position in the document; -1 when none does. */\n` +
        `export function firstFailure(${parameters(
          [
            ['state', 'State'],
            ['input', `${prefix}Input`],
            ['prose', 'Prose'],
          ],
          body,
        )}): number {\n${indent(body)}  return -1;\n}\n`,
    );
  }
  {
    const code = coder(() => 'state');
    const body: string[] = ['let held = 0;', 'let open = 0;'];
    for (const [index, { failure, pre }] of conditions.failures.entries()) {
      const bit = `${1 << index}`;
      if (isProse(pre)) {
        body.push(`if (prose.${pre.by}(state, input)) held |= ${bit}; // ${failure.name}`);
        continue;
      }
      const holds = code.holds(pre);
      const missing = code.missing(pre) ?? negatedOrNone(code.fails(pre));
      body.push(...code.lines.splice(0), `if (${holds}) held |= ${bit}; // ${failure.name}`);
      if (missing !== '') body.push(`else if (${missing}) open |= ${bit};`);
    }
    body.push('return { held, open };');
    statements.push(
      `/** Which failures hold, and which are not well-formed in this state (B1.6). */\nexport function evaluate(${parameters(
        [
          ['state', 'State'],
          ['input', `${prefix}Input`],
          ['prose', 'Prose'],
        ],
        body,
      )}): Evaluation {\n${indent(body)}}\n`,
    );
  }

  // Outcomes
  const unknown = [
    '  default:',
    `    throw new RangeError(\`${command.name} has no failure \${failure}\`);`,
    '}',
  ];
  {
    const cases = conditions.failures.map(({ post }) => {
      const promised = postOf(post)!;
      const code = coder(() => 'state');
      const index =
        (promised.result === undefined ? undefined : code.indexOrUndefined(promised.result))?.text ??
        'undefined';
      return [
        ...code.lines,
        `return { failure, status: ${labelCode(promised.status).text}, index: ${index} };`,
      ];
    });
    const body = ['switch (failure) {', ...switchCases(cases), ...unknown];
    const list = parameters(
      [
        ['failure', 'number'],
        ['state', 'State'],
        ['input', `${prefix}Input`],
      ],
      body,
    );
    statements.push(
      `/**\n * What a failure makes the command answer: its status, and the index where the document gives one.\n *\n * @throws RangeError if there is no such failure.\n */\nexport function outcome(${list}): Outcome {\n${indent(body)}}\n`,
    );
  }
  {
    const cases = conditions.failures.map(({ post }) => {
      const code = coder(() => 'state');
      const holds = code.holds(post);
      return [...code.lines, `return ${holds};`];
    });
    const body = ['switch (failure) {', ...switchCases(cases), ...unknown];
    const list = parameters(
      [
        ['failure', 'number'],
        ['state', 'State'],
        ['input', `${prefix}Input`],
        ['output', `${prefix}Output`],
      ],
      body,
    );
    statements.push(
      `/**\n * Whether the outputs are what a failure promises. The state is the one that the command found, which a failure\n * leaves as it was.\n *\n * @throws RangeError if there is no such failure.\n */\nexport function postHolds(${list}): boolean {\n${indent(body)}}\n`,
    );
  }

  // Success
  {
    // A pre-condition of a success is decided before the command, a post-condition after it; a context value that
    // says `before` keeps its value from before.
    const body: string[] = [];
    const pres = coder(() => 'before');
    const posts = coder(afterwards);
    const promised = conditions.success.map(({ success, pre, post }) => {
      const when =
        pre === undefined
          ? undefined
          : isProse(pre)
            ? `prose.${pre.by}(before, after, input, output)`
            : pres.holds(pre);
      const then = isProse(post) ? `prose.${post.by}(before, after, input, output)` : posts.holds(post);
      return { success, when, then };
    });
    body.push(...renamed(pres.lines, posts, promised));
    for (const { success, when, then } of promised) {
      const test = when === undefined ? `!(${then})` : `${bracket(when)} && !(${then})`;
      body.push(`if (${test}) return '${success.name}';`);
    }
    body.push('return undefined;');
    statements.push(
      `/** The first success condition that a successful command has broken, by its identifier; undefined when all hold (B1.7). */\nexport function brokenSuccess(${parameters(
        [
          ['before', 'State'],
          ['after', 'State'],
          ['input', `${prefix}Input`],
          ['output', `${prefix}Output`],
          ['prose', 'Prose'],
        ],
        body,
      )}): string | undefined {\n${indent(body)}}\n`,
    );
  }

  // Footprint
  {
    const body: string[] = ['const places: Place[] = [];'];
    for (const stateOf of [() => 'before', afterwards]) {
      const code = coder(stateOf);
      const pushes: string[] = [];
      for (const { value, item } of conditions.footprint) {
        const place = placeOf(value, conditions.context);
        if (place === undefined) continue;
        const state = place.before ? 'before' : undefined;
        const items = place.arguments.map((argument) => code.value(argument, state));
        const path = place.path.map((step) =>
          typeof step === 'string' ? { text: `'${step}'`, guards: [] } : code.value(step, state),
        );
        const guards = [...new Set([...items, ...path].flatMap((one) => one.guards))];
        const steps = path.map((one, i) =>
          typeof place.path[i] === 'string' || /^\d+$/.test(one.text) ? one.text : `Number(${one.text})`,
        );
        const literal = `{ function: '${place.name}', arguments: [${items.map((one) => one.text).join(', ')}], path: [${steps.join(', ')}] }`;
        const push = `places.push(${literal}); // ${item.name}`;
        pushes.push(
          guards.length === 0
            ? push
            : `if (${guards.map((guard) => `${guard} !== undefined`).join(' && ')}) ${push}`,
        );
      }
      body.push('{', ...code.lines.map((line) => `  ${line}`), ...pushes.map((line) => `  ${line}`), '}');
    }
    body.push('return places;');
    const lines = conditions.footprint.length === 0 ? ['return [];'] : body;
    const list = parameters(
      [
        ['before', 'State'],
        ['after', 'State'],
        ['input', `${prefix}Input`],
      ],
      lines,
    );
    statements.push(
      `/** The state items that a successful command may change, evaluated in both states (B1.9). */\nexport function footprint(${list}): readonly Place[] {\n${indent(lines)}}\n`,
    );
  }

  // Metadata
  const failures = conditions.failures.map(({ failure, pre, predecessors }) => {
    const bits = predecessors.reduce((set, one) => set | (1 << one), 0);
    const text = isProse(pre) ? pre.text : failure.pre.text;
    return `    { id: '${failure.name}', pre: ${quote(text)}, post: ${quote(failure.post.text)}, predecessors: ${bits} },\n`;
  });
  const success = conditions.success.map(({ success: one }) => {
    const text = one.post.text;
    return `    { id: '${one.name}', post: ${quote(text)} },\n`;
  });
  statements.push(
    `/** ${command.summary} (${command.section}) */\nexport const ${command.name}: CommandConditions<${prefix}Input, ${prefix}Output> = {\n` +
      `  name: '${command.name}',\n  section: '${command.section}',\n  fid: 0x${command.fid.toString(16).toUpperCase()},\n` +
      `  failures: [\n${failures.join('')}  ],\n  success: [\n${success.join('')}  ],\n` +
      `  order: [${conditions.evaluation.join(', ')}],\n` +
      `  firstFailure,\n  evaluate,\n  outcome,\n  postHolds,\n  brokenSuccess,\n  footprint,\n};\n`,
  );
  return { uses, accessors, statements };
}

/** Locals of the pre-conditions are renamed where the post-conditions use the same name for another state. */
function renamed(
  preLines: readonly string[],
  posts: Coder,
  promised: { when: string | undefined }[],
): string[] {
  const names = new Set(posts.lines.map((line) => /^const (\w+) =/.exec(line)?.[1]));
  let lines = [...preLines];
  for (const line of preLines) {
    const name = /^const (\w+) =/.exec(line)?.[1];
    if (name === undefined || !names.has(name)) continue;
    const pattern = new RegExp(`(?<![.\\w])${name}(?!\\w)`, 'g');
    const fresh = `${name}Before`;
    lines = lines.map((one) => one.replace(pattern, fresh));
    for (const one of promised) if (one.when !== undefined) one.when = one.when.replace(pattern, fresh);
  }
  return [...lines, ...posts.lines];
}

interface PlaceExpression {
  /** Whether it is a context value from before the command, and so was evaluated then. */
  readonly before: boolean;
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly path: readonly (string | Expression)[];
}

/** A footprint item as the function that gives the object and the path below it. */
export function placeOf(
  expression: Expression,
  context: readonly ResolvedContext[],
): PlaceExpression | undefined {
  switch (expression.kind) {
    case 'call':
      return { before: false, name: expression.function.name, arguments: expression.arguments, path: [] };
    case 'context': {
      const found = context.find((one) => one.context.name === expression.name);
      const of = found === undefined ? undefined : placeOf(found.value, context);
      return of === undefined ? undefined : { ...of, before: of.before || found!.context.before };
    }
    case 'field': {
      const of = placeOf(expression.of, context);
      return of === undefined ? undefined : { ...of, path: [...of.path, expression.member.name] };
    }
    case 'index': {
      const of = placeOf(expression.of, context);
      return of === undefined ? undefined : { ...of, path: [...of.path, expression.index] };
    }
    default:
      return undefined;
  }
}

/** Where a condition does not fail either, it is open; empty when it always has a value. */
function negatedOrNone(fails: string): string {
  return / (!==|===) (undefined|true|false)/.test(fails) ? `!(${fails})` : '';
}

/** Cases of a switch with the same code become one. */
function switchCases(cases: readonly (readonly string[])[]): string[] {
  const grouped = new Map<string, { body: readonly string[]; indices: number[] }>();
  for (const [index, body] of cases.entries()) {
    const key = body.join('\n');
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, { body, indices: [index] });
    else group.indices.push(index);
  }
  const lines: string[] = [];
  for (const { body, indices } of grouped.values()) {
    for (const index of indices.slice(0, -1)) lines.push(`  case ${index}:`);
    const last = indices.at(-1);
    if (body.length === 1) lines.push(`  case ${last}:`, `    ${body[0]}`);
    else lines.push(`  case ${last}: {`, ...body.map((line) => `    ${line}`), '  }');
  }
  return lines;
}

/** A parameter that the body does not use carries an underscore, as the compiler wants it. */
function parameters(
  list: readonly (readonly [name: string, type: string])[],
  body: readonly string[],
): string {
  const text = body.join('\n').replace(/\/\*.*?\*\//g, '');
  return list
    .map(([name, type]) => `${new RegExp(`(?<![.\\w])${name}(?!\\w)`).test(text) ? '' : '_'}${name}: ${type}`)
    .join(', ');
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '\n' : `  ${line.replaceAll('\n', '\n  ')}\n`)).join('');
}

function bracket(text: string): string {
  return / (\|\|) /.test(text) ? `(${text})` : text;
}

export function quote(text: string): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return `'${folded.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
