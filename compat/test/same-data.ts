import assert from 'node:assert/strict';
import { articles } from '../recipes/data.ts';
import type { Ask } from './guarded.ts';

const VIEWERS = [undefined, 'editor', 'admin'] as const;

/** Checks that each viewer gets the same data from two servers, and errors at the same paths. */
export async function expectSameData(before: Ask, after: Ask, sources: readonly string[]): Promise<void> {
  for (const source of sources) {
    for (const user of VIEWERS) {
      const [old, now] = [await before(source, user), await after(source, user)];
      articles.length = 1;
      assert.deepEqual(data(now), data(old), `${source} as ${user ?? 'anonymous'}`);
      assert.deepEqual(
        now.errors?.length ?? 0,
        old.errors?.length ?? 0,
        `errors of ${source} as ${user ?? 'anonymous'}`,
      );
    }
  }
}

/**
 * The data of an answer, without nulls: where @envelop/generic-auth denies a field of a list, it leaves the field out, and
 * adds a member "@".
 */
function data(answer: Awaited<ReturnType<Ask>>): unknown {
  const text = JSON.stringify(answer.data ?? {}, (key, value: unknown) =>
    value === null || key === '@' ? undefined : value,
  );
  return JSON.parse(text) as unknown;
}
