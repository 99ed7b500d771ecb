import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/schema.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { nastySchemas } from './attack/schemas.ts';
import { withoutStacks } from './attack/without-stacks.ts';

withoutStacks();

describe('the guard withstands every attack', () => {
  test.each(nastySchemas)('on a schema made of $name', { timeout: 120_000 }, async ({ schema, roleEnum }) => {
    const { tried, allowed, denied, failures, unreachable } = await attackSchema({ schema, roleEnum });
    process.stdout.write(`${tried} attacks: ${denied} refused, ${allowed} let in\n`);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(unreachable).toEqual([]);
    expect(Math.min(allowed, denied)).toBeGreaterThan(100);
  });

  test('on the contract of the server', { timeout: 240_000 }, async () => {
    const { tried, allowed, denied, failures } = await attackSchema({ schema: buildSchema() });
    process.stdout.write(`${tried} attacks: ${denied} refused, ${allowed} let in\n`);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(tried).toBeGreaterThan(100_000);
  });
});
