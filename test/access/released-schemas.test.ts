import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = new URL('released-schemas.ts', import.meta.url).pathname;

test.each([
  ['does not keep the unguarded one in memory', [], true],
  ['keeps it if something else does, for comparison', ['--hold'], false],
])('a guarded schema %s', async (_name, flags, isReleased) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', SCRIPT, ...flags]);
  expect(JSON.parse(stdout)).toEqual([isReleased, isReleased, isReleased]);
});
