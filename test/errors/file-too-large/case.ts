export const files = { 'types.yaml': '# a comment\n'.repeat(100_000) };
