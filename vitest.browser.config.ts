import { defineConfig, mergeConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** The console in Debian's chromium: `npm run test:browser`, apart from `npm test`, which needs no browser. */
const { include: _include, globalSetup: _globalSetup, ...test } = tests.test ?? {};

export default mergeConfig(
  { ...tests, test },
  defineConfig({
    test: {
      include: ['test/browser/**/*.browser.ts'],
      globalSetup: ['test/browser/global-setup.ts'],
      testTimeout: 240_000,
      hookTimeout: 240_000,
    },
  }),
);
