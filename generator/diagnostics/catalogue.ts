/**
 * Every problem the generator can report, in one place. A code is stable: people search for it and scripts
 * match it. `test/errors/<code>/` holds a wrong file for each, with the exact text that it must produce.
 */
interface Entry<P> {
  readonly severity: 'error' | 'warning';
  readonly message: (parameters: P) => string;
  readonly hint?: string;
}

function entry<P>(message: (parameters: P) => string, hint?: string): Entry<P> {
  return hint === undefined ? { severity: 'error', message } : { severity: 'error', message, hint };
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function both(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function known(words: readonly string[]): string {
  return words.length === 0 ? 'there is none' : `known ${words.length === 1 ? 'is' : 'are'} ${list(words)}`;
}

export const catalogue = {
  // Files
  'file-missing': entry((p: { path: string }) => `${p.path} does not exist`),
  'file-refused': entry(
    (p: { path: string; reason: string }) => `${p.path} is not read: ${p.reason}`,
    'A specification is made of regular files inside its folder.',
  ),
  'file-too-large': entry(
    (p: { size: number; limit: number }) => `the file has ${p.size} characters; the limit is ${p.limit}`,
    'Split it: an include may name a folder.',
  ),
  'file-encoding': entry(
    (p: { detail: string }) => `the file is not plain UTF-8 text: ${p.detail}`,
    'A specification file is UTF-8 without NUL or other control characters.',
  ),
  'too-many-tokens': entry(
    (p: { limit: number }) => `the file has more than ${p.limit} words and marks`,
    'Split it: an include may name a folder.',
  ),
  'too-much-text': entry((p: { limit: number }) => `the files have more than ${p.limit} characters together`),
  'too-many-files': entry((p: { limit: number }) => `more than ${p.limit} files are included`),
  'too-many-problems': entry(
    (p: { limit: number }) => `more than ${p.limit} problems; the rest is not shown`,
  ),
  'include-outside': entry(
    (p: { path: string }) => `${p.path} leads out of the specification folder`,
    'Includes are relative to spec.yaml and stay inside the folder given with --spec.',
  ),
  'include-syntax': entry(
    (p: { path: string }) => `${p.path} is not a path`,
    'Paths are written with forward slashes, relative to spec.yaml.',
  ),
  'include-empty': entry(
    (p: { path: string }) => `the folder ${p.path} holds no .yaml file`,
    'A folder in `include` stands for every .yaml file directly in it.',
  ),
  'include-duplicate': entry((p: { path: string }) => `${p.path} is included twice`),
  'replaces-nothing': entry(
    (p: { name: string; foreign: boolean; own: boolean }) =>
      `\`${p.name}\` replaces nothing: no ${p.foreign ? "file of this version's folder" : p.own ? 'file of another folder' : 'included file'} defines it`,
    'List what a file of this folder defines anew, in place of an included one.',
  ),
  'spec-missing': entry(
    (p: { path: string }) => `${p.path} holds no version: no folder in it has a spec.yaml`,
    '`rmigen new DIR` starts a specification folder from a small example.',
  ),

  // YAML
  'yaml-syntax': entry((p: { detail: string }) => p.detail),
  'yaml-empty': entry(() => 'the file is empty'),
  'yaml-documents': entry(() => 'a file holds one YAML document', 'Remove the second `---`.'),
  'yaml-directive': entry(
    () => 'YAML directives are not part of the language',
    'Files are YAML 1.2 as they stand.',
  ),
  'yaml-duplicate-key': entry((p: { key: string }) => `\`${p.key}\` is given twice in one map`),
  'yaml-alias': entry(
    (p: { what: string }) => `${p.what} are not part of the language`,
    'Write the value out: each fact stands once and in full.',
  ),
  'yaml-tag': entry((p: { tag: string }) => `the tag ${p.tag} is not part of the language`),
  'yaml-key': entry(() => 'a key must be a plain name'),
  'yaml-depth': entry((p: { limit: number }) => `the nesting is deeper than ${p.limit} levels`),
  'text-too-long': entry(
    (p: { length: number; limit: number }) => `the text has ${p.length} characters; the limit is ${p.limit}`,
  ),

  // Shape
  'unknown-key': entry(
    (p: { key: string; allowed: readonly string[] }) => `\`${p.key}\` is not known here; ${known(p.allowed)}`,
  ),
  'missing-key': entry(
    (p: { keys: readonly string[]; of: string }) =>
      `${p.of} lacks ${both(p.keys.map((key) => `\`${key}\``))}`,
  ),
  'unexpected-key': entry(
    (p: { key: string; reason: string }) => `\`${p.key}\` has no place here: ${p.reason}`,
  ),
  'wrong-type': entry((p: { expected: string; found: string }) => `expected ${p.expected}, found ${p.found}`),
  'bad-choice': entry((p: { found: string; allowed: readonly string[] }) =>
    p.allowed.length === 1
      ? `only \`${p.allowed[0]}\` can stand here, not ${p.found}`
      : `${p.found} is not one of ${list(p.allowed)}`,
  ),
  'bad-number': entry(
    (p: { found: string }) => `${p.found} is not an integer`,
    'Values are integers, decimal or 0x..., so that 64-bit masks stay exact.',
  ),
  'number-range': entry(
    (p: { what: string; min: string; max: string; found: string }) =>
      `${p.what} is ${p.found}; it must lie between ${p.min} and ${p.max}`,
  ),
  'bits-unquoted': entry((p: { found: string }) => `the bit range ${p.found} must be quoted`),
  'bits-syntax': entry(
    (p: { found: string }) => `${p.found} is not a bit range`,
    'Write the most significant bit first: "7:0", or one bit: "8".',
  ),
  'register-syntax': entry(
    (p: { found: string; range: string }) => `${p.found} is not a register of the call: ${p.range}`,
  ),
  'section-syntax': entry(
    (p: { found: string; what: string }) => `${p.found} is not ${p.what}`,
    'Sections read like B4.3.1 or A6.1.',
  ),
  'name-syntax': entry(
    (p: { found: string }) => `${p.found} is not a name`,
    'A name is at most 64 letters, digits and underscores, and starts with a letter.',
  ),
  'name-reserved': entry(
    (p: { name: string; languages: string }) => `\`${p.name}\` cannot be a name: ${p.languages} reserves it`,
    'Generated code uses the name as it stands.',
  ),
  'unsafe-text': entry(
    (p: { what: string }) => `the text contains ${p.what}`,
    'Text goes into comments and strings of generated code: keep it to plain printable ASCII prose.',
  ),
  'type-syntax': entry(
    (p: { found: string }) => `${p.found} is not a type`,
    'A type is a name such as UInt8, Bits64 or RmiRipas; in signatures also Address[16].',
  ),

  // Names
  'duplicate-name': entry((p: { name: string; what: string }) => `${p.what} \`${p.name}\` is defined twice`),
  'unknown-type': entry((p: { name: string }) => `the type \`${p.name}\` is not defined`),
  'type-cycle': entry((p: { path: string }) => `the type contains itself: ${p.path}`),
  'type-depth': entry((p: { limit: number }) => `more than ${p.limit} types stand on one another`),
  'unknown-interface': entry(
    (p: { name: string; known: readonly string[] }) =>
      `\`${p.name}\` belongs to no interface; a command starts with ${list(p.known)}`,
  ),
  'unknown-register': entry((p: { name: string }) => `the register \`${p.name}\` is not defined`),
  'unknown-field': entry((p: { name: string; of: string }) => `\`${p.name}\` is not a field of ${p.of}`),
  'unknown-command': entry((p: { name: string }) => `the command \`${p.name}\` is not defined`),
  'unknown-mask': entry((p: { name: string }) => `the mask \`${p.name}\` is not defined`),

  // Concrete and abstract
  'abstract-here': entry(
    (p: { name: string; where: string }) =>
      `${p.name} is an abstract type and has no encoding; ${p.where} needs one`,
  ),
  'nested-here': entry(
    (p: { name: string; where: string }) => `${p.name} is a struct; ${p.where} holds single values only`,
  ),

  // Enumerations
  'value-range': entry(
    (p: { value: string; width: number; signed: boolean }) =>
      `${p.value} does not fit in ${p.width} ${p.signed ? 'signed ' : ''}bits`,
  ),
  'value-duplicate': entry(
    (p: { name: string; other: string; value: string }) =>
      `${p.name} and ${p.other} both have the value ${p.value}`,
  ),
  'value-signed': entry(
    (p: { value: string }) => `${p.value} is negative, but the enumeration is not signed`,
    'Say `signed: true`.',
  ),
  'unused-missing': entry(
    (p: { free: string }) =>
      p.free === '1'
        ? '1 encoding has no label, and nothing says what it means'
        : `${p.free} encodings have no label, and nothing says what they mean`,
    'Say `unused: reserved`.',
  ),
  'unused-needless': entry(() => 'every encoding has a label: nothing is unused'),

  // Fieldsets
  'bits-outside': entry(
    (p: { what: string; msb: number; width: number }) =>
      `${p.what} reaches bit ${p.msb}, but the width is ${p.width} bits`,
  ),
  'bits-overlap': entry(
    (p: { what: string; other: string; bits: string }) => `${p.what} and ${p.other} share ${p.bits}`,
  ),
  'bits-gap': entry((p: { bits: readonly string[] }) => {
    const one = p.bits.length === 1 && p.bits[0]!.startsWith('bit ');
    return `${both(p.bits)} ${one ? 'is' : 'are'} neither a field nor reserved`;
  }, 'Every bit is accounted for: name a field, or list the range under `reserved` with SBZ or MBZ.'),
  'field-width': entry(
    (p: { what: string; bits: number; type: string; width: number }) =>
      `${p.what} has ${count(p.bits, 'bit')}, but ${p.type} has ${p.width}`,
  ),

  // Structs
  'bytes-outside': entry(
    (p: { what: string; end: string; size: string }) => `${p.what} ends at ${p.end}, past the size ${p.size}`,
  ),
  'bytes-overlap': entry(
    (p: { what: string; other: string; at: string }) => `${p.what} and ${p.other} overlap at ${p.at}`,
  ),
  'bytes-gap': entry(
    (p: { from: string; to: string }) =>
      `bytes ${p.from} to ${p.to} belong to no member, and nothing says what they hold`,
    'Say `unused: SBZ` (or MBZ), or list the range under `reserved`.',
  ),
  'bytes-unused-needless': entry(() => 'the members cover every byte: nothing is unused'),
  'member-alignment': entry(
    (p: { what: string; offset: string; align: number }) =>
      `${p.what} at ${p.offset} is not aligned to its ${p.align} bytes`,
  ),
  'member-width': entry(
    (p: { what: string; type: string; width: number }) =>
      `${p.what} cannot be ${p.type}, which has ${count(p.width, 'bit')}`,
    'Members have 8, 16, 32 or 64 bits, or more in whole bytes.',
  ),
  'member-count': entry(
    (p: { count: string; limit: number }) => `an array has 1 to ${p.limit} elements, not ${p.count}`,
  ),
  'register-width': entry(
    (p: { register: string; bits: number; width: number }) =>
      `${p.register} has ${p.bits} bits, but the value has ${p.width}`,
  ),
  'permitted-register': entry(
    (p: { mask: string; of: string }) => `${p.mask} is a mask of ${p.of}, which is not this value's register`,
  ),

  // Layouts that depend on another value
  'case-selector': entry(
    (p: { name: string; reason: string }) => `\`${p.name}\` cannot decide between layouts: ${p.reason}`,
    'What decides is a field beside it, a part of a type (RmiRmmConfig.rmi_granule_size) or an enumeration.',
  ),
  'case-label': entry((p: { name: string; of: string }) => `\`${p.name}\` is not a label of ${p.of}`),
  'case-missing': entry(
    (p: { labels: readonly string[]; more: number; of: string }) =>
      `no case has ${list(p.labels)}${p.more > 0 ? `, or ${count(p.more, 'more label')}` : ''} of ${p.of}`,
    'A case without `when` has what is left; one without `type` says that the bits then have no layout.',
  ),
  'case-type': entry(
    (p: { name: string; type: string }) => `the layout \`${p.name}\` is ${p.type}, which is not a fieldset`,
  ),

  // Masks
  'mask-conflict': entry((p: { name: string }) => `\`${p.name}\` is both permitted and excluded`),

  // Commands
  'fid-duplicate': entry((p: { fid: string; other: string }) => `the FID ${p.fid} is already ${p.other}'s`),
  'fid-range': entry(
    (p: { fid: string; interface: string; ranges: string }) =>
      `the FID ${p.fid} is not ${p.interface}'s, which has ${p.ranges}`,
  ),
  'fids-foreign': entry(
    (p: { interface: string; ranges: string }) => `no command of ${p.interface} has a FID in ${p.ranges}`,
  ),
  'fid-convention': entry(
    (p: { fid: string }) => `the FID ${p.fid} is not a fast call of the SMC calling convention`,
    'Bit 31 is set, bits 23:16 are zero (SMCCC).',
  ),
  'value-overlap': entry(
    (p: { what: string; other: string; register: string; bits: string }) =>
      `${p.what} and ${p.other} share ${p.bits} of ${p.register}`,
  ),
  'value-width': entry(
    (p: { what: string; bits: number; type: string; width: number }) =>
      `${p.what} has ${count(p.bits, 'bit')}, but ${p.type} has ${p.width}`,
  ),
  'result-missing': entry(
    (p: { command: string }) => `${p.command} has outputs, but none of them is in X0`,
    'Every command returns its status in X0.',
  ),

  // Conditions
  'condition-size': entry(
    (p: { operators: number; depth: number }) =>
      `the condition is too large: the limits are ${p.operators} operators and ${p.depth} levels of brackets`,
  ),
  'condition-syntax': entry((p: { found: string }) => `the condition makes no sense at ${p.found}`),
  'order-syntax': entry(
    (p: { found: string }) => `the order makes no sense at ${p.found}`,
    'An order reads "[a, b] < [c]": both a and b precede c (B1.6).',
  ),
  'unknown-value': entry(
    (p: { name: string }) => `\`${p.name}\` is neither a value of the command, nor a label, nor a constant`,
  ),
  'unknown-function': entry((p: { name: string }) => `there is no function \`${p.name}\``),
  'unknown-member': entry((p: { name: string; of: string }) => `${p.of} has no \`${p.name}\``),
  'wrong-arguments': entry(
    (p: { name: string; found: string; signatures: readonly string[] }) =>
      `${p.name}(${p.found}) fits no signature: ${list(p.signatures)}`,
  ),
  'wrong-operands': entry(
    (p: { operator: string; left: string; right: string }) =>
      `\`${p.operator}\` does not take ${p.left} and ${p.right}`,
  ),
  'wrong-operand': entry(
    (p: { operator: string; found: string; expected: string }) =>
      `\`${p.operator}\` takes ${p.expected}, not ${p.found}`,
  ),
  'foreign-label': entry(
    (p: { label: string; of: string; expected: string }) =>
      `${p.label} is a label of ${p.of}; what it is compared with is ${p.expected}`,
  ),
  'not-a-condition': entry(
    (p: { found: string }) => `this is ${p.found}, not a condition that holds or does not`,
  ),
  'context-type': entry(
    (p: { name: string; declared: string; found: string }) =>
      `\`${p.name}\` is declared as ${p.declared}, but its value is ${p.found}`,
  ),
  'context-name': entry(
    (p: { name: string; what: string }) => `\`${p.name}\` is already ${p.what} of the command`,
  ),
  'output-early': entry(
    (p: { name: string; where: string }) =>
      `\`${p.name}\` depends on an output, which ${p.where} cannot know`,
    'Failures are decided before the command has run (B1.6).',
  ),
  'slice-range': entry(
    (p: { bits: string; width: number }) => `bits ${p.bits} do not lie in ${p.width} bits`,
  ),
  'index-range': entry(
    (p: { index: string; count: number }) => `there is no element ${p.index} in ${p.count}`,
  ),
  'not-constant': entry(() => 'the bounds of a slice are constants'),
  'not-a-place': entry(
    () => 'a footprint names a state item: a function of the state, or a member or element of one',
    'For example Granule(rd).state (B1.9).',
  ),
  'not-an-outcome': entry(
    () => 'a post-condition of a failure says what the result is',
    'For example ResultEqual(result, RMI_ERROR_INPUT).',
  ),
  'failure-count': entry(
    (p: { command: string; count: number; limit: number }) =>
      `${p.command} has ${p.count} failures; at most ${p.limit} can be told apart`,
  ),
  'unknown-failure': entry(
    (p: { name: string; command: string }) => `\`${p.name}\` is not a failure of ${p.command}`,
  ),
  'order-duplicate': entry(
    (p: { before: string; after: string }) => `that \`${p.before}\` precedes \`${p.after}\` is said twice`,
  ),
  'order-cycle': entry((p: { path: string }) => `the order goes in a circle: ${p.path}`),
  'order-preference': entry((p: { name: string }) => `\`${p.name}\` is preferred twice`),

  // Targets
  'target-missing': entry(
    (p: { name: string; known: readonly string[] }) => `there is no target ${p.name}; ${known(p.known)}`,
  ),
  'target-item': entry(
    (p: { name: string; what: string }) => `\`${p.name}\` is not ${p.what} of this version`,
  ),
  'target-version': entry(
    (p: { name: string; known: readonly string[] }) =>
      `there is no version ${p.name} here; ${known(p.known)}`,
  ),
  'target-duplicate': entry((p: { what: string }) => `two targets give ${p.what}`),
  'target-path': entry((p: { path: string }) => `${p.path} is not a path inside the output folder`),
  'target-member': entry((p: { name: string; of: string }) => `\`${p.name}\` is not a member of ${p.of}`),
  'target-type': entry(
    (p: { what: string; type: string; detail: string }) => `${p.what} cannot be ${p.type}: ${p.detail}`,
  ),
  'target-group': entry((p: { detail: string }) => `the groups do not fit the struct: ${p.detail}`),
  'target-name': entry(
    (p: { name: string; other: string }) => `the output would define \`${p.name}\` twice (${p.other})`,
  ),
  'template-missing': entry(
    (p: { name: string; known: readonly string[] }) => `there is no template ${p.name}; ${known(p.known)}`,
    'Templates are .hbs files beside the target file.',
  ),
  'template-error': entry((p: { detail: string }) => `the template fails: ${p.detail}`),

  // Traces
  'trace-header': entry(
    (p: { detail: string }) => p.detail,
    'It reads: # NAME dram_base B granules N pa_width W featreg0 F',
  ),
  'trace-action': entry(
    (p: { found: string; known: readonly string[] }) =>
      `\`${p.found}\` is no action of a trace; ${known(p.known)}`,
  ),
  'trace-number': entry(
    (p: { found: string }) => `${p.found} is not a number of a trace`,
    'Numbers are hexadecimal without 0x, and have at most 16 digits.',
  ),
  'trace-arguments': entry(
    (p: { action: string; expected: string; found: number }) =>
      `\`${p.action}\` takes ${p.expected}; there ${p.found === 0 ? 'is none' : p.found === 1 ? 'is 1' : `are ${p.found}`}`,
  ),
  'trace-result': entry((p: { action: string; observes: boolean }) =>
    p.observes
      ? `\`${p.action}\` lacks \`->\` and what was observed`
      : `\`${p.action}\` observes nothing: \`->\` has no place in it`,
  ),
  'trace-range': entry(
    (p: { what: string; found: string; rule: string }) => `${p.what} is ${p.found}; it must ${p.rule}`,
  ),
  'trace-letters': entry((p: { detail: string }) => p.detail),
  'trace-entry': entry((p: { detail: string }) => p.detail),
  'trace-limit': entry((p: { what: string; limit: number }) => `more than ${p.limit} ${p.what}`),

  // Dumps
  'dump-format': entry(
    (p: { format: string | undefined }) =>
      p.format === undefined ? 'this is no dump of a form that is known' : `this is no line of ${p.format}`,
    'docs/decode.md shows the forms; --format names one.',
  ),
  'dump-word': entry(
    (p: { found: string; format: string; rule: string }) =>
      `\`${p.found}\` is no value in a dump of ${p.format}: ${p.rule}`,
  ),
  'dump-address': entry((p: { detail: string }) => p.detail),
  'dump-limit': entry((p: { what: string; limit: number }) => `more than ${p.limit} ${p.what}`),
} as const;

export type Code = keyof typeof catalogue;
export type ParametersOf<C extends Code> =
  Parameters<(typeof catalogue)[C]['message']> extends [infer P] ? P : Record<never, never>;
