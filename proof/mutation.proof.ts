import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { format } from 'oxfmt';
import { expect, test } from 'vitest';
import { type MutationReport, mutantsOf } from './mutation/mutants.ts';
import {
  byDirectory,
  outdated,
  type Reasons,
  scoreOf,
  scoreTable,
  survivorList,
  unexplained,
} from './mutation/results.ts';

const HOURS = 3_600_000;
const RESULTS = 'proof/RESULTS-mutation.md';

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}

/**
 * Returns the directories of src/access, the files beside them last; or those that `MUTATE` names, which may name single
 * files as well: `MUTATE=checks,guard/denial.ts`.
 */
async function parts(): Promise<string[]> {
  const entries = await readdir('src/access', { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return process.env['MUTATE']?.split(',') ?? [...names, '.'];
}

/** Returns the pattern of the source files of a part. */
function filesOf(part: string): string {
  if (part === '.') {
    return 'src/access/*.ts,!src/access/index.ts';
  }
  return part.endsWith('.ts') ? `src/access/${part}` : `src/access/${part}/**/*.ts`;
}

/**
 * Tries the mutants of one part after the other: an interrupted run loses one part at most. Those whose code and tests
 * have not changed since the last run keep their result, and so do those of other parts.
 */
async function mutate(): Promise<void> {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_ENV');
  const env = Object.fromEntries(outer);
  for (const part of await parts()) {
    const command = ['node_modules/.bin/stryker', 'run', '--mutate', filesOf(part)];
    await promisify(execFile)(process.execPath, command, { env, maxBuffer: 1e9 });
  }
}

test('mutants of src/access die, or survive for a reason', { timeout: 4 * HOURS }, async () => {
  await mutate();
  const mutants = mutantsOf((await readJson('reports/mutation.json')) as MutationReport);
  const reasons = (await readJson('proof/mutation/survivors.json')) as Reasons;
  const head = (await readFile(RESULTS, 'utf8')).split('\n| directory')[0] ?? '';
  const text = `${head}\n${scoreTable(mutants)}\n\n## Survivors\n\n${survivorList(mutants, reasons)}\n`;
  await writeFile(RESULTS, (await format(RESULTS, text, { printWidth: 120 })).code);
  expect(unexplained(mutants, reasons)).toEqual([]);
  expect(outdated(mutants, reasons)).toEqual([]);
  for (const [name, own] of byDirectory(mutants)) {
    expect(scoreOf(own), name).toBeGreaterThanOrEqual(90);
  }
});
