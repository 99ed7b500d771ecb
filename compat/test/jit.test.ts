import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { ask } from '../recipes/jit.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, expectGuarded } from './guarded.ts';

test('graphql-jit', () =>
  expectGuarded(async (source, user) => (await ask(source, { user: userNamed(user) })) as unknown as Answer));

test('graphql-jit fails an operation in which a member of a union is denied: nothing gets out', async () => {
  const typeDefs = `${authTypeDefs}
    enum Role { ADMIN }
    type Open @public { a: String }
    type Closed @auth(requires: ADMIN) { b: String }
    union Either = Open | Closed
    type Query @public { eithers: [Either] open: String }
  `;
  const eithers = [
    { __typename: 'Open', a: 'a' },
    { __typename: 'Closed', b: 'b' },
  ];
  const schema = guardSchema(
    makeExecutableSchema({ typeDefs, resolvers: { Query: { eithers: () => eithers, open: () => 'open' } } }),
    { viewer: () => ({ id: null, roles: [], permissions: [] }) },
  );
  const compiled = compileQuery(schema, parse('{ open eithers { __typename ... on Open { a } ... on Closed { b } } }'));
  assert(isCompiledQuery(compiled));
  const answer = await Promise.resolve()
    .then(() => compiled.query(undefined, {}, {}))
    .catch((error: unknown) => error);
  assert.doesNotMatch(JSON.stringify(answer), /"b":/);
  assert.match(JSON.stringify(answer), /Authentication required/);
});
