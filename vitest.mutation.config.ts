import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Lets quick tests run first: a mutant dies of the first that fails, and only survivors pay for all of them. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { quick = [], slow = [] } = Object.groupBy(files, ({ moduleId }) =>
      moduleId.includes('/proof/') ? 'slow' : 'quick',
    );
    return [...quick, ...slow];
  }
}

// The tests that mutants of src/access have to survive: those of the engine, without a server or a database.
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/access/**/*.test.ts', 'proof/mutation/*.test.ts'],
    exclude: ['test/access/attack*.test.ts', 'test/access/property/**'],
    testTimeout: 20_000,
    isolate: false,
    sequence: { sequencer: QuickFirst },
  },
});
