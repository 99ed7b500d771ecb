import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import type { Role } from '../../../src/generated/resolvers.ts';
import {
  ActivateUserDocument,
  AddUserToAccountDocument,
  AssignRoleDocument,
  CreateUserDocument,
  DeactivateUserDocument,
  RemoveUserDocument,
  RemoveUserFromAccountDocument,
  RevokeRoleDocument,
  UpdateUserDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

/** Written down from the design, and not from the code: what each role holds. */
const STANDARD: Role[] = ['STANDARD', 'GUEST'];
const SALES: Role[] = ['SALES', ...STANDARD];
const WAREHOUSE: Role[] = ['WAREHOUSE', ...SALES];
const MANAGER: Role[] = ['MANAGER', ...WAREHOUSE];
const DEVELOPER: Role[] = ['DEVELOPER', ...STANDARD];
const ACCOUNT_MANAGER: Role[] = ['ACCOUNT_MANAGER', ...STANDARD];
const ACCOUNT_ADMIN: Role[] = ['ACCOUNT_ADMIN', ...ACCOUNT_MANAGER];
const ADMIN: Role[] = ['ADMIN', ...MANAGER, ...DEVELOPER, ...ACCOUNT_ADMIN];
const HOLDS: Record<Role, Role[]> = {
  GUEST: ['GUEST'],
  STANDARD,
  SALES,
  WAREHOUSE,
  MANAGER,
  DEVELOPER,
  ACCOUNT_MANAGER,
  ACCOUNT_ADMIN,
  ADMIN,
  SUPER_ADMIN: ['SUPER_ADMIN', ...ADMIN],
};
const ROLES = Object.keys(HOLDS) as Role[];
const ACTORS = ['ANONYMOUS', ...ROLES] as const;
type Actor = (typeof ACTORS)[number];
type Outcome = 'done' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND';

let app: TestApp;
let home: string;
let elsewhere: string;

interface Target {
  readonly id: string;
  readonly role: Role;
  readonly at: 'home' | 'elsewhere';
}

/** Makes somebody for each place, all at once. */
async function makeTargets(places: readonly Omit<Target, 'id'>[]): Promise<Target[]> {
  const targets = places.map((place) => ({ ...place, id: randomUUID() }));
  const users = targets.map(({ id, at }) => [id, `t-${id}`, `${id}@example.com`, at === 'home' ? home : elsewhere]);
  await app.database.run(systemScope, async (em) => {
    await em.execute(
      `insert into users (id, username, email, email_key, display_name, active, account_id, created_at, updated_at, version)
       select id::uuid, name, email, email, 'Target', true, account::uuid, now(), now(), 1
       from (values ${users.map(() => '(?, ?, ?, ?)').join(', ')}) as made (id, name, email, account)`,
      users.flat(),
      'run',
    );
    await em.execute(
      `insert into role_assignments (user_id, role) values ${targets.map(() => '(?, ?)').join(', ')}`,
      targets.flatMap(({ id, role }) => [id, role]),
      'run',
    );
  });
  return targets;
}

/** The rules of design §3, naively. */
function expected(actor: Actor, door: Role, target: Target, given: readonly Role[] = []): Outcome {
  if (actor === 'ANONYMOUS') {
    return 'UNAUTHENTICATED';
  }
  const holds = HOLDS[actor];
  if (!holds.includes(door)) {
    return 'FORBIDDEN';
  }
  if (!holds.includes('ADMIN') && target.at !== 'home') {
    return 'NOT_FOUND';
  }
  const dominates = HOLDS[target.role].every((role) => holds.includes(role));
  const mayGive = given.every(
    (role) =>
      HOLDS[role].every((each) => holds.includes(each)) && (holds.includes('ADMIN') || ACCOUNT_MANAGER.includes(role)),
  );
  return dominates && mayGive ? 'done' : 'FORBIDDEN';
}

async function outcomeOf<V extends object>(actor: Actor, document: TypedDocumentNode<object, V>, variables: V) {
  const context = await app.as(actor).request(document, variables);
  const [error] = context.body.errors ?? [];
  return error === undefined ? 'done' : error.extensions?.['code'];
}

const places = ROLES.flatMap((role) => (['home', 'elsewhere'] as const).map((at) => ({ role, at })));

interface Mutation {
  readonly name: string;
  readonly door: Role;
  readonly run: (actor: Actor, target: Target) => Promise<unknown>;
}

const mutations: Mutation[] = [
  {
    name: 'updateUser',
    door: 'ACCOUNT_ADMIN',
    run: (actor, { id }) => outcomeOf(actor, UpdateUserDocument, { id, input: { displayName: 'Changed' } }),
  },
  {
    name: 'deactivateUser',
    door: 'ACCOUNT_ADMIN',
    run: (actor, { id }) => outcomeOf(actor, DeactivateUserDocument, { id }),
  },
  {
    name: 'activateUser',
    door: 'ACCOUNT_ADMIN',
    run: (actor, { id }) => outcomeOf(actor, ActivateUserDocument, { id }),
  },
  { name: 'removeUser', door: 'ADMIN', run: (actor, { id }) => outcomeOf(actor, RemoveUserDocument, { id }) },
  {
    name: 'revokeRole',
    door: 'ACCOUNT_ADMIN',
    run: (actor, { id, role }) => outcomeOf(actor, RevokeRoleDocument, { userId: id, role }),
  },
  {
    name: 'addUserToAccount',
    door: 'ADMIN',
    run: (actor, { id, at }) =>
      outcomeOf(actor, AddUserToAccountDocument, { userId: id, accountId: at === 'home' ? home : elsewhere }),
  },
  {
    name: 'removeUserFromAccount',
    door: 'ADMIN',
    run: (actor, { id, at }) =>
      outcomeOf(actor, RemoveUserFromAccountDocument, { userId: id, accountId: at === 'home' ? home : elsewhere }),
  },
];

/** Every so many places, others for each actor, so that all come up. */
function chosen(actor: Actor, every: number): typeof places {
  return places.filter((_, index) => (index + ACTORS.indexOf(actor)) % every === 0);
}

/**
 * Tries each administrative mutation by each actor on targets of each role, here and in another account.
 *
 * @param every how many of them: all for 1
 */
export function describeDominance({ every }: { readonly every: number }): void {
  beforeAll(async () => {
    app = await createTestApp();
    [home, elsewhere] = await app.database.run(systemScope, async (em) => {
      const [own] = await em.execute<{ id: string }[]>(
        `select account_id as id from users where username = 'accountadmin'`,
      );
      const [other] = await em.execute<{ id: string }[]>(`select id from accounts where id <> ? limit 1`, [own?.id]);
      return [own?.id ?? '', other?.id ?? ''];
    });
  });
  afterAll(() => app.close());
  describe.each(mutations)('$name', ({ name, door, run }) => {
    it.each(ACTORS)('by %s, of each role, in the same account and in another', async (actor) => {
      const outcomes: unknown[] = [];
      const wanted: unknown[] = [];
      for (const target of await makeTargets(chosen(actor, every))) {
        const { role, at } = target;
        outcomes.push(`${role} ${at}: ${String(await run(actor, target))}`);
        wanted.push(`${role} ${at}: ${expected(actor, door, target, name === 'revokeRole' ? [role] : [])}`);
      }
      expect(outcomes).toEqual(wanted);
    });
  });

  describe('assignRole', () => {
    it.each(ACTORS)('by %s, of each role to a guest', async (actor) => {
      const outcomes: unknown[] = [];
      const wanted: unknown[] = [];
      const picked = chosen(actor, every);
      const targets = await makeTargets(picked.map(({ at }) => ({ role: 'GUEST', at })));
      for (const [index, { role, at }] of picked.entries()) {
        const target = targets[index];
        const outcome = await outcomeOf(actor, AssignRoleDocument, { userId: target?.id ?? '', role });
        outcomes.push(`${role} ${at}: ${String(outcome)}`);
        wanted.push(`${role} ${at}: ${expected(actor, 'ACCOUNT_ADMIN', { id: '', role: 'GUEST', at }, [role])}`);
      }
      expect(outcomes).toEqual(wanted);
    });
  });

  describe('createUser', () => {
    it.each(ACTORS)('by %s, with each role, in the same account and in another', async (actor) => {
      const outcomes: unknown[] = [];
      const wanted: unknown[] = [];
      for (const { role, at } of chosen(actor, every)) {
        const name = `n-${randomUUID()}`;
        const input = {
          username: name,
          email: `${name}@example.com`,
          displayName: 'New',
          roles: [role],
          accountId: at === 'home' ? home : elsewhere,
        };
        outcomes.push(`${role} ${at}: ${String(await outcomeOf(actor, CreateUserDocument, { input }))}`);
        wanted.push(`${role} ${at}: ${expected(actor, 'ACCOUNT_ADMIN', { id: '', role: 'GUEST', at }, [role])}`);
      }
      expect(outcomes).toEqual(wanted);
    });
  });
}
