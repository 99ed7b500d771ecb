import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccountNamesDocument,
  AccountPageDocument,
  AccountsDocument,
  RolesDocument,
  UsersDocument,
} from '../generated/graphql.ts';
import { foldName } from '../../src/lib/names.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change, look } from '../support/rows.ts';

let app: TestApp;
let names: string[];

const SORTED = '_under|10 Downing|9 Lives|Apfel|Äpfel|apple|Elan|élan|O’Hara|ohara|zebra|Zoë'.split('|');
/** Characters that mean something to LIKE, regular expressions, SQL or placeholders, and some that are in many names. */
const NASTY = `%_\\'"?$:;-[]^*. aBr1`.split('');

const AWKWARD = [
  '100% Wool',
  'snake_case',
  String.raw`back\slash`,
  String.raw`\%`,
  `O'Brien`,
  'the "Sons"',
  '$1 ?',
  '?::text',
  ':name',
  'Straße 🦊',
  'tab\there',
  'two  blanks',
  'semi; colon --',
];

beforeAll(async () => {
  app = await createTestApp();
  for (const name of [...SORTED.map((text) => `${text} ∎`), ...AWKWARD]) {
    await change(
      app,
      `insert into accounts (id, name, status, billing_email, created_at, updated_at)
       values (gen_random_uuid(), ?, 'ACTIVE', 'a@example.com', now(), now())`,
      name,
    );
  }
  names = (await look<{ name: string }>(app, 'select name from accounts')).map(({ name }) => name);
});
afterAll(() => app.close());

async function found(search: string): Promise<(string | undefined)[]> {
  const { accounts } = await app.as('DEVELOPER').query(AccountNamesDocument, { search, first: 200 }).data();
  expect(accounts?.nodes).toHaveLength(Math.min(accounts?.totalCount ?? 0, 200));
  return accounts?.nodes?.map((account) => account?.name) ?? [];
}

/** Searches, and compares with the names that, folded, contain the text without the blanks around it. */
async function expectFound(search: string): Promise<void> {
  const text = foldName(search.trim() || search);
  const matching = names.filter((name) => foldName(name).includes(text));
  const listed = await found(search);
  expect(listed).toHaveLength(Math.min(matching.length, 200));
  expect(matching).toEqual(expect.arrayContaining(listed));
}

describe('search', () => {
  it.each(AWKWARD)('a search finds %j by all of it, and by each of its characters', async (name) => {
    expect(await found(name)).toContain(name);
    for (const character of new Set(name.replaceAll(/[A-Za-z ]/gu, ''))) {
      expect(await found(character)).toEqual(expect.arrayContaining([name]));
    }
  });

  it('a search takes every character literally', async () => {
    const text = fc.string({ unit: fc.constantFrom(...NASTY), minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(text, expectFound), { numRuns: 100 });
  });

  it('a search finds a name by each of its parts, however long', async () => {
    const part = fc
      .constantFrom(...names)
      .chain((name) => fc.tuple(fc.constant(Array.from(name)), fc.nat(name.length), fc.integer({ min: 1, max: 12 })))
      .map(([characters, at, length]) => characters.slice(at, at + length).join(''))
      .filter((text) => text !== '');
    await fc.assert(fc.asyncProperty(part, expectFound), { numRuns: 100, examples: [['ß'], ['ss'], ['S']] });
  });

  it.each(['e', 'Al', 'der', 'alder', 'alder b', 'brewing'])(
    'a search continues from page to page: %s',
    async (search) => {
      const page = async (input: object): Promise<{ ids: (string | undefined)[]; start: string; end: string }> => {
        const variables = { filter: { search }, ...input };
        const { page: answer } = await app.as('DEVELOPER').query(AccountPageDocument, variables).data();
        const { startCursor, endCursor } = answer?.pageInfo ?? {};
        return { ids: answer?.nodes?.map((node) => node?.id) ?? [], start: startCursor ?? '', end: endCursor ?? '' };
      };
      for (const orderBy of [
        { field: 'NAME', direction: 'DESC' },
        { field: 'CREATED_AT', direction: 'ASC' },
      ] as const) {
        const whole = await page({ orderBy, first: 200 });
        expect(whole.ids.length).toBeGreaterThan(3);
        const first = await page({ orderBy, first: 2 });
        const next = await page({ orderBy, first: 198, after: first.end });
        expect([...first.ids, ...next.ids]).toEqual(whole.ids);
        const back = await page({ orderBy, last: 200, before: next.start });
        expect(back.ids).toEqual(first.ids);
      }
    },
  );

  it.each(['ALDER', 'alder', 'aLdEr'])('a search ignores case: %s', async (search) => {
    expect(await found(search)).toHaveLength(25);
  });

  it.each(['\0', 'Alder\0', '\ud800', 'Alder\udfff'])(
    'a search with characters that a text cannot hold is refused: %j',
    async (search) => {
      const codes = await app.as('DEVELOPER').query(AccountNamesDocument, { search }).codes();
      expect(codes).toEqual(['BAD_USER_INPUT']);
    },
  );

  it.each(['', null])('an empty search (%j) lists every row', async (search) => {
    const { accounts } = await app.as('DEVELOPER').query(AccountNamesDocument, { search, first: 1 }).data();
    expect(accounts?.totalCount).toBe(names.length);
  });

  it('a search of users reads user name, display name and e-mail address', async () => {
    const { users } = await app
      .as('ADMIN')
      .query(UsersDocument, { filter: { search: 'accountmanager@EXAMPLE' } })
      .data();
    expect(users?.nodes?.map((user) => user?.username)).toEqual(['accountmanager']);
    const byName = await app
      .as('ADMIN')
      .query(UsersDocument, { filter: { search: 'account m' } })
      .data();
    expect(byName.users?.nodes?.map((user) => user?.username)).toEqual(['accountmanager']);
  });

  it('a search of roles reads name and description', async () => {
    const { roles } = await app
      .as('ADMIN')
      .query(RolesDocument, { filter: { search: 'inventory' } })
      .data();
    expect(roles?.nodes?.map((role) => role?.name)).toEqual(['MANAGER', 'SALES', 'WAREHOUSE']);
  });
});

describe('filters', () => {
  it.each(['ACTIVE', 'SUSPENDED', 'CLOSED'] as const)('accounts are filtered by status %s', async (status) => {
    const { accounts } = await app.as('DEVELOPER').query(AccountsDocument, { filter: { status }, first: 200 }).data();
    const [counted] = await look<{ n: number }>(
      app,
      'select count(*)::int as n from accounts where status = ?',
      status,
    );
    expect(new Set(accounts?.nodes?.map((account) => account?.status))).toEqual(new Set([status]));
    expect(accounts?.totalCount).toBe(counted?.n);
  });

  it.each([
    [true, 209],
    [false, 1],
    [null, 210],
  ])('users are filtered by activity: %s', async (active, total) => {
    await change(app, `update users set active = (username <> 'guest')`);
    const { users } = await app.as('ADMIN').query(UsersDocument, { filter: { active } }).data();
    expect(users?.totalCount).toBe(total);
  });

  it('filters work together with search and pages', async () => {
    const filter = { search: 'labs', status: 'ACTIVE' } as const;
    const all = await app.as('DEVELOPER').query(AccountsDocument, { filter, first: 200 }).data();
    const first = await app.as('DEVELOPER').query(AccountsDocument, { filter, first: 5 }).data();
    const after = first.accounts?.pageInfo.endCursor;
    const rest = await app.as('DEVELOPER').query(AccountsDocument, { filter, first: 200, after }).data();
    const ids = [first, rest].flatMap(({ accounts }) => accounts?.nodes?.map((account) => account?.id));
    expect(ids).toEqual(all.accounts?.nodes?.map((account) => account?.id));
    expect(rest.accounts?.totalCount).toBe(ids.length);
  });
});

it('text is sorted by language rather than by code point, alike on both engines', async () => {
  expect(await found('∎')).toEqual(SORTED.map((text) => `${text} ∎`));
});
