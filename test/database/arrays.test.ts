import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';

// The embedded database does not ask for its types of arrays when it opens: what arrives must not depend on it.

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const ID = '11111111-1111-4111-8111-111111111111';

const valueOf = (expression: string, ...parameters: unknown[]): Promise<unknown> =>
  database.run(systemScope, async (em) => {
    const query = CompiledQuery.raw(`select ${expression} as value`, parameters);
    const { rows } = await em.getKysely().executeQuery<{ value: unknown }>(query);
    return rows[0]?.value;
  });

describe('an array', () => {
  it.each<[sql: string, value: unknown]>([
    [`array['a', 'b,c', '"', '{}', '', 'NULL', null, '\\x']::text[]`, ['a', 'b,c', '"', '{}', '', 'NULL', null, '\\x']],
    [`array['a']::varchar[]`, ['a']],
    [`'{}'::text[]`, []],
    [
      `array[['a', 'b'], ['c', 'd']]`,
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [`array['${ID}']::uuid[]`, [ID]],
    ['array[true, false, null]', [true, false, null]],
    ['array[1, -2]::smallint[]', [1, -2]],
    ['array[1, -2]::int[]', [1, -2]],
    ['array[1.5, 2]::real[]', [1.5, 2]],
    ['array[1.5, 2]::float8[]', [1.5, 2]],
    [`array['2026-11-25']::date[]`, ['2026-11-25']],
    [`array['2026-11-25 10:00']::timestamp[]`, ['2026-11-25 10:00:00']],
    [`array['2026-11-25 10:00+00']::timestamptz[]`, ['2026-11-25 10:00:00+00']],
    [`array['{"a": [1]}']::jsonb[]`, [{ a: [1] }]],
    [`array['{"a": [1]}']::json[]`, [{ a: [1] }]],
    ['null::text[]', null],
  ])('an array of the database is an array of JavaScript: %s', async (sql, value) => {
    await expect(valueOf(sql)).resolves.toEqual(value);
  });

  it('an array of a type of the database is text', async () => {
    await expect(valueOf('array[row(1, true)]')).resolves.toBe('{"(1,t)"}');
  });

  it.each<[type: string, value: unknown]>([
    ['text[]', ['a', 'b,c', '"', '{}', '', 'NULL', null, '\\x']],
    ['uuid[]', [ID]],
    ['int[]', [1, null, -2]],
    ['boolean[]', [true, false]],
  ])('an array of JavaScript is an array of the database: %s', async (type, value) => {
    await expect(valueOf(`array_to_json($1::${type})::text`, value)).resolves.toBe(JSON.stringify(value));
  });
});
