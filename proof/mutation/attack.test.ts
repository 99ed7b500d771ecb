import { expect, test } from 'vitest';
import { attackSchema } from '../../src/testing/index.ts';
import { nastySchemas } from '../../test/access/attack/schemas.ts';
import { withoutStacks } from '../../test/access/attack/without-stacks.ts';

withoutStacks();

// Some of the attacks, quick enough to be run for each mutant of the guard.
test.each(nastySchemas)('attacks on $name', async ({ schema, roleEnum }) => {
  const { failures } = await attackSchema({ schema, roleEnum, oneIn: 1009, mostFailures: 1 });
  expect(failures).toEqual([]);
});
