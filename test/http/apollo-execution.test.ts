import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { HeaderMap } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { createApollo } from '../../src/http/apollo.ts';
import { startToyServer, type ToyOptions, type ToyServer } from '../support/toy-server.ts';
import { HELLO } from './toy-requests.ts';

type Plugin = ApolloServerPlugin<object>;
type Listener = GraphQLRequestListener<object>;

const TIMES = [1, 2, 3, 4, 5];

const start = (plugins: Plugin[], options: ToyOptions = {}): Promise<ToyServer> =>
  startToyServer({ ...options, server: { ...options.server, plugins } });

const listening = (listener: Listener): Plugin => ({ requestDidStart: async () => listener });

/** A plugin whose hooks need their own `this`: the one of the plugin, and the one of its listener. */
class Counter implements Plugin {
  #started = 0;
  #ended = 0;

  get counts(): readonly number[] {
    return [this.#started, this.#ended];
  }

  async serverWillStart(): Promise<void> {
    this.#started = 0;
  }

  async requestDidStart(): Promise<Listener> {
    this.#started += 1;
    return new CountingListener(() => void (this.#ended += 1));
  }
}

class CountingListener implements Listener {
  readonly #count: () => void;

  constructor(count: () => void) {
    this.#count = count;
  }

  async executionDidStart() {
    return { executionDidEnd: async () => this.#count() };
  }
}

describe('the hook executionDidStart', () => {
  it('the hook of a plugin with private members is called for each request', async () => {
    const counter = new Counter();
    const { query } = await start([listening({}), counter, {}]);
    for (const time of TIMES) {
      expect((await query(HELLO)).body).toEqual({ data: { hello: 'hello' } });
      expect(counter.counts).toEqual([time, time]);
    }
  });

  it('the hook is called where the plugin is frozen, inherits its hooks, or was given them when the server started', async () => {
    let calls = 0;
    const requestDidStart = async (): Promise<Listener> => ({ executionDidStart: async () => void (calls += 1) });
    const late: Plugin = { serverWillStart: async () => void Object.assign(late, { requestDidStart }) };
    const { query } = await start([
      Object.freeze({ requestDidStart }),
      Object.create({ requestDidStart }) as Plugin,
      late,
    ]);
    for (const time of TIMES) {
      await query(HELLO);
      expect(calls).toBe(3 * time);
    }
  });

  it('the hook is called where a listener is given it while the request is answered', async () => {
    const calls: string[] = [];
    const listener: Listener = {
      didResolveOperation: async ({ operationName }) => {
        listener.executionDidStart = async () => void calls.push(operationName ?? '');
      },
    };
    const { query } = await start([listening(listener)]);
    for (const name of ['A', 'B', 'C']) {
      await query(`query ${name} { hello }`);
    }
    expect(calls).toEqual(['A', 'B', 'C']);
  });

  it('the hook is called for the requests whose listener has it, and for no others', async () => {
    const calls: string[] = [];
    const { query } = await start([
      {
        requestDidStart: async ({ request }) =>
          request.variables?.['traced'] === true
            ? { executionDidStart: async () => void calls.push(request.operationName ?? 'traced') }
            : undefined,
      },
    ]);
    for (const traced of [false, true, false, true, true]) {
      expect((await query(HELLO, { traced })).body).toEqual({ data: { hello: 'hello' } });
    }
    expect(calls).toEqual(['traced', 'traced', 'traced']);
  });
});

/** Creates an Apollo Server that is not started, with the schema for all viewers or for each. */
function createServer(hello: () => string, plugins: Plugin[] = [], isForEach = false) {
  const log = pino({ level: 'silent' });
  const schema = makeExecutableSchema({ typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello } } });
  const pipeline = new Pipeline<object>({ schema: isForEach ? () => schema : schema, log, requestId: () => null });
  const { server } = createApollo(schema, { pipeline, plugins, log, requestId: () => null });
  onTestFinished(() => server.stop());
  return server;
}

describe('instrumentation of Apollo Server', () => {
  it.each(['addPlugin', 'the list itself'])('the hook of a plugin is called that is added by %s', async (way) => {
    let calls = 0;
    const added = listening({ executionDidStart: async () => void (calls += 1) });
    const server = createServer(() => 'hello');
    if (way === 'addPlugin') {
      server.addPlugin(added);
    } else {
      const internals = Reflect.get(server, 'internals') as { plugins: Plugin[] };
      internals.plugins = [added, ...internals.plugins];
    }
    await server.start();
    for (const time of TIMES) {
      const { body } = await server.executeOperation({ query: HELLO });
      expect(body).toMatchObject({ kind: 'single', singleResult: { data: { hello: 'hello' } } });
      expect(calls).toBe(time);
    }
  });
});

describe('the gateway', () => {
  it.each([
    ['is passed over without plugins', [], false],
    ['is passed over with a plugin that does not follow the execution', [listening({})], false],
    ['executes where a plugin follows the execution', [listening({ executionDidStart: async () => undefined })], true],
  ])('the gateway %s, with one schema for all viewers and with one for each', async (_, plugins, isUsed) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    onTestFinished(() => void (Error.stackTraceLimit = limit));
    for (const isForEach of [false, true]) {
      const server = createServer(() => new Error('The way to here').stack ?? '', plugins, isForEach);
      await server.start();
      const { body } = await server.executeOperation<{ hello: string }>({ query: HELLO });
      const stack = body.kind === 'single' ? body.singleResult.data?.hello : undefined;
      expect(stack?.includes('gatewayExecutor')).toBe(isUsed);
    }
  });
});

describe('a plugin that does not follow the execution', () => {
  it.each(['query', 'mutation'])('each resolver of a %s runs once, also where it fails', async (kind) => {
    const heard: unknown[] = [];
    const faults = {
      refused: () => {
        const extensions: Record<string, unknown> = {
          http: { status: 402, headers: new HeaderMap([['x-price', '3']]) },
        };
        return new GraphQLError('Pay first.', { extensions });
      },
    };
    const { query, resolved } = await start(
      [listening({ didEncounterErrors: async ({ errors }) => void heard.push(errors.map(({ message }) => message)) })],
      { faults },
    );
    for (const _ of TIMES) {
      resolved.length = heard.length = 0;
      const { status, headers, body } = await query(
        `${kind} { a: throws(what: "refused") b: throws(what: "refused") }`,
      );
      expect(resolved).toEqual(['throws', 'throws']);
      expect(heard).toEqual([['Pay first.', 'Pay first.']]);
      expect([status, headers['x-price']]).toEqual([402, '3']);
      expect(body).toMatchObject({
        data: { a: null, b: null },
        errors: [
          { path: ['a'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
          { path: ['b'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
        ],
      });
    }
  });

  it('its response takes the place of the execution, wherever it stands among the plugins', async () => {
    const body = { kind: 'single', singleResult: { data: { hello: 'from a cache' } } } as const;
    const cache = listening({ responseForOperation: async () => ({ http: { headers: new HeaderMap() }, body }) });
    const { query, resolved } = await start([listening({}), listening({}), cache]);
    for (const _ of TIMES) {
      expect((await query(HELLO)).body).toEqual({ data: { hello: 'from a cache' } });
    }
    expect(resolved).toEqual([]);
  });

  it('its changes of the request and of the response count', async () => {
    const { query } = await start([
      listening({
        didResolveOperation: async ({ request }) => void Object.assign(request, { variables: { int: 7 } }),
        willSendResponse: async ({ response: { body, http } }) => {
          if (body.kind === 'single') {
            body.singleResult = { ...body.singleResult, extensions: { seen: Object.keys(body.singleResult) } };
          }
          http.headers.set('x-seen', 'yes');
        },
      }),
    ]);
    for (const _ of TIMES) {
      const { headers, body } = await query('query ($int: Int!) { takes(int: $int) }');
      expect(headers['x-seen']).toBe('yes');
      expect(body).toEqual({ data: { takes: 'taken' }, extensions: { seen: ['data', 'errors'] } });
    }
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('It fails');
      },
    ],
    ['rejects', () => Promise.reject(new Error('It fails'))],
  ])(
    'if it %s when a request starts, all plugins are notified, and nothing is executed',
    async (_, requestDidStart) => {
      const heard: string[] = [];
      const { query, resolved } = await start([
        { requestDidStart },
        { unexpectedErrorProcessingRequest: async ({ error }) => void heard.push(error.message) },
      ]);
      for (const time of TIMES) {
        expect((await query(HELLO)).status).toBe(500);
        expect(heard).toEqual(Array.from({ length: time }, () => 'It fails'));
      }
      expect(resolved).toEqual([]);
    },
  );
});
