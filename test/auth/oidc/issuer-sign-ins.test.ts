import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CompleteLoginDocument,
  IdentitiesDocument,
  LinkIdentityDocument,
  SignInIssuersDocument,
  StartReauthenticationDocument,
  StartSignInDocument,
  UnlinkIdentityDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { codeOf, enrol } from '../../support/factors.ts';
import { IssuerBrowser, PUBLIC_URL } from '../../support/issuer-browser.ts';
import { CLIENT, type LoginProvider, startLoginProvider } from '../../support/login-provider.ts';
import { changeAccess, look, userId } from '../../support/rows.ts';
import { ask, codesOf, send, signIn, whoAmI } from '../../support/signed-in.ts';

let provider: LoginProvider;
let app: TestApp;

beforeAll(async () => {
  provider = await startLoginProvider([`${PUBLIC_URL}/auth/callback/staff`]);
  const issuer = { issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret };
  app = await createTestApp({
    environment: { PUBLIC_URL, SIGN_IN_ISSUERS: JSON.stringify([{ ...issuer, id: 'staff', label: 'Staff' }]) },
  });
});
afterAll(async () => {
  await app.close();
  await provider.goDown();
});
beforeEach(() => {
  // The provider's times are those of this very moment.
  app.clock.advance((Date.now() - app.clock.now().getTime()) / 1_000);
  app.mails.length = 0;
});

const issuer = 'staff';

/** Links an identity to a demo user, in a session of their own. */
async function linked(login: string, sub: string): Promise<void> {
  provider.person = { sub };
  const { headers } = await signIn(app, login);
  expect(await new IssuerBrowser(app).run(LinkIdentityDocument, { issuer }, headers)).toMatchObject({ error: null });
}

/** Signs in by an identity. */
async function signedInBy(sub: string): Promise<IssuerBrowser> {
  provider.person = { sub };
  const browser = new IssuerBrowser(app);
  expect(await browser.run(StartSignInDocument, { issuer })).toMatchObject({ error: null, challenge: null });
  return browser;
}

const lastEvent = async (action: string) => {
  const [event] = await look<{ details: unknown; actor_id: string | null }>(
    app,
    'select details, actor_id from audit_events where action = ? order by id desc limit 1',
    action,
  );
  return event;
};

describe('a sign-in at an issuer', () => {
  it('the issuers for signing in are listed for every viewer', async () => {
    expect(await ask(app, {}, SignInIssuersDocument)).toEqual({
      signInIssuers: [{ id: 'staff', label: 'Staff', reauthenticates: true }],
    });
  });

  it('a sign-in at an issuer ends with a session cookie of the linked user, as a login by password does', async () => {
    await linked('sales', 'sales-there');
    const browser = new IssuerBrowser(app);
    const landing = await browser.run(StartSignInDocument, { issuer, returnTo: '/console/inventory?page=2' });
    expect(landing).toMatchObject({ path: '/console/inventory', error: null, challenge: null });
    expect(
      landing.cookies.map((header) =>
        header.replace(/session=[\w-]+;/, 'session=…;').replace(/Expires=[^;]+/, 'Expires=…'),
      ),
    ).toEqual([
      'rolegate_sign_in=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
      'rolegate_session=…; Path=/; Expires=…; HttpOnly; SameSite=Strict',
    ]);
    expect(await whoAmI(app, browser.headers)).toBe('sales');
    expect(await lastEvent('login.succeeded')).toEqual({
      actor_id: await userId(app, 'sales'),
      details: { credential: 'session cookie', roles: 'all', issuer },
    });
  });

  it('the issuer is asked for a code with PKCE, state and nonce, which differ in every browser', async () => {
    const url = new URL(await new IssuerBrowser(app).begin(StartSignInDocument, { issuer }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT.id,
      response_type: 'code',
      redirect_uri: `${PUBLIC_URL}/auth/callback/staff`,
      scope: 'openid profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const stored = JSON.stringify(await look(app, 'select * from issuer_sign_ins'));
    expect(url.searchParams.get('state')).not.toBeNull();
    expect(stored).not.toContain(url.searchParams.get('state'));
  });

  it('the cookie of a sign-in lasts ten minutes, and is sent when the issuer sends the browser back', async () => {
    const answer = await send(app, {}, StartSignInDocument, { issuer });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^rolegate_sign_in=rg_signin_[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('the requested roles are activated, as far as the user holds them', async () => {
    await linked('manager', 'manager-there');
    const browser = new IssuerBrowser(app);
    await browser.run(StartSignInDocument, { issuer, roles: ['GUEST'] });
    const { body } = await app.post({ query: '{ viewer { effectiveRoles } }' }, browser.headers);
    expect(body.data).toEqual({ viewer: { effectiveRoles: ['GUEST'] } });
    const other = await new IssuerBrowser(app).run(StartSignInDocument, { issuer, roles: ['ADMIN'] });
    expect(other).toMatchObject({ path: '/console', error: 'ROLES' });
  });

  it('the session holds what the database assigns, at any time', async () => {
    await linked('warehouse', 'warehouse-there');
    const browser = await signedInBy('warehouse-there');
    const roles = async () =>
      (await app.post({ query: '{ viewer { roles } }' }, browser.headers)).body.data as { viewer: { roles: string[] } };
    expect(await roles()).toEqual({ viewer: { roles: ['WAREHOUSE'] } });
    await changeAccess(app, 'delete from role_assignments where user_id = ?', await userId(app, 'warehouse'));
    expect(await roles()).toEqual({ viewer: { roles: [] } });
  });

  it.each([
    ['no user is linked to', 'a stranger', false, 'unknown identity'],
    ['is of a user who was deactivated', 'manager-there', true, 'disabled user'],
  ])('a sign-in fails for an identity that %s, and creates no user', async (_, sub, isDeactivated, reason) => {
    const users = await look(app, 'select count(*) from users');
    await changeAccess(app, `update users set active = ? where username = 'manager'`, !isDeactivated);
    provider.person = { sub };
    const landing = await new IssuerBrowser(app).run(StartSignInDocument, { issuer });
    expect(landing).toMatchObject({ path: '/console', error: 'NO_USER' });
    expect(landing.cookies).toHaveLength(1);
    expect((await lastEvent('login.failed'))?.details).toEqual({ reason });
    expect(await look(app, 'select count(*) from users')).toEqual(users);
  });

  it('a sign-in that the person declines fails, without repeating words of the issuer', async () => {
    provider.person = null;
    const browser = new IssuerBrowser(app);
    const back = await browser.follow(await browser.begin(StartSignInDocument, { issuer }));
    expect(await browser.comeBack(`${back}&error_description=click%20here`)).toMatchObject({ error: 'DENIED' });
  });

  it('a sign-in fails with a clear error while the issuer is unavailable, and works once it is back', async () => {
    provider.person = { sub: 'sales-there' };
    const browser = new IssuerBrowser(app);
    const back = await browser.follow(await browser.begin(StartSignInDocument, { issuer }));
    await provider.goDown();
    try {
      expect(await browser.comeBack(back)).toMatchObject({ error: 'ISSUER_UNAVAILABLE' });
    } finally {
      await provider.comeBack();
    }
    await signedInBy('sales-there');
  });
});

describe('the second factor', () => {
  it('a user with a second factor is asked for it after the issuer', async () => {
    await linked('developer', 'developer-there');
    const { headers } = await signIn(app, 'developer');
    const { secret } = await enrol(app, headers);
    provider.person = { sub: 'developer-there' };
    const browser = new IssuerBrowser(app);
    const { challenge, cookies } = await browser.run(StartSignInDocument, { issuer });
    expect(cookies).toHaveLength(1);
    const answer = await send(app, {}, CompleteLoginDocument, {
      challenge: challenge ?? '',
      code: codeOf(app, secret),
    });
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
    expect(await whoAmI(app, { cookie })).toBe('developer');
  });
});

describe('an identity', () => {
  it('an identity is linked in a recent session only, with a record and a notice', async () => {
    const { headers } = await signIn(app, 'guest');
    provider.person = { sub: 'guest-there' };
    const browser = new IssuerBrowser(app);
    const landing = await browser.run(LinkIdentityDocument, { issuer, returnTo: '/console/profile' }, headers);
    expect(landing).toMatchObject({ path: '/console/profile', error: null });
    expect(provider.asked().get('prompt')).toBe('login');
    expect(await lastEvent('identity.linked')).toEqual({ actor_id: await userId(app, 'guest'), details: { issuer } });
    expect(app.mails).toMatchObject([{ to: 'guest@example.com', subject: 'Another way to sign in was added' }]);
    const { identities } = await ask(app, headers, IdentitiesDocument);
    expect(identities).toMatchObject([{ issuer: { id: issuer }, issuerUrl: provider.issuer }]);
    app.clock.advance(601);
    expect(codesOf(await send(app, headers, LinkIdentityDocument, { issuer }))).toEqual(['STEP_UP_REQUIRED']);
  });

  it('an identity of another user is not linked', async () => {
    provider.person = { sub: 'guest-there' };
    const { headers } = await signIn(app, 'standard');
    expect(await new IssuerBrowser(app).run(LinkIdentityDocument, { issuer }, headers)).toMatchObject({
      error: 'TAKEN',
    });
    expect((await ask(app, headers, IdentitiesDocument)).identities).toEqual([]);
  });

  it('an identity is not linked once the session has ended', async () => {
    const { headers } = await signIn(app, 'standard');
    provider.person = { sub: 'standard-there' };
    const browser = new IssuerBrowser(app);
    const back = await browser.follow(await browser.begin(LinkIdentityDocument, { issuer }, headers));
    await app.post({ query: 'mutation { logout }' }, headers);
    expect(await browser.comeBack(back)).toMatchObject({ error: 'SESSION_ENDED' });
  });

  it('unlinking an identity ends the other sessions; the last credential stays', async () => {
    const { headers } = await signIn(app, 'guest');
    const browser = await signedInBy('guest-there');
    const [identity] = (await ask(app, headers, IdentitiesDocument)).identities ?? [];
    const id = identity?.id ?? '';
    const { headers: others } = await signIn(app, 'standard');
    expect(codesOf(await send(app, others, UnlinkIdentityDocument, { id }))).toEqual(['NOT_FOUND']);
    const credentials = await look<{ hash: string; version: number }>(
      app,
      'select password_hash as hash, version from credentials where user_id = ?',
      await userId(app, 'guest'),
    );
    await changeAccess(app, 'delete from credentials where user_id = ?', await userId(app, 'guest'));
    expect(codesOf(await send(app, headers, UnlinkIdentityDocument, { id }))).toEqual(['CONFLICT']);
    await changeAccess(
      app,
      'insert into credentials (user_id, password_hash, version, updated_at) values (?, ?, ?, now())',
      await userId(app, 'guest'),
      credentials[0]?.hash,
      credentials[0]?.version,
    );
    expect(await ask(app, headers, UnlinkIdentityDocument, { id })).toEqual({ unlinkIdentity: true });
    expect(await whoAmI(app, browser.headers)).toBe('401 UNAUTHENTICATED');
    expect(await whoAmI(app, headers)).toBe('guest');
    expect((await lastEvent('identity.unlinked'))?.details).toEqual({ issuer, sessions: expect.any(Number) });
    expect(app.mails.at(-1)).toMatchObject({ to: 'guest@example.com', subject: 'A way to sign in was removed' });
    provider.person = { sub: 'guest-there' };
    expect(await new IssuerBrowser(app).run(StartSignInDocument, { issuer })).toMatchObject({ error: 'NO_USER' });
  });
});

describe('a repeated sign-in at an issuer', () => {
  it('a repeated sign-in renews that of the session, for users without a password too', async () => {
    await linked('accountadmin', 'accountadmin-there');
    const browser = await signedInBy('accountadmin-there');
    app.clock.advance(601);
    expect(codesOf(await send(app, browser.headers, LinkIdentityDocument, { issuer }))).toEqual(['STEP_UP_REQUIRED']);
    app.clock.advance(-601);
    const landing = await browser.run(StartReauthenticationDocument, { issuer, returnTo: '/console/keys' });
    expect(landing).toMatchObject({ path: '/console/keys', error: null });
    expect([provider.asked().get('prompt'), provider.asked().get('max_age')]).toEqual(['login', '0']);
    expect((await lastEvent('session.reauthenticated'))?.details).toEqual({ issuer });
    const [session] = await look<{ recent: boolean }>(
      app,
      `select authenticated_at > ?::timestamptz - interval '10 seconds' as recent from sessions
       where user_id = ? and authenticated_at is not null order by authenticated_at desc limit 1`,
      app.clock.now(),
      await userId(app, 'accountadmin'),
    );
    expect(session).toEqual({ recent: true });
  });

  it('a repeated sign-in asks for the code of users who have a second factor', async () => {
    const { headers } = await signIn(app, 'accountmanager');
    const { secret } = await enrol(app, headers);
    const start = (code?: string) => send(app, headers, StartReauthenticationDocument, { issuer, code: code ?? null });
    expect(codesOf(await start())).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await start('000000'))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await start(codeOf(app, secret)))).toEqual([]);
  });
});
