import type { Facts } from './facts.js';

/** A program that prints what a header defines, each line as `lines` has it. */
export function program(facts: Facts): string {
  const type = (expression: string) =>
    `_Generic((${expression}), int: "int", unsigned int: "unsigned int", unsigned long: "unsigned long", ` +
    'unsigned long long: "unsigned long long", default: "other")';
  const [tags, members] = [Object.keys(facts.structs), facts.members];
  return [
    '#include <stdio.h>',
    `#include "${facts.header}"`,
    'int main(void)',
    '{',
    ...Object.keys(facts.constants).map(
      (name) => `printf("%s %#llx %s\\n", "${name}", (unsigned long long)${name}, ${type(name)});`,
    ),
    ...Object.keys(facts.expressions).map(
      (one) => `printf("%s %#llx\\n", "${one}", (unsigned long long)(${one}));`,
    ),
    ...tags.map(
      (tag) =>
        `printf("%s %#zx %zu\\n", "${tag}", sizeof(struct ${tag}), (size_t)__alignof__(struct ${tag}));`,
    ),
    ...members.map(([path, , type]) => {
      const [tag, member] = path.split('.');
      const same = `__builtin_types_compatible_p(__typeof__(((struct ${tag} *)0)->${member}), __typeof__(${type}))`;
      return `printf("%s %#zx %s\\n", "${path}", offsetof(struct ${tag}, ${member}), ${same} ? "${type}" : "other");`;
    }),
    ...facts.enums.map((tag) => `printf("%s %zu\\n", "${tag}", sizeof(enum ${tag}));`),
    'return 0;',
    '}',
    '',
  ].join('\n');
}

/** What the program prints when the header is what the list says. */
export function lines(facts: Facts): readonly string[] {
  // printf writes zero without its 0x.
  const hex = (value: bigint | number) => (BigInt(value) === 0n ? '0' : `0x${value.toString(16)}`);
  return [
    ...Object.entries(facts.constants).map(([name, [value, type]]) => `${name} ${hex(value)} ${type}`),
    ...Object.entries(facts.expressions).map(([one, value]) => `${one} ${hex(value)}`),
    ...Object.entries(facts.structs).map(([tag, [size, align]]) => `${tag} ${hex(size)} ${align}`),
    ...facts.members.map(([path, offset, type]) => `${path} ${hex(offset)} ${type}`),
    ...facts.enums.map((tag) => `${tag} 4`),
  ];
}
