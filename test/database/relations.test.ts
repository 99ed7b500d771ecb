import { createSecretKey } from 'node:crypto';
import { defineEntity, type EntityManager, p, ref, serialize } from '@mikro-orm/core';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Reader } from '../../src/database/reading-entity-manager.ts';
import { selectRows } from '../../src/database/rows.ts';
import { rowScopeOf, systemScope } from '../../src/database/scopes.ts';
import type { UnitOfWork } from '../../src/database/unit-of-work.ts';
import { pageRequest } from '../../src/paging/connection.ts';
import { createCursors } from '../../src/paging/cursor.ts';
import { fetchConnection, fetchConnectionsOf, type ListDefinition, type ListQuery } from '../../src/paging/list.ts';
import { adminScope } from '../support/database.ts';

// Entities over the tables of the demo as an author may declare them: with collections, which the server's own lack.

const Account = defineEntity({
  name: 'AuthorsAccount',
  tableName: 'accounts',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    users: () => p.oneToMany(User).mappedBy('account'),
  },
});

const User = defineEntity({
  name: 'AuthorsUser',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    username: p.text(),
    account: () => p.manyToOne(Account).ref().nullable(),
    notes: () => p.oneToMany(Note).mappedBy('author'),
    roles: () => p.manyToMany(Role).pivotTable('role_assignments').joinColumn('user_id').inverseJoinColumn('role'),
  },
  filters: { guests: { name: 'guests', cond: { username: 'guest' }, default: false } },
});

const Note = defineEntity({
  name: 'AuthorsNote',
  tableName: 'documents',
  properties: { id: p.uuid().primary(), title: p.text(), author: () => p.manyToOne(User).ref().nullable() },
});

const Role = defineEntity({
  name: 'AuthorsRole',
  tableName: 'roles',
  properties: { name: p.text().primary(), users: () => p.manyToMany(User).mappedBy('roles') },
});

const Numbered = defineEntity({
  name: 'AuthorsNumbered',
  tableName: 'inventory_items',
  properties: { nameKey: p.text().primary(), version: p.bigint() },
});

const statements: string[] = [];
let database: Database;
let unit: UnitOfWork;
let expected: { readonly author: string; readonly titles: readonly string[] }[];

const queries = (): string[] => statements.filter((text) => text.startsWith('select'));

/** Returns the authors of documents with their titles, as SQL has them. */
const readExpected = (em: Pick<Reader, 'execute'>) =>
  em.execute<typeof expected>(`select username as author, array_agg(title order by documents.id) as titles
    from documents join users on users.id = author_id group by username order by username`);

// Test files share their modules: those that read the list of entities are loaded anew, for this file only.
const INDEX = '../../src/database/entities/index.ts';

beforeAll(async () => {
  vi.resetModules();
  vi.doMock(INDEX, async (importOriginal) => ({
    ...(await importOriginal<object>()),
    entities: [Account, User, Note, Role, Numbered],
  }));
  const { openTestDatabase } = await import('../support/database.ts');
  database = await openTestDatabase({ progress: () => undefined, onStatement: (text) => statements.push(text) });
  expected = await database.run(systemScope, (em) => readExpected(em));
});
afterAll(async () => {
  vi.doUnmock(INDEX);
  vi.resetModules();
  await database.close();
});
beforeEach(() => {
  unit = database.unitOfWork(adminScope);
  statements.length = 0;
});
afterEach(() => unit.close());

const AUTHORS = { notes: { $some: {} } };
const ORDER = { orderBy: { username: 'asc', notes: { id: 'asc' } } } as const;

describe('collections in "unit.read"', () => {
  it.each(['joined', 'select-in', 'balanced'] as const)('a collection is populated: %s', async (strategy) => {
    const users = await unit.read((em) =>
      em.find(User, AUTHORS, { ...ORDER, populate: ['notes', 'roles', 'account'], strategy }),
    );
    const found = users.map(({ username, notes }) => ({
      author: username,
      titles: notes.getItems().map(({ title }) => title),
    }));
    expect(found).toEqual(expected);
    expect(users.every(({ roles }) => roles.isInitialized())).toBe(true);
    expect(queries().length).toBeLessThanOrEqual(5);
  });

  it('a collection of a collection is populated, from both sides', async () => {
    const roles = await unit.read((em) =>
      em.find(Role, { name: { $in: ['MANAGER', 'SALES'] } }, { populate: ['users.roles'], orderBy: { name: 'asc' } }),
    );
    const manager = roles[0]?.users.getItems().find(({ username }) => username === 'manager');
    expect(roles.map(({ name }) => name)).toEqual(['MANAGER', 'SALES']);
    expect(manager?.roles.getIdentifiers()).toEqual(['MANAGER']);
    expect(serialize(roles[0] as object, { populate: ['users'] as never })).toMatchObject({ name: 'MANAGER' });
  });

  it('a collection is loaded, counted and matched from its entity', async () => {
    const [first] = expected;
    const [titles, count, matching, unique] = await unit.read(async (em) => {
      const user = await em.findOneOrFail(User, { username: first?.author ?? '' });
      const items = await user.notes.loadItems({ orderBy: { id: 'asc' } });
      const where = { title: first?.titles[0] ?? '' };
      return [
        items.map(({ title }) => title),
        await user.notes.loadCount(true),
        await user.notes.matching({ where }),
        items.every(({ author }) => author?.unwrap() === user),
      ];
    });
    expect([titles, count, unique]).toEqual([first?.titles, first?.titles.length, true]);
    expect(matching.length).toBeGreaterThan(0);
  });

  it('the collections of all siblings are loaded in one statement', async () => {
    const users = await unit.read((em) => em.find(User, AUTHORS, { orderBy: { username: 'asc' } }));
    statements.length = 0;
    const notes = await Promise.all(
      users.map((user) => unit.read(() => user.notes.loadItems({ dataloader: true, orderBy: { id: 'asc' } }))),
    );
    expect(notes.map((items) => items.map(({ title }) => title).toSorted())).toEqual(
      expected.map(({ titles }) => [...titles].toSorted()),
    );
    expect(queries()).toHaveLength(1);
  });

  it('collections are streamed, paged by cursor, filtered and populated later', async () => {
    const seen = await unit.read(async (em) => {
      const streamed: string[] = [];
      for await (const user of em.stream(User, { where: AUTHORS, orderBy: { username: 'asc' }, populate: ['notes'] })) {
        streamed.push(`${user.username}: ${user.notes.length}`);
      }
      const page = { first: 2, where: AUTHORS, populate: ['notes'], orderBy: { username: 'asc' } } as const;
      const first = await em.findByCursor(User, page);
      const next = await em.findByCursor(User, { ...page, after: first });
      const notes = await em.find(Note, {}, { populate: ['author'], limit: 3 });
      await em.populate(notes, ['author.notes', 'author.roles']);
      const guests = await em.count(User, {}, { filters: { guests: true } });
      return { streamed, paged: [...first.items, ...next.items], total: first.totalCount, notes, guests };
    });
    const lines = expected.map(({ author, titles }) => `${author}: ${titles.length}`);
    expect(seen.streamed).toEqual(lines);
    expect(seen.paged.map(({ username, notes }) => `${username}: ${notes.length}`)).toEqual(lines.slice(0, 4));
    expect([seen.total, seen.guests]).toEqual([expected.length, 1]);
    expect(seen.notes.every((note) => note.author?.unwrap().notes.contains(note))).toBe(true);
  });

  it('a collection has the rows of the row scope only', async () => {
    const [guest] = await database.run(systemScope, (em) => em.find(User, { username: 'guest' }));
    const viewer = { id: guest?.id ?? '', accountId: null, roles: new Set(['GUEST']), permissions: new Set<string>() };
    const own = database.unitOfWork(rowScopeOf(viewer));
    const notes = await own.read((em) => em.find(Note, {}, { populate: ['author'], orderBy: { id: 'asc' } }));
    const users = await own.read((em) => em.find(User, {}, { populate: ['roles', 'notes'] }));
    await own.close();
    expect(notes.length).toBeGreaterThan(0);
    expect(users.map(({ username, roles }) => [username, roles.getIdentifiers()])).toEqual([['guest', ['GUEST']]]);
  });

  it.each<[string, (em: EntityManager) => unknown]>([
    ['a new entity in a collection', addNote],
    ['a new entity', (em) => em.persist(em.create(Note, NEW, { persist: false }))],
    ['new entities', (em) => em.persist([em.create(Note, NEW, { persist: false })])],
    ['a reference to a new entity', (em) => em.persist(ref(em.create(Note, NEW, { persist: false })))],
    ['an object', (em) => em.persist({})],
  ])('a write is refused all the same: %s', async (_, write) => {
    await expect(unit.read(async (em) => write(em as unknown as EntityManager))).rejects.toThrow('"persist" is not');
  });
});

const cursors = createCursors(createSecretKey(Buffer.alloc(32, 7)));
const SELECTED = { rows: true, properties: new Set(['title']), computed: new Set<string>(), key: 'title' };

const pageOf = <Row extends object>(list: ListDefinition<Row, 'FIRST'>): ListQuery<Row, 'FIRST'> => ({
  list,
  order: { field: 'FIRST', direction: 'ASC' },
  page: pageRequest({ first: 5 }),
  conditions: [],
  selected: SELECTED,
});

describe('the rows of a list', () => {
  const notes = { name: 'notes', entity: Note, orders: { FIRST: 'title' }, key: 'id' } as const;

  it('the references and collections of its rows are loaded', async () => {
    const { nodes, edges } = await fetchConnection((work) => unit.read(work), cursors, pageOf(notes));
    const authors = await Promise.all(nodes.map((note) => unit.read(async () => note.author?.loadOrFail())));
    const users = await unit.read(async (em) => {
      await em.populate([...nodes], ['author.notes']);
      return em.find(User, { username: authors[0]?.username ?? '' });
    });
    expect([edges.length, users[0]]).toEqual([5, authors[0]]);
    expect(nodes.every((note) => note.author?.unwrap().notes.contains(note))).toBe(true);
  });

  it('such rows are complete, whatever is selected: later reads of the operation find them', async () => {
    const list = { name: 'users', entity: User, orders: { FIRST: 'id' }, key: 'id' } as const;
    const { nodes } = await fetchConnection((work) => unit.read(work), cursors, pageOf(list));
    const found = await unit.read((em) => em.findOneOrFail(User, { id: nodes[0]?.id ?? '' }));
    expect(found).toBe(nodes[0]);
    expect(found.username).toEqual(expect.any(String));
  });

  it('the lists of several parents, and rows by their ids, are entities as well', async () => {
    const authors = await unit.read((em) => em.find(User, AUTHORS, { orderBy: { username: 'asc' } }));
    const ids = authors.map(({ id }) => id);
    const lists = await fetchConnectionsOf((work) => unit.read(work), cursors, pageOf(notes), 'author', ids);
    expect(lists.map(({ nodes }) => nodes[0]?.author?.unwrap())).toEqual(authors);
    const [row] = await unit.read((em) => selectRows(em, User, 'id', ids.slice(0, 1)));
    expect(row).toBe(authors[0]);
  });

  it('a value has the type that the entity gives it', async () => {
    const numbered = { name: 'numbered', entity: Numbered, orders: { FIRST: 'nameKey' }, key: 'nameKey' } as const;
    const query = { ...pageOf(numbered), selected: { ...SELECTED, properties: new Set(['version']) } };
    const { nodes } = await fetchConnection((work) => unit.read(work), cursors, query);
    const found = await unit.read((em) => em.find(Numbered, {}, { orderBy: { nameKey: 'asc' }, limit: 5 }));
    expect(nodes.map(({ version }) => version)).toEqual(found.map(({ version }) => version));
    expect(nodes.map(({ version }) => typeof version)).toEqual(Array.from({ length: 5 }, () => 'bigint'));
  });
});

const NEW = { id: '22222222-2222-4222-8222-222222222222', title: 'New' };

async function addNote(em: EntityManager): Promise<void> {
  const { notes } = await em.findOneOrFail(User, { username: 'guest' }, { populate: ['notes'] });
  notes.add(em.create(Note, NEW, { persist: false }));
}

/** Returns the rows of a query whose values are literals in "unit.read", and parameters in "unit.write". */
const select = (em: Pick<Reader, 'getKysely'>, expressions: readonly ReturnType<typeof sql>[]) =>
  em
    .getKysely()
    .selectNoFrom(expressions.map((expression, index) => expression.as(`value${index}`)))
    .execute();

describe('values of the query builder', () => {
  it('values arrive as they do in a transaction that writes', async () => {
    const expressions = [
      sql`10 -${-5}::int`,
      sql`10 -${-5n}::bigint`,
      sql`${-2_147_483_648}::int`,
      sql`${-32_768}::smallint`,
      sql`2 -${-1.5}::float8`,
      sql`${Number.NaN}::float8`,
      sql`${-Infinity}::float8`,
      sql`${1e21}::float8`,
      sql`${1e-7}::float8`,
      sql`${2n ** 62n}::bigint`,
      sql`(${new Date('-000099-01-31T12:00:00.123Z')}::timestamptz at time zone 'utc')::text`,
      sql`(${new Date('0001-01-31T12:00:00.123Z')}::timestamptz at time zone 'utc')::text`,
      sql`(${[new Date(0)]}::timestamptz[])[1] = 'epoch'::timestamptz`,
      sql`${[
        [1, -2],
        [3, 4],
      ]}::int[]`,
      sql`${['a"b\\c', null, '']}::text[]`,
      sql`${[true, false]}::boolean[]`,
      sql`${[{ a: 'x"y' }]}::jsonb[]`,
      sql`${[Buffer.from([1, 255])]}::bytea[]`,
      sql`${Buffer.from([1, 255])}::bytea`,
      sql`${[]}::text[]`,
      sql`${{ toJSON: () => 'a text' }}::jsonb`,
      sql`(select count(*) from roles) > 0`,
    ];
    const read = await unit.read((em) => select(em, expressions));
    const [row = {}] = read as Record<string, unknown>[];
    expect(Object.values(row).slice(0, 4).map(Number)).toEqual([15, 15, -2_147_483_648, -32_768]);
    await unit.close();
    expect(read).toEqual(await database.run(adminScope, (em) => select(em, expressions)));
  });
});
