import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { adminScope, openTestDatabase } from '../support/database.ts';

// The embedded database has a driver of its own: what arrives, and what is sent, must not depend on the engine.

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const ID = '11111111-1111-4111-8111-111111111111';

type Rows = { readonly value: unknown }[];

/** Returns the value of an expression as `unit.read` and `unit.write` have it from `em.execute` and from Kysely. */
async function valuesOf(expression: string): Promise<Record<string, unknown>> {
  const text = `select ${expression} as value`;
  const unit = database.unitOfWork(adminScope);
  try {
    const [plain] = await unit.read((em) => em.execute<Rows>(text));
    const { rows } = await unit.read((em) => sql<Rows[0]>`${sql.raw(text)}`.execute(em.getKysely()));
    return { readPlain: plain?.value, readBuilt: rows[0]?.value, ...(await unit.write(writtenValues(text))) };
  } finally {
    await unit.close();
  }
}

const writtenValues =
  (text: string) =>
  async (em: EntityManager): Promise<Record<string, unknown>> => {
    const [plain] = await em.execute<Rows>(text);
    const { rows } = await em.getKysely().executeQuery<Rows[0]>(CompiledQuery.raw(text));
    return { writePlain: plain?.value, writeBuilt: rows[0]?.value };
  };

/** The same value, however it is read. */
const everywhere = (value: unknown) => ({
  readPlain: value,
  readBuilt: value,
  writePlain: value,
  writeBuilt: value,
});

describe('a value of the database', () => {
  it.each<[expression: string, value: unknown]>([
    ['1::smallint', 1],
    ['-1::int', -1],
    ['26::oid', 26],
    ['9007199254740993::bigint', '9007199254740993'],
    [`'-5'::bigint`, '-5'],
    ['count(*)', '1'],
    ['12.50::numeric', '12.50'],
    [`'NaN'::numeric`, 'NaN'],
    ['1.5::real', 1.5],
    [`'NaN'::float8`, NaN],
    [`'Infinity'::float8`, Infinity],
    [`'-Infinity'::real`, -Infinity],
    ['true', true],
    ['false', false],
    ['null::boolean', null],
    ['null::bytea', null],
    ['null::bigint', null],
    [`'\\x00ff'::bytea`, Buffer.from([0, 255])],
    [`''::bytea`, Buffer.alloc(0)],
    [`'abc'::text`, 'abc'],
    [`'abc'::varchar`, 'abc'],
    [`'ab'::char(4)`, 'ab  '],
    [`'n'::name`, 'n'],
    [`'{"a": 1, "b": [1.50, null]}'::json`, { a: 1, b: [1.5, null] }],
    [`'{"a": {}}'::jsonb`, { a: {} }],
    [`'"t"'::jsonb`, 't'],
    [`'null'::jsonb`, null],
    [`'2026-01-02'::date`, '2026-01-02'],
    [`'0044-03-15 BC'::date`, '0044-03-15 BC'],
    [`'infinity'::date`, 'infinity'],
    [`'2026-01-02 03:04:05.678901'::timestamp`, '2026-01-02 03:04:05.678901'],
    [`'0044-03-15 10:00 BC'::timestamp`, '0044-03-15 10:00:00 BC'],
    [`'2026-01-02 03:04:05.678+05:30'::timestamptz`, '2026-01-01 21:34:05.678+00'],
    [`'-infinity'::timestamptz`, '-infinity'],
    [`'03:04:05'::time`, '03:04:05'],
    [`'03:04:05+02'::timetz`, '03:04:05+02'],
    [`interval '1 year 2 mons 3 days 04:05:06.789'`, '1 year 2 mons 3 days 04:05:06.789'],
    [`'${ID}'::uuid`, ID],
    ['12.34::numeric::money', '$12.34'],
    ['point(1, 2.5)', { x: 1, y: 2.5 }],
    [`'<(1,2),3>'::circle`, { x: 1, y: 2, radius: 3 }],
    [`'((1,2),(3,4))'::box`, '(3,4),(1,2)'],
    [`'[(1,2),(3,4)]'::path`, '[(1,2),(3,4)]'],
    [`B'101'`, '101'],
    [`B'101'::varbit`, '101'],
    ['int4range(1, 5)', '[1,5)'],
    ['numrange(1.5, null)', '[1.5,)'],
    [`'{[1,3)}'::int4multirange`, '{[1,3)}'],
    [`'192.168.0.1/24'::inet`, '192.168.0.1/24'],
    [`'08:00:2b:01:02:03'::macaddr`, '08:00:2b:01:02:03'],
    [`row(1, 'a', null)`, '(1,a,)'],
    [`to_tsvector('simple', 'a b')`, `'a':1 'b':2`],
    [`'int4'::regtype`, 'integer'],
  ])('has one value of JavaScript on both engines: %s', async (expression, value) => {
    await expect(valuesOf(expression)).resolves.toStrictEqual(everywhere(value));
  });

  it.each<[expression: string, value: unknown]>([
    [`array['a', 'b,c', '"', '{}', '', 'NULL', null, '\\x']::text[]`, ['a', 'b,c', '"', '{}', '', 'NULL', null, '\\x']],
    [`array['<a>']::varchar[]`, ['<a>']],
    [`array['a', 'b c']::char(3)[]`, ['a  ', 'b c']],
    [`'{}'::text[]`, []],
    [`'{{a,b},{c,d}}'::text[]`, [['a', 'b'], ['c', 'd']]], // prettier-ignore
    [`'[0:1]={a,b}'::text[]`, ['a', 'b']],
    [`array['${ID}']::uuid[]`, [ID]],
    ['array[true, false, null]', [true, false, null]],
    ['array[1, -2]::smallint[]', [1, -2]],
    ['array[1, null]', [1, null]],
    ['array[26::oid]', [26]],
    [`'{{9007199254740993,1},{-2,null}}'::bigint[]`, [['9007199254740993', '1'], ['-2', null]]], // prettier-ignore
    ['array[1.5, null]::real[]', [1.5, null]],
    [`'{1.5,NaN}'::float8[]`, [1.5, NaN]],
    [`'{1.50,NaN}'::numeric[]`, [1.5, NaN]],
    [`array['\\x01ff', '\\x', null]::bytea[]`, [Buffer.from([1, 255]), Buffer.alloc(0), null]],
    [`array['2026-11-25', null]::date[]`, ['2026-11-25', null]],
    [`'[0:0]={2026-11-25}'::date[]`, ['2026-11-25']],
    [`array['2026-11-25 10:00']::timestamp[]`, ['2026-11-25 10:00:00']],
    [`array['2026-11-25 10:00+00']::timestamptz[]`, ['2026-11-25 10:00:00+00']],
    [`array['10:00'::time]`, ['10:00:00']],
    [`array['10:00+02'::timetz]`, ['10:00:00+02']],
    [`array[interval '1 day', null]`, ['1 day', null]],
    [`array['{"a": [1]}', null]::jsonb[]`, [{ a: [1] }, null]],
    [`array['{"a": [1]}']::json[]`, [{ a: [1] }]],
    ['array[12.34::numeric::money]', ['$12.34']],
    ['array[point(1, 2)]', [{ x: 1, y: 2 }]],
    [`array['10.0.0.1'::inet]`, ['10.0.0.1']],
    [`array['10.0.0.0/8'::cidr]`, ['10.0.0.0/8']],
    [`array['08:00:2b:01:02:03'::macaddr]`, ['08:00:2b:01:02:03']],
    ['array[numrange(1, 5)]', ['[1,5)']],
    ['array[int4range(1, 5)]', '{"[1,5)"}'], // node-postgres has no parser for it
    [`array['a']::name[]`, '{a}'],
    [`array[B'101']`, '{101}'],
    ['array[row(1, true)]', '{"(1,t)"}'],
    ['null::text[]', null],
  ])('has one array of JavaScript on both engines: %s', async (expression, value) => {
    await expect(valuesOf(expression)).resolves.toStrictEqual(everywhere(value));
  });

  it.each<[expression: string, value: unknown]>([
    [`'b'::pg_temp.mood`, 'b'],
    [`array['a', 'b']::pg_temp.mood[]`, '{a,b}'],
    [`(1, 'x')::pg_temp.pair`, '(1,x)'],
    [`'5'::pg_temp.big`, '5'],
    [`array['5']::pg_temp.big[]`, '{5}'],
  ])('is text if a migration made its type, or what the domain is over: %s', async (expression, value) => {
    const values = await database.run(systemScope, async (em) => {
      await em.execute(`create type pg_temp.mood as enum ('a', 'b')`);
      await em.execute('create type pg_temp.pair as (a bigint, b text)');
      await em.execute('create domain pg_temp.big as bigint');
      const found = await writtenValues(`select ${expression} as value`)(em);
      await em.execute('drop type pg_temp.big, pg_temp.pair, pg_temp.mood');
      return found;
    });
    expect(values).toEqual({ writePlain: value, writeBuilt: value });
  });
});

/** The database's text of a parameter of Kysely in `unit.write`. */
const textOf = (type: string, parameter: unknown): Promise<unknown> =>
  database.run(systemScope, async (em) => {
    const query = CompiledQuery.raw(`select $1::${type}::text as value`, [parameter]);
    return (await em.getKysely().executeQuery<Rows[0]>(query)).rows[0]?.value;
  });

describe('a parameter of Kysely', () => {
  it.each<[type: string, parameter: unknown, text: string | null]>([
    ['bytea', Buffer.from([0, 255]), '\\x00ff'],
    ['bytea', new Uint8Array([1, 2]), '\\x0102'],
    ['bytea', '\\x01', '\\x01'],
    ['timestamptz', new Date('2026-01-02T03:04:05.678Z'), '2026-01-02 03:04:05.678+00'],
    ['timestamptz', new Date('-000249-10-15T19:33:20Z'), '0250-10-15 19:33:20+00 BC'],
    ['jsonb', { a: 1 }, '{"a": 1}'],
    ['jsonb', '"x"', '"x"'],
    ['jsonb', null, null],
    ['bigint', 5n, '5'],
    ['boolean', true, 'true'],
    ['boolean', 'yes', 'true'],
    ['text', 5, '5'],
    ['text', true, 'true'],
    ['text', { a: 1 }, '{"a":1}'],
    ['text', undefined, null],
    ['numeric', '1.50', '1.50'],
    ['float8', NaN, 'NaN'],
    ['money', 5, '$5.00'],
    ['text[]', ['a', 'b,c', '"', '{}', '', 'NULL', null], '{a,"b,c","\\"","{}","","NULL",NULL}'],
    ['text[]', [], '{}'],
    ['int[]', [1, null, -2], '{1,NULL,-2}'],
    ['int[]', [[1, 2], [3, 4]], '{{1,2},{3,4}}'], // prettier-ignore
    ['bigint[]', [5n, '6'], '{5,6}'],
    ['boolean[]', [true, false], '{t,f}'],
    ['uuid[]', [ID], `{${ID}}`],
    ['bytea[]', [Buffer.from([1])], '{"\\\\x01"}'],
    ['jsonb[]', [{ a: 1 }], '{"{\\"a\\": 1}"}'],
    ['timestamptz[]', [new Date('2026-01-02T00:00:00Z'), null], '{"2026-01-02 00:00:00+00",NULL}'],
    ['inet[]', ['10.0.0.1'], '{10.0.0.1}'],
    ['name[]', ['a'], '{a}'],
  ])('arrives alike on both engines, as %s: %s', async (type, parameter, text) => {
    await expect(textOf(type, parameter)).resolves.toBe(text);
  });

  it('cannot be a list for a column of JSON, which the driver for servers takes for an array', async () => {
    await expect(textOf('jsonb', [1, 2])).rejects.toMatchObject({ message: expect.stringContaining('type json') });
  });
});
