export const files = { 'types.yaml': '# a comment\n'.repeat(50_000) };
