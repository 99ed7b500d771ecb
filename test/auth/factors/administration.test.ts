import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConfirmTotpDocument,
  DeletePasskeyDocument,
  ResetSecondFactorDocument,
  SecondFactorDocument,
  SignInByPasskeyDocument,
  StartPasskeySignInDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { addPasskey, challengeIn, codeOf, enrol } from '../../support/factors.ts';
import { look, userId } from '../../support/rows.ts';
import {
  allowedQueries,
  ask,
  basic,
  bearer,
  codesOf,
  send,
  signIn,
  tryToSignIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { MFA_REQUIRED_ROLES: 'ADMIN' } });
});
afterAll(() => app.close());

describe('a reset by an administrator', () => {
  it.each([
    ['guest', 'FORBIDDEN'],
    ['standard', 'FORBIDDEN'],
    ['sales', 'FORBIDDEN'],
    ['warehouse', 'FORBIDDEN'],
    ['manager', 'FORBIDDEN'],
    ['developer', 'FORBIDDEN'],
    ['accountmanager', 'FORBIDDEN'],
    ['accountadmin', 'NOT_FOUND'],
    ['admin', 'FORBIDDEN'],
    ['superadmin', 'FORBIDDEN'],
  ])('%s resets the factor of superadmin: %s', async (login, code) => {
    const { headers } = await signIn(app, login);
    if (login === 'admin' || login === 'superadmin') {
      await enrol(app, headers);
    }
    const answer = await send(app, headers, ResetSecondFactorDocument, { userId: await userId(app, 'superadmin') });
    expect(codesOf(answer)).toEqual([code]);
  });

  it('an administrator who dominates the user removes factor and sessions, with audit and mail', async () => {
    const { headers: user } = await signIn(app, 'standard');
    const { secret } = await enrol(app, user);
    const { headers } = await signIn(app, 'accountadmin');
    const id = await userId(app, 'standard');
    const challenge = challengeIn(await tryToSignIn(app, 'standard'));
    await ask(app, headers, ResetSecondFactorDocument, { userId: id });
    expect(await whoAmI(app, user)).toBe('401 UNAUTHENTICATED');
    const query =
      'mutation ($challenge: String!, $code: String!) { completeLogin(challenge: $challenge, code: $code) { expiresAt } }';
    const late = await app.post({ query, variables: { challenge, code: codeOf(app, secret) } });
    expect(codesOf(late)).toEqual(['UNAUTHENTICATED']);
    await signIn(app, 'standard');
    expect(app.mails.at(-1)?.subject).toBe('Your second factor was removed by an administrator');
    const [event] = await look(app, `select target_id from audit_events where action = 'factor.reset'`);
    expect(event).toEqual({ target_id: id });
    expect(codesOf(await send(app, headers, ResetSecondFactorDocument, { userId: id }))).toEqual(['NOT_FOUND']);
  });

  it('a reset removes passkeys as well, with what depends on them', async () => {
    const { headers: user } = await signIn(app, 'standard');
    await addPasskey(app, user);
    const { headers } = await signIn(app, 'accountadmin');
    const id = await userId(app, 'standard');
    await ask(app, headers, ResetSecondFactorDocument, { userId: id });
    expect(await whoAmI(app, user)).toBe('401 UNAUTHENTICATED');
    for (const table of ['passkeys', 'recovery_codes']) {
      expect(await look(app, `select 1 from ${table} where user_id = ?`, id)).toEqual([]);
    }
    await signIn(app, 'standard');
    expect(codesOf(await send(app, headers, ResetSecondFactorDocument, { userId: id }))).toEqual(['NOT_FOUND']);
  });

  it('removing a user removes their factors, without a reset', async () => {
    const { headers: user } = await signIn(app, 'guest');
    await addPasskey(app, user);
    const id = await userId(app, 'guest');
    await app.as('SUPER_ADMIN').query('mutation ($id: ID!) { removeUser(id: $id) { id } }', { id }).data();
    expect(await look(app, 'select 1 from passkeys where user_id = ?', id)).toEqual([]);
  });

  it('a reset needs a session', async () => {
    const answer = await send(app, basic('accountadmin'), ResetSecondFactorDocument, {
      userId: await userId(app, 'standard'),
    });
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
  });
});

describe('MFA_REQUIRED_ROLES', () => {
  const REMOVE = `delete from totp_secrets`;

  it('a holder of such a role without a second factor is a GUEST who can set one up', async () => {
    await app.database.run({ role: 'rolegate_system', viewerId: null, accountId: null }, (em) => em.execute(REMOVE));
    const { headers } = await signIn(app, 'admin');
    const stolen = await signIn(app, 'admin');
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    expect(await allowedQueries(app, basic('admin'))).toEqual(['me']);
    await enrol(app, headers);
    expect(await allowedQueries(app, headers)).toEqual(['users', 'accounts', 'standard', 'me']);
    expect(await whoAmI(app, stolen.headers)).toBe('401 UNAUTHENTICATED');
  });

  it('a passkey satisfies the requirement: at once in the session that adds it, and by a sign-in with it', async () => {
    await app.database.run({ role: 'rolegate_system', viewerId: null, accountId: null }, (em) => em.execute(REMOVE));
    const { headers } = await signIn(app, 'admin');
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    const { key, id } = await addPasskey(app, headers);
    const { startPasskeySignIn } = await ask(app, {}, StartPasskeySignInDocument);
    const response = key.get(startPasskeySignIn);
    const { signInByPasskey } = await ask(app, {}, SignInByPasskeyDocument, { response });
    for (const session of [headers, bearer(signInByPasskey?.accessToken ?? '')]) {
      expect(await allowedQueries(app, session)).toEqual(['users', 'accounts', 'standard', 'me']);
    }
    await ask(app, headers, DeletePasskeyDocument, { id });
    expect(await allowedQueries(app, headers)).toEqual(['me']);
  });

  it('holders of other roles need no second factor', async () => {
    const { headers } = await signIn(app, 'developer');
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
    const { secondFactor } = await ask(app, headers, SecondFactorDocument);
    expect(secondFactor?.enabledAt).toBeNull();
    expect(codesOf(await send(app, bearer('x'), ConfirmTotpDocument, { code: '1' }))).toEqual(['UNAUTHENTICATED']);
  });
});
