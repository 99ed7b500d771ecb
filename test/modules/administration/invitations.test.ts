import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcceptInvitationDocument, InviteUserDocument } from '../../generated/graphql.ts';
import { userOf } from '../../support/accounts.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { badTokensLike, mailTo, tokenMailedDuring } from '../../support/mails.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { change, changeAccess, look, userId } from '../../support/rows.ts';
import { codesOf, send, tryToSignIn } from '../../support/signed-in.ts';

let app: TestApp;
let home: string;
let elsewhere: string;
beforeAll(async () => {
  app = await createTestApp();
  home = (await userOf(app, 'accountadmin')).account ?? '';
  const [other] = await look<{ id: string }>(app, 'select id from accounts where id <> ? limit 1', home);
  elsewhere = other?.id ?? '';
});
afterAll(() => app.close());

const password = 'seven otters by the lake';
let counter = 0;
const freshAddress = () => `invited${(counter += 1)}@example.org`;

interface Wish {
  readonly email?: string;
  readonly roles?: string[] | null;
  readonly accountId?: string | null;
}
const invite = (who: Who, wish: Wish = {}) =>
  app.as(who).request(InviteUserDocument, { email: freshAddress(), roles: null, accountId: null, ...wish });
const accept = (token: string, input: { readonly username?: string; readonly password?: string } = {}) =>
  send(app, {}, AcceptInvitationDocument, {
    input: { token, username: `invited.${(counter += 1)}`, displayName: 'Invited', password, ...input },
  });

async function invitedToken(who: Who, wish: Wish = {}): Promise<string> {
  const email = wish.email ?? freshAddress();
  return tokenMailedDuring(app, 'invite', email, async () => {
    expect(codesOf(await invite(who, { ...wish, email }))).toEqual([]);
  });
}

const assigned = (username: string, role: string) =>
  changeAccess(
    app,
    'update role_assignments set role = ? where user_id = (select id from users where username = ?)',
    role,
    username,
  );

const inviters: readonly Who[] = ['ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];

describe('inviteUser', () => {
  it.each(everyViewer.filter((who) => !inviters.includes(who)))('an invitation by %s is refused', async (who) => {
    const code = who === 'ANONYMOUS' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(codesOf(await invite(who))).toEqual([code]);
  });

  it.each(inviters)('an invitation by %s makes its reader a user with the roles and the account', async (who) => {
    const email = freshAddress();
    const token = await invitedToken(who, { email, roles: ['STANDARD'], accountId: home });
    expect((await accept(token, { username: `by.${who.toLowerCase()}` })).body.data).toEqual({
      acceptInvitation: true,
    });
    const rows = await look(
      app,
      `select email, account_id as account, active, array(select role from role_assignments where user_id = u.id) as roles
       from users u where username = ?`,
      `by.${who.toLowerCase()}`,
    );
    expect(rows).toEqual([{ email, account: home, active: true, roles: ['STANDARD'] }]);
    expect(codesOf(await tryToSignIn(app, email, { password }))).toEqual([]);
  });

  it.each<[string, Who, () => Wish, string]>([
    ['a role above one’s own', 'ADMIN', () => ({ roles: ['SUPER_ADMIN'] }), 'FORBIDDEN'],
    [
      'a role that an account’s administrator does not give',
      'ACCOUNT_ADMIN',
      () => ({ roles: ['ACCOUNT_ADMIN'] }),
      'FORBIDDEN',
    ],
    ['a role beside one’s own', 'ACCOUNT_ADMIN', () => ({ roles: ['SALES'] }), 'FORBIDDEN'],
    ['another account', 'ACCOUNT_ADMIN', () => ({ accountId: elsewhere }), 'NOT_FOUND'],
    ['an account that does not exist', 'ACCOUNT_ADMIN', () => ({ accountId: crypto.randomUUID() }), 'NOT_FOUND'],
    ['an account that does not exist', 'ADMIN', () => ({ accountId: crypto.randomUUID() }), 'NOT_FOUND'],
    ['an unknown role', 'ADMIN', () => ({ roles: ['PILOT'] }), 'BAD_USER_INPUT'],
  ])('an invitation cannot grant %s, by %s', async (_, who, wish, code) => {
    const before = await look(app, 'select 1 from invitations');
    expect(codesOf(await invite(who, wish()))).toEqual([code]);
    expect(await look(app, 'select 1 from invitations')).toHaveLength(before.length);
  });

  it('a taken address, in any case, gets the same answer, and its owner is notified', async () => {
    const free = await invite('ACCOUNT_ADMIN');
    const notice = await mailTo(app, 'Admin@Example.com', async () => {
      const taken = await invite('ACCOUNT_ADMIN', { email: 'Admin@Example.com' });
      expect([taken.status, taken.text]).toEqual([free.status, free.text]);
    });
    expect(notice).toMatch(/^Someone tried to register or invite this address/);
  });

  it('invitation and acceptance are recorded in the audit trail, without the address', async () => {
    const token = await invitedToken('ACCOUNT_ADMIN', { roles: ['STANDARD'] });
    await accept(token);
    const inviter = await userId(app, 'accountadmin');
    const rows = await look<{ action: string; actor: string; details: object }>(
      app,
      `select action, actor_id as actor, details from audit_events where action like 'user.%' order by id desc limit 2`,
    );
    expect(rows[1]).toEqual({ action: 'user.invited', actor: inviter, details: { roles: ['STANDARD'] } });
    expect(rows[0]).toMatchObject({
      action: 'user.created',
      details: { roles: ['STANDARD'], account: home, by: inviter },
    });
  });
});

describe('a token of an invitation', () => {
  it('a token is stored as a hash, works once, and every invalid token gets the same answer', async () => {
    const token = await invitedToken('ADMIN');
    expect(JSON.stringify(await look(app, 'select * from invitations'))).not.toContain(token.slice(10));
    const answers = [];
    for (const bad of badTokensLike(token)) {
      answers.push(await accept(bad));
    }
    expect(codesOf(await accept(token))).toEqual([]);
    answers.push(await accept(token));
    const told = new Set(answers.map(({ status, text }) => `${status} ${text}`));
    expect([...told]).toHaveLength(1);
    expect(answers.map(codesOf)).toEqual(answers.map(() => ['UNAUTHENTICATED']));
  });

  it('an operation sets one password, whatever its aliases', async () => {
    const tokens = [await invitedToken('ADMIN'), await invitedToken('ADMIN')];
    const { computed } = app.hasher;
    const fields = tokens.map((token, at) => {
      const input = `token: "${token}", username: "alias.${at}", displayName: "Alias", password: "${password}"`;
      return `a${at}: acceptInvitation(input: { ${input} })`;
    });
    expect(codesOf(await app.post({ query: `mutation { ${fields.join(' ')} }` }))).toEqual(['RATE_LIMITED']);
    expect(app.hasher.computed).toBe(computed + 1);
  });

  it('a token stays valid when the name is taken or the password too weak', async () => {
    const token = await invitedToken('ADMIN');
    expect(codesOf(await accept(token, { username: 'admin' }))).toEqual(['CONFLICT']);
    expect(codesOf(await accept(token, { password: 'short' }))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await accept(token))).toEqual([]);
  });

  it('concurrent requests with one token create one user', async () => {
    const token = await invitedToken('ADMIN');
    const answers = await Promise.all([1, 2, 3, 4].map(() => accept(token)));
    expect(answers.flatMap(codesOf)).toEqual(Array<string>(3).fill('UNAUTHENTICATED'));
  });

  it.each<[string, (email: string) => Promise<unknown>, () => Promise<unknown>]>([
    ['expired', async () => app.clock.advance(7 * 86_400), async () => undefined],
    ['replaced by a later one', (email) => invite('ACCOUNT_ADMIN', { email }), async () => undefined],
    [
      'for an address that a user has by now',
      (email) => change(app, `update users set email_key = ? where username = 'sales'`, email),
      () => change(app, `update users set email_key = 'sales@example.com' where username = 'sales'`),
    ],
    [
      'of an inviter who was deactivated',
      () => changeAccess(app, `update users set active = false where username = 'accountadmin'`),
      () => changeAccess(app, `update users set active = true where username = 'accountadmin'`),
    ],
    [
      'of an inviter who may not invite any more',
      () => assigned('accountadmin', 'STANDARD'),
      () => assigned('accountadmin', 'ACCOUNT_ADMIN'),
    ],
    [
      'of an inviter who has moved to another account',
      () => changeAccess(app, `update users set account_id = ? where username = 'accountadmin'`, elsewhere),
      () => changeAccess(app, `update users set account_id = ? where username = 'accountadmin'`, home),
    ],
  ])('a token is void: %s', async (_, make, undo) => {
    const email = freshAddress();
    const token = await invitedToken('ACCOUNT_ADMIN', { email, roles: ['STANDARD'] });
    await make(email);
    expect(codesOf(await accept(token))).toEqual(['UNAUTHENTICATED']);
    await undo();
  });
});
