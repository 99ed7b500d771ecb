import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { randomUUID } from 'node:crypto';
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayLiteral } from '../../../src/database/literals.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import {
  ActivateUserDocument,
  AddUserToAccountDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  CreateUserDocument,
  EndSessionsOfUserDocument,
  DeactivateUserDocument,
  RemoveUserDocument,
  RemoveUserFromAccountDocument,
  ResetSecondFactorDocument,
  RevokeRoleDocument,
  UpdateUserDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp, testClient } from '../../support/app.ts';
import {
  ACTORS,
  type Actor,
  ADMINS_ONLY,
  ASSIGNS,
  type Requirement,
  expected,
  expectedOfCreation,
  MADE,
  ROLES,
  type Target,
  WRITES,
} from './dominance-oracle.ts';

let app: TestApp;
let home: string;
let elsewhere: string;

/** Creates a user for each place, all at once. */
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
      `insert into totp_secrets (user_id, secret, created_at, confirmed_at)
       select id, 'A', now(), now() from unnest(?::uuid[]) as id`,
      [arrayLiteral(targets.map(({ id }) => id))],
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

async function outcomeOf<V extends object>(actor: Actor, document: TypedDocumentNode<object, V>, variables: V) {
  const viewer = await app.as(MADE[actor] ? actor.toLowerCase() : actor).viewer();
  const context = app.contextOf(viewer, testClient);
  try {
    const { errors } = await app.pipeline.run(
      { query: print(document), variables: { ...variables } as Record<string, unknown> },
      context,
    );
    return errors === undefined ? 'done' : errors[0]?.extensions?.['code'];
  } finally {
    await context.unit.close();
  }
}

/** Adds the roles, and for each a user of its name in the account of the demo's ACCOUNT_ADMIN. */
async function addMadeRoles(): Promise<void> {
  for (const [name, { inherits, permissions }] of Object.entries(MADE)) {
    await app
      .as('ADMIN')
      .query(CreateRoleDocument, { input: { name, inherits: [inherits], permissions: [...permissions] } })
      .data();
    const user = name.toLowerCase();
    const input = { username: user, email: `${user}@example.com`, displayName: 'Made', roles: [name], accountId: home };
    await app.as('ADMIN').query(CreateUserDocument, { input }).data();
  }
}

const places = ROLES.flatMap((role) => (['home', 'elsewhere'] as const).map((at) => ({ role, at })));

interface Mutation {
  readonly name: string;
  readonly requirement: Requirement;
  readonly run: (actor: Actor, target: Target) => Promise<unknown>;
}

const mutations: Mutation[] = [
  {
    name: 'updateUser',
    requirement: WRITES,
    run: (actor, { id }) => outcomeOf(actor, UpdateUserDocument, { id, input: { displayName: 'Changed' } }),
  },
  {
    name: 'deactivateUser',
    requirement: WRITES,
    run: (actor, { id }) => outcomeOf(actor, DeactivateUserDocument, { id }),
  },
  {
    name: 'activateUser',
    requirement: WRITES,
    run: (actor, { id }) => outcomeOf(actor, ActivateUserDocument, { id }),
  },
  {
    name: 'endSessionsOfUser',
    requirement: { role: 'ACCOUNT_ADMIN', permission: 'sessions:end' },
    run: (actor, { id }) => outcomeOf(actor, EndSessionsOfUserDocument, { userId: id }),
  },
  {
    name: 'resetSecondFactor',
    requirement: WRITES,
    run: (actor, { id }) => outcomeOf(actor, ResetSecondFactorDocument, { userId: id }),
  },
  {
    name: 'removeUser',
    requirement: { role: 'ADMIN', permission: 'users:write' },
    run: (actor, { id }) => outcomeOf(actor, RemoveUserDocument, { id }),
  },
  {
    name: 'revokeRole',
    requirement: ASSIGNS,
    run: (actor, { id, role }) => outcomeOf(actor, RevokeRoleDocument, { userId: id, role }),
  },
  {
    name: 'addUserToAccount',
    requirement: ADMINS_ONLY,
    run: (actor, { id, at }) =>
      outcomeOf(actor, AddUserToAccountDocument, { userId: id, accountId: at === 'home' ? home : elsewhere }),
  },
  {
    name: 'removeUserFromAccount',
    requirement: ADMINS_ONLY,
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
    await addMadeRoles();
  });
  afterAll(() => app.close());
  describe.each(mutations)('$name', ({ name, requirement, run }) => {
    it.each(ACTORS)(
      'the mutation follows dominance for %s, towards each role, in the same account and in another',
      async (actor) => {
        const outcomes: unknown[] = [];
        const wanted: unknown[] = [];
        for (const target of await makeTargets(chosen(actor, every))) {
          const { role, at } = target;
          outcomes.push(`${role} ${at}: ${String(await run(actor, target))}`);
          wanted.push(`${role} ${at}: ${expected(actor, requirement, target, name === 'revokeRole' ? [role] : [])}`);
        }
        expect(outcomes).toEqual(wanted);
      },
    );
  });

  describe('assignRole', () => {
    it.each(ACTORS)('the assignment follows dominance for %s, of each role to a guest', async (actor) => {
      const outcomes: unknown[] = [];
      const wanted: unknown[] = [];
      const picked = chosen(actor, every);
      const targets = await makeTargets(picked.map(({ at }) => ({ role: 'GUEST', at })));
      for (const [index, { role, at }] of picked.entries()) {
        const target = targets[index];
        const outcome = await outcomeOf(actor, AssignRoleDocument, { userId: target?.id ?? '', role });
        outcomes.push(`${role} ${at}: ${String(outcome)}`);
        wanted.push(`${role} ${at}: ${expected(actor, ASSIGNS, { role: 'GUEST', at }, [role])}`);
      }
      expect(outcomes).toEqual(wanted);
    });
  });

  describe('createUser', () => {
    it.each(ACTORS)(
      'the creation follows dominance for %s, with each role, in the same account and in another',
      async (actor) => {
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
          wanted.push(`${role} ${at}: ${expectedOfCreation(actor, role, at)}`);
        }
        expect(outcomes).toEqual(wanted);
      },
    );
  });
}
