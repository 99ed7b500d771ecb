import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl';
import { ApolloServerPluginInlineTrace } from '@apollo/server/plugin/inlineTrace';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { HttpRefusal, RateLimited } from '../../src/lib/errors.ts';
import { startToyServer, type ToyOptions, type ToyServer } from '../support/toy-server.ts';
import { get, HELLO } from './toy-requests.ts';

const EXPIRED = { status: 401, code: 'UNAUTHENTICATED', message: 'Expired.' } as const;

type Plugin = ApolloServerPlugin<object>;

const start = (plugins: Plugin[], options: ToyOptions = {}): Promise<ToyServer> =>
  startToyServer({ ...options, server: { ...options.server, plugins } });

describe('a plugin', () => {
  it('a plugin is notified that the server starts, drains and stops, once each', async () => {
    const heard: unknown[] = [];
    const { http, schema } = await start([
      {
        serverWillStart: async ({ schema: served, logger, cache, apollo, startedInBackground }) => {
          heard.push('start', served === schema, typeof logger.info, typeof cache.get, apollo.key, startedInBackground);
          return {
            schemaDidLoadOrUpdate: (loaded) => heard.push(Object.keys(loaded), loaded.apiSchema === schema),
            drainServer: async () => void heard.push('drain'),
            serverWillStop: async () => void heard.push('stop'),
          };
        },
      },
    ]);
    await http.ready();
    expect(heard).toEqual(['start', true, 'function', 'function', undefined, false, ['apiSchema'], true]);
    heard.length = 0;
    await http.close();
    expect(heard).toEqual(['drain', 'stop']);
  });

  it('a plugin that fails to stop is logged, and the server closes', async () => {
    const { http, logged } = await start([
      {
        serverWillStart: async () => ({
          serverWillStop: async () => {
            throw new Error('It does not stop');
          },
        }),
      },
    ]);
    await http.ready();
    await http.close();
    expect(logged).toContainEqual(expect.objectContaining({ level: 50, msg: 'A plugin failed to stop' }));
  });

  it('a plugin that fails to start stops the start, and every plugin is notified', async () => {
    const told: unknown[] = [];
    const failure = new Error('It does not start');
    const { http } = await start([
      {
        serverWillStart: async () => {
          throw failure;
        },
      },
      { startupDidFail: async ({ error }) => void told.push(error) },
    ]);
    await expect(http.ready()).rejects.toThrow(failure);
    expect(told).toEqual([failure]);
  });

  it('a plugin is notified of each request that is not authenticated, with the error', async () => {
    const heard: unknown[] = [];
    const refusal = new HttpRefusal(EXPIRED);
    const { query, logged } = await start(
      [
        { contextCreationDidFail: async ({ error }) => void heard.push(error) },
        {
          contextCreationDidFail: async () => {
            throw new Error('The hook fails');
          },
        },
      ],
      {
        context: async () => {
          throw refusal;
        },
      },
    );
    for (let time = 1; time <= 3; time += 1) {
      expect((await query(HELLO)).status).toBe(401);
      expect(heard).toEqual(Array.from({ length: time }, () => refusal));
    }
    expect(logged.filter(({ level }) => level === 50)).toHaveLength(3);
  });

  it('a plugin writes to the log of the server, at each level', async () => {
    const { query, logged } = await start([
      {
        requestDidStart: async ({ logger }) => {
          logger.debug('A word');
          logger.info('Another');
          logger.warn({ attempt: 3 });
          logger.error(new Error('A problem'));
        },
      },
    ]);
    await query(HELLO);
    expect(logged).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ level: 20, msg: 'A word' }),
        expect.objectContaining({ level: 30, msg: 'Another' }),
        expect.objectContaining({ level: 40, attempt: 3 }),
        expect.objectContaining({ level: 50, fault: expect.objectContaining({ message: 'A problem' }) }),
      ]),
    );
  });

  it('plugins of Apollo Server work: cache hints, traces, and its landing page', async () => {
    const { http, query } = await start([
      ApolloServerPluginCacheControl({ defaultMaxAge: 60 }),
      ApolloServerPluginInlineTrace(),
      ApolloServerPluginLandingPageLocalDefault(),
    ]);
    expect((await query(HELLO)).headers['cache-control']).toBe('max-age=60, public');
    const traced = await query(HELLO, {}, { 'apollo-federation-include-trace': 'ftv1' });
    expect(traced.body.extensions).toEqual({ ftv1: expect.any(String) });
    const page = await http.inject({ url: '/graphql', headers: { accept: 'text/html' } });
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html']);
    expect(page.headers['content-security-policy']).toBe("frame-ancestors 'none'");
    expect(page.body).toContain('<title>Apollo Server</title>');
  });

  it('a plugin may ask for fields now and then, also of operations that have been executed before', async () => {
    let [requests, fields] = [0, 0];
    const { query } = await start([
      {
        requestDidStart: async () => ({
          executionDidStart: async () => {
            requests += 1;
            return requests % 3 === 0 ? { willResolveField: () => void (fields += 1) } : {};
          },
        }),
      },
    ]);
    const counts: number[] = [];
    for (let time = 0; time < 7; time += 1) {
      fields = 0;
      expect((await query('{ node { id name } }')).body).toEqual({ data: { node: { id: '1', name: 'one' } } });
      counts.push(fields);
    }
    expect(counts).toEqual([0, 0, 3, 0, 0, 3, 0]);
  });

  it.each([
    ['who is anonymous', async () => ({})],
    ['whose session has ended', () => Promise.reject(new HttpRefusal(EXPIRED))],
  ])('without a landing page of a plugin the visitor sees that of the server: %s', async (_, context) => {
    const server = await start([{}], { context });
    for (let time = 0; time < 2; time += 1) {
      const { statusCode, headers } = await get(server, '/graphql', { accept: 'text/html' });
      expect([statusCode, headers.location]).toEqual([303, '/']);
    }
  });
});

const refusing = (error: unknown): Plugin => ({
  requestDidStart: async () => ({
    didResolveOperation: async () => {
      throw error;
    },
  }),
});

describe('a refusal of a plugin', () => {
  it.each(['QUOTA_EXCEEDED', 'FORBIDDEN', 'SERVICE_UNAVAILABLE'])(
    'a refusal of a plugin keeps its code and message: %s',
    async (code) => {
      const http = { status: 402, headers: new HeaderMap([['x-quota', '0']]) };
      const extensions: Record<string, unknown> = { code, quota: { left: 0 }, http };
      const { query } = await start([refusing(new GraphQLError('No more today.', { extensions }))]);
      for (let time = 0; time < 3; time += 1) {
        const { status, headers, body } = await query(HELLO);
        expect([status, headers['x-quota']]).toEqual([402, '0']);
        expect(body).toEqual({ errors: [{ message: 'No more today.', extensions: { code, quota: { left: 0 } } }] });
      }
    },
  );

  it.each([new Error('A secret'), new GraphQLError('A secret'), 'A secret'])(
    'an error of a plugin is masked as a bug: %o',
    async (error) => {
      const { query } = await start([refusing(error)]);
      const { status, body, text } = await query(HELLO);
      expect([status, body.errors?.[0]?.extensions?.['code']]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
      expect(text).not.toContain('secret');
    },
  );
});

it('a plugin in JavaScript may return its listeners without promises', async () => {
  const heard: string[] = [];
  const hear = (name: string, result?: object) => (): unknown => {
    heard.push(name);
    return result;
  };
  const listener = {
    didResolveOperation: hear('resolved'),
    executionDidStart: hear('execution', { executionDidEnd: hear('executed') }),
    willSendResponse: hear('sent'),
  };
  const { query } = await start([
    { requestDidStart: hear('request', listener) as never },
    { requestDidStart: hear('request') as never },
  ]);
  for (let time = 0; time < 3; time += 1) {
    heard.length = 0;
    expect((await query(HELLO)).body).toEqual({ data: { hello: 'hello' } });
    expect(heard).toEqual(['request', 'request', 'resolved', 'execution', 'executed', 'sent']);
  }
});

describe('a status that a plugin sets', () => {
  const faults = {
    bug: () => new Error('A bug'),
    busy: () => new RateLimited('Too many attempts.', 5),
  };

  it.each(['bug', 'busy'])('a status that a plugin sets stays, whatever the outcome: %s', async (what) => {
    const { query } = await start(
      [
        {
          requestDidStart: async () => ({
            didEncounterErrors: async ({ response }) => void Object.assign(response.http, { status: 418 }),
          }),
        },
      ],
      { faults },
    );
    for (let time = 0; time < 3; time += 1) {
      expect((await query(`{ throws(what: "${what}") }`)).status).toBe(418);
      expect((await query(HELLO)).status).toBe(200);
    }
  });
});
