import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The folder with copies of the sources, from where graphql 17 is found. */
const ROOT = join(import.meta.dirname, 'graphql-17', 'work', 'guard');

const graphql = createRequire(join(ROOT, 'package.json')).resolve('graphql');

// The tests of the guard as they are in `test/access`, on graphql 17: those whose other packages run on it.
export default defineConfig({
  root: ROOT,
  // One copy of graphql: the ES module build, which the libraries load.
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql.replace(/\.js$/, '.mjs') }] },
  test: {
    include: ['test/access/**/*.test.ts'],
    // The attack suite takes a minute: `npm run test:compat -- attack-suite 17` runs it.
    exclude: [
      '**/{attack,attack-http,cli,command-answers,command-inputs,executors,package-command,shared-caches}.test.ts',
      ...(process.env['WANTED'] === 'attack-suite' ? [] : ['**/attack-suite.test.ts']),
    ],
    setupFiles: ['test/support/quiet.ts'],
    maxWorkers: 2,
    isolate: false,
    passWithNoTests: true,
    testTimeout: 60_000,
  },
});
