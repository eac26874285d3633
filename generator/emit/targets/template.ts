/// <reference path="./handlebars.d.ts" />
import Handlebars from 'handlebars/dist/handlebars.js';
import { type Diagnostics, lineText, type SourceFile, type Span } from '../../diagnostics/index.js';
import { hex } from '../../model/index.js';
import { align, comment, lineComment } from './text.js';
import type { View } from './view.js';

/**
 * Templates come from the specification folder, so they get little: the values of the view and their own
 * properties, the built-in block helpers without `log`, and the helpers below.
 */
const helpers: Record<string, Handlebars.HelperDelegate> = {
  /** `{{#align}}`: lines up what single tabs separate. */
  align(this: unknown, options: Handlebars.HelperOptions) {
    return align(options.fn(this));
  },

  /** `{{#comment}}`, `{{#comment doc=true indent="\t"}}`, `{{#comment mark="///"}}`: wraps its lines as a comment. */
  comment(this: unknown, options: Handlebars.HelperOptions) {
    const { doc, mark, indent } = options.hash as { doc?: unknown; mark?: unknown; indent?: unknown };
    const lead = String(indent ?? '');
    if (mark === undefined) return comment(options.fn(this), doc === true ? '/**' : '/*', lead);
    if (mark !== '//' && mark !== '///' && mark !== '//!')
      throw new Error('`mark` is one of //, /// and //!');
    return lineComment(options.fn(this), mark, lead);
  },

  /** `{{lower name}}`: a name in lower case. */
  lower(name: unknown) {
    return String(name).toLowerCase();
  },

  /** `{{hex value 4}}`: 0x and at least so many digits. */
  hex(value: unknown, digits: unknown) {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw new Error('`hex` takes a number');
    return hex(value, typeof digits === 'number' ? Math.min(digits, 128) : 1);
  },

  /** `{{#if (eq style "hex")}}`. */
  eq(left: unknown, right: unknown) {
    return left === right;
  },

  /** `{{fail "unknown style" style}}`: what a template cannot do is an error of the target. */
  fail(...parts: unknown[]) {
    throw new Error(parts.slice(0, -1).join(' '));
  },
};

const engine = Handlebars.create();
engine.unregisterHelper('log');
for (const [name, helper] of Object.entries(helpers)) engine.registerHelper(name, located(helper));

/** Gives an error of a helper the place of its call. */
function located(helper: Handlebars.HelperDelegate): Handlebars.HelperDelegate {
  return function (this: unknown, ...parts: unknown[]) {
    try {
      return helper.apply(this, parts as Parameters<typeof helper>);
    } catch (error) {
      if (error instanceof Handlebars.Exception || !(error instanceof Error)) throw error;
      const { loc } = parts.at(-1) as { loc: hbs.AST.SourceLocation };
      throw new Handlebars.Exception(error.message, { type: 'Helper', loc });
    }
  };
}

const known = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));
const compiled = new WeakMap<SourceFile, Handlebars.TemplateDelegate<View>>();

function compile(template: SourceFile): Handlebars.TemplateDelegate<View> {
  let run = compiled.get(template);
  if (run === undefined) {
    run = engine.compile<View>(template.text, {
      noEscape: true,
      strict: true,
      knownHelpersOnly: true,
      knownHelpers: { ...known, log: false },
    });
    compiled.set(template, run);
  }
  return run;
}

/** Fills a template in; undefined when it fails, which has then been reported at its place. */
export function render(template: SourceFile, view: View, diagnostics: Diagnostics): string | undefined {
  try {
    return compile(template)(view, {
      allowProtoMethodsByDefault: false,
      allowProtoPropertiesByDefault: false,
    });
  } catch (error) {
    const { span, detail } = problem(error, template);
    diagnostics.report('template-error', span, { detail });
    return undefined;
  }
}

function problem(error: unknown, file: SourceFile): { readonly span: Span; readonly detail: string } {
  const message = error instanceof Error ? error.message : String(error);
  const nowhere: Span = { file, start: 0, end: 0 };
  if (error instanceof RangeError && message.includes('call stack'))
    return { span: nowhere, detail: 'it calls itself without end' };
  if (error instanceof Handlebars.Exception && typeof error.lineNumber === 'number') {
    const start = offsetOf(file, error.lineNumber) + error.column;
    const end =
      offsetOf(file, error.endLineNumber ?? error.lineNumber) + (error.endColumn ?? error.column + 1);
    const undefinedName = /^"([^"]*)" not defined in /.exec(message)?.[1];
    return {
      span: { file, start, end },
      detail:
        undefinedName === undefined
          ? message.replace(/ - \d+:\d+$/, '')
          : `\`${undefinedName}\` is not defined here`,
    };
  }
  // The parser says where only in words.
  const line = /^(?:Parse|Lexical) error on line (\d+)/.exec(message)?.[1];
  if (line !== undefined) {
    const start = offsetOf(file, Number(line));
    const got = /got '([^']*)'/.exec(message)?.[1];
    return {
      span: { file, start, end: start + lineText(file, Number(line)).length },
      detail: got === undefined ? 'it cannot be read here' : `${got} makes no sense here`,
    };
  }
  const partial = /^The partial (.*) could not be found$/.exec(message)?.[1];
  const at = partial === undefined ? -1 : file.text.indexOf(partial);
  if (at === -1) return { span: nowhere, detail: message.split('\n', 1)[0]! };
  return {
    span: { file, start: at, end: at + partial!.length },
    detail: `there is no partial \`${partial}\``,
  };
}

function offsetOf(file: SourceFile, line: number): number {
  let offset = 0;
  for (let at = 1; at < line; at++) {
    const next = file.text.indexOf('\n', offset);
    if (next === -1) return file.text.length;
    offset = next + 1;
  }
  return offset;
}
