import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUDIT_TARGET_TYPES } from '../../../src/database/events/actions.ts';
import { recordEvent } from '../../../src/database/events/record.ts';
import { rowScopeOf } from '../../../src/database/scopes.ts';
import {
  ChangePasswordDocument,
  CreateApiKeyDocument,
  EndSessionDocument,
  LogoutDocument,
  RevokeApiKeyDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { look, userId } from '../../support/rows.ts';
import { basic, claimsIn, send, signIn, tryToSignIn } from '../../support/signed-in.ts';
import { runEveryMutation } from './every-mutation.ts';

interface Event {
  readonly actor: string | null;
  readonly action: string;
  readonly type: string | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly details: Record<string, unknown>;
}

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { OPEN_REGISTRATION: 'true', BASIC_AUTH: 'true' } });
});
afterAll(() => app.close());

let seen = 0;

/** Returns the events since the last call. */
async function events(): Promise<Event[]> {
  const found = await look<Event>(
    app,
    `select actor_id as actor, action, target_type as type, target_id as target, address, details
     from audit_events order by id offset ?`,
    seen,
  );
  seen += found.length;
  return found;
}

describe('a login', () => {
  it('a successful login names the session, and the activated roles', async () => {
    await events();
    const { accessToken } = await signIn(app, 'developer', { roles: ['STANDARD'] });
    const { sub, sid } = claimsIn(accessToken);
    expect(await events()).toEqual([
      {
        actor: sub,
        action: 'login.succeeded',
        type: 'session',
        target: sid,
        address: '127.0.0.1',
        details: { credential: 'access token', roles: ['STANDARD'] },
      },
    ]);
  });

  it('a login by cookie is recorded as such, and Basic once while the password is cached', async () => {
    await signIn(app, 'sales', { cookie: true });
    await app.post({ query: '{ me { id } }' }, basic('manager'));
    await app.post({ query: '{ me { id } }' }, basic('manager'));
    const credentials = (await events()).map(({ action, details }) => [action, details['credential']]);
    expect(credentials).toEqual([
      ['login.succeeded', 'session cookie'],
      ['login.succeeded', 'Basic'],
    ]);
  });

  it.each([
    ['wrong password', 'guest', 'not the password of anybody'],
    ['unknown user', 'no-such-user', 'not the password of anybody'],
    ['overlong password', 'guest', 'x'.repeat(2_000)],
  ])(
    'a failed login (%s) names the user, if there is one, and never what was typed',
    async (reason, login, password) => {
      await tryToSignIn(app, login, { password });
      const target = reason === 'wrong password' ? await userId(app, login) : null;
      const expected = { actor: null, action: 'login.failed', target, details: { reason }, address: '127.0.0.1' };
      expect(await events()).toMatchObject([expected]);
    },
  );

  it('a login of a disabled user is distinguished in the trail, and only there', async () => {
    const id = await userId(app, 'warehouse');
    await look(app, 'update users set active = false where id = ? returning id', id);
    await tryToSignIn(app, 'warehouse');
    expect(await events()).toMatchObject([
      { action: 'login.failed', target: id, details: { reason: 'disabled user' } },
    ]);
    await look(app, 'update users set active = true where id = ? returning id', id);
  });
});

describe('an event and its change', () => {
  it('an event and its change are rolled back together', async () => {
    const id = await userId(app, 'admin');
    const scope = rowScopeOf({ id, accountId: null, roles: new Set(['ADMIN']), permissions: 'all' });
    const attempt = app.database.run(scope, async (em) => {
      await recordEvent(em, { actorId: id, address: null, now: app.clock.now() }, { action: 'role.created' });
      throw new RangeError('the change failed');
    });
    await expect(attempt).rejects.toThrow('the change failed');
    expect(await events()).toEqual([]);
  });

  it.each([
    ['a key that does not exist', RevokeApiKeyDocument, { id: crypto.randomUUID() }],
    ['a session that does not exist', EndSessionDocument, { id: crypto.randomUUID() }],
    ['a key with too much', CreateApiKeyDocument, { input: { name: 'x', roles: ['ADMIN'] } }],
    ['a wrong password', ChangePasswordDocument, { current: 'wrong', next: 'correct horse battery staple' }],
  ] as const)('a refused change leaves no event: %s', async (_, document, variables) => {
    const { headers } = await signIn(app, 'standard');
    await events();
    await app.post({ query: print(document), variables }, headers);
    expect(await events()).toEqual([]);
  });

  it('a change fails where the trail cannot be written', async () => {
    const { headers } = await signIn(app, 'standard');
    const before = await look<{ n: string }>(app, 'select count(*) as n from api_keys');
    await look(app, 'select 1');
    const attempt = app.database.run(rowScopeOf(await app.as('STANDARD').viewer()), (em) =>
      recordEvent(
        em,
        { actorId: crypto.randomUUID(), address: null, now: app.clock.now() },
        { action: 'role.created' },
      ),
    );
    await expect(attempt).rejects.toThrow(/row-level security/);
    expect(await look(app, 'select count(*) as n from api_keys')).toEqual(before);
    expect((await send(app, headers, LogoutDocument)).status).toBe(200);
    await events();
  });
});

describe('after every mutation', () => {
  const secrets: string[] = [];
  let recorded: Event[];

  beforeAll(async () => {
    await events();
    secrets.push(...(await runEveryMutation(app)));
    recorded = await events();
  });

  it('each mutation has an event', () => {
    const actions = new Set(recorded.map(({ action }) => action));
    const here = /^(login|session|password|apiKey|user|role|roles|account)\./;
    expect([...actions].toSorted()).toEqual(AUDIT_ACTIONS.filter((action) => here.test(action)).toSorted());
  });

  it('every target is of a known kind, and has an id', () => {
    const kinds = new Set<string | null>(AUDIT_TARGET_TYPES);
    expect(recorded.filter(({ type, target }) => (type === null) !== (target === null))).toEqual([]);
    expect(recorded.filter(({ type }) => type !== null && !kinds.has(type))).toEqual([]);
  });

  it('no row of the trail holds a secret, a token, a hash, a name or an address of a person', async () => {
    const rows = await look<object>(app, 'select e::text as row, details::text as details from audit_events e');
    const text = JSON.stringify(rows);
    expect(secrets.filter((secret) => secret.length > 2 && text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/@|rg_(session|key|reset|refresh|email|invite)_|\$argon2|eyJ/);
    const hashes = await look<{ hash: string }>(
      app,
      `select refresh_hash as hash from sessions where refresh_hash is not null
       union all select key_hash from api_keys union all select password_hash from credentials`,
    );
    expect(hashes.filter(({ hash }) => text.includes(hash))).toEqual([]);
  });

  it('no line of the log holds them either', () => {
    const text = JSON.stringify(app.logged);
    expect(secrets.filter((secret) => secret.length > 2 && text.includes(secret))).toEqual([]);
  });

  it('the trail is sealed and intact', async () => {
    await app.audit.sealer.seal();
    const [left] = await look<{ n: string }>(app, 'select count(*) as n from audit_events where seal is null');
    expect(Number(left?.n)).toBe(0);
  });
});

describe('line breaks and control characters', () => {
  const HOSTILE = 'x\r\n{"level":30,"msg":"signed in"}\u0000\u001b[2J\u2028\u0085';

  it('control characters that are sent are not in the trail, and in at most one line of the log', async () => {
    const before = app.logged.length;
    await tryToSignIn(app, HOSTILE, { password: HOSTILE });
    await tryToSignIn(app, 'guest', { password: 'wrong but long enough', headers: { 'user-agent': 'a\tb' } });
    await app.post({ query: HOSTILE, operationName: HOSTILE });
    await app.post({ query: '{ me { id } }' }, { 'x-request-id': '1\u001b[2J' });
    const lines = app.logged.slice(before);
    expect(lines.filter(({ msg }) => msg === 'signed in')).toEqual([]);
    const told = JSON.stringify([lines, await events()]);
    expect(told).not.toMatch(/\\u00[01]|\\[rn]|\p{Cc}|\p{Zl}|\p{Zp}/u);
  });
});
