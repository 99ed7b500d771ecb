import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { userId } from '../../support/rows.ts';
import { bearer, codesOf, type Headers, signIn } from '../../support/signed-in.ts';

let app: TestApp;
let admin: Headers;
beforeAll(async () => {
  app = await createTestApp();
  admin = (await signIn(app, 'superadmin')).headers;
});
afterAll(() => app.close());

const post = (query: string, headers: Headers = admin) => app.post({ query }, headers);
const done = async (query: string, headers?: Headers) => expect(codesOf(await post(query, headers))).toEqual([]);
const permissionsOf = async (headers: Headers): Promise<string> =>
  (await post('{ adminMessage { text } }', headers)).text;

const CREATE = 'mutation { createRole(input: { name: "auditor", permissions: ["read:admin-messages"] }) { name } }';

describe('a role that is created under the name of a deleted one', () => {
  it('the new role does not apply to API keys and sessions that had the deleted one', async () => {
    const guest = await userId(app, 'guest');
    await done(CREATE);
    await done(`mutation { assignRole(userId: "${guest}", role: "auditor") { id } }`);
    const session = await signIn(app, 'guest', { roles: ['auditor'] });
    const made = await post(
      'mutation { createApiKey(input: { name: "ci", roles: ["auditor", "GUEST"] }) { key } }',
      session.headers,
    );
    const key = bearer(/rg_key_[\w-]+/.exec(made.text)?.[0] ?? '');
    expect(await permissionsOf(key)).toContain('This is an admin message.');
    expect(await permissionsOf(session.headers)).toContain('This is an admin message.');

    await done(`mutation { revokeRole(userId: "${guest}", role: "auditor") { id } }`);
    await done('mutation { deleteRole(name: "auditor") { name } }');
    await done(CREATE);
    await done(`mutation { assignRole(userId: "${guest}", role: "auditor") { id } }`);

    expect(await permissionsOf(key)).not.toContain('This is an admin message.');
    expect(await permissionsOf(session.headers)).not.toContain('This is an admin message.');
    expect((await post('{ apiKeys { nodes { roles } } }', session.headers)).text).toContain('"roles":["GUEST"]');
    expect(await permissionsOf((await signIn(app, 'guest')).headers)).toContain('This is an admin message.');
  });
});

describe('the name of a new role', () => {
  it.each(['anonymous', 'Anonymous', 'ANONYMOUS', 'coordinate', 'requirements', 'kind'])(
    'a role cannot be named %s, which is a column beside roles where access is listed',
    async (name) => {
      const answer = await post(`mutation { createRole(input: { name: "${name}" }) { name } }`);
      expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
      expect(answer.text).toContain('anonymous, coordinate, kind, requirements');
    },
  );
});

describe('an unknown role', () => {
  it.each<[string, string]>([
    ['assignRole', 'mutation { assignRole(userId: "x", role: NIGHT_SHIFT) { id } }'],
    ['createRole', 'mutation { createRole(input: { name: "x1", inherits: [NIGHT_SHIFT] }) { name } }'],
    ['createApiKey', 'mutation { createApiKey(input: { name: "x", roles: [NIGHT_SHIFT] }) { key } }'],
    ['viewAs', 'mutation { viewAs(role: NIGHT_SHIFT) { accessToken } }'],
    ['excludeRoles', 'mutation { excludeRoles(a: GUEST, b: NIGHT_SHIFT, kind: STATIC) { a } }'],
    ['explainAccess', '{ explainAccess(operation: "{ viewer { id } }", roles: ["NIGHT_SHIFT"]) { allowed } }'],
    [
      'login',
      'mutation { login(login: "guest", password: "rolegate-demo-guest", roles: [NIGHT_SHIFT]) { expiresAt } }',
    ],
  ])('the error of %s lists the roles that may be used', async (_, query) => {
    const answer = await post(query.replace('"x", role', `"${await userId(app, 'guest')}", role`));
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.text).toMatch(/There is no such role: use one of [\w, ]*GUEST/);
    expect(answer.text).not.toContain('NIGHT_SHIFT');
  });
});
