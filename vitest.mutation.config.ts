import { defineConfig } from 'vitest/config';

// The tests that mutants of src/access have to survive: those of the engine, without a server or a database.
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/access/**/*.test.ts', 'proof/mutation/*.test.ts'],
    exclude: ['test/access/attack*.test.ts', 'test/access/property/**'],
    testTimeout: 20_000,
    isolate: false,
  },
});
