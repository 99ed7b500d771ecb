import { defineConfig, mergeConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** What takes minutes: `npm run proof`, on the PostgreSQL server of TEST_DATABASE_URL. Its results are in `proof/`. */
const { include: _include, ...test } = tests.test ?? {};

export default mergeConfig(
  { ...tests, test },
  defineConfig({
    test: { include: ['proof/**/*.proof.ts'], maxWorkers: 1, testTimeout: 1_800_000 },
  }),
);
