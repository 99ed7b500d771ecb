/**
 * Prints the bytes that a server holds of each of its responses once they are sent. It is a process of its own, since
 * other tests in a process change what a collection of young objects leaves. Run with `--expose-gc`; with `--plugin`, a
 * plugin reads each response; with `--hold`, the results are held, for comparison.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { buildSchema, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { pino } from 'pino';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { createApollo } from '../../src/http/apollo.ts';

const REQUESTS = 30;
const schema = buildSchema('type Query { a: Int }');
const log = pino({ level: 'silent' });
const requestId = (): null => null;
const collect = globalThis.gc as unknown as (options: { readonly type: 'minor' }) => void;
const held: unknown[] = [];

/** Gives each operation a result of some 100 kB, little of which is sent. */
class LargeResults extends Pipeline<object> {
  constructor() {
    super({ schema, log, requestId });
  }

  override async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    await super.execute(args);
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ index }));
    if (process.argv.includes('--hold')) {
      held.push(rows);
    }
    return { data: { a: Object.assign([1], { toJSON: () => rows.length }) } };
  }
}

const reader: ApolloServerPlugin<object> = {
  requestDidStart: async () => ({ willSendResponse: async ({ response }) => void JSON.stringify(response.body) }),
};

const plugins = process.argv.includes('--plugin') ? [reader] : [];
const { server } = createApollo<object>(schema, { pipeline: new LargeResults(), plugins, log, requestId });

async function ask(): Promise<void> {
  for (let time = 0; time < REQUESTS; time += 1) {
    const headers = new HeaderMap([['content-type', 'application/json']]);
    const { body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body: { query: '{ a }' } },
      context: async () => ({}),
    });
    if (body.kind !== 'complete' || body.string !== '{"data":{"a":2000}}\n') {
      throw new Error(`The server answered ${JSON.stringify(body)}`);
    }
  }
}

/** Returns the bytes that a collection of young objects leaves: a busy server does such collections all the time. */
async function heldBytes(): Promise<number> {
  await nextTurn();
  collect({ type: 'minor' });
  return process.memoryUsage().heapUsed;
}

await server.start();
await ask();
const growths: number[] = [];
for (let round = 0; round < 9; round += 1) {
  const before = await heldBytes();
  await ask();
  growths.push((await heldBytes()) - before);
}
await server.stop();
// The median: in some rounds code is compiled, or a full collection happens.
const [median = 0] = growths.toSorted((a, b) => a - b).slice(4);
process.stdout.write(`${median / REQUESTS}\n`);
