import { describe, expect, it } from 'vitest';
import { startToyServer } from '../support/toy-server.ts';
import { HELLO, JSON_TYPE, post } from './toy-requests.ts';

describe('CORS', () => {
  const config = { corsOrigins: ['https://app.example'] };

  it('the listed origins are allowed, and no others', async () => {
    const server = await startToyServer({ config });
    for (const origin of [
      'https://app.example',
      'https://evil.example',
      'null',
      'https://app.example.evil',
      'http://app.example',
    ]) {
      const answer = await post(server, JSON.stringify({ query: HELLO }), { ...JSON_TYPE, origin });
      const allowed = origin === 'https://app.example' ? origin : undefined;
      expect(answer.headers['access-control-allow-origin']).toBe(allowed);
      expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    }
  });

  it('a program that sends no origin is told nothing about them, in what caches keep apart from the answers to pages', async () => {
    const server = await startToyServer({ config });
    const { headers } = await post(server, JSON.stringify({ query: HELLO }), JSON_TYPE);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.vary).toMatch(/\bOrigin\b/);
    const options = await server.http.inject({ method: 'OPTIONS', url: '/graphql' });
    expect([options.statusCode, options.headers['allow']]).toEqual([405, 'GET, POST']);
  });

  it('preflights are answered, and other origins get no permission', async () => {
    const server = await startToyServer({ config });
    const asks = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const preflight = (origin: string) =>
      server.http.inject({ method: 'OPTIONS', url: '/graphql', headers: { ...asks, origin } });
    expect((await preflight('https://app.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
    });
    const refused = await preflight('https://evil.example');
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    expect(refused.headers.vary).toMatch(/\bOrigin\b/);
  });

  const allowed = async (demo: boolean, origin: string) => {
    const server = await startToyServer({ config: { ...config, demo } });
    const headers = { 'access-control-request-method': 'POST', origin };
    const answer = await server.http.inject({ method: 'OPTIONS', url: '/graphql', headers });
    return answer.headers['access-control-allow-origin'];
  };

  it('pages on this machine are allowed where the demo runs, and only there', async () => {
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'http://[::1]:3000', 'https://localhost']) {
      expect([await allowed(true, origin), await allowed(false, origin)]).toEqual([origin, undefined]);
    }
    for (const origin of [
      'http://localhost.evil.example',
      'http://evil.example/localhost',
      'null',
      'http://localhost:5173x',
    ]) {
      expect(await allowed(true, origin)).toBeUndefined();
    }
  });

  it('responses vary by origin even when no origin is allowed', async () => {
    const server = await startToyServer({ config: { corsOrigins: [] } });
    const answer = await post(server, JSON.stringify({ query: HELLO }), {
      ...JSON_TYPE,
      origin: 'https://evil.example',
    });
    expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('listed pages of the internet may reach a private network', async () => {
    const server = await startToyServer({ config });
    const asks = { 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' };
    const answers = await Promise.all(
      ['https://app.example', 'https://evil.example'].map((origin) =>
        server.http.inject({ method: 'OPTIONS', url: '/graphql', headers: { ...asks, origin } }),
      ),
    );
    expect(answers.map(({ headers }) => headers['access-control-allow-private-network'])).toEqual(['true', undefined]);
  });

  it('listed pages can read errors of the HTTP layer, too', async () => {
    const server = await startToyServer({ config });
    const answer = await post(server, '{', { ...JSON_TYPE, origin: 'https://app.example' });
    expect(answer).toMatchObject({
      statusCode: 400,
      headers: { 'access-control-allow-origin': 'https://app.example' },
    });
  });
});
