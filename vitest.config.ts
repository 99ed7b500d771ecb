import { defineConfig } from 'vitest/config';
import { NoSkips } from './test/support/no-skips.ts';

/** The tests of the other engine: several processes on one database need a server, a data folder the embedded one. */
const ofOtherEngine =
  process.env['TEST_DATABASE_URL'] === undefined ? ['test/**/*.server.test.ts'] : ['test/**/*.embedded.test.ts'];

export default defineConfig({
  // One copy of graphql: Vite would load the ES module build beside the CommonJS one that the libraries load.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ofOtherEngine,
    setupFiles: ['test/support/quiet.ts'],
    reporters: ['default', new NoSkips()],
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 2,
    // Files share a worker and its modules, none of which keeps what a test does: to load them anew, and to compile the
    // embedded database, would be a fifth of the time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    allowOnly: false,
  },
});
