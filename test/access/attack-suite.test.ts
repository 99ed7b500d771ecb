import { describe, expect, test } from 'vitest';
import { attackSchema } from '../../src/testing/index.ts';
import { brokenGuards, brokenOwnerGuards } from './attack/broken-guards.ts';
import { everything, owned } from './attack/schemas.ts';
import { withoutStacks } from './attack/without-stacks.ts';

withoutStacks();

// One attack in so many finds each of them, and so would all.
const FEW = { oneIn: 23, mostFailures: 1 };

describe('the attack suite catches a guard that', () => {
  test.each(Object.entries(brokenGuards))('forgets: %s', async (_name, guard) => {
    const { failures } = await attackSchema({ schema: everything.schema, guard, ...FEW });
    expect(failures.length).toBe(1);
  });

  test.each(Object.entries(brokenOwnerGuards))('forgets, with owners: %s', async (_name, guard) => {
    const { failures } = await attackSchema({ schema: owned.schema, guard, ...FEW });
    expect(failures.length).toBe(1);
  });
});
