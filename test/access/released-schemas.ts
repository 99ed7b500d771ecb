/**
 * Prints for each way of guarding if the unguarded schema has been released. It is a process of its own, since others keep what
 * their tests ran last. Run with `--expose-gc`; with `--hold`, the schemas are held, for comparison.
 */
import { setImmediate } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
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

const held: unknown[] = [];

/** Guards a schema, and returns a reference to it as it was before. */
function guard(options: object): { guarded: GraphQLSchema; plain: WeakRef<GraphQLSchema> } {
  const resolvers = {
    Query: { me: () => ({ id: 1, iban: 'DE' }), found: () => [{ __typename: 'User', id: 2, iban: 'FR' }] },
    User: { __isTypeOf: () => true },
  };
  const schema = executable(SDL, resolvers);
  const policies = { isFriend: () => true };
  const guarded = guardSchema(schema, { viewer: (context: never) => context, policies, ...options });
  if (process.argv.includes('--hold')) {
    held.push(schema);
  }
  return { guarded, plain: new WeakRef(schema) };
}

async function isReleased(options: object): Promise<boolean> {
  const { guarded, plain } = guard(options);
  await ask(guarded, viewer('USER'), '{ me { id iban } found(order: NAME) { ... on User { iban } } }');
  visibleSchema(guarded, { viewer: viewer('USER') });
  for (let times = 0; times < 4; times += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  return plain.deref() === undefined && policyOf(guarded)?.schema === guarded;
}

const released: boolean[] = [];
for (const options of [{}, { enforcement: 'observe' }, { denial: 'reject' }]) {
  released.push(await isReleased(options));
}
process.stdout.write(JSON.stringify(released));
