import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { type MutationReport, mutantsOf } from './mutation/mutants.ts';
import { outdated, type Reasons, scoreOf, scoreTable, survivorList, unexplained } from './mutation/results.ts';

const HOURS = 3_600_000;
const RESULTS = 'proof/RESULTS-mutation.md';

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}

/** Tries every mutant; those whose code and tests have not changed since the last run keep their result. */
async function mutate(): Promise<void> {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_ENV');
  await promisify(execFile)('node_modules/.bin/stryker', ['run'], { env: Object.fromEntries(outer), maxBuffer: 1e9 });
}

test('mutants of src/access die, or survive for a reason', { timeout: 4 * HOURS }, async () => {
  await mutate();
  const mutants = mutantsOf((await readJson('reports/mutation.json')) as MutationReport);
  const reasons = (await readJson('proof/mutation/survivors.json')) as Reasons;
  const head = (await readFile(RESULTS, 'utf8')).split('\n| directory')[0] ?? '';
  const text = `${head}\n${scoreTable(mutants)}\n\n## Survivors\n\n${survivorList(mutants, reasons)}\n`;
  await writeFile(RESULTS, await format(text, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' }));
  expect(unexplained(mutants, reasons)).toEqual([]);
  expect(outdated(mutants, reasons)).toEqual([]);
  expect(scoreOf(mutants)).toBeGreaterThanOrEqual(90);
});
