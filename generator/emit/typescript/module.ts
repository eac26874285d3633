import type { StatementStructures } from 'ts-morph';
import { Kind, type Statements } from './description.js';
import { WIDTH } from './text.js';

/** Where every named item of a version is emitted, so that modules can import from each other. */
export interface Names {
  /** The module of an item: `rmi/types`. */
  moduleOf(name: string): string | undefined;
  /** The module specifier of the runtime, from the folder of the version. */
  readonly bits: string;
}

/** As the formatter sorts: letter by letter, `A` before `a` before `B`; digits by the number that they write. */
function compareNames(a: string, b: string): number {
  const parts = (text: string): readonly string[] => text.match(/[0-9]+|[^0-9]/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x, y] = [left[index]!, right[index]!];
    if (x === y) continue;
    if (/[0-9]/.test(x) && /[0-9]/.test(y)) return Number(x) - Number(y) || x.length - y.length;
    const [p, q] = [x.toLowerCase(), y.toLowerCase()];
    if (p !== q) return p < q ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** From module `from` to module `to`, both below the folder of the version. */
function relative(from: string, to: string): string {
  const folders = from.split('/').slice(0, -1);
  const target = to.split('/');
  while (folders.length > 0 && folders[0] === target[0]) {
    folders.shift();
    target.shift();
  }
  const up = folders.length > 0 || target[0] === '..' ? '../'.repeat(folders.length) : './';
  return `${up}${target.join('/')}`;
}

/** One file in the making: its declarations and what they turned out to need. */
export class Module {
  readonly path: string;
  readonly #names: Names;
  readonly #body: (string | StatementStructures)[] = [];
  /** By specifier, then by name; true for what is only needed as a type. */
  readonly #imports = new Map<string, Map<string, boolean>>();
  /** The same of what another version's modules have and this one passes on. */
  readonly #passed = new Map<string, Map<string, boolean>>();

  constructor(path: string, names: Names) {
    this.path = path;
    this.#names = names;
  }

  add(...statements: Statements): void {
    this.#body.push(...statements);
  }

  /** What this module imports the runtime from. */
  get bits(): string {
    const { bits } = this.#names;
    return bits.startsWith('.') ? `${'../'.repeat(this.path.split('/').length - 1)}${bits}` : bits;
  }

  /** A name of the runtime, as it is called here: an item of the document may have taken the name. */
  runtime(name: string, typeOnly = false): string {
    const local = this.#names.moduleOf(name) === undefined ? name : `$${name}`;
    this.#import(this.bits, local === name ? name : `${name} as ${local}`, typeOnly);
    return local;
  }

  /** An item of the document. */
  item(name: string, typeOnly = false): string {
    const module = this.#names.moduleOf(name);
    if (module !== undefined && module !== this.path)
      this.#import(`${relative(this.path, module)}.js`, name, typeOnly);
    return name;
  }

  #import(specifier: string, name: string, typeOnly: boolean): void {
    const names = this.#imports.get(specifier) ?? new Map<string, boolean>();
    this.#imports.set(specifier, names);
    names.set(name, typeOnly && names.get(name) !== false);
  }

  /** Passes on an item that is at home in another version. */
  pass(name: string, typeOnly: boolean): void {
    const specifier = `${relative(this.path, this.#names.moduleOf(name)!)}.js`;
    const names = this.#passed.get(specifier) ?? new Map<string, boolean>();
    this.#passed.set(specifier, names);
    names.set(name, typeOnly);
  }

  statements(): Statements {
    const all = [...this.#importDeclarations(), ...this.#passedOn(), ...this.#body];
    // The library puts a blank line around classes and namespaces; text gets its own.
    return all.map((statement, index) => {
      const previous = all[index - 1];
      if (typeof statement !== 'string') return statement;
      const apart = typeof previous === 'object' && previous.kind === Kind.Module;
      return apart ? statement : `\n${statement}`;
    });
  }

  #passedOn(): readonly string[] {
    return [...this.#passed].map(([specifier, names]) => {
      const sorted = [...names.keys()].sort(compareNames);
      const texts = sorted.map((name) => (names.get(name) ? `type ${name}` : name));
      const line = `export { ${texts.join(', ')} } from '${specifier}';`;
      const lines = texts.map((text) => `  ${text},\n`).join('');
      return line.length <= WIDTH ? line : `export {\n${lines}} from '${specifier}';`;
    });
  }

  #importDeclarations(): readonly StatementStructures[] {
    // Those farther away come first.
    const distance = (specifier: string): number =>
      specifier.startsWith('.') ? specifier.split('../').length : Number.POSITIVE_INFINITY;
    const specifiers = [...this.#imports.keys()].sort(
      (a, b) => distance(b) - distance(a) || compareNames(a, b),
    );
    return specifiers.map((moduleSpecifier) => {
      const names = this.#imports.get(moduleSpecifier)!;
      const local = (name: string): string => name.replace(/^.* as /, '');
      const sorted = [...names.keys()].sort((a, b) => compareNames(local(a), local(b)));
      const isTypeOnly = sorted.every((name) => names.get(name));
      const texts = sorted.map((name) => (names.get(name) && !isTypeOnly ? `type ${name}` : name));
      const line = `import ${isTypeOnly ? 'type ' : ''}{ ${texts.join(', ')} } from '${moduleSpecifier}';`;
      return {
        kind: Kind.ImportDeclaration,
        isTypeOnly,
        moduleSpecifier,
        namedImports:
          line.length <= WIDTH
            ? texts
            : (writer) => {
                for (const text of texts) writer.newLineIfLastNot().write(`${text},`);
                writer.newLine();
              },
      };
    });
  }
}
