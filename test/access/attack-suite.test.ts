import { describe, expect, test } from 'vitest';
import { attackSchema } from '../../src/testing/index.ts';
import { brokenGuards, brokenOwnerGuards } from './attack/broken-guards.ts';
import { everything, owned } from './attack/schemas.ts';
import { withoutStacks } from './attack/without-stacks.ts';

withoutStacks();

describe('the attack suite catches a guard that', () => {
  test.each(Object.entries(brokenGuards))('forgets: %s', { timeout: 60_000 }, async (_name, guard) => {
    const { failures } = await attackSchema({ schema: everything.schema, guard, oneIn: 5, mostFailures: 1 });
    expect(failures.length).toBeGreaterThan(0);
  });

  test.each(Object.entries(brokenOwnerGuards))(
    'forgets, with owners: %s',
    { timeout: 60_000 },
    async (_name, guard) => {
      const { failures } = await attackSchema({ schema: owned.schema, guard, oneIn: 5, mostFailures: 1 });
      expect(failures.length).toBeGreaterThan(0);
    },
  );
});
