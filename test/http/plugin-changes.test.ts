import { createHash } from 'node:crypto';
import {
  type ApolloServerPlugin,
  type GraphQLRequestContext,
  type GraphQLRequestContextWillSendResponse,
  HeaderMap,
} from '@apollo/server';
import { getIntrospectionQuery, GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { expect, it } from 'vitest';
import { type Sent, startOurs, startTextbook } from './textbook.ts';

type Request = GraphQLRequestContext<object>;
type Change = (hook: string, request: Request, info?: GraphQLResolveInfo) => unknown;

const MERGED = `query M($by: Int = 4, $skip: Boolean!) { thing { by(times: $by) ...F ... on Named { name } }
  thing { things { name by } } named { __typename name } any { ... on Other { name } } }
  fragment F on Thing { numbers @skip(if: $skip) name }`;
const TWO = 'query A { thing { name } } query B { things { name } }';

const BODIES: Readonly<Record<string, Sent['body']>> = {
  query: { query: '{ thing { name by numbers } things { name by(times: 5) } }' },
  merged: { query: MERGED, variables: { skip: false } },
  skipped: { query: MERGED, variables: { skip: true, by: 9 }, extensions: { a: 1 }, operationName: 'M' },
  failing: { query: '{ thing { bad name } fails refuses secret odd things { secret name } }' },
  denied: { query: '{ secret thing { name } }' },
  mutation: { query: 'mutation ($to: Int!) { set(to: $to) { name by } fails later }', variables: { to: 3 } },
  malformed: { query: '{ thing {' },
  invalid: { query: '{ nope thing { nope } }' },
  named: { query: TWO, operationName: 'B' },
  introspection: { query: getIntrospectionQuery() },
  mixed: { query: '{ __schema { queryType { name } } __type(name: "Thing") { name } thing { __typename name } }' },
  input: {
    query: 'query ($range: Range) { thing(id: 3, range: $range) { name } }',
    variables: { range: { names: 'q' } },
  },
  empty: { query: '' },
  nulls: { query: '{ thing { name } }', variables: null, extensions: null, operationName: null },
  mistyped: { query: '{ thing { name } }', variables: [1] },
  registering: { query: '{ thing { name } }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
};

const at =
  (name: string, change: (request: Request) => unknown): Change =>
  (hook, request) =>
    hook === name ? change(request) : undefined;
const set = (object: object, properties: object): void => void Object.assign(object, properties);
const single = (data: object) => ({ kind: 'single' as const, singleResult: { data: { ...data } } });

const HOOKS = [
  'requestDidStart',
  'didResolveSource',
  'parsingDidStart',
  'validationDidStart',
  'didResolveOperation',
  'responseForOperation',
  'executionDidStart',
  'willResolveField',
  'didEncounterErrors',
  'willSendResponse',
];
const HTTP = { status: 417, headers: new HeaderMap([['x-error', '1']]) };
const EXTENSIONS: Record<string, unknown> = { code: 'OF_A_PLUGIN', more: 1, http: HTTP };

const CHANGES: Readonly<Record<string, Change>> = {
  'changes nothing': () => undefined,
  'sets a header in each hook': (hook, { response }) => response.http.headers.set(`x-${hook.toLowerCase()}`, '1'),
  'replaces the context': at('didResolveOperation', (request) => set(request, { contextValue: { other: 1 } })),
  'adds to the context': (hook, { contextValue }) => set(contextValue, { [hook]: 1 }),
  'replaces variables': at('didResolveOperation', ({ request }) =>
    set(request, { variables: { to: 7, by: 1, skip: true } }),
  ),
  'replaces the document': at('didResolveOperation', (request) => set(request, { document: { ...request.document } })),
  'sets a status': at('executionDidStart', ({ response }) => set(response.http, { status: 299 })),
  'sets the last status': at('willSendResponse', ({ response }) => set(response.http, { status: 298 })),
  'answers itself': at('responseForOperation', () => ({
    http: { status: 207, headers: new HeaderMap([['x-a', 'b']]) },
    body: single({ answered: true }),
  })),
  'replaces the body': at('willSendResponse', ({ response }) => set(response, { body: single({ replaced: true }) })),
  'extends the result': at('willSendResponse', (request) => {
    const { body } = (request as GraphQLRequestContextWillSendResponse<object>).response;
    return body.kind === 'single' && set(body.singleResult, { extensions: { took: 1 } });
  }),
  'changes what resolvers are told': (_hook, _request, info) =>
    info && set(info, { fieldNodes: [...info.fieldNodes, ...info.fieldNodes], more: 1 }) === undefined
      ? set(info.fragments, { [info.fieldName]: null })
      : undefined,
  ...Object.fromEntries(
    // A failure of every field, which leaves no data, has the status 500 here.
    HOOKS.filter((hook) => hook !== 'willResolveField').map((hook) => [
      `throws in ${hook}`,
      at(hook, () => fail(new Error('A bug'))),
    ]),
  ),
  ...Object.fromEntries(
    HOOKS.map((hook) => [
      `refuses in ${hook}`,
      at(hook, () => fail(new GraphQLError('No.', { extensions: EXTENSIONS }))),
    ]),
  ),
};

function fail(error: Error): never {
  throw error;
}

/** Headers that only a request over a connection has. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['user-agent', 'host', 'content-length']);

/** Functions and maps have no JSON; of errors, messages of ours differ from those of Apollo Server. */
function show(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof GraphQLError) {
      return [part.name, part.path, part.locations, part.extensions['code']];
    }
    return part instanceof Map ? [...part].filter(([name]) => !OF_CONNECTIONS.has(String(name))) : part;
  });
}

/** Creates a plugin that notes all that each hook is given, and changes something. */
function createPlugin(notes: unknown[], withFields: boolean, change: Change): ApolloServerPlugin<object> {
  let first: Request | null = null;
  let started: Partial<Request> = {};
  const note = (hook: string, request: Request): unknown => {
    const {
      document,
      operation,
      response,
      contextValue,
      schema: _schema,
      logger: _log,
      cache: _cache,
      ...rest
    } = request;
    const isSame = [request === first, response === started.response, contextValue === started.contextValue];
    const found = [
      document?.definitions.length,
      operation?.name?.value,
      operation && document?.definitions.includes(operation),
    ];
    notes.push(show([hook, Object.keys(request).toSorted(), isSame, found, response, contextValue, rest]));
    return change(hook, request);
  };
  return {
    invalidRequestWasReceived: async ({ error }) => void notes.push(show(['invalid', error])),
    unexpectedErrorProcessingRequest: async ({ error, requestContext }) =>
      void notes.push(['unexpected', error.message, requestContext === first]),
    requestDidStart: async (request) => {
      [first, started] = [request, { ...request }];
      note('requestDidStart', request);
      return {
        didResolveSource: async (now) => void note('didResolveSource', now),
        parsingDidStart: async (now) => {
          note('parsingDidStart', now);
          return async (error) => void notes.push(show(['parsingDidEnd', error?.message]));
        },
        validationDidStart: async (now) => {
          await new Promise((resolve) => setImmediate(resolve)); // as a plugin that asks another service
          note('validationDidStart', now);
          return async (errors) => void notes.push(show(['validationDidEnd', errors]));
        },
        didResolveOperation: async (now) => void note('didResolveOperation', now),
        responseForOperation: async (now) => (note('responseForOperation', now) as never) ?? null,
        executionDidStart: async (now) => {
          note('executionDidStart', now);
          return {
            executionDidEnd: async (error) => void notes.push(show(['executionDidEnd', error])),
            ...(withFields && {
              willResolveField: ({ source, args, contextValue, info }) => {
                const { schema, operation, fieldNodes, parentType, returnType, ...rest } = info;
                const nodes = fieldNodes.map(({ loc }) => loc?.start);
                const isSame = [schema === now.schema, operation === now.operation, contextValue === now.contextValue];
                const types = [String(parentType), String(returnType)];
                notes.push(show(['will', source, args, types, nodes, isSame, Object.keys(info), rest]));
                change('willResolveField', now, info);
                return (error, value) => void notes.push(show(['did', info.path, error?.message, value]));
              },
            }),
          };
        },
        didEncounterErrors: async (now) => void note('didEncounterErrors', now),
        willSendResponse: async (now) => void note('willSendResponse', now),
      };
    },
  };
}

it.each(
  Object.entries(CHANGES).flatMap(([name, change]) => [true, false].map((fields) => [name, fields, change] as const)),
)(
  'a plugin that %s (asking for fields: %s) is given and achieves what it would in an Apollo Server by itself',
  async (_name, withFields, change) => {
    const [seen, wanted]: [unknown[], unknown[]] = [[], []];
    const ours = await startOurs(createPlugin(seen, withFields, change));
    const textbook = await startTextbook(createPlugin(wanted, withFields, change));
    for (const [name, body] of Object.entries(BODIES)) {
      for (const method of ['POST', 'GET'] as const) {
        for (let time = 1; time <= 3; time += 1) {
          const [received, expected] = [await ours.send({ method, body }), await textbook.send({ method, body })];
          const label = `${method} ${name}, time ${time}`;
          expect(seen.splice(0), label).toEqual(wanted.splice(0));
          expect({ ...received, headers: {} }, label).toEqual({ ...expected, headers: {} });
          expect(received.headers, label).toMatchObject(expected.headers);
        }
      }
    }
    await Promise.all([ours.close(), textbook.close()]);
  },
);

const HASH = createHash('sha256').update('{ thing { name } }').digest('hex');
const named = (sha256Hash: string, version = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } });

it.each([true, false])('a plugin (asking for fields: %s) sees what registers documents', async (withFields) => {
  const [seen, wanted]: [unknown[], unknown[]] = [[], []];
  const ours = await startOurs(
    createPlugin(seen, withFields, () => undefined),
    true,
  );
  const textbook = await startTextbook(
    createPlugin(wanted, withFields, () => undefined),
    true,
  );
  const query = '{ thing { name } }';
  const bodies = [
    named(HASH),
    { query, ...named('x') },
    { query, ...named(HASH, 2) },
    { query, ...named(HASH) },
    named(HASH),
  ];
  for (const body of [...bodies, ...bodies]) {
    for (const method of ['POST', 'GET'] as const) {
      const [received, expected] = [await ours.send({ method, body }), await textbook.send({ method, body })];
      const label = `${method} ${JSON.stringify(body)}`;
      expect(seen.splice(0), label).toEqual(wanted.splice(0));
      expect({ ...received, headers: {} }, label).toEqual({ ...expected, headers: {} });
    }
  }
  await Promise.all([ours.close(), textbook.close()]);
});
