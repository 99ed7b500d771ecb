import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RegisterDocument, type RegisterInput } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { look } from '../../support/rows.ts';
import { codesOf, allowedQueries, send, signIn } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { OPEN_REGISTRATION: 'true' } });
});
afterAll(() => app.close());

const ada: RegisterInput = {
  username: 'ada',
  email: 'Ada@Example.org',
  displayName: 'Ada Byron',
  password: 'seven otters by the lake',
};
const register = (input: Partial<RegisterInput> = {}) =>
  send(app, {}, RegisterDocument, { input: { ...ada, ...input } });
const people = () => look<{ username: string }>(app, 'select username from users');

async function mailsOf(act: () => Promise<unknown>): Promise<string[]> {
  app.mails.length = 0;
  await act();
  await vi.waitFor(() => expect(app.mails.length).toBeGreaterThan(0));
  return app.mails.map(({ to, text }) => `${to}: ${text}`);
}

describe('register', () => {
  it('a registered user can sign in at once, as a STANDARD', async () => {
    const mails = await mailsOf(async () => expect((await register()).body.data).toEqual({ register: true }));
    expect(mails).toEqual([expect.stringMatching(/^Ada@Example\.org: Welcome/)]);
    const { headers } = await signIn(app, 'ada@example.org', { password: ada.password });
    expect(await allowedQueries(app, headers)).toEqual(['standard', 'me']);
  });

  it('a duplicate address gets the answer of a success, creates no user, and its owner is notified', async () => {
    const fresh = await register({ username: 'grace', email: 'grace@example.org', displayName: 'Grace' });
    const before = await people();
    const { computed } = app.hasher;
    const [mail] = await mailsOf(async () => {
      const taken = await register({ username: 'hopper', email: ' ADA@example.org'.trim(), displayName: 'Grace' });
      expect([taken.status, taken.text]).toEqual([fresh.status, fresh.text]);
    });
    expect(app.hasher.computed).toBe(computed + 1);
    expect(mail).toMatch(/^ADA@example\.org: Someone tried to register/);
    expect(await people()).toEqual(before);
  });

  it('an address gets at most three such mails a day', async () => {
    app.clock.advance(86_400);
    app.mails.length = 0;
    for (let n = 0; n < 6; n++) {
      await register({ username: `hopper${n}` });
    }
    await app.auth.close();
    expect(app.mails).toHaveLength(3);
  });

  it('a taken user name is refused, in any spelling that looks alike', async () => {
    for (const username of ['ada', 'ADA', ' ada ', 'ａｄａ']) {
      const answer = await register({ username, email: 'somebody@example.org' });
      expect(codesOf(answer)).toEqual(['CONFLICT']);
      expect(answer.body.errors?.[0]?.extensions).toMatchObject({ field: 'input.username' });
    }
  });

  it.each<[string, Partial<RegisterInput>, string]>([
    ['a short password', { password: 'short' }, 'input.password'],
    ['an overlong password', { password: 'p'.repeat(129) }, 'input.password'],
    ['a password made of the name', { password: 'byron ada byron ada' }, 'input.password'],
    ['a user name that is an address', { username: 'ada@example.org' }, 'input.username'],
    ['a user name of one letter', { username: 'a' }, 'input.username'],
    ['a user name with a space', { username: 'ada b' }, 'input.username'],
    ['an empty display name', { displayName: ' ' }, 'input.displayName'],
    ['a display name with a line break', { displayName: 'Ada\nByron' }, 'input.displayName'],
    ['an address of 5,000 characters', { email: `${'a'.repeat(4_985)}@example.org` }, 'input.email'],
  ])('registration refuses %s', async (_, input, field) => {
    const answer = await register({ username: 'new', email: 'new@example.org', ...input });
    expect([answer.status, codesOf(answer)]).toEqual([200, ['BAD_USER_INPUT']]);
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ field });
    expect(answer.text).not.toContain(input.password ?? 'no password');
  });

  it('concurrent registrations of one name create one user', async () => {
    app.clock.advance(3_600);
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => register({ username: 'racer', email: `racer${n}@example.org` })),
    );
    expect(answers.flatMap(codesOf)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT']);
  });

  it('registrations are throttled by address', async () => {
    app.clock.advance(3_600);
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) {
      statuses.push((await register({ username: `many${n}`, password: 'short' })).status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  });
});

describe('where registration is closed, as it is by default', () => {
  it('closed registration creates no user, and its answer does not reveal who exists', async () => {
    const closed = await createTestApp();
    const answers = await Promise.all(
      [ada, { ...ada, username: 'admin' }, { ...ada, email: 'admin@example.com' }].map((input) =>
        send(closed, {}, RegisterDocument, { input }),
      ),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.map(codesOf)).toEqual(answers.map(() => ['FORBIDDEN']));
    expect(closed.hasher.computed).toBe(0);
    await closed.close();
  });
});
