const lines = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`);

export const files = { 'types.yaml': lines.join('') };
