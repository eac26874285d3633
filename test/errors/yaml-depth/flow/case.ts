export const files = { 'types.yaml': `RmiFeature: ${'['.repeat(100_000)}` };
