import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Fails a run in which a test was skipped or is still to be written; one that was narrowed by name may skip. */
export class NoSkips implements Reporter {
  #isNarrowed = false;

  onInit(vitest: Vitest): void {
    this.#isNarrowed = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap(({ children }) => [...children.allTests('skipped')]);
    if (skipped.length === 0 || this.#isNarrowed) {
      return;
    }
    process.exitCode = 1;
    const names = skipped.map((test) => `  ${test.module.relativeModuleId} > ${test.fullName}`);
    process.stderr.write(`Skipped tests fail the run:\n${names.join('\n')}\n`);
  }
}
