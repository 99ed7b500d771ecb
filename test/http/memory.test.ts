import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ApolloServerPlugin, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { buildSchema } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { createApollo } from '../../src/http/apollo.ts';

const requestId = (): null => null;
const program = new URL('held-bytes.ts', import.meta.url).pathname;

/** Returns the bytes held of each response, with these arguments. */
async function heldBytes(...args: string[]): Promise<number> {
  // V8 puts objects that often survive among the old ones at once; whether it does depends on the machine's speed.
  const flags = ['--expose-gc', '--no-allocation-site-pretenuring'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, ...args]);
  return Number(stdout);
}

describe('a response that has been sent', () => {
  it.each([
    ['without a plugin', []],
    ['with one that reads it', ['--plugin']],
  ])('a sent response is not held until the next full collection, %s (Apollo Server 5.5.1)', async (_, args) => {
    const [released, held] = await Promise.all([heldBytes(...args), heldBytes(...args, '--hold')]);
    expect(held).toBeGreaterThan(50_000);
    expect(released).toBeLessThan(held / 5);
  });

  it('a plugin sees one response object, from the start of the request to the end', async () => {
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
    const log = pino({ level: 'silent' });
    const schema = buildSchema('type Query { a: Int }');
    const pipeline = new Pipeline<object>({ schema, log, requestId });
    const { server } = createApollo<object>(schema, { pipeline, plugins: [watcher], log, requestId });
    await server.start();
    onTestFinished(() => server.stop());
    for (let time = 0; time < 3; time += 1) {
      await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: 'POST',
          headers: new HeaderMap([['content-type', 'application/json']]),
          search: '',
          body: { query: '{ a }' },
        },
        context: async () => ({}),
      });
    }
    expect(held.map((seen) => [seen.length, new Set(seen).size])).toEqual([
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    const body = { kind: 'single', singleResult: { data: { a: null } } };
    const responses = JSON.parse(JSON.stringify(held.map(([response]) => response))) as Partial<GraphQLResponse>[];
    expect(responses.map((response) => response.body)).toEqual([body, body, body]);
  });
});
