import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProfileDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { expectOutcome, type Outcome } from '../../support/outcomes.ts';
import { change, look, userId } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const MISSING = '00000000-0000-4000-8000-000000000000';
const NO_UUIDS = ['', '0', 'x', `${MISSING}0`, MISSING.replaceAll('-', ''), `{${MISSING}}`, "' or true --", '١'];

const D = 'data';
const U = 'UNAUTHENTICATED';
const F = 'FORBIDDEN';
const N = 'NOT_FOUND';

/** Profiles: the viewer's own, one of the same account, of another account, of no account, and an id without a user. */
// oxfmt-ignore
const table: [Who, own: Outcome, colleague: Outcome, stranger: Outcome, unattached: Outcome, missing: Outcome][] = [
  ['ANONYMOUS',       U, U, U, U, U],
  ['GUEST',           D, F, F, F, F],
  ['STANDARD',        D, F, F, F, F],
  ['SALES',           D, F, F, F, F],
  ['WAREHOUSE',       D, F, F, F, F],
  ['MANAGER',         D, F, F, F, F],
  ['DEVELOPER',       D, F, F, F, F],
  ['ACCOUNT_MANAGER', D, D, N, N, N],
  ['ACCOUNT_ADMIN',   D, D, N, N, N],
  ['ADMIN',           D, D, D, D, N],
  ['SUPER_ADMIN',     D, D, D, D, N],
];

/** A new user: of the same account as the demo's account managers, of another, or of none. */
async function newcomer(whose: 'colleague' | 'stranger' | 'unattached'): Promise<string> {
  const id = crypto.randomUUID();
  const account = {
    colleague: `(select account_id from users where username = 'accountmanager')`,
    stranger: `(select id from accounts where id not in
                 (select account_id from users where username = 'accountmanager') limit 1)`,
    unattached: 'null',
  }[whose];
  await change(
    app,
    `insert into users (id, username, email, email_key, display_name, account_id, created_at, updated_at)
     values (?, ?, ?, ?, 'A newcomer', ${account}, now(), now())`,
    id,
    whose,
    `${whose}@example.com`,
    `${whose}@example.com`,
  );
  return id;
}

/** The viewer's id; another user's where the request is anonymous. */
async function ownId(who: Who): Promise<string> {
  return (await app.as(who).viewer()).id ?? (await userId(app, 'guest'));
}

describe('user returns the viewer, and users whom the viewer manages', () => {
  const ids = { own: '', colleague: '', stranger: '', unattached: '', missing: MISSING };

  beforeAll(async () => {
    ids.colleague = await newcomer('colleague');
    ids.stranger = await newcomer('stranger');
    ids.unattached = await newcomer('unattached');
    // All of them have the account of the account managers: membership alone allows nothing.
    await change(
      app,
      `update users set account_id = (select account_id from users where username = 'accountmanager')
       where email like '%@example.com' and username not in ('stranger', 'unattached')`,
    );
  });

  describe.each(table)('%s', (who, own, colleague, stranger, unattached, missing) => {
    const outcomes = { own, colleague, stranger, unattached, missing };

    it.each(Object.entries(outcomes))('the user who is "%s" is answered with %s', async (whose, outcome) => {
      const id = whose === 'own' ? await ownId(who) : ids[whose as keyof typeof ids];
      const isByDirective = outcome === 'UNAUTHENTICATED';
      const at = { path: 'user', ...(isByDirective ? { coordinate: 'Query.user' } : {}) };
      const data = await expectOutcome(app.as(who).query(ProfileDocument, { id }), outcome, at);
      expect(data).toMatchObject({ before: 'Query', after: 'Query' });
      expect(data?.user?.id).toBe(outcome === 'data' ? id : undefined);
    });

    it('every user whom the viewer may not see gets the answer of one that does not exist', async () => {
      const refused = Object.entries(outcomes).filter(([, outcome]) => outcome !== 'data');
      const strangers = refused.map(([whose]) => ids[whose as keyof typeof ids]);
      const answers = await Promise.all(
        [...strangers, ...NO_UUIDS, ids.missing].map((id) => app.as(who).request(ProfileDocument, { id })),
      );
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    });
  });
});

it('a manager without an account sees only themselves', async () => {
  const [manager] = await look<{ id: string }>(
    app,
    `select user_id as id from role_assignments where role = 'ACCOUNT_MANAGER' order by user_id limit 1`,
  );
  await change(app, `update users set account_id = null, username = 'adrift' where id = ?`, manager?.id);
  const adrift = app.as('adrift');
  await expectOutcome(adrift.query(ProfileDocument, { id: manager?.id ?? '' }), 'data', { path: 'user' });
  const other = await userId(app, 'admin');
  await expectOutcome(adrift.query(ProfileDocument, { id: other }), 'NOT_FOUND', { path: 'user' });
});
