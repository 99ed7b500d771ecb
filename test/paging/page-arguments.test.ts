import { createSecretKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCursors } from '../../src/paging/cursor.ts';
import { pageRequest } from '../../src/paging/connection.ts';
import { AccountPageDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { everyOrderedList, idsOf } from '../support/lists.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const lists = everyOrderedList(() => app);

describe('sizes', () => {
  it.each(lists)('the list $name returns up to 200 rows a page', async (list) => {
    const all = await list.inOrder();
    expect(idsOf(await list.fetch({ first: 200 }))).toEqual(all.slice(0, 200));
    expect(idsOf(await list.fetch({ last: 200 }))).toEqual(all.slice(-200));
  });

  const refused = [
    { first: 201 },
    { last: 201 },
    { first: -1 },
    { last: -1 },
    { first: 2 ** 31 - 1 },
    { last: -(2 ** 31) },
  ];

  it.each(lists)('the list $name refuses more than 200 rows, and negative sizes', async (list) => {
    const codes = await Promise.all(refused.map((input) => list.query(input).codes()));
    expect(codes).toEqual(refused.map(() => ['BAD_USER_INPUT']));
  });

  it.each(lists)('the list $name is counted from one end at a time', async (list) => {
    expect(await list.query({ first: 1, last: 1 }).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await list.query({ first: 0, last: 0 }).codes()).toEqual(['BAD_USER_INPUT']);
  });

  it('the error names the argument', () => {
    expect(() => pageRequest({ first: 201 })).toThrow(expect.objectContaining({ field: 'first' }));
    expect(() => pageRequest({ last: -1 })).toThrow(expect.objectContaining({ field: 'last' }));
    expect(() => pageRequest({ first: 1, last: 1 })).toThrow(expect.objectContaining({ field: 'last' }));
  });

  it.each([2 ** 31, -(2 ** 31) - 1, 1e100, 1.5, '1', true, [1], {}])(
    'a size of %j gets 400 before the operation is executed',
    async (first) => {
      const { status, body } = await app.as('ADMIN').request(AccountPageDocument, { first });
      expect([status, body.data]).toEqual([400, undefined]);
      expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    },
  );
});

describe('cursors', () => {
  it('a cursor is accepted for the order of the list that issued it, and no other', async () => {
    const pages = await Promise.all(lists.map((list) => list.fetch({ first: 1 })));
    for (const [index, list] of lists.entries()) {
      // Of the other direction, of another order, of another list.
      const foreign = [index ^ 1, (index + 2) % lists.length, (index + lists.length / 2) % lists.length];
      const cursors = foreign.map((other) => pages[other]?.pageInfo.endCursor ?? '');
      const answers = await Promise.all(
        cursors.flatMap((cursor) => [list.query({ after: cursor }).codes(), list.query({ before: cursor }).codes()]),
      );
      expect(answers, list.name).toEqual(answers.map(() => ['BAD_USER_INPUT']));
    }
  });

  const names = ['accounts:NAME:ASC', '["accounts:NAME:ASC","Alder","00000000-0000-4000-8000-000000000000"]'];
  const otherKey = createCursors(createSecretKey(Buffer.alloc(32, 1)));
  const forged = [
    '',
    'x',
    'null',
    '0',
    'MQ==',
    '\u0001',
    '../../etc/passwd',
    "' or true --",
    'A'.repeat(100_000),
    ...names.map((name) => Buffer.from(name).toString('base64url')),
    otherKey.encode({ order: 'accounts:NAME:ASC', values: ['Alder', '00000000-0000-4000-8000-000000000000'] }),
  ];

  it.each(lists)('the list $name refuses a forged cursor at either end', async (list) => {
    const codes = await Promise.all(
      forged.map((cursor, index) => list.query(index % 2 === 0 ? { after: cursor } : { before: cursor }).codes()),
    );
    expect(codes).toEqual(codes.map(() => ['BAD_USER_INPUT']));
  });

  it('a refused cursor is reported at the path of the list, by its argument, and is not repeated', async () => {
    const { status, body, text } = await app.as('ADMIN').request(AccountPageDocument, { before: 'marker-marker' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: { page: null },
      errors: [{ path: ['page'], extensions: { code: 'BAD_USER_INPUT', field: 'before' } }],
    });
    expect(text).not.toContain('marker');
  });
});
