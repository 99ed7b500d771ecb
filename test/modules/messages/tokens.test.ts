import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CreateApiKeyDocument, MessagesDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts';
import { ask, bearer, type Headers, send, signIn } from '../../support/signed-in.ts';

const AUDIENCE = 'https://api.example.com';
const PERMISSION = 'read:admin-messages';

/** The claims of the provider's tokens. */
const claims: Record<string, unknown> = {};

let provider: OidcServer;
let app: TestApp;
beforeAll(async () => {
  provider = await startOidcServer(claims);
  app = await createTestApp({
    environment: { IDP_ISSUER: provider.issuer, IDP_AUDIENCE: AUDIENCE, IDP_ROLES: 'staff=ADMIN, all=STANDARD' },
  });
});
afterAll(async () => {
  await app.close();
  await provider.goDown();
});
beforeEach(() => {
  Object.keys(claims).forEach((name) => delete claims[name]);
});

/** A token of the provider with these claims. */
async function external(given: Record<string, unknown>): Promise<Headers> {
  Object.assign(claims, given);
  const token = await provider.token(AUDIENCE);
  app.clock.advance((Date.now() - app.clock.now().getTime()) / 1_000);
  return bearer(token);
}

async function own(login: string): Promise<Headers> {
  return (await signIn(app, login)).headers;
}

/** An API key of the administrator's, with these permissions and no role. */
async function key(permissions: string[]): Promise<Headers> {
  const input = { name: 'a machine', roles: ['STANDARD'], permissions };
  const { createApiKey } = await ask(app, await own('admin'), CreateApiKeyDocument, { input });
  return bearer(createApiKey?.key ?? '');
}

const all = {
  publicMessage: { text: 'This is a public message.' },
  protectedMessage: { text: 'This is a protected message.' },
  adminMessage: { text: 'This is an admin message.' },
};

describe('the admin message', () => {
  it.each<[string, () => Promise<Headers>]>([
    ['an external token with the permission', () => external({ permissions: [PERMISSION] })],
    ['one with others beside it', () => external({ permissions: ['read:things', PERMISSION], roles: ['all'] })],
    ['one whose role holds every permission', () => external({ roles: ['staff'] })],
    ['our token of an administrator', () => own('admin')],
    ['an API key with the permission', () => key([PERMISSION])],
  ])('every message is read with %s', async (_case, headers) => {
    const answer = await send(app, await headers(), MessagesDocument);
    expect([answer.status, answer.body]).toEqual([200, { data: all }]);
  });

  it.each<[string, () => Promise<Headers>]>([
    ['an external token without permissions', () => external({})],
    ['one without this one', () => external({ permissions: ['accounts:read', 'write:admin-messages'] })],
    ['one with the permission in another case', () => external({ permissions: [PERMISSION.toUpperCase()] })],
    ['one with the permission as a scope', () => external({ scope: PERMISSION })],
    ['one whose role is not enough', () => external({ roles: ['all'] })],
    ['our token of a developer', () => own('developer')],
    ['an API key without it', () => key(['accounts:read'])],
  ])('the admin message is refused to %s: "Permission denied"', async (_case, headers) => {
    const answer = await send(app, await headers(), MessagesDocument);
    expect([answer.status, answer.body.data]).toEqual([200, { ...all, adminMessage: null }]);
    expect(answer.body.errors).toMatchObject([
      { message: 'Permission denied', path: ['adminMessage'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('an expired token gets no message', async () => {
    const { authorization = '' } = await external({ permissions: [PERMISSION] });
    app.clock.advance(24 * 3_600);
    const answer = await send(app, { authorization }, MessagesDocument);
    expect([answer.status, answer.body.data]).toEqual([401, undefined]);
  });
});
