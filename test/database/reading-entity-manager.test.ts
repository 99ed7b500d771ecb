import { LockMode, ref } from '@mikro-orm/core';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { DocumentEntity, type Tables, UserEntity } from '../../src/database/entities/index.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import type { Reader } from '../../src/database/reading-entity-manager.ts';
import { rowScopeOf, systemScope } from '../../src/database/scopes.ts';
import type { UnitOfWork } from '../../src/database/unit-of-work.ts';
import { adminScope, openTestDatabase } from '../support/database.ts';

const statements: string[] = [];
let database: Database;
let unit: UnitOfWork;

/** The row scope of a viewer who sees only their own row of users. */
const self = async (username: string) => {
  const [user] = await database.run(systemScope, (em) => em.find(UserEntity, { username }));
  return rowScopeOf({ id: user?.id ?? '', accountId: null, roles: new Set(['GUEST']), permissions: new Set() });
};

const findGuest = (of: UnitOfWork) => of.read((em) => em.findOneOrFail(UserEntity, { username: 'guest' }));

/** The entity manager with the methods that its type leaves out. */
const all = (reader: Reader): EntityManager => reader as EntityManager;

const queries = (): string[] => statements.filter((sql) => !/^(set|select set_config|begin|commit|rollback)/.test(sql));

beforeAll(async () => {
  database = await openTestDatabase({ progress: () => undefined, onStatement: (sql) => statements.push(sql) });
});
afterAll(() => database.close());
beforeEach(() => {
  unit = database.unitOfWork(adminScope);
  statements.length = 0;
});
afterEach(() => unit.close());

describe('entities in "unit.read"', () => {
  it('entities are found with conditions, an order and a limit', async () => {
    const users = await unit.read((em) =>
      em.find(UserEntity, { username: { $like: '%admin%' } }, { orderBy: { username: 'desc' }, limit: 2 }),
    );
    expect(users.map(({ username }) => username)).toEqual(['superadmin', 'admin']);
    expect(users[0]?.createdAt).toBeInstanceOf(Date);
    expect(queries()).toHaveLength(1);
  });

  it('entities are populated in batches', async () => {
    const documents = await unit.read((em) =>
      em.find(
        DocumentEntity,
        {},
        { populate: ['namedAuthor'], strategy: 'select-in', orderBy: { id: 'asc' }, limit: 20 },
      ),
    );
    expect(documents.map(({ namedAuthor }) => namedAuthor?.displayName)).toEqual(
      documents.map(({ authorName }) => authorName),
    );
    expect(queries()).toHaveLength(2);
  });

  it('entities are filtered by name, with parameters, also where they are counted and populated', async () => {
    const [found, counted, [, total], documents] = await unit.read(async (reader) => {
      const em = all(reader);
      em.addFilter<typeof UserEntity>({
        name: 'named',
        entity: UserEntity,
        cond: (parameters) => ({ username: String(parameters['name']) }),
        default: false,
      });
      const filters = { named: { name: 'guest' } };
      return [
        await reader.find(UserEntity, {}, { filters }),
        await reader.count(UserEntity, {}, { filters }),
        await reader.findAndCount(UserEntity, {}, { filters: { named: { name: 'of no user' } } }),
        await reader.find(DocumentEntity, {}, { populate: ['namedAuthor'], strategy: 'select-in', filters, limit: 5 }),
      ];
    });
    expect(found.map(({ username }) => username)).toEqual(['guest']);
    expect([counted, total]).toEqual([1, 0]);
    expect(documents).toHaveLength(5);
    expect(statements.findLast((sql) => sql.includes('from "users"'))).toContain('"username" = ');
  });

  it('a filter that is on by default applies until a query turns it off', async () => {
    const counts = await unit.read(async (reader) => {
      all(reader).addFilter({ name: 'guests', entity: UserEntity, cond: { username: 'guest' } });
      return [await reader.count(UserEntity), await reader.count(UserEntity, {}, { filters: { guests: false } })];
    });
    expect(counts).toEqual([1, 210]);
    await unit.close();
    const next = database.unitOfWork(adminScope);
    expect(await next.read((em) => em.count(UserEntity))).toBe(210);
    await next.close();
  });

  it('references of all siblings are loaded in one statement', async () => {
    const documents = await unit.read((em) => em.find(DocumentEntity, {}, { orderBy: { id: 'asc' }, limit: 20 }));
    statements.length = 0;
    const authors = await Promise.all(
      documents.map(({ author }) =>
        unit.read(async (em) => ref(em.getReference(UserEntity, author ?? '')).load({ dataloader: true })),
      ),
    );
    expect(authors.map((author) => author?.displayName)).toEqual(documents.map(({ authorName }) => authorName));
    expect(queries()).toHaveLength(1);
  });

  it('entities are counted, and found with their number', async () => {
    const [found, total, count] = await unit.read(async (em) => [
      ...(await em.findAndCount(UserEntity, {}, { limit: 3 })),
      await em.count(UserEntity),
    ]);
    expect([found.length, total, count]).toEqual([3, 210, 210]);
  });

  it('entities are the same objects within an operation, and others in the next', async () => {
    const [first, again] = [await findGuest(unit), await findGuest(unit)];
    await unit.close();
    const other = database.unitOfWork(adminScope);
    const elsewhere = await findGuest(other);
    await other.close();
    expect(again).toBe(first);
    expect(elsewhere).not.toBe(first);
  });

  it('entities share transaction and role with plain rows and the query builder', async () => {
    const [[raw], [built], users] = await Promise.all([
      unit.read((em) => em.execute('select current_user::text as role, now()::text as began')),
      unit.read((em) =>
        em
          .getKysely<Tables>()
          .selectNoFrom([sql<string>`current_user::text`.as('role'), sql<string>`now()::text`.as('began')])
          .execute(),
      ),
      unit.read((em) => em.find(UserEntity, {}, { limit: 1 })),
    ]);
    expect(built).toEqual(raw);
    expect(raw).toMatchObject({ role: 'rolegate_viewer_all_write_all_write_docs_audit_roles' });
    expect(users).toHaveLength(1);
  });

  it('entities are those of the row scope, whichever way they are read', async () => {
    const own = database.unitOfWork(await self('guest'));
    const [found, built, queried, [counted]] = await own.read(async (em) => [
      await em.find(UserEntity, {}),
      await em.getKysely<Tables>().selectFrom('users').select('username').execute(),
      await em.createQueryBuilder(UserEntity).getResultList(),
      await em.execute<{ count: number }[]>('select count(*)::int as count from users'),
    ]);
    await own.close();
    expect([found, built, queried].map((users) => users.map(({ username }) => username))).toEqual([
      ['guest'],
      ['guest'],
      ['guest'],
    ]);
    expect(counted?.count).toBe(1);
  });

  it('entities of different viewers never mix', async () => {
    const names = ['guest', 'standard', 'sales', 'manager'];
    const scopes = await Promise.all(names.map(self));
    const seen = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const own = database.unitOfWork(scopes[index % 4] ?? adminScope);
        const users = await own.read((em) => em.find(UserEntity, {}, { cache: 60_000 }));
        await own.close();
        return users.map(({ username }) => username);
      }),
    );
    expect(seen).toEqual(seen.map((_, index) => [names[index % 4]]));
  });
});

describe('the typed query builder in "unit.read"', () => {
  it('the query builder returns every kind of value unchanged', async () => {
    const text = `it's "quoted" \\ ? $1 ?? :name`;
    const at = new Date('2026-01-31T12:00:00.123Z');
    const [row] = await unit.read((em) =>
      em
        .getKysely<Tables>()
        .selectNoFrom([
          sql<string>`${text}::text`.as('text'),
          sql<string[]>`${[text, 'b,c', '{}', '']}::text[]`.as('texts'),
          sql<number>`${2.5}::float8`.as('number'),
          sql<boolean>`${false}::boolean`.as('no'),
          sql<null>`${null}::text`.as('nothing'),
          sql<object>`${{ text }}::jsonb`.as('json'),
          sql<boolean>`${at}::timestamptz = '2026-01-31T12:00:00.123Z'::timestamptz`.as('instant'),
          sql<boolean>`${Buffer.from([0, 255])}::bytea = decode('00ff', 'hex')`.as('bytes'),
          sql<boolean>`${2n ** 62n}::bigint = 4611686018427387904`.as('large'),
        ])
        .execute(),
    );
    expect(row).toEqual({
      text,
      texts: [text, 'b,c', '{}', ''],
      number: 2.5,
      no: false,
      nothing: null,
      json: { text },
      instant: true,
      bytes: true,
      large: true,
    });
  });

  it('the query builder joins tables', async () => {
    const roles = await unit.read((em) =>
      em
        .getKysely<Tables>()
        .selectFrom('users')
        .innerJoin('role_assignments', 'role_assignments.user_id', 'users.id')
        .where('users.username', 'in', ['manager', 'sales'])
        .orderBy('role')
        .select(['username', 'role'])
        .execute(),
    );
    expect(roles).toEqual([
      { username: 'manager', role: 'MANAGER' },
      { username: 'sales', role: 'SALES' },
    ]);
  });
});

describe('writing in "unit.read"', () => {
  it.each<[string, (em: EntityManager) => unknown]>([
    ['flush', (em) => em.flush()],
    ['persist', (em) => em.persist({})],
    ['remove', (em) => em.remove({})],
    ['insert', (em) => em.insert(UserEntity, {} as never)],
    ['insertMany', (em) => em.insertMany(UserEntity, [])],
    ['upsert', (em) => em.upsert(UserEntity, {})],
    ['nativeUpdate', (em) => em.nativeUpdate(UserEntity, {}, {})],
    ['nativeDelete', (em) => em.nativeDelete(UserEntity, {})],
    ['begin', (em) => em.begin()],
    ['commit', (em) => em.commit()],
    ['transactional', (em) => em.transactional(async () => null)],
    ['flush', (em) => em.fork().flush()],
  ])('a write is refused: %s', async (method, write) => {
    await expect(unit.read(async (em) => write(all(em)))).rejects.toThrow(`"${method}" is not available`);
    await expect(unit.read((em) => em.count(UserEntity))).resolves.toBe(210);
  });

  it.each<[string, (em: EntityManager) => Promise<unknown>]>([
    ['plain SQL', (em) => em.execute('delete from documents')],
    ['the query builder', (em) => em.createQueryBuilder(DocumentEntity).delete().execute()],
    ['the typed query builder', (em) => em.getKysely<Tables>().deleteFrom('documents').execute()],
    ['a lock', (em) => em.find(UserEntity, {}, { lockMode: LockMode.PESSIMISTIC_WRITE })],
  ])('the database refuses a write: %s', async (_, write) => {
    await expect(unit.read((em) => write(all(em)))).rejects.toThrow(/read-only transaction/);
    await expect(unit.read((em) => em.count(UserEntity))).resolves.toBe(210);
  });

  it('a changed entity is not written', async () => {
    await unit.read(async (em) => {
      const user = await em.findOneOrFail(UserEntity, { username: 'guest' });
      user.displayName = 'Changed';
      await em.find(UserEntity, {});
    });
    await unit.close();
    const [stored] = await database.run(systemScope, (em) => em.find(UserEntity, { username: 'guest' }));
    expect(stored?.displayName).toBe('Guest');
  });
});

describe('an entity manager that outlives its transaction', () => {
  it('no read is possible after the transaction: its connection may belong to another viewer', async () => {
    let kept: Reader | null = null;
    await unit.read((em) => {
      kept = em;
      return em.count(UserEntity);
    });
    await unit.close();
    statements.length = 0;
    await expect((kept as unknown as Reader).find(UserEntity, {})).rejects.toThrow('has ended');
    await expect(
      (kept as unknown as Reader).getKysely<Tables>().selectFrom('users').selectAll().execute(),
    ).rejects.toThrow('has ended');
  });
});
