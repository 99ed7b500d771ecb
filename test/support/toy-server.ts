import { makeExecutableSchema } from '@graphql-tools/schema';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { GraphQLEmailAddress, GraphQLJSON } from 'graphql-scalars';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import { createRequestScope } from '../../src/lib/request-scope.ts';

/** A schema with one field for each thing that can happen to a field. */
const TYPE_DEFS = /* GraphQL */ `
  scalar EmailAddress
  scalar JSON
  enum Color {
    RED
    GREEN
  }
  input AddressInput {
    email: EmailAddress!
    tags: [String!]
    color: Color
  }
  input PersonInput {
    name: String!
    age: Int
    address: AddressInput
    data: JSON
  }
  input Choice @oneOf {
    a: String
    b: Int
  }
  type Node {
    id: ID!
    name: String
    parent: Node
    children(first: Int, last: Int, after: String): NodeConnection
    list: [Node!]
    thrown: String
  }
  type NodeEdge {
    node: Node
  }
  type NodeConnection {
    edges: [NodeEdge]
    nodes: [Node]
  }
  type Broken {
    color: Color
    never: String!
  }
  type Query {
    broken: Broken
    hello(name: String): String
    nothing: String
    node(id: ID): Node
    nodes(first: Int = 50, last: Int): NodeConnection
    throws(what: String!): String
    required: String!
    takes(
      person: PersonInput
      int: Int
      email: EmailAddress
      color: Color
      choice: Choice
      list: [[Int]]
      data: JSON
      needed: Int! = 3
      password: String
    ): String
  }
  type Mutation {
    login(login: String!, password: String!): String
    throws(what: String!): String
  }
`;

/** The errors that fields throw, by name. */
export type Faults = Readonly<Record<string, () => unknown>>;

/** An answer, its body parsed. */
export interface ToyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: FormattedExecutionResult;
  readonly text: string;
}

/** A server around the toy schema. */
export interface ToyServer {
  readonly http: FastifyInstance;
  readonly schema: GraphQLSchema;
  /** The fields whose resolvers ran. */
  readonly resolved: string[];
  /** The lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  readonly query: (query: string, variables?: object, headers?: Record<string, string>) => Promise<ToyAnswer>;
}

export interface ToyOptions {
  readonly faults?: Faults;
  readonly config?: Partial<Config>;
  readonly context?: (request: FastifyRequest, reply: FastifyReply) => Promise<object>;
  /** Returns the schema that a viewer sees; without it all see the same. */
  readonly schema?: (viewer: object, schema: GraphQLSchema) => GraphQLSchema;
  readonly server?: Partial<HttpServerOptions<object>>;
}

function buildToySchema(resolved: string[], faults: Faults): GraphQLSchema {
  const note = (name: string, value: unknown) => (): unknown => {
    resolved.push(name);
    return value;
  };
  const throws = (_: unknown, { what }: { what: string }): never => {
    resolved.push('throws');
    throw faults[what]?.() ?? new GraphQLError(`no fault is called ${what}`);
  };
  const connection = { edges: [{ node: { id: '1' } }], nodes: [{ id: '1' }] };
  return makeExecutableSchema({
    typeDefs: TYPE_DEFS,
    resolvers: {
      EmailAddress: GraphQLEmailAddress,
      JSON: GraphQLJSON,
      Node: { thrown: throws },
      Query: {
        hello: note('hello', 'hello'),
        nothing: note('nothing', null),
        node: note('node', { id: '1', name: 'one' }),
        nodes: note('nodes', connection),
        broken: note('broken', { color: 'PURPLE', never: null }),
        throws,
        required: () => throws(null, { what: 'bug' }),
        takes: note('takes', 'taken'),
      },
      Mutation: { login: note('login', 'token'), throws },
    },
  });
}

/** Creates a server that opens no port: requests are injected. */
export async function startToyServer(options: ToyOptions = {}): Promise<ToyServer> {
  const resolved: string[] = [];
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'trace' },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const schema = buildToySchema(resolved, options.faults ?? {});
  const requestScope = createRequestScope();
  const { schema: visible } = options;
  const seen = visible === undefined ? schema : (viewer: object): GraphQLSchema => visible(viewer, schema);
  const http = await createHttpServer<object>({
    config: { ...readConfig({ LOG_LEVEL: 'info' }), ...options.config },
    pipeline: new Pipeline({ schema: seen, log, requestId: requestScope.id }),
    requestScope,
    log,
    ready: async () => true,
    context: options.context ?? (async () => ({})),
    finish: () => undefined,
    ...options.server,
  });
  onTestFinished(() => http.close());
  return {
    http,
    schema,
    resolved,
    logged,
    query: async (query, variables, headers = {}) => {
      const payload = { query, ...(variables && { variables }) };
      const answer = await http.inject({ method: 'POST', url: '/graphql', headers, payload });
      return { status: answer.statusCode, headers: answer.headers, body: answer.json(), text: answer.body };
    },
  };
}
