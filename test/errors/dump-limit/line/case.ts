export const files = { 'dump.txt': `${'00 '.repeat(22_000)}\n` };
