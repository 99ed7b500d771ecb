import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hashToken } from '../../../src/auth/tokens/opaque-token.ts';
import { createRefreshTokens } from '../../../src/auth/tokens/refresh-token.ts';
import { deriveKey } from '../../../src/lib/secrets.ts';
import {
  ChangePasswordDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  RefreshDocument,
  SessionsDocument,
} from '../../generated/graphql.ts';
import { createTestApp, TEST_SECRET, type TestApp } from '../../support/app.ts';
import { change, changeAccess, look, userId } from '../../support/rows.ts';
import {
  ask,
  bearer,
  claimsIn,
  codesOf,
  allowedQueries,
  passwordOf,
  send,
  signIn,
  type SignedIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => void (app = await createTestApp()));
afterAll(() => app.close());

const [MINUTE, DAY] = [60, 86_400];
const [ENDED, BAD] = ['401 UNAUTHENTICATED', [200, ['UNAUTHENTICATED']]];

async function refresh(refreshToken: string | null): Promise<{ accessToken: string; refreshToken: string }> {
  const { refreshSession } = await ask(app, {}, RefreshDocument, { refreshToken: refreshToken ?? '' });
  return { accessToken: refreshSession?.accessToken ?? '', refreshToken: refreshSession?.refreshToken ?? '' };
}

async function tryToRefresh(refreshToken: string | null): Promise<unknown> {
  const answer = await send(app, {}, RefreshDocument, { refreshToken: refreshToken ?? '' });
  return [answer.status, codesOf(answer)];
}

const isUp = async ({ accessToken }: { accessToken: string }): Promise<boolean> =>
  !(await whoAmI(app, bearer(accessToken))).startsWith('401');

describe('a refresh', () => {
  it('a refresh returns a new access token and the next refresh token; the session goes on', async () => {
    const first = await signIn(app, 'developer');
    const second = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(await whoAmI(app, bearer(second.accessToken))).toBe('developer');
    const third = await refresh(second.refreshToken);
    expect(await whoAmI(app, bearer(third.accessToken))).toBe('developer');
  });

  it('a refresh keeps the roles that were activated', async () => {
    const { refreshToken } = await signIn(app, 'admin', { roles: ['DEVELOPER'] });
    const { accessToken } = await refresh(refreshToken);
    expect(await allowedQueries(app, bearer(accessToken))).toEqual(['accounts', 'standard', 'me']);
  });

  it('only hashes of refresh tokens are stored', async () => {
    const { refreshToken, cookie } = await signIn(app, 'developer');
    const inCookie = await signIn(app, 'developer', { cookie: true });
    const { refreshToken: successor } = await refresh(refreshToken);
    const stored = JSON.stringify(await look(app, 'select * from sessions'));
    const secrets = [refreshToken, successor, inCookie.cookie?.split('=')[1]].map(String);
    expect(secrets.filter((secret) => stored.includes(secret) || stored.includes(secret.slice(11)))).toEqual([]);
    expect(cookie).toBeNull();
  });

  it('a refresh needs no access token, and works when that has expired', async () => {
    const { refreshToken, headers } = await signIn(app, 'developer');
    app.clock.advance(3 * DAY);
    expect(await whoAmI(app, headers)).toBe('401 UNAUTHENTICATED');
    expect(await isUp(await refresh(refreshToken))).toBe(true);
  });
});

describe('the previous refresh token', () => {
  it('the previous token gets the same successor again within ten seconds, which stays valid', async () => {
    const { refreshToken } = await signIn(app, 'developer');
    const first = await refresh(refreshToken);
    app.clock.advance(10);
    const again = await refresh(refreshToken);
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(await isUp(again)).toBe(true);
    expect(await isUp(await refresh(first.refreshToken))).toBe(true);
  });

  it('the previous token is also accepted within ten seconds around an outage of the database, and not later', async () => {
    const outage = vi.spyOn(app.auth.version, 'recentOutage', 'get').mockReturnValue(15_000);
    onTestFinished(() => outage.mockRestore());
    const { refreshToken } = await signIn(app, 'developer');
    const { refreshToken: successor } = await refresh(refreshToken);
    app.clock.advance(25);
    expect(await refresh(refreshToken)).toMatchObject({ refreshToken: successor });
    app.clock.advance(0.001);
    expect(await tryToRefresh(refreshToken)).toEqual(BAD);
  });

  it.each<[string, (first: SignedIn) => Promise<unknown>]>([
    ['after ten seconds', async ({ refreshToken }) => [await refresh(refreshToken), app.clock.advance(10.001)]],
    ['when its successor was used', async ({ refreshToken }) => refresh((await refresh(refreshToken)).refreshToken)],
  ])('the previous token %s ends the session, and that is logged', async (_, before) => {
    const opened = await signIn(app, 'developer');
    const other = await signIn(app, 'developer');
    await before(opened);
    expect(await tryToRefresh(opened.refreshToken)).toEqual(BAD);
    expect(await isUp(opened)).toBe(false);
    expect(await isUp(other)).toBe(true);
    const { sid } = claimsIn(opened.accessToken);
    const replays = app.logged.filter(({ session, level }) => session === sid && level === 40);
    expect(replays).toEqual([expect.objectContaining({ address: '127.0.0.1' })]);
    expect(JSON.stringify(app.logged)).not.toContain('rg_refresh_');
    expect(await look(app, 'select ended_because from sessions where id = ?', sid)).toEqual([
      { ended_because: 'replayed' },
    ]);
  });

  it('a replayed token makes the current one invalid', async () => {
    const { refreshToken } = await signIn(app, 'developer');
    const live = await refresh((await refresh(refreshToken)).refreshToken);
    expect(await tryToRefresh(refreshToken)).toEqual(BAD);
    expect(await tryToRefresh(live.refreshToken)).toEqual(BAD);
  });

  it('concurrent refreshes get one successor, and no user is logged out', async () => {
    const { refreshToken } = await signIn(app, 'developer');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect(await Promise.all(answers.map(isUp))).not.toContain(false);
    expect(await isUp(await refresh(answers[0]?.refreshToken ?? ''))).toBe(true);
  });
});

describe('a token that was never issued', () => {
  const tokens = createRefreshTokens([deriveKey(TEST_SECRET, 'refresh token')]);
  const strangers = createRefreshTokens([deriveKey('another secret of at least 32 bytes', 'refresh token')]);

  it.each<[string, (opened: SignedIn) => string]>([
    ['nothing', () => ''],
    ['a word', () => 'x'],
    ['the prefix', () => 'rg_refresh_'],
    ['a megabyte', () => `rg_refresh_${'A'.repeat(400_000)}`],
    ['one with a tail', ({ refreshToken }) => `${refreshToken}A`],
    ['one that is cut', ({ refreshToken }) => String(refreshToken).slice(0, -1)],
    [
      'one with a letter changed',
      ({ refreshToken }) => `${String(refreshToken).slice(0, -20)}A${String(refreshToken).slice(-19)}`,
    ],
    ['the access token', ({ accessToken }) => accessToken],
    ['one made by another key for this session', (opened) => strangers.first(claimsIn(opened.accessToken).sid)],
  ])('a token that was never issued is refused, and ends nothing: %s', async (_, forge) => {
    const opened = await signIn(app, 'developer');
    expect(await tryToRefresh(forge(opened))).toEqual(BAD);
    expect(await isUp(opened)).toBe(true);
    expect(await isUp(await refresh(opened.refreshToken))).toBe(true);
  });

  it('a token for a session that lives in a cookie is refused, and ends nothing', async () => {
    const opened = await signIn(app, 'developer', { cookie: true });
    expect(await tryToRefresh(tokens.first(claimsIn(opened.accessToken).sid))).toEqual(BAD);
    expect(await whoAmI(app, opened.headers)).toBe('developer');
  });

  it('a token for a session that does not exist is refused', async () => {
    expect(await tryToRefresh(tokens.first(crypto.randomUUID()))).toEqual(BAD);
  });
});

describe('what ends a session ends its refresh token', () => {
  it.each<[string, (opened: SignedIn) => Promise<unknown>]>([
    ['logout', ({ headers }) => ask(app, headers, LogoutDocument)],
    ['logout everywhere', ({ headers }) => ask(app, headers, LogoutEverywhereDocument)],
    ['seven days without use', async () => app.clock.advance(7 * DAY)],
    [
      'disabling the user',
      async () => changeAccess(app, 'update users set active = false where id = ?', await userId(app, 'warehouse')),
    ],
  ])('%s makes the refresh token invalid', async (_, end) => {
    const opened = await signIn(app, 'warehouse');
    await end(opened);
    expect(await tryToRefresh(opened.refreshToken)).toEqual(BAD);
    await changeAccess(app, 'update users set active = true where id = ?', await userId(app, 'warehouse'));
  });

  it('a password that is changed elsewhere makes the refresh token invalid', async () => {
    const opened = await signIn(app, 'sales');
    const { headers } = await signIn(app, 'sales');
    await ask(app, headers, ChangePasswordDocument, { current: passwordOf('sales'), next: 'seven otters by the lake' });
    expect(await tryToRefresh(opened.refreshToken)).toEqual(BAD);
  });
});

describe('absolute expiry', () => {
  it('the absolute expiry stays, however often the session is refreshed', async () => {
    let { refreshToken } = await signIn(app, 'developer');
    for (let day = 0; day < 29; day++) {
      app.clock.advance(DAY);
      ({ refreshToken } = await refresh(refreshToken));
    }
    app.clock.advance(DAY);
    expect(await tryToRefresh(refreshToken)).toEqual(BAD);
  });
});

describe('expiry of sessions', () => {
  it('an access token lives for 15 minutes, to the second', async () => {
    const { headers } = await signIn(app, 'developer');
    app.clock.advance(15 * MINUTE - 1);
    expect(await whoAmI(app, headers)).toBe('developer');
    app.clock.advance(1);
    expect(await whoAmI(app, headers)).toBe(ENDED);
  });

  it('a session that is not used for seven days ends, and stays ended', async () => {
    const { headers } = await signIn(app, 'developer', { cookie: true });
    app.clock.advance(7 * DAY - 1);
    expect(await whoAmI(app, headers)).toBe('developer');
    app.clock.advance(7 * DAY);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await whoAmI(app, headers)).toBe(ENDED);
    }
    const other = await signIn(app, 'developer', { cookie: true });
    const { sessions } = await ask(app, other.headers, SessionsDocument);
    expect(sessions?.nodes).toHaveLength(1);
    expect(await whoAmI(app, headers)).toBe(ENDED);
  });

  it('a session ends at the same time for a process that has never seen it', async () => {
    const { headers } = await signIn(app, 'developer', { cookie: true });
    app.clock.advance(7 * DAY);
    await changeAccess(app, 'select 1'); // nothing is remembered
    expect([await whoAmI(app, headers), await whoAmI(app, headers)]).toEqual([ENDED, ENDED]);
  });

  it('a session ends after thirty days, however much it is used', async () => {
    const { headers } = await signIn(app, 'developer', { cookie: true });
    for (let day = 0; day < 29; day++) {
      app.clock.advance(DAY);
      expect(await whoAmI(app, headers)).toBe('developer');
    }
    app.clock.advance(DAY - 1);
    expect(await whoAmI(app, headers)).toBe('developer');
    app.clock.advance(1);
    expect(await whoAmI(app, headers)).toBe(ENDED);
  });

  it('a clock that is set back revives no session that has ended', async () => {
    const { headers } = await signIn(app, 'developer', { cookie: true });
    await ask(app, headers, LogoutDocument);
    app.clock.advance(-DAY);
    expect(await whoAmI(app, headers)).toBe(ENDED);
    app.clock.advance(DAY);
  });
});

const refreshOn = (rotated: TestApp, refreshToken: string) => ask(rotated, {}, RefreshDocument, { refreshToken });

describe('a secret that is rotated', () => {
  const YOUNGER = 'a-younger-secret-for-the-tests-0a1b2c3d4e5f';
  const older = createRefreshTokens([deriveKey(TEST_SECRET, 'refresh token')]);

  /** A server whose first secret is the younger one, and a session that a replica without it has opened. */
  async function start() {
    const rotated = await createTestApp({ environment: { JWT_SECRET: `${YOUNGER},${TEST_SECRET}` } });
    const { accessToken } = await signIn(rotated, 'developer');
    const { sid } = claimsIn(accessToken);
    const refreshToken = older.first(sid);
    await change(rotated, 'update sessions set refresh_hash = ? where id = ?', hashToken(refreshToken), sid);
    return { rotated, sid, refreshToken };
  }

  it('sessions go on after a rotation of the secret, with tokens of the first secret', async () => {
    const { rotated, refreshToken } = await start();
    const { refreshSession } = await refreshOn(rotated, refreshToken);
    const younger = createRefreshTokens([deriveKey(YOUNGER, 'refresh token')]);
    expect(younger.read(refreshSession?.refreshToken ?? '')).not.toBeNull();
    await rotated.close();
  });

  it('a retry at a replica without the new key gets the token that the other replica issued, not a replay', async () => {
    const { rotated, sid, refreshToken } = await start();
    const handedOut = older.successorOf(refreshToken);
    await change(
      rotated,
      'update sessions set refresh_hash = ?, previous_hash = ?, rotated_at = ? where id = ?',
      hashToken(handedOut),
      hashToken(refreshToken),
      rotated.clock.now(),
      sid,
    );
    expect((await refreshOn(rotated, refreshToken)).refreshSession?.refreshToken).toBe(handedOut);
    expect((await refreshOn(rotated, handedOut)).refreshSession).not.toBeNull();
    await rotated.close();
  });
});
