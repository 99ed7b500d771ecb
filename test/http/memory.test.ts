import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ApolloServer, type ApolloServerPlugin, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { buildSchema, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { createApollo } from '../../src/http/apollo.ts';

const MB = 1024 * 1024;

const schema = buildSchema('type Query { a: Int }');
const log = pino({ level: 'silent' });
const requestId = (): null => null;

/** Gives each operation a result of some 100 kB, little of which is sent. */
class LargeResults extends Pipeline<object> {
  constructor() {
    super({ schema, log, requestId });
  }

  override async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    await super.execute(args);
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ index }));
    return { data: { a: Object.assign([1], { toJSON: () => rows.length }) } };
  }
}

async function start(plugins: readonly ApolloServerPlugin<object>[]): Promise<ApolloServer<object>> {
  const server = createApollo<object>(schema, { pipeline: new LargeResults(), plugins, log, requestId });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

async function ask(server: ApolloServer<object>, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const headers = new HeaderMap([['content-type', 'application/json']]);
    const { body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body: { query: '{ a }' } },
      context: async () => ({}),
    });
    expect(body).toEqual({ kind: 'complete', string: '{"data":{"a":2000}}\n' });
  }
}

/** Returns the bytes that a collection of young objects leaves: a busy server does such collections all the time. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  await nextTurn();
  collect({ type: 'minor' });
  return process.memoryUsage().heapUsed;
}

const reader: ApolloServerPlugin<object> = {
  requestDidStart: async () => ({ willSendResponse: async ({ response }) => void JSON.stringify(response.body) }),
};

describe('a response that has been sent', () => {
  it.each([
    ['without a plugin', []],
    ['with one that reads it', [reader]],
  ])('is not held until the next full collection, %s (Apollo Server 5.5.1)', async (_, plugins) => {
    const server = await start(plugins);
    await ask(server, 30);
    const growths: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const before = await heldBytes();
      await ask(server, 30); // 3 MB
      growths.push((await heldBytes()) - before);
    }
    // The median: in some rounds code is compiled, or a full collection happens.
    const [median = 0] = growths.toSorted((a, b) => a - b).slice(4);
    expect(median).toBeLessThan(MB);
  });

  it('is one object for a plugin, from the start of the request to the end', async () => {
    const held: object[][] = [];
    const watcher: ApolloServerPlugin<object> = {
      requestDidStart: async (request) => {
        const seen: object[] = [request.response];
        held.push(seen);
        const see = async (): Promise<void> => void seen.push(request.response);
        return {
          didResolveSource: see,
          didResolveOperation: see,
          executionDidStart: async () => {
            await see();
            return { willResolveField: () => void see(), executionDidEnd: see };
          },
          willSendResponse: see,
        };
      },
    };
    const server = await start([watcher]);
    await ask(server, 3);
    expect(held.map((seen) => [seen.length, new Set(seen).size])).toEqual([
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    const body = { kind: 'single', singleResult: { data: { a: 2_000 } } };
    const responses = JSON.parse(JSON.stringify(held.map(([response]) => response))) as Partial<GraphQLResponse>[];
    expect(responses.map((response) => response.body)).toEqual([body, body, body]);
  });
});
