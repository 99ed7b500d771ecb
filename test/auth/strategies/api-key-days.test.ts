import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiKeysDocument, CreateApiKeyDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { ask, bearer, codesOf, type Headers, send, signIn, whoAmI } from '../../support/signed-in.ts';

let app: TestApp;
let headers: Headers;
beforeAll(async () => {
  app = await createTestApp({ environment: { API_KEY_DAYS: '30' } });
  ({ headers } = await signIn(app, 'developer'));
});
afterAll(() => app.close());

const DAY = 86_400_000;
const inDays = (days: number) => new Date(app.clock.now().getTime() + days * DAY);

it.each([
  ['a second beyond the longest time', () => new Date(inDays(30).getTime() + 1_000), ['BAD_USER_INPUT']],
  ['the longest time', () => inDays(30), []],
  ['a day', () => inDays(1), []],
  ['none', () => null, []],
])('an API key that expires after %s is created or refused', async (_, expiresAt, codes) => {
  const answer = await send(app, headers, CreateApiKeyDocument, { input: { name: 'key', expiresAt: expiresAt() } });
  expect(codesOf(answer)).toEqual(codes);
});

it('a key without an expiry expires after the longest time, and shows its expiry and its last use', async () => {
  const { createApiKey } = await ask(app, headers, CreateApiKeyDocument, { input: { name: 'no expiry' } });
  const key = bearer(createApiKey?.key ?? '');
  expect(await whoAmI(app, key)).toBe('developer');
  const { apiKeys } = await ask(app, headers, ApiKeysDocument);
  const shown = apiKeys?.nodes?.find((node) => node?.name === 'no expiry');
  expect([shown?.expiresAt, shown?.lastUsedAt]).toEqual([inDays(30).toISOString(), app.clock.now().toISOString()]);
  app.clock.advance(30 * 86_400);
  expect(await whoAmI(app, key)).toBe('401 UNAUTHENTICATED');
});
