// The quotes of `x` are not the plain style of a specification, so that the YAML library reads the file.
export const files = { 'types.yaml': `'x': 1\n${'- {,,,,}\n'.repeat(25_000)}` };
