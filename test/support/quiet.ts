import { afterEach, beforeEach, vi } from 'vitest';

/** Set up for every test file: whatever a test, or what it tests, writes to the console fails the test. */
const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;
const said: string[] = [];

beforeEach(() => {
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      said.push(`console.${method}: ${words.map(String).join(' ')}`);
    });
  }
});

afterEach(() => {
  const unexpected = said.splice(0);
  if (unexpected.length > 0) {
    throw new Error(`Nothing should be written to the console:\n${unexpected.join('\n')}`);
  }
});
