import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ViewAsMutationVariables, ViewAsDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { changeAccess, look, userId } from '../../support/rows.ts';
import { ask, bearer, type Headers, send, signIn } from '../../support/signed-in.ts';

let app: TestApp;
let admin: Headers;
beforeAll(async () => {
  app = await createTestApp();
  admin = (await signIn(app, 'admin')).headers;
});
afterAll(() => app.close());

const everything = '{ viewer { id viewedBy roles } me { username } users { totalCount } accounts { totalCount } }';

async function view(variables: ViewAsMutationVariables, headers = admin): Promise<Headers> {
  const { viewAs } = await ask(app, headers, ViewAsDocument, variables);
  return bearer(viewAs?.accessToken ?? '');
}

async function codesOf(variables: ViewAsMutationVariables, headers: Headers): Promise<unknown[]> {
  const { body } = await send(app, headers, ViewAsDocument, variables);
  return (body.errors ?? []).map(({ extensions }) => extensions?.['code']);
}

const post = (query: string, headers: Headers) => app.post({ query }, headers);

describe('viewAs', () => {
  it.each(['developer', 'guest', 'accountadmin', 'accountmanager', 'sales', 'warehouse'])(
    'viewAs gets the answers that %s would get',
    async (username) => {
      const own = await post(everything.replace(' viewedBy', ''), (await signIn(app, username)).headers);
      const seen = await post(everything.replace(' viewedBy', ''), await view({ userId: await userId(app, username) }));
      expect(seen.body).toEqual(own.body);
      const { body } = await post(everything, await view({ userId: await userId(app, username) }));
      expect(body.data?.['viewer']).toMatchObject({ viewedBy: await userId(app, 'admin') });
    },
  );

  it('viewAs gets the answers of a role alone, for the administrator themselves', async () => {
    const { body } = await post(everything, await view({ role: 'DEVELOPER' }));
    expect(body.data).toMatchObject({
      viewer: { roles: ['DEVELOPER'], id: await userId(app, 'admin') },
      me: { username: 'admin' },
      users: null,
      accounts: { totalCount: 1000 },
    });
  });

  it.each([
    ['updateMe', 'mutation { updateMe(input: { displayName: "X" }) { id } }'],
    ['logout', 'mutation { logout }'],
    ['createDocument', 'mutation { createDocument(input: { title: "T", content: "C" }) { id } }'],
    ['login', 'mutation { login(login: "guest", password: "rolegate-demo-guest") { accessToken } }'],
    ['viewAs', 'mutation { viewAs(role: GUEST) { accessToken } }'],
  ])('viewAs is read-only: %s is refused', async (field, mutation) => {
    const { body } = await post(mutation, await view({ userId: await userId(app, 'admin') }));
    expect(body.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN']);
    expect(body.data).toEqual({ [field]: null });
  });

  it.each([
    ['ANONYMOUS', 'UNAUTHENTICATED'],
    ['GUEST', 'FORBIDDEN'],
    ['DEVELOPER', 'FORBIDDEN'],
    ['ACCOUNT_ADMIN', 'FORBIDDEN'],
  ])('viewAs is denied to all but administrators: %s', async (who, code) => {
    const { body } = await app.as(who).request(ViewAsDocument, { role: 'GUEST' });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([{ code, coordinate: 'Mutation.viewAs' }]);
  });

  it('viewAs is refused for users and roles that hold more, that do not exist, and for both or neither', async () => {
    const superAdmin = await userId(app, 'superadmin');
    expect(await codesOf({ userId: superAdmin }, admin)).toEqual(['FORBIDDEN']);
    expect(await codesOf({ role: 'SUPER_ADMIN' }, admin)).toEqual(['FORBIDDEN']);
    expect(await codesOf({ role: 'NOTHING_SUCH' }, admin)).toEqual(['BAD_USER_INPUT']);
    expect(await codesOf({ userId: 'x' }, admin)).toEqual(['NOT_FOUND']);
    expect(await codesOf({ userId: '00000000-0000-4000-8000-000000000000' }, admin)).toEqual(['NOT_FOUND']);
    expect(await codesOf({}, admin)).toEqual(['BAD_USER_INPUT']);
    expect(await codesOf({ userId: superAdmin, role: 'GUEST' }, admin)).toEqual(['BAD_USER_INPUT']);
  });

  it('viewAs is recorded, and denials within it are counted for the administrator', async () => {
    const guest = await userId(app, 'guest');
    const headers = await view({ userId: guest });
    const [event] = await look(
      app,
      `select actor_id = (select id from users where username = 'admin') as ours, target_type, details
       from audit_events where action = 'view.started' and target_id = ? order by id desc limit 1`,
      guest,
    );
    expect(event).toMatchObject({ ours: true, target_type: 'user', details: { until: expect.any(String) } });
    await app.audit.denials.flush('all');
    await post('{ auditEvents { totalCount } }', headers);
    await app.audit.denials.flush('all');
    const denials = await look<{ username: string }>(
      app,
      `select username from audit_events join users on users.id = actor_id
       where action = 'access.denied' and target_id = 'Query.auditEvents'`,
    );
    expect(denials.map(({ username }) => username)).toContain('admin');
    expect(denials.map(({ username }) => username)).not.toContain('guest');
  });
});

const status = async (headers: Headers) => (await post('{ viewer { id } }', headers)).status;

describe('a view ends', () => {
  it('a view ends by itself after 15 minutes', async () => {
    const headers = await view({ role: 'GUEST' });
    const { iat = 0, exp = 0 } = decodeJwt(headers['authorization']?.slice(7) ?? '');
    expect(exp - iat).toBe(15 * 60);
    app.clock.advance(15 * 60 - 5);
    expect(await status(headers)).toBe(200);
    app.clock.advance(10);
    expect(await status(headers)).toBe(401);
    admin = (await signIn(app, 'admin')).headers;
  });

  it('a view ends with the session of the administrator', async () => {
    const session = await signIn(app, 'admin');
    const headers = await view({ role: 'GUEST' }, session.headers);
    expect(await status(headers)).toBe(200);
    await post('mutation { logout }', session.headers);
    expect(await status(headers)).toBe(401);
  });

  it('a view ends when the user is deactivated, or comes to hold more than the administrator', async () => {
    const sales = await userId(app, 'sales');
    const headers = await view({ userId: sales });
    await changeAccess(app, `insert into role_assignments values (?, 'SUPER_ADMIN')`, sales);
    expect(await status(headers)).toBe(401);
    await changeAccess(app, `delete from role_assignments where user_id = ? and role = 'SUPER_ADMIN'`, sales);
    expect(await status(headers)).toBe(200);
    await changeAccess(app, 'update users set active = false where id = ?', sales);
    expect(await status(headers)).toBe(401);
    expect(await codesOf({ userId: sales }, admin)).toEqual(['CONFLICT']);
  });

  it('a view ends when the administrator loses the role', async () => {
    const headers = await view({ role: 'GUEST' });
    const id = await userId(app, 'admin');
    await changeAccess(app, `update role_assignments set role = 'DEVELOPER' where user_id = ? and role = 'ADMIN'`, id);
    expect(await status(headers)).toBe(401);
    await changeAccess(app, `update role_assignments set role = 'ADMIN' where user_id = ? and role = 'DEVELOPER'`, id);
  });
});

describe('with SCHEMA_VISIBILITY=role', () => {
  it('the schema of a view is pruned as for the user', async () => {
    const pruned = await createTestApp({ environment: { SCHEMA_VISIBILITY: 'role' } });
    try {
      const { headers } = await signIn(pruned, 'admin');
      const { viewAs } = await ask(pruned, headers, ViewAsDocument, { role: 'SALES' });
      const answer = await pruned.post({ query: '{ users { totalCount } }' }, bearer(viewAs?.accessToken ?? ''));
      expect([answer.status, answer.body.errors?.[0]?.extensions?.['code']]).toEqual([
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ]);
    } finally {
      await pruned.close();
    }
  });
});
