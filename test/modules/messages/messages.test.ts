import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagesDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { addPeople, people } from '../../support/people.ts';
import { change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
});
afterAll(() => app.close());

const publicMessage = { text: 'This is a public message.' };
const protectedMessage = { text: 'This is a protected message.' };
const adminMessage = { text: 'This is an admin message.' };

const denied = (path: string, code: string, message: string) => ({
  path: [path],
  message,
  extensions: { code, coordinate: `Query.${path}` },
});

/** Those whose roles hold every permission. */
const holders = ['ADMIN', 'SUPER_ADMIN'];

describe('messages', () => {
  it.each(holders)('%s reads all three', async (who) => {
    expect(await app.as(who).query(MessagesDocument).data()).toEqual({ publicMessage, protectedMessage, adminMessage });
  });

  it.each([...everyViewer.filter((who) => who !== 'ANONYMOUS' && !holders.includes(who)), ...people])(
    '%s reads the protected one, and is denied the permission of the other',
    async (who) => {
      const { data, errors } = await app.as(who).query(MessagesDocument).partial();
      expect(data).toEqual({ publicMessage, protectedMessage, adminMessage: null });
      expect(errors).toMatchObject([denied('adminMessage', 'FORBIDDEN', 'Permission denied')]);
    },
  );

  it('ANONYMOUS reads the public one', async () => {
    const { data, errors } = await app.as('ANONYMOUS').query(MessagesDocument).partial();
    expect(data).toEqual({ publicMessage, protectedMessage: null, adminMessage: null });
    expect(errors.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual([
      [['protectedMessage'], 'UNAUTHENTICATED'],
      [['adminMessage'], 'UNAUTHENTICATED'],
    ]);
  });

  it('a role that was added with the permission reads the admin one', async () => {
    await change(app, `insert into roles (name) values ('Herald')`);
    await change(app, `insert into role_permissions (role, permission) values ('Herald', 'read:admin-messages')`);
    await change(
      app,
      `insert into role_assignments (user_id, role) select id, 'Herald' from users where username = 'guest'`,
    );
    expect(await app.as('guest').query(MessagesDocument).data()).toEqual({
      publicMessage,
      protectedMessage,
      adminMessage,
    });
  });

  it('messages run no statement', async () => {
    await app.as('ADMIN').query(MessagesDocument).data();
    expect(app.statements).toEqual([]);
  });

  it.each(['ADMIN', 'SALES', 'ANONYMOUS'])('messages are the same over HTTP: %s', async (who) => {
    const { status, body } = await app.as(who).request(MessagesDocument);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ publicMessage });
    expect(body.errors?.length ?? 0).toBe({ ADMIN: 0, SALES: 1, ANONYMOUS: 2 }[who]);
  });
});
