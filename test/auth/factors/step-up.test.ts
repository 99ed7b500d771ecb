import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReauthenticateDocument, RefreshDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { codeOf, enrol } from '../../support/factors.ts';
import { look, userId } from '../../support/rows.ts';
import {
  ask,
  basic,
  bearer,
  codesOf,
  type Headers,
  passwordOf,
  send,
  signIn,
  type SignedIn,
} from '../../support/signed-in.ts';

let app: TestApp;
let admin: SignedIn;
let standard: string;

beforeAll(async () => {
  app = await createTestApp({ environment: { ACCESS_TOKEN_MINUTES: '1440' } });
  standard = await userId(app, 'standard');
});
beforeEach(async () => {
  admin = await signIn(app, 'admin');
});
afterAll(() => app.close());

const user = (): string => `userId: "${standard}"`;

/** Changes that need a recent sign-in, each of which fails for another reason after one. */
const CHANGES: readonly (readonly [name: string, operation: () => string])[] = [
  ['changePassword', () => 'changePassword(current: "wrong", next: "a password that is long")'],
  ['changeMyEmail', () => 'changeMyEmail(email: "admin@new.example")'],
  ['startTotp', () => 'startTotp { secret }'],
  ['confirmTotp', () => 'confirmTotp(code: "000000") { codes }'],
  ['disableTotp', () => 'disableTotp(code: "000000")'],
  ['renewRecoveryCodes', () => 'renewRecoveryCodes(code: "000000") { codes }'],
  ['resetSecondFactor', () => `resetSecondFactor(${user()})`],
  ['linkIdentity', () => 'linkIdentity(issuer: "none") { url }'],
  ['unlinkIdentity', () => 'unlinkIdentity(id: "none")'],
  ['createApiKey', () => 'createApiKey(input: { name: "key", roles: [SUPER_ADMIN] }) { key }'],
  ['revokeApiKey', () => 'revokeApiKey(id: "none") { id }'],
  ['createRole', () => 'createRole(input: { name: "ROLE", permissions: ["none:none"] }) { name }'],
  ['updateRole', () => 'updateRole(name: "ADMIN", input: { description: "x" }) { name }'],
  ['deleteRole', () => 'deleteRole(name: "ADMIN") { name }'],
  ['assignRole', () => `assignRole(${user()}, role: SUPER_ADMIN) { id }`],
  ['revokeRole', () => `revokeRole(${user()}, role: SUPER_ADMIN) { id }`],
  ['excludeRoles', () => 'excludeRoles(a: ADMIN, b: SALES, kind: STATIC) { a }'],
  ['allowRoles', () => 'allowRoles(a: "NONE", b: SALES, kind: STATIC) { a }'],
  [
    'createUser',
    () =>
      'createUser(input: { username: "made", email: "made@example.com", displayName: "M", roles: [SUPER_ADMIN] }) { id }',
  ],
  ['inviteUser', () => 'inviteUser(email: "new@example.com", roles: [SUPER_ADMIN])'],
];

const codesFor = async (headers: Headers, operation: string): Promise<unknown[]> =>
  codesOf(await app.post({ query: `mutation { ${operation} }` }, headers));

describe('a sign-in', () => {
  it.each(CHANGES)('a sign-in of ten minutes ago is enough for %s, and an older one is not', async (_, operation) => {
    app.clock.advance(10 * 60);
    expect(await codesFor(admin.headers, operation())).not.toContain('STEP_UP_REQUIRED');
    app.clock.advance(1);
    expect(await codesFor(admin.headers, operation())).toEqual(['STEP_UP_REQUIRED']);
  });

  it('other changes do not need a recent sign-in', async () => {
    app.clock.advance(3_600);
    expect(await codesFor(admin.headers, 'updateMe(input: { displayName: "Admin" }) { id }')).toEqual([]);
  });

  it('the time of the sign-in is a field of the viewer, and a refresh does not renew it', async () => {
    const at = app.clock.now().toISOString();
    app.clock.advance(601);
    const { refreshSession } = await ask(app, {}, RefreshDocument, { refreshToken: admin.refreshToken ?? '' });
    const headers = bearer(refreshSession?.accessToken ?? '');
    const { body } = await app.post({ query: '{ viewer { authenticatedAt secondFactorRequired } }' }, headers);
    expect(body.data).toEqual({ viewer: { authenticatedAt: at, secondFactorRequired: false } });
    expect(await codesFor(headers, 'startTotp { secret }')).toEqual(['STEP_UP_REQUIRED']);
  });

  it('Basic needs no recent sign-in, since it sends the password with each request', async () => {
    app.clock.advance(3_600);
    const codes = await codesFor(basic('admin'), `assignRole(${user()}, role: STANDARD) { id }`);
    expect(codes).toEqual([]);
  });
});

describe('reauthenticate', () => {
  it('reauthenticate renews the sign-in of this session only', async () => {
    const other = await signIn(app, 'admin', { cookie: true });
    app.clock.advance(601);
    await ask(app, admin.headers, ReauthenticateDocument, { password: passwordOf('admin') });
    expect(await codesFor(admin.headers, `assignRole(${user()}, role: STANDARD) { id }`)).toEqual([]);
    expect(await codesFor(other.headers, `assignRole(${user()}, role: STANDARD) { id }`)).toEqual(['STEP_UP_REQUIRED']);
    const events = await look(app, `select 1 from audit_events where action = 'session.reauthenticated'`);
    expect(events).toHaveLength(1);
  });

  it.each<[string, () => Promise<Headers>, string, string]>([
    ['a wrong password', async () => admin.headers, 'wrong', 'UNAUTHENTICATED'],
    ['an overlong password', async () => admin.headers, 'x'.repeat(1_000), 'UNAUTHENTICATED'],
    ['Basic', async () => basic('admin'), passwordOf('admin'), 'FORBIDDEN'],
    ['no credential', async () => ({}), passwordOf('admin'), 'UNAUTHENTICATED'],
  ])('reauthenticate refuses %s', async (_, headers, password, code) => {
    expect(codesOf(await send(app, await headers(), ReauthenticateDocument, { password }))).toEqual([code]);
  });

  it.each(['guest', 'standard', 'sales', 'warehouse', 'manager', 'accountmanager', 'accountadmin', 'superadmin'])(
    'reauthenticate works for %s',
    async (login) => {
      const { headers } = await signIn(app, login);
      expect(await ask(app, headers, ReauthenticateDocument, { password: passwordOf(login) })).toEqual({
        reauthenticate: true,
      });
    },
  );

  it('reauthenticate asks for the second factor of users who have one', async () => {
    const { headers } = await signIn(app, 'developer');
    const { secret, codes } = await enrol(app, headers);
    app.clock.advance(601);
    const password = passwordOf('developer');
    expect(codesOf(await send(app, headers, ReauthenticateDocument, { password }))).toEqual(['BAD_USER_INPUT']);
    for (const code of ['000000', codes[0]?.slice(1) ?? '']) {
      expect(codesOf(await send(app, headers, ReauthenticateDocument, { password, code }))).toEqual([
        'UNAUTHENTICATED',
      ]);
    }
    expect(await codesFor(headers, 'createApiKey(input: { name: "key" }) { key }')).toEqual(['STEP_UP_REQUIRED']);
    await ask(app, headers, ReauthenticateDocument, { password, code: codeOf(app, secret) });
    expect(await codesFor(headers, 'createApiKey(input: { name: "key" }) { key }')).toEqual([]);
  });
});
