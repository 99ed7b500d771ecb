import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl';
import responseCachePlugin from '@apollo/server-plugin-response-cache';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type AccessViewer, authTypeDefs, guardSchema } from 'rolegate/access';

interface Context {
  readonly viewer: AccessViewer;
}

const anonymous: AccessViewer = { id: null, roles: [], permissions: [] };
const editor: AccessViewer = { id: '7', roles: ['EDITOR'], permissions: [] };

/** A server whose answers may all be cached for a minute, and a function that asks it and says which resolvers were called. */
function serve(sessionId?: (viewer: AccessViewer) => string) {
  const called: string[] = [];
  const typeDefs = `enum Role { EDITOR } type Query { title: String @public draft: String @auth(requires: EDITOR) }`;
  const resolvers = {
    Query: {
      title: () => (called.push('title'), 'Access'),
      draft: () => (called.push('draft'), 'Access rules'),
    },
  };
  const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers });
  const server = new ApolloServer<Context>({
    schema: guardSchema<Context>(schema, { viewer: ({ viewer }) => viewer }),
    plugins: [
      ApolloServerPluginCacheControl({ defaultMaxAge: 60 }),
      responseCachePlugin<Context>(
        sessionId === undefined ? {} : { sessionId: async ({ contextValue }) => sessionId(contextValue.viewer) },
      ),
    ],
  });
  return async (viewer: AccessViewer, query: string): Promise<{ data: unknown; called: string[] }> => {
    called.length = 0;
    const { body } = await server.executeOperation(
      { query, http: { method: 'POST', headers: new Map() as never, search: '', body: null } },
      { contextValue: { viewer } },
    );
    assert.equal(body.kind, 'single');
    return { data: { ...body.singleResult.data }, called: [...called] };
  };
}

test('without a session only public answers are stored', async () => {
  const ask = serve();
  const draft = { data: { draft: 'Access rules' }, called: ['draft'] };
  assert.deepEqual(await ask(editor, '{ draft }'), draft);
  assert.deepEqual(await ask(editor, '{ draft }'), draft);
  assert.deepEqual(await ask(anonymous, '{ draft }'), { data: { draft: null }, called: [] });
  assert.deepEqual(await ask(editor, '{ draft }'), draft);
  assert.deepEqual(await ask(editor, '{ title }'), { data: { title: 'Access' }, called: ['title'] });
  assert.deepEqual(await ask(anonymous, '{ title }'), { data: { title: 'Access' }, called: [] });
});

test('with a session that names the viewer, each viewer has answers of their own', async () => {
  const ask = serve(({ id, roles, permissions }) => JSON.stringify({ id, roles, permissions }));
  const draft = { draft: 'Access rules' };
  assert.deepEqual(await ask(editor, '{ draft }'), { data: draft, called: ['draft'] });
  assert.deepEqual(await ask(editor, '{ draft }'), { data: draft, called: [] });
  assert.deepEqual(await ask({ ...editor, id: '8' }, '{ draft }'), { data: draft, called: ['draft'] });
  assert.deepEqual(await ask({ ...editor, roles: [] }, '{ draft }'), { data: { draft: null }, called: [] });
  assert.deepEqual(await ask(anonymous, '{ draft }'), { data: { draft: null }, called: [] });
});
