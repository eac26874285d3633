import { defineConfig } from 'vitest/config';
import { Tally } from './test/tally.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', new Tally()],
    // A test that starts a compiler, a package manager or a browser shares two cores with the others.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What is started must not leave anything in the caches of whoever runs the tests.
    env: { RMIGEN_CACHE: 'off' },
    coverage: { provider: 'v8', include: ['generator/**', 'runtime/**', 'tools/**', 'cli/**'] },
  },
});
