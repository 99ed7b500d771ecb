import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, beforeEach, test } from 'node:test';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, viewer } from '../recipes/data.ts';
import { server, supergraphSdl } from '../recipes/gateway.ts';
import { resolved, schema } from '../recipes/subgraph.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, type Ask, denialsIn } from './guarded.ts';
import { askOf } from './in-process.ts';

after(() => server.stop());
beforeEach(() => void resolved.splice(0));

const ENTITIES = `{
  _entities(representations: [
    { __typename: "Note", id: "0" }, { __typename: "Draft", title: "Access" }, { __typename: "Note", id: "1" }
  ]) { __typename ... on Note { text } ... on Draft { text } }
}`;

test('a subgraph tells everyone its SDL', async () => {
  const { data, errors } = await askOf(schema)('{ _service { sdl } }');
  assert.equal(errors, undefined);
  assert.match(JSON.stringify(data), /type Note.*@auth/);
});

test('references are resolved only for viewers who may reach the entity', async () => {
  const anonymous = await askOf(schema)(ENTITIES);
  assert.deepEqual(anonymous.data && { ...anonymous.data }, { _entities: [null, null, null] });
  assert.deepEqual(
    denialsIn(anonymous),
    [0, 1, 2].map((index) => `UNAUTHENTICATED Query._entities at _entities,${index}`),
  );
  assert.deepEqual(resolved, []);
});

test('an owner is judged on the resolved entity', async () => {
  const { data } = await askOf(schema)(ENTITIES, 'editor');
  assert.deepEqual(JSON.parse(JSON.stringify(data)), {
    _entities: [{ __typename: 'Note', text: 'mine' }, { __typename: 'Draft', text: 'Draft of Access' }, null],
  });
  const all = await askOf(schema)(ENTITIES, 'admin');
  assert.equal(all.errors, undefined);
});

const askGateway: Ask = async (query, user) => {
  const { body } = await server.executeOperation({ query }, { contextValue: { user: userNamed(user) } });
  return JSON.parse(JSON.stringify(body.kind === 'single' ? body.singleResult : {})) as Answer;
};

test('a query through the gateway is guarded in each subgraph', async () => {
  const query = '{ articles { title draft { text } note { text } } }';
  const editor = await askGateway(query, 'editor');
  assert.deepEqual(editor.data, {
    articles: [
      { title: 'Access', draft: { text: 'Draft of Access' }, note: { text: 'mine' } },
      { title: 'Roles', draft: { text: 'Draft of Roles' }, note: { text: null } },
    ],
  });
  assert.deepEqual(denialsIn(editor), ['FORBIDDEN Query._entities at articles,1,note']);
  resolved.splice(0);
  const anonymous = await askGateway(query);
  assert.deepEqual(resolved, []);
  assert.equal(JSON.stringify(anonymous.data).includes('Draft of'), false);
  assert.equal((await askGateway(query, 'admin')).errors, undefined);
});

test('the supergraph composes', () => {
  assert.match(supergraphSdl, /type Note/);
  assert.doesNotMatch(supergraphSdl, /@auth/);
});

test('the supergraph has the requirements if the subgraphs ask for that', async () => {
  const page = readFileSync(new URL('../../../../docs/guard/federation.md', import.meta.url), 'utf8');
  const [, header = ''] = /```graphql\n(extend schema.*?)```/s.exec(page) ?? [];
  const types = `
    enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
    type Note @key(fields: "id") @public { id: ID! text: String @auth(requires: ADMIN) }
    type Query { notes: [Note] @public }`;
  const subgraph = buildSubgraphSchema([{ typeDefs: parse(authTypeDefs + header + types), resolvers: {} }]);
  const { data } = await askOf(guardSchema<Context>(subgraph, { viewer }))('{ service: _service { sdl } }');
  const { sdl } = (data as { service: { sdl: string } }).service;
  const { errors, supergraphSdl: composed } = composeServices([{ name: 'a', url: 'http://a', typeDefs: parse(sdl) }]);
  assert.equal(errors, undefined);
  assert.match(composed ?? '', /text: String @auth\(requires: ADMIN\)/);
  assert.match(composed ?? '', /@inherits\(roles: \["EDITOR"\]\)/);
});
