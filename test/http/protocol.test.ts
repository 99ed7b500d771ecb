import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startToyServer } from '../support/toy-server.ts';
import { HELLO, JSON_TYPE } from './toy-requests.ts';

/** A request: below the endpoint, with a body if it is not a GET. */
interface Case {
  readonly search?: Readonly<Record<string, string>> | string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const PREFLIGHT = { 'apollo-require-preflight': '1' };
const QUERY = JSON.stringify({ query: HELLO });
const TWO = 'query A { hello } query B { nothing }';

const over = (search: NonNullable<Case['search']>, headers: Readonly<Record<string, string>> = PREFLIGHT): Case => ({
  method: 'GET',
  search,
  headers,
});
const sent = (body: string, headers: Case['headers'] = {}): Case => ({ body, headers: { ...JSON_TYPE, ...headers } });

/** Requests that get the same status, media type and body from both servers. */
const SAME: Readonly<Record<string, Case>> = {
  'a query': sent(QUERY),
  'a type with a charset': sent(QUERY, { 'content-type': 'Application/JSON; charset=utf-8' }),
  'a byte order mark': sent(`\uFEFF${QUERY}`),
  'an empty list': sent('[]'),
  'a batch': sent(`[${QUERY}]`),
  'an empty object': sent('{}'),
  'a query that is a number': sent('{"query":5}'),
  'a query that is null': sent('{"query":null}'),
  'an empty query': sent('{"query":""}'),
  'variables that are a text': sent('{"query":"{ hello }","variables":"{}"}'),
  'variables that are a list': sent('{"query":"{ hello }","variables":[]}'),
  'variables that are null': sent('{"query":"{ hello }","variables":null}'),
  'an operation name that is a number': sent('{"query":"{ hello }","operationName":5}'),
  'extensions that are a text': sent('{"query":"{ hello }","extensions":"x"}'),
  'extensions that are a list': sent('{"query":"{ hello }","extensions":[]}'),
  'extensions that are null': sent('{"query":"{ hello }","extensions":null}'),
  'a POST with a query in its URL': { ...sent(QUERY), search: { query: '{ nothing }' } },
  'a GET': over({ query: HELLO }),
  'a GET without a preflight header': over({ query: HELLO }, {}),
  'a GET with the type of JSON': over({ query: HELLO }, JSON_TYPE),
  'a GET with variables': over({ query: 'query ($a: String) { hello(name: $a) }', variables: '{"a":"x"}' }),
  'a GET with variables that are not JSON': over({ query: HELLO, variables: '{' }),
  'a GET with variables that are a list': over({ query: HELLO, variables: '[]' }),
  'a GET with variables that are null': over({ query: HELLO, variables: 'null' }),
  'a GET with empty variables': over({ query: HELLO, variables: '' }),
  'a GET with extensions that are not JSON': over({ query: HELLO, extensions: '[' }),
  'a GET with two queries': over('?query={hello}&query={nothing}'),
  'a GET of one of two operations': over({ query: TWO, operationName: 'B' }),
  'a GET with an empty query': over({ query: '' }),
  'a GET without a query': over('?x=1'),
  'a GET of a mutation': over({ query: 'mutation { throws(what: "x") }' }),
  'a GET of a query that is not valid': over({ query: '{ nope }' }),
};

const ACCEPT = [
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json;q=0.5, application/json',
  'application/json;q=0',
  'application/json; charset=utf-8',
  'application/*',
  '*/*',
  'text/event-stream',
  'multipart/mixed',
  'image/png',
  'nonsense',
];

/** Requests that this server answers otherwise, on purpose. */
const OTHERWISE: readonly (readonly [name: string, sent: Case, status: number, plain: number])[] = [
  ['a body in text/plain', sent(QUERY, { 'content-type': 'text/plain' }), 415, 400],
  ['a form', sent('query={hello}', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 400],
  ['a document as application/graphql', sent(HELLO, { 'content-type': 'application/graphql' }), 415, 400],
  ['a body that is compressed, or says so', sent(QUERY, { 'content-encoding': 'gzip' }), 415, 400],
  ['a key that is called __proto__', sent('{"query":"{ hello }","__proto__":{}}'), 400, 200],
  ['a body of two megabytes', sent(JSON.stringify({ query: HELLO, more: 'x'.repeat(2 ** 21) })), 413, 200],
];

interface Answers {
  readonly ours: unknown;
  readonly plain: unknown;
}

/** Sends a request over the network to this server, and to an Apollo Server that stands alone. */
async function answersTo(sent: Case, of: (response: Response) => unknown): Promise<Answers> {
  const { http, schema } = await startToyServer();
  const apollo = new ApolloServer({ schema, introspection: true, stopOnTerminationSignals: false });
  const { url } = await startStandaloneServer(apollo, { listen: { port: 0, host: '127.0.0.1' } });
  onTestFinished(() => apollo.stop());
  const address = await http.listen({ port: 0, host: '127.0.0.1' });
  return { ours: await of(await send(`${address}/graphql`, sent)), plain: await of(await send(url, sent)) };
}

function send(url: string, { method = 'POST', search = '', headers = {}, body }: Case): Promise<Response> {
  const query = typeof search === 'string' ? search : `?${new URLSearchParams(search).toString()}`;
  return fetch(url + query, { method, headers, body: body ?? null });
}

async function describeResponse(response: Response): Promise<unknown> {
  const names = ['content-type', 'allow'];
  return [response.status, names.map((name) => response.headers.get(name)), await response.text()];
}

describe('HTTP', () => {
  it.each(Object.entries(SAME))('%s is answered as by an Apollo Server that stands alone', async (_name, sent) => {
    const { ours, plain } = await answersTo(sent, describeResponse);
    expect(ours).toEqual(plain);
  });

  it.each(ACCEPT)('media types are negotiated as by an Apollo Server that stands alone: %s', async (accept) => {
    for (const request of [sent(QUERY, { accept }), sent('{"query":"{ nope }"}', { accept }), over({ query: HELLO })]) {
      const { ours, plain } = await answersTo(
        { ...request, headers: { ...request.headers, accept } },
        describeResponse,
      );
      expect(ours).toEqual(plain);
    }
  });

  it.each(OTHERWISE)('%s is answered with the status that says what is wrong', async (_name, sent, ours, plain) => {
    expect(await answersTo(sent, ({ status }) => status)).toEqual({ ours, plain });
  });
});
