import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { pino } from 'pino';
import { authTypeDefs, guardSchema } from '../../src/access/index.ts';
import { readConfig } from '../../src/config/config.ts';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { RequestDocuments } from '../../src/graphql/request-documents.ts';
import { documentErrorOf } from '../../src/http/documents.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { createRequestScope } from '../../src/lib/request-scope.ts';

/** A request of either method. */
export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly body: Readonly<Record<string, unknown>>;
}

/** A response as a client receives it. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Answers requests until it is closed. */
export interface Answering {
  readonly send: (sent: Sent) => Promise<Received>;
  readonly close: () => Promise<void>;
}

const TYPE_DEFS = /* GraphQL */ `
  enum Role {
    ADMIN
  }
  scalar Odd
  input Range {
    from: Int! = 3
    names: [String!]
  }
  interface Named @public {
    name: String
  }
  type Thing implements Named @public {
    name: String
    by(times: Int = 2): Int!
    numbers: [Int]
    things: [Thing]
    bad: Int!
    secret: String @auth(requires: ADMIN)
  }
  type Other implements Named @public {
    name: String
  }
  union Any = Thing | Other
  type Query @public {
    thing(id: ID, range: Range): Thing
    things: [Thing!]
    named: [Named]
    any: Any
    fails: String
    refuses: String
    odd: Odd
    secret: String @auth(requires: ADMIN)
  }
  type Mutation @public {
    set(to: Int!): Thing
    fails: Int
    later: Int
  }
`;

const thing = (name: string): object => ({ name, by: ({ times }: { times: number }) => times });
const fail = (): never => {
  throw new Error('It fails');
};

function buildSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: [authTypeDefs, TYPE_DEFS],
    resolvers: {
      Query: {
        thing: () => thing('one'),
        things: async () => [thing('one'), thing('two')],
        named: () => [
          { __typename: 'Thing', ...thing('one') },
          { __typename: 'Other', name: 'o' },
          { __typename: 'X' },
        ],
        any: async () => ({ __typename: 'Other', name: 'o' }),
        fails: fail,
        refuses: async () => {
          throw new GraphQLError('No.', { extensions: { code: 'FORBIDDEN' } });
        },
        odd: () => ({ toJSON: () => 'json' }),
        secret: () => 'secret',
      },
      Thing: {
        numbers: async () => [1, 2],
        things: () => [Promise.resolve(thing('three')), thing('four')],
        bad: async () => fail(),
      },
      Mutation: { set: (_: unknown, { to }: { to: number }) => thing(String(to)), fails: fail, later: async () => 3 },
    },
  });
  return guardSchema(schema, { viewer: () => ({ id: '1', roles: [], permissions: [] }) });
}

const log = pino({ level: 'silent' });
const none = (): void => undefined;
const PREFLIGHT = { 'apollo-require-preflight': '1' };
const JSON_TYPE = { 'content-type': 'application/json' };

function searchOf({ body }: Sent): string {
  const parameters = Object.entries(body).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return `?${new URLSearchParams(parameters).toString()}`;
}

/** No document is published: clients may register theirs by Apollo's protocol (APQ). */
const NONE = { get: async () => undefined, refresh: async () => undefined, stop: none };

/** Starts a server of ours around the schema. @param isAutomatic clients may register documents */
export async function startOurs(plugin: ApolloServerPlugin<object>, isAutomatic = false): Promise<Answering> {
  const requestScope = createRequestScope();
  const http = await createHttpServer<object>({
    config: readConfig({ LOG_LEVEL: 'info' }),
    pipeline: new Pipeline<object>({ schema: buildSchema(), log, requestId: () => 'id' }),
    requestScope,
    log,
    ready: async () => true,
    context: async () => ({ viewer: 1 }),
    finish: () => undefined,
    plugins: [plugin],
    ...(isAutomatic && {
      documents: { documents: new RequestDocuments<object>('prefer', NONE, none), isPublic: () => false },
    }),
  });
  const send = async (sent: Sent): Promise<Received> => {
    const { statusCode, headers, body } = await http.inject(
      sent.method === 'GET'
        ? { url: `/graphql${searchOf(sent)}`, headers: PREFLIGHT }
        : { method: 'POST', url: '/graphql', headers: { ...PREFLIGHT, ...JSON_TYPE }, payload: sent.body },
    );
    return { status: statusCode, headers, text: body };
  };
  return { send, close: () => http.close() };
}

/** Starts an Apollo Server by itself around the same schema, with our words for errors. */
export async function startTextbook(plugin: ApolloServerPlugin<object>, isAutomatic = false): Promise<Answering> {
  const schema = buildSchema();
  const pipeline = new Pipeline<object>({ schema, log, requestId: () => 'id' });
  const server = new ApolloServer<object>({
    schema,
    formatError: (formatted, error) => pipeline.formatError(formatted, documentErrorOf(formatted) ?? error),
    ...(!isAutomatic && { persistedQueries: false as const }),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [plugin, ApolloServerPluginCacheControlDisabled()],
    logger: { debug: none, info: none, warn: none, error: none },
  });
  await server.start();
  const send = async (sent: Sent): Promise<Received> => {
    const isGet = sent.method === 'GET';
    const { status, headers, body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: sent.method,
        headers: new HeaderMap(Object.entries({ ...PREFLIGHT, ...(!isGet && JSON_TYPE) })),
        body: isGet ? undefined : sent.body,
        search: isGet ? searchOf(sent) : '',
      },
      context: async () => ({ viewer: 1 }),
    });
    return {
      status: status ?? 200,
      headers: Object.fromEntries(headers),
      text: body.kind === 'complete' ? body.string : '',
    };
  };
  return { send, close: () => server.stop() };
}
