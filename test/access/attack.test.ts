import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/schema.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { nastySchemas } from './attack/schemas.ts';
import { withoutStacks } from './attack/without-stacks.ts';

withoutStacks();

// Some of the attacks, evenly spread; `npm run proof` makes all of them.
describe('the guard withstands attacks', () => {
  test.each(nastySchemas)('on a schema made of $name', async ({ schema, roleEnum }) => {
    const { tried, allowed, denied, failures, unreachable } = await attackSchema({ schema, roleEnum, oneIn: 5 });
    process.stdout.write(`${tried} attacks: ${denied} refused, ${allowed} let in\n`);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(unreachable).toEqual([]);
    expect(Math.min(allowed, denied)).toBeGreaterThan(30);
  });

  test('on the contract of the server', async () => {
    const { tried, allowed, denied, failures } = await attackSchema({ schema: buildSchema(), oneIn: 7 });
    process.stdout.write(`${tried} attacks: ${denied} refused, ${allowed} let in\n`);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(tried).toBeGreaterThan(30_000);
  });
});
