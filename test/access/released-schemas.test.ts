import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { guardSchema, policyOf, visibleSchema } from '../../src/access/index.ts';
import { ask, executable, viewer } from './support.ts';

const SDL = `
  directive @sort(by: Order) on FIELD
  enum Order { NAME IBAN @reads(fields: ["User.iban"]) }
  input Filter { iban: String @reads(fields: ["User.iban"]) name: String }
  interface Node @public { id: ID }
  type Account implements Node @auth(requires: ADMIN, owner: "by.id") { id: ID by: User }
  type User implements Node @public { id: ID iban: String @auth(requires: ADMIN, policy: "isFriend") }
  union Found = Account | User
  type Query @public { me: User found(filter: Filter, order: Order): [Found] nodes: [Node] @auth }
  type Mutation @public { save(filter: Filter): Account }
  type Subscription @public { saved: Account }
`;

const collect = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

/** Guards a schema, and returns a reference to it as it was before. */
function guard(options: object): { guarded: GraphQLSchema; plain: WeakRef<GraphQLSchema> } {
  const resolvers = {
    Query: { me: () => ({ id: 1, iban: 'DE' }), found: () => [{ __typename: 'User', id: 2, iban: 'FR' }] },
    User: { __isTypeOf: () => true },
  };
  const schema = executable(SDL, resolvers);
  const policies = { isFriend: () => true };
  const guarded = guardSchema(schema, { viewer: (context: never) => context, policies, ...options });
  return { guarded, plain: new WeakRef(schema) };
}

const FORMS = [{}, { enforcement: 'observe' }, { denial: 'reject' }];

test.each(FORMS)('a schema guarded with %j does not keep the unguarded one in memory', async (options) => {
  const { guarded, plain } = guard(options);
  const operation = '{ me { id iban } found(order: NAME) { ... on User { iban } } }';
  expect((await ask(guarded, viewer('USER'), operation)).data).toEqual({
    me: { id: '1', iban: 'DE' },
    found: [{ iban: 'FR' }],
  });
  visibleSchema(guarded, { viewer: viewer('USER') });
  await setImmediate();
  collect();
  expect(plain.deref()).toBe(undefined);
  expect(policyOf(guarded)?.schema).toBe(guarded);
});
