import { randomUUID } from 'node:crypto';
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

/** Ids of rows that belong to another account than the demo's ACCOUNT_ADMIN, and of its people. */
interface Foreign {
  readonly user: string;
  readonly account: string;
  readonly session: string;
  readonly key: string;
}

let app: TestApp;
let foreign: Foreign;
beforeAll(async () => {
  app = await createTestApp();
  foreign = await app.database.run(systemScope, async (em) => {
    const [row] = await em.execute<{ user: string; account: string }[]>(
      `select u.id as "user", u.account_id as account from users u join role_assignments r on r.user_id = u.id
       where r.role = 'STANDARD' and u.account_id <> (select account_id from users where username = 'accountadmin')
       order by u.username limit 1`,
    );
    const { user = '', account = '' } = row ?? {};
    const [session, key] = [randomUUID(), randomUUID()];
    await em.execute(
      `insert into sessions (id, user_id, device, address, created_at, last_used_at, expires_at)
       values (?, ?, 'd', '127.0.0.1', now(), now(), now() + interval '1 year')`,
      [session, user],
      'run',
    );
    await em.execute(
      `insert into api_keys (id, user_id, name, key_hash, roles, permissions, created_at) values (?, ?, 'k', ?, '{}', '{}', now())`,
      [key, user, key],
      'run',
    );
    return { user, account, session, key };
  });
});
afterAll(() => app.close());

/** Data that belongs to no account: every viewer may know that it exists. */
const SHARED = /document|inventory/i;

/** Which of the foreign ids an argument of an operation takes. */
function kindOf(field: string, argument: string): keyof Foreign | null {
  if (argument === 'id' && /session/i.test(field)) {
    return 'session';
  }
  if (argument === 'id' && /apikey/i.test(field)) {
    return 'key';
  }
  if (argument === 'accountId' || (argument === 'id' && /account/i.test(field))) {
    return 'account';
  }
  return argument === 'userId' || (argument === 'id' && /user/i.test(field)) ? 'user' : null;
}

interface Operation {
  readonly text: string;
  readonly variables: (ids: Foreign) => Record<string, unknown>;
}

/** A value of the type that is valid by its shape; ids within inputs are foreign ones too. */
function sample(type: GraphQLInputType, field: string, name: string, ids: Foreign): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return [];
  }
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(
      (input) => isRequiredInputField(input) || kindOf(field, input.name) !== null || input.name === 'displayName',
    );
    return Object.fromEntries(fields.map((input) => [input.name, sample(input.type, field, input.name, ids)]));
  }
  if (isEnumType(nullable)) {
    return nullable.getValues()[0]?.name;
  }
  const kind = kindOf(field, name);
  if (kind !== null) {
    return ids[kind];
  }
  const byType: Record<string, unknown> = { EmailAddress: 'somebody.new@example.org', RoleName: 'STANDARD', Int: 1 };
  return byType[getNamedType(type).name] ?? `text-of-${name.toLowerCase()}`;
}

function takesId({ args }: GraphQLField<unknown, unknown>, field: string): boolean {
  return args.some((argument) => {
    const type = getNamedType(argument.type);
    const inputs = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    return kindOf(field, argument.name) !== null || inputs.some((name) => kindOf(field, name) !== null);
  });
}

function operationOf(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>): Operation {
  const args = field.args.filter((argument) => isRequiredArgument(argument) || kindOf(field.name, argument.name));
  const list = (write: (argument: GraphQLArgument) => string): string =>
    args.length === 0 ? '' : `(${args.map(write).join(', ')})`;
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return {
    text: `${kind} ${list(({ name, type }) => `$${name}: ${type.toString()}`)} {
      ${field.name}${list(({ name }) => `${name}: $${name}`)}${selection}
    }`,
    variables: (ids) => Object.fromEntries(args.map(({ name, type }) => [name, sample(type, field.name, name, ids)])),
  };
}

function operations(): [string, Operation][] {
  const roots = [
    ['query', app.schema.getQueryType()],
    ['mutation', app.schema.getMutationType()],
  ] as const;
  return roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {})
      .filter((field) => !SHARED.test(field.name) && takesId(field, field.name))
      .map((field): [string, Operation] => [field.name, operationOf(kind, field)]),
  );
}

describe('an id of another account is answered with the bytes of one that does not exist', () => {
  it.each(['GUEST', 'STANDARD', 'SALES', 'ACCOUNT_MANAGER', 'ACCOUNT_ADMIN'])(
    '%s gets the same answer from every operation',
    async (who) => {
      const all = operations();
      expect(all.map(([name]) => name)).toEqual(
        expect.arrayContaining([
          'user',
          'updateUser',
          'assignRole',
          'createUser',
          'endSession',
          'revokeApiKey',
          'account',
        ]),
      );
      const [missingUser, missingAccount, missingSession, missingKey] = Array.from({ length: 4 }, () => randomUUID());
      const missing: Foreign = {
        user: missingUser ?? '',
        account: missingAccount ?? '',
        session: missingSession ?? '',
        key: missingKey ?? '',
      };
      for (const [name, { text, variables }] of all) {
        const theirs = await app.as(who).request(text, variables(foreign));
        const nobodys = await app.as(who).request(text, variables(missing));
        expect([name, theirs.status, theirs.text]).toEqual([name, nobodys.status, nobodys.text]);
        const codes = theirs.body.errors?.map(({ extensions }) => extensions?.['code']) ?? [];
        expect([name, codes.filter((code) => code !== 'FORBIDDEN' && code !== 'NOT_FOUND')]).toEqual([name, []]);
        expect([name, codes.length]).not.toEqual([name, 0]);
      }
    },
  );

  it('the user, session and key of the other account stay as they are', async () => {
    const [left] = await app.database.run(systemScope, (em) =>
      em.execute<{ active: boolean; display: string; sessions: number; keys: number }[]>(
        `select active, display_name as display,
           (select count(*)::int from sessions where user_id = u.id and ended_at is null) as sessions,
           (select count(*)::int from api_keys where user_id = u.id and revoked_at is null) as keys
         from users u where id = ?`,
        [foreign.user],
      ),
    );
    expect(left).toMatchObject({ active: true, sessions: 1, keys: 1 });
    expect(left?.display).not.toContain('text-of');
  });
});

describe('requests of two accounts at once', () => {
  it('concurrent requests of two accounts never read each other’s rows', async () => {
    const [one, two] = await app.database.run(systemScope, (em) =>
      em.execute<{ username: string; account: string }[]>(
        `select u.username, u.account_id as account from users u join role_assignments r on r.user_id = u.id
         where r.role = 'ACCOUNT_MANAGER' and u.account_id is not null order by u.username limit 2`,
      ),
    );
    if (one === undefined || two === undefined) {
      throw new Error('The demo data lacks two account managers');
    }
    const ask = async ({ username, account }: { username: string; account: string }): Promise<boolean> => {
      const context = app.contextOf(await app.as(username).viewer(), {
        address: '127.0.0.1',
        device: 'test',
        setSessionCookie: () => undefined,
        setSignInCookie: () => undefined,
      });
      const seen = await Promise.all([
        context.unit.read((reader) => reader.execute<{ id: string }[]>('select distinct account_id as id from users')),
        context.unit.read((reader) => reader.execute<{ id: string }[]>('select id from accounts')),
      ]);
      await context.unit.close();
      return seen.flat().every(({ id }) => id === account);
    };
    const rounds = Array.from({ length: 50 }, () => Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two)));
    for (const round of rounds) {
      expect(await Promise.all(round.map(ask))).not.toContain(false);
    }
  });
});
