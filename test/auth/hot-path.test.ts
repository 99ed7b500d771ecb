import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CreateApiKeyDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { somethingElseChanges } from '../support/rows.ts';
import { ask, basic, bearer, type Headers, signIn } from '../support/signed-in.ts';

let app: TestApp;
let credentials: Record<string, Headers>;
beforeAll(async () => {
  app = await createTestApp();
  const token = await signIn(app, 'developer');
  const cookie = await signIn(app, 'developer', { cookie: true });
  const { createApiKey } = await ask(app, token.headers, CreateApiKeyDocument, { input: { name: 'machine' } });
  credentials = {
    'an access token': token.headers,
    'a session cookie': cookie.headers,
    'an API key': bearer(createApiKey?.key ?? ''),
    Basic: basic('developer'),
    'a token and a cookie': { ...token.headers, ...cookie.headers },
  };
});
afterAll(() => app.close());

describe.each(['an access token', 'a session cookie', 'an API key', 'Basic'])('a request with %s', (name) => {
  const send = () => app.post({ query: '{ __typename }' }, credentials[name]);

  beforeEach(async () => {
    await send();
    await send(); // Basic: the first checks the password, the second asks who that is
    app.statements.length = 0;
  });

  it('a request runs no statement while no access has changed', async () => {
    for (let n = 0; n < 20; n++) {
      expect((await send()).status).toBe(200);
    }
    expect(app.statements).toEqual([]);
  });

  it('a request runs one statement after a change, and then none', async () => {
    await somethingElseChanges(app);
    app.statements.length = 0;
    await send();
    expect(app.statements).toHaveLength(1);
    await send();
    expect(app.statements).toHaveLength(1);
  });

  it('many requests at once share one statement', async () => {
    await somethingElseChanges(app);
    app.statements.length = 0;
    await Promise.all(Array.from({ length: 20 }, send));
    expect(app.statements).toHaveLength(1);
  });

  it('a request records its use once a minute, by that statement', async () => {
    app.clock.advance(name === 'Basic' ? 50 : 61);
    await send();
    await send();
    expect(app.statements.length).toBeLessThanOrEqual(1);
  });
});

describe('while the version cannot be followed', () => {
  it('a request reads the version alone, and cached access stays in use', async () => {
    const send = () => app.post({ query: '{ __typename }' }, credentials['an access token']);
    await send();
    vi.spyOn(app.auth.version, 'isFresh', 'get').mockReturnValueOnce(false);
    const refresh = vi.spyOn(app.auth.version, 'refresh');
    app.statements.length = 0;
    expect((await send()).status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(app.statements).toEqual([]);
  });
});
