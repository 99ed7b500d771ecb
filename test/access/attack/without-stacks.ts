import { afterAll, beforeAll } from 'vitest';

/** Leaves stacks out of errors: of hundreds of thousands of refusals, writing them would take longer than all else. */
export function withoutStacks(): void {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
}
