import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { format } from 'oxfmt';
import { expect, test } from 'vitest';
import { type Mutant, type MutationReport, mutantsOf } from './mutation/mutants.ts';
import {
  byDirectory,
  outdated,
  type Reasons,
  scoreOf,
  scoreTable,
  survivorList,
  survivorsOf,
  unexplained,
  withGraphql17,
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

/** Runs Stryker, with variables of the environment besides those that are not of Vitest. */
async function stryker(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<void> {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_ENV');
  const env = { ...Object.fromEntries(outer), ...variables };
  await promisify(execFile)(process.execPath, ['node_modules/.bin/stryker', 'run', ...args], { env, maxBuffer: 1e9 });
}

/**
 * Tries the mutants of one part after the other: an interrupted run loses one part at most. Those whose code and tests
 * have not changed since the last run keep their result, and so do those of other parts.
 */
async function mutate(): Promise<void> {
  for (const part of await parts()) {
    await stryker(['--mutate', filesOf(part)]);
  }
}

/** Tries on graphql 17 what survives on graphql 16 without a reason, and returns the mutants with both results. */
async function mutateOn17(mutants: readonly Mutant[], reasons: Reasons): Promise<Mutant[]> {
  const open = new Set(unexplained(mutants, reasons));
  const ranges = survivorsOf(mutants).flatMap(({ key, range }) => (open.has(key) ? [range] : []));
  if (ranges.length === 0) {
    return [...mutants];
  }
  const config = (await readJson('stryker.config.json')) as object;
  const own = {
    ...config,
    mutate: [...new Set(ranges)],
    incrementalFile: 'reports/stryker-incremental-17.json',
    jsonReporter: { fileName: 'reports/mutation-17.json' },
  };
  await writeFile('reports/stryker-17.json', JSON.stringify(own));
  await stryker(['reports/stryker-17.json'], { GRAPHQL: '17' });
  return withGraphql17(mutants, mutantsOf((await readJson('reports/mutation-17.json')) as MutationReport));
}

test('mutants of src/access die, or survive for a reason', { timeout: 4 * HOURS }, async () => {
  await mutate();
  const reasons = (await readJson('proof/mutation/survivors.json')) as Reasons;
  const on16 = mutantsOf((await readJson('reports/mutation.json')) as MutationReport);
  const mutants = await mutateOn17(on16, reasons);
  const head = (await readFile(RESULTS, 'utf8')).split('\n| directory')[0] ?? '';
  const text = `${head}\n${scoreTable(mutants)}\n\n## Survivors\n\n${survivorList(mutants, reasons)}\n`;
  await writeFile(RESULTS, (await format(RESULTS, text, { printWidth: 120 })).code);
  expect(unexplained(mutants, reasons)).toEqual([]);
  expect(outdated(mutants, reasons)).toEqual([]);
  for (const [name, own] of byDirectory(mutants)) {
    expect(scoreOf(own), name).toBeGreaterThanOrEqual(90);
  }
});
