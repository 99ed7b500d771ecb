import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFirstAdmin } from '../../src/auth/operator.ts';
import { createPasswordCheck } from '../../src/auth/passwords/policy.ts';
import { type Database, openServer } from '../../src/database/database.ts';
import {
  CreateApiKeyDocument,
  LogoutDocument,
  RevokeApiKeyDocument,
  SignInByPasskeyDocument,
  StartPasskeySignInDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';
import { createTestHasher } from '../support/environment.ts';
import { addPasskey } from '../support/factors.ts';
import { change, changeAccess, look, userId } from '../support/rows.ts';
import {
  ask,
  basic,
  bearer,
  allowedQueries,
  codesOf,
  passwordOf,
  send,
  signIn,
  tryToSignIn,
  whoAmI,
} from '../support/signed-in.ts';

let database: ServerDatabase;
let here: TestApp;
let there: TestApp;

const open = (): Promise<Database> =>
  openServer({ url: database.url, adminUrl: null, production: true, poolSize: 4 }, { progress: () => undefined });

beforeAll(async () => {
  database = await createServerDatabase();
  here = await createTestApp({
    openDatabase: (hooks) => openServer({ url: database.url, adminUrl: null, production: true, poolSize: 4 }, hooks),
  });
  there = await createTestApp({
    openDatabase: (hooks) => openServer({ url: database.url, adminUrl: null, production: true, poolSize: 4 }, hooks),
  });
});
afterAll(async () => {
  await here.close();
  await there.close();
  await database.drop();
});

/** Everything that takes a right away here, and what it leaves of a credential there. */
const revocations: readonly [
  string,
  (username: string) => Promise<{ revoke: () => Promise<unknown>; headers: Record<string, string> }>,
][] = [
  [
    'a logout',
    async (username) => {
      const { headers } = await signIn(here, username);
      return { headers, revoke: () => ask(here, headers, LogoutDocument) };
    },
  ],
  [
    'disabling the user',
    async (username) => {
      const { headers } = await signIn(here, username);
      const id = await userId(here, username);
      return { headers, revoke: () => changeAccess(here, 'update users set active = false where id = ?', id) };
    },
  ],
  [
    'disabling the user of Basic',
    async (username) => {
      const id = await userId(here, username);
      return {
        headers: basic(username),
        revoke: () => changeAccess(here, 'update users set active = false where id = ?', id),
      };
    },
  ],
  [
    'revoking an API key',
    async (username) => {
      const { headers } = await signIn(here, username);
      const { createApiKey } = await ask(here, headers, CreateApiKeyDocument, { input: { name: 'machine' } });
      const id = createApiKey?.apiKey?.id ?? '';
      return {
        headers: bearer(createApiKey?.key ?? ''),
        revoke: () => ask(here, headers, RevokeApiKeyDocument, { id }),
      };
    },
  ],
];

beforeEach(() => change(here, 'update users set active = true'));

describe('a right that is revoked on one replica', () => {
  it.each(revocations)('the other replica refuses within a second after %s', async (_, prepare) => {
    const { headers, revoke } = await prepare('developer');
    expect(await whoAmI(there, headers)).toBe('developer');
    await revoke();
    const since = performance.now();
    await vi.waitFor(async () => expect(await whoAmI(there, headers)).toBe('401 UNAUTHENTICATED'), {
      timeout: 3_000,
      interval: 5,
    });
    expect(performance.now() - since).toBeLessThan(1_000);
  });

  it('a granted or revoked role counts on the other replica within a second', async () => {
    const { headers } = await signIn(there, 'guest');
    const id = await userId(here, 'guest');
    expect(await allowedQueries(there, headers)).toEqual(['me']);
    await changeAccess(here, `insert into role_assignments (user_id, role) values (?, 'DEVELOPER')`, id);
    await vi.waitFor(async () => expect(await allowedQueries(there, headers)).toContain('accounts'), {
      timeout: 1_000,
    });
    await changeAccess(here, `delete from role_assignments where user_id = ? and role = 'DEVELOPER'`, id);
    await vi.waitFor(async () => expect(await allowedQueries(there, headers)).toEqual(['me']), { timeout: 1_000 });
  });
});

describe('a replica that cannot follow the version', () => {
  it.each(revocations)(
    'a replica that cannot follow the version reads access by a point query: %s',
    async (_, prepare) => {
      const blind = await createTestApp({ openDatabase: open });
      blind.auth.version.stop();
      const { headers, revoke } = await prepare('standard');
      expect(await whoAmI(blind, headers)).toBe('standard');
      await new Promise((resolve) => {
        setTimeout(resolve, 1_050);
      });
      expect(blind.auth.version.isFresh).toBe(false);
      await revoke();
      expect(await whoAmI(blind, headers)).toBe('401 UNAUTHENTICATED');
      await blind.close();
    },
  );
});

describe('throttles', () => {
  it('throttles are shared by all replicas', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      const guess = await tryToSignIn(n % 2 === 0 ? here : there, 'sales', { password: 'a wrong password' });
      statuses.push(guess.status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
  });

  it('throttles do not deadlock, however many requests count at once', async () => {
    const logins = Array.from({ length: 60 }, (_, n) =>
      tryToSignIn(n % 2 ? here : there, `unknown-${n % 3}`, { password: 'x' }),
    );
    expect(new Set((await Promise.all(logins)).map(({ status }) => status))).toEqual(new Set([200, 429]));
  });

  it('valid logins of one person on all replicas at once succeed', async () => {
    const logins = Array.from({ length: 50 }, (_, n) =>
      signIn(n % 2 ? here : there, 'warehouse', { password: passwordOf('warehouse') }),
    );
    expect(await Promise.all(logins)).toHaveLength(50);
  });
});

describe('the first administrator', () => {
  it('the first administrator is created once, however many replicas start at once', async () => {
    await change(here, `delete from role_assignments where role = 'SUPER_ADMIN'`);
    const environment = { FIRST_ADMIN_LOGIN: 'founder', FIRST_ADMIN_PASSWORD: 'correct horse battery staple lamp' };
    const apps = await Promise.all(Array.from({ length: 4 }, () => createTestApp({ environment, openDatabase: open })));
    const admins = await look<{ username: string }>(
      here,
      `select username from users join role_assignments on user_id = id where role = 'SUPER_ADMIN'`,
    );
    expect(admins).toEqual([{ username: 'founder' }]);
    const [app] = apps;
    expect(
      app &&
        (await whoAmI(app, (await signIn(app, 'founder', { password: environment.FIRST_ADMIN_PASSWORD })).headers)),
    ).toBe('founder');
    await Promise.all(apps.map((each) => each.close()));
  });

  it('one of several first administrators that are requested at once is created', async () => {
    await change(here, `delete from role_assignments where role = 'SUPER_ADMIN'`);
    const parts = { hasher: createTestHasher(), checkPassword: createPasswordCheck({ serviceName: 'Rolegate' }) };
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        createFirstAdmin(
          (n % 2 === 0 ? here : there).database.run,
          parts,
          { login: `candidate-${n}`, password: 'correct horse battery staple lamp' },
          new Date(),
        ),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await look(here, `select 1 from users where username like 'candidate-%'`)).toHaveLength(1);
  });
});

describe('a passkey', () => {
  it('a passkey signs in on any replica, and its challenge is used up on all', async () => {
    const { key } = await addPasskey(here, (await signIn(here, 'manager')).headers);
    const { startPasskeySignIn } = await ask(here, {}, StartPasskeySignInDocument);
    const response = key.get(startPasskeySignIn);
    const answers = await Promise.all(
      [there, here, there, here].map((app) => send(app, {}, SignInByPasskeyDocument, { response })),
    );
    const codes = answers.flatMap(codesOf);
    expect(codes).toEqual(Array<string>(3).fill('UNAUTHENTICATED'));
    const next = key.get((await ask(there, {}, StartPasskeySignInDocument)).startPasskeySignIn);
    expect(codesOf(await send(here, {}, SignInByPasskeyDocument, { response: next }))).toEqual([]);
  });
});
