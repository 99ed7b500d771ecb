import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CompleteLoginDocument,
  ConfirmTotpDocument,
  DisableTotpDocument,
  RenewRecoveryCodesDocument,
  SecondFactorDocument,
  StartTotpDocument,
} from '../../generated/graphql.ts';
import { throttleKey } from '../../../src/auth/passwords/throttle.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../../support/app.ts';
import { challengeIn, codeOf, enrol, type Enrolled } from '../../support/factors.ts';
import { change, look, userId } from '../../support/rows.ts';
import {
  ask,
  basic,
  codesOf,
  dataOf,
  type Headers,
  send,
  signIn,
  tryToSignIn,
  whoAmI,
  bearer,
} from '../../support/signed-in.ts';

let app: TestApp;
let headers: Headers;
let factor: Enrolled;

beforeAll(async () => {
  app = await createTestApp();
  ({ headers } = await signIn(app, 'developer'));
  factor = await enrol(app, headers);
});
beforeEach(() => app.clock.advance(16 * 60)); // Past the windows of the throttles, and to codes that are new.
afterAll(() => app.close());

const failures = () => look(app, `select 1 from audit_events where details->>'reason' = 'wrong code'`);
const login = async (): Promise<string> => challengeIn(await tryToSignIn(app, 'developer'));
const complete = (challenge: string, code: string): Promise<HttpAnswer> =>
  send(app, {}, CompleteLoginDocument, { challenge, code });

/** An answer without the parts that differ from one request to the next. */
const shapeOf = ({ status, body }: HttpAnswer): unknown => ({ status, body });

describe('a login in two steps', () => {
  it('the password alone opens no session', async () => {
    const answer = await tryToSignIn(app, 'developer', { cookie: true });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ login: null });
    expect(answer.body.errors?.[0]?.extensions).toEqual({
      code: 'SECOND_FACTOR_REQUIRED',
      challenge: expect.stringMatching(/^rg_challenge_[\w-]{43}$/),
      factors: ['TOTP', 'RECOVERY_CODE'],
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(JSON.stringify(app.logged)).not.toContain('rg_challenge_');
  });

  it.each([
    ['a code of now', 0],
    ['a code of the step before', -1],
    ['a code of the step after', 1],
  ])('%s completes the sign-in', async (_, steps) => {
    const answer = await complete(await login(), codeOf(app, factor.secret, steps));
    const { completeLogin } = dataOf(CompleteLoginDocument, answer);
    expect(await whoAmI(app, bearer(completeLogin?.accessToken ?? ''))).toBe('developer');
  });

  it('the second step keeps what the first asked for: roles, and a cookie', async () => {
    const first = await tryToSignIn(app, 'developer', { roles: ['GUEST'], cookie: true });
    const answer = await complete(challengeIn(first), codeOf(app, factor.secret));
    expect(dataOf(CompleteLoginDocument, answer).completeLogin?.refreshToken).toBeNull();
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
    const { body } = await app.post({ query: '{ viewer { effectiveRoles } }' }, { cookie });
    expect(body.data).toEqual({ viewer: { effectiveRoles: ['GUEST'] } });
  });

  it('a recovery code completes one sign-in, in any spelling', async () => {
    const [first = '', second = ''] = factor.codes;
    dataOf(CompleteLoginDocument, await complete(await login(), first));
    dataOf(CompleteLoginDocument, await complete(await login(), second.replaceAll('-', ' ').toUpperCase()));
    expect(codesOf(await complete(await login(), first))).toEqual(['UNAUTHENTICATED']);
    const subjects = app.mails.filter(({ to }) => to === 'developer@example.com').map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject === 'A recovery code was used')).toHaveLength(2);
    const id = await userId(app, 'developer');
    expect(await look(app, 'select count(*)::int as left from recovery_codes where user_id = ?', id)).toEqual([
      { left: 8 },
    ]);
  });

  it('every invalid second step gets the same answer', async () => {
    const code = codeOf(app, factor.secret);
    const used = await login();
    await complete(used, code);
    const expired = await login();
    app.clock.advance(5 * 60);
    const fresh = await login();
    const next = (): string => codeOf(app, factor.secret);
    const answers = await Promise.all(
      [
        [used, next()],
        [expired, next()],
        [fresh.slice(0, -1), next()],
        [fresh.replace('challenge', 'reset'), next()],
        [`${fresh.slice(0, -2)}__`, next()],
        [headers['authorization']?.slice(7) ?? '', next()],
        ['', next()],
        [fresh, '000000'],
        [fresh, codeOf(app, factor.secret, 2)],
        [fresh, codeOf(app, factor.secret, -2)],
        [fresh, ''],
        [fresh, '٣٣٣٣٣٣'],
        [fresh, 'x'.repeat(5_000)],
      ].map(([challenge = '', text = '']) => complete(challenge, text)),
    );
    expect(codesOf(answers[0] ?? { body: {} })).toEqual(['UNAUTHENTICATED']);
    expect(new Set(answers.map((answer) => JSON.stringify(shapeOf(answer)))).size).toBe(1);
    expect(codesOf(await complete(fresh, next()))).toEqual([]);
  });

  it('a code of one step is accepted once, also under concurrent requests', async () => {
    const challenges = await Promise.all([login(), login(), login(), login()]);
    const code = codeOf(app, factor.secret);
    const answers = await Promise.all(challenges.map((challenge) => complete(challenge, code)));
    expect(answers.filter((answer) => codesOf(answer).length === 0)).toHaveLength(1);
    const earlier = codeOf(app, factor.secret, -1);
    expect(codesOf(await complete(await login(), earlier))).toEqual(['UNAUTHENTICATED']);
  });

  it('a challenge opens one session, also under concurrent requests', async () => {
    const challenge = await login();
    const codes = [codeOf(app, factor.secret, -1), codeOf(app, factor.secret), factor.codes[2] ?? ''];
    const answers = await Promise.all(codes.map((code) => complete(challenge, code)));
    expect(answers.filter((answer) => codesOf(answer).length === 0)).toHaveLength(1);
  });

  it('codes are throttled by user, over all addresses and challenges', async () => {
    const codes: unknown[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      const answer = await complete(await login(), '000000');
      codes.push(...codesOf(answer));
    }
    expect(codes).toEqual([...Array<string>(10).fill('UNAUTHENTICATED'), 'RATE_LIMITED']);
    const right = await complete(await login(), codeOf(app, factor.secret));
    expect(right.status).toBe(429);
  });

  it('codes are throttled by user over a day, since one would be guessed within months', async () => {
    const id = await userId(app, 'developer');
    await change(
      app,
      `insert into throttles (key, attempts, ends_at) values (?, 50, ?)
       on conflict (key) do update set attempts = excluded.attempts, ends_at = excluded.ends_at`,
      throttleKey('second factor of a day', id),
      new Date(app.clock.now().getTime() + 3_600_000),
    );
    const right = await complete(await login(), codeOf(app, factor.secret));
    expect(right.status).toBe(429);
    app.clock.advance(3_600);
    expect(codesOf(await complete(await login(), codeOf(app, factor.secret)))).toEqual([]);
  });

  it('an invalid challenge costs the same: an attempt of the address, and an event', async () => {
    const before = (await failures()).length;
    const statements: number[] = [];
    for (const challenge of [await login(), 'rg_challenge_', '']) {
      app.statements.length = 0;
      await complete(challenge, '000000');
      statements.push(app.statements.filter((sql) => /login_challenges|throttles|totp_secrets/.test(sql)).length);
    }
    expect(statements).toEqual([3, 3, 3]);
    expect(await failures()).toHaveLength(before + 3);
  });

  it('an operation checks one code', async () => {
    const challenge = await login();
    const query = `mutation { a: completeLogin(challenge: "${challenge}", code: "000000") { accessToken }
      b: completeLogin(challenge: "${challenge}", code: "000001") { accessToken } }`;
    expect(codesOf(await app.post({ query }))).toContain('RATE_LIMITED');
  });

  it('Basic is refused to users with a second factor, since it shows a password only', async () => {
    expect(await whoAmI(app, basic('developer'))).toBe('401 UNAUTHENTICATED');
  });
});

describe('the set-up', () => {
  it('the factor counts after its first code; other sessions end, and the user is notified', async () => {
    const other = await signIn(app, 'sales');
    const { headers: own } = await signIn(app, 'sales');
    const { startTotp } = await ask(app, own, StartTotpDocument);
    expect(startTotp?.uri).toMatch(/^otpauth:\/\/totp\/.*sales.*secret=/);
    expect(codesOf(await send(app, own, ConfirmTotpDocument, { code: '000000' }))).toEqual(['UNAUTHENTICATED']);
    await signIn(app, 'sales');
    const { codes, secret } = await enrol(app, own);
    expect(new Set(codes).size).toBe(10);
    expect(await whoAmI(app, other.headers)).toBe('401 UNAUTHENTICATED');
    expect(await whoAmI(app, own)).toBe('sales');
    expect(codesOf(await send(app, own, StartTotpDocument))).toEqual(['CONFLICT']);
    expect(app.mails.at(-1)).toMatchObject({ to: 'sales@example.com', subject: 'A second factor was set up' });
    // The code of the set-up is of an earlier step, and does not sign in.
    const challenge = challengeIn(await tryToSignIn(app, 'sales'));
    expect(codesOf(await complete(challenge, codeOf(app, secret, -1)))).toEqual(['UNAUTHENTICATED']);
  });

  it('recovery codes are stored as hashes, and each change is recorded', async () => {
    const id = await userId(app, 'developer');
    const stored = await look(app, 'select * from recovery_codes where user_id = ?', id);
    expect(JSON.stringify(stored)).not.toContain(factor.codes.at(-1)?.replaceAll('-', ''));
    const events = await look(
      app,
      `select action from audit_events where target_id = ? and action like 'factor.%'`,
      id,
    );
    expect(events).toContainEqual({ action: 'factor.enabled' });
    expect(events).toContainEqual({ action: 'factor.recoveryCodeUsed' });
  });

  it('new recovery codes and removal of the factor need a code', async () => {
    const { headers: own } = await signIn(app, 'warehouse');
    const { secret, codes } = await enrol(app, own);
    for (const document of [RenewRecoveryCodesDocument, DisableTotpDocument]) {
      expect(codesOf(await send(app, own, document, { code: '000000' }))).toEqual(['UNAUTHENTICATED']);
    }
    const { renewRecoveryCodes } = await ask(app, own, RenewRecoveryCodesDocument, { code: codeOf(app, secret) });
    expect(codesOf(await send(app, own, DisableTotpDocument, { code: codes[0] ?? '' }))).toEqual(['UNAUTHENTICATED']);
    await ask(app, own, DisableTotpDocument, { code: renewRecoveryCodes?.codes[0] ?? '' });
    await signIn(app, 'warehouse');
    const { secondFactor } = await ask(app, own, SecondFactorDocument);
    expect(secondFactor).toEqual({ enabledAt: null, recoveryCodesLeft: 0 });
  });

  it.each([
    ['Basic', async () => basic('manager'), 'FORBIDDEN'],
    ['anonymous', async () => ({}), 'UNAUTHENTICATED'],
  ])('the set-up of a factor is refused to a request by %s', async (_, credential, code) => {
    const sent = await credential();
    expect(codesOf(await send(app, sent, StartTotpDocument))).toEqual([code]);
    expect(codesOf(await send(app, sent, ConfirmTotpDocument, { code: '1' }))).toEqual([code]);
    expect(codesOf(await send(app, sent, DisableTotpDocument, { code: '1' }))).toEqual([code]);
    expect(codesOf(await send(app, sent, RenewRecoveryCodesDocument, { code: '1' }))).toEqual([code]);
  });
});
