import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { basic, codesOf, signIn, whoAmI } from '../../support/signed-in.ts';

// A server that is reached over https.
let secure: TestApp;
beforeAll(async () => {
  secure = await createTestApp({ environment: { PUBLIC_URL: 'https://api.example.com', BASIC_AUTH: 'false' } });
});
afterAll(() => secure.close());

const WHO = { query: '{ me { username } }' };

it('the cookie is tied to the host, and sent over https only', async () => {
  const { answer } = await signIn(secure, 'developer', { cookie: true });
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-rolegate_session=rg_session_[\w-]{43}; Path=\/; Expires=[^;]+ GMT; HttpOnly; Secure; SameSite=Strict$/,
  );
  expect(answer.body.data).toMatchObject({ login: { refreshToken: null } });
});

it('a cookie with the name of an http server is ignored', async () => {
  const { cookie } = await signIn(secure, 'developer', { cookie: true });
  const value = cookie?.split('=')[1];
  expect(await whoAmI(secure, { cookie: `__Host-rolegate_session=${value}` })).toBe('developer');
  expect(await whoAmI(secure, { cookie: `rolegate_session=${value}` })).toBe('200 UNAUTHENTICATED');
});

it('an http page of the same host is another origin', async () => {
  const { headers } = await signIn(secure, 'developer', { cookie: true });
  const host = 'api.example.com';
  expect(await whoAmI(secure, { ...headers, host, origin: 'https://api.example.com' })).toBe('developer');
  expect(await whoAmI(secure, { ...headers, host, origin: 'http://api.example.com' })).toBe('400 BAD_REQUEST');
});

it('Basic is an unknown scheme where it is off', async () => {
  const answer = await secure.post(WHO, basic('developer'));
  expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
  expect(answer.text).not.toContain('Basic');
});
