import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('instrumentation that has replaced the execute of graphql-js sees each execution', async () => {
  const program = new URL('instrumented.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const result = { data: { a: 1 } };
  expect(JSON.parse(stdout)).toEqual({
    reason: 'instrumented',
    results: [result, result, result],
    seen: 3,
    isComplete: true,
  });
});
