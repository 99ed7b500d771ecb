import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { getIntrospectionQuery, GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/context.ts';
import { createTestApp, testClient, type TestApp, type Who } from '../support/app.ts';
import { Recorder } from './recorder.ts';

/** A request, and the one that stands for it in a textbook server if that lacks the limits of ours. */
interface Case {
  readonly who?: Who;
  readonly body?: object | readonly object[];
  /** Sent over GET instead of a body. */
  readonly search?: string;
  readonly headers?: Record<string, string>;
  readonly textbook?: object;
}

const LONG = '{ '.concat(...Array.from({ length: 40 }, (_, index) => `a${index}: __typename `), '}');
const ACCOUNTS = 'query Accounts($first: Int) { accounts(first: $first) { totalCount nodes { id name } } }';
const search = (query: string): string => `?query=${encodeURIComponent(query)}`;
const PREFLIGHT = { 'apollo-require-preflight': '1' };

const CASES: Readonly<Record<string, Case>> = {
  'a query': { who: 'DEVELOPER', body: { query: ACCOUNTS } },
  'a query with variables': { who: 'DEVELOPER', body: { query: ACCOUNTS, variables: { first: 2 } } },
  'the query of another viewer, who is denied': { who: 'STANDARD', body: { query: ACCOUNTS } },
  'the query of an anonymous viewer': { body: { query: ACCOUNTS } },
  'a query in part denied': { who: 'DEVELOPER', body: { query: '{ publicMessage { text } users { totalCount } }' } },
  'one of several operations': {
    body: { query: 'query A { a: __typename } query B { publicMessage { text } }', operationName: 'B' },
  },
  'abstract fields and introspection': { body: { query: getIntrospectionQuery() } },
  'a query over GET': { search: search('{ publicMessage { text } }'), headers: PREFLIGHT },
  'a mutation': { who: 'SALES', body: { query: 'mutation { updateMe(input: {}) { username } }' } },
  'a mutation that is denied': { body: { query: 'mutation { addInventoryItem(name: "x") { name } }' } },
  'a mutation over GET': { search: search('mutation { logout }'), headers: PREFLIGHT },
  'a resolver that fails': { who: 'DEVELOPER', body: { query: '{ document(id: "x") { id } }' } },
  'a document that does not parse': { body: { query: '{ publicMessage {' } },
  'a document that is not valid': { body: { query: '{ nothing }' } },
  'a variable that is not valid': { who: 'DEVELOPER', body: { query: ACCOUNTS, variables: { first: 'two' } } },
  'a variable that is missing': { body: { query: 'query ($id: ID!) { document(id: $id) { id } }' } },
  'an operation that does not exist': { body: { query: 'query A { __typename }', operationName: 'B' } },
  'no operation chosen': { body: { query: 'query A { __typename } query B { __typename }' } },
  'a request without a document': { body: { variables: {} } },
  'an empty document': { body: { query: '' } },
  'a batch': { body: [{ query: '{ __typename }' }] },
  'a persisted query': {
    body: { query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
  },
  'a GET that another site could send': { search: search('{ __typename }') },
  'too many aliases': { body: { query: LONG }, textbook: { query: '{ nothing }' } },
  'too high a cost': {
    body: {
      query: '{ documents(first: 200) { nodes { author { account { users(first: 200) { nodes { id } } } } } } }',
    },
    textbook: { query: 'query RefusedCost { __typename }' },
  },
  'a subscription over HTTP': {
    body: { query: 'subscription { documentChanged { id } }' },
    textbook: { query: 'query RefusedKind { __typename }' },
  },
};

describe.each(['fields', 'its end', 'nothing'] as const)('a plugin that follows of an execution: %s', (follows) => {
  const [ours, textbooks] = [new Recorder(follows), new Recorder(follows)];
  let app: TestApp;
  let other: TestApp;
  let textbook: ApolloServer<RequestContext>;

  beforeAll(async () => {
    app = await createTestApp({ plugins: [ours.plugin] });
    other = await createTestApp();
    textbook = new ApolloServer<RequestContext>({
      schema: other.schema,
      persistedQueries: false,
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      plugins: [
        textbooks.plugin,
        {
          requestDidStart: async () => ({
            didResolveOperation: async ({ operationName }) => {
              if (operationName?.startsWith('Refused')) {
                throw new GraphQLError('Refused', { extensions: { http: { status: 400 } } });
              }
            },
          }),
        },
        ApolloServerPluginCacheControlDisabled(),
      ],
      introspection: true,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
    });
    await textbook.start();
  });
  afterAll(async () => {
    await textbook.stop();
    await Promise.all([app.close(), other.close()]);
  });

  /** Returns what the plugin of our server records of a request. */
  async function record({ who = 'ANONYMOUS', body, search: query, headers = {}, textbook: stand }: Case) {
    const authorization = who === 'ANONYMOUS' ? {} : { authorization: `Bearer ${await app.as(who).token()}` };
    const all = { ...authorization, ...headers };
    await app.http.inject(
      query === undefined
        ? { method: 'POST', url: '/graphql', headers: all, payload: body ?? {} }
        : { method: 'GET', url: `/graphql${query}`, headers: all },
    );
    return ours.take(stand !== undefined);
  }

  /** Returns what the plugin of the textbook server records of the same request. */
  async function expected({ who = 'ANONYMOUS', body, search: query, headers = {}, textbook: stand }: Case) {
    const context = other.contextOf(await other.as(who).viewer(), testClient);
    const type: [string, string][] = query === undefined ? [['content-type', 'application/json']] : [];
    await textbook.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: query === undefined ? 'POST' : 'GET',
        headers: new HeaderMap([...type, ...Object.entries(headers)]),
        body: stand ?? body,
        search: query ?? '',
      },
      context: async () => context,
    });
    await context.unit.close();
    return textbooks.take(stand !== undefined);
  }

  it.each(Object.entries(CASES))(
    'the plugin sees of %s what it would see in a textbook server, each time',
    async (name, sent) => {
      for (let time = 1; time <= 5; time += 1) {
        const [seen, wanted] = [await record(sent), await expected(sent)];
        expect(seen, `${name}, time ${time}`).toEqual(wanted);
      }
    },
  );
});
