/** The same mutations on Mercurius, with its compiled executor and mercurius-auth. */
import { fastify, type FastifyPluginCallback } from 'fastify';
import { DateTimeResolver, JSONResolver } from 'graphql-scalars';
import mercurius, { type IResolvers } from 'mercurius';
import mercuriusAuth, { type MercuriusAuthOptions } from 'mercurius-auth';
import { announce } from '../announce.ts';
import type { Context } from '../schema.ts';
import { authenticate } from '../viewer.ts';
import { adjustInventoryCount, updateAccount } from './rows.ts';

/** The directive as it stands in the schema. */
interface Usage {
  readonly arguments: readonly [{ readonly value: { readonly value: string } }];
}

const typeDefs = `
  directive @auth(requires: Role!) on OBJECT | FIELD_DEFINITION
  scalar DateTime
  scalar JSON
  enum Role { ADMIN DEVELOPER WAREHOUSE SALES STANDARD GUEST }
  type Account {
    id: ID! @auth(requires: STANDARD)
    name: String! @auth(requires: STANDARD)
    description: String @auth(requires: DEVELOPER)
    updatedAt: DateTime @auth(requires: DEVELOPER)
    version: Int @auth(requires: DEVELOPER)
  }
  type InventoryItem {
    name: String! @auth(requires: SALES)
    data: JSON! @auth(requires: SALES)
    updatedAt: DateTime! @auth(requires: SALES)
    version: Int! @auth(requires: SALES)
  }
  input UpdateAccountInput { description: String }
  type Query { version: Int }
  type Mutation {
    updateAccount(id: ID!, input: UpdateAccountInput!): Account @auth(requires: DEVELOPER)
    adjustInventoryCount(name: String!, by: Int!): InventoryItem @auth(requires: WAREHOUSE)
  }
`;

interface UpdateAccount {
  readonly id: string;
  readonly input: { readonly description: string };
}

interface AdjustInventoryCount {
  readonly name: string;
  readonly by: number;
}

const resolvers = {
  DateTime: DateTimeResolver,
  JSON: JSONResolver,
  Mutation: {
    updateAccount: (_: unknown, { id, input }: UpdateAccount, { viewer }: Context) =>
      updateAccount(viewer?.id ?? '', id, input.description),
    adjustInventoryCount: (_: unknown, { name, by }: AdjustInventoryCount, { viewer }: Context) =>
      adjustInventoryCount(viewer?.id ?? '', name, by),
  },
};

const app = fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolvers as unknown as IResolvers,
  jit: 1,
  context: async (request) => ({ viewer: await authenticate(request.headers.authorization) }),
});
const auth: MercuriusAuthOptions = {
  authDirective: 'auth',
  async applyPolicy(directive: Usage, _parent: unknown, _args: unknown, context: unknown) {
    return (context as Context).viewer?.roles.has(directive.arguments[0].value.value) === true;
  },
};
await app.register(mercuriusAuth as unknown as FastifyPluginCallback<typeof auth>, auth);
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server);
