import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CreateApiKeyDocument,
  EndSessionDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  SessionsDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { changeAccess, grantRole, look, revokeRole, userId } from '../../support/rows.ts';
import {
  ask,
  bearer,
  claimsIn,
  codesOf,
  type Headers,
  allowedQueries,
  send,
  signIn,
  tryToSignIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const ENDED = '401 UNAUTHENTICATED';
const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

async function sessionsOf(headers: Headers) {
  const { sessions } = await ask(app, headers, SessionsDocument);
  return sessions?.nodes?.map((session) => session) ?? [];
}

describe('roles that are activated at login', () => {
  it.each<[string, string[] | undefined, string[]]>([
    ['all, without a list', undefined, ['users', 'accounts', 'standard', 'me']],
    ['DEVELOPER', ['DEVELOPER'], ['accounts', 'standard', 'me']],
    ['STANDARD', ['STANDARD'], ['standard', 'me']],
    ['GUEST', ['GUEST'], ['me']],
    ['none', [], ['me']],
    ['DEVELOPER and SALES', ['DEVELOPER', 'SALES'], ['accounts', 'standard', 'me']],
    ['the same one many times', Array<string>(500).fill('DEVELOPER'), ['accounts', 'standard', 'me']],
  ])('an ADMIN who activates %s has their access, and no other', async (_, roles, allowed) => {
    const { headers } = await signIn(app, 'admin', roles === undefined ? {} : { roles });
    expect(await allowedQueries(app, headers)).toEqual(allowed);
    const inCookie = await signIn(app, 'admin', { cookie: true, ...(roles === undefined ? {} : { roles }) });
    expect(await allowedQueries(app, inCookie.headers)).toEqual(allowed);
  });

  it('the token names the activated roles', async () => {
    expect(claimsIn((await signIn(app, 'admin')).accessToken).roles).toEqual(['ADMIN']);
    expect(claimsIn((await signIn(app, 'admin', { roles: ['SALES', 'DEVELOPER'] })).accessToken).roles).toEqual([
      'SALES',
      'DEVELOPER',
    ]);
  });

  it.each<[string, string, string]>([
    ['that does not exist', 'ASTRONAUT', 'BAD_USER_INPUT'],
    ['of another case', 'developer', 'BAD_USER_INPUT'],
    ['that objects have', 'constructor', 'BAD_USER_INPUT'],
    ['that is not held', 'ADMIN', 'FORBIDDEN'],
    ['above the own', 'SUPER_ADMIN', 'FORBIDDEN'],
    ['beside the own', 'SALES', 'FORBIDDEN'],
  ])('a login with a role %s opens no session', async (_, role, code) => {
    const before = await look(app, 'select id from sessions');
    const answer = await tryToSignIn(app, 'developer', { roles: ['DEVELOPER', role] });
    expect([answer.status, codesOf(answer)]).toEqual([200, [code]]);
    expect(await look(app, 'select id from sessions')).toHaveLength(before.length);
  });

  it('a login with unknown roles checks the password first, and does not reveal which roles exist', async () => {
    const answer = await tryToSignIn(app, 'developer', { roles: ['ASTRONAUT'], password: 'a wrong password' });
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('effective roles', () => {
  it('a session of all roles gains and loses a role on its next request', async () => {
    const all = await signIn(app, 'sales');
    const cookie = await signIn(app, 'sales', { cookie: true });
    const subset = await signIn(app, 'sales', { roles: ['SALES'] });
    const allowed = () => Promise.all([all, cookie, subset].map(({ headers }) => allowedQueries(app, headers)));
    expect(await allowed()).toEqual([
      ['standard', 'me'],
      ['standard', 'me'],
      ['standard', 'me'],
    ]);
    await grantRole(app, 'sales', 'ADMIN');
    const everything = ['users', 'accounts', 'standard', 'me'];
    expect(await allowed()).toEqual([everything, everything, ['standard', 'me']]);
    await revokeRole(app, 'sales', 'ADMIN');
    expect(await allowed()).toEqual([
      ['standard', 'me'],
      ['standard', 'me'],
      ['standard', 'me'],
    ]);
  });

  it('an activated role that is revoked no longer counts, and counts again when it is assigned again', async () => {
    await grantRole(app, 'warehouse', 'DEVELOPER');
    const { headers } = await signIn(app, 'warehouse', { roles: ['DEVELOPER'] });
    expect(await allowedQueries(app, headers)).toContain('accounts');
    await revokeRole(app, 'warehouse', 'DEVELOPER');
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    await grantRole(app, 'warehouse', 'ADMIN');
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
    await revokeRole(app, 'warehouse', 'ADMIN');
  });

  it("an administrator's role counts by what it inherits at present", async () => {
    await changeAccess(
      app,
      `insert into roles (name, description, built_in, version) values ('AUDITOR', '', false, 1)`,
    );
    await grantRole(app, 'guest', 'AUDITOR');
    const { headers } = await signIn(app, 'guest', { roles: ['AUDITOR'] });
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    await changeAccess(app, `insert into role_inheritance (role, inherits) values ('AUDITOR', 'DEVELOPER')`);
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
    await changeAccess(app, `delete from role_inheritance where role = 'AUDITOR'`);
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    await revokeRole(app, 'guest', 'AUDITOR');
  });

  it('the roles in a token are informative: the database decides', async () => {
    await grantRole(app, 'guest', 'ADMIN');
    const { headers, accessToken } = await signIn(app, 'guest');
    await revokeRole(app, 'guest', 'ADMIN');
    expect(claimsIn(accessToken).roles).toContain('ADMIN');
    expect(await allowedQueries(app, headers)).toEqual(['me']);
  });

  it('a user with hundreds of roles can sign in', async () => {
    const id = await userId(app, 'guest');
    const name = `'ROLE_' || lpad(n::text, 55, '0')`;
    await changeAccess(
      app,
      `insert into roles (name, description, built_in, version)
      select ${name}, '', false, 1 from generate_series(1, 300) n`,
    );
    await changeAccess(
      app,
      `insert into role_assignments (user_id, role) select ?, ${name} from generate_series(1, 300) n`,
      id,
    );
    const { headers, refreshToken } = await signIn(app, 'guest');
    expect(await whoAmI(app, headers)).toBe('guest');
    expect(refreshToken).not.toBeNull();
    await changeAccess(app, `delete from role_assignments where role like 'ROLE_%'`);
  });
});

describe('a disabled user', () => {
  it('a disabled user loses every session at once, and can sign in again when enabled', async () => {
    const one = await signIn(app, 'manager');
    const two = await signIn(app, 'manager', { cookie: true });
    const id = await userId(app, 'manager');
    await changeAccess(app, 'update users set active = false where id = ?', id);
    expect(await whoAmI(app, one.headers)).toBe(ENDED);
    expect(await whoAmI(app, two.headers)).toBe(ENDED);
    expect(codesOf(await tryToSignIn(app, 'manager'))).toEqual(['UNAUTHENTICATED']);
    await changeAccess(app, 'update users set active = true where id = ?', id);
    expect(await whoAmI(app, one.headers)).toBe('manager');
  });
});

describe('the list of sessions', () => {
  it('the list shows device, address and times, and which session is the current one', async () => {
    const fox = { 'user-agent': 'Firefox on a Friday' };
    const { headers } = await signIn(app, 'accountadmin', { headers: fox });
    app.clock.advance(2 * MINUTE);
    const other = await signIn(app, 'accountadmin', {
      cookie: true,
      headers: { 'user-agent': `x${'🦊'.repeat(300)}` },
    });
    const sessions = await sessionsOf(headers);
    expect(sessions.filter((session) => session?.current)).toHaveLength(1);
    const current = sessions.find((session) => session?.current);
    expect(current).toMatchObject({ device: 'Firefox on a Friday', address: '127.0.0.1' });
    expect(current?.expiresAt).toBe(new Date(app.clock.now().getTime() + (30 * DAY - 2 * MINUTE) * 1000).toISOString());
    const seenFromThere = await sessionsOf(other.headers);
    expect(seenFromThere.find((session) => session?.current)?.id).not.toBe(current?.id);
    expect(seenFromThere.every((session) => session?.device.isWellFormed())).toBe(true);
  });

  it('the last use is recorded to the minute, and orders the list', async () => {
    const quiet = await signIn(app, 'accountmanager');
    const busy = await signIn(app, 'accountmanager');
    const used = async () => new Date(String((await sessionsOf(busy.headers)).find((s) => s?.current)?.lastUsedAt));
    const opened = await used();
    app.clock.advance(50);
    expect(await used()).toEqual(opened);
    app.clock.advance(11);
    expect(await used()).toEqual(app.clock.now());
    const sessions = await sessionsOf(busy.headers);
    expect(sessions.map((session) => session?.current)).toEqual([true, false]);
    expect(await whoAmI(app, quiet.headers)).toBe('accountmanager');
  });

  it('the list holds current sessions of the viewer alone', async () => {
    const { headers } = await signIn(app, 'developer');
    const gone = await signIn(app, 'developer');
    await ask(app, gone.headers, LogoutDocument);
    const { sessions } = await ask(app, headers, SessionsDocument);
    expect(sessions?.totalCount).toBe(1);
  });

  it('the list is refused to an anonymous viewer', async () => {
    expect(codesOf(await send(app, {}, SessionsDocument))).toEqual(['UNAUTHENTICATED']);
  });

  it('machines see the list, and none of the sessions is theirs', async () => {
    const { headers } = await signIn(app, 'standard');
    const { createApiKey } = await ask(app, headers, CreateApiKeyDocument, { input: { name: 'machine' } });
    const sessions = await sessionsOf(bearer(createApiKey?.key ?? ''));
    expect(sessions.map((session) => session?.current)).toEqual([false]);
  });
});

describe('logout', () => {
  it('logout ends the session of the request, and no other', async () => {
    const one = await signIn(app, 'admin');
    const two = await signIn(app, 'admin');
    expect(await ask(app, one.headers, LogoutDocument)).toEqual({ logout: true });
    expect(await whoAmI(app, one.headers)).toBe(ENDED);
    expect(await whoAmI(app, two.headers)).toBe('admin');
  });

  it('logout clears the cookie of a session that lives in one', async () => {
    const { headers } = await signIn(app, 'admin', { cookie: true });
    const answer = await send(app, headers, LogoutDocument);
    expect(answer.headers['set-cookie']).toBe('rolegate_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
    expect(await whoAmI(app, headers)).toBe(ENDED);
  });

  it('logout ends the access token that came with the cookie, too', async () => {
    const { headers, accessToken } = await signIn(app, 'admin', { cookie: true });
    expect(await whoAmI(app, bearer(accessToken))).toBe('admin');
    await ask(app, headers, LogoutDocument);
    expect(await whoAmI(app, bearer(accessToken))).toBe(ENDED);
  });

  it('logoutEverywhere ends all sessions of the viewer, and no other user’s', async () => {
    const mine = await Promise.all([1, 2, 3].map((n) => signIn(app, 'admin', { cookie: n === 2 })));
    const theirs = await signIn(app, 'superadmin');
    expect(await ask(app, mine[0]?.headers ?? {}, LogoutEverywhereDocument)).toEqual({ logoutEverywhere: true });
    const after = await Promise.all(mine.map(({ headers }) => whoAmI(app, headers)));
    expect(after).toEqual([ENDED, ENDED, ENDED]);
    expect(await whoAmI(app, theirs.headers)).toBe('superadmin');
  });

  it('logout is refused to an anonymous viewer', async () => {
    expect(codesOf(await send(app, {}, LogoutDocument))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await send(app, {}, LogoutEverywhereDocument))).toEqual(['UNAUTHENTICATED']);
  });

  it('a new login is a new session', async () => {
    const ids = [await signIn(app, 'admin'), await signIn(app, 'admin')].map(
      ({ accessToken }) => claimsIn(accessToken).sid,
    );
    expect(new Set(ids).size).toBe(2);
  });
});

describe('endSession', () => {
  it('endSession ends a session of the viewer', async () => {
    const here = await signIn(app, 'superadmin');
    const there = await signIn(app, 'superadmin');
    const id = (await sessionsOf(there.headers)).find((session) => session?.current)?.id ?? '';
    expect(await ask(app, here.headers, EndSessionDocument, { id })).toEqual({ endSession: true });
    expect(await whoAmI(app, there.headers)).toBe(ENDED);
    expect(await whoAmI(app, here.headers)).toBe('superadmin');
    expect(codesOf(await send(app, here.headers, EndSessionDocument, { id }))).toEqual(['NOT_FOUND']);
  });

  it('endSession gives one answer for another user’s session and for a text that is not an id', async () => {
    const theirs = await signIn(app, 'standard');
    const id = (await sessionsOf(theirs.headers)).find((session) => session?.current)?.id ?? '';
    const { headers } = await signIn(app, 'superadmin');
    const ids = [id, crypto.randomUUID(), '', 'x', `${id}' or true --`, '9'.repeat(5_000), id.toUpperCase()];
    const answers = await Promise.all(ids.map((other) => send(app, headers, EndSessionDocument, { id: other })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.map(codesOf)).toEqual(ids.map(() => ['NOT_FOUND']));
    expect(await whoAmI(app, theirs.headers)).toBe('standard');
  });
});
