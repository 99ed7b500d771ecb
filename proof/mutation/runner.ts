import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { createRequire, registerHooks, stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import type { collect as collectTests, Collected } from './collect.ts';

/** The tests that mutants have to survive: those of the engine, without a server or a database. */
const TESTS = ['test/access/*.test.ts', 'test/access/filters/*.test.ts', 'proof/mutation/*.test.ts'];
const NEEDS_SERVER = /^test\/access\/attack/;
/** With `GRAPHQL=17` the engine runs on the graphql 17 of the benchmarks, and without the tests of packages that do not. */
const IS_ON_17 = process.env['GRAPHQL'] === '17';
const NEEDS_16 = /(cli|command-answers|command-inputs|executors|package-command|shared-caches)\.test\.ts$/;
/**
 * The seconds after which a test does not end: of processor time, since a busy machine stops processes for longer than
 * that, or of seconds in which the process had nothing to do.
 */
const TIMEOUT = 15;

const COLLECT = new URL('collect.ts', import.meta.url).href;

/** The stack traces of a mutant that leaves them switched off would be missed by the next one. */
const { stackTraceLimit } = Error;

/** Files of tests are loaded anew for each mutant, and see what they keep to themselves as it was. */
function hookImports(): void {
  const stripped = new Map<string, string>();
  const graphql17 = IS_ON_17 ? createRequire(resolve('bench/package.json')).resolve('graphql-17') : null;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'graphql' && graphql17 !== null) {
        return next(graphql17, context);
      }
      if (specifier === 'vitest' && context.parentURL !== COLLECT) {
        return { url: COLLECT, shortCircuit: true };
      }
      const found = next(specifier, context);
      const run = /\?run=\d+$/.exec(context.parentURL ?? '')?.[0] ?? '';
      return /\/(test|proof)\//.test(found.url.slice(pathToFileURL(process.cwd()).href.length))
        ? { ...found, url: `${found.url}${found.url.includes('?') ? '' : run}` }
        : found;
    },
    load: (url, context, next) => {
      if (!/\.ts\?run=\d+$/.test(url)) {
        return next(url, context);
      }
      const path = fileURLToPath(url);
      const source = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'));
      stripped.set(path, source);
      return { format: 'module', source, shortCircuit: true };
    },
  });
}

type State = { [Name in keyof InstrumenterContext]: InstrumenterContext[Name] | undefined };
interface Collecting {
  readonly collect: typeof collectTests;
  readonly vi: { restoreAllMocks(): unknown };
}

interface Run {
  /** The ids of the tests to run, by file. */
  readonly files: ReadonlyMap<string, ReadonlySet<string> | null>;
  readonly mutant: string | undefined;
}

/**
 * Runs tests in the process that has the engine loaded, so that a mutant costs its tests and nothing else: Vitest would
 * start a worker and load the engine for each. What is mutated while a file is loaded is not tried, as with Vitest.
 */
class WarmRunner implements TestRunner {
  readonly #state: State;
  #collect: Collecting['collect'] = () => Promise.resolve([]);
  #restoreMocks: () => void = () => {};
  #runs = 0;
  #failure: string | null = null;
  /** The number of mutants of a source file that a file of tests has killed. */
  readonly #kills = new Map<string, number>();

  constructor() {
    const global = globalThis as unknown as Record<string, State | undefined>;
    this.#state = global[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    hookImports();
    // What `expect` of Vitest wants to know of its worker.
    Reflect.set(globalThis, '__vitest_worker__', { config: { expect: {}, snapshotOptions: {}, chaiConfig: {} } });
    process.on('unhandledRejection', (error) => {
      this.#failure ??= error instanceof Error ? error.message : 'A promise was rejected';
    });
    const { collect, vi } = (await import(COLLECT)) as Collecting;
    this.#collect = collect;
    this.#restoreMocks = () => vi.restoreAllMocks();
  }

  async dryRun(): Promise<DryRunResult> {
    const files = new Map<string, null>();
    for await (const file of glob(TESTS)) {
      if (!NEEDS_SERVER.test(file) && !(IS_ON_17 && NEEDS_16.test(file))) {
        files.set(file, null);
      }
    }
    const tests = await this.#run({ files, mutant: undefined });
    const { mutantCoverage } = this.#state;
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun({ activeMutant, testFilter = [], hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    const files = Map.groupBy(testFilter, (id) => id.split('#')[0] ?? '');
    const source = activeMutant.fileName;
    // First what is likely to kill it, for the time that it takes.
    const rank = ([file, ids]: readonly [string, readonly string[]]): number =>
      file.startsWith('proof/') ? -1 : ((this.#kills.get(`${source} ${file}`) ?? 0) + 0.1) / (ids.length + 5);
    const order = [...files].toSorted((a, b) => rank(b) - rank(a));
    this.#state.hitCount = 0;
    this.#state.hitLimit = hitLimit;
    const tests = await this.#run({
      files: new Map(order.map(([file, ids]) => [file, new Set(ids)])),
      mutant: activeMutant.id,
    });
    const last = tests.at(-1);
    if (last?.status === TestStatus.Failed) {
      await this.#confirm(last.id);
      const key = `${source} ${last.fileName}`;
      this.#kills.set(key, (this.#kills.get(key) ?? 0) + 1);
      if (last.failureMessage === ENDLESS) {
        return toMutantRunResult({ status: DryRunStatus.Timeout, reason: ENDLESS });
      }
    }
    const endless = determineHitLimitReached(this.#state.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  /** Runs the test that killed a mutant without it. Stryker retries in a new process if this one has been spoiled. */
  async #confirm(id: string): Promise<void> {
    const [file = ''] = id.split('#');
    const [result] = await this.#run({ files: new Map([[file, new Set([id])]]), mutant: undefined });
    if (result?.status !== TestStatus.Success) {
      throw new Error(`Without a mutant ${id} fails as well, after another mutant`);
    }
  }

  /** Runs tests; those of a mutant up to the first that fails. */
  async #run({ files, mutant }: Run): Promise<TestResult[]> {
    const results: TestResult[] = [];
    for (const [file, ids] of files) {
      this.#runs += 1;
      Error.stackTraceLimit = stackTraceLimit;
      const url = `${pathToFileURL(resolve(file)).href}?run=${this.#runs}`;
      const found = await this.#collect(() => import(url));
      const chosen = found.filter(({ name }) => ids === null || ids.has(`${file}#${name}`));
      for await (const result of this.#runFile(file, chosen, mutant)) {
        results.push(result);
        if (mutant !== undefined && result.status === TestStatus.Failed) {
          return results;
        }
      }
    }
    return results;
  }

  async *#runFile(file: string, tests: readonly Collected[], mutant: string | undefined): AsyncGenerator<TestResult> {
    const entered: Collected['suites'][number][] = [];
    const state = this.#state;
    state.activeMutant = mutant;
    this.#failure = null;
    try {
      for (const test of tests) {
        const id = `${file}#${test.name}`;
        const begin = performance.now();
        const failure = await failureOf(async () => {
          for (const suite of entered.toReversed().filter((one) => !test.suites.includes(one))) {
            entered.pop();
            await all(suite.after);
          }
          for (const suite of test.suites.slice(entered.length)) {
            entered.push(suite);
            await all(suite.before);
          }
          state.currentTestId = id;
          await all(test.suites.flatMap((suite) => suite.beforeEach));
          try {
            await test.body();
          } finally {
            await all(test.suites.flatMap((suite) => suite.afterEach));
            await new Promise(setImmediate);
            state.currentTestId = undefined;
          }
        });
        const said = failure ?? this.#failure;
        const result = {
          id,
          name: id,
          timeSpentMs: performance.now() - begin,
          fileName: resolve(file),
          startPosition: { line: test.line, column: 0 },
        };
        yield said === null
          ? { ...result, status: TestStatus.Success }
          : { ...result, status: TestStatus.Failed, failureMessage: said };
      }
    } finally {
      for (const suite of entered.toReversed()) {
        await failureOf(() => all(suite.after));
      }
      state.activeMutant = undefined;
      this.#restoreMocks();
    }
  }
}

const ENDLESS = 'A test did not end';

async function all(bodies: readonly (() => unknown)[]): Promise<void> {
  for (const body of bodies) {
    await body();
  }
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Returns the message of what fails, or null. */
async function failureOf(body: () => Promise<void>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((done) => {
    const begin = processorSeconds();
    let [before, idle] = [begin, 0];
    timer = setInterval(() => {
      const now = processorSeconds();
      idle = now - before < 0.05 ? idle + 1 : 0;
      before = now;
      if (now - begin >= TIMEOUT || idle >= TIMEOUT) {
        done(ENDLESS);
      }
    }, 1000);
  });
  const ended = body().then(
    () => null,
    (error: unknown) => String(error),
  );
  const failure = await Promise.race([late, ended]);
  clearInterval(timer);
  return failure;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'warm', WarmRunner)];
