import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { AccountEntity, entities, UserEntity } from '../../src/database/entities/index.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import { databaseRoles, type RowScope, rowScopeOf, systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

interface Person {
  readonly id: string;
  readonly accountId: string;
}

async function person(username: string): Promise<Person> {
  return database.run(systemScope, async (em) => {
    const user = await em.findOneOrFail(UserEntity, { username });
    return { id: user.id, accountId: user.account ?? '' };
  });
}

function scopeOf({ id, accountId }: Person, ...roles: string[]): RowScope {
  const permissions = roles.includes('ADMIN') ? 'all' : new Set<string>();
  return rowScopeOf({ id, accountId, roles: new Set(roles), permissions });
}

/** Counts users and accounts in four ways. */
async function counts(em: EntityManager) {
  const [raw] = await em.execute<{ users: string; accounts: string; roles: string }[]>(
    `select (select count(*) from users) as users, (select count(*) from accounts) as accounts,
            (select count(distinct user_id) from role_assignments) as roles`,
  );
  const kysely = await em
    .getKysely<{ users: { id: string } }>()
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return {
    users: new Set([
      Number(raw?.users),
      Number(raw?.roles),
      await em.count(UserEntity),
      (await em.find(UserEntity, {})).length,
      (await em.createQueryBuilder(UserEntity).select('id').execute()).length,
      Number(kysely.n),
    ]),
    accounts: new Set([Number(raw?.accounts), (await em.find(AccountEntity, {})).length]),
  };
}

describe('the rows of each scope, alike by entity manager, query builder, Kysely and raw SQL', () => {
  it.each([
    { roles: ['STANDARD'], users: 1, accounts: 1 },
    { roles: ['ACCOUNT_MANAGER'], users: 'those of the account', accounts: 1 },
    { roles: ['DEVELOPER'], users: 1, accounts: 1000 },
    { roles: ['DEVELOPER', 'ACCOUNT_MANAGER'], users: 'those of the account', accounts: 1000 },
    { roles: ['ADMIN', 'DEVELOPER', 'ACCOUNT_MANAGER'], users: 210, accounts: 1000 },
  ])('$roles read $users users and $accounts accounts, in each of these ways', async ({ roles, users, accounts }) => {
    const someone = await person('accountmanager');
    const members = await database.run(systemScope, (em) => em.count(UserEntity, { account: someone.accountId }));
    expect(members).toBeGreaterThan(2);
    const seen = await database.run(scopeOf(someone, ...roles), counts);
    expect([...seen.users]).toEqual([users === 'those of the account' ? members : users]);
    expect([...seen.accounts]).toEqual([accounts]);
  });

  it('a manager without an account sees only themselves', async () => {
    const { id } = await person('accountmanager');
    const scope = rowScopeOf({ id, accountId: null, roles: new Set(['ACCOUNT_MANAGER']), permissions: new Set() });
    const seen = await database.run(scope, counts);
    expect([[...seen.users], [...seen.accounts]]).toEqual([[1], [0]]);
  });
});

describe('statements that viewers may not run', () => {
  const everyTable = entities.map((entity) => entity.meta.tableName);
  const viewers = databaseRoles.filter((role) => !['rolegate_auth', 'rolegate_system'].includes(role));

  it.each(viewers)('a statement as %s reads no credential', async (role) => {
    const read = database.run({ role, viewerId: null, accountId: null }, (em) => em.execute('table credentials'));
    await expect(read).rejects.toThrow(/permission denied/);
  });

  it('reads without a scope return no rows: not by raw SQL, nor by an entity manager without a scope', async () => {
    for (const table of everyTable) {
      const scope = { role: 'rolegate_nobody', viewerId: null, accountId: null } as unknown as RowScope;
      await expect(database.run(scope, (em) => em.execute(`table ${table}`))).rejects.toThrow(/permission denied/);
    }
  });
});
