// The replacement character is what a decoder puts for bytes that are not UTF-8.
export const files = { 'types.yaml': 'RmiFeature:\n  summary: caf\ufffd\n' };
